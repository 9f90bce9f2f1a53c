"""Logins and sign-ins, against the embedded login server."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import openclaw_core as oc
from openclaw_core import auth
from openclaw_core.testing import Server

SAM = "openai-codex:sam@example.test"
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def visit(url: str) -> str:
    """What the browser shows at an address of this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def port_of(url: str) -> int:
    return urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port or 0


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Person:
    """Shows nothing, clicks, pastes."""

    def __init__(self, server: Server, *, allow: bool = True) -> None:
        self.server, self.allow = server, allow
        self.urls: list[str] = []
        self.asked: list[str | None] = []
        self.pages: list[str] = []
        self.threads: set[int] = set()

    def on_url(self, url: str) -> None:
        self.threads.add(threading.get_ident())
        self.urls.append(url)

    def browse(self, url: str) -> None:
        """Opens the page and clicks, on a thread of its own as a browser does."""
        self.on_url(url)
        back = self.server.decide_sign_in(url, allow=self.allow)
        threading.Thread(target=lambda: self.pages.append(visit(back)), daemon=True).start()

    def ask(self, wrong: str | None) -> str:
        self.threads.add(threading.get_ident())
        self.asked.append(wrong)
        return "what?" if len(self.asked) == 1 else self.server.decide_sign_in(self.urls[-1], allow=self.allow)

    def on_code(self, code: auth.DeviceCode) -> None:
        self.threads.add(threading.get_ident())
        assert code.url == f"{self.server.issuer_url}/codex/device" and code.valid_for in (60, 900)
        assert self.server.decide_device(code.code, allow=self.allow)


def stored(folder: Path) -> Any:
    return json.loads((folder / "agents/main/agent/auth-profiles.json").read_text())


def test_every_method(server: Server, tmp_path: Path) -> None:
    (tmp_path / "openclaw.json").write_text("{ /* mine */ }\n")
    person, steps = Person(server), []
    common: dict[str, Any] = {"issuer": server.issuer_url, "store": tmp_path, "application": "my-app/1.0"}
    done = auth.sign_in(
        on_url=person.browse, callback_ports=[0], on_progress=lambda what, text: steps.append(what), **common
    )
    assert done.profile.id == SAM and done.profile.state == "usable" and not done.replaced
    assert steps == ["waiting", "exchanging"] and is_free(port_of(person.urls[0]))
    again = auth.sign_in(method="paste", on_url=person.on_url, ask=person.ask, **common)
    assert again.replaced == [SAM] and person.asked[0] is None and "no answer of the sign-in page" in str(person.asked[1])
    third = auth.sign_in(method="device", on_code=person.on_code, timeout=60, **common)
    assert third.profile.email == "sam@example.test"
    assert person.threads == {threading.get_ident()}, "no thread of the library calls"
    assert "my-app" in person.pages[0] and "/* mine */" in (tmp_path / "openclaw.json").read_text()
    # Nothing secret in what can be printed.
    found = auth.logins(store=tmp_path)
    shown = repr([done, again, third, found, found.profiles, list(found)]) + str(found.to_dict())
    credential = stored(tmp_path)["profiles"][SAM]
    assert not any(credential[name] in shown for name in ("access", "refresh"))
    assert pickle.loads(pickle.dumps(done)) == done


def test_a_plan_is_shared(server: Server, tmp_path: Path) -> None:
    person = Person(server)
    done = auth.sign_in(provider="openai", on_url=person.browse, issuer=server.issuer_url, store=tmp_path)
    assert done.profile.provider == "openai"
    assert auth.sign_out(store=tmp_path).revoked


