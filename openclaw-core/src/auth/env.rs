//! The process environment, as far as a login search reads it.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::provider::ProviderId;

/// The variables that hold keys, as in OpenClaw, each with the provider that it is for.
pub(crate) const KEYS: [(&str, &str); 2] =
    [("OPENAI_API_KEY", ProviderId::OPENAI), ("ANTHROPIC_API_KEY", ProviderId::ANTHROPIC)];

/// The variable that holds the key of a provider.
pub(crate) fn key_variable(provider: &str) -> Option<&'static str> {
    KEYS.iter().find(|(_, of)| *of == provider).map(|(name, _)| *name)
}

/// Looks up environment variables. The default is the process environment; a test or a host puts its own in place.
#[derive(Clone)]
pub struct Environment(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

impl Environment {
    /// Variables as this function knows them.
    pub fn new(lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// These variables and no others.
    pub fn of<N: Into<String>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let all: std::collections::HashMap<String, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self::new(move |name| all.get(name).cloned())
    }

    /// The value of a variable; one that is empty counts as not set.
    pub fn var(&self, name: &str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The person's home folder.
    pub(super) fn home(&self) -> Option<PathBuf> {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        self.var("HOME").or_else(|| self.var(name)).map(PathBuf::from)
    }

    /// A folder that a variable names, a leading `~` being the home folder.
    pub(super) fn folder(&self, name: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.var(name)?);
        match (path.strip_prefix("~"), self.home()) {
            (Ok(rest), Some(home)) => Some(home.join(rest)),
            _ => Some(path),
        }
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::new(|name| std::env::var_os(name))
    }
}

impl fmt::Debug for Environment {
    /// Nothing: variables hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}
