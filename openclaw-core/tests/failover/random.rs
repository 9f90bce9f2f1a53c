//! Thousands of seeded sequences of faults, and what must hold in all of them.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use futures_core::Stream;
use openclaw_core::ambient::Ambient;
use openclaw_core::auth::{CredentialStore, MemoryStore, Profile, ProfileId, Profiles, TokenCredential, rest};
use openclaw_core::failover::{Breakers, Candidate, Chain, ChainLimits, Next, decide};
use openclaw_core::testing::VirtualAmbient;
use openclaw_core::testing::conformance::check_events;
use openclaw_core::transport::Endpoint;
use openclaw_core::{
    Advice, CallOptions, Capabilities, Error, ErrorKind, Event, EventStream, Item, Provider, ProviderId, Request,
    Result, Stage,
};

use crate::capture::Capture;

use crate::common::{collect, with_moving_clock};

const SECRET: &str = "token-that-nobody-may-see-0123456789";

/// One request that a chain made.
#[derive(Debug, Clone)]
struct Asked {
    candidate: usize,
    profile: Option<ProfileId>,
    at: Duration,
    /// Which of the two hosts let nobody through then.
    shut: [bool; 2],
    /// How it fails, unless it answers.
    kind: ErrorKind,
    /// Nothing may follow it in this call.
    last: bool,
}

#[derive(Debug)]
struct World {
    clock: VirtualAmbient,
    breakers: Breakers,
    log: Mutex<Vec<Asked>>,
}

/// Candidates share two hosts.
fn endpoint(candidate: usize) -> Endpoint {
    Endpoint::parse(&format!("https://host{}.example/responses", candidate % 2)).unwrap()
}

impl World {
    fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.clock.random(&mut bytes);
        u64::from_le_bytes(bytes) % end
    }
}

/// Fails in any way, and sometimes answers.
#[derive(Debug)]
struct Dice {
    world: Arc<World>,
    id: ProviderId,
    candidate: usize,
    profile: Option<ProfileId>,
}

impl Dice {
    fn endpoint(&self) -> Endpoint {
        endpoint(self.candidate)
    }

    fn error(&self) -> Error {
        let roll = |end| self.world.below(end);
        let kind = ErrorKind::ALL[roll(ErrorKind::ALL.len() as u64) as usize];
        let stage = Stage::ALL[roll(3) as usize];
        let whose = self.profile.as_ref().map(ProfileId::as_str).unwrap_or_default();
        let mut error = Error::new(kind, stage, format!("a fault of the dice: {whose}"));
        if roll(3) == 0 {
            error = error.with_body_preview(&format!(r#"{{"access_token":"{SECRET}","who":"{whose}"}}"#));
        }
        if roll(3) == 0 {
            error = error.with_advice(Advice::ALL[roll(Advice::ALL.len() as u64) as usize]);
        }
        if roll(3) == 0 {
            error = error.with_retry_after(Duration::from_millis(1 << roll(20)));
        }
        if roll(4) == 0 {
            error = error.with_code(["deactivated_workspace", "workspace_member_limit", "x"][roll(3) as usize]);
        }
        if roll(5) == 0 {
            error = error.with_url("https://auth.example/token");
        } else {
            error = error.with_url(self.endpoint().as_str());
        }
        if roll(6) == 0 {
            error = error.with_resets_at(self.world.clock.now() + Duration::from_secs(1 << roll(24)));
        }
        error
    }
}

#[async_trait]
impl Provider for Dice {
    fn id(&self) -> &ProviderId {
        &self.id
    }
    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }
    fn inference_endpoint(&self) -> Option<Endpoint> {
        Some(self.endpoint())
    }
    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        assert_eq!(options.retry.map(|retry| retry.max_retries), Some(0), "the chain alone repeats");
        let error = self.error();
        let output = || {
            let item = || Box::new(Item::assistant("out"));
            let added = Ok(Event::OutputItemAdded { output_index: 0, item: item() });
            [added, Ok(Event::OutputItemDone { output_index: 0, item: item() })]
        };
        let roll = self.world.below(13);
        let fails_late = matches!(roll, 8 | 12);
        let answers = roll == 9;
        let hangs_or_panics = matches!(roll, 10 | 11);
        let last = answers
            || fails_late
            || !hangs_or_panics && decide(&error, false, Some(&self.endpoint())).next == Next::Stop;
        let (candidate, profile, at) = (self.candidate, self.profile.clone(), self.world.clock.monotonic());
        let shut = [0, 1].map(|host| self.world.breakers.is_open(&endpoint(host), at));
        let kind = match roll {
            10 | 12 => ErrorKind::Timeout,
            11 => ErrorKind::Unknown,
            _ => error.kind(),
        };
        self.world.log.lock().unwrap().push(Asked { candidate, profile, at, shut, kind, last });
        self.world.clock.advance(Duration::from_millis(self.world.below(3000)));
        let created = Ok(Event::Created { id: "resp".into(), model: request.model.clone() });
        match roll {
            0 => Err(error),
            9 => {
                let response = serde_json::json!({"id": "resp", "provider": "dice", "model": "m",
                    "finish_reason": "stop", "items": [Item::assistant("out")]});
                let response = serde_json::from_value(response).unwrap();
                let end = [Ok(Event::Completed(Box::new(response)))];
                Ok(EventStream::from_events([created].into_iter().chain(output()).chain(end)))
            }
            8 => Ok(EventStream::from_events([created].into_iter().chain(output()).chain([Err(error)]))),
            // Now and then it says something before it hangs.
            10 => {
                let said = (self.world.below(2) == 0).then_some(created);
                Ok(EventStream::new(Hangs(said.into_iter().collect())))
            }
            11 => panic!("{PANIC}"),
            12 => Ok(EventStream::new(Hangs([created].into_iter().chain(output().into_iter().take(1)).collect()))),
            1..=3 => Ok(EventStream::from_events([created, Err(error)])),
            _ => Ok(EventStream::from_events([Err(error)])),
        }
    }
}

