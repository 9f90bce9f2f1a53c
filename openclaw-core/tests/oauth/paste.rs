use openclaw_core::auth::oauth::{SignIn, SignInPrompt};
use openclaw_core::testing::{TestServer, VirtualAmbient};
use openclaw_core::{Error, ErrorKind, Result};
use secrecy::SecretString;

use super::person::{Person, answer_of, callback_of, endpoint_with, sign_in};

#[tokio::test]
async fn the_whole_address_is_pasted() {
    let server = TestServer::start().await.unwrap();
    let person = Person::pasting(&["PAGE"]);
    let profile = sign_in(&server).paste(&person).await.unwrap();
    assert_eq!(profile.id.as_str(), "openai-codex:sam@example.test");
    // Port 0 is nobody's address.
    assert_eq!(callback_of(&person.url().await).0, "http://localhost:1455/auth/callback");
}

#[tokio::test]
async fn the_answer_to_another_sign_in_is_asked_for_again() {
    let server = TestServer::start().await.unwrap();
    let old = Person::new();
    let other = sign_in(&server);
    let stale = {
        let flow = other.browser(&old);
        tokio::pin!(flow);
        tokio::select! {
            outcome = &mut flow => panic!("{outcome:?}"),
            answer = async { answer_of(&old.url().await, "continue").await } => answer,
        }
    };
    let person = Person::pasting(&[&stale, "http://localhost/?x=1", "PAGE"]);
    assert!(sign_in(&server).paste(&person).await.is_ok());
    let complaints = person.complaints.lock().unwrap().join(" | ");
    assert!(complaints.contains("another sign-in") && complaints.contains("neither a code"), "{complaints}");
    assert!(!complaints.contains("ac_"), "{complaints}");
    assert_eq!(server.issuer_counts().exchanges, 1);
}

#[tokio::test]
async fn wrong_pastes_are_told_and_asked_for_again_and_enter_alone_is_nothing() {
    let server = TestServer::start().await.unwrap();
    let wrong =
        ["\n", "no code ü", "", "  ", "no code ü", "\n", "no code ü", "no code ü", "no code ü", "no code ü", "PAGE"];
    let person = Person::pasting(&wrong);
    assert!(sign_in(&server).paste(&person).await.is_ok());
    assert_eq!(person.complaints.lock().unwrap().len(), 6);
    // Beside a browser too, which is waited for meanwhile.
    let person = Person::pasting(&["", "\n", "no code ü", "", "", "", "PAGE"]);
    assert!(sign_in(&server).browser(&person).await.is_ok());
    assert_eq!(person.complaints.lock().unwrap().len(), 1);
}

/// Answers at once, and always wrong.
struct Broken;

#[async_trait::async_trait]
impl SignInPrompt for Broken {
    fn show_url(&self, _: &str) {}

    async fn paste(&self, _: Option<&Error>) -> Result<SecretString> {
        Ok("no code ü".into())
    }
}

#[tokio::test]
async fn wrong_pastes_without_end_are_ended_by_the_time_limit() {
    let server = TestServer::start().await.unwrap();
    let clock = VirtualAmbient::new(3);
    let sign_in = SignIn::new(endpoint_with(&server, &clock)).callback_ports([0]);
    assert_eq!(sign_in.paste(&Broken).await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(sign_in.browser(&Broken).await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(server.issuer_counts().exchanges, 0);
}

#[tokio::test]
async fn a_code_that_was_made_up_is_refused_by_the_server() {
    let server = TestServer::start().await.unwrap();
    let error = sign_in(&server).paste(&Person::pasting(&["ac_made_up_by_somebody"])).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::AuthInvalid, Some("invalid_grant")));
    assert!(!format!("{error:?}").contains("made_up"), "{error:?}");
}
