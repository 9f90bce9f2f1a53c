//! Why a host's part failed, in the host's own words.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;

use crate::error::{Advice, Error, ErrorKind, Result, Stage, redact};

/// The error of its JSON form, as [`Error::to_json`] writes it: `kind` and `message` are enough. Secrets are taken out of
/// the message.
///
/// # Errors
/// `invalid_request`: what is no object, a `kind`, `stage` or `advice` that does not exist.
pub fn fault_from_json(value: &Value) -> Result<Error> {
    let Value::Object(map) = value else {
        return Err(Error::invalid_request(
            "an error is a JSON object such as {\"kind\":\"overloaded\",\"message\":\"…\"}",
        ));
    };
    let text = |key: &str| map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let unknown = |key: &str, word: &str| Error::invalid_request(format!("there is no {key} {word:?} of errors"));
    let kind = match text("kind") {
        None => ErrorKind::Unknown,
        Some(word) => ErrorKind::from_name(word).ok_or_else(|| unknown("kind", word))?,
    };
    let stage = match text("stage") {
        None => Stage::MaybeSent,
        Some(word) => Stage::from_name(word).ok_or_else(|| unknown("stage", word))?,
    };
    let said = text("message").unwrap_or("the host gave no reason");
    let mut error = Error::new(kind, stage, redact(said));
    if let Some(word) = text("advice") {
        let advice = Advice::from_name(word).ok_or_else(|| unknown("advice", word))?;
        error = error.with_advice(advice);
    }
    for (key, with) in TEXTS {
        if let Some(text) = text(key) {
            error = with(error, text);
        }
    }
    let number = |key: &str| map.get(key).and_then(Value::as_u64);
    if let Some(status) = number("http_status").and_then(|status| u16::try_from(status).ok()) {
        error = error.with_http_status(status);
    }
    if let Some(ms) = number("retry_after_ms") {
        error = error.with_retry_after(Duration::from_millis(ms));
    }
    let time = |key: &str| UNIX_EPOCH.checked_add(Duration::from_secs(number(key)?));
    if let Some(at) = time("resets_at") {
        error = error.with_resets_at(at);
    }
    if let Some(at) = time("usable_at") {
        error = error.with_usable_at(at);
    }
    if let Some(edge) = map.get("edge").and_then(|edge| serde_json::from_value(edge.clone()).ok()) {
        error = error.with_edge(edge);
    }
    if let Some(attempts) = map.get("attempts").and_then(|tries| serde_json::from_value(tries.clone()).ok()) {
        error = error.with_attempts(attempts);
    }
    Ok(error)
}

type With = fn(Error, &str) -> Error;

const TEXTS: [(&str, With); 8] = [
    ("provider", Error::with_provider),
    ("model", Error::with_model),
    ("profile", Error::with_profile),
    ("url", Error::with_url),
    ("request_id", Error::with_request_id),
    ("cf_ray", Error::with_cf_ray),
    ("code", Error::with_code),
    ("body_preview", Error::with_body_preview),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_that_we_write_can_be_read() {
        let record = json!({"kind": "usage_limit", "stage": "responded", "advice": "wait", "message": "used up",
            "provider": "p", "model": "m", "profile": "x", "http_status": 429, "url": "https://h/p", "request_id": "r",
            "cf_ray": "c", "code": "k", "retry_after_ms": 1500, "resets_at": 2_000_000_000, "body_preview": "b",
            "edge": {"vendor": "cloudflare", "action": "waf"},
            "attempts": [{"provider": "p", "model": "m", "kind": "overloaded", "duration_ms": 5}]});
        assert_eq!(fault_from_json(&record).unwrap().to_json(), record);
        let short = fault_from_json(&json!({"message": "no key sk-proj-abcdefghijklmnopqrstuvwxyz"})).unwrap();
        assert_eq!(short.kind(), ErrorKind::Unknown);
        assert!(!short.message().contains("abcdefghij"), "{short}");
        for (record, named) in
            [(json!([]), "object"), (json!({"kind": "bored"}), "bored"), (json!({"stage": "x"}), "stage")]
        {
            assert!(fault_from_json(&record).unwrap_err().message().contains(named));
        }
    }
}
