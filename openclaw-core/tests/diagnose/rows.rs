//! Every row of the table, against the embedded server where HTTP can make its pattern, and the documentation of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use openclaw_core::diagnose::{Asked, Diagnosis, Found, MEANINGS, Obstacle, RULES, Rule, VerdictKind, When};
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, pages};
use openclaw_core::transport::{HttpRequest, HttpResponse, Transport};
use openclaw_core::{Error, ErrorKind, Result, Stage};
use serde_json::{Value, json};

use crate::common::{HOUR, Home, REFRESH, at, calls, ms, oauth, ready, server};

/// An HTTP stack that fails in this way.
#[derive(Debug)]
struct Broken(ErrorKind);

#[async_trait]
impl Transport for Broken {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        Err(Error::new(self.0, Stage::NotSent, "made").with_url(&request.url))
    }
}

async fn answered(exchange: Exchange) -> (Home, Diagnosis, TestServer) {
    let (home, server) = ready().await;
    server.set_script(calls(exchange));
    let found = home.diagnose().await;
    (home, found, server)
}

async fn scripted(script: Script) -> Diagnosis {
    let (home, server) = ready().await;
    server.set_script(script);
    home.diagnose().await
}

async fn broken(kind: ErrorKind) -> Diagnosis {
    let (mut home, server) = ready().await;
    home.options.transport = Some(Arc::new(Broken(kind)));
    let found = home.diagnose().await;
    assert_eq!(server.request_count(), 0);
    found
}

fn coded(status: u16, code: &str) -> Exchange {
    Exchange::json(status, &json!({"error": {"message": "no", "code": code}}))
}

/// All three questions get this.
fn everything(exchange: Exchange) -> Script {
    Script::new().exchange(exchange.method("*").forever())
}

/// A `Date` header that is this many seconds behind our clock.
fn dated(exchange: Exchange, behind: i64) -> Exchange {
    exchange.header("date", http_date(at(-behind)))
}

