"""The diagnosis, against the embedded server and a home of its own."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

import openclaw_core as oc
from openclaw_core.__main__ import main
from openclaw_core.testing import Server, forged_token


@pytest.fixture
def home(tmp_path: Path, server: Server) -> Path:
    """A home with one login, which ends within the hour, for this server."""
    agent = tmp_path / ".openclaw/agents/main/agent"
    agent.mkdir(parents=True)
    login = {"type": "token", "provider": "openai-codex", "token": forged_token("acct-1")}
    (agent / "auth-profiles.json").write_text(json.dumps({"version": 1, "profiles": {"openai-codex:me": login}}))
    provider = {"baseUrl": server.base_url, "api": "openai-codex-responses", "models": []}
    config = {
        "agents": {"defaults": {"model": "openai-codex/gpt-5.4"}},
        "models": {"providers": {"openai-codex": provider}},
    }
    (tmp_path / ".openclaw/openclaw.json").write_text(json.dumps(config))
    return tmp_path


def test_without_asking(home: Path, server: Server) -> None:
    found = oc.diagnose(env={"HOME": str(home)})
    assert (found.verdict.kind, found.check, found.probe) == ("not_probed", "expires_soon", None)
    (login,) = (login for login in found.profiles if login.used)
    assert (login.id, login.state, login.kind, login.usable) == ("openai-codex:me", "expires_soon", "token", True)
    assert found.configuration["valid"] and found.endpoints[0]["configured"]
    assert server.request_count == 0


def test_asking(home: Path, server: Server) -> None:
    before = (home / ".openclaw/agents/main/agent/auth-profiles.json").read_bytes()
    found = oc.diagnose(probe=True, env={"HOME": str(home)})
    assert found.verdict.kind == "fine" and found.probe is not None
    assert found.probe["responses"]["outcome"] == "answered"
    assert found.plan_usage is not None and found.plan_usage.plan_type == "plus"
    assert server.request_count == 3
    server.set_scenario("challenge")
    blocked = oc.diagnose(probe=True, env={"HOME": str(home)})
    assert (blocked.verdict.kind, blocked.check) == ("edge_blocked", "nothing_usable")
    assert str(blocked).startswith("The token is good: cloudflare") and "1. " in str(blocked)
    assert forged_token("acct-1") not in json.dumps(blocked.to_dict())
    assert (home / ".openclaw/agents/main/agent/auth-profiles.json").read_bytes() == before


def test_a_record_is_a_frozen_view(home: Path) -> None:
    found = oc.diagnose(env={"HOME": str(home)})
    assert pickle.loads(pickle.dumps(found)) == found and oc.Diagnosis.from_dict(found.to_dict()) == found
    with pytest.raises(AttributeError):
        found.check = "ok"  # type: ignore[misc]
    with pytest.raises(TypeError):
        found.configuration["valid"] = False
    assert "openai-codex:me" in found._repr_html_()


def test_in_an_event_loop(home: Path, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
    found = run(oc.diagnose_async(probe=True, env={"HOME": str(home)}))
    assert found.verdict.kind == "fine"


def test_a_question_that_cannot_be(home: Path) -> None:
    with pytest.raises(oc.ConfigError, match=r"\.\./x"):
        oc.diagnose(agent="../x", env={"HOME": str(home)})
    named = oc.diagnose(config=home / "missing.json", env={"HOME": str(home)})
    assert named.verdict.kind == "config_invalid" and "missing.json" in str(named.configuration)


def test_the_command(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HOME", str(home))
    for name in ("OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH", "OPENCLAW_HOME", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert main(["status"]) == 0 and "openai-codex:me  expires_soon" in capsys.readouterr().out
    assert main(["status", "--probe", "--json", "--check"]) == 2
    assert json.loads(capsys.readouterr().out)["verdict"]["kind"] == "fine"
    monkeypatch.setenv("HOME", "/nowhere")
    assert main(["status", "--check"]) == 1
