"""The logins of this machine: which there are and whether they can be used; sign in and out, refresh, repair.

>>> from openclaw_core.testing import Server
>>> import tempfile
>>> with Server() as server, tempfile.TemporaryDirectory() as folder:
...     clicked = []  # the person: clicks, then pastes what the browser shows
...     done = sign_in(method="paste", on_url=lambda url: clicked.append(server.decide_sign_in(url)),
...                    ask=lambda wrong: clicked[-1], issuer=server.issuer_url, store=folder)
...     print(done.profile.id, logins(store=folder).profiles[0].state)
openai-codex:sam@example.test usable

They are those of OpenClaw (`~/.openclaw`), which the Codex command line's (`~/.codex`) can stand in for: `store` says where.
Nothing here ever shows a secret.
"""

from __future__ import annotations

from . import _check, _native
from ._logins import DeviceCode, Health, Logins, Note, Profile, Refreshed, Removed, SignedIn

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from typing import Any, Literal

    from typing_extensions import TypeAlias

    from ._call import Seconds

    #: An `auth-profiles.json`, an `auth.json` of the Codex command line, or the folder of either program.
    Store: TypeAlias = str | os.PathLike[str]

__all__ = [
    "DeviceCode",
    "Health",
    "Logins",
    "Note",
    "Profile",
    "Refreshed",
    "Removed",
    "SignedIn",
    "clear_health",
    "logins",
    "profile",
    "refresh",
    "refresh_async",
    "remove",
    "repair",
    "set_order",
    "sign_in",
    "sign_in_async",
    "sign_out",
    "sign_out_async",
]


def logins(*, store: Store | None = None, agent: str | None = None) -> Logins:
    """All stored logins, and what is to be said of them.

    store: where they are: an `auth-profiles.json`, an `auth.json` of the Codex command line, or the folder of either program;
        that of OpenClaw unless given. It need not exist.
    agent: the OpenClaw agent; `main` unless given.
    """
    return Logins._of(_open(locals()).list())


def profile(profile: str, *, store: Store | None = None, agent: str | None = None) -> Profile:
    """One login; `ConfigError` if there is none of this name.

    profile: its name.
    store, agent: as in `logins()`.
    """
    return Profile._of(_open(locals()).get(_check.text("profile", profile)))


def remove(profile: str, *, store: Store | None = None, agent: str | None = None) -> Removed:
    """Deletes a login, also from `openclaw.json`. Its login server is not told: `sign_out()` does that.

    profile: its name.
    store, agent: as in `logins()`.
    """
    return Removed._of(_open(locals()).remove(_check.text("profile", profile)))


def repair(*, dry_run: bool = False, store: Store | None = None, agent: str | None = None) -> list[SignedIn]:
    """Merges logins of one person in one account, which older versions of OpenClaw left behind. Gives those that took
    another's place, then, with nothing `replaced`, those that stay because they fit the different ones in `unknown`.

    dry_run: says what would be done, and writes nothing.
    store, agent: as in `logins()`.
    """
    done = _open(locals()).repair(_check.flag("dry_run", dry_run))
    return [SignedIn._of(one) for one in done]


def clear_health(
    profile: str | None = None, *, provider: str | None = None, store: Store | None = None, agent: str | None = None
) -> list[str]:
    """Forgets the faults of a login: rests, counters, and that a refresh was refused. Gives the names of those that had any.

    profile: its name; all logins unless given.
    provider: only the logins of this provider.
    store, agent: as in `logins()`.
    """
    given = _check.checked({"profile": _check.text, "provider": _check.text}, locals())
    return _open(locals()).clear_health(given.get("profile"), given.get("provider"))


def set_order(
    provider: str, profiles: Sequence[str] | None, *, store: Store | None = None, agent: str | None = None
) -> None:
    """Sets the order in which the logins of a provider are asked. Those that it does not name are not asked at all.

    provider: whose logins.
    profiles: their names; `None` takes the order away.
    store, agent: as in `logins()`.
    """
    order = None if profiles is None else _check.texts("profiles", profiles)
    _open(locals()).set_order(_check.text("provider", provider), order)


def refresh(
    profile: str,
    *,
    if_due: bool = False,
    share_codex_login: bool = False,
    store: Store | None = None,
    agent: str | None = None,
    application: str | None = None,
    proxy: str | None = None,
    ca_file: str | os.PathLike[str] | None = None,
) -> Refreshed:
    """Refreshes a login at its own login server. All who refresh it at once, in this process and in others, spend one refresh
    token. `AuthExpiredError` or `AuthenticationError` when only a sign-in can renew it.

    profile: its name.
    if_due: only if it ends within 5 minutes.
    share_codex_login: refreshes the login of the Codex command line and writes it back. Its refresh token works once: if that
        program refreshes at the same time, both are signed out.
    store, agent: as in `logins()`.
    application, proxy, ca_file: as of a `Client`.
    """
    made = _open(locals())
    return Refreshed._of(made.refresh(_check.text("profile", profile), _check.flag("if_due", if_due)))


