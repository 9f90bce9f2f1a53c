//! Candidates, stores and providers that are not as they should be.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use futures_core::Stream;
use openclaw_core::ambient::Ambient;
use openclaw_core::auth::{Change, CredentialStore, MemoryStore, Profile, ProfileId, Profiles, RefreshLock};
use openclaw_core::failover::{Candidate, Chain, ChainBuilder};
use openclaw_core::testing::{ScriptedProvider, TestServer, VirtualAmbient};
use openclaw_core::transport::{CallTimeouts, Endpoint};
use openclaw_core::{
    CallOptions, Capabilities, Error, ErrorKind, Event, EventStream, Item, Provider, ProviderId, Request, Result, Stage,
};

use crate::common::{
    MODEL, codex_candidate, codex_id, end, hello, moves, pasted, profile, run, run_with, store, with_moving_clock,
};

fn text(model: &str) -> Candidate {
    Candidate::new(model.parse().unwrap(), ScriptedProvider::new("good").text("fine").text("fine"))
}

fn chain(builder: ChainBuilder, clock: &VirtualAmbient) -> Chain {
    builder.ambient(Arc::new(clock.clone())).build().unwrap()
}

#[test]
fn a_chain_needs_a_candidate_and_profiles_need_a_store() {
    let none = Chain::builder().build().unwrap_err();
    assert!(none.message().contains("no candidate"), "{none}");
    let candidate = Candidate::with_profiles(MODEL.parse().unwrap(), |_| Err(Error::config("unused")));
    let no_store = Chain::builder().candidate(candidate).build().unwrap_err();
    assert!(no_store.message().contains("no store"), "{no_store}");
    let twice = Chain::builder().candidate(text("a/m")).candidate(text("a/m")).candidate(text("b/m")).build().unwrap();
    assert_eq!(twice.candidates().len(), 2);
}

#[tokio::test]
async fn a_model_that_the_chain_does_not_have_is_refused_and_one_that_it_has_goes_first() {
    let clock = VirtualAmbient::new(1);
    let builder = Chain::builder().candidate(text("a/one")).candidate(text("b/two")).candidate(text("c/two"));
    let chain = chain(builder, &clock);
    let error = chain.stream(&Request::new("three").user("x"), &CallOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.message().contains("a/one, b/two, c/two"), "{error}");
    for (asked, model) in [("", "one"), ("one", "one"), ("two", "two"), ("c/two", "two")] {
        let answer = chain.complete(&Request::new(asked).user("x"), &CallOptions::new()).await.unwrap();
        assert_eq!(answer.model, model);
    }
}

#[tokio::test]
async fn an_unknown_provider_in_the_list_is_told_and_passed_over() {
    let clock = VirtualAmbient::new(1);
    let why = || Error::config("agents.defaults.model.fallbacks.0 is \"acme/m\", and no provider is called acme");
    let unusable = || Candidate::unusable("acme/m".parse().unwrap(), why());
    let chain = chain(Chain::builder().candidate(unusable()).candidate(text("good/m")), &clock);
    let events = run(&chain).await;
    let response = end(&events).unwrap();
    let warning = response.warnings.iter().find(|w| w.code == "candidate_unusable").unwrap();
    assert!(warning.subject == "acme/m" && warning.message.contains("no provider is called acme"));
    let alone = Chain::builder().candidate(unusable()).build().unwrap();
    let error = end(&run(&alone).await).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Config, why().message()));
}

#[tokio::test]
async fn no_usable_profile_says_why_for_each() {
    let clock = VirtualAmbient::new(1);
    let server = Arc::new(TestServer::start().await.unwrap());
    let mut old = pasted("openai-codex:old", "acct", "me");
    if let openclaw_core::auth::Credential::Token(token) = &mut old.credential {
        token.expires = Some(clock.now() - Duration::from_secs(5));
    }
    let store = store([old]);
    store
        .update(&mut |profiles: &mut Profiles| {
            let order: Vec<ProfileId> = vec!["openai-codex:gone".into(), "openai-codex:old".into()];
            profiles.set_order(&codex_id(), Some(&order));
            Ok(())
        })
        .await
        .unwrap();
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).store(store);
    let error = end(&run(&chain(builder, &clock)).await).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthInvalid);
    assert!(error.message().contains("openai-codex:gone (profile_missing), openai-codex:old (expired)"), "{error}");
    assert_eq!(server.request_count(), 0);
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).store(Arc::new(MemoryStore::default()));
    let error = end(&run(&chain(builder, &clock)).await).unwrap_err();
    assert!(error.message().contains("the store has none of this provider"), "{error}");
}

