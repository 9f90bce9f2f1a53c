//! The fields of a JSON error, whatever house wrote it.

use serde_json::Value;

use super::{python, repair};

/// What a JSON error says.
#[derive(Debug, Default, Clone, PartialEq)]
pub(in crate::error) struct ErrorBody {
    /// Machine-readable names, the most telling first: code, type, status, reasons of details.
    pub codes: Vec<Code>,
    /// The text for people.
    pub message: String,
    /// The parameter that it is about.
    pub param: Option<String>,
    /// A status that stands in the body.
    pub status: Option<u16>,
    /// The plan of the account.
    pub plan: Option<String>,
    /// Unix seconds at which the window opens again.
    pub resets_at: Option<f64>,
    /// Seconds until it does.
    pub resets_in: Option<f64>,
    /// A delay in seconds that the body names.
    pub retry_after: Option<f64>,
    /// The provider's id of the call.
    pub request_id: Option<String>,
    /// Headers that a WebSocket error frame carries.
    pub headers: Vec<(String, String)>,
    /// Cloudflare wrote it (`cloudflare_error` of its problem documents).
    pub cloudflare: bool,
}

/// A machine-readable name of an error.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::error) enum Code {
    /// A name, as it was sent.
    Name(String),
    /// A number of the provider's own.
    Number(u64),
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl ErrorBody {
    /// Reads JSON; JSON that was cut is closed first.
    pub(in crate::error) fn parse(text: &str) -> Option<Self> {
        let mut whole = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let value = match whole.next()? {
            Ok(value) => value,
            Err(error) if error.is_eof() => serde_json::from_str(&repair::close(text)?).ok()?,
            Err(_) => return None,
        };
        let mut out = Self::default();
        out.take(&value, 0);
        Some(out)
    }

    /// Reads JSON, or Python's print of it, that stands behind a transport's own words.
    pub(in crate::error) fn parse_behind(text: &str, furthest: usize) -> Option<Self> {
        let behind = |start: &str| text.find(start).filter(|at| *at <= furthest).and_then(|at| text.get(at..));
        match behind("{\"") {
            Some(json) => Self::parse(json),
            None => Self::parse(&python::to_json(behind("{'")?)),
        }
    }

    /// Whether it says anything of an error.
    pub(in crate::error) fn is_error(&self) -> bool {
        !self.message.is_empty() || self.codes.iter().any(|code| !is_event(code))
    }

    /// The one code to show.
    pub(in crate::error) fn shown_code(&self) -> Option<String> {
        self.codes.iter().find(|code| !is_event(code)).map(Code::to_string)
    }

    fn take(&mut self, value: &Value, depth: usize) {
        /// Errors wrap errors; nobody wraps deeper than this.
        const DEEPEST: usize = 6;
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Object(_) => self.take_object(value, depth),
            Value::Array(items) => items.iter().take(1).for_each(|item| self.take(item, depth + 1)),
            Value::String(text) => self.say(text, depth),
            _ => {}
        }
    }

    fn take_object(&mut self, value: &Value, depth: usize) {
        // What is inside is nearer to the cause, so it is asked first.
        let inner =
            ["response", "error", "errors", "detail", "Error", "base_resp", "incomplete_details", "promptFeedback"];
        for inner in inner {
            match value.get(inner) {
                Some(Value::String(text)) if is_name(text) => self.codes.push(Code::Name(text.clone())),
                Some(found) => self.take(found, depth + 1),
                None => {}
            }
        }
        for key in [
            "code",
            "error_code",
            "Code",
            "errorCode",
            "type",
            "__type",
            "status",
            "status_code",
            "error_name",
            "reason",
            "blockReason",
        ] {
            self.code(value.get(key));
        }
        for key in ["innererror", "details", "metadata"] {
            match value.get(key) {
                Some(Value::Array(items)) => items.iter().take(8).for_each(|item| self.detail(item, depth)),
                Some(Value::Object(_)) => value.get(key).into_iter().for_each(|item| self.detail(item, depth)),
                _ => {}
            }
        }
        for key in [
            "message",
            "Message",
            "msg",
            "error_description",
            "error_message",
            "error_msg",
            "errorMessage",
            "status_msg",
            "title",
        ] {
            if let Some(text) = value.get(key).and_then(Value::as_str) {
                self.say(text, depth);
            }
        }
        self.fields(value);
    }

    /// One of the details that Google, Azure and OpenRouter put beside the message.
    fn detail(&mut self, value: &Value, depth: usize) {
        self.code(value.get("reason"));
        self.code(value.get("code"));
        let quota = value.pointer("/violations/0/quotaId").and_then(Value::as_str);
        self.codes.extend(quota.map(|id| Code::Name(id.to_owned())));
        if let Some(delay) = value.get("retryDelay").and_then(Value::as_str) {
            self.retry_after = delay.trim_end_matches('s').parse().ok();
        }
        match value.get("raw") {
            Some(Value::String(raw)) => match Self::parse(raw) {
                Some(inner) if raw.starts_with('{') && depth < 2 => self.merge(inner),
                _ => self.say(raw, depth),
            },
            Some(raw) => self.take(raw, depth + 1),
            None => {}
        }
    }

    fn merge(&mut self, inner: Self) {
        self.codes.extend(inner.codes);
        if !inner.message.is_empty() {
            self.message = inner.message;
        }
        self.status = self.status.or(inner.status);
    }

    fn code(&mut self, value: Option<&Value>) {
        match value {
            Some(Value::String(text)) if text.len() <= 200 => match text.parse() {
                Ok(number) => self.number(number),
                // Amazon writes `com.amazonaws…#ThrottlingException`.
                Err(_) => self.codes.push(Code::Name(text.rsplit('#').next().unwrap_or(text).to_owned())),
            },
            Some(Value::Number(number)) => number.as_u64().into_iter().for_each(|n| self.number(n)),
            _ => {}
        }
    }

    fn number(&mut self, number: u64) {
        match u16::try_from(number) {
            Ok(status @ 400..=599) => self.status = self.status.or(Some(status)),
            _ if number > 0 => self.codes.push(Code::Number(number)),
            _ => {}
        }
    }

    /// Keeps the first text. One that holds JSON of its own is read as such.
    fn say(&mut self, text: &str, depth: usize) {
        let inner = text.trim_start();
        if depth < 2 && inner.starts_with("{\"") {
            if let Some(inner) = Self::parse(inner).filter(Self::is_error) {
                return self.merge(inner);
            }
        }
        if self.message.is_empty() {
            self.message = text.to_owned();
        }
    }

    fn fields(&mut self, value: &Value) {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let number = |key: &str| match value.get(key) {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        self.param = self.param.take().or_else(|| text("param"));
        self.plan = self.plan.take().or_else(|| text("plan_type"));
        self.resets_at = self.resets_at.or_else(|| number("resets_at"));
        self.resets_in = self.resets_in.or_else(|| number("resets_in_seconds"));
        self.retry_after = self.retry_after.or_else(|| number("retry_after"));
        self.request_id = self.request_id.take().or_else(|| text("request_id")).or_else(|| text("RequestId"));
        self.cloudflare |= value.get("cloudflare_error").and_then(Value::as_bool).unwrap_or_default();
        if let Some(Value::Object(headers)) = value.get("headers") {
            self.headers.extend(
                headers.iter().take(100).map(|(name, value)| {
                    (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                }),
            );
        }
    }
}

/// A word of a machine, not of a person: OAuth writes its code as `{"error":"invalid_grant"}`.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
        && text.bytes().any(|b| b == b'_' || b == b'-')
}

