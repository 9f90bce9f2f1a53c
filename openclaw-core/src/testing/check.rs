//! Judges requests as the real backends do.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde_json::{Value, json};

use super::answer::{Family, error};
use super::http::Incoming;
use super::play::Reply;
use crate::auth::Claims;

/// Settings of the platform API that the Codex backend refuses.
const UNSUPPORTED: &[&str] = &[
    "temperature",
    "max_output_tokens",
    "max_completion_tokens",
    "max_tokens",
    "top_p",
    "top_logprobs",
    "frequency_penalty",
    "presence_penalty",
    "previous_response_id",
    "metadata",
    "user",
    "safety_identifier",
    "truncation",
    "background",
    "conversation",
    "prompt",
    "prompt_cache_retention",
    "generate",
];

/// Which ids an item may have.
const ID_PREFIXES: &[(&str, &str)] = &[
    ("message", "msg"),
    ("reasoning", "rs"),
    ("function_call", "fc"),
    ("function_call_output", "fc"),
    ("custom_tool_call", "ctc"),
    ("custom_tool_call_output", "ctc"),
    ("web_search_call", "ws"),
    ("image_generation_call", "ig"),
    ("local_shell_call", "lsh"),
];

/// The most characters of an id.
const MAX_ID: usize = 64;

/// The refusal, if the credential is not good here.
pub(super) fn credential(family: Family, request: &Incoming, now: SystemTime) -> Option<Reply> {
    let bearer = request.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim())
    });
    let Some(token) = bearer else {
        return Some(match family {
            Family::Codex => detail(401, "Unauthorized"),
            Family::Platform | Family::Anthropic => error(
                401,
                "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer \
                 auth (i.e. Authorization: Bearer YOUR_KEY).",
                "invalid_request_error",
                None,
            ),
        });
    };
    let claims = Claims::of(&SecretString::from(token));
    match (family, claims) {
        (Family::Platform | Family::Anthropic, _) if token.starts_with("sk-") => None,
        (Family::Platform | Family::Anthropic, Ok(_)) => Some(error(
            401,
            "You have insufficient permissions for this operation. Missing scopes: api.responses.write. Check that you \
             have the correct role in your organization, and if you're using a restricted API key, that it has the \
             necessary scopes.",
            "invalid_request_error",
            Some("missing_scope"),
        )),
        (Family::Platform | Family::Anthropic, Err(_)) => Some(error(
            401,
            "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
            "invalid_request_error",
            Some("invalid_api_key"),
        )),
        (Family::Codex, Ok(claims)) if claims.expires_at.is_none_or(|at| at > now) => None,
        (Family::Codex, claims) => {
            let message = match claims {
                Ok(_) => "Provided authentication token is expired. Please try signing in again.",
                Err(_) => "Could not parse your authentication token. Please try signing in again.",
            };
            let code = "token_expired";
            Some(Reply::json(
                401,
                &json!({"error": {"message": message, "type": null, "code": code, "param": null}, "status": 401}),
            ))
        }
    }
}

/// The refusal, if the body cannot be read. Otherwise its JSON.
pub(super) fn parse(request: &Incoming) -> Result<Value, Reply> {
    if let Some(encoding) = request.header("content-encoding").filter(|e| !e.eq_ignore_ascii_case("identity")) {
        return Err(detail(415, &format!("the embedded server does not read content-encoding {encoding:?}")));
    }
    match serde_json::from_slice::<Value>(&request.body) {
        Ok(body) if body.is_object() => Ok(body),
        Ok(_) => Err(detail(400, "Request body must be a JSON object")),
        Err(e) => Err(detail(400, &format!("Invalid JSON body: {e}"))),
    }
}

/// The refusal, if the body is not good here.
pub(super) fn body(family: Family, body: &Value) -> Option<Reply> {
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    if family == Family::Codex {
        if body.get("store") != Some(&Value::Bool(false)) {
            return Some(detail(400, "Store must be set to false"));
        }
        if body.get("stream") != Some(&Value::Bool(true)) {
            return Some(detail(400, "Stream must be set to true"));
        }
        if let Some(name) = UNSUPPORTED.iter().find(|name| body.get(**name).is_some()) {
            return Some(detail(400, &format!("Unsupported parameter: {name}")));
        }
        if body.get("instructions").and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
            return Some(detail(400, "Instructions are required"));
        }
        if !body.get("input").is_some_and(Value::is_array) {
            return Some(detail(400, "Input must be a list"));
        }
        if model.is_empty() || model.ends_with("-unknown") {
            let text = format!("The '{model}' model is not supported when using Codex with a ChatGPT account.");
            return Some(detail(400, &text));
        }
    } else {
        if model.is_empty() {
            let text = "Missing required parameter: 'model'.";
            return Some(error(400, text, "invalid_request_error", Some("missing_required_parameter")));
        }
        if model.ends_with("-unknown") {
            let text = format!("The model '{model}' does not exist or you do not have access to it.");
            return Some(error(404, &text, "invalid_request_error", Some("model_not_found")));
        }
        if !body.get("input").is_some_and(|input| input.is_array() || input.is_string()) {
            let text = "Missing required parameter: 'input'.";
            return Some(error(400, text, "invalid_request_error", Some("missing_required_parameter")));
        }
    }
    let items = body.get("input").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let wrong = |text: String| error(400, &text, "invalid_request_error", None);
    for (at, item) in items.iter().enumerate() {
        if family == Family::Codex && text(item, "role") == "system" {
            return Some(detail(400, "System messages are not allowed"));
        }
        if let Some(why) = bad_item(at, item) {
            return Some(wrong(why));
        }
    }
    unpaired(items, body.get("previous_response_id").is_some()).map(wrong)
}

