use std::time::Duration;

use openclaw_core::auth::Claims;
use openclaw_core::auth::oauth::{Issuer, SignIn, TokenEndpoint, TokenKind};
use openclaw_core::testing::{Exchange, ForgedToken, IssuerFault, Script, TestServer, VirtualAmbient};
use openclaw_core::{Advice, ErrorKind, Stage};
use secrecy::SecretString;
use serde_json::json;

use super::person::{Person, endpoint, endpoint_with, plain};

fn login(server: &TestServer) -> (TokenEndpoint, SecretString) {
    let issued = server.issue_tokens(&ForgedToken::new("acct-1").email("ann@example.test"));
    (endpoint(server), issued.refresh_token.into())
}

#[tokio::test]
async fn a_refresh_token_works_once_and_reuse_ends_the_login() {
    let server = TestServer::start().await.unwrap();
    let (endpoint, first) = login(&server);
    let second = endpoint.refresh(&first).await.unwrap();
    assert_ne!(plain(&second.refresh_token), secrecy::ExposeSecret::expose_secret(&first));
    assert_eq!(Claims::of(second.access_token.as_ref().unwrap()).unwrap().account_id.as_deref(), Some("acct-1"));
    assert!(second.expires_at.is_some() && second.id_token.is_some());
    let reused = endpoint.refresh(&first).await.unwrap_err();
    assert_eq!(reused.code(), Some("refresh_token_reused"));
    assert_eq!((reused.kind(), reused.advice()), (ErrorKind::AuthExpired, Advice::SignIn));
    assert!(reused.message().contains("another program"), "{reused}");
    let ended = endpoint.refresh(second.refresh_token.as_ref().unwrap()).await.unwrap_err();
    assert_eq!(ended.code(), Some("refresh_token_invalidated"));
    let counts = server.issuer_counts();
    assert_eq!((counts.refreshes, counts.reused), (3, 1));
    // What is sent, and who we say we are.
    let request = server.requests().remove(0);
    assert_eq!(request.path, "/oauth/token");
    let body = request.json().unwrap();
    let mut keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["client_id", "grant_type", "refresh_token"]);
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("openclaw-core/") && agent.ends_with(" test-app/1.0"), "{agent}");
    assert_eq!(request.header("originator"), Some("openclaw-core"));
}

/// Every row: the fault, kind, advice, what the person reads.
#[tokio::test]
async fn every_refusal_of_a_refresh_has_its_kind_and_its_sentence() {
    use Advice::{FixConfig, FixNetwork, OtherProfile, OtherProvider, Retry, SignIn, Wait};
    use ErrorKind as K;
    use IssuerFault as F;
    for (fault, kind, advice, words) in [
        (F::RefreshTokenExpired, K::AuthExpired, SignIn, "the session of this login has ended: sign in again"),
        (F::RefreshTokenReused, K::AuthExpired, SignIn, "give each program a login of its own"),
        (F::RefreshTokenInvalidated, K::AuthExpired, SignIn, "withdrawn"),
        (F::InvalidGrant, K::AuthExpired, SignIn, "sign in again"),
        (F::InvalidRefreshToken, K::AuthExpired, SignIn, "sign in again"),
        (F::TokenExpired, K::AuthExpired, SignIn, "sign in again"),
        (F::AppSessionExpired, K::AuthExpired, SignIn, "sign in again"),
        (F::Unauthorized, K::AuthExpired, SignIn, "sign in again"),
        (F::BadRequest, K::AuthInvalid, SignIn, "sign in again"),
        (F::InvalidClient, K::Config, FixConfig, "client id"),
        (F::Forbidden, K::Forbidden, OtherProfile, "the login is kept"),
        (F::Region, K::Forbidden, OtherProvider, "country or region"),
        (F::EdgeBlock, K::EdgeBlocked, OtherProvider, "The login was not the cause"),
        (F::RateLimit, K::RateLimited, Wait, "the login is kept"),
        (F::Unavailable, K::ServerError, Retry, "the login is kept"),
        (F::Page, K::Proxy, FixNetwork, "sign in to the network"),
        (F::HalfJson, K::ServerError, Retry, "the refresh token may be spent"),
        (F::Redirect, K::Proxy, FixNetwork, "login.elsewhere.invalid"),
        (F::LostAnswer, K::Connect, Retry, "before an answer came"),
    ] {
        let server = TestServer::start().await.unwrap();
        let (endpoint, token) = login(&server);
        server.fail_sign_in(fault, 1);
        let error = endpoint.refresh(&token).await.unwrap_err();
        assert_eq!((error.kind(), error.advice()), (kind, advice), "{fault}: {error:?}");
        assert!(error.message().contains(words), "{fault}: {error}");
        assert_eq!(error.provider(), Some("openai-codex"), "{fault}");
        assert_eq!(error.url(), Some(format!("{}/oauth/token", server.issuer_url()).as_str()), "{fault}: {error:?}");
        let shown = format!("{error:?} {error}");
        assert!(!shown.contains(plain(&Some(token))) && !shown.contains("half-of-a-secret"), "{fault}: {shown}");
        assert_eq!(server.request_count(), 1, "{fault}: nothing is sent twice");
        let lost = matches!(fault, F::HalfJson | F::LostAnswer);
        assert_eq!(error.stage() == Stage::MaybeSent, lost, "{fault}: {error:?}");
    }
}

