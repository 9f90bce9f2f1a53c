//! The repair: examples and files.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use openclaw_core::ErrorKind;
use openclaw_core::config::doctor::{Doctor, Plan};
use openclaw_core::config::{Config, DiskFiles, Options};
use serde_json::Value;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("openclaw-core-doctor-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn plan(text: &str) -> Plan {
    Doctor::default().examine_text(text)
}

#[track_caller]
fn repaired(text: &str, expected: &str) -> Plan {
    let plan = plan(text);
    assert_eq!(plan.text(), expected, "{}", plan.render());
    let again = self::plan(expected);
    assert!(again.changes().is_empty(), "{}", again.render());
    plan
}

#[test]
fn the_bug_that_started_it() {
    let text = "{\n  auth: {\n    profiles: {\n      'openai-codex:default': {\n        provider: 'openai-codex',\n        mode: 'oauth',\n        // why is this here?\n        token: 'eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl',\n        refreshToken: '', // and this\n      },\n    },\n  },\n  models: {\n    providers: {\n      'openai-codex': {\n        baseUrl: 'https://chatgpt.com/backend-api/v1',\n        models: [{ id: 'gpt-5.4', name: 'GPT' }],\n      },\n    },\n  },\n}\n";
    let plan = repaired(
        text,
        "{\n  auth: {\n    profiles: {\n      'openai-codex:default': {\n        provider: 'openai-codex',\n        mode: 'oauth',\n        // why is this here?\n        // and this\n      },\n    },\n  },\n  models: {\n    providers: {\n      'openai-codex': {\n        baseUrl: \"https://chatgpt.com/backend-api\",\n        models: [{ id: 'gpt-5.4', name: 'GPT' }],\n        \"api\": \"openai-codex-responses\",\n      },\n    },\n  },\n}\n",
    );
    assert!(!plan.before().valid && plan.after().valid);
    let shown = format!("{}{}", plan.render(), plan.to_json(None));
    assert!(!shown.contains("eyJ"), "{shown}");
}

#[test]
fn legacy_keys_move_with_their_comments() {
    repaired(
        "{\n  memorySearch: { enabled: true }, // remember\n  gateway: { bind: '0.0.0.0', port: 1234 },\n}\n",
        "{\n  gateway: { bind: \"lan\", port: 1234, \"controlUi\": {\"allowedOrigins\":[\"http://localhost:1234\",\"http://127.0.0.1:1234\"]} },\n  \"agents\": {\n    \"defaults\": {\n      \"memorySearch\": { enabled: true } // remember\n    }\n  },\n}\n",
    );
    repaired(
        "{heartbeat: {every: '1h', showOk: true}}",
        "{\"agents\":{\"defaults\":{\"heartbeat\":{\"every\":'1h'}}},\"channels\":{\"defaults\":{\"heartbeat\":{\"showOk\":true}}}}",
    );
    repaired("{session: {threadBindings: {ttlHours: 5}}}", "{session: {threadBindings: {\"idleHours\": 5}}}");
    repaired(
        "{agents: {defaults: {sandbox: {perSession: false}}}}",
        "{agents: {defaults: {sandbox: {\"scope\": \"shared\"}}}}",
    );
    repaired(
        "{talk: {voiceId: 'v', modelId: 'm', silenceTimeoutMs: 5}}",
        "{talk: {silenceTimeoutMs: 5,\"providers\":{\"elevenlabs\":{\"voiceId\":'v',\"modelId\":'m'}}}}",
    );
    repaired(
        "{messages: {tts: {edge: {voice: 'v'}}}}",
        "{messages: {tts: {\"providers\":{\"microsoft\":{voice: 'v'}}}}}",
    );
    repaired(
        "{tools: {web: {search: {apiKey: '${BRAVE}', provider: 'brave'}}}}",
        "{tools: {web: {search: {provider: 'brave'}}},\"plugins\":{\"entries\":{\"brave\":{\"config\":{\"webSearch\":{\"apiKey\":'${BRAVE}'}},\"enabled\":true}}}}",
    );
}

