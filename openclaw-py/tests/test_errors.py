"""Errors: one class per kind, every field, pickled, classified, shown."""

from __future__ import annotations

import copy
import json
import multiprocessing
import pickle
from typing import Any

import pytest
from conftest import REPOSITORY

import openclaw_core as oc
from openclaw_core import _errors, _native
from openclaw_core.testing import SCENARIOS, Server

RECORD: dict[str, Any] = {
    "stage": "responded",
    "advice": "wait",
    "message": "too <fast>",
    "provider": "openai-codex",
    "model": "gpt-5.4",
    "profile": "default",
    "http_status": 429,
    "url": "https://chatgpt.com/x",
    "request_id": "req_1",
    "cf_ray": "1-FRA",
    "edge": {"vendor": "cloudflare", "action": "block"},
    "code": "slow_down",
    "retry_after_ms": 1500,
    "resets_at": 4102444800,
    "usable_at": 4102444801,
    "body_preview": "…",
    "attempts": [{"provider": "p", "model": "m", "kind": "overloaded", "duration_ms": 3}],
    "source": "below",
}


def test_every_kind_has_a_class_of_its_own() -> None:
    kinds = _native.error_kinds()
    assert set(kinds) == set(_errors.CLASSES)
    assert len(set(_errors.CLASSES.values())) == len(kinds)
    for kind, cls in _errors.CLASSES.items():
        assert cls.default_kind == kind and cls.__doc__ and cls.__name__ in oc.__all__


@pytest.mark.parametrize("kind", [*_native.error_kinds(), "of_a_later_version"])
def test_every_field_survives_and_can_be_pickled(kind: str) -> None:
    record = {"kind": kind, **RECORD}
    error = oc.error_from_dict(record)
    for clone in (error, pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(clone) is type(error) and clone.to_dict() == record
        assert clone.kind == kind and clone.status_code == clone.http_status == 429
        assert clone.retry_after == 1.5 and clone.retryable and clone.resets_at == 4102444800
        assert clone.attempts[0].kind == "overloaded" and clone.attempts[0].duration_ms == 3
        assert (clone.stage, clone.advice, clone.message) == ("responded", "wait", "too <fast>")
        assert str(clone) == f"{kind}: too <fast>" and repr(clone).endswith("('too <fast>')")
        assert "too &lt;fast&gt;" in clone._repr_html_()
        for name in ("provider", "model", "profile", "url", "usable_at", "request_id", "cf_ray", "edge", "code", "source"):
            assert getattr(clone, name) == record[name]


@pytest.mark.parametrize(
    ("cls", "base"),
    [
        (oc.APIConnectionError, ConnectionError),
        (oc.APITimeoutError, TimeoutError),
        (oc.APITimeoutError, oc.APIConnectionError),
        (oc.DNSError, OSError),
        (oc.UsageLimitError, oc.RateLimitError),
        (oc.AuthExpiredError, oc.AuthenticationError),
        (oc.PermissionDeniedError, PermissionError),
        (oc.ContextOverflowError, oc.BadRequestError),
        (oc.BadRequestError, ValueError),
        (oc.ModelNotFoundError, oc.NotFoundError),
        (oc.OverloadedError, oc.InternalServerError),
        (oc.ConfigError, ValueError),
        (oc.StoreError, OSError),
        (oc.ClosedError, ValueError),
        (oc.ForkedError, RuntimeError),
        (oc.PanicError, RuntimeError),
        (oc.APIStatusError, oc.APIError),
        (oc.APIConnectionError, oc.APIError),
        (oc.ConflictError, oc.APIStatusError),
        (oc.UnprocessableEntityError, oc.BadRequestError),
        (oc.GatewayTimeoutError, oc.APITimeoutError),
        (oc.ProxyError, oc.APIStatusError),
        (oc.ProxyError, ConnectionError),
        (oc.TLSError, ConnectionError),
        (oc.GatewayTimeoutError, TimeoutError),
        (oc.NotFoundError, LookupError),
        (oc.ModelNotFoundError, LookupError),
        (oc.StreamTruncatedError, ConnectionError),
        (oc.ContentPolicyError, ValueError),
        (oc.UnprocessableEntityError, ValueError),
    ],
)
def test_the_tree(cls: type[Exception], base: type[Exception]) -> None:
    assert issubclass(cls, base) and issubclass(cls, oc.OpenClawError) and issubclass(cls, Exception)
    assert not issubclass(oc.BlockedError, (oc.AuthenticationError, oc.PermissionDeniedError))


def fail(cls: type[oc.OpenClawError]) -> None:
    raise cls("made in a worker", request_id="req_1")


def test_every_class_comes_back_from_a_worker() -> None:
    classes = [cls for cls in vars(oc).values() if isinstance(cls, type) and issubclass(cls, oc.OpenClawError)]
    assert len(classes) > 25
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for cls, result in [(cls, pool.apply_async(fail, (cls,))) for cls in classes]:
            with pytest.raises(cls) as caught:
                result.get(30)
            assert type(caught.value) is cls and caught.value.request_id == "req_1"


@pytest.mark.parametrize(
    ("scenario", "cls"),
    [
        ("usage_limit", oc.UsageLimitError),
        ("overloaded", oc.OverloadedError),
        ("context_overflow", oc.ContextOverflowError),
        ("truncated", oc.StreamTruncatedError),
        ("challenge", oc.BlockedError),
        ("waf", oc.BlockedError),
        ("captive_portal", oc.ProxyError),
    ],
)
def test_what_the_server_plays_is_raised(server: Server, scenario: str, cls: type[Exception]) -> None:
    assert scenario in SCENARIOS
    server.set_scenario(scenario)
    with server.client(max_retries=0) as client, pytest.raises(cls) as caught:
        client.complete("x", model="gpt-5.4")
    assert type(caught.value) is cls


def test_attempts_are_told(server: Server) -> None:
    server.set_scenario("overloaded")
    with server.client(max_retries=1) as client, pytest.raises(oc.OverloadedError) as caught:
        client.complete("x", model="gpt-5.4")
    assert [attempt.kind for attempt in caught.value.attempts] == ["overloaded"] * 2


def test_connection_errors() -> None:
    from openclaw_core.testing import forged_token

    with oc.Client(token=forged_token("a"), base_url="http://127.0.0.1:1/", max_retries=0) as client:
        with pytest.raises(ConnectionError) as caught:
            client.complete("x", model="gpt-5.4")
    assert type(caught.value) is oc.APIConnectionError


def test_classify() -> None:
    error = oc.classify(status=429, headers={"retry-after": "2", "x": ["a", "b"]}, body=b"\xff", provider="openai")
    assert type(error) is oc.RateLimitError and error.retry_after == 2.0 and error.provider == "openai"
    assert type(oc.classify(body="error trying to connect: Connection refused")) is oc.APIConnectionError
    with pytest.raises(oc.BadRequestError):
        oc.classify(status=70000)


def test_classify_agrees_with_the_other_languages() -> None:
    lines = (REPOSITORY / "tests/vectors/classify.jsonl").read_text().splitlines()
    assert len(lines) > 20
    for line in lines:
        case = json.loads(line)
        error = oc.classify(
            status=case["status"], headers=case["headers"], body=case["body"], provider=case["provider"], url=case.get("url")
        )
        assert error.kind == case["expected_kind"], case["id"]


#: Bodies and headers that turn what a status says into another kind.
EVIDENCE: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("<html><title>Just a moment...</title>", {"server": "cloudflare", "cf-mitigated": "challenge"}),
    ("<html>Please log in to this network</html>", {"content-type": "text/html"}),
    ('{"error":{"code":"context_length_exceeded"}}', {}),
    ('{"error":{"type":"usage_limit_reached","resets_in_seconds":5}}', {}),
    ('{"error":{"code":"model_not_found","message":"The model does not exist"}}', {}),
    ('{"error":{"message":"Request timed out."}}', {}),
    ("upstream connect error or disconnect/reset before headers", {}),
    ('{"detail":"Could not validate your token"}', {}),
]


