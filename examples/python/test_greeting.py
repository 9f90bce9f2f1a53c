"""How a program that uses openclaw_core is tested without a model: run with pytest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openclaw_core import Client, OpenClawError
from openclaw_core.testing import Server


def greet(client: Client, name: str) -> str:
    """The program: a greeting by the model, or a plain one when the plan is used up."""
    try:
        return client.complete(f"Greet {name}", model="gpt-5.4").text
    except OpenClawError as error:
        if error.kind != "usage_limit":
            raise
        return f"Hello {name}"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def test_the_model_is_asked(server: Server) -> None:
    with server.client() as client:
        assert greet(client, "Ada").endswith("Greet Ada")
    assert server.requests[0]["body"]["model"] == "gpt-5.4"


def test_a_used_up_plan_is_no_failure(server: Server) -> None:
    server.set_scenario("usage_limit")
    with server.client() as client:
        assert greet(client, "Ada") == "Hello Ada"
    assert server.request_count == 1, "what cannot help is not repeated"
