use std::sync::Arc;

use openclaw_core::auth::oauth::{HostId, PlanSharing};
use openclaw_core::auth::{AccessToken, Profile, StaticToken};
use openclaw_core::testing::{Exchange, IssuerFault, Script, TestServer};
use openclaw_core::{
    Advice, CallOptions, Content, ErrorKind, Event, Item, Message, OpenAiProvider, Provider, Request, Result, Role,
    Tool,
};
use serde_json::{Value, json};

use super::person::{Person, answer_of, callback_of, endpoint, oauth, plain, visit};

const HOST: &str = "74a2cbb6-9561-46e9-9cd9-dc9535b0f2bb";

fn sharing(server: &TestServer) -> PlanSharing {
    PlanSharing::new(endpoint(server), "Test App", HostId::parse(HOST).unwrap())
}

async fn signed_in(sharing: &PlanSharing) -> Result<Profile> {
    let person = Person::new();
    let browse = async { visit(&answer_of(&person.url().await, "continue").await).await };
    let (profile, (_, page)) = tokio::join!(sharing.sign_in(&person), browse);
    assert!(page.contains("Test App"), "{page}");
    profile
}

fn provider(server: &TestServer, profile: &Profile) -> OpenAiProvider {
    let token = AccessToken::new(oauth(profile).access.clone());
    let tokens = Arc::new(StaticToken::new(token));
    OpenAiProvider::builder().chatgpt_plan(tokens).base_url(server.platform_base_url()).build().unwrap()
}

#[tokio::test]
async fn a_person_shares_a_plan_and_a_model_answers() {
    let server = TestServer::start().await.unwrap();
    let profile = signed_in(&sharing(&server)).await.unwrap();
    assert_eq!(profile.id.as_str(), "openai:sam@example.test");
    let login = oauth(&profile);
    let issued = login.client_id.clone().unwrap();
    assert!(issued.starts_with("oaiapp_"), "{issued}");
    assert!(login.scope.as_deref().unwrap().contains("chatgpt.tokens.use.direct"));

    // The second sign-in uses the client that was issued, and no name.
    let again = sharing(&server).issued_client(&issued);
    let person = Person::new();
    let look = async {
        let url = person.url().await;
        assert!(url.contains(&format!("client_id={issued}")) && !url.contains("agent_name_hint"), "{url}");
        assert!(callback_of(&url).0.starts_with("http://127.0.0.1:"));
        visit(&answer_of(&url, "continue").await).await
    };
    let (second, _) = tokio::join!(again.sign_in(&person), look);
    assert_eq!(oauth(&second.unwrap()).client_id.as_deref(), Some(issued.as_str()));

    let provider = provider(&server, &profile);
    let answer = provider.complete(&Request::new("gpt-5.6-terra").user("hi"), &CallOptions::default()).await.unwrap();
    assert!(!answer.text().is_empty());
    assert!(provider.models().await.unwrap().iter().any(|model| model.id == "gpt-5.6-terra"));

    let fresh = sharing(&server).refresh(login).await.unwrap();
    assert_ne!(plain(&fresh.refresh_token), plain(&login.refresh));
    assert!(fresh.earliest_refresh_at.is_some());
    let reused = sharing(&server).refresh(login).await.unwrap_err();
    assert_eq!((reused.code(), reused.advice()), (Some("refresh_token_reused"), Advice::SignIn));
    assert_eq!(reused.provider(), Some("openai"));
}

#[tokio::test]
async fn a_logout_finds_its_address_in_the_discovery_document() {
    let server = TestServer::start().await.unwrap();
    let profile = signed_in(&sharing(&server)).await.unwrap();
    sharing(&server).revoke(oauth(&profile)).await.unwrap();
    assert_eq!(server.issuer_counts().revocations, 1);
    assert_eq!(sharing(&server).refresh(oauth(&profile)).await.unwrap_err().code(), Some("refresh_token_invalidated"));
    // A document that sends the token elsewhere is not followed.
    let evil = json!({"revocation_endpoint": "https://login.elsewhere.invalid/revoke"});
    let path = "/.well-known/openid-configuration";
    server.set_script(Script::new().exchange(Exchange::json(200, &evil).method("GET").path(path)));
    let error = sharing(&server).revoke(oauth(&profile)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!format!("{error:?}").contains(plain(&oauth(&profile).refresh)));
}

