//! What arrives while a model answers.

use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Item, RateLimits, Response, ResponseHead};
use crate::error::ErrorKind;

/// One event of a stream. See [`EventStream`](crate::EventStream) for the order that holds.
///
/// The JSON form has the name of the event in `type`: `{"type":"text_delta","delta":"Hel",…}`.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The last try failed before output began; the next one starts after the delay.
    Retrying {
        /// The number of the try that failed, from 1.
        attempt: u32,
        /// How it failed.
        kind: ErrorKind,
        /// The wait before the next try, in ms.
        delay_ms: u64,
        /// What is tried next; `None` when it is the same again.
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<Box<NextTry>>,
    },
    /// Something was left out, changed or repaired on the way.
    Warning(Box<Warning>),
    /// The provider accepted the call; what its headers said.
    Opened(Box<ResponseHead>),
    /// Limits of the plan or the quota.
    RateLimits(Box<RateLimits>),
    /// The answer has an id.
    Created {
        /// The provider's id of the answer.
        id: String,
        /// The model that answers.
        model: String,
    },
    /// An item begins. From the first of these on, a call is never repeated.
    OutputItemAdded {
        /// Its place in the output.
        output_index: u32,
        /// The item as far as it is known.
        item: Box<Item>,
    },
    /// Text of the answer.
    TextDelta(Delta),
    /// Text of a refusal.
    RefusalDelta(Delta),
    /// Text of the summary of the reasoning.
    ReasoningSummaryDelta(Delta),
    /// Text of the reasoning itself, where a model gives it.
    ReasoningDelta(Delta),
    /// A part of the input of a tool call: JSON text of a function's arguments, or free text.
    ToolInputDelta(Delta),
    /// An item is complete; this form is the one to keep.
    OutputItemDone {
        /// Its place in the output.
        output_index: u32,
        /// The item.
        item: Box<Item>,
    },
    /// An event of the provider that this crate does not model.
    Raw(Box<RawEvent>),
    /// The whole answer. Nothing follows.
    Completed(Box<Response>),
}

/// What a failover chain asks after a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NextTry {
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The profile, if the provider is asked with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl NextTry {
    /// This model of this provider.
    pub fn new(provider: impl Into<String>, model: impl Into<String>, profile: Option<String>) -> Self {
        Self { provider: provider.into(), model: model.into(), profile }
    }
}

/// A piece of text of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delta {
    /// The item that grows. Shared, because hundreds of pieces belong to one item.
    pub item_id: Arc<str>,
    /// The item's place in the output.
    pub output_index: u32,
    /// The part of the item: its content index, or its summary index.
    pub part_index: u32,
    /// The piece.
    pub delta: String,
}

/// Something was left out, changed or repaired on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Warning {
    /// A stable word: `unsupported_setting`, `clamped_setting`, `repaired_setting`,
    /// `history_repaired`, `malformed_event`, `missing_event`, `invalid_utf8`, `paused_turn`, `unknown_stop_reason`.
    pub code: String,
    /// The setting or the event that it is about.
    pub subject: String,
    /// One line for a person.
    pub message: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), subject: subject.into(), message: message.into() }
    }
}

/// An event of the provider as it came: valid JSON, not modelled by this crate.
#[derive(Debug, Clone)]
pub struct RawEvent {
    kind: String,
    json: Box<RawValue>,
}

impl RawEvent {
    pub(crate) fn new(kind: String, json: Box<RawValue>) -> Self {
        Self { kind, json }
    }

    /// The provider's name of the event, such as `response.in_progress`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The event as JSON text.
    pub fn json(&self) -> &str {
        self.json.get()
    }

    /// The event as a value. `Null` only if it is nested too deeply to be read.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.json.get()).unwrap_or_default()
    }
}

impl Serialize for RawEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("RawEvent", 2)?;
        form.serialize_field("kind", &self.kind)?;
        form.serialize_field("event", &self.json)?;
        form.end()
    }
}
