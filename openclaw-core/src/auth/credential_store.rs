//! Where profiles are kept.

use std::any::Any;
use std::fmt::{self, Debug};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::profile::Profile;
use super::profiles::Profiles;
use super::store_file::StoreFile;
use crate::disk::{self, Lock};
use crate::error::Result;

/// A change of profiles. On an error nothing is changed.
pub type Change<'a> = dyn FnMut(&mut Profiles) -> Result<()> + Send + 'a;

/// Keeps profiles. A host with a vault or a database of its own implements this.
#[async_trait]
pub trait CredentialStore: Debug + Send + Sync {
    /// The profiles as they are now.
    ///
    /// # Errors
    /// `store` when they cannot be read.
    async fn load(&self) -> Result<Profiles>;

    /// Lets `change` change the profiles as they are now, and keeps what comes of it before this returns: nobody else's
    /// change may come between. `change` may run more than once, each time on fresh profiles. Gives back what was kept.
    ///
    /// # Errors
    /// Those of `change`, then nothing is changed; `store` when it cannot be kept.
    async fn update(&self, change: &mut Change<'_>) -> Result<Profiles>;

    /// Waits for the right to refresh a login: one holder at a time, over all processes that share the store.
    ///
    /// # Errors
    /// `store` with code `locked` when somebody else holds it for too long.
    async fn lock_refresh(&self, profile: &Profile) -> Result<RefreshLock>;

    /// Waits until none of these logins is refreshed, and keeps it so: for whoever is about to delete, merge or withdraw them.
    /// The usual way takes the right of the first one, which is enough where one right is for all.
    ///
    /// # Errors
    /// As [`lock_refresh`](Self::lock_refresh).
    async fn lock_refreshes(&self, profiles: &[Profile]) -> Result<Vec<RefreshLock>> {
        match profiles.first() {
            Some(profile) => Ok(vec![self.lock_refresh(profile).await?]),
            None => Ok(Vec::new()),
        }
    }

    /// Where the profiles are kept, for messages: a path, or what the host calls it. Two stores of one place are one store.
    fn place(&self) -> String;
}

/// The right to refresh a login. Dropping it gives it back.
pub struct RefreshLock {
    /// Where it is written down that a refresh token is on its way, for whoever comes after a crash.
    journal: Option<Lock>,
    /// Where the new token will be stored, if that is a file.
    file: Option<StoreFile>,
    _held: Box<dyn Any + Send + Sync>,
}

impl RefreshLock {
    /// A right that lasts until this is dropped.
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self { journal: None, file: None, _held: Box::new(held) }
    }

    /// The same for a login in a file, with a lock whose file keeps the journal.
    pub(super) fn with_journal(journal: Lock, file: StoreFile, held: impl Any + Send + Sync) -> Self {
        Self { journal: Some(journal), file: Some(file), _held: Box::new(held) }
    }

    /// Whether a new token could be stored: one that cannot is lost with this process, and the old one is spent by then.
    pub(super) fn check_room(&self) -> Result<()> {
        self.file.as_ref().map_or(Ok(()), StoreFile::check_room)
    }

    /// What a holder before this one sent and never saw the end of.
    pub(super) fn interrupted(&self) -> Option<Interrupted> {
        serde_json::from_str(&self.journal.as_ref()?.note().ok()?).ok()
    }

    /// Writes down that this token is about to be sent.
    pub(super) fn begin(&self, sent: &Interrupted) -> Result<()> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let text = serde_json::to_string(sent).unwrap_or_default();
        journal
            .set_note(&text)
            .map_err(|e| disk::fault("cannot note that a refresh begins, nothing was sent".into(), e))
    }

    /// Writes down that the answer is stored, or that the token was not spent.
    pub(super) fn end(&self) {
        if let Some(journal) = &self.journal {
            // At worst the next one reads of a refresh that did end.
            let _ = journal.set_note("");
        }
    }
}

/// A refresh that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Interrupted {
    pub pid: u32,
    pub started_at: String,
    /// The refresh token's fingerprint.
    pub token: String,
}

impl Debug for RefreshLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshLock")
    }
}

/// Profiles that live as long as this value: for tests, and for hosts that keep them elsewhere.
#[derive(Debug, Default)]
pub struct MemoryStore {
    profiles: Mutex<Profiles>,
    refreshing: std::sync::Arc<tokio::sync::Mutex<()>>,
}

impl MemoryStore {
    /// These profiles.
    pub fn new(profiles: Profiles) -> Self {
        Self { profiles: Mutex::new(profiles), ..Self::default() }
    }

    fn profiles(&self) -> MutexGuard<'_, Profiles> {
        self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CredentialStore for MemoryStore {
    async fn load(&self) -> Result<Profiles> {
        Ok(self.profiles().clone())
    }

    async fn update(&self, change: &mut Change<'_>) -> Result<Profiles> {
        let mut profiles = self.profiles();
        let mut changed = profiles.clone();
        change(&mut changed)?;
        *profiles = changed.clone();
        Ok(changed)
    }

    async fn lock_refresh(&self, _: &Profile) -> Result<RefreshLock> {
        Ok(RefreshLock::new(self.refreshing.clone().lock_owned().await))
    }

    fn place(&self) -> String {
        format!("memory {:p}", self)
    }
}
