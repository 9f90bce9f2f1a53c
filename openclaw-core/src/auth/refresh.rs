//! The tokens of a stored profile: refreshed in time, by one at a time, stored before they are used.
//!
//! ```text
//! token ─▶ load the store ─▶ good for 5 min more? ─▶ use it
//!            └▶ single flight in the process ─▶ lock over processes ─▶ load again: did somebody else? ─▶ use that
//!                 └▶ note that it begins ─▶ ask the issuer ─▶ the same person? ─▶ store ─▶ use it
//! ```

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::choose::access_token;
use super::credential_store::{CredentialStore, Interrupted, RefreshLock};
use super::flight::{Committed, SingleFlight};
use super::identity::{Comparison, Identity};
use super::oauth::TokenResponse;
use super::profile::{Credential, OAuthCredential, Profile, ProfileId};
use super::secret::fingerprint;
use super::token::{AccessToken, TokenSource};
use super::usage_stats::RefreshFailure;
use super::{Environment, Profiles};
use crate::ambient::{self, Ambient};
use crate::calendar::iso;
use crate::error::{Advice, Error, ErrorKind, Result, Stage, words};
use crate::observe::{self, CallSpan};
use crate::provider::ProviderId;

/// A token that ends within this time is refreshed, as OpenAI's own client does.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// A token that we got within this time is not refreshed again, however short it lasts.
const FRESH: Duration = Duration::from_secs(60);
/// How long a login that is refused for good is switched off for OpenClaw: the longest that it does itself.
const DISABLED: Duration = Duration::from_secs(60 * 60);
const OTHERS: &str = "the store now has another account's login under this name";

/// Logins that were refreshed and are not stored yet, by the place of their store and the fingerprint of the refresh token that
/// was spent. They live as long as the process: who needs one next need not be who asked for it, nor know it by the same name.
static UNSAVED: Mutex<BTreeMap<(String, String), Profile>> = Mutex::new(BTreeMap::new());

/// Exchanges a refresh token for new tokens: [`TokenEndpoint`](super::oauth::TokenEndpoint), or what a host puts in its place.
#[async_trait]
pub trait TokenRefresher: Debug + Send + Sync {
    /// Spends the refresh token of this login, at the issuer of this login and nowhere else. Asked for sign-ins only.
    ///
    /// # Errors
    /// With the advice `sign_in` when this login can never be refreshed again. With the stage `maybe_sent` when the token may
    /// be spent although no answer came. With any other error the login is as good as before.
    async fn refresh(&self, login: &Profile) -> Result<TokenResponse>;
}

words! {
    /// How a login got the token that it has now.
    Renewal {
        /// Its login server gave a new one.
        Refreshed = "refreshed",
        /// Another process, or another program, had been quicker: its token is used.
        Adopted = "adopted",
        /// It was good for more than 5 minutes, and nothing was done.
        StillGood = "still_good",
    }
}

/// The tokens of a profile in a store. Every source of one profile in a process shares its refresh; all processes do that use
/// the same store.
#[derive(Debug, Clone)]
pub struct ProfileTokens {
    shared: Arc<Shared>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug)]
struct Shared {
    store: Arc<dyn CredentialStore>,
    id: ProfileId,
    refresher: Arc<dyn TokenRefresher>,
    env: Environment,
    ambient: Arc<dyn Ambient>,
    flight: Arc<Flight>,
}

/// The token that a source gave last.
#[derive(Debug, Default)]
struct Seen {
    print: String,
    revision: u64,
    /// Whose it was.
    identity: Option<Identity>,
}

/// A profile with the token that it has now.
#[derive(Debug, Clone)]
struct Renewed {
    profile: Profile,
    how: Renewal,
}

