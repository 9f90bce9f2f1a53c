//! The configuration that was found: whether OpenClaw accepts it, and what would repair it.

use std::path::Path;

use serde::Serialize;

use super::DiagnoseOptions;
use crate::config::doctor::Doctor;
use crate::config::{Config, Issue, Options, default_path, load_with_report};

/// The configuration that was looked at.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ConfigurationState {
    /// Where it is, or would be; nothing when no home folder is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether there is one. OpenClaw runs without.
    pub found: bool,
    /// Whether OpenClaw accepts it. An invalid one is not followed here either.
    pub valid: bool,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
    /// What a repair would change: also what OpenClaw accepts and then sends to a wrong address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<ProposedRepair>,
}

/// One change that a repair would make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProposedRepair {
    /// Which repair, as a stable word such as `codex_base_url`.
    pub kind: String,
    /// Where, as OpenClaw writes paths.
    pub path: String,
    /// What is done and why. Never a secret.
    pub message: String,
}

/// The state of the configuration and, if it is valid, its values.
pub(super) struct Configuration {
    pub state: ConfigurationState,
    /// That of an absent file, if there is none that can be followed.
    pub config: Config,
}

impl Configuration {
    pub fn read(options: &DiagnoseOptions) -> Self {
        let path = options.config.clone().or_else(|| default_path(&options.env));
        let Some(path) = path else {
            return Self { state: ConfigurationState { valid: true, ..Default::default() }, config: Config::default() };
        };
        let mut state = ConfigurationState {
            path: Some(path.display().to_string()),
            found: path.exists(),
            valid: true,
            ..ConfigurationState::default()
        };
        // One that was named has to be there.
        if !state.found && options.config.is_none() {
            return Self { state, config: Config::default() };
        }
        let reading = Options::of_process().env(options.env.clone());
        let (report, config) = load_with_report(&path, &reading);
        state.valid = report.valid;
        state.repairs = repairs(&path, &reading);
        state.issues = report.issues;
        Self { state, config: config.unwrap_or_default() }
    }
}

fn repairs(path: &Path, reading: &Options) -> Vec<ProposedRepair> {
    // A file that cannot be read has said so already.
    let Ok(plan) = Doctor::new(reading.clone()).examine(path) else { return Vec::new() };
    let changes = plan.changes().iter().map(|change| ProposedRepair {
        kind: change.kind.to_owned(),
        path: change.path.clone(),
        message: change.message.clone(),
    });
    changes.collect()
}
