"""A provider and a token source that the program supplies."""

from __future__ import annotations

import asyncio
import datetime
import gc
import logging
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest
from conftest import python

import openclaw_core as oc
from openclaw_core import _native
from openclaw_core.testing import Server, forged_token

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class Provider:
    """Gives these pieces; an exception among them is raised."""

    id = "mine"

    def __init__(self, *pieces: Any) -> None:
        self.pieces = pieces
        self.seen: list[Any] = []
        self.closed = threading.Event()

    def stream(self, request: dict[str, Any], options: dict[str, Any]) -> Iterator[Any]:
        self.seen.append((request, options, threading.current_thread()))
        try:
            for piece in self.pieces:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            self.closed.set()


class AsyncProvider(Provider):
    async def stream(self, request: dict[str, Any], options: dict[str, Any]) -> AsyncIterator[Any]:  # type: ignore[override]
        self.seen.append((request, options, asyncio.get_running_loop()))
        try:
            for piece in self.pieces:
                await asyncio.sleep(0)
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            self.closed.set()


BOTH = pytest.mark.parametrize("kind", [Provider, AsyncProvider])
CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}


@BOTH
def test_texts_are_an_answer(kind: type[Provider], run: Run) -> None:
    provider = kind("Hel", "lo", oc.ToolCall(name="f", input="{}", call_id="c").to_item())
    with oc.Client(provider=provider) as client:
        assert client.provider == "mine" and client.login.source == "host"
        with client.stream("hi", model="m", max_retries=7, extra_headers={"x-a": "b"}) as stream:
            types = [event.type for event in stream]
            answer = stream.get_final_response()
    wanted = ["opened", "created", "output_item_added", "text_delta", "text_delta", "output_item_done"]
    assert types == [*wanted, "output_item_added", "tool_input_delta", "output_item_done", "completed"]
    assert (answer.text, answer.finish_reason, answer.provider, answer.model) == ("Hello", "tool_use", "mine", "m")
    request, options, _ = provider.seen[0]
    assert request["model"] == "m" and request["input"][0]["content"][0]["text"] == "hi"
    assert options["max_retries"] == 7 and options["headers"] == {"x-a": "b"}

    async def main() -> None:
        async with oc.AsyncClient(provider=provider) as client:
            assert (await client.complete("hi")).text == "Hello"
            if kind is AsyncProvider:
                assert provider.seen[-1][2] is asyncio.get_running_loop()
            else:
                assert provider.seen[-1][2] is not threading.current_thread()

    run(main())
    assert provider.seen[-1][0]["model"] == "", "no model is invented"


@BOTH
def test_our_own_events_are_an_answer_and_keep_the_contract(kind: type[Provider], server: Server) -> None:
    with server.client() as client, client.stream("hi", model="gpt-5.4") as stream:
        real = list(stream)
    again = kind(*real)
    with oc.Client(provider=again) as client, client.stream("hi", model="m") as stream:
        mine = list(stream)
    assert [event.type for event in mine] == [event.type for event in real]
    first, second = real[-1], mine[-1]
    assert isinstance(first, oc.Completed) and isinstance(second, oc.Completed)
    assert (first.response.text, first.response.usage) == (second.response.text, second.response.usage)
    ending = {"type": "completed", "finish_reason": "length", "usage": {"input_tokens": 3, "output_tokens": 4}}
    with oc.Client(provider=kind(oc.TextDelta("a"), {"type": "text_delta", "delta": "b"}, ending)) as client:
        answer = client.complete("hi")
    assert (answer.text, answer.finish_reason, answer.usage and answer.usage.total_tokens) == ("ab", "length", 7)


@BOTH
def test_what_is_raised_is_the_cause(kind: type[Provider]) -> None:
    boom = ValueError("boom with sk-proj-abcdefghijklmnopqrstuvwxyz")
    with oc.Client(provider=kind(boom)) as client:
        with pytest.raises(oc.UnknownError, match="the provider 'mine' raised ValueError: boom") as caught:
            client.complete("hi")
    assert caught.value.__cause__ is boom and caught.value.code == "raised" and "abcdefg" not in str(caught.value)
    busy = oc.OverloadedError("busy", retry_after_ms=2000)
    with oc.Client(provider=kind(busy)) as client:
        with pytest.raises(oc.OverloadedError) as ours:
            client.complete("hi")
    assert (ours.value.message, ours.value.retry_after, ours.value.advice) == ("busy", 2, "retry")
    assert ours.value.__cause__ is busy
    for raised, expected in ((TimeoutError(), oc.APITimeoutError), (ConnectionResetError("x"), oc.APIConnectionError)):
        with oc.Client(provider=kind("a", raised)) as client, client.stream("hi") as stream:
            with pytest.raises(expected) as late:
                list(stream)
        assert late.value.stage == "streaming" and late.value.__cause__ is raised


