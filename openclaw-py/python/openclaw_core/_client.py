"""The clients."""

from __future__ import annotations

from . import _check, _native
from ._call import asks, fields, options
from ._stream import AsyncResponseStream, ResponseStream
from ._types import Login, ModelInfo, PlanUsage

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from typing import Any

    from typing_extensions import Self

    from ._call import Call, Seconds
    from ._host import Provider, TokenSource
    from ._native import NativeClient
    from ._types import Response

_SETTINGS = {
    "provider": _check.text_or_provider,
    "token": _check.text_or_function,
    "api_key": _check.text_or_function,
    "base_url": _check.text,
    "profile": _check.text,
    "profile_file": _check.path,
    "agent": _check.text,
    "application": _check.text,
    "allow_plain_http": _check.flag,
    "proxy": _check.text,
    "ca_file": _check.path,
    "timeout": _check.milliseconds,
    "connect_timeout": _check.milliseconds,
    "first_byte_timeout": _check.milliseconds,
    "idle_timeout": _check.milliseconds,
    "max_retries": _check.count,
    "retry_budget": _check.milliseconds,
    "inline": _check.flag,
}
_LIMITS = {
    "attempts": _check.count,
    "time": _check.milliseconds,
    "first_event_timeout": _check.milliseconds,
    "timeout": _check.milliseconds,
    "max_retries": _check.count,
    "retry_budget": _check.milliseconds,
    "inline": _check.flag,
}
_OF_CONFIG = {
    "path": _check.path,
    "agent": _check.text,
    "profile": _check.text,
    "application": _check.text,
    **_LIMITS,
}

#: What a program can supply itself.
_OWN = ("provider", "token", "api_key")


class _Client:
    """What both clients share."""

    _native: _native.NativeClient
    _call_options: dict[str, Any]

    def __init__(
        self,
        *,
        provider: str | Provider | None = None,
        token: str | TokenSource | None = None,
        api_key: str | TokenSource | None = None,
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

        provider: `openai-codex`, `openai` or `anthropic`; after the login unless given. Or a provider of your own: an
            object with `id` and a generator `stream(request, options)`, see docs/providers.md.
        token: a ChatGPT token. Without token and API key a login of this machine is used: an OpenClaw profile store,
            the Codex command line's, or `OPENAI_API_KEY`; with `anthropic`, `ANTHROPIC_API_KEY`. Or a function, also
            an asynchronous one, that gives a token, or a dict with `token`, `account_id`, `expires_at`. It is called
            again when the token ends or is refused; if it has a parameter `rejected`, that is the refused token.
        api_key: an API key, or a function that gives one.
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
        settings = fields(_SETTINGS, locals())
        self._allow(inline)
        own = {name: settings.pop(name) for name in _OWN if not isinstance(settings.get(name, ""), str)}
        if own:
            from ._host import native_client

            self._native = native_client(settings, own)
        else:
            self._native = _native.NativeClient(settings)
        self._call_options = {}

    _may_be_inline = True

    @classmethod
    def _allow(cls, inline: bool) -> None:
        if inline and not cls._may_be_inline:
            from ._errors import ConfigError

            raise ConfigError("inline=True is for Client: an event loop must not be blocked", advice="fix_config")

    @classmethod
    def _of(cls, native: NativeClient) -> Self:
        client = cls.__new__(cls)
        client._native, client._call_options = native, {}
        return client

    @classmethod
    def chain(
        cls,
        models: Sequence[tuple[str, _Client]],
        *,
        attempts: int | None = None,
        time: Seconds | None = None,
        first_event_timeout: Seconds | None = None,
        timeout: Seconds | None = None,
        max_retries: int | None = None,
        retry_budget: Seconds | None = None,
        inline: bool = False,
    ) -> Self:
        """A client that asks these models one after the other until one begins to answer: after a failure the next one,
        if another one can help.

        `Retrying` events and warnings say that it moved on and why, `response.attempts` what failed before. A call names
        the model that is asked first, as `provider/model` or by its own name; without a model it is the first of the list.

        models: pairs of `provider/model` and the client that asks it. The clients stay as they are: their connections are
            not shared, their `with_options` do not count here, closing this one closes none of them.
        attempts: how many attempts a call makes at most, repeats included; 10 unless given.
        time: the seconds until output begins, all attempts together; 600 unless given.
        first_event_timeout: the seconds until an attempt gives its first event; 330 unless given.
        timeout: the limit for a whole call, in seconds; none unless given.
        max_retries, retry_budget: how often the same is asked again at most, and the seconds for that.
        inline: no thread of ours, as for `Client`.

        >>> from openclaw_core.testing import Server
        >>> with Server("challenge") as blocked, Server() as server:
        ...     models = [("openai-codex/gpt-5.4", blocked.client()), ("backup/gpt-5.4", server.client())]
        ...     response = Client.chain(models).complete("Say hello")
        >>> [(attempt.model, attempt.kind) for attempt in response.attempts]
        [('gpt-5.4', 'edge_blocked')]
        """
        settings = fields(_LIMITS, locals())
        cls._allow(inline)
        return cls._of(_native.NativeClient.chain(_members(models), settings))

    @classmethod
    def from_config(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        agent: str | None = None,
        profile: str | None = None,
        application: str | None = None,
        attempts: int | None = None,
        time: Seconds | None = None,
        first_event_timeout: Seconds | None = None,
        timeout: Seconds | None = None,
        max_retries: int | None = None,
        retry_budget: Seconds | None = None,
        inline: bool = False,
    ) -> Self:
        """A client that follows OpenClaw's configuration: the primary model of the agent and its fallbacks, with the
        profiles of the agent's store, their order and their rests.

        path: the configuration; where OpenClaw looks unless given.
        agent: the agent whose models and logins are used; the main one unless given.
        profile: the only profile that may be asked, of its provider.
        application: the name of your program, `name/version`.
        attempts, time, first_event_timeout, timeout, max_retries, retry_budget, inline: as those of `chain`.
        """
        settings = fields(_OF_CONFIG, locals())
        cls._allow(inline)
        return cls._of(_native.NativeClient.from_config(settings))

    @property
    def login(self) -> Login:
        """Which login is used. Nothing of it is secret."""
        return Login._of(self._native.login())

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
        given = options(locals())
        other = self.__class__.__new__(self.__class__)
        other._native = self._native
        other._call_options = {**self._call_options, **given}
        return other

    def close(self) -> None:
        """Ends it: further calls raise `ClosedError`, streams that run go on. Twice is as good as once."""
        self._native.close()

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"provider={self.provider!r}, login={self.login.source!r}"
        return f"<{type(self).__name__} {state}>"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"{type(self).__name__} holds connections and a login: make one where it is needed")


