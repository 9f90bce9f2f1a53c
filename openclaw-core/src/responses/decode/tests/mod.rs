//! Streams as they come over the wire, and what must come of them. Here is what the tests share.

mod any;
mod ends;
mod items;
mod odd;
mod whole;

use serde_json::{Value, json};

use super::*;
use crate::call::contract::check_contract;
use crate::chat::Warning;

type Outcome = Vec<Result<Event, Error>>;

/// What a whole stream comes to. Checks the contract of the event stream on the way.
fn run(bytes: &[u8]) -> Outcome {
    let events = crate::call::offline::decode_sse("openai-codex", "gpt-5.4", [bytes]);
    check_contract(&events);
    events
}

/// Events as they come over the wire: each with its `event:` line.
fn sse(events: &[Value]) -> String {
    events.iter().map(|e| format!("event: {}\ndata: {e}\n\n", e["type"].as_str().unwrap_or("x"))).collect()
}

fn play(events: &[Value]) -> Outcome {
    run(sse(events).as_bytes())
}

fn events(outcome: &Outcome) -> Vec<Value> {
    outcome.iter().flatten().map(|event| serde_json::to_value(event).unwrap()).collect()
}

fn names(outcome: &Outcome) -> Vec<String> {
    events(outcome).iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn response(outcome: &Outcome) -> &Response {
    match outcome.last() {
        Some(Ok(Event::Completed(response))) => response,
        other => panic!("not completed: {other:?}"),
    }
}

#[track_caller]
fn error(outcome: &Outcome) -> &Error {
    match outcome.last() {
        Some(Err(error)) => error,
        other => panic!("no error: {other:?}"),
    }
}

fn warnings(outcome: &Outcome) -> Vec<&Warning> {
    outcome
        .iter()
        .filter_map(|event| match event {
            Ok(Event::Warning(warning)) => Some(&**warning),
            _ => None,
        })
        .collect()
}

fn created() -> Value {
    json!({"type": "response.created", "sequence_number": 0, "response": {
        "id": "resp_1", "object": "response", "created_at": 1_777_000_000, "status": "in_progress",
        "model": "gpt-5.4-2026", "output": [], "error": null, "incomplete_details": null, "usage": null,
    }})
}

fn added(index: u32, item: Value) -> Value {
    json!({"type": "response.output_item.added", "output_index": index, "item": item})
}

fn done(index: u32, item: Value) -> Value {
    json!({"type": "response.output_item.done", "output_index": index, "item": item})
}

fn delta(kind: &str, id: &str, index: u32, text: &str) -> Value {
    json!({"type": format!("response.{kind}.delta"), "sequence_number": 4, "item_id": id, "output_index": index,
        "content_index": 0, "delta": text, "logprobs": [], "obfuscation": "xyz"})
}

fn completed(response: Value) -> Value {
    let mut whole = json!({"id": "resp_1", "status": "completed", "model": "gpt-5.4-2026", "output": []});
    whole.as_object_mut().unwrap().extend(response.as_object().unwrap().clone());
    json!({"type": "response.completed", "response": whole})
}

fn message(id: &str, text: &str) -> Value {
    json!({"id": id, "type": "message", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": []}]})
}

fn call(id: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function_call", "status": "completed", "call_id": "call_1", "name": "get_time",
        "arguments": arguments})
}