#[test]
fn channels_keys_move_too() {
    let channels = |inner: &str| format!("{{channels: {{{inner}}}}}");
    for (before, after) in [
        ("slack: {streamMode: 'append'}", "slack: {\"streaming\":\"block\",\"nativeStreaming\":true}"),
        (
            "slack: {streamMode: 'status_final', nativeStreaming: false}",
            "slack: {nativeStreaming: false,\"streaming\":\"progress\"}",
        ),
        ("slack: {streaming: false}", "slack: {streaming: \"off\",\"nativeStreaming\":false}"),
        (
            "slack: {streaming: 'progress', streamMode: 'append'}",
            "slack: {streaming: 'progress',\"nativeStreaming\":true}",
        ),
        (
            "slack: {accounts: {work: {streaming: true}}}",
            "slack: {accounts: {work: {streaming: \"partial\",\"nativeStreaming\":true}}}",
        ),
        ("telegram: {streamMode: 'progress', streaming: false}", "telegram: {streaming: \"partial\"}"),
        ("telegram: {streaming: 'Block', streamMode: 'off'}", "telegram: {streaming: \"block\"}"),
        ("discord: {streamMode: 7}", "discord: {\"streaming\":\"off\"}"),
        ("discord: {accounts: {a: {streaming: true}}}", "discord: {accounts: {a: {streaming: \"partial\"}}}"),
        (
            "matrix: {allowPrivateNetwork: true, accounts: {a: {allowPrivateNetwork: false}}}",
            "matrix: {accounts: {a: {\"network\":{\"dangerouslyAllowPrivateNetwork\":false}}},\"network\":{\"dangerouslyAllowPrivateNetwork\":true}}",
        ),
        (
            "tlon: {allowPrivateNetwork: true, network: {dangerouslyAllowPrivateNetwork: false}}",
            "tlon: {network: {dangerouslyAllowPrivateNetwork: false}}",
        ),
        ("telegram: {groupMentionsOnly: true}", "telegram: {\"groups\":{\"*\":{\"requireMention\":true}}}"),
        (
            "telegram: {groups: {'*': {requireMention: false}}, groupMentionsOnly: true}",
            "telegram: {groups: {'*': {requireMention: false}}}",
        ),
        ("telegram: {groups: 5, groupMentionsOnly: true}", "telegram: {groups: 5, groupMentionsOnly: true}"),
        (
            "telegram: {streamMode: 'block', streaming: {mode: 'partial', /* mine */ chunk: 3}}",
            "telegram: {streamMode: 'block', streaming: {mode: 'partial', /* mine */ chunk: 3}}",
        ),
    ] {
        repaired(&channels(before), &channels(after));
    }
    repaired(
        "{models: {bedrockDiscovery: {enabled: true, region: 'eu-west-1'}}}",
        "{models: {},\"plugins\":{\"entries\":{\"amazon-bedrock\":{\"config\":{\"discovery\":{enabled: true, region: 'eu-west-1'}}}}}}",
    );
}

#[test]
fn what_can_be_repaired_is_although_something_else_cannot() {
    let plan = repaired("{foo: 1, gateway: {port: 'x', bar: 2}}", "{gateway: {port: 'x'}}");
    assert_eq!(plan.after().errors().count(), 1);
    assert!(plan.render().contains("Left for you to repair"));
}

