//! The writer for hosts: what it writes, what it refuses, and that nobody's change is lost.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use openclaw_core::ErrorKind;
use openclaw_core::config::{ConfigEditor, KeyPath, Options};
use serde_json::{Value, json};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("openclaw-core-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs one of the ignored tests below as a process of its own.
fn child(name: &str, file: &Path, argument: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    command.env("OPENCLAW_TEST_FILE", file).env("OPENCLAW_TEST_ARGUMENT", argument);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// What the test that started this process told it; nothing when a person did.
fn told() -> Option<(PathBuf, String)> {
    let variable = |name| std::env::var(name).ok();
    Some((variable("OPENCLAW_TEST_FILE")?.into(), variable("OPENCLAW_TEST_ARGUMENT")?))
}

fn number(path: &Path, key: &str) -> u64 {
    let editor = ConfigEditor::open_with(path, &Options::default()).unwrap();
    editor.get(KeyPath::new(["env", "vars", key])).unwrap().map_or(0, |value| value.as_str().unwrap().parse().unwrap())
}

#[test]
fn an_edit_keeps_comments_and_goes_to_the_included_file() {
    let folder = Folder::new("include");
    let text = "{\n  // all of it\n  agents: { $include: './agents.json5' },\n  gateway: { port: 0x4955 }, // hex\n}\n";
    let path = folder.file("openclaw.json", text);
    let included = folder.file("agents.json5", "{ defaults: { workspace: '${HOME}/w' /* mine */ } }\n");
    let mut editor = ConfigEditor::open(&path).unwrap();
    assert_eq!(editor.get("agents.defaults.workspace").unwrap(), Some(json!("${HOME}/w")));
    editor.set("agents.defaults.workspace", "${HOME}/other").unwrap();
    let line = "{ defaults: { workspace: \"${HOME}/other\" /* mine */ } }\n";
    let diff = editor.diff();
    assert!(diff.contains("agents.json5") && diff.contains(&format!("+{line}")), "{diff}");
    assert_eq!(editor.save().unwrap().len(), 1);
    assert_eq!(fs::read_to_string(&included).unwrap(), line);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert!(!folder.0.join("openclaw.json.bak").exists());
    assert!(ConfigEditor::open(&path).unwrap().save().unwrap().is_empty());
}

#[test]
fn a_credential_never_gets_into_auth_profiles() {
    let folder = Folder::new("credential");
    let path = folder.file("openclaw.json", "{ auth: { profiles: { 'p:x': { provider: 'p', mode: 'oauth' } } } }");
    let before = fs::read_to_string(&path).unwrap();
    let mut editor = ConfigEditor::open(&path).unwrap();
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    let keys = "token refreshToken refresh_token access refresh key apiKey password ACCESS-TOKEN idToken";
    for key in keys.split(' ') {
        let error = editor.set(KeyPath::new(["auth", "profiles", "p:x", key]), "x").unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Config, Some("credential")), "{key}");
        assert!(error.message().contains("auth-profiles.json"), "{error}");
    }
    let attempts: Vec<(KeyPath, Value)> = vec![
        (["auth"].into(), json!({"profiles": {"new": {"provider": "p", "mode": "token", "token": "x"}}})),
        (["auth", "profiles"].into(), json!({"new": {"provider": "p", "mode": "token", "key": "x"}})),
        (["auth", "profiles", "new"].into(), json!({"apiKey": {"source": "env", "provider": "default", "id": "X"}})),
        (["auth", "profiles", "p:x", "email"].into(), json!(jwt)),
        (["auth", "profiles", "p:x", "note"].into(), json!({"refresh": "x"})),
        (["auth", "profiles", jwt].into(), json!({"provider": "p", "mode": "oauth"})),
        (KeyPath::default(), json!({"auth": {"profiles": {"new": {"token": "x"}}}})),
    ];
    for (path, value) in attempts {
        assert_eq!(editor.set(&path, value).unwrap_err().code(), Some("credential"), "{path}");
    }
    editor.set("auth.profiles.p:x.email", "me@example.org").unwrap();
    assert_eq!(editor.rename("auth.profiles.p:x.email", "token").unwrap_err().code(), Some("credential"));
    assert!(!editor.text().contains("eyJ"));
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    editor.save().unwrap();
}

