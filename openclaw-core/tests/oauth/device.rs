use std::time::Duration;

use openclaw_core::auth::oauth::SignIn;
use openclaw_core::testing::{Exchange, IssuerFault, Script, TestServer, VirtualAmbient};
use openclaw_core::{Advice, ErrorKind};
use serde_json::json;

use super::person::{Person, endpoint_with, oauth};

const POLL: &str = "/api/accounts/deviceauth/token";

fn seconds(list: &[u64]) -> Vec<Duration> {
    list.iter().copied().map(Duration::from_secs).collect()
}

/// A sign-in on a clock that skips every wait, and the person who types the code after so many questions.
async fn run(
    server: &TestServer,
    polls: u32,
    allow: bool,
) -> (openclaw_core::Result<openclaw_core::auth::Profile>, Vec<Duration>) {
    let clock = VirtualAmbient::new(8);
    let sign_in = SignIn::new(endpoint_with(server, &clock));
    let person = Person::new();
    let approve = async {
        let code = person.code().await;
        assert_eq!(code.url, format!("{}/codex/device", server.issuer_url()));
        while server.issuer_counts().device_polls < polls {
            tokio::task::yield_now().await;
        }
        assert!(server.decide_device(&code.code, allow));
        // Stays, so that the end of the other future decides.
        std::future::pending::<()>().await;
    };
    let outcome = tokio::select! {
        outcome = sign_in.device(&person) => outcome,
        () = approve => unreachable!(),
    };
    (outcome, clock.slept())
}

#[tokio::test]
async fn a_code_is_typed_after_some_questions() {
    let server = TestServer::start().await.unwrap();
    let (profile, slept) = run(&server, 3, true).await;
    let profile = profile.unwrap();
    assert_eq!(profile.email.as_deref(), Some("sam@example.test"));
    assert_eq!(oauth(&profile).issuer.as_deref(), Some(server.issuer_url().as_str()));
    assert!(slept.len() >= 4 && slept.iter().all(|s| *s == Duration::from_secs(5)), "{slept:?}");
}

#[tokio::test]
async fn the_person_declines_on_the_other_device() {
    let server = TestServer::start().await.unwrap();
    let (outcome, _) = run(&server, 1, false).await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn slow_down_makes_the_questions_rarer() {
    let server = TestServer::start().await.unwrap();
    server.set_script(
        Script::new()
            .exchange(slow().path(POLL).times(2))
            .exchange(Exchange::new(403).path(POLL)) // empty, as if pending
            .exchange(Exchange::json(404, &json!({"detail": "Not Found"})).path(POLL)),
    );
    let clock = VirtualAmbient::new(9);
    let sign_in = SignIn::new(endpoint_with(&server, &clock));
    let person = Person::new();
    let approve = async {
        let code = person.code().await.code;
        server.decide_device(&code, true);
    };
    let (profile, ()) = tokio::join!(sign_in.device(&person), approve);
    assert!(profile.is_ok(), "{profile:?}");
    assert_eq!(clock.slept(), seconds(&[5, 10, 15, 15, 15]));
}

fn slow() -> Exchange {
    Exchange::json(429, &json!({"error": {"code": "slow_down", "message": "slower"}}))
}

#[tokio::test]
async fn a_block_page_is_told_at_once_and_not_after_15_minutes() {
    let server = TestServer::start().await.unwrap();
    server.set_script(
        Script::new().exchange(Exchange::page(&openclaw_core::testing::pages::challenge(1)).path(POLL).forever()),
    );
    let clock = VirtualAmbient::new(10);
    let error = SignIn::new(endpoint_with(&server, &clock)).device(&Person::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EdgeBlocked);
    assert_eq!(error.http_status(), Some(403));
    assert_eq!(clock.slept(), seconds(&[5]));
    // Any other page of these statuses is no "pending" either.
    let page =
        Exchange::new(404).path(POLL).forever().header("content-type", "text/html").send("<h1>Nothing here</h1>");
    server.set_script(Script::new().exchange(page));
    let clock = VirtualAmbient::new(10);
    assert!(SignIn::new(endpoint_with(&server, &clock)).device(&Person::new()).await.is_err());
    assert_eq!(clock.slept(), seconds(&[5]));
}

#[tokio::test]
async fn a_code_that_nobody_types_ends() {
    let server = TestServer::start().await.unwrap();
    let clock = VirtualAmbient::new(11);
    let error = SignIn::new(endpoint_with(&server, &clock)).device(&Person::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.advice()), (ErrorKind::Timeout, Advice::SignIn));
    assert_eq!(clock.slept().iter().sum::<Duration>(), Duration::from_secs(900));
}

#[tokio::test]
async fn a_server_without_device_codes_says_what_else_there_is() {
    let server = TestServer::start().await.unwrap();
    server.fail_sign_in(IssuerFault::NoDeviceCodes, 1);
    let clock = VirtualAmbient::new(12);
    let error = SignIn::new(endpoint_with(&server, &clock)).device(&Person::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.message().contains("browser") && error.message().contains("security settings"), "{error}");
}

#[tokio::test]
async fn a_network_that_stumbles_is_asked_again_three_times() {
    let server = TestServer::start().await.unwrap();
    let broken = || Exchange::json(503, &json!({"detail": "no"})).path(POLL);
    server.set_script(Script::new().exchange(broken().times(3)));
    let (profile, slept) = run(&server, 0, true).await;
    assert!(profile.is_ok(), "{profile:?}");
    assert_eq!(slept.len(), 4);
    server.set_script(Script::new().exchange(broken().forever()));
    let clock = VirtualAmbient::new(13);
    let person = Person::new();
    let error = SignIn::new(endpoint_with(&server, &clock)).device(&person).await.unwrap_err();
    assert_eq!(error.http_status(), Some(503), "{error:?}");
    assert_eq!(person.steps.lock().unwrap().iter().filter(|step| step.contains("AskingAgain")).count(), 3);
}

#[tokio::test]
async fn a_word_that_no_waiting_changes_ends_it_at_once() {
    for (status, code) in
        [(403, "unsupported_country_region_territory"), (403, "workspace_not_allowed"), (404, "deviceauth_not_found")]
    {
        let server = TestServer::start().await.unwrap();
        let refused = json!({"error": {"message": "m", "type": "invalid_request_error", "code": code}});
        server.set_script(Script::new().exchange(Exchange::json(status, &refused).path(POLL).times(9)));
        let sign_in = SignIn::new(endpoint_with(&server, &VirtualAmbient::new(9)));
        let error = sign_in.device(&Person::new()).await.unwrap_err();
        assert_eq!((error.http_status(), error.code()), (Some(status), Some(code)), "{error:?}");
        let polls = server.requests().iter().filter(|request| request.path == POLL).count();
        assert_eq!(polls, 1, "{code}");
    }
    // What says that nobody typed it yet goes on.
    let server = TestServer::start().await.unwrap();
    let pending = |code: &str| Exchange::json(403, &json!({"error": {"code": code}})).path(POLL);
    let words = ["deviceauth_authorization_pending", "deviceauth_authorization_unknown", "authorization_pending"];
    server.set_script(words.iter().fold(Script::new(), |script, word| script.exchange(pending(word))));
    let sign_in = SignIn::new(endpoint_with(&server, &VirtualAmbient::new(9)));
    let person = Person::new();
    let approve = async { server.decide_device(&person.code().await.code, true) };
    assert!(tokio::join!(sign_in.device(&person), approve).0.is_ok());
}
