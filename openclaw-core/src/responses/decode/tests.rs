use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::call::contract::check_contract;
use crate::chat::Warning;
use crate::error::Stage;
use crate::transport::sse::SseEvent;

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

#[test]
fn a_whole_answer() {
    let outcome = play(&[
        created(),
        json!({"type": "response.in_progress", "response": {"id": "resp_1"}}),
        added(0, json!({"id": "rs_1", "type": "reasoning", "summary": []})),
        json!({"type": "response.reasoning_summary_text.delta", "item_id": "rs_1", "output_index": 0, "summary_index": 1,
            "delta": "**Plan**"}),
        json!({"type": "response.reasoning_text.delta", "item_id": "rs_1", "output_index": 0, "content_index": 2,
            "delta": "hm"}),
        done(
            0,
            json!({"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "**Plan**"}],
            "encrypted_content": "gAAAA"}),
        ),
        added(
            1,
            json!({"id": "msg_1", "type": "message", "status": "in_progress", "role": "assistant", "content": [],
            "phase": "final_answer"}),
        ),
        json!({"type": "response.content_part.added", "item_id": "msg_1", "output_index": 1, "content_index": 0,
            "part": {"type": "output_text", "text": "", "annotations": []}}),
        delta("output_text", "msg_1", 1, "Hel"),
        delta("output_text", "msg_1", 1, "lo \"\u{1F600}\"\n"),
        done(1, message("msg_1", "Hello")),
        added(2, call("fc_1", "")),
        delta("function_call_arguments", "fc_1", 2, "{\"tz\":"),
        delta("function_call_arguments", "fc_1", 2, "\"UTC\"}"),
        done(2, call("fc_1", "{\"tz\":\"UTC\"}")),
        json!({"type": "response.completed", "sequence_number": 30, "response": {"id": "resp_1", "status": "completed",
            "model": "gpt-5.4-2026", "service_tier": "default", "end_turn": true, "output": [], "usage": {
                "input_tokens": 1200, "input_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 0},
                "output_tokens": 300, "output_tokens_details": {"reasoning_tokens": 120}, "total_tokens": 1500}}}),
    ]);
    let names = names(&outcome);
    assert_eq!(
        names,
        [
            "created",
            "raw",
            "output_item_added",
            "reasoning_summary_delta",
            "reasoning_delta",
            "output_item_done",
            "output_item_added",
            "raw",
            "text_delta",
            "text_delta",
            "output_item_done",
            "output_item_added",
            "tool_input_delta",
            "tool_input_delta",
            "output_item_done",
            "completed",
        ]
    );
    let events = events(&outcome);
    assert_eq!(events[0], json!({"type": "created", "id": "resp_1", "model": "gpt-5.4-2026"}));
    assert_eq!(
        events[3],
        json!({"type": "reasoning_summary_delta", "item_id": "rs_1", "output_index": 0, "part_index": 1,
            "delta": "**Plan**"})
    );
    assert_eq!(events[4]["part_index"], 2);
    assert_eq!(events[9]["delta"], "lo \"\u{1F600}\"\n");
    let response = response(&outcome);
    assert_eq!(response.id, "resp_1");
    assert_eq!((response.provider.as_str(), response.model.as_str()), ("openai-codex", "gpt-5.4-2026"));
    assert_eq!(response.finish_reason, FinishReason::ToolUse);
    assert_eq!(response.text(), "Hello");
    assert_eq!(response.tool_calls().next().unwrap().input, "{\"tz\":\"UTC\"}");
    assert_eq!(response.service_tier.as_deref(), Some("default"));
    assert_eq!(response.usage.unwrap().uncached_input_tokens(), 176);
    assert_eq!(response.items.len(), 3);
    let Item::Reasoning(reasoning) = &response.items[0] else { panic!() };
    assert_eq!(reasoning.encrypted_content.as_deref(), Some("gAAAA"));
    assert_eq!(**reasoning.origin.as_ref().unwrap(), Origin::new("openai-codex", "gpt-5.4"));
    assert!(warnings(&outcome).is_empty());
}