#[test]
fn codex_entries_fall_to_no_other_protocol() {
    let entry = |inner: &str| format!("{{models:{{providers:{{{inner}}}}}}}");
    for (before, after) in [
        (
            "'openai-codex':{models:[]}",
            "'openai-codex':{models:[],\"baseUrl\":\"https://chatgpt.com/backend-api\",\"api\":\"openai-codex-responses\"}",
        ),
        (
            "mine:{baseUrl:'https://chatgpt.com/backend-api/codex/v1',api:'anthropic-messages',models:[]}",
            "mine:{baseUrl:\"https://chatgpt.com/backend-api\",api:\"openai-codex-responses\",models:[]}",
        ),
        (
            "'openai-codex':{baseUrl:'https://api.openai.com/v1',api:'openai-codex-responses',models:[]}",
            "'openai-codex':{baseUrl:\"https://chatgpt.com/backend-api\",api:'openai-codex-responses',models:[]}",
        ),
    ] {
        repaired(&entry(before), &entry(after));
    }
    for right in [
        "'openai-codex':{baseUrl:'https://chatgpt.com/backend-api/codex',api:'openai-codex-responses',models:[]}",
        "'openai-codex':{baseUrl:'https://chatgpt.com/backend-api',api:'openai-responses',models:[]}",
        "'openai-codex':{baseUrl:'${CODEX}',api:'openai-codex-responses',models:[]}",
        "'openai-codex':{baseUrl:'https://gw.example/x',api:'openai-completions',models:[]}",
        "other:{baseUrl:'https://example.com',models:[]}",
        "'openai-codex':{baseUrl:'https://api.openai.com/v1',apiKey:'${K}',api:'openai-responses',models:[]}",
    ] {
        repaired(&entry(right), &entry(right));
    }
}

/// What OpenClaw's own default is needs no repair: a model has the protocol of its provider.
#[test]
fn a_right_codex_file_is_left_alone() {
    let text = "{models:{providers:{'openai-codex':{baseUrl:'https://chatgpt.com/backend-api',api:'openai-codex-responses',models:[{id:'m',name:'M'}]}}}}";
    assert!(repaired(text, text).is_clean());
}

/// After a repair the provider can be asked, or the doctor says that it cannot.
#[test]
fn codex_can_be_asked_afterwards_or_it_is_said() {
    for entry in [
        "baseUrl:'https://api.chatgpt.com/backend-api',models:[]",
        "baseUrl:'https://auth.openai.com',models:[]",
        "baseUrl:'https://platform.openai.com/v1',api:'openai-responses',models:[]",
        "baseUrl:'https://gw.example/x',api:'anthropic-messages',models:[]",
        "baseUrl:'https://gw.example/x',models:[{id:'m',name:'M',api:'ollama'}]",
        "baseUrl:'https://api.openai.com/v1',apiKey:'k',models:[]",
        "baseUrl:'https://api.openai.com/v1',apiKey:'k',api:'openai-responses',models:[]",
        "baseUrl:'https://api.openai.com/v1',models:[]",
        "baseUrl:'https://chatgpt.com/backend-api/v1',models:[{id:'m',name:'M',api:'anthropic-messages'}]",
        "baseUrl:'',models:[]",
        "baseUrl:'chatgpt.com',models:[]",
        "baseUrl:'http://chatgpt.com:8443/x?y',models:[]",
        "models:[]",
    ] {
        let text = format!("{{models:{{providers:{{'openai-codex':{{{entry}}}}}}}}}");
        let plan = plan(&text);
        let built = Config::parse(plan.text(), &Options::default()).unwrap_or_else(|e| panic!("{entry}: {e}"));
        let asked = built.provider("openai-codex").is_ok()
            && built.models.iter().flat_map(|models| models.providers.iter().flat_map(|all| all.values())).all(
                |entry| entry.models.iter().all(|model| built.model(&format!("openai-codex/{}", &*model.id)).is_ok()),
            );
        assert_eq!(asked, plan.is_cured(), "{entry}: {}", plan.render());
        assert_eq!(asked, !entry.contains("gw.example") && !entry.contains("apiKey"), "{entry}: {}", plan.render());
        assert!(asked || plan.render().contains("Left for you"), "{}", plan.render());
    }
}

