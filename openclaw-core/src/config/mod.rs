//! OpenClaw's configuration, `openclaw.json`: its values, and whether OpenClaw 2026.4.5 accepts it.
//!
//! [`Config::load`] gives the values of a file. [`check_text`] and [`check_file`] answer with a [`Report`] of all
//! problems at once, each with its line, what is allowed, and what may be meant. [`schema`] is the JSON Schema,
//! [`explain`] says what a key means. [`Config::model`] and [`Config::candidates`] lead from a name to a provider that can be
//! asked. [`ConfigEditor`] changes a file, [`doctor`] repairs one; both keep every comment. Nothing here ever shows a
//! value that could be a secret.

mod de;
mod defaults;
pub mod doctor;
mod edit;
mod env;
mod explain;
mod files;
mod include;
mod issue;
mod jsonl;
mod legacy;
mod locate;
mod mask;
pub mod model;
mod oddities;
mod outline;
pub(crate) mod parse;
mod post;
mod report;
mod resolve;
pub(crate) mod rules;
pub(crate) mod schema;
mod stages;
mod suggest;
pub(crate) mod tree;
mod unusable;
pub(crate) mod walk;
mod write;

pub use defaults::{CONTEXT_WINDOW, GATEWAY_PORT, MAX_CONCURRENT, MAX_TOKENS, SUBAGENTS_MAX_CONCURRENT, default_of};
pub use edit::{ConfigEditor, KeyPath, Written};
pub use explain::{Explanation, explain};
pub use files::{DiskFiles, Files, MemoryFiles};
pub use issue::{Code, Issue, Severity, Stage};
pub use jsonl::check_json_line;
pub use locate::default_path;
pub use model::Config;
pub use parse::{MAX_BYTES, MAX_DEPTH};
pub use report::Report;
pub(crate) use resolve::WRONG_ADDRESS;
pub use resolve::{Candidate, Credential, ProviderBuilder, Route, SecretAccess, SecretKind, SecretOrigin};
pub use schema::schema;

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
///
/// ```
/// use openclaw_core::config::{Options, check_text};
///
/// let report = check_text("{ gateway: { prot: 18789 } }", &Options::default());
/// assert_eq!(report.to_string(), r#"gateway: Unrecognized key: "prot""#);
/// assert_eq!(report.issues[0].suggestion.as_deref(), Some("port"));
/// ```
pub fn check_text(text: &str, options: &Options) -> Report {
    stages::check(text, None, options).0
}

/// Judges a configuration file. A file that cannot be read is a report with one issue, `unreadable`.
pub fn check_file(path: &Path, options: &Options) -> Report {
    load_with_report(path, options).0
}

/// Judges a file, and gives its values if OpenClaw would accept it. The file is read and judged once.
pub(crate) fn load_with_report(path: &Path, options: &Options) -> (Report, Option<Config>) {
    let options = options.clone().path(path);
    let files = options.files.clone().unwrap_or_else(|| Arc::new(DiskFiles));
    match files.read(path) {
        Ok(bytes) if bytes.len() > MAX_BYTES => (report::too_large(path), None),
        Ok(bytes) => {
            let (text, broken) = files::decode(bytes);
            judged(&text, broken, &options)
        }
        Err(error) => (report::unreadable(path, &error), None),
    }
}

fn judged(text: &str, broken: Option<usize>, options: &Options) -> (Report, Option<Config>) {
    let (report, mut config) = stages::check(text, broken, options);
    if let Some(config) = &mut config {
        config.origin.file.clone_from(&options.path);
    }
    (report, config)
}

impl Config {
    /// The values of a configuration file, read with the environment and the files of `options`
    /// ([`Options::of_process`] has those of this process).
    ///
    /// Keys that are absent stay absent; [`default_of`] says what OpenClaw takes for them.
    ///
    /// # Errors
    /// The report, if OpenClaw would refuse the file or it cannot be read.
    pub fn load(path: &Path, options: &Options) -> Result<Self, Report> {
        let (report, config) = load_with_report(path, options);
        config.ok_or(report)
    }

    /// The values of a configuration.
    ///
    /// # Errors
    /// The report, if OpenClaw would refuse it.
    ///
    /// ```
    /// use openclaw_core::config::{Config, Options};
    ///
    /// # fn main() -> Result<(), openclaw_core::config::Report> {
    /// let config = Config::parse("{ gateway: { port: 18789 } }", &Options::default())?;
    /// let port = config.gateway.and_then(|gateway| gateway.port).map(|port| port.get());
    /// assert_eq!(port, Some(18789));
    /// # Ok(())
    /// # }
    /// ```
    pub fn parse(text: &str, options: &Options) -> Result<Self, Report> {
        let (report, config) = judged(text, None, options);
        config.ok_or(report)
    }
}
