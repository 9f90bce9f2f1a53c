"""What a call is made of: the one signature that `stream` and `complete` of both clients share."""

from __future__ import annotations

from . import _check
from ._types import input_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeVar

    from typing_extensions import ParamSpec, TypeAlias

    from ._types import Response

    #: A time in seconds.
    Seconds: TypeAlias = float | datetime.timedelta
    #: The request and the options, in the form that the library takes.
    Call: TypeAlias = tuple[dict[str, Any], dict[str, Any]]
    P = ParamSpec("P")
    R = TypeVar("R")

_REQUEST = {
    "model": _check.text,
    "instructions": _check.text,
    "tools": _check.mappings,
    "tool_choice": _check.word_or_mapping,
    "parallel_tool_calls": _check.flag,
    "effort": _check.text,
    "reasoning": _check.mapping,
    "text": _check.mapping,
    "service_tier": _check.text,
    "session_id": _check.text,
    "max_output_tokens": _check.count,
    "temperature": _check.number,
    "top_p": _check.number,
    "extra_body": _check.mapping,
}
_OPTIONS = {
    "timeout": _check.milliseconds,
    "first_byte_timeout": _check.milliseconds,
    "idle_timeout": _check.milliseconds,
    "retry_budget": _check.milliseconds,
    "max_retries": _check.count,
    "strict": _check.flag,
    "turn_state": _check.text,
    "extra_headers": _check.strings,
}
#: Where the library has another name.
_NAMES = {
    "extra_body": "extra",
    "extra_headers": "headers",
    "timeout": "timeout_ms",
    "connect_timeout": "connect_timeout_ms",
    "first_byte_timeout": "first_byte_timeout_ms",
    "idle_timeout": "idle_timeout_ms",
    "retry_budget": "retry_budget_ms",
    "time": "time_ms",
    "first_event_timeout": "first_event_timeout_ms",
}


def fields(kinds: Mapping[str, _check.Kind], values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are given, checked, by the library's names."""
    return {_NAMES.get(name, name): value for name, value in _check.checked(kinds, values).items()}


def options(values: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a call among its arguments."""
    return fields(_OPTIONS, values)


def _arguments(
    self: Any,
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
) -> Call:
    """
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
    values = locals()
    return {**fields(_REQUEST, values), "input": input_items(input)}, {**self._call_options, **options(values)}


def _with_arguments(
    arguments: Callable[P, Call],
) -> Callable[[Callable[[Any, Call], R]], Callable[P, R]]:
    """A decorator that gives a method the signature, and the end of the docstring, of `arguments`; the method itself takes
    what `arguments` makes of them."""
    template: Any = arguments

    def decorate(method: Any) -> Any:
        # A copy that bears the method's name, for `help()` and for the message about a wrong keyword.
        read = type(template)(template.__code__, template.__globals__, method.__name__, template.__defaults__)
        read.__kwdefaults__, read.__qualname__ = template.__kwdefaults__, method.__qualname__
        read.__annotations__ = {**template.__annotations__, "return": method.__annotations__["return"]}

        def asks(self: Any, *positional: Any, **named: Any) -> Any:
            return method(self, read(self, *positional, **named))

        async def asks_later(self: Any, *positional: Any, **named: Any) -> Any:
            return await method(self, read(self, *positional, **named))

        # A coroutine function stays one.
        made: Any = asks_later if method.__code__.co_flags & 0x80 else asks
        made.__wrapped__, made.__module__, made.__name__ = read, method.__module__, method.__name__
        made.__qualname__, made.__doc__ = method.__qualname__, f"{method.__doc__}\n{template.__doc__}"
        return made

    return decorate


asks = _with_arguments(_arguments)