#[test]
fn nothing_is_invented_where_an_include_is_broken() {
    for text in [
        "{\"models\":{\"providers\":{\"openai-codex\":{\"$include\":\"gone.json\"}}}}",
        "{\"models\":{\"$include\":\"gone.json\",\"providers\":{\"openai-codex\":{\"models\":[]}}}}",
        "{\"$include\":[\"gone.json\"],\"models\":{\"providers\":{\"openai-codex\":{\"models\":[]}}}}",
        "{\"models\":{\"providers\":{\"$include\":5,\"openai-codex\":{\"models\":[]}}}}",
    ] {
        let plan = repaired(text, text);
        assert!(!plan.after().valid && plan.changes().is_empty());
    }
    // Beside it, everything is repaired.
    repaired(
        "{gateway: {$include: 'gone.json'}, models: {providers: {'openai-codex': {baseUrl: 'https://chatgpt.com', api: 'openai-codex-responses', models: []}}}}",
        "{gateway: {$include: 'gone.json'}, models: {providers: {'openai-codex': {baseUrl: \"https://chatgpt.com/backend-api\", api: 'openai-codex-responses', models: []}}}}",
    );
}

#[test]
fn a_key_goes_although_a_rule_is_broken_beside_it() {
    let plan =
        repaired("{tools: {allow: ['a'], alsoAllow: ['b'], foo: 1}}", "{tools: {allow: ['a'], alsoAllow: ['b']}}");
    assert_eq!(plan.before().errors().count(), 2, "{}", plan.before());
    assert_eq!(plan.after().errors().count(), 1);
}

#[test]
fn a_moved_section_leaves_behind_what_is_not_known_at_its_new_place() {
    let plan = repaired(
        "{memorySearch: {enabled: true, qq: 1}, zz: 2}",
        "{\"agents\":{\"defaults\":{\"memorySearch\":{enabled: true}}}}",
    );
    assert!(plan.after().valid);
    let kinds: Vec<_> = plan.changes().iter().map(|change| change.kind).collect();
    assert_eq!(kinds, ["memory_search", "unknown_key", "unknown_key"]);
    // A newer OpenClaw may know it.
    let text = "{meta: {lastTouchedVersion: '2099.1.1'}, memorySearch: {enabled: true, qq: 1}}";
    assert_eq!(self::plan(text).text(), text);
}

#[test]
fn what_moves_between_files_is_never_lost() {
    let folder = Folder::new("files");
    let main = "{ $include: 'old.json', agents: { defaults: {} } }\n";
    let old = "{ memorySearch: { enabled: true } }\n";
    let path = folder.file("openclaw.json", main);
    folder.file("old.json", old);
    let doctor = Doctor::new(Options::of_process().env([]));
    let plan = doctor.examine(&path).unwrap();
    let names: Vec<_> = plan.files().iter().map(|(path, _)| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["openclaw.json", "old.json"]);
    let order: Vec<_> =
        plan.apply().unwrap().written.iter().map(|file| file.path.file_name().unwrap().to_owned()).collect();
    assert_eq!(order, ["openclaw.json", "old.json"], "what is taken out is written last");
    assert!(doctor.examine(&path).unwrap().is_clean());

    // The other way round.
    let (main, old) = ("{ $include: 'old.json', memorySearch: { enabled: true } }\n", "{ agents: { defaults: {} } }\n");
    folder.file("openclaw.json", main);
    folder.file("old.json", old);
    let order: Vec<_> =
        doctor.examine(&path).unwrap().apply().unwrap().written.into_iter().map(|file| file.path).collect();
    assert_eq!(order, [folder.0.join("old.json"), path.clone()]);

    // When the source cannot be written, the destination is as it was.
    folder.file("openclaw.json", main);
    folder.file("old.json", old);
    let plan = doctor.examine(&path).unwrap();
    // The backup cannot be made: something that is no file stands in the way of the oldest.
    folder.file("openclaw.json.bak.3", "");
    fs::create_dir_all(folder.0.join("openclaw.json.bak.4/x")).unwrap();
    let error = plan.apply().unwrap_err();
    assert!(error.message().contains("old.json") && error.message().contains("as it was again"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), main);
    assert_eq!(fs::read_to_string(folder.0.join("old.json")).unwrap(), old);
}

