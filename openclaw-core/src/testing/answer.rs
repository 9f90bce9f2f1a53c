//! What a scenario answers to a call of a model.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::play::Reply;
use super::random::Seeded;
use super::{Scenario, Step, messages, pages};

/// The model list's version; every answer names it.
pub(super) const MODELS_ETAG: &str = "W/\"embedded-1\"";

/// Whose rules hold for a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// The backend of a ChatGPT plan.
    Codex,
    /// `api.openai.com/v1`.
    Platform,
    /// `api.anthropic.com/v1`.
    Anthropic,
}

/// What an answer is made of.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) family: Family,
    /// The body of the request; `Null` if it is no JSON and nobody checks.
    pub(super) body: &'a Value,
    pub(super) body_bytes: usize,
    /// Counts the requests of the server: ids are made from it, so every run has the same.
    pub(super) number: u64,
    /// Unix seconds.
    pub(super) now: u64,
}

pub(super) fn reply(scenario: Scenario, turn: &Turn<'_>) -> Reply {
    let seed = turn.number;
    let reply = match scenario {
        Scenario::Challenge => return Reply::page(pages::challenge(seed)),
        Scenario::Waf => return Reply::page(pages::waf(seed)),
        Scenario::CaptivePortal => return Reply::page(pages::captive_portal(seed)),
        scenario if turn.family == Family::Anthropic => return messages::reply(scenario, turn),
        Scenario::UsageLimit => usage_limit(turn),
        Scenario::Overloaded => error(
            503,
            "Our servers are currently overloaded. Please try again later.",
            "service_unavailable_error",
            Some("server_is_overloaded"),
        ),
        Scenario::ContextOverflow => Reply::stream(sent(context_overflow(turn))),
        Scenario::ToolCall => whole(turn, tool_call(turn)),
        Scenario::Plain => whole(turn, plain(turn)),
        Scenario::Slow => Reply::stream(paced(plain(turn))),
        Scenario::Truncated => Reply::stream(cut(plain(turn), Step::Close)),
        Scenario::Stall => Reply::stream(cut(plain(turn), Step::Stall)),
    };
    with_limits(reply, turn, scenario == Scenario::UsageLimit)
}

/// An error as both backends write it.
pub(super) fn error(status: u16, message: &str, kind: &str, code: Option<&str>) -> Reply {
    Reply::json(status, &json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))
}

fn usage_limit(turn: &Turn<'_>) -> Reply {
    const LEFT: u64 = 13_872;
    match turn.family {
        Family::Codex => Reply::json(
            429,
            &json!({"error": {
                "type": "usage_limit_reached",
                "message": "The usage limit has been reached",
                "plan_type": "plus",
                "resets_at": turn.now + LEFT,
                "eligible_promo": null,
                "resets_in_seconds": LEFT,
            }}),
        ),
        Family::Platform | Family::Anthropic => error(
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            Some("insufficient_quota"),
        ),
    }
}

/// As a stream, or as one object where the platform is asked for that.
fn whole(turn: &Turn<'_>, events: Vec<Value>) -> Reply {
    if turn.family == Family::Platform && turn.body.get("stream") != Some(&Value::Bool(true)) {
        let response = events.last().and_then(|event| event.get("response"));
        return Reply::json(200, response.unwrap_or(&Value::Null));
    }
    Reply::stream(sent(events))
}

pub(super) fn sent(events: Vec<Value>) -> Vec<Step> {
    events.into_iter().map(Step::Sse).collect()
}

fn is_text(event: &Value) -> bool {
    match event.get("type").and_then(Value::as_str) {
        Some("response.output_text.delta") => true,
        Some("content_block_delta") => event.get("delta").is_some_and(|delta| delta.get("text").is_some()),
        _ => false,
    }
}

pub(super) fn paced(events: Vec<Value>) -> Vec<Step> {
    let mut steps = Vec::new();
    for event in events {
        if is_text(&event) {
            steps.push(Step::Delay(Duration::from_millis(120)));
        }
        steps.push(Step::Sse(event));
    }
    steps
}

/// The events up to the fifth piece of text, and then this.
pub(super) fn cut(events: Vec<Value>, end: Step) -> Vec<Step> {
    let mut texts = 0;
    let mut steps: Vec<Step> = events
        .into_iter()
        .take_while(|event| {
            texts += u32::from(is_text(event));
            texts <= 5
        })
        .map(Step::Sse)
        .collect();
    steps.push(end);
    steps
}