#[test]
fn pieces_of_one_item_share_its_id() {
    let outcome = play(&[
        created(),
        added(0, json!({"id": "msg_1", "type": "message", "role": "assistant", "content": []})),
        delta("output_text", "msg_1", 0, "a"),
        delta("output_text", "msg_1", 0, "b"),
    ]);
    let ids: Vec<&Arc<str>> = outcome
        .iter()
        .filter_map(|event| match event {
            Ok(Event::TextDelta(delta)) => Some(&delta.item_id),
            _ => None,
        })
        .collect();
    assert!(Arc::ptr_eq(ids[0], ids[1]));
}

#[test]
fn items_can_interleave() {
    let outcome = play(&[
        added(0, message("msg_1", "")),
        added(1, call("fc_1", "")),
        delta("function_call_arguments", "fc_1", 1, "{"),
        delta("output_text", "msg_1", 0, "a"),
        delta("function_call_arguments", "fc_1", 1, "}"),
        delta("output_text", "msg_1", 0, "b"),
        done(1, call("fc_1", "{}")),
        done(0, message("msg_1", "ab")),
        completed(json!({})),
    ]);
    let response = response(&outcome);
    assert_eq!(response.text(), "ab");
    assert!(matches!(response.items[..], [Item::Message(_), Item::ToolCall(_)]));
}

#[test]
fn unknown_events_and_items_are_passed_on() {
    let odd = json!({"type": "computer_call", "id": "cc_1", "action": {"x": 1}});
    let outcome = play(&[
        json!({"type": "response.web_search_call.searching", "item_id": "ws_1", "output_index": 0}),
        json!({"type": "keepalive"}),
        json!({"no_type": true}),
        json!([1, 2]),
        added(0, odd.clone()),
        json!({"type": "response.output_text.delta", "delta": {"an": "object"}}),
        json!({"type": "response.output_item.added", "item": 5}),
        done(0, odd.clone()),
        completed(json!({})),
    ]);
    let raw: Vec<(String, Value)> = outcome
        .iter()
        .filter_map(|event| match event {
            Ok(Event::Raw(raw)) => Some((raw.kind().to_owned(), raw.value())),
            _ => None,
        })
        .collect();
    let kinds: Vec<&str> = raw.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "response.web_search_call.searching",
            "keepalive",
            "",
            "",
            "response.output_text.delta",
            "response.output_item.added",
        ]
    );
    assert_eq!(raw[3].1, json!([1, 2]));
    assert_eq!(serde_json::to_value(&response(&outcome).items).unwrap(), json!([with_origin(odd)]));
    assert_eq!(response(&outcome).finish_reason, FinishReason::Stop);
}

#[test]
fn a_known_item_in_an_unknown_form_is_kept() {
    let odd =
        json!({"type": "message", "id": "msg_1", "role": "oracle", "content": [{"type": "output_text", "text": "x"}]});
    let outcome = play(&[added(0, odd.clone()), done(0, odd.clone()), completed(json!({}))]);
    assert_eq!(serde_json::to_value(&response(&outcome).items).unwrap(), json!([with_origin(odd)]));
}

fn with_origin(mut item: Value) -> Value {
    item["origin"] = json!({"provider": "openai-codex", "model": "gpt-5.4"});
    item
}

