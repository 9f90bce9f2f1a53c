//! The forms of the events on the wire, as far as they are read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::call::lenient::{Count, Text, repair_surrogates};
use crate::chat::{Content, Credits, Item, LimitFamily, LimitWindow, RateLimits, RawItem, Usage};

/// Every event that carries a piece of text.
#[derive(Debug, Deserialize)]
pub(super) struct DeltaForm<'a> {
    #[serde(borrow, default)]
    pub item_id: Text<'a>,
    #[serde(default)]
    pub output_index: Count,
    #[serde(default)]
    pub content_index: Count,
    #[serde(default)]
    pub summary_index: Count,
    #[serde(borrow)]
    pub delta: Cow<'a, str>,
}

impl<'a> DeltaForm<'a> {
    /// Reads the event.
    pub fn read(text: &'a str) -> serde_json::Result<Self> {
        match Self::scan(text) {
            Some(form) => Ok(form),
            None => serde_json::from_str(text),
        }
    }

    /// Reads the form that servers write: a flat object without spaces, of text, whole numbers and empty lists.
    ///
    /// Nearly every event of an answer is one, and this takes half the time of the general reader. It gives up at the
    /// first byte that it does not expect; what it does read, the general reader reads the same.
    fn scan(text: &'a str) -> Option<Self> {
        let mut form = Self {
            item_id: Text(None),
            output_index: Count(None),
            content_index: Count(None),
            summary_index: Count(None),
            delta: Cow::Borrowed(""),
        };
        let mut found = false;
        let mut rest = text.strip_prefix('{')?;
        loop {
            let (key, after) = plain_text(rest)?;
            rest = after.strip_prefix(':')?;
            if key == "delta" {
                if std::mem::replace(&mut found, true) {
                    return None;
                }
                (form.delta, rest) = any_text(rest)?;
            } else if rest.starts_with('"') {
                let (value, after) = plain_text(rest)?;
                rest = after;
                match key {
                    "item_id" if form.item_id.0.is_none() => form.item_id = Text(Some(Cow::Borrowed(value))),
                    "item_id" | "output_index" | "content_index" | "summary_index" => return None,
                    _ => {}
                }
            } else if let Some(after) = rest.strip_prefix("[]") {
                if matches!(key, "item_id" | "output_index" | "content_index" | "summary_index") {
                    return None;
                }
                rest = after;
            } else {
                let (value, after) = short_number(rest)?;
                rest = after;
                let place = match key {
                    "output_index" => &mut form.output_index,
                    "content_index" => &mut form.content_index,
                    "summary_index" => &mut form.summary_index,
                    "item_id" => return None,
                    _ => &mut Count(None),
                };
                if place.0.replace(value).is_some() {
                    return None;
                }
            }
            match rest.strip_prefix(',') {
                Some(after) => rest = after,
                None => return (rest == "}" && found).then_some(form),
            }
        }
    }
}

/// A text without escapes, and what is behind it.
fn plain_text(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let end = inner.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1F))?;
    let (value, rest) = inner.split_at_checked(end)?;
    Some((value, rest.strip_prefix('"')?))
}

/// A text with or without escapes, and what is behind it.
fn any_text(text: &str) -> Option<(Cow<'_, str>, &str)> {
    if let Some((value, rest)) = plain_text(text) {
        return Some((Cow::Borrowed(value), rest));
    }
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            break;
        }
        at += 2;
    }
    let (value, rest) = text.split_at_checked(at + 1)?;
    Some((Cow::Owned(serde_json::from_str(value).ok()?), rest))
}

/// A whole number of at most nine digits, and what is behind it.
fn short_number(text: &str) -> Option<(u64, &str)> {
    let length = text.bytes().take(10).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    let fine = matches!(length, 1..=9) && (length == 1 || !digits.starts_with('0')) && rest.starts_with([',', '}']);
    if fine { Some((digits.parse().ok()?, rest)) } else { None }
}

/// `response.output_item.added` and `.done`.
#[derive(Deserialize)]
pub(super) struct ItemForm<'a> {
    #[serde(default)]
    pub output_index: Count,
    #[serde(borrow)]
    pub item: &'a RawValue,
}

/// An event with a `response`: the first one and the last ones.
#[derive(Deserialize, Default)]
pub(super) struct ResponseEvent<'a> {
    #[serde(borrow, default)]
    pub response: Option<ResponseForm<'a>>,
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub headers: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
pub(super) struct ResponseForm<'a> {
    #[serde(borrow, default)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub model: Text<'a>,
    #[serde(borrow, default)]
    pub status: Text<'a>,
    #[serde(borrow, default)]
    pub service_tier: Text<'a>,
    #[serde(borrow, default)]
    pub usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub incomplete_details: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub output: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub headers: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
pub(super) struct IncompleteForm<'a> {
    #[serde(borrow, default)]
    pub reason: Text<'a>,
}

/// A top-level `error`: its fields flat, or inside `error`.
#[derive(Deserialize)]
pub(super) struct ErrorEvent<'a> {
    #[serde(default)]
    pub status: Count,
    #[serde(default)]
    pub status_code: Count,
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub headers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub code: Text<'a>,
    #[serde(borrow, default)]
    pub message: Text<'a>,
    #[serde(borrow, default)]
    pub param: Text<'a>,
}

