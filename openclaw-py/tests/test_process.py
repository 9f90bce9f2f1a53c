"""Fork, exit, signals, leaks: what only shows in a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest
from conftest import python

from openclaw_core.testing import Server

EXITS = {
    "half-read stream": """
        stream = server.client().stream("x", model="m")
        next(stream)
    """,
    "pending await": """
        async def main():
            stream = server.async_client().stream("x", model="m")
            async for event in stream:
                if event.type == "text_delta":
                    break
            loop = asyncio.get_running_loop()
            loop.call_later(0.05, loop.stop)
            await anext(stream)
        loop = asyncio.new_event_loop()
        task = loop.create_task(main())
        loop.run_forever()
    """,
    "daemon thread": """
        def read():
            for event in server.client().stream("x", model="m"):
                seen.set()
        seen = threading.Event()
        threading.Thread(target=read, daemon=True).start()
        seen.wait(10)
        time.sleep(0.05)
    """,
    "sys.exit in a task": """
        async def main():
            stream = server.async_client().stream("x", model="m")
            await anext(stream)
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            sys.exit(0)
        asyncio.run(main())
    """,
    "plain end after work": """
        client = server.client()
        server.set_scenario("plain")
        for _ in range(5):
            client.complete("x", model="gpt-5.4")
    """,
    "inline": """
        stream = server.client(inline=True).stream("x", model="m")
        next(stream)
    """,
}
PRELUDE = """
import asyncio, sys, threading, time
import openclaw_core
from openclaw_core.testing import Server
server = Server("stall")
"""


def exits(kind: str) -> None:
    done = python(PRELUDE + dedent(EXITS[kind]))
    assert done.returncode == 0, (kind, done.returncode, done.stdout, done.stderr)
    assert "panicked" not in done.stderr and "Fatal" not in done.stderr, done.stderr


@pytest.mark.parametrize("kind", EXITS)
def test_the_interpreter_ends_with_work_pending(kind: str) -> None:
    for _ in range(2):
        exits(kind)


@pytest.mark.long
@pytest.mark.parametrize("kind", EXITS)
def test_the_interpreter_ends_fifty_times_with_work_pending(kind: str) -> None:
    for _ in range(50):
        exits(kind)


CALLS = ["list(client.stream('x', model='m'))", "client.complete('x', model='m')", "client.models()"]


@pytest.mark.parametrize(
    ("client", "call"),
    [
        *((f"Client(inline={inline}, **where)", call) for inline in (False, True) for call in CALLS),
        *(("AsyncClient(**where)", f"asyncio.run({call})") for call in CALLS[1:]),
        ("AsyncClient(**where)", "asyncio.run(client.stream('x', model='m').until_done())"),
    ],
)
def test_ctrl_c_interrupts_at_once(client: str, call: str) -> None:
    code = f"""
        import asyncio, sys
        from openclaw_core import AsyncClient, Client
        where = {{"token": sys.argv[2], "base_url": sys.argv[1]}}
        client = {client}
        print("waiting", flush=True)
        try:
            {call}
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """
    from openclaw_core.testing import forged_token

    stall = {"method": "*", "status": 200, "steps": [{"stall": True}], "repeat": True}
    with Server(script={"exchanges": [stall]}) as server:
        command = [sys.executable, "-c", dedent(code), server.base_url, forged_token("a")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            server.wait_for_requests(1)
            time.sleep(0.1)
            child.send_signal(signal.SIGINT)
            # The wait itself has no end.
            out, err = child.communicate(timeout=20)
        assert out.split() == ["waiting", "interrupted"] and child.returncode == 0, (out, err)
        server.wait_for_connections(0)


@pytest.mark.parametrize("inline", ["False", "True"])
@pytest.mark.parametrize(
    "call", ["list(stream.text_deltas())", "list(stream.batches())", "list(stream)", "stream.get_final_response()", "stream.until_done()"]
)
def test_ctrl_c_is_heard_while_events_keep_coming(call: str, inline: str) -> None:
    """Events that are none of those asked for come without end, much more often than waits look for signals."""
    code = f"""
        import sys
        from openclaw_core import Client
        client = Client(token=sys.argv[2], base_url=sys.argv[1], inline={inline})
        stream = client.stream("x", model="m")
        next(stream)
        print("waiting", flush=True)
        try:
            {call}
        except KeyboardInterrupt:
            print("interrupted", stream.closed, flush=True)
        """
    from openclaw_core.testing import forged_token

    item = {"type": "reasoning", "id": "rs_1", "summary": []}
    piece = {"type": "response.reasoning_summary_text.delta", "item_id": "rs_1", "output_index": 0, "summary_index": 0, "delta": "x"}
    steps = [
        {"sse": {"type": "response.created", "response": {"id": "resp_1", "model": "m", "output": []}}},
        {"sse": {"type": "response.output_item.added", "output_index": 0, "item": item}},
        *([{"delay_ms": 20}, {"sse": piece}] * 1500),
    ]
    with Server(script={"exchanges": [{"status": 200, "steps": steps}]}) as server:
        command = [sys.executable, "-c", dedent(code), server.base_url, forged_token("a")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "waiting\n"
            time.sleep(0.2)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=20)
        assert out.startswith("interrupted") and child.returncode == 0, (out, err)
        server.wait_for_connections(0)


FORK = """
    import asyncio, os, sys, warnings
    warnings.simplefilter("ignore")
    import openclaw_core as oc
    from openclaw_core import Client, AsyncClient
    url, token = sys.argv[1:]
    client, other = Client(token=token, base_url=url), AsyncClient(token=token, base_url=url)
    client.complete("parent", model="gpt-5.4")
    asyncio.run(other.complete("parent", model="gpt-5.4"))
    stream = client.stream("parent", model="gpt-5.4")
    next(stream)
    later = client.stream("later", model="gpt-5.4")
    def child(depth):
        assert client.complete("child", model="gpt-5.4").text.endswith("child")
        assert asyncio.run(other.complete("child", model="gpt-5.4")).text.endswith("child")
        assert later.get_final_response().text.endswith("later"), "it had not started"
        for _ in range(2):
            try:
                next(stream)
            except oc.ForkedError as error:
                assert error.code == "forked" and isinstance(error, RuntimeError)
            else:
                raise SystemExit(3)
        stream.close()
    for depth in range(2):
        pid = os.fork()
        if pid == 0:
            import signal
            signal.alarm(20)
            child(depth)
            if depth == 0:
                grandchild = os.fork()
                if grandchild == 0:
                    signal.alarm(20)
                    assert client.complete("grandchild", model="gpt-5.4").text
                    os._exit(0)
                assert os.waitpid(grandchild, 0)[1] == 0
                sys.exit(0)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
    assert list(stream), "the parent's stream goes on"
    print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_works(server: Server) -> None:
    from openclaw_core.testing import forged_token

    done = python(FORK, server.base_url, forged_token("a"), timeout=60)
    assert done.returncode == 0 and done.stdout.strip() == "done", (done.stdout, done.stderr)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_forks_can_be_nested_deeply(server: Server) -> None:
    from openclaw_core.testing import forged_token

    code = """
        import os, sys
        from openclaw_core import Client
        class Mine:
            id = "mine"
            def stream(self, request, options):
                yield "Hello"
        client = Client(token=sys.argv[2], base_url=sys.argv[1])
        mine = Client(provider=Mine())
        client.complete("x", model="gpt-5.4")
        for _ in range(36):
            if os.fork():
                os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
        assert client.complete("x", model="gpt-5.4").text
        assert mine.complete("x", model="m", timeout=20).text == "Hello"
        os._exit(7)
        """
    done = python(code, server.base_url, forged_token("a"), timeout=60)
    assert done.returncode == 7, (done.stdout, done.stderr)


