//! A configuration for a host: what is looked at comes as JSON, the judgement and the repair go as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::settings;
use crate::config::doctor::{Doctor, Plan};
use crate::config::{DiskFiles, MemoryFiles, Options, Report, check_file, check_text, default_path};
use crate::error::{Error, Result};

/// What a host wants to know of: a text, a file, or the configuration that OpenClaw itself would use.
///
/// ```
/// use openclaw_core::embed::ConfigSource;
///
/// let source = ConfigSource::from_json(r#"{"text":"{ gateway: { prot: 18789 } }","env":{}}"#)?;
/// let checked = source.check()?;
/// assert_eq!(checked.report.to_string(), r#"gateway: Unrecognized key: "prot""#);
/// let repair = source.repair(false)?;
/// assert_eq!(repair["changes"][0]["kind"], "unknown_key");
/// assert_eq!(repair["text"], "{ gateway: { } }");
/// # Ok::<(), openclaw_core::Error>(())
/// ```
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ConfigSource {
    /// The configuration's text. Without it, it is read from `path`.
    pub text: Option<String>,
    /// Where it is; the folder in which includes are looked for. Without text and path: where OpenClaw looks.
    pub path: Option<PathBuf>,
    /// Environment variables; those of this process unless set.
    pub env: Option<BTreeMap<String, String>>,
    /// The files that a text includes, by their path from the configuration's folder. Those on the disk unless set; a
    /// text that has no path either includes nothing.
    pub files: Option<BTreeMap<String, String>>,
    /// For a repair: treats what a newer OpenClaw has written as this version's.
    pub assume_version: Option<String>,
}

/// Without texts and variables: they may hold secrets.
impl fmt::Debug for ConfigSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigSource").field("path", &self.path).finish_non_exhaustive()
    }
}

const FIELDS: [&str; 5] = ["text", "path", "env", "files", "assume_version"];

/// The judgement of a configuration, and which one it is about.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckedConfig {
    /// The file; `None` for a text without one.
    pub path: Option<PathBuf>,
    /// All that is to be said about it.
    pub report: Report,
}

impl CheckedConfig {
    /// `valid`, `issues`, `rendered` (the issues for a person), and `path` if there is one. Never a secret.
    pub fn to_json(&self) -> Value {
        let mut record = json!({
            "valid": self.report.valid,
            "issues": self.report.issues,
            "rendered": self.report.render(),
        });
        name(&mut record, self.path.as_deref());
        record
    }

    /// The error to raise where a valid configuration is wanted; `None` for a valid one.
    pub fn to_error(&self) -> Option<Error> {
        (!self.report.valid).then(|| Error::from(self.report.clone()))
    }
}

impl ConfigSource {
    /// Reads it from JSON.
    ///
    /// # Errors
    /// `invalid_request`: what is no JSON, an unknown field, a field of a wrong type, files without a text. No value is
    /// shown: a configuration holds secrets.
    pub fn from_json(text: &str) -> Result<Self> {
        let what = "the configuration to look at";
        let source: Self = settings(text, what, &FIELDS)?;
        match (&source.text, &source.files) {
            (None, Some(_)) => Err(Error::invalid_request(format!("{what}: \"files\" are for a \"text\""))),
            _ => Ok(source),
        }
    }

    /// Judges it. What is wrong with the configuration, a file that cannot be read included, stands in the report.
    ///
    /// # Errors
    /// `config` when neither text nor path is given and no home folder is known.
    pub fn check(&self) -> Result<CheckedConfig> {
        let options = self.options();
        let (path, report) = match &self.text {
            Some(text) => (self.path.clone(), check_text(text, &options)),
            None => {
                let path = self.on_disk(&options)?;
                let report = check_file(&path, &options);
                (Some(path), report)
            }
        };
        Ok(CheckedConfig { path, report })
    }

