use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::call::contract::check_contract;
use crate::call::offline::{decode, decode_sse};
use crate::error::{Error, Stage};

type Outcome = Vec<Result<Event, Error>>;

fn run(bytes: &[u8]) -> Outcome {
    let events = decode_sse("anthropic", "claude-sonnet-5", [bytes]);
    check_contract(&events);
    #[cfg(feature = "testing")]
    crate::testing::conformance::check_events(&events).unwrap();
    events
}

fn sse(events: &[Value]) -> String {
    events.iter().map(|e| format!("event: {}\ndata: {e}\n\n", e["type"].as_str().unwrap_or("x"))).collect()
}

fn play(events: &[Value]) -> Outcome {
    run(sse(events).as_bytes())
}

fn started() -> Value {
    json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
        "model": "claude-sonnet-5-20260101", "content": [], "stop_reason": null,
        "usage": {"input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20,
                  "output_tokens": 1, "service_tier": "standard"}}})
}

fn start(index: u32, block: Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn text(index: u32, piece: &str) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": piece}})
}

fn input(index: u32, piece: &str) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": {"type": "input_json_delta", "partial_json": piece}})
}

fn stop(index: u32) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

fn ending(reason: &str) -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
            "usage": {"output_tokens": 30, "output_tokens_details": {"thinking_tokens": 12}}}),
        json!({"type": "message_stop"}),
    ]
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

fn names(outcome: &Outcome) -> Vec<String> {
    let name = |event: &Event| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
    outcome.iter().flatten().map(name).collect()
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    let code = |event: &'_ Result<Event>| match event {
        Ok(Event::Warning(warning)) => Some(warning.code.as_str().to_owned()),
        _ => None,
    };
    let all: Vec<String> = outcome.iter().filter_map(code).collect();
    all.into_iter().map(|code| &*code.leak()).collect()
}

#[test]
fn thinking_text_and_a_tool() {
    let mut stream = vec![
        started(),
        start(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Let me "}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "see."}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "EqQB"}}),
        stop(0),
        start(1, json!({"type": "redacted_thinking", "data": "secret"})),
        stop(1),
        start(2, json!({"type": "text", "text": ""})),
        text(2, "Hel"),
        text(2, "lo"),
        stop(2),
        start(3, json!({"type": "tool_use", "id": "toolu_1", "name": "get_time", "input": {}})),
        input(3, ""),
        input(3, "{\"tz\":"),
        input(3, "\"UTC\"}"),
        stop(3),
    ];
    stream.extend(ending("tool_use"));
    let outcome = play(&stream);
    assert_eq!(
        names(&outcome),
        [
            "created",
            "output_item_added",
            "reasoning_summary_delta",
            "reasoning_summary_delta",
            "output_item_done",
            "output_item_added",
            "output_item_done",
            "output_item_added",
            "text_delta",
            "text_delta",
            "output_item_done",
            "output_item_added",
            "tool_input_delta",
            "tool_input_delta",
            "output_item_done",
            "completed"
        ]
    );
    let response = response(&outcome);
    assert_eq!((response.id.as_str(), response.model.as_str()), ("msg_1", "claude-sonnet-5-20260101"));
    assert_eq!((response.finish_reason, response.text().as_str()), (FinishReason::ToolUse, "Hello"));
    assert_eq!(response.service_tier.as_deref(), Some("standard"));
    let usage = response.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.cached_tokens, usage.cache_write_tokens), (130, 100, 20));
    assert_eq!((usage.output_tokens, usage.reasoning_tokens, usage.total_tokens), (30, 12, 160));
    assert_eq!(usage.uncached_input_tokens(), 10);
    let items = serde_json::to_value(&response.items).unwrap();
    let origin = json!({"provider": "anthropic", "model": "claude-sonnet-5"});
    assert_eq!(
        items[0],
        json!({"type": "reasoning", "id": "msg_1_0", "summary": [{"type": "summary_text", "text": "Let me see."}],
            "encrypted_content": "EqQB", "origin": origin})
    );
    assert_eq!(
        items[1],
        json!({"type": "reasoning", "id": "msg_1_1", "summary": [], "encrypted_content": "secret", "redacted": true,
            "origin": origin})
    );
    assert_eq!(items[2]["status"], "completed");
    let call = response.tool_calls().next().unwrap();
    assert_eq!((call.call_id.as_str(), call.name.as_str()), ("toolu_1", "get_time"));
    assert_eq!(call.input, "{\"tz\":\"UTC\"}");
}

