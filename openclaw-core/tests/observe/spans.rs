//! The spans of calls: what they hold, and when they are entered.

use openclaw_core::auth::AccessToken;
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, VirtualAmbient, forged_token};
use openclaw_core::{CallOptions, CodexProvider, OpenAiProvider, Provider, Request};
use std::sync::Arc;

use crate::capture::Capture;

fn codex(server: &TestServer, clock: &VirtualAmbient) -> CodexProvider {
    let mut token = AccessToken::new(forged_token("acct-1"));
    token.profile = Some("openai-codex:me@example.invalid".to_owned());
    let builder = CodexProvider::builder().token(token).base_url(server.codex_base_url());
    builder.ambient(Arc::new(clock.clone())).build().unwrap()
}

fn request() -> Request {
    Request::new("gpt-5.6-luna").instructions("Be brief.").user("hi")
}

#[tokio::test]
async fn a_call_is_one_span_with_the_names_of_opentelemetry() {
    let server = TestServer::start().await.unwrap();
    let (capture, _guard) = Capture::start();
    let response = codex(&server, &VirtualAmbient::new(1)).complete(&request(), &CallOptions::new()).await.unwrap();
    let spans = capture.spans("chat");
    assert_eq!(spans.len(), 1, "{spans:?}");
    let span = &spans[0];
    let usage = response.usage.unwrap();
    let port = server.codex_base_url().rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
    for (field, value) in [
        ("gen_ai.operation.name", "chat".to_owned()),
        ("gen_ai.provider.name", "openai".to_owned()),
        ("openclaw.provider", "openai-codex".to_owned()),
        ("gen_ai.request.model", "gpt-5.6-luna".to_owned()),
        ("gen_ai.response.id", response.id.clone()),
        ("gen_ai.response.model", response.model.clone()),
        ("gen_ai.response.finish_reasons", r#"["stop"]"#.to_owned()),
        ("gen_ai.usage.input_tokens", usage.input_tokens.to_string()),
        ("gen_ai.usage.output_tokens", usage.output_tokens.to_string()),
        ("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens.to_string()),
        ("server.address", "127.0.0.1".to_owned()),
        ("server.port", port),
        ("http.response.status_code", "200".to_owned()),
        ("otel.name", "chat gpt-5.6-luna".to_owned()),
    ] {
        assert_eq!(span.fields.get(field), Some(&value), "{field}: {:?}", span.fields);
    }
    assert!(span.fields["openclaw.profile"].starts_with("sha256:"));
    assert!(!span.fields.contains_key("error.type") && !span.fields.contains_key("otel.status_code"));
    assert!(span.closed && span.entered > 3, "entered in each poll: {span:?}");
    let ends = capture.named("embedded_run_agent_end");
    assert_eq!(ends.len(), 1);
    assert_eq!((ends[0]["isError"].as_str(), ends[0]["level"].as_str()), ("false", "DEBUG"));
}

#[tokio::test]
async fn a_refused_call_says_what_really_came() {
    let server = TestServer::builder().scenario(Scenario::Challenge).start().await.unwrap();
    let (capture, _guard) = Capture::start();
    let error = codex(&server, &VirtualAmbient::new(1)).complete(&request(), &CallOptions::new()).await.unwrap_err();
    let span = &capture.spans("chat")[0];
    assert_eq!(span.fields["error.type"], "edge_blocked");
    assert_eq!(span.fields["http.response.status_code"], "403");
    assert_eq!(span.fields["otel.status_code"], "ERROR");
    assert_eq!(span.fields.get("openclaw.cf_ray").map(String::as_str), error.cf_ray());
    let end = &capture.named("embedded_run_agent_end")[0];
    assert_eq!((end["failoverReason"].as_str(), end["httpCode"].as_str()), ("edge_blocked", "403"));
    assert_eq!((end["provider"].as_str(), end["model"].as_str()), ("openai-codex", "gpt-5.6-luna"));
    assert_eq!(end["level"], "WARN");
    assert_eq!(end["rawErrorHash"], openclaw_core::observe::error_hash(&error));
    // The same page with other rays and tokens groups; a firewall's page does not.
    capture.clear();
    let provider = codex(&server, &VirtualAmbient::new(7));
    for scenario in [Scenario::Challenge, Scenario::Waf] {
        server.set_scenario(scenario);
        provider.complete(&request(), &CallOptions::new()).await.unwrap_err();
    }
    let hashes: Vec<_> = capture.named("embedded_run_agent_end").iter().map(|e| e["rawErrorHash"].clone()).collect();
    assert_eq!((hashes[0] == end["rawErrorHash"], hashes[0] == hashes[1]), (true, false));
}

#[tokio::test]
async fn repeats_belong_to_one_span_and_a_dropped_stream_says_so() {
    let script = Script::new()
        .exchange(Exchange::scenario(Scenario::Overloaded).times(2))
        .exchange(Exchange::scenario(Scenario::Plain).forever());
    let server = TestServer::builder().script(script).start().await.unwrap();
    let (capture, _guard) = Capture::start();
    let provider = codex(&server, &VirtualAmbient::new(1));
    provider.complete(&request(), &CallOptions::new()).await.unwrap();
    assert_eq!(capture.spans("chat").len(), 1);
    assert_eq!(capture.spans("chat")[0].fields["openclaw.attempts"], "3");
    capture.clear();
    let mut stream = provider.stream(&request(), &CallOptions::new()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(capture.spans("chat")[0].fields["error.type"], "cancelled");
    let ends = capture.named("embedded_run_agent_end");
    assert_eq!(ends.len(), 1);
    assert_eq!((ends[0]["isError"].as_str(), ends[0]["failoverReason"].as_str()), ("false", "cancelled"));
}

#[tokio::test]
async fn lists_have_a_span_too() {
    let server = TestServer::start().await.unwrap();
    let (capture, _guard) = Capture::start();
    codex(&server, &VirtualAmbient::new(1)).models().await.unwrap();
    let key = "sk-forged-key-0000001";
    let never = openclaw_core::transport::RetryPolicy::never();
    let other = OpenAiProvider::builder().api_key(key).base_url("http://127.0.0.1:1/v1").retry(never).build().unwrap();
    assert!(other.models().await.is_err());
    let spans = capture.spans("openclaw.fetch");
    assert_eq!(spans.len(), 2);
    assert!(!spans[0].fields.contains_key("error.type"));
    assert_eq!((spans[1].fields["error.type"].as_str(), spans[1].fields["server.port"].as_str()), ("connect", "1"));
}

#[tokio::test]
async fn what_is_not_listened_to_is_not_told() {
    struct Deaf;
    impl tracing::Subscriber for Deaf {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            false
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            panic!("a span was made")
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {
            panic!("an event was told")
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
    let server = TestServer::builder().scenario(Scenario::Challenge).start().await.unwrap();
    let _guard = tracing::subscriber::set_default(Deaf);
    codex(&server, &VirtualAmbient::new(1)).complete(&request(), &CallOptions::new()).await.unwrap_err();
}
