//! The conversation as the backend takes it back: nothing is stored there, so the whole of it goes out each time.
//!
//! The rules: encrypted reasoning and ids go back only to the model that made them; reasoning stands directly before
//! what it led to; every tool call has exactly one result behind it; ids keep the form that the backend checks.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::call::history::{Calls, count_images, hash, is_sound, made_by, repairs};
use crate::chat::{
    Content, Item, Message, Origin, RawItem, Reasoning, Role, ToolCall, ToolKind, ToolOutput, ToolResult, Warning,
};

/// The items to send, borrowed from the request, and what had to be repaired.
pub(crate) struct Replay<'a> {
    pub(crate) items: Vec<WireItem<'a>>,
    pub(crate) warnings: Vec<Warning>,
}

/// To whom the conversation goes.
pub(crate) struct Target<'a> {
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
    pub(crate) images: bool,
    /// The backend does not know the role `system`.
    pub(crate) system_is_developer: bool,
    /// The backend keeps items (`store: true`), so reasoning without its encrypted form can be found there.
    pub(crate) stored: bool,
}

/// One item in the form that goes out.
pub(crate) enum WireItem<'a> {
    Message {
        message: &'a Message,
        id: Option<Cow<'a, str>>,
        role: Role,
        images: bool,
    },
    Reasoning(&'a Reasoning),
    Call {
        call: &'a ToolCall,
        id: Option<&'a str>,
        call_id: Cow<'a, str>,
    },
    Result {
        result: &'a ToolResult,
        kind: ToolKind,
        call_id: Cow<'a, str>,
        images: bool,
    },
    /// The result of a call that was never answered.
    NoResult {
        kind: ToolKind,
        call_id: Cow<'a, str>,
    },
    Raw {
        raw: &'a RawItem,
        id: bool,
    },
}

impl<'a> Replay<'a> {
    pub(crate) fn of(input: &'a [Item], target: &Target<'_>) -> Self {
        let calls = Calls::of(input);
        let mut out = Builder { items: Vec::with_capacity(input.len()), ..Builder::default() };
        for (index, item) in input.iter().enumerate() {
            match item {
                Item::Message(message) => out.message(message, target),
                Item::Reasoning(reasoning) => out.reasoning(reasoning, target),
                Item::ToolCall(call) => out.call(index, call, &calls, target),
                Item::ToolResult(result) => out.result(index, result, &calls, target),
                Item::Raw(raw) => out.raw(raw, target),
            }
        }
        out.forget_reasoning();
        let warnings = out.warnings();
        Self { items: out.items, warnings }
    }
}

#[derive(Default)]
struct Builder<'a> {
    items: Vec<WireItem<'a>>,
    /// Reasoning that waits for what it led to.
    waiting: Vec<&'a Reasoning>,
    /// Reasoning of this turn was left out, so the ids behind it would point at nothing.
    unpaired: bool,
    dropped_reasoning: usize,
    unanswered: usize,
    dropped_results: usize,
    dropped_calls: usize,
    dropped_images: usize,
    dropped_items: usize,
}

impl<'a> Builder<'a> {
    fn message(&mut self, message: &'a Message, target: &Target<'_>) {
        let images = target.images;
        if !images {
            self.dropped_images += count_images(&message.content);
        }
        if message.role != Role::Assistant {
            self.forget_reasoning();
            self.unpaired = false;
            let role = match message.role {
                Role::System if target.system_is_developer => Role::Developer,
                role => role,
            };
            self.items.push(WireItem::Message { message, id: None, role, images });
            return;
        }
        // A turn that broke off before it said anything.
        if message.content.is_empty() {
            return;
        }
        let id = message.id.as_deref().filter(|_| self.keeps_ids(&message.origin, target));
        let id = id.and_then(|id| item_id(id, "msg"));
        self.push_output(WireItem::Message { message, id, role: Role::Assistant, images });
    }

    fn reasoning(&mut self, reasoning: &'a Reasoning, target: &Target<'_>) {
        let readable = reasoning.encrypted_content.is_some() || target.stored;
        if readable && made_by(&reasoning.origin, target.provider, target.model) {
            self.waiting.push(reasoning);
        } else {
            self.dropped_reasoning += 1;
            self.unpaired = true;
        }
    }