@BOTH
@pytest.mark.parametrize(
    ("pieces", "named"),
    [
        ((), "without having given anything"),
        ((5,), "a number"),
        ((b"x",), "of type bytes"),
        (({"delta": "x"},), 'without "type"'),
        (({"type": "text_dleta"},), "text_dleta"),
        ((oc.TextDelta("x", "i", 3, 0),), "output item 3, which was never added"),
        (("a", oc.Retrying(attempt=1, kind="overloaded", delay_ms=1)), "after output"),
        ((oc.OutputItemAdded(item=CALL, output_index=0),), "without `completed`"),
    ],
)
def test_what_breaks_the_contract_is_told(kind: type[Provider], pieces: tuple[Any, ...], named: str) -> None:
    provider = kind(*pieces)
    with oc.Client(provider=provider) as client:
        with pytest.raises(oc.APIStatusError) as caught:
            client.complete("hi")
    assert named in caught.value.message and caught.value.kind in ("server_error", "stream_truncated")
    assert provider.closed.wait(5)


@BOTH
def test_what_comes_after_the_end_is_left_out_and_told(kind: type[Provider], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="openclaw_core")
    provider = kind("a", {"type": "completed"}, "more")
    with oc.Client(provider=provider) as client:
        assert client.complete("hi").text == "a"
    assert provider.closed.wait(5)
    told = [record.getMessage() for record in caplog.records]
    assert told == ["the provider 'mine' gave an event after its end; it is left out"]


@BOTH
@pytest.mark.parametrize(
    "pieces",
    [
        ("Hel", "lo"),
        (oc.ReasoningSummaryDelta("hm"), "a", CALL),
        ("a", {"type": "completed"}, "more"),
        (CALL, ValueError("boom")),
        ({"type": "completed", "items": [oc.assistant("a")]},),
        (),
        (oc.TextDelta("x", "i", 3, 0),),
        (oc.OutputItemAdded(item=CALL, output_index=0), oc.OutputItemAdded(item=CALL, output_index=0)),
    ],
)
def test_the_conformance_check(kind: type[Provider], pieces: tuple[Any, ...]) -> None:
    with oc.Client(provider=kind(*pieces)) as client:
        assert _native.contract_for_tests(client._native) is None


class Raises:
    id = "raises"

    def stream(self, request: dict[str, Any], options: dict[str, Any]) -> Any:
        raise ValueError("at once")


def test_in_a_chain_each_costs_its_attempt_only(run: Run) -> None:
    broken: list[Any] = [Raises(), Provider(ValueError("boom")), AsyncProvider(KeyError("x")), Provider(), AsyncProvider(5)]
    clients = [oc.Client(provider=provider, first_byte_timeout=0.05) for provider in broken]
    chain = _native.chain_for_tests([client._native for client in clients])
    with oc.ResponseStream(chain, {"input": "hi"}, {}) as stream:
        answer = stream.get_final_response()
    assert (answer.text, answer.provider) == ("Hello", "last")
    hangs = oc.Client(provider=AsyncHangs())
    chain = _native.chain_for_tests([hangs._native])

    async def late() -> None:
        asked = oc.AsyncResponseStream(chain, {"input": "hi"}, {"first_byte_timeout_ms": 50})
        assert (await asked.get_final_response()).provider == "last"

    run(late())
    loop: list[Any] = []
    own = AsyncProvider("a")
    chain = _native.chain_for_tests([oc.Client(provider=own)._native])

    async def through() -> None:
        loop.append(asyncio.get_running_loop())
        await oc.AsyncResponseStream(chain, {"input": "hi"}, {}).get_final_response()

    run(through())
    assert own.seen[0][2] is loop[0], "the loop of the one who asks, through the chain too"