def refresh_async(
    profile: str,
    *,
    if_due: bool = False,
    share_codex_login: bool = False,
    store: Store | None = None,
    agent: str | None = None,
    application: str | None = None,
    proxy: str | None = None,
    ca_file: str | os.PathLike[str] | None = None,
) -> Coroutine[Any, Any, Refreshed]:
    """`refresh()` for a task: to be awaited."""
    made, name, due = _open(locals()), _check.text("profile", profile), _check.flag("if_due", if_due)

    async def run() -> Refreshed:
        return Refreshed._of(await made.refresh_async(name, due))

    return run()


def sign_out(
    profile: str | None = None,
    *,
    store: Store | None = None,
    agent: str | None = None,
    application: str | None = None,
    proxy: str | None = None,
    ca_file: str | os.PathLike[str] | None = None,
) -> Removed:
    """Withdraws a login at its own login server and deletes it from the store and from `openclaw.json`. It is deleted also when
    the login server cannot be asked: `Removed.not_revoked` says so.

    profile: its name; the only sign-in that is stored unless given.
    store, agent: as in `logins()`.
    application, proxy, ca_file: as of a `Client`.
    """
    given = _check.checked({"profile": _check.text}, locals())
    return Removed._of(_open(locals()).sign_out(given.get("profile")))


def sign_out_async(
    profile: str | None = None,
    *,
    store: Store | None = None,
    agent: str | None = None,
    application: str | None = None,
    proxy: str | None = None,
    ca_file: str | os.PathLike[str] | None = None,
) -> Coroutine[Any, Any, Removed]:
    """`sign_out()` for a task: to be awaited."""
    given, made = _check.checked({"profile": _check.text}, locals()), _open(locals())

    async def run() -> Removed:
        return Removed._of(await made.sign_out_async(given.get("profile")))

    return run()


def sign_in(
    *,
    method: Literal["browser", "paste", "device"] = "browser",
    on_url: Callable[[str], object] | None = None,
    on_code: Callable[[DeviceCode], object] | None = None,
    ask: Callable[[str | None], str] | None = None,
    on_progress: Callable[[str, str], object] | None = None,
    timeout: Seconds | None = None,
    provider: str | None = None,
    issuer: str | None = None,
    callback_ports: Sequence[int] | None = None,
    workspaces: Sequence[str] | None = None,
    login_hint: str | None = None,
    host_id: str | None = None,
    store: Store | None = None,
    agent: str | None = None,
    application: str | None = None,
    proxy: str | None = None,
    ca_file: str | os.PathLike[str] | None = None,
) -> SignedIn:
    """Signs a person in with ChatGPT and stores the login. It takes the place of the login of the same person, whatever that is
    called, and keeps others.

    All callbacks are called by the thread that called this function. What one of them raises ends the sign-in, as Ctrl-C
    does: its port is free then, and nothing was stored. `CallCancelledError` when the person declined, `APITimeoutError` when
    nobody finished it in time.

    method: `browser` (it comes back to this machine), `paste` (a browser anywhere, and the person pastes the address of the
        page that comes last), or `device` (a code that is typed on any device).
    on_url: is given the address of the sign-in page, to show and open it; Python's `webbrowser` opens it unless given.
    on_code: is given the code of the method `device`, to show it.
    ask: gives what the person pastes, for the method `paste`. Its argument says what was wrong with the paste before.
    on_progress: is told how far it is: a word such as `waiting`, `port_in_use`, `exchanging`, and a sentence.
    timeout: how long the person has, in seconds; 10 minutes unless given, 15 with a code.
    provider: `openai-codex`, or `openai` for plan sharing ("Sign in with ChatGPT"), which knows the browser only.
    issuer: the login server; OpenAI's unless given.
    callback_ports: where the browser comes back to, 0 is any port; OpenAI's login server knows 1455 and 1457 only.
    workspaces: the only workspaces (account ids) that may be chosen.
    login_hint: the e-mail address that the page proposes.
    host_id: the UUID of this installation for plan sharing; one that is kept beside the store unless given.
    store, agent: where the login is stored, as in `logins()`.
    application: the name of your program, `name/version`; the pages show it.
    proxy, ca_file: as of a `Client`.
    """
    made, settings, host = _asked(locals(), may_ask=method == "paste")
    flow = made.sign_in(settings)
    try:
        while True:
            step = flow.next()
            if step["type"] == "done":
                return SignedIn._of(step)
            answer = host.take(step)
            if step["type"] == "ask":
                flow.answer(_answer(answer))
    finally:
        flow.cancel()


