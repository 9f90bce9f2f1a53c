//! The body of a request: written once, straight from the request, in the order that the backend knows.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::replay::{Replay, Target};
use crate::call::encode::{Encoded, check, check_strict, effort, write};
use crate::chat::{Effort, Request, Summary, Tool, ToolChoice, Verbosity, Warning};
use crate::error::{Error, Result};
use crate::provider::Capabilities;

/// What a backend takes and what it insists on.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) provider: &'static str,
    /// Settings that it refuses; each is dropped with a warning.
    pub(crate) unsupported: &'static [&'static str],
    /// `store` must be `false`, `stream` `true`, `instructions` must be there, reasoning comes encrypted.
    pub(crate) codex: bool,
    /// A ChatGPT plan on the platform: `store` must be `false`, the role `system` is not known, functions and custom tools
    /// go into an `additional_tools` item, and few other tools are taken.
    pub(crate) shared: bool,
}

const DEFAULT_INSTRUCTIONS: &str = "You are a helpful assistant.";

/// Fields that this crate writes itself; the same names among the extra fields are not sent twice.
const OWN_FIELDS: [&str; 14] = [
    "model",
    "instructions",
    "input",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "text",
    "service_tier",
    "prompt_cache_key",
    "stream",
    "max_output_tokens",
    "temperature",
    "top_p",
];

/// Writes the body.
///
/// # Errors
/// `invalid_request`: a model name, a session id or a tool that cannot be sent, a body that is too large, and in strict
/// mode every setting that would be dropped or changed.
pub(crate) fn encode(
    request: &Request,
    provider: &str,
    dialect: &Dialect,
    capabilities: &Capabilities,
    session_id: Option<&str>,
    strict: bool,
) -> Result<Encoded> {
    check(request)?;
    session_id.map(check_session_id).transpose()?;
    let mut settings = Vec::new();
    let effort = effort(request.reasoning.effort, &capabilities.efforts, &request.model, &mut settings);
    let extra = kept_extra(request, dialect, &mut settings);
    let numbers = kept_numbers(request, dialect, &mut settings);
    let (tools, own_tools) = placed_tools(&request.tools, dialect, &mut settings);
    check_strict(strict, &settings, &request.model)?;
    let stored = !dialect.codex && !dialect.shared && request.extra.get("store").and_then(Value::as_bool) == Some(true);
    let target = Target {
        provider,
        model: &request.model,
        images: capabilities.images,
        system_is_developer: dialect.codex || dialect.shared,
        stored,
    };
    let replay = Replay::of(&request.input, &target);
    let body = Body {
        request,
        dialect,
        capabilities,
        effort,
        extra,
        numbers,
        tools,
        own_tools,
        session_id,
        stored,
        input: &replay.items,
    };
    let body = write(request, &body)?;
    settings.extend(replay.warnings);
    Ok(Encoded { body, warnings: settings })
}

/// It becomes three headers and a field of at most 64 characters.
fn check_session_id(id: &str) -> Result<()> {
    if (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "the session id {id:?} cannot be sent; write 1 to 64 visible ASCII characters, such as a UUID"
    )))
}

/// Numbers of the request that the backend takes.
#[derive(Default)]
struct Numbers {
    max_output_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
}

fn kept_numbers(request: &Request, dialect: &Dialect, notes: &mut Vec<Warning>) -> Numbers {
    let mut keep = |name: &str, set: bool| {
        let refused = set && dialect.unsupported.contains(&name);
        if refused {
            notes.push(unsupported(name, dialect));
        }
        set && !refused
    };
    Numbers {
        max_output_tokens: request.max_output_tokens.filter(|_| keep("max_output_tokens", true)),
        temperature: request.temperature.filter(|_| keep("temperature", true)),
        top_p: request.top_p.filter(|_| keep("top_p", true)),
    }
}

fn kept_extra<'a>(request: &'a Request, dialect: &Dialect, notes: &mut Vec<Warning>) -> Vec<(&'a str, &'a Value)> {
    let mut kept = Vec::new();
    for (name, value) in &request.extra {
        let own = match name.as_str() {
            // The platform leaves these two to the caller.
            "include" => dialect.codex,
            "store" => dialect.codex || dialect.shared,
            name => OWN_FIELDS.contains(&name),
        };
        if own {
            let as_it_is = match name.as_str() {
                "store" => value == &Value::Bool(false),
                "stream" => value == &Value::Bool(true),
                _ => false,
            };
            if !as_it_is {
                let text = format!("the extra field {name} is not sent: this crate sets it itself");
                notes.push(Warning::new("unsupported_setting", name.as_str(), text));
            }
        } else if dialect.unsupported.contains(&name.as_str()) {
            notes.push(unsupported(name, dialect));
        } else {
            kept.push((name.as_str(), value));
        }
    }
    kept
}

/// Tools that the provider runs itself and that a ChatGPT plan does not pay for on the platform.
const NOT_SHARED: [&str; 9] = [
    "image_generation",
    "file_search",
    "code_interpreter",
    "computer_use",
    "computer_use_preview",
    "mcp",
    "tool_search",
    "local_shell",
    "shell",
];