    fn call(&mut self, index: usize, call: &'a ToolCall, calls: &Calls<'a>, target: &Target<'_>) {
        let Some(pair) = calls.by_id.get(call.call_id.as_str()).filter(|pair| pair.call == index) else {
            self.dropped_calls += 1;
            return;
        };
        let prefix = match call.kind {
            ToolKind::Function => "fc",
            ToolKind::Custom => "ctc",
        };
        let id = call
            .id
            .as_deref()
            .filter(|id| self.keeps_ids(&call.origin, target) && id.starts_with(prefix) && is_sound(id));
        let call_id = pair.wire_id.clone();
        self.push_output(WireItem::Call { call, id, call_id: call_id.clone() });
        if pair.result.is_none() {
            self.unanswered += 1;
            self.items.push(WireItem::NoResult { kind: call.kind, call_id });
        }
    }

    fn result(&mut self, index: usize, result: &'a ToolResult, calls: &Calls<'a>, target: &Target<'_>) {
        let pair = calls.by_id.get(result.call_id.as_str()).filter(|pair| pair.result == Some(index));
        let Some(pair) = pair else {
            self.dropped_results += 1;
            return;
        };
        self.forget_reasoning();
        self.unpaired = false;
        if let (false, ToolOutput::Parts(parts)) = (target.images, &result.output) {
            self.dropped_images += count_images(parts);
        }
        let (kind, call_id) = (pair.kind, pair.wire_id.clone());
        self.items.push(WireItem::Result { result, kind, call_id, images: target.images });
    }

    fn raw(&mut self, raw: &'a RawItem, target: &Target<'_>) {
        let origin = raw.origin();
        if origin.as_ref().is_some_and(|o| o.provider != target.provider) {
            self.dropped_items += 1;
            return;
        }
        let own = origin.is_none_or(|o| o.model == target.model);
        if !own && raw.0.contains_key("encrypted_content") {
            self.dropped_reasoning += 1;
            return;
        }
        self.push_output(WireItem::Raw { raw, id: own && !self.unpaired });
    }

    fn push_output(&mut self, item: WireItem<'a>) {
        self.items.extend(self.waiting.drain(..).map(WireItem::Reasoning));
        self.items.push(item);
    }

    fn forget_reasoning(&mut self) {
        self.dropped_reasoning += self.waiting.len();
        self.waiting.clear();
    }

    fn keeps_ids(&self, origin: &Option<std::sync::Arc<Origin>>, target: &Target<'_>) -> bool {
        !self.unpaired && made_by(origin, target.provider, target.model)
    }

    fn warnings(&self) -> Vec<Warning> {
        let notes = [
            (
                self.dropped_reasoning,
                "reasoning",
                "reasoning items left out, because another model made them or nothing follows them",
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
            (self.dropped_images, "input_image", "images left out, because the model takes text only"),
            (self.dropped_items, "input", "items left out, because only another provider knows their type"),
        ];
        repairs(&notes)
    }
}

/// An item id that the backend takes; one that is only too long is shortened.
fn item_id<'a>(id: &'a str, prefix: &str) -> Option<Cow<'a, str>> {
    match id.starts_with(prefix) {
        true if is_sound(id) => Some(Cow::Borrowed(id)),
        true => Some(Cow::Owned(format!("{prefix}_{:016x}", hash(id)))),
        false => None,
    }
}