def _members(models: object) -> list[tuple[str, NativeClient]]:
    members = []
    for place, pair in enumerate(_check.sequence("models", models, "pairs of a model and its client")):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise _check.wrong(f"models[{place}]", 'a pair such as ("openai-codex/gpt-5.4", client)', pair)
        model, client = pair
        if not isinstance(client, _Client):
            raise _check.wrong(f"models[{place}][1]", "a Client or an AsyncClient", client)
        members.append((_check.text(f"models[{place}][0]", model), client._native))
    return members


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

    @asks
    def stream(self, call: Call) -> ResponseStream:
        """Asks, and streams the answer. The call starts with `with`, or with the first event that is asked for."""
        return ResponseStream(self._native, *call)

    @asks
    def complete(self, call: Call) -> Response:
        """Asks, and gives the whole answer."""
        with ResponseStream(self._native, *call) as stream:
            return stream.get_final_response()

    def models(self) -> list[ModelInfo]:
        """The models that can be asked."""
        return [ModelInfo._of(model) for model in self._native.models()]

    def plan_usage(self) -> PlanUsage:
        """How much of the plan is used."""
        return PlanUsage._of(self._native.plan_usage())


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

    @asks
    def stream(self, call: Call) -> AsyncResponseStream:
        """Asks, and streams the answer. The call starts with `async with`, or with the first event that is asked for."""
        return AsyncResponseStream(self._native, *call)

    @asks
    async def complete(self, call: Call) -> Response:
        """Asks, and gives the whole answer."""
        async with AsyncResponseStream(self._native, *call) as stream:
            return await stream.get_final_response()

    async def models(self) -> list[ModelInfo]:
        """The models that can be asked."""
        return [ModelInfo._of(model) for model in await self._native.models_async()]

    async def plan_usage(self) -> PlanUsage:
        """How much of the plan is used."""
        return PlanUsage._of(await self._native.plan_usage_async())
