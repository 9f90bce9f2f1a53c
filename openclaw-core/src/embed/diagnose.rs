//! A diagnosis for a host: what is looked at comes as JSON, what is wrong goes as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::fields::settings;
use super::once::OnceHandle;
use super::runtime::Runtime;
use crate::diagnose::{DiagnoseOptions, Diagnosis, diagnose, examine};
use crate::error::Result;

/// What a host wants to have diagnosed: the fields of [`DiagnoseOptions`], and whether the provider is asked.
///
/// ```
/// use openclaw_core::diagnose::VerdictKind;
/// use openclaw_core::embed::DiagnoseSettings;
///
/// let settings = DiagnoseSettings::from_json(r#"{"env":{"HOME":"/nowhere"}}"#)?;
/// let diagnosis = settings.start()?.blocking_take(None).unwrap()?;
/// assert_eq!(diagnosis.verdict.kind, VerdictKind::NoLogin);
/// # Ok::<(), openclaw_core::Error>(())
/// ```
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DiagnoseSettings {
    /// Ask the provider too.
    pub probe: bool,
    /// The configuration; where OpenClaw looks unless set.
    pub config: Option<PathBuf>,
    /// The OpenClaw agent.
    pub agent: Option<String>,
    /// Look for logins in this file only.
    pub profile_file: Option<PathBuf>,
    /// The profile to ask with.
    pub profile: Option<String>,
    /// The model to ask.
    pub model: Option<String>,
    /// The limit for each request, in ms.
    pub timeout_ms: Option<u64>,
    /// The host application, `name/version`.
    pub application: Option<String>,
    /// Environment variables; those of this process unless set.
    pub env: Option<BTreeMap<String, String>>,
}

/// Without the variables: they hold secrets.
impl fmt::Debug for DiagnoseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiagnoseSettings").field("probe", &self.probe).finish_non_exhaustive()
    }
}

const FIELDS: [&str; 9] =
    ["probe", "config", "agent", "profile_file", "profile", "model", "timeout_ms", "application", "env"];

impl DiagnoseSettings {
    /// Reads them from JSON.
    ///
    /// # Errors
    /// `invalid_request`: what is no JSON, an unknown field, a field of a wrong type; each is named, no value is shown.
    pub fn from_json(text: &str) -> Result<Self> {
        settings(text, "the settings of the diagnosis", &FIELDS)
    }

    /// Starts it.
    ///
    /// # Errors
    /// `config` when no runtime can be started. What else can be wrong is the outcome: that of [`diagnose`].
    pub fn start(&self) -> Result<OnceHandle<Diagnosis>> {
        let (probe, options) = (self.probe, self.options());
        OnceHandle::start(&Runtime::shared()?, async move {
            if probe { diagnose(&options).await } else { examine(&options) }
        })
    }

    fn options(&self) -> DiagnoseOptions {
        let mut options = DiagnoseOptions::default();
        options.config.clone_from(&self.config);
        options.agent.clone_from(&self.agent);
        options.profile_file.clone_from(&self.profile_file);
        options.profile.clone_from(&self.profile);
        options.model.clone_from(&self.model);
        options.application.clone_from(&self.application);
        if let Some(ms) = self.timeout_ms {
            options.timeout = Duration::from_millis(ms);
        }
        if let Some(env) = &self.env {
            options.env.clone_from(env);
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_question_is_named_and_no_value_is_shown() {
        for (text, named) in [
            ("[]", "a list"),
            (r#"{"prob":true}"#, "prob"),
            (r#"{"probe":"sk-secret"}"#, "\"probe\""),
            (r#"{"env":{"A":["sk-secret"]}}"#, "\"env\""),
        ] {
            let error = DiagnoseSettings::from_json(text).unwrap_err();
            assert!(error.message().contains(named) && !error.message().contains("sk-secret"), "{text}: {error}");
        }
        let settings = DiagnoseSettings::from_json(r#"{"timeout_ms":5,"env":{"K":"sk-secret"}}"#).unwrap();
        assert_eq!(settings.options().timeout, Duration::from_millis(5));
        assert!(!format!("{settings:?}").contains("sk-secret"));
    }
}