/// What all sources of one profile in a process share.
#[derive(Debug, Default)]
struct Flight {
    single: SingleFlight<Result<Renewed>>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// A login that was refused for good, by the fingerprint of its refresh token.
    refused: Option<(String, Error)>,
    /// The access token that we got last, and when by the clock that never goes back.
    got: Option<(String, Duration)>,
    /// The login as it was seen last: a repair can give it another name.
    known: Option<Profile>,
}

impl ProfileTokens {
    /// The tokens of this profile. Nothing is read yet.
    pub fn new(
        store: Arc<dyn CredentialStore>,
        profile: impl Into<ProfileId>,
        refresher: Arc<dyn TokenRefresher>,
    ) -> Self {
        let id = profile.into();
        let flight = Flight::of(&store.place(), &id);
        let (env, ambient) = (Environment::default(), ambient::system());
        let shared = Arc::new(Shared { store, id, refresher, env, ambient, flight });
        Self { shared, seen: Arc::default() }
    }

    /// Other time and randomness.
    #[must_use]
    pub fn ambient(self, ambient: Arc<dyn Ambient>) -> Self {
        self.with(|shared| shared.ambient = ambient)
    }

    /// Where keys that a profile refers to are looked up; the process environment unless set.
    #[must_use]
    pub fn environment(self, env: Environment) -> Self {
        self.with(|shared| shared.env = env)
    }

    fn with(self, change: impl FnOnce(&mut Shared)) -> Self {
        let Shared { store, id, refresher, env, ambient, flight } = &*self.shared;
        let mut shared = Shared {
            store: store.clone(),
            id: id.clone(),
            refresher: refresher.clone(),
            env: env.clone(),
            ambient: ambient.clone(),
            flight: flight.clone(),
        };
        change(&mut shared);
        Self { shared: Arc::new(shared), seen: Arc::default() }
    }

    /// Refreshes the login now, whether or not it must be. For a person who asks for it.
    ///
    /// # Errors
    /// As [`TokenSource::token`].
    pub async fn refresh(&self) -> Result<AccessToken> {
        let profile = self.shared.stored().await?;
        self.give(&self.shared.refreshed(profile).await?.profile)
    }

    /// The same for a program that wants to know what came of it; with `if_due` only if the token ends within 5 minutes.
    ///
    /// # Errors
    /// `config` for a key or a pasted token, which nothing renews; otherwise as [`TokenSource::token`].
    pub async fn renew(&self, if_due: bool) -> Result<Renewal> {
        let shared = &self.shared;
        let profile = shared.stored().await?;
        if if_due && !shared.is_ending(&profile) {
            return Ok(Renewal::StillGood);
        }
        match &profile.credential {
            credential if credential.is_renewable() => {}
            _ if shared.has_ended(&profile) => return Err(shared.ended(&profile)),
            Credential::OAuth(_) => {
                let text =
                    format!("{}: nothing is stored that renews {}: sign in again", shared.store.place(), shared.id);
                let error = Error::new(ErrorKind::AuthExpired, Stage::NotSent, text).with_advice(Advice::SignIn);
                return Err(shared.named(error));
            }
            _ => {
                let text = format!("{} is no sign-in: nothing renews a key or a pasted token", shared.id);
                return Err(shared.named(Error::config(text)));
            }
        }
        Ok(shared.refreshed(profile).await?.how)
    }

    /// Lets a login that was refused for good be tried again by this process: a person says that it is mended.
    pub(super) fn forget_refusal(place: &str, id: &ProfileId) {
        lock(&Flight::of(place, id).memory).refused = None;
    }

    fn give(&self, profile: &Profile) -> Result<AccessToken> {
        let shared = &self.shared;
        let secret = profile.credential.secret(&shared.env).map_err(|why| {
            let text = format!("{}: profile {} cannot be used: {why}", shared.store.place(), shared.id);
            shared.named(Error::new(ErrorKind::Store, Stage::NotSent, text))
        })?;
        let print = fingerprint(&secret);
        let mut token = access_token(profile, secret);
        let mut seen = lock(&self.seen);
        if seen.print != print {
            *seen = Seen { print, revision: seen.revision + 1, identity: Some(profile.identity()) };
        }
        token.revision = seen.revision;
        Ok(token)
    }
}

