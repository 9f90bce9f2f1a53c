use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use super::*;
use crate::auth::{ProfileId, Profiles, UsageStats};
use crate::error::{Edge, EdgeAction, Error, ErrorKind, Stage};
use crate::provider::{ModelRef, ProviderId};

/// The fields of every span and event that it meets, by name.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>);

impl Names {
    fn add(&self, name: &str, of: &Metadata<'_>) {
        let fields = of.fields().iter().map(|field| field.name().to_owned()).filter(|name| name != "message");
        self.0.lock().unwrap().entry(name.to_owned()).or_default().extend(fields);
    }
}

struct EventName(String);

impl Visit for EventName {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "event" {
            self.0 = value.to_owned();
        }
    }
}

impl Subscriber for Names {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        of.target() == TARGET
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.add(span.metadata().name(), span.metadata());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut name = EventName(String::new());
        event.record(&mut name);
        self.add(&name.0, event.metadata());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A subscriber of any thread makes every thread compute its values.
static ALONE: Mutex<()> = Mutex::new(());

fn model() -> ModelRef {
    ModelRef::new("openai-codex", "gpt-5.4")
}

fn response() -> crate::Response {
    let json = serde_json::json!({"id": "r", "provider": "p", "model": "m", "finish_reason": "stop", "items": [],
        "usage": {"input_tokens": 1, "cached_tokens": 0, "cache_write_tokens": 0, "output_tokens": 1,
                  "reasoning_tokens": 0, "total_tokens": 2}});
    serde_json::from_value(json).unwrap()
}

/// Everything that this module can tell, once.
fn tell_all(error: &Error, events: Vec<crate::Result<crate::Event>>) {
    let profile = ProfileId::from("openai-codex:me@example.invalid");
    let spans = [
        CallSpan::chat("openai-codex", "gpt-5.4"),
        CallSpan::fetch("openai"),
        CallSpan::chain(Some(&model()), 2),
        CallSpan::attempt(1, &model(), Some(&profile)),
        CallSpan::refresh(&ProviderId::new("openai-codex"), &profile),
    ];
    for span in &spans {
        span.sends_to("https://chatgpt.com/x");
        span.failed(error);
        span.within(|| ());
    }
    let mut decisions = Decisions::start(Run::next(), [(0, &model())].into_iter());
    decisions.knows(&Profiles::default());
    decisions.failed(0, Some(&profile), error, Some("auth"));
    decisions.asks(Asked { candidate: 0, profile: Some(&profile), probes: true });
    decisions.failed(0, None, error, None);
    decisions.skips(0, error);
    decisions.ends();
    decisions.succeeded(0);
    let stats = UsageStats::default();
    failure_state_updated(Some(Run::next()), &profile, &model().provider, None, "billing", &stats, &stats);
    for event in events {
        let end = event.is_err();
        let stream = futures(event);
        let mut watched = watch(stream, CallSpan::chat("p", "m"), Some(Run::next()));
        let waker = std::task::Waker::noop();
        let polled = std::pin::Pin::new(&mut watched).poll_next_once(waker);
        assert_eq!(polled.is_err(), end);
    }
}

/// A stream of one item that allocates nothing itself.
fn futures(item: crate::Result<crate::Event>) -> One {
    One(Some(item))
}

struct One(Option<crate::Result<crate::Event>>);

impl futures_core::Stream for One {
    type Item = crate::Result<crate::Event>;
    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.take())
    }
}

trait Once {
    fn poll_next_once(self, waker: &std::task::Waker) -> crate::Result<()>;
}

impl Once for std::pin::Pin<&mut crate::EventStream> {
    fn poll_next_once(self, waker: &std::task::Waker) -> crate::Result<()> {
        use futures_core::Stream;
        match self.poll_next(&mut std::task::Context::from_waker(waker)) {
            std::task::Poll::Ready(Some(item)) => item.map(drop),
            _ => Ok(()),
        }
    }
}

fn blocked() -> Error {
    Error::new(ErrorKind::EdgeBlocked, Stage::Responded, "blocked").with_url("https://chatgpt.com/backend-api/x")
}

