"""What goes in and what comes out beside events: answers, tool calls, usage, models, and helpers for messages.

Messages, tools and items are plain dicts in the form of the Responses API, so that they can be stored and sent again.
"""

from __future__ import annotations

from . import _check
from ._native import image_url
from ._record import Record, frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, final

    from typing_extensions import TypeAlias

    from ._errors import Attempt
else:

    def final(cls):
        return cls

    Any = object

#: An item of a conversation, in the form of the Responses API.
if TYPE_CHECKING:
    Item: TypeAlias = dict[str, Any]
else:
    Item = dict


@final
class Usage(Record):
    """Tokens of one call.

    input_tokens: all input tokens, the cached ones included.
    cached_tokens: input tokens read from the provider's cache.
    cache_write_tokens: input tokens written to the provider's cache.
    output_tokens: all output tokens, reasoning included.
    reasoning_tokens: output tokens spent on reasoning.
    total_tokens: input and output together, as the provider counts them.
    """

    __slots__ = ()
    __match_args__ = (
        "input_tokens",
        "cached_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
        "total_tokens",
    )
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    total_tokens: int


@final
class ToolCall(Record):
    """The model calls a tool.

    name: the tool.
    input: JSON text of the arguments, or the free text of a custom tool.
    call_id: joins the call and its result.
    kind: `function` or `custom`.
    """

    __slots__ = ()
    __match_args__ = ("name", "input", "call_id", "kind")
    name: str
    input: str
    call_id: str
    kind: Literal["function", "custom"] = "function"

    def arguments(self) -> Any:
        """The arguments of a function, read as JSON. `ValueError` when the model wrote none."""
        import json

        return json.loads(self.input)

    def to_item(self) -> Item:
        """The item of the conversation that it was."""
        if self.kind == "function":
            return {"type": "function_call", "call_id": self.call_id, "name": self.name, "arguments": self.input}
        return {"type": "custom_tool_call", "call_id": self.call_id, "name": self.name, "input": self.input}

    def result(self, output: str | Sequence[Mapping[str, Any]]) -> Item:
        """The item that answers this call, for the next request's `input`: text, or a list of content parts."""
        return tool_result(self, output)


@final
class ModelInfo(Record):
    """A model of the live list. What the provider leaves out is `None`.

    id: the name to ask for.
    display_name: the name for people.
    description: what it is good for.
    hidden: whether the provider would not show it in a menu.
    context_window: tokens of input and output together.
    efforts: how much it can be told to think.
    default_effort: how much it thinks when it is not told.
    images: whether it takes images.
    service_tiers: its service tiers.
    upgrade: the model that replaces it.
    """

    __slots__ = ()
    __match_args__ = (
        "id",
        "display_name",
        "description",
        "hidden",
        "context_window",
        "efforts",
        "default_effort",
        "images",
        "service_tiers",
        "upgrade",
    )
    id: str
    display_name: str | None = None
    description: str | None = None
    hidden: bool | None = None
    context_window: int | None = None
    efforts: list[str] | None = None
    default_effort: str | None = None
    images: bool | None = None
    service_tiers: list[str] | None = None
    upgrade: str | None = None


@final
class PlanUsage(Record):
    """How much of a plan is used.

    plan_type: the plan, such as `plus`.
    allowed: whether calls are allowed now.
    limit_reached: whether a limit is reached.
    rate_limits: windows and credits, as a dict.
    email: the e-mail address of the account.
    """

    __slots__ = ()
    __match_args__ = ("plan_type", "allowed", "limit_reached", "rate_limits", "email")
    plan_type: str | None = None
    allowed: bool | None = None
    limit_reached: bool | None = None
    rate_limits: dict[str, Any] | None = None
    email: str | None = None


@final
class Login(Record):
    """Which login a client uses. Nothing of it is secret.

    source: where it was found: `settings`, a path, or the name of a variable.
    profile: the profile of the store.
    notes: what a person should know, such as entries that were skipped.
    """

    __slots__ = ()
    __match_args__ = ("source", "profile", "notes")
    source: str
    profile: str | None = None
    notes: list[str] | None = None


