//! A configuration of some 3 KB: judged by us, and merely read by `serde_json` into the same types.

use std::collections::BTreeMap;
use std::hint::black_box;

use openclaw_core::config::{Config, Options, check_text};

use crate::{cpu, median};

/// What is measured, in ratios.
pub struct Measured {
    /// Plain JSON, judged, by a plain `serde_json` read into the same types.
    pub json: f64,
    /// The same with `${VAR}`s in it.
    pub json_env: f64,
    /// The same as JSON5 with comments, by a plain `serde_json` read of the JSON.
    pub json5: f64,
    /// Twice a large file by once.
    pub linear: f64,
    /// The plain read, in µs.
    pub plain: f64,
}

/// Half of a typical file: what a gateway with two agents, three providers and some channels needs.
fn typical() -> serde_json::Value {
    let model = |id: &str| {
        serde_json::json!({
            "id": id, "name": format!("Model {id}"), "reasoning": true, "input": ["text", "image"],
            "cost": { "input": 1.25, "output": 10, "cacheRead": 0.125, "cacheWrite": 0 },
            "contextWindow": 272000, "maxTokens": 32000
        })
    };
    serde_json::json!({
        "meta": { "lastTouchedVersion": "2026.4.5", "lastTouchedAt": "2026-04-06T09:12:44.000Z" },
        "auth": {
            "profiles": {
                "openai-codex:default": { "provider": "openai-codex", "mode": "oauth" },
                "openai-codex:me@example.org": { "provider": "openai-codex", "mode": "oauth", "email": "me@example.org" },
                "anthropic:default": { "provider": "anthropic", "mode": "api_key" }
            },
            "order": { "openai-codex": ["openai-codex:me@example.org", "openai-codex:default"] },
            "cooldowns": { "billingBackoffHours": 5, "failureWindowHours": 24 }
        },
        "models": { "mode": "merge", "providers": {
            "openai-codex": {
                "baseUrl": "https://chatgpt.com/backend-api", "api": "openai-codex-responses",
                "models": [model("gpt-5.4"), model("gpt-5.4-mini")]
            },
            "local": {
                "baseUrl": "http://127.0.0.1:1234/v1", "apiKey": "KEY", "api": "openai-responses",
                "headers": { "X-Team": "core" }, "models": [model("qwen3")]
            }
        } },
        "agents": {
            "defaults": {
                "workspace": "~/.openclaw/workspace",
                "model": { "primary": "openai-codex/gpt-5.4", "fallbacks": ["anthropic/claude-opus-4-6"] },
                "models": { "openai-codex/gpt-5.4": { "alias": "gpt" }, "anthropic/claude-opus-4-6": { "alias": "opus" } },
                "heartbeat": { "every": "30m", "target": "last", "activeHours": { "start": "08:00", "end": "23:30" } },
                "compaction": { "mode": "safeguard", "reserveTokensFloor": 24000 },
                "maxConcurrent": 4, "subagents": { "maxConcurrent": 8 },
                "sandbox": { "mode": "non-main", "scope": "agent", "docker": { "network": "bridge", "binds": ["/srv/data:/data:ro"] } }
            },
            "list": [
                { "id": "main", "default": true, "identity": { "name": "Claw", "emoji": "🦞" } },
                { "id": "work", "workspace": "~/work", "tools": { "profile": "coding", "deny": ["browser"] } }
            ]
        },
        "tools": { "profile": "full", "web": { "search": { "provider": "brave", "maxResults": 5 } },
            "exec": { "security": "allowlist", "ask": "on-miss", "safeBins": ["jq", "rg"] } },
        "bindings": [{ "agentId": "work", "match": { "channel": "slack", "teamId": "T123" } }],
        "session": { "dmScope": "per-channel-peer", "reset": { "mode": "daily", "atHour": 4 } },
        "messages": { "ackReactionScope": "group-mentions", "queue": { "mode": "collect", "debounceMs": 500 } },
        "channels": {
            "telegram": { "enabled": true, "botToken": "TOKEN", "dmPolicy": "pairing", "groups": { "*": { "requireMention": true } } },
            "slack": { "enabled": true, "mode": "socket" }
        },
        "gateway": { "port": 18789, "mode": "local", "bind": "loopback", "auth": { "mode": "token", "token": "TOKEN" } },
        "plugins": { "entries": { "brave": { "enabled": true, "config": { "webSearch": { "mode": "web" } } } } }
    })
}

/// A valid file of some 3 KB.
pub fn json() -> String {
    serde_json::to_string_pretty(&typical()).unwrap()
}

/// The same as a person would write it: bare keys, single quotes, comments, trailing commas.
fn json5(json: &str) -> String {
    let mut out = String::from("// the configuration of this machine\n");
    for line in json.lines() {
        let rest = line.trim_start();
        let bare = |key: &str| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match rest.strip_prefix('"').and_then(|rest| rest.split_once("\": ")) {
            Some((key, value)) if bare(key) => {
                out.push_str(&line[..line.len() - rest.len()]);
                out.push_str(&format!("{key}: {}", value.replace('"', "'")));
            }
            _ => out.push_str(line),
        }
        if rest.starts_with("\"auth\"") {
            out.push_str(" // who signs in");
        }
        out.push('\n');
    }
    out.replace("\n}", ",\n}").replace(",,", ",")
}

pub fn measure(rounds: usize) -> Measured {
    let json = json();
    let with_env = json.replace("\"TOKEN\"", "\"${TOKEN}\"").replace("\"KEY\"", "\"${KEY}\"");
    let five = json5(&json);
    let env = BTreeMap::from(["TOKEN", "KEY"].map(|name| (name.to_owned(), "value-of-it".to_owned())));
    let options = Options::default().env(env);
    for text in [&json, &with_env, &five] {
        let report = check_text(text, &options);
        assert!(report.valid && report.issues.is_empty(), "{}", report.render());
    }
    eprintln!("config: {} bytes of JSON, {} of JSON5", json.len(), five.len());
    let large = |count: usize| {
        let mut value = typical();
        let agents = (0..count).map(|i| serde_json::json!({ "id": format!("a{i}"), "name": "x".repeat(80) }));
        value["agents"]["list"] = agents.collect();
        format!("// JSON5\n{value}")
    };
    let (once, twice) = (large(10_000), large(20_000));
    let time = |count: usize, run: &dyn Fn()| {
        let before = cpu();
        (0..count).for_each(|_| run());
        (cpu() - before).as_secs_f64() * 1e6 / count as f64
    };
    let mut rows = Vec::new();
    for _ in 0..rounds {
        rows.push([
            time(2000, &|| drop(black_box(serde_json::from_str::<Config>(black_box(&json)).unwrap()))),
            time(2000, &|| drop(black_box(Config::parse(black_box(&json), &options).unwrap()))),
            time(2000, &|| drop(black_box(Config::parse(black_box(&with_env), &options).unwrap()))),
            time(2000, &|| drop(black_box(Config::parse(black_box(&five), &options).unwrap()))),
            time(2, &|| drop(black_box(Config::parse(black_box(&once), &options).unwrap()))),
            time(2, &|| drop(black_box(Config::parse(black_box(&twice), &options).unwrap()))),
        ]);
    }
    let ratio = |a: usize, b: usize| median(rows.iter().map(|row| row[a] / row[b]).collect());
    Measured {
        json: ratio(1, 0),
        json_env: ratio(2, 0),
        json5: ratio(3, 0),
        linear: ratio(5, 4),
        plain: median(rows.iter().map(|row| row[0]).collect()),
    }
}