#[test]
fn every_finish_reason() {
    let refusal = json!({"id": "msg_1", "type": "message", "role": "assistant",
        "content": [{"type": "refusal", "refusal": "No."}]});
    let mixed = json!({"id": "msg_1", "type": "message", "role": "assistant",
        "content": [{"type": "output_text", "text": "Well"}, {"type": "refusal", "refusal": "No."}]});
    let custom = json!({"id": "ctc_1", "type": "custom_tool_call", "call_id": "c", "name": "patch", "input": "x"});
    let cases = [
        (vec![message("msg_1", "hi")], FinishReason::Stop),
        (vec![refusal.clone()], FinishReason::Refusal),
        (vec![mixed], FinishReason::Stop),
        (vec![message("msg_1", "hi"), call("fc_1", "{}")], FinishReason::ToolUse),
        (vec![refusal, custom], FinishReason::ToolUse),
        (vec![], FinishReason::Stop),
    ];
    for (items, expected) in cases {
        let mut stream: Vec<Value> = items.into_iter().zip(0..).map(|(item, index)| done(index, item)).collect();
        stream.push(completed(json!({})));
        assert_eq!(response(&play(&stream)).finish_reason, expected, "{stream:?}");
    }
}

#[test]
fn every_piece_has_its_event() {
    let kinds = [
        ("output_text", "text_delta"),
        ("refusal", "refusal_delta"),
        ("reasoning_summary_text", "reasoning_summary_delta"),
        ("reasoning_text", "reasoning_delta"),
        ("function_call_arguments", "tool_input_delta"),
        ("custom_tool_call_input", "tool_input_delta"),
    ];
    for (kind, expected) in kinds {
        // Neither announced nor finished: both is made up for.
        let outcome = play(&[delta(kind, "it_1", 3, "a"), delta(kind, "it_1", 3, "b"), completed(json!({}))]);
        let warned = ["output_item_added", expected, expected, "warning", "output_item_done", "completed"];
        assert_eq!(names(&outcome), warned, "{kind}");
        let item = serde_json::to_string(&response(&outcome).items).unwrap();
        assert!(item.contains("\"ab\"") && item.contains("it_1") && item.contains("gpt-5.4"), "{item}");
    }
}

#[test]
fn items_only_in_the_last_event() {
    let outcome = play(&[created(), completed(json!({"output": [message("msg_1", "hi"), call("fc_1", "{}")]}))]);
    assert_eq!(
        names(&outcome),
        ["created", "output_item_added", "output_item_done", "output_item_added", "output_item_done", "completed"]
    );
    assert_eq!(response(&outcome).text(), "hi");
    assert_eq!(response(&outcome).finish_reason, FinishReason::ToolUse);
    assert!(warnings(&outcome).is_empty());
}

#[test]
fn an_unfinished_item_is_taken_from_the_last_event_or_made_of_its_pieces() {
    let start = [
        created(),
        added(0, json!({"id": "msg_1", "type": "message", "role": "assistant", "content": [], "phase": "commentary"})),
        delta("output_text", "msg_1", 0, "Hel"),
        delta("output_text", "msg_1", 0, "lo"),
        added(1, call("fc_1", "")),
        delta("function_call_arguments", "fc_1", 1, "{}"),
        done(1, call("fc_1", "{}")),
    ];
    let with = |last: Value| play(&[&start[..], &[last]].concat());
    let outcome = with(completed(json!({})));
    let Item::Message(made) = &response(&outcome).items[0] else { panic!() };
    assert_eq!(made.output_text(), "Hello");
    assert_eq!((made.status.as_deref(), made.phase.as_deref()), (Some("completed"), Some("commentary")));
    assert_eq!(warnings(&outcome)[0].code, "missing_event");
    let outcome = with(completed(json!({"output": [message("msg_1", "Hello!"), call("fc_1", "{}")]})));
    assert_eq!(response(&outcome).text(), "Hello!");
    assert_eq!(response(&outcome).items.len(), 2);
    assert!(warnings(&outcome).is_empty());
}

#[test]
fn the_output_of_the_last_event_is_not_needed_when_the_items_came() {
    let outcome = play(&[done(0, message("msg_1", "a")), completed(json!({"output": [message("msg_9", "other")]}))]);
    assert_eq!(response(&outcome).text(), "a");
}

