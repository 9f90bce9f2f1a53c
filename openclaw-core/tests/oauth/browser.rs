use std::time::Duration;

use openclaw_core::auth::Claims;
use openclaw_core::auth::oauth::SignIn;
use openclaw_core::testing::{ForgedToken, IssuerFault, TestServer, VirtualAmbient};
use openclaw_core::{Advice, ErrorKind};
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::person::{Person, answer_of, callback_of, endpoint, endpoint_with, oauth, plain, sign_in, visit};

fn port_of(redirect_uri: &str) -> u16 {
    reqwest::Url::parse(redirect_uri).unwrap().port().unwrap()
}

async fn is_free(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_err()
}

#[tokio::test]
async fn a_person_clicks_and_is_signed_in() {
    let server = TestServer::start().await.unwrap();
    server.set_person(ForgedToken::new("acct-7").user_id("user-7").email("ann@example.test").plan("pro"));
    let (sign_in, person) = (sign_in(&server), Person::new());
    let browse = async {
        let url = person.url().await;
        let back = answer_of(&url, "continue").await;
        (visit(&back).await, port_of(&callback_of(&url).0))
    };
    let (profile, ((status, page), port)) = tokio::join!(sign_in.browser(&person), browse);
    let profile = profile.unwrap();
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Signed in") && page.contains("ann@example.test") && page.contains("test-app"), "{page}");
    assert_eq!(profile.id.as_str(), "openai-codex:ann@example.test");
    assert_eq!(profile.email.as_deref(), Some("ann@example.test"));
    let credential = oauth(&profile);
    assert_eq!(credential.account_id.as_deref(), Some("acct-7"));
    assert_eq!(credential.issuer.as_deref(), Some(server.issuer_url().as_str()));
    assert_eq!(credential.client_id.as_deref(), Some("app_EMoamEEZ73f0CkXaXp7hrann"));
    assert!(credential.expires.is_some() && plain(&credential.refresh).starts_with("rt_"));
    assert_eq!(Claims::of(&credential.access).unwrap().plan_type.as_deref(), Some("pro"));
    assert!(is_free(port).await, "the port is free when the sign-in is done");
    let counts = server.issuer_counts();
    assert_eq!((counts.sign_in_pages, counts.exchanges), (1, 1));
    assert!(person.steps().ends_with("Exchanging"), "{}", person.steps());
    // Nobody who logs what happened logs a token.
    let shown = format!("{profile:?} {sign_in:?} {}", person.steps());
    for secret in [credential.access.expose_secret(), plain(&credential.refresh), plain(&credential.id_token)] {
        assert!(!shown.contains(secret));
    }
}

#[tokio::test]
async fn a_person_declines() {
    let server = TestServer::start().await.unwrap();
    let (sign_in, person) = (sign_in(&server), Person::new());
    let browse = async { visit(&answer_of(&person.url().await, "deny").await).await };
    let (outcome, (status, page)) = tokio::join!(sign_in.browser(&person), browse);
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.advice()), (ErrorKind::Cancelled, Advice::SignIn));
    assert_eq!(error.provider(), Some("openai-codex"));
    assert_eq!(status, 403);
    assert!(page.contains("Not signed in") && page.contains("Nothing was stored"), "{page}");
    assert_eq!(server.issuer_counts().exchanges, 0);
}

#[tokio::test]
async fn a_workspace_without_codex_and_a_page_that_fails_are_told() {
    for (fault, kind, word) in [
        (IssuerFault::NoEntitlement, ErrorKind::Forbidden, "Codex is not enabled for this workspace"),
        (IssuerFault::PageFailure, ErrorKind::ServerError, "start the sign-in again"),
    ] {
        let server = TestServer::start().await.unwrap();
        server.fail_sign_in(fault, 1);
        let (sign_in, person) = (sign_in(&server), Person::new());
        let browse = async { visit(&answer_of(&person.url().await, "continue").await).await };
        let (outcome, (_, page)) = tokio::join!(sign_in.browser(&person), browse);
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        assert!(error.message().contains(word) && page.contains(word), "{error} {page}");
        assert_eq!(server.issuer_counts().exchanges, 0);
    }
}

