//! Every row of the table, against the embedded server where HTTP can make its error.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::ambient::Ambient;
use openclaw_core::auth::CredentialFault;
use openclaw_core::failover::{Candidate, Chain, Next, RULES, Rule, Skips, Verdict, When, decide};
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, VirtualAmbient, pages};
use openclaw_core::transport::Endpoint;
use openclaw_core::{
    Advice, CallOptions, Capabilities, Error, ErrorKind, EventStream, Provider, ProviderId, Request, Result, Stage,
};
use serde_json::{Value, json};

use crate::common::{FALLBACK, MODEL, codex, codex_id, end, moves, openai_candidate, profile, run, store, usage};

/// Where the error of a row comes from.
enum Fault {
    Http(Exchange),
    /// What HTTP cannot make: names, connections, certificates, stores.
    Made(Error),
}

fn refusal(status: u16, code: &str) -> Fault {
    Fault::Http(Exchange::json(status, &json!({"error": {"message": "no", "code": code}})))
}

fn detail(status: u16, body: &Value) -> Fault {
    Fault::Http(Exchange::json(status, body))
}

fn made(kind: ErrorKind, stage: Stage) -> Fault {
    Fault::Made(Error::new(kind, stage, "made"))
}

fn elsewhere(kind: ErrorKind) -> Fault {
    Fault::Made(Error::new(kind, Stage::NotSent, "made").with_url("https://auth.example/token"))
}

/// An error that comes to this row.
fn fault(rule: &Rule) -> Fault {
    use ErrorKind as K;
    let Some(kind) = rule.kind else {
        let item = json!({"type": "message", "id": "msg_1", "role": "assistant", "content": []});
        let added = json!({"type": "response.output_item.added", "output_index": 0, "item": item});
        return Fault::Http(Exchange::new(200).sse(added).close());
    };
    match (kind, rule.when) {
        (_, When::Elsewhere) => elsewhere(kind),
        (K::EdgeBlocked, _) => Fault::Http(Exchange::page(&pages::challenge(3))),
        (K::Proxy, _) => Fault::Http(Exchange::scenario(Scenario::CaptivePortal)),
        (K::Timeout, When::Answered) => refusal(504, "x"),
        (K::Timeout, _) => made(kind, Stage::MaybeSent),
        (K::Dns | K::Connect | K::Tls | K::Store | K::Config | K::Cancelled, _) => made(kind, Stage::NotSent),
        (K::AuthExpired, When::Advice(_)) => refusal(401, "refresh_token_reused"),
        (K::AuthExpired, _) => refusal(401, "token_expired"),
        (K::AuthInvalid, When::Workspace) => detail(401, &json!({"detail": {"code": "deactivated_workspace"}})),
        (K::AuthInvalid, When::Advice(_)) => refusal(401, "account_deactivated"),
        (K::AuthInvalid, _) => refusal(401, "invalid_api_key"),
        (K::Forbidden, When::Advice(Advice::OtherProvider)) => refusal(403, "unsupported_country_region_territory"),
        (K::Forbidden, When::Advice(_)) => {
            let error = Error::new(kind, Stage::Responded, "made").with_advice(Advice::FixConfig);
            Fault::Made(error.with_http_status(403))
        }
        (K::Forbidden, When::Workspace) => refusal(403, "invalid_workspace_selected"),
        (K::Forbidden, _) => refusal(403, "permission_denied"),
        (K::RateLimited, _) => refusal(429, "rate_limit_exceeded"),
        (K::UsageLimit, When::Workspace) => refusal(429, "workspace_owner_usage_limit_reached"),
        (K::UsageLimit, _) => Fault::Http(Exchange::scenario(Scenario::UsageLimit)),
        (K::Billing, _) => refusal(429, "insufficient_quota"),
        (K::Overloaded, _) => Fault::Http(Exchange::scenario(Scenario::Overloaded)),
        (K::ServerError, _) => refusal(500, "server_error"),
        (K::StreamTruncated, _) => Fault::Http(
            Exchange::new(200).sse(json!({"type": "response.created", "response": {"id": "resp_0"}})).close(),
        ),
        (K::ContextOverflow, _) => Fault::Http(Exchange::scenario(Scenario::ContextOverflow)),
        (K::InvalidRequest, When::Advice(_)) => detail(404, &json!({"detail": "Not Found"})),
        (K::InvalidRequest, _) => refusal(400, "invalid_value"),
        (K::ContentPolicy, _) => refusal(400, "content_policy_violation"),
        (K::ModelNotFound, _) => refusal(404, "model_not_found"),
        (K::Unknown, _) => Fault::Http(Exchange::new(403).send("")),
        other => panic!("no error for the row {other:?}"),
    }
}