#[test]
fn a_server_that_counts_badly_loses_nothing() {
    // Every item at the same place.
    let outcome = play(&[
        added(0, message("msg_1", "")),
        done(0, message("msg_1", "a")),
        delta("function_call_arguments", "fc_1", 0, "{}"),
        done(0, call("fc_1", "{}")),
        added(0, message("msg_2", "")),
        delta("output_text", "msg_2", 0, "b"),
        done(0, message("msg_2", "b")),
        completed(json!({})),
    ]);
    assert_eq!(response(&outcome).text(), "ab");
    assert_eq!(response(&outcome).items.len(), 3);
    // Another id in every event.
    let outcome = play(&[
        added(0, message("x1", "")),
        delta("output_text", "x2", 0, "a"),
        delta("output_text", "x3", 0, "b"),
        done(0, message("x4", "ab")),
        completed(json!({"output": [message("x5", "ab")]})),
    ]);
    assert_eq!(response(&outcome).items.len(), 1);
    assert_eq!(response(&outcome).text(), "ab");
    // No places at all, no ids at all.
    let outcome = play(&[
        json!({"type": "response.output_text.delta", "delta": "a"}),
        json!({"type": "response.output_text.delta", "delta": "b", "item_id": null, "output_index": "0"}),
        json!({"type": "response.completed"}),
    ]);
    assert_eq!(response(&outcome).text(), "ab");
}

#[test]
fn incomplete_answers() {
    let incomplete = |reason: Value| {
        play(&[
            created(),
            added(0, message("msg_1", "")),
            delta("output_text", "msg_1", 0, "Hel"),
            json!({"type": "response.incomplete", "response": {"id": "resp_1", "status": "incomplete",
                "incomplete_details": reason, "usage": {}}}),
        ])
    };
    for reason in ["max_output_tokens", "max_messages"] {
        let outcome = incomplete(json!({"reason": reason}));
        assert_eq!(response(&outcome).finish_reason, FinishReason::Length);
        assert_eq!(response(&outcome).text(), "Hel");
        assert_eq!(response(&outcome).usage, None);
        let Item::Message(message) = &response(&outcome).items[0] else { panic!() };
        assert_eq!(message.status.as_deref(), Some("incomplete"));
    }
    let outcome = incomplete(json!({"reason": "content_filter"}));
    assert_eq!((error(&outcome).kind(), error(&outcome).code()), (ErrorKind::ContentPolicy, Some("content_filter")));
    assert_eq!(error(&outcome).stage(), Stage::Streaming);
    let outcome = incomplete(json!({"reason": "steered"}));
    assert_eq!(error(&outcome).kind(), ErrorKind::StreamTruncated);
    assert!(error(&outcome).message().contains("steered"));
    for nothing in [json!(null), json!({}), json!({"reason": 5}), json!("x")] {
        assert_eq!(error(&incomplete(nothing)).kind(), ErrorKind::StreamTruncated);
    }
}

#[test]
fn the_status_inside_decides_where_the_name_does_not() {
    let ended = |status: &str| {
        play(&[json!({"type": "response.done", "response": {"id": "resp_1", "status": status,
            "incomplete_details": {"reason": "max_output_tokens"}}})])
    };
    assert_eq!(response(&ended("completed")).finish_reason, FinishReason::Stop);
    assert_eq!(response(&ended("incomplete")).finish_reason, FinishReason::Length);
    assert_eq!(error(&ended("cancelled")).kind(), ErrorKind::Cancelled);
    assert_eq!(error(&ended("failed")).kind(), ErrorKind::ServerError);
    let cancelled = play(&[json!({"type": "response.cancelled", "response": {"id": "resp_1"}})]);
    assert_eq!(error(&cancelled).kind(), ErrorKind::Cancelled);
}

