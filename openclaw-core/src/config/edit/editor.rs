//! How a host changes a configuration.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::diff::diff;
use super::open::{Faults, Opened, PATIENCE, Written};
use super::path::KeyPath;
use super::sources::Sources;
use crate::config::mask::{looks_secret, sounds_secret};
use crate::config::{Issue, Options, Report};
use crate::disk::{Lock, Snapshot};
use crate::error::{Advice, Error, Result};

/// Sets and removes values of a configuration file by their paths.
///
/// Comments, order and formatting of everything else stay byte for byte; `$include` and `${VAR}` stay as written, and what
/// sits in an included file is changed there. Nothing is written before [`save`](Self::save), which writes nothing that
/// OpenClaw 2026.4.5 would refuse for a reason that was not there before.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("openclaw-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("openclaw.json");
/// use openclaw_core::config::ConfigEditor;
///
/// std::fs::write(&path, "{\n  // my gateway\n  gateway: { port: 18789 },\n}\n")?;
/// let mut editor = ConfigEditor::open(&path)?;
/// editor.set("gateway.port", 18790)?;
/// print!("{}", editor.diff());
/// editor.save()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "{\n  // my gateway\n  gateway: { port: 18790 },\n}\n");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ConfigEditor {
    opened: Opened,
    before: Report,
    patience: Duration,
}

impl ConfigEditor {
    /// Opens a file, with the environment of this process. A file that is missing is an empty configuration.
    ///
    /// # Errors
    /// Of kind `config` when it is not JSON5, with code `too_large` or `too_deep` when it holds or includes more than is
    /// read; of kind `store` when it cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &Options::of_process())
    }

    /// Opens a file that is judged with these options.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, options: &Options) -> Result<Self> {
        let opened = Opened::read(path.as_ref(), options)?;
        let before = opened.judge();
        if let Some(issue) = before.unread() {
            let text = format!("{} cannot be edited: {issue}", opened.main.path.display());
            return Err(Error::config(text).with_code(issue.code.as_str()));
        }
        Ok(Self { opened, before, patience: PATIENCE })
    }

    /// How long [`save`](Self::save) waits for another writer. 10 s unless set.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The value at this path; `${VAR}` as written, included files merged in.
    ///
    /// # Errors
    /// Of kind `config` when the path cannot be read.
    pub fn get<P>(&self, path: P) -> Result<Option<Value>>
    where
        P: TryInto<KeyPath>,
        P::Error: Into<Error>,
    {
        Ok(self.opened.sources.get(&path.try_into().map_err(Into::into)?))
    }

    /// Puts a value at a path, whether or not there was one. Objects that are missing on the way are made; in a list the
    /// index behind the last appends.
    ///
    /// # Errors
    /// Of kind `config` when something on the way is neither object nor list, and with code `credential` when it would put
    /// a credential into `auth.profiles`.
    pub fn set<P>(&mut self, path: P, value: impl Into<Value>) -> Result<()>
    where
        P: TryInto<KeyPath>,
        P::Error: Into<Error>,
    {
        let (path, value) = (path.try_into().map_err(Into::into)?, value.into());
        self.change(|sources| sources.set(&path, value))
    }

    /// Takes the value at a path away; whether there was one.
    ///
    /// # Errors
    /// Of kind `config` for the root.
    pub fn remove<P>(&mut self, path: P) -> Result<bool>
    where
        P: TryInto<KeyPath>,
        P::Error: Into<Error>,
    {
        let path = path.try_into().map_err(Into::into)?;
        self.change(|sources| sources.remove(&[path])).map(|removed| !removed.is_empty())
    }

    /// Gives the value at a path another key in the same object.
    ///
    /// # Errors
    /// Of kind `config` when there is none, or one of that key already; with code `credential` as in [`set`](Self::set).
    pub fn rename<P>(&mut self, path: P, key: &str) -> Result<()>
    where
        P: TryInto<KeyPath>,
        P::Error: Into<Error>,
    {
        let path = path.try_into().map_err(Into::into)?;
        self.change(|sources| sources.rename(&path, key))
    }

    /// The text that would be written to the file itself.
    pub fn text(&self) -> &str {
        self.opened.sources.text()
    }

    /// What [`save`](Self::save) would change, as a unified diff of every file. Secrets are masked.
    pub fn diff(&self) -> String {
        diff(&self.opened.sources)
    }

    /// The configuration as it would be judged after [`save`](Self::save).
    pub fn report(&self) -> Report {
        self.opened.judge()
    }

    /// Writes what changed, each file in one step, with a backup. Gives back what was written: nothing when nothing
    /// changed.
    ///
    /// # Errors
    /// Nothing is written then. Of kind `config` with code `invalid`: OpenClaw would refuse the result for a reason that was
    /// not there before. Of kind `store`: somebody else changed the file since it was opened (code `changed`) or is writing
    /// it (code `locked`), or it cannot be written.
    pub fn save(self) -> Result<Vec<Written>> {
        self.save_under(None)
    }

    /// Opens a file, lets `edit` change it, and saves it, while no other `ConfigEditor` writes it. When somebody else
    /// changed it meanwhile all of it is done again: no change of anybody is lost.
    ///
    /// # Errors
    /// Those of `edit`, [`open_with`](Self::open_with) and [`save`](Self::save).
    pub fn update(
        path: impl AsRef<Path>,
        options: &Options,
        mut edit: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<Vec<Written>> {
        let since = Instant::now();
        loop {
            let target = Snapshot::read(path.as_ref())?.target;
            let lock = Lock::acquire(&target, PATIENCE)?;
            let mut editor = Self::open_with(path.as_ref(), options)?;
            edit(&mut editor)?;
            match editor.save_under(Some(&lock)) {
                Err(e) if e.code() == Some("changed") && since.elapsed() < PATIENCE => drop(lock),
                done => return done,
            }
        }
    }

    fn save_under(self, held: Option<&Lock>) -> Result<Vec<Written>> {
        if !self.opened.sources.is_changed() {
            return Ok(Vec::new());
        }
        let after = self.opened.judge();
        let new = Faults::of(&after).new_since(&Faults::of(&self.before), &after);
        if let Some(error) = refusal(&self.opened.main.path, &new) {
            return Err(error);
        }
        self.opened.save(self.patience, held)
    }

    /// Carries an edit out wholly or not at all.
    fn change<T>(&mut self, edit: impl FnOnce(&mut Sources) -> Result<T>) -> Result<T> {
        let mut trial = self.opened.sources.clone();
        let done = edit(&mut trial)?;
        guard(&self.opened.sources.value(), &trial.value())?;
        self.opened.sources = trial;
        Ok(done)
    }
}

