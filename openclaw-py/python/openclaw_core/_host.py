"""What a program supplies itself: a provider, a token source. Imported when a client is made with one.

The library posts jobs and never waits for Python. One daemon thread takes the jobs of all clients and passes each on: what
is asynchronous to the event loop that asks, everything else to a daemon thread of its own, so that one that hangs holds up
nobody.
"""

from __future__ import annotations

import asyncio
import inspect
import threading

from . import _native
from ._errors import ConfigError, OpenClawError
from ._log import logger
from ._loop import numbered
from ._record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
    from typing import Any, Protocol

    from typing_extensions import TypeAlias

    class Provider(Protocol):
        """What `Client(provider=…)` takes beside a name."""

        @property
        def id(self) -> str: ...

        def stream(self, request: dict[str, Any], options: dict[str, Any], /) -> Any: ...

    #: What `Client(token=…)` and `Client(api_key=…)` take beside a string.
    TokenSource: TypeAlias = Callable[..., Any]

# In a forked child this thread and this loop are not there: `start` makes new ones.
_private: asyncio.AbstractEventLoop | None = None
_lock = threading.Lock()
#: The event loops hold their tasks weakly.
_tasks: set[asyncio.Task[None]] = set()


def native_client(settings: dict[str, Any], own: dict[str, Any]) -> _native.NativeClient:
    """A client with a part of the program's own: `own` has it by the name of its argument."""
    if len(own) > 1 or ("provider" not in own and settings.keys() & {"token", "api_key"}):
        raise ConfigError("there are two credentials, or one beside a provider of your own: leave one out", advice="fix_config")
    ((name, thing),) = own.items()
    if name == "provider":
        part = _ProviderPart(thing)
        return _native.NativeClient.around(settings, part, part.id, part.capabilities(), part.has_models)
    return _native.NativeClient.with_tokens(settings, _TokenPart(thing), name == "api_key")


def start() -> None:
    """Begins to take jobs in this process."""
    global _private, _lock
    _private, _lock = None, threading.Lock()
    _tasks.clear()
    threading.Thread(target=_take_jobs, name="openclaw-host", daemon=True).start()


def _take_jobs() -> None:
    while True:
        job = _native.host_take()
        if job is not None:
            try:
                job.part.begin(job)
            except BaseException as error:
                _fail(job, error)
        del job


class _Part:
    """Something of the program's that is asked."""

    #: As an error names it.
    name: str

    def call(self, job: _native.HostJob) -> Any:
        """Calls the program's function."""
        raise NotImplementedError

    def is_async(self, job: _native.HostJob) -> bool:
        raise NotImplementedError

    def begin(self, job: _native.HostJob) -> None:
        """Sees to it that a job is answered; does not wait."""
        if self.is_async(job):
            _on_loop(job, lambda: _answer_async(job, self.call(job)))
        else:
            thread = threading.Thread(target=_answer, args=(job, self), name=f"openclaw-{job.kind}", daemon=True)
            thread.start()


class _ProviderPart(_Part):
    def __init__(self, provider: Any) -> None:
        self.provider = provider
        given = getattr(provider, "id", None)
        if not isinstance(given, str):
            raise TypeError(f"provider.id must be a string, not {_type(given)}")
        self.id = given
        self.name = f"the provider {self.id!r}"
        try:
            inspect.signature(provider.stream).bind({}, {})
        except TypeError as error:
            raise TypeError(f"provider.stream must take two arguments, request and options: {error}") from None
        except ValueError:  # a function without a signature
            pass
        self.has_models = callable(getattr(provider, "models", None))

    def capabilities(self) -> Any:
        """What the provider says that it can do; asked once."""
        ask = getattr(self.provider, "capabilities", None)
        return None if ask is None else ask()

    def call(self, job: _native.HostJob) -> Any:
        return self.provider.models() if job.kind == "models" else self.provider.stream(*job.asked())

    def is_async(self, job: _native.HostJob) -> bool:
        return _is_async(self.provider.models if job.kind == "models" else self.provider.stream)


class _TokenPart(_Part):
    name = "the token source"

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        # Who wants to know of a refusal has a parameter for it.
        try:
            parameters = inspect.signature(function).parameters
        except (TypeError, ValueError):
            parameters = {}  # type: ignore[assignment]
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        named = "rejected" in parameters and parameters["rejected"].kind in kinds
        self.is_told = named or any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())

    def call(self, job: _native.HostJob) -> Any:
        return self.function(rejected=job.rejected) if self.is_told else self.function()

    def is_async(self, job: _native.HostJob) -> bool:
        return _is_async(self.function)


# ---------------------------------------------------------------- on a thread


def _answer(job: _native.HostJob, part: _Part) -> None:
    try:
        given = part.call(job)
        if inspect.isawaitable(given) or hasattr(given, "__aiter__"):
            _on_loop(job, lambda: _answer_async(job, given))
        elif job.kind == "stream":
            _give_all(job, given)
        else:
            job.answer(_plain(job, given))
    except BaseException as error:
        _fail(job, error)


def _give_all(job: _native.HostJob, events: Any) -> None:
    """The pieces of a generator, or of anything that can be iterated."""
    iterator = iter(_events(events))
    try:
        for event in iterator:
            if not _given(job, event):
                return
            job.wait_room()
        job.end()
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()


