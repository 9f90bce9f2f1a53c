//! The profiles of an OpenClaw agent, in its own files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::credential_store::{Change, CredentialStore, RefreshLock};
use super::file::{beside_newer, newer_store, plain, read_text, store};
use super::profile::Profile;
use super::profiles::Profiles;
use super::store_file::{Contents, StoreFile, private_folder};
use super::{Environment, place};
use crate::ambient::{self, Ambient};
use crate::disk::{Claim, Holder, Lock, fault, resolved, sweep_old};
use crate::error::{Error, Result};

/// Longer than OpenClaw lets a lock stand that nobody gives back.
const PATIENCE: Duration = Duration::from_secs(35);
/// As long as OpenClaw lets the lock of a refresh stand.
const REFRESH_STALE: Duration = Duration::from_secs(180);

/// The profiles of an OpenClaw agent: `auth-profiles.json`, and `auth-state.json` where 2026.4.12 made one.
///
/// Every write is of a whole file, which takes the old one's place in one step, readable by its owner only; it is made under
/// a lock of ours and under OpenClaw's own, so that neither loses a change of the other. `OPENCLAW_AUTH_STORE_READONLY=1`
/// forbids writing. The SQLite store of OpenClaw 2026.6 and later is recognised and left alone.
///
/// Waiting for a lock is asynchronous, the file work itself is not: it takes a few milliseconds of the thread.
#[derive(Debug, Clone)]
pub struct FileStore {
    file: StoreFile,
    read_only: bool,
}

impl FileStore {
    /// The store of an agent (`main` unless named): under `OPENCLAW_STATE_DIR`, else under `~/.openclaw`. Nothing is opened.
    ///
    /// # Errors
    /// `config` when no home folder is known, and for an agent that cannot exist.
    pub fn of_agent(agent: Option<&str>, env: &Environment) -> Result<Self> {
        let agent = agent.unwrap_or(place::MAIN);
        place::check_agent(agent)?;
        let Some(state) = place::state_folder(env) else {
            return Err(Error::config("no home folder is known: set OPENCLAW_STATE_DIR or HOME, or name the file"));
        };
        Ok(Self::at(place::profiles_of(&state, agent), env))
    }

    /// The `auth-profiles.json` of this path. It need not exist.
    pub fn at(path: impl Into<PathBuf>, env: &Environment) -> Self {
        let path = path.into();
        let second = path.file_name().is_some_and(|name| name == "auth-profiles.json");
        let second = second.then(|| path.with_file_name("auth-state.json"));
        let read_only = env.var("OPENCLAW_AUTH_STORE_READONLY").is_some_and(|value| value == "1" || value == "true");
        let file = StoreFile { path, second, openclaw: true, patience: PATIENCE, ambient: ambient::system() };
        Self { file, read_only }
    }

    /// How long a lock is waited for. 35 s unless set: a lock that a living process does not give back counts as left behind
    /// after 30 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.file.patience = patience;
        self
    }

    /// Other time and randomness.
    #[must_use]
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.file.ambient = ambient;
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// Why it must not be written, if that is known before trying.
    pub(crate) fn refusal(&self) -> Option<Error> {
        if let Some(newer) = self.newer() {
            return Some(newer_store(&newer));
        }
        self.read_only.then(|| {
            let name = self.path().display();
            let text =
                format!("{name} may not be written: OPENCLAW_AUTH_STORE_READONLY is set; unset it to change logins");
            store(text).with_code("read_only")
        })
    }

    /// The profiles as they are now, without waiting for anything.
    pub(crate) fn read(&self) -> Result<Profiles> {
        let mut notes = Vec::new();
        let Some(text) = read_text(self.path(), &mut notes)? else {
            return match self.newer() {
                Some(newer) => Err(newer_store(&newer)),
                None => Ok(Profiles::default()),
            };
        };
        notes.extend(self.newer().map(|newer| beside_newer(self.path(), &newer)));
        let state = state_text(self.path(), &mut notes);
        let mut profiles = Profiles::read(&self.place(), plain(&text), state.as_ref().map(plain))?;
        notes.into_iter().for_each(|note| profiles.add_note(note));
        Ok(profiles)
    }

    /// Whether a login could be added: a token that cannot be stored is lost.
    pub(super) fn check_room(&self) -> Result<()> {
        self.file.check_room()
    }

    /// The SQLite store of a newer OpenClaw beside the file, as it is named or as its links lead.
    fn newer(&self) -> Option<PathBuf> {
        place::newer_store(self.path()).or_else(|| place::newer_store(&resolved(self.path()).ok()?))
    }

    /// Where the locks of refreshes are: OpenClaw's in the folder of the state that the file is named in, ours in that where it
    /// really lies, so that whoever comes by another link meets it too.
    fn lock_folders(&self) -> Result<[PathBuf; 2]> {
        let real = resolved(self.path())?;
        let beside = |path: &Path| path.parent().unwrap_or(Path::new(".")).to_owned();
        let ours = place::state_of(&real).map_or_else(|| beside(&real), Path::to_owned);
        let theirs = place::state_of(self.path()).map_or_else(|| ours.clone(), Path::to_owned);
        Ok([ours, theirs].map(|folder| folder.join("locks").join("oauth-refresh")))
    }

    fn parse(&self, contents: &Contents) -> Result<Profiles> {
        let [Some(text), state] = contents else { return Ok(Profiles::default()) };
        if plain(text).trim().is_empty() {
            let text = format!("{} is empty; remove it and sign in again", self.path().display());
            return Err(store(text));
        }
        Profiles::read(&self.path().display().to_string(), plain(text), state.as_ref().map(plain))
    }
}

