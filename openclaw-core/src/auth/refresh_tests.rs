use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use secrecy::ExposeSecret;
use tokio::sync::Notify;

use super::*;
use crate::auth::MemoryStore;
use crate::provider::ProviderId;
use crate::testing::{ForgedToken, VirtualAmbient};

const ID: &str = "openai-codex:me@example.com";

/// Answers in turn; gives a new pair of the same person when nothing is scripted.
#[derive(Debug, Default)]
struct Issuer {
    answers: Mutex<VecDeque<Result<TokenResponse>>>,
    asked: AtomicUsize,
    seen: Mutex<Vec<String>>,
    gate: Option<Notify>,
}

#[async_trait]
impl TokenRefresher for Issuer {
    async fn refresh(&self, login: &Profile) -> Result<TokenResponse> {
        let round = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let Credential::OAuth(login) = &login.credential else { panic!() };
        lock(&self.seen).push(login.refresh.as_ref().unwrap().expose_secret().to_owned());
        if let Some(gate) = &self.gate {
            gate.notified().await;
        }
        let scripted = lock(&self.answers).pop_front();
        scripted.unwrap_or_else(|| Ok(pair("acct", "me", round)))
    }
}

/// The tokens of this person in this account, valid for a day.
fn pair(account: &str, user: &str, round: usize) -> TokenResponse {
    TokenResponse {
        access_token: Some(access(account, user, round).into()),
        refresh_token: Some(format!("refresh-{round}").into()),
        expires_at: Some(clock().now() + Duration::from_secs(86_400)),
        ..TokenResponse::default()
    }
}

fn access(account: &str, user: &str, round: usize) -> String {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_777_100_000 + round as u64);
    ForgedToken::new(account).user_id(user).email(format!("{user}@example.com")).expires_at(at).build()
}

fn clock() -> VirtualAmbient {
    VirtualAmbient::new(7)
}

/// A login that ends in this many seconds.
fn stored(left: i64) -> Profile {
    let mut oauth = OAuthCredential::new(access("acct", "me", 0), Some("refresh-0".into()));
    let now = clock().now();
    let left_abs = Duration::from_secs(left.unsigned_abs());
    oauth.expires = Some(if left < 0 { now - left_abs } else { now + left_abs });
    Profile::new(ID, ProviderId::new(ProviderId::CODEX), oauth)
}

struct World {
    store: Arc<MemoryStore>,
    issuer: Arc<Issuer>,
    clock: VirtualAmbient,
}

impl World {
    fn new(profile: Profile, issuer: Issuer) -> Self {
        let mut profiles = Profiles::default();
        profiles.put(profile);
        Self { store: Arc::new(MemoryStore::new(profiles)), issuer: Arc::new(issuer), clock: clock() }
    }

    fn tokens(&self) -> ProfileTokens {
        ProfileTokens::new(self.store.clone(), ID, self.issuer.clone()).ambient(Arc::new(self.clock.clone()))
    }

    fn asked(&self) -> usize {
        self.issuer.asked.load(Ordering::SeqCst)
    }

    async fn stored_refresh(&self) -> String {
        match &self.store.load().await.unwrap().get(&ID.into()).unwrap().credential {
            Credential::OAuth(oauth) => oauth.refresh.as_ref().unwrap().expose_secret().to_owned(),
            _ => panic!(),
        }
    }
}

fn scripted(answers: impl IntoIterator<Item = Result<TokenResponse>>) -> Issuer {
    Issuer { answers: Mutex::new(answers.into_iter().collect()), ..Issuer::default() }
}

fn reused() -> Error {
    Error::new(ErrorKind::AuthExpired, Stage::Responded, "used already")
        .with_advice(Advice::SignIn)
        .with_code("refresh_token_reused")
}

#[tokio::test]
async fn only_a_token_that_ends_soon_is_refreshed() {
    for (left, asked) in [(301, 0), (300, 1), (1, 1), (-5, 1), (-100_000_000, 1)] {
        let world = World::new(stored(left), Issuer::default());
        let tokens = world.tokens();
        let first = tokens.token().await.unwrap();
        assert_eq!(world.asked(), asked, "{left}");
        let again = tokens.token().await.unwrap();
        assert_eq!((world.asked(), again.revision), (asked, first.revision), "{left}");
        assert_eq!(world.stored_refresh().await, format!("refresh-{asked}"), "stored before it is used");
    }
}

