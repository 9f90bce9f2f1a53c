//! What the tests send, and what they get.

use std::sync::LazyLock;

use openclaw_core::testing::{TestServer, forged_token};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const RESPONSES: &str = "/backend-api/codex/responses";

pub fn body() -> Value {
    json!({
        "model": "gpt-5.6-luna",
        "instructions": "Be brief.",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi there"}]}],
        "store": false,
        "stream": true,
    })
}

pub fn with(key: &str, value: Value) -> Value {
    let mut body = body();
    match value {
        Value::Null => drop(body.as_object_mut().unwrap().remove(key)),
        value => body[key] = value,
    }
    body
}

pub fn request(method: &str, path: &str, token: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn post(body: &Value) -> String {
    request("POST", RESPONSES, &forged_token("acct-1"), &body.to_string())
}

pub fn closing(request: &str) -> String {
    request.replace("Host: x", "Host: x\r\nConnection: close")
}

/// Sends bytes, reads to the end of the connection.
pub async fn exchange(server: &TestServer, bytes: &str) -> (Vec<u8>, std::io::Result<()>) {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    let end = stream.read_to_end(&mut all).await.map(drop);
    (all, end)
}

pub struct Got {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// One for all tests, because building one loads the roots of the system; without a pool, because a pooled connection
/// dies with the runtime of its test.
pub fn client() -> reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> =
        LazyLock::new(|| reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap());
    CLIENT.clone()
}

pub async fn send(server: &TestServer, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Got {
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

pub async fn call(server: &TestServer, body: &Value) -> Got {
    send(server, "POST", RESPONSES, Some(&forged_token("acct-1")), Some(body)).await
}

/// The events of a stream; every one must be framed and parse.
pub fn events(text: &str) -> Vec<Value> {
    let event = |block: &str| {
        let (event, data) = block.split_once('\n').unwrap();
        let json: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(event.strip_prefix("event: ").unwrap(), json["type"]);
        assert!(data.starts_with("data: {\"type\":"), "type comes first: {data}");
        json
    };
    text.split_terminator("\n\n").map(event).collect()
}

pub fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}
