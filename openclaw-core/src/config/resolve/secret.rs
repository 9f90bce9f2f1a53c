//! Where a secret is, and reading it: the text itself, an environment variable, a file, a program.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault;
use super::program::{self, Program};
use crate::ambient::{self, Ambient};
use crate::config::model::{FileSecretProvider, SecretFileMode, SecretInput, SecretProvider, SecretRef, Secrets};
use crate::config::{Config, env, locate};
use crate::error::{Error, Result, words};

words! {
    /// Where a secret is.
    SecretKind {
        /// In the configuration itself.
        Text = "text",
        /// In an environment variable.
        Env = "env",
        /// In a file.
        File = "file",
        /// A program gives it.
        Exec = "exec",
    }
}

/// Where one secret of the configuration is. `Display` says it without the secret.
#[derive(Debug, Clone)]
pub struct SecretOrigin {
    /// The key that holds or names it, with the file of the configuration.
    key: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Text(SecretString),
    Env(String),
    File { path: String, pointer: Option<String>, most: u64 },
    Exec { program: Arc<Program>, id: String },
}

impl SecretOrigin {
    /// Where it is.
    pub fn kind(&self) -> SecretKind {
        match self.place {
            Place::Text(_) => SecretKind::Text,
            Place::Env(_) => SecretKind::Env,
            Place::File { .. } => SecretKind::File,
            Place::Exec { .. } => SecretKind::Exec,
        }
    }

    /// The key that holds or names it, such as `models.providers.openai.apiKey`.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for SecretOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Text(_) => f.write_str("in the configuration itself"),
            Place::Env(name) => write!(f, "environment variable {name}"),
            Place::File { path, pointer: Some(pointer), .. } => write!(f, "file {path} at {pointer}"),
            Place::File { path, pointer: None, .. } => write!(f, "file {path}"),
            Place::Exec { program, id } => write!(f, "program {} for {id}", program.command),
        }
    }
}

/// Where the secret of a key is; nothing if the key is blank.
///
/// # Errors
/// `config`: a reference to a place that `secrets.providers` does not describe, or does not allow.
pub(super) fn origin(config: &Config, input: &SecretInput, key: &str) -> Result<Option<SecretOrigin>> {
    let place = match input {
        SecretInput::Text(text) => match text.expose().trim() {
            "" => return Ok(None),
            text => of_text(config, text, key)?,
        },
        SecretInput::Ref(reference) => of_reference(config, reference, key)?,
    };
    Ok(Some(SecretOrigin { key: key.to_owned(), place }))
}

/// `${VAR}` alone, still there because the variable was not set when the file was read, is a reference to it.
fn of_text(config: &Config, text: &str, key: &str) -> Result<Place> {
    match env::reference(text) {
        None => Ok(Place::Text(text.to_owned().into())),
        Some(name) if text.len() == name.len() + 3 => Ok(Place::Env(name.to_owned())),
        Some(name) => Err(fault(config, key, format!("needs the variable {name}, which is not set"))),
    }
}

fn of_reference(config: &Config, reference: &SecretRef, key: &str) -> Result<Place> {
    let none = Secrets::default();
    let secrets = config.secrets.as_ref().unwrap_or(&none);
    let wrong = |text: String| Err(fault(config, key, text));
    let (source, name) = match reference {
        SecretRef::Env(env) => ("env", env.provider.as_str()),
        SecretRef::File(file) => ("file", file.provider.as_str()),
        SecretRef::Exec(exec) => ("exec", exec.provider.as_str()),
    };
    let defaults = secrets.defaults.as_ref();
    let usual = match reference {
        SecretRef::Env(_) => defaults.and_then(|defaults| defaults.env.as_ref()),
        SecretRef::File(_) => defaults.and_then(|defaults| defaults.file.as_ref()),
        SecretRef::Exec(_) => defaults.and_then(|defaults| defaults.exec.as_ref()),
    };
    let usual = usual.map_or("default", |alias| alias.as_str());
    let described = secrets.providers.as_ref().and_then(|all| all.get(name));
    match (reference, described) {
        // The environment needs no description.
        (SecretRef::Env(env), None) if name == usual => Ok(Place::Env(env.id.to_string())),
        (_, None) => wrong(format!("refers to secrets.providers.{name}, which is not there")),
        (SecretRef::Env(env), Some(SecretProvider::Env(provider))) => {
            let allowed = provider.allowlist.as_ref();
            if allowed.is_some_and(|allowed| allowed.iter().all(|name| name.as_str() != env.id.as_str())) {
                return wrong(format!("asks for {}, which secrets.providers.{name}.allowlist does not have", &*env.id));
            }
            Ok(Place::Env(env.id.to_string()))
        }
        (SecretRef::File(file), Some(SecretProvider::File(provider))) => {
            of_file(provider, &file.id).or_else(|text| wrong(format!("{text} (secrets.providers.{name})")))
        }
        (SecretRef::Exec(exec), Some(SecretProvider::Exec(provider))) => {
            let program = Arc::new(Program::new(name, provider, secrets.resolution.as_ref()));
            Ok(Place::Exec { program, id: exec.id.to_string() })
        }
        (_, Some(other)) => {
            let found = match other {
                SecretProvider::Env(_) => "env",
                SecretProvider::File(_) => "file",
                SecretProvider::Exec(_) => "exec",
            };
            wrong(format!("has the source {source}, and secrets.providers.{name} has the source {found}"))
        }
    }
}

