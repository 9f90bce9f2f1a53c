//! What hosts give as JSON: objects of known fields. Each fault names its field; a text is never shown, for it may be a secret.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Settings of a fixed list of fields.
pub(super) fn settings<T: DeserializeOwned>(text: &str, what: &str, fields: &[&str]) -> Result<T> {
    settings_of(object(text, what)?, what, fields)
}

/// The same of an object that was read already.
pub(super) fn settings_of<T: DeserializeOwned>(map: Map<String, Value>, what: &str, fields: &[&str]) -> Result<T> {
    known(&map, what, fields, "")?;
    let form = Value::Object(map);
    T::deserialize(&form).map_err(|e| {
        // One field at a time, so that the error can name it.
        let named = form.as_object().into_iter().flatten().find_map(|(key, value)| {
            let one = Value::Object(Map::from_iter([(key.clone(), value.clone())]));
            Some((key, value, T::deserialize(one).err()?))
        });
        Error::invalid_request(match named {
            Some((key, value, e)) => {
                format!("{what}: the field {key:?} cannot be used ({}){}", type_of(value), shown(value, &e))
            }
            None => format!("{what} cannot be used{}", shown(&form, &e)),
        })
    })
}

/// Why a value does not fit, where that shows nothing of it but a number, or a word where there is a choice of a few.
fn shown(value: &Value, why: &serde_json::Error) -> String {
    let why = why.to_string();
    let harmless = value.is_number() || why.starts_with("unknown variant");
    if harmless { format!(": {why}") } else { String::new() }
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
