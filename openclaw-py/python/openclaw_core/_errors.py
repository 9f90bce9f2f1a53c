"""Why a call failed: one exception class per kind, the same fields as in Rust, C, JSON and logs.

Names that openai-python has too mean the same here: `APIStatusError` catches everything that came with an HTTP status,
`APIError` every failed call. Where Python has a fitting exception, it is a base as well: `except ConnectionError`,
`except TimeoutError` and `except ValueError` do what one expects.
"""

from __future__ import annotations

from . import _check
from ._native import classify_line, is_retryable
from ._record import Record
from ._types import html_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, ClassVar, Literal, final
else:

    def final(cls):
        return cls


@final
class Attempt(Record):
    """One try of a call that was repeated.

    provider: the provider that was asked.
    model: the model that was asked.
    profile: the profile whose credential was used, if one is known.
    kind: what happened.
    duration_ms: how long the try took, in ms.
    """

    __slots__ = ()
    __match_args__ = ("provider", "model", "profile", "kind", "duration_ms")
    provider: str
    model: str
    profile: str | None = None
    kind: str
    duration_ms: int


@final
class Issue(Record):
    """One problem of a configuration.

    stage: the step that saw it: `json5`, `include`, `env`, `legacy`, `schema`, `post-schema`.
    severity: `error`, or `warning` when OpenClaw takes it all the same.
    code: what is wrong, a stable word such as `unknown_key`.
    path: where, as OpenClaw writes it: names and indexes joined by dots; empty for the root.
    pointer: where, as a JSON pointer.
    message: what is wrong, in OpenClaw's words.
    file: the file in which it stands, when it is known.
    line: the line in that file, from 1.
    column: the column in that line, from 1, in characters.
    keys: the keys that are not known.
    found: what was found: a type, or a value that cannot be a secret.
    allowed: the allowed values, if they can be listed.
    suggestion: a key or value that was perhaps meant.
    hint: what to do.
    rule: the rule that refuses it, if it is one that a JSON Schema cannot hold.
    """

    __slots__ = ()
    __match_args__ = (
        "stage",
        "severity",
        "code",
        "path",
        "pointer",
        "message",
        "file",
        "line",
        "column",
        "keys",
        "found",
        "allowed",
        "suggestion",
        "hint",
        "rule",
    )
    stage: str
    severity: Literal["error", "warning"]
    code: str
    path: str
    pointer: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    keys: list[str] | None = None
    found: str | None = None
    allowed: list[str] | None = None
    suggestion: str | None = None
    hint: str | None = None
    rule: str | None = None

    def __str__(self) -> str:
        """OpenClaw's own form: `gateway: Unrecognized key: "prot"`."""
        return f"{self.path or '<root>'}: {self.message}"


class SourceError(Exception):
    """An error below one of ours: what a part of the library, or the system, said. Stands in `__cause__`."""


