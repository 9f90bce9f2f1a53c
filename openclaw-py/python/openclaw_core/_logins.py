"""What `openclaw_core.auth` gives: logins as they are shown. Nothing of it is secret."""

from __future__ import annotations

from ._record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, final
else:

    def final(cls):
        return cls


@final
class Health(Record):
    """What is remembered of a login's use. Times are Unix seconds.

    errors: faults in a row.
    failures: faults by reason.
    last_used: when it was used last.
    last_failure_at: when it failed last.
    cooldown_until: it rests until then after a fault.
    cooldown_reason: why, such as `rate_limit`.
    cooldown_model: the only model that it rests for; every one if `None`.
    disabled_until: it is switched off until then.
    disabled_reason: why, such as `billing`.
    blocked_until: its plan is used up until then.
    blocked_reason: why.
    blocked_model: the only model that is used up.
    refused: why its refresh was refused for good.
    """

    __slots__ = ()
    __match_args__ = (
        "errors",
        "failures",
        "last_used",
        "last_failure_at",
        "cooldown_until",
        "cooldown_reason",
        "cooldown_model",
        "disabled_until",
        "disabled_reason",
        "blocked_until",
        "blocked_reason",
        "blocked_model",
        "refused",
    )
    errors: int
    failures: dict[str, int]
    last_used: int | None = None
    last_failure_at: int | None = None
    cooldown_until: int | None = None
    cooldown_reason: str | None = None
    cooldown_model: str | None = None
    disabled_until: int | None = None
    disabled_reason: str | None = None
    blocked_until: int | None = None
    blocked_reason: str | None = None
    blocked_model: str | None = None
    refused: str | None = None


@final
class Profile(Record):
    """A stored login. Times are Unix seconds.

    id: its name, such as `openai-codex:me@example.com`.
    provider: the provider that it is for.
    kind: `oauth`, `token` or `api_key`.
    state: `usable`, `resting`, `expired` (nothing renews it), `refused` (its refresh, for good) or `unusable`.
    reasons: why it cannot be used, and what else limits it. Sentences.
    renewable: whether the next call after its end renews it.
    last_good: whether it is the one of its provider that an answer came with last.
    until: when its rest ends.
    expires_at: when its token ends.
    email: the e-mail address of the account.
    display_name: a name for people.
    account_id: the account or workspace.
    user_id: the person.
    plan: the plan, such as `plus`.
    issuer: the login server that renews it.
    kept_in: where its secret is, if not in the store: `env OPENAI_KEY`.
    """

    __slots__ = ()
    __match_args__ = (
        "id",
        "provider",
        "kind",
        "state",
        "reasons",
        "renewable",
        "last_good",
        "until",
        "expires_at",
        "email",
        "display_name",
        "account_id",
        "user_id",
        "plan",
        "issuer",
        "kept_in",
    )
    id: str
    provider: str
    kind: Literal["oauth", "token", "api_key"]
    state: Literal["usable", "resting", "expired", "refused", "unusable"]
    reasons: list[str]
    renewable: bool
    last_good: bool
    until: int | None = None
    expires_at: int | None = None
    email: str | None = None
    display_name: str | None = None
    account_id: str | None = None
    user_id: str | None = None
    plan: str | None = None
    issuer: str | None = None
    kept_in: str | None = None

    @property
    def health(self) -> Health:
        """What is remembered of its use."""
        return Health.from_dict(self._data["health"])

    def __str__(self) -> str:
        return f"{self.id}: {'; '.join([self.state, *self.reasons])}"


@final
class Note(Record):
    """Something in a store that a person should know.

    reason: what it is.
    unusable: whether the profile cannot be used because of it.
    profile: the profile, unless it is about the whole store.
    provider: the profile's provider.
    """

    __slots__ = ()
    __match_args__ = ("reason", "unusable", "profile", "provider")
    reason: str
    unusable: bool
    profile: str | None = None
    provider: str | None = None

    def __str__(self) -> str:
        return self.reason if self.profile is None else f"{self.profile}: {self.reason}"


@final
class Logins(Record):
    """What is in a store; iterating gives its profiles.

    store: where it is.
    order: by provider the order that a person set.
    """

    __slots__ = ()
    __match_args__ = ("store", "order")
    store: str
    order: dict[str, list[str]]

    @property
    def profiles(self) -> list[Profile]:
        """The logins, in the order of the file."""
        return [Profile.from_dict(one) for one in self._data["profiles"]]

    @property
    def notes(self) -> list[Note]:
        """What a person should know: entries that cannot be read, a newer store beside it."""
        return [Note.from_dict(one) for one in self._data["notes"]]

    def __iter__(self) -> Iterator[Profile]:
        return iter(self.profiles)

    def __len__(self) -> int:
        return len(self._data["profiles"])


@final
class SignedIn(Record):
    """A login that was stored.

    store: where it is stored.
    replaced: the profiles of the same person whose place it took.
    retired: those of them that are gone, because they had another name.
    kept: profiles of other persons or accounts.
    unknown: profiles of which nobody can tell whether they are the same login; they stay.
    written: the configuration files that name it and were changed.
    notes: what a person should know besides, such as why the configuration could not be changed.
    """

    __slots__ = ()
    __match_args__ = ("store", "replaced", "retired", "kept", "unknown", "written", "notes")
    store: str
    replaced: list[str]
    retired: list[str]
    kept: list[str]
    unknown: list[str]
    written: list[str]
    notes: list[str]

    @property
    def profile(self) -> Profile:
        """The login."""
        return Profile.from_dict(self._data["profile"])


@final
class Removed(Record):
    """A login that was deleted.

    id: its name.
    store: where it was stored.
    written: the configuration files that named it and were changed.
    revoked: whether its login server withdrew it.
    notes: what a person should know besides, such as why the configuration could not be changed.
    not_revoked: why the login server did not.
    """

    __slots__ = ()
    __match_args__ = ("id", "store", "written", "revoked", "notes", "not_revoked")
    id: str
    store: str
    written: list[str]
    revoked: bool
    notes: list[str]
    not_revoked: str | None = None


@final
class Refreshed(Record):
    """What a refresh came to.

    how: `refreshed`, `adopted` (another process had been quicker) or `still_good`.
    """

    __slots__ = ()
    __match_args__ = ("how",)
    how: Literal["refreshed", "adopted", "still_good"]

    @property
    def profile(self) -> Profile:
        """The login as it is now."""
        return Profile.from_dict(self._data["profile"])


@final
class DeviceCode(Record):
    """The code of a device sign-in.

    url: where it is typed, on any device.
    code: what is typed. Show it to the person only.
    valid_for: how long it is good, in seconds.
    """

    __slots__ = ()
    __match_args__ = ("url", "code", "valid_for")
    url: str
    code: str
    valid_for: int