/// The three places of a code, and words that end a login anywhere else but not here.
#[tokio::test]
async fn only_a_code_that_is_known_or_its_status_ends_a_login() {
    let server = TestServer::start().await.unwrap();
    let login = || login(&server);
    for (status, body, over) in [
        (403, json!({"error": {"code": "refresh_token_reused"}}), true),
        (403, json!({"error": "Invalid_Grant", "error_description": "no"}), true),
        (500, json!({"code": "TOKEN_EXPIRED"}), true),
        (401, json!({"error": {"code": "something_new", "message": "no"}}), true),
        (400, json!({"detail": "no"}), true),
        (403, json!({"error": {"code": "unauthorized", "message": "Your refresh token was not accepted."}}), false),
        (403, json!({"error": {"code": "login_required"}}), false),
        (403, json!({"error": {"code": "token_revoked"}}), false),
        (404, json!({"error": {"code": "invalid_token"}}), false),
        (429, json!({"error": {"code": "invalid_api_key"}}), false),
        (500, json!({"error": {"code": "session_expired"}}), false),
        (503, json!({"error": {"message": "The refresh token could not be checked."}}), false),
    ] {
        server.set_script(Script::new().exchange(Exchange::json(status, &body).path("/oauth/token")));
        let (endpoint, token) = login();
        let error = endpoint.refresh(&token).await.unwrap_err();
        assert_eq!(error.advice() == Advice::SignIn, over, "{status} {body}: {error:?}");
        assert_eq!(error.message().contains("the login is kept"), !over, "{status} {body}: {error}");
        assert_eq!(matches!(error.kind(), ErrorKind::AuthExpired | ErrorKind::AuthInvalid), over, "{error:?}");
        assert!(endpoint.refresh(&token).await.is_ok(), "nothing was spent");
    }
    // A page says nothing of the login, whatever stands in it and whoever sent it.
    for status in [400, 401, 403, 404, 500] {
        let page = "<html><title>Forbidden</title><p>invalid_grant: your refresh token was revoked, sign in again</p>";
        let page = Exchange::new(status).path("/oauth/token").header("content-type", "text/html").send(page);
        server.set_script(Script::new().exchange(page));
        let (endpoint, token) = login();
        let error = endpoint.refresh(&token).await.unwrap_err();
        let between = matches!(error.kind(), ErrorKind::EdgeBlocked | ErrorKind::Proxy | ErrorKind::ServerError);
        assert!(between && error.advice() != Advice::SignIn, "{status}: {error:?}");
        assert!(!error.message().contains("revoked"), "{error}");
        assert!(endpoint.refresh(&token).await.is_ok(), "nothing was spent");
    }
}

