//! One call, proven from outside: what goes over the wire, when it is repeated, how it ends.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::ambient::Ambient;
use openclaw_core::auth::{AccessToken, StaticToken, TokenSource};
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, VirtualAmbient, forged_token};
use openclaw_core::transport::{ProxySettings, ReqwestTransport, RetryPolicy, Timeouts};
use openclaw_core::{
    Advice, CallOptions, CodexProvider, CodexProviderBuilder, ErrorKind, Event, EventStream, OpenAiProvider, Provider,
    Request, Result, Stage,
};
use serde_json::json;

fn token() -> AccessToken {
    AccessToken::new(forged_token("acct-1"))
}

fn codex(server: &TestServer) -> CodexProviderBuilder {
    CodexProvider::builder().token(token()).base_url(server.codex_base_url())
}

fn hello() -> Request {
    Request::new("gpt-5.4").user("hi")
}

async fn ask(provider: &dyn Provider) -> Result<openclaw_core::Response> {
    provider.complete(&hello(), &CallOptions::new()).await
}

async fn events(mut stream: EventStream) -> Vec<Result<Event>> {
    let mut all = Vec::new();
    while let Some(event) = stream.next().await {
        all.push(event);
    }
    all
}

/// A gateway that answers each connection with these bytes, whatever is asked. Gives its address.
fn raw_server(answers: Vec<Vec<u8>>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut socket, _)) = listener.accept() else { return };
            let mut buffer = [0; 4096];
            let _ = socket.read(&mut buffer);
            let _ = socket.write_all(&answer);
        }
    });
    addr
}

#[tokio::test]
async fn a_whole_answer_and_nothing_is_sent_before_the_first_poll() {
    let server = TestServer::start().await.unwrap();
    let provider = codex(&server).build().unwrap();
    let mut stream = provider.stream(&hello(), &CallOptions::new()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(server.request_count(), 0);
    assert!(matches!(stream.next().await, Some(Ok(Event::Opened(_)))));
    let all = events(stream).await;
    openclaw_core::testing::conformance::check_events(&all).unwrap();
    assert_eq!(server.request_count(), 1);
}

#[tokio::test]
async fn dropping_the_stream_closes_the_request() {
    let server = TestServer::builder().scenario(Scenario::Stall).start().await.unwrap();
    let provider = codex(&server).build().unwrap();
    let mut stream = provider.stream(&hello(), &CallOptions::new()).await.unwrap();
    while !matches!(stream.next().await.unwrap().unwrap(), Event::TextDelta(_)) {}
    assert_eq!(server.open_connections(), 1);
    drop(stream);
    tokio::time::timeout(Duration::from_secs(10), server.wait_for_connections(0)).await.unwrap().unwrap();
}

#[tokio::test]
async fn repeats_wait_longer_each_time_and_are_announced() {
    let server = TestServer::builder().scenario(Scenario::Overloaded).start().await.unwrap();
    let clock = VirtualAmbient::new(7);
    let provider = codex(&server).ambient(Arc::new(clock.clone())).build().unwrap();
    let all = events(provider.stream(&hello(), &CallOptions::new()).await.unwrap()).await;
    let delays: Vec<u64> = all
        .iter()
        .filter_map(|event| match event {
            Ok(Event::Retrying { kind: ErrorKind::Overloaded, delay_ms, .. }) => Some(*delay_ms),
            _ => None,
        })
        .collect();
    assert_eq!(delays.len(), 2);
    assert!((180..=220).contains(&delays[0]) && (360..=440).contains(&delays[1]), "{delays:?}");
    let error = all.last().unwrap().as_ref().unwrap_err();
    assert_eq!((error.kind(), error.attempts().len(), server.request_count()), (ErrorKind::Overloaded, 3, 3));
    assert_eq!(clock.slept().iter().map(|d| d.as_millis() as u64).collect::<Vec<_>>(), delays);
}

#[tokio::test]
async fn what_a_repeat_cannot_help_is_sent_once() {
    for (scenario, kind) in [
        (Scenario::Challenge, ErrorKind::EdgeBlocked),
        (Scenario::Waf, ErrorKind::EdgeBlocked),
        (Scenario::UsageLimit, ErrorKind::UsageLimit),
        (Scenario::CaptivePortal, ErrorKind::Proxy),
        (Scenario::ContextOverflow, ErrorKind::ContextOverflow),
        (Scenario::Truncated, ErrorKind::StreamTruncated),
    ] {
        let server = TestServer::builder().scenario(scenario).start().await.unwrap();
        let clock = VirtualAmbient::new(1);
        let provider = codex(&server).ambient(Arc::new(clock.clone())).build().unwrap();
        let error = ask(&provider).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{scenario}: {error:?}");
        assert_eq!((server.request_count(), clock.slept().len()), (1, 0), "{scenario}");
        assert_eq!(error.provider(), Some("openai-codex"));
        assert_eq!(error.model(), Some("gpt-5.4"));
    }
}

#[tokio::test]
async fn a_cut_before_output_is_repeated_and_one_after_it_is_not() {
    let cut = |steps: Exchange| Script::new().exchange(steps).exchange(Exchange::scenario(Scenario::Plain));
    let early = Exchange::new(200).sse(json!({"type": "response.created", "response": {"id": "resp_0"}})).close();
    let late = Exchange::new(200)
        .sse(json!({"type": "response.output_item.added", "output_index": 0,
            "item": {"type": "message", "id": "msg_1", "role": "assistant", "content": []}}))
        .close();
    let server = TestServer::builder().script(cut(early)).start().await.unwrap();
    let provider = codex(&server).ambient(Arc::new(VirtualAmbient::new(1))).build().unwrap();
    assert!(ask(&provider).await.is_ok());
    assert_eq!(server.request_count(), 2);

    server.set_script(cut(late));
    let error = ask(&provider).await.unwrap_err();
    assert_eq!((error.kind(), error.stage()), (ErrorKind::StreamTruncated, Stage::Streaming));
    assert_eq!(server.request_count(), 3);
}

#[tokio::test]
async fn a_delay_longer_than_the_budget_is_returned() {
    let limited = |seconds: &str| {
        Script::new()
            .exchange(
                Exchange::json(429, &json!({"error": {"code": "rate_limit_exceeded", "message": "slower"}}))
                    .header("retry-after", seconds),
            )
            .exchange(Exchange::scenario(Scenario::Plain))
    };
    let server = TestServer::builder().script(limited("7")).start().await.unwrap();
    let clock = VirtualAmbient::new(1);
    let provider = codex(&server).ambient(Arc::new(clock.clone())).build().unwrap();
    assert!(ask(&provider).await.is_ok());
    assert_eq!(clock.slept(), [Duration::from_secs(7)]);

    server.set_script(limited("61"));
    let error = ask(&provider).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(61))));
    assert_eq!(clock.slept().len(), 1);
}