#[tokio::test]
async fn all_sources_of_a_profile_share_one_refresh() {
    let world = World::new(stored(-1), Issuer::default());
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let tokens = world.tokens();
            tokio::spawn(async move { tokens.token().await.unwrap().secret.expose_secret().to_owned() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), access("acct", "me", 1));
    }
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn a_refresh_whose_caller_is_gone_is_stored_all_the_same() {
    let world = World::new(stored(-1), Issuer { gate: Some(Notify::new()), ..Issuer::default() });
    let tokens = world.tokens();
    let caller = tokio::spawn(async move { tokens.token().await });
    while world.asked() == 0 {
        tokio::task::yield_now().await;
    }
    caller.abort();
    assert!(caller.await.is_err());
    world.issuer.gate.as_ref().unwrap().notify_one();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.stored_refresh().await, "refresh-1");
    world.tokens().token().await.unwrap();
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn a_refusal_for_good_is_asked_for_once_and_told_to_others() {
    let world = World::new(stored(-1), scripted([Err(reused())]));
    for _ in 0..3 {
        let error = world.tokens().token().await.unwrap_err();
        assert_eq!((error.kind(), error.advice()), (ErrorKind::AuthExpired, Advice::SignIn));
        assert_eq!((error.code(), error.profile()), (Some("refresh_token_reused"), Some(ID)));
    }
    assert_eq!(world.asked(), 1);
    // Another process knows it from the store.
    let usage = world.store.load().await.unwrap().usage(&ID.into());
    assert_eq!(usage.disabled_reason.as_deref(), Some("auth_permanent"));
    let other = World {
        store: Arc::new(MemoryStore::new(world.store.load().await.unwrap())),
        ..World::new(stored(-1), Issuer::default())
    };
    let error = other.tokens().token().await.unwrap_err();
    assert_eq!((other.asked(), error.code()), (0, Some("refresh_token_reused")));
    // A new sign-in is another login.
    let mut signed = stored(-1);
    let Credential::OAuth(oauth) = &mut signed.credential else { panic!() };
    oauth.refresh = Some("refresh-new".into());
    world
        .store
        .update(&mut |profiles| {
            profiles.sign_in(signed.clone());
            Ok(())
        })
        .await
        .unwrap();
    assert!(world.tokens().token().await.is_ok());
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_passing_fault_keeps_the_login() {
    let fault = || Error::new(ErrorKind::EdgeBlocked, Stage::Responded, "a page");
    let world = World::new(stored(-1), scripted([Err(fault()), Err(fault())]));
    let tokens = world.tokens();
    assert_eq!(tokens.token().await.unwrap_err().kind(), ErrorKind::EdgeBlocked);
    assert_eq!(tokens.refresh().await.unwrap_err().kind(), ErrorKind::EdgeBlocked);
    assert!(tokens.token().await.is_ok());
    assert_eq!((world.asked(), lock(&world.issuer.seen).join(" ")), (3, "refresh-0 refresh-0 refresh-0".to_owned()));
    // A token that still opens the door is used meanwhile.
    let world = World::new(stored(100), scripted([Err(fault())]));
    assert_eq!(world.tokens().token().await.unwrap().secret.expose_secret(), access("acct", "me", 0));
}

#[tokio::test]
async fn another_accounts_tokens_are_refused() {
    let world = World::new(stored(-1), scripted([Ok(pair("other", "me", 9))]));
    let error = world.tokens().token().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::AuthInvalid, Some("account_changed")));
    assert_eq!(world.stored_refresh().await, "refresh-0");
    assert!(world.tokens().token().await.is_err());
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn what_an_answer_lacks_stays() {
    let mut answer = pair("acct", "me", 1);
    answer.refresh_token = None;
    let world = World::new(stored(-1), scripted([Ok(answer)]));
    assert!(world.tokens().token().await.is_ok());
    assert_eq!(world.stored_refresh().await, "refresh-0");
    for (issuer, home) in [(None, "https://auth.openai.com"), (Some("https://login.example"), "https://login.example")]
    {
        let mut answer = pair("acct", "me", 1);
        answer.access_token = None;
        let mut login = stored(-1);
        let Credential::OAuth(oauth) = &mut login.credential else { panic!() };
        oauth.issuer = issuer.map(str::to_owned);
        let world = World::new(login, scripted([Ok(answer)]));
        let error = world.tokens().token().await.unwrap_err();
        let said_by = error.url().is_some_and(|url| url.starts_with(home));
        assert_eq!((error.kind(), said_by), (ErrorKind::ServerError, true), "it is the login server's: {error:?}");
        assert_eq!(world.stored_refresh().await, "refresh-1", "what came is not lost");
    }
}

