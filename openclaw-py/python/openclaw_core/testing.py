"""A whole backend on loopback, for tests of your own.

>>> from openclaw_core import UsageLimitError
>>> with Server("usage_limit") as server, server.client() as client:
...     try:
...         client.complete("Say hello", model="gpt-5.4")
...     except UsageLimitError as error:
...         print(error.advice, server.request_count)
wait 1
"""

from __future__ import annotations

from . import _check, _native
from ._client import AsyncClient, Client
from ._native import forged_token

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Self

__all__ = ["SCENARIOS", "Server", "forged_token"]

#: The names of the scenarios, and what each one plays.
SCENARIOS: dict[str, str] = dict(_native.scenarios())


class Server:
    """A server on a loopback port that behaves as the Codex backend does, and as the platform API does.

    It runs on a thread of its own and stops with `with`, with `close()`, or when it is let go.
    """

    def __init__(
        self,
        scenario: str | None = None,
        *,
        script: Mapping[str, Any] | None = None,
        check_requests: bool = True,
        record_to: str | os.PathLike[str] | None = None,
    ) -> None:
        """Starts it on a free port.

        scenario: what calls of a model get: a name of `SCENARIOS`; `plain` unless given.
        script: what it plays, step by step and exact to the byte, as a dict: `{"exchanges": [{"status": 200, "steps":
            [{"sse": {…}}, {"delay_ms": 50}, {"reset": True}]}]}`. It goes before the scenario.
        check_requests: refuses what the real backends refuse.
        record_to: a file that every request is appended to, one JSON object a line, credentials masked.
        """
        kinds = {"scenario": _check.text, "script": _check.mapping, "record_to": _check.path}
        given = _check.checked(kinds, locals())
        self._native = _native.NativeServer(
            given.get("scenario"),
            given.get("script"),
            _check.flag("check_requests", check_requests),
            given.get("record_to"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops it: connections are closed, the port is free. Twice is as good as once."""
        self._native.close()

    def client(self, **settings: Any) -> Client:
        """A `Client` that asks this server with a forged login; further settings as those of `Client`."""
        return Client(**{"token": forged_token("acct-test"), "base_url": self.base_url, **settings})

    def async_client(self, **settings: Any) -> AsyncClient:
        """The same as an `AsyncClient`."""
        return AsyncClient(**{"token": forged_token("acct-test"), "base_url": self.base_url, **settings})

    @property
    def address(self) -> str:
        """Where it listens: `127.0.0.1:PORT`."""
        return self._native.address()

    @property
    def base_url(self) -> str:
        """The `base_url` of a client with a ChatGPT token, such as `forged_token("acct-1")`."""
        return self._native.codex_base_url()

    @property
    def platform_base_url(self) -> str:
        """The `base_url` of a client with an API key; any key that begins with `sk-` is good."""
        return self._native.platform_base_url()

    @property
    def issuer_url(self) -> str:
        """The login server: the `issuer` of `openclaw_core.auth.sign_in`. Its pages can be opened in a browser, too."""
        return self._native.issuer_url()

    @property
    def issuer_counts(self) -> dict[str, int]:
        """What the login server was asked: `sign_in_pages`, `exchanges`, `refreshes`, `reused`, `device_codes`,
        `device_polls`, `revocations`, `api_keys`."""
        return self._native.issuer_counts()

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What came, oldest first: `method`, `path`, `headers` as pairs, `body`. Credentials are masked."""
        return self._native.requests()

    @property
    def request_count(self) -> int:
        """How many requests came."""
        return self._native.request_count()

    @property
    def open_connections(self) -> int:
        """How many connections are open now, those of a client's pool included."""
        return self._native.open_connections()

    def decide_sign_in(self, url: str, *, allow: bool = True) -> str:
        """Clicks on the sign-in page of this address, as the person would: gives the address that the browser is sent to then,
        which a test opens, or pastes."""
        return self._native.decide_sign_in(_check.text("url", url), _check.flag("allow", allow))

    def decide_device(self, code: str, *, allow: bool = True) -> bool:
        """Types a device code, as the person would. Whether a sign-in waited with it. It is asked for once a second here."""
        return self._native.decide_device(_check.text("code", code), _check.flag("allow", allow))

    def fail_sign_in(self, fault: str, times: int = 1) -> None:
        """Lets the next requests for tokens, device codes and revocations meet a fault, such as `refresh_token_expired`,
        `edge_block`, `unavailable`, `stall`. A wrong name raises an error that lists them all."""
        self._native.fail_sign_in(_check.text("fault", fault), _check.count("times", times))

    def set_scenario(self, scenario: str) -> None:
        """Changes what calls of a model get from now on."""
        self._native.set_scenario(_check.text("scenario", scenario))

    def set_script(self, script: Mapping[str, Any]) -> None:
        """Plays this script from now on, from its beginning."""
        self._native.set_script(_check.mapping("script", script))

    def clear(self) -> None:
        """Forgets the requests that came."""
        self._native.clear()

    def wait_for_requests(self, count: int) -> None:
        """Waits until at least so many requests came; `APITimeoutError` after 10 s. Ctrl-C ends the wait."""
        self._native.wait_for_requests(_check.count("count", count))

    def wait_for_connections(self, count: int) -> None:
        """Waits until exactly so many connections are open: 0 proves that a stream closed its own."""
        self._native.wait_for_connections(_check.count("count", count))
