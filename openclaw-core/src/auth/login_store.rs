//! A store of logins, and what a person does with it: look, sign in and out, refresh, repair.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;

use super::credential_store::{CredentialStore, RefreshLock};
use super::file::{fields, plain, read_text, store as fault};
use super::health::cleared;
use super::oauth::{HostId, Issuer, PlanSharing, SignInPrompt, SignInRequest, TokenEndpoint};
use super::profile::{Credential, OAuthCredential, Profile, ProfileId};
use super::profiles::{ProfileNote, Profiles};
use super::refresh::{ProfileTokens, Renewal, TokenRefresher};
use super::rests::SharedRests;
use super::sign_in::{SignedIn, forget_in_config, record_in_config};
use super::store_file::try_folder;
use super::summary::ProfileSummary;
use super::{CodexCliStore, Environment, FileStore, codex_cli, place};
use crate::config::{Options, Written, default_path};
use crate::error::{Error, Result};
use crate::provider::ProviderId;

/// A store of logins with the `openclaw.json` that names them. What a person does with logins is here once, for every
/// program and language. Cheap to clone.
///
/// ```
/// use openclaw_core::auth::{Environment, LoginStore};
///
/// # let folder = std::env::temp_dir().join("no-openclaw-here");
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let logins = LoginStore::open(Some(&folder.join("auth-profiles.json")), None, &Environment::default())?;
/// assert_eq!(logins.list().await?.profiles.len(), 0);
/// # Ok::<(), openclaw_core::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LoginStore {
    store: Arc<dyn CredentialStore>,
    kind: Kind,
    env: Environment,
}

#[derive(Debug, Clone)]
enum Kind {
    /// Of an OpenClaw agent; the configuration of its folder, if there is one, names its profiles.
    OpenClaw { path: PathBuf, config: Option<PathBuf> },
    /// Of the Codex command line, and whether the person shares it.
    Codex { shared: bool },
    /// The host's own.
    Host,
}

/// What is in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoredLogins {
    /// Where it is.
    pub store: String,
    /// The logins, in the order of the file.
    pub profiles: Vec<ProfileSummary>,
    /// By provider, the order that a person set.
    pub order: BTreeMap<String, Vec<ProfileId>>,
    /// What a person should know: entries that cannot be read, a newer store beside it.
    pub notes: Vec<ProfileNote>,
    /// The same as lines for a person: [`Profiles::note_lines`].
    #[serde(skip)]
    pub note_lines: Vec<String>,
}

/// A login that was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoredLogin {
    /// The login.
    pub profile: ProfileSummary,
    /// Where it is stored.
    pub store: String,
    /// What became of the other profiles of its provider.
    #[serde(flatten)]
    pub signed_in: SignedIn,
    /// The configuration files that name it and were changed.
    pub written: Vec<PathBuf>,
    /// What a person should know besides: why the configuration could not be changed, a store that was open to others. The
    /// login is stored all the same.
    pub notes: Vec<String>,
}

/// A login that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RemovedLogin {
    /// Its name.
    pub id: ProfileId,
    /// Where it was stored.
    pub store: String,
    /// The configuration files that named it and were changed.
    pub written: Vec<PathBuf>,
    /// Whether its login server withdrew it. Never for keys, which have no login server.
    pub revoked: bool,
    /// Why the login server did not. The login is deleted all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_revoked: Option<String>,
    /// What a person should know besides: as in [`StoredLogin`].
    pub notes: Vec<String>,
}

/// What a refresh came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RefreshedLogin {
    /// How the login got its token.
    pub how: Renewal,
    /// The login as it is now.
    pub profile: ProfileSummary,
}

