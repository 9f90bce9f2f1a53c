//! Everything that is logged, by us and by the crates below, during all that handles secrets: none of them is there.

use std::sync::Arc;

use openclaw_core::auth::oauth::{Issuer, SignIn, TokenEndpoint};
use openclaw_core::auth::{AccessToken, CredentialStore, OAuthCredential, Profile, ProfileTokens, Profiles};
use openclaw_core::failover::{Candidate, Chain};
use openclaw_core::testing::{Exchange, ForgedToken, IssuerFault, Scenario, Script, TestServer, VirtualAmbient, pages};
use openclaw_core::{AnthropicProvider, CallOptions, CodexProvider, OpenAiProvider, Provider, Request};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::capture::{Capture, OLD, OldLog};
use crate::common::codex_id;
use crate::person::{Person, answer_of, visit};

const MAIL: &str = "nobody.special@example.invalid";
const KEY: &str = "sk-proj-0123456789abcdefKEYKEY";
const ODD_KEY: &str = "a key of no known form 77";
const PROMPT: &str = "the question that nobody may read";

fn me() -> ForgedToken {
    ForgedToken::new("acct-secret-77").user_id("user-77").email(MAIL)
}

/// Calls that are answered, refused, cut, and answered by pages that quote what was sent.
async fn calls(server: &TestServer, token: &str) {
    let mut access = AccessToken::new(token);
    access.profile = Some(format!("openai-codex:{MAIL}"));
    let codex = CodexProvider::builder().token(access).base_url(server.codex_base_url());
    let codex = codex.ambient(Arc::new(VirtualAmbient::new(1))).build().unwrap();
    let openai = OpenAiProvider::builder().api_key(ODD_KEY).base_url(server.platform_base_url());
    let openai = openai.ambient(Arc::new(VirtualAmbient::new(2))).build().unwrap();
    let claude = AnthropicProvider::builder().api_key(KEY).base_url(server.base_url());
    let claude = claude.ambient(Arc::new(VirtualAmbient::new(3))).build().unwrap();
    let providers: [&dyn Provider; 3] = [&codex, &openai, &claude];
    let request = Request::new("gpt-5.4").user(PROMPT);
    for scenario in Scenario::ALL.iter().filter(|s| !matches!(s, Scenario::Stall | Scenario::Slow)) {
        server.set_scenario(*scenario);
        for provider in providers {
            let _ = provider.complete(&request, &CallOptions::new()).await;
            let _ = provider.models().await;
            let _ = provider.plan_usage().await;
        }
    }
    // The other side says it all back.
    let echo = format!(
        "no: Authorization: Bearer {token} {KEY} {ODD_KEY} {MAIL} Cookie: first={KEY}; second={token} \
         http://x.example/cb?code=ac_0123456789abcdef&state=1"
    );
    let body =
        json!({"error": {"message": echo, "code": KEY, "access_token": token, "refresh": "rt_0123456789abcdef77"}});
    let refused = Exchange::json(400, &body).header("x-request-id", "req_1").header("set-cookie", format!("a={KEY}"));
    server.set_script(Script::new().exchange(refused.forever()).check_requests(false));
    for provider in providers {
        provider.complete(&request, &CallOptions::new()).await.unwrap_err();
    }
    server.set_script(Script::new().exchange(Exchange::page(&pages::challenge(3)).forever()).check_requests(false));
    for provider in providers {
        provider.complete(&request, &CallOptions::new()).await.unwrap_err();
    }
}

