//! Evidence from files: one JSON object per line, one error per line.

use serde_json::{Map, Value};

use super::{Error, Evidence, classify};
use crate::transport::Headers;

/// Judges one line `{"id","provider","status":int|null,"headers":{},"body":""}` and gives `{"id", …}` with every field
/// of [`Error::to_json`]. Unknown keys are ignored, `url` is read when it is there, a missing body is an empty one.
///
/// # Errors
/// `invalid_request` when the line is no such object; the message says what is wrong with it.
///
/// ```
/// let line = r#"{"id":"a","provider":"openai","status":429,"headers":{"retry-after":"2"},"body":""}"#;
/// let out = openclaw_core::error::classify_json_line(line)?;
/// assert_eq!((out["id"].as_str(), out["kind"].as_str()), (Some("a"), Some("rate_limited")));
/// # Ok::<(), openclaw_core::Error>(())
/// ```
pub fn classify_json_line(line: &str) -> super::Result<Value> {
    let mut read: Map<String, Value> = serde_json::from_str(line.trim_start_matches('\u{feff}'))
        .map_err(|error| wrong(&format!("{error}")).with_source(error))?;
    let status = match read.remove("status").unwrap_or_default() {
        Value::Null => None,
        value => Some(
            value
                .as_u64()
                .and_then(|number| u16::try_from(number).ok())
                .filter(|status| (100..=999).contains(status))
                .ok_or_else(|| wrong(&format!("`status` is {value}, not an HTTP status or null")))?,
        ),
    };
    let mut text = |key: &str| match read.remove(key).unwrap_or_default() {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text),
        _ => Err(wrong(&format!("`{key}` is no text"))),
    };
    let (provider, body, url) = (text("provider")?, text("body")?, text("url")?);
    let headers = match read.remove("headers").unwrap_or_default() {
        Value::Null => Headers::new(),
        Value::Object(map) => headers(map)?,
        _ => return Err(wrong("`headers` is no object")),
    };
    let url = (!url.is_empty()).then_some(url.as_str());
    let error = classify(&Evidence { provider: &provider, status, headers, body: &body, url, now: None });
    let mut out = Map::new();
    out.insert("id".to_owned(), read.remove("id").unwrap_or_default());
    if let Value::Object(fields) = error.to_json() {
        out.extend(fields);
    }
    Ok(Value::Object(out))
}

fn wrong(what: &str) -> Error {
    Error::invalid_request(format!("not a line of evidence: {what}"))
}

fn headers(map: Map<String, Value>) -> super::Result<Headers> {
    let mut headers = Headers::new();
    for (name, value) in map {
        match value {
            Value::Null => {}
            Value::Array(values) => {
                for value in values {
                    headers.push(name.as_str(), scalar(&name, value)?);
                }
            }
            value => headers.push(name.as_str(), scalar(&name, value)?),
        }
    }
    Ok(headers)
}

fn scalar(name: &str, value: Value) -> super::Result<String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(wrong(&format!("header `{name}` is neither text nor number"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn reads_every_form_of_header() {
        let line = r#"{"id":7,"extra":[],"status":503,"headers":{"Retry-After":3,"x":["a","b"],"y":null},"body":null}"#;
        let out = classify_json_line(line).unwrap();
        assert_eq!(out["id"], 7);
        assert_eq!(out["kind"], "server_error");
        assert_eq!(out["retry_after_ms"], 3000);
    }

    #[test]
    fn says_what_is_wrong() {
        for (line, part) in [
            ("", "EOF"),
            ("[]", "map"),
            ("{\"status\":\"x\"}", "status"),
            ("{\"status\":70000}", "70000"),
            ("{\"headers\":{\"a\":{}}}", "`a`"),
            ("{\"body\":1}", "`body`"),
            ("{\"headers\":[]}", "`headers`"),
        ] {
            let error = classify_json_line(line).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{line}");
            assert!(error.message().contains(part), "{line}: {error}");
        }
    }
}
