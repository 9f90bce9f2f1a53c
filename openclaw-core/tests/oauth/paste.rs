use openclaw_core::ErrorKind;
use openclaw_core::testing::TestServer;

use super::person::{Person, answer_of, callback_of, sign_in};

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
    let person = Person::pasting(&[&stale, "", "PAGE"]);
    assert!(sign_in(&server).paste(&person).await.is_ok());
    let complaints = person.complaints.lock().unwrap().join(" | ");
    assert!(complaints.contains("another sign-in") && complaints.contains("empty"), "{complaints}");
    assert!(!complaints.contains("ac_"), "{complaints}");
    assert_eq!(server.issuer_counts().exchanges, 1);
}

#[tokio::test]
async fn five_wrong_pastes_end_it() {
    let server = TestServer::start().await.unwrap();
    let person = Person::pasting(&[""; 9]);
    let error = sign_in(&server).paste(&person).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthInvalid);
    assert_eq!(person.complaints.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_code_that_was_made_up_is_refused_by_the_server() {
    let server = TestServer::start().await.unwrap();
    let error = sign_in(&server).paste(&Person::pasting(&["ac_made_up_by_somebody"])).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::AuthInvalid, Some("invalid_grant")));
    assert!(!format!("{error:?}").contains("made_up"), "{error:?}");
}