/// Nor where something else than a profile stands already, which is no new fault.
#[test]
fn a_credential_never_gets_into_the_place_of_a_profile() {
    let folder = Folder::new("place-of-a-profile");
    for (text, path, value) in [
        ("{ auth: { profiles: { x: 'abc' } } }", "auth.profiles.x", json!("sk-live-0123456789")),
        ("{ auth: { profiles: { x: ['abc'] } } }", "auth.profiles.x[0]", json!("hunter2")),
        ("{ auth: { profiles: ['abc'] } }", "auth.profiles[1]", json!("hunter2")),
        ("{ auth: { profiles: ['abc'] } }", "auth.profiles", json!([{ "token": "hunter2" }])),
        ("{ auth: { profiles: 'abc' } }", "auth.profiles", json!("hunter2")),
        ("{ auth: { profiles: { x: 5 } } }", "auth", json!({ "profiles": { "x": 1234 } })),
    ] {
        let file = folder.file("openclaw.json", text);
        let mut editor = ConfigEditor::open_with(&file, &Options::default()).unwrap();
        assert_eq!(editor.set(path, value).unwrap_err().code(), Some("credential"), "{text}");
        // What stands there stops nothing else, and may go.
        editor.set("logging.level", "warn").unwrap();
        editor.remove("auth.profiles").unwrap();
        editor.save().unwrap();
        assert!(!fs::read_to_string(&file).unwrap().contains("hunter2"));
    }
}

#[test]
fn only_what_openclaw_accepts_is_written() {
    let folder = Folder::new("invalid");
    let text = "{ // mine\n  gateway: { $include: 'gateway.json' },\n}\n";
    let path = folder.file("openclaw.json", text);
    let included = folder.file("gateway.json", "{ port: 1 }");
    let open = || ConfigEditor::open_with(&path, &Options::default()).unwrap();
    for (key, value) in [
        ("gateway.port", json!("hunter2")),
        ("gateway.prot", json!("hunter2")),
        ("gateway", json!(null)),
        ("logging.level", json!("hunter2")),
        ("tools", json!({ "allow": ["a"], "alsoAllow": ["b"] })),
        ("memorySearch", json!({})),
        ("models.providers.p", json!({ "baseUrl": "http://h" })),
    ] {
        let mut editor = open();
        editor.set(key, value).unwrap();
        assert!(!editor.report().valid, "{key}");
        let error = editor.save().unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Config, Some("invalid")), "{key}: {error}");
        let section = key.split('.').next().unwrap();
        assert!(error.message().contains(section) && !format!("{error:?}").contains("hunter2"), "{error:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_to_string(&included).unwrap(), "{ port: 1 }");
    }
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2);

    // What was wrong before does not stop a change that is right, nor one that takes it away.
    fs::write(&included, "{ port: 'x' }").unwrap();
    let mut editor = open();
    editor.set("logging.level", "warn").unwrap();
    assert_eq!(editor.save().unwrap().len(), 1);
    let mut editor = open();
    assert!(editor.remove("gateway.port").unwrap() && !editor.remove("gateway.port").unwrap());
    assert_eq!(editor.save().unwrap().len(), 1);
    assert!(open().report().valid);
}

#[test]
fn one_writer_at_a_time() {
    let folder = Folder::new("lock");
    let path = folder.file("openclaw.json", "{}");
    let mut refused = None;
    ConfigEditor::update(&path, &Options::default(), |editor| {
        let mut other = ConfigEditor::open_with(&path, &Options::default())?.patience(Duration::ZERO);
        other.set("gateway.port", 1)?;
        refused = Some(other.save().unwrap_err());
        editor.set("gateway.port", 2)
    })
    .unwrap();
    let refused = refused.unwrap();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Store, Some("locked")));
    assert!(fs::read_to_string(&path).unwrap().contains('2'));
}

#[test]
fn a_change_of_somebody_else_is_not_overwritten() {
    let folder = Folder::new("conflict");
    let path = folder.file("openclaw.json", "{}");
    let mut editor = ConfigEditor::open(&path).unwrap();
    editor.set("gateway.port", 1).unwrap();
    fs::write(&path, "{ gateway: { port: 2 } }").unwrap();
    let error = editor.save().unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Store, Some("changed")));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{ gateway: { port: 2 } }");
}

