//! Items that are mixed, unknown, unfinished or badly counted.

use super::*;

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
