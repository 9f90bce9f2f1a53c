//! What each scenario plays.

use std::sync::Arc;
use std::time::{Duration, Instant};

use openclaw_core::testing::{Scenario, TestServer, forged_token};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ask::{body, call, events, kinds, post, send, with};

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_at_once() {
    let server = Arc::new(TestServer::start().await.unwrap());
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move { events(&call(&server, &body()).await.text).len() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap() > 10);
    }
    assert_eq!(server.request_count(), 64);
}

#[tokio::test]
async fn plain_is_a_whole_answer() {
    let server = TestServer::start().await.unwrap();
    let got = call(&server, &body()).await;
    assert_eq!(got.header("content-type"), "text/event-stream; charset=utf-8");
    assert_eq!(got.header("x-codex-primary-window-minutes"), "300");
    assert_eq!(got.header("openai-model"), "gpt-5.6-luna");
    assert!(!got.header("x-request-id").is_empty() && !got.header("x-models-etag").is_empty());
    let events = events(&got.text);
    let mut order = kinds(&events);
    order.dedup();
    let order: Vec<&str> = order.into_iter().map(|kind| kind.trim_start_matches("response.")).collect();
    assert_eq!(
        order.join(" "),
        "created in_progress output_item.added reasoning_summary_part.added reasoning_summary_text.delta \
         reasoning_summary_text.done reasoning_summary_part.done output_item.done output_item.added content_part.added \
         output_text.delta output_text.done content_part.done output_item.done completed"
    );
    for (at, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], at);
    }
    assert_eq!(events[1]["response"]["instructions"], "Be brief.");
    let text: String = events.iter().filter_map(|e| e["delta"].as_str().filter(|_| e["content_index"] == 0)).collect();
    assert!(text.contains("no model was called") && text.ends_with("You asked: hi there"), "{text}");
    let last = &events.last().unwrap()["response"];
    assert_eq!(last["output"], json!([]));
    assert!(last["usage"]["total_tokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn every_scenario_is_what_it_says() {
    for scenario in Scenario::ALL.iter().copied() {
        assert_eq!(Scenario::from_name(scenario.as_str()), Some(scenario));
        assert!(!scenario.description().is_empty());
        let server = TestServer::builder().scenario(scenario).start().await.unwrap();
        let token = forged_token("a");
        for path in ["/backend-api/models", "/backend-api/usage", "/backend-api/codex/models"] {
            let got = send(&server, "GET", path, Some(&token), None).await;
            assert_eq!(got.status, 200);
            assert_eq!(got.text.contains("<form"), scenario == Scenario::CaptivePortal, "{scenario} {path}");
        }
        match scenario {
            Scenario::Plain | Scenario::Slow | Scenario::ToolCall => {
                let start = Instant::now();
                let events = events(&call(&server, &body()).await.text);
                assert_eq!(*kinds(&events).last().unwrap(), "response.completed", "{scenario}");
                assert!(scenario != Scenario::Slow || start.elapsed() > Duration::from_secs(1));
            }
            Scenario::UsageLimit => {
                let got = call(&server, &body()).await;
                assert_eq!((got.status, got.header("x-codex-primary-used-percent")), (429, "100"));
                let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
                assert!(got.json()["error"]["resets_at"].as_u64().unwrap() > now);
                let usage = send(&server, "GET", "/backend-api/wham/usage", Some(&token), None).await;
                assert_eq!(usage.json()["rate_limit"]["limit_reached"], true);
            }
            Scenario::Overloaded => {
                for _ in 0..3 {
                    let got = call(&server, &body()).await;
                    assert_eq!((got.status, &got.json()["error"]["code"]), (503, &json!("server_is_overloaded")));
                }
            }
            Scenario::ContextOverflow => {
                let events = events(&call(&server, &body()).await.text);
                assert_eq!(kinds(&events), ["response.created", "response.in_progress", "response.failed"]);
                assert_eq!(events[2]["response"]["error"]["code"], "context_length_exceeded");
            }
            Scenario::Truncated | Scenario::Stall => {
                let mut stream = TcpStream::connect(server.addr()).await.unwrap();
                stream.write_all(post(&body()).as_bytes()).await.unwrap();
                let mut all = Vec::new();
                let read = tokio::time::timeout(Duration::from_millis(500), stream.read_to_end(&mut all));
                assert_eq!(read.await.is_err(), scenario == Scenario::Stall);
                let text = String::from_utf8(all).unwrap();
                assert!(text.contains("response.output_text.delta") && !text.contains("response.completed"));
            }
            Scenario::Challenge | Scenario::Waf | Scenario::CaptivePortal => {
                let got = call(&server, &body()).await;
                assert_eq!(got.status, if scenario == Scenario::CaptivePortal { 200 } else { 403 });
                assert!(got.header("content-type").starts_with("text/html"));
                assert_eq!(got.header("cf-mitigated") == "challenge", scenario == Scenario::Challenge);
            }
            other => panic!("{other} is not tested"),
        }
    }
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_answered() {
    let server = TestServer::builder().scenario(Scenario::ToolCall).start().await.unwrap();
    let tool = json!({"type": "function", "name": "weather", "strict": false, "parameters": {
        "type": "object", "required": ["city", "days"],
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["c"]}},
    }});
    let mut body = with("tools", json!([{"type": "web_search"}, tool]));
    let first = events(&call(&server, &body).await.text);
    let of = |kind: &str| first.iter().filter(|e| e["type"] == kind).collect::<Vec<_>>();
    let done: Vec<&Value> = of("response.output_item.done").into_iter().map(|e| &e["item"]).collect();
    let arguments = "{\"city\":\"example\",\"days\":1}";
    assert_eq!((&done[1]["name"], &done[1]["arguments"]), (&json!("weather"), &json!(arguments)));
    let pieces = of("response.function_call_arguments.delta");
    assert_eq!(pieces.iter().map(|e| e["delta"].as_str().unwrap()).collect::<String>(), arguments);
    let input = body["input"].as_array_mut().unwrap();
    input.extend(done.iter().copied().cloned());
    input.push(json!({"type": "function_call_output", "call_id": done[1]["call_id"], "output": "sunny"}));
    let second = call(&server, &body).await;
    assert!(second.text.contains("The tool answered: sunny"), "{}", second.text);
    let none = events(&call(&server, &self::body()).await.text);
    assert!(none.iter().any(|e| e["item"]["name"] == "get_time" && e["item"]["arguments"] == "{\"tz\":\"UTC\"}"));
}
