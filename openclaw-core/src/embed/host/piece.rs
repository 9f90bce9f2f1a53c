//! What a host gives, read from its JSON form.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::auth::AccessToken;
use crate::chat::{Delta, Event, FinishReason, Item, NextTry, RateLimits, RawEvent, ResponseHead, Usage, Warning};
use crate::embed::fields::type_of;
use crate::error::{Error, ErrorKind, Result};
use crate::provider::{Capabilities, ModelInfo};

/// One piece of the answer of a host's provider.
#[derive(Debug)]
#[non_exhaustive]
pub enum Piece {
    /// Text of the answer. The library makes the item around it, and ends it where something else begins.
    Text(String),
    /// Text of a refusal, framed in the same way.
    Refusal(String),
    /// Text of the summary of the reasoning, framed in the same way.
    ReasoningSummary(String),
    /// Text of the reasoning itself, framed in the same way.
    Reasoning(String),
    /// A whole item, such as a tool call; the library makes the events around it.
    Item(Box<Item>),
    /// An event as it is: from the first `OutputItemAdded` on the host frames its items itself.
    Event(Box<Event>),
    /// The end, where there is more to say than that it was reached.
    Completed(Box<Completion>),
}

/// The end of an answer. What is not set the library knows by itself.
#[derive(Debug, Default)]
pub struct Completion {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) finish_reason: Option<FinishReason>,
    pub(super) items: Vec<Item>,
    pub(super) usage: Option<Usage>,
    pub(super) service_tier: Option<String>,
    pub(super) warnings: Vec<Warning>,
}

impl Piece {
    /// Whether nothing follows it.
    pub fn is_last(&self) -> bool {
        match self {
            Self::Completed(_) => true,
            Self::Event(event) => matches!(**event, Event::Completed(_)),
            _ => false,
        }
    }
}

/// Reads a piece: a text, an event in its JSON form, or an item of a conversation.
///
/// Of a delta without `item_id` the library makes the item. `completed` may leave out every field.
///
/// # Errors
/// `server_error` with code `contract`; it says what is wrong, and what would be right.
pub fn piece_from_json(value: Value) -> Result<Piece> {
    let mut map = match value {
        Value::String(text) => return Ok(Piece::Text(text)),
        Value::Object(map) => map,
        other => {
            return Err(contract_broken(format!(
                "gave {}: an event is a text, an event's JSON object or an item",
                type_of(&other)
            )));
        }
    };
    let Some(kind) = map.get("type").and_then(Value::as_str).map(str::to_owned) else {
        return Err(contract_broken(
            "gave an object without \"type\": an event looks like {\"type\":\"text_delta\",\"delta\":\"…\"}",
        ));
    };
    let event = |event: Event| Ok(Piece::Event(Box::new(event)));
    match kind.as_str() {
        "text_delta" | "refusal_delta" | "reasoning_summary_delta" | "reasoning_delta" | "tool_input_delta" => {
            delta(&kind, map)
        }
        "retrying" => {
            let form: Retrying = read(&kind, map)?;
            event(Event::Retrying {
                attempt: form.attempt,
                kind: form.kind,
                delay_ms: form.delay_ms,
                next: form.next.map(Box::new),
            })
        }
        "warning" => event(Event::Warning(Box::new(read::<Warning>(&kind, map)?))),
        "opened" => event(Event::Opened(Box::new(read::<ResponseHead>(&kind, map)?))),
        "rate_limits" => event(Event::RateLimits(Box::new(read::<RateLimits>(&kind, map)?))),
        "created" => {
            let form: Created = read(&kind, map)?;
            event(Event::Created { id: form.id, model: form.model })
        }
        "output_item_added" => {
            let form: OutputItem = read(&kind, map)?;
            event(Event::OutputItemAdded { output_index: form.output_index, item: Box::new(form.item) })
        }
        "output_item_done" => {
            let form: OutputItem = read(&kind, map)?;
            event(Event::OutputItemDone { output_index: form.output_index, item: Box::new(form.item) })
        }
        "raw" => {
            let name = map.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
            let whole = map.remove("event").unwrap_or_default().to_string();
            let whole = RawValue::from_string(whole).map_err(|e| wrong(&kind, &e))?;
            event(Event::Raw(Box::new(RawEvent::new(name, whole))))
        }
        "completed" => completed(map),
        "message" | "reasoning" | "function_call" | "custom_tool_call" => {
            Ok(Piece::Item(Box::new(read::<Item>(&kind, map)?)))
        }
        _ => Err(contract_broken(format!(
            "gave an event of the unknown type {kind:?}: what no class of events fits goes as {{\"type\":\"raw\",\"kind\":\"…\",\"event\":…}}"
        ))),
    }
}

