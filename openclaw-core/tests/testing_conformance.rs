//! Our own providers against the contract, in every situation that the embedded server plays.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::auth::AccessToken;
use openclaw_core::testing::conformance::check_provider;
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, VirtualAmbient, forged_token};
use openclaw_core::{CallOptions, CodexProvider, Event, OpenAiProvider, Provider, Request};
use tokio::task::JoinSet;

fn options(scenario: Scenario) -> CallOptions {
    let mut options = CallOptions::new();
    // The limit is for the answer that stalls; a machine that is busy must not reach it elsewhere.
    options.timeouts.idle = Some(Duration::from_secs(if scenario == Scenario::Stall { 1 } else { 60 }));
    options
}

fn request() -> Request {
    Request::new("gpt-5.6-luna").instructions("Be brief.").user("hi")
}

fn codex(server: &TestServer) -> CodexProvider {
    let token = AccessToken::new(forged_token("acct-1"));
    CodexProvider::builder().token(token).base_url(server.codex_base_url()).build().unwrap()
}

async fn check(provider: &dyn Provider, scenario: Scenario) -> String {
    let events = check_provider(provider, &request(), &options(scenario)).await.unwrap_or_else(|why| panic!("{why}"));
    match events.last().unwrap() {
        Ok(Event::Completed(response)) => format!("completed {}", response.finish_reason),
        Ok(_) => unreachable!("the check passed"),
        Err(error) => error.kind().to_string(),
    }
}

fn expected(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::Plain | Scenario::Slow => "completed stop",
        Scenario::ToolCall => "completed tool_use",
        Scenario::UsageLimit => "usage_limit",
        Scenario::Overloaded => "overloaded",
        Scenario::ContextOverflow => "context_overflow",
        Scenario::Truncated => "stream_truncated",
        Scenario::Stall => "timeout",
        Scenario::Challenge | Scenario::Waf => "edge_blocked",
        Scenario::CaptivePortal => "proxy",
        other => panic!("{other} is not tested"),
    }
}

/// The ends of both providers, scenario by scenario: Codex, then OpenAI.
async fn ends() -> Vec<(Scenario, [String; 2])> {
    let mut tasks = JoinSet::new();
    for scenario in Scenario::ALL.iter().copied() {
        tasks.spawn(async move {
            let server = TestServer::builder().scenario(scenario).start().await.unwrap();
            let openai =
                OpenAiProvider::builder().api_key("sk-forged").base_url(server.platform_base_url()).build().unwrap();
            (scenario, [check(&codex(&server), scenario).await, check(&openai, scenario).await])
        });
    }
    tasks.join_all().await
}

#[tokio::test]
async fn providers_keep_the_contract_in_every_scenario() {
    for (scenario, ends) in ends().await {
        for end in ends {
            assert_eq!(end.starts_with("completed"), expected(scenario).starts_with("completed"), "{scenario}: {end}");
        }
    }
}

#[tokio::test]
async fn every_scenario_has_its_kind() {
    let ends = ends().await;
    println!("{ends:?}");
    for (scenario, [codex, openai]) in ends {
        assert_eq!(codex, expected(scenario), "{scenario}");
        let platform = if scenario == Scenario::UsageLimit { "billing" } else { expected(scenario) };
        assert_eq!(openai, platform, "{scenario}");
    }
}

#[tokio::test]
async fn a_repeat_sleeps_on_the_virtual_clock() {
    let script = Script::new()
        .exchange(Exchange::scenario(Scenario::Overloaded).times(2))
        .exchange(Exchange::scenario(Scenario::Plain));
    let server = TestServer::builder().script(script).start().await.unwrap();
    let clock = VirtualAmbient::new(1);
    let provider = CodexProvider::builder()
        .token(AccessToken::new(forged_token("acct-1")))
        .base_url(server.codex_base_url())
        .ambient(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let response = provider.complete(&request(), &CallOptions::new()).await.unwrap();
    assert!(response.text().contains("no model was called"));
    assert_eq!((server.request_count(), clock.slept().len()), (3, 2));
}

#[tokio::test]
async fn dropping_a_stream_closes_its_connection() {
    let server = TestServer::builder().scenario(Scenario::Stall).start().await.unwrap();
    let mut stream = codex(&server).stream(&request(), &CallOptions::new()).await.unwrap();
    while !matches!(stream.next().await, Some(Ok(Event::TextDelta(_)))) {}
    assert_eq!(server.open_connections(), 1);
    drop(stream);
    server.wait_for_connections(0).await.unwrap();
}