/// Types of events say nothing of the cause.
fn is_event(code: &Code) -> bool {
    matches!(code, Code::Name(name) if name == "error" || name.starts_with("response."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, String, Option<u16>) {
        let body = ErrorBody::parse(text).unwrap();
        (body.codes.iter().map(Code::to_string).collect(), body.message, body.status)
    }

    #[test]
    fn reads_every_house() {
        let (codes, message, _) =
            read(r#"{"type":"error","status":429,"error":{"type":"t","code":"c","message":"m"}}"#);
        assert_eq!((codes.first().map(String::as_str), message.as_str()), (Some("c"), "m"));
        assert_eq!(read(r#"{"detail":"Bad"}"#), (vec![], "Bad".into(), None));
        assert_eq!(read(r#"{"detail":{"code":"gone"}}"#).0, ["gone"]);
        assert_eq!(
            read(r#"{"error":"invalid_grant","error_description":"d"}"#),
            (vec!["invalid_grant".into()], "d".into(), None)
        );
        assert_eq!(read(r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m"}}]"#).2, Some(429));
        assert_eq!(read(r#"{"__type":"com.amazon.x#ThrottlingException","message":"m"}"#).0, ["ThrottlingException"]);
        assert_eq!(
            read(r#"{"base_resp":{"status_code":1008,"status_msg":"m"}}"#),
            (vec!["1008".into()], "m".into(), None)
        );
        assert_eq!(read(r#"{"response":{"error":{"code":"c","message":"m"}}}"#).1, "m");
        assert_eq!(
            read(r#"{"detail":[{"type":"missing","loc":["body"],"msg":"Field required"}]}"#).1,
            "Field required"
        );
        let wrapped = r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"in\",\"code\":\"x\"}}"}}}"#;
        assert_eq!(read(wrapped).1, "in");
    }

    #[test]
    fn deep_and_broken_json_gives_nothing() {
        assert_eq!(ErrorBody::parse(&"[".repeat(100_000)), None);
        assert_eq!(ErrorBody::parse("{nope}"), None);
        assert_eq!(ErrorBody::parse(r#"{"error":{"code":"usage_limit_reached","mess"#).unwrap().codes.len(), 1);
    }
}
