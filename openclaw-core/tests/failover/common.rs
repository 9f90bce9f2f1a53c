//! What the tests of chains share.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::ambient::Ambient;
use openclaw_core::auth::{
    AccessToken, CredentialStore, MemoryStore, OAuthCredential, Profile, ProfileId, Profiles, TokenCredential,
};
use openclaw_core::failover::{Candidate, Chain};
use openclaw_core::testing::{ForgedToken, TestServer, VirtualAmbient};
use openclaw_core::{
    CallOptions, CodexProvider, Event, EventStream, OpenAiProvider, Provider, ProviderId, Request, Result,
};
use secrecy::ExposeSecret;

pub const MODEL: &str = "openai-codex/gpt-5.4";
pub const FALLBACK: &str = "openai/gpt-5.4";

pub fn codex_id() -> ProviderId {
    ProviderId::new(ProviderId::CODEX)
}

pub fn hello() -> Request {
    Request::new("").user("hi")
}

/// A signed-in profile of this account and person.
pub fn profile(id: &str, account: &str, user: &str) -> Profile {
    let token = ForgedToken::new(account).user_id(user).email(format!("{user}@example.invalid")).build();
    let credential = OAuthCredential::new(token, Some("refresh-secret-0001".into()));
    Profile::new(id, codex_id(), credential)
}

/// A pasted token, which nothing renews.
pub fn pasted(id: &str, account: &str, user: &str) -> Profile {
    let token = ForgedToken::new(account).user_id(user).email(format!("{user}@example.invalid")).build();
    Profile::new(id, codex_id(), TokenCredential::new(token.as_str()))
}

/// A store of these profiles, asked in this order.
pub fn store(profiles: impl IntoIterator<Item = Profile>) -> Arc<MemoryStore> {
    let mut all = Profiles::default();
    let mut order = Vec::new();
    for profile in profiles {
        order.push(profile.id.clone());
        all.put(profile);
    }
    all.set_order(&codex_id(), Some(&order));
    Arc::new(MemoryStore::new(all))
}

/// The token of a profile.
pub fn token(profile: &Profile) -> AccessToken {
    use openclaw_core::auth::Credential;
    let secret = match &profile.credential {
        Credential::OAuth(oauth) => oauth.access.expose_secret().to_owned(),
        Credential::Token(token) => token.token.plain().map(|t| t.expose_secret().to_owned()).unwrap_or_default(),
        _ => String::new(),
    };
    let mut token = AccessToken::new(secret);
    token.profile = Some(profile.id.as_str().to_owned());
    token
}

pub fn codex(server: &TestServer, profile: &Profile, clock: &VirtualAmbient) -> Result<Arc<dyn Provider>> {
    let builder = CodexProvider::builder().token(token(profile)).base_url(server.codex_base_url());
    Ok(Arc::new(builder.ambient(Arc::new(clock.clone())).build()?))
}

pub fn codex_candidate(server: &Arc<TestServer>, clock: &VirtualAmbient) -> Candidate {
    let (server, clock) = (server.clone(), clock.clone());
    Candidate::with_profiles(MODEL.parse().unwrap(), move |profile| codex(&server, profile, &clock))
}

pub fn openai_candidate(server: &TestServer, clock: &VirtualAmbient) -> Candidate {
    let builder = OpenAiProvider::builder().api_key("sk-fallback-key-1").base_url(server.platform_base_url());
    let provider = builder.ambient(Arc::new(clock.clone())).build().unwrap();
    Candidate::new(FALLBACK.parse().unwrap(), provider)
}

pub async fn collect(mut stream: EventStream) -> Vec<Result<Event>> {
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push(event);
    }
    events
}

pub async fn run(chain: &Chain) -> Vec<Result<Event>> {
    run_with(chain, &hello(), &CallOptions::new()).await
}

pub async fn run_with(chain: &Chain, request: &Request, options: &CallOptions) -> Vec<Result<Event>> {
    let events = collect(chain.stream(request, options).await.unwrap()).await;
    openclaw_core::testing::conformance::check_events(&events).unwrap_or_else(|why| panic!("{why}: {events:#?}"));
    events
}

/// The whole answer, or the error.
pub fn end(events: &[Result<Event>]) -> Result<&openclaw_core::Response> {
    match events.last() {
        Some(Ok(Event::Completed(response))) => Ok(response),
        Some(Err(error)) => Err(error.clone()),
        other => panic!("no end: {other:?}"),
    }
}

/// Where each `Retrying` leads: a profile, a model, or nothing for the same again.
pub fn moves(events: &[Result<Event>]) -> Vec<Option<String>> {
    let step = |event: &Result<Event>| match event {
        Ok(Event::Retrying { next, .. }) => Some(next.as_ref().map(|next| match &next.profile {
            Some(profile) => profile.clone(),
            None => format!("{}/{}", next.provider, next.model),
        })),
        _ => None,
    };
    events.iter().filter_map(step).collect()
}

pub async fn usage(store: &MemoryStore, id: &str) -> openclaw_core::auth::UsageStats {
    store.load().await.unwrap().usage(&ProfileId::from(id))
}

pub async fn last_good(store: &MemoryStore) -> Option<String> {
    store.load().await.unwrap().last_good(&codex_id()).map(|id| id.as_str().to_owned())
}

pub fn elapsed(clock: &VirtualAmbient) -> std::time::Duration {
    clock.monotonic()
}

/// Lets a call run; while it waits for what does not come, the clock is moved, a step at a time.
pub async fn with_moving_clock<T>(call: impl Future<Output = T>, clock: &VirtualAmbient, step: Duration) -> T {
    tokio::pin!(call);
    loop {
        tokio::select! {
            biased;
            outcome = &mut call => return outcome,
            () = tokio::task::yield_now() => clock.advance(step),
        }
    }
}