/// Gives a new token after each refusal.
#[derive(Debug, Default)]
struct Renewing(AtomicU64);

impl Renewing {
    fn token(&self, revision: u64) -> AccessToken {
        let mut token = AccessToken::new(forged_token(&format!("acct-{revision}")));
        token.revision = revision;
        token
    }
}

#[async_trait]
impl TokenSource for Renewing {
    async fn token(&self) -> Result<AccessToken> {
        Ok(self.token(self.0.load(Ordering::SeqCst)))
    }

    async fn rejected(&self, revision: u64) -> Result<Option<AccessToken>> {
        self.0.store(revision + 1, Ordering::SeqCst);
        Ok(Some(self.token(revision + 1)))
    }
}

#[tokio::test]
async fn a_401_gets_another_token_once() {
    let refused = || Exchange::json(401, &json!({"error": {"code": "token_expired", "message": "expired"}}));
    let script = Script::new().check_requests(false);
    let once = script.clone().exchange(refused()).exchange(Exchange::scenario(Scenario::Plain));
    let server = TestServer::builder().script(once).start().await.unwrap();
    let provider =
        CodexProvider::builder().token_source(Arc::new(Renewing::default())).base_url(server.codex_base_url());
    let provider = provider.build().unwrap();
    assert!(ask(&provider).await.is_ok());
    let accounts: Vec<_> = server
        .requests()
        .iter()
        .map(|r| r.headers.iter().find(|(n, _)| n == "chatgpt-account-id").unwrap().1.clone())
        .collect();
    assert_eq!(accounts, ["acct-0", "acct-1"]);

    server.clear();
    server.set_script(script.exchange(refused().forever()));
    let error = ask(&provider).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::AuthExpired, Some(401)));
    assert_eq!(server.request_count(), 2, "two sends at most");
}

