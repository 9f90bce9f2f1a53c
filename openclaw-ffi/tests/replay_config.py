"""Judges and repairs every configuration of tests/vectors/config through the C program `replay_config`, and compares
canonical JSON, byte for byte: the question as one JSON object, and again with the text and the path in the struct.

    replay_config.py PROGRAM
"""
import json
import pathlib
import subprocess
import sys
import tempfile

from replay import FOLDER, text


def found_by(program, folder, question, in_struct):
    question = dict(question)
    files = [pathlib.Path(folder, name) for name in ("settings", "text")]
    arguments = [str(files[0])]
    if in_struct:
        files[1].write_bytes(question.pop("text").encode("utf-8"))
        arguments.append(str(files[1]))
        if "path" in question:
            arguments.append(question.pop("path"))
    files[0].write_text(json.dumps(question), "utf-8")
    run = subprocess.run([program, *arguments], capture_output=True, encoding="utf-8", timeout=60)
    if run.returncode:
        return {"exit": run.returncode, "stderr": run.stderr}
    found = json.loads(run.stdout)
    # The fields of the structs say what the JSON says.
    repair = {**found["repair"], "change_count": len(found["repair"]["changes"])}
    fields = {name: repair[name] for name in found["repair_fields"]}
    for what, one, other in [("check", found["check"], found.pop("fields")), ("repair", fields, found.pop("repair_fields"))]:
        if text(one) != text(other):
            return {"the fields differ": what, "json": one, "fields": other}
    return found


def main():
    vectors = sorted((FOLDER / "config").glob("*.json"))
    assert len(vectors) >= 15, vectors
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in vectors:
            vector = json.loads(path.read_text("utf-8"))
            for in_struct in (False, True):
                found = found_by(sys.argv[1], folder, vector["config"], in_struct)
                if text(found) != text(vector["expect"]):
                    print(f"{path.name}:\nexpected {text(vector['expect'])}\nfound    {text(found)}")
                    wrong += 1
    print(f"{len(vectors)} configurations, asked in two ways: {wrong} wrong")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
