"""A streamed answer."""

from __future__ import annotations

from . import _check, _native
from ._errors import Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    from typing_extensions import Self

    from ._events import Event
    from ._types import Response


class _Known:
    """What is known of a call. Everything is `None` until the head of the answer was read, that is, the event `Opened`; what
    the end tells, such as the model or the tries of a failed call, is there after the end."""

    __slots__ = ()
    if TYPE_CHECKING:

        def _known(self) -> dict[str, Any]: ...

    @property
    def request_id(self) -> str | None:
        """The provider's id of the call, to be named to its support."""
        return self._known().get("request_id")

    @property
    def turn_state(self) -> str | None:
        """To be given to further calls of the same turn."""
        return self._known().get("turn_state")

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer."""
        return self._known().get("http_status")

    @property
    def headers(self) -> dict[str, str] | None:
        """The headers of the answer, with names in lower case; without cookies and credentials."""
        pairs = self._known().get("headers")
        if pairs is None:
            return None
        found: dict[str, str] = {}
        for name, value in pairs:
            found[name] = f"{found[name]}, {value}" if name in found else value
        return found

    @property
    def profile(self) -> str | None:
        """The profile whose credential was used, if the login has one."""
        return self._known().get("profile")

    @property
    def model(self) -> str | None:
        """The model that answers."""
        return self._known().get("model")

    @property
    def attempts(self) -> list[Attempt] | None:
        """The tries that failed; empty when the first one did not, or when it was the only one."""
        known = self._known()
        return [Attempt.from_dict(attempt) for attempt in known.get("attempts", ())] if known["began"] else None


class ResponseStream(_native.Stream, _Known):
    """A streamed answer: iterate over its events.

    Errors are raised where the events end. Leaving `with`, `close()`, or letting it go ends the call and closes its
    connection. One thread at a time reads it; any thread may close it.
    """

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def text_deltas(self) -> Iterator[str]:
        """The pieces of the text only."""
        return self._texts()

    def batches(self, max: int = 64) -> Iterator[list[Event]]:
        """Lists of the events that are there, at most `max`: fewer turns of Python for the same events."""
        return self._batches(_at_most(max))

    def until_done(self) -> None:
        """Reads to the end and drops what comes."""
        self._response()

    def get_final_response(self) -> Response:
        """Reads to the end and gives the whole answer; again and again, if you like."""
        return self._response()


class AsyncResponseStream(_native.AsyncStream, _Known):
    """A streamed answer: iterate over its events with `async for`.

    Errors are raised where the events end. Leaving `async with`, `aclose()`, or letting it go ends the call and closes
    its connection. A cancelled wait loses no event: the next one gets it.

    One task at a time reads it; a second one gets a `RuntimeError`, also when it runs in another event loop. One loop after
    the other may read it: what was not read in the first is read in the second.
    """

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def aclose(self) -> None:
        """The same as `close()`, which never waits."""
        self.close()

    def text_deltas(self) -> AsyncIterator[str]:
        """The pieces of the text only."""
        return self._texts()

    def batches(self, max: int = 64) -> AsyncIterator[list[Event]]:
        """Lists of the events that are there, at most `max`: fewer turns of Python for the same events."""
        return self._batches(_at_most(max))

    async def until_done(self) -> None:
        """Reads to the end and drops what comes."""
        await self._response()

    async def get_final_response(self) -> Response:
        """Reads to the end and gives the whole answer; again and again, if you like."""
        return await self._response()


def _at_most(max: int) -> int:
    if _check.count("max", max) < 1:
        raise ValueError(f"max must be at least 1, not {max}")
    return max
