"""Replays `tests/vectors/*.json`: the same canonical JSON as in Rust and C, byte by byte."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

import openclaw_core as oc
from openclaw_core.testing import Server, forged_token

VECTORS = sorted((REPOSITORY / "tests/vectors").glob("*.json"))
#: The headers that a backend sees of us; the others belong to the HTTP library.
HEADERS = (
    "accept anthropic-beta anthropic-version authorization chatgpt-account-id content-type openai-beta originator "
    "session-id thread-id x-api-key x-client-request-id x-codex-turn-state x-extra"
).split()


def canonical(value: Any, address: str) -> Any:
    """Takes out what differs from run to run."""
    if isinstance(value, str):
        return value.replace(address, "loopback")
    if isinstance(value, list):
        return [canonical(one, address) for one in value]
    if isinstance(value, dict):
        return {k: canonical(v, address) for k, v in sorted(value.items()) if k not in ("duration_ms", "source")}
    return value


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def settings(vector: dict[str, Any], server: Server) -> dict[str, Any]:
    if vector["provider"] == "openai":
        return {"api_key": "sk-vector", "base_url": server.platform_base_url}
    if vector["provider"] == "anthropic":
        return {"provider": "anthropic", "api_key": "sk-ant-api-vector", "base_url": server.platform_base_url}
    return {"token": forged_token("acct-vector"), "base_url": server.base_url}


def call(vector: dict[str, Any]) -> dict[str, Any]:
    request, options = dict(vector["request"]), vector["options"]
    if "extra" in request:
        request["extra_body"] = request.pop("extra")
    budget = options.get("budget_ms")
    return {
        **request,
        "max_retries": options.get("max_retries", 0),
        "retry_budget": None if budget is None else budget / 1000,
        "strict": options.get("strict"),
        "turn_state": options.get("turn_state"),
        "extra_headers": options.get("headers"),
    }


def replay(vector: dict[str, Any], inline: bool) -> str:
    with Server(script=vector["script"]) as server, oc.Client(**settings(vector, server), inline=inline) as client:
        events: list[Any] = []
        try:
            for event in client.stream(**call(vector)):
                if isinstance(event, oc.Completed):
                    assert event.response.to_dict() == {k: v for k, v in event.to_dict().items() if k != "type"}
                    return finish(server, events, "response", event.response.to_dict())
                events.append(event.to_dict())
        except oc.OpenClawError as error:
            return finish(server, events, "error", error.to_dict())
        raise AssertionError("a stream has an end")


async def replay_async(vector: dict[str, Any]) -> str:
    with Server(script=vector["script"]) as server:
        async with oc.AsyncClient(**settings(vector, server)) as client:
            events: list[Any] = []
            stream = client.stream(**call(vector))
            try:
                async for batch in stream.batches():
                    events.extend(event.to_dict() for event in batch if not isinstance(event, oc.Completed))
                return finish(server, events, "response", (await stream.get_final_response()).to_dict())
            except oc.OpenClawError as error:
                return finish(server, events, "error", error.to_dict())


def finish(server: Server, events: list[Any], name: str, end: Any) -> str:
    requests = [
        {
            "method": request["method"],
            "path": request["path"],
            "headers": {k: v for k, v in request["headers"] if k in HEADERS},
            "body": request.get("body"),
        }
        for request in server.requests
    ]
    return text(canonical({"requests": requests, "events": events, name: end}, server.address))


def test_there_are_vectors() -> None:
    assert len(VECTORS) >= 20


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
@pytest.mark.parametrize("way", ["threaded", "inline", "async"])
def test_a_vector(path: Path, way: str) -> None:
    vector = json.loads(path.read_text())
    found = asyncio.run(replay_async(vector)) if way == "async" else replay(vector, way == "inline")
    assert found == text(vector["expect"])
