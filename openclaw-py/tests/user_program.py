"""A program of a user, for type checkers: `mypy --strict` and pyright must be content, and must see what is wrong.

It is never run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import assert_never, assert_type

import openclaw_core as oc
from openclaw_core import config

if TYPE_CHECKING:
    from collections.abc import Iterator


def words(event: oc.Event) -> str:
    match event:
        case oc.TextDelta(delta) | oc.RefusalDelta(delta=delta):
            return delta
        case oc.ReasoningDelta() | oc.ReasoningSummaryDelta():
            return f"({event.delta})"
        case oc.ToolInputDelta(delta, item_id=item):
            return f"{item}: {delta}"
        case oc.OutputItemAdded(item=added) | oc.OutputItemDone(item=added):
            return str(added["type"])
        case oc.Opened(request_id=request):
            return request or ""
        case oc.Created(id, model):
            return f"{id} {model}"
        case oc.Retrying(kind=kind) | oc.RawEvent(kind=kind):
            return kind
        case oc.WarningEvent() | oc.RateLimitsEvent():
            return event.type
        case oc.Completed(response):
            return response.text
        case _:
            assert_never(event)


def by_type(event: oc.Event) -> str:
    if event.type == "text_delta":
        return event.delta
    return event.type


def ask(client: oc.Client) -> Iterator[str]:
    with client.stream("Say hello", model="gpt-5.4", timeout=30, extra_headers={"x": "y"}) as stream:
        assert_type(stream, oc.ResponseStream)
        for event in stream:
            yield words(event)
        assert_type(stream.status, "int | None")
        assert_type(stream.headers, "dict[str, str] | None")
        assert_type(stream.attempts, "list[oc.Attempt] | None")
        assert_type(stream.get_final_response(), oc.Response)
    assert_type(client.complete(["Hi", {"role": "user", "content": "there"}]), oc.Response)
    client.complete("x", modle="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.complete("x", temperature="hot")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def ask_later(client: oc.AsyncClient) -> str:
    async with client.stream("Say hello") as stream:
        assert_type(stream, oc.AsyncResponseStream)
        async for batch in stream.batches():
            assert_type(batch, "list[oc.Event]")
    response = await client.complete("x", effort="low")
    assert_type(response, oc.Response)
    return response.text


def explain(error: Exception) -> str:
    match error:
        case oc.RateLimitError(retry_after=float(seconds)):
            return f"wait {seconds} s"
        case oc.APIStatusError(status_code=int(status)):
            return str(status)
        case oc.ConfigError(issues=[first, *_]):
            return first.suggestion or first.message
        case _:
            return str(error)


def settings(path: Path) -> list[str]:
    report = config.check(path)
    done = config.repair(path, dry_run=True)
    assert_type(done.changes, "list[config.Change]")
    return [f"{issue.line}: {issue.message}" for issue in report.issues]
