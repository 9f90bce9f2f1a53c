//! What a person or a program sees: events, errors and the last line.

use std::collections::HashSet;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use openclaw_core::{Advice, Delta, Error, Event, FinishReason, Item, Response};
use serde_json::Value;

use crate::status::Status;

/// How the two outputs may be written to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Stdout is a terminal: reasoning is shown, control characters are not passed on.
    pub terminal: bool,
    /// Colours on stdout.
    pub out_colour: bool,
    /// Colours on stderr.
    pub err_colour: bool,
}

impl Style {
    /// That of this process: no colours off a terminal, with `NO_COLOR` or on a dumb terminal.
    pub fn of_process(out_terminal: bool, err_terminal: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = !set("NO_COLOR") && !dumb;
        Self { terminal: out_terminal, out_colour: colour && out_terminal, err_colour: colour && err_terminal }
    }
}

const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[1;31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";

/// What a piece of stdout is painted as, where there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    Plain,
    Title,
    Good,
    Careful,
    Bad,
}

impl Paint {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Title => BOLD,
            Self::Good => GREEN,
            Self::Careful => YELLOW,
            Self::Bad => RED,
        }
    }
}

/// What stdout is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The answer, for people.
    Text,
    /// Every event, and an error at the end, as one line of JSON each.
    Json,
    /// The same, each line marked: no provider stands behind it.
    JsonEmbedded,
}

impl Form {
    /// What `--json` asks for.
    pub fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }

    fn marked(self, mut record: Value) -> String {
        if self == Self::JsonEmbedded {
            record["provider"] = "embedded".into();
        }
        record.to_string()
    }
}

/// The two outputs.
pub struct Screen<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    style: Style,
    /// Stdout stands in the middle of a line.
    in_line: bool,
}