class Hangs(Provider):
    def stream(self, request: dict[str, Any], options: dict[str, Any]) -> Iterator[Any]:
        yield from self.pieces
        time.sleep(1000)


class AsyncHangs(AsyncProvider):
    async def stream(self, request: dict[str, Any], options: dict[str, Any]) -> AsyncIterator[Any]:  # type: ignore[override]
        try:
            for piece in self.pieces:
                yield piece
            await asyncio.sleep(1000)
        finally:
            self.closed.set()


@pytest.mark.parametrize("kind", [Hangs, AsyncHangs])
def test_one_that_hangs_runs_into_the_limits_and_holds_up_nobody(kind: type[Provider]) -> None:
    with oc.Client(provider=kind(), first_byte_timeout=0.05) as client:
        for _ in range(3):
            with pytest.raises(oc.APITimeoutError, match="first_byte"):
                client.complete("hi")
    with oc.Client(provider=kind("a")) as client, client.stream("hi", idle_timeout=0.05) as stream:
        with pytest.raises(oc.APITimeoutError, match="idle"):
            list(stream)
    with oc.Client(provider=kind()) as client, pytest.raises(oc.APITimeoutError, match="total"):
        client.complete("hi", timeout=0.05)
    with oc.Client(provider=Provider("fine")) as client:
        assert client.complete("hi").text == "fine"


def test_the_limit_of_a_call_holds_for_the_list_of_models_too() -> None:
    class Silent(Provider):
        asked = 0

        def models(self) -> list[str]:
            self.asked += 1
            if self.asked == 1:
                time.sleep(1000)
            return ["one", "two"]

    provider = Silent("a")
    with oc.Client(provider=provider) as client:
        with pytest.raises(oc.APITimeoutError, match="total"):
            client.complete("hi", timeout=0.05)
        assert [client.complete("hi").model for _ in range(3)] == ["one", "one", "one"]
    assert provider.asked == 2


def test_a_stream_that_is_closed_closes_the_generator(run: Run) -> None:
    endless = Provider(*["word "] * 100_000)
    with oc.Client(provider=endless) as client, client.stream("hi") as stream:
        next(stream.text_deltas())
    assert endless.closed.wait(5)

    async def main() -> None:
        for provider in (AsyncHangs("a"), AsyncProvider(*["word "] * 100_000)):
            async with oc.AsyncClient(provider=provider) as client:
                async with client.stream("hi") as stream:
                    await anext(stream.text_deltas())
            assert await asyncio.to_thread(provider.closed.wait, 5)
            waits = asyncio.ensure_future(oc.AsyncClient(provider=AsyncHangs()).complete("hi"))
            await asyncio.sleep(0.05)
            waits.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waits

    run(main())


@BOTH
def test_no_more_than_some_events_are_made_ahead(kind: type[Provider]) -> None:
    class Counted(kind):  # type: ignore[valid-type, misc]
        made = 0

        @property
        def pieces(self) -> Iterator[str]:
            for n in range(10_000):
                self.made = n
                yield f"{n} "

        @pieces.setter
        def pieces(self, _: object) -> None: ...

    provider = Counted()
    with oc.Client(provider=provider) as client, client.stream("hi") as stream:
        words = stream.text_deltas()
        next(words)
        time.sleep(0.3)
        assert provider.made < 600
        assert sum(1 for _ in words) == 9999


def test_models_and_capabilities(run: Run) -> None:
    class Listed(Provider):
        def models(self) -> list[Any]:
            return ["one", {"id": "two", "hidden": True}]

        def capabilities(self) -> dict[str, Any]:
            return {"tools": False, "context_window": 1000}

    class Later(Listed):
        async def models(self) -> list[Any]:  # type: ignore[override]
            return [oc.ModelInfo(id="one")]

    provider = Listed("x")
    with oc.Client(provider=provider) as client:
        assert [model.id for model in client.models()] == ["one", "two"]
        client.complete("hi")
    assert provider.seen[0][0]["model"] == "one"

    async def main() -> None:
        assert [model.id for model in await oc.AsyncClient(provider=Later("x")).models()] == ["one"]

    run(main())
    with oc.Client(provider=Provider("x")) as client, pytest.raises(oc.ConfigError, match="no model list"):
        client.models()
    provider.capabilities = lambda: {"tolls": 1}  # type: ignore
    with pytest.raises(oc.ConfigError, match="tolls"):
        oc.Client(provider=provider)
    provider = Listed("x")
    provider.models = lambda: 5  # type: ignore
    with oc.Client(provider=provider) as client, pytest.raises(oc.InternalServerError, match="list of models, but int"):
        client.models()


