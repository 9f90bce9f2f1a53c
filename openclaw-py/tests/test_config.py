"""Configurations: the vectors of all languages, files on the disk, errors."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

import openclaw_core as oc
from openclaw_core import config

VECTORS = sorted((REPOSITORY / "tests/vectors/config").glob("*.json"))
WRONG = '{\n  // the port\n  gateway: { prot: 18789 },\n  loging: {},\n}\n'


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector(path: Path) -> None:
    vector = json.loads(path.read_text())
    asked, expected = vector["config"], vector["expect"]
    more = {name: asked[name] for name in ("path", "env", "files") if name in asked}
    if "{" in asked["text"] or not asked["text"].strip():
        checked = config.check(asked["text"], **more)
        repaired = config.repair(asked["text"], assume_version=asked.get("assume_version"), **more)
        assert text(checked.to_dict()) == text(expected["check"])
        assert text(repaired.to_dict()) == text(expected["repair"])
        assert checked.valid == (not checked.errors) and len(checked.issues) == len(checked.errors) + len(checked.warnings)
        assert str(repaired) == repaired.rendered and not repaired.written and repaired.kept_in is None
    for issue in expected["check"]["issues"]:
        assert config.Issue.from_dict(issue).to_dict() == issue


def test_there_are_vectors() -> None:
    assert len(VECTORS) >= 15


def test_what_is_wrong_is_raised() -> None:
    with pytest.raises(oc.ConfigError) as caught:
        config.validate(WRONG, env={})
    error = caught.value
    assert [issue.code for issue in error.issues] == ["unknown_key"] * 2
    first = next(issue for issue in error.issues if issue.path == "gateway")
    assert (first.line, first.column, first.keys, first.suggestion) == (3, 14, ["prot"], "port")
    assert str(first) == 'gateway: Unrecognized key: "prot"'
    clone = pickle.loads(pickle.dumps(error))
    assert clone.issues == error.issues and clone.to_dict() == error.to_dict() and isinstance(clone, ValueError)
    assert config.validate("{ gateway: { port: 1 } }", env={}).valid


@pytest.mark.parametrize("source", ["[]", "null", "5", "a.json", "'x'"])
def test_what_has_files_is_a_text(source: str) -> None:
    report = config.check(source, env={}, files={"a.json": "{}"})
    assert not report.valid and report.path is None and report.issues[0].line == 1
    assert config.repair(source, env={}, files={}).text == source


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "openclaw.json"
    path.write_text(WRONG)
    for source in (path, str(path)):
        report = config.check(source, env={})
        assert not report.valid and report.path == str(path) and report.issues[0].file == str(path)
        assert "prot" in (report.rendered or "") and "Unrecognized" in report._repr_html_()
        plan = config.repair(source, dry_run=True, env={})
        assert plan.valid and not plan.before.valid and plan.after.valid and plan.changes and not plan.written
        assert path.read_text() == WRONG and plan.text is None
    done = config.repair(path, env={})
    assert done.written[0].path == str(path) and done.written[0].backup is not None
    assert Path(done.written[0].backup).read_text() == WRONG
    assert done.kept_in is not None and Path(done.kept_in).stat().st_mode & 0o777 == 0o600
    assert "// the port" in path.read_text() and config.validate(path, env={}).valid
    assert not config.repair(path, env={}).changes


def test_where_openclaw_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.json"
    monkeypatch.setenv("OPENCLAW_CONFIG_PATH", str(path))
    assert config.default_path() == str(path)
    report = config.check()
    assert report.path == str(path) and report.issues[0].code == "unreadable"
    with pytest.raises(oc.StoreError):
        config.validate()
    path.write_text("{ gateway: { auth: { token: '${MINE}' } } }")
    assert [issue.code for issue in config.check().warnings] == ["env_missing"]
    monkeypatch.setenv("MINE", "sk-secretsecret")
    assert config.check().issues == []


def test_an_environment_that_is_given_is_the_whole(tmp_path: Path) -> None:
    with pytest.raises(oc.ConfigError, match="home"):
        config.check(env={})
    assert config.check(env={"HOME": str(tmp_path)}).path == str(tmp_path / ".openclaw/openclaw.json")


def test_the_schema_and_the_keys() -> None:
    checked_in = json.loads((REPOSITORY / "openclaw-core/schema/openclaw.schema.json").read_text())
    assert config.schema() == checked_in
    port = config.explain("gateway.port")
    assert port is not None and port["type"] == "integer > 0" and port["default"] == 18789
    assert config.explain("no.such.key") is None and config.explain() is not None
