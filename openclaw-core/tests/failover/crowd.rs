//! A thousand calls at once through one chain.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use futures_core::Stream;
use openclaw_core::auth::oauth::TokenResponse;
use openclaw_core::auth::{CredentialStore, MemoryStore, OAuthCredential, Profile, ProfileTokens, TokenRefresher};
use openclaw_core::failover::{Candidate, Chain};
use openclaw_core::testing::{ForgedToken, VirtualAmbient, forged_token};
use openclaw_core::transport::{Chunk, Endpoint, Headers, HttpRequest, HttpResponse, Transport};
use openclaw_core::{
    CallOptions, Capabilities, CodexProvider, Error, ErrorKind, Event, EventStream, Provider, ProviderId, Request,
    Response, Result, Stage,
};

use crate::common::{codex_id, profile, store};

const CROWD: usize = 1000;

/// A backend that can be switched off; it counts what it is asked.
#[derive(Debug, Default)]
struct Backend {
    down: AtomicBool,
    asked: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    made: AtomicUsize,
}

#[derive(Debug)]
struct Flapping(Arc<Backend>, ProviderId, &'static str);

/// Answers after some turns of the loop.
struct Turns {
    backend: Arc<Backend>,
    turns: usize,
    response: Option<Box<Response>>,
}

impl Stream for Turns {
    type Item = Result<Event>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.turns > 0 {
            self.turns -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.backend.down.load(Ordering::Relaxed) {
            return Poll::Ready(Some(Err(Error::new(ErrorKind::EdgeBlocked, Stage::Responded, "blocked"))));
        }
        Poll::Ready(self.response.take().map(|response| Ok(Event::Completed(response))))
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        self.backend.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl Provider for Flapping {
    fn id(&self) -> &ProviderId {
        &self.1
    }
    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }
    fn inference_endpoint(&self) -> Option<Endpoint> {
        Endpoint::parse(self.2)
    }
    async fn stream(&self, _: &Request, _: &CallOptions) -> Result<EventStream> {
        let number = self.0.asked.fetch_add(1, Ordering::Relaxed);
        let open = self.0.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.most_open.fetch_max(open, Ordering::Relaxed);
        let response =
            serde_json::json!({"id": "r", "provider": self.1, "model": "m", "finish_reason": "stop", "items": []});
        let response = Some(Box::new(serde_json::from_value(response).unwrap()));
        Ok(EventStream::new(Turns { backend: self.0.clone(), turns: 3 + number % 17, response }))
    }
}

struct Crowd {
    primary: Arc<Backend>,
    fallback: Arc<Backend>,
    clock: VirtualAmbient,
    store: Arc<MemoryStore>,
    chain: Chain,
}

fn crowd(with_fallback: bool) -> Crowd {
    let (primary, fallback) = (Arc::new(Backend::default()), Arc::new(Backend::default()));
    let clock = VirtualAmbient::new(9);
    let store = store([profile("openai-codex:a", "acct-1", "a"), profile("openai-codex:b", "acct-2", "b")]);
    let backend = primary.clone();
    let first = Candidate::with_profiles("openai-codex/m".parse().unwrap(), move |_| {
        backend.made.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Flapping(backend.clone(), codex_id(), "https://a.example/responses")))
    });
    let mut builder = Chain::builder().candidate(first).store(store.clone()).ambient(Arc::new(clock.clone()));
    if with_fallback {
        let second = Flapping(fallback.clone(), ProviderId::new("b"), "https://b.example/responses");
        builder = builder.candidate(Candidate::new("b/m".parse().unwrap(), second));
    }
    Crowd { primary, fallback, clock, store, chain: builder.build().unwrap() }
}

/// All calls at once; how many were answered.
async fn wave(chain: &Chain) -> usize {
    wave_of(chain, CROWD).await
}