/// Gives these, and then nothing for ever.
struct Hangs(VecDeque<Result<Event>>);

impl Stream for Hangs {
    type Item = Result<Event>;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.pop_front().map_or(Poll::Pending, |event| Poll::Ready(Some(event)))
    }
}

const PANIC: &str = "a panic of the dice";

/// What the dice do on purpose is not printed a thousand times.
fn hide_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<&str>().copied();
        let said = said.or(panic.payload().downcast_ref::<String>().map(String::as_str));
        if said != Some(PANIC) {
            usual(panic);
        }
    }));
}

/// A call with what bounds it, and the profile that may be asked alone.
struct Setup {
    world: Arc<World>,
    store: Arc<MemoryStore>,
    chain: Chain,
    with_profiles: Vec<usize>,
    pinned: Option<ProfileId>,
    limit: Duration,
    session: Option<String>,
}

fn world(seed: u64) -> Setup {
    let world = World { clock: VirtualAmbient::new(seed), breakers: Breakers::new(), log: Mutex::default() };
    let world = Arc::new(world);
    let mut profiles = Profiles::default();
    let mut builder = Chain::builder();
    let mut with_profiles = Vec::new();
    for candidate in 0..1 + world.below(4) as usize {
        let provider = format!("p{candidate}");
        let model = format!("{provider}/m").parse().unwrap();
        let make = {
            let (world, id) = (world.clone(), ProviderId::new(&provider));
            move |profile: Option<ProfileId>| Dice { world: world.clone(), id: id.clone(), candidate, profile }
        };
        if world.below(3) == 0 {
            builder = builder.candidate(Candidate::new(model, make(None)));
            continue;
        }
        with_profiles.push(candidate);
        for number in 0..1 + world.below(4) {
            let mut credential = TokenCredential::new(SECRET);
            credential.expires = None;
            let id = format!("{provider}:somebody{number}@example.invalid");
            profiles.put(Profile::new(id, ProviderId::new(&provider), credential));
        }
        builder = builder.candidate(Candidate::with_profiles(model, move |p| Ok(Arc::new(make(Some(p.id.clone()))))));
    }
    let store = Arc::new(MemoryStore::new(profiles));
    let pinned =
        (world.below(5) == 0).then(|| with_profiles.first().map(|c| format!("p{c}:somebody0@example.invalid")));
    let pinned = pinned.flatten().map(ProfileId::from);
    if let Some(pinned) = &pinned {
        builder = builder.pin(pinned.clone());
    }
    let mut limits = ChainLimits::default();
    limits.time = Duration::from_secs([600, 90, 20][world.below(3) as usize]);
    builder = builder.limits(limits).breakers(world.breakers.clone());
    let chain = builder.store(store.clone()).ambient(Arc::new(world.clock.clone())).build().unwrap();
    let session = (world.below(2) == 0).then(|| format!("session {seed}"));
    Setup { world, store, chain, with_profiles, pinned, limit: limits.time, session }
}