/// A provider of a host that misbehaves.
#[derive(Debug, Clone, Copy)]
enum Bad {
    PanicsAtOnce,
    PanicsLater,
    Throws,
    HangsAtOnce,
    HangsLater,
    HangsInOutput,
    PanicsWhenLookedAt,
    NoEnd,
    GoesOn,
    RepeatsItself,
}

struct Misbehaving(Bad, u32);

impl Stream for Misbehaving {
    type Item = Result<Event>;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.1 += 1;
        let done = Event::Created { id: "resp_1".into(), model: "m".into() };
        match (self.0, self.1) {
            (Bad::PanicsLater, 2) => panic!("the host's own fault, with token=abcdefghijklmnopqrstuvwxyz0123456789"),
            (Bad::HangsLater, 2..) | (Bad::HangsInOutput, 3..) => Poll::Pending,
            (Bad::HangsInOutput, 2) => {
                Poll::Ready(Some(Ok(Event::OutputItemAdded { output_index: 0, item: Box::new(Item::assistant("x")) })))
            }
            (Bad::NoEnd, 2..) => Poll::Ready(None),
            (Bad::GoesOn, 2..) => Poll::Ready(Some(Err(Error::config("again and again")))),
            _ => Poll::Ready(Some(Ok(done))),
        }
    }
}

#[derive(Debug)]
struct Host(Bad, ProviderId);

#[async_trait]
impl Provider for Host {
    fn id(&self) -> &ProviderId {
        &self.1
    }
    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }
    fn inference_endpoint(&self) -> Option<Endpoint> {
        match self.0 {
            Bad::PanicsWhenLookedAt => panic!("does not know where it goes"),
            _ => None,
        }
    }
    async fn stream(&self, _: &Request, _: &CallOptions) -> Result<EventStream> {
        match self.0 {
            Bad::PanicsAtOnce => panic!("at once"),
            Bad::Throws => Err(Error::new(ErrorKind::Unknown, Stage::NotSent, "the host failed")),
            Bad::HangsAtOnce => std::future::pending().await,
            Bad::RepeatsItself => {
                let item = || Box::new(Item::assistant("x"));
                let retrying = Event::Retrying { attempt: 1, kind: ErrorKind::Unknown, delay_ms: 0, next: None };
                Ok(EventStream::from_events([
                    Ok(Event::OutputItemAdded { output_index: 0, item: item() }),
                    Ok(retrying),
                    Ok(Event::OutputItemDone { output_index: 0, item: item() }),
                    Err(Error::new(ErrorKind::Overloaded, Stage::Responded, "says that nothing came yet")),
                    Err(Error::config("behind the end")),
                ]))
            }
            bad => Ok(EventStream::new(Misbehaving(bad, 0))),
        }
    }
}

fn host(bad: Bad) -> Candidate {
    Candidate::new("host/m".parse().unwrap(), Host(bad, ProviderId::new("host")))
}

/// Lets the call run; when it waits for a limit, the clock is moved.
async fn run_to_the_limit(chain: &Chain, clock: &VirtualAmbient) -> Vec<Result<Event>> {
    with_moving_clock(run(chain), clock, Duration::from_secs(10)).await
}