/// A chain whose profiles are refreshed, refused and skipped.
async fn chain(server: &Arc<TestServer>, secrets: &mut Vec<String>) {
    let issuer = Issuer::new(&server.issuer_url()).unwrap();
    let refresher = Arc::new(TokenEndpoint::builder().issuer(issuer).build().unwrap());
    for fault in [None, Some(IssuerFault::RefreshTokenReused), Some(IssuerFault::EdgeBlock)] {
        let mut profiles = Profiles::default();
        for name in [MAIL, "second.person@example.invalid"] {
            let issued = server.issue_tokens(&me());
            let ended = me().expired_for(std::time::Duration::from_secs(60)).build();
            secrets.extend([issued.refresh_token.clone(), issued.access_token.clone(), ended.clone()]);
            let mut login = OAuthCredential::new(ended, Some(issued.refresh_token.into()));
            login.issuer = Some(server.issuer_url());
            profiles.put(Profile::new(format!("openai-codex:{name}"), codex_id(), login));
        }
        let store: Arc<dyn CredentialStore> = Arc::new(openclaw_core::auth::MemoryStore::new(profiles));
        if let Some(fault) = fault {
            server.fail_sign_in(fault, 10);
        }
        let (logins, refresher, at) = (store.clone(), refresher.clone(), server.clone());
        let candidate = Candidate::with_profiles("openai-codex/gpt-5.4".parse().unwrap(), move |profile| {
            let tokens = ProfileTokens::new(logins.clone(), profile.id.clone(), refresher.clone());
            let builder = CodexProvider::builder().token_source(Arc::new(tokens)).base_url(at.codex_base_url());
            Ok(Arc::new(builder.build()?))
        });
        let chain =
            Chain::builder().candidate(candidate).store(store.clone()).ambient(Arc::new(VirtualAmbient::new(4)));
        let chain = chain.build().unwrap();
        for scenario in [Scenario::Plain, Scenario::UsageLimit, Scenario::Plain, Scenario::Challenge] {
            server.set_scenario(scenario);
            let outcome = chain.complete(&Request::new("").user(PROMPT), &CallOptions::new()).await;
            assert!(fault.is_none() || outcome.is_err());
        }
        server.fail_sign_in(IssuerFault::EdgeBlock, 0);
        for profile in store.load().await.unwrap().iter() {
            if let openclaw_core::auth::Credential::OAuth(oauth) = &profile.credential {
                secrets.push(oauth.access.expose_secret().to_owned());
                secrets.extend(oauth.refresh.iter().chain(&oauth.id_token).map(|s| s.expose_secret().to_owned()));
            }
        }
    }
}

/// A sign-in in the browser, and one that the login server refuses.
async fn sign_in(server: &TestServer, secrets: &mut Vec<String>) {
    server.set_person(me());
    let issuer = Issuer::new(&server.issuer_url()).unwrap();
    let sign_in = SignIn::new(TokenEndpoint::builder().issuer(issuer).build().unwrap()).callback_ports([0]);
    for refused in [false, true] {
        let person = Person::new();
        if refused {
            server.fail_sign_in(IssuerFault::InvalidGrant, 1);
        }
        let browse = async {
            let back = answer_of(&person.url().await, "continue").await;
            visit(&back).await;
            back
        };
        let (outcome, back) = tokio::join!(sign_in.browser(&person), browse);
        let back = reqwest::Url::parse(&back).unwrap();
        secrets
            .extend(back.query_pairs().filter(|(key, _)| key == "code" || key == "state").map(|(_, v)| v.into_owned()));
        if let Ok(profile) = outcome {
            let oauth = crate::person::oauth(&profile);
            secrets.push(oauth.access.expose_secret().to_owned());
            secrets.extend(oauth.refresh.iter().chain(&oauth.id_token).map(|s| s.expose_secret().to_owned()));
        }
    }
}

#[tokio::test]
async fn no_secret_and_nobodys_name_is_in_any_line() {
    OldLog::start();
    let (capture, _guard) = Capture::start();
    let server = Arc::new(TestServer::start().await.unwrap());
    let token = me().build();
    let mut secrets = vec![token.clone(), KEY.to_owned(), ODD_KEY.to_owned(), PROMPT.to_owned(), MAIL.to_owned()];
    secrets.extend(
        ["nobody.special", "second.person", "acct-secret-77", "rt_0123456789abcdef77", "ac_0123456789abcdef"]
            .map(str::to_owned),
    );
    calls(&server, &token).await;
    chain(&server, &mut secrets).await;
    sign_in(&server, &mut secrets).await;
    let lines = capture.lines();
    let old: Vec<String> = OLD.lock().unwrap().clone();
    assert!(lines.len() > 200 && !old.is_empty(), "{} and {} lines were seen", lines.len(), old.len());
    for event in [
        "embedded_run_agent_end",
        "embedded_run_failover_decision",
        "model_fallback_decision",
        "auth_profile_failure_state_updated",
    ] {
        assert!(!capture.named(event).is_empty(), "{event}");
    }
    assert!(!capture.spans("openclaw.refresh").is_empty());
    for line in lines.iter().chain(&old) {
        // A token is also its parts.
        for secret in &secrets {
            let parts = [secret.as_str()].into_iter().chain(secret.split('.').filter(|part| part.len() >= 16));
            for part in parts {
                assert!(!line.contains(part), "{part}\n{line}");
            }
        }
    }
}
