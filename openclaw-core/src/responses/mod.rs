//! The Responses API: what goes out and what comes back, shared by `codex` and `openai`.

pub(crate) mod body;
pub(crate) mod decode;
pub(crate) mod head;
pub(crate) mod models;
mod replay;
mod wire;

/// A field of a JSON object; `null` when it is not there.
pub(crate) fn field<'a>(value: &'a serde_json::Value, key: &str) -> &'a serde_json::Value {
    value.get(key).unwrap_or(&serde_json::Value::Null)
}