def ask(where: tuple[str, str, str]) -> str:
    """What a worker does; it makes its own client, as a Celery task would."""
    from openclaw_core import Client

    url, token, prompt = where
    with Client(token=token, base_url=url) as client:
        return client.complete(prompt, model="gpt-5.4").text


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_of_workers(server: Server, method: str) -> None:
    from openclaw_core.testing import forged_token

    ask((server.base_url, forged_token("a"), "parent"))
    jobs = [(server.base_url, forged_token("a"), f"job-{n}") for n in range(8)]
    with multiprocessing.get_context(method).Pool(2) as pool:
        texts = pool.map_async(ask, jobs).get(60)
    assert [text.rsplit(" ", 1)[1] for text in texts] == [f"job-{n}" for n in range(8)]


def memory() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def abandon(server: Server, count: int) -> None:
    import asyncio
    import gc

    client, other = server.client(), server.async_client()

    async def some(n: int) -> None:
        for _ in range(n):
            async for event in other.stream("x", model="gpt-5.4"):
                if isinstance(event.type, str) and event.type == "created":
                    break

    for _ in range(count // 20):
        for _ in range(10):
            next(client.stream("x", model="gpt-5.4"))
        asyncio.run(some(10))
    gc.collect()
    server.wait_for_connections(0)
    server.clear()


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_abandoned_streams_leave_nothing(count: int) -> None:
    with Server("stall") as server:
        abandon(server, count)
        before, descriptors = memory(), len(os.listdir("/proc/self/fd"))
        abandon(server, count)
        assert memory() - before < 24 * 2**20, memory() - before
        assert len(os.listdir("/proc/self/fd")) <= descriptors + 3


def claw(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "openclaw_core", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, **more)  # type: ignore[call-overload, no-any-return]


def test_the_command_line_asks() -> None:
    done = claw("ask", "--offline", "Say hello")
    assert done.returncode == 0 and "Say hello" in done.stdout, done
    done = claw("ask", "--offline", "-", input="Say goodbye")
    assert done.returncode == 0 and "Say goodbye" in done.stdout, done
    done = claw("ask", "--offline", "--json", "x")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and (events[0]["type"], events[-1]["type"]) == ("opened", "completed")
    done = claw("ask", "--scenario", "challenge", "--json", "x")
    assert done.returncode == 1 and '"kind": "edge_blocked"' in done.stdout and "advice: other_provider" in done.stderr
    done = claw("ask", "--offline", "--effort", "a lot", "x")
    assert done.returncode == 1 and "a lot" in done.stderr and "Traceback" not in done.stderr
    empty = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    done = claw("ask", "x", env=empty)
    assert done.returncode == 1 and "--offline" in done.stderr, done.stderr
    assert claw().returncode == claw("ask").returncode == claw("ask", "--scenario", "none", "x").returncode == 2


def test_the_command_line_classifies(tmp_path: Path) -> None:
    line = '{"id":1,"status":429,"headers":{"retry-after":"2"},"body":""}\n'
    done = claw("classify", input=f"{line}\nno json\n")
    assert done.returncode == 1 and '"rate_limited"' in done.stdout and "line 3" in done.stderr
    (tmp_path / "failures.jsonl").write_text(line * 2)
    done = claw("classify", str(tmp_path / "failures.jsonl"))
    found = [json.loads(one) for one in done.stdout.splitlines()]
    assert done.returncode == 0 and [(one["id"], one["kind"], one["retry_after_ms"]) for one in found] == [(1, "rate_limited", 2000)] * 2
    for wrong in ("/no/such/file", str(tmp_path)):
        done = claw("classify", wrong)
        assert done.returncode == 2 and wrong in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("wait", ["wait_for_requests(1)", "wait_for_connections(3)"])
def test_ctrl_c_ends_a_wait_of_the_server(wait: str) -> None:
    code = f"""
        import sys
        from openclaw_core.testing import Server
        with Server() as server:
            print("waiting", flush=True)
            try:
                server.{wait}
            except KeyboardInterrupt:
                print("interrupted")
        """
    command = [sys.executable, "-c", dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "waiting\n"
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        # The wait itself would end in an error after 10 s.
        out, err = child.communicate(timeout=60)
    assert out == "interrupted\n" and child.returncode == 0, (out, err)
