"""A small command line: `python -m openclaw_core ask "Say hello"`, `python -m openclaw_core classify failures.jsonl`,
`python -m openclaw_core status`."""

from __future__ import annotations

import argparse
import io
import json
import sys

from . import Client, OpenClawError, TextDelta, __version__, _native, diagnose
from .testing import SCENARIOS, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives the exit code: 0 done, 1 the call failed, 2 wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m openclaw_core", description="Ask a model, classify failures, or say what is wrong.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="asks a model and prints its answer as it comes")
    ask.add_argument("prompt", help="what is asked; - reads it from the standard input")
    ask.add_argument("--model", help="the model; the first one of the list unless given")
    ask.add_argument("--instructions", help="the system prompt")
    ask.add_argument("--effort", help="how much it thinks: none to max")
    ask.add_argument("--json", action="store_true", help="prints every event as a line of JSON")
    ask.add_argument("--offline", action="store_true", help="asks the embedded server")
    ask.add_argument("--scenario", choices=sorted(SCENARIOS), help="what the embedded server plays; implies --offline")
    judge = commands.add_parser("classify", help="says why calls failed, one line of JSON each")
    judge.add_argument("file", nargs="?", default="-", help="a file of JSON lines; the standard input unless given")
    status = commands.add_parser("status", help="says what is wrong on this machine, and what helps")
    status.add_argument("--probe", action="store_true", help="asks the provider too, once each for three things")
    status.add_argument("--json", action="store_true", help="prints the whole as JSON")
    status.add_argument("--check", action="store_true", help="exit code 1 when nothing can be used, 2 when a login ends soon")
    chosen = parser.parse_args(arguments)
    # A stray byte is shown as U+FFFD; it must not end the run half-way.
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8" if stream is sys.stdin else None, errors="replace")
    if chosen.command == "status":
        return _status(chosen)
    return _ask(chosen) if chosen.command == "ask" else _classify(chosen.file)


def _ask(chosen: argparse.Namespace) -> int:
    server = Server(chosen.scenario) if chosen.offline or chosen.scenario else None
    prompt = sys.stdin.read() if chosen.prompt == "-" else chosen.prompt.encode(errors="replace").decode()
    try:
        client = Client() if server is None else server.client()
        with client, client.stream(
            prompt, model=chosen.model, instructions=chosen.instructions, effort=chosen.effort
        ) as stream:
            for event in stream:
                if chosen.json:
                    print(json.dumps(event.to_dict(), ensure_ascii=False), flush=True)
                elif isinstance(event, TextDelta):
                    print(event.delta, end="", flush=True)
        if not chosen.json:
            print()
        return 0
    except OpenClawError as error:
        if chosen.json:
            print(json.dumps({"type": "error", **error.to_dict()}, ensure_ascii=False))
        print(f"{error}\nadvice: {error.advice}", file=sys.stderr)
        if server is None and error.stage == "not_sent":
            print("to see it work without a login: add --offline", file=sys.stderr)
        return 1
    finally:
        if server is not None:
            server.close()


def _status(chosen: argparse.Namespace) -> int:
    found = diagnose(probe=chosen.probe)
    if chosen.json:
        print(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        print(found)
        for login in found.profiles:
            print(f"{login.id}  {login.state}: {login.why}")
    return {"ok": 0, "expires_soon": 2}.get(found.check, 1) if chosen.check else 0


def _classify(name: str) -> int:
    failed = False
    try:
        source = sys.stdin if name == "-" else open(name, encoding="utf-8", errors="replace")
    except OSError as error:
        print(f"{name}: {error.strerror}", file=sys.stderr)
        return 2
    with source:
        for number, line in enumerate(source, 1):
            if not line.strip():
                continue
            try:
                print(_native.classify_line(line))
            except OpenClawError as error:
                print(f"line {number}: {error.message}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
