//! Tools in the form that goes out. A tool of free text becomes a function with one text.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::blocks::FREE_TEXT;
use super::body::unsupported;
use crate::chat::{Request, Tool, ToolChoice, Warning};

/// A tool to send.
pub(super) struct WireTool<'a> {
    tool: &'a Tool,
    strict: bool,
}

/// The tools of the request.
pub(super) fn tools<'a>(request: &'a Request, structured: bool, notes: &mut Vec<Warning>) -> Vec<WireTool<'a>> {
    let mut out = Vec::with_capacity(request.tools.len());
    for tool in &request.tools {
        let strict = match tool {
            Tool::Function { name, strict: true, .. } if !structured => {
                notes.push(unsupported(&format!("tools.{name}.strict")));
                false
            }
            Tool::Function { strict, .. } => *strict,
            Tool::Custom { name, format, .. } => {
                if format.as_ref().is_some_and(|format| format.get("type").and_then(Value::as_str) != Some("text")) {
                    let name = format!("tools.{name}.format");
                    let text = format!("the Messages API does not enforce {name}: the model is only told of it");
                    notes.push(Warning::new("unsupported_setting", name, text));
                }
                false
            }
            Tool::Raw(_) => false,
        };
        out.push(WireTool { tool, strict });
    }
    out
}

/// The names of the tools that take free text.
pub(super) fn custom_names(request: &Request) -> Vec<String> {
    let name = |tool: &Tool| match tool {
        Tool::Custom { name, .. } => Some(name.clone()),
        _ => None,
    };
    request.tools.iter().filter_map(name).collect()
}

/// Whether the model must call a tool; the second value says that it has no choice.
pub(super) fn choice(request: &Request) -> (Option<Value>, bool) {
    let of = |kind: &str| Map::from_iter([("type".to_owned(), Value::from(kind))]);
    let mut choice = match &request.tool_choice {
        None => None,
        // Without tools the API takes no choice, and none is needed.
        Some(ToolChoice::Auto | ToolChoice::None) if request.tools.is_empty() => None,
        Some(ToolChoice::Auto) => Some(of("auto")),
        Some(ToolChoice::None) => Some(of("none")),
        Some(ToolChoice::Required) => Some(of("any")),
        Some(ToolChoice::Raw(value)) => {
            let mut map = value.as_object().cloned().unwrap_or_default();
            if matches!(map.get("type").and_then(Value::as_str), Some("function" | "custom")) {
                map.insert("type".to_owned(), "tool".into());
            }
            Some(map)
        }
    };
    let kind = |choice: &Option<Map<String, Value>>| {
        choice.as_ref().and_then(|map| map.get("type")).and_then(Value::as_str).map(str::to_owned)
    };
    if request.parallel_tool_calls == Some(false)
        && !request.tools.is_empty()
        && kind(&choice).as_deref() != Some("none")
    {
        let map = choice.get_or_insert_with(|| of("auto"));
        map.insert("disable_parallel_tool_use".to_owned(), true.into());
    }
    let forced = matches!(kind(&choice).as_deref(), Some("any" | "tool"));
    (choice.map(Value::Object), forced)
}

impl Serialize for WireTool<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.tool {
            Tool::Raw(Value::Object(fields)) => {
                for (key, value) in fields {
                    map.serialize_entry(key, value)?;
                }
            }
            Tool::Raw(_) => {}
            Tool::Function { name, description, parameters, .. } => {
                map.serialize_entry("name", name)?;
                if let Some(description) = description {
                    map.serialize_entry("description", description)?;
                }
                map.serialize_entry("input_schema", &Schema(parameters))?;
                if self.strict {
                    map.serialize_entry("strict", &true)?;
                }
            }
            Tool::Custom { name, description, format } => {
                map.serialize_entry("name", name)?;
                let grammar = format.as_ref().and_then(|format| format.get("definition")).and_then(Value::as_str);
                let grammar = grammar.map(|grammar| format!("The input keeps this grammar:\n{grammar}"));
                let told: Vec<&str> = description.as_deref().into_iter().chain(grammar.as_deref()).collect();
                if !told.is_empty() {
                    map.serialize_entry("description", &told.join("\n\n"))?;
                }
                let text = json!({"type": "string", "description": "The whole input, as plain text."});
                let schema = json!({
                    "type": "object", "properties": {FREE_TEXT: text}, "required": [FREE_TEXT],
                    "additionalProperties": false,
                });
                map.serialize_entry("input_schema", &schema)?;
            }
        }
        map.end()
    }
}

/// A schema, which must say here that it is one of an object.
struct Schema<'a>(&'a Value);

impl Serialize for Schema<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.0.as_object();
        if fields.is_some_and(|fields| fields.contains_key("type")) {
            return self.0.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "object")?;
        for (key, value) in fields.into_iter().flatten() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
