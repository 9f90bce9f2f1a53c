//! The Messages API: what a scenario answers to `POST /v1/messages`, and the model list.

mod check;

use serde_json::{Value, json};

use super::answer::{Turn, cut, example, paced, sent, short, text_of};
use super::http::Incoming;
use super::play::Reply;
use super::random::Seeded;
use super::{Scenario, Step};

pub(super) use check::{body, credential};

/// What a scenario answers, pages aside.
pub(super) fn reply(scenario: Scenario, turn: &Turn<'_>) -> Reply {
    let reply = match scenario {
        Scenario::UsageLimit => {
            let text = "This request would exceed your organization's rate limit of 50,000 input tokens per minute.";
            error(429, "rate_limit_error", text).header("retry-after", "60")
        }
        Scenario::Overloaded => error(529, "overloaded_error", "Overloaded"),
        Scenario::ContextOverflow => {
            error(400, "invalid_request_error", "prompt is too long: 1048577 tokens > 1000000 maximum")
        }
        Scenario::ToolCall => whole(turn, tool_call(turn)),
        Scenario::Slow => Reply::stream(paced(plain(turn).events())),
        Scenario::Truncated => Reply::stream(cut(plain(turn).events(), Step::Close)),
        Scenario::Stall => Reply::stream(cut(plain(turn).events(), Step::Stall)),
        _ => whole(turn, plain(turn)),
    };
    let left = if scenario == Scenario::UsageLimit { "0" } else { "49000" };
    reply
        .header("request-id", format!("req_embedded{:08x}", turn.number))
        .header("anthropic-ratelimit-requests-limit", "50")
        .header("anthropic-ratelimit-requests-remaining", "49")
        .header("anthropic-ratelimit-input-tokens-limit", "50000")
        .header("anthropic-ratelimit-input-tokens-remaining", left)
}

/// An error as this API writes it.
pub(super) fn error(status: u16, kind: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": null}))
}

/// `GET /v1/models`, page by page, newest first.
pub(super) fn models(request: &Incoming) -> Reply {
    const MODELS: [(&str, &str, u64); 3] = [
        ("claude-sonnet-5", "Claude Sonnet 5", 1_000_000),
        ("claude-opus-4-8", "Claude Opus 4.8", 1_000_000),
        ("claude-haiku-4-5-20251001", "Claude Haiku 4.5", 200_000),
    ];
    let query = request.query.as_deref().unwrap_or_default();
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let limit = value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(20);
    let behind = value("after_id").and_then(|id| MODELS.iter().position(|(model, ..)| *model == id));
    let from = behind.map_or(0, |place| place + 1);
    let page: Vec<Value> = MODELS
        .iter()
        .skip(from)
        .take(limit)
        .map(|(id, name, window)| {
            json!({"type": "model", "id": id, "display_name": name, "created_at": "2026-01-01T00:00:00Z",
                "max_input_tokens": window, "lifecycle": "active",
                "capabilities": {"image_input": {"supported": true}}})
        })
        .collect();
    let id = |model: Option<&Value>| model.and_then(|model| model.get("id")).cloned().unwrap_or_default();
    let (first, last) = (id(page.first()), id(page.last()));
    let more = from + page.len() < MODELS.len();
    Reply::json(200, &json!({"data": page, "has_more": more, "first_id": first, "last_id": last}))
}

/// As a stream, or as one object where that is asked for.
fn whole(turn: &Turn<'_>, answer: Answer) -> Reply {
    match turn.body.get("stream") == Some(&Value::Bool(true)) {
        true => Reply::stream(sent(answer.events())),
        false => Reply::json(200, &answer.message()),
    }
}

fn plain(turn: &Turn<'_>) -> Answer {
    const NOTE: &str = "This answer comes from the embedded server of openclaw-core; no model was called.";
    let text = match (tool_output(turn.body), user_text(turn.body)) {
        (Some(output), _) => format!("{NOTE} The tool answered: {}", short(&output)),
        (None, Some(asked)) => format!("{NOTE} You asked: {}", short(&asked)),
        (None, None) => format!("{NOTE} You asked nothing."),
    };
    let mut answer = Answer::new(turn, "Nobody thinks here: the text is canned.");
    answer.content.push(json!({"type": "text", "text": text}));
    answer
}