#[test]
fn the_documentation_lists_every_span_event_and_field() {
    let _alone = ALONE.lock();
    // With one subscriber only, `tracing` takes the first thread that comes to a place for all threads.
    let _second = tracing::Dispatch::new(Names::default());
    let names = Names::default();
    let ends = || vec![Ok(crate::Event::Completed(Box::new(response()))), Err(blocked())];
    tracing::subscriber::with_default(names.clone(), || tell_all(&blocked(), ends()));
    let told = names.0.lock().unwrap().clone();
    let (mut shown, mut at) = (BTreeMap::<String, BTreeSet<String>>::new(), None);
    for line in include_str!("../../../docs/observability.md").lines() {
        if line.starts_with('#') {
            at = line.strip_prefix("### `").and_then(|rest| rest.strip_suffix('`')).map(str::to_owned);
        } else if let (Some(at), Some(row)) = (&at, line.strip_prefix("| `")) {
            let fields = shown.entry(at.clone()).or_default();
            let first = row.split(" | ").next().unwrap();
            fields.extend(
                first.split('`').step_by(2).filter(|f| !f.trim_matches([',', ' ']).is_empty()).map(str::to_owned),
            );
        }
    }
    assert_eq!(told, shown, "left: what is told, right: what docs/observability.md shows");
}

#[test]
fn without_a_subscriber_nothing_is_allocated() {
    let _alone = ALONE.lock();
    // A subscriber that is gone is remembered until somebody asks.
    tracing::callsite::rebuild_interest_cache();
    let error = blocked();
    // Each place in the code is registered once, by whoever comes first.
    tell_all(&error, Vec::new());
    let counted = allocation_counter::measure(|| {
        let profile = ProfileId::from("openai-codex:me@example.invalid");
        std::mem::forget(profile);
    });
    assert_eq!(counted.count_total, 1, "the counter counts");
    let (profile, model, stats) = (ProfileId::from("a:b"), model(), UsageStats::default());
    let (provider, profiles) = (ProviderId::new("p"), Profiles::default());
    let counted = allocation_counter::measure(|| {
        for span in [
            CallSpan::chat("openai-codex", "gpt-5.4"),
            CallSpan::fetch("openai"),
            CallSpan::chain(Some(&model), 2),
            CallSpan::attempt(1, &model, Some(&profile)),
            CallSpan::refresh(&provider, &profile),
        ] {
            span.sends_to("https://chatgpt.com/x");
            span.failed(&error);
            span.clone().within(|| ());
        }
        let mut decisions = Decisions::start(Run::next(), [(0, &model)].into_iter());
        decisions.knows(&profiles);
        decisions.failed(0, Some(&profile), &error, Some("auth"));
        decisions.asks(Asked { candidate: 0, profile: Some(&profile), probes: true });
        decisions.skips(0, &error);
        decisions.ends();
        decisions.succeeded(0);
        failure_state_updated(Some(Run::next()), &profile, &provider, None, "auth", &stats, &stats);
    });
    assert_eq!(counted.count_total, 0);
    // A stream is boxed once, watched or not.
    let counted = allocation_counter::measure(|| {
        drop(watch(futures(Ok(created())), CallSpan::chat("p", "m"), Some(Run::next())))
    });
    let plain = allocation_counter::measure(|| drop(crate::EventStream::new(futures(Ok(created())))));
    assert_eq!((counted.count_total, counted.bytes_total), (plain.count_total, plain.bytes_total));
}

fn created() -> crate::Event {
    crate::Event::Created { id: String::new(), model: String::new() }
}

