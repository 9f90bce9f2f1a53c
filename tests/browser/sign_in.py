#!/usr/bin/env python3
"""`claw login` driven end to end: headless Chromium clicks through the embedded login server's pages.

    tests/browser/sign_in.py CLAW SCREENSHOTS

CLAW is the built program; a PNG of every page goes into the folder SCREENSHOTS. Needs chromium and chromedriver (Debian:
chromium, chromium-driver) and nothing else: WebDriver is JSON over HTTP. Exits with 0 when everything held.
"""

import base64
import json
import re
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Browser:
    """A Chromium of its own: an empty profile, no background traffic."""

    def __init__(self, folder: Path, shots: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in self.driver.stdout:
            if "started successfully" in line:
                break
        threading.Thread(target=self.driver.stdout.read, daemon=True).start()
        self.base, self.shots = f"http://127.0.0.1:{port}", shots
        arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
            "--window-size=900,720", f"--user-data-dir={folder}",
        ]
        options = {"browserName": "chrome", "goog:chromeOptions": {"args": arguments}}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.session = f"/session/{session['sessionId']}"

    def call(self, method: str, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"content-type": "application/json"}, method=method)
        try:
            with DIRECT.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    def act(self, path: str, body=None):
        return self.call("POST", self.session + path, body or {})

    def open(self, url: str):
        self.act("/url", {"url": url})

    def click(self, element: str):
        found = self.act("/element", {"using": "css selector", "value": element})
        self.act(f"/element/{next(iter(found.values()))}/click")

    def type(self, element: str, text: str):
        found = self.act("/element", {"using": "css selector", "value": element})
        self.act(f"/element/{next(iter(found.values()))}/value", {"text": text})

    def shows(self, heading: str) -> bool:
        """Whether a page with this heading comes: a click returns before its page is there."""
        script = "return document.readyState == 'complete' && document.querySelector('h1')?.innerText"
        for _ in range(200):
            if self.act("/execute/sync", {"script": script, "args": []}) == heading:
                return True
            time.sleep(0.05)
        return False

    def text(self) -> str:
        found = self.act("/element", {"using": "css selector", "value": "body"})
        return self.call("GET", f"{self.session}/element/{next(iter(found.values()))}/text")

    def shoot(self, name: str):
        for scheme in "light", "dark":
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            self.act("/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": media})
            png = base64.b64decode(self.call("GET", self.session + "/screenshot"))
            (self.shots / f"{name}-{scheme}.png").write_bytes(png)

    def close(self):
        try:
            self.call("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(10)


class Login:
    """A running `claw login`."""

    def __init__(self, claw: str, home: Path, issuer: str, *arguments: str):
        self.store = home / ".openclaw/agents/main/agent/auth-profiles.json"
        command = [claw, "login", "--issuer", issuer, "--no-open", *arguments]
        if "device" not in arguments:
            command += ["--callback-port", "0"]
        self.process = subprocess.Popen(
            command, env={"HOME": str(home)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""
        self.url = self.line(r"^  (http\S+)$")

    def line(self, pattern: str) -> str:
        for line in self.process.stderr:
            self.said += line
            if found := re.search(pattern, line.rstrip("\n")):
                return found[1]
        raise AssertionError(f"claw login said: {self.said}")

    def end(self) -> tuple[int, str]:
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out + self.said + err


def profiles(store: Path) -> dict:
    return json.loads(store.read_text())["profiles"] if store.exists() else {}


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def a_click_signs_in(browser, claw, home, issuer):
    login = Login(claw, home, issuer)
    browser.open(login.url)
    browser.shoot("sign-in-page")
    browser.click("#continue")
    check(browser.shows("Signed in"), browser.text())
    check("sam@example.test" in browser.text() and "claw" in browser.text(), browser.text())
    browser.shoot("signed-in")
    status, said = login.end()
    check(status == 0 and "signed in: openai-codex:sam@example.test" in said, said)
    stored = profiles(login.store)
    check(list(stored) == ["openai-codex:sam@example.test"], stored.keys())
    check(stat.S_IMODE(login.store.stat().st_mode) == 0o600, "the store is readable by others")
    profile = stored["openai-codex:sam@example.test"]
    check(not any(profile[key] in said for key in ("access", "refresh")), "a token was printed")


def a_second_time_replaces_it(browser, claw, home, issuer):
    login = Login(claw, home, issuer)
    before = profiles(login.store)
    browser.open(login.url)
    browser.click("#continue")
    check(browser.shows("Signed in"), browser.text())
    check(login.end()[0] == 0, login.said)
    after = profiles(login.store)
    check(before.keys() == after.keys() and before != after, after.keys())


def a_person_declines(browser, claw, home, issuer):
    login = Login(claw, home, issuer)
    browser.open(login.url)
    browser.click("#deny")
    check(browser.shows("Not signed in"), browser.text())
    browser.shoot("declined")
    status, said = login.end()
    check(status == 130 and "declined" in said, (status, said))
    check(not profiles(login.store), "something was stored")


def a_wrong_state_is_refused(browser, claw, home, issuer):
    login = Login(claw, home, issuer)
    back = urllib.parse.parse_qs(urllib.parse.urlsplit(login.url).query)["redirect_uri"][0]
    browser.open(f"{back}?code=ac_of_somebody_else&state=guessed")
    check(browser.shows("This page belongs to another sign-in"), browser.text())
    browser.shoot("wrong-state")
    browser.open(f"{back}?state=guessed")
    check(browser.shows("The answer is incomplete"), browser.text())
    browser.shoot("incomplete")
    browser.open(back.replace("/auth/callback", "/somewhere"))
    check(browser.shows("Nothing is here"), browser.text())
    browser.shoot("not-found")
    check(not profiles(login.store), "something was stored")
    # The right answer still counts.
    browser.open(login.url)
    browser.click("#continue")
    check(browser.shows("Signed in"), browser.text())
    status, said = login.end()
    check(status == 0 and "another sign-in" in said and "ac_of_somebody_else" not in said, said)


def a_code_is_typed(browser, claw, home, issuer):
    login = Login(claw, home, issuer, "--method", "device")
    code = login.line(r"^  ([0-9A-F]{4}-[0-9A-F]{5})$")
    browser.open(login.url)
    browser.shoot("device-page")
    browser.type("[name=user_code]", code)
    browser.click("#continue")
    check(browser.shows("Done"), browser.text())
    status, said = login.end()
    check(status == 0 and profiles(login.store), said)


def a_plan_is_shared(browser, claw, home, issuer):
    login = Login(claw, home, issuer, "--provider", "openai")
    browser.open(login.url)
    check("wants to use the ChatGPT plan" in browser.text(), browser.text())
    browser.click("#continue")
    check(browser.shows("Signed in"), browser.text())
    status, said = login.end()
    check(status == 0 and list(profiles(login.store)) == ["openai:sam@example.test"], said)


def the_tokens_do_not_come(browser, claw, home, issuer):
    login = Login(claw, home, issuer)
    browser.open(login.url)
    browser.click("#continue")
    check(browser.shows("The sign-in did not finish"), browser.text())
    browser.shoot("failed")
    status, said = login.end()
    check(status == 4 and not profiles(login.store), (status, said))


def serve(claw: str, *arguments: str):
    server = subprocess.Popen([claw, "serve", *arguments], stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if found := re.search(r"--issuer (\S+)", line):
            return server, found[1]
    raise AssertionError("claw serve does not serve")


def main() -> int:
    claw, shots = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    shots.mkdir(parents=True, exist_ok=True)
    good, issuer = serve(claw)
    bad, spoilt = serve(claw, "--sign-in-fault", "invalid_grant")
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(Path(folder) / "chromium", shots)
        try:
            homes = {}
            for case, server, home in [
                (a_click_signs_in, issuer, "one"),
                (a_second_time_replaces_it, issuer, "one"),
                (a_person_declines, issuer, "two"),
                (a_wrong_state_is_refused, issuer, "three"),
                (a_code_is_typed, issuer, "four"),
                (a_plan_is_shared, issuer, "five"),
                (the_tokens_do_not_come, spoilt, "six"),
            ]:
                path = homes.setdefault(home, Path(folder) / home)
                path.mkdir(exist_ok=True)
                case(browser, claw, path, server)
                print(f"ok   {case.__name__.replace('_', ' ')}")
        finally:
            browser.close()
            for server in good, bad:
                server.terminate()
                server.wait(10)
    print(f"pages: {shots}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
