//! Whatever comes: the contract of the event stream holds, and nothing is lost.

use proptest::prelude::*;

use super::*;

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
