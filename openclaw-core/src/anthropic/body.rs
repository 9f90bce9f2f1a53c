//! The body of a request.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::models::{Known, capabilities, known};
use super::replay::{Replay, Turn};
use super::thinking::{Thought, thinking};
use super::tools::{WireTool, choice, tools};
use crate::call::encode::{Encoded, check, check_strict, write};
use crate::chat::{Request, Warning};
use crate::error::{Error, Result};

/// Fields that this crate writes itself; the same names among the extra fields are not sent twice.
const OWN_FIELDS: [&str; 10] = [
    "model",
    "max_tokens",
    "system",
    "messages",
    "tools",
    "tool_choice",
    "stream",
    "temperature",
    "top_p",
    "service_tier",
];

/// Settings of other APIs that this one refuses.
const LACKING: [&str; 24] = [
    "background",
    "conversation",
    "frequency_penalty",
    "include",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tool_calls",
    "n",
    "parallel_tool_calls",
    "presence_penalty",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "response_format",
    "safety_identifier",
    "seed",
    "store",
    "text",
    "top_logprobs",
    "truncation",
];

/// Writes the body.
///
/// # Errors
/// `invalid_request`: a model name or a tool that cannot be sent, no message, a body that is too large, and in strict mode
/// every setting that would be dropped or changed.
pub(super) fn encode(request: &Request, provider: &str, strict: bool) -> Result<Encoded> {
    check(request)?;
    let known = known(&request.model);
    let structured = capabilities(&request.model).structured_output;
    let max_tokens = request.max_output_tokens.unwrap_or(known.max_output);
    let Replay { system, turns, thoughtless, mut warnings } = Replay::of(&request.input, provider, &request.model);
    if turns.is_empty() {
        return Err(
            Error::invalid_request("the conversation is empty: add a message of a person").with_model(&request.model)
        );
    }
    let mut notes = Vec::new();
    let tools = tools(request, structured, &mut notes);
    let (choice, forced) = choice(request);
    let thought = thinking(request, known, max_tokens, forced, &mut notes);
    let (thought, repaired) = thought.in_turn(thoughtless);
    warnings.extend(repaired);
    let format = format(request, structured, &mut notes);
    let sampling = Sampling::of(request, known, thought.on, &mut notes);
    let tier = tier(request, &mut notes);
    if request.text.verbosity.is_some() {
        notes.push(unsupported("text.verbosity"));
    }
    let instructions = request.instructions.as_deref().filter(|text| !text.trim().is_empty());
    let system: Vec<&str> = instructions.into_iter().chain(system).collect();
    let mut body = Body {
        request,
        max_tokens,
        system: system.join("\n\n"),
        turns,
        tools,
        choice,
        thought,
        format,
        sampling,
        tier,
        extra: Vec::new(),
    };
    body.extra = extra(request, |name| body.writes(name), &mut notes);
    check_strict(strict, &notes, &request.model)?;
    let body = write(request, &body)?;
    notes.extend(warnings);
    Ok(Encoded { body, warnings: notes })
}

pub(super) fn unsupported(name: &str) -> Warning {
    Warning::new("unsupported_setting", name, format!("the Messages API does not take {name}: it is left out"))
}

/// `text.format` of the Responses API as `output_config.format`.
fn format(request: &Request, structured: bool, notes: &mut Vec<Warning>) -> Option<Value> {
    let format = request.text.format.as_ref()?;
    match format.get("type").and_then(Value::as_str) {
        Some("text") => None,
        Some("json_schema") if structured => {
            Some(json!({"type": "json_schema", "schema": format.get("schema").unwrap_or(&Value::Null)}))
        }
        Some("json_schema") => {
            let text = format!("{} keeps no schema: text.format is left out", request.model);
            notes.push(Warning::new("unsupported_setting", "text.format", text));
            None
        }
        _ => {
            notes.push(unsupported("text.format"));
            None
        }
    }
}

/// Randomness, as far as the model takes it.
#[derive(Default)]
struct Sampling {
    temperature: Option<f64>,
    top_p: Option<f64>,
}

