//! A whole answer, its pieces, and how it finished.

use super::*;
use crate::transport::sse::SseEvent;

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
fn output_begins_with_an_item() {
    let mut out = VecDeque::new();
    let mut decoder = super::decoder("p", "m");
    decoder.decode(SseEvent::from(r#"{"type":"response.created","response":{"id":"r"}}"#), &mut out).unwrap();
    decoder.decode(SseEvent::from(r#"{"type":"response.in_progress","response":{}}"#), &mut out).unwrap();
    assert!(!decoder.output_started());
    decoder.decode(SseEvent::from(r#"{"type":"response.output_item.added","item":{}}"#), &mut out).unwrap();
    assert!(decoder.output_started());
}
