//! `claw config` and `claw doctor` as processes: what a script sees of them.

mod claw;
mod program;

use std::fs;

use claw::{Home, Run, finish};
use serde_json::Value;

fn read(home: &Home, name: &str) -> String {
    fs::read_to_string(home.0.path().join(name)).unwrap()
}

#[track_caller]
fn json(text: &str) -> Value {
    serde_json::from_str(text.trim()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn validate_says_by_its_exit_status_what_it_found() {
    let home = Home::new();
    let good = home.file("good.json", "{ gateway: { port: 1 } }");
    let bad = home.file("bad.json", "{\n  gateway: { prot: 'hunter2' },\n}\n");
    let gone = home.0.path().join("gone.json").display().to_string();
    let folder = home.0.path().display().to_string();
    for (files, status) in [
        (vec![&good], 0),
        (vec![&bad], 1),
        (vec![&good, &bad], 1),
        (vec![&gone], 2),
        (vec![&bad, &gone, &good], 2),
        (vec![&folder], 2),
    ] {
        let arguments: Vec<&str> =
            ["config", "validate"].into_iter().chain(files.iter().map(|file| file.as_str())).collect();
        assert_eq!(home.run(&arguments).status, status, "{files:?}");
    }
    let Run { out, .. } = home.run(&["config", "validate", &bad]);
    assert!(out.contains("bad.json:2:14") && out.contains("^^^^") && out.contains("port"), "{out}");
    assert!(!out.contains("hunter2"), "{out}");
    let run = home.run(&["config", "validate", "--json", &good, &bad]);
    let lines = run.lines();
    assert_eq!((run.status, lines.len()), (1, 2));
    assert_eq!((&lines[0]["valid"], &lines[1]["valid"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!((&lines[1]["issues"][0]["line"], &lines[1]["issues"][0]["code"]), (&2.into(), &"unknown_key".into()));
    // A wrong command line.
    assert_eq!(home.run(&["config", "validate", "--no-such-flag"]).status, 2);
}

#[test]
fn the_file_of_openclaw_is_found_as_openclaw_finds_it() {
    let home = Home::new();
    // None is there.
    assert_eq!(home.run(&["config", "validate"]).status, 2);
    home.file(".openclaw/openclaw.json", "{}");
    assert_eq!(home.run(&["config", "validate"]).status, 0);
    let state = home.file("state/openclaw.json", "{ zz: 1 }");
    let mut command = home.command(&["config", "validate"]);
    assert_eq!(finish(command.env("OPENCLAW_STATE_DIR", home.0.path().join("state"))).status, 1);
    assert_eq!(finish(command.env("OPENCLAW_CONFIG_PATH", home.0.path().join(".openclaw/openclaw.json"))).status, 0);
    let mut doctor = home.command(&["doctor"]);
    let Run { status, out, .. } = finish(doctor.env("OPENCLAW_CONFIG_PATH", &state));
    assert!(status == 1 && out.contains("zz"), "{out}");
    let mut nowhere = home.command(&["config", "validate"]);
    let Run { status, err, .. } = finish(nowhere.env_remove("HOME"));
    assert!(status == 2 && err.contains("home"), "{err}");
    for arguments in
        [["config", "validate", "--json"].as_slice(), &["config", "models", "--json"], &["doctor", "--json"]]
    {
        let mut nowhere = home.command(arguments);
        let Run { status, out, .. } = finish(nowhere.env_remove("HOME"));
        assert_eq!((status, &json(&out)["type"]), (2, &"error".into()), "{arguments:?}: {out}");
    }
}

#[test]
fn lines_are_judged_as_the_original_judges_them() {
    let home = Home::new();
    let case = r#"{"id":7,"config":"{ memorySearch: {}, zz: 1, gateway: { port: '${P}' } }","env":{"P":"1"}}"#;
    let other = r#"{"id":8,"config":"{ $include: 'a.json' }","files":{"a.json":"{ gateway: { port: 1 } }"}}"#;
    let cases = home.file("cases.jsonl", format!("{case}\n\n{other}\n"));
    let run = home.run(&["config", "validate", "--jsonl", &cases]);
    let lines = run.lines();
    assert_eq!((run.status, lines.len()), (0, 2));
    assert_eq!((&lines[0]["id"], &lines[0]["stage"], &lines[0]["valid"]), (&7.into(), &"legacy".into(), &false.into()));
    assert_eq!(lines[0]["issues"].as_array().unwrap().len(), 1);
    assert_eq!((&lines[1]["valid"], &lines[1]["stage"]), (&true.into(), &Value::Null));
    let broken = home.file("broken.jsonl", "[]\n");
    assert_eq!(home.run(&["config", "validate", "--jsonl", &broken]).status, 2);
    assert_eq!(home.run(&["config", "validate", "--jsonl", "/no/such/file"]).status, 2);
}

#[test]
fn keys_and_the_schema_are_explained() {
    let home = Home::new();
    let Run { status, out, .. } = home.run(&["config", "explain", "models.providers.x.request.auth.mode"]);
    assert!(status == 0 && out.contains("\"authorization-bearer\"") && out.contains("\"header\""), "{out}");
    let Run { status, out, .. } = home.run(&["config", "explain", "gateway.port", "--json"]);
    assert_eq!((status, &json(&out)["default"]), (0, &18789.into()));
    let Run { status, err, .. } = home.run(&["config", "explain", "gateway.nope"]);
    assert!(status == 2 && err.contains("gateway.nope"), "{err}");
    let Run { status, out, .. } = home.run(&["config", "explain", "gateway.nope", "--json"]);
    let record = json(&out);
    assert_eq!((status, &record["type"], &record["kind"]), (2, &"error".into(), &"config".into()), "{out}");
    let Run { status, out, .. } = home.run(&["config", "schema"]);
    assert_eq!((status, &json(&out)["$schema"]), (0, &"https://json-schema.org/draft/2020-12/schema".into()));
}

#[test]
fn the_models_of_a_file_are_listed() {
    let home = Home::new();
    let good = home.file("good.json", "{ agents: { defaults: { model: 'openai-codex/gpt-5.4' } } }");
    let Run { status, out, err } = home.run(&["config", "models", &good, "--json"]);
    assert_eq!(status, 0, "{err}");
    assert!(out.contains("https://chatgpt.com/backend-api/codex/responses"), "{out}");
    let bad = home.file("bad.json", "{ zz: 1 }");
    assert_ne!(home.run(&["config", "models", &bad]).status, 0);
}

#[test]
fn doctor_writes_only_when_it_is_told_to() {
    let home = Home::new();
    let text = "{\n  // mine\n  zz: 'hunter2',\n  gateway: { port: 1 },\n}\n";
    let path = home.file("openclaw.json", text);
    for arguments in
        [vec!["doctor", &path], vec!["doctor", "--fix", "--dry-run", &path], vec!["doctor", "--dry-run", &path]]
    {
        let Run { status, out, .. } = home.run(&arguments);
        assert_eq!(status, 1, "{arguments:?}");
        assert!(out.contains("-  zz: \"***\"") && !out.contains("hunter2"), "{out}");
        assert_eq!(read(&home, "openclaw.json"), text);
    }
    let Run { status, out, .. } = home.run(&["doctor", "--fix", "--json", &path]);
    let record = json(&out);
    assert_eq!((status, &record["valid"], &record["changes"][0]["path"]), (0, &true.into(), &"zz".into()));
    assert_eq!(read(&home, "openclaw.json"), "{\n  // mine\n  gateway: { port: 1 },\n}\n");
    assert_eq!(read(&home, "openclaw.json.bak"), text);
    let kept = record["repaired"]["keptIn"].as_str().unwrap();
    assert!(fs::read_to_string(kept).unwrap().contains("hunter2") && !out.contains("hunter2"));
    // A second time there is nothing to do.
    let Run { status, out, .. } = home.run(&["doctor", "--fix", &path]);
    assert!(status == 0 && out.contains("Nothing to repair"), "{out}");
}

#[test]
fn doctor_says_by_its_exit_status_what_is_left() {
    let home = Home::new();
    let left = home.file("left.json", "{ zz: 1, gateway: { port: 'x' } }");
    let Run { status, out, .. } = home.run(&["doctor", "--fix", &left]);
    assert!(status == 1 && out.contains("Left for you to repair"), "{out}");
    assert_eq!(read(&home, "left.json"), "{ gateway: { port: 'x' } }");
    let codex = "{models:{providers:{'openai-codex':{baseUrl:'https://api.openai.com/v1',apiKey:'k',models:[]}}}}";
    let codex = home.file("codex.json", codex);
    let Run { status, out, .. } = home.run(&["doctor", "--fix", &codex]);
    assert!(status == 1 && out.contains("cannot be asked"), "{out}");
    assert_eq!(home.run(&["doctor", "/no/such/file"]).status, 2);
    assert_eq!(home.run(&["doctor", "--assume-version", "1.0.0", &left]).status, 2);
    let newer = home.file("newer.json", "{ meta: { lastTouchedVersion: '2099.1.1' }, zz: 1 }");
    // What is to be run to repair it repairs it.
    let Run { out, .. } = home.run(&["doctor", "--assume-version", "2026.4.5", &newer]);
    let next = format!("claw doctor --fix --assume-version 2026.4.5 {newer}");
    assert!(out.trim_end().ends_with(&next), "{out}");
    assert_eq!(home.run(&["doctor", "--fix", &newer]).status, 1);
    assert_eq!(home.run(&["doctor", "--fix", "--assume-version", "2026.4.5", &newer]).status, 0);
}

/// 1 where OpenClaw refuses the file, 0 where it takes it; the place is named, and neither command writes anything.
#[test]
fn bad_input_is_answered_with_its_place() {
    for (bytes, status, place) in [
        (&b""[..], 1, "openclaw.json:1:1"),
        (b"{\n  gateway: { port 1 } }", 1, "openclaw.json:2:19"),
        (b"{} }", 1, "openclaw.json:1:4"),
        (b"\xff\xfe{\0}\0", 1, "openclaw.json:1:1"),
        (b"{\n  ui: { assistant: { name: '\xff' } } }", 0, "openclaw.json:2:29"),
        (b"\xef\xbb\xbf{}", 0, "openclaw.json:1:1"),
        (b"{ gateway: {\n  port: NaN } }", 1, "openclaw.json:2:9"),
        (b"{ channels: { x: {\n  a: NaN } } }", 0, "openclaw.json:2:6"),
        (b"{ gateway: { port: 1,\n  port: 2 } }", 0, "openclaw.json:2:3"),
        (b"{\n  $include: '../x.json' }", 1, "openclaw.json:2:13"),
        (b"{\n  $include: 'openclaw.json' }", 1, "openclaw.json:2:13"),
        (b"{ channels: {\n  '${A}': 1 } }", 0, "openclaw.json:2:3"),
    ] {
        let home = Home::new();
        let path = home.file("openclaw.json", bytes);
        let name = bytes.escape_ascii();
        let Run { status: found, out, .. } = home.run(&["config", "validate", &path]);
        assert_eq!(found, status, "{name}: {out}");
        assert!(out.contains(&format!("{place}\n")), "{name}: {out}");
        home.run(&["doctor", "--fix", &path]);
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}");
        assert_eq!(fs::read_dir(home.0.path()).unwrap().count(), 1, "{name}: something was written beside it");
    }
    // No input takes for ever: 100,000 deep, and larger than what is read.
    let home = Home::new();
    for text in ["[".repeat(100_000), format!("{{ channels: {{ x: '{}' }} }}", "x".repeat(10 << 20))] {
        let path = home.file("openclaw.json", &text);
        let Run { status, out, .. } = home.run(&["config", "validate", "--json", &path]);
        let issue = &json(&out)["issues"][0];
        assert_eq!(status, 1, "{out}");
        assert!(matches!(issue["code"].as_str(), Some("too_deep" | "too_large")), "{out}");
    }
}

/// 3: it could not be written.
#[cfg(unix)]
#[test]
fn doctor_says_that_it_could_not_write() {
    let home = Home::new();
    let text = "{ zz: 1 }";
    let path = home.file("openclaw.json", text);
    // What stands in the way of the oldest backup is no file.
    home.file("openclaw.json.bak.3", "");
    home.file("openclaw.json.bak.4/x", "");
    let Run { status, err, .. } = home.run(&["doctor", "--fix", &path]);
    assert!(status == 3 && err.contains("it is as it was"), "{status}: {err}");
    assert_eq!(read(&home, "openclaw.json"), text);
    // Nothing was taken out, so nothing is kept.
    let names = fs::read_dir(home.0.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.contains(".removed-")).collect::<Vec<_>>(), Vec::<String>::new());
}
