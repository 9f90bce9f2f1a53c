//! What a chain remembers: rests, the profile that was good last, sessions, whose reasoning it is.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::ambient::Ambient;
use openclaw_core::auth::{
    CredentialStore, MemoryStore, Profile, ProfileSettings, Profiles, RefreshFailure, UsageStats, cleared,
};
use openclaw_core::failover::{Candidate, Chain, ChainBuilder};
use openclaw_core::testing::{Exchange, Scenario, Script, ScriptedProvider, TestServer, VirtualAmbient};
use openclaw_core::{
    CallOptions, Capabilities, Error, ErrorKind, EventStream, Provider, ProviderId, Request, Response, Stage,
};
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
    store: Arc<MemoryStore>,
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
async fn an_answer_ends_the_refusal_of_a_token_that_is_gone() {
    let (server, clock) = (Arc::new(TestServer::start().await.unwrap()), VirtualAmbient::new(1));
    let store = store([profile("a", "acct-1", "a")]);
    let refused: RefreshFailure = serde_json::from_value(json!({
        "token": "sha256:000000000000", "at": 1, "kind": "auth_expired", "message": "sign in again"
    }))
    .unwrap();
    store
        .update(&mut |profiles| {
            let mut stats = profiles.usage(&"a".into());
            stats.refresh_failure = Some(refused.clone());
            profiles.set_usage(&"a".into(), &stats);
            Ok(())
        })
        .await
        .unwrap();
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).store(store.clone());
    end(&run(&builder.ambient(Arc::new(clock.clone())).build().unwrap()).await).unwrap();
    // Somebody else signed in since: what is said of the new token later must not be taken for what was said of the old one.
    assert_eq!(usage(&store, "a").await.refresh_failure, None);
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

/// One profile, and a model for each of these providers, all asked with it.
async fn one_login(providers: &[&Arc<ScriptedProvider>], clock: &VirtualAmbient) -> (Chain, Arc<MemoryStore>) {
    let store = store([profile(ME, "acct-1", "me")]);
    let mut builder = Chain::builder().store(store.clone()).ambient(Arc::new(clock.clone()));
    for (number, provider) in providers.iter().enumerate() {
        let (model, provider) = (format!("openai-codex/m{number}").parse().unwrap(), Arc::clone(provider));
        builder = builder.candidate(Candidate::with_profiles(model, move |_| Ok(Arc::new(provider.clone()))));
    }
    (builder.build().unwrap(), store)
}

fn scripted() -> ScriptedProvider {
    ScriptedProvider::new("openai-codex")
}

fn refused(kind: ErrorKind) -> Error {
    Error::new(kind, Stage::Responded, "no")
}

fn limited(seconds: u64) -> Error {
    refused(ErrorKind::RateLimited).with_retry_after(Duration::from_secs(seconds))
}

#[tokio::test]
async fn a_model_rests_on_while_another_one_of_its_profile_answers() {
    let clock = VirtualAmbient::new(1);
    let long = Arc::new(scripted().error(limited(36_000)).text("late"));
    let short = Arc::new(scripted().text("one").text("two").error(limited(90)).text("three"));
    let third = Arc::new(scripted().text("third"));
    let (chain, store) = one_login(&[&long, &short, &third], &clock).await;
    for (answer, model) in [("one", "m1"), ("two", "m1"), ("third", "m2")] {
        let events = run(&chain).await;
        let response = end(&events).unwrap();
        assert_eq!((response.text().as_str(), response.model.as_str()), (answer, model));
        clock.advance(Duration::from_secs(70));
    }
    // The long rest is not forgotten by an answer, and not made that of all by a short one.
    assert_eq!((long.requests().len(), short.requests().len()), (1, 3));
    let stats = usage(&store, ME).await;
    assert_eq!(stats.cooldown_model.as_deref(), Some("m0"));
    assert_eq!(stats.model_rests.keys().collect::<Vec<_>>(), ["m1"]);
    clock.advance(Duration::from_secs(60));
    assert_eq!(end(&run(&chain).await).unwrap().text(), "three");
    clock.advance(Duration::from_secs(36_000));
    assert_eq!(end(&run(&chain).await).unwrap().text(), "late");
    assert_eq!(usage(&store, ME).await, UsageStats::default().used(clock.now()));
}