/// Power loss over several files: the writer is killed at any point, and the value is in the one file or in the other.
#[test]
fn a_killed_repair_over_several_files_loses_nothing() {
    let folder = Folder::new("kill");
    let filler: String = (0..300).map(|i| format!("    // line {i}\n")).collect();
    let main = format!("{{ $include: 'old.json', agents: {{ defaults: {{\n{filler} }} }} }}\n");
    let path = folder.0.join("openclaw.json");
    let (mut seed, mut moved, mut both, mut patience) = (0x2545_f491_4f6c_dd1d_u64, 0, 0, 3_000);
    for round in 0..120 {
        folder.file("openclaw.json", &main);
        folder.file("old.json", "{ memorySearch: { enabled: true, provider: 'keep-me' } }\n");
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "repairs_until_killed", "--ignored", "--nocapture"])
            .env("OPENCLAW_TEST_FILE", &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(patience + (seed >> 33) % 30_000));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let (now, old) = (fs::read_to_string(&path).unwrap(), fs::read_to_string(folder.0.join("old.json")).unwrap());
        assert!(now.ends_with("} }\n") && old.ends_with("}\n"), "round {round}: half a file");
        let (there, here) = (now.contains("keep-me"), old.contains("keep-me"));
        assert!(there || here, "round {round}: lost");
        moved += usize::from(!here);
        both += usize::from(there && here);
        patience = if there { (patience / 2).max(3_000) } else { (patience * 2).min(500_000) };
    }
    println!("{moved} finished, {both} killed between the two writes");
    assert!(moved > 5, "the writer was killed before it wrote anything in all but {moved} rounds");
}

#[test]
#[ignore = "run by the test above as a process of its own"]
fn repairs_until_killed() {
    let Ok(path) = std::env::var("OPENCLAW_TEST_FILE") else { return };
    Doctor::new(Options::default().files(Arc::new(DiskFiles))).examine(path).unwrap().apply().unwrap();
}

#[test]
fn a_misspelt_secret_is_not_shown() {
    let secret = "hunter2hunter2";
    for text in [
        format!(
            "{{auth: {{profiles: {{x: {{provider: 'p', mode: 'oauth', tokn: '{secret}', pw: '{secret}', any: ['{secret}']}}}}}}}}"
        ),
        format!("{{gateway: {{auth: {{beareer: '{secret}'}}}}, {secret}x: '{secret}'}}")
            .replace(&format!("{secret}x"), "zz"),
        format!(
            "{{\n  // tokn: '{secret}'\n  memorySearch: {{remote: {{apikee: '{secret}'}}}},\n  pin: 4711471147,\n}}"
        ),
        format!("{{channels: {{slack: {{streamMode: 'append', botTokn: '{secret}'}}}}}}"),
    ] {
        let plan = plan(&text);
        assert!(!plan.changes().is_empty(), "{text}");
        let shown = format!("{}{}{}", plan.render(), plan.to_json(None), plan.diff());
        assert!(!shown.contains(secret) && !shown.contains("4711471147"), "{shown}");
    }
}

#[test]
fn a_newer_file_keeps_its_unknown_keys() {
    let text = "{meta: {lastTouchedVersion: '2026.9.6'}, shiny: 1, memorySearch: {}}";
    let kept = plan(text);
    assert!(kept.text().contains("shiny: 1") && !kept.after().valid, "{}", kept.text());
    assert_eq!(kept.changes().iter().map(|change| change.kind).collect::<Vec<_>>(), ["memory_search"]);
    assert_eq!(kept.withheld(), ["shiny"]);
    assert!(kept.render().contains("--assume-version"));
    let assumed = Doctor::default().assume_version("2026.4.5").unwrap().examine_text(text);
    assert!(!assumed.text().contains("shiny") && assumed.withheld().is_empty());
    assert!(Doctor::default().assume_version("2025.1.1").is_err());
}

