"""What is wrong on this machine, and what helps."""

from __future__ import annotations

from . import _check, _native
from ._call import fields
from ._record import Record
from ._types import PlanUsage, html_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any, Literal, final

    from ._call import Seconds
else:

    def final(cls):
        return cls


_SETTINGS = {
    "probe": _check.flag,
    "config": _check.path,
    "agent": _check.text,
    "profile_file": _check.path,
    "profile": _check.text,
    "model": _check.text,
    "timeout": _check.milliseconds,
    "application": _check.text,
    "env": _check.strings,
}


@final
class Verdict(Record):
    """What is wrong, and what helps. `str()` gives both, for a person.

    kind: what is wrong, as a stable word such as `edge_blocked`; `fine` if nothing is.
    says: the same in one line for a person.
    steps: what helps, the first step first.
    until: when it ends by itself, in Unix seconds, if that is known.
    """

    __slots__ = ()
    __match_args__ = ("kind", "says", "steps", "until")
    if TYPE_CHECKING:
        kind: str
        says: str
        steps: list[str]
        until: int | None = None

    def __str__(self) -> str:
        return "\n".join([self.says, *(f"  {number}. {step}" for number, step in enumerate(self.steps, 1))])


@final
class LoginState(Record):
    """A login of this machine and its true state. Nothing of it is secret; an id can hold an e-mail address.

    id: the profile's name; of a variable, the variable's.
    state: `usable`, `expires_soon`, `expired_renewable`, `expired`, `refused`, `resting`, `secret_missing`, `unreadable`.
    why: what led to it, in one line.
    provider: the provider that it is for.
    kind: `oauth`, `token` or `api_key`.
    email: the e-mail address of the account.
    store: where it is kept.
    used: whether calls can take it.
    left_out: why an order or the configuration leaves it out.
    expires_at: when its token ends, in Unix seconds, if that is known.
    renewable: whether a call would renew it.
    rests_until: until when it rests, in Unix seconds.
    rest_reason: why it rests.
    last_good: whether an answer came with it last.
    last_used: when it was used last, in Unix seconds.
    """

    __slots__ = ()
    __match_args__ = (
        "id",
        "state",
        "why",
        "provider",
        "kind",
        "email",
        "store",
        "used",
        "left_out",
        "expires_at",
        "renewable",
        "rests_until",
        "rest_reason",
        "last_good",
        "last_used",
    )
    if TYPE_CHECKING:
        id: str
        state: str
        why: str
        provider: str | None = None
        kind: str | None = None
        email: str | None = None
        store: str | None = None
        used: bool = False
        left_out: str | None = None
        expires_at: int | None = None
        renewable: bool = False
        rests_until: int | None = None
        rest_reason: str | None = None
        last_good: bool = False
        last_used: int | None = None

    @property
    def usable(self) -> bool:
        """Whether a call can take it."""
        return self.used and self.state in ("usable", "expires_soon", "expired_renewable")


@final
class Diagnosis(Record):
    """What is on this machine, what the provider answered, and what is wrong. Nothing of it is secret.

    check: `ok`, `nothing_usable` or `expires_soon`: what `claw status --check` tells by its exit status.
    at: when it was made, in Unix seconds.
    configuration: the configuration that was found, as a dict.
    stores: where was looked for logins, as dicts.
    endpoints: how each provider is reached, as dicts.
    probe: what the provider answered, as a dict; `None` if it was not asked.
    """

    __slots__ = ()
    __match_args__ = ("check", "at", "configuration", "stores", "endpoints", "probe")
    if TYPE_CHECKING:
        check: Literal["ok", "nothing_usable", "expires_soon"]
        at: int | None = None
        configuration: dict[str, Any] = {}
        stores: list[dict[str, Any]] = []
        endpoints: list[dict[str, Any]] = []
        probe: dict[str, Any] | None = None

    @property
    def verdict(self) -> Verdict:
        """What is wrong, and what helps."""
        return Verdict.from_dict(self._data["verdict"])

    @property
    def profiles(self) -> list[LoginState]:
        """The logins that are there."""
        return [_login(login) for login in self._data["profiles"]]

    @property
    def plan_usage(self) -> PlanUsage | None:
        """How much of the plan is used, if the provider was asked and said so."""
        plan = (self._data.get("probe") or {}).get("plan")
        return None if plan is None else PlanUsage.from_dict(plan)

    def __str__(self) -> str:
        return str(self.verdict)

    def _repr_html_(self) -> str:
        rows: list[tuple[str, object]] = [("verdict", self.verdict.says)]
        rows += [(f"step {number}", step) for number, step in enumerate(self.verdict.steps, 1)]
        rows += [(login.id, f"{login.state}: {login.why}") for login in self.profiles]
        return html_table("Diagnosis", rows)


def diagnose(
    *,
    probe: bool = False,
    config: str | os.PathLike[str] | None = None,
    agent: str | None = None,
    profile_file: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    model: str | None = None,
    timeout: Seconds | None = None,
    application: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Diagnosis:
    """Looks at the configuration, the logins and the way to the providers, and says what is wrong.

    >>> found = diagnose(env={"HOME": "/nowhere"})
    >>> found.verdict.kind, found.check
    ('no_login', 'nothing_usable')

    That something is wrong raises nothing. No login is renewed, no file is changed.

    probe: asks the provider too: once each for its models, the use of the plan, and an answer of one word.
    config: the configuration; the one that OpenClaw uses unless given.
    agent: the OpenClaw agent; `main` unless given.
    profile_file: looks for logins in this `auth-profiles.json` or `auth.json` only.
    profile: the profile to ask with.
    model: the model to ask; that of the configuration unless given.
    timeout: the limit for each request, in seconds; 30 unless given.
    application: the name of your program, `name/version`.
    env: all environment variables that there are; those of this process unless given.
    """
    return Diagnosis._of(_native.diagnose(fields(_SETTINGS, locals())))


async def diagnose_async(
    *,
    probe: bool = False,
    config: str | os.PathLike[str] | None = None,
    agent: str | None = None,
    profile_file: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    model: str | None = None,
    timeout: Seconds | None = None,
    application: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Diagnosis:
    """The same as `diagnose()`, for an event loop."""
    return Diagnosis._of(await _native.diagnose_async(fields(_SETTINGS, locals())))


def _login(login: Mapping[str, Any]) -> LoginState:
    # `type` is the name of an event's kind in records.
    return LoginState.from_dict({**login, "kind": login.get("type")})