#[test]
fn every_stop_reason() {
    for (reason, finish, warned) in [
        ("end_turn", FinishReason::Stop, None),
        ("stop_sequence", FinishReason::Stop, None),
        ("max_tokens", FinishReason::Length, None),
        ("model_context_window_exceeded", FinishReason::Length, None),
        ("pause_turn", FinishReason::Length, Some("paused_turn")),
        ("refusal", FinishReason::Refusal, None),
        ("of_tomorrow", FinishReason::Stop, Some("unknown_stop_reason")),
    ] {
        let mut stream = vec![started(), start(0, json!({"type": "text", "text": ""})), text(0, "a"), stop(0)];
        stream.extend(ending(reason));
        let outcome = play(&stream);
        assert_eq!(response(&outcome).finish_reason, finish, "{reason}");
        assert_eq!(codes(&outcome), Vec::from_iter(warned), "{reason}");
    }
}

#[test]
fn a_call_without_a_stop_reason_is_one_all_the_same() {
    let block = json!({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}});
    let mut stream = vec![started(), start(0, block), input(0, "{}"), stop(0), json!({"type": "message_stop"})];
    assert_eq!(response(&play(&stream)).finish_reason, FinishReason::ToolUse);
    stream.insert(4, json!({"type": "message_delta", "delta": {"stop_reason": null}, "usage": {}}));
    assert_eq!(response(&play(&stream)).finish_reason, FinishReason::ToolUse);
}

#[test]
fn a_refusal_that_is_explained_is_an_item() {
    let outcome = play(&[
        started(),
        json!({"type": "message_delta", "delta": {"stop_reason": "refusal",
            "stop_details": {"type": "refusal", "category": "cyber", "explanation": "Not this."}}, "usage": {}}),
        json!({"type": "message_stop"}),
    ]);
    assert_eq!(names(&outcome), ["created", "output_item_added", "refusal_delta", "output_item_done", "completed"]);
    assert_eq!(response(&outcome).refusal(), Some("Not this."));
}

#[test]
fn free_text_comes_out_of_its_json() {
    let block = json!({"type": "tool_use", "id": "toolu_1", "name": "patch", "input": {}});
    let mut stream = vec![started(), start(0, block), input(0, "{\"input\": \"a\\n"), input(0, "b\"}"), stop(0)];
    stream.extend(ending("tool_use"));
    let outcome = decode(decoder("anthropic", "m", &["patch".to_owned()]), [sse(&stream)]);
    let piece = |event: &Result<Event>| match event {
        Ok(Event::ToolInputDelta(delta)) => Some(delta.delta.clone()),
        _ => None,
    };
    let pieces: Vec<String> = outcome.iter().filter_map(piece).collect();
    assert_eq!(pieces, ["a\nb"]);
    let response = response(&outcome);
    let call = response.tool_calls().next().unwrap();
    assert_eq!((call.kind, call.input.as_str()), (crate::chat::ToolKind::Custom, "a\nb"));
}

#[test]
fn what_is_not_known_is_passed_on() {
    let mut stream = vec![
        started(),
        json!({"type": "of_tomorrow", "x": 1}),
        start(0, json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}})),
        input(0, "{\"query\":\"q\"}"),
        stop(0),
        start(1, json!({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []})),
        stop(1),
        start(2, json!({"type": "text", "text": "", "citations": []})),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "citations_delta", "citation": {"url": "u"}}}),
        text(2, "found"),
        stop(2),
    ];
    stream.extend(ending("end_turn"));
    let outcome = play(&stream);
    let raw = |event: &Result<Event>| match event {
        Ok(Event::Raw(raw)) => Some(raw.kind().to_owned()),
        _ => None,
    };
    let raws: Vec<String> = outcome.iter().filter_map(raw).collect();
    assert_eq!(raws, ["of_tomorrow", "content_block_delta", "content_block_delta"]);
    let items = serde_json::to_value(&response(&outcome).items).unwrap();
    assert_eq!(items[0]["input"], json!({"query": "q"}));
    assert_eq!(items[1]["type"], "web_search_tool_result");
    assert_eq!(items[2]["content"][0]["annotations"], json!([{"url": "u"}]));
}