fn refusal(path: &Path, new: &[&Issue]) -> Option<Error> {
    let first = new.first()?;
    let more = if new.len() > 1 { format!(" (and {} more)", new.len() - 1) } else { String::new() };
    let text = format!("{} was not written, OpenClaw would refuse it: {first}{more}", path.display());
    Some(Error::config(text).with_code("invalid"))
}

/// A credential in `auth.profiles` makes OpenClaw refuse the whole file, and lies readable in a file that people share.
fn guard(before: &Value, after: &Value) -> Result<()> {
    // What is no object has no keys to know a credential by.
    let is_odd = |value: &Value| !matches!(value, Value::Object(_) | Value::Null | Value::Bool(_));
    if section(after).is_some_and(is_odd) && section(after) != section(before) {
        return Err(credential("auth.profiles"));
    }
    for (id, profile) in profiles(after).into_iter().flatten() {
        let was = profiles(before).and_then(|profiles| profiles.get(id));
        if is_odd(profile) && was != Some(profile) {
            return Err(credential(&format!("auth.profiles.{id}")));
        }
        if looks_secret(id) && was.is_none() {
            return Err(credential("a profile's name"));
        }
        for (key, value) in profile.as_object().into_iter().flatten() {
            let same = was.and_then(|was| was.get(key)) == Some(value);
            let allowed = matches!(key.as_str(), "provider" | "mode" | "email" | "displayName");
            if !same && ((!allowed && is_credential_key(key)) || holds_secret(value)) {
                return Err(credential(&format!("auth.profiles.{id}.{key}")));
            }
        }
    }
    Ok(())
}

fn section(config: &Value) -> Option<&Value> {
    config.get("auth")?.get("profiles")
}

fn profiles(config: &Value) -> Option<&Map<String, Value>> {
    section(config)?.as_object()
}

pub(crate) fn is_credential_key(key: &str) -> bool {
    sounds_secret(key) || matches!(key.to_ascii_lowercase().as_str(), "expires" | "expiresat" | "id_token")
}

fn holds_secret(value: &Value) -> bool {
    match value {
        Value::String(text) => looks_secret(text),
        Value::Array(values) => values.iter().any(holds_secret),
        Value::Object(map) => map.iter().any(|(key, value)| is_credential_key(key) || holds_secret(value)),
        _ => false,
    }
}

fn credential(place: &str) -> Error {
    Error::config(format!(
        "a credential does not belong into {place} of the configuration: OpenClaw would refuse the file, and the file is no \
         safe place; credentials live in agents/<agent>/agent/auth-profiles.json"
    ))
    .with_code("credential")
    .with_advice(Advice::FixConfig)
}

/// The path of the file that is edited.
impl AsRef<Path> for ConfigEditor {
    fn as_ref(&self) -> &Path {
        &self.opened.main.path
    }
}