/// The events of a call. The clock is moved while it waits for something that does not come.
async fn ask(setup: &Setup) -> Vec<Result<Event>> {
    let mut request = Request::new("").user("hi");
    request.session_id.clone_from(&setup.session);
    let stream = setup.chain.stream(&request, &CallOptions::new()).await.unwrap();
    with_moving_clock(collect(stream), &setup.world.clock, Duration::from_secs(1)).await
}

/// The profiles of a candidate that do not rest.
fn free(profiles: &Profiles, candidate: usize, now: SystemTime) -> Vec<ProfileId> {
    let provider = format!("p{candidate}");
    let of = profiles.iter().filter(|p| p.provider.as_str() == provider);
    of.filter(|p| rest(&profiles.usage(&p.id), "m", now).is_none()).map(|p| p.id.clone()).collect()
}

#[tokio::test]
async fn whatever_happens_the_rules_hold() {
    let (mut answers, mut errors, mut requests, mut lines) = (0, 0, 0, 0);
    let (mut late, mut faithful) = (0, 0);
    let (capture, _guard) = Capture::start();
    hide_panics();
    for seed in 0..1500 {
        let setup = world(seed);
        let Setup { world, store, chain, with_profiles, pinned, limit, session } = &setup;
        // By candidate, the profile that answered the session last.
        let mut answered = BTreeMap::new();
        let allowed = |mut profiles: Vec<ProfileId>, candidate: usize| {
            let pin = pinned.as_ref().filter(|_| with_profiles.first() == Some(&candidate));
            profiles.retain(|id| pin.is_none_or(|pin| id == pin));
            profiles
        };
        for call in 0..3 {
            let name = format!("seed {seed}, call {call}");
            world.log.lock().unwrap().clear();
            let before = store.load().await.unwrap();
            let (began, now) = (world.clock.monotonic(), world.clock.now());
            let events = ask(&setup).await;
            let took = world.clock.monotonic() - began;
            let log = world.log.lock().unwrap().clone();

            check_events(&events).unwrap_or_else(|why| panic!("{name}: {why}"));
            let outputs = events.iter().filter(|e| matches!(e, Ok(Event::OutputItemAdded { .. }))).count();
            assert!(outputs <= 1, "{name}: output came {outputs} times");
            assert!(log.len() <= 10, "{name}: {} attempts", log.len());
            for (at, asked) in log.iter().enumerate() {
                assert!(!asked.last || at + 1 == log.len(), "{name}: a request after a stop: {log:?}");
                assert!(asked.at - began <= *limit, "{name}: a request after the time");
                let pin = pinned.as_ref().filter(|_| with_profiles.first() == Some(&asked.candidate));
                assert!(pin.is_none_or(|pin| asked.profile.as_ref() == Some(pin)), "{name}: {asked:?} is not pinned");
            }
            // A request takes up to 3 s at once, and the clock goes by seconds. Output has no limit but that of silence.
            let slack = if log.last().is_some_and(|asked| asked.last) { 304 } else { 4 };
            assert!(took <= *limit + Duration::from_secs(slack), "{name}: {took:?}");
            late += usize::from(took >= *limit);
            // Who rests by what was known when the call began is asked only when each that did not was asked.
            for (at, asked) in log.iter().enumerate().filter(|(_, asked)| asked.profile.is_some()) {
                let free = allowed(free(&before, asked.candidate, now), asked.candidate);
                // A rest may end while the call goes on.
                let then = now + (asked.at - began);
                let rested = asked.profile.as_ref().is_some_and(|id| rest(&before.usage(id), "m", then).is_some());
                let unasked = free.iter().find(|id| log[..at].iter().all(|a| a.profile.as_ref() != Some(*id)));
                assert!(!rested || unasked.is_none(), "{name}: {asked:?} rested, {unasked:?} was free: {log:?}");
            }
            // And only when no other candidate is free, of those that were not asked.
            for (at, asked) in log.iter().enumerate().filter(|(_, asked)| asked.profile.is_some()) {
                let then = now + (asked.at - began);
                if asked.profile.as_ref().is_none_or(|id| rest(&before.usage(id), "m", then).is_none()) {
                    continue;
                }
                let other = (0..chain.candidates().len()).find(|other| {
                    let asked_before = log[..=at].iter().any(|a| a.candidate == *other);
                    let of = allowed(free(&before, *other, then), *other);
                    !asked_before && !asked.shut[other % 2] && (!of.is_empty() || !with_profiles.contains(other))
                });
                assert!(other.is_none(), "{name}: {asked:?} rested, candidate {other:?} was free: {log:?}");
            }
            if session.is_some() {
                for (candidate, profile) in &answered {
                    let first = log.iter().find(|asked| asked.candidate == *candidate);
                    if let Some(first) =
                        first.filter(|first| free(&before, *candidate, now + (first.at - began)).contains(profile))
                    {
                        assert_eq!(first.profile.as_ref(), Some(profile), "{name}: another profile of the session");
                        faithful += 1;
                    }
                }
                if let (Some(Ok(_)), Some(Asked { candidate, profile: Some(profile), .. })) =
                    (events.last(), log.last())
                {
                    answered.insert(*candidate, profile.clone());
                }
            }

            let shown = format!("{events:?} {} {chain:?}", serde_json::to_string(&events_json(&events)).unwrap());
            assert!(!shown.contains(SECRET), "{name}: a secret shows");
            for line in capture.lines() {
                assert!(!line.contains(SECRET) && !line.contains("somebody"), "{name}: a log line shows it: {line}");
                lines += 1;
            }
            let ends = capture.named("embedded_run_agent_end").len();
            let failed = capture.named("embedded_run_failover_decision").len();
            let wrong = log.len() - usize::from(events.last().is_some_and(Result::is_ok));
            assert_eq!((ends, failed), (1, wrong), "{name}: {:?}", capture.lines());
            capture.clear();
            match events.last() {
                Some(Ok(_)) => answers += 1,
                Some(Err(error)) => {
                    errors += 1;
                    let told: Vec<ErrorKind> = error.attempts().iter().map(|attempt| attempt.kind).collect();
                    let kinds: Vec<ErrorKind> = log.iter().map(|asked| asked.kind).collect();
                    assert_eq!(told, kinds, "{name}: {error:?}");
                    // What stops the call is its error; else the primary's last attempt is.
                    let cause = match log.last().filter(|asked| asked.last) {
                        Some(last) => Some(last),
                        None => log.iter().rfind(|asked| asked.candidate == 0),
                    };
                    assert!(cause.is_none_or(|cause| cause.kind == error.kind()), "{name}: {error:?}, {log:?}");
                }
                None => panic!("{name}: no end"),
            }
            requests += log.len();
            world.clock.advance(Duration::from_secs(world.below(200)));
        }
    }
    assert!(
        answers > 300 && errors > 300 && requests > 5_000 && lines > 20_000 && late > 50 && faithful > 50,
        "{answers} answers, {errors} errors, {requests} requests, {lines} lines, {late} late, {faithful} of a session"
    );
}

fn events_json(events: &[Result<Event>]) -> Vec<serde_json::Value> {
    let json = |event: &Result<Event>| match event {
        Ok(event) => serde_json::to_value(event).unwrap(),
        Err(error) => error.to_json(),
    };
    events.iter().map(json).collect()
}