fn with_limits(mut reply: Reply, turn: &Turn<'_>, used_up: bool) -> Reply {
    let id = format!("00000000-0000-4000-8000-{:012x}", turn.number);
    let mut put = |name: &str, value: String| reply.headers.push((name.to_owned(), value));
    put("x-request-id", id);
    if turn.family == Family::Platform {
        for (name, value) in [
            ("openai-version", "2020-10-01"),
            ("openai-organization", "org-embedded"),
            ("openai-processing-ms", "12"),
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-requests", if used_up { "0" } else { "499" }),
            ("x-ratelimit-remaining-tokens", if used_up { "0" } else { "29500" }),
            ("x-ratelimit-reset-requests", "120ms"),
            ("x-ratelimit-reset-tokens", if used_up { "6m0s" } else { "1s" }),
        ] {
            put(name, value.to_owned());
        }
        return reply;
    }
    // Real answers come through Cloudflare too: neither of the two says anything about a block.
    put("server", "cloudflare".to_owned());
    put("cf-ray", format!("{:016x}-FRA", turn.number));
    put("openai-model", turn.model());
    put("x-models-etag", MODELS_ETAG.to_owned());
    put("x-codex-turn-state", format!("embedded-turn-{}", turn.number));
    let (primary, reset) = if used_up { ("100", 13_872) } else { ("12.0", 9_000) };
    for (name, value) in [
        ("x-codex-plan-type", "plus".to_owned()),
        ("x-codex-active-limit", "premium".to_owned()),
        ("x-codex-primary-used-percent", primary.to_owned()),
        ("x-codex-primary-window-minutes", "300".to_owned()),
        ("x-codex-primary-reset-at", (turn.now + reset).to_string()),
        ("x-codex-primary-reset-after-seconds", reset.to_string()),
        ("x-codex-primary-over-secondary-limit-percent", "0".to_owned()),
        ("x-codex-secondary-used-percent", "40.5".to_owned()),
        ("x-codex-secondary-window-minutes", "10080".to_owned()),
        ("x-codex-secondary-reset-at", (turn.now + 400_000).to_string()),
        ("x-codex-secondary-reset-after-seconds", "400000".to_owned()),
        ("x-codex-other-limit-name", "codex_other".to_owned()),
        ("x-codex-other-primary-used-percent", "3".to_owned()),
        ("x-codex-other-primary-window-minutes", "300".to_owned()),
        ("x-codex-other-primary-reset-at", (turn.now + 9_000).to_string()),
        ("x-codex-credits-has-credits", "False".to_owned()),
        ("x-codex-credits-unlimited", "False".to_owned()),
        ("x-codex-credits-balance", "0".to_owned()),
    ] {
        put(name, value);
    }
    if used_up {
        put("x-codex-rate-limit-reached-type", "rate_limit_reached".to_owned());
    }
    reply
}

fn plain(turn: &Turn<'_>) -> Vec<Value> {
    const NOTE: &str = "This answer comes from the embedded server of openclaw-core; no model was called.";
    let text = match (turn.tool_output(), turn.user_text()) {
        (Some(output), _) => format!("{NOTE} The tool answered: {}", short(&output)),
        (None, Some(asked)) => format!("{NOTE} You asked: {}", short(&asked)),
        (None, None) => format!("{NOTE} You asked nothing."),
    };
    let mut answer = Writer::new(turn);
    answer.reasoning("**Answering a test**\n\nNobody thinks here: the text is canned.");
    answer.message(&text);
    answer.completed()
}

fn tool_call(turn: &Turn<'_>) -> Vec<Value> {
    if turn.tool_output().is_some() {
        return plain(turn);
    }
    let tools = turn.body.get("tools").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = |kind: &str| tools.iter().find(|tool| tool.get("type").and_then(Value::as_str) == Some(kind));
    let name = |tool: &Value| tool.get("name").and_then(Value::as_str).unwrap_or("unnamed").to_owned();
    let mut answer = Writer::new(turn);
    answer.reasoning("**Calling a tool**\n\nNobody thinks here: the call is canned.");
    match (of("function"), of("custom")) {
        (Some(tool), _) => {
            let schema = tool.get("parameters").unwrap_or(&Value::Null);
            answer.call(&name(tool), &example(schema, 0).to_string(), false);
        }
        (None, Some(tool)) => answer.call(&name(tool), "example", true),
        (None, None) => answer.call("get_time", "{\"tz\":\"UTC\"}", false),
    }
    answer.completed()
}

