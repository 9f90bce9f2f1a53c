//! What the tests of `ask` ask, and with which login.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use openclaw_core::testing::ForgedToken;
use serde_json::{Value, json};

use crate::claw::Home;

/// Where OpenClaw keeps the logins of its main agent, in a home folder.
pub const STORE: &str = ".openclaw/agents/main/agent/auth-profiles.json";

/// A running `claw serve`; ended when dropped.
pub struct Server {
    child: Child,
    pub base_url: String,
    pub platform_url: String,
    record: PathBuf,
}

impl Server {
    pub fn start(home: &Home, scenario: &str) -> Self {
        let record = home.0.path().join("record.jsonl");
        let mut command = home.command(&["serve", "--scenario", scenario, "--record", &record.display().to_string()]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut after = |label: &str| lines.find_map(|line| Some(line.strip_prefix(label)?.to_owned())).unwrap();
        let (base_url, platform_url) = (after("base URL "), after("base URL for API keys "));
        Self { child, base_url, platform_url, record }
    }

    /// The paths that calls of the model were sent to.
    pub fn calls(&self) -> Vec<String> {
        let record = fs::read_to_string(&self.record).unwrap();
        assert!(!record.contains("e30.") && !record.contains("sk-"), "no secret is recorded: {record}");
        let requests = record.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        requests.filter(|r| r["method"] == "POST").map(|r| r["path"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn codex_file(token: &str) -> String {
    json!({"auth_mode": "chatgpt", "tokens": {"access_token": token, "refresh_token": "r", "account_id": "acct-1"}})
        .to_string()
}

pub fn profile_store(token: &str) -> String {
    let profile =
        json!({"type": "oauth", "provider": "openai-codex", "access": token, "refresh": "r", "expires": 4e12});
    json!({"version": 1, "profiles": {"openai-codex:me@example.com": profile}}).to_string()
}

/// An OpenClaw home: a configuration with a primary behind a block and a fallback on another host, two profiles of one
/// account.
pub fn openclaw_home(home: &Home, primary: &str, fallback: Option<&str>) {
    let profile = |id: &str| {
        let access = ForgedToken::new("acct-1").email("me@example.invalid").build();
        (id.to_owned(), json!({"type": "oauth", "provider": "openai-codex", "access": access, "refresh": "rt-1"}))
    };
    let profiles: serde_json::Map<_, _> =
        ["openai-codex:default", "openai-codex:me@example.invalid"].map(profile).into_iter().collect();
    home.file(STORE, json!({"version": 1, "profiles": profiles}).to_string());
    let mut providers = json!({"openai-codex": {"baseUrl": primary, "api": "openai-codex-responses", "models": []}});
    let mut model = json!({"primary": "openai-codex/gpt-5.4"});
    if let Some(url) = fallback {
        providers["openai"] =
            json!({"baseUrl": url, "api": "openai-responses", "apiKey": "sk-fallback-0001", "models": []});
        model["fallbacks"] = json!(["acme/unheard-of", "openai/gpt-5.4"]);
    }
    let config = json!({"models": {"providers": providers}, "agents": {"defaults": {"model": model}}});
    home.file(".openclaw/openclaw.json", config.to_string());
}