#[tokio::test]
async fn a_rejected_token_is_replaced_once() {
    let world = World::new(stored(3600), Issuer::default());
    let tokens = world.tokens();
    let first = tokens.token().await.unwrap();
    let second = tokens.rejected(first.revision).await.unwrap().unwrap();
    assert_eq!((world.asked(), second.revision), (1, first.revision + 1));
    assert_eq!(second.secret.expose_secret(), access("acct", "me", 1));
    // A call that was on its way with the first one gets the second one, without another refresh.
    assert_eq!(tokens.rejected(first.revision).await.unwrap().unwrap().revision, second.revision);
    assert_eq!(world.asked(), 1);
    // A newer one that somebody else stored is used first.
    let mut theirs = stored(7200);
    let Credential::OAuth(oauth) = &mut theirs.credential else { panic!() };
    oauth.access = access("acct", "me", 77).into();
    world
        .store
        .update(&mut |profiles| {
            profiles.put(theirs.clone());
            Ok(())
        })
        .await
        .unwrap();
    let third = tokens.rejected(second.revision).await.unwrap().unwrap();
    assert_eq!((world.asked(), third.secret.expose_secret()), (1, &*access("acct", "me", 77)));
}

#[tokio::test]
async fn a_call_is_not_finished_by_another_account() {
    for ends_in in [7200, -1] {
        let world = World::new(stored(3600), scripted([Ok(pair("other", "me", 5))]));
        let tokens = world.tokens();
        let first = tokens.token().await.unwrap();
        // OpenClaw signed another workspace in under the same name.
        let mut theirs = stored(ends_in);
        let Credential::OAuth(oauth) = &mut theirs.credential else { panic!() };
        (oauth.access, oauth.refresh) = (access("other", "me", 1).into(), Some("refresh-other".into()));
        let mut put = |profiles: &mut Profiles| {
            profiles.put(theirs.clone());
            Ok(())
        };
        world.store.update(&mut put).await.unwrap();
        let error = tokens.rejected(first.revision).await.unwrap_err();
        assert_eq!((world.asked(), error.code()), (0, Some("account_changed")), "{error}");
        // The next call is begun by the new one.
        assert!(tokens.token().await.unwrap().revision > first.revision);
    }
}

#[tokio::test]
async fn a_login_that_nothing_renews_says_so() {
    let mut profile = stored(-1);
    let Credential::OAuth(oauth) = &mut profile.credential else { panic!() };
    oauth.refresh = None;
    let world = World::new(profile, Issuer::default());
    let error = world.tokens().token().await.unwrap_err();
    assert_eq!((error.kind(), error.advice()), (ErrorKind::AuthExpired, Advice::SignIn));
    assert!(error.message().contains("since 2026-04-"), "{error}");
    let mut gone = Profiles::default();
    gone.put(Profile::new("other", ProviderId::new("openai"), super::super::ApiKeyCredential::new("k")));
    let world = World { store: Arc::new(MemoryStore::new(gone)), ..world };
    assert!(world.tokens().token().await.unwrap_err().message().contains("sign in again"));
}

/// What a store makes of a change.
#[derive(Debug, Clone, Copy)]
enum Write {
    Works,
    Fails,
    /// It never comes to an end.
    Hangs,
}

/// A store whose writes can be made to fail.
#[derive(Debug)]
struct Full(MemoryStore, Mutex<Write>);

impl Full {
    async fn of(world: &World) -> Arc<Self> {
        Arc::new(Self(MemoryStore::new(world.store.load().await.unwrap()), Mutex::new(Write::Fails)))
    }

    fn now(&self, write: Write) {
        *lock(&self.1) = write;
    }
}

#[async_trait]
impl CredentialStore for Full {
    async fn load(&self) -> Result<Profiles> {
        self.0.load().await
    }

    async fn update(&self, change: &mut super::super::Change<'_>) -> Result<Profiles> {
        let write = *lock(&self.1);
        match write {
            Write::Works => self.0.update(change).await,
            Write::Fails => Err(Error::new(ErrorKind::Store, Stage::NotSent, "the disk is full")),
            Write::Hangs => std::future::pending().await,
        }
    }

    async fn lock_refresh(&self, profile: &Profile) -> Result<RefreshLock> {
        self.0.lock_refresh(profile).await
    }