#[tokio::test]
async fn what_is_no_answer_to_this_sign_in_gets_a_page_and_changes_nothing() {
    let server = TestServer::start().await.unwrap();
    let (sign_in, person) = (sign_in(&server), Person::new());
    let browse = async {
        let url = person.url().await;
        let (callback, _) = callback_of(&url);
        let port = port_of(&callback);
        // Sockets that a browser opens ahead and never uses, and one that sends half a request.
        let mut idle = Vec::new();
        for _ in 0..40 {
            idle.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
        }
        let mut half = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        half.write_all(b"GET /auth/callback?code=").await.unwrap();
        for (request, status) in [
            ("\x16\x03\x01\x02\x00\x01\r\n\r\n".to_owned(), "400"),
            ("POST /auth/callback HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "405"),
            ("GET /auth/callback?code=a HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(), "421"),
            (format!("GET /{} HTTP/1.1\r\n", "x".repeat(70_000)), "431"),
            ("GET /cancel HTTP/1.1\r\nHost: localhost:1455\r\nSec-Fetch-Site: cross-site\r\n\r\n".to_owned(), "404"),
        ] {
            let mut client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            client.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request:.40}: {answer:.200}");
        }
        let wrong_state = visit(&format!("{callback}?code=stolen&state=guessed")).await;
        assert!(wrong_state.0 == 400 && wrong_state.1.contains("another sign-in"), "{wrong_state:?}");
        let denied_by_a_stranger = visit(&format!("{callback}?error=access_denied&state=guessed")).await;
        assert_eq!(denied_by_a_stranger.0, 400);
        assert_eq!(visit(&format!("{callback}?state=guessed")).await.0, 400);
        assert_eq!(visit(&format!("http://127.0.0.1:{port}/favicon.ico")).await.0, 404);
        assert_eq!(visit(&answer_of(&url, "continue").await).await.0, 200);
        drop((idle, half));
    };
    let (profile, ()) = tokio::join!(sign_in.browser(&person), browse);
    assert_eq!(profile.unwrap().email.as_deref(), Some("sam@example.test"));
    assert_eq!(server.issuer_counts().exchanges, 1);
    assert!(person.steps().contains("another sign-in") && !person.steps().contains("stolen"), "{}", person.steps());
}

#[tokio::test]
async fn the_page_tells_when_the_tokens_did_not_come() {
    for (fault, kind, word) in [
        (IssuerFault::InvalidGrant, ErrorKind::AuthInvalid, "start the sign-in again"),
        (IssuerFault::EdgeBlock, ErrorKind::EdgeBlocked, "login was not the cause"),
        (IssuerFault::NoRefreshToken, ErrorKind::AuthInvalid, "no refresh token"),
        (IssuerFault::Unavailable, ErrorKind::ServerError, "try again"),
    ] {
        let server = TestServer::start().await.unwrap();
        server.fail_sign_in(fault, 1);
        let (sign_in, person) = (sign_in(&server), Person::new());
        let browse = async { visit(&answer_of(&person.url().await, "continue").await).await };
        let (outcome, (status, page)) = tokio::join!(sign_in.browser(&person), browse);
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault}: {error:?}");
        assert!(error.message().contains(word), "{fault}: {error}");
        assert!(status == 502 && page.contains("did not finish"), "{fault}: {page}");
    }
}

#[tokio::test]
async fn a_second_answer_is_told_that_it_came_late() {
    let server = TestServer::start().await.unwrap();
    server.fail_sign_in(IssuerFault::Stall, 1);
    let (sign_in, person) = (sign_in(&server), Person::new());
    let port = {
        let flow = sign_in.browser(&person);
        let browse = async {
            let url = person.url().await;
            let back = answer_of(&url, "continue").await;
            let first = tokio::spawn({
                let back = back.clone();
                async move { super::person::client().get(back).send().await.is_ok() }
            });
            server.wait_for_requests(3).await.unwrap();
            let (status, page) = visit(&back).await;
            assert!(status == 409 && page.contains("done already"), "{page}");
            first.abort();
            port_of(&callback_of(&url).0)
        };
        tokio::pin!(flow);
        tokio::select! {
            outcome = &mut flow => panic!("{outcome:?}"),
            port = browse => port,
        }
    };
    assert!(is_free(port).await, "dropping the sign-in frees its port");
    server.wait_for_connections(0).await.unwrap();
}