#[tokio::test]
async fn a_key_that_was_laid_to_rest_is_not_asked_for_another_model_of_the_call() {
    for kind in [ErrorKind::Billing, ErrorKind::AuthInvalid, ErrorKind::AuthExpired, ErrorKind::UsageLimit] {
        let clock = VirtualAmbient::new(1);
        let (first, second) = (Arc::new(scripted().error(refused(kind))), Arc::new(scripted().text("never")));
        let (chain, _) = one_login(&[&first, &second], &clock).await;
        let error = end(&run(&chain).await).unwrap_err();
        assert_eq!((error.kind(), error.attempts().len(), second.requests().len()), (kind, 1, 0), "{error:?}");
        assert!(error.usable_at().is_some_and(|at| at > clock.now()), "{error:?}");
    }
}

#[tokio::test]
async fn a_key_that_was_laid_to_rest_is_not_asked_again_by_the_model_that_was_to_wait() {
    for kind in [ErrorKind::Billing, ErrorKind::AuthInvalid, ErrorKind::AuthExpired, ErrorKind::UsageLimit] {
        let clock = VirtualAmbient::new(1);
        let (first, second) =
            (Arc::new(scripted().error(limited(11)).text("never")), Arc::new(scripted().error(refused(kind))));
        let (chain, _) = one_login(&[&first, &second], &clock).await;
        let events = run(&chain).await;
        assert!(end(&events).is_err(), "{kind:?}: {events:?}");
        assert_eq!((first.requests().len(), second.requests().len()), (1, 1), "{kind:?}");
        assert!(clock.monotonic() < Duration::from_secs(11), "{kind:?}: nothing is left to wait for");
    }
    // A rate limit is that of its model; and what names its own end can be waited for.
    for kind in [ErrorKind::RateLimited, ErrorKind::UsageLimit] {
        let clock = VirtualAmbient::new(1);
        let wait = refused(kind).with_retry_after(Duration::from_secs(20));
        let (first, second) =
            (Arc::new(scripted().error(limited(30)).text("m0")), Arc::new(scripted().error(wait).text("m1")));
        let (chain, _) = one_login(&[&first, &second], &clock).await;
        assert_eq!(end(&run(&chain).await).unwrap().text(), "m1", "{kind:?}");
    }
}

#[tokio::test]
async fn whom_another_login_of_the_account_bars_is_not_asked_again() {
    let clock = VirtualAmbient::new(1);
    let store = store([profile(ME, "acct-1", "me"), profile("openai-codex:colleague", "acct-1", "colleague")]);
    let mine = Arc::new(scripted().error(limited(11)).text("never"));
    let theirs = Arc::new(scripted().error(refused(ErrorKind::Billing)));
    let (a, b) = (mine.clone(), theirs.clone());
    let connect = move |profile: &Profile| -> openclaw_core::Result<Arc<dyn Provider>> {
        Ok(Arc::new(if profile.id.as_str() == ME { a.clone() } else { b.clone() }))
    };
    let candidate = Candidate::with_profiles("openai-codex/m".parse().unwrap(), connect);
    let builder = Chain::builder().candidate(candidate).store(store).ambient(Arc::new(clock.clone()));
    let events = run(&builder.build().unwrap()).await;
    assert!(end(&events).is_err(), "{events:?}");
    assert_eq!((mine.requests().len(), theirs.requests().len()), (1, 1));
}

