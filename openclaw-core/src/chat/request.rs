//! What is asked of a model.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Item, Response};

/// One call: the whole conversation so far, the tools, the settings.
///
/// ```
/// use openclaw_core::{Item, Request};
///
/// let request = Request::new("gpt-5.4").instructions("Be brief.").user("Say hello");
/// assert_eq!(request.input, [Item::user("Say hello")]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Request {
    /// The model, as the provider names it.
    pub model: String,
    /// The system prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// The conversation, oldest first. It is sent whole each time.
    pub input: Vec<Item>,
    /// The tools that the model may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// Whether it must call one. The provider's default is `auto`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    /// How much it thinks, and what it tells of that.
    pub reasoning: ReasoningOptions,
    /// How much it writes, and in which form.
    pub text: TextOptions,
    /// `priority`, `flex`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
    /// One id per conversation: it keeps the provider's cache warm. A random one is used when none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The most tokens that the model may write, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// Randomness, 0.0 to 2.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0.0 to 1.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Further fields of the body, sent as they are. A field that this crate sets itself is not replaced.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Request {
    /// An empty request to this model.
    pub fn new(model: impl Into<String>) -> Self {
        Self { model: model.into(), ..Self::default() }
    }

    /// Sets the system prompt.
    pub fn instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions = Some(text.into());
        self
    }

    /// Adds a message of a person.
    pub fn user(self, text: impl Into<String>) -> Self {
        self.item(Item::user(text))
    }

    /// Adds an item.
    pub fn item(mut self, item: impl Into<Item>) -> Self {
        self.input.push(item.into());
        self
    }

    /// Adds what the model answered, for the next turn.
    pub fn response(mut self, response: &Response) -> Self {
        self.input.extend(response.items.iter().cloned());
        self
    }

    /// Adds a tool.
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tools.push(tool);
        self
    }

    /// Sets how much the model thinks.
    pub fn effort(mut self, effort: Effort) -> Self {
        self.reasoning.effort = Some(effort);
        self
    }

    /// Asks for JSON after this schema.
    pub fn json_schema(mut self, name: impl Into<String>, schema: Value) -> Self {
        self.text.format = Some(serde_json::json!({
            "type": "json_schema", "name": name.into(), "strict": true, "schema": schema,
        }));
        self
    }

    /// Sets the id of the conversation.
    pub fn session_id(mut self, id: impl Into<String>) -> Self {
        self.session_id = Some(id.into());
        self
    }
}

/// How much the model thinks, and what it tells of that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ReasoningOptions {
    /// How much. The model's default when not set; moved to the nearest that the model has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    /// Which summary comes back. `auto` when not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
}

crate::error::words! {
    /// How much a model thinks, from nothing to all it can.
    #[derive(PartialOrd, Ord)]
    Effort {
        /// Not at all.
        None = "none",
        /// As little as it can.
        Minimal = "minimal",
        /// A little.
        Low = "low",
        /// As usual.
        Medium = "medium",
        /// Much.
        High = "high",
        /// More.
        Xhigh = "xhigh",
        /// All it can.
        Max = "max",
    }
}

impl Effort {
    /// The nearest effort that a model has: the next one below, else the next one above. `None` leaves it to the model.
    ///
    /// A model without a list takes what is asked.
    pub fn nearest(self, supported: &[Self]) -> Option<Self> {
        if supported.is_empty() || supported.contains(&self) {
            return Some(self);
        }
        if self == Self::None {
            // A model that cannot be told to stop thinking is not told anything.
            return None;
        }
        let below = supported.iter().copied().filter(|e| *e < self && *e != Self::None).max();
        below.or_else(|| supported.iter().copied().filter(|e| *e > self).min())
    }
}

crate::error::words! {
    /// Which summary of the reasoning comes back.
    Summary {
        /// What the model has.
        Auto = "auto",
        /// Short.
        Concise = "concise",
        /// Long.
        Detailed = "detailed",
        /// None.
        None = "none",
    }
}

crate::error::words! {
    /// How much a model writes.
    Verbosity {
        /// Little.
        Low = "low",
        /// As usual.
        Medium = "medium",
        /// Much.
        High = "high",
    }
}

/// How much the model writes, and in which form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TextOptions {
    /// How much. `medium` when not set, where the provider has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<Verbosity>,
    /// The form: a `text.format` object of the Responses API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Value>,
}

/// A tool that the model may call. The JSON form is that of the Responses API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tool {
    /// Takes JSON arguments.
    Function {
        /// Its name: letters, digits, `_`, `-`.
        name: String,
        /// What it does, for the model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// The JSON Schema of its arguments.
        parameters: Value,
        /// Whether the arguments must keep the schema. Not every schema can be strict.
        #[serde(default)]
        strict: bool,
    },
    /// Takes free text.
    Custom {
        /// Its name.
        name: String,
        /// What it does, for the model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// A grammar that the text keeps: `{"type":"grammar","syntax":"lark","definition":"…"}`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<Value>,
    },
    /// Any other, such as `{"type":"web_search"}`, sent as it is.
    #[serde(untagged)]
    Raw(Value),
}

impl Tool {
    /// A function with this JSON Schema for its arguments.
    pub fn function(name: impl Into<String>, description: impl Into<String>, parameters: Value) -> Self {
        Self::Function { name: name.into(), description: Some(description.into()), parameters, strict: false }
    }

    /// A tool that takes free text.
    pub fn custom(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self::Custom { name: name.into(), description: Some(description.into()), format: None }
    }
}

/// Whether the model must call a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolChoice {
    /// As it likes.
    Auto,
    /// It must not.
    None,
    /// It must call one.
    Required,
    /// Any other form of the Responses API, such as `{"type":"function","name":"…"}`.
    #[serde(untagged)]
    Raw(Value),
}
