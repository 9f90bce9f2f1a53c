//! The items of a conversation: messages, reasoning, tool calls and their results.
//!
//! The JSON form is that of the Responses API, so history can be stored, handed over between languages and sent again.
//! Fields that this crate does not know are kept. Items of an unknown type are kept whole.

use std::sync::Arc;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// One item of a conversation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Item {
    /// Text and images of a person, a developer or the model.
    Message(Message),
    /// What the model thought, mostly encrypted.
    Reasoning(Reasoning),
    /// The model calls a tool of ours.
    ToolCall(ToolCall),
    /// Our answer to a tool call.
    ToolResult(ToolResult),
    /// Anything else, kept as it came.
    Raw(RawItem),
}

/// Where an item was made: the provider and the model that wrote it.
///
/// Encrypted reasoning can be read only there, and ids are known only there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Origin {
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// A hash that tells accounts apart, where a failover chain with several made the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl Origin {
    /// An origin.
    pub fn new(provider: impl Into<String>, model: impl Into<String>) -> Self {
        Self { provider: provider.into(), model: model.into(), account: None }
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// A person.
    User,
    /// The model.
    Assistant,
    /// The application.
    Developer,
    /// The older name of `developer`; not accepted everywhere.
    System,
}

/// Text and images of one speaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The provider's id, `msg_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Vec<Content>,
    /// `completed`, `in_progress`, `incomplete`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `commentary` or `final_answer`. Dropping it makes gpt-5.3-codex and later answer worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Where it was made; `None` for what the host wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Arc<Origin>>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// Text that goes in.
    InputText(String),
    /// An image that goes in.
    InputImage {
        /// An `https:` or `data:` address.
        image_url: String,
        /// `auto`, `low`, `high` or `original`.
        detail: Option<String>,
    },
    /// Text that the model wrote.
    OutputText {
        /// The text.
        text: String,
        /// Citations and the like, as they came.
        annotations: Vec<Value>,
    },
    /// The model refuses.
    Refusal(String),
    /// Anything else, kept as it came.
    Raw(Value),
}

/// What the model thought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reasoning {
    /// The provider's id, `rs_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A summary for people, part by part.
    #[serde(default, with = "texts::summary")]
    pub summary: Vec<String>,
    /// The plain text, where a model gives it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "texts::reasoning")]
    pub content: Vec<String>,
    /// The thought itself, or the signature without which it cannot be sent back; readable only where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_content: Option<String>,
    /// Where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Arc<Origin>>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How a tool takes its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolKind {
    /// JSON arguments after a schema: `function_call`.
    Function,
    /// Free text: `custom_tool_call`.
    Custom,
}

/// The model calls a tool.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolCall {
    /// A function with JSON arguments, or a tool that takes free text.
    pub kind: ToolKind,
    /// The provider's id of the item, `fc_…`.
    pub id: Option<String>,
    /// Joins the call and its result, `call_…`.
    pub call_id: String,
    /// The tool.
    pub name: String,
    /// JSON text of the arguments, or the free text. Text, because a model can write JSON that does not parse.
    pub input: String,
    /// Where it was made.
    pub origin: Option<Arc<Origin>>,
    /// Fields that this crate does not know, `status` and `namespace` among them.
    pub extra: Map<String, Value>,
}

impl ToolCall {
    /// The arguments of a function as JSON.
    ///
    /// # Errors
    /// `invalid_request` when the model wrote something that is no JSON; the message says where.
    pub fn arguments(&self) -> crate::error::Result<Value> {
        serde_json::from_str(&self.input).map_err(|e| {
            let text = format!(
                "the model's arguments for {} are no JSON: line {}, column {}",
                self.name,
                e.line(),
                e.column()
            );
            crate::error::Error::invalid_request(text)
        })
    }
}

/// Our answer to a tool call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolResult {
    /// The kind of the call that it answers.
    pub kind: ToolKind,
    /// The `call_id` of the call that it answers.
    pub call_id: String,
    /// The answer.
    pub output: ToolOutput,
    /// Fields that this crate does not know.
    pub extra: Map<String, Value>,
}

/// What a tool gave back.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ToolOutput {
    /// Text.
    Text(String),
    /// Text and images.
    Parts(Vec<Content>),
}

/// An item of a type that this crate does not model, kept as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawItem(pub Map<String, Value>);

impl Item {
    /// A message of a person.
    pub fn user(text: impl Into<String>) -> Self {
        Message::new(Role::User, vec![Content::InputText(text.into())]).into()
    }

    /// A message of the application.
    pub fn developer(text: impl Into<String>) -> Self {
        Message::new(Role::Developer, vec![Content::InputText(text.into())]).into()
    }

    /// A message of the model, for history that was made elsewhere.
    pub fn assistant(text: impl Into<String>) -> Self {
        let text = Content::OutputText { text: text.into(), annotations: Vec::new() };
        Message::new(Role::Assistant, vec![text]).into()
    }