impl LoginStore {
    /// The store at this path: an `auth-profiles.json`, an `auth.json` of the Codex command line, or the folder of either
    /// program. Without a path that of an agent of OpenClaw (`main` unless named), where [`find_login`](super::find_login)
    /// looks too. It need not exist.
    ///
    /// # Errors
    /// `config` when no home folder is known, for an agent that cannot exist, and for an agent of what is no folder of
    /// OpenClaw. `store` for a file that cannot be read.
    pub fn open(path: Option<&Path>, agent: Option<&str>, env: &Environment) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::of_openclaw(FileStore::of_agent(agent, env)?, env)) };
        if path.is_dir() {
            if path.join("auth.json").is_file() && !path.join("agents").is_dir() {
                return Self::of_codex(path.join("auth.json"), agent, env);
            }
            let agent = agent.unwrap_or(place::MAIN);
            place::check_agent(agent)?;
            return Ok(Self::of_openclaw(FileStore::at(place::profiles_of(path, agent), env), env));
        }
        let text = read_text(path, &mut Vec::new())?;
        let is_codex = match &text {
            Some(text) => {
                let object = fields(plain(text), &path.display().to_string())?;
                object.raw("profiles").is_none() && codex_cli::is_codex_file(&object)
            }
            None => path.file_name().is_some_and(|name| name == "auth.json"),
        };
        if is_codex {
            return Self::of_codex(path.to_owned(), agent, env);
        }
        if let Some(agent) = agent {
            let text = format!("{} is one file: leave the agent {agent:?} out, or name the folder", path.display());
            return Err(Error::config(text));
        }
        Ok(Self::of_openclaw(FileStore::at(path, env), env))
    }

    /// A host's own store. No configuration names its profiles.
    pub fn of(store: Arc<dyn CredentialStore>) -> Self {
        Self { store, kind: Kind::Host, env: Environment::default() }
    }

    fn of_openclaw(store: FileStore, env: &Environment) -> Self {
        let path = store.path().to_owned();
        let config = config_of(&path, env);
        Self { store: Arc::new(store), kind: Kind::OpenClaw { path, config }, env: env.clone() }
    }

    fn of_codex(path: PathBuf, agent: Option<&str>, env: &Environment) -> Result<Self> {
        if let Some(agent) = agent {
            let text = format!("{} is of the Codex command line, which has no agent {agent:?}", path.display());
            return Err(Error::config(text));
        }
        Ok(Self { store: Arc::new(CodexCliStore::at(path)), kind: Kind::Codex { shared: false }, env: env.clone() })
    }

    /// Allows that the login of the Codex command line is refreshed and written back; what the person must know is
    /// [`CodexCliStore::WARNING`]. Other stores need no such word.
    #[must_use]
    pub fn share_codex_login(mut self, shared: bool) -> Self {
        if matches!(self.kind, Kind::Codex { .. }) {
            self.store = Arc::new(CodexCliStore::at(self.store.place()).share(shared));
            self.kind = Kind::Codex { shared };
        }
        self
    }

    /// Where the logins are: a path, or what the host calls it.
    pub fn place(&self) -> String {
        self.store.place()
    }

    /// The store itself.
    pub fn credentials(&self) -> &Arc<dyn CredentialStore> {
        &self.store
    }

    /// All logins, and what is to be said of them.
    ///
    /// # Errors
    /// `store` when they cannot be read.
    pub async fn list(&self) -> Result<StoredLogins> {
        let profiles = self.store.load().await?;
        let (rests, renews) = (SharedRests::all(&profiles, SystemTime::now()), self.renews());
        let shown = |profile: &Profile| ProfileSummary::among(profile, &rests, &self.env, renews);
        let all: Vec<ProfileSummary> = profiles.iter().map(shown).collect();
        let providers = profiles.iter().map(|profile| &profile.provider);
        let order = providers.filter_map(|of| Some((of.to_string(), profiles.order(of)?))).collect();
        let (notes, note_lines) = (profiles.notes().to_vec(), profiles.note_lines());
        Ok(StoredLogins { store: self.place(), profiles: all, order, notes, note_lines })
    }

    /// One login.
    ///
    /// # Errors
    /// `config` when there is none of this name, or it cannot be used; both say what there is.
    pub async fn get(&self, id: &ProfileId) -> Result<ProfileSummary> {
        let profiles = self.store.load().await?;
        let profile = profiles.get(id).ok_or_else(|| self.unknown(&profiles, id))?;
        Ok(self.summary(profile, &profiles))
    }

    /// Deletes a login, also from the configuration. Its login server is not told: see [`sign_out`](Self::sign_out). A refresh
    /// of it that is under way is waited for.
    ///
    /// # Errors
    /// As [`get`](Self::get); an entry that cannot be read can be deleted. `store` when the store cannot be written.
    pub async fn remove(&self, id: &ProfileId) -> Result<RemovedLogin> {
        self.check_removable()?;
        let _held = self.hold(self.store.load().await?.get(id).into_iter()).await?;
        self.delete(id).await
    }

    async fn delete(&self, id: &ProfileId) -> Result<RemovedLogin> {
        let mut remove = |profiles: &mut Profiles| match profiles.remove(id) {
            true => Ok(()),
            false => Err(self.unknown(profiles, id)),
        };
        let mut notes = store_notes(&self.store.update(&mut remove).await?);
        let forget = |config: &Path| forget_in_config(config, &Options::of_process(), std::slice::from_ref(id));
        let written = self.in_config(forget, &mut notes);
        let (id, store) = (id.clone(), self.place());
        Ok(RemovedLogin { id, store, written, revoked: false, not_revoked: None, notes })
    }

    /// Until this is dropped nobody refreshes these logins: no new token comes for one that is deleted or merged.
    async fn hold<'p>(&self, profiles: impl Iterator<Item = &'p Profile>) -> Result<Vec<RefreshLock>> {
        let renewed: Vec<Profile> = profiles.filter(|profile| profile.credential.is_renewable()).cloned().collect();
        self.store.lock_refreshes(&renewed).await
    }

    /// Merges logins of one person in one account, which older versions of OpenClaw left behind: see
    /// [`Profiles::repair`]. With `dry_run` nothing is written. Refreshes of theirs that are under way are waited for.
    ///
    /// # Errors
    /// `store` when the store cannot be read or written.
    pub async fn repair(&self, dry_run: bool) -> Result<Vec<StoredLogin>> {
        let before = self.store.load().await?;
        let mut profiles = before.clone();
        let mut repaired = profiles.repair();
        let merged = |id: &ProfileId| repaired.iter().any(|done| done.replaced.contains(id));
        if !dry_run && before.ids().any(merged) {
            let _held = self.hold(before.iter().filter(|profile| merged(&profile.id))).await?;
            let mut repair = |profiles: &mut Profiles| {
                repaired = profiles.repair();
                Ok(())
            };
            profiles = self.store.update(&mut repair).await?;
        }
        let told = |done: SignedIn| {
            // What was left alone is told, and nothing else is done for it.
            let nothing = dry_run || done.replaced.is_empty();
            self.stored(done, &profiles, nothing)
        };
        Ok(repaired.into_iter().filter_map(told).collect())
    }

    /// Signs a person in and stores the login.
    ///
    /// # Errors
    /// Those of the way that was asked for, see [`SignInRequest`]; `store` when the store cannot be read or written, which is
    /// found before anybody signs in.
    pub async fn sign_in(
        &self,
        asked: &SignInRequest,
        endpoint: &TokenEndpoint,
        prompt: &dyn SignInPrompt,
    ) -> Result<StoredLogin> {
        if matches!(self.kind, Kind::Codex { .. }) {
            let text = format!("{} belongs to the Codex command line: run codex login", self.place());
            return Err(fault(text).with_code("read_only"));
        }
        // Found before the person signs in, not after.
        let profiles = self.store.load().await?;
        self.check_writable().await?;
        self.check_room()?;
        let mut asked = asked.clone();
        asked.issued_client = asked.issued_client.or_else(|| issued_client(&profiles, endpoint.issuer()));
        let host = || match &self.kind {
            Kind::OpenClaw { path, .. } => HostId::load_or_create(path.with_file_name("chatgpt-host-id")),
            _ => Err(Error::config("plan sharing needs the id of this installation: give one with the request")),
        };
        let profile = asked.run(endpoint, host, prompt).await?;
        self.keep(profile).await
    }

    /// Stores a login, and names it in the configuration if there is one: see [`Profiles::sign_in`].
    ///
    /// # Errors
    /// `store` when the store cannot be written. A configuration that cannot be changed is told in the notes.
    pub async fn keep(&self, profile: Profile) -> Result<StoredLogin> {
        let mut done = SignedIn::default();
        let mut put = |profiles: &mut Profiles| {
            done = profiles.sign_in(profile.clone());
            Ok(())
        };
        let profiles = self.store.update(&mut put).await?;
        let stored = self.stored(done, &profiles, false);
        stored.ok_or_else(|| fault(format!("{} did not keep the login", self.place())))
    }

    /// Withdraws a login at its own login server and deletes it. It is deleted also when the login server cannot be asked:
    /// [`RemovedLogin::not_revoked`] says so; so it is with a login of another provider that names no login server. Without a
    /// name it is the only sign-in that is stored.
    ///
    /// # Errors
    /// As [`remove`](Self::remove), and nothing is withdrawn then; `config` when no name is given and there is not exactly one
    /// sign-in.
    pub async fn sign_out(&self, id: Option<&ProfileId>, endpoint: &TokenEndpoint) -> Result<RemovedLogin> {
        let profiles = self.store.load().await?;
        let profile = match id {
            Some(id) => profiles.get(id).ok_or_else(|| self.unknown(&profiles, id))?,
            None => self.only_sign_in(&profiles)?,
        };
        self.check_removable()?;
        let _held = self.hold(std::iter::once(profile)).await?;
        // A refresh may have given it another token meanwhile.
        let profiles = self.store.load().await?;
        let profile = profiles.get(&profile.id).ok_or_else(|| self.unknown(&profiles, &profile.id))?;
        self.check_writable().await?;
        let revoked = match &profile.credential {
            Credential::OAuth(_) => Some(endpoint.revoke_login(profile).await),
            _ => None,
        };
        let removed = self.delete(&profile.id).await?;
        Ok(match revoked {
            None => removed,
            Some(Ok(())) => RemovedLogin { revoked: true, ..removed },
            Some(Err(error)) => RemovedLogin { not_revoked: Some(error.message().to_owned()), ..removed },
        })
    }

    /// Refreshes a login, now, or with `if_due` only if it ends within 5 minutes. All who refresh it at the same time, in
    /// this process and in others, spend one refresh token.
    ///
    /// # Errors
    /// With the advice `sign_in` when only a person can renew it. `config` for a key or a pasted token, which nothing renews.
    pub async fn refresh(
        &self,
        id: &ProfileId,
        if_due: bool,
        refresher: Arc<dyn TokenRefresher>,
    ) -> Result<RefreshedLogin> {
        // What is not there is told as it is everywhere.
        self.get(id).await?;
        let tokens = ProfileTokens::new(self.store.clone(), id.clone(), refresher).environment(self.env.clone());
        let how = tokens.renew(if_due).await?;
        Ok(RefreshedLogin { how, profile: self.get(id).await? })
    }

    /// Forgets the faults of a login, of all logins of a provider, or of all: rests, counters, and that a refresh was refused.
    /// Gives the names of those that had any.
    ///
    /// # Errors
    /// `config` when there is no login of this name; `store` when the store cannot be written.
    pub async fn clear_health(&self, id: Option<&ProfileId>, provider: Option<&ProviderId>) -> Result<Vec<ProfileId>> {
        let mut ids = Vec::new();
        let mut clear = |profiles: &mut Profiles| {
            if let Some(id) = id.filter(|id| profiles.get(id).is_none()) {
                return Err(self.unknown(profiles, id));
            }
            let meant = |p: &&Profile| id.is_none_or(|id| p.id == *id) && provider.is_none_or(|of| p.provider == *of);
            let had = |p: &&Profile| profiles.usage(&p.id) != cleared(&profiles.usage(&p.id));
            ids = profiles.iter().filter(meant).filter(had).map(|profile| profile.id.clone()).collect();
            for id in &ids {
                let usage = cleared(&profiles.usage(id));
                profiles.set_usage(id, &usage);
            }
            Ok(())
        };
        match self.store.update(&mut clear).await {
            // Of the Codex command line, and not shared: there is nothing to forget but what this process knows.
            Err(e) if matches!(self.kind, Kind::Codex { .. }) && e.code() == Some("read_only") => {
                clear(&mut self.store.load().await?)?;
            }
            done => drop(done?),
        }
        for id in &ids {
            ProfileTokens::forget_refusal(&self.place(), id);
        }
        Ok(ids)
    }

    /// Sets the order in which the logins of a provider are asked; `None` takes it away. Those that it does not name are not
    /// asked at all.
    ///
    /// # Errors
    /// `config` for a name that is not that of a login of this provider, and for one that stands there twice; `store` when
    /// the store cannot be written or keeps no order.
    pub async fn set_order(&self, provider: &ProviderId, order: Option<&[ProfileId]>) -> Result<()> {
        if matches!(self.kind, Kind::Codex { .. }) {
            return Err(fault(format!("{} has one login and keeps no order", self.place())));
        }
        let mut set = |profiles: &mut Profiles| {
            for (at, id) in order.unwrap_or_default().iter().enumerate() {
                let profile = profiles.get(id).ok_or_else(|| self.unknown(profiles, id))?;
                if profile.provider != *provider {
                    let text = format!("{id} is of {}, not of {provider}: leave it out of its order", profile.provider);
                    return Err(Error::config(text));
                }
                if order.unwrap_or_default().iter().take(at).any(|other| other == id) {
                    return Err(Error::config(format!("the order names {id} twice")));
                }
            }
            profiles.set_order(provider, order);
            Ok(())
        };
        self.store.update(&mut set).await.map(drop)
    }

    /// The configuration that names the profiles: none is made for this.
    fn config(&self) -> Option<&Path> {
        match &self.kind {
            Kind::OpenClaw { config, .. } => config.as_deref().filter(|path| path.exists()),
            _ => None,
        }
    }

    fn summary(&self, profile: &Profile, profiles: &Profiles) -> ProfileSummary {
        ProfileSummary::of(profile, profiles, &self.env, self.renews(), SystemTime::now())
    }

    /// Whether a login that is renewed could be stored.
    fn renews(&self) -> bool {
        match &self.kind {
            Kind::OpenClaw { path, .. } => FileStore::at(path, &self.env).refusal().is_none(),
            Kind::Codex { shared } => *shared,
            Kind::Host => true,
        }
    }

    /// What a sign-in or a repair did, named in the configuration too.
    fn stored(&self, done: SignedIn, profiles: &Profiles, dry_run: bool) -> Option<StoredLogin> {
        let profile = profiles.get(done.id.as_ref()?)?;
        let (mut notes, mut written) = (store_notes(profiles), Vec::new());
        if !dry_run {
            let record = |config: &Path| record_in_config(config, &Options::of_process(), profile, &done.retired);
            written = self.in_config(record, &mut notes);
        }
        let profile = self.summary(profile, profiles);
        Some(StoredLogin { profile, store: self.place(), signed_in: done, written, notes })
    }

    /// Changes the configuration, if there is one. It names logins and holds none: what is wrong with it undoes nothing.
    fn in_config(&self, change: impl FnOnce(&Path) -> Result<Vec<Written>>, notes: &mut Vec<String>) -> Vec<PathBuf> {
        let Some(config) = self.config() else { return Vec::new() };
        match change(config) {
            Ok(written) => written.into_iter().map(|written| written.path).collect(),
            Err(e) => {
                notes.push(format!(
                    "{} does not say so, because it cannot be changed: {}",
                    config.display(),
                    e.message()
                ));
                Vec::new()
            }
        }
    }

    /// Whether the store can be changed now: it is locked and read, as for a change, and left as it is. No folder is made.
    async fn check_writable(&self) -> Result<()> {
        if let Kind::OpenClaw { path, .. } = &self.kind {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
                let refusal = FileStore::at(path, &self.env).refusal();
                return refusal.map_or_else(|| try_folder(folder), Err);
            }
        }
        let mut reached = false;
        let mut probe = |_: &mut Profiles| {
            reached = true;
            Err(fault("only a trial".to_owned()))
        };
        let outcome = self.store.update(&mut probe).await;
        if reached { Ok(()) } else { outcome.map(drop) }
    }

    /// Whether the disk has room for another login.
    fn check_room(&self) -> Result<()> {
        match &self.kind {
            Kind::OpenClaw { path, .. } if path.parent().is_some_and(Path::is_dir) => {
                FileStore::at(path, &self.env).check_room()
            }
            _ => Ok(()),
        }
    }

    /// Why a profile cannot be had.
    fn unknown(&self, profiles: &Profiles, id: &ProfileId) -> Error {
        let note = profiles.unusable_note(id);
        let ids: Vec<&str> = profiles.ids().map(ProfileId::as_str).collect();
        Error::config(match (note, ids.is_empty()) {
            (Some(note), _) => format!("{}: profile {id} cannot be used: {}", self.place(), note.reason),
            (None, true) => format!("{} has no profile {id}, nor any other", self.place()),
            (None, false) => format!("{} has no profile {id}; there are: {}", self.place(), ids.join(", ")),
        })
    }

    fn only_sign_in<'p>(&self, profiles: &'p Profiles) -> Result<&'p Profile> {
        let all: Vec<&Profile> = profiles.iter().filter(|p| matches!(p.credential, Credential::OAuth(_))).collect();
        match all.as_slice() {
            [one] => Ok(one),
            [] => Err(Error::config(format!("{} has no sign-in", self.place()))),
            many => {
                let ids: Vec<&str> = many.iter().map(|p| p.id.as_str()).collect();
                Err(Error::config(format!("{} has several sign-ins; say which one: {}", self.place(), ids.join(" | "))))
            }
        }
    }

    /// A login that cannot be deleted is not withdrawn either.
    fn check_removable(&self) -> Result<()> {
        match &self.kind {
            Kind::Codex { .. } => {
                let text = format!("{} belongs to the Codex command line: run codex logout", self.place());
                Err(fault(text).with_code("read_only"))
            }
            Kind::OpenClaw { path, .. } => FileStore::at(path, &self.env).refusal().map_or(Ok(()), Err),
            Kind::Host => Ok(()),
        }
    }
}

