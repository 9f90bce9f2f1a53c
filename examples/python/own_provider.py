"""A provider of the program's own, and a chain of its kind: python examples/python/own_provider.py [PROMPT]

In place of the words below there would be a model that runs on this machine, or a backend that the library does not know.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

from openclaw_core import AsyncClient, Client, OpenClawError, OverloadedError


class Words:
    """Texts are enough: the library makes the events around them."""

    id = "words"

    def models(self) -> list[str]:
        return ["small"]

    def stream(self, request: dict[str, Any], options: dict[str, Any]) -> Iterator[Any]:
        asked = request["input"][-1]["content"][0]["text"]
        yield from (f"{word} " for word in f"{request['model']} says: {asked}".split())
        yield {"type": "completed", "usage": {"input_tokens": len(asked.split()), "output_tokens": 3}}


class Later:
    """The same for asyncio: it runs in the event loop of the one who asks."""

    id = "later"

    async def stream(self, request: dict[str, Any], options: dict[str, Any]) -> AsyncIterator[Any]:
        for word in ("one ", "after ", "the ", "other"):
            await asyncio.sleep(0.01)
            yield word


class Busy:
    """An error of this package keeps its kind; any other exception is the cause of one."""

    id = "busy"

    def stream(self, request: dict[str, Any], options: dict[str, Any]) -> Iterator[Any]:
        raise OverloadedError("all seats are taken")
        yield


async def main() -> None:
    async with AsyncClient(provider=Later()) as client, client.stream("Go on") as stream:
        async for text in stream.text_deltas():
            print(text, end="", flush=True)
    print()


if __name__ == "__main__":
    with Client(provider=Words()) as client:
        answer = client.complete(sys.argv[1] if len(sys.argv) > 1 else "Hello")
        print(answer.text, answer.usage and answer.usage.total_tokens)
    asyncio.run(main())
    with Client(provider=Busy()) as client:
        try:
            client.complete("Hello")
        except OpenClawError as error:
            print(error, "/", repr(error.__cause__))