#[derive(Deserialize)]
struct Retrying {
    attempt: u32,
    kind: ErrorKind,
    #[serde(default)]
    delay_ms: u64,
    next: Option<NextTry>,
}

#[derive(Deserialize)]
struct Created {
    id: String,
    #[serde(default)]
    model: String,
}

#[derive(Deserialize)]
struct OutputItem {
    #[serde(default)]
    output_index: u32,
    item: Item,
}

fn delta(kind: &str, mut map: Map<String, Value>) -> Result<Piece> {
    let framed = map.get("item_id").and_then(Value::as_str).is_some_and(|id| !id.is_empty());
    if !framed {
        let Some(Value::String(text)) = map.remove("delta") else {
            return Err(contract_broken(format!("gave a {kind} without a text in \"delta\"")));
        };
        return match kind {
            "text_delta" => Ok(Piece::Text(text)),
            "refusal_delta" => Ok(Piece::Refusal(text)),
            "reasoning_summary_delta" => Ok(Piece::ReasoningSummary(text)),
            "reasoning_delta" => Ok(Piece::Reasoning(text)),
            _ => Err(contract_broken(
                "gave a tool_input_delta without \"item_id\": give the whole call as an item of type function_call, or add its item first",
            )),
        };
    }
    for index in ["output_index", "part_index"] {
        map.entry(index).or_insert_with(|| 0.into());
    }
    let delta: Delta = read(kind, map)?;
    Ok(Piece::Event(Box::new(match kind {
        "text_delta" => Event::TextDelta(delta),
        "refusal_delta" => Event::RefusalDelta(delta),
        "reasoning_summary_delta" => Event::ReasoningSummaryDelta(delta),
        "reasoning_delta" => Event::ReasoningDelta(delta),
        _ => Event::ToolInputDelta(delta),
    })))
}

fn completed(mut map: Map<String, Value>) -> Result<Piece> {
    let usage = match map.remove("usage") {
        None | Some(Value::Null) => None,
        Some(usage) => Some(whole_usage(usage)?),
    };
    let form: CompletedForm = read("completed", map)?;
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Piece::Completed(Box::new(Completion {
        id: text(form.id),
        model: text(form.model),
        finish_reason: form.finish_reason,
        items: form.items,
        usage,
        service_tier: form.service_tier,
        warnings: form.warnings,
    })))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CompletedForm {
    id: Option<String>,
    model: Option<String>,
    finish_reason: Option<FinishReason>,
    items: Vec<Item>,
    service_tier: Option<String>,
    warnings: Vec<Warning>,
}

/// Counts that are not given are 0; the total is their sum.
fn whole_usage(usage: Value) -> Result<Usage> {
    let Value::Object(given) = usage else {
        return Err(contract_broken(format!(
            "gave as usage {}: it is an object with input_tokens and output_tokens",
            type_of(&usage)
        )));
    };
    let counted = given.contains_key("total_tokens");
    let Ok(Value::Object(mut whole)) = serde_json::to_value(Usage::default()) else { return Ok(Usage::default()) };
    whole.extend(given);
    let mut usage: Usage = read("usage", whole)?;
    if !counted {
        usage.total_tokens = usage.input_tokens.saturating_add(usage.output_tokens);
    }
    Ok(usage)
}