fn http_date(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

async fn with_store(profiles: Value, stats: Value, probe: bool) -> Diagnosis {
    let home = Home::new();
    let server = server(&home.clock).await;
    home.config(&server);
    home.store(profiles, stats);
    let found = if probe { home.diagnose().await } else { home.examine() };
    assert!(server.request_count() == 0 || probe);
    found
}

/// A pattern that comes to this row.
async fn pattern(rule: &Rule) -> Diagnosis {
    use ErrorKind as K;
    let id = "openai-codex:me";
    match (rule.asked, rule.found, rule.when) {
        (Asked::Before, Found::Obstacle(obstacle), when) => match obstacle {
            Obstacle::ConfigInvalid => {
                let home = Home::new();
                home.file(crate::common::CONFIG, "{ gateway: 1 }");
                home.diagnose().await
            }
            Obstacle::WrongAddress => {
                let home = Home::new();
                let text = "{ models: { providers: { 'openai-codex': { baseUrl: 'https://chatgpt.com/v1/props', \
                            api: 'openai-codex-responses', models: [] } } }, \
                            agents: { defaults: { model: 'openai-codex/gpt-5.4' } } }";
                home.file(crate::common::CONFIG, text);
                home.diagnose().await
            }
            Obstacle::CannotAsk => {
                let mut home = Home::new();
                home.options.model = Some("opnai/x".into());
                home.diagnose().await
            }
            Obstacle::StoreUnreadable => {
                let home = Home::new();
                home.file(crate::common::STORE, "[]");
                home.diagnose().await
            }
            Obstacle::NoLogin => with_store(json!({}), json!({}), true).await,
            Obstacle::LoginUnreadable => {
                with_store(json!({id: {"type": "oauth", "provider": "openai-codex"}}), json!({}), true).await
            }
            Obstacle::SignIn => with_store(json!({id: oauth(-HOUR, None)}), json!({}), true).await,
            Obstacle::Expired => {
                with_store(json!({id: oauth(-HOUR, Some(REFRESH))}), json!({}), when == When::Probing).await
            }
            Obstacle::Resting => {
                let rests = json!({id: {"cooldownUntil": ms(600), "cooldownReason": "auth"}});
                with_store(json!({id: oauth(HOUR, Some(REFRESH))}), rests, false).await
            }
            _ => with_store(json!({id: oauth(HOUR, Some(REFRESH))}), json!({}), false).await,
        },
        (Asked::Any, Found::Failed(K::Proxy), _) => {
            scripted(everything(Exchange::scenario(Scenario::CaptivePortal))).await
        }
        (Asked::Any, Found::Failed(kind @ (K::Dns | K::Tls)), _) => broken(kind).await,
        (Asked::Any, Found::Failed(K::AuthExpired), _) => {
            scripted(everything(dated(coded(401, "token_expired"), 7_200))).await
        }
        (Asked::Any, Found::Failed(_), _) => scripted(everything(dated(coded(401, "invalid_api_key"), -900))).await,
        (_, Found::Failed(K::EdgeBlocked), When::OthersAnswered) => {
            answered(Exchange::page(&pages::challenge(3))).await.1
        }
        (_, Found::Failed(K::EdgeBlocked), _) => scripted(everything(Exchange::page(&pages::waf(3)))).await,
        (_, Found::Failed(kind @ (K::Connect | K::Timeout)), _) => broken(kind).await,
        (_, Found::Failed(K::AuthExpired), When::Withdrawn) => answered(coded(401, "token_revoked")).await.1,
        (_, Found::Failed(K::AuthExpired), _) => answered(coded(401, "token_expired")).await.1,
        (_, Found::Failed(K::AuthInvalid), When::OtherAccount) => answered(coded(401, "account_deactivated")).await.1,
        (_, Found::Failed(K::AuthInvalid), _) => answered(coded(401, "invalid_api_key")).await.1,
        (_, Found::Failed(K::Forbidden), When::Region) => {
            answered(coded(403, "unsupported_country_region_territory")).await.1
        }
        (_, Found::Failed(K::Forbidden), When::NotInPlan) => {
            answered(coded(403, "subscription_sharing_user_not_eligible")).await.1
        }
        (_, Found::Failed(K::Forbidden), When::NoSuchPath) => {
            let scopes = "You have insufficient permissions for this operation. Missing scopes: api.responses.write.";
            answered(Exchange::json(403, &json!({"error": {"message": scopes, "code": "missing_scope"}}))).await.1
        }
        (_, Found::Failed(K::Forbidden), When::Workspace) => answered(coded(403, "invalid_workspace_selected")).await.1,
        (_, Found::Failed(K::Forbidden), _) => answered(coded(403, "permission_denied")).await.1,
        (_, Found::Failed(K::Billing), When::NotInPlan) => answered(coded(403, "usage_not_included")).await.1,
        (_, Found::Failed(K::Billing), _) => answered(coded(429, "insufficient_quota")).await.1,
        (_, Found::Failed(K::UsageLimit), _) => answered(Exchange::scenario(Scenario::UsageLimit)).await.1,
        (_, Found::Failed(K::RateLimited), When::LimitReached) => {
            let window = json!({"used_percent": 100, "limit_window_seconds": 18_000, "reset_at": 1_777_009_000});
            let usage = json!({"plan_type": "plus", "rate_limit": {"allowed": false, "limit_reached": true, "primary_window": window}});
            let script = calls(coded(429, "rate_limit_exceeded"))
                .exchange(Exchange::json(200, &usage).method("GET").path("/backend-api/wham/usage"));
            scripted(script).await
        }
        (_, Found::Failed(K::RateLimited), _) => answered(coded(429, "rate_limit_exceeded")).await.1,
        (_, Found::Failed(K::Unknown), When::PassingNotFound) => answered(Exchange::new(404)).await.1,
        (_, Found::Failed(K::Unknown), _) => scripted(everything(Exchange::new(404))).await,
        (_, Found::Failed(K::InvalidRequest), _) => {
            answered(Exchange::json(404, &json!({"detail": "Not Found"}))).await.1
        }
        (_, Found::Failed(K::ModelNotFound), When::NothingAnswered) => {
            scripted(everything(coded(404, "model_not_found"))).await
        }
        (_, Found::Failed(K::ModelNotFound), _) => answered(coded(404, "model_not_found")).await.1,
        (_, Found::Failed(K::Overloaded), _) => answered(Exchange::scenario(Scenario::Overloaded)).await.1,
        (_, Found::Failed(K::ServerError), _) => answered(coded(500, "server_error")).await.1,
        (_, Found::Failed(K::StreamTruncated), _) => answered(Exchange::scenario(Scenario::Truncated)).await.1,
        (_, Found::FailedAnyhow, _) => answered(Exchange::scenario(Scenario::ContextOverflow)).await.1,
        (_, Found::Answered, When::Rests) => {
            let rests = json!({id: {"cooldownUntil": ms(600), "cooldownReason": "auth"}});
            with_store(json!({id: oauth(HOUR, Some(REFRESH))}), rests, true).await
        }
        _ => answered(Exchange::scenario(Scenario::Plain)).await.1,
    }
}

#[tokio::test]
async fn every_row_is_met() {
    for rule in RULES {
        let found = pattern(rule).await;
        let name = row(rule);
        assert_eq!(found.verdict.kind, rule.verdict, "{name}\n{found:#?}");
        let said = format!("{} {}", found.verdict.says, found.verdict.steps.join(" "));
        assert!(!said.contains('}') && !said.contains(": ."), "{name}: {said}");
        let first = RULES.iter().position(|other| other == rule).unwrap();
        assert!(!RULES[..first].iter().any(|other| same_place(other, rule)), "{name} is never reached");
    }
}

#[tokio::test]
async fn an_answer_counts_more_than_a_list_that_did_not_come() {
    let page = Exchange::new(200).header("content-type", "text/html").send("<html>Sign in to the network</html>");
    let models = Script::new()
        .exchange(page.method("GET").path("/backend-api/codex/models").forever())
        .exchange(Exchange::scenario(Scenario::Plain).forever());
    let found = scripted(models).await;
    assert_eq!(found.verdict.kind, VerdictKind::Fine, "{found:#?}");
}

/// Whether a row takes all that a later one would.
fn same_place(earlier: &Rule, later: &Rule) -> bool {
    earlier.asked == later.asked && earlier.found == later.found && earlier.when == When::Always
}

#[test]
fn every_verdict_has_words_and_is_reached() {
    let reached: BTreeSet<&str> = RULES.iter().map(|rule| rule.verdict.as_str()).collect();
    let named: BTreeSet<&str> = MEANINGS.iter().map(|meaning| meaning.kind.as_str()).collect();
    let all: BTreeSet<&str> = VerdictKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(reached, all);
    assert_eq!(named, all);
    assert_eq!(MEANINGS.len(), all.len());
    for meaning in MEANINGS.iter().filter(|meaning| meaning.kind != VerdictKind::Fine) {
        assert!(!meaning.steps.is_empty(), "{:?}", meaning.kind);
    }
}

#[tokio::test]
async fn the_bug_report_is_told_as_what_it_is() {
    let (_home, found, server) = answered(Exchange::page(&pages::challenge(11))).await;
    assert_eq!(found.verdict.kind, VerdictKind::EdgeBlocked);
    assert!(
        found.verdict.says.starts_with("The token is good: cloudflare in front of 127.0.0.1"),
        "{}",
        found.verdict.says
    );
    assert!(found.verdict.says.contains("/backend-api/codex/responses"));
    assert!(found.verdict.steps[0].contains("not the cause"));
    let all = found.to_json().to_string();
    assert!(!all.contains("<html") && !all.contains("DNS"), "{all}");
    assert_eq!(server.request_count(), 3);
}

#[tokio::test]
async fn a_window_says_when_it_opens_and_a_clock_by_how_much_it_is_off() {
    let (home, found, _server) = answered(Exchange::scenario(Scenario::UsageLimit)).await;
    assert_eq!(found.verdict.until, Some(at(13_872)), "{:?}", found.verdict);
    assert!(found.verdict.says.contains("2026-04-24 06:57 UTC"), "{}", found.verdict.says);
    assert_eq!(found.to_json()["verdict"]["until"], 1_777_013_872);
    drop(home);
    let ahead = scripted(everything(dated(coded(401, "token_expired"), 7_260))).await;
    assert!(ahead.verdict.says.contains("2 h 1 min ahead"), "{}", ahead.verdict.says);
    assert_eq!(ahead.probe.as_ref().unwrap().clock_ahead_seconds, Some(7_260));
    let behind = scripted(everything(dated(coded(401, "invalid_api_key"), -400))).await;
    assert!(behind.verdict.says.contains("6 min behind"), "{}", behind.verdict.says);
    // Nearly right is right: then the token is to blame.
    let near = scripted(everything(dated(coded(401, "token_expired"), 200))).await;
    assert_eq!(near.verdict.kind, VerdictKind::TokenExpired);
}

#[tokio::test]
async fn other_providers_are_asked_as_well() {
    let mut home = Home::new();
    let server = server(&home.clock).await;
    let text = format!(
        "{{ agents: {{ defaults: {{ model: 'openai/gpt-5.4' }} }}, models: {{ providers: {{ openai: {{ baseUrl: '{}', \
         api: 'openai-responses', apiKey: '${{KEY}}', models: [] }}, anthropic: {{ baseUrl: '{}', api: 'anthropic-messages', \
         apiKey: '${{ANT}}', models: [] }} }} }} }}",
        server.platform_base_url(),
        server.platform_base_url().trim_end_matches("/v1")
    );
    home.file(crate::common::CONFIG, &text);
    home.env("KEY", "sk-S3CR3T-key");
    home.env("ANT", "sk-ant-api03-S3CR3T-key");
    let found = home.diagnose().await;
    assert_eq!(found.verdict.kind, VerdictKind::Fine, "{found:#?}");
    let probe = found.probe.as_ref().unwrap();
    assert_eq!(probe.usage.outcome.as_str(), "not_offered");
    assert_eq!(server.request_count(), 2);
    home.options.model = Some("anthropic/claude-sonnet-5".into());
    let found = home.diagnose().await;
    assert_eq!(found.verdict.kind, VerdictKind::Fine, "{found:#?}");
    assert!(!format!("{found:?}{}", found.to_json()).contains("S3CR3T"));
}

#[tokio::test]
async fn a_fallback_is_asked_with_the_key_of_the_environment() {
    let mut home = Home::new();
    let server = server(&home.clock).await;
    home.store(json!({"openai-codex:me": oauth(-HOUR, None)}), json!({}));
    let text = format!(
        "{{ agents: {{ defaults: {{ model: {{ primary: 'openai-codex/gpt-5.4', fallbacks: ['openai/gpt-5.4'] }} }} }}, \
         models: {{ providers: {{ openai: {{ baseUrl: '{}', api: 'openai-responses', models: [] }} }} }} }}",
        server.platform_base_url()
    );
    home.file(crate::common::CONFIG, &text);
    home.env("OPENAI_API_KEY", " sk-S3CR3T-of-env\n");
    let found = home.diagnose().await;
    assert_eq!((found.verdict.kind, found.probe.as_ref().unwrap().sent), (VerdictKind::Fine, true), "{found:#?}");
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer [secret]"));
    assert!(!format!("{found:?}{}", found.to_json()).contains("S3CR3T"));
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_the_limit() {
    let (mut home, server) = ready().await;
    home.options.timeout = Duration::from_millis(50);
    server.set_script(calls(Exchange::new(200).stall()));
    let asked = home.diagnose();
    let clock = home.clock.clone();
    // The limit is one that is hoped not to be reached: the virtual clock does not skip it.
    let (found, ()) = tokio::join!(asked, async move {
        server.wait_for_requests(3).await.unwrap();
        clock.advance(Duration::from_secs(60));
    });
    assert_eq!(found.verdict.kind, VerdictKind::Timeout, "{found:#?}");
}

#[test]
fn the_documentation_shows_both_tables() {
    let document = include_str!("../../../docs/status.md");
    let shown = |head: &str| -> Vec<&str> {
        let rows = document.lines().skip_while(|line| !line.starts_with(head)).skip(2);
        rows.take_while(|line| !line.is_empty()).collect()
    };
    let rules: Vec<String> = RULES.iter().map(row).collect();
    assert!(shown("| looked at |") == rules, "docs/status.md does not show the table, which is:\n{}", rules.join("\n"));
    let meanings: Vec<String> = MEANINGS
        .iter()
        .map(|meaning| {
            let steps: Vec<String> = (1..).zip(meaning.steps).map(|(n, step)| format!("{n}. {step}")).collect();
            let steps = if steps.is_empty() { "-".to_owned() } else { steps.join("<br>") };
            format!("| `{}` | {} | {steps} |", meaning.kind, meaning.says)
        })
        .collect();
    assert!(
        shown("| verdict | in words |") == meanings,
        "docs/status.md lacks the words, which are:\n{}",
        meanings.join("\n")
    );
}

fn row(rule: &Rule) -> String {
    format!("| {} | {} | {} | `{}` |", rule.asked, rule.found, rule.when, rule.verdict)
}
