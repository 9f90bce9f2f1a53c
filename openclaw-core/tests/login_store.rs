//! What a person does with stored logins, and what must not come of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use openclaw_core::auth::oauth::{HostId, Issuer, SignInMethod, SignInPrompt, SignInRequest, TokenEndpoint};
use openclaw_core::auth::{
    AccessToken, Change, CodexCliStore, Credential, CredentialStore, Environment, LoginStore, MemoryStore,
    OAuthCredential, Profile, ProfileId, ProfileState, ProfileTokens, Profiles, RefreshLock, TokenRefresher,
    TokenSource,
};
use openclaw_core::testing::{Exchange, ForgedToken, IssuerFault, Scenario, Script, TestServer};
use openclaw_core::{CallOptions, CodexProvider, Error, ErrorKind, Provider, ProviderId, Request, Result, Stage};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::watch;

const SAM: &str = "openai-codex:sam@example.test";

fn sam() -> ForgedToken {
    ForgedToken::new("acct").user_id("sam").email("sam@example.test")
}

fn endpoint(server: &TestServer) -> TokenEndpoint {
    let issuer = Issuer::new(&server.issuer_url()).unwrap();
    TokenEndpoint::builder().issuer(issuer).application("test-app/1.0").build().unwrap()
}

/// A login that ended and can be renewed at this server.
fn ended(server: &TestServer) -> Profile {
    let access = sam().expired_for(std::time::Duration::from_secs(7200)).build();
    let mut oauth = OAuthCredential::new(access, Some(server.issue_tokens(&sam()).refresh_token.into()));
    oauth.issuer = Some(server.issuer_url());
    Profile::new(SAM, ProviderId::new(ProviderId::CODEX), oauth)
}

fn memory(profiles: impl IntoIterator<Item = Profile>) -> Arc<MemoryStore> {
    let mut all = Profiles::default();
    profiles.into_iter().for_each(|profile| all.put(profile));
    Arc::new(MemoryStore::new(all))
}

fn oauth(profile: &Profile) -> &OAuthCredential {
    match &profile.credential {
        Credential::OAuth(oauth) => oauth,
        other => panic!("{other:?}"),
    }
}

fn refresh_of(profiles: &Profiles, id: &str) -> String {
    oauth(profiles.get(&id.into()).unwrap()).refresh.as_ref().unwrap().expose_secret().to_owned()
}

/// A person who continues on every page.
struct Person(watch::Sender<Option<String>>);

impl Person {
    fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Clicks, and sees the page that comes last.
    async fn clicks(&self, server: &TestServer) -> String {
        let url = self.0.subscribe().wait_for(Option::is_some).await.unwrap().clone().unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let page = client.get(&url).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("id=\"continue\""), "{page}");
        let back = server.decide_sign_in(&url, true).unwrap();
        client.get(back).send().await.unwrap().text().await.unwrap()
    }
}

#[async_trait]
impl SignInPrompt for Person {
    fn show_url(&self, url: &str) {
        self.0.send_replace(Some(url.to_owned()));
    }
}

/// Nobody may be asked.
struct Nobody;

impl SignInPrompt for Nobody {
    fn show_url(&self, url: &str) {
        panic!("a person was asked to sign in: {url}");
    }
}

fn by_browser() -> SignInRequest {
    let mut request = SignInRequest::new(SignInMethod::Browser);
    request.callback_ports = Some(vec![0]);
    request
}

/// A store that can be read and not written, while the switch is on.
#[derive(Debug)]
struct Sealed(Arc<MemoryStore>, AtomicBool);

#[async_trait]
impl CredentialStore for Sealed {
    async fn load(&self) -> Result<Profiles> {
        self.0.load().await
    }

    async fn update(&self, change: &mut Change<'_>) -> Result<Profiles> {
        if self.1.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Store, Stage::NotSent, "the vault is sealed"));
        }
        self.0.update(change).await
    }

    async fn lock_refresh(&self, profile: &Profile) -> Result<RefreshLock> {
        self.0.lock_refresh(profile).await
    }

    fn place(&self) -> String {
        self.0.place()
    }
}