# ---------------------------------------------------------------- in an event loop


def _on_loop(job: _native.HostJob, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = None if job.caller is None else numbered(job.caller)
    if loop is None:
        loop = _private_loop()

    def begin() -> None:
        task = loop.create_task(_watched(job, work))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)

    loop.call_soon_threadsafe(begin)


def _private_loop() -> asyncio.AbstractEventLoop:
    """The loop for a `Client`, which has none: one for all, on a thread of its own."""
    global _private
    with _lock:
        if _private is None or _private.is_closed():
            _private = asyncio.new_event_loop()
            threading.Thread(target=_private.run_forever, name="openclaw-loop", daemon=True).start()
        return _private


async def _watched(job: _native.HostJob, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Does the work, and cancels it when nobody wants the answer any more."""
    working = asyncio.current_task()
    assert working is not None

    async def watch() -> None:
        await job.gone()
        working.cancel()

    watcher = asyncio.ensure_future(watch())
    try:
        await work()
    except asyncio.CancelledError as error:
        _fail(job, error)
        raise
    except BaseException as error:  # the call has it; the loop goes on
        _fail(job, error)
    finally:
        watcher.cancel()


async def _answer_async(job: _native.HostJob, given: Any) -> None:
    if inspect.isawaitable(given):
        given = await given
    if job.kind != "stream":
        job.answer(_plain(job, given))
    elif hasattr(given, "__aiter__"):
        await _give_all_async(job, given)
    else:
        await _give_all_async(job, _one_by_one(_events(given)))


async def _give_all_async(job: _native.HostJob, events: AsyncIterator[Any]) -> None:
    iterator = aiter(events)
    try:
        async for event in iterator:
            if not _given(job, event):
                return
            room = job.room()
            if room is not None:
                await room
        job.end()
    finally:
        close = getattr(iterator, "aclose", None)
        if close is not None:
            await close()


async def _one_by_one(events: Any) -> AsyncIterator[Any]:
    for event in events:
        yield event


# ---------------------------------------------------------------- what is given


def _events(given: Any) -> Any:
    """What can be iterated. One event or text alone is a whole answer."""
    if isinstance(given, (str, dict, Record)):
        return (given,)
    if not hasattr(given, "__iter__"):
        raise _broken(f"gave no events: stream() must be a generator or give an iterable, not {_type(given)}")
    return given


def _given(job: _native.HostJob, event: Any) -> bool:
    """Gives an event; whether a further one is wanted."""
    sent = job.send(event)
    if sent == "ended":
        logger.warning("%s gave an event after its end; it is left out", job.part.name)
    return sent == "taken"


def _plain(job: _native.HostJob, given: Any) -> Any:
    """A list of models, or a token, in the form that the library reads."""
    if job.kind == "models":
        if isinstance(given, (list, tuple)):
            return given
        raise _broken(f"gave no list of models, but {_type(given)}")
    if isinstance(given, str):
        return given
    if isinstance(given, dict):
        fields = dict(given)
    elif hasattr(given, "token"):
        names = ("token", "account_id", "expires_at")
        fields = {name: getattr(given, name) for name in names if hasattr(given, name)}
    else:
        raise TypeError(f"a token source gives a string, or a dict with 'token', not {_type(given)}")
    stamp = getattr(fields.get("expires_at"), "timestamp", None)
    if stamp is not None:
        fields["expires_at"] = stamp()
    return fields


def _broken(what: str) -> OpenClawError:
    from ._errors import InternalServerError

    return InternalServerError(f"the provider {what}", stage="responded", advice="other_provider", code="contract")


def _fail(job: _native.HostJob, error: BaseException) -> None:
    """Ends a job with what was raised. An error of this package keeps its kind."""
    name = job.part.name
    try:
        if job.fail(_record(name, error), error) == "ended":
            logger.warning("%s raised %s after its end", name, type(error).__name__)
    except BaseException as fault:
        job.fail({"kind": "unknown", "message": f"{name} raised {type(error).__name__}", "code": "raised"}, fault)


def _record(name: str, error: BaseException) -> dict[str, Any]:
    if isinstance(error, OpenClawError):
        record = error.to_dict()
        # As the class has it unless it was set: then it says nothing, and the kind knows better.
        if record.get("advice") == "none":
            del record["advice"]
            if record.get("stage") == "not_sent":
                del record["stage"]
        record.pop("source", None)
        return record
    kind = "unknown"
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
        kind = "timeout"
    elif isinstance(error, ConnectionError):
        kind = "connect"
    elif isinstance(error, asyncio.CancelledError):
        kind = "cancelled"
    try:
        said = str(error)
    except Exception:
        said = ""
    text = f"{name} raised {type(error).__name__}" + (f": {said}" if said else "")
    return {"kind": kind, "message": text, "code": "raised"}


def _is_async(function: Any) -> bool:
    """Whether calling it makes a coroutine or an asynchronous generator and does nothing yet."""
    inner = getattr(function, "func", function)  # functools.partial
    found = (inner, getattr(type(inner), "__call__", None))
    return any(inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one) for one in found)


def _type(value: object) -> str:
    return "None" if value is None else type(value).__name__
