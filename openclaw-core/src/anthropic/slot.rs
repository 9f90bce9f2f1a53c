//! One content block while it arrives.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::REDACTED;
use super::blocks::FREE_TEXT;
use super::wire::PieceForm;
use crate::chat::{Content, Item, Message, RawItem, Reasoning, Role, ToolCall, ToolKind};

/// One content block: the item grows with its pieces.
pub(super) struct Slot {
    pub(super) id: Arc<str>,
    pub(super) item: Item,
    /// The call is one of free text: its input comes inside of JSON.
    pub(super) free_text: bool,
    /// The input of a block that is kept as it came.
    input: String,
}

impl Slot {
    pub(super) fn new(id: String, item: Item) -> Self {
        Self { id: id.into(), item, free_text: false, input: String::new() }
    }

    /// The slot of a block as it begins. Nothing, if it is no object or nested too deeply.
    pub(super) fn of_block(json: &str, id: String, custom: &[String]) -> Option<Self> {
        let mut block: Map<String, Value> = serde_json::from_str(json).ok()?;
        let text = |key: &str| block.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(match block.get("type").and_then(Value::as_str) {
            Some("text") => {
                let annotations = block.get("citations").and_then(Value::as_array).cloned().unwrap_or_default();
                Self::new(id.clone(), message(id, text("text"), annotations))
            }
            Some("thinking") => Self::new(id.clone(), reasoning(id, text("thinking"), text("signature"), false)),
            Some("redacted_thinking") => Self::new(id.clone(), reasoning(id, String::new(), text("data"), true)),
            Some("tool_use") => {
                let name = text("name");
                let free_text = custom.contains(&name);
                // Some servers send the whole input at once.
                let input = match block.get("input") {
                    Some(Value::Object(map)) if !map.is_empty() => Value::Object(map.clone()).to_string(),
                    _ => String::new(),
                };
                Self { free_text, ..Self::new(id.clone(), call(id, text("id"), name, input, free_text)) }
            }
            // The API's own id of the block, where it has one, is what its result names.
            _ => Self::new(id, Item::Raw(RawItem(std::mem::take(&mut block)))),
        })
    }

    /// The slot of a block that was never announced, made for its first piece.
    pub(super) fn of_piece(piece: &PieceForm<'_>, id: String) -> Option<Self> {
        let item = match piece {
            PieceForm { text: Some(_), .. } => message(id.clone(), String::new(), Vec::new()),
            PieceForm { thinking: Some(_), .. } | PieceForm { signature: Some(_), .. } => {
                reasoning(id.clone(), String::new(), String::new(), false)
            }
            PieceForm { partial_json: Some(_), .. } => {
                call(id.clone(), String::new(), String::new(), String::new(), false)
            }
            _ => return None,
        };
        Some(Self::new(id, item))
    }

    /// Adds a piece.
    pub(super) fn add(&mut self, piece: &PieceForm<'_>) {
        match &mut self.item {
            Item::Message(message) => match (message.content.last_mut(), &piece.text, piece.citation) {
                (Some(Content::OutputText { text, .. }), Some(more), _) => text.push_str(more),
                (Some(Content::OutputText { annotations, .. }), None, Some(citation)) => {
                    annotations.extend(serde_json::from_str(citation.get()).ok());
                }
                _ => {}
            },
            Item::Reasoning(reasoning) => {
                if let Some(more) = piece.thinking.as_deref().filter(|more| !more.is_empty()) {
                    match reasoning.summary.last_mut() {
                        Some(text) => text.push_str(more),
                        None => reasoning.summary.push(more.to_owned()),
                    }
                }
                if let Some(more) = &piece.signature {
                    reasoning.encrypted_content.get_or_insert_default().push_str(more);
                }
            }
            Item::ToolCall(call) => call.input.push_str(piece.partial_json.as_deref().unwrap_or_default()),
            Item::Raw(_) | Item::ToolResult(_) => {
                self.input.push_str(piece.partial_json.as_deref().unwrap_or_default());
            }
        }
    }

    /// Puts the item into its final form. Gives the free text of a call, which is one piece.
    pub(super) fn finish(&mut self, cut: bool) -> Option<String> {
        match &mut self.item {
            Item::Message(message) => {
                message.status = Some(if cut { "incomplete" } else { "completed" }.to_owned());
                None
            }
            Item::ToolCall(call) if self.free_text => {
                let whole: Option<Map<String, Value>> = serde_json::from_str(&call.input).ok();
                // Text that broke off is kept as it came.
                if let Some(Value::String(text)) = whole.and_then(|mut map| map.remove(FREE_TEXT)) {
                    call.input = text;
                }
                Some(call.input.clone()).filter(|text| !text.is_empty())
            }
            Item::ToolCall(call) => {
                if call.input.is_empty() && !cut {
                    call.input.push_str("{}");
                }
                None
            }
            Item::Raw(raw) => {
                if let Ok(input) = serde_json::from_str::<Value>(&self.input) {
                    raw.0.insert("input".to_owned(), input);
                }
                None
            }
            Item::Reasoning(_) | Item::ToolResult(_) => None,
        }
    }
}

fn message(id: String, text: String, annotations: Vec<Value>) -> Item {
    let content = vec![Content::OutputText { text, annotations }];
    let status = Some("in_progress".to_owned());
    Item::Message(Message { id: Some(id), status, ..Message::new(Role::Assistant, content) })
}

fn reasoning(id: String, text: String, sealed: String, redacted: bool) -> Item {
    let mut extra = Map::new();
    if redacted {
        extra.insert(REDACTED.to_owned(), true.into());
    }
    Item::Reasoning(Reasoning {
        id: Some(id),
        summary: Some(text).filter(|text| !text.is_empty()).into_iter().collect(),
        content: Vec::new(),
        encrypted_content: Some(sealed).filter(|sealed| !sealed.is_empty()),
        origin: None,
        extra,
    })
}

fn call(id: String, call_id: String, name: String, input: String, free_text: bool) -> Item {
    let kind = if free_text { ToolKind::Custom } else { ToolKind::Function };
    Item::ToolCall(ToolCall { kind, id: Some(id), call_id, name, input, origin: None, extra: Map::new() })
}