#[test]
fn a_secret_is_kept_for_its_owner_and_never_shown() {
    let folder = Folder::new("quarantine");
    let text = "{auth: {profiles: {x: {provider: 'p', mode: 'oauth', token: 'hunter2', refreshToken: ''}}}}";
    let real = folder.file("real.json", text);
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.json", folder.0.join("openclaw.json")).unwrap();
    let plan = Doctor::new(Options::of_process()).examine(folder.0.join("openclaw.json")).unwrap();
    assert_eq!(folder.names(), ["openclaw.json", "real.json"]);
    let done = plan.apply().unwrap();
    let kept = done.kept_in.clone().unwrap();
    assert!(fs::read_to_string(&kept).unwrap().contains("hunter2"));
    assert_eq!(fs::metadata(&kept).unwrap().mode() & 0o777, 0o600);
    assert!(kept.file_name().unwrap().to_str().unwrap().starts_with("real.json.removed-secrets-"));
    assert_eq!(fs::metadata(&real).unwrap().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(&real).unwrap(), "{auth: {profiles: {x: {provider: 'p', mode: 'oauth'}}}}");
    assert!(fs::symlink_metadata(folder.0.join("openclaw.json")).unwrap().is_symlink());
    assert!(!format!("{}{}", plan.render(), plan.to_json(Some(&done))).contains("hunter2"));
    // A second time there is nothing to do, and nothing is written.
    let names = folder.names();
    let again = Doctor::new(Options::of_process()).examine(folder.0.join("openclaw.json")).unwrap();
    assert!(again.is_clean() && again.apply().unwrap().written.is_empty());
    assert_eq!(folder.names(), names);
}

#[test]
fn an_included_file_is_repaired_and_the_include_stays() {
    let folder = Folder::new("include");
    let text = "{ $include: './base.json5', gateway: { port: 1 } }\n";
    let path = folder.file("openclaw.json", text);
    folder.file(
        "base.json5",
        "{\n  // base\n  foo: 1,\n  auth: { profiles: { x: { provider: 'p', mode: 'oauth', token: '' } } },\n}\n",
    );
    let plan = Doctor::new(Options::of_process()).examine(&path).unwrap();
    let done = plan.apply().unwrap();
    assert_eq!(done.written.len(), 1, "{}", plan.render());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(
        fs::read_to_string(folder.0.join("base.json5")).unwrap(),
        "{\n  // base\n  auth: { profiles: { x: { provider: 'p', mode: 'oauth' } } },\n}\n"
    );
    assert!(Doctor::new(Options::of_process()).examine(&path).unwrap().is_clean());
}

/// A file that is included by two names is one file: it is repaired, and written once.
#[test]
fn a_file_with_two_names_is_repaired_once() {
    let folder = Folder::new("two-names");
    let path = folder.file(
        "openclaw.json",
        "{ gateway: { $include: './a.json' }, ui: { $include: './b.json' }, web: { $include: './sub/c.json' } }\n",
    );
    folder.file("b.json", "{ zz: 1 }\n");
    symlink("b.json", folder.0.join("a.json")).unwrap();
    fs::create_dir(folder.0.join("sub")).unwrap();
    symlink("../b.json", folder.0.join("sub/c.json")).unwrap();
    let doctor = Doctor::new(Options::of_process().env([]));
    let plan = doctor.examine(&path).unwrap();
    assert_eq!(plan.changes().len(), 3, "{}", plan.render());
    assert_eq!(plan.apply().unwrap().written.len(), 1);
    assert_eq!(fs::read_to_string(folder.0.join("b.json")).unwrap(), "{ }\n");
    assert!(fs::symlink_metadata(folder.0.join("a.json")).unwrap().is_symlink());
    assert!(doctor.examine(&path).unwrap().is_clean());

    // In two folders it may include two files: then the names are said, and nothing is written.
    folder.file("b.json", "{ zz: 1, controlUi: { $include: './d.json' } }\n");
    folder.file("d.json", "{}");
    folder.file("sub/d.json", "{}");
    let error = doctor.examine(&path).unwrap().apply().unwrap_err();
    assert!(error.message().contains("a.json") && error.message().contains("sub/c.json"), "{error}");
    assert!(fs::read_to_string(folder.0.join("b.json")).unwrap().contains("zz"));
}