impl Serialize for WireItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Message { message, id, role, images } => {
                map.serialize_entry("type", "message")?;
                map.serialize_entry("role", role)?;
                if let Some(id) = id {
                    map.serialize_entry("id", id)?;
                }
                map.serialize_entry("content", &WireParts { parts: &message.content, images: *images })?;
                if *role == Role::Assistant {
                    map.serialize_entry("status", "completed")?;
                    if let Some(phase) = &message.phase {
                        map.serialize_entry("phase", phase)?;
                    }
                }
                extra(&mut map, &message.extra)?;
            }
            Self::Reasoning(reasoning) => {
                let texts = |kind: &'static str, texts: &'_ [String]| -> Vec<WireText<'_>> {
                    texts.iter().map(|text| WireText { r#type: kind, text: text.clone().into() }).collect()
                };
                map.serialize_entry("type", "reasoning")?;
                if let Some(id) = reasoning.id.as_deref().filter(|id| id.starts_with("rs") && is_sound(id)) {
                    map.serialize_entry("id", id)?;
                }
                map.serialize_entry("summary", &texts("summary_text", &reasoning.summary))?;
                if !reasoning.content.is_empty() {
                    map.serialize_entry("content", &texts("reasoning_text", &reasoning.content))?;
                }
                if let Some(encrypted) = &reasoning.encrypted_content {
                    map.serialize_entry("encrypted_content", encrypted)?;
                }
                extra(&mut map, &reasoning.extra)?;
            }
            Self::Call { call, id, call_id } => {
                let (kind, key) = match call.kind {
                    ToolKind::Function => ("function_call", "arguments"),
                    ToolKind::Custom => ("custom_tool_call", "input"),
                };
                map.serialize_entry("type", kind)?;
                if let Some(id) = id {
                    map.serialize_entry("id", id)?;
                }
                map.serialize_entry("call_id", call_id)?;
                map.serialize_entry("name", &call.name)?;
                let empty = call.kind == ToolKind::Function && call.input.trim().is_empty();
                map.serialize_entry(key, if empty { "{}" } else { &call.input })?;
                extra(&mut map, &call.extra)?;
            }
            Self::Result { result, kind, call_id, images } => {
                map.serialize_entry("type", output_type(*kind))?;
                map.serialize_entry("call_id", call_id)?;
                match &result.output {
                    ToolOutput::Text(text) => map.serialize_entry("output", text)?,
                    ToolOutput::Parts(parts) => map.serialize_entry("output", &WireParts { parts, images: *images })?,
                }
                extra(&mut map, &result.extra)?;
            }
            Self::NoResult { kind, call_id } => {
                map.serialize_entry("type", output_type(*kind))?;
                map.serialize_entry("call_id", call_id)?;
                map.serialize_entry("output", "No result provided")?;
            }
            Self::Raw { raw, id } => {
                for (key, value) in &raw.0 {
                    if key != "origin" && (*id || key != "id") {
                        map.serialize_entry(key, value)?;
                    }
                }
            }
        }
        map.end()
    }
}

fn output_type(kind: ToolKind) -> &'static str {
    match kind {
        ToolKind::Function => "function_call_output",
        ToolKind::Custom => "custom_tool_call_output",
    }
}

