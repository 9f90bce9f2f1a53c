//! The bug that started it: a bot challenge in front of `/codex/responses`, two profiles of one account.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::ambient::Ambient;
use openclaw_core::auth::CredentialStore;
use openclaw_core::failover::Chain;
use openclaw_core::testing::{Scenario, TestServer, VirtualAmbient};
use openclaw_core::{Advice, ErrorKind, Event};

use crate::common::{codex_candidate, elapsed, end, last_good, moves, openai_candidate, profile, run, store, usage};

const PROFILES: [&str; 2] = ["openai-codex:default", "openai-codex:me@example.invalid"];

#[tokio::test]
async fn without_a_fallback_one_request_is_made_and_the_block_is_named() {
    let server = Arc::new(TestServer::builder().scenario(Scenario::Challenge).start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let store = store(PROFILES.map(|id| profile(id, "acct-1", "me")));
    let was_good = &mut |profiles: &mut openclaw_core::auth::Profiles| {
        profiles.set_last_good(&crate::common::codex_id(), Some(&PROFILES[1].into()));
        Ok(())
    };
    store.update(was_good).await.unwrap();
    let before = store.load().await.unwrap();
    let chain = Chain::builder()
        .candidate(codex_candidate(&server, &clock))
        .store(store.clone())
        .ambient(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let events = run(&chain).await;
    let error = end(&events).unwrap_err();
    assert_eq!((error.kind(), error.advice()), (ErrorKind::EdgeBlocked, Advice::OtherProvider));
    assert!(error.message().contains("browser challenge"), "{error}");
    assert!(error.message().contains("login was not the cause"), "{error}");
    assert!(error.cf_ray().is_some());
    let tried: Vec<_> = error.attempts().iter().map(|a| (a.model.as_str(), a.profile.as_deref(), a.kind)).collect();
    assert_eq!(tried, [("gpt-5.4", Some(PROFILES[0]), ErrorKind::EdgeBlocked)]);
    assert_eq!(error.usable_at(), Some(clock.now() + Duration::from_secs(60)));
    assert_eq!((server.request_count(), moves(&events).len()), (1, 0));
    assert!(elapsed(&clock) <= Duration::from_secs(1));
    // No profile was touched.
    for id in PROFILES {
        assert_eq!(usage(&store, id).await, Default::default());
    }
    assert_eq!(last_good(&store).await.as_deref(), Some(PROFILES[1]));
    let after = store.load().await.unwrap();
    use secrecy::ExposeSecret;
    assert_eq!(after.to_text().expose_secret(), before.to_text().expose_secret());

    // For a minute nobody asks again, and who calls is told so.
    let again = end(&run(&chain).await).unwrap_err();
    assert_eq!((again.kind(), server.request_count()), (ErrorKind::EdgeBlocked, 1));
    assert!(again.message().contains("was not asked for 60 s more"), "{again}");
    assert!(again.usable_at().is_some() && again.http_status().is_none());

    // Lists and usage do not care.
    use openclaw_core::Provider;
    assert!(!chain.models().await.unwrap().is_empty());
    assert!(chain.plan_usage().await.unwrap().plan_type.is_some());

    // Then one call tries.
    clock.advance(Duration::from_secs(61));
    server.set_scenario(Scenario::Plain);
    server.clear();
    assert!(end(&run(&chain).await).is_ok());
    assert_eq!(server.request_count(), 1);
    assert_eq!(last_good(&store).await.as_deref(), Some(PROFILES[0]));
}

#[tokio::test]
async fn with_a_fallback_the_answer_comes_from_there() {
    let server = Arc::new(TestServer::builder().scenario(Scenario::Challenge).start().await.unwrap());
    let other = TestServer::start().await.unwrap();
    let clock = VirtualAmbient::new(1);
    let store = store(PROFILES.map(|id| profile(id, "acct-1", "me")));
    let chain = Chain::builder()
        .candidate(codex_candidate(&server, &clock))
        .candidate(openai_candidate(&other, &clock))
        .store(store.clone())
        .ambient(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let events = run(&chain).await;
    assert_eq!(end(&events).unwrap().provider, "openai");
    assert_eq!(moves(&events), [Some("openai/gpt-5.4".to_owned())]);
    assert_eq!((server.request_count(), other.request_count()), (1, 1));
    assert!(elapsed(&clock) <= Duration::from_secs(1));
    for id in PROFILES {
        assert_eq!(usage(&store, id).await, Default::default());
    }
    assert_eq!(last_good(&store).await, None);

    // The next call goes to the fallback at once, and says why.
    let events = run(&chain).await;
    let response = end(&events).unwrap();
    assert_eq!((server.request_count(), other.request_count()), (1, 2));
    assert!(moves(&events).is_empty());
    let skipped = response.warnings.iter().find(|w| w.code == "candidate_skipped").unwrap();
    assert_eq!(skipped.subject, "openai-codex/gpt-5.4");
    assert!(skipped.message.contains("browser challenge"), "{}", skipped.message);
    assert!(matches!(&events[0], Ok(Event::Warning(w)) if w.code == "candidate_skipped"));
}

#[tokio::test]
async fn a_block_of_the_sign_in_is_not_one_of_the_models() {
    use openclaw_core::{
        CodexProvider, Error, Stage,
        auth::{AccessToken, TokenSource},
    };
    #[derive(Debug)]
    struct Blocked;
    #[async_trait::async_trait]
    impl TokenSource for Blocked {
        async fn token(&self) -> openclaw_core::Result<AccessToken> {
            let error = Error::new(ErrorKind::EdgeBlocked, Stage::Responded, "the sign-in is blocked");
            Err(error.with_url("https://auth.openai.com/oauth/token"))
        }
    }
    let server = Arc::new(TestServer::start().await.unwrap());
    let clock = VirtualAmbient::new(1);
    let profiles = [profile("openai-codex:a", "acct-1", "a"), profile("openai-codex:b", "acct-2", "b")];
    let (at, time) = (server.clone(), clock.clone());
    let candidate =
        openclaw_core::failover::Candidate::with_profiles(crate::common::MODEL.parse().unwrap(), move |p| {
            if p.id.as_str() == "openai-codex:a" {
                let builder = CodexProvider::builder().token_source(Arc::new(Blocked)).base_url(at.codex_base_url());
                return Ok(Arc::new(builder.build()?));
            }
            crate::common::codex(&at, p, &time)
        });
    let chain = Chain::builder().candidate(candidate).store(store(profiles)).ambient(Arc::new(clock)).build().unwrap();
    let events = run(&chain).await;
    assert!(end(&events).is_ok());
    assert_eq!(moves(&events), [Some("openai-codex:b".to_owned())]);
}
