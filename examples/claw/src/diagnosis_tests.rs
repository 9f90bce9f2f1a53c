//! The page, its JSON and its exit status, against the embedded server.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use openclaw_core::testing::{ForgedToken, Scenario, TestServer, VirtualAmbient};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::render::Style;

const PLAIN: Style = Style { terminal: false, out_colour: false, err_colour: false };
const TERMINAL: Style = Style { terminal: true, out_colour: true, err_colour: true };

struct Home {
    folder: TempDir,
    clock: VirtualAmbient,
}

impl Home {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), clock: VirtualAmbient::new(1) }
    }

    fn server(&self, scenario: Scenario) -> TestServer {
        let server = TestServer::builder().scenario(scenario).ambient(Arc::new(self.clock.clone())).start_blocking();
        let server = server.unwrap();
        let text = format!(
            "{{ agents: {{ defaults: {{ model: 'openai-codex/gpt-5.4' }} }}, models: {{ providers: {{ 'openai-codex': {{ \
             baseUrl: '{}', api: 'openai-codex-responses', models: [] }} }} }} }}",
            server.codex_base_url()
        );
        self.file(".openclaw/openclaw.json", &text);
        server
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A sign-in whose token ends so many seconds from now.
    fn login(&self, ends_in: i64, refresh: bool) {
        let end = 1_777_000_000u64.saturating_add_signed(ends_in);
        let at = std::time::UNIX_EPOCH + Duration::from_secs(end);
        let mut entry = json!({"type": "oauth", "provider": "openai-codex", "expires": end * 1000,
            "access": ForgedToken::new("acct-1").expires_at(at).build()});
        if refresh {
            entry["refresh"] = "rt-S3CR3T".into();
        }
        let store = json!({"version": 1, "profiles": {"openai-codex:me@example.test": entry}});
        self.file(".openclaw/agents/main/agent/auth-profiles.json", &store.to_string());
    }

    async fn run(&self, command: &Diagnose, style: Style) -> (String, Status) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut options = command.options();
        options.env = [("HOME".to_owned(), self.folder.path().display().to_string())].into();
        options.ambient = Arc::new(self.clock.clone());
        let status = command.run_with(options, &mut Screen::new(&mut out, &mut err, style)).await;
        assert!(err.is_empty(), "{}", String::from_utf8_lossy(&err));
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains("S3CR3T") && !out.contains("forged-for-tests"), "{out}");
        (out, status)
    }
}

fn probe() -> Diagnose {
    Diagnose { probe: true, check: true, timeout: 30, ..Diagnose::default() }
}

#[tokio::test]
async fn the_page_shows_the_block_for_what_it_is() {
    let home = Home::new();
    let server = home.server(Scenario::Challenge);
    home.login(900_000, true);
    let (page, status) = home.run(&probe(), PLAIN).await;
    assert_eq!(status, Status::Invalid, "{page}");
    assert!(page.starts_with("x The token is good: cloudflare in front of 127.0.0.1 blocks the calls"), "{page}");
    for part in [
        "\nConfiguration\n+ ",
        "\nLogins\n",
        "+   openai-codex:me@example.test  oauth    usable",
        "\nAddresses\n  openai-codex  http://127.0.0.1",
        "\nAnswers\n",
        "+   models",
        "x   responses",
        "edge_blocked: ",
        "\nPlan plus\n",
    ] {
        assert!(page.contains(part), "{part:?} in\n{page}");
    }
    assert_eq!(server.request_count(), 3);
}

#[tokio::test]
async fn windows_are_bars_with_the_time_at_which_they_start_anew() {
    let home = Home::new();
    let server = home.server(Scenario::UsageLimit);
    home.login(900_000, true);
    let (page, _) = home.run(&probe(), PLAIN).await;
    assert!(
        page.contains("  codex           5h  ########################  100 %  anew in 3 h 51 min, 06:57 UTC"),
        "{page}"
    );
    assert!(page.contains("  codex           7d  ##########--------------   40 %"), "{page}");
    assert!(page.contains("is used up until 2026-04-24 06:57 UTC."), "{page}");
    let (page, _) = home.run(&probe(), TERMINAL).await;
    assert!(page.contains("\x1b[1;31m████████████████████████\x1b[0m  100 %"), "{page}");
    assert!(page.contains("\x1b[32m██████████░░░░░░░░░░░░░░\x1b[0m   40 %"), "{page}");
    assert!(page.contains("\x1b[1mLogins\x1b[0m") && page.contains("\x1b[32m✓\x1b[0m"), "{page}");
    assert_eq!(server.request_count(), 6);
}

#[tokio::test]
async fn the_exit_status_is_for_scripts_that_ask_for_it() {
    let home = Home::new();
    let check = Diagnose { check: true, ..Diagnose::default() };
    assert_eq!(home.run(&check, PLAIN).await.1, Status::Invalid);
    assert_eq!(home.run(&Diagnose::default(), PLAIN).await.1, Status::Answer);
    for (ends_in, refresh, status) in [
        (900_000, true, Status::Answer),
        (3_600, true, Status::Answer),
        (-3_600, true, Status::Answer),
        (3_600, false, Status::Unreadable),
        (90_000, false, Status::Answer),
        (-3_600, false, Status::Invalid),
    ] {
        home.login(ends_in, refresh);
        assert_eq!(home.run(&check, PLAIN).await.1, status, "{ends_in} {refresh}");
    }
    assert_eq!((Status::Invalid as i32, Status::Unreadable as i32), (1, 2));
}

#[tokio::test]
async fn json_is_one_object_with_the_documented_fields() {
    let home = Home::new();
    let server = home.server(Scenario::Plain);
    home.login(900_000, true);
    let (text, status) = home.run(&Diagnose { json: true, ..probe() }, TERMINAL).await;
    assert_eq!((status, text.lines().count()), (Status::Answer, 1), "{text}");
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["verdict"]["kind"], "fine");
    assert_eq!(found["check"], "ok");
    assert_eq!(found["at"], 1_777_000_000u64);
    assert_eq!(found["profiles"][0]["state"], "usable");
    assert_eq!(found["profiles"][0]["expires_at"], 1_777_900_000u64);
    assert_eq!(found["probe"]["responses"]["outcome"], "answered");
    let document = include_str!("../../../docs/status.md");
    for (name, value) in fields("", &found) {
        assert!(document.contains(&format!("`{name}`")), "docs/status.md does not name {name}: {value}");
    }
    drop(server);
}

/// Every field of our own, as `a.b`; lists are gone through, what the provider says of the plan is not.
fn fields(at: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| {
                let name = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                let below = if key == "plan" || key == "issues" { Vec::new() } else { fields(&name, value) };
                std::iter::once((name, value.to_string())).chain(below)
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(|value| fields(at, value)).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_text_from_outside_does_not_take_over_the_terminal() {
    let home = Home::new();
    let store =
        json!({"version": 1, "profiles": {"evil\u{1b}[2J\nx": {"type": "token", "provider": "openai", "token": "t"}}});
    home.file(".openclaw/agents/main/agent/auth-profiles.json", &store.to_string());
    let (page, _) = home.run(&Diagnose::default(), PLAIN).await;
    assert!(!page.contains('\u{1b}') && page.contains("evil[2J x"), "{page}");
}