@final
class Response(Record):
    """A whole answer.

    id: the provider's id of the answer.
    provider: the provider that answered.
    model: the model that answered; can differ from the one that was asked.
    finish_reason: `stop`, `tool_use`, `length` or `refusal`.
    items: what it wrote, in order, as dicts. Goes into the next request's `input` as it is.
    usage: what it cost, if the provider said so.
    service_tier: the service tier that was used.
    rate_limits: limits, as a dict, if the provider named any.
    head: what the headers of the answer said, as a dict.
    warnings: what was left out or changed on the way, as dicts.
    """

    __slots__ = ()
    __match_args__ = (
        "id",
        "provider",
        "model",
        "finish_reason",
        "items",
        "usage",
        "service_tier",
        "rate_limits",
        "head",
        "warnings",
    )
    id: str
    provider: str
    model: str
    finish_reason: str
    items: list[Item]
    if TYPE_CHECKING:
        usage: Usage | None = None
    else:

        @property
        def usage(self):
            """What it cost, if the provider said so."""
            usage = self._data.get("usage")
            return None if usage is None else Usage._of(dict(usage))

    service_tier: str | None = None
    rate_limits: dict[str, Any] | None = None
    head: dict[str, Any] = {}
    warnings: list[dict[str, Any]] = []

    @property
    def text(self) -> str:
        """All text that the model wrote."""
        return "".join(part["text"] for part in self._parts("output_text"))

    @property
    def refusal(self) -> str | None:
        """The refusal, if the model refused."""
        return next((part["refusal"] for part in self._parts("refusal")), None)

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls, in order."""
        return [call for call in map(_tool_call, self.items) if call is not None]

    @property
    def request_id(self) -> str | None:
        """The provider's id of the call, to be named to its support."""
        head = self._data.get("head") or {}
        return head.get("request_id")

    @property
    def attempts(self) -> list[Attempt]:
        """The tries that failed before the one that answered, in order."""
        from ._errors import Attempt

        head = self._data.get("head") or {}
        return [Attempt.from_dict(attempt) for attempt in head.get("attempts", ())]

    def json(self) -> Any:
        """The text, read as JSON: for structured output. `ValueError` when it is none."""
        import json

        return json.loads(self.text)

    def to_input(self) -> list[Item]:
        """A copy of the items, for the next request's `input`. A response itself may stand there too."""
        items: list[Item] = self.to_dict()["items"]
        return items

    def _parts(self, kind: str) -> list[dict[str, Any]]:
        messages = (item for item in self.items if item.get("type") == "message")
        return [part for item in messages for part in item.get("content", []) if part.get("type") == kind]

    def _repr_html_(self) -> str:
        usage = self.usage
        rows = [("model", self.model), ("finish reason", self.finish_reason), ("request id", self.request_id)]
        if usage is not None:
            tokens = f"{usage.input_tokens} in ({usage.cached_tokens} cached), {usage.output_tokens} out"
            rows.append(("tokens", tokens))
        rows += [("tool call", f"{call.name}({call.input})") for call in self.tool_calls]
        text = self.text or self.refusal or ""
        return html_table("Response", rows) + f'<pre style="white-space: pre-wrap">{html_text(text)}</pre>'


def _usage(name: str, value: object) -> Usage:
    return Usage._read(name, value)


# A property of its own, so no annotation says what it may be.
Response._kinds["usage"] = _usage


def response_from_dict(data: Mapping[str, Any]) -> Response:
    """The answer of a JSON object, as `Response.to_dict()` gives it."""
    return Response.from_dict(data)


def response_of(data: dict[str, Any]) -> Response:
    """The same for a dict that nobody else has."""
    return Response._of(data)


def user(*content: str | Mapping[str, Any]) -> Item:
    """A message of a person: texts, and images made by `image()`."""
    parts = [_part(f"content[{place}]", part) for place, part in enumerate(content)]
    return {"type": "message", "role": "user", "content": parts}


def developer(text: str) -> Item:
    """A message of the application."""
    return {"type": "message", "role": "developer", "content": [_part("text", _check.text("text", text))]}


def assistant(text: str) -> Item:
    """A message of the model, for history that was made elsewhere."""
    part = {"type": "output_text", "text": _check.text("text", text), "annotations": []}
    return {"type": "message", "role": "assistant", "content": [part]}