def test_what_is_no_provider_is_refused_at_once() -> None:
    nameless, narrow = Provider("x"), Provider("x")
    nameless.id = None  # type: ignore[assignment]
    with pytest.raises(TypeError, match="provider.id must be a string, not None"):
        oc.Client(provider=nameless)
    narrow.stream = lambda request: ["x"]  # type: ignore
    with pytest.raises(TypeError, match="provider.stream must take two arguments"):
        oc.Client(provider=narrow)
    with pytest.raises(TypeError, match="method stream"):
        oc.Client(provider=Provider)  # type: ignore[arg-type]
    with pytest.raises(oc.ConfigError, match="base_url does not go with a provider of your own"):
        oc.Client(provider=Provider("x"), base_url="http://127.0.0.1:1")
    with pytest.raises(oc.ConfigError, match="leave one out"):
        oc.Client(provider=Provider("x"), token=lambda: "x")
    narrow.stream = lambda request, options: 5  # type: ignore
    with oc.Client(provider=narrow) as client, pytest.raises(oc.InternalServerError, match="not int"):
        client.complete("hi")
    narrow.stream = lambda request, options: ["plain ", "list"]  # type: ignore
    with oc.Client(provider=narrow, inline=True) as client:
        assert client.complete("hi").text == "plain list"


def test_a_token_comes_from_a_function(server: Server, run: Run) -> None:
    asked: list[Any] = []

    def give() -> str:
        asked.append(threading.current_thread())
        return forged_token("acct-1")

    with server.client(token=give) as client:
        assert client.login.source == "host"
        for _ in range(3):
            client.complete("hi", model="gpt-5.4")
    assert len(asked) == 1

    async def later() -> dict[str, Any]:
        asked.append(asyncio.get_running_loop())
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
        return {"token": forged_token("acct-1"), "expires_at": soon}

    async def main() -> None:
        async with server.async_client(token=later) as client:
            await client.complete("hi", model="gpt-5.4")
            await client.complete("hi", model="gpt-5.4")
            assert asked[1:] == [asyncio.get_running_loop()] * 2, "one that ends soon is not kept"

    run(main())
    with server.client(token=later) as client:
        client.complete("hi", model="gpt-5.4")
    with oc.Client(api_key=lambda: "sk-test", base_url=server.platform_base_url) as client:
        assert client.complete("hi", model="gpt-5.4").text


def test_a_refused_token_is_told_and_replaced_once(server: Server) -> None:
    told: list[str | None] = []

    def give(*, rejected: str | None = None) -> dict[str, Any]:
        told.append(rejected)
        return {"token": "stale-token" if rejected is None else forged_token("acct-1"), "account_id": "acct-1"}

    with server.client(token=give) as client:
        client.complete("hi", model="gpt-5.4")
        client.complete("hi", model="gpt-5.4")
    assert told == [None, "stale-token"]

    def stubborn() -> dict[str, Any]:
        return {"token": "stale-token", "account_id": "acct-1"}

    with server.client(token=stubborn, max_retries=0) as client, pytest.raises(oc.AuthenticationError):
        client.complete("hi", model="gpt-5.4")


@pytest.mark.parametrize(
    ("given", "error", "named"),
    [
        (None, oc.UnknownError, "not None"),
        (b"sk-secretsecret", oc.UnknownError, "not bytes"),
        ("", oc.ConfigError, "empty"),
        ("a b", oc.ConfigError, "space"),
        ({"access_token": "sk-secretsecret"}, oc.ConfigError, '"token"'),
        ({"token": "sk-secretsecret", "expires": 5}, oc.ConfigError, "expires"),
        ({"token": "sk-secretsecret", "expires_at": "soon"}, oc.ConfigError, "Unix seconds"),
    ],
)
def test_what_is_no_token_is_told_without_showing_it(server: Server, given: Any, error: Any, named: str) -> None:
    with server.client(token=lambda: given) as client, pytest.raises(error) as caught:
        client.complete("hi", model="gpt-5.4")
    assert named in str(caught.value) and "secretsecret" not in str(caught.value)
    assert server.request_count == 0


