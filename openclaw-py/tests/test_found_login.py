"""A client without settings takes the login of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openclaw_core.testing import forged_token

SHOW = """
import openclaw_core as oc
for cls in (oc.Client, oc.AsyncClient):
    try:
        client = cls()
        print(client.provider, client.login.source, client.login.profile, sep="|")
        client.close()
    except oc.OpenClawError as error:
        print(type(error).__name__, error.stage, error.advice, sep="|")
"""
TOKEN = forged_token("acct-1")
CODEX = {"tokens": {"access_token": TOKEN, "refresh_token": "r", "account_id": "acct-1"}}
ME = "openai-codex:me@example.com"
STORE = {
    "version": 1,
    "profiles": {ME: {"type": "oauth", "provider": "openai-codex", "access": TOKEN, "refresh": "r", "expires": 4e12}},
}


@pytest.mark.parametrize(
    ("variables", "files", "shown"),
    [
        ({"OPENAI_API_KEY": "sk-of-a-test"}, {}, "openai|OPENAI_API_KEY|None"),
        ({}, {".codex/auth.json": CODEX}, "openai-codex|HOME/.codex/auth.json|None"),
        ({"CODEX_HOME": "HOME/here"}, {"here/auth.json": CODEX}, "openai-codex|HOME/here/auth.json|None"),
        (
            {"OPENAI_API_KEY": "sk-of-a-test"},
            {".openclaw/agents/main/agent/auth-profiles.json": STORE, ".codex/auth.json": CODEX},
            f"openai-codex|HOME/.openclaw/agents/main/agent/auth-profiles.json|{ME}",
        ),
        ({}, {}, "AuthenticationError|not_sent|sign_in"),
    ],
)
def test_the_login_of_this_machine(
    variables: dict[str, str], files: dict[str, object], shown: str, tmp_path: Path
) -> None:
    def here(text: str) -> str:
        return text.replace("HOME", str(tmp_path))

    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        path.chmod(0o600)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **{name: here(value) for name, value in variables.items()}}
    done = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, timeout=60, env=env)
    assert done.stdout.splitlines() == [here(shown)] * 2, done.stderr
    assert TOKEN not in done.stdout + done.stderr