fn extra<M: SerializeMap>(map: &mut M, extra: &serde_json::Map<String, serde_json::Value>) -> Result<(), M::Error> {
    for (key, value) in extra {
        // What the server says of its own streaming state is not for its input.
        if !matches!(key.as_str(), "status" | "is_error") {
            map.serialize_entry(key, value)?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct WireText<'a> {
    r#type: &'static str,
    text: Cow<'a, str>,
}

/// Parts of a message or of a tool result; images become a word where the model takes none.
struct WireParts<'a> {
    parts: &'a [Content],
    images: bool,
}

impl Serialize for WireParts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Part<'a> {
            Text(WireText<'a>),
            Image {
                r#type: &'static str,
                image_url: &'a str,
                detail: &'a str,
            },
            /// Annotations are the server's to write.
            Said {
                r#type: &'static str,
                text: &'a str,
                annotations: [u8; 0],
            },
            Whole(&'a Content),
        }
        serializer.collect_seq(self.parts.iter().map(|part| match part {
            Content::InputImage { .. } if !self.images => Part::Text(WireText {
                r#type: "input_text",
                text: "(an image was here; this model takes text only)".into(),
            }),
            Content::InputImage { image_url, detail } => {
                Part::Image { r#type: "input_image", image_url, detail: detail.as_deref().unwrap_or("auto") }
            }
            Content::OutputText { text, .. } => Part::Said { r#type: "output_text", text, annotations: [] },
            whole => Part::Whole(whole),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn replay_to(model: &str, images: bool, input: Value) -> (Value, Vec<String>) {
        let items: Vec<Item> = serde_json::from_value(input).unwrap();
        let target = Target { provider: "openai-codex", model, images, system_is_developer: true, stored: false };
        let replay = Replay::of(&items, &target);
        let subjects = replay.warnings.iter().map(|w| format!("{} {}", w.subject, w.message)).collect();
        (serde_json::to_value(&replay.items).unwrap(), subjects)
    }

    fn replay(input: Value) -> (Value, Vec<String>) {
        replay_to("gpt-5.4", true, input)
    }

    fn origin(model: &str) -> Value {
        json!({"provider": "openai-codex", "model": model})
    }

    #[test]
    fn what_people_and_applications_say() {
        let (items, warnings) = replay(json!([
            {"role": "system", "content": "rules"},
            {"role": "user", "content": [
                {"type": "input_text", "text": "see"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA=="},
                {"type": "input_image", "image_url": "https://x.example/a.png", "detail": "low"}]}
        ]));
        assert_eq!(
            items,
            json!([
                {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "rules"}]},
                {"type": "message", "role": "user", "content": [
                    {"type": "input_text", "text": "see"},
                    {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
                    {"type": "input_image", "image_url": "https://x.example/a.png", "detail": "low"}]}
            ])
        );
        assert_eq!(warnings.len(), 0);
    }

    #[test]
    fn what_the_model_said_keeps_its_id_and_phase() {
        let long = format!("msg_{}", "a".repeat(80));
        let (items, _) = replay(json!([
            {"type": "message", "role": "assistant", "id": "msg_1", "status": "in_progress", "phase": "commentary",
             "content": [{"type": "output_text", "text": "a", "annotations": [], "logprobs": []}], "origin": origin("gpt-5.4")},
            {"type": "message", "role": "assistant", "id": long, "content": "b"},
            {"type": "message", "role": "assistant", "id": "msg_2", "content": "c", "origin": origin("gpt-5.1")},
            {"type": "message", "role": "assistant", "content": []}
        ]));
        assert_eq!(items[0]["id"], "msg_1");
        assert_eq!(items[0]["phase"], "commentary");
        assert_eq!(items[0]["status"], "completed");
        assert_eq!(items[0]["content"], json!([{"type": "output_text", "text": "a", "annotations": []}]));
        assert_eq!(items[0].get("origin"), None);
        assert!(items[1]["id"].as_str().unwrap().len() <= 64);
        assert_eq!(items[2].get("id"), None);
        assert_eq!(items.as_array().unwrap().len(), 3);
    }

    #[test]
    fn reasoning_goes_back_only_to_its_model_and_only_before_what_it_led_to() {
        let thought = |model: &str| {
            json!({"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAAA",
            "summary": [{"type": "summary_text", "text": "plan"}], "origin": origin(model)})
        };
        let call = |model: &str| {
            json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "t",
            "arguments": "{}", "status": "completed", "origin": origin(model)})
        };
        let result = json!({"type": "function_call_output", "call_id": "call_1", "output": "ok"});

        let (items, warnings) = replay(json!([thought("gpt-5.4"), call("gpt-5.4"), result]));
        assert_eq!(
            items[0],
            json!({"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAAA",
            "summary": [{"type": "summary_text", "text": "plan"}]})
        );
        assert_eq!(
            items[1],
            json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "t", "arguments": "{}"})
        );
        assert_eq!(warnings.len(), 0);

        let (items, warnings) = replay(json!([thought("gpt-5.1"), call("gpt-5.4"), result]));
        assert_eq!(items[0]["type"], "function_call");
        assert_eq!(items[0].get("id"), None, "the id would ask for the reasoning that is not there");
        assert_eq!(warnings.len(), 1);

        let (items, warnings) = replay(json!([thought("gpt-5.4"), {"role": "user", "content": "stop"}]));
        assert_eq!(items.as_array().unwrap().len(), 1);
        assert_eq!(warnings.len(), 1);

        let (items, _) =
            replay(json!([{"type": "reasoning", "id": "rs_2", "summary": []}, {"role": "assistant", "content": "x"}]));
        assert_eq!(items[0]["type"], "message", "without its encrypted form nobody can read it");
    }

    #[test]
    fn every_call_has_one_result_and_every_result_its_call() {
        let (items, warnings) = replay(json!([
            {"type": "function_call_output", "call_id": "call_early", "output": "x"},
            {"type": "function_call", "call_id": "call_a", "name": "t", "arguments": ""},
            {"type": "custom_tool_call", "call_id": "call_b", "name": "p", "input": "free"},
            {"type": "custom_tool_call_output", "call_id": "call_b", "output": "done"},
            {"type": "custom_tool_call_output", "call_id": "call_b", "output": "again"},
            {"type": "function_call", "call_id": "call_b", "name": "t", "arguments": "{}"},
            {"role": "user", "content": "go on"}
        ]));
        let kinds: Vec<_> = items.as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap()).collect();
        assert_eq!(
            kinds,
            ["function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output", "message"]
        );
        assert_eq!(items[0]["arguments"], "{}");
        assert_eq!(
            items[1],
            json!({"type": "function_call_output", "call_id": "call_a", "output": "No result provided"})
        );
        assert_eq!(items[3]["output"], "done");
        assert_eq!(warnings.len(), 3, "{warnings:?}");
    }

    #[test]
    fn foreign_ids_are_cleaned_alike_at_both_ends_and_never_become_one() {
        let (one, two) = (format!("toolu:{}", "x".repeat(90)), format!("toolu:{}y", "x".repeat(90)));
        let pair = |id: &str| {
            [
                json!({"type": "function_call", "id": "toolu_9", "call_id": id, "name": "t", "arguments": "{}"}),
                json!({"type": "function_call_output", "call_id": id, "output": [{"type": "input_text", "text": "t"}]}),
            ]
        };
        let input: Vec<_> = pair(&one).into_iter().chain(pair(&two)).chain(pair("a b__")).collect();
        let (items, warnings) = replay(json!(input));
        assert_eq!(warnings.len(), 0);
        for pair in items.as_array().unwrap().chunks(2) {
            assert_eq!(pair[0]["call_id"], pair[1]["call_id"]);
            assert!(is_sound(pair[0]["call_id"].as_str().unwrap()));
            assert_eq!(pair[0].get("id"), None);
        }
        assert_eq!(items[0]["call_id"], format!("toolu_{}", "x".repeat(58)));
        assert_ne!(items[0]["call_id"], items[2]["call_id"]);
        assert_eq!(items[4]["call_id"], "a_b");
    }

    #[test]
    fn a_model_without_eyes_gets_words() {
        let (items, warnings) = replay_to(
            "gpt-5.3-codex-spark",
            false,
            json!([
                {"role": "user", "content": [{"type": "input_image", "image_url": "data:,"}]}
            ]),
        );
        assert_eq!(items[0]["content"][0]["type"], "input_text");
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn unknown_items_of_another_model_lose_what_only_it_can_read() {
        let (items, warnings) = replay(json!([
            {"type": "compaction", "encrypted_content": "gAAAA", "origin": origin("gpt-5.1")},
            {"type": "web_search_call", "id": "ws_1", "origin": origin("gpt-5.1")},
            {"type": "web_search_call", "id": "ws_2", "origin": origin("gpt-5.4")},
            {"role": "user", "content": "x"}, {"type": "reasoning", "summary": [], "origin": origin("gpt-5.1")},
            {"type": "web_search_call", "id": "ws_3", "origin": origin("gpt-5.4")},
        ]));
        assert_eq!(items[0], json!({"type": "web_search_call"}));
        assert_eq!(items[1], json!({"type": "web_search_call", "id": "ws_2"}));
        assert_eq!(items[3], json!({"type": "web_search_call"}), "its reasoning is not there");
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn the_history_of_a_claude_turn() {
        let claude = || json!({"provider": "anthropic", "model": "claude-sonnet-5"});
        let (items, warnings) = replay(json!([
            {"role": "user", "content": "look"},
            {"type": "reasoning", "id": "msg_1_0", "encrypted_content": "EqQB", "origin": claude(),
                "summary": [{"type": "summary_text", "text": "plan"}]},
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}, "origin": claude()},
            {"type": "message", "role": "assistant", "id": "msg_1_2", "content": "I call.", "origin": claude()},
            {"type": "function_call", "id": "msg_1_3", "call_id": "toolu_1", "name": "t", "arguments": "{}", "origin": claude()},
            {"type": "function_call_output", "call_id": "toolu_1", "output": "ok"}
        ]));
        let kinds: Vec<_> = items.as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["message", "message", "function_call", "function_call_output"]);
        assert_eq!((items[1].get("id"), items[2].get("id")), (None, None));
        assert_eq!(items[2]["call_id"], "toolu_1");
        assert_eq!(warnings.len(), 2);
    }

    #[test]
    fn unknown_items_go_back_as_they_came() {
        let odd = json!({"type": "web_search_call", "id": "ws_1", "action": {"query": "q"}, "status": "completed"});
        assert_eq!(replay(json!([odd])).0, json!([odd]));
    }
}