/// Gives made errors first, then what the provider gives.
#[derive(Debug)]
struct Faulty {
    inner: Arc<dyn Provider>,
    errors: Arc<Mutex<VecDeque<Error>>>,
}

#[async_trait]
impl Provider for Faulty {
    fn id(&self) -> &ProviderId {
        self.inner.id()
    }
    fn capabilities(&self, model: &str) -> Capabilities {
        self.inner.capabilities(model)
    }
    fn inference_endpoint(&self) -> Option<Endpoint> {
        self.inner.inference_endpoint()
    }
    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        let error = self.errors.lock().unwrap().pop_front();
        match error {
            Some(error) => Ok(EventStream::from_events([Err(error)])),
            None => self.inner.stream(request, options).await,
        }
    }
}

#[tokio::test]
async fn every_row_does_what_it_says() {
    for rule in RULES {
        check(rule).await;
    }
}

async fn check(rule: &Rule) {
    let name = format!("{rule:?}");
    let clock = VirtualAmbient::new(3);
    let server = Arc::new(TestServer::start().await.unwrap());
    let other = TestServer::start().await.unwrap();
    // The second one is the same person, the third one a colleague, the fourth one somebody else.
    let store = store([
        profile("openai-codex:me", "acct-1", "me"),
        profile("openai-codex:double", "acct-1", "me"),
        profile("openai-codex:colleague", "acct-1", "colleague"),
        profile("openai-codex:stranger", "acct-2", "stranger"),
    ]);
    let errors = Arc::new(Mutex::new(VecDeque::new()));
    let (at, time, queue) = (server.clone(), clock.clone(), errors.clone());
    let candidate = Candidate::with_profiles(MODEL.parse().unwrap(), move |profile| {
        Ok(Arc::new(Faulty { inner: codex(&at, profile, &time)?, errors: queue.clone() }))
    });
    let chain = Chain::builder()
        .candidate(candidate)
        .candidate(openai_candidate(&other, &clock))
        .store(store.clone())
        .ambient(Arc::new(clock.clone()))
        .build()
        .unwrap();

    // A repeat comes twice; a timeout is repeated only when nothing was sent, a window that is used up not at once.
    let timeout = rule.kind == Some(ErrorKind::Timeout) && rule.when != When::Elsewhere;
    let once = timeout || rule.kind == Some(ErrorKind::UsageLimit) || rule.kind == Some(ErrorKind::Unknown);
    let tries = if rule.repeat && !once { 3 } else { 1 };
    let asked = match fault(rule) {
        Fault::Http(exchange) => {
            let plain = Exchange::scenario(Scenario::Plain).forever();
            server.set_script(Script::new().exchange(exchange.times(tries)).exchange(plain));
            tries as usize
        }
        Fault::Made(error) => {
            errors.lock().unwrap().extend((0..tries).map(|_| error.clone()));
            0
        }
    };
    let events = run(&chain).await;

    let repeats = moves(&events).iter().take_while(|next| next.is_none()).count();
    let next = moves(&events).into_iter().flatten().next();
    let outcome = end(&events);
    let expected = match (rule.next, rule.skips) {
        (Next::Stop, _) => None,
        (Next::Profile, Skips::None) => Some("openai-codex:double"),
        (Next::Profile, Skips::Identity) => Some("openai-codex:colleague"),
        (Next::Profile, _) => Some("openai-codex:stranger"),
        _ => Some(FALLBACK),
    };
    assert_eq!((next.as_deref(), repeats), (expected, tries as usize - 1), "{name}\n{events:#?}");
    let (here, there) = match rule.next {
        Next::Stop => (asked, 0),
        Next::Profile => (asked + 1, 0),
        _ => (asked, 1),
    };
    assert_eq!((server.request_count(), other.request_count()), (here, there), "{name}");
    match &outcome {
        Ok(_) => assert_ne!(rule.next, Next::Stop, "{name}"),
        Err(error) => {
            assert_eq!(rule.next, Next::Stop, "{name}: {error:?}");
            assert!(rule.kind.is_none_or(|kind| kind == error.kind()), "{name}: {error:?}");
        }
    }

    let stats = usage(&store, "openai-codex:me").await;
    match rule.notes {
        None => assert_eq!(stats, Default::default(), "{name}"),
        Some(fault @ (CredentialFault::Billing | CredentialFault::AuthPermanent)) => {
            assert_eq!(stats.disabled_reason.as_deref(), Some(fault.as_str()), "{name}");
            assert!(stats.disabled_until.unwrap() > clock.now());
        }
        Some(fault) => {
            assert_eq!(stats.cooldown_reason.as_deref(), Some(fault.as_str()), "{name}");
            assert!(stats.cooldown_until.unwrap() > clock.now());
            assert_eq!(stats.cooldown_model.is_some(), rule.kind == Some(ErrorKind::RateLimited), "{name}");
        }
    }
    let endpoint = Endpoint::parse(&format!("{}/responses", server.codex_base_url())).unwrap();
    let opens = rule.breaker == Verdict::Opens || (rule.breaker == Verdict::Counts && tries == 3);
    assert_eq!(chain.breakers().is_open(&endpoint, clock.monotonic()), opens, "{name}");
}

