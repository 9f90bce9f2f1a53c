//! Where profiles are kept.

use std::any::Any;
use std::fmt::{self, Debug};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::profile::Profile;
use super::profiles::Profiles;
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

    /// Where the profiles are kept, for messages: a path, or what the host calls it. Two stores of one place are one store.
    fn place(&self) -> String;
}

/// The right to refresh a login. Dropping it gives it back.
pub struct RefreshLock {
    _held: Box<dyn Any + Send + Sync>,
}

impl RefreshLock {
    /// A right that lasts until this is dropped.
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self { _held: Box::new(held) }
    }
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