#[tokio::test]
async fn a_login_that_does_not_fit_is_refused() {
    let token = "/api/accounts/oauth/token";
    let id = |claims: Value| {
        use base64::Engine;
        format!("e30.{}.x", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims.to_string()))
    };
    let answer = |scope: Option<&str>, id_token: Value| {
        json!({"access_token": "secret-at-1", "refresh_token": "secret-rt-1", "expires_in": 3600, "scope": scope,
               "id_token": id_token})
    };
    let stranger = id(json!({"iss": "https://elsewhere.invalid", "aud": ["x"], "nonce": "n", "exp": 9e9}));
    for (body, kind, word) in [
        (answer(Some("openid"), Value::Null), ErrorKind::Forbidden, "chatgpt.tokens.use.direct"),
        (answer(Some("chatgpt.tokens.use.direct"), Value::Null), ErrorKind::AuthInvalid, "there is none"),
        (answer(Some("chatgpt.tokens.use.direct"), stranger.into()), ErrorKind::AuthInvalid, "another issuer"),
    ] {
        let server = TestServer::start().await.unwrap();
        server.set_script(Script::new().exchange(Exchange::json(200, &body).path(token)));
        let error = signed_in(&sharing(&server)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        assert!(error.message().contains(word) && !format!("{error:?}").contains("secret-"), "{error:?}");
    }
    // One thing wrong with what is right otherwise.
    for (fault, kind, word) in [
        (IssuerFault::NoPlanScope, ErrorKind::Forbidden, "chatgpt.tokens.use.direct"),
        (IssuerFault::OtherIssuer, ErrorKind::AuthInvalid, "another issuer"),
        (IssuerFault::OtherAudience, ErrorKind::AuthInvalid, "another audience"),
        (IssuerFault::OtherNonce, ErrorKind::AuthInvalid, "another nonce"),
        (IssuerFault::NoRefreshToken, ErrorKind::AuthInvalid, "no refresh token"),
        (IssuerFault::EdgeBlock, ErrorKind::EdgeBlocked, "The login was not the cause"),
        (IssuerFault::Redirect, ErrorKind::Proxy, "login.elsewhere.invalid"),
    ] {
        let server = TestServer::start().await.unwrap();
        server.fail_sign_in(fault, 1);
        let error = signed_in(&sharing(&server)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault}: {error:?}");
        assert!(error.message().contains(word), "{fault}: {error}");
        assert_eq!(server.issuer_counts().exchanges, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_callback_without_a_client_id_stores_nothing() {
    let server = TestServer::start().await.unwrap();
    let person = Person::new();
    let browse = async {
        let (callback, state) = callback_of(&person.url().await);
        visit(&format!("{callback}?code=ac_1&state={state}&client_id=dynamic_agent_client")).await
    };
    let sharing = sharing(&server);
    let (outcome, (status, _)) = tokio::join!(sharing.sign_in(&person), browse);
    assert!(outcome.unwrap_err().message().contains("no client id") && status == 502);
    assert_eq!(server.issuer_counts().exchanges, 0);
}

/// What a call is warned of, in the order of the alphabet. It must be answered.
async fn warned(provider: &OpenAiProvider, request: &Request) -> Vec<String> {
    let mut events = provider.stream(request, &CallOptions::default()).await.unwrap();
    let mut warned = Vec::new();
    while let Some(event) = events.next().await {
        if let Event::Warning(warning) = event.unwrap() {
            warned.push(warning.subject.clone());
        }
    }
    warned.sort();
    warned
}

/// The list of the documentation, one by one; the server refuses each of them.
#[tokio::test]
async fn each_setting_and_each_tool_that_a_plan_does_not_take_is_left_out() {
    let server = TestServer::start().await.unwrap();
    let profile = signed_in(&sharing(&server)).await.unwrap();
    let provider = provider(&server, &profile);
    let sent = || server.requests().remove(0).json().unwrap();
    let names = [
        "background",
        "conversation",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "moderation",
        "multi_agent",
        "previous_response_id",
        "prompt",
        "prompt_cache_retention",
        "safety_identifier",
        "temperature",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
    ];
    for name in names {
        let mut request = Request::new("gpt-5.6-terra").user("hi");
        match name {
            "max_output_tokens" => request.max_output_tokens = Some(9),
            "temperature" => request.temperature = Some(0.5),
            "top_p" => request.top_p = Some(0.5),
            _ => drop(request.extra.insert(name.to_owned(), json!("x"))),
        }
        server.clear();
        assert_eq!(warned(&provider, &request).await, [name]);
        assert!(sent().get(name).is_none(), "{name}");
    }
    for kind in ["image_generation", "file_search", "code_interpreter", "computer_use", "mcp", "tool_search"] {
        let mut request = Request::new("gpt-5.6-terra").user("hi");
        request.tools = vec![Tool::Raw(json!({"type": kind}))];
        server.clear();
        assert_eq!(warned(&provider, &request).await, [format!("tools.{kind}")]);
        assert!(sent().get("tools").is_none(), "{kind}");
    }
    // A namespace of functions stands among the tools.
    let space = json!({"type": "namespace", "name": "clock", "tools": [{"type": "function", "name": "get_time"}]});
    let mut request = Request::new("gpt-5.6-terra").user("hi");
    request.tools = vec![Tool::Raw(space.clone())];
    server.clear();
    assert!(warned(&provider, &request).await.is_empty());
    assert_eq!(sent()["tools"], json!([space]));
}

#[tokio::test]
async fn what_the_plan_does_not_take_is_left_out_with_a_warning_or_refused() {
    let server = TestServer::start().await.unwrap();
    let profile = signed_in(&sharing(&server)).await.unwrap();
    let provider = provider(&server, &profile);
    let mut request = Request::new("gpt-5.6-terra")
        .item(Item::Message(Message::new(Role::System, vec![Content::InputText("be brief".into())])))
        .user("hi");
    request.temperature = Some(0.5);
    request.max_output_tokens = Some(9);
    request.extra.insert("metadata".into(), json!({"a": "b"}));
    request.extra.insert("store".into(), json!(true));
    request.tools = vec![
        Tool::function("get_time", "the time", json!({"type": "object", "properties": {}})),
        Tool::custom("patch", "a patch"),
        Tool::Raw(json!({"type": "web_search"})),
        Tool::Raw(json!({"type": "image_generation"})),
    ];
    server.clear();
    assert_eq!(
        warned(&provider, &request).await,
        ["max_output_tokens", "metadata", "store", "temperature", "tools.image_generation"]
    );
    let body = server.requests().remove(0).json().unwrap();
    assert_eq!(body["store"], false);
    assert_eq!(body["tools"], json!([{"type": "web_search"}]));
    let first = &body["input"][0];
    assert_eq!((&first["type"], &first["role"]), (&json!("additional_tools"), &json!("developer")));
    let names: Vec<&Value> = first["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, ["get_time", "patch"]);
    assert!(body["input"].as_array().unwrap().iter().all(|item| item["role"] != "system"), "{body}");

    let mut strict = CallOptions::default();
    strict.strict = true;
    let error = provider.stream(&request, &strict).await.expect_err("strict mode refuses");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn its_error_codes_have_their_kinds_before_and_in_the_stream() {
    let server = TestServer::start().await.unwrap();
    let profile = signed_in(&sharing(&server)).await.unwrap();
    let provider = provider(&server, &profile);
    let request = Request::new("gpt-5.6-terra").user("hi");
    let mut options = CallOptions::default();
    options.retry = Some(openclaw_core::transport::RetryPolicy::never());
    for (status, code, kind, advice) in [
        (429, "subscription_sharing_usage_limit_exceeded", ErrorKind::UsageLimit, Advice::Wait),
        (403, "subscription_sharing_user_not_eligible", ErrorKind::Forbidden, Advice::OtherProfile),
        (400, "subscription_sharing_unsupported_capability", ErrorKind::InvalidRequest, Advice::FixRequest),
        (403, "subscription_sharing_route_not_supported", ErrorKind::Forbidden, Advice::OtherProvider),
        (401, "subscription_sharing_invalid_user", ErrorKind::AuthInvalid, Advice::SignIn),
        (503, "subscription_sharing_usage_unavailable", ErrorKind::ServerError, Advice::Retry),
        (503, "subscription_sharing_user_unavailable", ErrorKind::ServerError, Advice::Retry),
        (403, "chatpass_v2_scope_not_authorized", ErrorKind::Forbidden, Advice::SignIn),
        (403, "chatpass_v2_invalid_authorization_context", ErrorKind::Forbidden, Advice::SignIn),
    ] {
        let error = json!({"code": code, "message": "It says so.", "type": "invalid_request_error"});
        let failed = json!({"type": "response.failed", "response": {"id": "r", "status": "failed", "error": error}});
        server.set_script(
            Script::new()
                .exchange(Exchange::json(status, &json!({"error": error})))
                .exchange(Exchange::new(200).sse(failed)),
        );
        for way in ["before the stream", "response.failed"] {
            let error = provider.complete(&request, &options).await.unwrap_err();
            assert_eq!((error.kind(), error.advice()), (kind, advice), "{code} {way}: {error:?}");
            assert_eq!(error.code(), Some(code), "{way}");
            assert!(error.resets_at().is_none(), "no reset is guessed");
        }
    }
    // Before the stream there may be a sentence alone.
    for (status, kind) in [(401, ErrorKind::AuthInvalid), (403, ErrorKind::Forbidden), (503, ErrorKind::ServerError)] {
        let said = json!({"detail": "It says so."});
        server.set_script(Script::new().exchange(Exchange::json(status, &said)));
        let error = provider.complete(&request, &options).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{error:?}");
        assert!(error.message().contains("It says so."), "{error}");
    }
}

#[test]
fn a_plans_token_goes_to_the_platform_only() {
    let tokens = || Arc::new(StaticToken::new(AccessToken::new("siwc-token")));
    for (url, taken) in [
        ("https://api.openai.com/v1", true),
        ("http://127.0.0.1:1/v1", true),
        ("https://gateway.example/v1", false),
        ("https://api.openai.com.evil.example/v1", false),
    ] {
        let built = OpenAiProvider::builder().chatgpt_plan(tokens()).base_url(url).build();
        assert_eq!(built.is_ok(), taken, "{url}");
    }
}

#[tokio::test]
async fn a_stored_plan_login_is_found_as_what_it_is() {
    use openclaw_core::auth::CredentialStore as _;
    use openclaw_core::auth::{Environment, FileStore, LoginKind, LoginQuery, Profiles, find_login};

    let server = TestServer::start().await.unwrap();
    let mut profile = signed_in(&sharing(&server)).await.unwrap();
    // It ended, so that it is renewed: at its own issuer, the way it was made.
    if let openclaw_core::auth::Credential::OAuth(oauth) = &mut profile.credential {
        oauth.expires = Some(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth-profiles.json");
    let store = FileStore::at(&path, &Environment::default());
    let mut sign_in = |profiles: &mut Profiles| {
        profiles.sign_in(profile.clone());
        Ok(())
    };
    store.update(&mut sign_in).await.unwrap();
    let mut query = LoginQuery::default();
    query.profile_file = Some(path);
    let login = find_login(&query).unwrap().login.unwrap();
    assert_eq!(login.kind, LoginKind::PlanSharing, "it must not go to chatgpt.com");
    let tokens = login.tokens(Arc::new(endpoint(&server)));
    assert!(plain(&Some(tokens.token().await.unwrap().secret)).starts_with("siwc_"));
    assert_eq!(server.issuer_counts().refreshes, 1);
    let provider = OpenAiProvider::builder().chatgpt_plan(tokens).base_url(server.platform_base_url()).build().unwrap();
    assert!(provider.complete(&Request::new("gpt-5.6-terra").user("hi"), &CallOptions::default()).await.is_ok());
}

#[tokio::test]
async fn a_configuration_asks_the_platform_with_a_shared_plan() {
    use openclaw_core::config::{Config, Options, SecretAccess};

    let server = TestServer::start().await.unwrap();
    let profile = signed_in(&sharing(&server)).await.unwrap();
    let text = json!({"models": {"providers": {"openai": {
        "baseUrl": server.platform_base_url(), "api": "openai-responses", "models": [],
    }}}});
    let config = Config::parse(&text.to_string(), &Options::default()).unwrap();
    let builder = config.provider("openai").unwrap().builder(&SecretAccess::default()).await.unwrap();
    let tokens = Arc::new(StaticToken::new(AccessToken::new(oauth(&profile).access.clone())));
    let provider = builder.login_of(&profile, tokens).build().unwrap();
    let mut request = Request::new("gpt-5.6-terra").user("hi");
    request.tools = vec![Tool::custom("patch", "a patch")];
    server.clear();
    provider.complete(&request, &CallOptions::default()).await.unwrap();
    let body = server.requests().remove(0).json().unwrap();
    assert_eq!((&body["store"], &body["input"][0]["type"]), (&json!(false), &json!("additional_tools")));
}
