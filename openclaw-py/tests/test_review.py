"""What a fresh reader tripped over."""

from __future__ import annotations

import subprocess
import sys

import pytest

from openclaw_core import BadRequestError, Client, ConfigError
from openclaw_core.testing import Server, forged_token


def test_a_login_goes_to_its_own_provider() -> None:
    for provider in ("openai", "openai_codex"):
        with pytest.raises(ConfigError):
            Client(token=forged_token("a"), provider=provider)


def test_a_tool_call_is_history() -> None:
    with Server("tool_call") as server, server.client() as client:
        first = client.complete("x", model="gpt-5.4")
        call = first.tool_calls[0]
        client.complete(["x", call, call.result("sunny")], model="gpt-5.4")
        sent = server.requests[-1]["body"]["input"]
        assert [item["type"] for item in sent] == ["message", "function_call", "function_call_output"]


def test_what_is_no_item_is_refused() -> None:
    with Server() as server, server.client() as client:
        with pytest.raises(BadRequestError, match=r"input\[0\]"):
            client.complete([{"call_id": "c", "name": "t"}], model="gpt-5.4")


def test_a_header_value_is_not_shown() -> None:
    with Server() as server, server.client() as client:
        with pytest.raises(TypeError) as caught:
            client.complete("x", model="gpt-5.4", extra_headers={"authorization": ["sk-secretsecretsecret"]})  # type: ignore[dict-item]
        assert "sk-secret" not in str(caught.value)


def test_bytes_that_are_no_text_do_not_end_the_command_line() -> None:
    command = [sys.executable, "-m", "openclaw_core", "classify"]
    done = subprocess.run(command, input=b"\xff\xfe{}\n", capture_output=True, timeout=60)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_a_fork_leaves_the_inline_parent_alone() -> None:
    program = """
import os
from openclaw_core.testing import Server
server = Server("slow")
client = server.client(inline=True)
stream = client.stream("hi", model="gpt-5.4")
next(stream)
if os.fork() == 0:
    del stream, client
    os._exit(0)
os.wait()
print(sum(1 for _ in stream) > 3)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "True", done.stderr
