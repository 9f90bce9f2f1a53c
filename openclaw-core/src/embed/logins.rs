//! The stored logins for a host: looked at, refreshed, withdrawn, and a person signed in.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::Value;

use super::fields::settings;
use super::once::OnceHandle;
use super::runtime::Runtime;
use super::sign_in::{SignInHandle, SignInSettings};
use super::transport::transport;
use crate::auth::oauth::{Issuer, TokenEndpoint};
use crate::auth::{
    Environment, LoginStore, ProfileId, ProfileSummary, RefreshedLogin, RemovedLogin, StoredLogin, StoredLogins,
};
use crate::error::{Error, Result};
use crate::provider::ProviderId;

/// Which logins, and how their login server is asked. All fields may be left out: then they are those of OpenClaw's main
/// agent, asked as the environment says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LoginSettings {
    /// An `auth-profiles.json`, an `auth.json` of the Codex command line, or the folder of either program.
    pub store: Option<String>,
    /// The OpenClaw agent.
    pub agent: Option<String>,
    /// The person chose that the login of the Codex command line is refreshed and written back.
    pub share_codex_login: bool,
    /// The login server of new logins; OpenAI's unless set. A stored login is refreshed where it came from.
    pub issuer: Option<String>,
    /// The host application, `name/version`. Its name stands on the pages of a sign-in.
    pub application: Option<String>,
    /// A proxy for everything; that of the environment unless set, none if empty.
    pub proxy: Option<String>,
    /// A PEM file of further certificates.
    pub ca_file: Option<String>,
    /// No thread of ours: whoever waits does the work.
    pub inline: bool,
}

const FIELDS: [&str; 8] =
    ["store", "agent", "share_codex_login", "issuer", "application", "proxy", "ca_file", "inline"];

impl LoginSettings {
    /// Reads the settings.
    ///
    /// # Errors
    /// `config`: what is no JSON, an unknown field, a field of a wrong type; each is named.
    pub fn from_json(text: &str) -> Result<Self> {
        settings(text, "the settings of logins", &FIELDS).map_err(|e| Error::config(e.message()))
    }
}

/// The logins of a store, for a host. Cheap to clone; any thread may use it. Works in a forked child too: there it starts
/// anew.
///
/// ```
/// use openclaw_core::embed::{LoginSettings, Logins};
///
/// # let folder = std::env::temp_dir().join("no-openclaw-here").join("auth-profiles.json");
/// let mut settings = LoginSettings::default();
/// settings.store = Some(folder.display().to_string());
/// let logins = Logins::new(settings)?;
/// let found = logins.list()?.blocking_take(None).unwrap()?;
/// assert!(found.profiles.is_empty());
/// # Ok::<(), openclaw_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Logins(Arc<Inner>);

struct Inner {
    settings: LoginSettings,
    store: LoginStore,
    made: Mutex<Made>,
}

/// What belongs to one process.
#[derive(Clone)]
struct Made {
    runtime: Runtime,
    endpoint: TokenEndpoint,
}

impl Logins {
    /// Looks where the store is, reads certificates; opens no connection.
    ///
    /// # Errors
    /// `config`: settings that are wrong or do not fit each other. `store`: a file that cannot be read.
    pub fn new(settings: LoginSettings) -> Result<Self> {
        let store = LoginStore::open(
            settings.store.as_deref().map(std::path::Path::new),
            settings.agent.as_deref(),
            &Environment::default(),
        )?
        .share_codex_login(settings.share_codex_login);
        let made = Mutex::new(Made::new(&settings)?);
        Ok(Self(Arc::new(Inner { settings, store, made })))
    }

    /// Its settings.
    pub fn settings(&self) -> &LoginSettings {
        &self.0.settings
    }

    /// Where the logins are.
    pub fn place(&self) -> String {
        self.0.store.place()
    }

    /// All logins: [`LoginStore::list`].
    ///
    /// # Errors
    /// `config` when no runtime is there; what else goes wrong arrives in the answer, here and below.
    pub fn list(&self) -> Result<OnceHandle<StoredLogins>> {
        self.start(|store, _| async move { store.list().await })
    }

    /// One login: [`LoginStore::get`].
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn get(&self, id: ProfileId) -> Result<OnceHandle<ProfileSummary>> {
        self.start(|store, _| async move { store.get(&id).await })
    }

