//! What the judgement of a configuration promises, on files of our own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::{
    Code, Config, MAX_BYTES, MAX_DEPTH, MemoryFiles, Options, Report, Severity, check_text, explain, schema,
};

fn check(text: &str) -> Report {
    check_text(text, &Options::default())
}

fn lines(report: &Report) -> Vec<String> {
    report.issues.iter().map(ToString::to_string).collect()
}

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn with_files(files: &[(&str, &str)]) -> Options {
    let files = files.iter().map(|(name, text)| (PathBuf::from("/home/me/.openclaw").join(name), (*text).to_owned()));
    Options::default().files(Arc::new(MemoryFiles::new(files))).path("/home/me/.openclaw/openclaw.json")
}

#[test]
fn the_keys_that_a_login_left_behind() {
    let text = r#"{
  "auth": {
    "profiles": {
      "openai-codex:default": {
        "provider": "openai-codex",
        "mode": "oauth",
        "token": "sk-very-secret-token-of-mine",
        "refreshToken": "rt-very-secret"
      }
    }
  }
}"#;
    let report = check(text);
    assert_eq!(lines(&report), [r#"auth.profiles.openai-codex:default: Unrecognized keys: "token", "refreshToken""#]);
    let issue = &report.issues[0];
    assert_eq!((issue.line, issue.column), (Some(7), Some(9)));
    assert_eq!(issue.pointer, "/auth/profiles/openai-codex:default");
    assert_eq!(issue.keys, ["token", "refreshToken"]);
    let shown = report.render() + &serde_json::to_string(&report).unwrap() + &format!("{report:?}");
    assert!(!shown.contains("very-secret"), "{shown}");
    assert!(shown.contains(" 7 |         \"token\": \"****"), "{shown}");
    assert!(shown.contains("   |         ^^^^^^^"), "{shown}");
}

#[test]
fn everything_is_said_at_once_in_the_order_of_the_model() {
    let report = check(
        "{ gateway: { port: 0, bnd: 1 }, auth: { order: 1 }, zz: 1, memorySearch: {}, logging: { level: 'wran' } }",
    );
    assert_eq!(
        lines(&report),
        [
            "memorySearch: top-level memorySearch was moved; use agents.defaults.memorySearch instead. Run \"openclaw \
             doctor --fix\".",
            "logging.level: Invalid input (allowed: \"silent\", \"fatal\", \"error\", \"warn\", \"info\", \"debug\", \
             \"trace\")",
            "auth.order: Invalid input: expected record, received number",
            "gateway.port: Too small: expected number to be >0",
            "gateway: Unrecognized key: \"bnd\"",
            "<root>: Unrecognized key: \"zz\"",
        ]
    );
    assert!(report.issues.iter().all(|issue| issue.line == Some(1)));
    let column = |issue: &super::super::Issue| issue.column.unwrap() as usize - 1;
    let text = "{ memorySearch: {}, zz: 1, gatway: {}, hoks: {}, loging: {} }";
    let root = &check(text).issues[1];
    // The moved key is said already: the place is that of the first that is left.
    assert_eq!((root.keys.len(), &text[column(root)..column(root) + 3]), (4, "zz:"));
    let hint = "for \"gatway\" perhaps \"gateway\", for \"hoks\" perhaps \"hooks\", for \"loging\" perhaps \"logging\"";
    assert_eq!((root.suggestion.as_deref(), root.hint.as_deref()), (None, Some(hint)));
    assert_eq!(report.issues[1].suggestion.as_deref(), Some("warn"));
    assert_eq!(report.issues[1].found.as_deref(), Some("\"wran\""));
}

/// What is right uses nothing up of what may be said of the rest.
#[test]
fn what_is_wrong_behind_many_right_values_is_found() {
    let agents: Vec<String> =
        (0..11_000).map(|i| format!(r#"{{"id":"a{i}","model":{{"primary":"openai/x"}}}}"#)).collect();
    let report = check(&format!(r#"{{"agents":{{"list":[{}]}},"zz":1}}"#, agents.join(",")));
    assert_eq!(lines(&report), [r#"<root>: Unrecognized key: "zz""#]);
    // And there is an end to what is said.
    let wrong = vec!["7"; 11_000].join(",");
    let report = check(&format!("{{ agents: {{ list: [{wrong}] }} }}"));
    assert!(!report.valid && report.issues.len() == 10_000, "{}", report.issues.len());
}

#[test]
fn numbers_and_null_are_those_of_javascript() {
    assert!(check("{ gateway: { port: 1.0 } }").valid);
    assert!(check("{ gateway: { port: 1e3 } }").valid);
    assert!(check("{ gateway: { port: 0x1F, } } // end").valid);
    assert!(check("\u{feff}{}").valid);
    assert!(!check("{ gateway: { port: 9007199254740993 } }").valid);
    assert!(!check(r#"{"gateway":{"port":null}}"#).valid);
    assert!(!check(r#"{"gateway":null}"#).valid);
    assert!(!check("{ gateway: { port: Infinity } }").valid);
    assert!(!check("{ gateway: { port: NaN } }").valid);
    assert!(!check(r#"{"agents":[]}"#).valid);
    // 50 UTF-16 units are 25 of these.
    let name = |count: usize| format!("{{ ui: {{ assistant: {{ name: '{}' }} }} }}", "😀".repeat(count));
    assert!(check(&name(25)).valid);
    assert!(!check(&name(26)).valid);
    assert!(check(r#"{"ui":{"assistant":{"name":"\ud800"}}}"#).valid);
}

#[test]
fn syntax_errors_have_the_words_and_place_of_the_original() {
    for (text, message) in [
        ("", "invalid end of input at 1:1"),
        ("{ a: 1", "invalid end of input at 1:7"),
        ("{\n  \"a\" 1 }", "invalid character '1' at 2:7"),
        ("{ a: 01 }", "invalid character '1' at 1:7"),
        ("{ a-b: 1 }", "invalid character '-' at 1:4"),
        ("{ a: 'x\n' }", "invalid character '\\n' at 2:0"),
        ("{ a: 1 } }", "invalid character '}' at 1:10"),
        ("{ a: 1, , }", "invalid character ',' at 1:9"),
        ("{ a: True }", "invalid character 'T' at 1:6"),
        ("/* x", "invalid end of input at 1:5"),
    ] {
        let report = check(text);
        assert_eq!(lines(&report), [format!("<root>: JSON5 parse failed: SyntaxError: JSON5: {message}")], "{text}");
    }
}

#[test]
fn no_input_is_too_deep_or_too_large_to_be_answered() {
    for open in ["[", "{a:", "{\"channels\":{\"a\":"] {
        let report = check(&open.repeat(100_000));
        assert_eq!(report.issues[0].code, Code::TooDeep, "{open}");
    }
    let report = check(&format!("{{ channels: {{ x: '{}' }} }}", "x".repeat(MAX_BYTES)));
    assert_eq!(report.issues[0].code, Code::TooLarge);
    let deep = MAX_DEPTH - 2;
    assert!(check(&format!("{{ channels: {{ x: {}{} }} }}", "[".repeat(deep), "]".repeat(deep))).valid);
}

#[test]
fn includes_are_followed_inside_the_folder_alone() {
    let valid = |text: &str, files: &[(&str, &str)]| check_text(text, &with_files(files));
    assert!(valid("{ $include: './a.json5', gateway: { port: 1 } }", &[("a.json5", "{ logging: {} }")]).valid);
    let report = valid("{ gateway: { $include: 'a.json5' } }", &[("a.json5", "{\n  prot: 1\n}")]);
    assert_eq!(lines(&report), ["gateway: Unrecognized key: \"prot\""]);
    assert_eq!(report.issues[0].file.as_deref(), Some("/home/me/.openclaw/a.json5"));
    assert_eq!((report.issues[0].line, report.issues[0].column), (Some(2), Some(3)));
    for (text, code) in [
        ("{ $include: '../x' }", Code::IncludeEscapes),
        ("{ $include: '/etc/passwd' }", Code::IncludeEscapes),
        ("{ $include: 'none' }", Code::IncludeFailed),
        ("{ $include: 1 }", Code::IncludeFailed),
        ("{ $include: ['a', 1] }", Code::IncludeFailed),
        ("{ $include: 'loop' }", Code::IncludeCycle),
    ] {
        let report = valid(text, &[("a", "{}"), ("loop", "{ $include: 'loop' }")]);
        assert_eq!(report.issues[0].code, code, "{text}");
        assert_eq!(report.issues[0].path, "");
        assert!(report.issues[0].line.is_some());
    }
    // A name that the person chose is judged where it stands, and so is a word of several shapes.
    let text = "{ browser: { profiles: { $include: 'a.json', b: { color: '00ff00', cdpPort: 1 } } } }";
    let report = valid(text, &[("a.json", "{\n  // A\n  A: { color: '00ff00', cdpPort: 1 } }")]);
    assert_eq!(report.issues[0].file.as_deref(), Some("/home/me/.openclaw/a.json"), "{report}");
    assert_eq!((report.issues[0].line, report.issues[0].column), (Some(3), Some(3)));
    assert_eq!(check("{ commands: { native: 'atuo' } }").issues[0].suggestion.as_deref(), Some("auto"));
    // Without files, nothing is read.
    assert_eq!(check("{ $include: 'a' }").issues[0].code, Code::IncludeFailed);
}

#[test]
fn variables_are_replaced_and_never_shown() {
    let options = Options::default().env(env(&[("NAME", "top-secret-value")]));
    let config = Config::parse("{ gateway: { auth: { token: '${NAME}' } } }", &options).unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("top-secret"), "{shown}");
    let text = "{ talk: { provider: '${NAME}', providers: { a: {} } }, logging: { level: '${NAME}' }, \
                messages: { ackReaction: '${NONE} $${NAME}' } }";
    let report = check_text(text, &options);
    let shown = report.render() + &serde_json::to_string(&report).unwrap();
    assert!(!shown.contains("top-secret"), "{shown}");
    let missing = report.warnings().next().unwrap();
    assert_eq!((missing.code, missing.severity), (Code::EnvMissing, Severity::Warning));
    assert_eq!(missing.path, "messages.ackReaction");
    // The configuration's own variables fill what is missing outside.
    assert!(
        check("{ env: { BASE: 'http://h' }, models: { providers: { x: { baseUrl: '${BASE}', models: [] } } } }")
            .issues
            .is_empty()
    );
    assert_eq!(check("{ channels: { '${A}': 1 } }").issues[0].code, Code::EnvInKey);
}

#[test]
fn what_is_valid_but_odd_is_a_warning() {
    let twice = check("{ gateway: { port: 1 }, gateway: { port: 2 } }");
    assert!(twice.valid);
    assert_eq!(twice.issues[0].code, Code::DuplicateKey);
    let newer = check("{ meta: { lastTouchedVersion: '2026.9.6' } }");
    assert!(newer.valid);
    assert_eq!(newer.issues[0].code, Code::NewerVersion);
    assert!(check(r#"{"meta":{"lastTouchedVersion":"2026.4.5"}}"#).issues.is_empty());
    let channel = check(r#"{"channels":{"telegram":{"streamMode":"off"}}}"#);
    assert!(channel.valid);
    assert_eq!(channel.issues[0].path, "channels.telegram.streamMode");
}

#[test]
fn both_ways_of_reading_judge_alike() {
    for text in [
        r#"{"agents":{"list":[{"id":"a"}]},"broadcast":{"1@g.us":["zz"]}}"#,
        r#"{"tools":{"allow":["a"],"alsoAllow":["b"]}}"#,
        r#"{"browser":{"profiles":{"A":{"color":"ff0000","cdpPort":1}}}}"#,
        r#"{"agents":{"defaults":{"heartbeat":{"every":"soon"}}}}"#,
        r#"{"gateway":{"channelStaleEventThresholdMinutes":1}}"#,
        r#"{"cron":{"webhook":"x"}}"#,
    ] {
        assert!(serde_json::from_str::<Config>(text).is_err(), "{text}");
        assert!(!check(text).valid, "{text}");
    }
}

/// Plain JSON is judged as JSON5 is: the fast way asks every rule about moved keys.
#[test]
fn every_moved_key_is_seen_on_either_way() {
    let texts = [
        r#"{"session":{"threadBindings":{"ttlHours":1}}}"#,
        r#"{"agents":{"defaults":{"sandbox":{"perSession":true}}}}"#,
        r#"{"agents":{"list":[{"id":"a","sandbox":{"perSession":true}}]}}"#,
        r#"{"memorySearch":{}}"#,
        r#"{"heartbeat":{}}"#,
        r#"{"gateway":{"bind":"0.0.0.0"}}"#,
        r#"{"tools":{"web":{"x_search":{"apiKey":"x"}}}}"#,
        r#"{"messages":{"tts":{"openai":{}}}}"#,
        r#"{"plugins":{"entries":{"voice-call":{"config":{"tts":{"edge":{}}}}}}}"#,
        r#"{"tools":{"web":{"search":{"apiKey":"x"}}}}"#,
        r#"{"talk":{"voiceId":"x"}}"#,
    ];
    assert_eq!(texts.len(), super::super::legacy::count());
    for text in texts {
        for written in [text.to_owned(), format!("{text} // JSON5")] {
            let report = check(&written);
            assert!(!report.valid, "{written}");
            assert!(report.issues.iter().any(|issue| issue.code == Code::LegacyKey), "{written}: {report}");
        }
    }
}

#[test]
fn nothing_hides_anything_else_from_a_person() {
    let codes = |report: &Report| report.errors().map(|issue| issue.code).collect::<Vec<_>>();
    // An unknown key hides no rule.
    let report = check("{ tools: { allow: ['a'], alsoAllow: ['b'], foo: 1 } }");
    assert_eq!(codes(&report), [Code::UnknownKey, Code::Rule]);
    // Nothing hides the checks over sections, nor one of them another.
    let report = check(
        "{ zz: 1, gateway: { tailscale: { mode: 'serve' }, bind: 'lan' }, agents: { list: [{ id: 'a', agentDir: '/d', \
         identity: { avatar: '~x' } }, { id: 'b', agentDir: '/d' }] } }",
    );
    assert_eq!(codes(&report), [Code::UnknownKey, Code::Rule, Code::Rule, Code::Rule]);
    // Each include that cannot be followed is named, and nothing that it should have given is missed.
    let text = "{ models: { providers: { x: { $include: 'gone' }, y: { $include: '/etc/passwd' } } }, \
                browser: { profiles: { p: { $include: 'away', color: '00ff00' } } } }";
    let report = check_text(text, &with_files(&[]));
    assert_eq!(codes(&report), [Code::IncludeFailed, Code::IncludeEscapes, Code::IncludeFailed], "{report}");
    assert_eq!(report.issues.iter().map(|issue| issue.column).collect::<Vec<_>>().len(), 3);
    // OpenClaw stops at the first.
    let line = serde_json::json!({ "id": 1, "config": text }).to_string();
    assert_eq!(super::super::check_json_line(&line).unwrap()["issues"].as_array().unwrap().len(), 1);
}

#[test]
fn what_was_read_otherwise_than_it_was_meant_is_a_warning() {
    let odd = |report: &Report| {
        let all = report.warnings().map(|issue| (issue.code, issue.path.clone(), issue.line, issue.column));
        all.collect::<Vec<_>>()
    };
    assert_eq!(odd(&check("\u{feff}{}")), [(Code::Encoding, String::new(), Some(1), Some(1))]);
    let half = check("{\"ui\":{\"assistant\":{\n\"name\":\"a\\ud800\"}}}");
    assert_eq!(odd(&half), [(Code::Encoding, "ui.assistant.name".into(), Some(2), Some(10))]);
    assert!(check(r#"{"ui":{"assistant":{"name":"\ud83d\ude00"}}}"#).issues.is_empty());
    // Twice, on the fast way: in what a plugin defines for itself.
    let twice = check("{\"plugins\":{\"entries\":{\"x\":{\"config\":{\"a\":{\"b\":1,\n\"b\":2}}}}}}");
    assert_eq!(odd(&twice), [(Code::DuplicateKey, "plugins.entries.x.config.a.b".into(), Some(2), Some(1))]);
    // In an included file.
    let files = with_files(&[("a.json", "\u{feff}{ port: 1,\n port: 2 }")]);
    let included = check_text("{ gateway: { $include: 'a.json' } }", &files);
    assert_eq!(
        odd(&included),
        [
            (Code::Encoding, "gateway".into(), Some(1), Some(1)),
            (Code::DuplicateKey, "gateway.port".into(), Some(2), Some(2))
        ]
    );
    assert_eq!(included.issues[1].file.as_deref(), Some("/home/me/.openclaw/a.json"));
}

/// As Node.js reads it: bytes that are not UTF-8 become U+FFFD.
#[test]
fn a_file_that_is_not_utf8_is_read_and_warned_of() {
    let path = std::env::temp_dir().join(format!("openclaw-core-bytes-{}.json", std::process::id()));
    std::fs::write(&path, b"{\n  ui: { seamColor: '00ff00', assistant: { name: 'm\xffe' } } }").unwrap();
    let report = super::super::check_file(&path, &Options::default());
    assert!(report.valid, "{report}");
    assert_eq!(report.issues[0].code, Code::Encoding);
    assert_eq!((report.issues[0].line, report.issues[0].column), (Some(2), Some(51)));
    let config = Config::load(&path, &Options::default()).unwrap();
    assert_eq!(&**config.ui.unwrap().assistant.unwrap().name.as_ref().unwrap(), "m\u{fffd}e");
    std::fs::write(&path, b"{\xff").unwrap();
    assert_eq!(super::super::check_file(&path, &Options::default()).issues.len(), 2);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_value_of_a_variable_is_shown_in_no_spelling() {
    let options = Options::default().env(env(&[("A", "/a/../secretdir"), ("W", "wran"), ("S", "abc"), ("HOME", "/h")]));
    for text in [
        "{ agents: { list: [{ id: 'a', agentDir: '${A}' }, { id: 'b', agentDir: '${A}/.' }] } }",
        "{ logging: { level: '${W}' } }",
        "{ talk: { provider: '${S}', providers: { x: {} } } }",
        "{ agents: { list: [{ id: 'x' }] }, broadcast: { p: ['${S}'] } }",
        "{ agents: { defaults: { sandbox: { docker: { binds: ['${S}:/x'] } } } } }",
    ] {
        let report = check_text(text, &options);
        assert!(!report.valid, "{text}");
        let shown = report.render() + &serde_json::to_string(&report).unwrap();
        for value in ["secretdir", "wran", "\"warn\"\n", "abc"] {
            assert!(!shown.contains(value), "{value}: {shown}");
        }
    }
    // A number where a secret should stand is one.
    let report = check("{ env: { vars: { A: 4711471147 } }, models: { providers: { p: { apiKey: 4711471147 } } } }");
    assert!(!report.render().contains("4711471147") && report.errors().count() > 1, "{}", report.render());
}

#[test]
fn a_key_of_a_union_is_explained_with_all_that_it_may_be() {
    let allowed = |path: &str| explain(path).unwrap().allowed;
    assert_eq!(
        allowed("models.providers.x.request.auth.mode"),
        ["\"provider-default\"", "\"authorization-bearer\"", "\"header\""]
    );
    assert_eq!(allowed("secrets.providers.x.source"), ["\"env\"", "\"file\"", "\"exec\""]);
}

/// What the schema says is for people who write a file, not for those who read our code.
#[test]
fn every_property_is_described_in_words_of_its_own() {
    fn search(node: &serde_json::Value, path: &str) {
        if let Some(text) = node.get("description").and_then(serde_json::Value::as_str) {
            for odd in ["[`", "](", "`Debug`", "::"] {
                assert!(!text.contains(odd), "{path}: {text}");
            }
        }
        for (key, property) in node.get("properties").and_then(serde_json::Value::as_object).into_iter().flatten() {
            let own = property.get("description").and_then(serde_json::Value::as_str).unwrap_or_default();
            let shared = ["A text or a number.", "A text, a number or a switch.", "A text that may be a secret."];
            assert!(!own.is_empty() && !shared.contains(&own), "{path}/{key}: {own}");
        }
        match node {
            serde_json::Value::Object(map) => {
                map.iter().for_each(|(key, value)| search(value, &format!("{path}/{key}")))
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| search(item, path)),
            _ => {}
        }
    }
    search(&schema(), "");
    let meaning = |path: &str| explain(path).unwrap().meaning;
    assert!(
        meaning("session.maintenance.pruneAfter").contains("duration"),
        "{}",
        meaning("session.maintenance.pruneAfter")
    );
    assert!(!meaning("env.FOO").contains('[') && !meaning("env.FOO").is_empty());
}

#[test]
fn every_key_is_explained() {
    let model = explain("agents.defaults.model").unwrap();
    assert_eq!(model.kind, "string or object");
    assert_eq!(model.keys.len(), 2);
    let api = explain("models.providers.my.own.provider.api").unwrap();
    assert_eq!(api.path, "models.providers.*.api");
    assert!(api.allowed.contains(&"\"openai-codex-responses\"".to_owned()));
    let id = explain("agents.list[0].id").unwrap();
    assert_eq!((id.path.as_str(), id.required), ("agents.list[].id", true));
    assert_eq!(explain("").unwrap().keys.len(), 37);
    assert!(explain("gateway.nope").is_none());
    // A plugin's own keys are its own.
    assert_eq!(explain("plugins.entries.brave.config.webSearch.mode").unwrap().kind, "any value");
    assert!(explain("hooks.internal.handlers[].module").unwrap().rule.unwrap().contains(".."));
    let mut paths = Vec::new();
    all_keys("", &mut paths, 0);
    assert!(paths.len() > 1000, "{}", paths.len());
    for path in paths {
        let meaning = explain(&path).unwrap().meaning;
        assert!(meaning.ends_with('.'), "{path}: {meaning}");
    }
}

fn all_keys(path: &str, out: &mut Vec<String>, depth: usize) {
    let Some(here) = explain(path).filter(|_| depth < 6) else { return };
    for (key, _) in here.keys {
        let below = if path.is_empty() { key } else { format!("{path}.{key}") };
        all_keys(&below, out, depth + 1);
        out.push(below);
    }
}

#[test]
fn the_schema_has_no_null_and_no_marks_of_ours() {
    let text = schema().to_string();
    assert!(!text.contains("\"null\""));
    assert!(!text.contains("\"x-"));
    assert!(text.contains("https://json-schema.org/draft/2020-12/schema"));
}

/// The published schema is that of the types. `BLESS=1` writes it anew.
#[test]
fn the_checked_in_schema_is_this_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/openclaw.schema.json");
    let now = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/schema")).unwrap();
        std::fs::write(path, &now).unwrap();
    }
    let there = std::fs::read_to_string(path).expect("schema/openclaw.schema.json; BLESS=1 writes it");
    assert!(there == now, "schema/openclaw.schema.json is old; BLESS=1 writes it anew");
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}:,\"'a-c0-9$\\\\/*.\n é😀-]{0,60}") {
            let report = check(&text);
            let _ = report.render();
        }

        #[test]
        fn a_string_is_never_shown(secret in "[a-zA-Z0-9]{12,24}", key in "(token|apiKey|mode|level|port|zz)") {
            for section in ["gateway", "logging", "auth", "zz"] {
                let report = check(&format!("{{ {section}: {{ {key}: '{secret}' }} }}"));
                let shown = report.render() + &serde_json::to_string(&report).unwrap();
                prop_assert!(!shown.contains(&secret), "{}", shown);
            }
        }
    }
}

/// The line that is shown with an issue may hold more than the issue: a comment, a text whose quotes were forgotten.
#[test]
fn the_line_of_an_issue_shows_no_secret_beside_it() {
    for text in [
        "{ gateway: { prot: 1 } } // token: hunter2",
        "{ gateway: { prot: 1 /* hunter2 */ } }",
        "{ gateway: { prot: 1 /*/ hunter2 */ } }",
        "{ gateway: { prot: 1 /*/ hunter2",
        "{ models: { providers: { p: { baseUrl: https://me:hunter2@example.org } } } }",
        "{ gateway: { pw2: hunter2 } }",
        "{ tools: { allow: [hunter2] } }",
        "{ tools: { allow: ['a', hunter2] } }",
        "{ gateway: { token: 'hunter2': 1 } }",
        "{ gateway: { token: 'hunter2 } }",
        "{ zz: 1 /* hunter2",
    ] {
        let report = check(text);
        let shown = format!("{}{report}{report:?}{}", report.render(), serde_json::to_string(&report).unwrap());
        assert!(!report.valid && !shown.contains("hunter2"), "{shown}");
    }
    assert!(check("{ gateway: { port: true } }").render().contains("| { gateway: { port: true } }"));
}

/// As OpenClaw makes them: two agents whose ids mean the same share a folder.
#[test]
fn ids_of_agents_mean_the_same_when_openclaw_says_so() {
    let same = |one: &str, other: &str| {
        !check(&format!(
            "{{ agents: {{ list: [{{ id: '{one}' }}, {{ id: 'x', agentDir: '~/.openclaw/agents/{other}/agent' }}] }} }}"
        ))
        .valid
    };
    for (one, other) in
        [("A", "a"), (" a ", "a"), ("a b", "a-b"), ("a!!b", "a-b"), ("a-!b", "a--b"), ("!a!", "a"), ("!", "main")]
    {
        assert!(same(one, other), "{one} {other}");
    }
    for (one, other) in [("a-", "a"), ("a-!b", "a-b"), ("a", "b")] {
        assert!(!same(one, other), "{one} {other}");
    }
    // Where OpenClaw keeps its files.
    let text = "{ agents: { list: [{ id: 'a' }, { id: 'b', agentDir: '/s/agents/a/agent' }] } }";
    let state = Options::default().env(env(&[("OPENCLAW_STATE_DIR", "/s")]));
    assert!(check(text).valid && !check_text(text, &state).valid);
}

/// Plain JSON is judged as the same with a comment, which is read another way.
#[test]
fn the_section_env_counts_in_plain_json_too() {
    let agents = r#""agents":{"list":[{"id":"a","agentDir":"/s/agents/b/agent"},{"id":"b"}]}"#;
    let both = |env: &str, outside: &Options| {
        let text = format!("{{\"env\":{env},{agents}}}");
        let valid = check_text(&text, outside).valid;
        assert_eq!(valid, check_text(&format!("// x\n{text}"), outside).valid, "{text}");
        valid
    };
    let none = Options::default();
    assert!(!both(r#"{"vars":{"OPENCLAW_STATE_DIR":"/s"}}"#, &none));
    assert!(!both(r#"{"OPENCLAW_STATE_DIR":"/s"}"#, &none));
    assert!(both("{}", &none));
    // What is set outside wins, unless it is blank.
    assert!(both(r#"{"OPENCLAW_STATE_DIR":"/s"}"#, &Options::default().env(env(&[("OPENCLAW_STATE_DIR", "/o")]))));
    assert!(!both(r#"{"OPENCLAW_STATE_DIR":"/s"}"#, &Options::default().env(env(&[("OPENCLAW_STATE_DIR", " ")]))));
    // Of two the one in the section itself counts, as in OpenClaw.
    assert!(both(r#"{"vars":{"OPENCLAW_STATE_DIR":"/s"},"OPENCLAW_STATE_DIR":"/o"}"#, &none));
    assert!(!both(r#"{"OPENCLAW_STATE_DIR":"/s","vars":{"OPENCLAW_STATE_DIR":"/o"}}"#, &none));
    assert!(!both(r#"{"vars":{"OPENCLAW_STATE_DIR":"/s"},"OPENCLAW_STATE_DIR":" "}"#, &none));
}

#[test]
fn the_time_grows_with_the_size_alone() {
    // Each is answered in a moment; with the square of the size this test would not end.
    let many = |item: &dyn Fn(usize) -> String| (0..60_000).map(item).collect::<Vec<_>>().join(",");
    let texts = [
        format!("{{{}}}", many(&|i| format!("k{i}:'${{V{i}}}'"))),
        format!("{{auth:{{order:{{{}}}}}}}", many(&|i| format!("k{i}:{i}"))),
        format!("{{agents:{{list:[{}]}}}}", many(&|i| format!("{{id:'a{i}',agentDir:'/d{i}'}}"))),
        format!("{{agents:{{list:[{{id:'a'}}]}},broadcast:{{p:[{}]}}}}", many(&|i| format!("'a{i}'"))),
        format!("{{gateway:{{{}}}}}", many(&|_| "port:1".to_owned())),
    ];
    let issues = texts.map(|text| {
        let report = check(&text);
        assert!(!report.render().is_empty() || report.issues.is_empty());
        report.issues.len()
    });
    // Of the model at most 10,000 are collected; rules and warnings count for themselves.
    assert_eq!(issues, [60_001, 10_000, 0, 60_000, 1]);
}