/// OpenClaw reads 1 MiB of a file unless it is told otherwise.
const FILE_BYTES: u64 = 1 << 20;

fn of_file(provider: &FileSecretProvider, id: &str) -> Result<Place, String> {
    let pointer = match (provider.mode, id) {
        (Some(SecretFileMode::SingleValue), "value") => None,
        (Some(SecretFileMode::SingleValue), _) => {
            return Err("asks for a part of a file of mode singleValue; its id must be value".into());
        }
        (_, "value") => {
            return Err("asks for a whole file of mode json; its id must be a JSON pointer, such as /key".into());
        }
        (_, pointer) => Some(pointer.to_owned()),
    };
    let most = provider.max_bytes.map_or(FILE_BYTES, |most| most.get());
    Ok(Place::File { path: provider.path.to_string(), pointer, most })
}

/// What may be read for secrets. The default is the environment of this process, files, and no program.
#[derive(Debug, Clone)]
pub struct SecretAccess {
    env: Variables,
    programs: bool,
    pub(super) ambient: Arc<dyn Ambient>,
}

/// `Debug` shows no value.
#[derive(Clone)]
struct Variables(BTreeMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} variables", self.0.len())
    }
}

impl Default for SecretAccess {
    fn default() -> Self {
        Self::new(crate::config::Options::of_process().env)
    }
}

impl SecretAccess {
    /// With these environment variables. What the configuration's section `env` sets is added where they have nothing.
    pub fn new(env: BTreeMap<String, String>) -> Self {
        Self { env: Variables(env), programs: false, ambient: ambient::system() }
    }

    /// Whether the programs of `secrets.providers` may be run, without a shell, within their limits. Off unless set: a
    /// configuration then cannot make a host run anything.
    pub fn allow_programs(mut self, allow: bool) -> Self {
        self.programs = allow;
        self
    }