#[tokio::test]
async fn a_token_is_shown_to_its_own_login_server_only() {
    let server = TestServer::start().await.unwrap();
    for provider in ["anthropic", "chutes", "openai-codex-clone"] {
        let login = OAuthCredential::new("secret-access", Some("secret-refresh".into()));
        let profile = Profile::new("x:me", ProviderId::new(provider), login);
        let refused = TokenRefresher::refresh(&endpoint(&server), &profile).await.unwrap_err();
        assert_eq!((refused.kind(), refused.stage()), (ErrorKind::Config, Stage::NotSent), "{refused}");
        assert!(endpoint(&server).revoke_login(&profile).await.is_err());
        let store = memory([profile]);
        let tokens = ProfileTokens::new(store.clone(), "x:me", Arc::new(endpoint(&server)));
        assert!(tokens.refresh().await.unwrap_err().message().contains("names no issuer"));
        assert_eq!(refresh_of(&store.load().await.unwrap(), "x:me"), "secret-refresh", "the login is kept");
        // A logout deletes it, and says that nobody was told.
        let removed = LoginStore::of(store.clone()).sign_out(None, &endpoint(&server)).await.unwrap();
        assert!(!removed.revoked && removed.not_revoked.unwrap().contains(provider));
        assert_eq!(store.load().await.unwrap().iter().count(), 0);
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_found_before_anything_is_done() {
    let server = TestServer::start().await.unwrap();
    let store = Arc::new(Sealed(memory([ended(&server)]), true.into()));
    let logins = LoginStore::of(store.clone());
    let error = logins.sign_in(&by_browser(), &endpoint(&server), &Nobody).await.unwrap_err();
    assert!(error.message().contains("sealed"), "{error}");
    let error = logins.sign_out(None, &endpoint(&server)).await.unwrap_err();
    assert!(error.message().contains("sealed"), "{error}");
    assert_eq!(server.requests().len(), 0, "it is neither withdrawn nor deleted");
    store.1.store(false, Ordering::SeqCst);
    assert!(logins.sign_out(None, &endpoint(&server)).await.unwrap().revoked);
    // The ways of OpenClaw's own files to say so.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth-profiles.json");
    let read_only = Environment::of([("OPENCLAW_AUTH_STORE_READONLY", "1")]);
    let at = |env: &Environment| LoginStore::open(Some(&path), None, env).unwrap();
    let error = at(&read_only).sign_in(&by_browser(), &endpoint(&server), &Nobody).await.unwrap_err();
    assert_eq!(error.code(), Some("read_only"));
    std::fs::write(&path, "{\"version\": 1, \"profiles\": {}}").unwrap();
    std::fs::write(folder.path().join("openclaw-agent.sqlite"), "SQLite format 3\0").unwrap();
    let usual = Environment::of::<&str, &str>([]);
    let error = at(&usual).sign_in(&by_browser(), &endpoint(&server), &Nobody).await.unwrap_err();
    assert!(error.message().contains("newer OpenClaw"), "{error}");
    let listed = at(&usual).list().await.unwrap();
    assert!(listed.note_lines.iter().any(|note| note.contains("openclaw-agent.sqlite")), "{listed:?}");
}

#[tokio::test]
async fn a_configuration_that_is_broken_undoes_no_sign_in() {
    let server = TestServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("openclaw.json");
    std::fs::write(&config, "{ broken").unwrap();
    let env = Environment::of::<&str, &str>([]);
    let path = folder.path().join("agents/main/agent/auth-profiles.json");
    let logins = LoginStore::open(Some(&path), None, &env).unwrap();
    let (person, endpoint) = (Person::new(), endpoint(&server));
    let asked = by_browser();
    let (stored, page) = tokio::join!(logins.sign_in(&asked, &endpoint, &person), person.clicks(&server));
    let stored = stored.unwrap();
    assert!(page.contains("Signed in") && stored.written.is_empty());
    assert!(stored.notes.iter().any(|note| note.contains("openclaw.json")), "{stored:?}");
    assert_eq!(logins.list().await.unwrap().profiles.len(), 1);
    let removed = logins.sign_out(None, &endpoint).await.unwrap();
    assert!(removed.revoked && removed.notes.iter().any(|note| note.contains("openclaw.json")), "{removed:?}");
    assert_eq!(std::fs::read_to_string(&config).unwrap(), "{ broken");
}

#[tokio::test]
async fn a_plan_is_shared_again_by_the_client_that_was_issued() {
    let server = TestServer::start().await.unwrap();
    let store = memory([]);
    let logins = LoginStore::of(store.clone());
    let mut asked = by_browser();
    asked.provider = ProviderId::new(ProviderId::OPENAI);
    asked.host_id = Some(HostId::parse("74a2cbb6-9561-46e9-9cd9-dc9535b0f2bb").unwrap());
    for round in 0..3 {
        let (person, endpoint) = (Person::new(), endpoint(&server));
        let (stored, page) = tokio::join!(logins.sign_in(&asked, &endpoint, &person), person.clicks(&server));
        assert!(page.contains("Signed in"), "{round}: {page}");
        assert_eq!(stored.unwrap().profile.id.as_str(), "openai:sam@example.test");
        let url = person.0.borrow().clone().unwrap();
        assert_eq!(url.contains("dynamic_agent_client"), round == 0, "{url}");
    }
    let profiles = store.load().await.unwrap();
    assert_eq!(profiles.iter().count(), 1);
    assert!(oauth(profiles.iter().next().unwrap()).earliest_refresh_at.is_some());
}

#[tokio::test]
async fn whoever_deletes_or_merges_waits_for_a_refresh() {
    let server = TestServer::start().await.unwrap();
    let mut double = ended(&server);
    double.id = "openai-codex:default".into();
    let store = memory([ended(&server), double]);
    let logins = LoginStore::of(store.clone());
    let refresh = store.lock_refresh(&ended(&server)).await.unwrap();
    let repair = tokio::spawn({
        let logins = logins.clone();
        async move { logins.repair(false).await.unwrap().len() }
    });
    let remove = tokio::spawn({
        let logins = logins.clone();
        async move { logins.remove(&SAM.into()).await.unwrap().id }
    });
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert!(!repair.is_finished() && !remove.is_finished());
    assert_eq!(store.load().await.unwrap().iter().count(), 2);
    drop(refresh);
    assert_eq!((repair.await.unwrap(), remove.await.unwrap().as_str()), (1, SAM));
    assert_eq!(store.load().await.unwrap().iter().count(), 0);
}

fn codex_file(path: &Path, access: &str, refresh: &str) {
    let tokens = json!({"id_token": "x", "access_token": access, "refresh_token": refresh, "account_id": "acct"});
    let text = json!({"auth_mode": "chatgpt", "OPENAI_API_KEY": null, "tokens": tokens, "future": [1]});
    std::fs::write(path, text.to_string()).unwrap();
}

/// The store as another process has it: what one process remembers is kept by the place of the store.
fn codex_store(folder: &Path, process: usize) -> Arc<CodexCliStore> {
    let way = "./".repeat(process);
    Arc::new(CodexCliStore::at(format!("{}/{way}auth.json", folder.display())).share(true))
}

#[tokio::test]
async fn a_shared_login_of_the_codex_command_line_is_refreshed_read_again_and_adopted() {
    let server = TestServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.json");
    let old = sam().expired_for(std::time::Duration::from_secs(60)).build();
    codex_file(&path, &old, &server.issue_tokens(&sam()).refresh_token);
    let issuer = Arc::new(endpoint(&server));
    let tokens = |process| ProfileTokens::new(codex_store(folder.path(), process), CodexCliStore::ID, issuer.clone());
    let (first, second) = (tokens(0), tokens(1));
    let (a, b) = tokio::join!(first.token(), second.token());
    assert_eq!(a.unwrap().secret.expose_secret(), b.unwrap().secret.expose_secret());
    assert_eq!(server.issuer_counts().refreshes, 1, "one refreshed, the other adopted");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(file["future"], json!([1]));
    assert!(file["last_refresh"].is_string());
    // What the Codex command line wrote meanwhile is used first.
    let theirs = server.issue_tokens(&sam());
    codex_file(&path, &theirs.access_token, &theirs.refresh_token);
    assert_eq!(first.token().await.unwrap().secret.expose_secret(), theirs.access_token);
    assert_eq!(server.issuer_counts().refreshes, 1);
}

#[tokio::test]
async fn a_refusal_of_the_shared_codex_login_is_known_to_the_next_process() {
    let server = TestServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.json");
    let old = sam().expired_for(std::time::Duration::from_secs(60)).build();
    codex_file(&path, &old, &server.issue_tokens(&sam()).refresh_token);
    let before = std::fs::read(&path).unwrap();
    let issuer = Arc::new(endpoint(&server));
    server.fail_sign_in(IssuerFault::RefreshTokenExpired, 1);
    for process in 0..3 {
        let tokens = ProfileTokens::new(codex_store(folder.path(), process), CodexCliStore::ID, issuer.clone());
        assert_eq!(tokens.token().await.unwrap_err().code(), Some("refresh_token_expired"), "{process}");
    }
    assert_eq!(server.issuer_counts().refreshes, 1, "it is asked once");
    assert_eq!(std::fs::read(&path).unwrap(), before, "their file is as it was");
    // A person says that it is mended; then a new login.
    let logins = LoginStore::open(Some(&path), None, &Environment::of::<&str, &str>([])).unwrap();
    let cleared = logins.share_codex_login(true).clear_health(None, None).await.unwrap();
    assert_eq!(cleared, [ProfileId::from(CodexCliStore::ID)]);
    let tokens = ProfileTokens::new(codex_store(folder.path(), 4), CodexCliStore::ID, issuer.clone());
    assert!(tokens.token().await.is_ok());
}

/// Notes which tokens were given. Somebody else stores a newer one as soon as the first was.
#[derive(Debug)]
struct Noted {
    tokens: ProfileTokens,
    store: Arc<MemoryStore>,
    newer: Option<Profile>,
    given: std::sync::Mutex<Vec<String>>,
}

impl Noted {
    fn note(&self, token: &AccessToken) {
        self.given.lock().unwrap().push(token.secret.expose_secret().to_owned());
    }
}

#[async_trait]
impl TokenSource for Noted {
    async fn token(&self) -> Result<AccessToken> {
        let token = self.tokens.token().await?;
        self.note(&token);
        if let Some(newer) = &self.newer {
            let mut put = |profiles: &mut Profiles| {
                profiles.put(newer.clone());
                Ok(())
            };
            self.store.update(&mut put).await?;
        }
        Ok(token)
    }

    async fn rejected(&self, revision: u64) -> Result<Option<AccessToken>> {
        let token = self.tokens.rejected(revision).await?;
        token.iter().for_each(|token| self.note(token));
        Ok(token)
    }
}

#[tokio::test]
async fn a_refused_call_looks_into_the_store_then_refreshes_and_is_sent_twice_at_most() {
    let server = TestServer::start().await.unwrap();
    let login = || {
        let issued = server.issue_tokens(&sam());
        let mut oauth = OAuthCredential::new(issued.access_token, Some(issued.refresh_token.into()));
        oauth.issuer = Some(server.issuer_url());
        Profile::new(SAM, ProviderId::new(ProviderId::CODEX), oauth)
    };
    let access = |profile: &Profile| oauth(profile).access.expose_secret().to_owned();
    let (old, newer) = (login(), login());
    let store = memory([old.clone()]);
    let source = |newer: Option<&Profile>| {
        let tokens = ProfileTokens::new(store.clone(), SAM, Arc::new(endpoint(&server)));
        Arc::new(Noted { tokens, store: store.clone(), newer: newer.cloned(), given: Default::default() })
    };
    let ask = |tokens: &Arc<Noted>| {
        let builder = CodexProvider::builder().token_source(tokens.clone());
        let provider = builder.base_url(server.codex_base_url()).build().unwrap();
        async move { provider.complete(&Request::new("gpt-5.4").user("hi"), &CallOptions::default()).await }
    };
    let refused = || Exchange::json(401, &json!({"error": {"code": "token_expired", "message": "expired"}}));
    let script = || Script::new().check_requests(false);
    let once = || script().exchange(refused()).exchange(Exchange::scenario(Scenario::Plain));
    let given = |tokens: Arc<Noted>| tokens.given.lock().unwrap().clone();
    let sent = || server.requests().iter().filter(|request| request.path.ends_with("/responses")).count();

    // A newer token in the store is used, and nothing is refreshed.
    server.set_script(once());
    let tokens = source(Some(&newer));
    ask(&tokens).await.unwrap();
    assert_eq!(given(tokens), [access(&old), access(&newer)]);
    assert_eq!((sent(), server.issuer_counts().refreshes), (2, 0));

    // Without one the login is refreshed; the new token is stored.
    server.clear();
    server.set_script(once());
    let tokens = source(None);
    ask(&tokens).await.unwrap();
    let stored = access(store.load().await.unwrap().get(&SAM.into()).unwrap());
    assert_eq!(given(tokens), [access(&newer), stored]);
    assert_eq!((sent(), server.issuer_counts().refreshes), (2, 1));

    // A provider that goes on refusing is asked no third time.
    server.clear();
    server.set_script(script().exchange(refused().forever()));
    let error = ask(&source(None)).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::AuthExpired, Some(401)));
    assert_eq!((sent(), server.issuer_counts().refreshes), (2, 2));
}

