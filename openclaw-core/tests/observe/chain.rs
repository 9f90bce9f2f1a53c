//! What a chain tells of its decisions.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::auth::{CredentialFault, Fault, Profile, ProfileId, TokenCredential, UsageStats, after_fault};
use openclaw_core::failover::{Candidate, Chain};
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, VirtualAmbient};
use serde_json::{Value, json};

use crate::capture::{Capture, Fields};
use crate::common::{codex_candidate, end, openai_candidate, profile, run, store};

const DEFAULT: &str = "openai-codex:default";
const ME: &str = "openai-codex:me@example.invalid";

fn hash(id: &str) -> String {
    ProfileId::from(id).hashed()
}

fn of(event: &Fields, fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| event.get(*field).cloned().unwrap_or_else(|| "-".to_owned())).collect()
}

#[tokio::test]
async fn the_bug_that_started_it_is_told_as_what_it_is() {
    let server = Arc::new(TestServer::builder().scenario(Scenario::Challenge).start().await.unwrap());
    let other = TestServer::start().await.unwrap();
    let clock = VirtualAmbient::new(1);
    let store = store([profile(DEFAULT, "acct-1", "me"), profile(ME, "acct-1", "me")]);
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock));
    let builder = builder.candidate(openai_candidate(&other, &clock)).store(store).ambient(Arc::new(clock.clone()));
    let chain = builder.build().unwrap();
    let (capture, _guard) = Capture::start();
    end(&run(&chain).await).unwrap();

    let [decision] = &capture.named("embedded_run_failover_decision")[..] else { panic!("{:?}", capture.lines()) };
    let fields =
        ["stage", "decision", "failoverReason", "profileFailureReason", "status", "provider", "model", "profileId"];
    let told = of(decision, &fields);
    assert_eq!(told[..5], ["prompt", "fallback_model", "edge_blocked", "-", "403"]);
    assert_eq!(told[5..], ["openai-codex", "gpt-5.4", &hash(DEFAULT)]);
    assert_eq!(of(decision, &["fallbackConfigured", "timedOut", "aborted"]), ["true", "false", "false"]);
    let tags: Value = serde_json::from_str(&decision["tags"]).unwrap();
    assert_eq!(tags, json!(["error_handling", "failover", "prompt", "fallback_model"]));

    let [failed, succeeded] = &capture.named("model_fallback_decision")[..] else { panic!("{:?}", capture.lines()) };
    let fields =
        ["decision", "reason", "status", "httpCode", "attempt", "total", "nextCandidateProvider", "profileCount"];
    assert_eq!(of(failed, &fields), ["candidate_failed", "edge_blocked", "403", "403", "1", "2", "openai", "2"]);
    assert_eq!(of(succeeded, &fields), ["candidate_succeeded", "-", "-", "-", "2", "2", "-", "0"]);
    assert_eq!(of(succeeded, &["isPrimary", "requestedModelMatched", "candidateModel"]), ["false", "false", "gpt-5.4"]);
    let before: Value = serde_json::from_str(&succeeded["previousAttempts"]).unwrap();
    assert_eq!(
        before,
        json!([{"provider": "openai-codex", "model": "gpt-5.4", "reason": "edge_blocked", "status": 403}])
    );
    assert_eq!(failed["errorHash"], decision["rawErrorHash"]);

    let [ended] = &capture.named("embedded_run_agent_end")[..] else { panic!("one run, one end") };
    assert_eq!(of(ended, &["isError", "provider"]), ["false", "openai"]);
    assert!(capture.named("auth_profile_failure_state_updated").is_empty(), "no login was at fault");
    for event in [decision, failed, succeeded] {
        assert_eq!(event["runId"], ended["runId"]);
        assert_eq!(event["target"], openclaw_core::observe::TARGET);
    }

    // Spans: the chain, its attempts, their calls.
    let [chain_span] = &capture.spans("openclaw.chain")[..] else { panic!() };
    let (attempts, calls) = (capture.spans("openclaw.attempt"), capture.spans("chat"));
    assert_eq!((attempts.len(), calls.len()), (2, 2));
    for (attempt, call) in attempts.iter().zip(&calls) {
        assert_eq!((attempt.parent, call.parent), (Some(chain_span.id), Some(attempt.id)));
        assert!(attempt.closed && call.closed && attempt.entered > 0);
    }
    assert_eq!(attempts[0].fields["openclaw.profile"], hash(DEFAULT));
    assert_eq!(of(&attempts[0].fields, &["openclaw.attempt", "error.type"]), ["1", "edge_blocked"]);
    assert_eq!(of(&chain_span.fields, &["openclaw.attempts", "openclaw.candidates", "error.type"]), ["2", "2", "-"]);

    // While the breaker is open the primary is passed over: nothing came, so there is no status.
    capture.clear();
    end(&run(&chain).await).unwrap();
    let skipped = &capture.named("model_fallback_decision")[0];
    assert_eq!(of(skipped, &["decision", "reason", "status"]), ["skip_candidate", "edge_blocked", "-"]);
    assert!(capture.named("embedded_run_failover_decision").is_empty());
}

