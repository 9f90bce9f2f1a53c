//! The conversation as the Messages API takes it: turns of a user and of the assistant, which alternate.
//!
//! The rules: every tool call has its one result at the beginning of the very next turn; thinking goes back only to the
//! model that wrote it, and only before what it led to; texts are not empty; the first turn is the user's; what the
//! application says stands in the system prompt.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::value::RawValue;

use super::blocks::{Block, Input, Source};
use crate::call::history::{Calls, clean, made_by, repairs};
use crate::chat::{
    Content, Item, Message, RawItem, Reasoning, Role, ToolCall, ToolKind, ToolOutput, ToolResult, Warning,
};

/// The turns to send, borrowed from the request, and what had to be repaired.
pub(super) struct Replay<'a> {
    /// What the application says, in order.
    pub(super) system: Vec<&'a str>,
    pub(super) turns: Vec<Turn<'a>>,
    /// The last turn brings results for calls before which the model did not think, as far as it can be shown.
    pub(super) thoughtless: bool,
    pub(super) warnings: Vec<Warning>,
}

/// One turn.
#[derive(Debug, serde::Serialize)]
pub(super) struct Turn<'a> {
    pub(super) role: &'static str,
    pub(super) content: Vec<Block<'a>>,
}

const USER: &str = "user";
const ASSISTANT: &str = "assistant";

impl<'a> Replay<'a> {
    /// The conversation for this provider and model.
    pub(super) fn of(input: &'a [Item], provider: &'a str, model: &'a str) -> Self {
        let mut out = Builder { input, provider, model, ..Builder::default() };
        let calls = Calls::of(input);
        for (index, item) in input.iter().enumerate() {
            match item {
                Item::Message(message) if message.role == Role::Assistant => out.said(message),
                Item::Message(message) if message.role == Role::User => out.asked(message),
                Item::Message(message) => out.told(message),
                Item::Reasoning(reasoning) => out.thought(reasoning),
                Item::ToolCall(call) => out.called(index, call, &calls),
                Item::ToolResult(result) => out.answered(index, result, &calls),
                Item::Raw(raw) => out.raw(raw),
            }
        }
        out.finish()
    }
}

/// A call of the turn that is being put together, and its result.
struct Open<'a> {
    id: Cow<'a, str>,
    result: Option<usize>,
}

#[derive(Default)]
struct Builder<'a> {
    input: &'a [Item],
    provider: &'a str,
    model: &'a str,
    system: Vec<&'a str>,
    turns: Vec<Turn<'a>>,
    /// Calls whose results must begin the next turn.
    open: Vec<Open<'a>>,
    /// Thinking that waits for what it led to.
    waiting: Vec<Block<'a>>,
    dropped_reasoning: usize,
    unanswered: usize,
    dropped_calls: usize,
    dropped_results: usize,
    dropped_images: usize,
    dropped_items: usize,
    odd_inputs: usize,
    moved: usize,
    began_elsewhere: usize,
}

impl<'a> Builder<'a> {
    fn asked(&mut self, message: &'a Message) {
        let blocks = self.parts(&message.content);
        self.push_user(blocks);
    }

    /// The API has no place for the application but in front of everything.
    fn told(&mut self, message: &'a Message) {
        self.moved += usize::from(!self.turns.is_empty());
        for part in &message.content {
            match part {
                Content::InputText(text) | Content::OutputText { text, .. } | Content::Refusal(text) => {
                    self.system.extend(Some(text.as_str()).filter(|text| !text.trim().is_empty()));
                }
                Content::InputImage { .. } => self.dropped_images += 1,
                Content::Raw(_) => self.dropped_items += 1,
            }
        }
    }

    fn said(&mut self, message: &'a Message) {
        for block in self.parts(&message.content) {
            self.push_output(block);
        }
    }

    fn thought(&mut self, reasoning: &'a Reasoning) {
        match &reasoning.encrypted_content {
            Some(sealed) if made_by(&reasoning.origin, self.provider, self.model) => {
                self.waiting.push(match reasoning.extra.contains_key(super::REDACTED) {
                    true => Block::Redacted(sealed),
                    false => Block::Thinking { text: &reasoning.summary, signature: sealed },
                });
            }
            _ => self.dropped_reasoning += 1,
        }
    }

    fn called(&mut self, index: usize, call: &'a ToolCall, calls: &Calls<'a>) {
        let Some(pair) = calls.by_id.get(call.call_id.as_str()).filter(|pair| pair.call == index) else {
            self.dropped_calls += 1;
            return;
        };
        let text = call.input.trim();
        let input = match call.kind {
            ToolKind::Custom => Input::Text(&call.input),
            ToolKind::Function if text.is_empty() => Input::Nothing,
            ToolKind::Function => match serde_json::from_str::<&RawValue>(text) {
                Ok(json) if text.starts_with('{') => Input::Json(json),
                _ => {
                    self.odd_inputs += 1;
                    Input::Text(&call.input)
                }
            },
        };
        if !self.waiting.is_empty() {
            self.close();
            self.flush();
        }
        let id = pair.wire_id.clone();
        let name = clean(&call.name, &HashSet::new());
        self.push(ASSISTANT, Block::Call { id: id.clone(), name, input });
        self.open.push(Open { id, result: pair.result });
    }

