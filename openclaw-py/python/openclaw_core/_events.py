"""What arrives while a model answers: one class per event.

The order: `Opened`, `Created`, then for each item of the output `OutputItemAdded`, pieces, `OutputItemDone`, and at the
end `Completed`. `Retrying`, `WarningEvent`, `RateLimitsEvent` and `RawEvent` come in between. An error is raised, it is
no event.
"""

from __future__ import annotations

from . import _check
from ._native import ReasoningDelta, ReasoningSummaryDelta, RefusalDelta, TextDelta, ToolInputDelta
from ._record import Record
from ._types import Item, Response, response_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Literal, TypeAlias, final
else:

    def final(cls):
        return cls


@final
class Retrying(Record):
    """The last try failed before output began; the next one starts after the delay.

    attempt: the number of the try that failed, from 1.
    kind: how it failed, such as `overloaded`.
    delay_ms: the wait before the next try, in ms.
    next: what is tried next, as a dict with `provider`, `model`, `profile`; `None` when it is the same again.
    """

    __slots__ = ()
    __match_args__ = ("attempt", "kind", "delay_ms", "next")
    type: ClassVar[Literal["retrying"]] = "retrying"
    attempt: int
    kind: str
    delay_ms: int
    next: dict[str, Any] | None = None


@final
class WarningEvent(Record):
    """Something was left out, changed or repaired on the way.

    code: a stable word: `unsupported_setting`, `clamped_setting`, `history_repaired`, `malformed_event`, `invalid_utf8`.
    subject: the setting or the event that it is about.
    message: one line for a person.
    """

    __slots__ = ()
    __match_args__ = ("code", "subject", "message")
    type: ClassVar[Literal["warning"]] = "warning"
    code: str
    subject: str
    message: str


@final
class Opened(Record):
    """The provider accepted the call; what its headers said.

    request_id: the provider's id of the call.
    cf_ray: Cloudflare's id of the call.
    model: the model that really answers.
    turn_state: to be given to further calls of the same turn.
    models_etag: the model list changed when this did.
    reasoning_included: the header `x-reasoning-included` was there.
    safety_buffering: the header `x-codex-safety-buffering-enabled`.
    safety_buffering_faster_model: the header of that name.
    profile: the profile whose credential was used, if one is known.
    attempts: the tries that failed before this one, as dicts; see `Attempt`.
    """

    __slots__ = ()
    __match_args__ = (
        "request_id",
        "cf_ray",
        "model",
        "turn_state",
        "models_etag",
        "reasoning_included",
        "safety_buffering",
        "safety_buffering_faster_model",
        "profile",
        "attempts",
    )
    type: ClassVar[Literal["opened"]] = "opened"
    request_id: str | None = None
    cf_ray: str | None = None
    model: str | None = None
    turn_state: str | None = None
    models_etag: str | None = None
    reasoning_included: bool | None = None
    safety_buffering: bool | None = None
    safety_buffering_faster_model: str | None = None
    profile: str | None = None
    attempts: list[dict[str, Any]] | None = None


@final
class RateLimitsEvent(Record):
    """Limits of the plan or the quota.

    families: the limit families of a ChatGPT plan, each with `primary` and `secondary` windows.
    active_limit: the family that is decisive now.
    plan_type: the plan, such as `plus`.
    credits: credits beyond the plan.
    promo_message: a note of the provider about offers.
    reached_type: which limit was reached.
    requests: the quota of requests, in API-key mode.
    tokens: the quota of tokens, in API-key mode.
    """

    __slots__ = ()
    __match_args__ = (
        "families",
        "active_limit",
        "plan_type",
        "credits",
        "promo_message",
        "reached_type",
        "requests",
        "tokens",
    )
    type: ClassVar[Literal["rate_limits"]] = "rate_limits"
    families: list[dict[str, Any]] | None = None
    active_limit: str | None = None
    plan_type: str | None = None
    credits: dict[str, Any] | None = None
    promo_message: str | None = None
    reached_type: str | None = None
    requests: dict[str, Any] | None = None
    tokens: dict[str, Any] | None = None


@final
class Created(Record):
    """The answer has an id.

    id: the provider's id of the answer.
    model: the model that answers.
    """

    __slots__ = ()
    __match_args__ = ("id", "model")
    type: ClassVar[Literal["created"]] = "created"
    id: str
    model: str


