//! A subscriber that keeps everything it is told, whoever tells it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Level, Metadata, Subscriber};

/// Fields and their values, as text.
pub type Fields = BTreeMap<String, String>;

/// What was told.
#[derive(Debug, Clone, Default)]
pub struct Capture(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
pub struct Told {
    pub spans: Vec<Span>,
    pub events: Vec<Fields>,
    /// The spans that are entered, innermost last.
    inside: Vec<u64>,
}

#[derive(Debug, Clone)]
pub struct Span {
    pub id: u64,
    pub name: &'static str,
    pub parent: Option<u64>,
    pub fields: Fields,
    pub entered: usize,
    pub closed: bool,
    handles: usize,
}

static IDS: AtomicU64 = AtomicU64::new(1);

impl Capture {
    /// Hears this thread until the guard is dropped.
    pub fn start() -> (Self, DefaultGuard) {
        // With one subscriber only, `tracing` takes the first thread that comes to a place for all threads.
        static SECOND: OnceLock<Dispatch> = OnceLock::new();
        SECOND.get_or_init(|| Dispatch::new(Self::default()));
        let capture = Self::default();
        let guard = tracing::subscriber::set_default(capture.clone());
        (capture, guard)
    }

    pub fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap()
    }

    /// Everything as text, one piece a line.
    pub fn lines(&self) -> Vec<String> {
        let told = self.told();
        let spans = told.spans.iter().map(|span| format!("{} {:?}", span.name, span.fields));
        spans.chain(told.events.iter().map(|event| format!("{event:?}"))).collect()
    }

    pub fn clear(&self) {
        let mut told = self.told();
        told.events.clear();
        told.spans.retain(|span| !span.closed);
    }

    /// The events of this name.
    pub fn named(&self, name: &str) -> Vec<Fields> {
        self.told().events.iter().filter(|e| e.get("event").is_some_and(|n| n == name)).cloned().collect()
    }

    pub fn spans(&self, name: &str) -> Vec<Span> {
        self.told().spans.iter().filter(|span| span.name == name).cloned().collect()
    }
}

struct Read<'a>(&'a mut Fields);

impl Visit for Read<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut next = value.source();
        while let Some(below) = next {
            text.push_str(&format!(": {below} {below:?}"));
            next = below.source();
        }
        self.0.insert(field.name().to_owned(), text);
    }
}

impl Subscriber for Capture {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        *of.level() <= Level::TRACE
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let mut fields = Fields::new();
        span.record(&mut Read(&mut fields));
        let mut told = self.told();
        let parent = match span.is_contextual() {
            true => told.inside.last().copied(),
            false => span.parent().map(Id::into_u64),
        };
        let name = span.metadata().name();
        told.spans.push(Span { id, name, parent, fields, entered: 0, closed: false, handles: 1 });
        Id::from_u64(id)
    }
    fn record(&self, id: &Id, values: &Record<'_>) {
        if let Some(span) = self.told().spans.iter_mut().find(|span| span.id == id.into_u64()) {
            values.record(&mut Read(&mut span.fields));
        }
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Read(&mut fields));
        fields.insert("target".to_owned(), event.metadata().target().to_owned());
        fields.insert("level".to_owned(), event.metadata().level().to_string());
        self.told().events.push(fields);
    }
    fn enter(&self, id: &Id) {
        let mut told = self.told();
        told.inside.push(id.into_u64());
        if let Some(span) = told.spans.iter_mut().find(|span| span.id == id.into_u64()) {
            span.entered += 1;
        }
    }
    fn exit(&self, id: &Id) {
        let mut told = self.told();
        let last = told.inside.pop();
        assert_eq!(last, Some(id.into_u64()), "spans are left in another order than they were entered");
    }
    fn clone_span(&self, id: &Id) -> Id {
        if let Some(span) = self.told().spans.iter_mut().find(|span| span.id == id.into_u64()) {
            span.handles += 1;
        }
        id.clone()
    }
    fn try_close(&self, id: Id) -> bool {
        let mut told = self.told();
        let Some(span) = told.spans.iter_mut().find(|span| span.id == id.into_u64()) else { return true };
        span.handles -= 1;
        span.closed = span.handles == 0;
        span.closed
    }
}

/// What crates below tell through `log`: kept for the whole process.
pub struct OldLog;

pub static OLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl log::Log for OldLog {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        OLD.lock().unwrap().push(format!("{} {}", record.target(), record.args()));
    }
    fn flush(&self) {}
}

impl OldLog {
    pub fn start() {
        // Another test was first.
        let _ = log::set_logger(&OldLog);
        log::set_max_level(log::LevelFilter::Trace);
    }
}