#[test]
fn errors_in_the_stream() {
    use ErrorKind::{AuthInvalid, Billing, Forbidden, InvalidRequest, Overloaded, RateLimited, ServerError, Timeout};

    use crate::error::ErrorKind;

    for (kind, expected) in [
        ("overloaded_error", Overloaded),
        ("api_error", ServerError),
        ("rate_limit_error", RateLimited),
        ("invalid_request_error", InvalidRequest),
        ("authentication_error", AuthInvalid),
        ("permission_error", Forbidden),
        ("billing_error", Billing),
        ("timeout_error", Timeout),
        ("of_tomorrow", ServerError),
    ] {
        let fault = json!({"type": "error", "error": {"type": kind, "message": "Sorry"}, "request_id": "req_9"});
        let outcome = play(&[started(), fault.clone()]);
        assert_eq!(error(&outcome).kind(), expected, "{kind}");
        assert_eq!((error(&outcome).stage(), error(&outcome).request_id()), (Stage::Responded, Some("req_9")));
        let outcome = play(&[started(), start(0, json!({"type": "text", "text": ""})), fault]);
        assert_eq!(error(&outcome).stage(), Stage::Streaming);
    }
}

#[test]
fn a_stream_that_is_cut_is_an_error_even_behind_its_stop_reason() {
    let [delta, _] = ending("end_turn");
    let outcome = play(&[started(), start(0, json!({"type": "text", "text": ""})), text(0, "a"), stop(0), delta]);
    assert_eq!(error(&outcome).kind(), crate::error::ErrorKind::StreamTruncated);
}

#[test]
fn blocks_out_of_order_still_give_whole_items() {
    let mut stream = vec![
        text(5, "never "),
        text(5, "announced"),
        start(0, json!({"type": "tool_use", "id": "toolu_1", "name": "a", "input": {}})),
        start(1, json!({"type": "tool_use", "id": "toolu_2", "name": "b", "input": {"whole": 1}})),
        input(0, "{}"),
        start(0, json!({"type": "tool_use", "id": "toolu_3", "name": "c", "input": {}})),
        stop(7),
    ];
    stream.extend(ending("tool_use"));
    let outcome = play(&stream);
    let response = response(&outcome);
    let calls: Vec<_> = response.tool_calls().map(|call| (call.call_id.as_str(), call.input.as_str())).collect();
    assert_eq!(calls, [("toolu_1", "{}"), ("toolu_2", "{\"whole\":1}"), ("toolu_3", "{}")]);
    assert_eq!(response.text(), "never announced");
    assert_eq!(codes(&outcome), ["missing_event", "missing_event", "missing_event"]);
}

fn an_event() -> impl Strategy<Value = Value> {
    let index = prop_oneof![Just(json!(0)), Just(json!(1)), Just(json!(2)), Just(json!("x")), Just(json!(1e99))];
    let block = prop_oneof![
        Just(json!({"type": "text", "text": "a"})),
        Just(json!({"type": "thinking", "thinking": "", "signature": null})),
        Just(json!({"type": "redacted_thinking", "data": 5})),
        Just(json!({"type": "tool_use", "id": "t", "name": "n", "input": {}})),
        Just(json!({"type": "x", "id": 1})),
        Just(json!([])),
    ];
    let delta = prop_oneof![
        Just(json!({"type": "text_delta", "text": "b"})),
        Just(json!({"type": "thinking_delta", "thinking": "c"})),
        Just(json!({"type": "signature_delta", "signature": "s"})),
        Just(json!({"type": "input_json_delta", "partial_json": "{"})),
        Just(json!({"type": "citations_delta", "citation": {}})),
        Just(json!({"text": null})),
    ];
    let kind = prop::sample::select(vec![
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
        "error",
        "x",
    ]);
    (kind, index, block, delta).prop_map(|(kind, index, block, delta)| {
        json!({"type": kind, "index": index, "content_block": block, "delta": delta, "message": {"id": "m"},
            "error": {"type": "api_error", "message": "m"}})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_contract_holds_for_any_events(events in prop::collection::vec(an_event(), 0..30)) {
        play(&events);
    }

    #[test]
    fn the_contract_holds_for_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        run(&bytes);
        run(&[b"data: {\"type\":\"content_block_delta\",", &bytes[..]].concat());
    }
}
