//! OpenClaw's configuration, `openclaw.json`: whether OpenClaw 2026.4.5 accepts it, what is wrong where, and its values.
//!
//! [`check_text`] and [`check_file`] answer with a [`Report`] of all problems at once; `Config` will hold
//! the values of a file that has none.

mod edit;
mod files;
mod issue;
pub(crate) mod parse;
mod report;
pub(crate) mod tree;
mod write;

pub use edit::{ConfigEditor, KeyPath, Written};
pub use files::{DiskFiles, Files, MemoryFiles};
pub use issue::{Code, Issue, Severity, Stage};
pub use parse::{MAX_BYTES, MAX_DEPTH};
pub use report::Report;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The version of OpenClaw whose rules are applied.
pub const OPENCLAW_VERSION: &str = "2026.4.5";

/// What a configuration is judged with: the environment for `${VAR}`, and the files for `$include`.
///
/// The default has neither: nothing outside the text is looked at.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Environment variables. The configuration's own section `env` fills what is missing here.
    pub env: BTreeMap<String, String>,
    /// Where included files are read; none: every `$include` fails.
    pub files: Option<Arc<dyn Files>>,
    /// The path of the configuration. Includes are relative to its folder and must stay in it.
    pub path: Option<PathBuf>,
}

impl Options {
    /// The environment of this process, and the disk.
    pub fn of_process() -> Self {
        // A variable that is not Unicode cannot be written into a configuration.
        let env = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Self { env: env.collect(), files: Some(Arc::new(DiskFiles)), path: None }
    }

    /// The same with this environment.
    pub fn env(mut self, env: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env = env.into_iter().collect();
        self
    }

    /// The same with these files.
    pub fn files(mut self, files: Arc<dyn Files>) -> Self {
        self.files = Some(files);
        self
    }

    /// The same for a configuration at this path.
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }
}

/// Judges a configuration. All problems are found at once.
pub fn check_text(text: &str, options: &Options) -> Report {
    report::check(text, options)
}

/// Judges a configuration file. A file that cannot be read is a report with one issue, `unreadable`.
pub fn check_file(path: &Path, options: &Options) -> Report {
    let options = options.clone().path(path);
    let files = options.files.clone().unwrap_or_else(|| Arc::new(DiskFiles));
    match files.read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => check_text(&text, &options),
            Err(error) => report::not_utf8(path, &error),
        },
        Err(error) => report::unreadable(path, &error),
    }
}