#[tokio::test]
async fn a_host_that_misbehaves_costs_an_attempt_and_not_the_call() {
    for (bad, kind) in [
        (Bad::PanicsAtOnce, ErrorKind::Unknown),
        (Bad::PanicsLater, ErrorKind::Unknown),
        (Bad::Throws, ErrorKind::Unknown),
        (Bad::HangsAtOnce, ErrorKind::Timeout),
        (Bad::HangsLater, ErrorKind::Timeout),
        (Bad::PanicsWhenLookedAt, ErrorKind::Unknown),
        (Bad::NoEnd, ErrorKind::StreamTruncated),
        (Bad::GoesOn, ErrorKind::Config),
    ] {
        let clock = VirtualAmbient::new(1);
        let both = chain(Chain::builder().candidate(host(bad)).candidate(text("good/m")), &clock);
        let alone = chain(Chain::builder().candidate(host(bad)), &clock);
        let error = end(&run_to_the_limit(&alone, &clock).await).unwrap_err();
        assert_eq!(error.kind(), kind, "{bad:?}: {error:?}");
        assert!(!format!("{error:?}").contains("abcdefghijklm"), "{error:?}");
        let events = run_to_the_limit(&both, &clock).await;
        assert_eq!(end(&events).unwrap().text(), "fine", "{bad:?}");
        if matches!(bad, Bad::PanicsWhenLookedAt) {
            assert!(end(&events).unwrap().warnings.iter().any(|w| w.code == "candidate_unusable"));
        } else {
            assert_eq!(moves(&events).last(), Some(&Some("good/m".to_owned())), "{bad:?}");
        }
        assert!(clock.monotonic() <= Duration::from_secs(2 * 320), "{bad:?}");
    }
}

#[tokio::test]
async fn a_host_has_the_times_of_the_call_and_after_output_its_silence_ends_it() {
    let clock = VirtualAmbient::new(1);
    let mut options = CallOptions::new();
    options.timeouts.first_byte = Some(Duration::from_secs(20));
    options.timeouts.idle = Some(Duration::from_secs(40));
    for (bad, took, code, answered) in [
        (Bad::HangsAtOnce, 20, "first_event", true),
        (Bad::HangsLater, 40, "idle", true),
        (Bad::HangsInOutput, 40, "idle", false),
    ] {
        let began = clock.monotonic();
        let good = Arc::new(ScriptedProvider::new("good").text("fine"));
        let builder =
            Chain::builder().candidate(host(bad)).candidate(Candidate::new("good/m".parse().unwrap(), good.clone()));
        let chain = chain(builder, &clock);
        let request = hello();
        let events = with_moving_clock(run_with(&chain, &request, &options), &clock, Duration::from_secs(5)).await;
        assert_eq!(clock.monotonic() - began, Duration::from_secs(took), "{bad:?}");
        assert_eq!((end(&events).is_ok(), good.requests().len()), (answered, usize::from(answered)), "{bad:?}");
        if let Err(error) = end(&events) {
            assert_eq!((error.kind(), error.stage(), error.code()), (ErrorKind::Timeout, Stage::Streaming, Some(code)));
        }
    }
}

#[tokio::test]
async fn a_pin_that_leads_nowhere_is_told_and_nobody_else_answers_in_its_place() {
    let clock = VirtualAmbient::new(1);
    let server = Arc::new(TestServer::start().await.unwrap());
    let asked = || codex_candidate(&server, &clock);
    let store = || store([profile("openai-codex:me", "acct", "me")]);
    for of_model in [true, false] {
        let builder = || match of_model {
            true => Chain::builder().candidate(asked().pinned("openai-codex:typo")).store(store()),
            false => Chain::builder().candidate(asked()).pin("openai-codex:typo").store(store()),
        };
        let error = end(&run(&chain(builder(), &clock)).await).unwrap_err();
        assert_eq!((error.kind(), server.request_count()), (ErrorKind::Config, 0));
        let said = error.message();
        assert!(said.contains("openai-codex:typo") && said.contains("it has openai-codex:me"), "{error}");
        assert!(error.attempts().is_empty());
        let events = run(&chain(builder().candidate(text("good/m")), &clock)).await;
        let response = end(&events).unwrap();
        assert_eq!((response.text().as_str(), server.request_count()), ("fine", 0));
        let warning = response.warnings.iter().find(|w| w.code == "candidate_unusable").unwrap();
        assert!(warning.subject.starts_with(MODEL), "{warning:?}");
    }
}