/// Whatever is asked for: a redirect is told, and neither a code nor a token goes where it leads.
#[tokio::test]
async fn a_login_server_that_redirects_is_not_followed() {
    let elsewhere = TestServer::start().await.unwrap();
    let server = TestServer::start().await.unwrap();
    let (endpoint, token) = login(&server);
    let secret = SecretString::from("a-secret-of-this-test");
    for status in [301, 302, 303, 307, 308] {
        let to = format!("{}/oauth/token", elsewhere.issuer_url());
        let paths = ["/oauth/token", "/oauth/revoke", "/api/accounts/deviceauth/usercode"];
        let redirect = |path| Exchange::new(status).path(path).header("location", to.as_str()).forever();
        server.set_script(paths.into_iter().fold(Script::new(), |script, path| script.exchange(redirect(path))));
        let device = SignIn::new(endpoint_with(&server, &VirtualAmbient::new(4)));
        for outcome in [
            endpoint.refresh(&token).await.map(drop),
            endpoint.exchange(&secret, &secret, "http://localhost:1455/auth/callback").await.map(drop),
            endpoint.revoke(&token, TokenKind::Refresh).await,
            endpoint.api_key(&secret).await.map(drop),
            device.device(&Person::new()).await.map(drop),
        ] {
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.http_status()), (ErrorKind::Proxy, Some(status)), "{error:?}");
            assert!(error.message().contains("a login does not follow"), "{error}");
        }
    }
    assert_eq!((elsewhere.request_count(), server.request_count()), (0, 25));
    server.set_script(Script::new());
    assert!(endpoint.refresh(&token).await.is_ok(), "the login is as good as before");
}

#[tokio::test]
async fn what_a_refresh_lacks_is_left_to_the_old_login() {
    let server = TestServer::start().await.unwrap();
    for (fault, access, refresh) in
        [(IssuerFault::NoRefreshToken, true, false), (IssuerFault::NoAccessToken, false, true)]
    {
        let (endpoint, token) = login(&server);
        server.fail_sign_in(fault, 1);
        let got = endpoint.refresh(&token).await.unwrap();
        assert_eq!((got.access_token.is_some(), got.refresh_token.is_some()), (access, refresh), "{fault}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_ends_with_the_limit() {
    let server = TestServer::start().await.unwrap();
    let token = server.issue_tokens(&ForgedToken::new("acct-1")).refresh_token.into();
    server.fail_sign_in(IssuerFault::Stall, 1);
    let clock = VirtualAmbient::new(3).manual();
    let endpoint = endpoint_with(&server, &clock);
    let wait = async {
        server.wait_for_requests(1).await.unwrap();
        clock.until_sleeping(1).await;
        clock.advance(Duration::from_secs(30));
    };
    let (outcome, ()) = tokio::join!(endpoint.refresh(&token), wait);
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("login server"), "{error}");
}

#[tokio::test]
async fn a_logout_ends_the_login_on_the_server() {
    let server = TestServer::start().await.unwrap();
    let (endpoint, token) = login(&server);
    endpoint.revoke(&token, TokenKind::Refresh).await.unwrap();
    let error = endpoint.refresh(&token).await.unwrap_err();
    assert_eq!(error.code(), Some("refresh_token_invalidated"));
    let sent = server.requests().remove(0).json().unwrap();
    assert_eq!(sent["token_type_hint"], "refresh_token");
    assert_eq!(sent["client_id"], "app_EMoamEEZ73f0CkXaXp7hrann");
    endpoint.revoke(&"an-access-token".into(), TokenKind::Access).await.unwrap();
    assert!(server.requests().remove(2).json().unwrap().get("client_id").is_none());
    server.fail_sign_in(IssuerFault::Unavailable, 1);
    assert!(endpoint.revoke(&token, TokenKind::Refresh).await.is_err());
}

#[tokio::test]
async fn an_id_token_becomes_an_api_key() {
    let server = TestServer::start().await.unwrap();
    let issued = server.issue_tokens(&ForgedToken::new("acct-1"));
    let key = endpoint(&server).api_key(&issued.id_token.into()).await.unwrap();
    assert!(plain(&Some(key)).starts_with("sk-embedded-"));
    server.fail_sign_in(IssuerFault::InvalidGrant, 1);
    server.fail_sign_in(IssuerFault::Unauthorized, 1);
    let error = endpoint(&server).api_key(&"x.y.z".into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.message().contains("the login itself is good"), "{error}");
}

#[tokio::test]
async fn tokens_go_to_their_own_issuer_only() {
    let (home, elsewhere) = (TestServer::start().await.unwrap(), TestServer::start().await.unwrap());
    let (endpoint, token) = login(&home);
    assert!(endpoint.at(Issuer::new(&home.issuer_url()).unwrap()).refresh(&token).await.is_ok());
    assert_eq!(elsewhere.request_count(), 0);
    assert!(Issuer::new("http://login.example").is_err());
}