async fn wave_of(chain: &Chain, calls: usize) -> usize {
    let calls: Vec<_> = (0..calls)
        .map(|_| {
            let chain = chain.clone();
            tokio::spawn(async move { chain.complete(&Request::new("").user("hi"), &CallOptions::new()).await.is_ok() })
        })
        .collect();
    let mut answered = 0;
    for call in calls {
        let call = tokio::time::timeout(Duration::from_secs(60), call).await;
        answered += usize::from(call.expect("a call hangs").unwrap());
    }
    answered
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_primary_that_flaps_costs_nobody_the_answer() {
    let Crowd { primary, fallback, clock, store, chain } = crowd(true);
    assert_eq!(wave(&chain).await, CROWD);
    assert_eq!(primary.asked.swap(0, Ordering::Relaxed), CROWD);
    // One provider for each profile that was asked, however many calls asked at once; a race may make a few in vain.
    assert!(primary.made.load(Ordering::Relaxed) <= 8, "{primary:?}");
    for round in 0..2 {
        primary.down.store(true, Ordering::Relaxed);
        assert_eq!(wave(&chain).await, CROWD);
        // Whoever had begun before the first refusal came.
        assert!(primary.asked.swap(0, Ordering::Relaxed) <= CROWD);
        assert_eq!(wave(&chain).await, CROWD);
        assert_eq!(primary.asked.load(Ordering::Relaxed), 0, "round {round}: open, and asked");
        clock.advance(Duration::from_secs(61));
        // Half open and still down: one call tries, the others go elsewhere.
        assert_eq!(wave(&chain).await, CROWD);
        assert_eq!(primary.asked.swap(0, Ordering::Relaxed), 1, "round {round}: a stampede on the trial");
        clock.advance(Duration::from_secs(61));
        primary.down.store(false, Ordering::Relaxed);
        assert_eq!(wave(&chain).await, CROWD);
        assert!(primary.asked.swap(0, Ordering::Relaxed) >= 1);
        assert_eq!(wave(&chain).await, CROWD);
        assert_eq!(primary.asked.swap(0, Ordering::Relaxed), CROWD, "round {round}: closed again");
    }
    assert_eq!(primary.open.load(Ordering::Relaxed) + fallback.open.load(Ordering::Relaxed), 0);
    assert!(primary.most_open.load(Ordering::Relaxed) <= CROWD);
    // Whichever of the two answered last: they take turns.
    assert!(store.load().await.unwrap().last_good(&codex_id()).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_nowhere_else_to_go_the_others_wait_for_the_trial() {
    let Crowd { primary, clock, chain, .. } = crowd(false);
    primary.down.store(true, Ordering::Relaxed);
    assert_eq!(wave(&chain).await, 0);
    primary.asked.store(0, Ordering::Relaxed);
    clock.advance(Duration::from_secs(61));
    // It fails: nobody else asks.
    assert_eq!(wave(&chain).await, 0);
    assert_eq!(primary.asked.swap(0, Ordering::Relaxed), 1);
    clock.advance(Duration::from_secs(61));
    // It succeeds: everybody does.
    primary.down.store(false, Ordering::Relaxed);
    assert_eq!(wave(&chain).await, CROWD);
    assert_eq!(primary.asked.load(Ordering::Relaxed), CROWD);
}

#[tokio::test]
async fn a_trial_that_its_caller_forgot_holds_nobody_up() {
    let Crowd { primary, clock, chain, .. } = crowd(false);
    primary.down.store(true, Ordering::Relaxed);
    assert_eq!(wave_of(&chain, 1).await, 0);
    clock.advance(Duration::from_secs(61));
    primary.down.store(false, Ordering::Relaxed);
    primary.asked.store(0, Ordering::Relaxed);
    let mut forgotten = chain.stream(&Request::new("").user("hi"), &CallOptions::new()).await.unwrap();
    while primary.asked.load(Ordering::Relaxed) == 0 {
        std::future::poll_fn(|cx| {
            let _ = Pin::new(&mut forgotten).poll_next(cx);
            Poll::Ready(())
        })
        .await;
    }
    let waiting = tokio::spawn({
        let chain = chain.clone();
        async move { chain.complete(&Request::new("").user("hi"), &CallOptions::new()).await.is_ok() }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished() && primary.asked.load(Ordering::Relaxed) == 1);
    clock.advance(Duration::from_secs(60));
    let answered = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    assert!(answered.expect("it waits for the forgotten one").unwrap());
    assert_eq!(primary.asked.load(Ordering::Relaxed), 2);
    drop(forgotten);
}

/// Its calls, one after the other: refused for 100 s, blocked, held until it is let go, answered.
#[derive(Debug)]
struct Gate {
    calls: AtomicUsize,
    open: Arc<tokio::sync::Notify>,
    good: openclaw_core::testing::ScriptedProvider,
}

#[async_trait]
impl Provider for Gate {
    fn id(&self) -> &ProviderId {
        self.good.id()
    }
    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }
    fn inference_endpoint(&self) -> Option<Endpoint> {
        Endpoint::parse("https://gate.example/responses")
    }
    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        match self.calls.fetch_add(1, Ordering::Relaxed) {
            0 => {
                let error = Error::new(ErrorKind::RateLimited, Stage::Responded, "slow");
                return Err(error.with_retry_after(Duration::from_secs(100)));
            }
            1 => return Err(Error::new(ErrorKind::EdgeBlocked, Stage::Responded, "blocked")),
            2 => self.open.notified().await,
            _ => {}
        }
        self.good.stream(request, options).await
    }
}

#[tokio::test]
async fn a_repeat_that_meets_a_trial_waits_for_its_end() {
    let clock = VirtualAmbient::new(1).manual();
    let open = Arc::new(tokio::sync::Notify::new());
    let good = openclaw_core::testing::ScriptedProvider::new("gate").text("one").text("two");
    let gate = Gate { calls: AtomicUsize::new(0), open: open.clone(), good };
    let mut retry = openclaw_core::transport::RetryPolicy::new();
    retry.budget = Duration::from_secs(300);
    let chain = Chain::builder()
        .candidate(Candidate::new("gate/m".parse().unwrap(), gate))
        .retry(retry)
        .ambient(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let call = |chain: &Chain| {
        let chain = chain.clone();
        tokio::spawn(async move { chain.complete(&Request::new("").user("hi"), &CallOptions::new()).await })
    };
    async fn settle() {
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    let repeated = call(&chain);
    settle().await;
    assert_eq!(call(&chain).await.unwrap().unwrap_err().kind(), ErrorKind::EdgeBlocked);
    clock.advance(Duration::from_secs(61));
    let trial = call(&chain);
    settle().await;
    clock.advance(Duration::from_secs(39));
    settle().await;
    assert!(!repeated.is_finished() && !trial.is_finished());
    open.notify_one();
    assert_eq!(trial.await.unwrap().unwrap().text(), "one");
    assert_eq!(repeated.await.unwrap().unwrap().text(), "two");
}

/// Counts how often it is asked, and takes its time.
#[derive(Debug)]
struct Refresher(AtomicUsize, String);

#[async_trait]
impl TokenRefresher for Refresher {
    async fn refresh(&self, _: &Profile) -> Result<TokenResponse> {
        self.0.fetch_add(1, Ordering::Relaxed);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        let mut fresh = TokenResponse::default();
        fresh.access_token = Some(self.1.as_str().into());
        fresh.refresh_token = Some("refresh-secret-0002".into());
        Ok(fresh)
    }
}

/// Answers without a connection: a thousand of them are more than many a machine allows a process. It counts who came with
/// which token.
#[derive(Debug)]
struct Answers {
    token: String,
    fresh: AtomicUsize,
    ended: AtomicUsize,
}

#[async_trait]
impl Transport for Answers {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        const ANSWER: &[u8] = b"data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[]}}\n\n";
        let fresh = request.headers.get("authorization") == Some(format!("Bearer {}", self.token).as_str());
        let count = if fresh { &self.fresh } else { &self.ended };
        count.fetch_add(1, Ordering::Relaxed);
        let mut headers = Headers::new();
        headers.push("content-type", "text/event-stream");
        Ok(HttpResponse::new(200, headers, Box::pin(Once(Some(ANSWER.into())))))
    }
}

/// A body in one piece.
struct Once(Option<Chunk>);

impl Stream for Once {
    type Item = Result<Chunk>;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_that_has_ended_is_refreshed_once_for_everybody() {
    let token = forged_token("acct-1");
    let answers = Arc::new(Answers { token: token.clone(), fresh: AtomicUsize::new(0), ended: AtomicUsize::new(0) });
    let ended = ForgedToken::new("acct-1").expired_for(Duration::from_secs(60)).build();
    let login = OAuthCredential::new(ended, Some("refresh-secret-0001".into()));
    let store = store([Profile::new("openai-codex:a", codex_id(), login)]);
    let refresher = Arc::new(Refresher(AtomicUsize::new(0), token));
    let (transport, logins, asked) = (answers.clone(), store.clone(), refresher.clone());
    let candidate = Candidate::with_profiles("openai-codex/m".parse().unwrap(), move |profile| {
        let tokens = ProfileTokens::new(logins.clone(), profile.id.clone(), asked.clone());
        let builder = CodexProvider::builder().token_source(Arc::new(tokens));
        Ok(Arc::new(builder.transport(transport.clone()).build()?))
    });
    let chain = Chain::builder().candidate(candidate).store(store).build().unwrap();
    assert_eq!(wave(&chain).await, CROWD);
    assert_eq!(refresher.0.load(Ordering::Relaxed), 1);
    let sent = [&answers.fresh, &answers.ended].map(|count| count.load(Ordering::Relaxed));
    assert_eq!(sent, [CROWD, 0], "with the new token, with the old one");
}

/// What a crowd holds at most grows with the crowd and not with time; nothing is left when it is gone.
#[test]
fn memory_is_bounded_however_long_the_primary_flaps() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Crowd { primary, clock, chain, .. } = crowd(true);
    let flap = |round: u32, calls: usize| {
        primary.down.store(round % 2 == 1, Ordering::Relaxed);
        clock.advance(Duration::from_secs(61));
        assert_eq!(runtime.block_on(wave_of(&chain, calls)), calls);
    };
    // What is made once: providers, sessions, queues of the runtime.
    (0..4).for_each(|round| flap(round, CROWD));
    let most = |calls: usize| {
        let of = |round| allocation_counter::measure(|| flap(round, calls)).bytes_max;
        (0..4).map(of).max().unwrap_or_default()
    };
    let (small, large) = (most(CROWD / 10), most(CROWD));
    let each = large / CROWD as u64;
    println!("at most {small} bytes for {} calls, {large} for {CROWD}: {each} each", CROWD / 10);
    assert!(large <= small * 12, "more than in proportion: {small}, {large}");
    assert!(each <= 32 * 1024, "{each} bytes for one call");
    let left = allocation_counter::measure(|| (0..40).for_each(|round| flap(round, CROWD / 10))).bytes_current;
    println!("after 40 waves {left} bytes are left");
    assert!(left <= 64 * 1024, "{left} bytes are left after 40 waves");
}