#[tokio::test]
async fn one_model_can_stand_twice_with_two_pins_and_no_profile_is_asked_twice_for_it() {
    let clock = VirtualAmbient::new(1);
    let broken = || Error::new(ErrorKind::ModelNotFound, Stage::Responded, "no such model");
    let asked = Arc::new(ScriptedProvider::new("codex").error(broken()).error(broken()).text("fine"));
    let profiles = Arc::new(std::sync::Mutex::new(Vec::new()));
    let candidate = || {
        let (asked, profiles) = (asked.clone(), profiles.clone());
        Candidate::with_profiles(MODEL.parse().unwrap(), move |profile| {
            profiles.lock().unwrap().push(profile.id.to_string());
            Ok(Arc::new(asked.clone()))
        })
    };
    let store = store(["a", "b", "c"].map(|id| profile(id, id, id)));
    let builder = Chain::builder().candidate(candidate().pinned("a")).candidate(candidate().pinned("b"));
    let builder = builder.candidate(candidate().pinned("a")).candidate(candidate());
    let chain = chain(builder.store(store), &clock);
    assert_eq!(chain.candidates().len(), 3);
    assert!(end(&run(&chain).await).is_ok());
    assert_eq!(*profiles.lock().unwrap(), ["a", "b", "c"]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_no_attempt() {
    let clock = VirtualAmbient::new(1);
    let mut builder = Chain::builder();
    for number in 0..12 {
        let model = format!("acme/m{number}").parse().unwrap();
        builder = builder.candidate(Candidate::unusable(model, Error::config("no provider is called acme")));
    }
    let chain = chain(builder.candidate(text("good/m")), &clock);
    assert_eq!(end(&run(&chain).await).unwrap().text(), "fine");
}

#[tokio::test]
async fn without_a_profile_the_key_of_the_environment_is_asked_and_with_one_it_is_not() {
    let clock = VirtualAmbient::new(1);
    let server = Arc::new(TestServer::start().await.unwrap());
    let keyed = Arc::new(ScriptedProvider::new("keyed").text("by the key"));
    let candidate = || codex_candidate(&server, &clock).or_without_profile(keyed.clone());
    let empty = Arc::new(MemoryStore::default());
    let events = run(&chain(Chain::builder().candidate(candidate()).store(empty), &clock)).await;
    let response = end(&events).unwrap();
    assert_eq!((response.text().as_str(), response.head.profile.as_deref()), ("by the key", None));
    let full = store([profile("openai-codex:me", "acct", "me")]);
    let events = run(&chain(Chain::builder().candidate(candidate()).store(full), &clock)).await;
    assert_eq!(end(&events).unwrap().head.profile.as_deref(), Some("openai-codex:me"));
    assert_eq!(server.request_count(), 1);
}

#[tokio::test]
async fn after_output_nothing_is_repeated_whatever_the_host_says() {
    let clock = VirtualAmbient::new(1);
    let chain = chain(Chain::builder().candidate(host(Bad::RepeatsItself)).candidate(text("good/m")), &clock);
    let events = run(&chain).await;
    let error = end(&events).unwrap_err();
    assert_eq!((error.kind(), error.stage()), (ErrorKind::Overloaded, Stage::Streaming));
    assert!(moves(&events).is_empty());
    assert_eq!(events.len(), 3);
}

#[tokio::test]
async fn the_callers_own_limit_ends_the_whole_call() {
    let clock = VirtualAmbient::new(1);
    let chain = chain(Chain::builder().candidate(host(Bad::HangsLater)).candidate(text("good/m")), &clock);
    let mut options = CallOptions::new();
    options.timeouts = CallTimeouts::with_total(Duration::from_secs(30));
    let request = hello();
    let events = with_moving_clock(run_with(&chain, &request, &options), &clock, Duration::from_secs(10)).await;
    let error = end(&events).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("total")));
    assert_eq!(clock.monotonic(), Duration::from_secs(30));
}

/// A store that cannot be written, or not even read.
#[derive(Debug)]
struct Broken {
    inner: Arc<MemoryStore>,
    readable: bool,
}