def sign_in_async(
    *,
    method: Literal["browser", "paste", "device"] = "browser",
    on_url: Callable[[str], object] | None = None,
    on_code: Callable[[DeviceCode], object] | None = None,
    ask: Callable[[str | None], str | Awaitable[str]] | None = None,
    on_progress: Callable[[str, str], object] | None = None,
    timeout: Seconds | None = None,
    provider: str | None = None,
    issuer: str | None = None,
    callback_ports: Sequence[int] | None = None,
    workspaces: Sequence[str] | None = None,
    login_hint: str | None = None,
    host_id: str | None = None,
    store: Store | None = None,
    agent: str | None = None,
    application: str | None = None,
    proxy: str | None = None,
    ca_file: str | os.PathLike[str] | None = None,
) -> Coroutine[Any, Any, SignedIn]:
    """`sign_in()` for a task: to be awaited. The callbacks may be functions or coroutine functions; the loop calls them.

    With the method `browser` an `ask` is called too, and what comes first ends the sign-in: the browser's own answer or the
    person's paste; the other is cancelled. An `ask` that blocks would stop the loop: `asyncio.to_thread` helps. Cancelling the
    task ends the sign-in at once, and its port is free.
    """
    return _run(*_asked(locals(), may_ask=method in ("browser", "paste")))


async def _run(made: _native.NativeLogins, settings: dict[str, Any], host: _Host) -> SignedIn:
    import asyncio
    import inspect

    flow = made.sign_in(settings)

    async def call(step: dict[str, Any]) -> object:
        value = host.take(step)
        return await value if inspect.isawaitable(value) else value

    async def take() -> dict[str, Any]:
        return await flow.next_async()

    tasks: dict[str, asyncio.Task[Any]] = {}
    try:
        while True:
            if "step" not in tasks:
                tasks["step"] = asyncio.ensure_future(take())
            await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
            if "ask" in tasks and tasks["ask"].done():
                flow.answer(_answer(tasks.pop("ask").result()))
            if not tasks["step"].done():
                continue
            step: dict[str, Any] = tasks.pop("step").result()
            if step["type"] == "done":
                return SignedIn._of(step)
            if step["type"] == "ask":
                tasks["ask"] = asyncio.ensure_future(call(step))
            else:
                await call(step)
    finally:
        flow.cancel()
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


class _Host:
    """The callbacks of a sign-in."""

    __slots__ = ("ask", "on_code", "on_progress", "on_url")

    def __init__(self, callbacks: dict[str, Callable[..., Any]]) -> None:
        for name in self.__slots__:
            setattr(self, name, callbacks.get(name))

    def take(self, step: dict[str, Any]) -> Any:
        """Calls the callback that a step is for."""
        kind = step["type"]
        if kind == "open_url":
            return (self.on_url or _open_browser)(step["url"])
        if kind == "show_code":
            return self.on_code(DeviceCode._of({**step}))
        if kind == "ask":
            return self.ask(step.get("wrong"))
        if kind == "progress" and self.on_progress is not None:
            return self.on_progress(step["what"], step["text"])
        return None

    if TYPE_CHECKING:
        ask: Callable[..., Any]
        on_code: Callable[..., Any]
        on_progress: Callable[..., Any] | None
        on_url: Callable[..., Any] | None


def _open_browser(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        raise RuntimeError("no browser can be opened here: give on_url to show the address, or use method='device'")


def _answer(value: object) -> str:
    if not isinstance(value, str):
        raise _check.wrong("what ask gives", "a string", value)
    return value


def _function(name: str, value: Any) -> Callable[..., Any]:
    if not callable(value):
        raise _check.wrong(name, "a function", value)
    function: Callable[..., Any] = value
    return function


def _counts(name: str, value: object) -> list[int]:
    found = _check.sequence(name, value, of="whole numbers")
    return [_check.count(f"{name}[{place}]", one) for place, one in enumerate(found)]


_STORE = {
    "store": _check.path,
    "agent": _check.text,
    "share_codex_login": _check.flag,
    "issuer": _check.text,
    "application": _check.text,
    "proxy": _check.text,
    "ca_file": _check.path,
}
_SIGN_IN = {
    "method": _check.text,
    "provider": _check.text,
    "timeout": _check.milliseconds,
    "callback_ports": _counts,
    "workspaces": _check.texts,
    "login_hint": _check.text,
    "host_id": _check.text,
}
_CALLBACKS = dict.fromkeys(("on_url", "on_code", "ask", "on_progress"), _function)
#: The callback without which a method cannot do.
_NEEDED = {"paste": "ask", "device": "on_code"}


def _open(given: dict[str, Any]) -> _native.NativeLogins:
    return _native.NativeLogins(_check.checked(_STORE, given))


def _asked(given: dict[str, Any], *, may_ask: bool) -> tuple[_native.NativeLogins, dict[str, Any], _Host]:
    settings, callbacks = _check.checked(_SIGN_IN, given), _check.checked(_CALLBACKS, given)
    made = _open(given)
    needed = _NEEDED.get(settings["method"])
    if needed is not None and needed not in callbacks:
        raise TypeError(f"{needed} must be given with method={settings['method']!r}")
    if "timeout" in settings:
        settings["timeout_ms"] = settings.pop("timeout")
    settings["ask"] = may_ask and "ask" in callbacks
    return made, settings, _Host(callbacks)
