"""Every public parameter with a wrong type or value: an error that names it, what came, and what would be right."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import openclaw_core as oc
from openclaw_core import _errors, _record, auth, config
from openclaw_core.testing import Server, forged_token

#: For each parameter: a value of a wrong type, what the error calls it, and what it says would be right.
TEXT = (5, "int", "string")
FLAG = ("yes", "str", "True or False")
COUNT = ("2", "str", "whole number")
NUMBER = ("hot", "str", "number")
SECONDS = ("1", "str", "seconds or a timedelta")
DICT = (5, "int", "dict")
PATH = (b"/x", "bytes", "path")
STRINGS = ({"x": 5}, "int", "string")
Wrong = tuple[Any, str, str]

CALL: dict[str, Wrong] = {
    "input": ({1}, "set", "a string, a Response, or a list"),
    "model": TEXT,
    "instructions": (b"x", "bytes", "string"),
    "tools": (3, "int", "list of dicts"),
    "tool_choice": (7, "int", "a string or a dict"),
    "parallel_tool_calls": FLAG,
    "effort": TEXT,
    "reasoning": ("low", "str", "dict"),
    "text": ("short", "str", "dict"),
    "service_tier": TEXT,
    "session_id": TEXT,
    "max_output_tokens": COUNT,
    "temperature": NUMBER,
    "top_p": NUMBER,
    "extra_body": ([1], "list", "dict"),
    "extra_headers": STRINGS,
    "timeout": SECONDS,
    "first_byte_timeout": SECONDS,
    "idle_timeout": SECONDS,
    "max_retries": COUNT,
    "retry_budget": SECONDS,
    "retry_base_delay": SECONDS,
    "strict": FLAG,
    "turn_state": TEXT,
}
SETTINGS: dict[str, Wrong] = {
    "provider": (5, "int", "a string, or an object with a method stream"),
    "token": (b"sk-secretsecret", "bytes", "a string, or a function"),
    "api_key": (["sk-secretsecret"], "list", "a string, or a function"),
    "base_url": TEXT,
    "profile": TEXT,
    "profile_file": PATH,
    "agent": TEXT,
    "application": TEXT,
    "allow_plain_http": FLAG,
    "proxy": TEXT,
    "ca_file": PATH,
    "timeout": SECONDS,
    "connect_timeout": SECONDS,
    "first_byte_timeout": SECONDS,
    "idle_timeout": SECONDS,
    "max_retries": COUNT,
    "retry_budget": SECONDS,
    "retry_base_delay": SECONDS,
    "inline": FLAG,
}
OPTIONS = {
    name: CALL[name]
    for name in (
        "timeout",
        "first_byte_timeout",
        "idle_timeout",
        "max_retries",
        "retry_budget",
        "retry_base_delay",
        "strict",
        "extra_headers",
    )
}
CLASSIFY: dict[str, Wrong] = {"status": COUNT, "headers": DICT, "body": (5, "int", "string or bytes"), "provider": TEXT, "url": TEXT}
DIAGNOSE: dict[str, Wrong] = {
    "probe": FLAG,
    "config": PATH,
    "agent": TEXT,
    "profile_file": PATH,
    "profile": TEXT,
    "model": TEXT,
    "timeout": SECONDS,
    "application": TEXT,
    "env": STRINGS,
}
CONFIG: dict[str, Wrong] = {"path": PATH, "env": STRINGS, "files": STRINGS}
STORE: dict[str, Wrong] = {"store": PATH, "agent": TEXT}
LOGIN_SERVER: dict[str, Wrong] = {**STORE, "application": TEXT, "proxy": TEXT, "ca_file": PATH}
FUNCTION: Wrong = (5, "int", "function")
SIGN_IN: dict[str, Wrong] = {
    **LOGIN_SERVER,
    "method": TEXT,
    "on_url": FUNCTION,
    "on_code": FUNCTION,
    "ask": FUNCTION,
    "on_progress": FUNCTION,
    "timeout": SECONDS,
    "provider": TEXT,
    "issuer": TEXT,
    "callback_ports": (1455, "int", "list of whole numbers"),
    "workspaces": ("w1", "str", "list of strings"),
    "login_hint": TEXT,
    "host_id": TEXT,
}
REFRESH: dict[str, Wrong] = {**LOGIN_SERVER, "profile": TEXT, "if_due": FLAG, "share_codex_login": FLAG}
LIMITS: dict[str, Wrong] = {
    "attempts": COUNT,
    "time": SECONDS,
    "first_event_timeout": SECONDS,
    "timeout": SECONDS,
    "max_retries": COUNT,
    "retry_budget": SECONDS,
    "inline": FLAG,
}
CHAIN: dict[str, Wrong] = {"models": (5, "int", "list of pairs"), **LIMITS}
FROM_CONFIG: dict[str, Wrong] = {"path": PATH, "agent": TEXT, "profile": TEXT, "application": TEXT, **LIMITS}
#: Each function with what it is called with, and its parameters.
FUNCTIONS: list[tuple[Callable[..., Any], dict[str, Any], dict[str, Wrong]]] = [
    (oc.classify, {}, CLASSIFY),
    (oc.diagnose, {}, DIAGNOSE),
    (oc.developer, {}, {"text": TEXT}),
    (oc.assistant, {}, {"text": (None, "None", "string")}),
    (oc.image, {"source": b"\x89PNG"}, {"source": (5, "int", "address or the bytes"), "detail": TEXT, "media_type": TEXT}),
    (
        oc.function_tool,
        {"name": "n"},
        {"name": TEXT, "description": TEXT, "parameters": ("{}", "str", "dict"), "strict": FLAG},
    ),
    (
        oc.tool_result,
        {"call": oc.ToolCall(name="n", input="", call_id="c"), "output": "x"},
        {"call": ("x", "str", "a ToolCall or the item"), "output": ({"a": 1}, "dict", "json.dumps")},
    ),
    (oc.event_from_dict, {}, {"data": ("x", "str", "dict")}),
    (oc.response_from_dict, {}, {"data": (None, "None", "dict")}),
    (oc.error_from_dict, {}, {"record": ([], "list", "dict")}),
    (
        Server,
        {},
        {"scenario": TEXT, "script": ([], "list", "dict"), "check_requests": FLAG, "record_to": PATH},
    ),
    (config.check, {"source": "{}"}, {**CONFIG, "source": (b"{}", "bytes", "text or the path")}),
    (config.validate, {"source": "{}"}, {**CONFIG, "source": ({}, "dict", "text or the path")}),
    (
        config.repair,
        {"source": "{}"},
        {**CONFIG, "source": (5, "int", "text or the path"), "dry_run": FLAG, "assume_version": TEXT},
    ),
    (config.explain, {}, {"path": TEXT}),
    (auth.logins, {}, STORE),
    (auth.profile, {"profile": "p"}, {**STORE, "profile": TEXT}),
    (auth.remove, {"profile": "p"}, {**STORE, "profile": TEXT}),
    (auth.repair, {"store": "/nowhere"}, {**STORE, "dry_run": FLAG}),
    (auth.clear_health, {"store": "/nowhere"}, {**STORE, "profile": TEXT, "provider": TEXT}),
    (
        auth.set_order,
        {"provider": "openai", "profiles": [], "store": "/nowhere"},
        {**STORE, "provider": TEXT, "profiles": ("p", "str", "list of strings")},
    ),
    (auth.refresh, {"profile": "p", "store": "/nowhere"}, REFRESH),
    (auth.refresh_async, {"profile": "p", "store": "/nowhere"}, REFRESH),
    (auth.sign_out, {"store": "/nowhere"}, {**LOGIN_SERVER, "profile": TEXT}),
    (auth.sign_out_async, {"store": "/nowhere"}, {**LOGIN_SERVER, "profile": TEXT}),
    (auth.sign_in, {"store": "/nowhere"}, SIGN_IN),
    (auth.sign_in_async, {"store": "/nowhere"}, SIGN_IN),
]


def parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self", "content"}


def test_no_parameter_is_left_out() -> None:
    for ask in (oc.Client.stream, oc.Client.complete, oc.AsyncClient.stream, oc.AsyncClient.complete):
        assert parameters(ask) == set(CALL)
    for cls in (oc.Client, oc.AsyncClient):
        assert parameters(cls) == set(SETTINGS) and parameters(cls.with_options) == set(OPTIONS)
        assert parameters(cls.chain) == set(CHAIN) and parameters(cls.from_config) == set(FROM_CONFIG)
    for function, _, table in FUNCTIONS:
        assert parameters(function) == set(table), function
    listed = {function for function, _, _ in FUNCTIONS}
    public = [getattr(module, name) for module in (oc, auth, config) for name in module.__all__]
    functions = {thing for thing in public if inspect.isfunction(thing)}
    others: set[Any] = {oc.user, oc.diagnose_async, config.schema, config.default_path}
    assert functions - listed == others
    assert parameters(oc.diagnose_async) == set(DIAGNOSE)


def refused(ask: Callable[..., Any], argument: str, wrong: Wrong, /, **others: Any) -> None:
    value, kind, right = wrong
    with pytest.raises(TypeError) as caught:
        ask(**{**others, argument: value})
    text = str(caught.value)
    assert text.startswith((argument, f"{argument}[")) and f"not {kind}" in text and right in text, text
    assert "sk-secret" not in text


@pytest.mark.parametrize("name", CALL)
def test_a_call(server: Server, name: str) -> None:
    with server.client() as client:
        refused(client.stream, name, CALL[name], model="m")
        refused(client.complete, name, CALL[name], model="m")
    later = server.async_client()
    refused(later.stream, name, CALL[name], model="m")
    refused(lambda **more: asyncio.run(later.complete(**more)), name, CALL[name], model="m")
    assert server.request_count == 0


@pytest.mark.parametrize("name", SETTINGS)
def test_a_client(name: str) -> None:
    for cls in (oc.Client, oc.AsyncClient):
        refused(cls, name, SETTINGS[name], token=forged_token("a"))


@pytest.mark.parametrize("name", CHAIN)
def test_a_chain(name: str) -> None:
    for cls in (oc.Client, oc.AsyncClient):
        refused(cls.chain, name, CHAIN[name], models=[])


@pytest.mark.parametrize("name", FROM_CONFIG)
def test_a_configured_client(name: str) -> None:
    for cls in (oc.Client, oc.AsyncClient):
        refused(cls.from_config, name, FROM_CONFIG[name])


@pytest.mark.parametrize("name", OPTIONS)
def test_options_are_judged_where_they_are_given(server: Server, name: str) -> None:
    refused(server.client().with_options, name, OPTIONS[name])
    refused(server.async_client().with_options, name, OPTIONS[name])


@pytest.mark.parametrize(
    ("function", "others", "name", "wrong"),
    [(function, others, name, wrong) for function, others, table in FUNCTIONS for name, wrong in table.items()],
    ids=lambda value: getattr(value, "__name__", None) or (value if isinstance(value, str) else ""),
)
def test_a_function(function: Callable[..., Any], others: dict[str, Any], name: str, wrong: Wrong) -> None:
    refused(function, name, wrong, **others)


@pytest.mark.parametrize("name", DIAGNOSE)
def test_an_awaited_diagnosis(name: str) -> None:
    refused(lambda **more: asyncio.run(oc.diagnose_async(**more)), name, DIAGNOSE[name])


@pytest.mark.parametrize(
    ("make", "error", "named"),
    [
        (lambda: oc.user(5), TypeError, r"content\[0\] must be a string or a part such as image\(...\), not int"),  # type: ignore[arg-type]
        (lambda: oc.user("a", b"x"), TypeError, r"content\[1\] .* not bytes"),  # type: ignore[arg-type]
        (lambda: oc.event_from_dict({}), ValueError, 'no "type"'),
        (lambda: oc.event_from_dict({"type": 5}), ValueError, 'no "type"'),
        (lambda: oc.event_from_dict({"type": "text_delta"}), ValueError, 'no "delta".*text_delta'),
        (lambda: oc.event_from_dict({"type": "text_delta", "delta": 5}), TypeError, r"data\['delta'\] must be a string, not int"),
        (lambda: oc.error_from_dict({"kind": 5}), TypeError, r"record\['kind'\] must be a string, not int"),
        (lambda: oc.tool_result({"type": "message"}, "y"), ValueError, "not one of type 'message'"),
        (lambda: oc.tool_result({"type": "function_call", "name": "n"}, "y"), ValueError, "call_id"),
        (lambda: oc.tool_result({"type": "function_call", "name": "n", "call_id": "c"}, [5]), TypeError, r"output\[0\] must be a dict, not int"),  # type: ignore[list-item]
        (lambda: oc.image("/home/me/picture.png"), ValueError, "give its bytes"),
        (lambda: oc.image(b""), ValueError, "no bytes"),
        (lambda: oc.image(b"RIFF0000WAVE"), ValueError, "media_type"),
        (lambda: oc.image(b"x", media_type="text/html"), ValueError, "text/html"),
        (lambda: oc.classify(status=70000), ValueError, "70000"),
        (lambda: oc.classify(status=True), TypeError, "not bool"),
        (lambda: oc.classify(headers={"x": 5}), TypeError, r"headers\['x'\] must be a string or a list of strings, not int"),
        (lambda: oc.classify(headers={"x": ["a", None]}), TypeError, r"headers\['x'\] must be a string, not None"),
        (lambda: oc.event_from_dict({"type": "completed"}), ValueError, "data has no 'id', which every Response has"),
        (lambda: oc.event_from_dict({"type": "created", "id": "a"}), ValueError, "data has no 'model', which every Created has"),
        (lambda: oc.response_from_dict({"id": "a", "provider": "p", "model": "m", "finish_reason": "stop"}), ValueError, "no 'items'"),
        (lambda: oc.Usage(), TypeError, "Usage needs input_tokens, .*; not given: input_tokens, cached_tokens"),  # type: ignore[call-arg]
        (lambda: oc.ToolCall(name="n", input=""), TypeError, "not given: call_id"),  # type: ignore[call-arg]
        (lambda: oc.Response(id="a", provider="p", model="m", finish_reason="stop"), TypeError, "not given: items"),  # type: ignore[call-arg]
        (lambda: oc.Completed(response=5), TypeError, "response must be a Response, not int"),  # type: ignore[arg-type]
        (lambda: oc.error_from_dict({"http_status": "429"}), TypeError, r"record\['http_status'\] must be a whole number, not str"),
        (lambda: oc.error_from_dict({"retry_after_ms": "x"}), TypeError, r"record\['retry_after_ms'\] must be a whole number, not str"),
        (lambda: oc.error_from_dict({"message": 5}), TypeError, r"record\['message'\] must be a string, not int"),
        (lambda: oc.error_from_dict({"attempts": 5}), TypeError, r"record\['attempts'\] must be a list of dicts, not int"),
        (lambda: oc.error_from_dict({"attempts": [5]}), TypeError, r"record\['attempts'\]\[0\] must be a dict, not int"),
        (lambda: oc.error_from_dict({"issues": [{}]}), ValueError, r"record\['issues'\]\[0\] has no 'stage'"),
        (lambda: oc.Created(id="a", nonsense=1), TypeError, "no field 'nonsense'; it has id, model"),  # type: ignore[call-arg]
        (lambda: forged_token(5), TypeError, "account"),  # type: ignore[arg-type]
        (lambda: config.check("{}", files={"a": "{}"}, env=[]), TypeError, "env must be a dict, not list"),  # type: ignore[arg-type]
        (lambda: config.check("a.json", path="b.json"), ValueError, "source is a path already"),
        (lambda: config.check(Path("a.json"), files={}), ValueError, "files"),
        (lambda: config.repair("{}", assume_version="2027.1.1"), oc.ConfigError, "2027.1.1"),
        (lambda: config.repair("/no/such/openclaw.json"), oc.StoreError, "/no/such/openclaw.json"),
        (lambda: oc.Client(token=""), oc.OpenClawError, "token"),
        (lambda: oc.Client.chain([]), oc.ConfigError, "no candidate"),
        (lambda: oc.Client.chain([("a/b",)]), TypeError, r"models\[0\] must be a pair such as .* not tuple"),  # type: ignore[list-item]
        (lambda: oc.Client.chain([("a/b", 5)]), TypeError, r"models\[0\]\[1\] must be a Client or an AsyncClient, not int"),  # type: ignore[list-item]
        (lambda: oc.Client.chain([(5, oc.Client(token="t"))]), TypeError, r"models\[0\]\[0\] must be a string, not int"),  # type: ignore[list-item]
        (lambda: oc.Client.chain([("gpt", oc.Client(api_key="k"))]), oc.BadRequestError, "provider/model"),
        (lambda: oc.Client.chain([("a/b", oc.Client(api_key="k"))] * 2), oc.ConfigError, "a/b twice"),
        (lambda: oc.AsyncClient.chain([("a/b", oc.Client(api_key="k"))], inline=True), oc.ConfigError, "inline"),
        (lambda: oc.Client.from_config("/no/such/openclaw.json"), oc.OpenClawError, "/no/such/openclaw.json"),
    ],
)
def test_a_value_that_is_wrong(make: Callable[[], Any], error: type[Exception], named: str) -> None:
    with pytest.raises(error, match=named):
        make()


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ({"input": [object()]}, TypeError, r"input\[0\] must be a string, a message as a dict, .* not object"),
        ({"input": ["x", b"y"]}, TypeError, r"input\[1\] .* not bytes"),
        ({"input": {"role": "user", "content": "x"}}, TypeError, "input must be .* a list .* not dict"),
        ({"input": [oc.PlanUsage()]}, TypeError, r"input\[0\] .* not PlanUsage"),
        ({"input": [{1: 2}]}, TypeError, r"input\[0\] has a key of type int"),
        ({"input": [{"role": "user", "content": b"x"}]}, TypeError, "decode bytes"),
        ({"tools": [5]}, TypeError, r"tools\[0\] must be a dict, not int"),
        ({"tools": {"type": "function"}}, TypeError, "tools must be a list of dicts, not dict"),
        ({"tools": [{"type": "function"}]}, oc.BadRequestError, r"tools\[0\]"),
        ({"reasoning": "low", "effort": "high"}, TypeError, "reasoning must be a dict, not str"),
        ({"reasoning": {"effort": "low"}, "effort": "high"}, oc.BadRequestError, "two efforts"),
        ({"effort": "a lot"}, oc.BadRequestError, "a lot"),
        ({"tool_choice": "perhaps"}, oc.BadRequestError, "perhaps"),
        ({"tool_choice": {1: 2}}, TypeError, "tool_choice has a key of type int"),
        ({"max_output_tokens": -1}, ValueError, "max_output_tokens must be a whole number from 0"),
        ({"max_output_tokens": 2**70}, ValueError, "max_output_tokens"),
        ({"max_retries": True}, TypeError, "not bool"),
        ({"temperature": float("nan")}, ValueError, "temperature must be finite"),
        ({"timeout": -1}, ValueError, "timeout must be at least 0"),
        ({"timeout": float("inf")}, ValueError, "finite"),
        ({"extra_headers": {1: "x"}}, TypeError, "extra_headers has a key of type int"),
        ({"modle": "m"}, TypeError, r"Client\.\w+\(\) got an unexpected keyword argument 'modle'"),
    ],
)
def test_a_value_of_a_call_that_is_wrong(
    server: Server, arguments: dict[str, Any], error: type[Exception], named: str
) -> None:
    arguments = {"input": "x", "model": "gpt-5.4", **arguments}
    with server.client() as client:
        for ask in (client.complete, client.stream):
            with pytest.raises(error, match=named):
                ask(**arguments)
    with pytest.raises(error, match=named):
        asyncio.run(server.async_client().complete(**arguments))
    assert server.request_count == 0


def fields_of_the_library(ask: Callable[[], Any]) -> set[str]:
    """The fields that the library says it has when it is given one that it has not."""
    with pytest.raises(oc.OpenClawError, match="has no field \"nonsense\"; it has ") as caught:
        ask()
    return set(caught.value.message.split("; it has ")[1].split(";")[0].split(", "))


def test_python_has_every_field_of_the_library() -> None:
    from openclaw_core import _call, _client, _native

    def named(kinds: dict[str, Any]) -> set[str]:
        return {_call._NAMES.get(name, name) for name in kinds}

    client = _native.NativeClient({"api_key": "sk-x"})
    nonsense = {"nonsense": 1}
    assert fields_of_the_library(lambda: _native.NativeClient(nonsense)) == named(_client._SETTINGS)
    assert fields_of_the_library(lambda: _native.Stream(client, nonsense, {})) == named(_call._REQUEST) | {"input"}
    assert fields_of_the_library(lambda: _native.Stream(client, {}, nonsense)) == named(_call._OPTIONS)


def test_a_time_that_is_not_0_does_not_become_0(server: Server) -> None:
    server.set_scenario("stall")
    with server.client(timeout=0.0004) as client, pytest.raises(oc.APITimeoutError) as caught:
        client.complete("x", model="m")
    with server.client(timeout=0.001) as client, pytest.raises(oc.APITimeoutError) as same:
        client.complete("x", model="m")
    assert caught.value.message == same.value.message


#: By the first word of a field's annotation: a good value, and wrong ones with what would be right.
KINDS: dict[str, tuple[Any, list[Wrong]]] = {
    "str": ("x", [TEXT, (b"x", "bytes", "string")]),
    "Literal": ("x", [TEXT]),
    "int": (1, [COUNT, (True, "bool", "whole number"), (1.5, "float", "whole number")]),
    "bool": (True, [FLAG, (1, "int", "True or False")]),
    "dict": ({"a": "b"}, [DICT]),
    "Item": ({"a": "b"}, [DICT]),
    "Any": ({"type": "x"}, []),
    "list[str": (["x"], [("x", "str", "list of strings"), ([5], "int", "string")]),
    "list": ([{"a": "b"}], [(5, "int", "list of dicts"), ([5], "int", "dict"), ({"a": "b"}, "dict", "list of dicts")]),
}
#: Those that are made of another record have tests of their own.
RECORDS: set[type[Any]] = {
    thing
    for module in (oc, auth, config)
    for thing in vars(module).values()
    if isinstance(thing, type) and issubclass(thing, _record.Record) and thing not in (_record.Record, oc.Completed)
}


@pytest.mark.parametrize("cls", sorted(RECORDS, key=str))
def test_a_field_of_a_record(cls: Any) -> None:
    words = {name: cls.__annotations__.get(name, "Any").split("]")[0].split(" ")[0] for name in cls.__match_args__}
    kinds = {name: KINDS.get(word) or KINDS[word.split("[")[0]] for name, word in words.items() if name != "usage"}
    whole = {name: good for name, (good, _) in kinds.items()}
    assert cls(**whole) == cls.from_dict(whole)
    for name, (_, wrongs) in kinds.items():
        for value, kind, right in wrongs:
            refused(cls, name, (value, kind, right), **whole)
            with pytest.raises(TypeError) as caught:
                cls.from_dict({**whole, name: value})
            assert str(caught.value).startswith(f"data['{name}']") and right in str(caught.value)
    with pytest.raises(TypeError, match="data must be a dict, not int"):
        cls.from_dict(5)


def test_the_usage_of_a_response() -> None:
    usage = oc.Usage(
        input_tokens=1, cached_tokens=0, cache_write_tokens=0, output_tokens=2, reasoning_tokens=0, total_tokens=3
    )
    made = oc.Response(id="a", provider="p", model="m", finish_reason="stop", items=[], usage=usage)
    assert made.usage == usage and oc.response_from_dict(made.to_dict()) == made
    for wrong in (5, {"input_tokens": "1"}):
        with pytest.raises((TypeError, ValueError), match="usage"):
            oc.Response(id="a", provider="p", model="m", finish_reason="stop", items=[], usage=wrong)  # type: ignore[arg-type]


ERROR: dict[str, Wrong] = {
    **{name: TEXT for name in _errors._FIELDS},
    "http_status": COUNT,
    "edge": DICT,
    "retry_after_ms": COUNT,
    "resets_at": COUNT,
    "usable_at": COUNT,
    "attempts": (5, "int", "list of dicts"),
    "issues": ([5], "int", "dict"),
}


def test_an_error_that_is_made_by_hand() -> None:
    assert set(ERROR) == set(_errors._RECORD)
    for cls in {*_errors.CLASSES.values(), oc.ClosedError, oc.PanicError}:
        for name, wrong in ERROR.items():
            refused(cls, name, wrong)
    with pytest.raises(TypeError, match="RateLimitError has no field 'retry_after'; it has kind, .*retry_after_ms"):
        oc.RateLimitError("slow down", retry_after=2)
    with pytest.raises(ValueError, match="http_status must be a whole number from 0"):
        oc.RateLimitError("slow down", http_status=-1)
    made = oc.RateLimitError("slow down", kind=None, retry_after_ms=1500)
    assert (made.kind, made.retry_after, made.message) == ("rate_limited", 1.5, "slow down")


@pytest.mark.parametrize("cls", [oc.TextDelta, oc.RefusalDelta, oc.ReasoningDelta, oc.ReasoningSummaryDelta, oc.ToolInputDelta])
def test_a_piece(cls: Any) -> None:
    for name, wrong in {"delta": TEXT, "item_id": TEXT, "output_index": COUNT, "part_index": (True, "bool", "whole number")}.items():
        refused(cls, name, wrong, **({} if name == "delta" else {"delta": "x"}))
    with pytest.raises(ValueError, match="output_index must be a whole number from 0 to 4294967295, not -1"):
        cls("x", output_index=-1)
    assert cls("x") == cls("x", "", 0, 0) == cls(delta="x", item_id="", output_index=0, part_index=0)


def test_no_method_is_left_out() -> None:
    with_parameters = set()
    for module in (oc, auth, config, __import__("openclaw_core.testing", fromlist=[""])):
        for cls in filter(inspect.isclass, map(vars(module).get, module.__all__)):
            for name, method in inspect.getmembers(cls, callable):
                ours = str(getattr(method, "__module__", "")).startswith("openclaw_core")
                if ours and not name.startswith("_") and parameters(method) - {"cls"}:
                    with_parameters.add(name)
    assert with_parameters == {
        *("stream", "complete", "with_options", "chain", "from_config", "batches", "from_dict", "result"),
        *("client", "async_client", "set_scenario", "set_script", "decide_sign_in", "decide_device", "fail_sign_in"),
        *("wait_for_requests", "wait_for_connections"),
    }
    refused(oc.ToolCall(name="n", input="", call_id="c").result, "output", (5, "int", "json.dumps"))


def test_servers_and_batches(server: Server) -> None:
    for call in (server.wait_for_requests, server.wait_for_connections):
        refused(call, "count", COUNT)
    refused(server.set_scenario, "scenario", TEXT)
    refused(server.set_script, "script", DICT)
    refused(server.decide_sign_in, "url", TEXT)
    refused(server.decide_sign_in, "allow", FLAG, url="x")
    refused(server.decide_device, "code", TEXT)
    refused(server.decide_device, "allow", FLAG, code="x")
    refused(server.fail_sign_in, "fault", TEXT)
    refused(server.fail_sign_in, "times", COUNT, fault="stall")
    for stream in (server.client().stream("x", model="m"), server.async_client().stream("x", model="m")):
        refused(stream.batches, "max", COUNT)
        with pytest.raises(ValueError, match="max must be at least 1, not 0"):
            stream.batches(0)


def test_what_behaves_like_a_list_or_a_dict_will_do(server: Server) -> None:
    from collections import ChainMap, UserDict, deque
    from types import MappingProxyType

    message = MappingProxyType({"role": "user", "content": "Hi"})
    with server.client(ca_file=None, timeout=__import__("datetime").timedelta(seconds=5)) as client:
        client.complete(deque([message, ChainMap({"role": "user", "content": "you"})]), model="m", text=UserDict())
    assert len(server.requests[0]["body"]["input"]) == 2