#[tokio::test]
async fn a_person_has_ten_minutes() {
    let server = TestServer::start().await.unwrap();
    let clock = VirtualAmbient::new(5).manual();
    let sign_in = SignIn::new(endpoint_with(&server, &clock)).callback_ports([0]);
    let person = Person::new();
    let wait = async {
        let port = port_of(&callback_of(&person.url().await).0);
        clock.until_sleeping(1).await;
        clock.advance(Duration::from_secs(600));
        port
    };
    let (outcome, port) = tokio::join!(sign_in.browser(&person), wait);
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.advice()), (ErrorKind::Timeout, Advice::SignIn));
    assert!(error.message().contains("10 min"), "{error}");
    assert!(is_free(port).await);
}

#[tokio::test]
async fn a_port_in_use_is_asked_for_and_the_next_one_taken() {
    let server = TestServer::start().await.unwrap();
    let stubborn = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = stubborn.local_addr().unwrap().port();
    let spare = free_port().await;
    let asked = tokio::spawn(async move {
        let (mut client, _) = stubborn.accept().await.unwrap();
        let mut request = [0; 200];
        let read = client.read(&mut request).await.unwrap();
        client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        (String::from_utf8_lossy(&request[..read]).into_owned(), stubborn)
    });
    let clock = VirtualAmbient::new(6);
    let sign_in = SignIn::new(endpoint_with(&server, &clock)).callback_ports([taken, spare]);
    let person = Person::new();
    let browse = async { visit(&answer_of(&person.url().await, "continue").await).await.0 };
    let (profile, status) = tokio::join!(sign_in.browser(&person), browse);
    assert!(profile.is_ok() && status == 200, "{profile:?}");
    assert_eq!(port_of(&callback_of(&person.url().await).0), spare);
    let (request, _) = asked.await.unwrap();
    assert!(request.starts_with("GET /cancel HTTP/1.1\r\n"), "{request}");
    assert_eq!(clock.slept(), [Duration::from_millis(200); 10]);
    assert!(person.steps().contains(&format!("PortInUse({taken})")), "{}", person.steps());
}

#[tokio::test]
async fn without_a_port_the_other_methods_are_named() {
    let server = TestServer::start().await.unwrap();
    let one = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = one.local_addr().unwrap().port();
    let sign_in = SignIn::new(endpoint_with(&server, &VirtualAmbient::new(7))).callback_ports([port]);
    let hold = tokio::spawn(async move {
        while let Ok((client, _)) = one.accept().await {
            drop(client);
        }
    });
    let error = sign_in.browser(&Person::new()).await.unwrap_err();
    hold.abort();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains(&port.to_string()) && error.message().contains("device"), "{error}");
}

#[tokio::test]
async fn another_sign_in_may_take_the_port() {
    let server = TestServer::start().await.unwrap();
    let port = free_port().await;
    let first = SignIn::new(endpoint(&server)).callback_ports([port]);
    let second = SignIn::new(endpoint(&server)).callback_ports([port]);
    let (person_a, person_b) = (Person::new(), Person::new());
    let later = async {
        person_a.url().await;
        let browse = async { visit(&answer_of(&person_b.url().await, "continue").await).await.0 };
        tokio::join!(second.browser(&person_b), browse)
    };
    let (ended, (profile, status)) = tokio::join!(first.browser(&person_a), later);
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(profile.is_ok() && status == 200);
}

#[tokio::test]
async fn what_is_pasted_meanwhile_is_taken() {
    let server = TestServer::start().await.unwrap();
    let person = Person::pasting(&["not an answer at all ü", "PAGE"]);
    let profile = sign_in(&server).browser(&person).await.unwrap();
    assert_eq!(profile.email.as_deref(), Some("sam@example.test"));
    assert_eq!(person.complaints.lock().unwrap().len(), 1);
}

#[test]
fn a_sign_in_can_run_on_any_thread() {
    fn sendable<T: Send>(_: &T) {}
    let server = TestServer::start_blocking().unwrap();
    let (sign_in, person) = (sign_in(&server), Person::new());
    sendable(&sign_in.browser(&person));
    sendable(&sign_in.paste(&person));
    sendable(&sign_in.device(&person));
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}
