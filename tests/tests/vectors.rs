//! Replays `tests/vectors/*.json`. `OPENCLAW_BLESS=1` rewrites what they expect: read the diff.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use openclaw_core::auth::AccessToken;
use openclaw_core::testing::{RecordedRequest, Script, TestServer, forged_token};
use openclaw_core::transport::RetryPolicy;
use openclaw_core::{AnthropicProvider, CallOptions, CodexProvider, Event, OpenAiProvider, Provider, Request};
use serde_json::{Map, Value, json};

#[tokio::test]
async fn every_vector_gives_what_it_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();
    assert!(files.len() >= 20, "only {} vectors in {}", files.len(), folder.display());
    let mut wrong = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        let mut vector: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let found = replay(&vector).await;
        if vector["expect"] == found {
            continue;
        }
        if std::env::var_os("OPENCLAW_BLESS").is_some() {
            vector["expect"] = found;
            fs::write(path, format!("{:#}\n", vector)).unwrap();
        } else {
            wrong.push(format!("{}\nexpected {:#}\nfound    {found:#}", path.display(), vector["expect"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} vectors:\n{}", wrong.len(), files.len(), wrong.join("\n\n"));
}

/// Plays a vector and gives its `expect` in canonical form.
async fn replay(vector: &Value) -> Value {
    let script = Script::from_json(&vector["script"].to_string()).unwrap();
    let server = TestServer::builder().script(script).start().await.unwrap();
    let provider = provider(vector["provider"].as_str().unwrap(), &server);
    let request: Request = serde_json::from_value(vector["request"].clone()).unwrap();

    let mut events = Vec::new();
    let mut end = None;
    match provider.stream(&request, &options(&vector["options"])).await {
        Err(error) => end = Some(("error", error.to_json())),
        Ok(mut stream) => {
            while let Some(event) = stream.next().await {
                match event {
                    Ok(Event::Completed(response)) => end = Some(("response", serde_json::to_value(response).unwrap())),
                    Ok(event) => events.push(serde_json::to_value(event).unwrap()),
                    Err(error) => end = Some(("error", error.to_json())),
                }
            }
        }
    }
    let (name, end) = end.expect("a stream has an end");
    let requests: Vec<Value> = server.requests().iter().map(request_form).collect();
    let mut found = json!({"requests": requests, "events": events});
    found[name] = end;
    canonical(&mut found, &server.addr().to_string());
    found
}

fn provider(name: &str, server: &TestServer) -> Arc<dyn Provider> {
    match name {
        "openai-codex" => Arc::new(
            CodexProvider::builder()
                .token(AccessToken::new(forged_token("acct-vector")))
                .base_url(server.codex_base_url())
                .build()
                .unwrap(),
        ),
        "openai" => Arc::new(
            OpenAiProvider::builder().api_key("sk-vector").base_url(server.platform_base_url()).build().unwrap(),
        ),
        "anthropic" => Arc::new(
            AnthropicProvider::builder()
                .api_key("sk-ant-api-vector")
                .base_url(server.platform_base_url())
                .build()
                .unwrap(),
        ),
        other => panic!("no provider {other}"),
    }
}

fn options(form: &Value) -> CallOptions {
    let mut options = CallOptions::new();
    options.strict = form["strict"].as_bool().unwrap_or(false);
    options.turn_state = form["turn_state"].as_str().map(str::to_owned);
    let mut retry = RetryPolicy::new().with_max_retries(form["max_retries"].as_u64().unwrap_or(0) as u32);
    if let Some(budget) = form["budget_ms"].as_u64() {
        retry.budget = Duration::from_millis(budget);
    }
    options.retry = Some(retry);
    for (name, value) in form["headers"].as_object().into_iter().flatten() {
        options.headers.push(name, value.as_str().unwrap());
    }
    options
}

/// The headers that a backend sees of us; the others belong to the HTTP library.
const HEADERS: [&str; 14] = [
    "accept",
    "anthropic-beta",
    "anthropic-version",
    "authorization",
    "chatgpt-account-id",
    "content-type",
    "openai-beta",
    "originator",
    "session-id",
    "thread-id",
    "x-api-key",
    "x-client-request-id",
    "x-codex-turn-state",
    "x-extra",
];

fn request_form(request: &RecordedRequest) -> Value {
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .filter(|(name, _)| HEADERS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    json!({
        "method": request.method,
        "path": request.path,
        "headers": headers,
        "body": serde_json::from_slice::<Value>(&request.body).unwrap_or(Value::Null),
    })
}

/// Takes out what differs from run to run. Keys are sorted by `serde_json` itself.
fn canonical(value: &mut Value, server: &str) {
    match value {
        Value::String(text) => *text = text.replace(server, "loopback"),
        Value::Array(list) => list.iter_mut().for_each(|v| canonical(v, server)),
        Value::Object(map) => {
            map.remove("duration_ms");
            map.remove("source");
            map.values_mut().for_each(|v| canonical(v, server));
        }
        _ => {}
    }
}