    fn place(&self) -> String {
        self.0.place()
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_stored_is_not_lost_and_not_used() {
    let world = World::new(stored(-1), Issuer::default());
    let store = Full::of(&world).await;
    let tokens = ProfileTokens::new(store.clone(), ID, world.issuer.clone()).ambient(Arc::new(clock()));
    for _ in 0..2 {
        let error = tokens.token().await.unwrap_err();
        assert!(error.message().contains("the disk is full") && error.message().contains("kept in memory"), "{error}");
    }
    store.now(Write::Works);
    assert_eq!(tokens.token().await.unwrap().secret.expose_secret(), access("acct", "me", 1));
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn a_token_in_memory_outlives_a_caller_that_gives_up_while_it_is_stored() {
    let world = World::new(stored(-1), Issuer::default());
    let store = Full::of(&world).await;
    let tokens = ProfileTokens::new(store.clone(), ID, world.issuer.clone()).ambient(Arc::new(clock()));
    assert!(tokens.token().await.is_err());
    store.now(Write::Hangs);
    let caller = tokio::spawn({
        let tokens = tokens.clone();
        async move { tokens.token().await }
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    caller.abort();
    assert!(caller.await.is_err());
    store.now(Write::Works);
    assert_eq!(tokens.token().await.unwrap().secret.expose_secret(), access("acct", "me", 1));
    assert_eq!(world.asked(), 1, "the login server would have refused the spent token");
}

#[tokio::test]
async fn a_token_in_memory_outlives_those_who_asked_for_it_and_finds_its_login_under_a_new_name() {
    let world = World::new(stored(-1), Issuer::default());
    let store = Full::of(&world).await;
    let logins = crate::auth::LoginStore::of(store.clone());
    for _ in 0..2 {
        let error = logins.refresh(&ID.into(), false, world.issuer.clone()).await.unwrap_err();
        assert!(error.message().contains("kept in memory"), "{error}");
    }
    store.now(Write::Works);
    let mut rename = |profiles: &mut Profiles| {
        profiles.rename(&ID.into(), &"openai-codex:new".into());
        Ok(())
    };
    store.update(&mut rename).await.unwrap();
    logins.refresh(&"openai-codex:new".into(), false, world.issuer.clone()).await.unwrap();
    assert_eq!(world.asked(), 1, "the login server would have refused the spent token");
    // What is stored is not kept any longer.
    assert!(lock(&UNSAVED).keys().all(|(place, _)| *place != store.place()));
}

#[tokio::test]
async fn a_token_in_memory_is_forgotten_when_somebody_signs_in() {
    let world = World::new(stored(-1), Issuer::default());
    let store = Full::of(&world).await;
    let tokens = || ProfileTokens::new(store.clone(), ID, world.issuer.clone()).ambient(Arc::new(clock()));
    assert!(tokens().token().await.is_err());
    store.now(Write::Works);
    let mut signed = stored(-1);
    let Credential::OAuth(oauth) = &mut signed.credential else { panic!() };
    oauth.refresh = Some("refresh-new".into());
    let mut put = |profiles: &mut Profiles| {
        profiles.put(signed.clone());
        Ok(())
    };
    store.update(&mut put).await.unwrap();
    assert!(tokens().token().await.is_ok());
    assert_eq!((world.asked(), lock(&world.issuer.seen).join(" ")), (2, "refresh-0 refresh-new".to_owned()));
    assert!(lock(&UNSAVED).keys().all(|(place, _)| *place != store.place()));
}

/// The same login as it is stored after a sign-in: with what the person's token said, written beside it.
fn signed_in() -> Profile {
    let mut profile = stored(-1);
    profile.email = Some("me@example.com".into());
    let Credential::OAuth(oauth) = &mut profile.credential else { panic!() };
    oauth.account_id = Some("acct".into());
    profile
}

#[tokio::test]
async fn what_is_stored_beside_the_old_tokens_does_not_vouch_for_the_new_ones() {
    for (account, user) in [("other", "me"), ("acct", "you")] {
        let world = World::new(signed_in(), scripted([Ok(pair(account, user, 9))]));
        let error = world.tokens().token().await.unwrap_err();
        assert_eq!(error.code(), Some("account_changed"), "{account} {user}: {error}");
        assert_eq!(world.stored_refresh().await, "refresh-0");
    }
    // An answer that says nothing of the person is no other person's.
    let mut answer = pair("acct", "me", 9);
    answer.access_token = Some("opaque".into());
    let world = World::new(signed_in(), scripted([Ok(answer)]));
    assert!(world.tokens().token().await.is_ok());
    assert_eq!(world.stored_refresh().await, "refresh-9");
}

/// Starts a refresh, lets `meanwhile` happen while the issuer is asked, and gives what came of it.
async fn meanwhile(world: &World, change: impl Fn(&mut Profiles) + Send + Sync) -> Result<AccessToken> {
    let tokens = world.tokens();
    let caller = tokio::spawn(async move { tokens.token().await });
    while world.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let mut change = |profiles: &mut Profiles| {
        change(profiles);
        Ok(())
    };
    world.store.update(&mut change).await.unwrap();
    world.issuer.gate.as_ref().unwrap().notify_one();
    caller.await.unwrap()
}

fn waiting(answers: impl IntoIterator<Item = Result<TokenResponse>>) -> Issuer {
    Issuer { gate: Some(Notify::new()), ..scripted(answers) }
}

#[tokio::test]
async fn a_login_that_is_renamed_during_its_refresh_gets_the_new_tokens() {
    let world = World::new(stored(-1), waiting([]));
    let tokens = world.tokens();
    let given = meanwhile(&world, |profiles| profiles.rename(&ID.into(), &"openai-codex:new".into())).await.unwrap();
    assert_eq!(given.secret.expose_secret(), access("acct", "me", 1));
    let profiles = world.store.load().await.unwrap();
    let Credential::OAuth(oauth) = &profiles.get(&"openai-codex:new".into()).unwrap().credential else { panic!() };
    assert_eq!(oauth.refresh.as_ref().unwrap().expose_secret(), "refresh-1");
    // Whoever knows it by its old name goes on with it.
    assert_eq!(tokens.token().await.unwrap().profile.as_deref(), Some("openai-codex:new"));
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn a_copy_of_a_login_gets_the_new_tokens_too() {
    let world = World::new(stored(-1), waiting([]));
    let copy = Profile { id: "openai-codex:copy".into(), ..stored(-1) };
    meanwhile(&world, |profiles| profiles.put(copy.clone())).await.unwrap();
    for profile in world.store.load().await.unwrap().iter() {
        assert_eq!(refreshable(profile).unwrap().1, fingerprint(&"refresh-1".into()), "{}", profile.id);
    }
}

#[tokio::test]
async fn a_login_that_is_removed_during_its_refresh_stays_removed() {
    let world = World::new(stored(-1), waiting([]));
    let error = meanwhile(&world, |profiles| assert!(profiles.remove(&ID.into()))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthInvalid);
    assert_eq!(world.store.load().await.unwrap().iter().count(), 0);
}

#[tokio::test]
async fn a_refusal_that_comes_late_is_none_of_the_new_login() {
    let world = World::new(stored(-1), waiting([Err(reused())]));
    let mut new = stored(86_400);
    let Credential::OAuth(oauth) = &mut new.credential else { panic!() };
    (oauth.access, oauth.refresh) = (access("acct", "me", 50).into(), Some("refresh-new".into()));
    let given = meanwhile(&world, |profiles| drop(profiles.sign_in(new.clone()))).await.unwrap();
    assert_eq!(given.secret.expose_secret(), access("acct", "me", 50), "the winner is adopted");
    let usage = world.store.load().await.unwrap().usage(&ID.into());
    assert!(usage.refresh_failure.is_none() && usage.disabled_until.is_none(), "{usage:?}");
}

#[tokio::test]
async fn a_login_server_that_asks_to_wait_is_not_asked() {
    let mut profile = stored(200);
    let Credential::OAuth(oauth) = &mut profile.credential else { panic!() };
    oauth.earliest_refresh_at = Some(clock().now() + Duration::from_secs(100));
    let world = World::new(profile.clone(), Issuer::default());
    assert!(world.tokens().token().await.is_ok());
    assert_eq!(world.asked(), 0, "its token is good for some minutes yet");
    let Credential::OAuth(oauth) = &mut profile.credential else { panic!() };
    oauth.expires = Some(clock().now() - Duration::from_secs(1));
    let world = World::new(profile, Issuer::default());
    assert!(world.tokens().token().await.is_ok());
    assert_eq!(world.asked(), 1, "without one there is nothing to wait for");
}

#[tokio::test]
async fn a_clock_that_is_wrong_spends_no_token_after_the_other() {
    // By this machine's clock every new token has ended a day ago: the answer tells its end in the login server's time only.
    let answer = |round: u64| {
        let ended = clock().now() - Duration::from_secs(86_400 - round);
        let access = ForgedToken::new("acct").user_id("me").expires_at(ended).build();
        TokenResponse { access_token: Some(access.into()), expires_at: None, ..pair("acct", "me", round as usize) }
    };
    let world = World::new(stored(-1), scripted([Ok(answer(1)), Ok(answer(2))]));
    let tokens = world.tokens();
    for _ in 0..20 {
        tokens.token().await.unwrap();
    }
    assert_eq!(world.asked(), 1);
    // A clock that goes wrong by years, either way, loses nothing.
    for skew in [-1_000_000_000_i64, 1_000_000_000] {
        let world = World::new(stored(skew), Issuer::default());
        assert!(world.tokens().token().await.is_ok(), "{skew}");
        assert!(world.asked() <= 1);
    }
}
