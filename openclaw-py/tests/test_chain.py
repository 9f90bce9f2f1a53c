"""Clients that go on with other models."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import python

import openclaw_core as oc
from openclaw_core.testing import Server, forged_token

#: Where a log record keeps the fields of a decision.
KEY = "openclaw_core"


def pair(first: Server, second: Server) -> list[tuple[str, oc.Client]]:
    return [("openai-codex/gpt-5.4", first.client()), ("backup/gpt-5.5", second.client())]


def test_the_next_model_answers_and_everything_says_so(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    with Server("challenge") as blocked, caplog.at_level(logging.INFO, logger="openclaw_core"):
        chain = oc.Client.chain(pair(blocked, server))
        with chain.stream("hi") as stream:
            moves = [event for event in stream if isinstance(event, oc.Retrying)]
            response = stream.get_final_response()
        assert [(move.kind, (move.next or {}).get("model")) for move in moves] == [("edge_blocked", "gpt-5.5")]
        assert [(a.provider, a.model, a.kind) for a in response.attempts] == [("openai-codex", "gpt-5.4", "edge_blocked")]
        assert stream.attempts == response.attempts
        assert blocked.request_count == 1 and server.request_count == 1
        # The breaker is open: it is passed over, with a warning.
        again = chain.complete("hi")
        assert [warning["code"] for warning in again.warnings] == ["candidate_skipped"]
        assert blocked.request_count == 1
        # The model that is named is asked first.
        chain.complete("hi", model="backup/gpt-5.5")
    decisions: list[Any] = [record.__dict__[KEY] for record in caplog.records if KEY in record.__dict__]
    moved = next(d for d in decisions if d["event"] == "embedded_run_failover_decision")
    assert (moved["decision"], moved["failoverReason"], moved["status"]) == ("fallback_model", "edge_blocked", 403)
    assert moved["tags"] == ["error_handling", "failover", "prompt", "fallback_model"]
    skipped = next(d for d in decisions if d.get("decision") == "skip_candidate")
    assert skipped["reason"] == "edge_blocked" and "status" not in skipped


def test_all_fail(server: Server) -> None:
    with Server("challenge") as blocked, Server("usage_limit") as spent:
        with pytest.raises(oc.BlockedError) as caught:
            oc.Client.chain(pair(blocked, spent)).complete("hi")
    assert [attempt.kind for attempt in caught.value.attempts] == ["edge_blocked", "usage_limit"]


def test_asyncio(server: Server, run: Callable[[Any], Any]) -> None:
    async def main(blocked: Server) -> oc.Response:
        # Clients of both kinds can be asked.
        models = [("openai-codex/gpt-5.4", blocked.async_client()), ("backup/gpt-5.5", server.client())]
        async with oc.AsyncClient.chain(models) as chain:
            return await chain.complete("hi")

    with Server("challenge") as blocked:
        assert len(run(main(blocked)).attempts) == 1


@pytest.mark.parametrize("inline", [False, True])
def test_members_stay_as_they_are(server: Server, inline: bool) -> None:
    with Server("challenge") as blocked:
        models = pair(blocked, server)
        models[1][1].complete("hi", model="m")
        chain = oc.Client.chain(models, inline=inline)
        chain.complete("hi")
        for _, client in models:
            client.close()
        chain.complete("hi")
        chain.close()
        with pytest.raises(oc.ClosedError):
            chain.complete("hi")
        with pytest.raises(oc.ClosedError):
            oc.Client.chain(models)


def home(folder: Path, blocked: Server, server: Server) -> Path:
    """An OpenClaw home whose primary is blocked."""
    providers = {
        name: {"baseUrl": at.platform_base_url, "api": "openai-responses", "apiKey": "sk-forged-key-77", "models": []}
        for name, at in (("one", blocked), ("two", server))
    }
    model = {"primary": "one/gpt-5.4", "fallbacks": ["two/gpt-5.5"]}
    config = {"models": {"providers": providers}, "agents": {"defaults": {"model": model}}}
    path = folder / ".openclaw" / "openclaw.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(config))
    return path


def test_a_configuration_is_followed(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server("challenge") as blocked:
        path = home(tmp_path, blocked, server)
        for name in ("OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR", "OPENCLAW_HOME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        for client in (oc.Client.from_config(), oc.Client.from_config(path, application="test/1.0")):
            assert client.login.source == str(path)
            response = client.complete("hi")
            assert [attempt.provider for attempt in response.attempts] == ["one"]


def test_time_limits_are_those_of_the_configuration_and_of_the_members(tmp_path: Path) -> None:
    with Server("stall") as stalls:
        provider = {"baseUrl": stalls.platform_base_url, "api": "openai-responses", "apiKey": "sk-forged-key-77", "models": []}
        defaults = {"model": "one/gpt-5.4", "timeoutSeconds": 60, "llm": {"idleTimeoutSeconds": 1}}
        config = {"models": {"providers": {"one": provider}}, "agents": {"defaults": defaults}}
        path = tmp_path / "openclaw.json"
        path.write_text(json.dumps(config))
        for chain in (
            oc.Client.from_config(path),
            oc.Client.chain([("openai-codex/gpt-5.4", stalls.client(idle_timeout=0.05))]),
        ):
            with chain, pytest.raises(oc.APITimeoutError, match="limit idle"):
                chain.complete("hi", timeout=60)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is for Unix")
def test_after_a_fork(server: Server) -> None:
    with Server("challenge") as blocked:
        code = """
            import os, sys
            import openclaw_core as oc
            first, second, token = sys.argv[1:]
            make = lambda url: oc.Client(token=token, base_url=url)
            with make(first) as one, make(second) as other:
                chain = oc.Client.chain([("openai-codex/gpt-5.4", one), ("backup/gpt-5.5", other)])
            chain.complete("hi")
            child = os.fork()
            if child == 0:
                os._exit(0 if chain.complete("hi").finish_reason == "stop" else 3)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), chain.complete("hi").finish_reason)
        """
        done = python(code, blocked.base_url, server.base_url, forged_token("a"))
    assert done.stdout.strip() == "0 stop", done
