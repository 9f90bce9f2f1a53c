use openclaw_core::ErrorKind;
use openclaw_core::{Edge, EdgeAction, Stage, Warning};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::*;

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn delta(index: u32, text: &str) -> Delta {
    of(json!({"item_id": "i", "output_index": index, "part_index": 0, "delta": text}))
}

fn message(text: &str) -> Box<Item> {
    Box::new(Item::assistant(text))
}

fn completed(items: Value, reason: &str) -> Event {
    Event::Completed(Box::new(of(json!({
        "id": "resp_1", "provider": "openai-codex", "model": "gpt-x", "finish_reason": reason, "items": items,
        "usage": {"input_tokens": 12, "cached_tokens": 3, "cache_write_tokens": 0, "output_tokens": 40,
                  "reasoning_tokens": 8, "total_tokens": 52},
    }))))
}

fn played(events: &[Event], form: Form, style: Style) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut screen = Screen::new(&mut out, &mut err, style);
    let mut transcript = Transcript::new(form);
    for event in events {
        transcript.show(event, &mut screen).unwrap();
    }
    (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn answer() -> Vec<Event> {
    let call =
        of(json!({"type": "function_call", "call_id": "c", "name": "get_time", "arguments": "{\"zone\":\"UTC\"}"}));
    vec![
        Event::Created { id: "resp_1".into(), model: "gpt-x".into() },
        Event::ReasoningSummaryDelta(delta(0, "Let me think")),
        Event::TextDelta(delta(1, "Hel")),
        Event::TextDelta(delta(1, "lo\x1b[2J")),
        Event::OutputItemDone { output_index: 1, item: message("Hello") },
        Event::OutputItemDone { output_index: 2, item: Box::new(call) },
        completed(json!([]), "stop"),
    ]
}

#[test]
fn a_pipe_gets_the_answer_as_it_is() {
    let (out, err) = played(&answer(), Form::Text, Style::default());
    assert_eq!(out, "Hello\x1b[2J\ntool call get_time {\"zone\":\"UTC\"}\n");
    assert_eq!(err, "");
}

#[test]
fn a_terminal_gets_dim_reasoning_and_no_control_characters() {
    let style = Style { terminal: true, out_colour: true, err_colour: true };
    let (out, _) = played(&answer(), Form::Text, style);
    assert_eq!(out, "\x1b[2mLet me think\x1b[0m\nHello[2J\ntool call \x1b[1mget_time\x1b[0m {\"zone\":\"UTC\"}\n");
    let (out, _) = played(&answer(), Form::Text, Style { terminal: true, ..Style::default() });
    assert_eq!(out, "Let me think\nHello[2J\ntool call get_time {\"zone\":\"UTC\"}\n");
}

#[test]
fn an_answer_without_pieces_is_shown_once() {
    let done = Event::OutputItemDone { output_index: 0, item: message("whole") };
    let items =
        json!([{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "whole"}]}]);
    for events in [vec![done.clone(), completed(items.clone(), "stop")], vec![completed(items, "stop")]] {
        assert_eq!(played(&events, Form::Text, Style::default()).0, "whole\n");
    }
}

#[test]
fn json_is_one_event_per_line_and_marked_when_embedded() {
    for (form, provider) in [(Form::Json, "openai-codex"), (Form::JsonEmbedded, "embedded")] {
        let (out, _) = played(&answer(), form, Style::default());
        let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), answer().len());
        assert_eq!(lines[6]["type"], "completed");
        assert_eq!(lines[6]["provider"], provider);
        assert_eq!(lines[2]["delta"], "Hel");
        assert_eq!(lines[2].get("provider").is_some(), form == Form::JsonEmbedded);
    }
}

#[test]
fn warnings_and_retries_go_to_stderr() {
    let events = [
        Event::Warning(Box::new(Warning::new("unsupported_setting", "top_p", "top_p is dropped"))),
        Event::Retrying { attempt: 1, kind: ErrorKind::Overloaded, delay_ms: 200, next: None },
        Event::TextDelta(delta(0, "half")),
        completed(json!([]), "length"),
    ];
    let (out, err) = played(&events, Form::Text, Style::default());
    assert_eq!(out, "half\n");
    assert_eq!(
        err,
        "warning: top_p is dropped (unsupported_setting: top_p)\n\
         retrying: try 1 failed with overloaded; the next one starts in 0.20 s\n\
         warning: the answer was cut at the limit of its length\n"
    );
}

#[test]
fn an_error_has_its_evidence_and_its_steps() {
    let error = Error::new(ErrorKind::RateLimited, Stage::Responded, "slow\x1b down")
        .with_http_status(429)
        .with_request_id("req_1")
        .with_retry_after(Duration::from_secs(90));
    let steps = steps(&error, "sign in", SystemTime::now());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = Screen::new(&mut out, &mut err, Style::default()).fail(&error, Form::JsonEmbedded, &steps);
    assert_eq!(status, Status::Refused);
    let record: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        (&record["type"], &record["kind"], &record["provider"]),
        (&"error".into(), &"rate_limited".into(), &"embedded".into())
    );
    assert_eq!(
        String::from_utf8(err).unwrap(),
        "error: rate_limited: slow  down\n  (status 429, request id req_1)\n  - wait 1 min 30 s, or use another login (--profile, --profile-file)\n"
    );
}

#[test]
fn every_advice_that_a_person_can_follow_has_a_step() {
    let now = SystemTime::now();
    for advice in Advice::ALL {
        let error = Error::new(ErrorKind::Unknown, Stage::Responded, "x").with_advice(*advice);
        let empty = matches!(advice, Advice::None | Advice::FixConfig);
        assert_eq!(steps(&error, "sign in", now).is_empty(), empty, "{advice}");
    }
    let edge = Error::new(ErrorKind::EdgeBlocked, Stage::Responded, "x")
        .with_edge(Edge::new("cloudflare", EdgeAction::Challenge));
    assert_eq!(steps(&edge, "", now), [""; 0], "its message has them");
}

#[test]
fn the_last_line_tells_what_it_cost() {
    let Event::Completed(response) = completed(json!([]), "stop") else { unreachable!() };
    assert_eq!(
        summary("embedded", &response, Some(Duration::from_millis(410)), Duration::from_secs(75), "none"),
        "login embedded, profile none, model gpt-x, tokens 12 (3 cached) in / 40 (8 reasoning) out, \
         first token 0.41 s, total 1 min 15 s"
    );
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (mut out, mut err) = (Gone, Vec::new());
    let mut screen = Screen::new(&mut out, &mut err, Style::default());
    let lost = Transcript::new(Form::Text).show(&Event::TextDelta(delta(0, "x")), &mut screen).unwrap_err();
    assert_eq!(screen.output_lost(&lost), Status::Answer);
    assert_eq!(err, b"");
}