class OpenClawError(Exception):
    """The base of all errors of this package.

    kind: what happened, a stable word such as `rate_limited`.
    stage: how far the call got: `not_sent`, `maybe_sent`, `responded`, `streaming`.
    advice: what helps: `retry`, `wait`, `refresh`, `sign_in`, `other_profile`, `other_provider`, `fix_request`,
        `fix_network`, `fix_config`, `none`.
    message: one line for a person. Never a secret, never raw HTML.
    provider, model, profile: what was asked, and with whose credential.
    http_status: the HTTP status that really came, never an invented one; also as `status_code`.
    url: the address that was asked, without query and credentials.
    request_id: the provider's id of the call, to be named to its support.
    cf_ray: Cloudflare's id of the call.
    edge: the network in front of the provider that answered, if it did: a dict with `vendor`, `action`, `code`.
    code: the provider's own error code or type, as it was sent.
    retry_after: the delay that the provider asked for, in seconds.
    resets_at: when the used-up window opens again, in Unix seconds.
    usable_at: the soonest time at which something that a failover chain could ask is free again, in Unix seconds.
    body_preview: at most 200 characters of the body, tags and secrets removed.
    attempts: every try that was made, the last one included; when there was one only, empty unless a chain made it.
    issues: what is wrong with a configuration, when that is the error.
    source: what the errors below this one said; they also stand in `__cause__`, one below the other.
    """

    default_kind: ClassVar[str] = "unknown"

    kind: str
    stage: str
    advice: str
    message: str
    provider: str | None
    model: str | None
    profile: str | None
    http_status: int | None
    url: str | None
    request_id: str | None
    cf_ray: str | None
    edge: dict[str, Any] | None
    code: str | None
    retry_after: float | None
    resets_at: int | None
    usable_at: int | None
    body_preview: str | None
    attempts: list[Attempt]
    issues: list[Issue]
    source: str | None
    _causes: tuple[Sequence[str], int | None]
    __cause__: BaseException | None

    def __init__(self, message: str = "", **fields: Any) -> None:
        """For a provider of your own: what happened, and fields of the JSON form, such as `http_status`, `retry_after_ms`."""
        unknown = sorted(fields.keys() - _RECORD.keys())
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {unknown[0]!r}; it has {', '.join(_RECORD)}")
        _check.text("message", message)
        _look_at(fields, "{}")
        given = {name: value for name, value in fields.items() if value is not None}
        self._fill({**given, "message": message})

    def _fill(self, known: Mapping[str, Any]) -> None:
        """Takes the fields as they are: an error of the library is never held up."""
        record = {"kind": self.default_kind, "stage": "not_sent", "advice": "none", "message": "", **known}
        super().__init__(f"{record['kind']}: {record['message']}")
        self._record = record
        for name in _FIELDS:
            setattr(self, name, record.get(name))
        delay = record.get("retry_after_ms")
        self.retry_after = None if delay is None else delay / 1000
        self.attempts = [Attempt._copied(attempt) for attempt in record.get("attempts", ())]
        self.issues = [Issue._copied(issue) for issue in record.get("issues", ())]
        self._stand_on([] if self.source is None else [self.source], None)

    def _stand_on(self, causes: Sequence[str], system: int | None) -> None:
        """Notes the errors below this one: their texts, nearest first, and the system's number of the last one."""
        self._causes = causes, system
        below: BaseException | None = None
        for text in reversed(causes):
            made = SourceError(text) if below is not None or system is None else OSError(system, text)
            made.__cause__, below = below, made
        if below is not None:
            self.__cause__ = below

    @property
    def status_code(self) -> int | None:
        """The same as `http_status`: the name of openai-python."""
        return self.http_status

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later: at once, or after the delay that is named."""
        return is_retryable(self.advice)

    def to_dict(self) -> dict[str, Any]:
        """Every field that is known, as JSON: the form that logs, Rust and C share."""
        import copy

        return copy.deepcopy(self._record)

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        state: dict[str, Any] = {"_causes": self._causes}
        notes = getattr(self, "__notes__", None)
        if notes is not None:
            state["__notes__"] = list(notes)
        return _rebuild, (type(self), self._record), state

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        state = dict(state or {})
        self._stand_on(*state.pop("_causes", ([], None)))
        super().__setstate__(state)

    def _repr_html_(self) -> str:
        rows = [(name, self._record.get(name)) for name in ("message", "advice", *_FIELDS[4:])]
        return html_table(f"{type(self).__name__} ({self.kind})", rows)


_FIELDS = (
    "kind",
    "stage",
    "advice",
    "message",
    "provider",
    "model",
    "profile",
    "http_status",
    "url",
    "request_id",
    "cf_ray",
    "edge",
    "code",
    "resets_at",
    "usable_at",
    "body_preview",
    "source",
)


class APIError(OpenClawError):
    """A call failed: the base of all that a provider, the network or the time limits can do to it."""


class APIStatusError(APIError):
    """The base of everything that an HTTP status can mean: all errors that came with one are of this class.

    `status_code` is `None` where the same fault was seen before anything was sent.
    """


class APIConnectionError(APIError, ConnectionError):
    """The host was not reached, or the connection broke before an answer."""

    default_kind = "connect"


class ProxyError(APIConnectionError, APIStatusError):
    """A proxy, captive portal or web filter between us and the provider answered."""

    default_kind = "proxy"


class DNSError(APIConnectionError):
    """The host name could not be resolved."""

    default_kind = "dns"


class TLSError(APIConnectionError):
    """Certificate or handshake."""

    default_kind = "tls"


class APITimeoutError(APIConnectionError, TimeoutError):
    """A time limit passed: ours (see the message for which), or one that the provider reports."""

    default_kind = "timeout"


class GatewayTimeoutError(APITimeoutError, APIStatusError):
    """The provider, or a machine in front of it, reports with an HTTP status that a time limit passed."""


class BlockedError(APIStatusError):
    """A bot challenge, firewall or block page of a network in front of the provider. Never a fault of the login."""

    default_kind = "edge_blocked"


class AuthenticationError(APIStatusError):
    """The credential is wrong, revoked or missing, or the account is deactivated."""

    default_kind = "auth_invalid"


class AuthExpiredError(AuthenticationError):
    """The token expired or was withdrawn; a refresh or a new sign-in replaces it."""

    default_kind = "auth_expired"


class PermissionDeniedError(APIStatusError, PermissionError):
    """Permission, scope, region or workspace policy."""

    default_kind = "forbidden"


class RateLimitError(APIStatusError):
    """Too many requests or tokens for now: see `retry_after`."""

    default_kind = "rate_limited"


class UsageLimitError(RateLimitError):
    """The window of the plan is used up until `resets_at`."""

    default_kind = "usage_limit"


class BillingError(APIStatusError):
    """No credit, or the plan does not include this."""

    default_kind = "billing"


class InternalServerError(APIStatusError):
    """The provider, or a machine in front of it, broke."""

    default_kind = "server_error"


class OverloadedError(InternalServerError):
    """The provider has no capacity for the moment."""

    default_kind = "overloaded"


class ConflictError(InternalServerError):
    """Status 409: another request is in the way. It passes by itself, so its kind is `server_error`."""


class BadRequestError(APIStatusError, ValueError):
    """The request itself is wrong."""

    default_kind = "invalid_request"


class UnprocessableEntityError(BadRequestError):
    """Status 422: the request was understood and cannot be done."""


class ContextOverflowError(BadRequestError):
    """The request does not fit the model's context."""

    default_kind = "context_overflow"


