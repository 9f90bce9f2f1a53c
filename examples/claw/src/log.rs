//! `--log`: what the library tells of its calls, on stderr.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use openclaw_core::observe::{JSON_FIELDS, TARGET, log_text};
use serde_json::{Map, Value, json};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// Not at all.
    Off,
    /// One line for people.
    Text,
    /// One line of JSON; all else on stderr is one too then.
    Json,
}

/// From which level on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

/// How it is written in this process.
static FORM: OnceLock<LogForm> = OnceLock::new();

/// Listens to the library until the process ends.
pub fn start(form: LogForm, level: LogLevel) {
    let _ = FORM.set(form);
    if form == LogForm::Off {
        return;
    }
    let lines = Lines(form).with_filter(Targets::new().with_target(TARGET, level));
    // A second subscriber is not possible, and there is none.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// Stderr: where it holds JSON, every line of the screen is one too.
pub fn stderr() -> Box<dyn Write> {
    stderr_with(log_text)
}

/// The same for what a person needs as it is: the address to open, the code to type.
pub fn stderr_as_it_is() -> Box<dyn Write> {
    stderr_with(str::to_owned)
}

fn stderr_with(shown: fn(&str) -> String) -> Box<dyn Write> {
    match FORM.get() {
        Some(LogForm::Json) => Box::new(Screen { line: Vec::new(), shown }),
        _ => Box::new(io::stderr()),
    }
}

struct Screen {
    line: Vec<u8>,
    shown: fn(&str) -> String,
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            match byte {
                b'\n' => {
                    let text = (self.shown)(&String::from_utf8_lossy(&std::mem::take(&mut self.line)));
                    let line = json!({"time": now(), "level": "INFO", "target": "claw", "message": text});
                    writeln!(io::stderr(), "{line}")?;
                }
                byte => self.line.push(*byte),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Lines(LogForm);

/// What is kept of a span until it is closed.
struct Kept {
    fields: Map<String, Value>,
    began: Instant,
}

impl<S> Layer<S> for Lines
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, made: &tracing::span::Attributes<'_>, id: &tracing::span::Id, context: Context<'_, S>) {
        let mut fields = Map::new();
        made.record(&mut Read(&mut fields));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Kept { fields, began: Instant::now() });
        }
    }

    fn on_record(&self, id: &tracing::span::Id, values: &tracing::span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            if let Some(kept) = span.extensions_mut().get_mut::<Kept>() {
                values.record(&mut Read(&mut kept.fields));
            }
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut fields = Map::new();
        event.record(&mut Read(&mut fields));
        let spans = context.event_scope(event).into_iter().flatten().map(|span| span.name()).collect();
        self.write(*event.metadata().level(), fields, spans);
    }

    fn on_close(&self, id: tracing::span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Kept { mut fields, began }) = span.extensions_mut().remove::<Kept>() else { return };
        fields.insert("duration_ms".to_owned(), u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX).into());
        self.write(*span.metadata().level(), fields, span.scope().map(|span| span.name()).collect());
    }
}

impl Lines {
    /// `spans` are those around it, the innermost first: of a span that ends, itself.
    fn write(&self, level: tracing::Level, mut fields: Map<String, Value>, spans: Vec<&'static str>) {
        let message = match fields.remove("message") {
            Some(Value::String(text)) => text,
            _ => format!("{} ended", spans.first().copied().unwrap_or_default()),
        };
        let line = match self.0 {
            LogForm::Json => {
                let mut line = Map::new();
                line.insert("time".to_owned(), now().into());
                line.insert("level".to_owned(), level.as_str().into());
                line.insert("target".to_owned(), TARGET.into());
                line.insert("message".to_owned(), message.into());
                line.insert("spans".to_owned(), spans.into());
                line.extend(fields);
                Value::Object(line).to_string()
            }
            LogForm::Text | LogForm::Off => {
                let mut line = format!("{} {level:5} {message}", now());
                for (name, value) in &fields {
                    let _ = write!(line, " {name}={value}");
                }
                line
            }
        };
        // Nobody reads it: nobody misses it.
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Turns fields into JSON.
struct Read<'a>(&'a mut Map<String, Value>);

impl Read<'_> {
    fn put(&mut self, field: &tracing::field::Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl tracing::field::Visit for Read<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        let list = JSON_FIELDS.contains(&field.name()).then(|| serde_json::from_str::<Value>(value).ok()).flatten();
        self.put(field, list.unwrap_or_else(|| value.into()));
    }
    fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
        self.put(field, value);
    }
    fn record_i64(&mut self, field: &tracing::field::Field, value: i64) {
        self.put(field, value);
    }
    fn record_f64(&mut self, field: &tracing::field::Field, value: f64) {
        self.put(field, value);
    }
    fn record_bool(&mut self, field: &tracing::field::Field, value: bool) {
        self.put(field, value);
    }
}

/// Seconds since 1970 with three digits behind the point.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs_f64() * 1000.0).round() / 1000.0
}