    /// The answer to a tool call.
    pub fn tool_result(call: &ToolCall, output: impl Into<ToolOutput>) -> Self {
        ToolResult { kind: call.kind, call_id: call.call_id.clone(), output: output.into(), extra: Map::new() }.into()
    }

    /// The text of a message that the model wrote; empty for anything else.
    pub fn output_text(&self) -> String {
        match self {
            Self::Message(message) => message.output_text(),
            _ => String::new(),
        }
    }

    /// The provider's id, where there is one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Message(m) => m.id.as_deref(),
            Self::Reasoning(r) => r.id.as_deref(),
            Self::ToolCall(c) => c.id.as_deref(),
            Self::ToolResult(_) => None,
            Self::Raw(raw) => raw.0.get("id").and_then(Value::as_str),
        }
    }

    /// Where it was made, if it is known.
    pub(crate) fn origin(&self) -> Option<Arc<Origin>> {
        match self {
            Self::Message(m) => m.origin.clone(),
            Self::Reasoning(r) => r.origin.clone(),
            Self::ToolCall(c) => c.origin.clone(),
            Self::Raw(raw) => raw.origin().map(Arc::new),
            Self::ToolResult(_) => None,
        }
    }

    /// Notes where the item was made.
    pub(crate) fn set_origin(&mut self, origin: &Arc<Origin>) {
        match self {
            Self::Message(m) => m.origin = Some(origin.clone()),
            Self::Reasoning(r) => r.origin = Some(origin.clone()),
            Self::ToolCall(c) => c.origin = Some(origin.clone()),
            Self::Raw(raw) => {
                raw.0.insert("origin".to_owned(), serde_json::to_value(&**origin).unwrap_or_default());
            }
            Self::ToolResult(_) => {}
        }
    }
}

impl RawItem {
    /// Where it was made, if it is known.
    pub fn origin(&self) -> Option<Origin> {
        Origin::deserialize(self.0.get("origin")?).ok()
    }
}

impl Message {
    /// A message.
    pub fn new(role: Role, content: Vec<Content>) -> Self {
        Self { id: None, role, content, status: None, phase: None, origin: None, extra: Map::new() }
    }

    /// All text that the model wrote in it.
    pub fn output_text(&self) -> String {
        let mut all = String::new();
        for part in &self.content {
            if let Content::OutputText { text, .. } = part {
                all.push_str(text);
            }
        }
        all
    }

    /// The refusal, if the model refused.
    pub fn refusal(&self) -> Option<&str> {
        self.content.iter().find_map(|part| match part {
            Content::Refusal(text) => Some(text.as_str()),
            _ => None,
        })
    }
}

