//! The embedded server, seen from outside over raw sockets and over reqwest.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use openclaw_core::ErrorKind;
use openclaw_core::ambient::Ambient;
use openclaw_core::testing::{
    Exchange, ForgedToken, Framing, Scenario, Script, TestServer, VirtualAmbient, forged_token, pages,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const RESPONSES: &str = "/backend-api/codex/responses";

fn body() -> Value {
    json!({
        "model": "gpt-5.6-luna",
        "instructions": "Be brief.",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi there"}]}],
        "store": false,
        "stream": true,
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut body = body();
    match value {
        Value::Null => drop(body.as_object_mut().unwrap().remove(key)),
        value => body[key] = value,
    }
    body
}

fn request(method: &str, path: &str, token: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn post(body: &Value) -> String {
    request("POST", RESPONSES, &forged_token("acct-1"), &body.to_string())
}

fn closing(request: &str) -> String {
    request.replace("Host: x", "Host: x\r\nConnection: close")
}

/// Sends bytes, reads to the end of the connection.
async fn exchange(server: &TestServer, bytes: &str) -> (Vec<u8>, std::io::Result<()>) {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    let end = stream.read_to_end(&mut all).await.map(drop);
    (all, end)
}

struct Got {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// One for all tests, because building one loads the roots of the system; without a pool, because a pooled connection
/// dies with the runtime of its test.
fn client() -> reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> =
        LazyLock::new(|| reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap());
    CLIENT.clone()
}

async fn send(server: &TestServer, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Got {
    let mut request = client().request(method.parse().unwrap(), format!("http://{}{path}", server.addr()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    Got { status: answer.status().as_u16(), headers: answer.headers().clone(), text: answer.text().await.unwrap() }
}

async fn call(server: &TestServer, body: &Value) -> Got {
    send(server, "POST", RESPONSES, Some(&forged_token("acct-1")), Some(body)).await
}

/// The events of a stream; every one must be framed and parse.
fn events(text: &str) -> Vec<Value> {
    let event = |block: &str| {
        let (event, data) = block.split_once('\n').unwrap();
        let json: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(event.strip_prefix("event: ").unwrap(), json["type"]);
        assert!(data.starts_with("data: {\"type\":"), "type comes first: {data}");
        json
    };
    text.split_terminator("\n\n").map(event).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn bytes_and_chunks_are_exact() {
    let chunks = Exchange::new(207).header("X-Case", "Kept").send("ab").send("c\r\nd").chunk_bytes(3);
    let script = Script::new()
        .exchange(chunks.send("1234").send("5678"))
        .exchange(Exchange::new(200).framing(Framing::ContentLength).send("he").send("llo"))
        .exchange(Exchange::new(200).framing(Framing::Close).send([0, 255]))
        .exchange(Exchange::new(200).framing(Framing::Raw).send("HTTP/1.1 99"));
    let server = TestServer::builder().script(script).start().await.unwrap();
    let (bytes, end) = exchange(&server, &closing(&post(&body()))).await;
    end.unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "HTTP/1.1 207 Multi-Status\r\nX-Case: Kept\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
         2\r\nab\r\n4\r\nc\r\nd\r\n3\r\n123\r\n3\r\n456\r\n2\r\n78\r\n0\r\n\r\n"
    );
    let (bytes, _) = exchange(&server, &closing(&post(&body()))).await;
    assert_eq!(bytes, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
    let (bytes, _) = exchange(&server, &post(&body())).await;
    assert_eq!(bytes, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\x00\xff");
    let (bytes, _) = exchange(&server, &post(&body())).await;
    assert_eq!(bytes, b"HTTP/1.1 99");
    let got = call(&server, &body()).await;
    assert_eq!(got.status, 500);
    assert!(got.text.contains("none of the 4 exchanges"), "{}", got.text);
}

#[tokio::test]
async fn reset_close_and_a_false_length_are_seen_as_such() {
    let script = Script::new()
        .exchange(Exchange::new(200).send("x").delay(Duration::from_millis(50)).reset())
        .exchange(Exchange::new(200).send("x").close())
        .exchange(Exchange::new(200).header("content-length", "9").send("x"));
    let server = TestServer::builder().script(script).start().await.unwrap();
    let (bytes, end) = exchange(&server, &post(&body())).await;
    assert!(bytes.ends_with(b"1\r\nx\r\n"));
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let (bytes, end) = exchange(&server, &post(&body())).await;
    assert!(bytes.ends_with(b"1\r\nx\r\n"));
    end.unwrap();
    let (bytes, end) = exchange(&server, &post(&body())).await;
    assert!(bytes.ends_with(b"content-length: 9\r\n\r\nx"));
    end.unwrap();
}

#[tokio::test]
async fn delays_and_stalls_take_their_time_and_see_the_client_go() {
    let script = Script::new()
        .exchange(Exchange::json(200, &json!(1)).delay(Duration::from_millis(150)))
        .exchange(Exchange::new(200).send("x").stall())
        .exchange(Exchange::new(200).send("x").delay(Duration::from_secs(3600)));
    let server = TestServer::builder().script(script).start().await.unwrap();
    assert_eq!(call(&server, &body()).await.text, "1");
    server.wait_for_connections(0).await.unwrap();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(post(&body()).as_bytes()).await.unwrap();
        let mut some = [0; 512];
        let more = tokio::time::timeout(Duration::from_millis(100), async {
            while stream.read(&mut some).await.unwrap() > 0 {}
        });
        assert!(more.await.is_err(), "a stall does not end");
        assert_eq!(server.open_connections(), 1);
        drop(stream);
        server.wait_for_connections(0).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_carries_several_requests() {
    let server = TestServer::start().await.unwrap();
    let chunked = format!(
        "POST {RESPONSES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n\
         5\r\n{{\"mod\r\n3;ext=1\r\nel\"\r\n1\r\n}}\r\n0\r\nTrailer: x\r\n\r\n",
        forged_token("a")
    );
    let last = request("GET", "/backend-api/wham/usage?a=1&token=tok-en", &forged_token("a"), "");
    let last = closing(&last).replace("Host: x", "Host: x\r\nCookie: a=tok-en; b=c");
    // All at once: what comes early is kept.
    let (bytes, end) = exchange(&server, &format!("{}{chunked}{last}", post(&body()))).await;
    end.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
    assert_eq!(text.matches("HTTP/1.1 400 Bad Request").count(), 1, "{text}");
    let requests = server.wait_for_requests(3).await.unwrap();
    assert!(requests.iter().all(|request| request.connection == 1));
    assert_eq!(requests[1].body.as_ref(), b"{\"model\"}");
    assert_eq!(requests[2].query.as_deref(), Some("a=1&token=[secret]"));
    assert_eq!(requests[2].header("cookie"), Some("[secret]"));
}

#[tokio::test]
async fn secrets_are_masked_in_memory_and_in_the_file() {
    let file = std::env::temp_dir().join(format!("openclaw-record-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let server = TestServer::builder().record_to(&file).start().await.unwrap();
    let token = forged_token("acct-1");
    let sent = with("client_metadata", json!({"refresh_token": "very-secret", "session": "s"}));
    send(&server, "POST", RESPONSES, Some(&token), Some(&sent)).await;
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("authorization"), Some("Bearer [secret]"));
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", RESPONSES));
    assert_eq!(requests[0].json().unwrap(), sent, "the body in memory is whole");
    assert!(!format!("{:?}", requests[0]).contains(&token));
    let lines = std::fs::read_to_string(&file).unwrap();
    assert!(!lines.contains(&token) && !lines.contains("very-secret"));
    let line: Value = serde_json::from_str(lines.trim_end()).unwrap();
    assert_eq!(line["body"]["client_metadata"], json!({"refresh_token": "[secret]", "session": "s"}));
    assert_eq!(line["method"], "POST");
    server.clear();
    assert_eq!((server.requests().len(), server.request_count()), (0, 0));
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn credentials_are_judged() {
    let server = TestServer::start().await.unwrap();
    let got = send(&server, "GET", "/backend-api/wham/usage", None, None).await;
    assert_eq!((got.status, got.json()), (401, json!({"detail": "Unauthorized"})));
    let old = ForgedToken::new("a").expired_for(Duration::from_secs(5)).build();
    for token in ["not-a-jwt", old.as_str()] {
        let got = send(&server, "POST", RESPONSES, Some(token), Some(&body())).await;
        assert_eq!((got.status, &got.json()["error"]["code"]), (401, &json!("token_expired")), "{token}");
    }
    for (token, status, code) in [
        (None, 401, Value::Null),
        (Some("nonsense"), 401, json!("invalid_api_key")),
        (Some(forged_token("a").as_str()), 401, json!("missing_scope")),
        (Some("sk-forged"), 200, Value::Null),
    ] {
        let got = send(&server, "POST", "/v1/responses", token, Some(&json!({"model": "m", "input": "hi"}))).await;
        assert_eq!((got.status, &got.json()["error"]["code"]), (status, &code), "{token:?}");
    }
}

#[tokio::test]
async fn expiry_goes_by_the_clock_that_was_given() {
    let clock = VirtualAmbient::new(1);
    let token = ForgedToken::new("a").expires_at(clock.now() + Duration::from_secs(60)).build();
    let server = TestServer::builder().ambient(Arc::new(clock.clone())).start().await.unwrap();
    assert_eq!(send(&server, "POST", RESPONSES, Some(&token), Some(&body())).await.status, 200);
    clock.advance(Duration::from_secs(61));
    assert_eq!(send(&server, "POST", RESPONSES, Some(&token), Some(&body())).await.status, 401);
}

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
async fn bodies_are_judged_in_the_words_of_the_backend() {
    let server = TestServer::start().await.unwrap();
    let item = |item: Value| with("input", json!([item]));
    let model = "The 'gpt-unknown' model is not supported when using Codex with a ChatGPT account.";
    let call_x = |kind: &str| item(json!({"type": kind, "call_id": "call_x", "name": "f"}));
    let cases = [
        (with("store", Value::Null), "Store must be set to false"),
        (with("store", json!(true)), "Store must be set to false"),
        (with("stream", json!(false)), "Stream must be set to true"),
        (with("temperature", json!(1)), "Unsupported parameter: temperature"),
        (with("max_output_tokens", json!(1)), "Unsupported parameter: max_output_tokens"),
        (with("previous_response_id", json!("r")), "Unsupported parameter: previous_response_id"),
        (with("instructions", Value::Null), "Instructions are required"),
        (with("instructions", json!(" ")), "Instructions are required"),
        (with("input", json!("hi")), "Input must be a list"),
        (with("model", json!("gpt-unknown")), model),
        (item(json!({"role": "system", "content": "x"})), "System messages are not allowed"),
        (call_x("function_call"), "No tool output found for function call call_x."),
        (call_x("function_call_output"), "No tool call found for function call output with call_id call_x."),
        (call_x("custom_tool_call"), "No tool output found for custom tool call call_x."),
        (
            item(json!({"type": "message", "id": "call_1", "role": "user", "content": "x"})),
            "Invalid 'input[0].id': 'call_1'. Expected an ID that begins with 'msg'.",
        ),
        (item(json!({"role": "user", "content": "x", "origin": {}})), "Unknown parameter: 'input[0].origin'."),
    ];
    for (body, text) in cases {
        let got = call(&server, &body).await;
        let json = got.json();
        let said = json["detail"].as_str().or(json["error"]["message"].as_str()).unwrap();
        assert_eq!((got.status, said), (400, text));
    }
    let free = TestServer::builder().check_requests(false).start().await.unwrap();
    assert_eq!(send(&free, "POST", RESPONSES, None, Some(&json!("anything"))).await.status, 200);
    assert_eq!(send(&free, "GET", "/nowhere", None, None).await.status, 404);
}

#[tokio::test]
async fn paths_are_judged() {
    let server = TestServer::start().await.unwrap();
    let token = forged_token("a");
    for path in ["/backend-api/v1/codex/responses", "/backend-api/codex/v1/responses", "/", "/codex/responses"] {
        let got = send(&server, "POST", path, Some(&token), Some(&body())).await;
        assert_eq!((got.status, got.header("cf-mitigated")), (403, "challenge"), "{path}");
    }
    let got = send(&server, "POST", "/backend-api/responses", Some(&token), Some(&body())).await;
    assert_eq!((got.status, got.header("cf-mitigated")), (403, ""));
    assert!(got.text.contains("enlarge-appear"));
    assert_eq!(send(&server, "GET", RESPONSES, Some(&token), None).await.status, 405);
    assert_eq!(send(&server, "GET", "/v1/props", Some("sk-x"), None).await.status, 404);
    let got = send(&server, "GET", "/backend-api/codex/models?client_version=1.0.0", Some(&token), None).await;
    assert_eq!(got.json()["models"][0]["slug"], "gpt-5.6-luna");
    let again = client().get(format!("{}/models", server.codex_base_url())).bearer_auth(&token);
    let again = again.header("if-none-match", got.header("etag")).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let usage = send(&server, "GET", "/backend-api/wham/usage", Some(&token), None).await;
    assert_eq!(usage.json()["rate_limit"]["primary_window"]["limit_window_seconds"], 18000);
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

#[tokio::test]
async fn the_platform_has_its_own_rules() {
    let server = TestServer::start().await.unwrap();
    let sent = json!({"model": "gpt-5.5", "input": "hi", "store": true, "temperature": 0.5, "stream": true});
    let got = send(&server, "POST", "/v1/responses", Some("sk-forged"), Some(&sent)).await;
    assert_eq!((got.status, got.header("x-ratelimit-limit-requests")), (200, "500"));
    assert!(got.header("x-codex-plan-type").is_empty());
    let events = events(&got.text);
    assert_eq!(events.last().unwrap()["response"]["output"].as_array().unwrap().len(), 2);
    let models = send(&server, "GET", "/v1/models", Some("sk-forged"), None).await;
    assert_eq!(models.json()["object"], "list");
    assert_eq!(server.platform_base_url(), format!("http://{}/v1", server.addr()));
}

#[tokio::test]
async fn scripts_choose_by_path_and_repeat() {
    let script = Script::from_json(
        r#"{"exchanges": [
            {"method": "GET", "path": "/backend-api/wham/usage", "status": 500, "json": {"detail": "no"}, "repeat": true},
            {"path": "/own", "body": "mine"},
            {"scenario": "overloaded", "repeat": 2},
            {"headers": {"x-a": ["1", "2"], "x-b": 3},
             "steps": [{"sse": {"n": 1, "type": "x"}}, {"send": "-", "times": 3}]}
        ]}"#,
    )
    .unwrap();
    let server = TestServer::builder().script(script.clone()).start().await.unwrap();
    let token = forged_token("a");
    for status in [503, 503, 200] {
        let got = call(&server, &body()).await;
        assert_eq!(got.status, status);
        if status == 200 {
            assert_eq!(got.text, "event: x\ndata: {\"type\":\"x\",\"n\":1}\n\n---");
            assert_eq!(got.header("content-type"), "text/event-stream");
            assert_eq!((got.headers.get_all("x-a").iter().count(), got.header("x-b")), (2, "3"));
        }
        assert_eq!(send(&server, "GET", "/backend-api/wham/usage", Some(&token), None).await.status, 500);
    }
    let own = send(&server, "POST", "/own", None, None).await;
    assert_eq!((own.status, own.text.as_str()), (200, "mine"));
    let bad = call(&server, &with("store", Value::Null)).await;
    assert_eq!(bad.status, 400, "a script does not switch the checks off");
    server.set_script(script);
    assert_eq!(call(&server, &body()).await.status, 503);
    server.set_scenario(Scenario::Waf);
    assert_eq!(call(&server, &body()).await.status, 403);
}

#[test]
fn script_faults_name_the_place_and_the_cure() {
    let cases = [
        ("{", "line 1 column 1"),
        ("3", "the script is 3; write an object"),
        (r#"{"exchange": []}"#, "unknown key `exchange`; write one of check_requests, exchanges"),
        (r#"[{"stattus": 1}]"#, "exchanges[0] has the unknown key `stattus`"),
        (r#"[{"status": 99}]"#, "exchanges[0].status is 99; write a status from 200 to 999"),
        (
            r#"[{}, {"steps": [{"sendd": 1}]}]"#,
            "exchanges[1].steps[0] has the unknown step `sendd`; write one of send,",
        ),
        (r#"[{"steps": [{"send": "a", "stall": true}]}]"#, "exchanges[0].steps[0] must have exactly one key"),
        (r#"[{"steps": [{"send": 1}]}]"#, "exchanges[0].steps[0].send is 1; write text"),
        (r#"[{"steps": [{"send_base64": "*"}]}]"#, "exchanges[0].steps[0].send_base64 is not base64"),
        (r#"[{"steps": [{"delay_ms": -1}]}]"#, "exchanges[0].steps[0].delay_ms is -1; write a whole number of ms"),
        (r#"[{"steps": [{"stall": false}]}]"#, "exchanges[0].steps[0].stall is false; write true"),
        (r#"[{"steps": [{"stall": true, "times": 2}]}]"#, "`times` belongs to `send`"),
        (r#"[{"scenario": "plane"}]"#, "exchanges[0].scenario is \"plane\"; write one of plain, tool_call"),
        (r#"[{"scenario": "plain", "status": 200}]"#, "both `scenario` and `status`"),
        (r#"[{"body": "", "json": 1}]"#, "both `body` and `json`"),
        (r#"[{"headers": {"a b": "c"}}]"#, "is not a header name"),
        (r#"[{"headers": {"a": "b\r\nc: d"}}]"#, "\"framing\": \"raw\""),
        (r#"[{"framing": "odd"}]"#, "exchanges[0].framing is \"odd\"; write one of chunked,"),
        (r#"[{"path": "x"}]"#, "exchanges[0].path is \"x\"; write a path"),
        (r#"[{"repeat": "x"}]"#, "exchanges[0].repeat is \"x\"; write true, or how many times"),
    ];
    for (text, part) in cases {
        let error = Script::from_json(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains(part), "{:?} lacks {part:?}", error.message());
    }
    let file = std::env::temp_dir().join(format!("openclaw-script-{}.json", std::process::id()));
    std::fs::write(&file, r#"[{"status": 1}]"#).unwrap();
    let error = TestServer::builder().script_file(&file).start_blocking().unwrap_err();
    assert!(error.message().contains(file.to_str().unwrap()), "{error}");
    assert!(error.message().contains("exchanges[0].status"), "{error}");
    std::fs::remove_file(&file).unwrap();
    let error = Script::load(&file).unwrap_err();
    assert!(error.message().contains("cannot be read"), "{error}");
}

#[test]
fn scripts_survive_their_json_form() {
    let bytes = Exchange::new(200).header("b", "1").header("a", "2").header("b", "3").send([0xff]).send("é").stall();
    let script = Script::new()
        .check_requests(false)
        .exchange(bytes)
        .exchange(Exchange::page(&pages::waf(1)).path("/x").method("*").forever())
        .exchange(Exchange::scenario(Scenario::Slow).times(3))
        .exchange(Exchange::new(500).chunk_bytes(3).sse(json!({"type": "x"})).delay(Duration::from_millis(7)).close());
    let text = serde_json::to_string_pretty(&script).unwrap();
    assert_eq!(Script::from_json(&text).unwrap(), script);
    assert_eq!(serde_json::from_str::<Script>(&text).unwrap(), script);
}

#[tokio::test]
async fn bad_http_gets_a_clear_answer() {
    let server = TestServer::start().await.unwrap();
    let huge = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(70_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(300));
    let cases = [
        ("non\u{1}sense\r\n\r\n", "400"),
        (huge.as_str(), "431"),
        (many.as_str(), "431"),
        ("POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", "413"),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "400"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", "413"),
    ];
    for (bytes, status) in cases {
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"), "{bytes:.60}");
    }
    assert_eq!(server.requests().len(), 0);
    // Half a request is nobody's fault.
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nx").await.unwrap();
    drop(stream);
    server.wait_for_connections(0).await.unwrap();
    assert_eq!(call(&server, &body()).await.status, 200);
}

/// Whatever comes, the server lives and serves the next one.
#[tokio::test]
async fn broken_requests_break_nothing() {
    let server = TestServer::start().await.unwrap();
    let chunked = format!("POST {RESPONSES} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    let mut dice = 1_u64;
    let mut roll = |end: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % end
    };
    for round in 0..400 {
        let mut bytes = if round % 2 == 0 { post(&body()).into_bytes() } else { chunked.clone().into_bytes() };
        for _ in 0..=roll(4) {
            let at = roll(bytes.len());
            match roll(4) {
                0 => bytes[at] = u8::try_from(roll(256)).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\r\n:0 f;\0\xff"[roll(9)]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut all = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut all)).await;
        let _ = read.unwrap_or_else(|_| panic!("no end for {:?}", String::from_utf8_lossy(&bytes)));
        assert!(all.is_empty() || all.starts_with(b"HTTP/1.1 "));
    }
    assert_eq!(call(&server, &body()).await.status, 200);
    server.wait_for_connections(0).await.unwrap();
}

#[test]
fn serves_without_a_runtime_and_frees_its_port() {
    use std::io::{Read, Write};

    let server = TestServer::start_blocking().unwrap();
    let other = TestServer::start_blocking().unwrap();
    assert_ne!(server.addr(), other.addr());
    let mut stream = std::net::TcpStream::connect(server.addr()).unwrap();
    stream.write_all(post(&body()).as_bytes()).unwrap();
    assert_eq!(server.wait_for_requests_blocking(1).unwrap().len(), 1);
    let addr = server.addr();
    let taken = TestServer::builder().addr(addr.to_string()).start_blocking().unwrap_err();
    assert!(taken.message().contains(&addr.to_string()), "{taken}");
    server.shutdown();
    let _ = stream.read_to_end(&mut Vec::new()); // The connection ended with the server.
    assert!(std::net::TcpStream::connect(addr).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_does_not_hurry_the_server() {
    let script = Script::new().exchange(Exchange::new(200).delay(Duration::from_millis(80)).send("x"));
    let server = TestServer::builder().script(script).start().await.unwrap();
    let start = Instant::now();
    let (bytes, _) = exchange(&server, &closing(&post(&body()))).await;
    assert!(bytes.ends_with(b"0\r\n\r\n") && start.elapsed() >= Duration::from_millis(80));
}

#[test]
fn wrong_settings_are_refused() {
    for (addr, part) in [
        ("0.0.0.0:0", "loopback only"),
        ("example.com:80", "not an address"),
        ("127.0.0.1", "not an address"),
        ("", "not an address"),
    ] {
        let error = TestServer::builder().addr(addr).start_blocking().unwrap_err();
        assert!(error.message().contains(part), "{error}");
    }
    assert!(TestServer::builder().addr("localhost:0").start_blocking().is_ok());
    let error = TestServer::builder().record_to("/nonexistent/dir/file").start_blocking().unwrap_err();
    assert!(error.message().contains("/nonexistent/dir/file"), "{error}");
}
