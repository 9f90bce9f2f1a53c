//! What is wrong, and what helps: a diagnosis that a person can act on.
//!
//! [`examine`] looks at what is on this machine and sends nothing. [`diagnose`] also asks the provider, once each for its
//! models, the use of the plan, and an answer; from the pattern of the three comes a verdict in plain words, by the one
//! table [`RULES`]. Neither of them renews a login, runs a program, or writes anything. `docs/status.md` tells the same at
//! length.
//!
//! ```
//! use openclaw_core::diagnose::{DiagnoseOptions, VerdictKind, examine};
//!
//! let mut options = DiagnoseOptions::default();
//! options.env = [("HOME".to_owned(), "/nowhere".to_owned())].into();
//! let diagnosis = examine(&options)?;
//! assert_eq!(diagnosis.verdict.kind, VerdictKind::NoLogin);
//! assert!(!diagnosis.verdict.steps.is_empty());
//! # Ok::<(), openclaw_core::Error>(())
//! ```

mod configuration;
mod logins;
mod probe;
mod report;
mod routes;
mod target;
mod verdict;
mod watch;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use configuration::{ConfigurationState, ProposedRepair};
pub use logins::{LoginState, StoreKind, StoreState};
pub use probe::{Answer, Outcome, Probe};
pub use report::{Check, Diagnosis};
pub use routes::{CertificateState, EndpointState};
pub use target::Obstacle;
pub use verdict::{Asked, Found, RULES, Rule, When};
pub use words::{MEANINGS, Meaning, Verdict, VerdictKind};

pub use crate::transport::ProxyInUse;

use crate::ambient::{self, Ambient};
use crate::auth::Environment;
use crate::config::{Options, SecretAccess};
use crate::error::Result;
use crate::transport::Transport;

use configuration::Configuration;
use logins::Logins;
use target::Search;

/// What is looked at, and how the provider is asked.
#[derive(Clone)]
#[non_exhaustive]
pub struct DiagnoseOptions {
    /// The configuration; where OpenClaw looks unless set.
    pub config: Option<PathBuf>,
    /// The OpenClaw agent; `main` unless set.
    pub agent: Option<String>,
    /// Look for logins in this `auth-profiles.json` or `auth.json` only.
    pub profile_file: Option<PathBuf>,
    /// The profile to ask with; the one that a call would take unless set.
    pub profile: Option<String>,
    /// The model to ask, as `provider/model` or a short name; that of the configuration unless set.
    pub model: Option<String>,
    /// The limit for each of the three requests. 30 s unless set.
    pub timeout: Duration,
    /// The host application, `name/version`: it stands behind our own name in `User-Agent`.
    pub application: Option<String>,
    /// Environment variables; those of this process unless set.
    pub env: BTreeMap<String, String>,
    /// Time and randomness.
    pub ambient: Arc<dyn Ambient>,
    /// Another HTTP stack, in the place of the one that keeps the configuration's proxy and certificates.
    pub transport: Option<Arc<dyn Transport>>,
}

impl Default for DiagnoseOptions {
    fn default() -> Self {
        Self {
            config: None,
            agent: None,
            profile_file: None,
            profile: None,
            model: None,
            timeout: Duration::from_secs(30),
            application: None,
            env: Options::of_process().env,
            ambient: ambient::system(),
            transport: None,
        }
    }
}

/// Without the variables: they hold secrets.
impl fmt::Debug for DiagnoseOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiagnoseOptions")
            .field("config", &self.config)
            .field("agent", &self.agent)
            .field("profile_file", &self.profile_file)
            .field("profile", &self.profile)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl DiagnoseOptions {
    fn environment(&self) -> Environment {
        Environment::of(self.env.clone())
    }

    fn access(&self) -> SecretAccess {
        SecretAccess::new(self.env.clone()).ambient(self.ambient.clone())
    }
}

/// Looks at the configuration, the logins and the way to the providers. Sends nothing and writes nothing.
///
/// # Errors
/// `config` for an agent that cannot exist. All that is wrong with what is found stands in the diagnosis.
pub fn examine(options: &DiagnoseOptions) -> Result<Diagnosis> {
    Ok(look(options)?.0)
}

/// The same, then asks the provider: one request each for its models, the use of the plan, and an answer of one word. They
/// are never repeated. A token that has ended is not sent, and no login is renewed; the store is not touched.
///
/// # Errors
/// As [`examine`]. What the provider answers stands in the diagnosis.
pub async fn diagnose(options: &DiagnoseOptions) -> Result<Diagnosis> {
    let (mut diagnosis, search) = look(options)?;
    let probe = probe::probe(&search, options).await;
    diagnosis.judge(&search, Some(probe), options.ambient.now());
    Ok(diagnosis)
}

fn look(options: &DiagnoseOptions) -> Result<(Diagnosis, Search)> {
    let now = options.ambient.now();
    let configuration = Configuration::read(options);
    let logins = Logins::read(options, &configuration.config, now)?;
    let search = Search::run(options, &configuration, &logins, now);
    let endpoints = routes::endpoints(options, &configuration, &logins, &search);
    let mut diagnosis = Diagnosis::new(configuration.state, logins, endpoints, now);
    diagnosis.judge(&search, None, now);
    Ok((diagnosis, search))
}
