//! Judges requests as `api.anthropic.com` does, in its words.

use std::collections::HashSet;

use serde_json::Value;

use super::error;
use crate::testing::http::Incoming;
use crate::testing::play::Reply;

/// The fields of a request; any other is refused.
const FIELDS: [&str; 20] = [
    "cache_control",
    "container",
    "context_management",
    "inference_geo",
    "max_tokens",
    "mcp_servers",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];

/// The refusal, if the credential is not good here.
pub(in crate::testing) fn credential(request: &Incoming) -> Option<Reply> {
    if request.header("anthropic-version").is_none() {
        return Some(error(400, "invalid_request_error", "anthropic-version: header is required"));
    }
    let refuse = |text: &str| Some(error(401, "authentication_error", text));
    let beta = request.header("anthropic-beta").unwrap_or_default();
    match (request.header("x-api-key"), request.header("authorization")) {
        (Some(key), None) if key.starts_with("sk-ant-api") => None,
        (Some(_), None) => refuse("invalid x-api-key"),
        (None, Some(token)) if token.starts_with("Bearer sk-ant-oat") => match beta.contains("oauth-2025-04-20") {
            true => None,
            false => refuse("OAuth authentication is currently not supported."),
        },
        (None, Some(_)) => refuse("Invalid bearer token"),
        (Some(_), Some(_)) => refuse("both x-api-key and Authorization were sent"),
        (None, None) => refuse("x-api-key header is required"),
    }
}

/// The refusal, if the body is not good here.
pub(in crate::testing) fn body(body: &Value) -> Option<Reply> {
    let model = text(body, "model");
    if model.ends_with("-unknown") {
        return Some(error(404, "not_found_error", &format!("model: {model}")));
    }
    wrong(body).map(|why| error(400, "invalid_request_error", &why))
}

fn wrong(body: &Value) -> Option<String> {
    if let Some(name) = body.as_object()?.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Some(format!("{name}: Extra inputs are not permitted"));
    }
    if text(body, "model").is_empty() {
        return Some("model: Field required".to_owned());
    }
    let Some(max_tokens) = body.get("max_tokens").and_then(Value::as_u64).filter(|tokens| *tokens > 0) else {
        return Some("max_tokens: Field required".to_owned());
    };
    if let Some(why) = wrong_thinking(body, max_tokens) {
        return Some(why);
    }
    let turns = body.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (Some(first), Some(last)) = (turns.first(), turns.last()) else {
        return Some("messages: at least one message is required".to_owned());
    };
    if text(first, "role") != "user" {
        return Some("messages: first message must use the \"user\" role".to_owned());
    }
    let mut before: Option<&Value> = None;
    for (at, turn) in turns.iter().enumerate() {
        if let Some(why) = wrong_turn(at, turn, before) {
            return Some(why);
        }
        before = Some(turn);
    }
    if let (Some(id), "assistant") = (calls(last).into_iter().next(), text(last, "role")) {
        return Some(no_result(turns.len() - 1, id));
    }
    let end = blocks(last).last().filter(|_| text(last, "role") == "assistant");
    if end.is_some_and(|block| text(block, "text").ends_with(char::is_whitespace)) {
        return Some("messages: final assistant content cannot end with trailing whitespace".to_owned());
    }
    None
}

fn wrong_thinking(body: &Value, max_tokens: u64) -> Option<String> {
    let thinking = body.get("thinking")?;
    match text(thinking, "type") {
        "adaptive" | "disabled" => return None,
        "enabled" => {}
        other => return Some(format!("thinking.type: Input tag '{other}' is not one of adaptive, disabled, enabled")),
    }
    let budget = thinking.get("budget_tokens").and_then(Value::as_u64).unwrap_or_default();
    let hot = body.get("temperature").and_then(Value::as_f64).is_some_and(|temperature| temperature != 1.0);
    match () {
        () if budget < 1024 => {
            Some("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024".to_owned())
        }
        () if budget >= max_tokens => Some("`max_tokens` must be greater than `thinking.budget_tokens`".to_owned()),
        () if hot => Some("`temperature` may only be set to 1 when thinking is enabled".to_owned()),
        () => None,
    }
}