impl From<Message> for Item {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl From<ToolResult> for Item {
    fn from(result: ToolResult) -> Self {
        Self::ToolResult(result)
    }
}

impl From<&str> for ToolOutput {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for ToolOutput {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<Content>> for ToolOutput {
    fn from(parts: Vec<Content>) -> Self {
        Self::Parts(parts)
    }
}

// The JSON form. Written by hand where serde's tags cannot keep unknown items and fields.

/// A struct with its `type` in front.
#[derive(Serialize)]
struct Tagged<'a, T> {
    r#type: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

#[derive(Serialize)]
struct FunctionCallForm<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    call_id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a Origin>,
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct ToolResultForm<'a> {
    r#type: &'static str,
    call_id: &'a str,
    output: &'a ToolOutput,
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Message(body) => Tagged { r#type: "message", body }.serialize(serializer),
            Self::Reasoning(body) => Tagged { r#type: "reasoning", body }.serialize(serializer),
            Self::ToolCall(call) => {
                let function = call.kind == ToolKind::Function;
                FunctionCallForm {
                    r#type: if function { "function_call" } else { "custom_tool_call" },
                    id: call.id.as_deref(),
                    call_id: &call.call_id,
                    name: &call.name,
                    arguments: function.then_some(call.input.as_str()),
                    input: (!function).then_some(call.input.as_str()),
                    origin: call.origin.as_deref(),
                    extra: &call.extra,
                }
                .serialize(serializer)
            }
            Self::ToolResult(result) => ToolResultForm {
                r#type: match result.kind {
                    ToolKind::Function => "function_call_output",
                    ToolKind::Custom => "custom_tool_call_output",
                },
                call_id: &result.call_id,
                output: &result.output,
                extra: &result.extra,
            }
            .serialize(serializer),
            Self::Raw(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = Map::<String, Value>::deserialize(deserializer)?;
        let kind = match map.get("type") {
            Some(Value::String(kind)) => kind.clone(),
            // The short form that people write: {"role": "user", "content": "…"}.
            None if map.contains_key("role") => "message".to_owned(),
            _ => return Ok(Self::Raw(RawItem(map))),
        };
        match kind.as_str() {
            "message" => {
                map.remove("type");
                if let Some(Value::String(text)) = map.get("content") {
                    let assistant = map.get("role").and_then(Value::as_str) == Some("assistant");
                    let part = match assistant {
                        true => Content::OutputText { text: text.clone(), annotations: Vec::new() },
                        false => Content::InputText(text.clone()),
                    };
                    map.insert("content".into(), serde_json::to_value([part]).map_err(D::Error::custom)?);
                }
                from_map(map).map(Self::Message)
            }
            "reasoning" => {
                map.remove("type");
                from_map(map).map(Self::Reasoning)
            }
            "function_call" => tool_call(map, ToolKind::Function, "arguments"),
            "custom_tool_call" => tool_call(map, ToolKind::Custom, "input"),
            "function_call_output" => tool_result(map, ToolKind::Function),
            "custom_tool_call_output" => tool_result(map, ToolKind::Custom),
            _ => Ok(Self::Raw(RawItem(map))),
        }
    }
}

fn from_map<T: DeserializeOwned, E: serde::de::Error>(map: Map<String, Value>) -> Result<T, E> {
    T::deserialize(Value::Object(map)).map_err(E::custom)
}

fn take_text<E: serde::de::Error>(map: &mut Map<String, Value>, key: &'static str) -> Result<Option<String>, E> {
    match map.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(E::custom(format_args!("`{key}` must be text, not {other}"))),
    }
}

fn tool_call<E: serde::de::Error>(mut map: Map<String, Value>, kind: ToolKind, input: &'static str) -> Result<Item, E> {
    map.remove("type");
    Ok(Item::ToolCall(ToolCall {
        kind,
        id: take_text(&mut map, "id")?,
        call_id: take_text(&mut map, "call_id")?.unwrap_or_default(),
        name: take_text(&mut map, "name")?.unwrap_or_default(),
        input: take_text(&mut map, input)?.unwrap_or_default(),
        origin: match map.remove("origin") {
            None | Some(Value::Null) => None,
            Some(origin) => Some(Arc::new(Origin::deserialize(origin).map_err(E::custom)?)),
        },
        extra: map,
    }))
}

fn tool_result<E: serde::de::Error>(mut map: Map<String, Value>, kind: ToolKind) -> Result<Item, E> {
    map.remove("type");
    let call_id = take_text(&mut map, "call_id")?.ok_or_else(|| E::missing_field("call_id"))?;
    let output = map.remove("output").ok_or_else(|| E::missing_field("output"))?;
    let output = ToolOutput::deserialize(output).map_err(E::custom)?;
    Ok(Item::ToolResult(ToolResult { kind, call_id, output, extra: map }))
}

impl Serialize for ToolOutput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Parts(parts) => parts.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ToolOutput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Array(parts) => {
                Vec::<Content>::deserialize(Value::Array(parts)).map(Self::Parts).map_err(D::Error::custom)
            }
            other => Err(D::Error::custom(format_args!("`output` must be text or a list of parts, not {other}"))),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ContentForm<'a> {
    InputText {
        text: &'a str,
    },
    InputImage {
        image_url: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<&'a str>,
    },
    OutputText {
        text: &'a str,
        annotations: &'a [Value],
    },
    Refusal {
        refusal: &'a str,
    },
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match self {
            Self::InputText(text) => ContentForm::InputText { text },
            Self::InputImage { image_url, detail } => ContentForm::InputImage { image_url, detail: detail.as_deref() },
            Self::OutputText { text, annotations } => ContentForm::OutputText { text, annotations },
            Self::Refusal(refusal) => ContentForm::Refusal { refusal },
            Self::Raw(value) => return value.serialize(serializer),
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let known = match value.get("type").and_then(Value::as_str) {
            Some("input_text") => text("text").map(Self::InputText),
            Some("input_image") => {
                text("image_url").map(|image_url| Self::InputImage { image_url, detail: text("detail") })
            }
            Some("output_text") => text("text").map(|text| Self::OutputText {
                text,
                annotations: value.get("annotations").and_then(Value::as_array).cloned().unwrap_or_default(),
            }),
            Some("refusal") => text("refusal").map(Self::Refusal),
            _ => None,
        };
        Ok(known.unwrap_or(Self::Raw(value)))
    }
}

/// Lists of `{type, text}` parts that are all text.
mod texts {
    macro_rules! text_parts {
        ($name:ident, $tag:literal) => {
            pub mod $name {
                use serde::{Deserialize, Deserializer, Serialize, Serializer};

                #[derive(Serialize)]
                struct Form<'a> {
                    r#type: &'static str,
                    text: &'a str,
                }

                #[derive(Deserialize)]
                struct Part {
                    #[serde(default)]
                    text: String,
                }

                pub fn serialize<S: Serializer>(texts: &[String], serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_seq(texts.iter().map(|text| Form { r#type: $tag, text }))
                }

                pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
                    let parts = Option::<Vec<Part>>::deserialize(deserializer)?.unwrap_or_default();
                    Ok(parts.into_iter().map(|part| part.text).collect())
                }
            }
        };
    }

    text_parts!(summary, "summary_text");
    text_parts!(reasoning, "reasoning_text");
}