impl<'a> Screen<'a> {
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write, style: Style) -> Self {
        Self { out, err, style, in_line: false }
    }

    /// A whole line on stdout. It may hold what a file or a server wrote.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.painted_line(&escaped(text))
    }

    /// A line of pieces that were made with [`on_out`](Self::on_out) and are clean.
    pub fn painted_line(&mut self, text: &str) -> io::Result<()> {
        self.finish_line()?;
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// A line on stderr. If nobody reads stderr, nobody misses it.
    pub fn say(&mut self, text: &str) {
        let _ = self.finish_line();
        let _ = writeln!(self.err, "{}", visible(text));
    }

    pub fn note(&mut self, label: &str, text: &str) {
        let label = self.on_err(YELLOW, label);
        self.say_painted(&format!("{label}: {}", visible(text)));
    }

    /// An error with what to do about it, and the status to end with.
    pub fn fail(&mut self, error: &Error, form: Form, steps: &[String]) -> Status {
        if form != Form::Text {
            let mut record = error.to_json();
            record["type"] = "error".into();
            let _ = self.line(&form.marked(record));
        }
        let _ = self.finish_line();
        let label = self.on_err(RED, "error");
        self.say_painted(&format!("{label}: {}: {}", error.kind(), visible(error.message())));
        let facts = facts(error);
        if !facts.is_empty() {
            self.say(&format!("  ({facts})"));
        }
        for (number, attempt) in error.attempts().iter().enumerate() {
            let profile = attempt.profile.as_ref().map(|id| format!(", profile {id}")).unwrap_or_default();
            let took = duration(Duration::from_millis(attempt.duration_ms));
            let (number, asked) = (number + 1, format!("{}/{}{profile}", attempt.provider, attempt.model));
            self.say(&format!("  try {number}: {asked}: {} after {took}", attempt.kind));
        }
        for step in steps {
            self.say(&format!("  - {step}"));
        }
        error.kind().into()
    }

    /// Stdout cannot be written to. A reader that went away (`| head -1`) has what it wants; that is no failure.
    pub fn output_lost(&mut self, error: &io::Error) -> Status {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Status::Answer;
        }
        self.in_line = false;
        self.fail(&Error::config(format!("stdout cannot be written to: {error}")), Form::Text, &[])
    }

    fn text(&mut self, text: &str, paint: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let text = if self.style.terminal { visible(text) } else { text.into() };
        if self.style.out_colour && !paint.is_empty() {
            write!(self.out, "{paint}{text}\x1b[0m")?;
        } else {
            self.out.write_all(text.as_bytes())?;
        }
        self.in_line = !text.ends_with('\n');
        self.out.flush()
    }

    fn finish_line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.in_line) {
            self.out.write_all(b"\n")?;
            self.out.flush()?;
        }
        Ok(())
    }

    fn say_painted(&mut self, text: &str) {
        let _ = self.finish_line();
        let _ = writeln!(self.err, "{text}");
    }

    /// Whether stdout is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.style.terminal
    }

    /// A piece of what goes to stdout, painted if colours are wanted there.
    pub fn on_out(&self, paint: Paint, text: &str) -> String {
        match self.style.out_colour && paint != Paint::Plain {
            true => format!("{}{text}\x1b[0m", paint.code()),
            false => text.to_owned(),
        }
    }

    fn on_err(&self, paint: &str, text: &str) -> String {
        if self.style.err_colour { format!("{paint}{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Shows the events of one call.
pub struct Transcript {
    form: Form,
    /// What was shown last, so that reasoning and text do not run into one another.
    last: Part,
    /// Items whose text came piece by piece.
    shown: HashSet<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Start,
    Text(u32),
    Reasoning(u32, u32),
}

impl Transcript {
    pub fn new(form: Form) -> Self {
        Self { form, last: Part::Start, shown: HashSet::new() }
    }

    /// Shows one event as it arrives.
    ///
    /// # Errors
    /// Those of stdout.
    pub fn show(&mut self, event: &Event, screen: &mut Screen<'_>) -> io::Result<()> {
        if self.form != Form::Text {
            screen.line(&json(event, self.form))?;
        } else {
            self.show_text(event, screen)?;
        }
        match event {
            Event::Warning(warning) => {
                screen.note("warning", &format!("{} ({}: {})", warning.message, warning.code, warning.subject));
            }
            Event::Retrying { attempt, kind, delay_ms, next } => {
                let delay = duration(Duration::from_millis(*delay_ms));
                let text = match next {
                    None => format!("try {attempt} failed with {kind}; the next one starts in {delay}"),
                    Some(next) => {
                        let profile = next.profile.as_ref().map(|id| format!(", profile {id}")).unwrap_or_default();
                        format!(
                            "try {attempt} failed with {kind}; going on with {}/{}{profile}",
                            next.provider, next.model
                        )
                    }
                };
                screen.note(if next.is_some() { "failover" } else { "retrying" }, &text);
            }
            Event::Completed(response) => match response.finish_reason {
                FinishReason::Length => screen.note("warning", "the answer was cut at the limit of its length"),
                FinishReason::Refusal => screen.note("warning", "the model refused"),
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn show_text(&mut self, event: &Event, screen: &mut Screen<'_>) -> io::Result<()> {
        match event {
            Event::TextDelta(delta) | Event::RefusalDelta(delta) => self.text(delta.output_index, &delta.delta, screen),
            Event::ReasoningSummaryDelta(delta) | Event::ReasoningDelta(delta) => self.reasoning(delta, screen),
            Event::OutputItemDone { output_index, item } => self.item(*output_index, item, screen),
            Event::Completed(response) => {
                // A provider may send nothing but the end.
                if self.last == Part::Start && self.shown.is_empty() {
                    for (index, item) in (0..).zip(&response.items) {
                        self.item(index, item, screen)?;
                    }
                }
                screen.finish_line()
            }
            _ => Ok(()),
        }
    }

    fn text(&mut self, index: u32, text: &str, screen: &mut Screen<'_>) -> io::Result<()> {
        if self.last != Part::Text(index) && !text.is_empty() {
            screen.finish_line()?;
            self.last = Part::Text(index);
        }
        self.shown.insert(index);
        screen.text(text, "")
    }

    /// Reasoning is for a person who watches; it is no part of an answer that is piped on.
    fn reasoning(&mut self, delta: &Delta, screen: &mut Screen<'_>) -> io::Result<()> {
        if !screen.style.terminal {
            return Ok(());
        }
        let part = Part::Reasoning(delta.output_index, delta.part_index);
        if self.last != part {
            screen.finish_line()?;
            self.last = part;
        }
        screen.text(&delta.delta, DIM)
    }

    fn item(&mut self, index: u32, item: &Item, screen: &mut Screen<'_>) -> io::Result<()> {
        match item {
            Item::ToolCall(call) => {
                screen.finish_line()?;
                self.shown.insert(index);
                screen.text("tool call ", "")?;
                screen.text(&call.name, BOLD)?;
                screen.text(&format!(" {}", call.input), "")?;
                screen.finish_line()
            }
            Item::Message(message) if !self.shown.contains(&index) => {
                let text = message.output_text();
                let text = if text.is_empty() { message.refusal().unwrap_or_default() } else { &text };
                self.text(index, text, screen)
            }
            _ => Ok(()),
        }
    }
}

/// As the library writes it, numbers of raw events included; only the mark needs it taken apart.
fn json(event: &Event, form: Form) -> String {
    let line = match form {
        Form::JsonEmbedded => serde_json::to_value(event).map(|value| form.marked(value)),
        _ => serde_json::to_string(event),
    };
    line.unwrap_or_else(|e| {
        form.marked(serde_json::json!({"type": "raw", "kind": "unprintable_event", "event": e.to_string()}))
    })
}

/// The last line on stderr.
pub fn summary(login: &str, response: &Response, first: Option<Duration>, total: Duration, profile: &str) -> String {
    let tokens = match &response.usage {
        Some(u) => format!(
            "{} ({} cached) in / {} ({} reasoning) out",
            u.input_tokens, u.cached_tokens, u.output_tokens, u.reasoning_tokens
        ),
        None => "unknown".to_owned(),
    };
    let first = first.map_or_else(|| "none".to_owned(), duration);
    format!(
        "login {login}, profile {profile}, model {}, tokens {tokens}, first token {first}, total {}",
        response.model,
        duration(total)
    )
}

/// What helps, from the advice of the error. What an edge block or a fault of configuration needs stands in its message.
pub fn steps(error: &Error, sign_in: &str, now: SystemTime) -> Vec<String> {
    let step = match error.advice() {
        Advice::Retry => match error.retry_after() {
            Some(delay) => format!("run it again in {}", duration(delay)),
            None => "run it again".to_owned(),
        },
        Advice::Wait => {
            let reset = error.resets_at().and_then(|at| at.duration_since(now).ok());
            match reset.or(error.retry_after()) {
                Some(delay) => format!("wait {}, or use another login (--profile, --profile-file)", duration(delay)),
                None => "wait, or use another login (--profile, --profile-file)".to_owned(),
            }
        }
        Advice::Refresh | Advice::SignIn => sign_in.to_owned(),
        Advice::OtherProfile => "use another login (--profile, --profile-file)".to_owned(),
        Advice::OtherProvider if error.edge().is_none() => {
            "run it again later, or use another provider (an API key in OPENAI_API_KEY, or --base-url)".to_owned()
        }
        Advice::FixRequest => "change the request: see the message".to_owned(),
        Advice::FixNetwork => {
            "look at the network: proxy (HTTPS_PROXY, NO_PROXY), certificates (SSL_CERT_FILE), VPN, web filter"
                .to_owned()
        }
        _ => return Vec::new(),
    };
    vec![step]
}

/// The evidence of an error, for whoever has to report it.
fn facts(error: &Error) -> String {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push(format!("{name} {value}"));
        }
    };
    add("status", error.http_status().map(|status| status.to_string()));
    add("at", error.url().map(str::to_owned));
    add("code", error.code().map(str::to_owned));
    add("request id", error.request_id().map(str::to_owned));
    add("ray id", error.cf_ray().map(str::to_owned));
    facts.join(", ")
}

/// A time for people.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.2} s", time.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// With the control characters by which a text could take over a terminal as JSON escapes them, so that JSON stays what it is.
fn escaped(text: &str) -> std::borrow::Cow<'_, str> {
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(hidden) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => out.push(c),
            c if hidden(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.into()
}

/// Without the control characters by which a text could take over a terminal.
pub fn visible(text: &str) -> std::borrow::Cow<'_, str> {
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if text.contains(hidden) { text.replace(hidden, "").into() } else { text.into() }
}

/// What `claw classify` prints for a line that it cannot read.
pub fn unreadable(line: usize, error: &Error) -> Value {
    serde_json::json!({"line": line, "error": error.to_json()})
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