def test_asynchronously(run: Run, server: Server, tmp_path: Path) -> None:
    async def main() -> None:
        common: dict[str, Any] = {"issuer": server.issuer_url, "store": tmp_path}
        person = Person(server)

        async def show(url: str) -> None:
            await asyncio.sleep(0)
            person.on_url(url)

        async def ask(wrong: str | None) -> str:
            await asyncio.sleep(0)
            return person.ask(wrong)

        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.ensure_future(tick())
        done = await auth.sign_in_async(method="paste", on_url=show, ask=ask, **common)
        assert done.profile.id == SAM
        await auth.sign_in_async(method="device", on_code=person.on_code, **common)
        assert ticks > 10, "the loop goes on while nobody typed the code"
        ticking.cancel()

        # A browser's own answer ends it, and the question is taken back; the other way round too.
        asked = asyncio.Event()
        taken_back = asyncio.Event()

        async def never(wrong: str | None) -> str:
            asked.set()
            try:
                await asyncio.Event().wait()
            finally:
                taken_back.set()
            raise AssertionError

        other = Person(server)
        await auth.sign_in_async(on_url=other.browse, ask=never, callback_ports=[0], **common)
        assert asked.is_set() and taken_back.is_set()
        pasting = Person(server)
        await auth.sign_in_async(on_url=pasting.on_url, ask=pasting.ask, callback_ports=[0], **common)
        assert is_free(port_of(pasting.urls[0]))

        refreshed = await auth.refresh_async(SAM, store=tmp_path)
        assert refreshed.how == "refreshed" and refreshed.profile.state == "usable"
        assert (await auth.sign_out_async(SAM, store=tmp_path)).revoked

    run(main())


def test_a_cancelled_task_frees_the_port(run: Run, server: Server, tmp_path: Path) -> None:
    async def main() -> None:
        shown: asyncio.Queue[str] = asyncio.Queue()
        common: dict[str, Any] = {"issuer": server.issuer_url, "store": tmp_path, "callback_ports": [0]}
        task = asyncio.ensure_future(auth.sign_in_async(on_url=shown.put_nowait, **common))
        port = port_of(await shown.get())
        assert not is_free(port)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert is_free(port)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(auth.sign_in_async(on_url=shown.put_nowait, **common), 0.05)
        assert is_free(port_of(await shown.get()))
        # What a callback raises comes out, and ends it.
        def stumble(*_: object) -> None:
            raise ZeroDivisionError

        for name in ("on_url", "on_progress"):
            callbacks: dict[str, Any] = {"on_url": shown.put_nowait, name: stumble}
            with pytest.raises(ZeroDivisionError):
                await auth.sign_in_async(**callbacks, **common)

        async def fail(wrong: str | None) -> str:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await auth.sign_in_async(on_url=shown.put_nowait, ask=fail, **common)
        with pytest.raises(TypeError, match="what ask gives must be a string, not int"):
            await auth.sign_in_async(on_url=shown.put_nowait, ask=lambda wrong: 5, **common)  # type: ignore[arg-type, return-value]
        while not shown.empty():
            assert is_free(port_of(shown.get_nowait()))
        # Never awaited: nothing was started.
        auth.sign_in_async(on_url=shown.put_nowait, **common).close()

    run(main())


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_frees_the_port(server: Server, tmp_path: Path) -> None:
    urls: list[str] = []

    def show(url: str) -> None:
        urls.append(url)
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        auth.sign_in(on_url=show, issuer=server.issuer_url, store=tmp_path, callback_ports=[0])
    assert is_free(port_of(urls[0])) and not (tmp_path / "agents").exists()

    def stumble(url: str) -> None:
        urls.append(url)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        auth.sign_in(on_url=stumble, issuer=server.issuer_url, store=tmp_path, callback_ports=[0])
    assert is_free(port_of(urls[1]))


def test_what_ends_a_sign_in(server: Server, tmp_path: Path) -> None:
    common: dict[str, Any] = {"issuer": server.issuer_url, "store": tmp_path}
    person = Person(server, allow=False)
    person.asked.append("before")
    with pytest.raises(oc.CallCancelledError) as denied:
        auth.sign_in(method="paste", on_url=person.on_url, ask=person.ask, **common)
    assert denied.value.advice == "sign_in"
    with pytest.raises(oc.APITimeoutError, match="within 0 s"):
        auth.sign_in(on_url=person.on_url, timeout=0.03, callback_ports=[0], **common)
    server.fail_sign_in("edge_block")
    with pytest.raises(oc.BlockedError):
        auth.sign_in(method="device", on_code=person.on_code, **common)
    with pytest.raises(oc.ConfigError, match="there are .*edge_block"):
        server.fail_sign_in("nothing")
    with pytest.raises(TypeError, match="ask must be given with method='paste'"):
        auth.sign_in(method="paste", on_url=person.on_url, **common)
    with pytest.raises(TypeError, match="on_code must be given with method='device'"):
        auth.sign_in(method="device", **common)
    with pytest.raises(oc.ConfigError, match="telepathy"):
        auth.sign_in(method="telepathy", **common)  # type: ignore[arg-type]
    with pytest.raises(oc.ConfigError, match="plain http"):
        auth.sign_in(issuer="http://login.example", store=tmp_path)
    assert not (tmp_path / "agents").exists()