#[tokio::test]
async fn no_credential_follows_a_redirect() {
    let elsewhere = TestServer::start().await.unwrap();
    for status in [301, 302, 307, 308] {
        let script = Script::new()
            .exchange(Exchange::new(status).header("location", format!("{}/responses", elsewhere.codex_base_url())));
        let server = TestServer::builder().script(script).start().await.unwrap();
        let error = ask(&codex(&server).build().unwrap()).await.unwrap_err();
        assert_eq!((error.http_status(), server.request_count()), (Some(status), 1), "{error:?}");
    }
    assert_eq!(elsewhere.request_count(), 0);
}

#[tokio::test]
async fn time_limits_are_told_apart() {
    let stall = |exchange: Exchange| Script::new().exchange(exchange.stall());
    let started = Exchange::new(200).sse(json!({"type": "response.output_item.added", "output_index": 0,
        "item": {"type": "message", "id": "m", "role": "assistant", "content": []}}));
    let silent = Exchange::new(200).header("content-type", "text/event-stream").send(": hi\n\n");
    for (script, advance, code, stage) in [
        (stall(Exchange::new(200).header("content-type", "text/event-stream")), 300, "first_byte", Stage::Responded),
        (stall(silent), 300, "idle", Stage::Responded),
        (stall(started), 300, "idle", Stage::Streaming),
    ] {
        let server = TestServer::builder().script(script).start().await.unwrap();
        let clock = VirtualAmbient::new(1);
        let provider = codex(&server).ambient(Arc::new(clock.clone())).build().unwrap();
        let call = tokio::spawn(async move { ask(&provider).await });
        server.wait_for_requests(1).await.unwrap();
        // Real bytes need real time to arrive; the limits themselves are virtual.
        tokio::time::sleep(Duration::from_millis(100)).await;
        clock.advance(Duration::from_secs(advance - 1));
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!call.is_finished(), "{code}: too early");
        clock.advance(Duration::from_secs(2));
        let error = call.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.code(), error.stage()), (ErrorKind::Timeout, Some(code), stage), "{error:?}");
        assert_eq!(server.request_count(), 1, "it may have been billed");
    }
}

#[tokio::test]
async fn the_total_limit_ends_everything() {
    let server = TestServer::builder().scenario(Scenario::Stall).start().await.unwrap();
    let clock = VirtualAmbient::new(1);
    let timeouts = Timeouts::with_total(Duration::from_secs(5));
    let provider = codex(&server).ambient(Arc::new(clock.clone())).timeouts(timeouts).build().unwrap();
    let call = tokio::spawn(async move { ask(&provider).await });
    server.wait_for_requests(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    clock.advance(Duration::from_secs(6));
    let error = call.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.code(), error.stage()), (ErrorKind::Timeout, Some("total"), Stage::Streaming));
}

#[tokio::test]
async fn the_network_is_judged_by_types() {
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let source = || Arc::new(StaticToken::new(token()));
    let at = |url: String| {
        CodexProvider::builder().base_url_with_token(url, source()).ambient(Arc::new(VirtualAmbient::new(1))).build()
    };
    let plain = TestServer::start().await.unwrap();
    let garbage = raw_server(vec![b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(); 3]);
    let hangs_up = raw_server(vec![Vec::new(); 3]);
    for (url, kind, stage, sends) in [
        (format!("http://{refused}/codex"), ErrorKind::Connect, Stage::NotSent, 3),
        ("https://no-such-host.invalid/codex".to_owned(), ErrorKind::Dns, Stage::NotSent, 3),
        (format!("https://{}/codex", plain.addr()), ErrorKind::Tls, Stage::NotSent, 1),
        (format!("http://{garbage}/codex"), ErrorKind::ServerError, Stage::MaybeSent, 3),
        (format!("http://{hangs_up}/codex"), ErrorKind::Connect, Stage::MaybeSent, 3),
    ] {
        let error = ask(&at(url.clone()).unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.stage()), (kind, stage), "{url}: {error:?}");
        assert_eq!(error.attempts().len().max(1), sends, "{url}: {error:?}");
        assert!(error.url().is_some_and(|u| u.ends_with("/codex/responses")), "{error:?}");
    }
}