class ContentPolicyError(BadRequestError):
    """A content rule of the provider refused the request or the answer."""

    default_kind = "content_policy"


class NotFoundError(APIStatusError, LookupError):
    """What was asked for does not exist: a model, or with status 404 anything else."""

    default_kind = "model_not_found"


class ModelNotFoundError(NotFoundError):
    """The model is unknown, retired, or not open to this account."""


class StreamTruncatedError(APIStatusError, ConnectionError):
    """The answer stopped before its end."""

    default_kind = "stream_truncated"


class CallCancelledError(OpenClawError):
    """The call was cancelled. Python's own cancellation stays `asyncio.CancelledError`."""

    default_kind = "cancelled"


class ConfigError(OpenClawError, ValueError):
    """A setting is wrong."""

    default_kind = "config"


class StoreError(OpenClawError, OSError):
    """A credential store could not be read or written."""

    default_kind = "store"


class UnknownError(APIStatusError):
    """The evidence names no cause."""

    default_kind = "unknown"


class ClosedError(OpenClawError, ValueError):
    """A client, stream or server is used after it was closed. As with files, it is a `ValueError` too."""

    default_kind = "config"


class ForkedError(OpenClawError, RuntimeError):
    """A stream of before a fork is used in the child: the thread that reads it is in the parent."""

    default_kind = "config"


class PanicError(OpenClawError, RuntimeError):
    """A fault inside the library. Please report it."""

    default_kind = "unknown"


#: The class of every kind.
CLASSES: dict[str, type[OpenClawError]] = {
    "edge_blocked": BlockedError,
    "proxy": ProxyError,
    "dns": DNSError,
    "connect": APIConnectionError,
    "timeout": APITimeoutError,
    "tls": TLSError,
    "auth_expired": AuthExpiredError,
    "auth_invalid": AuthenticationError,
    "forbidden": PermissionDeniedError,
    "rate_limited": RateLimitError,
    "usage_limit": UsageLimitError,
    "billing": BillingError,
    "overloaded": OverloadedError,
    "server_error": InternalServerError,
    "context_overflow": ContextOverflowError,
    "invalid_request": BadRequestError,
    "model_not_found": ModelNotFoundError,
    "content_policy": ContentPolicyError,
    "stream_truncated": StreamTruncatedError,
    "cancelled": CallCancelledError,
    "config": ConfigError,
    "store": StoreError,
    "unknown": UnknownError,
}