def test_the_browser_of_this_machine_is_opened(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import webbrowser

    person = Person(server)

    def opened(url: str) -> bool:
        person.browse(url)
        return True

    monkeypatch.setattr(webbrowser, "open", opened)
    auth.sign_in(issuer=server.issuer_url, store=tmp_path, callback_ports=[0])
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    with pytest.raises(RuntimeError, match="no browser can be opened here"):
        auth.sign_in(issuer=server.issuer_url, store=tmp_path, callback_ports=[0])


def test_what_is_done_with_logins(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "agents/main/agent/auth-profiles.json"
    path.parent.mkdir(parents=True)
    key = {"type": "api_key", "provider": "openai", "key": "sk-known-secret-of-this-test"}
    rests = {"errorCount": 2, "cooldownUntil": 4_000_000_000_000, "cooldownReason": "rate_limit"}
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "profiles": {"openai:a": key, "openai:b": key, "broken": "sk-known-secret-of-this-test"},
                "usageStats": {"openai:b": {**rests, "cooldownUntil": int(time.time() * 1000) + 60_000}},
            }
        )
    )
    found = auth.logins(store=tmp_path)
    assert len(found) == 2 and [one.id for one in found] == ["openai:a", "openai:b"] and found.store == str(path)
    assert [(note.profile, note.unusable) for note in found.notes if note.profile == "broken"] == [("broken", True)]
    assert "broken" in str(found.notes[-1]) or any("broken" in str(note) for note in found.notes)
    resting = auth.profile("openai:b", store=path)
    assert resting.state == "resting" and resting.health.errors == 2 and "rate_limit" in str(resting)
    assert resting.rest_reason == "rate_limit" and resting.health.model_rests is None
    assert resting.until == resting.health.cooldown_until and "sk-known" not in repr([found, resting, found.to_dict()])
    assert auth.clear_health(provider="anthropic", store=tmp_path) == []
    assert auth.clear_health("openai:b", store=tmp_path) == ["openai:b"]
    assert auth.profile("openai:b", store=tmp_path).state == "usable"
    auth.set_order("openai", ["openai:b", "openai:a"], store=tmp_path)
    assert auth.logins(store=tmp_path).order == {"openai": ["openai:b", "openai:a"]}
    with pytest.raises(oc.ConfigError, match="openai:c"):
        auth.set_order("openai", ["openai:c"], store=tmp_path)
    auth.set_order("openai", None, store=tmp_path)
    assert auth.repair(dry_run=True, store=tmp_path) == [] == auth.repair(store=tmp_path)
    with pytest.raises(oc.ConfigError, match="no sign-in: nothing renews"):
        auth.refresh("openai:a", store=tmp_path)
    assert auth.remove("openai:a", store=tmp_path).id == "openai:a"
    with pytest.raises(oc.ConfigError, match="there are: openai:b"):
        auth.profile("openai:a", store=tmp_path)
    path.write_text("{")
    with pytest.raises(oc.StoreError, match="auth-profiles.json"):
        auth.logins(store=tmp_path)


def test_a_refresh_that_needs_a_person(server: Server, tmp_path: Path) -> None:
    person = Person(server)
    auth.sign_in(on_url=person.browse, callback_ports=[0], issuer=server.issuer_url, store=tmp_path)
    assert auth.refresh(SAM, if_due=True, store=tmp_path).how == "still_good"
    server.fail_sign_in("refresh_token_reused")
    for _ in range(2):
        with pytest.raises(oc.AuthExpiredError) as caught:
            auth.refresh(SAM, store=tmp_path)
        assert caught.value.advice == "sign_in" and caught.value.profile == SAM
    assert server.issuer_counts["refreshes"] == 1, "a refusal for good is not asked for twice"
    refused = auth.profile(SAM, store=tmp_path)
    assert refused.state == "refused" and refused.health.refused


def test_a_child_of_a_fork_has_its_own(server: Server, tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    person = Person(server)
    auth.sign_in(on_url=person.browse, callback_ports=[0], issuer=server.issuer_url, store=tmp_path)
    child = os.fork()
    if child == 0:
        good = auth.refresh(SAM, store=tmp_path).how == "refreshed" and len(auth.logins(store=tmp_path)) == 1
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