/// A value that is written over is kept where it says more than one word, whatever files it comes from.
#[test]
fn what_a_repair_writes_over_is_kept() {
    let folder = Folder::new("written-over");
    let path = folder.file(
        "openclaw.json",
        "{ $include: 'base.json5', channels: { slack: { streaming: true, nativeStreaming: { /* why */ b: 'mine' } } } }\n",
    );
    folder.file("base.json5", "{ channels: { slack: { nativeStreaming: { a: 'theirs' } } } }\n");
    let plan = Doctor::new(Options::of_process().env([])).examine(&path).unwrap();
    let kept = plan.apply().unwrap().kept_in.expect("something is kept");
    let kept: Value = serde_json::from_str(&fs::read_to_string(kept).unwrap()).unwrap();
    let texts: Vec<&str> = kept["entries"].as_array().unwrap().iter().map(|e| e["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["{ a: 'theirs' }", "{ /* why */ b: 'mine' }"]);
    assert!(fs::read_to_string(&path).unwrap().contains("nativeStreaming: true"));
}

#[test]
fn a_broken_include_stays() {
    let plan = plan("{ $include: './gone.json5', agents: { $include: 'x' }, foo: 1 }");
    assert!(plan.text().contains("./gone.json5") && plan.text().contains("'x'"), "{}", plan.text());
    assert!(!plan.after().valid);
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let folder = Folder::new("changed");
    let path = folder.file("openclaw.json", "{foo: 'x'}");
    let plan = Doctor::new(Options::of_process()).examine(&path).unwrap();
    fs::write(&path, "{bar: 1}").unwrap();
    let error = plan.apply().unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Store, Some("changed")));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{bar: 1}");
    assert_eq!(folder.names(), ["openclaw.json", "openclaw.json.lock"]);
}

#[test]
fn what_is_no_configuration_is_left_alone() {
    let folder = Folder::new("bad");
    for text in ["", "{", "{a: 1} x", "\u{0}", "[1,"] {
        let path = folder.file("openclaw.json", text);
        let plan = Doctor::new(Options::of_process()).examine(&path).unwrap();
        assert!(plan.changes().is_empty() && !plan.after().valid, "{text}");
        assert!(plan.apply().unwrap().written.is_empty());
    }
    fs::write(folder.0.join("openclaw.json"), b"{a: '\xff'}").unwrap();
    assert!(!Doctor::new(Options::of_process()).examine(folder.0.join("openclaw.json")).unwrap().after().valid);
    assert!(Doctor::new(Options::of_process()).examine(&folder.0).is_err());
    assert_eq!(Doctor::new(Options::of_process()).examine(folder.0.join("none")).unwrap_err().code(), Some("missing"));
}

#[test]
fn many_unknown_keys_all_go() {
    for end in ["// one line each\n", ""] {
        let many: String = (0..20_000).map(|i| format!("  key{i}: {i}, {end}")).collect();
        let plan = plan(&format!("{{\n{many}}}\n"));
        assert_eq!(plan.changes().len(), 20_000);
        assert!(plan.after().valid);
    }
}
