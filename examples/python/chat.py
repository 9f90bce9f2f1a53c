"""A chat in the terminal: python examples/python/chat.py [MODEL]"""

from __future__ import annotations

import sys
from typing import Any

from openclaw_core import Client, OpenClawError, user


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else None
    history: list[Any] = []
    with Client() as client:
        for line in iter(lambda: ask("you> "), None):
            history.append(user(line))
            try:
                with client.stream(history, model=model, session_id="chat") as stream:
                    for text in stream.text_deltas():
                        print(text, end="", flush=True)
                    print()
                    history.append(stream.get_final_response())
            except KeyboardInterrupt:
                print(" (stopped)")
                history.pop()
            except OpenClawError as error:
                print(f"{error}\n  what helps: {error.advice}", file=sys.stderr)
                history.pop()


def ask(prompt: str) -> str | None:
    try:
        return input(prompt)
    except (EOFError, KeyboardInterrupt):
        return None


if __name__ == "__main__":
    main()