    fn answered(&mut self, index: usize, result: &'a ToolResult, calls: &Calls<'a>) {
        self.close();
        let pair = calls.by_id.get(result.call_id.as_str());
        self.dropped_results += usize::from(pair.is_none_or(|pair| pair.result != Some(index)));
    }

    fn raw(&mut self, raw: &'a RawItem) {
        match raw.origin().is_none_or(|origin| origin.provider == self.provider) {
            true => self.push_output(Block::RawItem(raw)),
            false => self.dropped_items += 1,
        }
    }

    /// The results of the open calls, wherever they stand in the conversation.
    fn close(&mut self) {
        for call in std::mem::take(&mut self.open) {
            let result = match call.result.and_then(|at| self.input.get(at)) {
                Some(Item::ToolResult(result)) => Some(result),
                _ => None,
            };
            let block = match result {
                Some(result) => {
                    let content = match &result.output {
                        ToolOutput::Text(text) => non_empty(text).into_iter().collect(),
                        ToolOutput::Parts(parts) => self.parts(parts),
                    };
                    let failed = result.extra.get("is_error").and_then(serde_json::Value::as_bool) == Some(true);
                    Block::Result { id: call.id, content, failed }
                }
                None => {
                    self.unanswered += 1;
                    Block::Result { id: call.id, content: vec![Block::Text("No result provided")], failed: true }
                }
            };
            self.push(USER, block);
        }
    }

    fn parts(&mut self, parts: &'a [Content]) -> Vec<Block<'a>> {
        let mut blocks = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Content::InputText(text) | Content::OutputText { text, .. } | Content::Refusal(text) => {
                    blocks.extend(non_empty(text));
                }
                Content::InputImage { image_url, .. } => match Source::of(image_url) {
                    Some(source) => blocks.push(Block::Image(source)),
                    None => {
                        self.dropped_images += 1;
                        blocks.push(Block::Text("(an image was here, in a form that cannot be sent)"));
                    }
                },
                // Parts of the Responses API, such as `input_file`; anything else is the host's own word.
                Content::Raw(value) => {
                    let kind = value.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
                    match kind.starts_with("input_") || kind.starts_with("output_") || kind.is_empty() {
                        true => self.dropped_items += 1,
                        false => blocks.push(Block::Raw(value)),
                    }
                }
            }
        }
        blocks
    }

    fn push_user(&mut self, blocks: Vec<Block<'a>>) {
        self.close();
        self.forget();
        for block in blocks {
            self.push(USER, block);
        }
    }

    fn push_output(&mut self, block: Block<'a>) {
        self.close();
        self.flush();
        self.push(ASSISTANT, block);
    }

    fn flush(&mut self) {
        for block in std::mem::take(&mut self.waiting) {
            self.push(ASSISTANT, block);
        }
    }

    fn forget(&mut self) {
        self.dropped_reasoning += self.waiting.len();
        self.waiting.clear();
    }

    fn push(&mut self, role: &'static str, block: Block<'a>) {
        if self.turns.is_empty() && role == ASSISTANT {
            self.began_elsewhere = 1;
            self.turns.push(Turn { role: USER, content: vec![Block::Text("(continued)")] });
        }
        match self.turns.last_mut() {
            Some(turn) if turn.role == role => turn.content.push(block),
            _ => self.turns.push(Turn { role, content: vec![block] }),
        }
    }

    fn finish(mut self) -> Replay<'a> {
        self.close();
        self.forget();
        // A text that the model shall go on with may not end in white space.
        if let Some(Turn { role: ASSISTANT, content }) = self.turns.last_mut() {
            if let Some(Block::Text(text)) = content.last_mut() {
                *text = text.trim_end();
            }
        }
        let thoughtless = match self.turns.as_slice() {
            [.., before, last] => {
                let results = matches!(last.content.first(), Some(Block::Result { .. }));
                let thought = matches!(before.content.first(), Some(Block::Thinking { .. } | Block::Redacted(_)));
                results && !thought
            }
            _ => false,
        };
        let warnings = repairs(&[
            (
                self.dropped_reasoning,
                "reasoning",
                "reasoning items left out, because another model made them, their signature is missing or nothing follows them",
            ),
            (
                self.unanswered,
                "function_call",
                "tool calls without a result, for which \"No result provided\" was sent",
            ),
            (self.dropped_calls, "function_call", "tool calls left out, because their call_id stands twice"),
            (
                self.dropped_results,
                "function_call_output",
                "tool results left out, because no call before them has their call_id",
            ),
            (self.odd_inputs, "function_call", "tool calls whose arguments are no JSON object, sent as text in one"),
            (
                self.dropped_images,
                "input_image",
                "images left out, because they are neither an address nor base64 data",
            ),
            (self.dropped_items, "input", "items and parts left out, because only another provider knows their type"),
            (self.moved, "message", "messages of the application moved to the system prompt, their only place here"),
            (self.began_elsewhere, "message", "a turn of the user put before the first one, which was the assistant's"),
        ]);
        Replay { system: self.system, turns: self.turns, thoughtless, warnings }
    }
}

/// Texts of white space only are refused.
fn non_empty(text: &str) -> Option<Block<'_>> {
    (!text.trim().is_empty()).then_some(Block::Text(text))
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