#[test]
fn people_and_secrets_are_hidden_and_facts_stay() {
    let error = Error::new(
        ErrorKind::AuthInvalid,
        Stage::NotSent,
        "openai-codex/gpt-5.4 was not asked: profile openai-codex:work rests (auth), as does openai-codex:me@example.com, \
         mail to <you@example.org>; Authorization: Bearer abc.def12345",
    )
    .with_profile("openai-codex:work");
    let text = error_text(&error);
    let work = ProfileId::from("openai-codex:work").hashed();
    let me = ProfileId::from("openai-codex:me@example.com").hashed();
    assert!(text.contains(&work) && text.contains(&me), "{text}");
    for gone in ["openai-codex:work", "me@", "you@", "abc.def"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    assert!(text.starts_with("openai-codex/gpt-5.4 was not asked: profile "), "{text}");
}

#[test]
fn ids_that_begin_or_hold_one_another_are_hidden_once() {
    let ids = ["", "a", "sha256:", "openai-codex:work", "openai-codex:work-alice"];
    let told = "openai-codex:work-alice rests, openai-codex:work was refused";
    let names = ids.iter().cycle().take(50).map(|id| (*id).to_owned());
    let error = Error::new(ErrorKind::AuthInvalid, Stage::NotSent, told).with_names(names);
    let text = error_text(&error);
    let hash = |id: &str| ProfileId::from(id).hashed();
    assert!(text.starts_with(&format!("{} rests", hash(ids[4]))), "{text}");
    assert!(text.contains(&hash(ids[3])) && !text.contains("alice"), "{text}");
    assert!(text.len() < 20 * told.len(), "{} bytes", text.len());
}

#[test]
fn a_time_of_the_store_is_told_as_it_is_written() {
    let stats = UsageStats {
        cooldown_until: Some(UNIX_EPOCH + Duration::from_millis(1_700_000_000_123)),
        ..Default::default()
    };
    assert_eq!(health::millis(stats.cooldown_until.unwrap()), Some(1_700_000_000_123));
}

/// A page of a block with what differs from call to call.
fn page(ray: &str, request: &str, time: &str, token: &str, port: u16) -> Error {
    let text = format!(
        "chatgpt.com/backend-api/codex/responses: cloudflare asked for a browser challenge (HTTP 403, Ray ID {ray}); \
         request {request} at {time} from 127.0.0.1:{port} [{token}]"
    );
    let body = format!("Just a moment... Enable JavaScript and cookies to continue. {token} Ray ID: {ray} {time}");
    let edge = Edge { vendor: "cloudflare".to_owned(), action: EdgeAction::Challenge, code: None };
    Error::new(ErrorKind::EdgeBlocked, Stage::Responded, text)
        .with_http_status(403)
        .with_edge(edge)
        .with_cf_ray(ray)
        .with_request_id(request)
        .with_body_preview(&body)
}

const RAY: &str = "[0-9a-f]{14}[0-9][0-9a-f]-(FRA|AMS|SJC)";
const ID: &str = "req_[A-Za-z0-9]{12}[0-9]|[0-9a-f]{7}1-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}";
const TIME: &str = "2026-(0[1-9]|1[0-2])-[0-2][1-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z|(Mon|Tue|Sun), [0-2][1-9] (Jan|Nov|May) 2026 [01][0-9]:[0-5][0-9]:[0-5][0-9] GMT";
const TOKEN: &str = "[A-Za-z0-9_.=-]{20,60}1";

#[test]
fn a_token_that_reads_like_a_name_and_its_value_is_a_token() {
    let hash =
        |token| error_hash(&page("0a0a0000aa00a000-FRA", "req_0a000AAa0aaa0", "2026-01-01T00:00:00Z", token, 1024));
    assert_eq!(hash("pa_Ss=A0aa00A=Aa-Aa_1"), hash("a-A=Aaa0a=-A=-_aA=0_1"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_faults_have_equal_hashes(
        (ray, id, time, token, port) in (RAY, ID, TIME, TOKEN, 1024..=65535_u16),
        (ray2, id2, time2, token2, port2) in (RAY, ID, TIME, TOKEN, 1024..=65535_u16),
    ) {
        let (one, other) = (page(&ray, &id, &time, &token, port), page(&ray2, &id2, &time2, &token2, port2));
        prop_assert_eq!(error_hash(&one), error_hash(&other), "{} / {}", one, other);
        // Another fault is another hash, however alike the words are.
        let status = one.clone().with_http_status(503);
        let code = one.clone().with_code("rate_limit_exceeded");
        let message = one.clone().with_message("the token expired");
        for fault in [status, code, message] {
            prop_assert_ne!(error_hash(&one), error_hash(&fault));
        }
    }

    #[test]
    fn words_stay_apart(a in "[a-z]{1,15}", b in "[a-z]{1,15}") {
        let fault = |word: &str| Error::new(ErrorKind::Unknown, Stage::Responded, format!("the {word} is bad"));
        prop_assert_eq!(error_hash(&fault(&a)) == error_hash(&fault(&b)), a == b);
    }

    #[test]
    fn any_text_can_be_hashed(text in any::<String>()) {
        let error = Error::new(ErrorKind::Unknown, Stage::Responded, text);
        prop_assert_eq!(error_hash(&error), error_hash(&error.clone()));
    }
}
