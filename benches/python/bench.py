"""Ratios of the Python binding to its peers, in one run. See `run`.

Every sample is a fresh process; the server is another one, plain sockets with bytes made before. Samples of a case are
interleaved, the median counts. CPU is that of the client's process, all threads, per event. Ratios hold on another
machine, times do not.
"""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

DELTA = "response.output_text.delta"


# --- the server


def sse(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


ITEM = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
RESPONSE = {
    "id": "resp_1", "object": "response", "created_at": 0, "status": "in_progress", "model": "gpt-5.4", "output": [],
    "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
}  # fmt: skip


def deltas(first: int, count: int) -> bytes:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": [], "obfuscation": "abcdef"}
    return b"".join(
        sse({"type": DELTA, "sequence_number": n, **place, "delta": "token "}) for n in range(first, first + count)
    )


def serve() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    burst = chunk(deltas(3, 64))
    single = chunk(deltas(3, 1))
    head = chunk(
        sse({"type": "response.created", "sequence_number": 0, "response": RESPONSE})
        + sse({"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": ITEM})
    )
    part = {"type": "output_text", "text": "token", "annotations": []}
    item = {**ITEM, "status": "completed", "content": [part]}
    tail = chunk(
        sse({"type": "response.output_item.done", "sequence_number": 9, "output_index": 0, "item": item})
        + sse({"type": "response.completed", "sequence_number": 10, "response": {**RESPONSE, "status": "completed"}})
    )
    status = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    def answer(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        while request := stream.readline():
            case = request.split()[1].decode().split("/")[1]
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            count = json.loads(stream.read(length))["model"]
            connection.sendall(status + head)
            if case == "sat64":
                for _ in range(int(count) // 64):
                    connection.sendall(burst)
            else:
                due = time.perf_counter()
                for _ in range(int(count)):
                    due += 0.001
                    time.sleep(max(0.0, due - time.perf_counter()))
                    connection.sendall(single)
            connection.sendall(tail + b"0\r\n\r\n")

    def guarded(connection: socket.socket) -> None:
        try:
            answer(connection)
        except OSError:
            pass

    while True:
        threading.Thread(target=guarded, args=(listener.accept()[0],), daemon=True).start()


# --- the ways to read it; each gives the number of pieces


def ours(url: str, count: int, **settings: Any) -> float:
    from openclaw_core import Client

    with Client(api_key="sk-bench", base_url=url, **settings) as client:

        def read(count: int) -> int:
            seen = 0
            for event in client.stream("x", model=str(count)):
                if event.type == "text_delta" and event.delta:
                    seen += 1
            return seen

        return timed(read, count)


def ours_batches(url: str, count: int) -> float:
    from openclaw_core import Client

    with Client(api_key="sk-bench", base_url=url) as client:

        def read(count: int) -> int:
            seen = 0
            for batch in client.stream("x", model=str(count)).batches():
                for event in batch:
                    if event.type == "text_delta" and event.delta:
                        seen += 1
            return seen

        return timed(read, count)


def ours_async(url: str, count: int) -> float:
    from openclaw_core import AsyncClient

    async def main() -> float:
        async with AsyncClient(api_key="sk-bench", base_url=url) as client:

            async def read(count: int) -> int:
                seen = 0
                async for event in client.stream("x", model=str(count)):
                    if event.type == "text_delta" and event.delta:
                        seen += 1
                return seen

            return await timed_async(read, count)

    return asyncio.run(main())


def openai_sync(url: str, count: int) -> float:
    from openai import OpenAI

    with OpenAI(api_key="sk-bench", base_url=url) as client:

        def read(count: int) -> int:
            seen = 0
            for event in client.responses.create(input="x", model=str(count), stream=True):
                if event.type == DELTA and event.delta:
                    seen += 1
            return seen

        return timed(read, count)


def openai_async(url: str, count: int) -> float:
    from openai import AsyncOpenAI

    async def main() -> float:
        async with AsyncOpenAI(api_key="sk-bench", base_url=url) as client:

            async def read(count: int) -> int:
                seen = 0
                async for event in await client.responses.create(input="x", model=str(count), stream=True):
                    if event.type == DELTA and event.delta:
                        seen += 1
                return seen

            return await timed_async(read, count)

    return asyncio.run(main())


def timed(read: Callable[[int], int], count: int) -> float:
    """CPU per event in µs, after a short call that loads everything."""
    read(64)
    begun = time.process_time()
    seen = read(count)
    spent = time.process_time() - begun
    assert seen == count, (seen, count)
    return spent * 1e6 / count


async def timed_async(read: Callable[[int], Awaitable[int]], count: int) -> float:
    """The same in a loop."""
    await read(64)
    begun = time.process_time()
    seen = await read(count)
    spent = time.process_time() - begun
    assert seen == count, (seen, count)
    return spent * 1e6 / count


WAYS: dict[str, Callable[[str, int], float]] = {
    "openclaw_core": ours,
    "openclaw_core inline": lambda url, count: ours(url, count, inline=True),
    "openclaw_core batches": ours_batches,
    "openclaw_core async": ours_async,
    "openai": openai_sync,
    "openai async": openai_async,
}


# --- without a network


class Piece:
    """What the generator of Python makes: an event as small as ours."""

    __slots__ = ("delta", "item_id", "output_index", "part_index")
    type = "text_delta"

    def __init__(self, delta: str, item_id: str, output_index: int, part_index: int) -> None:
        self.delta = delta
        self.item_id = item_id
        self.output_index = output_index
        self.part_index = part_index


def memory(way: str, count: int) -> float:
    """CPU per event in µs, the thread that makes them included."""
    from openclaw_core import AsyncResponseStream, ResponseStream
    from openclaw_core._native import bench_client

    call = (bench_client(count), {"model": "m", "input": "x"}, {})
    if "async" not in way:
        items: Any = {
            "for": lambda: ResponseStream(*call),
            "generator of numbers": lambda: (n for n in range(count)),
            "generator": lambda: (Piece("word ", "msg_1", 0, 0) for _ in range(count)),
        }[way]()
        next(items)
        begun = time.process_time()
        for _ in items:
            pass
        return (time.process_time() - begun) * 1e6 / count

    async def generator() -> Any:
        for _ in range(count):
            yield Piece("word ", "msg_1", 0, 0)

    async def main() -> float:
        items = AsyncResponseStream(*call) if way == "async for" else generator()
        await anext(items)
        begun = time.process_time()
        async for _ in items:
            pass
        return (time.process_time() - begun) * 1e6 / count

    return asyncio.run(main())


def loading(module: str) -> float:
    begun = time.perf_counter()
    __import__(module)
    return (time.perf_counter() - begun) * 1e3


# --- the table


def sample(*arguments: object) -> float:
    command = [sys.executable, __file__, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{arguments}: {done.stderr}")
    return float(done.stdout)


LOOPS = ("generator of numbers", "generator", "for", "async generator", "async for")


def medians(rounds: int, cases: dict[str, tuple[object, ...]]) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds):
        for name, arguments in cases.items():
            print(f"\r{number + 1}/{rounds} {name:40}", end="", file=sys.stderr, flush=True)
            found[name].append(sample(*arguments))
    print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    return {name: statistics.median(values) for name, values in found.items()}


def main() -> int:
    rounds = 3 if "--quick" in sys.argv else 7
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    try:
        many = {way: 64 * (250 if way.startswith("openai") else 3000) for way in WAYS}
        sat = medians(rounds, {way: ("work", way, port, "sat64", many[way]) for way in WAYS})
        paced = medians(rounds, {way: ("work", way, port, "paced", 1500) for way in WAYS if "batches" not in way})
    finally:
        server.kill()
    loops = medians(rounds, {way: ("memory", way, 200_000) for way in LOOPS})
    modules = ("openclaw_core", "httpx", "openai")
    loads = medians(rounds, {f"import {module}": ("import", module) for module in modules})

    print("| way | 64 events per write, µs CPU | 1 event per ms, µs CPU |\n| --- | --- | --- |")
    for way in WAYS:
        print(f"| {way} | {sat[way]:.2f} | {f'{paced[way]:.1f}' if way in paced else ''} |")
    print("\n| in memory, µs CPU per event | | import, ms | |\n| --- | --- | --- | --- |")
    for (way, took), (name, load) in zip(loops.items(), [*loads.items(), ("", 0.0), ("", 0.0)]):
        print(f"| {way} | {took:.2f} | {name} | {f'{load:.1f}' if name else ''} |")
    verdicts = [
        ("64 events per write, to openai", sat["openclaw_core"] / sat["openai"], 1 / 40),
        ("64 events per write, async, to openai async", sat["openclaw_core async"] / sat["openai async"], 1 / 40),
        ("1 event per ms, to openai", paced["openclaw_core"] / paced["openai"], 1 / 4),
        ("1 event per ms, async, to openai async", paced["openclaw_core async"] / paced["openai async"], 1 / 3.5),
        ("`for`, to a generator of Python that makes such events", loops["for"] / loops["generator"], 2.5),
        ("`async for`, to an async generator that makes them", loops["async for"] / loops["async generator"], 2.5),
        ("import, to `import httpx`", loads["import openclaw_core"] / loads["import httpx"], 1 / 5),
    ]
    print("\n| what must hold | limit | measured | |\n| --- | --- | --- | --- |")
    for what, measured, limit in verdicts:
        said = [f"1/{1 / value:.1f}" if value < 1 else f"{value:.2f}" for value in (limit, measured)]
        print(f"| {what} | ≤ {said[0]} | {said[1]} | {'pass' if measured <= limit else '**FAIL**'} |")
    return 0 if all(measured <= limit for _, measured, limit in verdicts) else 1


if __name__ == "__main__":
    command, *rest = [*sys.argv[1:], ""]
    if command == "serve":
        serve()
    elif command == "work":
        print(WAYS[rest[0]](f"http://127.0.0.1:{rest[1]}/{rest[2]}/v1", int(rest[3])))
    elif command == "memory":
        print(memory(rest[0], int(rest[1])))
    elif command == "import":
        print(loading(rest[0]))
    else:
        sys.exit(main())
