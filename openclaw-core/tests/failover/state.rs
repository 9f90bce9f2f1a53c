//! What a chain remembers: rests, the profile that was good last, sessions, whose reasoning it is.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::ambient::Ambient;
use openclaw_core::auth::{CredentialStore, ProfileSettings, Profiles, UsageStats, cleared};
use openclaw_core::failover::{Candidate, Chain, ChainBuilder};
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, VirtualAmbient};
use openclaw_core::{CallOptions, ErrorKind, Request, Response};
use serde_json::json;

use crate::common::{
    MODEL, codex, codex_candidate, codex_id, end, last_good, moves, openai_candidate, profile, run, run_with, store,
    usage,
};

const ME: &str = "openai-codex:me";
const YOU: &str = "openai-codex:you";

struct Setup {
    server: Arc<TestServer>,
    clock: VirtualAmbient,
    store: Arc<openclaw_core::auth::MemoryStore>,
    builder: ChainBuilder,
}

async fn setup() -> Setup {
    let server = Arc::new(TestServer::start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let store = store([profile(ME, "acct-1", "me"), profile(YOU, "acct-2", "you")]);
    let builder = Chain::builder()
        .candidate(codex_candidate(&server, &clock))
        .store(store.clone())
        .ambient(Arc::new(clock.clone()));
    Setup { server, clock, store, builder }
}

fn then_plain(first: Exchange) -> Script {
    Script::new().exchange(first).exchange(Exchange::scenario(Scenario::Plain).forever())
}

fn refusal(code: &str) -> Exchange {
    Exchange::json(401, &json!({"error": {"message": "no", "code": code}}))
}

#[tokio::test]
async fn a_success_is_written_once_and_a_failure_never_becomes_the_last_good() {
    let Setup { server, clock, store, builder } = setup().await;
    let chain = builder.build().unwrap();
    server.set_script(then_plain(refusal("invalid_api_key")));
    let events = run(&chain).await;
    assert_eq!(moves(&events), [Some(YOU.to_owned())]);
    assert_eq!(last_good(&store).await.as_deref(), Some(YOU));
    let me = usage(&store, ME).await;
    assert_eq!((me.error_count, me.cooldown_reason.as_deref()), (Some(1), Some("auth")));
    assert_eq!(me.cooldown_until, Some(clock.now() + Duration::from_secs(30)));
    let you = usage(&store, YOU).await;
    assert_eq!(you.last_used, Some(clock.now()));
    // Within a minute nothing new is written.
    clock.advance(Duration::from_secs(20));
    assert!(end(&run(&chain).await).is_ok());
    assert_eq!(usage(&store, YOU).await, you);
    // The rest has ended; a success clears what was held against it.
    clock.advance(Duration::from_secs(41));
    server.clear();
    assert!(end(&run(&chain).await).is_ok());
    assert_eq!(server.requests()[0].header("chatgpt-account-id"), Some("acct-1"));
    assert_eq!(usage(&store, ME).await, UsageStats::default().used(clock.now()));
    assert_eq!(last_good(&store).await.as_deref(), Some(ME));
}

trait Used {
    fn used(self, at: std::time::SystemTime) -> Self;
}

impl Used for UsageStats {
    fn used(mut self, at: std::time::SystemTime) -> Self {
        self.last_used = Some(at);
        self
    }
}

#[tokio::test]
async fn a_used_up_window_rests_until_it_opens_and_the_error_says_when() {
    let Setup { server, clock, store, builder } = setup().await;
    server.set_scenario(Scenario::UsageLimit);
    let chain = builder.build().unwrap();
    let error = end(&run(&chain).await).unwrap_err();
    assert_eq!((error.kind(), server.request_count()), (ErrorKind::UsageLimit, 2));
    let kinds: Vec<ErrorKind> = error.attempts().iter().map(|attempt| attempt.kind).collect();
    assert_eq!(kinds, [ErrorKind::UsageLimit; 2]);
    let profiles: Vec<_> = error.attempts().iter().map(|attempt| attempt.profile.as_deref()).collect();
    assert_eq!(profiles, [Some(ME), Some(YOU)]);
    let me = usage(&store, ME).await;
    let until = me.cooldown_until.unwrap();
    assert_eq!(error.resets_at(), Some(until));
    assert_eq!(error.usable_at(), Some(until));
    assert!(me.cooldown_model.is_none() && until > clock.now() + Duration::from_secs(60));

    // Everybody rests: nothing is asked, and the next call says until when.
    let error = end(&run(&chain).await).unwrap_err();
    assert_eq!((error.kind(), server.request_count()), (ErrorKind::RateLimited, 2));
    assert!(error.message().contains("rests until") && error.usable_at() == Some(until), "{error:?}");

    // A person clears one.
    let clear = &mut |profiles: &mut Profiles| {
        let stats = cleared(&profiles.usage(&YOU.into()));
        profiles.set_usage(&YOU.into(), &stats);
        Ok(())
    };
    store.update(clear).await.unwrap();
    server.set_scenario(Scenario::Plain);
    assert!(end(&run(&chain).await).is_ok());
    assert_eq!(last_good(&store).await.as_deref(), Some(YOU));
}

#[tokio::test]
async fn who_rests_for_billing_is_asked_once_in_a_while_when_nothing_else_is_free() {
    let Setup { server, clock, store, builder } = setup().await;
    let chain = builder.build().unwrap();
    let rest = &mut |profiles: &mut Profiles| {
        for id in [ME, YOU] {
            let mut stats = UsageStats::default();
            stats.disabled_until = Some(clock.now() + Duration::from_secs(3600));
            stats.disabled_reason = Some(if id == ME { "billing" } else { "auth_permanent" }.to_owned());
            profiles.set_usage(&id.into(), &stats);
        }
        Ok(())
    };
    store.update(rest).await.unwrap();
    server.set_script(then_plain(Exchange::json(
        429,
        &json!({"error": {"message": "no", "code": "insufficient_quota"}}),
    )));
    assert_eq!(end(&run(&chain).await).unwrap_err().kind(), ErrorKind::Billing);
    assert_eq!(end(&run(&chain).await).unwrap_err().kind(), ErrorKind::Billing);
    assert_eq!(server.request_count(), 1);
    clock.advance(Duration::from_secs(31));
    assert!(end(&run(&chain).await).is_ok());
    assert_eq!(usage(&store, ME).await.disabled_until, None);
}

#[tokio::test]
async fn a_session_stays_with_the_profile_that_answered() {
    let Setup { server, clock, store, builder } = setup().await;
    // Without an order the profiles take turns.
    let no_order = &mut |profiles: &mut Profiles| {
        profiles.set_order(&codex_id(), None);
        Ok(())
    };
    store.update(no_order).await.unwrap();
    let chain = builder.build().unwrap();
    let mut accounts = Vec::new();
    for session in ["s1", "s2", "s1", "s2", "s1"] {
        let request = Request::new("").user("hi").session_id(session);
        server.clear();
        assert!(end(&run_with(&chain, &request, &CallOptions::new()).await).is_ok());
        accounts.push(server.requests()[0].header("chatgpt-account-id").unwrap().to_owned());
        clock.advance(Duration::from_secs(61));
    }
    assert_ne!(accounts[0], accounts[1]);
    assert_eq!((&accounts[0], &accounts[0]), (&accounts[2], &accounts[4]));
    assert_eq!(accounts[1], accounts[3]);
}

#[tokio::test]
async fn a_pinned_profile_is_the_only_one() {
    let Setup { server, clock, builder, .. } = setup().await;
    let other = TestServer::start().await.unwrap();
    server.set_script(then_plain(refusal("invalid_api_key")));
    let mut settings = ProfileSettings::default();
    settings.pinned = Some(YOU.into());
    let chain = builder.candidate(openai_candidate(&other, &clock)).profiles(settings).build().unwrap();
    let events = run(&chain).await;
    assert_eq!(moves(&events), [Some("openai/gpt-5.4".to_owned())]);
    assert_eq!(server.requests()[0].header("chatgpt-account-id"), Some("acct-2"));
}

/// What the model thought, as the next request holds it.
fn reasons(server: &TestServer) -> usize {
    let body: serde_json::Value = serde_json::from_slice(&server.requests().last().unwrap().body).unwrap();
    body["input"].as_array().unwrap().iter().filter(|item| item["type"] == "reasoning").count()
}

#[tokio::test]
async fn reasoning_of_another_account_is_left_out() {
    let Setup { server, store, builder, .. } = setup().await;
    let chain = builder.build().unwrap();
    let first: Response = end(&run(&chain).await).unwrap().clone();
    let request = Request::new("").user("hi").response(&first).user("and?");
    let stored: Request = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
    run_with(&chain, &stored, &CallOptions::new()).await;
    assert_eq!(reasons(&server), 1);
    // The same conversation, and the other profile answers.
    server.set_script(then_plain(refusal("invalid_api_key")));
    let events = run_with(&chain, &stored, &CallOptions::new()).await;
    let response = end(&events).unwrap();
    assert_eq!(reasons(&server), 0);
    assert!(response.warnings.iter().any(|w| w.code == "history_repaired" && w.message.contains("another account")));
    let text = serde_json::to_string(response).unwrap();
    assert!(!text.contains("acct-2"), "the account shows in the history: {text}");
    assert_eq!(last_good(&store).await.as_deref(), Some(YOU));
}

#[tokio::test]
async fn headers_of_the_caller_stay_with_the_provider_that_was_asked_first() {
    let Setup { server, clock, builder, .. } = setup().await;
    let other = TestServer::start().await.unwrap();
    server.set_scenario(Scenario::Challenge);
    let chain = builder.candidate(openai_candidate(&other, &clock)).build().unwrap();
    let mut options = CallOptions::new();
    options.headers.push("x-gateway-key", "of the first one");
    let events = run_with(&chain, &Request::new("").user("hi"), &options).await;
    assert!(end(&events).unwrap().warnings.iter().any(|w| w.subject == "headers"));
    assert_eq!(server.requests()[0].header("x-gateway-key"), Some("of the first one"));
    assert_eq!(other.requests()[0].header("x-gateway-key"), None);
}

#[tokio::test]
async fn a_new_key_in_the_store_is_used_and_the_old_provider_is_not() {
    let server = Arc::new(TestServer::start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let store = store([profile(ME, "acct-1", "me")]);
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (at, time, count) = (server.clone(), clock.clone(), made.clone());
    let candidate = Candidate::with_profiles(MODEL.parse().unwrap(), move |profile| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        codex(&at, profile, &time)
    });
    let chain = Chain::builder().candidate(candidate).store(store.clone()).ambient(Arc::new(clock)).build().unwrap();
    for _ in 0..3 {
        assert!(end(&run(&chain).await).is_ok());
    }
    assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), 1);
    let other = &mut |profiles: &mut Profiles| {
        profiles.put(profile(ME, "acct-9", "me"));
        Ok(())
    };
    store.update(other).await.unwrap();
    assert!(end(&run(&chain).await).is_ok());
    assert_eq!(server.requests().last().unwrap().header("chatgpt-account-id"), Some("acct-9"));
    assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), 2);
}
