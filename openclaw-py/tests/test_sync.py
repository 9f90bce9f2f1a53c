"""The synchronous client: streams, answers, history, tools, images, settings."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import pytest
from conftest import message, script

import openclaw_core as oc
from openclaw_core.testing import Server


@pytest.fixture(params=[False, True], ids=["threaded", "inline"])
def client(server: Server, request: pytest.FixtureRequest) -> Iterator[oc.Client]:
    with server.client(inline=request.param) as client:
        yield client


def test_events_come_in_order_and_can_be_matched(client: oc.Client) -> None:
    kinds: list[str] = []
    text = ""
    with client.stream("Say hello", model="gpt-5.4") as stream:
        for event in stream:
            kinds.append(event.type)
            match event:
                case oc.TextDelta(piece, item_id=item):
                    assert item.startswith("msg_")
                    text += piece
                case oc.Completed(response):
                    assert response.text == text
    assert kinds[0] == "opened" and kinds[-1] == "completed" and "reasoning_summary_delta" in kinds
    assert text.endswith("Say hello")
    assert next(stream, "end") == "end", "the end stays"


def test_the_final_response_can_be_read_again_and_again(client: oc.Client) -> None:
    with client.stream("hi", model="gpt-5.4") as stream:
        first = stream.get_final_response()
    assert stream.get_final_response() is first
    assert first.finish_reason == "stop" and first.usage is not None and first.usage.total_tokens > 100
    assert stream.request_id == first.request_id is not None
    assert stream.turn_state == first.head["turn_state"]


def test_texts_and_batches(client: oc.Client) -> None:
    with client.stream("hi", model="gpt-5.4") as stream:
        text = "".join(stream.text_deltas())
    with client.stream("hi", model="gpt-5.4") as stream:
        batches = list(stream.batches(max=7))
    assert all(0 < len(batch) <= 7 for batch in batches)
    assert text == "".join(e.delta for batch in batches for e in batch if isinstance(e, oc.TextDelta))
    with client.stream("hi", model="gpt-5.4") as stream:
        stream.until_done()
        assert list(stream) == []
    for wrong, error in ((0, ValueError), (True, TypeError), ("a", TypeError)):
        with client.stream("hi", model="gpt-5.4") as stream, pytest.raises(error):
            next(stream.batches(wrong))  # type: ignore[arg-type]


def test_history_is_handed_back_as_it_came(client: oc.Client, server: Server) -> None:
    first = client.complete("One", model="gpt-5.4")
    client.complete([oc.user("One"), first, "Two"], model="gpt-5.4")
    client.complete([{"role": "user", "content": "One"}, *first.items, *first.to_input()[:0]], model="gpt-5.4")
    bodies = [request["body"] for request in server.requests]
    types = [item["type"] for item in bodies[1]["input"]]
    assert types == ["message", "reasoning", "message", "message"]
    assert bodies[2]["input"][:3] == bodies[1]["input"][:3]


def test_a_tool_is_called_and_answered(client: oc.Client, server: Server) -> None:
    server.set_scenario("tool_call")
    tool = oc.function_tool("get_time", "The time.", {"type": "object", "properties": {}})
    first = client.complete("What time is it?", model="gpt-5.4", tools=[tool])
    (call,) = first.tool_calls
    assert first.finish_reason == "tool_use" and call.name == "get_time" and isinstance(call.arguments(), dict)
    history = [oc.user("What time is it?"), first, call.result("noon")]
    assert client.complete(history, model="gpt-5.4", tools=[tool]).text
    assert oc.tool_result(first.items[-1], "noon") == call.result("noon")


def test_images_and_structured_output(client: oc.Client, server: Server) -> None:
    picture = oc.image(b"\x89PNG\r\n\x1a\n", detail="low")
    schema = {"type": "json_schema", "name": "n", "strict": True, "schema": {"type": "object"}}
    client.complete([oc.user("What is it?", picture)], model="gpt-5.4", text={"format": schema}, effort="high")
    body = server.requests[0]["body"]
    assert body["input"][0]["content"][1]["image_url"].startswith("data:image/png;base64,")
    assert body["text"]["format"] == schema and body["reasoning"]["effort"] == "high"
    with pytest.raises(ValueError, match="media_type"):
        oc.image(b"what is that")


def test_models_and_plan(client: oc.Client) -> None:
    models = client.models()
    assert models[0].id and isinstance(models[0].context_window, int)
    assert client.plan_usage().plan_type == "plus"


def test_settings_of_a_call(client: oc.Client, server: Server) -> None:
    client.complete("hi", model="gpt-5.4", extra_headers={"x-extra": "1"}, session_id="s-1", instructions="Be brief.")
    request = server.requests[0]
    assert dict(request["headers"])["x-extra"] == "1" and request["body"]["prompt_cache_key"] == "s-1"
    other = client.with_options(extra_headers={"x-extra": "2"}, timeout=5)
    other.complete("hi", model="gpt-5.4")
    assert dict(server.requests[1]["headers"])["x-extra"] == "2"


def test_a_call_without_a_model_asks_the_list(client: oc.Client) -> None:
    assert client.complete("hi").model.startswith("gpt-")


def test_time_limits(server: Server) -> None:
    server.set_scenario("stall")
    for inline in (False, True):
        with server.client(inline=inline) as client:
            begun = time.monotonic()
            with pytest.raises(oc.APITimeoutError) as caught, client.stream("x", model="m", timeout=0.3) as stream:
                list(stream)
            assert isinstance(caught.value, TimeoutError) and isinstance(caught.value, ConnectionError)
            assert time.monotonic() - begun < 5


def test_leaving_early_closes_the_connection(server: Server) -> None:
    server.set_scenario("stall")
    client = server.client()
    with client.stream("x", model="m") as stream:
        next(stream)
        assert server.open_connections == 1
    server.wait_for_connections(0)
    for event in client.stream("x", model="m"):
        if isinstance(event, oc.TextDelta):
            del event
            break
    gc.collect()
    server.wait_for_connections(0)


def test_nothing_is_sent_before_it_is_asked_for(client: oc.Client, server: Server) -> None:
    stream = client.stream("x", model="gpt-5.4")
    time.sleep(0.05)
    assert server.request_count == 0
    stream.close()
    with pytest.raises(oc.ClosedError):
        next(stream)
    assert server.request_count == 0


def test_close_from_another_thread_ends_a_wait(server: Server) -> None:
    server.set_scenario("stall")
    for inline in (False, True):
        client = server.client(inline=inline)
        stream = client.stream("x", model="m")
        threading.Timer(0.2, stream.close).start()
        with pytest.raises(oc.ClosedError):
            list(stream)
        assert stream.closed
        stream.close()
        server.wait_for_connections(0)


def test_one_reader_at_a_time(server: Server) -> None:
    server.set_scenario("stall")
    stream = server.client().stream("x", model="m")
    caught: list[BaseException] = []

    def read() -> None:
        try:
            list(stream)
        except BaseException as error:
            caught.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    server.wait_for_requests(1)
    time.sleep(0.2)
    with pytest.raises(RuntimeError, match="one reader"):
        next(stream)
    stream.close()
    reader.join(5)
    assert isinstance(caught[0], oc.ClosedError)


def test_other_threads_run_while_one_waits(server: Server) -> None:
    server.set_scenario("slow")
    count, done = 0, False

    def busy() -> None:
        nonlocal count
        while not done:
            count += 1

    thread = threading.Thread(target=busy)
    thread.start()
    server.client().complete("x", model="gpt-5.4")
    done = True
    thread.join()
    assert count > 10_000


def test_many_threads_share_a_client(server: Server) -> None:
    client = server.client()
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: texts.append(client.complete(f"no {n}", model="gpt-5.4").text))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(text.rsplit(" ", 1)[1] for text in texts) == sorted(str(n) for n in range(20))


def test_it_is_logged_where_it_is_read(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    exchanges = [{"scenario": "overloaded"}, {"scenario": "plain"}]
    server.set_script({"exchanges": exchanges})
    with caplog.at_level(logging.INFO, logger="openclaw_core"):
        server.client().complete("x", model="gpt-5.4", temperature=0.5)
        server.set_scenario("usage_limit")
        with pytest.raises(oc.UsageLimitError):
            server.client().complete("x", model="gpt-5.4")
    levels = [(record.levelname, record.message.split()[0]) for record in caplog.records]
    assert ("WARNING", "unsupported_setting") in levels, caplog.text
    assert ("INFO", "try") in levels and ("INFO", "call") in levels


def test_batches_tell_their_error_again(server: Server) -> None:
    server.set_scenario("truncated")
    batches = server.client().stream("x", model="gpt-5.4").batches()
    for _ in range(2):
        with pytest.raises(oc.StreamTruncatedError):
            list(batches)


def test_the_delay_before_a_repeat(client: oc.Client, server: Server) -> None:
    exchanges = [{"scenario": "overloaded"}, {"scenario": "plain"}]
    ways: list[tuple[int, Callable[[], Iterable[oc.Event]]]] = [
        (25, lambda: client.stream("x", model="m", retry_base_delay=0.025)),
        (35, lambda: client.with_options(retry_base_delay=0.035).stream("x", model="m")),
        (45, lambda: server.client(retry_base_delay=0.045).stream("x", model="m")),
    ]
    for delay, asks in ways:
        server.set_script({"exchanges": exchanges})
        (told,) = [event for event in asks() if isinstance(event, oc.Retrying)]
        assert 0.9 * delay - 1 <= told.delay_ms <= 1.1 * delay + 1


def test_other_threads_run_while_a_large_request_is_read(server: Server) -> None:
    """With this interval a thread of Python runs only when the one that runs lets the lock go by itself."""
    client = server.client()
    large = [oc.user("x" * 4_000_000) for _ in range(4)]
    go, ran = threading.Event(), []

    def other() -> None:
        go.wait()
        ran.append(True)

    interval = sys.getswitchinterval()
    for _ in range(5):
        thread = threading.Thread(target=other)
        thread.start()
        sys.setswitchinterval(1000)
        try:
            go.set()
            client.stream(large, model="m")
            at_once = bool(ran)
        finally:
            sys.setswitchinterval(interval)
        thread.join(10)
        if at_once:
            return
        go.clear()
        ran.clear()
    raise AssertionError("no other thread ran meanwhile")


def test_a_long_answer_is_whole(server: Server) -> None:
    server.set_script(script(message(5000)))
    client = server.client()
    texts = [piece.split() for piece in client.stream("x", model="m").text_deltas()]
    assert texts == [[str(n)] for n in range(5000)]


def test_a_platform_client(server: Server) -> None:
    with oc.Client(api_key="sk-x", base_url=server.platform_base_url) as client:
        assert client.provider == "openai"
        assert client.complete("x", model="gpt-5.4").provider == "openai"


def test_a_stream_tells_what_is_known_of_its_call(client: oc.Client, server: Server) -> None:
    stream = client.stream("hi", model="gpt-5.4")
    names = ("request_id", "turn_state", "status", "headers", "profile", "model", "attempts")
    assert [getattr(stream, name) for name in names] == [None] * 7
    next(stream)
    assert stream.status == 200 and stream.attempts == [] and stream.profile is None
    assert stream.headers is not None and stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["x-request-id"] == stream.request_id
    stream.headers.clear()
    stream.until_done()
    assert stream.model == stream.get_final_response().model == "gpt-5.4"
    assert stream.headers


def test_cookies_are_not_among_the_headers(server: Server) -> None:
    head = {"status": 200, "headers": {"set-cookie": "secret=1", "x-a": ["1", "2"]}}
    server.set_script({"exchanges": [{**head, "steps": message(1)}]})
    with server.client() as client, client.stream("hi", model="gpt-5.4") as stream:
        stream.until_done()
        assert stream.headers is not None
        assert stream.headers["x-a"] == "1, 2" and "set-cookie" not in stream.headers


def test_a_failed_stream_tells_too(client: oc.Client, server: Server) -> None:
    server.set_scenario("usage_limit")
    stream = client.stream("hi", model="gpt-5.4")
    with pytest.raises(oc.UsageLimitError) as caught:
        stream.until_done()
    assert stream.status == caught.value.status_code == 429 and stream.request_id == caught.value.request_id
    assert stream.headers is None and stream.attempts == []


def test_the_tries_of_a_stream(server: Server) -> None:
    failed = {"status": 503, "headers": {"retry-after": "0"}, "steps": [{"send": "{}"}]}
    server.set_script({"exchanges": [failed, {"status": 200, "steps": message(2)}]})
    with server.client(max_retries=2) as client, client.stream("hi", model="gpt-5.4") as stream:
        stream.until_done()
        assert stream.attempts is not None
        assert [attempt.kind for attempt in stream.attempts] == ["server_error"]
        assert stream.get_final_response().head["attempts"] == [attempt.to_dict() for attempt in stream.attempts]


def test_how_it_was_built() -> None:
    info = oc.build_info()
    assert info["version"] == oc.__version__ and info["openclaw_version"] == "2026.4.5" and "os" in info
