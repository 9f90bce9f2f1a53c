"""Plays every vector through the C program `replay` and compares canonical JSON, byte for byte.

    replay.py PROGRAM [MODE…]
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests" / "vectors"
# The headers that a backend sees of us; as in tests/tests/vectors.rs.
HEADERS = {
    "accept", "anthropic-beta", "anthropic-version", "authorization", "chatgpt-account-id", "content-type", "openai-beta",
    "originator", "session-id", "thread-id", "x-api-key", "x-client-request-id", "x-codex-turn-state", "x-extra",
}


def canonical(value, server):
    if isinstance(value, str):
        return value.replace(server, "loopback")
    if isinstance(value, list):
        return [canonical(v, server) for v in value]
    if isinstance(value, dict):
        return {k: canonical(v, server) for k, v in value.items() if k not in ("duration_ms", "source")}
    return value


def text(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def request_form(request):
    headers = {name: value for name, value in request["headers"] if name in HEADERS}
    return {"method": request["method"], "path": request["path"], "headers": headers, "body": request.get("body")}


def options(form):
    rename = {"budget_ms": "retry_budget_ms"}
    form = {"max_retries": 0, **(form or {})}
    return "".join(f"{rename.get(k, k)} {json.dumps(v)}\n" for k, v in form.items() if v is not None)


def main():
    program, modes = sys.argv[1], sys.argv[2:] or ["threaded"]
    vectors = sorted(FOLDER.glob("*.json"))
    assert len(vectors) >= 20, vectors
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        parts = [pathlib.Path(folder, name) for name in ("request", "options", "script")]
        for path in vectors:
            vector = json.loads(path.read_text("utf-8"))
            parts[0].write_text(json.dumps(vector["request"]), "utf-8")
            parts[1].write_text(options(vector.get("options")), "utf-8")
            parts[2].write_text(json.dumps(vector["script"]), "utf-8")
            for mode in modes:
                command = [program, vector["provider"], mode, *map(str, parts)]
                run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
                if run.returncode:
                    print(f"{path.name} {mode}: exit {run.returncode}\n{run.stderr}")
                    wrong += 1
                    continue
                found = json.loads(run.stdout)
                server = urllib.parse.urlsplit(found.pop("url")).netloc
                found["requests"] = [request_form(r) for r in found["requests"]]
                found, expected = text(canonical(found, server)), text(vector["expect"])
                if found != expected:
                    print(f"{path.name} {mode}:\nexpected {expected}\nfound    {found}")
                    wrong += 1
    print(f"{len(vectors)} vectors, {', '.join(modes)}: {wrong} wrong")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