@final
class OutputItemAdded(Record):
    """An item begins. From the first of these on, a call is never repeated.

    item: the item as far as it is known, as a dict in the form of the Responses API.
    output_index: its place in the output.
    """

    __slots__ = ()
    __match_args__ = ("item", "output_index")
    type: ClassVar[Literal["output_item_added"]] = "output_item_added"
    item: Item
    output_index: int


@final
class OutputItemDone(Record):
    """An item is complete; this form is the one to keep.

    item: the item, as a dict in the form of the Responses API.
    output_index: its place in the output.
    """

    __slots__ = ()
    __match_args__ = ("item", "output_index")
    type: ClassVar[Literal["output_item_done"]] = "output_item_done"
    item: Item
    output_index: int


@final
class RawEvent(Record):
    """An event of the provider that this library does not model, as it came.

    kind: the provider's name of it, such as `response.in_progress`.
    event: the whole of it.
    """

    __slots__ = ()
    __match_args__ = ("kind", "event")
    type: ClassVar[Literal["raw"]] = "raw"
    kind: str
    event: Any


@final
class Completed(Record):
    """The whole answer. Nothing follows.

    response: the answer.
    """

    __slots__ = ("_response",)
    __match_args__ = ("response",)
    type: ClassVar[Literal["completed"]] = "completed"
    if TYPE_CHECKING:
        response: Response
    else:

        def __init__(self, response):
            if not isinstance(response, Response):
                raise _check.wrong("response", "a Response", response)
            object.__setattr__(self, "_data", response.to_dict())
            object.__setattr__(self, "_response", response)

        @classmethod
        def _read(cls, name, data):
            # Its fields are those of the answer.
            return cls._of(Response._read(name, data)._data)

        @property
        def response(self) -> Response:
            """The answer."""
            try:
                return self._response
            except AttributeError:
                made = response_of(self._data)
                object.__setattr__(self, "_response", made)
                return made

        def __repr__(self) -> str:
            return f"Completed(response={self.response!r})"


Event: TypeAlias = (
    TextDelta
    | RefusalDelta
    | ReasoningSummaryDelta
    | ReasoningDelta
    | ToolInputDelta
    | OutputItemAdded
    | OutputItemDone
    | Opened
    | Created
    | Completed
    | Retrying
    | WarningEvent
    | RateLimitsEvent
    | RawEvent
)

CLASSES: dict[str, Any] = {
    str(cls.type): cls
    for cls in (
        OutputItemAdded,
        OutputItemDone,
        Opened,
        Created,
        Completed,
        Retrying,
        WarningEvent,
        RateLimitsEvent,
        RawEvent,
    )
}
_DELTAS: dict[str, Any] = {
    str(cls.type): cls for cls in (TextDelta, RefusalDelta, ReasoningSummaryDelta, ReasoningDelta, ToolInputDelta)
}

_PIECE: dict[str, Callable[[str, Any], Any]] = {"delta": _check.text, "item_id": _check.text, "output_index": _check.count, "part_index": _check.count}


def event_from_dict(data: Mapping[str, Any]) -> Event:
    """The event of a JSON object, as `to_dict()` gives it. One of an unknown type is a `RawEvent`."""
    found = _check.mapping("data", data)
    name = found.get("type")
    if not isinstance(name, str):
        raise ValueError("data has no \"type\": it must be an event as to_dict() gives it, such as {\"type\": \"text_delta\", …}")
    delta = _DELTAS.get(name)
    if delta is None:
        cls = CLASSES.get(name)
        made: Event = event_of(Record.from_dict(found)._data | {"type": name}) if cls is None else cls._read("data", found)
        return made
    if "delta" not in found:
        raise ValueError(f"data has no \"delta\", which every event of type {name!r} has")
    return delta(**{key: kind(f"data[{key!r}]", found[key]) for key, kind in _PIECE.items() if key in found})  # type: ignore[no-any-return]


def event_of(data: dict[str, Any]) -> Event:
    """The same for a dict that nobody else has, which is no piece of text."""
    cls = CLASSES.get(data["type"])
    if cls is not None:
        return cls._of(data)  # type: ignore[no-any-return]
    return RawEvent._of({"kind": data["type"], "event": data})