fn wrong_turn(at: usize, turn: &Value, before: Option<&Value>) -> Option<String> {
    let role = text(turn, "role");
    if !matches!(role, "user" | "assistant") {
        return Some(format!("messages.{at}.role: Input should be 'user' or 'assistant'"));
    }
    if before.is_some_and(|before| text(before, "role") == role) {
        return Some(format!(
            "messages: roles must alternate between \"user\" and \"assistant\", but found multiple \"{role}\" roles in a row"
        ));
    }
    if !turn.get("content").is_some_and(|content| content.is_string() || content.is_array()) {
        return Some(format!("messages.{at}.content: Field required"));
    }
    for (place, block) in blocks(turn).iter().enumerate() {
        if let Some(why) = wrong_block(block) {
            return Some(format!("messages.{at}.content.{place}{why}"));
        }
    }
    if let ("assistant", Some("thinking" | "redacted_thinking")) = (role, blocks(turn).last().map(|b| text(b, "type")))
    {
        return Some(format!("messages.{at}: The final block in an assistant message cannot be `thinking`."));
    }
    let called = before.map(calls).unwrap_or_default();
    let mut answered = HashSet::new();
    let mut said = false;
    for block in blocks(turn) {
        if text(block, "type") != "tool_result" {
            said = true;
            continue;
        }
        let id = text(block, "tool_use_id");
        if !called.contains(&id) {
            return Some(format!(
                "messages.{at}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block \
                 must have a corresponding `tool_use` block in the previous message."
            ));
        }
        if !answered.insert(id) {
            return Some(format!("messages.{at}: each tool_use must have a single result. Found multiple for {id}"));
        }
        if said {
            return Some(format!("messages.{at}: `tool_result` blocks must come first"));
        }
    }
    called.into_iter().find(|id| !answered.contains(id)).map(|id| no_result(at - 1, id))
}

fn wrong_block(block: &Value) -> Option<String> {
    if block.get("origin").is_some() {
        return Some(".origin: Extra inputs are not permitted".to_owned());
    }
    let sound = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let pattern = |key: &str| {
        (!sound(text(block, key))).then(|| format!(".{key}: String should match pattern '^[a-zA-Z0-9_-]+$'"))
    };
    match text(block, "type") {
        "" => Some(".type: Field required".to_owned()),
        "text" if text(block, "text").trim().is_empty() => {
            Some(": text content blocks must contain non-whitespace text".to_owned())
        }
        "thinking" if text(block, "signature").is_empty() => Some(".thinking.signature: Field required".to_owned()),
        "redacted_thinking" if text(block, "data").is_empty() => Some(".data: Field required".to_owned()),
        "tool_use" if !block.get("input").is_some_and(Value::is_object) => {
            Some(".tool_use.input: Input should be a valid dictionary".to_owned())
        }
        "tool_use" => pattern("id"),
        "tool_result" => {
            let inner = block.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            pattern("tool_use_id").or_else(|| inner.iter().find_map(wrong_block))
        }
        "image" => {
            let kind = block.get("source").map(|source| text(source, "type")).unwrap_or_default();
            (!matches!(kind, "url" | "base64" | "file")).then(|| ".image.source: Field required".to_owned())
        }
        kind if kind.starts_with("input_") || kind.starts_with("output_") => {
            Some(format!(": Input tag '{kind}' found using 'type' does not match any of the expected tags"))
        }
        _ => None,
    }
}

fn no_result(at: usize, id: &str) -> String {
    format!(
        "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {id}. Each `tool_use` \
         block must have a corresponding `tool_result` block in the next message."
    )
}

fn calls(turn: &Value) -> Vec<&str> {
    blocks(turn).iter().filter(|block| text(block, "type") == "tool_use").map(|block| text(block, "id")).collect()
}

fn blocks(turn: &Value) -> &[Value] {
    turn.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
