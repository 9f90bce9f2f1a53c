//! What bindings sit on, proven without a binding.
#![cfg(feature = "embed")]

use std::collections::VecDeque;
use std::sync::mpsc;
use std::time::Duration;

use openclaw_core::embed::{Client, ClientSettings, Drained, End, StreamHandle, options_from_json, request_from_json};
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, forged_token};
use openclaw_core::{ErrorKind, Event};
use serde_json::json;

fn client(server: &TestServer, more: &str) -> Client {
    let (token, url) = (forged_token("acct-1"), server.codex_base_url());
    let text = format!(r#"{{"token":"{token}","base_url":"{url}"{more}}}"#);
    Client::new(ClientSettings::from_json(&text).unwrap()).unwrap()
}

fn stream(client: &Client) -> StreamHandle {
    let request = request_from_json(r#"{"model":"gpt-5.4","input":"hi"}"#).unwrap();
    client.stream(request, options_from_json("{}", client.settings()).unwrap()).unwrap()
}

fn drain(stream: &StreamHandle) -> Vec<Event> {
    let mut events = VecDeque::new();
    while stream.blocking_drain(&mut events, 64, Some(Duration::from_secs(20))).unwrap() != Drained::Ended {}
    events.into()
}

#[test]
fn both_modes_give_the_same_events() {
    let server = TestServer::start_blocking().unwrap();
    let kinds = |more: &str| -> Vec<u32> {
        let client = client(&server, more);
        let stream = stream(&client);
        let kinds = drain(&stream).iter().map(openclaw_core::embed::event_code).collect();
        for _ in 0..3 {
            assert!(matches!(stream.end(), Some(End::Completed(_))), "the end can be read again");
        }
        assert_eq!(stream.try_drain(&mut VecDeque::new(), 8).unwrap(), Drained::Ended);
        kinds
    };
    let threaded = kinds("");
    assert!(threaded.len() > 10 && threaded.last() == Some(&14), "{threaded:?}");
    assert_eq!(threaded, kinds(r#","inline":true"#));
}

#[test]
fn an_error_ends_a_stream_in_both_modes() {
    let server = TestServer::builder().scenario(Scenario::Challenge).start_blocking().unwrap();
    for more in ["", r#","inline":true"#] {
        let stream = stream(&client(&server, more));
        assert_eq!(drain(&stream).len(), 0);
        let Some(End::Failed(error)) = stream.end() else { panic!() };
        assert_eq!(error.kind(), ErrorKind::EdgeBlocked);
    }
}

#[test]
fn a_slow_host_stops_the_socket_and_is_not_timed_out() {
    let piece = json!({"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": "x"});
    let mut exchange = Exchange::new(200).sse(json!({"type": "response.output_item.added", "output_index": 0,
        "item": {"type": "message", "id": "m", "role": "assistant", "content": []}}));
    for _ in 0..3000 {
        exchange = exchange.sse(piece.clone());
    }
    let exchange = exchange
        .sse(json!({"type": "response.output_item.done", "output_index": 0, "item": {"type": "message", "id": "m",
            "role": "assistant", "content": [{"type": "output_text", "text": "x"}]}}))
        .sse(json!({"type": "response.completed", "response": {"id": "r", "output": []}}));
    let server = TestServer::builder().script(Script::new().exchange(exchange)).start_blocking().unwrap();
    let stream = stream(&client(&server, r#","idle_timeout_ms":200"#));
    std::thread::sleep(Duration::from_millis(900));
    let mut first = VecDeque::new();
    assert_eq!(stream.try_drain(&mut first, 10_000).unwrap(), Drained::Events(256), "the queue is bounded");
    assert_eq!(first.len() + drain(&stream).len(), 3004);
    assert!(matches!(stream.end(), Some(End::Completed(_))), "{:?}", stream.end());
}

#[test]
fn cancel_from_another_thread_ends_a_wait_and_closes_the_connection() {
    let server = TestServer::builder().scenario(Scenario::Stall).start_blocking().unwrap();
    let stream = stream(&client(&server, ""));
    let other = stream.clone();
    server.wait_for_requests_blocking(1).unwrap();
    let waiter = std::thread::spawn(move || drain(&other).len());
    std::thread::sleep(Duration::from_millis(50));
    stream.cancel();
    stream.cancel();
    waiter.join().unwrap();
    let Some(End::Failed(error)) = stream.end() else { panic!() };
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    server.wait_for_connections_blocking(0).unwrap();
}

#[test]
fn cancel_from_another_thread_ends_a_wait_that_drives_the_call_itself() {
    let server = TestServer::builder().scenario(Scenario::Stall).start_blocking().unwrap();
    let stream = stream(&client(&server, r#","inline":true"#));
    let other = stream.clone();
    let waiter = std::thread::spawn(move || drain(&other).len());
    server.wait_for_requests_blocking(1).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    stream.cancel();
    waiter.join().unwrap();
    let Some(End::Failed(error)) = stream.end() else { panic!() };
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    drop(stream);
    server.wait_for_connections_blocking(0).unwrap();
}

#[test]
fn dropping_the_last_handle_closes_the_connection() {
    let server = TestServer::builder().scenario(Scenario::Stall).start_blocking().unwrap();
    for more in ["", r#","inline":true"#] {
        let client = client(&server, more);
        let stream = stream(&client);
        let mut events = VecDeque::new();
        while !events.iter().any(|e| matches!(e, Event::TextDelta(_))) {
            stream.blocking_drain(&mut events, 64, Some(Duration::from_secs(20))).unwrap();
        }
        assert_eq!(server.open_connections(), 1);
        drop(stream);
        server.wait_for_connections_blocking(0).unwrap();
    }
}

#[test]
fn the_hook_is_called_once_and_at_once_when_something_is_there() {
    let server = TestServer::start_blocking().unwrap();
    let stream = stream(&client(&server, ""));
    let (send, receive) = mpsc::channel();
    let hook = send.clone();
    stream.on_ready(move || hook.send(1).unwrap());
    assert_eq!(receive.recv_timeout(Duration::from_secs(20)), Ok(1));
    stream.on_ready(move || send.send(2).unwrap());
    assert_eq!(receive.recv_timeout(Duration::from_secs(20)), Ok(2));
    assert!(receive.recv_timeout(Duration::from_millis(50)).is_err());
    drain(&stream);
}

#[test]
fn models_and_usage_in_both_modes() {
    let server = TestServer::start_blocking().unwrap();
    for more in ["", r#","inline":true"#] {
        let client = client(&server, more);
        let models = client.models().unwrap().blocking_take(Some(Duration::from_secs(20))).unwrap().unwrap();
        assert!(!models.is_empty());
        let usage = client.plan_usage().unwrap().blocking_take(Some(Duration::from_secs(20))).unwrap().unwrap();
        assert!(usage.plan_type.is_some());
        client.close();
        assert_eq!(client.models().unwrap_err().code(), Some("closed"));
        client.close();
    }
}

#[test]
fn a_request_without_a_model_asks_the_list() {
    let server = TestServer::start_blocking().unwrap();
    let client = client(&server, "");
    let request = request_from_json(r#"{"input":"hi"}"#).unwrap();
    let stream = client.stream(request, options_from_json("{}", client.settings()).unwrap()).unwrap();
    drain(&stream);
    assert!(matches!(stream.end(), Some(End::Completed(_))));
    assert_eq!(server.requests()[0].path, "/backend-api/codex/models");
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    for text in [
        r#"{"token":"a","api_key":"b"}"#,
        r#"{"token":"a","base_url":"http://gateway.example/"}"#,
        r#"{"token":"a","proxy":"ftp://x"}"#,
        r#"{"token":"a","ca_file":"/nowhere"}"#,
        r#"{"token":"a","application":"Mozilla/5.0"}"#,
    ] {
        let error = Client::new(ClientSettings::from_json(text).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{text}: {error}");
    }
}

#[test]
fn a_cancelled_inline_wait_closes_its_connection() {
    let server = TestServer::builder().scenario(Scenario::Stall).start_blocking().unwrap();
    let client = client(&server, r#","inline":true"#);
    let stream = stream(&client);
    let other = stream.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        other.cancel();
    });
    let mut events = VecDeque::new();
    while stream.blocking_drain(&mut events, 64, Some(Duration::from_millis(20))).unwrap() != Drained::Ended {}
    canceller.join().unwrap();
    server.wait_for_connections_blocking(0).unwrap();
}

#[test]
fn who_wants_the_end_only_is_woken_once() {
    let server = TestServer::builder().scenario(Scenario::Slow).start_blocking().unwrap();
    let stream = stream(&client(&server, ""));
    stream.only_end(true);
    let mut events = VecDeque::new();
    assert_eq!(stream.try_drain(&mut events, 8).unwrap(), Drained::Empty);
    while stream.blocking_drain(&mut events, 64, Some(Duration::from_secs(20))).unwrap() != Drained::Ended {}
    assert!(matches!(stream.end(), Some(End::Completed(_))));
    assert!(
        matches!(events.pop_front(), Some(Event::Opened(_))) && matches!(events.pop_back(), Some(Event::Completed(_)))
    );
    assert!(!events.iter().any(|event| matches!(event, Event::TextDelta(_))), "{events:?}");
}
