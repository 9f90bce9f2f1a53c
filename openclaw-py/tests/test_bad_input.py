"""Wrong types, closed clients, panics: a clear error of the right class, no crash."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

import openclaw_core as oc
from openclaw_core import _native
from openclaw_core.testing import Server, forged_token


def test_what_contains_itself(server: Server) -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="contains itself"):
        server.client().complete([{"role": "user", "content": loop}], model="m")


@pytest.mark.parametrize(
    ("settings", "error", "named"),
    [
        ({"token": ["sk-secret"]}, TypeError, "token must be a string, or a function that gives one, not list"),
        ({"api_key": " "}, oc.ConfigError, "api_key is empty"),
        ({"token": "a", "api_key": "sk-secret"}, oc.ConfigError, "both set"),
        ({"api_key": "sk-secret", "proxy": "not an address"}, oc.ConfigError, "proxy"),
        ({"api_key": "sk-secret", "ca_file": "/no/such/file"}, oc.OpenClawError, "/no/such/file"),
        ({"api_key": "sk-secret", "base_url": "http://example.com"}, oc.ConfigError, "http"),
        ({"api_key": "sk-secret", "timeout": object()}, TypeError, "timeout"),
        ({"api_key": "sk-secret", "nonsense": 1}, TypeError, "nonsense"),
        ({"profile_file": "/no/such/file"}, oc.OpenClawError, "no"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_is_shown(
    settings: dict[str, Any], error: type[Exception], named: str
) -> None:
    for cls in (oc.Client, oc.AsyncClient):
        with pytest.raises(error, match=named) as caught:
            cls(**settings)
        assert "sk-secret" not in str(caught.value) and "sk-secret" not in repr(caught.value)


def test_no_secret_is_shown(server: Server) -> None:
    token = forged_token("acct-secret")
    client = oc.Client(token=token, base_url=server.base_url)
    assert token not in repr(client) and token not in repr(client.login)
    client.close()
    assert repr(client) == "<Client closed>"
    with pytest.raises(TypeError, match="connections"):
        pickle.dumps(client)


def test_a_closed_client(server: Server) -> None:
    client = server.client()
    running = client.stream("x", model="gpt-5.4")
    next(running)
    client.close()
    client.close()
    assert client.closed
    for call in (client.models, client.plan_usage, lambda: client.complete("x"), lambda: client.stream("x")):
        with pytest.raises(oc.ClosedError) as caught:
            call()
        assert isinstance(caught.value, ValueError)
    assert list(running), "what runs goes on"
    other = server.async_client()
    asyncio.run(other.aclose())
    for coroutine in (other.models(), other.complete("x")):
        with pytest.raises(oc.ClosedError):
            asyncio.run(coroutine)


def test_a_closed_stream(server: Server) -> None:
    server.set_scenario("stall")
    client = server.client()
    stream = client.stream("x", model="gpt-5.4")
    next(stream)
    stream.close()
    for call in (lambda: next(stream), stream.get_final_response, lambda: next(stream.text_deltas()), stream.until_done):
        with pytest.raises(oc.ClosedError):
            call()
    with pytest.raises(oc.ClosedError), stream:
        pass


def test_a_closed_async_stream(server: Server) -> None:
    server.set_scenario("stall")

    async def main() -> None:
        stream = server.async_client().stream("x", model="gpt-5.4")
        await anext(stream)
        await stream.aclose()
        for step in (anext(stream), stream.get_final_response(), anext(stream.text_deltas()), anext(stream.batches())):
            with pytest.raises(oc.ClosedError):
                await step

    asyncio.run(main())


def test_one_loop_after_the_other_may_read_a_stream(server: Server) -> None:
    stream = server.async_client().stream("x", model="m")

    async def first() -> list[str]:
        return [(await anext(stream)).type for _ in range(3)]

    async def rest() -> list[str]:
        return [event.type async for event in stream]

    kinds = asyncio.run(first())
    kinds += asyncio.run(rest())
    with server.client() as client:
        assert kinds == [event.type for event in client.stream("x", model="m")]


def test_a_wait_that_was_left_in_a_closed_loop_does_not_stand_in_the_way(server: Server) -> None:
    server.set_scenario("stall")
    stream = server.async_client().stream("x", model="m")

    async def read() -> None:
        async for _ in stream:
            pass

    for _ in range(2):
        with pytest.raises(asyncio.TimeoutError):
            asyncio.run(asyncio.wait_for(read(), 0.3))
    stream.close()


def test_two_tasks_of_two_loops_cannot_read_one_stream(server: Server) -> None:
    import threading

    server.set_scenario("stall")
    stream = server.async_client().stream("x", model="m")
    caught: list[BaseException] = []

    async def read() -> None:
        try:
            async for _ in stream:
                pass
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=lambda: asyncio.run(read()))
    thread.start()
    server.wait_for_requests(1)
    import time

    time.sleep(0.3)
    asyncio.run(read())
    assert isinstance(caught[0], RuntimeError) and "one reader" in str(caught[0])
    stream.close()
    thread.join(5)
    assert isinstance(caught[1], oc.ClosedError)


def test_a_panic_is_an_exception(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(oc.PanicError, match="asked for by a test") as caught:
        _native.panic_for_tests(True)
    assert issubclass(oc.PanicError, Exception) and caught.value.code == "panic"
    native = _native.panic_for_tests(False)
    stream = oc.ResponseStream(native, {"model": "m", "input": "x"}, {})
    for _ in range(2):
        with pytest.raises(oc.PanicError, match="please report it"):
            list(stream)

    async def main() -> None:
        with pytest.raises(oc.PanicError):
            await oc.AsyncResponseStream(native, {"model": "m", "input": "x"}, {}).get_final_response()

    asyncio.run(main())
    capfd.readouterr()


def test_a_wrong_server() -> None:
    with pytest.raises(oc.ConfigError, match="plain"):
        Server("nothing of the kind")
    with pytest.raises(oc.ConfigError):
        Server(script={"exchanges": [{"stepps": []}]})
    with pytest.raises(TypeError, match=r"script.exchanges\[0\]"):
        Server(script={"exchanges": [object()]})


def test_a_closed_server() -> None:
    server = Server()
    server.close()
    server.close()
    arguments: dict[str, tuple[Any, ...]] = {"wait_for_requests": (0,), "wait_for_connections": (0,), "set_scenario": ("plain",)}
    arguments |= {"set_script": ({"exchanges": []},), "decide_sign_in": ("http://x/",), "decide_device": ("X-1",), "fail_sign_in": ("stall",)}
    names = {name for name in vars(Server) if not name.startswith("_")} - {"close"}
    assert set(arguments) < names
    for name in names:
        with pytest.raises(oc.ClosedError, match="server is closed"):
            getattr(server, name)(*arguments.get(name, ()))


def test_events_and_records_are_frozen(server: Server) -> None:
    with server.client() as client, client.stream("x", model="gpt-5.4") as stream:
        events = list(stream)
    for event in events:
        with pytest.raises(AttributeError):
            event.type = "other"  # type: ignore[misc, assignment]
        with pytest.raises(AttributeError):
            setattr(event, type(event).__match_args__[0], "other")
        assert pickle.loads(pickle.dumps(event)) == event
        assert oc.event_from_dict(event.to_dict()) == event
        assert event.to_dict()["type"] == event.type and type(event).__name__ in repr(event)
    assert oc.TextDelta("x") == oc.TextDelta(delta="x") != oc.TextDelta("y")
    assert hash(oc.TextDelta("x")) == hash(oc.TextDelta("x")) and oc.TextDelta("x") != oc.RefusalDelta("x")
    with pytest.raises(TypeError, match="nonsense"):
        oc.Created(id="a", nonsense=1)  # type: ignore[call-arg]


def test_a_record_that_is_made_by_hand_is_whole(server: Server) -> None:
    call = oc.ToolCall(name="n", input="{}", call_id="c")
    assert call.kind == "function" and call == oc.ToolCall(name="n", input="{}", call_id="c", kind="function")
    assert call == oc.ToolCall.from_dict({"name": "n", "input": "{}", "call_id": "c"})
    assert call.to_item()["type"] == "function_call" and call.result("x")["type"] == "function_call_output"
    made = oc.Response(id="a", provider="p", model="m", finish_reason="stop", items=[])
    assert made.head == {} and made.warnings == [] and made.usage is None and made.text == "" and made.tool_calls == []
    assert made == oc.response_from_dict(made.to_dict()) == pickle.loads(pickle.dumps(made))
    with pytest.raises(TypeError, match="take a copy"):
        made.head["x"] = 1
    assert oc.Completed(response=made).response is made
    assert oc.event_from_dict(oc.Completed(response=made).to_dict()) == oc.Completed(response=made)
    assert oc.PlanUsage().plan_type is None and oc.RateLimitsEvent().families is None
    with server.client() as client:
        client.complete(["x", call, call.result("y")], model="gpt-5.4")


def test_records_have_hashes() -> None:
    def made(text: str) -> oc.Response:
        return oc.Response(id="a", provider="p", model="m", finish_reason="stop", items=[{"type": "x", "content": [text]}])

    assert hash(made("1")) == hash(made("1")) and len({made("1"), made("1"), made("2")}) == 2
    both = {oc.Created(id="a", model="m"), oc.Created.from_dict({"model": "m", "id": "a"}), made("1")}
    assert len(both) == 2
    seen = made("1")
    before = hash(seen)
    _ = seen.items
    assert hash(seen) == before


def test_what_is_in_a_record_is_frozen_too(server: Server) -> None:
    import copy
    import json

    server.set_scenario("tool_call")
    with server.client() as client, client.stream("x", model="gpt-5.4") as stream:
        events = list(stream)
    done = next(event for event in events if isinstance(event, oc.OutputItemDone))
    response = stream.get_final_response()
    before = done.to_dict()
    for change in (
        lambda: done.item.update(type="other"),
        lambda: done.item.__setitem__("type", "other"),
        lambda: done.item.pop("type"),
        lambda: response.items.append({}),
        lambda: response.items[0].clear(),
        lambda: response.head.setdefault("x", 1),
        lambda: response.warnings.append({}),
    ):
        with pytest.raises(TypeError, match="take a copy"):
            change()
    with pytest.raises(TypeError):
        done.item |= {"type": "other"}  # type: ignore[misc]
    assert done.to_dict() == before and oc.event_from_dict(before) == done
    assert isinstance(done.item, dict) and isinstance(response.items, list)
    assert json.loads(json.dumps(done.item)) == done.item == before["item"]
    assert repr(done.item) == repr(before["item"])
    match done.item:
        case {"type": str()}:
            pass
        case _:
            raise AssertionError("a dict can be matched")
    for clone in (copy.deepcopy(done.item), copy.copy(done.item), pickle.loads(pickle.dumps(done.item))):
        clone["type"] = "other"
        assert type(clone) is dict and clone != done.item
    own = response.to_input()
    own[0]["type"] = "other"
    assert response.items[0]["type"] != "other"
    given: dict[str, Any] = {"id": "a", "model": "m", "of_a_later_version": {"nested": [1]}}
    made = oc.Created.from_dict(given)
    given["of_a_later_version"]["nested"].append(2)
    assert made.to_dict()["of_a_later_version"] == {"nested": [1]}
    assert pickle.loads(pickle.dumps(done)) == done == copy.deepcopy(done)