    /// Deletes a login: [`LoginStore::remove`].
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn remove(&self, id: ProfileId) -> Result<OnceHandle<RemovedLogin>> {
        self.start(|store, _| async move { store.remove(&id).await })
    }

    /// Merges doubles: [`LoginStore::repair`].
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn repair(&self, dry_run: bool) -> Result<OnceHandle<Vec<StoredLogin>>> {
        self.start(move |store, _| async move { store.repair(dry_run).await })
    }

    /// Forgets faults: [`LoginStore::clear_health`].
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn clear_health(&self, id: Option<ProfileId>, of: Option<ProviderId>) -> Result<OnceHandle<Vec<ProfileId>>> {
        self.start(|store, _| async move { store.clear_health(id.as_ref(), of.as_ref()).await })
    }

    /// Sets an order: [`LoginStore::set_order`].
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn set_order(&self, provider: ProviderId, order: Option<Vec<ProfileId>>) -> Result<OnceHandle<()>> {
        self.start(|store, _| async move { store.set_order(&provider, order.as_deref()).await })
    }

    /// Refreshes a login: [`LoginStore::refresh`].
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn refresh(&self, id: ProfileId, if_due: bool) -> Result<OnceHandle<RefreshedLogin>> {
        self.start(move |store, endpoint| async move { store.refresh(&id, if_due, Arc::new(endpoint)).await })
    }

    /// Withdraws and deletes a login: [`LoginStore::sign_out`].
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn sign_out(&self, id: Option<ProfileId>) -> Result<OnceHandle<RemovedLogin>> {
        self.start(|store, endpoint| async move { store.sign_out(id.as_ref(), &endpoint).await })
    }

    /// Signs a person in; the host takes the steps.
    ///
    /// # Errors
    /// `config` for settings that no sign-in can follow; as [`list`](Self::list).
    pub fn sign_in(&self, settings: SignInSettings) -> Result<SignInHandle> {
        let Made { runtime, endpoint } = self.made()?;
        SignInHandle::start(&runtime, self.0.store.clone(), endpoint, settings)
    }

    fn start<T: Send + 'static, F>(&self, work: impl FnOnce(LoginStore, TokenEndpoint) -> F) -> Result<OnceHandle<T>>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let Made { runtime, endpoint } = self.made()?;
        OnceHandle::start(&runtime, work(self.0.store.clone(), endpoint))
    }

    fn made(&self) -> Result<Made> {
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.runtime.is_forked() {
            // The parent's connections belong to threads that are not here: they are left alone.
            std::mem::forget(std::mem::replace(&mut *made, Made::new(&self.0.settings)?));
        }
        Ok(made.clone())
    }
}

impl Made {
    fn new(settings: &LoginSettings) -> Result<Self> {
        let transport = transport(settings.proxy.as_deref(), settings.ca_file.as_deref());
        let mut endpoint = TokenEndpoint::builder().transport(Arc::new(transport.build()?));
        if let Some(issuer) = &settings.issuer {
            endpoint = endpoint.issuer(Issuer::new(issuer)?);
        }
        if let Some(application) = &settings.application {
            endpoint = endpoint.application(application);
        }
        Ok(Self { runtime: Runtime::of(settings.inline)?, endpoint: endpoint.build()? })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let made = self.made.get_mut().unwrap_or_else(PoisonError::into_inner);
        if made.runtime.is_forked() {
            std::mem::forget(made.clone());
        }
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins").field("store", &self.place()).finish_non_exhaustive()
    }
}

/// Names of profiles in the form of a host: a JSON list of texts, or nothing.
///
/// # Errors
/// `invalid_request`.
pub fn profile_ids_from_json(text: &str) -> Result<Option<Vec<ProfileId>>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = || Error::invalid_request("the order must be a JSON list of profile names, or null");
    match serde_json::from_str(text).map_err(|_| wrong())? {
        Value::Null => Ok(None),
        Value::Array(ids) => {
            let id = |id: Value| id.as_str().map(ProfileId::from).ok_or_else(wrong);
            ids.into_iter().map(id).collect::<Result<_>>().map(Some)
        }
        _ => Err(wrong()),
    }
}
