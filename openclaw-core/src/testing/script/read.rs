//! From JSON by hand: serde cannot name the place of a fault inside an array, nor what would be right there.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{Answer, Exchange, Framing, Repeat, Scenario, Script, Step};

type Read<T> = Result<T, String>;

pub(super) fn script(value: &Value) -> Read<Script> {
    let (list, check_requests) = match value {
        Value::Array(list) => (list, None),
        Value::Object(map) => {
            keys(map, "the script", &["check_requests", "exchanges"])?;
            let list = map.get("exchanges").and_then(Value::as_array).ok_or(
                "`exchanges` must be a list of exchanges, such as [{\"status\": 200, \"steps\": []}]".to_owned(),
            )?;
            let check = match map.get("check_requests") {
                None | Some(Value::Null) => None,
                Some(Value::Bool(check)) => Some(*check),
                Some(other) => return Err(wrong("check_requests", other, "true or false")),
            };
            (list, check)
        }
        other => return Err(wrong("the script", other, "an object with a list named `exchanges`")),
    };
    let exchanges =
        list.iter().enumerate().map(|(i, value)| exchange(&format!("exchanges[{i}]"), value)).collect::<Read<_>>()?;
    Ok(Script { exchanges, check_requests })
}

fn exchange(at: &str, value: &Value) -> Read<Exchange> {
    let map = value.as_object().ok_or_else(|| wrong(at, value, "an object with `status` and `steps`"))?;
    keys(
        map,
        at,
        &[
            "method",
            "path",
            "repeat",
            "status",
            "headers",
            "framing",
            "chunk_bytes",
            "steps",
            "body",
            "json",
            "scenario",
        ],
    )?;
    let method = match map.get("method") {
        None => "POST".to_owned(),
        Some(value) => text(&format!("{at}.method"), value, "a method such as \"POST\", or \"*\"")?.to_uppercase(),
    };
    let path = match map.get("path") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let right = "a path without query, such as \"/backend-api/codex/responses\"";
            let place = format!("{at}.path");
            let path = text(&place, value, right)?;
            if !path.starts_with('/') || path.contains('?') {
                return Err(wrong(&place, value, right));
            }
            Some(path.to_owned())
        }
    };
    let repeat = match map.get("repeat") {
        None | Some(Value::Null | Value::Bool(false)) => Repeat::Times(1),
        Some(Value::Bool(true)) => Repeat::Forever,
        Some(value) => Repeat::Times(number(&format!("{at}.repeat"), value, "true, or how many times")?),
    };
    Ok(Exchange { method, path, repeat, answer: answer(at, map)? })
}

fn answer(at: &str, map: &Map<String, Value>) -> Read<Answer> {
    let ways = ["steps", "body", "json", "scenario"].map(|key| map.contains_key(key).then_some(key));
    let given: Vec<&str> = ways.into_iter().flatten().collect();
    if let [first, second, ..] = given.as_slice() {
        return Err(format!("{at} has both `{first}` and `{second}`; keep one of them"));
    }
    if let Some(name) = map.get("scenario") {
        let others = ["status", "headers", "framing", "chunk_bytes"];
        if let Some(other) = others.into_iter().find(|key| map.contains_key(*key)) {
            return Err(format!("{at} has both `scenario` and `{other}`; the scenario brings its own, remove one"));
        }
        let names = Scenario::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ");
        let scenario = name.as_str().and_then(Scenario::from_name);
        return scenario
            .map(Answer::Scenario)
            .ok_or_else(|| wrong(&format!("{at}.scenario"), name, &format!("one of {names}")));
    }
    let status = match map.get("status") {
        None => 200,
        Some(value) => {
            let place = format!("{at}.status");
            let status = number(&place, value, "a status from 200 to 999")?;
            if !(200..=999).contains(&status) {
                return Err(wrong(&place, value, "a status from 200 to 999"));
            }
            u16::try_from(status).unwrap_or(200)
        }
    };
    let mut headers = match map.get("headers") {
        None => Vec::new(),
        Some(value) => self::headers(&format!("{at}.headers"), value)?,
    };
    let whole = map.contains_key("body") || map.contains_key("json");
    let framing = match map.get("framing") {
        None if whole => Framing::ContentLength,
        None => Framing::Chunked,
        Some(value) => value
            .as_str()
            .and_then(Framing::from_name)
            .ok_or_else(|| wrong(&format!("{at}.framing"), value, "one of chunked, content_length, close, raw"))?,
    };
    let mut steps = Vec::new();
    if let Some(value) = map.get("chunk_bytes") {
        steps.push(Step::ChunkBytes(size(&format!("{at}.chunk_bytes"), value)?));
    }
    if let Some(value) = map.get("body") {
        let body = text(&format!("{at}.body"), value, "text; write JSON as `json`")?;
        steps.push(Step::Send { bytes: body.to_owned().into(), times: 1 });
    } else if let Some(value) = map.get("json") {
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        steps.push(Step::Send { bytes: value.to_string().into(), times: 1 });
    } else if let Some(value) = map.get("steps") {
        let place = format!("{at}.steps");
        let list = value.as_array().ok_or_else(|| wrong(&place, value, "a list of steps"))?;
        for (i, value) in list.iter().enumerate() {
            steps.push(step(&format!("{place}[{i}]"), value)?);
        }
    }
    Ok(Answer::Steps { status, headers, framing, steps })
}

