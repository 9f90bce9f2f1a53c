//! How a stream ends: complete, incomplete, failed, cut off.

use super::*;
use crate::error::Stage;

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