@pytest.mark.parametrize("status", range(100, 600))
def test_every_error_with_a_status_is_an_api_status_error(status: int) -> None:
    for body, headers in EVIDENCE:
        error = oc.classify(status=status, body=body, headers=headers, provider="openai-codex")
        assert isinstance(error, oc.APIStatusError) and error.status_code == status, (status, body, error)
        assert isinstance(error, _errors.CLASSES[error.kind]) or status == 404


def test_statuses_have_the_names_of_openai_python() -> None:
    for status, cls in (
        (400, oc.BadRequestError),
        (401, oc.AuthenticationError),
        (403, oc.PermissionDeniedError),
        (404, oc.NotFoundError),
        (409, oc.ConflictError),
        (422, oc.UnprocessableEntityError),
        (429, oc.RateLimitError),
        (500, oc.InternalServerError),
        (504, oc.GatewayTimeoutError),
    ):
        error = oc.classify(status=status, body='{"error":{"message":"no"}}')
        assert isinstance(error, cls) and type(pickle.loads(pickle.dumps(error))) is type(error)


def test_what_is_below_an_error_is_its_cause(tmp_path: Any) -> None:
    from openclaw_core.testing import forged_token

    with oc.Client(token=forged_token("a"), base_url="http://127.0.0.1:1/", max_retries=0) as client:
        with pytest.raises(oc.APIConnectionError) as caught:
            client.complete("x", model="gpt-5.4")
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):
        chain = [error.__cause__]
        while chain[-1] is not None:
            chain.append(chain[-1].__cause__)
        below = chain[:-1]
        assert len(below) >= 2 and all(isinstance(one, oc.SourceError) for one in below[:-1])
        assert isinstance(below[-1], ConnectionRefusedError)
        assert error.source is not None and "refused" in error.source
    one = oc.error_from_dict({"kind": "store", "source": "no space left"})
    assert isinstance(one.__cause__, oc.SourceError) and str(one.__cause__) == "no space left"
    assert oc.error_from_dict({"kind": "store"}).__cause__ is None


@pytest.mark.skipif(not hasattr(BaseException, "add_note"), reason="Python 3.11 has add_note() first")
def test_notes_survive_pickling() -> None:
    error: Any = oc.RateLimitError("slow down")
    error.add_note("in the nightly job")
    for clone in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert clone.__notes__ == ["in the nightly job"]
    clone.add_note("mine")
    assert error.__notes__ == ["in the nightly job"]
