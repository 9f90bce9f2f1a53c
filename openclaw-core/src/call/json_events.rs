//! What the decoders of all protocols share that send JSON in server-sent events: what cannot be read is told and never
//! ends an answer, the answer ends once, and a failure is judged in one place.

use std::borrow::Cow;
use std::collections::VecDeque;

use serde_json::value::RawValue;

use super::Decoder;
use super::lenient::{self, Peek, repair_surrogates};
use crate::chat::{Event, RawEvent, Warning};
use crate::error::{Advice, Error, ErrorKind, Evidence, Result, Stage, classify, redact};
use crate::transport::Headers;
use crate::transport::sse::{SseError, SseEvent};

/// One protocol: what its events mean.
pub(crate) trait Wire: Send {
    /// Pushes what the event means. Nothing is pushed and nothing changes when it cannot be read.
    fn read(&mut self, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault>;
    /// Who answers, for errors: the provider and the model.
    fn names(&self) -> (&str, &str);
    /// Whether an item was announced.
    fn output_started(&self) -> bool;
}

/// Why an event gave nothing.
pub(crate) enum Fault {
    /// The JSON does not parse, or not as this event.
    Unreadable,
    /// The answer failed.
    End(Error),
}

impl From<serde_json::Error> for Fault {
    fn from(_: serde_json::Error) -> Self {
        Self::Unreadable
    }
}

/// The decoder of a protocol.
pub(crate) struct JsonEvents<W> {
    wire: W,
    malformed: u64,
    invalid_utf8: bool,
    ended: bool,
}

impl<W: Wire> JsonEvents<W> {
    pub(crate) fn new(wire: W) -> Self {
        Self { wire, malformed: 0, invalid_utf8: false, ended: false }
    }

    /// What is valid JSON goes out as it came; what is not is skipped, counted and told.
    fn pass_on(&mut self, text: &str, out: &mut VecDeque<Event>) {
        if let Some(raw) = raw_event(text) {
            out.push_back(raw);
            return;
        }
        self.malformed += 1;
        let kind = lenient::type_prefix(text).filter(|kind| kind.len() <= 80).unwrap_or("event");
        // Redacted first and cut then, lest half a secret be shown.
        let begin = redact(cut(text, 2048));
        let preview: String = begin.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
        let message = format!("an event of {} bytes is no valid JSON and was skipped: {preview}", text.len());
        warn(out, "malformed_event", &redact(kind), message);
    }
}

impl<W: Wire> Decoder for JsonEvents<W> {
    fn output_started(&self) -> bool {
        self.wire.output_started()
    }

    /// After the end of the answer nothing is pushed, and nothing is pushed together with an error.
    fn decode(&mut self, event: SseEvent, out: &mut VecDeque<Event>) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        let before = out.len();
        let (text, repaired) = event.text();
        if repaired && !self.invalid_utf8 {
            self.invalid_utf8 = true;
            let message = "the stream held bytes that are not UTF-8; each was replaced by U+FFFD";
            warn(out, "invalid_utf8", "stream", message.to_owned());
        }
        let text = text.trim_ascii();
        if text.is_empty() || text == "[DONE]" {
            return Ok(());
        }
        let mut result = self.wire.read(text, out);
        if matches!(result, Err(Fault::Unreadable)) {
            if let Some(repaired) = repair_surrogates(text) {
                result = self.wire.read(&repaired, out);
            }
        }
        match result {
            Ok(()) => self.ended = matches!(out.back(), Some(Event::Completed(_))),
            Err(Fault::Unreadable) => self.pass_on(text, out),
            Err(Fault::End(error)) => {
                self.ended = true;
                out.truncate(before);
                let (provider, model) = self.wire.names();
                return Err(error.with_provider(provider).with_model(model));
            }
        }
        Ok(())
    }

