//! Thousands of seeded sequences of faults, and what must hold in all of them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use openclaw_core::ambient::Ambient;
use openclaw_core::auth::{CredentialStore, MemoryStore, Profile, ProfileId, Profiles, TokenCredential, rest};
use openclaw_core::failover::{Candidate, Chain, Next, decide};
use openclaw_core::testing::VirtualAmbient;
use openclaw_core::testing::conformance::check_events;
use openclaw_core::transport::Endpoint;
use openclaw_core::{
    Advice, CallOptions, Capabilities, Error, ErrorKind, Event, EventStream, Item, Provider, ProviderId, Request,
    Result, Stage,
};

use crate::capture::Capture;

const SECRET: &str = "token-that-nobody-may-see-0123456789";

/// One request that a chain made.
#[derive(Debug, Clone)]
struct Asked {
    candidate: usize,
    profile: Option<ProfileId>,
    at: Duration,
    /// Nothing may follow it in this call.
    last: bool,
}

#[derive(Debug)]
struct World {
    clock: VirtualAmbient,
    log: Mutex<Vec<Asked>>,
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
        Endpoint::parse(&format!("https://host{}.example/responses", self.candidate % 2)).unwrap()
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
        let roll = self.world.below(10);
        let fails_late = roll == 8;
        let answers = roll == 9;
        let last = answers || fails_late || decide(&error, false, Some(&self.endpoint())).next == Next::Stop;
        let (candidate, profile, at) = (self.candidate, self.profile.clone(), self.world.clock.monotonic());
        self.world.log.lock().unwrap().push(Asked { candidate, profile, at, last });
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
            1..=3 => Ok(EventStream::from_events([created, Err(error)])),
            _ => Ok(EventStream::from_events([Err(error)])),
        }
    }
}

fn world(seed: u64) -> (Arc<World>, Arc<MemoryStore>, Chain, Vec<usize>) {
    let world = Arc::new(World { clock: VirtualAmbient::new(seed), log: Mutex::default() });
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
    let chain = builder.store(store.clone()).ambient(Arc::new(world.clock.clone())).build().unwrap();
    (world, store, chain, with_profiles)
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
    let (capture, _guard) = Capture::start();
    for seed in 0..1500 {
        let (world, store, chain, with_profiles) = world(seed);
        for call in 0..3 {
            let name = format!("seed {seed}, call {call}");
            world.log.lock().unwrap().clear();
            let before = store.load().await.unwrap();
            let (began, now) = (world.clock.monotonic(), world.clock.now());
            let stream = chain.stream(&Request::new("").user("hi"), &CallOptions::new()).await.unwrap();
            let events = crate::common::collect(stream).await;
            let log = world.log.lock().unwrap().clone();

            check_events(&events).unwrap_or_else(|why| panic!("{name}: {why}"));
            let outputs = events.iter().filter(|e| matches!(e, Ok(Event::OutputItemAdded { .. }))).count();
            assert!(outputs <= 1, "{name}: output came {outputs} times");
            assert!(log.len() <= 10, "{name}: {} attempts", log.len());
            for (at, asked) in log.iter().enumerate() {
                assert!(!asked.last || at + 1 == log.len(), "{name}: a request after a stop: {log:?}");
                assert!(asked.at - began <= Duration::from_secs(600), "{name}: a request after the time");
            }
            // Who rests by what was known when the call began is asked only when each that did not was asked.
            for (at, asked) in log.iter().enumerate().filter(|(_, asked)| asked.profile.is_some()) {
                let free = free(&before, asked.candidate, now);
                // A rest may end while the call goes on.
                let then = now + (asked.at - began);
                let rested = asked.profile.as_ref().is_some_and(|id| rest(&before.usage(id), "m", then).is_some());
                let unasked = free.iter().find(|id| log[..at].iter().all(|a| a.profile.as_ref() != Some(*id)));
                assert!(!rested || unasked.is_none(), "{name}: {asked:?} rested, {unasked:?} was free: {log:?}");
            }
            assert!(with_profiles.len() <= chain.candidates().len());

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
                    if log.len() > 1 && !log.iter().any(|asked| asked.last) {
                        assert!(error.attempts().len() >= log.len(), "{name}: {error:?}");
                    }
                }
                None => panic!("{name}: no end"),
            }
            requests += log.len();
            world.clock.advance(Duration::from_secs(world.below(200)));
        }
    }
    assert!(
        answers > 300 && errors > 300 && requests > 5_000 && lines > 20_000,
        "{answers} answers, {errors} errors, {requests} requests, {lines} lines"
    );
}

fn events_json(events: &[Result<Event>]) -> Vec<serde_json::Value> {
    let json = |event: &Result<Event>| match event {
        Ok(event) => serde_json::to_value(event).unwrap(),
        Err(error) => error.to_json(),
    };
    events.iter().map(json).collect()
}
