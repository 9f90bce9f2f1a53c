//! One item of the output while it is put together.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;

use crate::chat::{Content, Item, Message, Reasoning, Role, ToolCall, ToolKind};

/// One item of the output.
pub(super) struct Slot {
    pub(super) output_index: u32,
    pub(super) id: Arc<str>,
    /// As it was announced.
    pub(super) added: Item,
    /// The server announced it, not we.
    pub(super) announced: bool,
    /// Its pieces as they came, until it is done.
    pub(super) pieces: BTreeMap<(Piece, u32), String>,
    pub(super) done: Option<Item>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    Text,
    Refusal,
    Summary,
    Reasoning,
    Arguments,
    FreeInput,
}

impl Slot {
    /// The item as it can be made of what came.
    pub(super) fn rebuild(&mut self, cut: bool) -> Item {
        let mut item = self.added.clone();
        let status = if cut { "incomplete" } else { "completed" };
        let pieces = std::mem::take(&mut self.pieces);
        match &mut item {
            Item::Message(message) => {
                message.status = Some(status.to_owned());
                let mut parts: Vec<_> = pieces.into_iter().collect();
                parts.sort_by_key(|((_, part), _)| *part);
                let parts = parts.into_iter().filter_map(|((piece, _), text)| match piece {
                    Piece::Text => Some(Content::OutputText { text, annotations: Vec::new() }),
                    Piece::Refusal => Some(Content::Refusal(text)),
                    _ => None,
                });
                if message.output_text().is_empty() && message.refusal().is_none() {
                    message.content = parts.collect();
                }
            }
            Item::Reasoning(reasoning) => {
                let (mut summary, mut content) = (Vec::new(), Vec::new());
                for ((piece, _), text) in pieces {
                    match piece {
                        Piece::Summary => summary.push(text),
                        Piece::Reasoning => content.push(text),
                        _ => {}
                    }
                }
                if reasoning.summary.iter().all(String::is_empty) {
                    reasoning.summary = summary;
                }
                if reasoning.content.iter().all(String::is_empty) {
                    reasoning.content = content;
                }
            }
            Item::ToolCall(call) => {
                call.extra.insert("status".to_owned(), status.into());
                if call.input.is_empty() {
                    call.input = pieces
                        .into_iter()
                        .filter(|((piece, _), _)| matches!(piece, Piece::Arguments | Piece::FreeInput))
                        .map(|(_, text)| text)
                        .collect();
                }
            }
            Item::ToolResult(_) | Item::Raw(_) => {}
        }
        item
    }
}

/// An item that began with a piece of it.
pub(super) fn blank(piece: Piece, id: Option<&str>) -> Item {
    let id = id.map(str::to_owned);
    match piece {
        Piece::Text | Piece::Refusal => {
            let status = Some("in_progress".to_owned());
            Item::Message(Message { id, status, ..Message::new(Role::Assistant, Vec::new()) })
        }
        Piece::Summary | Piece::Reasoning => Item::Reasoning(Reasoning {
            id,
            summary: Vec::new(),
            content: Vec::new(),
            encrypted_content: None,
            origin: None,
            extra: Map::new(),
        }),
        Piece::Arguments | Piece::FreeInput => Item::ToolCall(ToolCall {
            kind: if piece == Piece::Arguments { ToolKind::Function } else { ToolKind::Custom },
            id,
            call_id: String::new(),
            name: String::new(),
            input: String::new(),
            origin: None,
            extra: Map::new(),
        }),
    }
}