/// Reads a list of models: names, or objects as [`ModelInfo`] has them.
///
/// # Errors
/// As [`piece_from_json`].
pub fn models_from_json(value: Value) -> Result<Vec<ModelInfo>> {
    let Value::Array(list) = value else {
        return Err(contract_broken(format!(
            "gave as its models {}: they are a list of names or objects",
            type_of(&value)
        )));
    };
    let one = |value: Value| match value {
        Value::String(id) => Ok(ModelInfo { id, ..ModelInfo::default() }),
        Value::Object(map) if map.get("id").is_some_and(Value::is_string) => read("model", map),
        other => Err(contract_broken(format!(
            "has in its models {}: each is a name, or an object with \"id\"",
            type_of(&other)
        ))),
    };
    list.into_iter().map(one).collect()
}

/// Reads what a provider can do: any of `tools`, `images`, `structured_output`, `efforts`, `context_window` and
/// `max_output_tokens`.
///
/// # Errors
/// `config`, which names the field.
pub fn capabilities_from_json(value: Value) -> Result<Capabilities> {
    let Value::Object(map) = value else {
        return Err(Error::config(format!("capabilities are an object, not {}", type_of(&value))));
    };
    let mut capabilities = Capabilities::default();
    for (name, value) in map {
        let set = match name.as_str() {
            "tools" => set(&mut capabilities.tools, value),
            "images" => set(&mut capabilities.images, value),
            "structured_output" => set(&mut capabilities.structured_output, value),
            "efforts" => set(&mut capabilities.efforts, value),
            "context_window" => set(&mut capabilities.context_window, value),
            "max_output_tokens" => set(&mut capabilities.max_output_tokens, value),
            _ => {
                let text = "tools, images, structured_output, efforts, context_window, max_output_tokens";
                return Err(Error::config(format!("capabilities have no field {name:?}; they have {text}")));
            }
        };
        set.map_err(|e| Error::config(format!("the field {name:?} of the capabilities: {e}")))?;
    }
    Ok(capabilities)
}

fn set<T: DeserializeOwned>(slot: &mut T, value: Value) -> serde_json::Result<()> {
    *slot = T::deserialize(value)?;
    Ok(())
}

/// Reads a token: its text, or an object with `token`, and `account_id`, `expires_at` (Unix seconds) if they are known.
///
/// # Errors
/// `config`, which says what is wrong and never shows the token.
pub fn token_from_json(value: Value) -> Result<AccessToken> {
    let wrong = |what: &str| Error::config(format!("the token source gave {what}"));
    let mut map = match value {
        Value::String(token) => Map::from_iter([("token".to_owned(), Value::String(token))]),
        Value::Object(map) => map,
        other => return Err(wrong(&format!("{}: it gives a text, or an object with \"token\"", type_of(&other)))),
    };
    let Some(Value::String(token)) = map.remove("token") else {
        return Err(wrong("no text in \"token\""));
    };
    if token.trim().is_empty() {
        return Err(wrong("an empty token"));
    }
    if token.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(wrong("a token with a space or a line break in it"));
    }
    let mut token = AccessToken::new(token);
    match map.remove("account_id") {
        None | Some(Value::Null) => {}
        Some(Value::String(id)) if !id.is_empty() => token.account_id = Some(id),
        Some(_) => return Err(wrong("an \"account_id\" that is no text")),
    }
    match map.remove("expires_at") {
        None | Some(Value::Null) => {}
        Some(at) => {
            token.expires_at =
                Some(unix_time(&at).ok_or_else(|| wrong("an \"expires_at\" that is no time in Unix seconds"))?)
        }
    }
    match map.keys().next() {
        Some(key) => Err(wrong(&format!("the unknown field {key:?}: there are token, account_id and expires_at"))),
        None => Ok(token),
    }
}

/// Unix seconds. A number that could only be milliseconds is none.
fn unix_time(value: &Value) -> Option<SystemTime> {
    const YEAR_5000: f64 = 95_617_584_000.0;
    let seconds = value.as_f64().filter(|seconds| (0.0..YEAR_5000).contains(seconds))?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
}