/// A small value that a JSON Schema allows, as far as that is simple.
pub(super) fn example(schema: &Value, depth: usize) -> Value {
    if let Some(value) = schema.get("const").or_else(|| schema.get("default")) {
        return value.clone();
    }
    if let Some(value) = schema.get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
        return value.clone();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match kind {
        Some("string") => "example".into(),
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("array") => json!([]),
        Some("null") => Value::Null,
        _ if depth > 16 => json!({}),
        _ => {
            let required = schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let field = |name: &str| schema.get("properties").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
            let pair = |name: &str| (name.to_owned(), example(field(name), depth + 1));
            Value::Object(required.iter().filter_map(Value::as_str).map(pair).collect())
        }
    }
}

fn context_overflow(turn: &Turn<'_>) -> Vec<Value> {
    let mut answer = Writer::new(turn);
    let error = json!({
        "code": "context_length_exceeded",
        "message": "Your input exceeds the context window of this model. Please adjust your input and try again.",
    });
    answer.set("status", "failed".into());
    answer.set("error", error);
    answer.put_response("response.failed");
    answer.events
}

pub(super) fn short(text: &str) -> String {
    const MOST: usize = 200;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).collect::<String>() + "…"
}

impl Turn<'_> {
    fn model(&self) -> String {
        self.body.get("model").and_then(Value::as_str).unwrap_or("gpt-5.6-luna").to_owned()
    }

    fn input(&self) -> &[Value] {
        self.body.get("input").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The last text of a person.
    fn user_text(&self) -> Option<String> {
        if let Some(text) = self.body.get("input").and_then(Value::as_str) {
            return Some(text.to_owned());
        }
        let last = self.input().iter().rfind(|item| item.get("role").and_then(Value::as_str) == Some("user"))?;
        Some(text_of(last.get("content")?))
    }

    /// The last result of a tool, if nobody said anything after it.
    fn tool_output(&self) -> Option<String> {
        let last = self.input().iter().rfind(|item| {
            let kind = item.get("type").and_then(Value::as_str).unwrap_or_default();
            kind.ends_with("call_output") || item.get("role").and_then(Value::as_str) == Some("user")
        })?;
        last.get("output").map(text_of)
    }
}

pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect();
            texts.join(" ")
        }
        _ => String::new(),
    }
}

/// Writes the events of an answer in the order of the backend.
struct Writer {
    events: Vec<Value>,
    response: Map<String, Value>,
    output: Vec<Value>,
    number: u64,
    family: Family,
    input_tokens: usize,
    text_bytes: usize,
    reasoning_tokens: usize,
}