#[tokio::test]
async fn a_limit_is_noted_and_the_next_profile_is_asked() {
    let limited = Exchange::json(429, &json!({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}));
    let script =
        Script::new().exchange(limited.header("retry-after", "30")).exchange(Exchange::scenario(Scenario::Plain));
    let server = Arc::new(TestServer::builder().script(script).start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let store = store([profile(DEFAULT, "acct-1", "a"), profile(ME, "acct-2", "me")]);
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).store(store.clone());
    let chain = builder.ambient(Arc::new(clock.clone())).build().unwrap();
    let (capture, _guard) = Capture::start();
    end(&run(&chain).await).unwrap();
    let decision = &capture.named("embedded_run_failover_decision")[0];
    let told = of(decision, &["decision", "failoverReason", "profileFailureReason", "status", "fallbackConfigured"]);
    assert_eq!(told, ["rotate_profile", "rate_limited", "rate_limit", "429", "false"]);
    assert_eq!(decision["providerErrorType"], "rate_limit_exceeded");
    let noted = &capture.named("auth_profile_failure_state_updated")[0];
    let told =
        of(noted, &["profileId", "provider", "reason", "windowType", "windowReused", "errorCount", "failureCounts"]);
    assert_eq!(told[0], hash(DEFAULT));
    assert_eq!(told[1..], ["openai-codex", "rate_limit", "cooldown", "false", "1", r#"{"rate_limit":1}"#]);
    let until = crate::common::usage(&store, DEFAULT).await.cooldown_until.unwrap();
    let until = until.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis().to_string();
    assert_eq!(of(noted, &["previousCooldownUntil", "cooldownUntil"]), ["-".to_owned(), until]);
    assert_eq!(noted["runId"], decision["runId"]);
    assert_eq!(capture.named("model_fallback_decision").len(), 1, "only the answer: the candidate was not left");
}

#[tokio::test]
async fn the_rest_that_is_told_is_that_of_the_model_that_was_refused() {
    let limited = |seconds: u32| {
        let refusal = json!({"error": {"message": "slow down", "code": "rate_limit_exceeded"}});
        Exchange::json(429, &refusal).header("retry-after", seconds.to_string())
    };
    let script = Script::new().exchange(limited(36_000)).exchange(limited(90));
    let server = Arc::new(TestServer::builder().script(script).start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let store = store([profile(ME, "acct-1", "me")]);
    let (at, time) = (server.clone(), clock.clone());
    let other = Candidate::with_profiles("openai-codex/gpt-5.5".parse().unwrap(), move |profile| {
        crate::common::codex(&at, profile, &time)
    });
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).candidate(other).store(store);
    let chain = builder.ambient(Arc::new(clock.clone())).build().unwrap();
    let (capture, _guard) = Capture::start();
    end(&run(&chain).await).unwrap_err();
    use openclaw_core::ambient::Ambient as _;
    let now = clock.now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let told: Vec<_> = capture
        .named("auth_profile_failure_state_updated")
        .iter()
        .map(|event| of(event, &["previousCooldownUntil", "cooldownUntil", "windowReused", "errorCount"]))
        .collect();
    let row = |until: u128, errors: &str| {
        ["-".to_owned(), (now + until * 1000).to_string(), "false".to_owned(), errors.to_owned()]
    };
    assert_eq!(told, [row(36_000, "1").to_vec(), row(90, "2").to_vec()]);
}

#[tokio::test]
async fn the_same_again_and_the_end_of_all() {
    let script = Script::new().exchange(Exchange::scenario(Scenario::Overloaded).forever());
    let server = Arc::new(TestServer::builder().script(script).start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let store = store([profile(ME, "acct-1", "a")]);
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).store(store);
    let chain = builder.ambient(Arc::new(clock.clone())).build().unwrap();
    let (capture, _guard) = Capture::start();
    let error = end(&run(&chain).await).unwrap_err();
    let decisions: Vec<_> =
        capture.named("embedded_run_failover_decision").iter().map(|event| event["decision"].clone()).collect();
    let (last, others) = decisions.split_last().unwrap();
    assert_eq!(last, "surface_error");
    assert!(!others.is_empty() && others.iter().all(|decision| decision == "retry_same"), "{decisions:?}");
    let hashes: std::collections::BTreeSet<_> =
        capture.named("embedded_run_failover_decision").iter().map(|e| e["rawErrorHash"].clone()).collect();
    assert_eq!(hashes.len(), 1, "the same fault each time");
    let ended = &capture.named("embedded_run_agent_end")[0];
    assert_eq!((ended["isError"].as_str(), ended["failoverReason"].as_str()), ("true", error.kind().as_str()));
    assert_eq!(capture.spans("openclaw.chain")[0].fields["error.type"], error.kind().as_str());
}

#[tokio::test]
async fn a_time_that_is_up_is_told_as_the_end() {
    let server = Arc::new(TestServer::builder().scenario(Scenario::Challenge).start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let store = store([profile(ME, "acct-1", "a")]);
    let stalled = Script::new().exchange(Exchange::new(200).stall());
    server.set_script(stalled);
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).store(store);
    let chain = builder.build().unwrap();
    let mut options = openclaw_core::CallOptions::new();
    options.timeouts = openclaw_core::transport::CallTimeouts::with_total(Duration::from_millis(50));
    let (capture, _guard) = Capture::start();
    let events = crate::common::run_with(&chain, &crate::common::hello(), &options).await;
    end(&events).unwrap_err();
    let decision = &capture.named("embedded_run_failover_decision")[0];
    assert_eq!(of(decision, &["decision", "timedOut", "status"]), ["surface_error", "true", "-"]);
}

#[tokio::test]
async fn a_profile_that_rests_is_named_by_its_hash_only() {
    let server = Arc::new(TestServer::start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    use openclaw_core::ambient::Ambient as _;
    use openclaw_core::auth::CredentialStore as _;
    // Names without an e-mail address are names too.
    let store = store([profile("openai-codex:work", "acct-1", "a"), profile("my own login", "acct-2", "b")]);
    let rest =
        |what| after_fault(&UsageStats::default(), &Fault::new(what, "openai-codex"), &Default::default(), clock.now());
    store
        .update(&mut |profiles| {
            profiles.set_usage(&"openai-codex:work".into(), &rest(CredentialFault::RateLimit));
            profiles.set_usage(&"my own login".into(), &rest(CredentialFault::RateLimit));
            Ok(())
        })
        .await
        .unwrap();
    let builder = Chain::builder().candidate(codex_candidate(&server, &clock)).store(store);
    let chain = builder.ambient(Arc::new(clock.clone())).build().unwrap();
    let (capture, _guard) = Capture::start();
    let error = end(&run(&chain).await).unwrap_err();
    assert!(error.message().contains("openai-codex:work"), "a person is told: {error}");
    let skipped = &capture.named("model_fallback_decision")[0];
    assert_eq!(of(skipped, &["decision", "reason", "status"]), ["skip_candidate", "rate_limited", "-"]);
    // One that cannot be asked at all stands in the text as well.
    let mut login = TokenCredential::new("a-token-that-ended-77");
    login.expires = Some(std::time::UNIX_EPOCH + Duration::from_secs(1));
    let gone = crate::common::store([Profile::new("gone one", crate::common::codex_id(), login)]);
    let chain = Chain::builder().candidate(codex_candidate(&server, &clock)).store(gone);
    let error = end(&run(&chain.build().unwrap()).await).unwrap_err();
    assert!(error.message().contains("gone one"), "{error}");
    for line in capture.lines() {
        for id in ["openai-codex:work", "my own login", "gone one"] {
            assert!(!line.contains(id), "{id}: {line}");
        }
    }
    assert!(capture.lines().iter().any(|line| line.contains(&hash("openai-codex:work"))));
}