def image(source: str | bytes, *, detail: str | None = None, media_type: str | None = None) -> dict[str, Any]:
    """An image for `user()`: an `https:` or `data:` address, or the bytes of a PNG, JPEG, GIF or WebP file.

    detail: `auto`, `low`, `high` or `original`.
    media_type: needed for bytes of another kind.
    """
    if media_type is not None:
        _check.text("media_type", media_type)
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = image_url(bytes(source), media_type)
    elif not isinstance(source, str):
        raise _check.wrong("source", "an address or the bytes of an image", source)
    elif not source.startswith(("https://", "http://", "data:")):
        raise ValueError("source must be an https: or data: address; for a file give its bytes")
    part: dict[str, Any] = {"type": "input_image", "image_url": source}
    if detail is not None:
        part["detail"] = _check.text("detail", detail)
    return part


def function_tool(
    name: str, description: str = "", parameters: Mapping[str, Any] | None = None, *, strict: bool = False
) -> dict[str, Any]:
    """A tool that takes JSON arguments after the JSON Schema `parameters`."""
    schema: Mapping[str, Any] = {"type": "object", "properties": {}}
    return {
        "type": "function",
        "name": _check.text("name", name),
        "description": _check.text("description", description),
        "parameters": dict(schema if parameters is None else _check.mapping("parameters", parameters)),
        "strict": _check.flag("strict", strict),
    }


def tool_result(call: ToolCall | Mapping[str, Any], output: str | Sequence[Mapping[str, Any]]) -> Item:
    """The item that answers a tool call: `call` is a `ToolCall` or the item of the call."""
    if isinstance(call, ToolCall):
        made = call
    else:
        try:
            item = _check.mapping("call", call)
        except TypeError:
            raise _check.wrong("call", "a ToolCall or the item of a tool call", call) from None
        found = _tool_call(item)
        if found is None:
            raise ValueError(f"call must be the item of a tool call, not one of type {item.get('type')!r}")
        made = found
    kind = "custom_tool_call_output" if made.kind == "custom" else "function_call_output"
    if isinstance(output, str):
        return {"type": kind, "call_id": made.call_id, "output": output}
    try:
        return {"type": kind, "call_id": made.call_id, "output": [dict(one) for one in _check.mappings("output", output)]}
    except TypeError as error:
        if str(error).startswith("output must"):
            raise _check.wrong("output", "a string (json.dumps makes one) or a list of content parts", output) from None
        raise


def input_items(value: object) -> object:
    """What may be given as `input`, with every `Response` in it replaced by its items."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Response):
        return value.items
    right = "a string, a Response, or a list of strings, messages as dicts, ToolCalls and Responses"
    try:
        found = _check.sequence("input", value)
    except TypeError:
        raise _check.wrong("input", right, value) from None
    items: list[object] = []
    for place, one in enumerate(found):
        if isinstance(one, Response):
            items.extend(one.items)
        elif isinstance(one, str):
            items.append(user(one))
        elif isinstance(one, ToolCall):
            items.append(one.to_item())
        elif isinstance(one, Record) or not hasattr(type(one), "keys"):
            raise _check.wrong(f"input[{place}]", "a string, a message as a dict, a ToolCall or a Response", one)
        else:
            items.append(_check.mapping(f"input[{place}]", one))
    return items


def _tool_call(item: Mapping[str, Any]) -> ToolCall | None:
    of = {"function_call": "arguments", "custom_tool_call": "input"}.get(item.get("type", ""))
    if of is None:
        return None
    for key in ("name", "call_id"):
        if not isinstance(item.get(key), str):
            raise ValueError(f"the item of a tool call has no {key!r}")
    kind: Literal["function", "custom"] = "function" if of == "arguments" else "custom"
    return ToolCall(name=item["name"], input=item.get(of, ""), call_id=item["call_id"], kind=kind)


def _part(name: str, part: str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "input_text", "text": part}
    if not hasattr(type(part), "keys"):
        raise _check.wrong(name, "a string or a part such as image(...)", part)
    return dict(_check.mapping(name, part))


def html_text(text: object) -> str:
    """Text for HTML."""
    out = str(text)
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        out = out.replace(char, name)
    return out


def html_table(title: str, rows: Sequence[tuple[str, object]]) -> str:
    """A table for Jupyter; rows without a value are left out."""
    lines = (f"<tr><th>{html_text(k)}</th><td>{html_text(v)}</td></tr>" for k, v in rows if v is not None)
    return f"<b>{html_text(title)}</b><table>{''.join(lines)}</table>"
