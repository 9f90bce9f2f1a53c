"""What people see: help(), types, the examples, the documents."""

from __future__ import annotations

import doctest
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, needed

import openclaw_core as oc
import openclaw_core.auth
import openclaw_core.config
import openclaw_core.testing
from openclaw_core import _record
from openclaw_core.testing import Server, forged_token

MODULES = [path.stem for path in Path(oc.__file__).parent.glob("*.py") if path.stem != "__init__"]


def test_everything_public_has_help() -> None:
    missing = []
    for module in (oc, openclaw_core.auth, openclaw_core.config, openclaw_core.testing, oc._native):
        assert module.__doc__ or module is oc._native
        for name in getattr(module, "__all__", [n for n in dir(module) if not n.startswith("_")]):
            thing = getattr(module, name)
            if not (inspect.isclass(thing) or callable(thing)) or name in ("Item", "Event"):
                continue
            if module is not oc._native and not inspect.getdoc(thing):
                missing.append(name)
            for member, value in vars(thing).items() if inspect.isclass(thing) else ():
                if not member.startswith("_") and (callable(value) or isinstance(value, property)):
                    if module is not oc._native and not inspect.getdoc(value):
                        missing.append(f"{name}.{member}")
    assert not missing, missing


def test_every_field_of_a_record_is_explained() -> None:
    for module, name in [(module, name) for module in (oc, openclaw_core.auth) for name in module.__all__]:
        cls = getattr(module, name)
        for field in getattr(cls, "__match_args__", ()):
            if issubclass(cls, _record.Record):
                assert f"{field}:" in (cls.__doc__ or ""), f"{name}.{field}"


def test_signatures_can_be_read() -> None:
    for method in (oc.Client.stream, oc.Client.complete, oc.AsyncClient.stream, oc.AsyncClient.complete):
        names = list(inspect.signature(method).parameters)
        text = method.__doc__ or ""
        assert names[:3] == ["self", "input", "model"] and "extra_headers" in names
        assert all(f"{name}:" in text or f"{name}," in text for name in names[1:] if name != "top_p")


@pytest.mark.parametrize("name", ["", *MODULES])
def test_documentation_examples(name: str) -> None:
    module = importlib.import_module(f"openclaw_core.{name}" if name else "openclaw_core")
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


def snippets(*documents: Path) -> list[str]:
    """All Python that they show."""
    texts = [path.read_text() for path in documents]
    return [block.split("```", 1)[0] for text in texts for block in text.split("```python\n")[1:]]


def environment(server: Server) -> dict[str, str]:
    """An environment in which a program asks the server."""
    return {**os.environ, "OPENCLAW_TEST_URL": server.base_url, "OPENCLAW_TEST_TOKEN": forged_token("a")}


#: Points a program that makes a `Client()` without settings to the embedded server.
REDIRECT = """
import functools, os, openclaw_core
def redirect(cls):
    made = cls.__init__
    @functools.wraps(made)
    def init(self, **settings):
        made(self, token=os.environ["OPENCLAW_TEST_TOKEN"], base_url=os.environ["OPENCLAW_TEST_URL"], **settings)
    cls.__init__ = init
redirect(openclaw_core.Client)
redirect(openclaw_core.AsyncClient)
"""


def test_the_readmes(server: Server, tmp_path: Path) -> None:
    found = snippets(REPOSITORY / "README.md", REPOSITORY / "openclaw-py/README.md")
    assert len(found) >= 2 and len(found[0].splitlines()) <= 12
    for snippet in found:
        (tmp_path / "openclaw.json").write_text("{ gateway: { prot: 18789 } }")
        command = [sys.executable, "-c", REDIRECT + snippet]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, env=environment(server), cwd=tmp_path
        )
        assert done.returncode == 0 and done.stdout.strip(), (snippet, done.stdout, done.stderr)
    assert server.request_count >= len(found) - 1