#[tokio::test]
async fn the_soonest_time_counts_from_the_attempt_that_named_it() {
    /// Takes its time, and fails.
    #[derive(Debug)]
    struct Late(VirtualAmbient, u64, Error, ProviderId);
    #[async_trait::async_trait]
    impl Provider for Late {
        fn id(&self) -> &ProviderId {
            &self.3
        }
        fn capabilities(&self, _: &str) -> Capabilities {
            Capabilities::default()
        }
        async fn stream(&self, _: &Request, _: &CallOptions) -> openclaw_core::Result<EventStream> {
            self.0.advance(Duration::from_secs(self.1));
            Ok(EventStream::from_events([Err(self.2.clone())]))
        }
    }
    let clock = VirtualAmbient::new(1);
    let late = |model: &str, took, error| {
        Candidate::new(model.parse().unwrap(), Late(clock.clone(), took, error, ProviderId::new("late")))
    };
    let chain = Chain::builder()
        .candidate(late("a/m", 10, limited(300)))
        .candidate(late("b/m", 50, limited(1000)))
        .candidate(late("c/m", 0, refused(ErrorKind::ModelNotFound)))
        .ambient(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let began = clock.now();
    let error = end(&run(&chain).await).unwrap_err();
    assert_eq!(error.usable_at(), Some(began + Duration::from_secs(310)), "{error:?}");
    let took: Vec<u64> = error.attempts().iter().map(|attempt| attempt.duration_ms / 1000).collect();
    assert_eq!(took, [10, 50, 0]);
}

#[tokio::test]
async fn the_last_error_is_of_the_kind_of_the_primarys_last_attempt_and_lists_them_all() {
    let clock = VirtualAmbient::new(1);
    let first = Arc::new(scripted().error(refused(ErrorKind::ServerError)).error(limited(90)));
    let second = Arc::new(scripted().error(refused(ErrorKind::ModelNotFound)));
    let (chain, store) = one_login(&[&first, &second], &clock).await;
    let error = end(&run(&chain).await).unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::RateLimited, Some("m0")), "{error:?}");
    let kinds: Vec<ErrorKind> = error.attempts().iter().map(|attempt| attempt.kind).collect();
    assert_eq!(kinds, [ErrorKind::ServerError, ErrorKind::RateLimited, ErrorKind::ModelNotFound]);
    let models: Vec<&str> = error.attempts().iter().map(|attempt| attempt.model.as_str()).collect();
    assert_eq!(models, ["m0", "m0", "m1"]);
    assert!(error.message().contains("openai-codex/m1 failed (model_not_found)"), "{error}");
    assert_eq!(error.usable_at(), usage(&store, ME).await.cooldown_until);
    // Who asks for the other model first has that one as the primary.
    let first = Arc::new(scripted().error(refused(ErrorKind::ModelNotFound)));
    let second = Arc::new(scripted().error(limited(90)));
    let (chain, _) = one_login(&[&first, &second], &clock).await;
    let events = run_with(&chain, &Request::new("m1").user("hi"), &CallOptions::new()).await;
    assert_eq!(end(&events).unwrap_err().kind(), ErrorKind::RateLimited);
}

#[tokio::test]
async fn faults_that_are_met_while_a_rest_runs_make_the_next_one_longer() {
    let clock = VirtualAmbient::new(1);
    let mut first = scripted().error(refused(ErrorKind::Billing));
    for _ in 0..3 {
        first = first.error(refused(ErrorKind::AuthInvalid));
    }
    let (chain, store) = one_login(&[&Arc::new(first.text("good"))], &clock).await;
    assert!(end(&run(&chain).await).is_err());
    for (errors, rest) in [(2, 60), (3, 300), (4, 300)] {
        clock.advance(Duration::from_secs(301));
        assert!(end(&run(&chain).await).is_err());
        let stats = usage(&store, ME).await;
        assert_eq!(
            (stats.error_count, stats.cooldown_until),
            (Some(errors), Some(clock.now() + Duration::from_secs(rest)))
        );
    }
    clock.advance(Duration::from_secs(301));
    assert_eq!(end(&run(&chain).await).unwrap().text(), "good");
    assert_eq!(usage(&store, ME).await, UsageStats::default().used(clock.now()));
}

#[tokio::test]
async fn the_profile_that_was_good_last_is_known_also_when_it_was_good_before() {
    let Setup { clock, store, builder, .. } = setup().await;
    let no_order = &mut |profiles: &mut Profiles| {
        profiles.set_order(&codex_id(), None);
        Ok(())
    };
    store.update(no_order).await.unwrap();
    let chain = builder.build().unwrap();
    for session in ["s1", "s2", "s1", "s2"] {
        let request = Request::new("").user("hi").session_id(session);
        let events = run_with(&chain, &request, &CallOptions::new()).await;
        assert_eq!(last_good(&store).await, end(&events).unwrap().head.profile, "{session}");
        clock.advance(Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_plan_that_is_used_up_is_not_asked_through_another_login_of_the_person() {
    let server = Arc::new(TestServer::start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let store = store([profile(ME, "acct-1", "me"), profile("openai-codex:double", "acct-1", "me")]);
    server.set_scenario(Scenario::UsageLimit);
    let chain = Chain::builder().candidate(codex_candidate(&server, &clock)).store(store.clone());
    let chain = chain.ambient(Arc::new(clock.clone())).build().unwrap();
    for _ in 0..3 {
        assert!(end(&run(&chain).await).is_err());
        clock.advance(Duration::from_secs(40));
    }
    assert_eq!(server.request_count(), 1);
    assert_eq!(usage(&store, "openai-codex:double").await, UsageStats::default());
}