#[tokio::test]
async fn headers_without_end_are_bounded() {
    let mut endless = b"HTTP/1.1 200 OK\r\n".to_vec();
    for i in 0..200_000 {
        endless.extend(format!("x-{i}: {i}\r\n").bytes());
    }
    let addr = raw_server(vec![endless]);
    let provider = CodexProvider::builder().token(token()).base_url(format!("http://{addr}/codex"));
    let error = ask(&provider.retry(RetryPolicy::never()).build().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServerError, "{error:?}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    let refusing = raw_server(vec![b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".to_vec(); 3]);
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    for proxy in [refusing, gone] {
        let url = format!("http://me:hunter2@{proxy}");
        let transport = ReqwestTransport::builder().proxy(ProxySettings::Url { url, no_proxy: None }).build().unwrap();
        let provider = CodexProvider::builder()
            .base_url_with_token("https://gateway.example/codex", Arc::new(StaticToken::new(token())))
            .transport(Arc::new(transport))
            .build()
            .unwrap();
        let error = ask(&provider).await.unwrap_err();
        assert_eq!((error.kind(), error.advice()), (ErrorKind::Proxy, Advice::FixNetwork), "{error:?}");
        assert!(!format!("{error:?} {provider:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn a_chatgpt_token_goes_only_where_it_belongs() {
    let elsewhere = CodexProvider::builder().token(token()).base_url("https://gateway.example/codex").build();
    let error = elsewhere.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("base_url_with_token"), "{error}");
    let platform = CodexProvider::builder().token(token()).base_url("https://api.openai.com/v1").build();
    assert_eq!(platform.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn what_is_wrong_already_is_told_before_anything_is_sent() {
    let server = TestServer::start().await.unwrap();
    let provider = codex(&server).build().unwrap();
    for model in ["", "gpt 5", "gpt\n5", "gpt\u{7}"] {
        let error = provider.stream(&Request::new(model).user("hi"), &CallOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.stage()), (ErrorKind::InvalidRequest, Stage::NotSent), "{model:?}");
    }
    for session in ["", "a b", "ü", &"x".repeat(65)] {
        let error = provider.stream(&hello().session_id(session), &CallOptions::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{session:?}");
    }
    let mut options = CallOptions::new();
    options.headers.push("x-bad", "a\r\nb: c");
    let error = provider.complete(&hello(), &options).await.unwrap_err();
    assert_eq!((error.kind(), error.stage()), (ErrorKind::InvalidRequest, Stage::NotSent), "{error:?}");

    let no_jwt = CodexProvider::builder().token(AccessToken::new("opaque")).base_url(server.codex_base_url());
    let error = ask(&no_jwt.build().unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.stage()), (ErrorKind::AuthInvalid, Stage::NotSent), "{error:?}");
    assert!(!format!("{error:?}").contains("opaque"));
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn the_model_list_teaches_and_usage_is_read() {
    let server = TestServer::start().await.unwrap();
    let provider = codex(&server).build().unwrap();
    let models = provider.models().await.unwrap();
    assert!(!models.is_empty() && !models[0].hidden, "{models:?}");
    let learnt = models.iter().find(|m| !m.efforts.is_empty()).unwrap();
    assert_eq!(provider.capabilities(&learnt.id).efforts, learnt.efforts);
    let usage = provider.plan_usage().await.unwrap();
    assert!(usage.plan_type.is_some() && !usage.rate_limits.families.is_empty(), "{usage:?}");
    let paths: Vec<_> = server.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(paths, ["/backend-api/codex/models", "/backend-api/wham/usage"]);

    let openai = OpenAiProvider::builder().api_key("sk-test").base_url(server.platform_base_url()).build().unwrap();
    assert!(!openai.models().await.unwrap().is_empty());
    assert_eq!(openai.plan_usage().await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn the_edge_blocks_calls_while_the_lists_answer() {
    let server = TestServer::builder().scenario(Scenario::Challenge).start().await.unwrap();
    let provider = codex(&server).build().unwrap();
    assert!(provider.models().await.is_ok() && provider.plan_usage().await.is_ok());
    server.clear();
    let error = ask(&provider).await.unwrap_err();
    assert_eq!((error.kind(), error.advice()), (ErrorKind::EdgeBlocked, Advice::OtherProvider));
    assert_eq!(server.request_count(), 1);
    let message = error.message();
    assert!(message.contains("127.0.0.1") && message.contains("/backend-api/codex/responses"), "{message}");
    assert!(error.cf_ray().is_some_and(|ray| message.contains(ray)), "{message}");
}

#[tokio::test]
async fn two_turns_with_a_tool() {
    let server = TestServer::builder().scenario(Scenario::ToolCall).start().await.unwrap();
    let provider = codex(&server).build().unwrap();
    let tool = openclaw_core::Tool::function("get_time", "The time.", json!({"type": "object", "properties": {}}));
    let request = hello().tool(tool);
    let first = provider.complete(&request, &CallOptions::new()).await.unwrap();
    let call = first.tool_calls().next().unwrap().clone();
    let request = request.response(&first).item(openclaw_core::Item::tool_result(&call, "noon"));
    let second = provider.complete(&request, &CallOptions::new()).await.unwrap();
    assert!(!second.text().is_empty());
    let body: serde_json::Value = serde_json::from_slice(&server.requests()[1].body).unwrap();
    let kinds: Vec<_> = body["input"].as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["message", "reasoning", "function_call", "function_call_output"], "{body:#}");
}

#[tokio::test]
async fn nothing_shows_the_token() {
    let secret = forged_token("acct-1");
    let signature = secret.rsplit('.').nth(1).unwrap().to_owned();
    let server = TestServer::builder().scenario(Scenario::Challenge).start().await.unwrap();
    let provider = CodexProvider::builder().token(AccessToken::new(secret)).base_url(server.codex_base_url());
    let provider = provider.build().unwrap();
    let error = ask(&provider).await.unwrap_err();
    let shown = format!("{provider:?} {error:?} {error} {} {:?}", error.to_json(), server.requests());
    assert!(!shown.contains(&signature));
}

#[tokio::test]
async fn two_hundred_calls_at_once() {
    let server = TestServer::start().await.unwrap();
    let provider = Arc::new(codex(&server).build().unwrap());
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { ask(&*provider).await })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap().is_ok());
    }
    assert_eq!(server.request_count(), 200);
}

#[tokio::test]
async fn a_token_set_after_a_gateway_is_not_meant_for_it() {
    let gateway =
        || CodexProvider::builder().base_url_with_token("https://gw.example/x", Arc::new(Renewing::default()));
    assert!(gateway().build().is_ok());
    assert_eq!(gateway().token(token()).build().unwrap_err().kind(), ErrorKind::Config);
    let platform = OpenAiProvider::builder().api_key(forged_token("acct-1")).build().unwrap();
    let error = ask(&platform).await.unwrap_err();
    assert_eq!((error.kind(), error.stage()), (ErrorKind::Config, Stage::NotSent), "{error:?}");
}

#[tokio::test]
async fn a_key_that_the_answer_quotes_is_not_shown() {
    let key = "mycompany-7f3e9a1b2c4d5e6f";
    let quote = json!({"error": {"message": format!("Incorrect API key provided: {key}"), "code": "invalid_api_key"}});
    let script = Script::new().check_requests(false).exchange(Exchange::json(401, &quote).forever());
    let server = TestServer::builder().script(script).start().await.unwrap();
    let provider = OpenAiProvider::builder().api_key(key).base_url(server.platform_base_url()).build().unwrap();
    let error = ask(&provider).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthInvalid);
    assert!(!format!("{error} {error:?} {provider:?}").contains(key), "{error:?}");
}