    fn unframed(&mut self, fault: SseError) -> Error {
        self.ended = true;
        // The next try would most likely meet the same event.
        fail(&self.wire, ErrorKind::StreamTruncated, fault.to_string()).with_advice(Advice::OtherProvider)
    }

    /// Tells of the events that could not be read: one of them may have been the end.
    fn truncated(&mut self) -> Error {
        self.ended = true;
        let skipped = match self.malformed {
            0 => String::new(),
            1 => "; one event could not be read and was skipped".to_owned(),
            n => format!("; {n} events could not be read and were skipped"),
        };
        let message = format!("the stream ended before the answer was complete{skipped}");
        fail(&self.wire, ErrorKind::StreamTruncated, message)
    }
}

/// The type of an event; `error` for an object that has no type and an error.
pub(crate) fn kind_of(text: &str) -> Result<Cow<'_, str>, Fault> {
    if let Some(kind) = lenient::type_prefix(text) {
        return Ok(Cow::Borrowed(kind));
    }
    // A list would do for serde's structs, too.
    if !text.starts_with('{') {
        return Err(Fault::Unreadable);
    }
    let peek: Peek<'_> = serde_json::from_str(text)?;
    match (peek.r#type.0, peek.error) {
        (Some(kind), _) => Ok(kind),
        (None, Some(_)) => Ok(Cow::Borrowed("error")),
        (None, None) => Err(Fault::Unreadable),
    }
}

/// An event that this crate does not model, if it is JSON.
pub(crate) fn raw_event(text: &str) -> Option<Event> {
    let json = RawValue::from_string(text.to_owned()).ok()?;
    let kind = match serde_json::from_str::<Peek<'_>>(text) {
        Ok(peek) if text.starts_with('{') => peek.r#type.0.unwrap_or_default().into_owned(),
        _ => String::new(),
    };
    Some(Event::Raw(Box::new(RawEvent::new(kind, json))))
}

/// An error of ours about this answer.
pub(crate) fn fail(wire: &impl Wire, kind: ErrorKind, message: String) -> Error {
    let (provider, model) = wire.names();
    Error::new(kind, stage(wire), message).with_provider(provider).with_model(model)
}

/// Judges an error that the provider wrote into the stream, in the form in which errors come over HTTP.
pub(crate) fn judge(wire: &impl Wire, status: Option<u16>, headers: Headers, body: &str) -> Error {
    let body = repair_surrogates(body).map_or(Cow::Borrowed(body), Cow::Owned);
    let provider = wire.names().0;
    let evidence = Evidence { provider, status, headers, body: &body, ..Evidence::default() };
    let error = classify(&evidence).with_stage(stage(wire));
    if error.kind() != ErrorKind::Unknown || status.is_some() {
        return error;
    }
    // The provider says that it failed, and none of the causes that it names for a fault of the caller.
    let said = lenient::error_message(&body).map(|text| redact(cut(&text, 500)));
    let said = said.unwrap_or_else(|| "without a reason".to_owned());
    let own = fail(wire, ErrorKind::ServerError, format!("the provider's answer failed: {said}"));
    let own = own.with_body_preview(&body);
    match error.code() {
        Some(code) => own.with_code(code),
        None => own,
    }
}

/// The form in which errors come over HTTP.
pub(crate) fn in_error(error: &RawValue) -> String {
    match error.get() {
        text if text.starts_with('"') => format!("{{\"error\":{{\"message\":{text}}}}}"),
        json => format!("{{\"error\":{json}}}"),
    }
}

pub(crate) fn warn(out: &mut VecDeque<Event>, code: &str, subject: &str, message: String) {
    out.push_back(Event::Warning(Box::new(Warning::new(code, subject, message))));
}

fn stage(wire: &impl Wire) -> Stage {
    if wire.output_started() { Stage::Streaming } else { Stage::Responded }
}

/// At most so many bytes of the text.
fn cut(text: &str, length: usize) -> &str {
    let end = (0..=length.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}