#[derive(Deserialize, Default)]
pub(super) struct InnerHeaders<'a> {
    #[serde(borrow, default)]
    pub headers: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct UsageForm {
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    input_tokens_details: Option<Details>,
    #[serde(default)]
    output_tokens: Count,
    #[serde(default)]
    output_tokens_details: Option<Details>,
    #[serde(default)]
    total_tokens: Count,
}

#[derive(Deserialize, Default)]
struct Details {
    #[serde(default)]
    cached_tokens: Count,
    #[serde(default)]
    cache_write_tokens: Count,
    #[serde(default)]
    reasoning_tokens: Count,
}

/// The usage, unless nothing is said in it.
pub(super) fn usage(json: &RawValue) -> Option<Usage> {
    let form: UsageForm = serde_json::from_str(json.get()).ok()?;
    if form.input_tokens.0.is_none() && form.output_tokens.0.is_none() && form.total_tokens.0.is_none() {
        return None;
    }
    let input = form.input_tokens_details.unwrap_or_default();
    let output = form.output_tokens_details.unwrap_or_default();
    let input_tokens = form.input_tokens.or_zero();
    let output_tokens = form.output_tokens.or_zero();
    Some(Usage {
        input_tokens,
        cached_tokens: input.cached_tokens.or_zero(),
        cache_write_tokens: input.cache_write_tokens.or_zero(),
        output_tokens,
        reasoning_tokens: output.reasoning_tokens.or_zero(),
        total_tokens: form.total_tokens.0.unwrap_or_else(|| input_tokens.saturating_add(output_tokens)),
    })
}

/// An item, or nothing if it is no object or nested too deeply. One that does not keep its own form becomes a raw one.
pub(super) fn item(json: &RawValue) -> Option<Item> {
    let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let mut map = read(json.get()).or_else(|| read(&repair_surrogates(json.get())?))?;
    if map.get("type").and_then(Value::as_str) == Some("message") {
        for (key, value) in [("content", Value::Array(Vec::new())), ("role", "assistant".into())] {
            if map.get(key).is_none_or(Value::is_null) {
                map.insert(key.to_owned(), value);
            }
        }
    }
    let known = Item::deserialize(Value::Object(map.clone())).ok();
    // A part that cannot be told apart from a known one would be read as raw; the whole stays faithful either way.
    Some(known.unwrap_or(Item::Raw(RawItem(map))))
}

/// Whether the model wrote text in this content, or only refused.
pub(super) fn only_refused(content: &[Content]) -> bool {
    let text = |part: &Content| matches!(part, Content::OutputText { text, .. } if !text.is_empty());
    content.iter().any(|part| matches!(part, Content::Refusal(_))) && !content.iter().any(text)
}

/// Headers inside of an event: `{"Name": "value" | 5 | ["value"]}`.
pub(super) fn headers(json: Option<&RawValue>) -> Vec<(String, String)> {
    let Some(Ok(map)) = json.map(|json| serde_json::from_str::<Map<String, Value>>(json.get())) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (name, value) in map {
        let value = match value {
            Value::Array(values) => values.into_iter().next().unwrap_or_default(),
            other => other,
        };
        match value {
            Value::String(text) => out.push((name, text)),
            Value::Number(number) => out.push((name, number.to_string())),
            Value::Bool(flag) => out.push((name, flag.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => {}
        }
    }
    out
}

/// `codex.rate_limits`.
pub(super) fn rate_limits(text: &str) -> Option<RateLimits> {
    let event: Map<String, Value> = serde_json::from_str(text).ok()?;
    let word = |key: &str| event.get(key).and_then(Value::as_str).map(str::to_owned);
    let windows = event.get("rate_limits").filter(|value| value.is_object());
    let window = |key: &str| windows.and_then(|windows| limit_window(windows.get(key)?));
    let family = LimitFamily {
        id: word("metered_limit_name").unwrap_or_else(|| "codex".to_owned()),
        name: word("limit_name"),
        primary: window("primary"),
        secondary: window("secondary"),
        primary_over_secondary_percent: None,
    };
    let credits = event.get("credits").and_then(|credits| {
        Some(Credits {
            has_credits: credits.get("has_credits")?.as_bool()?,
            unlimited: credits.get("unlimited")?.as_bool()?,
            balance: match credits.get("balance") {
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Number(number)) => Some(number.to_string()),
                _ => None,
            },
        })
    });
    let some_window = family.primary.is_some() || family.secondary.is_some();
    if windows.is_none() && credits.is_none() {
        return None;
    }
    Some(RateLimits {
        families: if some_window { vec![family] } else { Vec::new() },
        plan_type: word("plan_type"),
        credits,
        ..RateLimits::default()
    })
}

fn limit_window(value: &Value) -> Option<LimitWindow> {
    let number = |key: &str| {
        let number = match value.get(key)? {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    };
    // A float cast saturates, and a negative one becomes 0.
    let whole = |key: &str| number(key).map(|number| number as u64);
    let window = LimitWindow {
        used_percent: number("used_percent")?,
        window_minutes: whole("window_minutes"),
        resets_at: whole("reset_at").or_else(|| whole("resets_at")),
        resets_in_seconds: whole("reset_after_seconds").or_else(|| whole("resets_in_seconds")),
    };
    let said =
        window.used_percent != 0.0 || window.window_minutes.is_some_and(|m| m != 0) || window.resets_at.is_some();
    said.then_some(window)
}

#[cfg(test)]
mod tests;
