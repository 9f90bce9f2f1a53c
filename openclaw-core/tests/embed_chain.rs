//! Clients of a host that go on with other models.
#![cfg(feature = "embed")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use openclaw_core::embed::{
    ChainSettings, Client, ClientSettings, Drained, End, keep_journal, options_from_json, request_from_json,
    take_journal,
};
use openclaw_core::testing::{Scenario, TestServer, forged_token};
use openclaw_core::{ErrorKind, Event, Response};

fn client(server: &TestServer, more: &str) -> Client {
    let (token, url) = (forged_token("acct-1"), server.codex_base_url());
    let text = format!(r#"{{"token":"{token}","base_url":"{url}"{more}}}"#);
    Client::new(ClientSettings::from_json(&text).unwrap()).unwrap()
}

fn pair(first: &TestServer, second: &TestServer) -> Vec<(String, Client)> {
    vec![("openai-codex/gpt-5.4".to_owned(), client(first, "")), ("backup/gpt-5.5".to_owned(), client(second, ""))]
}

/// The events and the answer of a question to this model.
fn ask(client: &Client, model: &str) -> (Vec<Event>, Result<Arc<Response>, openclaw_core::Error>) {
    let request = request_from_json(&format!(r#"{{"model":"{model}","input":"hi"}}"#)).unwrap();
    let stream = client.stream(request, options_from_json("{}", client.settings()).unwrap()).unwrap();
    let mut events = VecDeque::new();
    while stream.blocking_drain(&mut events, 64, Some(Duration::from_secs(20))).unwrap() != Drained::Ended {}
    let end = match stream.end() {
        Some(End::Completed(response)) => Ok(response),
        Some(End::Failed(error)) => Err(error),
        other => panic!("{other:?}"),
    };
    (events.into(), end)
}

#[test]
fn a_chain_of_clients_moves_on_and_says_so() {
    assert!(keep_journal() && !keep_journal());
    let blocked = TestServer::builder().scenario(Scenario::Challenge).start_blocking().unwrap();
    let server = TestServer::start_blocking().unwrap();
    for inline in ["{}", r#"{"inline":true}"#] {
        blocked.clear();
        let members = pair(&blocked, &server);
        // What a member does alone is its own affair, also while the chain runs in another mode.
        assert!(ask(&members[1].1, "gpt-5.5").1.is_ok());
        let chain = Client::chain(members, ChainSettings::from_json(inline).unwrap()).unwrap();
        assert_eq!(chain.login().unwrap().source, "chain");
        let (events, end) = ask(&chain, "");
        let response = end.unwrap();
        let attempts: Vec<_> = response.head.attempts.iter().map(|a| (a.provider.as_str(), a.kind)).collect();
        assert_eq!(attempts, [("openai-codex", ErrorKind::EdgeBlocked)]);
        assert_eq!(response.model, "gpt-5.5");
        let moved = events.iter().find_map(|event| match event {
            Event::Retrying { next: Some(next), .. } => Some(next.model.clone()),
            _ => None,
        });
        assert_eq!(moved.as_deref(), Some("gpt-5.5"));
        let opened = events.iter().find_map(|event| match event {
            Event::Opened(head) => Some(head.attempts.len()),
            _ => None,
        });
        assert_eq!(opened, Some(1));
        let posts = blocked.requests().iter().filter(|r| r.method == "POST").count();
        assert_eq!((posts, blocked.request_count()), (1, 1), "no list is asked for");
        assert!(chain.models().unwrap().blocking_take(None).is_some_and(|models| models.is_ok()));
    }
    let lines = take_journal();
    let decision = lines.iter().find(|line| line.fields["event"] == "embedded_run_failover_decision").unwrap();
    assert_eq!((decision.level, &decision.fields["failoverReason"]), ("WARN", &"edge_blocked".into()));
    assert!(decision.fields["tags"].is_array() && decision.fields["status"] == 403);
    assert!(lines.iter().all(|line| line.fields["event"] != "embedded_run_agent_end"), "an answer is no news");
    assert!(take_journal().is_empty());
}

#[test]
fn limits_are_those_of_the_settings() {
    let busy = TestServer::builder().scenario(Scenario::Overloaded).start_blocking().unwrap();
    let members = vec![("openai-codex/gpt-5.4".to_owned(), client(&busy, r#","max_retries":9"#))];
    let settings = ChainSettings::from_json(r#"{"attempts":2,"max_retries":9,"retry_budget_ms":60000}"#).unwrap();
    let (_, end) = ask(&Client::chain(members, settings).unwrap(), "");
    assert_eq!((end.unwrap_err().attempts().len(), busy.request_count()), (2, 2));
}

/// Asks a server that stalls in the middle of its answer; gives the name of the limit that ended it.
fn limit_of(client: &Client, options: &str) -> String {
    let request = request_from_json(r#"{"input":"hi"}"#).unwrap();
    let stream = client.stream(request, options_from_json(options, client.settings()).unwrap()).unwrap();
    while stream.blocking_drain(&mut VecDeque::new(), 64, None).unwrap() != Drained::Ended {}
    let Some(End::Failed(error)) = stream.end() else { panic!("{:?}", stream.end()) };
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    error.code().unwrap().to_owned()
}

#[test]
fn the_time_limits_of_members_hold_unless_the_call_has_others() {
    let stalls = TestServer::builder().scenario(Scenario::Stall).start_blocking().unwrap();
    let chain = |more: &str| {
        let members = vec![("openai-codex/gpt-5.4".to_owned(), client(&stalls, more))];
        Client::chain(members, ChainSettings::default()).unwrap()
    };
    assert_eq!(limit_of(&chain(r#","idle_timeout_ms":50"#), "{}"), "idle");
    assert_eq!(limit_of(&chain(r#","idle_timeout_ms":50"#), r#"{"timeout_ms":60000}"#), "idle");
    assert_eq!(limit_of(&chain(r#","idle_timeout_ms":60000"#), r#"{"idle_timeout_ms":50}"#), "idle");
    assert_eq!(limit_of(&chain(r#","timeout_ms":50"#), r#"{"idle_timeout_ms":60000}"#), "total");
    let members = vec![("openai-codex/gpt-5.4".to_owned(), client(&stalls, ""))];
    let settings = ChainSettings::from_json(r#"{"timeout_ms":50}"#).unwrap();
    assert_eq!(limit_of(&Client::chain(members, settings).unwrap(), "{}"), "total");
}

#[test]
fn the_time_limits_of_a_configuration_hold() {
    let stalls = TestServer::builder().scenario(Scenario::Stall).start_blocking().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openclaw.json");
    let provider = serde_json::json!({"baseUrl": stalls.platform_base_url(), "api": "openai-responses",
        "apiKey": "sk-forged-key-77", "models": []});
    for (limits, code) in [
        (serde_json::json!({"timeoutSeconds": 60, "llm": {"idleTimeoutSeconds": 1}}), "idle"),
        (serde_json::json!({"timeoutSeconds": 1}), "total"),
    ] {
        let mut config = serde_json::json!({
            "models": {"providers": {"one": provider}},
            "agents": {"defaults": {"model": {"primary": "one/gpt-5.4"}}},
        });
        config["agents"]["defaults"].as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        std::fs::write(&path, config.to_string()).unwrap();
        let settings = serde_json::json!({ "path": path }).to_string();
        let client = Client::from_config(ChainSettings::of_config(&settings).unwrap()).unwrap();
        assert_eq!(limit_of(&client, "{}"), code);
    }
}

#[test]
fn what_is_wrong_is_named() {
    let server = TestServer::start_blocking().unwrap();
    let of = |members: Vec<(&str, Client)>| {
        let members = members.into_iter().map(|(name, client)| (name.to_owned(), client)).collect();
        Client::chain(members, ChainSettings::default()).unwrap_err()
    };
    let one = || client(&server, "");
    assert!(of(vec![]).message().contains("no candidate"));
    assert!(of(vec![("gpt-5.4", one())]).message().contains("provider/model"));
    assert!(of(vec![("a/b", one()), ("a/b", one())]).message().contains("twice"));
    let closed = one();
    closed.close();
    assert_eq!(of(vec![("a/b", closed)]).code(), Some("closed"));
    for (text, named) in [("[]", "a list"), (r#"{"attempts":"x"}"#, "attempts"), (r#"{"path":"x"}"#, "path")] {
        let error = ChainSettings::from_json(text).unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.message().contains(named), "{error}");
    }
    assert!(ChainSettings::of_config(r#"{"path":"x","agent":"a"}"#).is_ok());
    let chain = Client::chain(pair(&server, &server), ChainSettings::default()).unwrap();
    let error = ask(&chain, "gpt-9").1.unwrap_err();
    assert!(error.message().contains("openai-codex/gpt-5.4, backup/gpt-5.5"), "{error}");
}

#[test]
fn a_configuration_is_followed() {
    let blocked = TestServer::builder().scenario(Scenario::Challenge).start_blocking().unwrap();
    let server = TestServer::start_blocking().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openclaw.json");
    let provider = |server: &TestServer| {
        let url = server.platform_base_url();
        serde_json::json!({"baseUrl": url, "api": "openai-responses", "apiKey": "sk-forged-key-77", "models": []})
    };
    let config = serde_json::json!({
        "models": {"providers": {"one": provider(&blocked), "two": provider(&server)}},
        "agents": {"defaults": {"model": {"primary": "one/gpt-5.4", "fallbacks": ["two/gpt-5.5"]}}},
    });
    std::fs::write(&path, config.to_string()).unwrap();
    for inline in [false, true] {
        let settings = serde_json::json!({"path": path, "inline": inline, "application": "test/1.0"});
        let client = Client::from_config(ChainSettings::of_config(&settings.to_string()).unwrap()).unwrap();
        assert_eq!(client.login().unwrap().source, path.display().to_string());
        let response = ask(&client, "").1.unwrap();
        assert_eq!((response.provider.as_str(), response.head.attempts.len()), ("two", 1));
    }
    let missing = serde_json::json!({"path": folder.path().join("nowhere.json")}).to_string();
    let error = Client::from_config(ChainSettings::of_config(&missing).unwrap()).unwrap_err();
    assert!(error.message().contains("nowhere.json"), "{error}");
    std::fs::write(&path, "{ gateway: { prot: 1 } }").unwrap();
    let settings = serde_json::json!({"path": path}).to_string();
    let error = Client::from_config(ChainSettings::of_config(&settings).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn names_that_lead_nowhere_are_told_and_the_chain_goes_on_behind_them() {
    let server = TestServer::start_blocking().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openclaw.json");
    let good = serde_json::json!({"baseUrl": server.platform_base_url(), "api": "openai-responses",
        "apiKey": "sk-forged-key-77", "models": [{"id": "gpt-5.5", "name": "m"}]});
    let write = |fallbacks: &[&str]| {
        let config = serde_json::json!({
            "models": {"providers": {"good": good}},
            "agents": {"defaults": {
                "models": {"a": {"alias": "b"}, "b": {"alias": "a"}},
                "model": {"primary": "a", "fallbacks": fallbacks},
            }},
        });
        std::fs::write(&path, config.to_string()).unwrap();
        let settings = serde_json::json!({"path": path}).to_string();
        Client::from_config(ChainSettings::of_config(&settings).unwrap()).unwrap()
    };
    let response = ask(&write(&["nowhere/gpt-5.5", "good/gpt-9", "good/gpt-5.5"]), "").1.unwrap();
    let told: Vec<_> = response.warnings.iter().filter(|warning| warning.code == "candidate_unusable").collect();
    for (warning, words) in
        told.iter().zip(["in a circle: a → b → a", "no provider \"nowhere\"", "has no model \"gpt-9\""])
    {
        assert!(warning.message.contains(words), "{warning:?}");
    }
    assert_eq!((told.len(), response.provider.as_str(), server.request_count()), (3, "good", 1));
    assert!(response.head.attempts.is_empty(), "nothing was asked in vain: {:?}", response.head.attempts);
    let error = ask(&write(&["nowhere/gpt-5.5"]), "").1.unwrap_err();
    assert_eq!((error.kind(), server.request_count()), (ErrorKind::Config, 1));
    assert!(
        error.message().contains("in a circle") && error.message().contains("nowhere/gpt-5.5 cannot be asked"),
        "{error}"
    );
}