/// The refusal, if a ChatGPT plan does not take this body.
pub(super) fn shared_body(body: &Value) -> Option<Reply> {
    const UNSUPPORTED_SHARED: &[&str] = &[
        "background",
        "conversation",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "moderation",
        "multi_agent",
        "prompt",
        "prompt_cache_retention",
        "safety_identifier",
        "temperature",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
        "previous_response_id",
    ];
    let unsupported = |param: &str| {
        Reply::json(
            400,
            &json!({"error": {
                "message": format!("'{param}' cannot be used with a ChatGPT plan."),
                "type": "invalid_request_error",
                "param": param,
                "code": "subscription_sharing_unsupported_capability",
            }}),
        )
    };
    if let Some(name) = UNSUPPORTED_SHARED.iter().find(|name| body.get(**name).is_some()) {
        return Some(unsupported(name));
    }
    for (name, right) in [("store", false), ("stream", true)] {
        if body.get(name) != Some(&Value::Bool(right)) {
            return Some(unsupported(name));
        }
    }
    if !body.get("input").is_some_and(Value::is_array) {
        return Some(unsupported("input"));
    }
    let list = |key: &str| body.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if list("input").iter().any(|item| text(item, "role") == "system") {
        return Some(unsupported("input"));
    }
    let taken = ["namespace", "web_search"];
    list("tools").iter().any(|tool| !taken.contains(&text(tool, "type"))).then(|| unsupported("tools"))
}

fn bad_item(at: usize, item: &Value) -> Option<String> {
    // Ours, for history that is stored; no backend knows it.
    for key in ["origin", "is_error"] {
        if item.get(key).is_some() {
            return Some(format!("Unknown parameter: 'input[{at}].{key}'."));
        }
    }
    let parts = item.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if let Some(part) = parts.iter().position(|part| part.get("cache_control").is_some()) {
        return Some(format!("Unknown parameter: 'input[{at}].content[{part}].cache_control'."));
    }
    for key in ["id", "call_id"] {
        let Some(id) = item.get(key).and_then(Value::as_str) else { continue };
        let length = id.chars().count();
        if length > MAX_ID {
            return Some(format!(
                "Invalid 'input[{at}].{key}': string too long. Expected a string with maximum length {MAX_ID}, but got a \
                 string with length {length} instead."
            ));
        }
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
            return Some(format!(
                "Invalid 'input[{at}].{key}': '{id}'. Expected an ID that contains letters, numbers, underscores, or \
                 dashes, but this value contained additional characters."
            ));
        }
    }
    let kind = text(item, "type");
    let prefix = ID_PREFIXES.iter().find(|(of, _)| *of == kind).map(|(_, prefix)| *prefix)?;
    let id = item.get("id").and_then(Value::as_str)?;
    (!id.starts_with(prefix))
        .then(|| format!("Invalid 'input[{at}].id': '{id}'. Expected an ID that begins with '{prefix}'."))
}

/// Every call has its result, and every result its call.
fn unpaired(items: &[Value], continued: bool) -> Option<String> {
    use std::collections::HashSet;

    for (call, result, name) in [
        ("function_call", "function_call_output", "function call"),
        ("custom_tool_call", "custom_tool_call_output", "custom tool call"),
    ] {
        let of = |kind: &str| -> Vec<&str> {
            items.iter().filter(|item| text(item, "type") == kind).map(|item| text(item, "call_id")).collect()
        };
        let (calls, results) = (of(call), of(result));
        let answered: HashSet<&str> = results.iter().copied().collect();
        if let Some(id) = calls.iter().find(|id| !answered.contains(**id)) {
            return Some(format!("No tool output found for {name} {id}."));
        }
        let called: HashSet<&str> = calls.iter().copied().collect();
        // The call may be in the part of the conversation that the server keeps.
        if let Some(id) = results.iter().find(|id| !continued && !called.contains(**id)) {
            return Some(format!("No tool call found for {name} output with call_id {id}."));
        }
    }
    None
}

/// An error as the Codex backend writes it.
pub(super) fn detail(status: u16, text: &str) -> Reply {
    Reply::json(status, &json!({"detail": text}))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Unix seconds.
pub(super) fn unix(now: SystemTime) -> u64 {
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}
