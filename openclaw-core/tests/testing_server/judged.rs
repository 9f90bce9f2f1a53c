//! Credentials, bodies and paths are judged as the real backends judge them.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::ambient::Ambient;
use openclaw_core::testing::{ForgedToken, TestServer, VirtualAmbient, forged_token};
use serde_json::{Value, json};

use crate::ask::{RESPONSES, body, call, client, events, send, with};

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