#[test]
fn each_row_can_be_reached_and_each_kind_has_a_last_row() {
    let endpoint = Endpoint::parse("https://a.example/responses").unwrap();
    for kind in ErrorKind::ALL {
        let rows: Vec<&Rule> = RULES.iter().filter(|rule| rule.kind == Some(*kind)).collect();
        assert_eq!(rows.last().map(|rule| rule.when), Some(When::Always), "{kind}");
        let plain = Error::new(*kind, Stage::Streaming, "x");
        assert_eq!(decide(&plain, false, Some(&endpoint)).next, Next::Stop, "{kind} after output began");
        let plain = Error::new(*kind, Stage::Responded, "x");
        assert_eq!(decide(&plain, true, Some(&endpoint)).next, Next::Stop, "{kind} after output began");
    }
    let _ = codex_id();
}

#[test]
fn what_the_login_server_cannot_do_now_is_held_against_nobody() {
    use ErrorKind as K;
    let endpoint = Endpoint::parse("https://a.example/responses").unwrap();
    let passing = [
        K::EdgeBlocked,
        K::Proxy,
        K::Dns,
        K::Connect,
        K::Timeout,
        K::Tls,
        K::RateLimited,
        K::Overloaded,
        K::ServerError,
    ];
    for kind in passing {
        let error = Error::new(kind, Stage::Responded, "x").with_url("https://auth.example/token");
        let rule = decide(&error, false, Some(&endpoint));
        assert_eq!((rule.next, rule.skips, rule.notes), (Next::Profile, Skips::None, None), "{kind}");
        assert_eq!(rule.breaker, Verdict::Nothing, "{kind}");
    }
}

#[test]
fn the_documentation_shows_the_table() {
    let table: Vec<String> = RULES.iter().map(row).collect();
    let document = include_str!("../../../docs/failover.md");
    let shown = document.lines().skip_while(|line| !line.starts_with("| kind | and |")).skip(2);
    let shown: Vec<&str> = shown.take_while(|line| !line.is_empty()).collect();
    assert!(shown == table, "docs/failover.md does not show the table, which is:\n{}", table.join("\n"));
}

fn row(rule: &Rule) -> String {
    let kind = rule.kind.map_or("any".to_owned(), |kind| format!("`{kind}`"));
    let repeat = if rule.repeat { "yes" } else { "-" };
    let notes = rule.notes.map_or("-".to_owned(), |fault| format!("`{fault}`"));
    format!("| {kind} | {} | {repeat} | {} | {} | {notes} | {} |", rule.when, rule.next, rule.skips, rule.breaker)
}

#[tokio::test]
async fn a_long_wait_comes_only_when_nothing_else_is_left() {
    for fallback in [true, false] {
        let clock = VirtualAmbient::new(3);
        let server = Arc::new(TestServer::start().await.unwrap());
        let other = TestServer::start().await.unwrap();
        let limited = Exchange::json(429, &json!({"error": {"message": "slow", "code": "rate_limit_exceeded"}}));
        let script = Script::new().exchange(limited.header("retry-after", "11"));
        server.set_script(script.exchange(Exchange::scenario(Scenario::Plain).forever()));
        let mut builder = Chain::builder()
            .candidate(crate::common::codex_candidate(&server, &clock))
            .store(store([profile("openai-codex:me", "acct-1", "me")]))
            .ambient(Arc::new(clock.clone()));
        if fallback {
            builder = builder.candidate(openai_candidate(&other, &clock));
        }
        let events = run(&builder.build().unwrap()).await;
        assert!(end(&events).is_ok());
        let slept = if fallback { vec![] } else { vec![Duration::from_secs(11)] };
        assert_eq!(clock.slept(), slept);
        assert_eq!(other.request_count(), usize::from(fallback));
    }
}
