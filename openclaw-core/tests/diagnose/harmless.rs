//! A probe changes nothing: no refresh, no note on the health of a login, no byte of the store.

use std::fs;

use openclaw_core::auth::Readiness;
use openclaw_core::diagnose::{Check, Outcome, VerdictKind};
use openclaw_core::testing::{Exchange, ForgedToken, Scenario, pages};
use serde_json::{Value, json};

use crate::common::{HOUR, Home, REFRESH, STORE, at, calls, login, ms, oauth, ready, server};

/// Every file below the home, with its content.
fn files(home: &Home) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![home.folder.path().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => found.push((path.display().to_string(), fs::read(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn three_requests_and_not_a_byte_is_changed() {
    let (home, server) = ready().await;
    let before = files(&home);
    let found = home.diagnose().await;
    assert_eq!((found.verdict.kind, found.check), (VerdictKind::Fine, Check::Ok), "{found:#?}");
    let probe = found.probe.as_ref().unwrap();
    assert!(probe.sent && probe.plan.as_ref().unwrap().plan_type.as_deref() == Some("plus"));
    assert_eq!(probe.model.as_deref(), Some("gpt-5.4"));
    assert!(probe.models_listed.unwrap() > 0);
    let paths: Vec<String> =
        server.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    let expected =
        ["GET /backend-api/codex/models", "GET /backend-api/wham/usage", "POST /backend-api/codex/responses"];
    assert_eq!(paths, expected);
    assert_eq!(files(&home), before);
    assert_eq!(server.issuer_counts(), Default::default());
}

#[tokio::test]
async fn whatever_comes_back_nothing_is_repeated_renewed_or_noted() {
    let expired = json!({"error": {"code": "token_expired", "message": "no"}});
    for exchange in [
        Exchange::json(401, &expired),
        Exchange::scenario(Scenario::UsageLimit),
        Exchange::scenario(Scenario::Overloaded),
        Exchange::page(&pages::challenge(5)),
        Exchange::json(402, &json!({"error": {"code": "insufficient_quota", "message": "no"}})),
        Exchange::json(429, &json!({"error": {"code": "rate_limit_exceeded", "message": "no"}}))
            .header("retry-after", "1"),
        Exchange::json(500, &json!({})),
    ] {
        let (home, server) = ready().await;
        server.set_script(calls(exchange));
        let before = files(&home);
        let found = home.diagnose().await;
        assert_eq!(server.request_count(), 3, "{:?}", found.verdict);
        assert_eq!(found.check, Check::NothingUsable);
        assert_eq!(server.issuer_counts(), Default::default());
        assert_eq!(files(&home), before);
        assert!(home.clock.slept().is_empty());
    }
}

#[tokio::test]
async fn a_token_that_has_ended_is_told_and_not_sent() {
    let home = Home::new();
    let server = server(&home.clock).await;
    home.config(&server);
    let issued = server.issue_tokens(&ForgedToken::new("acct-1"));
    let mut entry = oauth(-HOUR, Some(&issued.refresh_token));
    entry["issuer"] = server.issuer_url().into();
    home.store(json!({"openai-codex:me": entry}), json!({}));
    let before = files(&home);
    let found = home.diagnose().await;
    assert_eq!((found.verdict.kind, found.check), (VerdictKind::TokenExpired, Check::Ok), "{:?}", found.verdict);
    assert!(found.verdict.steps[0].contains("renews the login"), "{:?}", found.verdict);
    let probe = found.probe.as_ref().unwrap();
    assert!(!probe.sent && probe.responses.outcome == Outcome::NotAsked && probe.why_not.is_some());
    assert_eq!((server.request_count(), server.issuer_counts().refreshes), (0, 0));
    assert_eq!(files(&home), before);
}

#[tokio::test]
async fn of_several_logins_the_one_whose_token_is_good_is_asked_with() {
    let home = Home::new();
    let server = server(&home.clock).await;
    home.config(&server);
    home.store(json!({"old": oauth(-HOUR, Some(REFRESH)), "good": oauth(HOUR, Some("r2"))}), json!({}));
    let found = home.diagnose().await;
    assert_eq!(found.verdict.kind, VerdictKind::Fine);
    assert_eq!(found.probe.as_ref().unwrap().profile.as_deref(), Some("good"));
    let mut pinned = Home::new();
    pinned.options.profile = Some("old".into());
    pinned.config(&server);
    fs::create_dir_all(pinned.path(STORE).parent().unwrap()).unwrap();
    fs::copy(home.path(STORE), pinned.path(STORE)).unwrap();
    assert_eq!(pinned.diagnose().await.verdict.kind, VerdictKind::TokenExpired);
}

#[tokio::test]
async fn a_login_that_rests_is_asked_with_and_still_rests() {
    let (home, server) = ready().await;
    let id = "openai-codex:me";
    home.store(
        json!({id: oauth(HOUR, Some(REFRESH))}),
        json!({id: {"cooldownUntil": ms(600), "cooldownReason": "auth"}}),
    );
    let before = files(&home);
    let found = home.diagnose().await;
    assert_eq!((found.verdict.kind, found.verdict.until), (VerdictKind::Resting, Some(at(600))));
    assert_eq!(login(&found, id).condition.state, Readiness::Resting);
    assert_eq!((server.request_count(), files(&home)), (3, before));
}

#[tokio::test]
async fn what_rests_and_has_ended_is_not_sent() {
    let (home, server) = ready().await;
    let id = "openai-codex:me";
    let rests = json!({id: {"cooldownUntil": ms(600), "cooldownReason": "auth"}});
    home.store(json!({id: oauth(-HOUR, Some(REFRESH))}), rests);
    let found = home.diagnose().await;
    assert_eq!((found.verdict.kind, found.check), (VerdictKind::Resting, Check::NothingUsable));
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn a_login_is_not_shown_to_a_host_that_it_is_not_meant_for() {
    let (home, _server) = ready().await;
    let text = "{ agents: { defaults: { model: 'openai-codex/x' } }, models: { providers: { 'openai-codex': { \
                baseUrl: 'https://gw.example/codex', api: 'openai-codex-responses', models: [] } } } }";
    home.file(crate::common::CONFIG, text);
    let found = home.diagnose().await;
    assert_eq!(
        (found.verdict.kind, found.check),
        (VerdictKind::CannotAsk, Check::NothingUsable),
        "{:?}",
        found.verdict
    );
    assert!(!found.probe.as_ref().unwrap().sent && found.verdict.says.contains("gw.example"), "{}", found.verdict.says);
}

#[tokio::test]
async fn no_secret_is_shown_whatever_the_server_quotes() {
    let (home, server) = ready().await;
    let store: Value = serde_json::from_str(&fs::read_to_string(home.path(STORE)).unwrap()).unwrap();
    let token = store["profiles"]["openai-codex:me"]["access"].as_str().unwrap().to_owned();
    let quoted = json!({"error": {"code": "invalid_api_key", "message": format!("Incorrect key {token}")}});
    server.set_script(calls(Exchange::json(401, &quoted)));
    let found = home.diagnose().await;
    assert_eq!(found.verdict.kind, VerdictKind::TokenRejected);
    for text in [format!("{found:?}"), found.to_json().to_string()] {
        assert!(!text.contains(&token), "{text}");
    }
}