    /// Works out the repair; a file is repaired if `write` says so, a text never is written.
    ///
    /// The record is that of [`Plan::to_json`], with `rendered` for a person and `path` if there is one. That of a text
    /// also has `text`, repaired, and `files`, the included ones that change: these may hold secrets.
    ///
    /// # Errors
    /// As [`Doctor::examine`] and [`Plan::apply`]; `config` for another version than the known one, as
    /// [`Doctor::assume_version`], and where [`check`](Self::check) gives it.
    pub fn repair(&self, write: bool) -> Result<Value> {
        let options = self.options();
        let mut doctor = Doctor::new(options.clone());
        if let Some(version) = &self.assume_version {
            doctor = doctor.assume_version(version)?;
        }
        let Some(text) = &self.text else {
            let path = self.on_disk(&options)?;
            let plan = doctor.examine(&path)?;
            let repaired = if write { Some(plan.apply()?) } else { None };
            return Ok(record(&plan, plan.to_json(repaired.as_ref()), Some(&path)));
        };
        let plan = doctor.examine_text(text);
        let mut record = record(&plan, plan.to_json(None), self.path.as_deref());
        let main = options.path.as_deref();
        let files = plan.files().into_iter().filter(|(path, _)| Some(*path) != main);
        let files: BTreeMap<String, &str> = files.map(|(path, text)| (path.display().to_string(), text)).collect();
        put(&mut record, "text", plan.text().into());
        put(&mut record, "files", json!(files));
        Ok(record)
    }

    fn options(&self) -> Options {
        let mut options = Options::of_process();
        if let Some(env) = &self.env {
            options.env.clone_from(env);
        }
        if self.text.is_some() {
            // A text without a place is called what the file is called.
            let path = self.path.clone().unwrap_or_else(|| PathBuf::from("openclaw.json"));
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            let given = |files: &BTreeMap<String, String>| {
                MemoryFiles::new(files.iter().map(|(name, text)| (folder.join(name), text.clone())))
            };
            options.files = match (&self.files, &self.path) {
                (Some(files), _) => Some(Arc::new(given(files))),
                (None, Some(_)) => Some(Arc::new(DiskFiles)),
                (None, None) => None,
            };
            options.path = Some(path);
        }
        options
    }

    fn on_disk(&self, options: &Options) -> Result<PathBuf> {
        let path = self.path.clone().or_else(|| default_path(&options.env));
        path.ok_or_else(|| Error::config("no home folder is known: name the configuration's path"))
    }
}

fn record(plan: &Plan, mut record: Value, path: Option<&Path>) -> Value {
    put(&mut record, "rendered", plan.render().into());
    name(&mut record, path);
    record
}

fn put(record: &mut Value, field: &str, value: Value) {
    if let Value::Object(record) = record {
        record.insert(field.to_owned(), value);
    }
}

fn name(record: &mut Value, path: Option<&Path>) {
    if let Some(path) = path {
        put(record, "path", path.display().to_string().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn what_is_wrong_with_the_question_is_named_and_no_value_is_shown() {
        for (text, named) in [
            ("[]", "a list"),
            (r#"{"txt":"{}"}"#, "txt"),
            (r#"{"text":["sk-secret"]}"#, "\"text\""),
            (r#"{"env":{"A":5}}"#, "\"env\""),
            (r#"{"path":"x","files":{}}"#, "\"files\""),
        ] {
            let error = ConfigSource::from_json(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{text}");
            assert!(error.message().contains(named) && !error.message().contains("sk-secret"), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_is_repaired_only_when_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("openclaw.json");
        std::fs::write(&path, "{ gateway: { prot: 1 } }").unwrap();
        let source = ConfigSource { path: Some(path.clone()), env: Some(BTreeMap::new()), ..ConfigSource::default() };
        assert_eq!(source.repair(false).unwrap()["repaired"], Value::Null);
        assert!(!source.check().unwrap().report.valid);
        let repair = source.repair(true).unwrap();
        assert_eq!(repair["repaired"]["written"][0]["path"], path.display().to_string());
        assert!(repair.get("text").is_none() && source.check().unwrap().to_error().is_none());
    }

    #[test]
    fn an_invalid_configuration_is_an_error_with_issues() {
        let text = r#"{ gateway: { prot: 1, bind: "nowhere" }, loging: {} }"#;
        let source = ConfigSource { text: Some(text.to_owned()), ..ConfigSource::default() };
        let error = source.check().unwrap().to_error().unwrap();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.issues().len(), 3);
        assert!(
            error.message().starts_with("openclaw.json:1:") && error.message().ends_with("(and 2 more errors)"),
            "{error}"
        );
        assert_eq!(error.to_json()["issues"][0]["code"], error.code().unwrap());
        let source = ConfigSource { path: Some("/no/such/file".into()), ..ConfigSource::default() };
        assert_eq!(source.check().unwrap().to_error().unwrap().kind(), ErrorKind::Store);
        let home = ConfigSource { env: Some(BTreeMap::new()), ..ConfigSource::default() };
        assert_eq!(home.check().unwrap_err().kind(), ErrorKind::Config);
    }
}
