"""The asyncio client, under asyncio and uvloop."""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from conftest import message, needed, python, script

import openclaw_core as oc
from openclaw_core.testing import Server

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def test_events_texts_batches_and_the_answer(server: Server, run: Run) -> None:
    async def main() -> None:
        async with server.async_client() as client:
            async with client.stream("Say hello", model="gpt-5.4") as stream:
                kinds = [event.type async for event in stream]
            assert kinds[0] == "opened" and kinds[-1] == "completed"
            response = await stream.get_final_response()
            assert await stream.get_final_response() is response
            async with client.stream("Say hello", model="gpt-5.4") as stream:
                assert "".join([text async for text in stream.text_deltas()]) == response.text
            async with client.stream("Say hello", model="gpt-5.4") as stream:
                batches = [batch async for batch in stream.batches(max=5)]
            assert sum(map(len, batches)) == len(kinds) and max(map(len, batches)) <= 5
            assert (await client.complete("Say hello", model="gpt-5.4")).text == response.text
            assert (await client.models())[0].id and (await client.plan_usage()).plan_type == "plus"
            stream = client.stream("x", model="gpt-5.4")
            await stream.until_done()
            await stream.aclose()
            assert (await stream.get_final_response()).text

    run(main())


def test_errors_are_raised_where_the_events_end(server: Server, run: Run) -> None:
    server.set_scenario("truncated")

    async def main() -> None:
        client = server.async_client()
        stream = client.stream("x", model="gpt-5.4")
        for _ in range(2):
            with pytest.raises(oc.StreamTruncatedError):
                async for _event in stream:
                    pass
        with pytest.raises(oc.StreamTruncatedError):
            await client.complete("x", model="gpt-5.4")

    run(main())


def test_a_client_outlives_its_loops(server: Server, run: Run) -> None:
    client = server.async_client()
    for _ in range(3):
        run(client.complete("x", model="gpt-5.4"))

    # One stream, read in one loop and then in another.
    server.set_script(script(message(50, between=[{"delay_ms": 2}])))
    stream = client.stream("x", model="m")

    async def some(count: int) -> list[str]:
        return [await anext(texts) for _ in range(count)]

    texts = stream.text_deltas()
    assert "".join(run(some(20)) + run(some(30))).split() == [str(n) for n in range(50)]


