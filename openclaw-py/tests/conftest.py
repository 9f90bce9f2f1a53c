from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from openclaw_core.testing import Server

REPOSITORY = Path(__file__).resolve().parents[2]

# A shell starts what it runs in the background deaf to Ctrl-C, and every child would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the tests that take minutes, too")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tells the caller what was skipped for want of something: `tests/run --no-skip` fails for it."""
    told = os.environ.get("OPENCLAW_SKIPS")
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ())}
    missing = sorted(reason.removeprefix("Skipped: ") for reason in reasons if "run with --long" not in reason)
    if told and missing:
        with open(told, "a", encoding="utf-8") as file:
            file.writelines(f"{reason}\n" for reason in missing)


def needed(package: str) -> Any:
    """The package, or a skip that names it."""
    return pytest.importorskip(package, reason=f"needs {package} from PyPI")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if "long" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="long; run with --long"))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "run" in metafunc.fixturenames:
        metafunc.parametrize("run", ["asyncio", "uvloop"], indirect=True)


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """`asyncio.run`, or the same under uvloop."""
    if request.param == "asyncio":
        return asyncio.run
    uvloop = needed("uvloop")
    return uvloop.run  # type: ignore[no-any-return]


def python(code: str, *arguments: str, timeout: float = 30, **more: Any) -> subprocess.CompletedProcess[str]:
    """Runs a program in an interpreter of its own."""
    command = [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(code), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=os.environ, **more)


def message(count: int, *, between: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """The steps of an answer of so many pieces, `between` before each of them."""
    item = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    text = "".join(f"{n} " for n in range(count))
    steps: list[dict[str, Any]] = [
        {"sse": {"type": "response.created", "response": {"id": "resp_1", "model": "m", "output": []}}},
        {"sse": {"type": "response.output_item.added", "output_index": 0, "item": item}},
    ]
    for n in range(count):
        steps += between or []
        delta = {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0}
        steps.append({"sse": {**delta, "delta": f"{n} "}})
    done = {**item, "content": [{"type": "output_text", "text": text, "annotations": []}]}
    steps.append({"sse": {"type": "response.output_item.done", "output_index": 0, "item": done}})
    steps.append({"sse": {"type": "response.completed", "response": {"id": "resp_1", "model": "m", "output": []}}})
    return steps


def script(*exchanges: list[dict[str, Any]], repeat: bool | int = 1) -> dict[str, Any]:
    """A script that answers with these steps."""
    return {"exchanges": [{"status": 200, "steps": steps, "repeat": repeat} for steps in exchanges]}