/// The host's provider breaks its contract: `server_error` with code `contract`; `what` goes on after "the provider".
/// Another provider may keep it.
pub fn contract_broken(what: impl AsRef<str>) -> Error {
    let text = format!("the provider {}", what.as_ref());
    Error::new(ErrorKind::ServerError, crate::error::Stage::Responded, text)
        .with_code("contract")
        .with_advice(crate::error::Advice::OtherProvider)
}

fn read<T: DeserializeOwned>(kind: &str, map: Map<String, Value>) -> Result<T> {
    T::deserialize(Value::Object(map)).map_err(|e| wrong(kind, &e))
}

fn wrong(kind: &str, why: &serde_json::Error) -> Error {
    contract_broken(format!("gave a {kind} that is not well-formed: {}", crate::error::redact(&why.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_event_that_we_write_can_be_read() {
        let item = json!({"type": "message", "id": "m", "role": "assistant", "content": []});
        let forms = [
            json!({"type": "retrying", "attempt": 1, "kind": "overloaded", "delay_ms": 200}),
            json!({"type": "warning", "code": "c", "subject": "s", "message": "m"}),
            json!({"type": "opened", "request_id": "r"}),
            json!({"type": "created", "id": "r", "model": "m"}),
            json!({"type": "output_item_added", "output_index": 1, "item": item}),
            json!({"type": "text_delta", "item_id": "m", "output_index": 1, "part_index": 0, "delta": "x"}),
            json!({"type": "tool_input_delta", "item_id": "m", "output_index": 1, "part_index": 0, "delta": "x"}),
            json!({"type": "output_item_done", "output_index": 1, "item": item}),
            json!({"type": "raw", "kind": "k", "event": {"type": "k", "n": 1}}),
        ];
        for form in forms {
            let Piece::Event(event) = piece_from_json(form.clone()).unwrap() else { panic!("{form}") };
            assert_eq!(serde_json::to_value(&event).unwrap(), form);
        }
    }

    #[test]
    fn what_is_no_event_is_named() {
        for (form, named) in [
            (json!(5), "a number"),
            (json!({"delta": "x"}), "without \"type\""),
            (json!({"type": "text_dleta", "delta": "x"}), "text_dleta"),
            (json!({"type": "text_delta"}), "without a text"),
            (json!({"type": "tool_input_delta", "delta": "x"}), "item_id"),
            (json!({"type": "created"}), "`id`"),
            (json!({"type": "completed", "finish_reason": "bored"}), "bored"),
            (json!({"type": "completed", "usage": 5}), "a number"),
            (json!({"type": "output_item_done"}), "`item`"),
        ] {
            let error = piece_from_json(form.clone()).unwrap_err();
            assert!(error.message().contains(named), "{form}: {error}");
            assert_eq!((error.kind(), error.code()), (ErrorKind::ServerError, Some("contract")));
        }
    }

    #[test]
    fn a_token_is_a_text_or_says_more() {
        let token = token_from_json(json!({"token": "s3cr3t", "account_id": "a", "expires_at": 2e9})).unwrap();
        assert_eq!(token.account_id.as_deref(), Some("a"));
        assert_eq!(token.expires_at, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000)));
        assert!(token_from_json(json!("s3cr3t")).unwrap().expires_at.is_none());
        for (form, named) in [
            (json!(5), "a number"),
            (json!(""), "empty"),
            (json!("s3 cr3t"), "space"),
            (json!({"access_token": "s3cr3t"}), "\"token\""),
            (json!({"token": "s3cr3t", "expires": 5}), "expires"),
            (json!({"token": "s3cr3t", "expires_at": 1.9e12}), "Unix seconds"),
            (json!({"token": "s3cr3t", "account_id": 5}), "account_id"),
        ] {
            let error = token_from_json(form).unwrap_err();
            assert!(error.message().contains(named) && !error.message().contains("s3"), "{error}");
        }
    }
}