def example(name: str, server: Server, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    path = str(REPOSITORY / "examples/python" / name)
    code = REDIRECT + "import runpy, sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", code, path, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(server), **more)


def test_the_chat_example(server: Server) -> None:
    done = example("chat.py", server, input="One\nTwo\n")
    assert done.returncode == 0, done.stderr
    assert "You asked: One" in done.stdout and "You asked: Two" in done.stdout
    assert [len(request["body"]["input"]) for request in server.requests if request["method"] == "POST"] == [1, 4]


def test_the_example_of_an_own_provider() -> None:
    path = str(REPOSITORY / "examples/python/own_provider.py")
    done = subprocess.run([sys.executable, path, "Good day"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[:2] == ["small says: Good day  5", "one after the other"] and "all seats are taken" in said[2]


def test_the_fan_out_example(server: Server, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("".join(f"no {n}\n" for n in range(30)))
    done = example("fan_out.py", server, str(prompts))
    assert done.returncode == 0, done.stderr
    assert "30/30" in done.stderr and len(done.stdout.splitlines()) == 30


def test_the_sign_in_example(server: Server, tmp_path: Path) -> None:
    person = str(REPOSITORY / "examples/python/sign_in.py")
    command = [sys.executable, person, "--method", "paste", "--issuer", server.issuer_url, "--store", str(tmp_path)]
    pipe = subprocess.PIPE
    running = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert running.stdin and running.stdout
    url = next(line.strip() for line in running.stdout if line.strip().startswith("http://"))
    out, err = running.communicate(server.decide_sign_in(url) + "\n", timeout=60)
    assert running.returncode == 0 and "openai-codex:sam@example.test" in out, out + err


def test_the_example_of_a_test() -> None:
    path = str(REPOSITORY / "examples/python/test_greeting.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(REPOSITORY / "examples"), path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "passed" in done.stdout, done.stdout


def check(*command: str) -> None:
    # pyright looks for packages beside the first `python` of the path.
    env = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, timeout=500, env=env)
    assert done.returncode == 0, done.stdout + done.stderr


HERE = Path(__file__).resolve().parent


def test_mypy_is_content() -> None:
    needed("mypy")
    config = str(HERE.parent / "pyproject.toml")
    paths = [str(HERE), *map(str, sorted((REPOSITORY / "examples/python").glob("*.py")))]
    check("mypy", "--strict", "--config-file", config, "-p", "openclaw_core")
    check("mypy", "--strict", "--config-file", config, *paths)


def test_the_stubs_fit_what_is_there() -> None:
    needed("mypy")
    check("mypy.stubtest", "openclaw_core", "--allowlist", str(HERE / "stubtest-allowlist.txt"))


def test_pyright_is_content() -> None:
    needed("pyright")
    done = subprocess.run([sys.executable, "-m", "pyright", "--version"], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        pytest.skip("needs pyright, whose program is fetched from the npm registry when it first runs")
    check("pyright", "--pythonpath", sys.executable, "-p", str(HERE / "pyright.json"))
    if "site-packages" in oc.__file__:  # of a package that is being developed it finds no py.typed
        check("pyright", "--pythonpath", sys.executable, "--verifytypes", "openclaw_core", "--ignoreexternal")


#: What the documents show, and what comes of it.
DOCUMENTS = {
    "providers.md": ["Hello, I am small\n"],
    "python.md": ["[('gpt-5.4', 'edge_blocked')]\n", "no model was called"],
    "status.md": ["login"],
}


def test_every_document_is_run() -> None:
    assert {path.name for path in (REPOSITORY / "docs").glob("*.md") if snippets(path)} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document(name: str, tmp_path: Path) -> None:
    found = snippets(REPOSITORY / "docs" / name)
    assert len(found) == len(DOCUMENTS[name])
    # A home folder without logins: nothing of this machine is looked at or asked.
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    for code, says in zip(found, DOCUMENTS[name], strict=True):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=env)
        assert done.returncode == 0 and says in done.stdout, (done.stdout, done.stderr)