#[test]
fn no_end_is_never_success() {
    assert_eq!(error(&run(b"")).kind(), ErrorKind::StreamTruncated);
    let outcome = play(&[created(), added(0, message("msg_1", "")), delta("output_text", "msg_1", 0, "Hel")]);
    assert_eq!(error(&outcome).kind(), ErrorKind::StreamTruncated);
    assert_eq!(error(&outcome).provider(), Some("openai-codex"));
    // An end that was cut is no end, and the error tells of it.
    let whole = sse(&[created(), completed(json!({}))]);
    let outcome = run(&whole.as_bytes()[..whole.len() - 10]);
    assert_eq!(error(&outcome).kind(), ErrorKind::StreamTruncated);
    assert!(error(&outcome).message().contains("one event could not be read"), "{}", error(&outcome));
    // An end without the empty line behind it is one.
    assert_eq!(response(&run(&whole.as_bytes()[..whole.len() - 2])).id, "resp_1");
}

#[test]
fn nothing_follows_the_end() {
    let outcome = play(&[completed(json!({})), delta("output_text", "msg_1", 0, "late"), completed(json!({}))]);
    assert_eq!(names(&outcome), ["completed"]);
    let outcome = play(&[json!({"type": "error", "message": "x"}), completed(json!({}))]);
    assert_eq!(outcome.len(), 1);
}

#[test]
fn done_marks_and_empty_data_are_nothing() {
    let outcome = run(format!("data: \n\ndata\n\n{}data: [DONE]\n\n", sse(&[completed(json!({}))])).as_bytes());
    assert_eq!(names(&outcome), ["completed"]);
    assert_eq!(error(&run(b"data: [DONE]\n\n")).message(), "the stream ended before the answer was complete");
}

#[test]
fn what_is_no_json_is_told_and_skipped() {
    let long = "x".repeat(300);
    let bytes = format!(
        "data: {{\"type\":\"response.output_text.delta\",\"delta\":\"{long}\n\n{}",
        sse(&[completed(json!({}))])
    );
    let outcome = run(bytes.as_bytes());
    assert_eq!(names(&outcome), ["warning", "completed"]);
    let warning = warnings(&outcome)[0];
    assert_eq!((warning.code.as_str(), warning.subject.as_str()), ("malformed_event", "response.output_text.delta"));
    assert!(warning.message.contains("of 346 bytes"), "{}", warning.message);
    assert!(warning.message.chars().count() < 150, "{}", warning.message);
}

#[test]
fn invalid_utf8_is_told_once() {
    let mut bytes = sse(&[added(0, message("msg_1", ""))]).into_bytes();
    for _ in 0..2 {
        bytes.extend(b"data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_1\",\"output_index\":0,\"delta\":\"a\xFF\"}\n\n");
    }
    bytes.extend(sse(&[completed(json!({}))]).bytes());
    let outcome = run(&bytes);
    assert_eq!(warnings(&outcome).iter().filter(|w| w.code == "invalid_utf8").count(), 1);
    assert!(response(&outcome).text().is_empty() || response(&outcome).text() == "a\u{FFFD}a\u{FFFD}");
}

#[test]
fn half_surrogate_pairs_are_replaced() {
    let stream = concat!(
        "data: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"id\":\"m\",\"type\":\"message\",\"content\":[]}}\n\n",
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"output_index\":0,\"delta\":\"a\\ud83d\"}\n\n",
        "data: {\"type\":\"response.output_text.done\",\"item_id\":\"m\",\"text\":\"a\\ud83d\"}\n\n",
        "data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\\uDE00\"}]}}\n\n",
        "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\\ud83d\"}}\n\n",
    );
    let outcome = run(stream.as_bytes());
    assert_eq!(events(&outcome)[1]["delta"], "a\u{FFFD}");
    assert_eq!(events(&outcome)[2]["event"]["text"], "a\u{FFFD}");
    assert_eq!(response(&outcome).text(), "a\u{FFFD}");
    assert_eq!(response(&outcome).id, "r\u{FFFD}");
    assert!(warnings(&outcome).is_empty());
}