#: What only a library can run into, told apart by the code.
_BY_CODE: dict[tuple[str, str], type[OpenClawError]] = {
    ("config", "closed"): ClosedError,
    ("cancelled", "closed"): ClosedError,
    ("config", "forked"): ForkedError,
    ("unknown", "panic"): PanicError,
}


#: What an HTTP status makes more exact.
_BY_STATUS: dict[tuple[str, int], type[OpenClawError]] = {
    ("server_error", 409): ConflictError,
    ("invalid_request", 422): UnprocessableEntityError,
    ("invalid_request", 404): NotFoundError,
    ("unknown", 404): NotFoundError,
}


def _all(cls: type[Record]) -> _check.Kind:
    """Looks at a list of records."""
    return lambda name, value: [cls._read(f"{name}[{place}]", one) for place, one in enumerate(_check.sequence(name, value))]


#: What the fields of an error's JSON form are.
_RECORD: dict[str, _check.Kind] = {
    **{name: _check.text for name in _FIELDS},
    "http_status": _check.count,
    "edge": _check.mapping,
    "retry_after_ms": _check.large_count,
    "resets_at": _check.large_count,
    "usable_at": _check.large_count,
    "attempts": _all(Attempt),
    "issues": _all(Issue),
}


def _look_at(record: Mapping[str, Any], name: str) -> None:
    """Raises what is wrong with a field; `name` says how a field is called in the error."""
    for field, check in _RECORD.items():
        if record.get(field) is not None:
            check(name.format(field), record[field])


def error_from_dict(record: Mapping[str, Any]) -> OpenClawError:
    """The exception of an error's JSON form, as `OpenClawError.to_dict()` gives it."""
    record = _check.mapping("record", record)
    _look_at(record, "record[{!r}]")
    known = {name: value for name, value in record.items() if value is not None}
    return _rebuild(_class_of(known.get("kind", "unknown"), known), known)


def _class_of(kind: str, record: Mapping[str, Any]) -> type[OpenClawError]:
    status = record.get("http_status")
    if status is None:
        return _BY_CODE.get((kind, record.get("code") or "")) or CLASSES.get(kind, OpenClawError)
    if kind == "timeout":
        return GatewayTimeoutError
    return _BY_STATUS.get((kind, status)) or CLASSES.get(kind, APIStatusError)


def raised(
    record: dict[str, Any], causes: Sequence[str], system: int | None, below: BaseException | None
) -> OpenClawError:
    """The exception of an error of the library, with the errors below it, or the exception of the program's own code."""
    error = _rebuild(_class_of(record["kind"], record), record)
    error._stand_on(causes, system)
    if below is not None:
        error.__cause__ = below
    return error


def _rebuild(cls: type[OpenClawError], record: Mapping[str, Any]) -> OpenClawError:
    error = cls.__new__(cls)
    error._fill(record)
    return error


def classify(
    *,
    status: int | None = None,
    headers: Mapping[str, Any] | None = None,
    body: str | bytes = "",
    provider: str = "",
    url: str | None = None,
) -> OpenClawError:
    """Judges a failed call that somebody else made; gives the error and does not raise it.

    status: the HTTP status; `None` when no answer came, then `body` is the text of the transport's error.
    headers: the headers of the answer; a value may be a list.
    body: the beginning of the body, or the whole.
    provider: who was asked, such as `openai-codex`.
    url: the address that was asked.

    >>> classify(status=429, headers={"retry-after": "2"}).retry_after
    2.0
    """
    import json

    if isinstance(body, (bytes, bytearray, memoryview)):
        body = bytes(body).decode("utf-8", "replace")
    elif not isinstance(body, str):
        raise _check.wrong("body", "a string or bytes", body)
    evidence: dict[str, Any] = {"status": None, "headers": {}, "url": None, "body": body}
    evidence["provider"] = _check.text("provider", provider)
    if status is not None:
        evidence["status"] = _check.count("status", status)
    if url is not None:
        evidence["url"] = _check.text("url", url)
    if headers is not None:
        evidence["headers"] = {name: _header(name, value) for name, value in _check.mapping("headers", headers).items()}
    record = json.loads(classify_line(json.dumps(evidence)))
    del record["id"]
    return error_from_dict(record)


def _header(name: str, value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_check.text(f"headers[{name!r}]", one) for one in value]
    if not isinstance(value, str):
        raise _check.wrong(f"headers[{name!r}]", "a string or a list of strings", value)
    return value
