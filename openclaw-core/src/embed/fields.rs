//! What hosts give as JSON: objects of known fields. Each fault names its field; a text is never shown, for it may be a secret.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Settings of a fixed list of fields.
pub(super) fn settings<T: DeserializeOwned>(text: &str, what: &str, fields: &[&str]) -> Result<T> {
    let map = object(text, what)?;
    known(&map, what, fields, "")?;
    for (key, value) in &map {
        let one = Value::Object(Map::from_iter([(key.clone(), value.clone())]));
        T::deserialize(one).map_err(|e| {
            let why = e.to_string();
            // One of a few words is shown with them.
            let harmless = matches!(value, Value::Number(_)) || why.starts_with("unknown variant");
            let why = if harmless { format!(": {why}") } else { String::new() };
            Error::invalid_request(format!("{what}: the field {key:?} cannot be used ({}){why}", type_of(value)))
        })?;
    }
    from_map(map, what)
}

pub(super) fn object(text: &str, what: &str) -> Result<Map<String, Value>> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(other) => Err(Error::invalid_request(format!("{what} must be a JSON object, not {}", type_of(&other)))),
        Err(e) => Err(Error::invalid_request(format!("{what} is no JSON: line {}, column {}", e.line(), e.column()))),
    }
}

pub(super) fn known(map: &Map<String, Value>, what: &str, fields: &[&str], hint: &str) -> Result<()> {
    match map.keys().find(|key| !fields.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            Err(Error::invalid_request(format!("{what} has no field {key:?}; it has {}{hint}", fields.join(", "))))
        }
    }
}

pub(super) fn from_map<T: DeserializeOwned>(map: Map<String, Value>, what: &str) -> Result<T> {
    T::deserialize(Value::Object(map)).map_err(|e| Error::invalid_request(format!("{what}: {e}")))
}

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
