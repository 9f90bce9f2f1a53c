//! Lines that are empty, broken, too deep, or no text.

use super::*;

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
