"""Why a call failed: one exception class per kind, the same fields as in Rust, C, JSON and logs.

Names that openai-python has too mean the same here. Where Python has a fitting exception, it is a base as well:
`except ConnectionError`, `except TimeoutError` and `except ValueError` do what one expects.
"""

from __future__ import annotations

from ._record import Record
from ._types import html_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, final
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
    if TYPE_CHECKING:
        provider: str
        model: str
        profile: str | None = None
        kind: str
        duration_ms: int


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
    body_preview: at most 200 characters of the body, tags and secrets removed.
    attempts: every try that was made, the last one included; empty when there was one only.
    source: the text of the error below this one.
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
    body_preview: str | None
    attempts: list[Attempt]
    source: str | None

    def __init__(self, message: str = "", **fields: Any) -> None:
        record = {"kind": self.default_kind, "stage": "not_sent", "advice": "none", **fields, "message": message}
        super().__init__(f"{record['kind']}: {message}")
        self._record = record
        for name in _FIELDS:
            setattr(self, name, record.get(name))
        delay = record.get("retry_after_ms")
        self.retry_after = None if delay is None else delay / 1000
        self.attempts = [Attempt.from_dict(attempt) for attempt in record.get("attempts", ())]

    @property
    def status_code(self) -> int | None:
        """The same as `http_status`: the name of openai-python."""
        return self.http_status

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later: at once, or after the delay that is named."""
        return self.advice in ("retry", "wait")

    def to_dict(self) -> dict[str, Any]:
        """Every field that is known, as JSON: the form that logs, Rust and C share."""
        import copy

        return copy.deepcopy(self._record)

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuild, (type(self), self._record)

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
    "body_preview",
    "source",
)


class APIConnectionError(OpenClawError, ConnectionError):
    """The host was not reached, or the connection broke before an answer."""

    default_kind = "connect"


class ProxyError(APIConnectionError):
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


class BlockedError(OpenClawError):
    """A bot challenge, firewall or block page of a network in front of the provider. Never a fault of the login."""

    default_kind = "edge_blocked"


class AuthenticationError(OpenClawError):
    """The credential is wrong, revoked or missing, or the account is deactivated."""

    default_kind = "auth_invalid"


class AuthExpiredError(AuthenticationError):
    """The token expired or was withdrawn; a refresh or a new sign-in replaces it."""

    default_kind = "auth_expired"


class PermissionDeniedError(OpenClawError, PermissionError):
    """Permission, scope, region or workspace policy."""

    default_kind = "forbidden"


class RateLimitError(OpenClawError):
    """Too many requests or tokens for now: see `retry_after`."""

    default_kind = "rate_limited"


class UsageLimitError(RateLimitError):
    """The window of the plan is used up until `resets_at`."""

    default_kind = "usage_limit"


class BillingError(OpenClawError):
    """No credit, or the plan does not include this."""

    default_kind = "billing"


class InternalServerError(OpenClawError):
    """The provider, or a machine in front of it, broke."""

    default_kind = "server_error"


class OverloadedError(InternalServerError):
    """The provider has no capacity for the moment."""

    default_kind = "overloaded"


class BadRequestError(OpenClawError, ValueError):
    """The request itself is wrong."""

    default_kind = "invalid_request"


class ContextOverflowError(BadRequestError):
    """The request does not fit the model's context."""

    default_kind = "context_overflow"


class ContentPolicyError(BadRequestError):
    """A content rule of the provider refused the request or the answer."""

    default_kind = "content_policy"


class NotFoundError(OpenClawError, LookupError):
    """What was asked for does not exist."""

    default_kind = "model_not_found"


class ModelNotFoundError(NotFoundError):
    """The model is unknown, retired, or not open to this account."""


class StreamTruncatedError(OpenClawError, ConnectionError):
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


class UnknownError(OpenClawError):
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


def error_from_dict(record: Mapping[str, Any]) -> OpenClawError:
    """The exception of an error's JSON form, as `OpenClawError.to_dict()` gives it."""
    kind = record.get("kind", "unknown")
    cls = _BY_CODE.get((kind, record.get("code") or "")) if "http_status" not in record else None
    return _rebuild(cls or CLASSES.get(kind, OpenClawError), record)


def _rebuild(cls: type[OpenClawError], record: Mapping[str, Any]) -> OpenClawError:
    fields = dict(record)
    return cls(fields.pop("message", ""), **fields)


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

    from ._native import classify_line

    text = bytes(body).decode("utf-8", "replace") if isinstance(body, (bytes, bytearray, memoryview)) else body
    evidence = {"status": status, "headers": dict(headers or {}), "body": text, "provider": provider, "url": url}
    record = json.loads(classify_line(json.dumps(evidence)))
    del record["id"]
    return error_from_dict(record)
