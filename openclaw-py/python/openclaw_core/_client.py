"""The clients and their streams."""

from __future__ import annotations

from . import _native
from ._types import Login, ModelInfo, PlanUsage, input_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    import os
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self, TypeAlias

    from ._events import Event
    from ._types import Response

    #: A time in seconds.
    Seconds: TypeAlias = float | datetime.timedelta

_OPTIONS = {
    "timeout": "timeout_ms",
    "first_byte_timeout": "first_byte_timeout_ms",
    "idle_timeout": "idle_timeout_ms",
    "retry_budget": "retry_budget_ms",
    "max_retries": "max_retries",
    "strict": "strict",
    "turn_state": "turn_state",
    "extra_headers": "headers",
}


def _ms(name: str, seconds: object) -> int:
    length = getattr(seconds, "total_seconds", None)
    number: Any = seconds if length is None else length()
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise TypeError(f"{name} is a number of seconds or a timedelta, not {type(seconds).__name__}")
    if not 0 <= number < 2**53:
        raise ValueError(f"{name} must be at least 0 seconds and finite, not {number}")
    return round(number * 1000)


def _options(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, key in _OPTIONS.items():
        value = values.get(name)
        if value is not None:
            found[key] = _ms(name, value) if key.endswith("_ms") else value
    return found


class _Client:
    """What both clients share."""

    _native: _native.NativeClient
    _call_options: dict[str, Any]

    def __init__(
        self,
        *,
        provider: str | None = None,
        token: str | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        profile: str | None = None,
        profile_file: str | os.PathLike[str] | None = None,
        agent: str | None = None,
        application: str | None = None,
        allow_plain_http: bool = False,
        proxy: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        timeout: Seconds | None = None,
        connect_timeout: Seconds | None = None,
        first_byte_timeout: Seconds | None = None,
        idle_timeout: Seconds | None = None,
        max_retries: int | None = None,
        retry_budget: Seconds | None = None,
        inline: bool = False,
    ) -> None:
        """Finds the login, reads certificates, opens nothing.

        provider: `openai-codex` or `openai`; after the login unless given.
        token: a ChatGPT token. Without token and API key a login of this machine is used: an OpenClaw profile store,
            the Codex command line's, or `OPENAI_API_KEY`.
        api_key: an API key.
        base_url: another address. Give the token with it: a login of this machine goes to its own provider only.
        profile, profile_file, agent: which login of a store is used.
        application: the name of your program, `name/version`.
        allow_plain_http: allows plain http beyond this machine.
        proxy: a proxy for everything; that of the environment unless given, none if empty.
        ca_file: a PEM file of further certificates.
        timeout: the limit for a whole call, in seconds; none unless given.
        connect_timeout, first_byte_timeout, idle_timeout: the limits for connecting, for the first byte and for the
            pause between two bytes, in seconds.
        max_retries, retry_budget: how many repeats at most, and the seconds for all tries together.
        inline: no thread of ours, the thread that waits drives the call: less time per event. Not for `AsyncClient`.
        """
        if inline and not self._may_be_inline:
            from ._errors import ConfigError

            raise ConfigError("inline=True is for Client: an event loop must not be blocked", advice="fix_config")
        settings: dict[str, Any] = {
            "provider": provider,
            "token": token,
            "api_key": api_key,
            "base_url": base_url,
            "profile": profile,
            "profile_file": None if profile_file is None else _path(profile_file),
            "agent": agent,
            "application": application,
            "allow_plain_http": allow_plain_http,
            "proxy": proxy,
            "ca_file": None if ca_file is None else _path(ca_file),
            "max_retries": max_retries,
            "inline": inline,
        }
        times = {
            "timeout": timeout,
            "connect_timeout": connect_timeout,
            "first_byte_timeout": first_byte_timeout,
            "idle_timeout": idle_timeout,
            "retry_budget": retry_budget,
        }
        settings.update({f"{name}_ms": _ms(name, value) for name, value in times.items() if value is not None})
        self._native = _native.NativeClient(settings)
        self._call_options = {}

    _may_be_inline = True

    @property
    def login(self) -> Login:
        """Which login is used. Nothing of it is secret."""
        return Login.from_dict(self._native.login())

    @property
    def provider(self) -> str:
        """The name of the provider, such as `openai-codex`."""
        return self._native.provider()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._native.closed

    def with_options(
        self,
        *,
        timeout: Seconds | None = None,
        first_byte_timeout: Seconds | None = None,
        idle_timeout: Seconds | None = None,
        max_retries: int | None = None,
        retry_budget: Seconds | None = None,
        strict: bool | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Self:
        """The same client with other usual options for its calls. Connections are shared; closing one closes both."""
        options = _options(locals())
        other = self.__class__.__new__(self.__class__)
        other._native = self._native
        other._call_options = {**self._call_options, **options}
        return other

    def close(self) -> None:
        """Ends it: further calls raise `ClosedError`, streams that run go on. Twice is as good as once."""
        self._native.close()

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"provider={self.provider!r}, login={self.login.source!r}"
        return f"<{type(self).__name__} {state}>"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"{type(self).__name__} holds connections and a login: make one where it is needed")

    def _call(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        request: dict[str, Any] = {
            name: value
            for name, value in values.items()
            if value is not None and name not in _OPTIONS and name not in ("self", "effort", "extra_body", "input")
        }
        request["extra"] = values["extra_body"]
        request["input"] = input_items(values["input"])
        effort = values["effort"]
        if effort is not None:
            request["reasoning"] = {**(values["reasoning"] or {}), "effort": effort}
        return request, {**self._call_options, **_options(values)}


def _path(path: str | os.PathLike[str]) -> str:
    import os

    name = os.fspath(path)
    if not isinstance(name, str):
        raise TypeError("a path is text, not bytes")
    return name


class Client(_Client):
    """A client for code that blocks. Any thread may use it, also several at once.

    Use it as a context manager, or just let it go: nothing is left behind.

    >>> from openclaw_core.testing import Server
    >>> with Server() as server, server.client() as client:
    ...     print(client.complete("Say hello", model="gpt-5.4").finish_reason)
    stop
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stream(
        self,
        input: str | Response | Sequence[object] | None = None,
        *,
        model: str | None = None,
        instructions: str | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        parallel_tool_calls: bool | None = None,
        effort: str | None = None,
        reasoning: Mapping[str, Any] | None = None,
        text: Mapping[str, Any] | None = None,
        service_tier: str | None = None,
        session_id: str | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Seconds | None = None,
        first_byte_timeout: Seconds | None = None,
        idle_timeout: Seconds | None = None,
        max_retries: int | None = None,
        retry_budget: Seconds | None = None,
        strict: bool | None = None,
        turn_state: str | None = None,
    ) -> ResponseStream:
        """Asks, and streams the answer. The call starts with `with`, or with the first event that is asked for.

        input: a text, or the whole conversation as a list: texts, messages as dicts (`{"role": "user", "content":
            "Hi"}`), results of tools, and the responses of earlier turns.
        model: the model; the first one of the provider's list unless given.
        instructions: the system prompt.
        tools: the tools that the model may call, see `function_tool()`.
        tool_choice: `auto`, `none`, `required`, or a dict that names a tool.
        parallel_tool_calls: whether it may call several at once.
        effort: how much it thinks, `none` to `max`: short for `reasoning={"effort": …}`.
        reasoning: `effort` and `summary` (`auto`, `concise`, `detailed`, `none`).
        text: `verbosity` (`low`, `medium`, `high`) and `format`, such as a JSON schema that the answer keeps.
        service_tier: `priority`, `flex`, …
        session_id: one id per conversation; it keeps the provider's cache warm.
        max_output_tokens: the most tokens that it may write, reasoning included.
        temperature, top_p: randomness, where the model has it.
        extra_body: further fields of the body, sent as they are.
        extra_headers: further headers.
        timeout, first_byte_timeout, idle_timeout: the limits for the whole call, for the first byte and for the pause
            between two bytes, in seconds; those of the client unless given.
        max_retries, retry_budget: how many repeats at most, and the seconds for all tries together.
        strict: makes an error of every setting that would be dropped or changed with a warning.
        turn_state: that of an earlier answer of the same turn.
        """
        return ResponseStream(self._native, *self._call(locals()))

    def complete(
        self,
        input: str | Response | Sequence[object] | None = None,
        *,
        model: str | None = None,
        instructions: str | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        parallel_tool_calls: bool | None = None,
        effort: str | None = None,
        reasoning: Mapping[str, Any] | None = None,
        text: Mapping[str, Any] | None = None,
        service_tier: str | None = None,
        session_id: str | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Seconds | None = None,
        first_byte_timeout: Seconds | None = None,
        idle_timeout: Seconds | None = None,
        max_retries: int | None = None,
        retry_budget: Seconds | None = None,
        strict: bool | None = None,
        turn_state: str | None = None,
    ) -> Response:
        """Asks, and waits for the whole answer.

        input: a text, or the whole conversation as a list: texts, messages as dicts (`{"role": "user", "content":
            "Hi"}`), results of tools, and the responses of earlier turns.
        model: the model; the first one of the provider's list unless given.
        instructions: the system prompt.
        tools: the tools that the model may call, see `function_tool()`.
        tool_choice: `auto`, `none`, `required`, or a dict that names a tool.
        parallel_tool_calls: whether it may call several at once.
        effort: how much it thinks, `none` to `max`: short for `reasoning={"effort": …}`.
        reasoning: `effort` and `summary` (`auto`, `concise`, `detailed`, `none`).
        text: `verbosity` (`low`, `medium`, `high`) and `format`, such as a JSON schema that the answer keeps.
        service_tier: `priority`, `flex`, …
        session_id: one id per conversation; it keeps the provider's cache warm.
        max_output_tokens: the most tokens that it may write, reasoning included.
        temperature, top_p: randomness, where the model has it.
        extra_body: further fields of the body, sent as they are.
        extra_headers: further headers.
        timeout, first_byte_timeout, idle_timeout: the limits for the whole call, for the first byte and for the pause
            between two bytes, in seconds; those of the client unless given.
        max_retries, retry_budget: how many repeats at most, and the seconds for all tries together.
        strict: makes an error of every setting that would be dropped or changed with a warning.
        turn_state: that of an earlier answer of the same turn.
        """
        with ResponseStream(self._native, *self._call(locals())) as stream:
            return stream.get_final_response()

    def models(self) -> list[ModelInfo]:
        """The models that can be asked."""
        return [ModelInfo.from_dict(model) for model in self._native.models()]

    def plan_usage(self) -> PlanUsage:
        """How much of the plan is used."""
        return PlanUsage.from_dict(self._native.plan_usage())


class AsyncClient(_Client):
    """A client for asyncio, uvloop included. It holds no event loop: several loops may use it, one after the other or
    at once.

    >>> import asyncio
    >>> from openclaw_core.testing import Server
    >>> async def main():
    ...     with Server() as server:
    ...         async with server.async_client() as client:
    ...             return (await client.complete("Say hello", model="gpt-5.4")).finish_reason
    >>> asyncio.run(main())
    'stop'
    """

    _may_be_inline = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def aclose(self) -> None:
        """The same as `close()`, which never waits."""
        self.close()

    def stream(
        self,
        input: str | Response | Sequence[object] | None = None,
        *,
        model: str | None = None,
        instructions: str | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        parallel_tool_calls: bool | None = None,
        effort: str | None = None,
        reasoning: Mapping[str, Any] | None = None,
        text: Mapping[str, Any] | None = None,
        service_tier: str | None = None,
        session_id: str | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Seconds | None = None,
        first_byte_timeout: Seconds | None = None,
        idle_timeout: Seconds | None = None,
        max_retries: int | None = None,
        retry_budget: Seconds | None = None,
        strict: bool | None = None,
        turn_state: str | None = None,
    ) -> AsyncResponseStream:
        """Asks, and streams the answer. The call starts with `async with`, or with the first event that is asked for.

        input: a text, or the whole conversation as a list: texts, messages as dicts (`{"role": "user", "content":
            "Hi"}`), results of tools, and the responses of earlier turns.
        model: the model; the first one of the provider's list unless given.
        instructions: the system prompt.
        tools: the tools that the model may call, see `function_tool()`.
        tool_choice: `auto`, `none`, `required`, or a dict that names a tool.
        parallel_tool_calls: whether it may call several at once.
        effort: how much it thinks, `none` to `max`: short for `reasoning={"effort": …}`.
        reasoning: `effort` and `summary` (`auto`, `concise`, `detailed`, `none`).
        text: `verbosity` (`low`, `medium`, `high`) and `format`, such as a JSON schema that the answer keeps.
        service_tier: `priority`, `flex`, …
        session_id: one id per conversation; it keeps the provider's cache warm.
        max_output_tokens: the most tokens that it may write, reasoning included.
        temperature, top_p: randomness, where the model has it.
        extra_body: further fields of the body, sent as they are.
        extra_headers: further headers.
        timeout, first_byte_timeout, idle_timeout: the limits for the whole call, for the first byte and for the pause
            between two bytes, in seconds; those of the client unless given.
        max_retries, retry_budget: how many repeats at most, and the seconds for all tries together.
        strict: makes an error of every setting that would be dropped or changed with a warning.
        turn_state: that of an earlier answer of the same turn.
        """
        return AsyncResponseStream(self._native, *self._call(locals()))

    async def complete(
        self,
        input: str | Response | Sequence[object] | None = None,
        *,
        model: str | None = None,
        instructions: str | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        parallel_tool_calls: bool | None = None,
        effort: str | None = None,
        reasoning: Mapping[str, Any] | None = None,
        text: Mapping[str, Any] | None = None,
        service_tier: str | None = None,
        session_id: str | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Seconds | None = None,
        first_byte_timeout: Seconds | None = None,
        idle_timeout: Seconds | None = None,
        max_retries: int | None = None,
        retry_budget: Seconds | None = None,
        strict: bool | None = None,
        turn_state: str | None = None,
    ) -> Response:
        """Asks, and waits for the whole answer.

        input: a text, or the whole conversation as a list: texts, messages as dicts (`{"role": "user", "content":
            "Hi"}`), results of tools, and the responses of earlier turns.
        model: the model; the first one of the provider's list unless given.
        instructions: the system prompt.
        tools: the tools that the model may call, see `function_tool()`.
        tool_choice: `auto`, `none`, `required`, or a dict that names a tool.
        parallel_tool_calls: whether it may call several at once.
        effort: how much it thinks, `none` to `max`: short for `reasoning={"effort": …}`.
        reasoning: `effort` and `summary` (`auto`, `concise`, `detailed`, `none`).
        text: `verbosity` (`low`, `medium`, `high`) and `format`, such as a JSON schema that the answer keeps.
        service_tier: `priority`, `flex`, …
        session_id: one id per conversation; it keeps the provider's cache warm.
        max_output_tokens: the most tokens that it may write, reasoning included.
        temperature, top_p: randomness, where the model has it.
        extra_body: further fields of the body, sent as they are.
        extra_headers: further headers.
        timeout, first_byte_timeout, idle_timeout: the limits for the whole call, for the first byte and for the pause
            between two bytes, in seconds; those of the client unless given.
        max_retries, retry_budget: how many repeats at most, and the seconds for all tries together.
        strict: makes an error of every setting that would be dropped or changed with a warning.
        turn_state: that of an earlier answer of the same turn.
        """
        stream = AsyncResponseStream(self._native, *self._call(locals()))
        try:
            return await stream.get_final_response()
        finally:
            stream.close()

    async def models(self) -> list[ModelInfo]:
        """The models that can be asked."""
        return [ModelInfo.from_dict(model) for model in await self._native.models_async()]

    async def plan_usage(self) -> PlanUsage:
        """How much of the plan is used."""
        return PlanUsage.from_dict(await self._native.plan_usage_async())


class ResponseStream(_native.Stream):
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
        _check_max(max)
        while True:
            batch = self._batch(max)
            if batch is None:
                return
            yield batch

    def until_done(self) -> None:
        """Reads to the end and drops what comes."""
        self._response()

    def get_final_response(self) -> Response:
        """Reads to the end and gives the whole answer; again and again, if you like."""
        return self._response()

    @property
    def request_id(self) -> str | None:
        """The provider's id of the call, once it answered."""
        return (self._head() or {}).get("request_id")

    @property
    def turn_state(self) -> str | None:
        """To be given to further calls of the same turn, once the provider answered."""
        return (self._head() or {}).get("turn_state")


class AsyncResponseStream(_native.AsyncStream):
    """A streamed answer: iterate over its events with `async for`.

    Errors are raised where the events end. Leaving `async with`, `aclose()`, or letting it go ends the call and closes
    its connection. A cancelled wait loses no event: the next one gets it. One task at a time reads it.
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

    async def batches(self, max: int = 64) -> AsyncIterator[list[Event]]:
        """Lists of the events that are there, at most `max`: fewer turns of Python for the same events."""
        _check_max(max)
        while True:
            batch = await self._batch(max)
            if batch is None:
                return
            yield batch

    async def until_done(self) -> None:
        """Reads to the end and drops what comes."""
        await self._response()

    async def get_final_response(self) -> Response:
        """Reads to the end and gives the whole answer; again and again, if you like."""
        return await self._response()

    @property
    def request_id(self) -> str | None:
        """The provider's id of the call, once it answered."""
        return (self._head() or {}).get("request_id")

    @property
    def turn_state(self) -> str | None:
        """To be given to further calls of the same turn, once the provider answered."""
        return (self._head() or {}).get("turn_state")


def _check_max(max: object) -> None:
    if isinstance(max, bool) or not isinstance(max, int):
        raise TypeError(f"max is a number, not {type(max).__name__}")
    if max < 1:
        raise ValueError(f"max must be at least 1, not {max}")
