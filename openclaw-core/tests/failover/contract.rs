//! A chain is a provider: it keeps the contract in every situation that the embedded server plays.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::failover::{Candidate, Chain};
use openclaw_core::testing::conformance::check_provider;
use openclaw_core::testing::{Scenario, TestServer};
use openclaw_core::{
    CallOptions, Capabilities, CodexProvider, Event, EventStream, OpenAiProvider, Provider, ProviderId, Request, Result,
};
use tokio::task::JoinSet;

use crate::common::{FALLBACK, MODEL, hello, profile, store, token};

/// A chain learns from a call; the two calls of the check must meet the same. So each has a chain of its own.
struct Fresh<F>(F, ProviderId);

impl<F> std::fmt::Debug for Fresh<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fresh")
    }
}

#[async_trait]
impl<F: Fn() -> Chain + Send + Sync> Provider for Fresh<F> {
    fn id(&self) -> &ProviderId {
        &self.1
    }
    fn capabilities(&self, model: &str) -> Capabilities {
        self.0().capabilities(model)
    }
    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        self.0().stream(request, options).await
    }
}

/// Both candidates answer as the scenario says; with `rescued` the fallback answers well.
async fn ends(scenario: Scenario, rescued: bool) -> String {
    let server = Arc::new(TestServer::builder().scenario(scenario).start().await.unwrap());
    let other = if rescued { Scenario::Plain } else { scenario };
    let other = TestServer::builder().scenario(other).start().await.unwrap();
    let make = move || {
        // On the real clock: a virtual one never reaches the limit that ends a stalled answer.
        let at = server.clone();
        let first = Candidate::with_profiles(MODEL.parse().unwrap(), move |profile| {
            let builder = CodexProvider::builder().token(token(profile)).base_url(at.codex_base_url());
            Ok(Arc::new(builder.build()?))
        });
        let second = OpenAiProvider::builder().api_key("sk-fallback-key-1").base_url(other.platform_base_url());
        let second = Candidate::new(FALLBACK.parse().unwrap(), second.build().unwrap());
        let store = store([profile("openai-codex:a", "acct-1", "a"), profile("openai-codex:b", "acct-2", "b")]);
        Chain::builder().candidate(first).candidate(second).store(store).build().unwrap()
    };
    let provider = Fresh(make, ProviderId::new("failover"));
    let mut options = CallOptions::new();
    // The limit is for the answer that stalls; a machine that is busy must not reach it elsewhere.
    let idle = Duration::from_secs(if scenario == Scenario::Stall { 2 } else { 60 });
    options.timeouts.idle = Some(idle);
    let events = check_provider(&provider, &hello(), &options).await.unwrap_or_else(|why| panic!("{scenario}: {why}"));
    match events.last() {
        Some(Ok(Event::Completed(response))) => format!("completed {}", response.finish_reason),
        Some(Err(error)) => error.kind().to_string(),
        _ => unreachable!("the check passed"),
    }
}

#[tokio::test]
async fn a_chain_keeps_the_contract_in_every_scenario() {
    let mut tasks = JoinSet::new();
    for scenario in Scenario::ALL.iter().copied() {
        for rescued in [false, true] {
            tasks.spawn(async move { (scenario, rescued, ends(scenario, rescued).await) });
        }
    }
    for (scenario, rescued, end) in tasks.join_all().await {
        let (answers, began) = match scenario {
            Scenario::Plain | Scenario::Slow | Scenario::ToolCall => (true, true),
            // Output had begun, or another model would not help: nothing follows.
            Scenario::Truncated | Scenario::Stall | Scenario::ContextOverflow => (false, true),
            _ => (false, false),
        };
        assert_eq!(end.starts_with("completed"), answers || (rescued && !began), "{scenario}, {rescued}: {end}");
    }
}