def test_loops_in_several_threads(server: Server, run: Run) -> None:
    client = server.async_client()
    found: list[str] = []

    async def main(n: int) -> None:
        answers = await asyncio.gather(*(client.complete(f"{n}-{m}", model="gpt-5.4") for m in range(10)))
        found.extend(answer.text.rsplit(" ", 1)[1] for answer in answers)

    threads = [threading.Thread(target=lambda n=n: run(main(n))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == sorted(f"{n}-{m}" for n in range(4) for m in range(10))


async def cancels(server: Server, count: int, seed: int) -> tuple[int, int]:
    """Reads a stream with waits that are cancelled at random; gives what was lost and how many were cancelled."""
    chance = random.Random(seed)
    client, seen, cancelled = server.async_client(), [], 0
    while cancelled < count:
        server.set_script(script(message(1000, between=[{"delay_ms": 1}])))
        stream = client.stream("x", model="m")
        while True:
            try:
                event = await asyncio.wait_for(anext(stream, None), chance.random() * 0.0015)
            except (asyncio.TimeoutError, TimeoutError):
                cancelled += 1
                continue
            if event is None:
                break
            if isinstance(event, oc.TextDelta):
                seen.append(int(event.delta))
        if seen != list(range(1000)):
            return 1000 - len(seen), cancelled
        seen.clear()
    return 0, cancelled


def test_a_cancelled_wait_loses_nothing(server: Server, run: Run) -> None:
    lost, cancelled = run(cancels(server, 300, seed=1))
    assert lost == 0 and cancelled >= 300


def test_batches_go_on_after_a_cancelled_wait(server: Server, run: Run) -> None:
    server.set_script(script(message(40, between=[{"delay_ms": 20}])))

    async def main() -> tuple[list[int], int]:
        batches, cancelled = server.async_client().stream("x", model="m").batches(), 0
        seen: list[int] = []
        while True:
            try:
                batch = await asyncio.wait_for(anext(batches, None), 0.005)
            except (asyncio.TimeoutError, TimeoutError):
                cancelled += 1
                continue
            if batch is None:
                return seen, cancelled
            seen += [int(event.delta) for event in batch if isinstance(event, oc.TextDelta)]

    seen, cancelled = run(main())
    assert seen == list(range(40)) and cancelled >= 10


def test_the_end_can_be_waited_for_again_after_a_cancelled_wait(server: Server, run: Run) -> None:
    server.set_script(script(message(20, between=[{"delay_ms": 10}])))

    async def main() -> str:
        stream = server.async_client().stream("x", model="m")
        for wait in (stream.until_done, stream.get_final_response):
            with pytest.raises((asyncio.TimeoutError, TimeoutError)):
                await asyncio.wait_for(wait(), 0.03)
        await stream.until_done()
        return (await stream.get_final_response()).text

    assert run(main()).split() == [str(n) for n in range(20)]


def test_loops_of_many_threads_begin_and_end_at_once(server: Server) -> None:
    """Each asks which of the others are gone: the list must not change under its hands."""
    client = server.async_client()
    kept = [asyncio.new_event_loop() for _ in range(100)]
    for loop in kept:
        loop.run_until_complete(client.complete("x", model="gpt-5.4"))
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(15):
                asyncio.run(client.complete("x", model="gpt-5.4"))
        except BaseException as error:
            failed.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    finally:
        sys.setswitchinterval(interval)
        for loop in kept:
            loop.close()
    assert failed == []


@pytest.mark.long
def test_ten_thousand_cancelled_waits_lose_nothing(server: Server, run: Run) -> None:
    lost, cancelled = run(cancels(server, 10_000, seed=2))
    assert lost == 0 and cancelled >= 10_000


def test_cancelling_a_task_closes_the_call(server: Server, run: Run) -> None:
    server.set_scenario("stall")

    async def main() -> None:
        task = asyncio.ensure_future(server.async_client().complete("x", model="m"))
        await asyncio.to_thread(server.wait_for_requests, 1)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        del task
        await asyncio.to_thread(server.wait_for_connections, 0)

    run(main())


def test_what_leaves_the_loop_keeps_no_other_task_waiting(server: Server) -> None:
    """Tasks run inside the call that wakes them: an exit of one must not lose the wakes of the others."""
    server.set_script(script(message(30, between=[{"delay_ms": 1}]), repeat=8))

    async def read(exits: bool) -> int:
        seen = 0
        async for _ in server.async_client().stream("x", model="m").text_deltas():
            seen += 1
            if exits and seen == 3:
                raise SystemExit
        return seen

    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(read(exits=n % 2 == 0)) for n in range(8)]
    for _ in tasks[::2]:
        with pytest.raises(SystemExit):
            loop.run_until_complete(asyncio.sleep(10))
    assert loop.run_until_complete(asyncio.gather(*tasks[1::2])) == [30] * 4
    assert all(isinstance(task.exception(), SystemExit) for task in tasks[::2])
    loop.close()


def test_a_cancelled_wait_says_why(server: Server, run: Run) -> None:
    server.set_scenario("stall")

    async def main() -> None:
        async def read() -> str:
            try:
                await server.async_client().complete("x", model="m")
            except asyncio.CancelledError as error:
                return str(error.args)
            return ""

        task = asyncio.ensure_future(read())
        await asyncio.sleep(0.2)
        task.cancel("enough")
        assert await task == "('enough',)"

    run(main())


def test_one_reader_at_a_time(server: Server, run: Run) -> None:
    server.set_scenario("stall")

    async def main() -> None:
        stream = server.async_client().stream("x", model="m")

        async def read() -> None:
            async for _ in stream:
                pass

        first = asyncio.ensure_future(read())
        await asyncio.sleep(0.3)
        with pytest.raises(RuntimeError, match="one reader"):
            await anext(stream)
        assert not first.done()
        stream.close()
        with pytest.raises(oc.ClosedError):
            await first

    run(main())


def test_other_tasks_get_their_turn(server: Server, run: Run) -> None:
    server.set_script(script(message(20_000)))

    async def main() -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.ensure_future(other())
        async for _ in server.async_client().stream("x", model="m"):
            pass
        task.cancel()
        assert turns >= 20

    run(main())


def test_the_loop_is_left_clean(server: Server, run: Run) -> None:
    """Many loops one after the other leave no descriptors."""
    import os

    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    client = server.async_client()
    run(client.complete("x", model="gpt-5.4"))
    before = descriptors()
    for _ in range(20):
        run(client.complete("x", model="gpt-5.4"))
    gc.collect()
    assert descriptors() <= before + 3


def test_a_loop_that_watches_no_descriptors(server: Server) -> None:
    class Loop(asyncio.SelectorEventLoop):
        def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
            raise NotImplementedError

    loop = Loop()
    server.set_script(script(message(40, between=[{"delay_ms": 3}])))

    async def main() -> str:
        return "".join([text async for text in server.async_client().stream("x", model="m").text_deltas()])

    begun = time.monotonic()
    # A selector loop needs its own reader for its self-pipe: it got that before.
    assert loop.run_until_complete(main()).split() == [str(n) for n in range(40)]
    assert time.monotonic() - begun < 3
    loop.close()


def test_without_a_loop_it_says_so(server: Server) -> None:
    step: Any = anext(server.async_client().stream("x", model="gpt-5.4"))
    with pytest.raises(RuntimeError, match="no asyncio event loop"):
        next(step.__await__())
    with pytest.raises(oc.ConfigError, match="inline"):
        server.async_client(inline=True)


def test_under_trio_it_says_what_to_do(server: Server) -> None:
    trio = needed("trio")

    async def main() -> None:
        await server.async_client().complete("x", model="gpt-5.4")

    with pytest.raises(RuntimeError, match=r"trio\.to_thread\.run_sync"):
        trio.run(main)
    with server.client() as client:

        async def works() -> str:
            response: oc.Response = await trio.to_thread.run_sync(lambda: client.complete("x", model="gpt-5.4"))
            return response.text

        assert trio.run(works)


def test_the_import_brings_no_asyncio() -> None:
    done = python("import sys, openclaw_core; print(sorted({'asyncio', 'typing', 'json', 'logging', 'dataclasses'} & set(sys.modules)))")
    assert done.stdout.strip() == "[]", (done.stdout, done.stderr, sys.version)