impl Sampling {
    fn of(request: &Request, known: &Known, thinks: bool, notes: &mut Vec<Warning>) -> Self {
        let model = &request.model;
        let mut keep = |name: &str, value: Option<f64>, while_thinking: f64| {
            let value = value?;
            let why = match (known.sampling, thinks) {
                (false, _) => format!("{model} does not take {name}: it is left out"),
                (true, true) if value < while_thinking => {
                    format!("{model} does not take {name} below {while_thinking} while it thinks: it is left out")
                }
                (true, _) if value > 1.0 => {
                    let text = format!("{name} goes up to 1 here: 1 is sent instead of {value}");
                    notes.push(Warning::new("clamped_setting", name, text));
                    return Some(1.0);
                }
                (true, _) => return Some(value),
            };
            notes.push(Warning::new("unsupported_setting", name, why));
            None
        };
        Self { temperature: keep("temperature", request.temperature, 1.0), top_p: keep("top_p", request.top_p, 0.95) }
    }
}

fn tier<'a>(request: &'a Request, notes: &mut Vec<Warning>) -> Option<&'a str> {
    let tier = request.service_tier.as_deref()?;
    if matches!(tier, "auto" | "standard_only") {
        return Some(tier);
    }
    let text = format!("the service tier {tier:?} is not one of auto and standard_only: it is left out");
    notes.push(Warning::new("unsupported_setting", "service_tier", text));
    None
}

fn extra<'a>(
    request: &'a Request,
    written: impl Fn(&str) -> bool,
    notes: &mut Vec<Warning>,
) -> Vec<(&'a str, &'a Value)> {
    let mut kept = Vec::new();
    for (name, value) in &request.extra {
        if OWN_FIELDS.contains(&name.as_str()) || written(name) {
            if !(name == "stream" && value == &Value::Bool(true)) {
                let text = format!("the extra field {name} is not sent: this crate sets it itself");
                notes.push(Warning::new("unsupported_setting", name.as_str(), text));
            }
        } else if LACKING.contains(&name.as_str()) {
            // What is off there is off here as well.
            if value != &Value::Bool(false) {
                notes.push(unsupported(name));
            }
        } else {
            kept.push((name.as_str(), value));
        }
    }
    kept
}

struct Body<'a> {
    request: &'a Request,
    max_tokens: u64,
    system: String,
    turns: Vec<Turn<'a>>,
    tools: Vec<WireTool<'a>>,
    choice: Option<Value>,
    thought: Thought,
    format: Option<Value>,
    sampling: Sampling,
    tier: Option<&'a str>,
    extra: Vec<(&'a str, &'a Value)>,
}

impl Body<'_> {
    /// Whether one of the fields that hosts may set themselves is written here.
    fn writes(&self, name: &str) -> bool {
        match name {
            "thinking" => self.thought.config.is_some(),
            "output_config" => self.thought.effort.is_some() || self.format.is_some(),
            _ => false,
        }
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", &self.request.model)?;
        map.serialize_entry("max_tokens", &self.max_tokens)?;
        if !self.system.is_empty() {
            map.serialize_entry("system", &self.system)?;
        }
        map.serialize_entry("messages", &self.turns)?;
        if !self.tools.is_empty() {
            map.serialize_entry("tools", &self.tools)?;
        }
        if let Some(choice) = &self.choice {
            map.serialize_entry("tool_choice", choice)?;
        }
        if let Some(config) = &self.thought.config {
            map.serialize_entry("thinking", config)?;
        }
        if self.writes("output_config") {
            let mut config = serde_json::Map::new();
            if let Some(effort) = self.thought.effort {
                config.insert("effort".to_owned(), effort.as_str().into());
            }
            if let Some(format) = &self.format {
                config.insert("format".to_owned(), format.clone());
            }
            map.serialize_entry("output_config", &config)?;
        }
        if let Some(temperature) = self.sampling.temperature {
            map.serialize_entry("temperature", &temperature)?;
        }
        if let Some(top_p) = self.sampling.top_p {
            map.serialize_entry("top_p", &top_p)?;
        }
        if let Some(tier) = self.tier {
            map.serialize_entry("service_tier", tier)?;
        }
        // A conversation that has an id goes on: the next turn reads this one from the cache.
        if self.request.session_id.is_some() && !self.request.extra.contains_key("cache_control") {
            map.serialize_entry("cache_control", &json!({"type": "ephemeral"}))?;
        }
        map.serialize_entry("stream", &true)?;
        for (name, value) in &self.extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