#[test]
fn a_disk_that_fills_up_leaves_the_old_file() {
    let folder = Folder::new("full");
    let text = format!("{{ env: {{ vars: {{ FILL: '{}', N: '0' }} }} }}", "x".repeat(200_000));
    let path = folder.file("openclaw.json", &text);
    // No file may grow beyond 64 KiB; the signal for it is ignored, so that the write fails in its middle.
    let program = child("writes_until_killed", &path, "1");
    let mut shell = Command::new("bash");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"]);
    shell.arg(program.get_program()).args(program.get_args());
    shell.envs(program.get_envs().filter_map(|(key, value)| Some((key, value?))));
    assert!(!shell.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let names: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// Power loss, as near as a test gets to it: the writer is killed at any point of its work, again and again.
#[test]
fn a_killed_writer_leaves_the_old_file_or_the_new_one() {
    let folder = Folder::new("kill");
    let filler: String = (0..400).map(|i| format!("    // line {i}\n")).collect();
    let text = format!("{{\n  env: {{\n{filler}    vars: {{ N: '0', M: '0' }},\n  }},\n}}\n");
    let path = folder.file("openclaw.json", &text);
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let (mut moved, mut last) = (0, 0);
    // A busy machine takes longer until the writer works at all.
    let mut patience = 3_000;
    for round in 0..220 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut writer = child("writes_until_killed", &path, "1000000").spawn().unwrap();
        std::thread::sleep(Duration::from_micros(patience + (seed >> 33) % 25_000));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let now_text = fs::read_to_string(&path).unwrap();
        assert!(now_text.len() >= text.len() && now_text.ends_with("  },\n}\n"), "round {round}: {}", now_text.len());
        let now = number(&path, "N");
        assert_eq!(now, number(&path, "M"), "round {round}: half an edit");
        assert!(now >= last, "round {round}: an older file came back");
        moved += usize::from(now > last);
        patience = if now > last { (patience / 2).max(3_000) } else { (patience * 2).min(500_000) };
        last = now;
        for backup in ["bak", "bak.1", "bak.2", "bak.3", "bak.4"] {
            let backup = folder.0.join(format!("openclaw.json.{backup}"));
            if backup.exists() {
                assert!(number(&backup, "N") <= now, "round {round}");
            }
        }
    }
    assert!(moved > 20, "the writer was killed before it wrote anything in all but {moved} rounds");
    // Nothing that the killed ones left stands in the way.
    ConfigEditor::update(&path, &Options::default(), |editor| editor.set("env.vars.N", "1000000")).unwrap();
    let names = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(names.filter(|path| path.extension().is_some_and(|e| e == "tmp")).count(), 0);
}

#[test]
fn eight_writers_at_once_lose_no_change() {
    let folder = Folder::new("race");
    let path = folder.file("openclaw.json", "{\n  // counted\n  env: { vars: { N: '0' } },\n}\n");
    let writers: Vec<_> = (0..8).map(|_| child("counts_up", &path, "15").spawn().unwrap()).collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(number(&path, "N"), 8 * 15);
    assert!(fs::read_to_string(&path).unwrap().contains("// counted"));
}

#[test]
#[ignore = "run by the tests above as a process of its own"]
fn writes_until_killed() {
    let Some((path, times)) = told() else { return };
    for _ in 0..times.parse().unwrap() {
        ConfigEditor::update(&path, &Options::default(), |editor| {
            let next = number(editor.as_ref(), "N") + 1;
            editor.set("env.vars.N", next.to_string())?;
            editor.set("env.vars.M", next.to_string())
        })
        .unwrap();
    }
}

#[test]
#[ignore = "run by the tests above as a process of its own"]
fn counts_up() {
    let Some((path, times)) = told() else { return };
    for _ in 0..times.parse().unwrap() {
        ConfigEditor::update(&path, &Options::default(), |editor| {
            let next: u64 = editor.get("env.vars.N")?.unwrap().as_str().unwrap().parse().unwrap();
            editor.set("env.vars.N", (next + 1).to_string())
        })
        .unwrap();
    }
}