#[async_trait]
impl TokenSource for ProfileTokens {
    async fn token(&self) -> Result<AccessToken> {
        let shared = &self.shared;
        let profile = shared.stored().await?;
        if !shared.is_ending(&profile) {
            return self.give(&profile);
        }
        match shared.refreshed(profile.clone()).await {
            Ok(renewed) => self.give(&renewed.profile),
            // It opens the door for some minutes yet. If the fault stays, the next call that needs it is told.
            Err(_) if !shared.has_ended(&profile) => self.give(&profile),
            Err(e) => Err(e),
        }
    }

    async fn rejected(&self, revision: u64) -> Result<Option<AccessToken>> {
        let shared = &self.shared;
        let profile = shared.stored().await?;
        let newer = {
            let stored = profile.credential.secret(&shared.env).map(|secret| fingerprint(&secret)).ok();
            let seen = lock(&self.seen);
            // A call that one account began is not finished by another one.
            let of_another = |was: &Identity| was.compare(&profile.identity()) == Comparison::Different;
            if seen.identity.as_ref().is_some_and(of_another) {
                return Err(shared.other_account(OTHERS));
            }
            stored.as_ref() != Some(&seen.print) || seen.revision != revision
        };
        if newer && !shared.has_ended(&profile) {
            return self.give(&profile).map(Some);
        }
        if !profile.credential.is_renewable() {
            return Ok(None);
        }
        let renewed = shared.refreshed(profile).await?;
        self.give(&renewed.profile).map(Some)
    }
}

impl Shared {
    async fn stored(&self) -> Result<Profile> {
        self.find(&self.store.load().await?)
    }

    fn find(&self, profiles: &Profiles) -> Result<Profile> {
        let found = profiles.get(&self.id).or_else(|| self.renamed(profiles)).cloned();
        if let Some(profile) = &found {
            lock(&self.flight.memory).known = Some(profile.clone());
        }
        found.ok_or_else(|| {
            let note = profiles.unusable_note(&self.id);
            let why = note.map_or("it is not there any more; sign in again", |note| &note.reason);
            let text = format!("{}: profile {} cannot be used: {why}", self.store.place(), self.id);
            self.named(Error::new(ErrorKind::AuthInvalid, Stage::NotSent, text))
        })
    }