impl Writer {
    /// With `created` and `in_progress`.
    fn new(turn: &Turn<'_>) -> Self {
        let of = |key: &str, default: Value| turn.body.get(key).cloned().unwrap_or(default);
        let response = json!({
            "id": format!("resp_embedded{:08x}", turn.number),
            "object": "response",
            "created_at": turn.now,
            "status": "in_progress",
            "background": false,
            "error": null,
            "incomplete_details": null,
            "instructions": of("instructions", Value::Null),
            "model": turn.model(),
            "output": [],
            "parallel_tool_calls": of("parallel_tool_calls", true.into()),
            "prompt_cache_key": of("prompt_cache_key", Value::Null),
            "reasoning": of("reasoning", json!({"effort": "medium", "summary": "auto"})),
            "service_tier": "auto",
            "store": of("store", false.into()),
            "temperature": 1.0,
            "text": of("text", json!({"format": {"type": "text"}, "verbosity": "medium"})),
            "tool_choice": of("tool_choice", "auto".into()),
            "tools": of("tools", json!([])),
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": null,
            "user": null,
            "metadata": {},
        });
        let response = match response {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let mut writer = Self {
            events: Vec::new(),
            response,
            output: Vec::new(),
            number: turn.number,
            family: turn.family,
            input_tokens: turn.body_bytes / 4 + 1,
            text_bytes: 0,
            reasoning_tokens: 0,
        };
        writer.put_response("response.created");
        writer.put_response("response.in_progress");
        writer
    }

    fn set(&mut self, key: &str, value: Value) {
        self.response.insert(key.to_owned(), value);
    }

    fn put(&mut self, kind: &str, fields: Value) {
        let mut event = match fields {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        event.insert("type".to_owned(), kind.into());
        event.insert("sequence_number".to_owned(), self.events.len().into());
        self.events.push(event.into());
    }

    fn put_response(&mut self, kind: &str) {
        self.put(kind, json!({"response": self.response}));
    }

    fn id(&self, prefix: &str) -> String {
        format!("{prefix}_embedded{:08x}_{}", self.number, self.output.len())
    }

    fn added(&mut self, item: &Value) {
        self.put("response.output_item.added", json!({"output_index": self.output.len(), "item": item}));
    }

    fn done(&mut self, item: Value) {
        self.put("response.output_item.done", json!({"output_index": self.output.len(), "item": item}));
        self.output.push(item);
    }

    fn reasoning(&mut self, summary: &str) {
        let (id, at) = (self.id("rs"), self.output.len());
        let encrypted = format!("gAAAAA{}", Seeded::new(self.number).token(194));
        // As on the real backend, the thought is whole only when the item is done.
        let begun: String = encrypted.chars().take(64).collect();
        self.added(&json!({"id": id, "type": "reasoning", "summary": [], "encrypted_content": begun}));
        let part = |text: &str| json!({"item_id": id, "output_index": at, "summary_index": 0, "part": {"type": "summary_text", "text": text}});
        self.put("response.reasoning_summary_part.added", part(""));
        for piece in summary.split_inclusive(' ') {
            self.put(
                "response.reasoning_summary_text.delta",
                json!({"item_id": id, "output_index": at, "summary_index": 0, "delta": piece, "obfuscation": "x7Q"}),
            );
        }
        self.put(
            "response.reasoning_summary_text.done",
            json!({"item_id": id, "output_index": at, "summary_index": 0, "text": summary}),
        );
        self.put("response.reasoning_summary_part.done", part(summary));
        self.reasoning_tokens = summary.len() / 4 + 1;
        let parts = json!([{"type": "summary_text", "text": summary}]);
        self.done(json!({"id": id, "type": "reasoning", "summary": parts, "encrypted_content": encrypted}));
    }

    fn message(&mut self, text: &str) {
        let (id, at) = (self.id("msg"), self.output.len());
        let item = |status: &str, content: Value| {
            json!({"id": id, "type": "message", "status": status, "role": "assistant",
                "content": content, "phase": "final_answer"})
        };
        let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
        let place = json!({"item_id": id, "output_index": at, "content_index": 0});
        let with = |key: &str, value: Value| {
            let mut fields = place.clone();
            if let Some(map) = fields.as_object_mut() {
                map.insert(key.to_owned(), value);
                if key != "part" {
                    map.insert("logprobs".to_owned(), json!([]));
                }
            }
            fields
        };
        self.added(&item("in_progress", json!([])));
        self.put("response.content_part.added", with("part", part("")));
        for piece in text.split_inclusive(' ') {
            self.put("response.output_text.delta", with("delta", piece.into()));
        }
        self.put("response.output_text.done", with("text", text.into()));
        self.put("response.content_part.done", with("part", part(text)));
        self.text_bytes += text.len();
        self.done(item("completed", json!([part(text)])));
    }

    fn call(&mut self, name: &str, input: &str, custom: bool) {
        let (id, at) = (self.id(if custom { "ctc" } else { "fc" }), self.output.len());
        let call_id = format!("call_embedded{:08x}", self.number);
        let (kind, key, event) = match custom {
            true => ("custom_tool_call", "input", "response.custom_tool_call_input"),
            false => ("function_call", "arguments", "response.function_call_arguments"),
        };
        let item = |status: &str, text: &str| json!({"id": id, "type": kind, "status": status, "call_id": call_id, "name": name, key: text});
        self.added(&item("in_progress", ""));
        for piece in input.split_inclusive([',', ':', ' ']) {
            let fields = json!({"item_id": id, "output_index": at, "delta": piece, "obfuscation": "k2"});
            self.put(&format!("{event}.delta"), fields);
        }
        self.put(&format!("{event}.done"), json!({"item_id": id, "output_index": at, key: input}));
        self.text_bytes += input.len();
        self.done(item("completed", input));
    }

    fn completed(mut self) -> Vec<Value> {
        let output_tokens = self.text_bytes / 4 + 1 + self.reasoning_tokens;
        let usage = json!({
            "input_tokens": self.input_tokens,
            "input_tokens_details": {"cached_tokens": self.input_tokens / 2 / 128 * 128, "cache_write_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": self.reasoning_tokens},
            "total_tokens": self.input_tokens + output_tokens,
        });
        self.set("status", "completed".into());
        self.set("completed_at", self.response.get("created_at").cloned().unwrap_or_default());
        self.set("service_tier", "default".into());
        self.set("usage", usage);
        match self.family {
            // Empty, as it was seen on the real backend: who relies on it finds out here.
            Family::Codex => self.set("end_turn", true.into()),
            Family::Platform | Family::Anthropic => {
                let output = std::mem::take(&mut self.output);
                self.set("output", output.into());
            }
        }
        self.put_response("response.completed");
        self.events
    }
}