#[async_trait]
impl CredentialStore for Broken {
    async fn load(&self) -> Result<Profiles> {
        match self.readable {
            true => self.inner.load().await,
            false => Err(Error::new(ErrorKind::Store, Stage::NotSent, "the store cannot be read")),
        }
    }
    async fn update(&self, _: &mut Change<'_>) -> Result<Profiles> {
        Err(Error::new(ErrorKind::Store, Stage::NotSent, "the disk is full"))
    }
    async fn lock_refresh(&self, profile: &Profile) -> Result<RefreshLock> {
        self.inner.lock_refresh(profile).await
    }
    fn place(&self) -> String {
        "broken".to_owned()
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_a_warning_and_one_that_cannot_be_read_costs_its_candidates() {
    let clock = VirtualAmbient::new(1);
    let server = Arc::new(TestServer::start().await.unwrap());
    let with = |readable| {
        let inner = store([profile("openai-codex:me", "acct", "me")]);
        let store = Arc::new(Broken { inner, readable });
        chain(
            Chain::builder().candidate(codex_candidate(&server, &clock)).candidate(text("good/m")).store(store),
            &clock,
        )
    };
    let events = run(&with(true)).await;
    let response = end(&events).unwrap();
    assert_eq!(response.provider, "openai-codex");
    let warning = response.warnings.iter().find(|w| w.code == "profile_state_not_kept").unwrap();
    assert!(warning.message.contains("the disk is full"));
    let events = run(&with(false)).await;
    let response = end(&events).unwrap();
    assert_eq!(response.text(), "fine");
    assert!(response.warnings.iter().any(|w| w.message == "the store cannot be read"));
}

/// A store that stops to answer: to changes, or to every question but the first.
#[derive(Debug)]
struct Stuck {
    inner: Arc<MemoryStore>,
    reads: bool,
    asked: std::sync::atomic::AtomicUsize,
}

#[async_trait]
impl CredentialStore for Stuck {
    async fn load(&self) -> Result<Profiles> {
        if self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0 && !self.reads {
            std::future::pending::<()>().await;
        }
        self.inner.load().await
    }
    async fn update(&self, _: &mut Change<'_>) -> Result<Profiles> {
        std::future::pending().await
    }
    async fn lock_refresh(&self, profile: &Profile) -> Result<RefreshLock> {
        self.inner.lock_refresh(profile).await
    }
    fn place(&self) -> String {
        "stuck".to_owned()
    }
}

#[tokio::test]
async fn a_store_that_is_locked_costs_no_answer() {
    for (fails, reads, most) in [(false, true, 2), (true, true, 10), (true, false, 10)] {
        let clock = VirtualAmbient::new(1);
        let refused = || Error::new(ErrorKind::AuthInvalid, Stage::Responded, "no");
        let first = ScriptedProvider::new("first");
        let first = Arc::new(if fails { first.error(refused()) } else { first.text("at once") });
        let candidate = Candidate::with_profiles(MODEL.parse().unwrap(), move |_| Ok(Arc::new(first.clone())));
        let inner = store([profile("openai-codex:me", "acct", "me")]);
        let store = Arc::new(Stuck { inner, reads, asked: Default::default() });
        let chain = chain(Chain::builder().candidate(candidate).store(store).candidate(text("good/m")), &clock);
        let mut options = CallOptions::new();
        // The limit of the call is for the answer, and the answer is there.
        options.timeouts.total = (!fails).then(|| Duration::from_secs(1));
        let request = hello();
        let events = with_moving_clock(run_with(&chain, &request, &options), &clock, Duration::from_millis(500)).await;
        let response = end(&events).unwrap();
        assert_eq!(response.text(), if fails { "fine" } else { "at once" });
        assert!(response.warnings.iter().any(|w| w.code == "profile_state_not_kept"), "{response:?}");
        assert_eq!(clock.monotonic(), Duration::from_secs(most));
    }
}

#[tokio::test]
async fn a_rest_in_the_far_future_or_as_text_is_told_and_bounded() {
    let clock = VirtualAmbient::new(1);
    let server = Arc::new(TestServer::start().await.unwrap());
    use secrecy::ExposeSecret;
    let profiles = store([profile("openai-codex:me", "acct", "me")]).load().await.unwrap();
    let mut file: serde_json::Value = serde_json::from_str(profiles.to_text().expose_secret()).unwrap();
    for until in [serde_json::json!(3_000_000_000_000_u64), serde_json::json!("tomorrow")] {
        file["usageStats"] = serde_json::json!({"openai-codex:me": {"cooldownUntil": until, "cooldownReason": "auth"}});
        let read = Profiles::parse(&file.to_string(), None).unwrap();
        let text = until.is_string();
        assert_eq!(read.notes().iter().any(|note| note.reason.contains("cooldownUntil")), text, "{:?}", read.notes());
        let store = Arc::new(MemoryStore::new(read));
        let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).store(store);
        let events = run(&chain(builder, &clock)).await;
        let response = end(&events).unwrap();
        assert_eq!(response.warnings.iter().filter(|w| w.code == "implausible_rest").count(), usize::from(!text));
    }
}