/// The configuration beside a store: that of the folder of OpenClaw in which the store lies. One that lies elsewhere has none.
fn config_of(profiles: &Path, env: &Environment) -> Option<PathBuf> {
    let state = place::state_of(profiles)?;
    if place::state_folder(env).as_deref() != Some(state) {
        return Some(state.join("openclaw.json"));
    }
    let named = ["OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR", "OPENCLAW_HOME", "HOME", "USERPROFILE"];
    let variable = |name: &str| Some((name.to_owned(), env.var(name)?.into_string().ok()?));
    default_path(&named.into_iter().filter_map(variable).collect())
}

/// The client that this login server issued to the installation when a plan was shared with it first.
fn issued_client(profiles: &Profiles, issuer: &Issuer) -> Option<String> {
    let own = |login: &OAuthCredential| login.issuer.as_deref().map_or(issuer.is_openai(), |it| it == issuer.as_str());
    profiles.iter().find_map(|profile| match &profile.credential {
        Credential::OAuth(login) if PlanSharing::made(login) && own(login) => login.client_id.clone(),
        _ => None,
    })
}

/// What is to be said of the store itself.
fn store_notes(profiles: &Profiles) -> Vec<String> {
    profiles.notes().iter().filter(|note| note.profile.is_none()).map(|note| note.reason.clone()).collect()
}