    /// The login under the name that it got meanwhile, if only one can be meant.
    fn renamed<'p>(&self, profiles: &'p Profiles) -> Option<&'p Profile> {
        if profiles.ids().any(|id| *id == self.id) {
            return None;
        }
        let known = lock(&self.flight.memory).known.clone()?;
        let mut same = profiles.iter().filter(|profile| known.is_same_login(profile));
        same.next().filter(|_| same.next().is_none())
    }

    /// Whether it must be refreshed: it ends soon, and is not one that we just got. If that one seems to have ended, then a
    /// clock is wrong, and another one would seem so too.
    fn is_ending(&self, profile: &Profile) -> bool {
        let Some(limit) = self.ambient.now().checked_add(AHEAD) else { return false };
        let got = lock(&self.flight.memory).got.clone();
        let is_new = |oauth: &OAuthCredential| {
            got.is_some_and(|(print, at)| {
                print == fingerprint(&oauth.access) && self.ambient.monotonic().saturating_sub(at) < FRESH
            })
        };
        match &profile.credential {
            Credential::ApiKey(_) => false,
            Credential::Token(_) => self.has_ended(profile),
            Credential::OAuth(oauth) => {
                // While the login server asks to wait, the token that is there is used, to its end.
                let waits = oauth.earliest_refresh_at.is_some_and(|at| at > self.ambient.now());
                let ends = profile.expires_at().is_some_and(|end| end <= limit) && !is_new(oauth);
                ends && (!waits || self.has_ended(profile))
            }
        }
    }

    fn has_ended(&self, profile: &Profile) -> bool {
        profile.expires_at().is_some_and(|end| end <= self.ambient.now())
    }

    /// The profile with new tokens: ours, or those of somebody who was quicker.
    async fn refreshed(self: &Arc<Self>, stale: Profile) -> Result<Renewed> {
        let start = |committed: Committed| {
            let (shared, stale) = (self.clone(), stale.clone());
            let work: std::pin::Pin<Box<dyn Future<Output = Result<Renewed>> + Send>> = Box::pin(async move {
                let span = CallSpan::refresh(&stale.provider, &shared.id);
                span.around(shared.run(stale, committed)).await
            });
            work
        };
        self.flight.single.run(start).await
    }

    async fn run(&self, stale: Profile, committed: Committed) -> Result<Renewed> {
        let Some((old, spent)) = refreshable(&stale) else { return Err(self.ended(&stale)) };
        self.check_memory(&spent)?;
        let right = self.store.lock_refresh(&stale).await?;
        let profiles = self.store.load().await?;
        let profile = self.find(&profiles)?;
        if stale.identity().compare(&profile.identity()) == Comparison::Different {
            return Err(self.other_account(OTHERS));
        }
        let Some((login, spent_now)) = refreshable(&profile) else { return Err(self.ended(&profile)) };
        if fingerprint(&login.access) != fingerprint(&old.access) && !self.is_ending(&profile) {
            return Ok(Renewed { profile, how: Renewal::Adopted });
        }
        let fresh = match self.unsaved(&profiles, &spent_now) {
            Some(fresh) => fresh,
            None => {
                self.check_memory(&spent_now)?;
                if let Some(failure) = profiles.usage(&profile.id).refresh_failure.filter(|f| f.token == spent_now) {
                    return Err(self.named(failure.error()));
                }
                match self.ask(&right, &profile, &spent_now, &committed).await {
                    // A program that takes no lock of ours was quicker after all.
                    Err(e) if e.advice() == Advice::SignIn => match self.winner(&profile, &spent_now).await {
                        Some(profile) => return Ok(Renewed { profile, how: Renewal::Adopted }),
                        None => return Err(e),
                    },
                    answer => answer?,
                }
            }
        };
        let stored = self.keep(fresh, &spent_now).await?;
        right.end();
        if let Credential::OAuth(oauth) = &stored.credential {
            let access = fingerprint(&oauth.access);
            if access == fingerprint(&login.access) {
                let text = "the login server gave no new access token; the login is kept, try again";
                let error = Error::new(ErrorKind::ServerError, Stage::Responded, text);
                // Said by the login server, and not by who is called with the token. One that is not named is OpenAI's.
                let home = oauth.issuer.clone().unwrap_or_else(|| super::oauth::Issuer::openai().to_string());
                return Err(self.named(error.with_url(&home)));
            }
            lock(&self.flight.memory).got = Some((access, self.ambient.monotonic()));
        }
        Ok(Renewed { profile: stored, how: Renewal::Refreshed })
    }

    /// Asks the issuer. From here on the refresh token counts as spent.
    async fn ask(&self, right: &RefreshLock, profile: &Profile, spent: &str, committed: &Committed) -> Result<Profile> {
        right.check_room().map_err(|e| self.named(e))?;
        let left = right.interrupted().filter(|left| left.token == spent);
        let started_at = iso(self.ambient.now());
        right.begin(&Interrupted { pid: std::process::id(), started_at, token: spent.to_owned() })?;
        committed.set();
        match self.refresher.refresh(profile).await {
            Ok(tokens) => {
                // The new tokens themselves say whose they are, not what is stored beside the old ones.
                let new = [tokens.access_token.as_ref(), tokens.id_token.as_ref()];
                let theirs = Identity::of_tokens(profile.provider.clone(), new);
                if profile.identity().compare(&theirs) == Comparison::Different {
                    let error = self.other_account("the login server answered with another account's tokens");
                    self.remember(&profile.provider, spent, &error).await;
                    right.end();
                    return Err(error);
                }
                Ok(renewed(profile, tokens))
            }
            Err(e) if e.advice() == Advice::SignIn => {
                let e = match left {
                    Some(Interrupted { pid, started_at, .. }) => e.clone().with_message(format!(
                        "{} (process {pid} began a refresh of this login at {started_at} and was ended before it could \
                         store the new token)",
                        e.message()
                    )),
                    None => e,
                };
                let e = self.named(e);
                self.remember(&profile.provider, spent, &e).await;
                right.end();
                Err(e)
            }
            Err(e) => {
                match left {
                    // What was left open before is open still.
                    Some(left) => right.begin(&left)?,
                    None if e.stage() != Stage::MaybeSent => right.end(),
                    None => {}
                }
                Err(self.named(e))
            }
        }
    }

    /// The login that came for this spent token and is not stored yet. It stays where it is: whoever asks may give up before it
    /// is stored. One whose spent token stands nowhere any more is of no use: somebody signed in or out since.
    fn unsaved(&self, profiles: &Profiles, spent: &str) -> Option<Profile> {
        let place = self.store.place();
        let mut all = lock(&UNSAVED);
        all.retain(|(at, token), fresh| *at != place || !holders_of(profiles, &fresh.provider, token).is_empty());
        all.get(&(place, spent.to_owned())).cloned()
    }

    /// What the store holds now, if that is another token of this login, and a good one.
    async fn winner(&self, before: &Profile, spent: &str) -> Option<Profile> {
        let now = self.stored().await.ok()?;
        let (_, token) = refreshable(&now)?;
        let ours = before.identity().compare(&now.identity()) != Comparison::Different;
        (ours && token != spent && !self.is_ending(&now)).then_some(now)
    }

    /// Stores the new tokens wherever the spent one stands: a repair may have renamed the profile, and a copy of it is the
    /// same login. Nowhere if somebody signed in or out meanwhile.
    async fn keep(&self, fresh: Profile, spent: &str) -> Result<Profile> {
        // In memory until it is stored, whatever becomes of this call and of the store.
        let key = (self.store.place(), spent.to_owned());
        lock(&UNSAVED).insert(key.clone(), fresh.clone());
        let mut holders = Vec::new();
        let mut store = |profiles: &mut Profiles| {
            holders = holders_of(profiles, &fresh.provider, spent);
            for id in &holders {
                let Some(mut profile) = profiles.get(id).cloned() else { continue };
                profile.credential = fresh.credential.clone();
                profiles.put(profile);
                let usage = profiles.usage(id);
                profiles.set_usage(id, &usage.signed_in());
            }
            Ok(())
        };
        match self.store.update(&mut store).await {
            Ok(profiles) => {
                lock(&UNSAVED).remove(&key);
                let own = holders.iter().find(|id| **id == self.id).or(holders.first());
                own.and_then(|id| profiles.get(id)).cloned().map_or_else(|| self.find(&profiles), Ok)
            }
            Err(e) => {
                let text = format!("{}; the new token is kept in memory, and stored with the next call", e.message());
                Err(self.named(e.with_message(text)))
            }
        }
    }

    /// A refusal for good is not asked for twice: neither by this process nor by another one. It is noted where the refused
    /// token stands, and not at a login that somebody made meanwhile.
    async fn remember(&self, provider: &ProviderId, spent: &str, error: &Error) {
        lock(&self.flight.memory).refused = Some((spent.to_owned(), error.clone()));
        let now = self.ambient.now();
        let failure = RefreshFailure::new(spent, error, now);
        let mut noted = Vec::new();
        let mut note = |profiles: &mut Profiles| {
            noted.clear();
            for id in holders_of(profiles, provider, spent) {
                let before = profiles.usage(&id);
                let mut usage = before.clone();
                usage.refresh_failure = Some(failure.clone());
                usage.disabled_until = now.checked_add(DISABLED).max(usage.disabled_until);
                usage.disabled_reason = Some("auth_permanent".to_owned());
                usage.last_failure_at = Some(now);
                profiles.set_usage(&id, &usage);
                noted.push((id, before, usage));
            }
            Ok(())
        };
        // The refusal itself is what matters; this process knows it.
        let written = self.store.update(&mut note).await.is_ok();
        for (id, before, after) in noted.iter().filter(|_| written) {
            observe::failure_state_updated(None, id, provider, None, "auth_permanent", before, after);
        }
    }

    fn check_memory(&self, spent: &str) -> Result<()> {
        match &lock(&self.flight.memory).refused {
            Some((token, error)) if token == spent => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn ended(&self, profile: &Profile) -> Error {
        let since = profile.expires_at().map(|end| format!(" since {}", iso(end))).unwrap_or_default();
        let text = format!(
            "{}: the token of profile {} has ended{since}, and nothing is stored that renews it: sign in again",
            self.store.place(),
            self.id
        );
        self.named(Error::new(ErrorKind::AuthExpired, Stage::NotSent, text).with_advice(Advice::SignIn))
    }

    fn other_account(&self, what: &str) -> Error {
        let text = format!("{}: {what}; profile {} is left as it is: sign in again", self.store.place(), self.id);
        self.named(Error::new(ErrorKind::AuthInvalid, Stage::NotSent, text).with_code("account_changed"))
    }

    fn named(&self, error: Error) -> Error {
        error.with_profile(self.id.as_str())
    }
}

/// What is under way, by the place of the store and the profile.
type Flights = BTreeMap<(String, ProfileId), Weak<Flight>>;

impl Flight {
    /// The one of this profile of this store.
    fn of(place: &str, id: &ProfileId) -> Arc<Self> {
        static ALL: OnceLock<Mutex<Flights>> = OnceLock::new();
        let mut all = lock(ALL.get_or_init(Mutex::default));
        let key = (place.to_owned(), id.clone());
        if let Some(flight) = all.get(&key).and_then(Weak::upgrade) {
            return flight;
        }
        all.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::new(Self::default());
        all.insert(key, Arc::downgrade(&flight));
        flight
    }
}

/// The login of a profile that can be refreshed, and the fingerprint of its refresh token.
fn refreshable(profile: &Profile) -> Option<(&OAuthCredential, String)> {
    match &profile.credential {
        Credential::OAuth(oauth) => Some((oauth, fingerprint(oauth.refresh.as_ref()?))),
        _ => None,
    }
}

/// The profiles of a provider that hold this refresh token.
fn holders_of(profiles: &Profiles, provider: &ProviderId, token: &str) -> Vec<ProfileId> {
    let holds = |profile: &&Profile| {
        profile.provider == *provider && refreshable(profile).is_some_and(|(_, print)| print == token)
    };
    profiles.iter().filter(holds).map(|profile| profile.id.clone()).collect()
}

/// The profile with what the answer has; what it lacks stays.
fn renewed(profile: &Profile, tokens: TokenResponse) -> Profile {
    let mut fresh = profile.clone();
    if let Credential::OAuth(oauth) = &mut fresh.credential {
        if let Some(access) = tokens.access_token {
            oauth.access = access;
            oauth.expires = tokens.expires_at;
            oauth.earliest_refresh_at = tokens.earliest_refresh_at;
        }
        oauth.refresh = tokens.refresh_token.or(oauth.refresh.take());
        oauth.id_token = tokens.id_token.or(oauth.id_token.take());
        oauth.scope = tokens.scope.or(oauth.scope.take());
    }
    fresh
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "refresh_tests.rs"]
mod tests;