#[tokio::test]
async fn a_login_that_may_not_be_stored_anew_is_not_said_to_be_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let usual = Environment::of::<&str, &str>([]);
    let ended = sam().expired_for(std::time::Duration::from_secs(60)).build();
    let codex = folder.path().join("auth.json");
    codex_file(&codex, &ended, "r");
    let ours = folder.path().join("auth-profiles.json");
    let entry = json!({"type": "oauth", "provider": "openai-codex", "access": ended, "refresh": "r"});
    std::fs::write(&ours, json!({"version": 1, "profiles": {SAM: entry}}).to_string()).unwrap();
    let read_only = Environment::of([("OPENCLAW_AUTH_STORE_READONLY", "1")]);
    for (path, env, shared, state) in [
        (&codex, &usual, false, ProfileState::Expired),
        (&codex, &usual, true, ProfileState::Usable),
        (&ours, &read_only, false, ProfileState::Expired),
        (&ours, &usual, false, ProfileState::Usable),
    ] {
        let logins = LoginStore::open(Some(path), None, env).unwrap().share_codex_login(shared);
        let told = logins.list().await.unwrap().profiles.remove(0);
        assert_eq!((told.state, told.renewable), (state, state == ProfileState::Usable), "{told:?}");
    }
}

#[tokio::test]
async fn a_repair_touches_nothing_that_it_leaves_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (config, path) =
        (folder.path().join("openclaw.json"), folder.path().join("agents/main/agent/auth-profiles.json"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&config, "{ /* mine */ }\n").unwrap();
    // The third one fits both of the others, which differ.
    let login = |name: &str, account: Option<&str>| {
        json!({"type": "oauth", "provider": "openai-codex", "access": format!("access-{name}"), "refresh": name,
            "accountId": account, "email": "me@example.com"})
    };
    let profiles = json!({"a": login("a", Some("acct-a")), "b": login("b", Some("acct-b")), "c": login("c", None)});
    let text = json!({"version": 1, "profiles": profiles}).to_string();
    std::fs::write(&path, &text).unwrap();
    let logins = LoginStore::open(Some(&path), None, &Environment::of::<&str, &str>([])).unwrap();
    let told = logins.repair(false).await.unwrap();
    assert_eq!((told.len(), told[0].profile.id.as_str(), told[0].signed_in.unknown.len()), (1, "c", 2));
    assert_eq!(std::fs::read_to_string(&config).unwrap(), "{ /* mine */ }\n");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

/// What is written of logins while secrets of known value are in use.
#[tokio::test]
async fn no_secret_is_in_anything_that_is_shown() {
    let server = TestServer::start().await.unwrap();
    let issued = server.issue_tokens(&sam());
    let key = "sk-known-secret-key-of-this-test";
    let mut login = ended(&server);
    let Credential::OAuth(oauth) = &mut login.credential else { panic!() };
    (oauth.refresh, oauth.id_token) =
        (Some(issued.refresh_token.as_str().into()), Some(issued.id_token.as_str().into()));
    let mut secrets =
        vec![oauth.access.expose_secret().to_owned(), issued.refresh_token, issued.id_token, key.to_owned()];
    let store = memory([login.clone()]);
    let text = json!({"version": 1, "profiles": {"openai:k": {"type": "api_key", "provider": "openai", "key": key},
        "bad": key, "odd": {"type": "oauth", "provider": "openai", "refresh": key, "scope": [key]}}});
    let mut shown: Vec<String> = Vec::new();
    let parsed = Profiles::parse(&text.to_string(), None).unwrap();
    shown.push(format!("{parsed:?} {:?} {login:?} {:?}", parsed.note_lines(), login.credential));
    shown.push(format!("{:?}", Profiles::parse(&text.to_string()[..90], None).unwrap_err()));
    let tokens = ProfileTokens::new(store.clone(), SAM, Arc::new(endpoint(&server)));
    let logins = LoginStore::of(store.clone());
    // Refusals that repeat what they were sent.
    let echo = json!({"error": {"code": secrets[1], "message": format!("no: {}", secrets[1])}});
    for (status, body) in [(400, echo.clone()), (403, echo.clone()), (500, echo.clone()), (200, echo)] {
        server.set_script(Script::new().exchange(Exchange::json(status, &body).path("/oauth/token")));
        let id = ProfileId::from(SAM);
        let error = logins.refresh(&id, false, Arc::new(endpoint(&server))).await.unwrap_err();
        shown.push(format!("{error} {error:?} {} {}", error.to_json(), error.message()));
        shown.push(format!("{:?} {:?}", logins.list().await.unwrap(), store.load().await.unwrap()));
        logins.clear_health(None, None).await.unwrap();
    }
    server.set_script(Script::new());
    let fresh = TokenRefresher::refresh(&endpoint(&server), &login).await.unwrap();
    shown.push(format!("{fresh:?}"));
    for token in [&fresh.access_token, &fresh.refresh_token, &fresh.id_token] {
        secrets.push(token.as_ref().unwrap().expose_secret().to_owned());
    }
    shown.push(format!("{tokens:?} {logins:?} {:?}", tokens.token().await));
    let (person, endpoint) = (Person::new(), endpoint(&server));
    let asked = by_browser();
    let (stored, page) = tokio::join!(logins.sign_in(&asked, &endpoint, &person), person.clicks(&server));
    let stored = stored.unwrap();
    shown.push(format!("{stored:?} {} {page} {endpoint:?}", serde_json::to_string(&stored).unwrap()));
    let now = store.load().await.unwrap();
    let signed_in = self::oauth(now.get(&stored.profile.id).unwrap());
    secrets.extend([&signed_in.access, signed_in.refresh.as_ref().unwrap()].map(|s| s.expose_secret().to_owned()));
    shown.push(format!("{now:?} {:?}", logins.sign_out(Some(&stored.profile.id), &endpoint).await.unwrap()));
    for text in &shown {
        for secret in &secrets {
            // The end of a token is its signature, which no claim that may be shown repeats.
            let end = &secret[secret.len() - 12..];
            assert!(!text.contains(secret.as_str()) && !text.contains(end), "{end} is shown: {text}");
        }
    }
}
