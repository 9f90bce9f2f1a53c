//! Repairs a configuration file.
//!
//! [`Doctor::examine`] looks and proposes, [`Plan::apply`] writes. Comments, order and formatting of what needs no repair
//! stay byte for byte. A repair is made only if it brings no error that was not there before, and every repair stands for
//! itself: one that cannot be made does not stop the others.
//!
//! ```
//! use openclaw_core::config::doctor::Doctor;
//!
//! let text = "{\n  auth: { profiles: { 'openai-codex:default': {\n    provider: 'openai-codex', mode: 'oauth',\n    token: '', // left by a login\n  } } },\n}\n";
//! let plan = Doctor::default().examine_text(text);
//! assert_eq!(plan.changes()[0].path, "auth.profiles.openai-codex:default.token");
//! assert!(plan.after().valid);
//! assert!(plan.text().contains("    // left by a login\n"));
//! ```

mod channels;
mod codex;
mod engine;
mod migrate;
mod report;
mod strip;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use super::edit::open::{Opened, PATIENCE, Written, judge_use};
use super::edit::sources::{Removed, Sources};
use super::write::{Quarantined, quarantine};
use super::{Code, OPENCLAW_VERSION, Options, Report, check_file, check_text};
use crate::disk::Lock;
use crate::error::{Error, ErrorKind, Result};

/// Looks for what can be repaired.
#[derive(Debug, Clone)]
pub struct Doctor {
    options: Options,
    assumed: bool,
    patience: Duration,
}

impl Default for Doctor {
    /// With no environment and no included files.
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl Doctor {
    /// Judges with these options.
    pub fn new(options: Options) -> Self {
        Self { options, assumed: false, patience: PATIENCE }
    }

    /// Treats a file that a newer OpenClaw has written as one of this version, so that keys that it does not know are
    /// removed. Without it they stay, for the newer version may know them.
    ///
    /// # Errors
    /// Of kind `config` for any version but [`OPENCLAW_VERSION`], the only one whose rules are known.
    pub fn assume_version(mut self, version: &str) -> Result<Self> {
        if version.trim().trim_start_matches('v') != OPENCLAW_VERSION {
            return Err(Error::config(format!(
                "only the rules of OpenClaw {OPENCLAW_VERSION} are known, not {version:?}"
            )));
        }
        self.assumed = true;
        Ok(self)
    }

    /// How long [`Plan::apply`] waits for another writer. 10 s unless set.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// What is wrong with a file and what would repair it. Nothing is written.
    ///
    /// # Errors
    /// Of kind `store` when the file is missing or cannot be read. A file that is not JSON5 is no error: its plan has no
    /// changes.
    pub fn examine(&self, path: impl AsRef<Path>) -> Result<Plan> {
        let path = path.as_ref();
        let mut opened = match Opened::read(path, &self.options) {
            Ok(opened) if opened.main.bytes.is_none() => {
                let text = format!("there is no file {}", path.display());
                return Err(Error::new(ErrorKind::Store, crate::Stage::NotSent, text).with_code("missing"));
            }
            Ok(opened) => opened,
            Err(e) if e.kind() == ErrorKind::Store => return Err(e),
            Err(e) => {
                let report = check_file(path, &self.options);
                // Links in a circle, a folder: the validator would say less.
                if report.valid || report.issues.iter().any(|issue| issue.code == Code::Unreadable) {
                    return Err(e);
                }
                return Ok(Plan::helpless(report, None));
            }
        };
        let mut plan = self.plan(std::mem::take(&mut opened.sources), &opened.options);
        opened.sources = plan.sources.take().unwrap_or_default();
        plan.opened = Some(opened);
        Ok(plan)
    }

    /// What is wrong with a text and what would repair it. Included files are read through the options.
    pub fn examine_text(&self, text: &str) -> Plan {
        let path = self.options.path.clone().unwrap_or_else(|| PathBuf::from("openclaw.json"));
        let files = self.options.files.as_deref();
        let real = |path: &Path| files.and_then(|files| files.resolve(path).ok()).unwrap_or_else(|| path.to_owned());
        let read = |path: &Path| String::from_utf8(files?.read(path).ok()?).ok();
        match Sources::new(&path, text.to_owned(), &real, &read) {
            Ok(sources) => self.plan(sources, &self.options),
            Err(_) => Plan::helpless(check_text(text, &self.options), Some(text.to_owned())),
        }
    }

    fn plan(&self, sources: Sources, options: &Options) -> Plan {
        let before = judge_use(&sources, options);
        // What the tree reads and the validator does not, or not to its end, is no configuration.
        if before.unread().is_some() {
            return Plan { sources: Some(sources), ..Plan::helpless(before, None) };
        }
        let newer = before.issues.iter().any(|issue| issue.code == Code::NewerVersion) && !self.assumed;
        let outcome = engine::run(sources, options, newer);
        let after = judge_use(&outcome.sources, options);
        Plan {
            withheld: if newer { strip::paths(&after).iter().map(ToString::to_string).collect() } else { Vec::new() },
            before,
            after,
            changes: outcome.changes,
            removed: outcome.removed,
            text: None,
            sources: Some(outcome.sources),
            opened: None,
            patience: self.patience,
            diff: OnceLock::new(),
        }
    }
}

/// One repair.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Which repair, as a stable word.
    pub kind: &'static str,
    /// Where, as OpenClaw writes paths.
    pub path: String,
    /// The same as a JSON pointer.
    pub pointer: String,
    /// What is done and why. Never a secret.
    pub message: String,
}