def test_what_a_token_source_raises_comes_out_of_the_call(server: Server) -> None:
    def shut() -> str:
        raise RuntimeError("the vault is shut")

    with server.client(token=shut) as client, pytest.raises(oc.UnknownError, match="vault is shut") as caught:
        client.complete("hi", model="gpt-5.4")
    assert isinstance(caught.value.__cause__, RuntimeError) and caught.value.stage == "not_sent"

    def ended() -> str:
        raise oc.AuthExpiredError("sign in to the vault", advice="sign_in")

    with server.client(token=ended) as client, pytest.raises(oc.AuthExpiredError, match="sign in to the vault"):
        client.complete("hi", model="gpt-5.4")
    with server.client(token=lambda: time.sleep(1000), first_byte_timeout=0.05, max_retries=0) as client:
        with pytest.raises(oc.APITimeoutError, match="the token source gave no token"):
            client.complete("hi", model="gpt-5.4")


def test_a_provider_that_holds_its_client_is_collected() -> None:
    class Holds(Provider):
        client: Any = None

    provider = Holds("x")
    provider.client = oc.Client(provider=provider)
    assert provider.client.complete("hi").text == "x"
    gone = weakref.ref(provider)
    stream = provider.client.stream("hi")
    del provider
    gc.collect()
    assert gone() is not None, "a stream still needs it"
    assert stream.get_final_response().text == "x"
    del stream
    for _ in range(100):
        gc.collect()
        if gone() is None:
            break
        time.sleep(0.02)
    assert gone() is None


def test_a_chain_keeps_what_its_members_ask(server: Server) -> None:
    class Holds:
        client: Any = None

        def token(self) -> str:
            return forged_token("a")

    holds = Holds()
    holds.client = server.client(token=holds.token)
    chain = oc.Client.chain([("openai-codex/gpt-5.4", holds.client)])
    del holds
    gc.collect()
    assert chain.complete("hi").text


def test_a_closed_client_lets_its_provider_go() -> None:
    provider = Provider("x")
    gone = weakref.ref(provider)
    client = oc.Client(provider=provider)
    client.complete("hi")
    del provider
    client.close()
    for _ in range(100):
        gc.collect()
        if gone() is None:
            return
        time.sleep(0.02)
    raise AssertionError("it is still held")


HANGING = """
import asyncio, os, sys, threading, time
import openclaw_core as oc

class Hangs:
    id = "mine"
    def stream(self, request, options):
        yield "a"
        time.sleep(1000)

class AsyncHangs:
    id = "mine"
    async def stream(self, request, options):
        yield "a"
        await asyncio.sleep(1000)

class Endless:
    id = "mine"
    def stream(self, request, options):
        while True:
            yield "a"
"""


@pytest.mark.parametrize("kind", ["Hangs", "AsyncHangs", "Endless"])
def test_the_interpreter_ends_while_the_program_hangs(kind: str) -> None:
    code = HANGING + f"""
stream = oc.Client(provider={kind}()).stream("hi")
assert next(iter(stream.text_deltas())) == "a"
print("done")
"""
    done = python(code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_a_forked_child_has_its_own() -> None:
    code = """
import os, sys
import openclaw_core as oc

class Mine:
    id = "mine"
    def stream(self, request, options):
        yield "from " + ("child" if os.getpid() != parent else "parent")

class Later:
    id = "later"
    async def stream(self, request, options):
        yield "from " + ("child" if os.getpid() != parent else "parent")

parent = os.getpid()
clients = [oc.Client(provider=Mine()), oc.Client(provider=Later())]
for client in clients:
    assert client.complete("hi").text == "from parent"
child = os.fork()
if child == 0:
    for client in clients:
        assert client.complete("hi").text == "from child"
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
for client in clients:
    assert client.complete("hi").text == "from parent"
"""
    done = python(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_many_calls_at_once(run: Run) -> None:
    async def main() -> None:
        for provider in (Provider("a", "b"), AsyncProvider("a", "b")):
            async with oc.AsyncClient(provider=provider) as client:
                answers = await asyncio.gather(*(client.complete("hi") for _ in range(200)))
            assert {answer.text for answer in answers} == {"ab"}

    run(main())
