"""Asks many prompts at once, one line of a file each: python examples/python/fan_out.py prompts.txt [MODEL]"""

from __future__ import annotations

import asyncio
import sys

from openclaw_core import AsyncClient, OpenClawError

AT_ONCE = 8


async def main(path: str, model: str | None) -> None:
    with open(path, encoding="utf-8") as file:
        prompts = [line.strip() for line in file if line.strip()]
    places, done = asyncio.Semaphore(AT_ONCE), 0

    async def ask(prompt: str) -> str:
        nonlocal done
        async with places:
            try:
                answer = (await client.complete(prompt, model=model)).text
            except OpenClawError as error:
                answer = f"({error.kind}: {error.advice})"
        done += 1
        bar = "#" * (40 * done // len(prompts))
        print(f"\r[{bar:40}] {done}/{len(prompts)}", end="", file=sys.stderr, flush=True)
        return answer

    async with AsyncClient() as client:
        answers = await asyncio.gather(*map(ask, prompts))
    print(file=sys.stderr)
    for prompt, answer in zip(prompts, answers):
        print(f"{prompt}\t{answer!r}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