    /// Puts other time in place.
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = ambient;
        self
    }

    /// A variable of the environment.
    pub(super) fn var(&self, name: &str) -> Option<&str> {
        self.env.0.get(name).map(String::as_str)
    }

    /// The secrets, in the same order. A program is asked once for all of its own.
    ///
    /// # Errors
    /// `config`, with the key and the place: a secret that is not there, or may not be read. Never with the secret.
    pub(super) async fn read(
        &self,
        wanted: &[&SecretOrigin],
        variables: &BTreeMap<String, String>,
    ) -> Result<Vec<SecretString>> {
        let mut found = Vec::with_capacity(wanted.len());
        let mut answers: BTreeMap<&str, BTreeMap<String, SecretString>> = BTreeMap::new();
        for origin in wanted {
            let Place::Exec { program, id } = &origin.place else {
                found.extend(self.read_at_once(origin, variables).transpose()?);
                continue;
            };
            if !answers.contains_key(&*program.alias) {
                let ids = ids_of(program, wanted);
                answers.insert(&program.alias, self.ask(program, &ids).await.map_err(|e| at(origin, e))?);
            }
            let answer = answers.get(&*program.alias).and_then(|answer| answer.get(id).cloned());
            found.push(filled(origin, answer.ok_or_else(|| Error::config("the program gave no such secret")))?);
        }
        Ok(found)
    }

    /// A secret that is had without running a program; `None` for one that a program gives.
    pub(super) fn read_at_once(
        &self,
        origin: &SecretOrigin,
        variables: &BTreeMap<String, String>,
    ) -> Option<Result<SecretString>> {
        let read = match &origin.place {
            Place::Text(text) => Ok(text.clone()),
            Place::Env(name) => self.variable(name, variables),
            Place::File { path, pointer, most } => self.file(path, pointer.as_deref(), *most),
            Place::Exec { .. } => return None,
        };
        Some(filled(origin, read))
    }

    pub(super) fn variable(&self, name: &str, variables: &BTreeMap<String, String>) -> Result<SecretString> {
        let outside = self.env.0.get(name).filter(|value| !value.trim().is_empty());
        match outside.or_else(|| variables.get(name)) {
            Some(value) => Ok(value.clone().into()),
            None => Err(Error::config("it is not set, or empty")),
        }
    }

    fn file(&self, path: &str, pointer: Option<&str>, most: u64) -> Result<SecretString> {
        let path = self.path(path)?;
        let bytes = read_private(&path, most)?;
        let text = String::from_utf8(bytes).map_err(|_| Error::config("the file is not UTF-8"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let Some(pointer) = pointer else {
            let line = text.strip_suffix('\n').unwrap_or(text);
            return Ok(line.strip_suffix('\r').unwrap_or(line).into());
        };
        // The text of serde_json's error quotes nothing of the file but its place.
        let document: Value = serde_json::from_str(text)
            .map_err(|e| Error::config(format!("the file is no JSON: line {}, column {}", e.line(), e.column())))?;
        match document.pointer(pointer) {
            Some(Value::String(secret)) => Ok(secret.as_str().into()),
            Some(_) => Err(Error::config("what stands there is no text")),
            None => Err(Error::config("nothing stands there")),
        }
    }

    async fn ask(&self, program: &Program, ids: &[&str]) -> Result<BTreeMap<String, SecretString>> {
        if !self.programs {
            return Err(Error::config("this program does not let a configuration run others (allow_programs)"));
        }
        program::ask(program, ids, self).await
    }

    /// A path of the configuration.
    pub(super) fn path(&self, path: &str) -> Result<PathBuf> {
        locate::expand(path, &self.env.0).ok_or_else(|| Error::config("no home folder is known for ~"))
    }
}

/// A secret that is not blank, or what is wrong with it and where.
fn filled(origin: &SecretOrigin, read: Result<SecretString>) -> Result<SecretString> {
    let secret = read.map_err(|e| at(origin, e))?;
    match secret.expose_secret().trim().is_empty() {
        true => Err(at(origin, Error::config("it is empty"))),
        false => Ok(secret),
    }
}

fn at(origin: &SecretOrigin, error: Error) -> Error {
    let message = format!("{} ({origin}) cannot be read: {}", origin.key, error.message());
    error.with_message(message)
}

fn ids_of<'w>(program: &Program, wanted: &[&'w SecretOrigin]) -> Vec<&'w str> {
    let mut ids: Vec<&str> = wanted
        .iter()
        .filter_map(|origin| match &origin.place {
            Place::Exec { program: other, id } if other.alias == program.alias => Some(id.as_str()),
            _ => None,
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A regular file that nobody else may read or write: whoever can change it chooses the credential.
fn read_private(path: &Path, most: u64) -> Result<Vec<u8>> {
    let failed = |e: std::io::Error| Error::config(e.to_string());
    // Before opening: a pipe would be waited for.
    let found = std::fs::symlink_metadata(path).map_err(failed)?;
    if found.is_symlink() {
        return Err(Error::config("it is a symbolic link; name the file itself"));
    }
    if !found.is_file() {
        return Err(Error::config("it is no regular file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::config(format!(
                "it is open to others (mode {mode:04o}); run: chmod 600 {}",
                path.display()
            )));
        }
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(failed)?.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() as u64 > most {
        true => Err(Error::config(format!("it is larger than {most} bytes"))),
        false => Ok(bytes),
    }
}
