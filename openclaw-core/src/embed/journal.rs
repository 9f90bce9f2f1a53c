//! What was told of calls, kept until the host asks for it: a worker thread never calls into the host's language.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Subscriber};

use super::per_process::PerProcess;
use crate::observe::{JSON_FIELDS, TARGET};

/// So many lines are kept; the oldest go first.
const MOST: usize = 1024;

/// One event: see [`observe`](crate::observe).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JournalLine {
    /// `ERROR`, `WARN` or `INFO`.
    pub level: &'static str,
    /// In words.
    pub message: String,
    /// The fields, those of [`JSON_FIELDS`](crate::observe::JSON_FIELDS) as what they are.
    pub fields: Map<String, Value>,
}

#[derive(Default)]
struct Kept {
    lines: Mutex<VecDeque<JournalLine>>,
    /// How many there are, for who only looks.
    count: AtomicUsize,
}

static KEPT: PerProcess<Kept> =
    PerProcess::first(Kept { lines: Mutex::new(VecDeque::new()), count: AtomicUsize::new(0) });

/// Keeps a journal from now on: the events of this library at the levels `ERROR`, `WARN` and `INFO`, no spans. `false` if
/// this process has a subscriber of `tracing` already; then that one is told and this one is not.
pub fn keep_journal() -> bool {
    tracing::subscriber::set_global_default(Journal).is_ok()
}

/// What came since the last time, oldest first. Costs next to nothing when nothing did. The child of a fork begins with none:
/// what its parent did not take yet is the parent's.
pub fn take_journal() -> Vec<JournalLine> {
    let kept = KEPT.get();
    if kept.count.load(Ordering::Acquire) == 0 {
        return Vec::new();
    }
    let mut lines = kept.lock();
    kept.count.store(0, Ordering::Release);
    lines.drain(..).collect()
}

impl Kept {
    fn lock(&self) -> MutexGuard<'_, VecDeque<JournalLine>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Journal;

impl Subscriber for Journal {
    fn register_callsite(&self, of: &'static Metadata<'static>) -> Interest {
        if self.enabled(of) { Interest::always() } else { Interest::never() }
    }
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        // The question whether anybody listens at all is neither a span nor an event.
        !of.is_span() && of.target() == TARGET && *of.level() <= Level::INFO
    }
    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::INFO)
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Map::new();
        event.record(&mut Read(&mut fields));
        let message = match fields.remove("message") {
            Some(Value::String(message)) => message,
            _ => String::new(),
        };
        let kept = KEPT.get();
        let mut lines = kept.lock();
        if lines.len() >= MOST {
            lines.pop_front();
        }
        lines.push_back(JournalLine { level: event.metadata().level().as_str(), message, fields });
        kept.count.store(lines.len(), Ordering::Release);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Read<'a>(&'a mut Map<String, Value>);

impl Read<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Read<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        let list = JSON_FIELDS.contains(&field.name()).then(|| serde_json::from_str(value).ok()).flatten();
        self.put(field, list.unwrap_or_else(|| Value::from(value)));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}