/// Which tools go under `tools`, and which into an item of the input.
fn placed_tools<'a>(tools: &'a [Tool], dialect: &Dialect, notes: &mut Vec<Warning>) -> (Vec<&'a Tool>, Vec<&'a Tool>) {
    if !dialect.shared {
        return (tools.iter().collect(), Vec::new());
    }
    let kind = |tool: &Tool| match tool {
        Tool::Raw(value) => value.get("type").and_then(Value::as_str).unwrap_or_default().to_owned(),
        Tool::Function { .. } | Tool::Custom { .. } => String::new(),
    };
    let (mut plain, mut own) = (Vec::new(), Vec::new());
    for tool in tools {
        match kind(tool).as_str() {
            "" | "function" | "custom" => own.push(tool),
            name if NOT_SHARED.contains(&name) => {
                let text = format!("{} does not take the tool {name}: it is left out", dialect.provider);
                notes.push(Warning::new("unsupported_setting", format!("tools.{name}"), text));
            }
            _ => plain.push(tool),
        }
    }
    (plain, own)
}

/// The items, with the tools in front that have to stand among them.
struct Input<'a> {
    own_tools: &'a [&'a Tool],
    items: &'a [super::replay::WireItem<'a>],
}

impl Serialize for Input<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.own_tools.is_empty() {
            return self.items.serialize(serializer);
        }
        let mut list = serializer.serialize_seq(Some(self.items.len() + 1))?;
        list.serialize_element(&AdditionalTools {
            kind: "additional_tools",
            role: "developer",
            tools: self.own_tools,
        })?;
        for item in self.items {
            list.serialize_element(item)?;
        }
        list.end()
    }
}

#[derive(Serialize)]
struct AdditionalTools<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    tools: &'a [&'a Tool],
}

fn unsupported(name: &str, dialect: &Dialect) -> Warning {
    let text = format!("{} does not take {name}: it is left out", dialect.provider);
    Warning::new("unsupported_setting", name, text)
}

struct Body<'a> {
    request: &'a Request,
    dialect: &'a Dialect,
    capabilities: &'a Capabilities,
    effort: Option<Effort>,
    extra: Vec<(&'a str, &'a Value)>,
    numbers: Numbers,
    /// Those that stand under `tools`.
    tools: Vec<&'a Tool>,
    /// Those that stand in an `additional_tools` item.
    own_tools: Vec<&'a Tool>,
    session_id: Option<&'a str>,
    stored: bool,
    input: &'a [super::replay::WireItem<'a>],
}

#[derive(Serialize)]
struct WireReasoning {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<Effort>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
}

#[derive(Serialize)]
struct WireTextOptions<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<Verbosity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a Value>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { request, dialect, .. } = self;
        let codex = dialect.codex;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", &request.model)?;
        match request.instructions.as_deref().filter(|text| !text.trim().is_empty()) {
            Some(text) => map.serialize_entry("instructions", text)?,
            None if codex => map.serialize_entry("instructions", DEFAULT_INSTRUCTIONS)?,
            None => {}
        }
        map.serialize_entry("input", &Input { own_tools: &self.own_tools, items: self.input })?;
        if !self.tools.is_empty() {
            map.serialize_entry("tools", &self.tools)?;
        }
        match &request.tool_choice {
            Some(choice) => map.serialize_entry("tool_choice", choice)?,
            None if codex && !request.tools.is_empty() => map.serialize_entry("tool_choice", &ToolChoice::Auto)?,
            None => {}
        }
        match request.parallel_tool_calls {
            Some(parallel) => map.serialize_entry("parallel_tool_calls", &parallel)?,
            None if codex && !request.tools.is_empty() => map.serialize_entry("parallel_tool_calls", &true)?,
            None => {}
        }
        let summary = match request.reasoning.summary {
            Some(Summary::None) => None,
            None if codex => Some(Summary::Auto),
            set => set,
        };
        if self.effort.is_some() || summary.is_some() {
            map.serialize_entry("reasoning", &WireReasoning { effort: self.effort, summary })?;
        }
        if codex || dialect.shared || !request.extra.contains_key("store") {
            map.serialize_entry("store", &false)?;
        }
        map.serialize_entry("stream", &true)?;
        // The platform refuses to encrypt for a model that does not reason.
        let reasons = codex || !self.capabilities.efforts.is_empty() || self.effort.is_some();
        if reasons && !self.stored && (codex || !request.extra.contains_key("include")) {
            map.serialize_entry("include", &["reasoning.encrypted_content"])?;
        }
        if let Some(session_id) = self.session_id {
            map.serialize_entry("prompt_cache_key", session_id)?;
        }
        let verbosity = request.text.verbosity.or(codex.then_some(Verbosity::Medium));
        let format = request.text.format.as_ref();
        if verbosity.is_some() || format.is_some() {
            map.serialize_entry("text", &WireTextOptions { verbosity, format })?;
        }
        if let Some(tier) = &request.service_tier {
            map.serialize_entry("service_tier", tier)?;
        }
        if let Some(limit) = self.numbers.max_output_tokens {
            map.serialize_entry("max_output_tokens", &limit)?;
        }
        if let Some(temperature) = self.numbers.temperature {
            map.serialize_entry("temperature", &temperature)?;
        }
        if let Some(top_p) = self.numbers.top_p {
            map.serialize_entry("top_p", &top_p)?;
        }
        for (name, value) in &self.extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