#[tokio::test]
async fn a_key_that_a_list_quotes_is_not_shown() {
    let key = "mycompany-7f3e9a1b2c4d5e6f";
    let echo = Exchange::new(200).header("content-type", "text/plain").send(format!("{}{key}", "x".repeat(185)));
    let script = Script::new().check_requests(false).exchange(echo.method("GET").forever());
    let server = TestServer::builder().script(script).start().await.unwrap();
    let provider = OpenAiProvider::builder().api_key(key).base_url(server.platform_base_url());
    let error = provider.retry(RetryPolicy::never()).build().unwrap().models().await.unwrap_err();
    assert!(error.body_preview().is_some_and(|body| body.contains("xxx")), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("mycompany"), "{error:?}");
}

#[tokio::test]
async fn the_mark_of_a_failed_tool_stays_with_those_who_know_it() {
    let server = TestServer::start().await.unwrap();
    let call = json!({"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"});
    let result = json!({"type": "function_call_output", "call_id": "c1", "output": "no", "is_error": true});
    let request: Request =
        serde_json::from_value(json!({"model": "gpt-5.4", "input": [{"role": "user", "content": "go"}, call, result]}))
            .unwrap();
    let provider = codex(&server).build().unwrap();
    provider.complete(&request, &CallOptions::new()).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_only_says_it_is_a_stream_is_judged_by_what_it_holds() {
    let page = "<!doctype html><html><body><form action=/login>Guest network, please log in</form></body></html>";
    let challenge = openclaw_core::testing::pages::challenge(1);
    let limit = r#"{"error":{"type":"usage_limit_reached","message":"used up","resets_in_seconds":600}}"#;
    for (content_type, body, kind) in [
        (None, page.to_owned(), ErrorKind::Proxy),
        (Some("text/event-stream"), page.to_owned(), ErrorKind::Proxy),
        (Some("text/event-stream"), challenge.body.clone(), ErrorKind::EdgeBlocked),
        (Some("text/event-stream"), limit.to_owned(), ErrorKind::UsageLimit),
    ] {
        let mut exchange = Exchange::new(200);
        if let Some(content_type) = content_type {
            exchange = exchange.header("content-type", content_type);
        }
        let server =
            TestServer::builder().script(Script::new().exchange(exchange.send(body).forever())).start().await.unwrap();
        let provider = codex(&server).ambient(Arc::new(VirtualAmbient::new(1))).build().unwrap();
        let error = ask(&provider).await.unwrap_err();
        assert_eq!((error.kind(), server.request_count()), (kind, 1), "{content_type:?}: {error:?}");
    }
    let stream = "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"output\":[]}}\n\n";
    let script = Script::new().exchange(Exchange::new(200).header("content-type", "text/plain").send(stream));
    let server = TestServer::builder().script(script).start().await.unwrap();
    assert!(ask(&codex(&server).build().unwrap()).await.is_ok(), "a stream under a wrong name is one");
}

#[tokio::test]
async fn a_refusal_that_does_not_end_is_judged_by_what_came() {
    let exchange = Exchange::new(403)
        .header("content-type", "text/html")
        .header("cf-mitigated", "challenge")
        .send("<html>")
        .stall();
    let server = TestServer::builder().script(Script::new().exchange(exchange)).start().await.unwrap();
    let clock = VirtualAmbient::new(1);
    let provider = codex(&server).ambient(Arc::new(clock.clone())).build().unwrap();
    let call = tokio::spawn(async move { ask(&provider).await });
    server.wait_for_requests(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    clock.advance(Duration::from_secs(6));
    let error = tokio::time::timeout(Duration::from_secs(20), call).await.unwrap().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EdgeBlocked);
}

#[tokio::test]
async fn headers_that_say_who_we_are_stay_ours_on_chatgpt_com() {
    /// Keeps what would go out.
    #[derive(Debug, Default)]
    struct Catch(std::sync::Mutex<Vec<openclaw_core::transport::HttpRequest>>);
    #[async_trait]
    impl openclaw_core::transport::Transport for Catch {
        async fn send(
            &self,
            request: openclaw_core::transport::HttpRequest,
        ) -> Result<openclaw_core::transport::HttpResponse> {
            self.0.lock().unwrap().push(request);
            Err(openclaw_core::Error::config("caught"))
        }
    }
    let catch = Arc::new(Catch::default());
    let provider = CodexProvider::builder().token(token()).transport(catch.clone()).build().unwrap();
    let mut options = CallOptions::new();
    let names = ["User-Agent", "originator", "sec-ch-ua", "x-stainless-os", "cookie", "session-id", "x-mine"];
    for name in names {
        options.headers.push(name, "mine");
    }
    let all = events(provider.stream(&hello(), &options).await.unwrap()).await;
    let warned = all.iter().filter(|e| matches!(e, Ok(Event::Warning(_)))).count();
    assert_eq!(warned, names.len() - 1);
    let sent = catch.0.lock().unwrap().clone();
    let mine: Vec<_> = sent[0].headers.iter().filter(|(_, value, _)| *value == "mine").map(|(n, _, _)| n).collect();
    assert_eq!(mine, ["x-mine"]);
    assert_eq!(sent[0].headers.get("originator"), Some("openclaw-core"));
    assert!(!format!("{:?}", sent[0]).contains("eyJ"), "{:?}", sent[0]);
    options.strict = true;
    assert_eq!(provider.stream(&hello(), &options).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn the_clock_is_what_the_host_gives() {
    let clock = VirtualAmbient::new(1);
    let provider = CodexProvider::builder().token(token()).ambient(Arc::new(clock.clone())).build().unwrap();
    assert_eq!(provider.endpoint(), "https://chatgpt.com/backend-api/codex/responses");
    assert_eq!(clock.monotonic(), Duration::ZERO);
}