fn tool_call(turn: &Turn<'_>) -> Answer {
    if tool_output(turn.body).is_some() {
        return plain(turn);
    }
    let tool = turn.body.get("tools").and_then(|tools| tools.get(0));
    let name = tool.and_then(|tool| tool.get("name")).and_then(Value::as_str).unwrap_or("get_time");
    let input = match tool.and_then(|tool| tool.get("input_schema")) {
        Some(schema) => example(schema, 0),
        None => json!({"tz": "UTC"}),
    };
    let mut answer = Answer::new(turn, "Nobody thinks here: the call is canned.");
    let id = format!("toolu_embedded{:08x}", turn.number);
    answer.content.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
    answer.stop = "tool_use";
    answer
}

/// The last turn of a person.
fn last(body: &Value) -> Option<&Value> {
    body.get("messages")?.as_array()?.last()?.get("content")
}

fn user_text(body: &Value) -> Option<String> {
    last(body).map(text_of)
}

/// The last result of a tool, if nobody said anything after it.
fn tool_output(body: &Value) -> Option<String> {
    let block = last(body)?.as_array()?.last()?;
    (block.get("type")?.as_str()? == "tool_result").then(|| block.get("content").map(text_of).unwrap_or_default())
}

/// An answer before it is cut into events.
struct Answer {
    id: String,
    model: Value,
    content: Vec<Value>,
    stop: &'static str,
    input_tokens: usize,
}

impl Answer {
    /// With a thought, if one was asked for.
    fn new(turn: &Turn<'_>, thought: &str) -> Self {
        let thinking = turn.body.get("thinking").and_then(|thinking| thinking.get("type")).and_then(Value::as_str);
        let mut content = Vec::new();
        if matches!(thinking, Some("adaptive" | "enabled")) {
            let signature = format!("EqQB{}", Seeded::new(turn.number).token(196));
            content.push(json!({"type": "thinking", "thinking": thought, "signature": signature}));
        }
        Self {
            id: format!("msg_embedded{:08x}", turn.number),
            model: turn.body.get("model").cloned().unwrap_or_default(),
            content,
            stop: "end_turn",
            input_tokens: turn.body_bytes / 4 + 1,
        }
    }

    fn usage(&self) -> Value {
        let output: usize = self.content.iter().map(|block| block.to_string().len() / 4).sum();
        let cached = self.input_tokens / 2;
        json!({"input_tokens": self.input_tokens - cached, "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": 0, "output_tokens": output + 1, "service_tier": "standard"})
    }

    fn message(&self) -> Value {
        json!({"id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": self.content,
            "stop_reason": self.stop, "stop_sequence": null, "usage": self.usage()})
    }

    fn events(&self) -> Vec<Value> {
        let mut events = vec![json!({"type": "message_start", "message": {
            "id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": [],
            "stop_reason": null, "stop_sequence": null, "usage": self.usage()}})];
        for (index, block) in self.content.iter().enumerate() {
            let text = |key: &str| block.get(key).and_then(Value::as_str).unwrap_or_default();
            let start = |block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
            let delta = |kind: &str, key: &str, piece: &str| json!({"type": "content_block_delta", "index": index, "delta": {"type": kind, key: piece}});
            let words = |kind: &'static str, key: &'static str, whole: String| -> Vec<Value> {
                whole.split_inclusive([' ', ',']).map(|piece| delta(kind, key, piece)).collect()
            };
            match text("type") {
                "thinking" => {
                    events.push(start(json!({"type": "thinking", "thinking": "", "signature": ""})));
                    events.extend(words("thinking_delta", "thinking", text("thinking").to_owned()));
                    events.push(delta("signature_delta", "signature", text("signature")));
                }
                "tool_use" => {
                    let (id, name) = (text("id"), text("name"));
                    events.push(start(json!({"type": "tool_use", "id": id, "name": name, "input": {}})));
                    let input = block.get("input").map(Value::to_string).unwrap_or_default();
                    events.push(delta("input_json_delta", "partial_json", ""));
                    events.extend(words("input_json_delta", "partial_json", input));
                }
                _ => {
                    events.push(start(json!({"type": "text", "text": ""})));
                    events.extend(words("text_delta", "text", text("text").to_owned()));
                }
            }
            events.push(json!({"type": "content_block_stop", "index": index}));
            if index == 0 {
                events.push(json!({"type": "ping"}));
            }
        }
        let delta = json!({"stop_reason": self.stop, "stop_sequence": null});
        events.push(json!({"type": "message_delta", "delta": delta, "usage": self.usage()}));
        events.push(json!({"type": "message_stop"}));
        events
    }
}