fn headers(at: &str, value: &Value) -> Read<Vec<(String, String)>> {
    let right = "an object such as {\"content-type\": \"text/event-stream\"}, or a list of pairs";
    let mut out = Vec::new();
    let mut push = |name: &str, value: &Value| {
        let place = format!("{at}[{name:?}]");
        let value = match value {
            Value::Number(number) => number.to_string(),
            value => text(&place, value, "text")?.to_owned(),
        };
        // `raw` is the way to send a broken head; here it would be an accident.
        if name.is_empty() || name.contains(|c: char| c.is_ascii_control() || c == ' ' || c == ':') {
            return Err(format!("{place}: {name:?} is not a header name; write one such as \"x-request-id\""));
        }
        if value.contains(['\r', '\n']) {
            return Err(format!("{place}: the value has a line break; send a broken head with \"framing\": \"raw\""));
        }
        out.push((name.to_owned(), value));
        Ok(())
    };
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::Array(values) => values.iter().try_for_each(|value| push(name, value))?,
                    value => push(name, value)?,
                }
            }
        }
        Value::Array(pairs) => {
            for pair in pairs {
                match pair.as_array().map(Vec::as_slice) {
                    Some([Value::String(name), value]) => push(name, value)?,
                    _ => return Err(wrong(at, pair, "pairs such as [\"content-type\", \"text/html\"]")),
                }
            }
        }
        other => return Err(wrong(at, other, right)),
    }
    Ok(out)
}

const STEPS: &str = "one of send, send_base64, sse, delay_ms, chunk_bytes, stall, reset, close";

fn step(at: &str, value: &Value) -> Read<Step> {
    let map = value.as_object().ok_or_else(|| wrong(at, value, &format!("an object with {STEPS}")))?;
    let mut named = map.iter().filter(|(key, _)| *key != "times");
    let (Some((key, value)), None) = (named.next(), named.next()) else {
        return Err(format!("{at} must have exactly one key that says what to do: {STEPS}"));
    };
    let place = format!("{at}.{key}");
    let times = match map.get("times") {
        None => 1,
        Some(times) if key.starts_with("send") => number(&format!("{at}.times"), times, "how many times")?,
        Some(_) => return Err(format!("{at}: `times` belongs to `send` and `send_base64` only; remove it")),
    };
    let set = |step: Step| match value {
        Value::Bool(true) => Ok(step),
        other => Err(wrong(&place, other, "true; leave the step out if it is not wanted")),
    };
    match key.as_str() {
        "send" => Ok(Step::Send { bytes: text(&place, value, "text")?.to_owned().into(), times }),
        "send_base64" => {
            let encoded = text(&place, value, "base64 text")?;
            let bytes = STANDARD
                .decode(encoded)
                .map_err(|e| format!("{place} is not base64 ({e}); write the standard alphabet with padding"))?;
            Ok(Step::Send { bytes: bytes.into(), times })
        }
        "sse" if value.is_object() => Ok(Step::Sse(value.clone())),
        "sse" => Err(wrong(&place, value, "an event such as {\"type\": \"response.created\"}")),
        "delay_ms" => Ok(Step::Delay(Duration::from_millis(
            value.as_u64().ok_or_else(|| wrong(&place, value, "a whole number of ms"))?,
        ))),
        "chunk_bytes" => Ok(Step::ChunkBytes(size(&place, value)?)),
        "stall" => set(Step::Stall),
        "reset" => set(Step::Reset),
        "close" => set(Step::Close),
        other => Err(format!("{at} has the unknown step `{other}`; write {STEPS}")),
    }
}

fn keys(map: &Map<String, Value>, at: &str, known: &[&str]) -> Read<()> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(format!("{at} has the unknown key `{key}`; write one of {}", known.join(", "))),
    }
}

fn text<'a>(at: &str, value: &'a Value, right: &str) -> Read<&'a str> {
    value.as_str().ok_or_else(|| wrong(at, value, right))
}

fn number(at: &str, value: &Value, right: &str) -> Read<u32> {
    value.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or_else(|| wrong(at, value, right))
}

fn size(at: &str, value: &Value) -> Read<usize> {
    number(at, value, "a number of bytes").map(|n| usize::try_from(n).unwrap_or(usize::MAX))
}

fn wrong(at: &str, value: &Value, right: &str) -> String {
    let mut shown = value.to_string();
    if shown.chars().count() > 60 {
        shown = shown.chars().take(60).collect::<String>() + "…";
    }
    format!("{at} is {shown}; write {right}")
}