#[async_trait]
impl CredentialStore for FileStore {
    async fn load(&self) -> Result<Profiles> {
        self.read()
    }

    async fn update(&self, change: &mut Change<'_>) -> Result<Profiles> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let (mut profiles, notes) = self
            .file
            .change(&mut |contents| {
                let mut profiles = self.parse(contents)?;
                change(&mut profiles)?;
                let [_, state] = contents;
                // A state file that cannot be read is left as it is.
                let state = profiles.state_text().or_else(|| state.clone());
                let before_is_none = contents.iter().all(Option::is_none);
                let text = (!before_is_none || !profiles.is_new()).then(|| profiles.to_text());
                Ok(([text, state], profiles))
            })
            .await?;
        notes.into_iter().for_each(|note| profiles.add_note(note));
        Ok(profiles)
    }

    async fn lock_refresh(&self, profile: &Profile) -> Result<RefreshLock> {
        let (mut own, theirs) = self.lock_all(std::slice::from_ref(profile)).await?;
        let journal = own.pop().ok_or_else(|| store(format!("{} was not locked", self.place())))?;
        Ok(RefreshLock::with_journal(journal, self.file.clone(), theirs))
    }

    async fn lock_refreshes(&self, profiles: &[Profile]) -> Result<Vec<RefreshLock>> {
        Ok(vec![RefreshLock::new(self.lock_all(profiles).await?)])
    }

    fn place(&self) -> String {
        self.path().display().to_string()
    }
}

impl FileStore {
    /// Our own locks, then OpenClaw's, each kind in the order of its names: so two who take several never wait for each other.
    async fn lock_all(&self, profiles: &[Profile]) -> Result<(Vec<Lock>, Vec<Claim>)> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let [ours, theirs] = self.lock_folders()?;
        for folder in [&ours, &theirs] {
            private_folder(folder).map_err(|e| fault(format!("cannot make the folder {}", folder.display()), e))?;
        }
        // A login that was copied to another name is the same login.
        let own = |profile: &Profile| ours.join(format!("claw-sha256-{}", identity_key(profile)));
        let named = |profile: &Profile| hash(&[profile.provider.as_str(), profile.id.as_str()]);
        let own: BTreeSet<PathBuf> = profiles.iter().map(own).collect();
        let named: BTreeSet<PathBuf> =
            profiles.iter().map(|profile| theirs.join(format!("sha256-{}.lock", named(profile)))).collect();
        let deadline = self.file.deadline(3);
        let (mut locks, mut claims) = (Vec::new(), Vec::new());
        for path in own {
            let attempt = || Ok(Lock::attempt(&path, "lock")?.ok_or_else(Holder::default));
            locks.push(self.file.wait(&deadline, &path, attempt).await?);
        }
        for path in named {
            sweep_old(&path);
            let attempt = || Claim::attempt(&path, REFRESH_STALE, self.file.ambient.now());
            claims.push(self.file.wait(&deadline, &path, attempt).await?);
        }
        Ok((locks, claims))
    }
}

/// The text of the `auth-state.json` beside a store. One that cannot be read is noted.
pub(super) fn state_text(profiles: &Path, notes: &mut Vec<String>) -> Option<SecretString> {
    read_text(&profiles.with_file_name("auth-state.json"), notes).unwrap_or_else(|e| {
        notes.push(format!("{}; the order of profiles is taken without it", e.message()));
        None
    })
}

/// One and the same for every profile of a person in an account.
fn identity_key(profile: &Profile) -> String {
    let identity = profile.identity();
    let email = identity.email.map(|email| email.trim().to_lowercase());
    match (identity.user_id.or(email), identity.account_id) {
        (Some(person), account) => hash(&[profile.provider.as_str(), &account.unwrap_or_default(), &person]),
        (None, _) => hash(&[profile.provider.as_str(), profile.id.as_str()]),
    }
}

/// 64 hexadecimal digits of the parts, with a zero byte between them.
fn hash(parts: &[&str]) -> String {
    Sha256::digest(parts.join("\0")).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(all(test, unix))]
#[path = "file_store_tests.rs"]
mod tests;
