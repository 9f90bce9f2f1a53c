//! Stored logins: `claw profiles`, and what a call makes of them.

use std::fs;
use std::time::Duration;

use openclaw_core::testing::{ForgedToken, TestServer};
use serde_json::{Value, json};

use crate::claw::Home;
use crate::served::STORE;

/// A store whose login ended and can be renewed at this server.
fn ended_store(server: &TestServer, refresh: &str, access: &str) -> String {
    json!({
        "version": 1,
        "profiles": {
            "openai-codex:default": {
                "type": "oauth", "provider": "openai-codex", "access": access, "refresh": refresh, "expires": 1_700_000_000_000_u64,
                "issuer": server.issuer_url(),
            },
            "openai:work": {"type": "api_key", "provider": "openai", "key": "sk-known-secret-of-this-test"},
            "broken": "sk-known-secret-of-this-test",
        },
    })
    .to_string()
}

#[test]
fn stored_logins_are_renewed_listed_and_repaired_and_never_shown() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::builder().start()).unwrap();
    let person = ForgedToken::new("acct-1").user_id("me").email("me@example.com");
    let issued = server.issue_tokens(&person);
    let old = person.clone().expired_for(Duration::from_secs(7200)).build();
    let home = Home::new();
    let path = home.file(STORE, ended_store(&server, &issued.refresh_token, &old));
    let config = home.file(
        ".openclaw/openclaw.json",
        "{\n  // mine\n  auth: { profiles: { \"openai-codex:default\": { provider: \"openai-codex\", mode: \"oauth\" } } },\n}\n",
    );
    let mut secrets = vec![issued.refresh_token.clone(), old.clone(), "sk-known-secret-of-this-test".to_owned()];
    let mut shown = String::new();
    let mut run = |arguments: &[&str], status: i32| {
        let run = home.run(arguments);
        assert_eq!(run.status, status, "{arguments:?}: {}", run.err);
        shown += &format!("{}{}", run.out, run.err);
        run
    };

    let list = run(&["profiles"], 0);
    assert!(list.out.contains("openai-codex:default") && list.out.contains("the next call renews it"), "{}", list.out);
    assert!(list.err.contains("broken (not an object)"), "{}", list.err);
    // An ended login is renewed, the new one stored before the call.
    let ask = run(&["ask", "hi", "--base-url", &server.codex_base_url(), "--model", "gpt-5.4"], 0);
    assert!(!ask.out.is_empty());
    assert_eq!(server.issuer_counts().refreshes, 1);
    let store: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let renewed = &store["profiles"]["openai-codex:default"];
    assert_ne!(renewed["access"], old.as_str());
    assert_eq!(store["profiles"]["broken"], "sk-known-secret-of-this-test");
    secrets.extend([&renewed["access"], &renewed["refresh"]].map(|secret| secret.as_str().unwrap().to_owned()));
    let show = run(&["profiles", "show", "openai-codex:default", "--json"], 0);
    assert_eq!(show.lines()[0]["email"], "me@example.com");

    // A double that OpenClaw left.
    let mut doubled = store.clone();
    doubled["profiles"]["openai-codex:me@example.com"] = json!({
        "type": "oauth", "provider": "openai-codex", "access": old, "refresh": "older", "expires": 1_600_000_000_000_u64,
    });
    home.file(STORE, doubled.to_string());
    let repair = run(&["profiles", "repair"], 0);
    assert!(repair.out.contains("openai-codex:me@example.com takes the place of"), "{}", repair.out);
    assert_eq!(run(&["profiles", "repair"], 0).out.lines().count(), 1);
    let repaired: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(
        repaired["profiles"]["openai-codex:me@example.com"]["refresh"], renewed["refresh"],
        "the living one stays"
    );
    assert!(repaired["profiles"].get("openai-codex:default").is_none());
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("// mine") && text.contains("openai-codex:me@example.com"), "{text}");
    assert!(!text.contains("openai-codex:default"), "{text}");

    // A token that was spent elsewhere: told once, remembered, and the state is true.
    home.file(STORE, ended_store(&server, &issued.refresh_token, &old));
    for asked in [2, 2] {
        let ask = run(&["ask", "hi", "--json", "--base-url", &server.codex_base_url(), "--model", "gpt-5.4"], 4);
        assert!(ask.err.contains("refresh_token_reused") && ask.err.contains("sign in again"), "{}", ask.err);
        assert_eq!(server.issuer_counts().refreshes, asked);
    }
    assert!(run(&["profiles"], 0).out.contains("cannot be renewed"));
    run(&["profiles", "remove", "openai-codex:default"], 0);
    assert!(run(&["profiles", "show", "openai-codex:default"], 3).err.contains("openai:work"));
    run(&["profiles", "--json"], 0);
    let schema: Value = serde_json::from_str(&run(&["auth", "schema"], 0).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for store in [&store, &repaired] {
        let mut store = store.clone();
        store["profiles"].as_object_mut().unwrap().remove("broken");
        assert!(
            validator.is_valid(&store),
            "{:?}",
            validator.iter_errors(&store).map(|e| e.to_string()).collect::<Vec<_>>()
        );
    }
    for secret in secrets {
        assert!(!shown.contains(&secret), "a secret was shown");
    }
}