#[test]
fn depth_does_no_harm() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for event in [
        format!(r#"{{"type":"response.output_text.delta","delta":"a","x":{deep}}}"#),
        format!(r#"{{"x":{deep},"type":"response.output_text.delta","delta":"a"}}"#),
        format!(r#"{{"type":"new","x":{deep}}}"#),
        format!(r#"{{"type":"response.output_item.added","item":{{"type":"x","x":{deep}}}}}"#),
        format!(r#"{{"type":"response.output_item.done","item":{{"type":"x","x":{deep}}}}}"#),
        format!(r#"{{"type":"codex.rate_limits","x":{deep}}}"#),
        deep.clone(),
    ] {
        let outcome = run(format!("data: {event}\n\ndata: {{\"type\":\"response.completed\"}}\n\n").as_bytes());
        response(&outcome);
        assert!(outcome.len() > 1, "lost: {}", &event[..80]);
        // Raw events keep the whole.
        if let Some(Ok(Event::Raw(raw))) = outcome.iter().find(|event| matches!(event, Ok(Event::Raw(_)))) {
            assert_eq!(raw.json(), event);
        }
    }
    let half = "[".repeat(200_000);
    for event in [format!(r#"{{"type":"new","x":{half}"#), format!(r#"{{"type":"error","error":{{"x":{half}"#)] {
        let outcome = run(format!("data: {event}\n\n").as_bytes());
        assert_eq!(warnings(&outcome)[0].code, "malformed_event");
    }
    let error = format!(r#"{{"type":"error","error":{{"message":"m","x":{deep}}},"headers":{deep}}}"#);
    run(format!("data: {error}\n\n").as_bytes());
}

#[test]
fn limits_as_an_event() {
    let outcome = play(&[
        json!({"type": "codex.rate_limits", "plan_type": "plus", "rate_limits": {
            "primary": {"used_percent": 12.0, "window_minutes": 300, "reset_at": 1_777_000_000},
            "secondary": {"used_percent": "3.5", "window_minutes": 10080, "reset_after_seconds": 60}},
            "credits": {"has_credits": false, "unlimited": false, "balance": null},
            "metered_limit_name": "codex", "limit_name": null}),
        json!({"type": "codex.rate_limits", "rate_limits": {"primary": {"used_percent": 0, "window_minutes": 0}}}),
        json!({"type": "codex.rate_limits"}),
        completed(json!({})),
    ]);
    assert_eq!(names(&outcome), ["rate_limits", "rate_limits", "raw", "completed"]);
    let Ok(Event::RateLimits(limits)) = &outcome[0] else { panic!() };
    assert_eq!(limits.plan_type.as_deref(), Some("plus"));
    assert_eq!(limits.families[0].id, "codex");
    assert_eq!(limits.families[0].primary.as_ref().unwrap().resets_at, Some(1_777_000_000));
    assert_eq!(limits.families[0].secondary.as_ref().unwrap().used_percent, 3.5);
    assert_eq!(limits.families[0].secondary.as_ref().unwrap().resets_in_seconds, Some(60));
    assert!(!limits.credits.as_ref().unwrap().has_credits);
    let Ok(Event::RateLimits(limits)) = &outcome[1] else { panic!() };
    assert!(limits.families.is_empty());
}

#[test]
fn a_header_names_the_model_that_really_answers() {
    let outcome = play(&[completed(json!({"headers": {"OpenAI-Model": ["gpt-5.4-mini"]}}))]);
    assert_eq!(response(&outcome).model, "gpt-5.4-mini");
    assert_eq!(response(&play(&[json!({"type": "response.completed", "response": null})])).model, "gpt-5.4");
}

#[test]
fn the_end_counts_whatever_is_in_it() {
    for odd in [json!("text"), json!([]), json!({"id": 5, "usage": "x", "output": {"a": 1}, "status": []})] {
        let outcome = play(&[done(0, message("m", "a")), json!({"type": "response.completed", "response": odd})]);
        assert_eq!(response(&outcome).text(), "a");
    }
    let outcome =
        run(b"data: {\"sequence_number\":1, \"response\":{\"id\":\"r\"}, \"type\":\"response.completed\"}\n\n");
    assert_eq!(response(&outcome).id, "r");
}

#[test]
fn output_begins_with_an_item() {
    let mut out = VecDeque::new();
    let mut decoder = super::decoder("p", "m");
    decoder.decode(SseEvent::from(r#"{"type":"response.created","response":{"id":"r"}}"#), &mut out).unwrap();
    decoder.decode(SseEvent::from(r#"{"type":"response.in_progress","response":{}}"#), &mut out).unwrap();
    assert!(!decoder.output_started());
    decoder.decode(SseEvent::from(r#"{"type":"response.output_item.added","item":{}}"#), &mut out).unwrap();
    assert!(decoder.output_started());
}

#[test]
fn failures_have_their_kinds() {
    let failed = |error: Value| play(&[created(), json!({"type": "response.failed", "response": {"error": error}})]);
    let limit = "Rate limit reached for gpt-5.4 in organization org-x on tokens per min (TPM): Limit 30000, Used 29999, \
                 Requested 500. Please try again in 11.054s.";
    let outcome = failed(json!({"code": "rate_limit_exceeded", "message": limit}));
    assert_eq!(error(&outcome).kind(), ErrorKind::RateLimited);
    assert_eq!(error(&outcome).retry_after().map(|delay| delay.as_millis()), Some(11_054));
    assert_eq!((error(&outcome).stage(), error(&outcome).http_status()), (Stage::Responded, None));
    let overflow = "Your input exceeds the context window of this model. Please adjust your input and try again.";
    let outcome = failed(json!({"code": "context_length_exceeded", "message": overflow}));
    assert_eq!(error(&outcome).kind(), ErrorKind::ContextOverflow);
    for own in [json!(null), json!({}), json!({"code": "a_new_one", "message": "Something happened."}), json!("Oops")] {
        assert_eq!(error(&failed(own.clone())).kind(), ErrorKind::ServerError, "{own}");
    }

    let alone = |event: Value| play(&[event]);
    let outcome = alone(json!({"type": "error", "sequence_number": 5, "code": "server_error",
        "message": "An error occurred while processing your request.", "param": null}));
    assert_eq!((error(&outcome).kind(), error(&outcome).code()), (ErrorKind::ServerError, Some("server_error")));
    let outcome =
        alone(json!({"type": "error", "status": 400, "error": {"type": "invalid_request_error", "code": null,
        "message": "The 'gpt-x' model is not supported when using Codex with a ChatGPT account."}}));
    assert_eq!((error(&outcome).kind(), error(&outcome).http_status()), (ErrorKind::ModelNotFound, Some(400)));
    for headers_inside in [false, true] {
        let mut event = json!({"type": "error", "status_code": 429, "error": {"type": "usage_limit_reached",
            "message": "The usage limit has been reached", "plan_type": "plus", "resets_at": 1_777_936_568,
            "resets_in_seconds": 13872}});
        let place = if headers_inside { &mut event["error"] } else { &mut event };
        place["headers"] = json!({"X-Codex-Primary-Used-Percent": "100", "x-request-id": ["req_1"], "n": 5, "o": {}});
        let outcome = alone(event);
        assert_eq!((error(&outcome).kind(), error(&outcome).http_status()), (ErrorKind::UsageLimit, Some(429)));
        assert!(error(&outcome).resets_at().is_some());
        assert_eq!(error(&outcome).request_id(), Some("req_1"));
    }
    // Without any type, as some gateways write it.
    let outcome =
        alone(json!({"error": {"code": "insufficient_quota", "message": "You exceeded your current quota."}}));
    assert_eq!(error(&outcome).kind(), ErrorKind::Billing);
}

fn json_like() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"type\"",
        "\"item_id\"",
        "\"output_index\"",
        "\"delta\"",
        "\"item\"",
        "\"response\"",
        "\"error\"",
        "\"headers\"",
        "\"code\"",
        "\"message\"",
        "\"id\"",
        "\"usage\"",
        "\"output\"",
        "\"status\"",
        "\"role\"",
        "\"content\"",
        "\"call_id\"",
        "null",
        "true",
        "0",
        "1",
        "-1",
        "1e400",
        "\"\"",
        "\"a\"",
        "\"\\ud83d\"",
        "\"\\udc00x\"",
        "\"message\"",
        "\"function_call\"",
        "\"reasoning\"",
        "\"summary\"",
        "\"text\"",
        "\u{1F600}",
        "\\",
        "\"",
    ]);
    prop::collection::vec(word, 0..25).prop_map(|words| words.concat())
}

fn an_event() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec![
        "response.created",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.function_call_arguments.delta",
        "response.custom_tool_call_input.delta",
        "response.refusal.delta",
        "response.reasoning_text.delta",
        "response.reasoning_summary_text.delta",
        "response.completed",
        "response.done",
        "response.incomplete",
        "response.failed",
        "response.cancelled",
        "error",
        "codex.rate_limits",
        "other",
        "",
    ]);
    let id = prop::sample::select(vec!["\"a\"", "\"b\"", "\"\"", "null", "5", "\"\\ud83d\""]);
    let item = prop::sample::select(vec!["message", "function_call", "custom_tool_call", "reasoning", "odd"]);
    (kind, id, 0u32..4, item, "[ -~]{0,12}", json_like()).prop_map(|(kind, id, index, item, text, tail)| {
        let text = Value::from(text);
        let item = format!(
            r#"{{"id":{id},"type":"{item}","role":"assistant","content":[{{"type":"output_text","text":{text}}}],"arguments":{text}}}"#
        );
        match text.as_str() {
            Some(t) if t.len() % 5 == 0 => tail,
            _ => format!(
                r#"{{"type":"{kind}","item_id":{id},"output_index":{index},"delta":{text},"item":{item},
                "response":{{"id":{id},"output":[{item}],"incomplete_details":{{"reason":"max_output_tokens"}},
                "error":{{"code":{text},"message":{text}}}}}}}"#
            )
            .replace('\n', ""),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_contract_holds_for_any_events(events in prop::collection::vec(an_event(), 0..30)) {
        let stream: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
        run(stream.as_bytes());
    }

    #[test]
    fn the_contract_holds_for_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        run(&bytes);
        run(&[b"data: {\"type\":\"", &bytes[..]].concat());
    }

    #[test]
    fn repair_makes_all_valid_json_readable(text in json_like()) {
        if serde_json::from_str::<&RawValue>(&text).is_ok() && serde_json::from_str::<Value>(&text).is_err() {
            let readable = repair_surrogates(&text).is_some_and(|t| serde_json::from_str::<Value>(&t).is_ok());
            prop_assert!(readable || text.contains("1e400"));
        }
    }

    /// Whatever order and mixture items come in, each that was done is in the response, once.
    #[test]
    fn nothing_is_lost(order in prop::collection::vec((0usize..5, 0u8..3), 0..40)) {
        let mut stream = Vec::new();
        let mut text = [const { String::new() }; 5];
        let mut finished = [false; 5];
        for (item, step) in order {
            let id = format!("msg_{item}");
            let index = u32::try_from(item).unwrap();
            if finished[item] {
                continue;
            }
            if step == 2 {
                finished[item] = true;
                stream.push(done(index, message(&id, &text[item])));
            } else {
                text[item].push_str("ab");
                stream.push(delta("output_text", &id, index, "ab"));
            }
        }
        stream.push(completed(json!({})));
        prop_assert_eq!(response(&play(&stream)).text(), text.concat());
    }
}