/// What is wrong with a configuration, and the changes that would repair it.
#[derive(Debug)]
pub struct Plan {
    before: Report,
    after: Report,
    changes: Vec<Change>,
    removed: Vec<Removed>,
    /// Unknown keys that stay because a newer OpenClaw has written the file.
    withheld: Vec<String>,
    text: Option<String>,
    /// Those of a text; a file's are in `opened`.
    sources: Option<Sources>,
    opened: Option<Opened>,
    patience: Duration,
    /// Made when it is first asked for.
    diff: OnceLock<String>,
}

impl Plan {
    fn helpless(report: Report, text: Option<String>) -> Self {
        Self {
            before: report.clone(),
            after: report,
            changes: Vec::new(),
            removed: Vec::new(),
            withheld: Vec::new(),
            text,
            sources: None,
            opened: None,
            patience: PATIENCE,
            diff: OnceLock::new(),
        }
    }

    /// The repairs, in the order in which they are made.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// How the configuration is judged now.
    pub fn before(&self) -> &Report {
        &self.before
    }

    /// How it is judged after the repairs: what is left is for a person.
    pub fn after(&self) -> &Report {
        &self.after
    }

    /// Unknown keys that stay because a newer OpenClaw has written the file and may know them.
    pub fn withheld(&self) -> &[String] {
        &self.withheld
    }

    /// The repaired text of the configuration itself. May hold secrets.
    pub fn text(&self) -> &str {
        match (self.sources(), &self.text) {
            (Some(sources), _) => sources.text(),
            (None, text) => text.as_deref().unwrap_or_default(),
        }
    }

    /// The repaired text of every file that changes, included ones too. May hold secrets.
    pub fn files(&self) -> Vec<(&Path, &str)> {
        let files = self.sources().into_iter().flat_map(Sources::files);
        files.filter(|file| file.is_changed()).map(|file| (file.path.as_path(), file.text.as_str())).collect()
    }

    /// What changes, as a unified diff of every file. Secrets are masked.
    pub fn diff(&self) -> String {
        self.known_diff().to_owned()
    }

    fn known_diff(&self) -> &str {
        self.diff.get_or_init(|| self.sources().map(super::edit::diff).unwrap_or_default())
    }

    fn sources(&self) -> Option<&Sources> {
        self.opened.as_ref().map(|opened| &opened.sources).or(self.sources.as_ref())
    }

    /// Whether nobody has anything to do: there is nothing to repair, and nothing else is wrong.
    pub fn is_clean(&self) -> bool {
        self.changes.is_empty() && self.is_cured()
    }

    /// Whether nothing is left for a person once the repairs are made: OpenClaw accepts the configuration, and what it holds
    /// of Codex can be asked.
    pub fn is_cured(&self) -> bool {
        self.after.valid && self.after.issues.iter().all(|issue| issue.code != Code::Unusable)
    }

    /// Makes the repairs. Values that are taken out are kept first, in a file of their own that only its owner can read.
    ///
    /// # Errors
    /// Of kind `store` with code `changed` when somebody changed a file since it was examined, `locked` when somebody is
    /// writing it, or when it cannot be written; then every file is as it was. With code `partly_written` when a file that was
    /// written could not be put back after another one failed: the message names both, and nothing is lost. Of kind `config`
    /// for the plan of a text.
    pub fn apply(&self) -> Result<Repaired> {
        if self.changes.is_empty() {
            return Ok(Repaired::default());
        }
        let Some(opened) = &self.opened else {
            return Err(Error::config("the plan is that of a text: there is no file to write"));
        };
        let lock = Lock::acquire(&opened.main.target, self.patience)?;
        opened.main.check_unchanged()?;
        let kept: Vec<Quarantined> = self
            .removed
            .iter()
            .filter(|removed| !removed.empty)
            .map(|removed| Quarantined {
                pointer: removed.path.pointer(),
                file: removed.file.display().to_string(),
                text: removed.entry.clone(),
            })
            .collect();
        let secret = self.removed.iter().any(Removed::is_secret);
        let kept_in = match kept.is_empty() {
            true => None,
            false => Some(quarantine(&opened.main.target, &kept, secret, SystemTime::now())?),
        };
        match opened.save(self.patience, Some(&lock)) {
            Ok(written) => Ok(Repaired { written, kept_in }),
            Err(e) => {
                let Some(path) = kept_in else { return Err(e) };
                // Where nothing was taken out nothing need be kept.
                let nothing = matches!(e.code(), Some("changed" | "locked")) || opened.is_unchanged();
                if nothing && std::fs::remove_file(&path).is_ok() {
                    return Err(e);
                }
                let text = format!("{}; what was to be taken out is kept in {}", e.message(), path.display());
                Err(e.with_message(text))
            }
        }
    }
}

/// What [`Plan::apply`] wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// The files, each with its backup.
    pub written: Vec<Written>,
    /// Where the values are that were taken out, if any of them said something. May hold secrets.
    pub kept_in: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
