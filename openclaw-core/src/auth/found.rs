//! Finds a login that is on this machine already. Nothing is written; what has ended can be refreshed by the one who uses
//! it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use secrecy::SecretString;

use super::choose::{Choice, is_ours};
use super::fields::Fields;
use super::file::{beside_newer, fields, newer_store, plain, read_text, store};
use super::file_store::state_text;
use super::login::{FoundLogin, LoginKind, Stored, one_of};
use super::profiles::Profiles;
use super::{AccessToken, Claims, CodexCliStore, Environment, codex_cli, key_variable, place};
use crate::error::{Error, Result};
use crate::provider::ProviderId;

/// Where to look, and for what.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct LoginQuery {
    /// Look in this file only: an `auth-profiles.json` or an `auth.json`; which of them is seen by its content.
    pub profile_file: Option<PathBuf>,
    /// The OpenClaw agent; `main` unless set.
    pub agent: Option<String>,
    /// The profile of the store; the first usable one unless set. When it is set, only a profile store will do.
    pub profile: Option<String>,
    /// The person chose to share the login of the Codex command line: it is refreshed and written back. What they must know
    /// is [`CodexCliStore::WARNING`], which stands among the notes then.
    pub share_codex_login: bool,
    /// Where variables are looked up; the process environment unless set.
    pub env: Environment,
    /// The time at which a login is judged as expired; the clock's unless set.
    pub now: Option<SystemTime>,
}

/// What a search came to.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct LoginSearch {
    /// The login, if there is one.
    pub login: Option<FoundLogin>,
    /// Where was looked, in order: paths and names of variables. The last one is where the login was found.
    pub looked: Vec<String>,
    /// What a person should know: entries that were skipped, files that are open to others. One line each, no secrets.
    pub notes: Vec<String>,
}

/// Looks for a login, in this order: `profile_file`; `agents/<agent>/agent/auth-profiles.json` under
/// `OPENCLAW_STATE_DIR`, else under `~/.openclaw` (OpenClaw 2026.4.5 and its neighbours); `auth.json` under
/// `CODEX_HOME`, else under `~/.codex`; `OPENAI_API_KEY`.
///
/// A place that holds an expired login ends the search as well: going on could move calls from a plan to a key that
/// is billed, without anybody having asked for it.
///
/// ```
/// use openclaw_core::auth::{Environment, LoginKind, LoginQuery, find_login};
///
/// let mut query = LoginQuery::default();
/// query.env = Environment::of([("OPENAI_API_KEY", "sk-example")]);
/// let search = find_login(&query)?;
/// assert_eq!(search.login.map(|login| login.kind), Some(LoginKind::ApiKey));
/// # Ok::<(), openclaw_core::Error>(())
/// ```
///
/// # Errors
/// `store` when a file is there and cannot be used, when `profile_file` is not there, when `profile` is not in the
/// store, and when the store is the SQLite database of a newer OpenClaw. `config` for an agent that cannot exist.
pub fn find_login(query: &LoginQuery) -> Result<LoginSearch> {
    let mut search = LoginSearch::default();
    search.login = search.run(query)?;
    Ok(search)
}

impl LoginSearch {
    fn run(&mut self, query: &LoginQuery) -> Result<Option<FoundLogin>> {
        let now = query.now.unwrap_or_else(SystemTime::now);
        if let Some(path) = &query.profile_file {
            return self.in_file(path, query, now).map(Some);
        }
        if let Some(login) = self.in_openclaw(query, now)? {
            return Ok(Some(login));
        }
        if let Some(profile) = &query.profile {
            return Err(store(format!(
                "profile {profile:?} was asked for, and there is no profile store (looked at {}); \
                 name the file with --profile-file, or leave the profile out",
                self.looked.join(", ")
            )));
        }
        if let Some(login) = self.in_codex_home(query, now)? {
            return Ok(Some(login));
        }
        self.in_environment(query)
    }

    /// A file that was named: it must be there, and must hold a login.
    fn in_file(&mut self, path: &Path, query: &LoginQuery, now: SystemTime) -> Result<FoundLogin> {
        let name = path.display();
        self.looked.push(name.to_string());
        let Some(text) = read_text(path, &mut self.notes)? else {
            return Err(store(format!("{name} does not exist; name an auth-profiles.json or an auth.json")));
        };
        let object = fields(plain(&text), &name.to_string())?;
        if object.raw("profiles").is_some() {
            let profiles = self.profiles(path, plain(&text))?;
            let choice = Choice { profiles: &profiles, path, env: &query.env };
            return choice.choose(query.profile.as_deref(), now, &mut self.notes)?.ok_or_else(|| {
                store(format!("{name} has no usable login of openai-codex or openai; {}", choice.inventory()))
            });
        }
        if !codex_cli::is_codex_file(&object) {
            return Err(store(format!(
                "{name} is not a login file: it has neither the key \"profiles\" of an OpenClaw auth-profiles.json \
                 nor \"tokens\" or \"OPENAI_API_KEY\" of a Codex auth.json"
            )));
        }
        if let Some(profile) = &query.profile {
            return Err(store(format!(
                "{name} is an auth.json of the Codex command line, which has one login and no profile {profile:?}; \
                 leave the profile out"
            )));
        }
        self.of_codex(&object, path, query, now)
    }

    /// The agent's own store, then the store of `main`, which every agent shares.
    fn in_openclaw(&mut self, query: &LoginQuery, now: SystemTime) -> Result<Option<FoundLogin>> {
        let env = &query.env;
        let Some(state) = place::state_folder(env) else {
            self.looked.push("~/.openclaw (HOME is not set)".to_owned());
            return Ok(None);
        };
        let agents = state.join("agents");
        let agent = query.agent.as_deref().unwrap_or(place::MAIN);
        place::check_agent(agent)?;
        if query.agent.is_some() && agent != place::MAIN && !agents.join(agent).is_dir() {
            return Err(store(format!(
                "there is no agent {agent:?} in {}; {}",
                agents.display(),
                one_of("there is", &folders(&agents))
            )));
        }
        let mut unknown = None;
        for name in if agent == place::MAIN { vec![agent] } else { vec![agent, place::MAIN] } {
            let path = place::profiles_of(&state, name);
            self.looked.push(path.display().to_string());
            let newer = place::newer_store(&path);
            let text = match (read_text(&path, &mut self.notes)?, newer) {
                (Some(text), None) => text,
                (Some(text), Some(newer)) => {
                    self.notes.push(beside_newer(&path, &newer));
                    text
                }
                (None, Some(newer)) => return Err(newer_store(&newer)),
                (None, None) => continue,
            };
            let profiles = self.profiles(&path, plain(&text))?;
            let choice = Choice { profiles: &profiles, path: &path, env };
            match choice.choose(query.profile.as_deref(), now, &mut self.notes) {
                Ok(Some(login)) => {
                    if name != agent {
                        self.notes.push(format!("agent {agent} has no login of its own: that of agent main is used"));
                    }
                    return Ok(Some(login));
                }
                Ok(None) => self.notes.push(format!(
                    "{} has no usable login of openai-codex or openai; {}",
                    path.display(),
                    choice.inventory()
                )),
                // Perhaps main has the profile. If not, the agent's own list is the one to show.
                Err(e) if name != place::MAIN => unknown = Some(e),
                Err(e) => return Err(unknown.unwrap_or(e)),
            }
        }
        unknown.map_or(Ok(None), Err)
    }

    fn in_codex_home(&mut self, query: &LoginQuery, now: SystemTime) -> Result<Option<FoundLogin>> {
        let env = &query.env;
        let Some(path) = place::codex_login(env) else {
            self.looked.push("~/.codex (HOME is not set)".to_owned());
            return Ok(None);
        };
        self.looked.push(path.display().to_string());
        let Some(text) = read_text(&path, &mut self.notes)? else { return Ok(None) };
        self.of_codex(&fields(plain(&text), &path.display().to_string())?, &path, query, now).map(Some)
    }

    fn of_codex(&mut self, object: &Fields, path: &Path, query: &LoginQuery, now: SystemTime) -> Result<FoundLogin> {
        let mut login = codex_cli::login_of(object, path, now)?;
        let refresh = object.object("tokens").and_then(|tokens| tokens.get("refresh_token"));
        if query.share_codex_login && login.kind == LoginKind::ChatGpt && refresh.is_some_and(|token| token.is_string())
        {
            let store = Arc::new(CodexCliStore::at(path).share(true));
            login.stored = Some(Stored { store, id: CodexCliStore::ID.into(), env: query.env.clone() });
            login.renewable = true;
            self.notes.push(CodexCliStore::WARNING.to_owned());
        }
        Ok(login)
    }

    /// The profiles of a file and of the state file beside it; what a person should know of them is noted.
    fn profiles(&mut self, path: &Path, text: &str) -> Result<Profiles> {
        let name = path.display().to_string();
        let state = state_text(path, &mut self.notes);
        let profiles = Profiles::read(&name, text, state.as_ref().map(plain))?;
        self.notes.extend(profiles.note_lines_for(is_ours).into_iter().map(|line| format!("{name}: {line}")));
        Ok(profiles)
    }

    fn in_environment(&mut self, query: &LoginQuery) -> Result<Option<FoundLogin>> {
        let Some(name) = key_variable(ProviderId::OPENAI) else { return Ok(None) };
        self.looked.push(name.to_owned());
        key_in(&query.env, name)
    }
}

/// The API key in a variable.
///
/// # Errors
/// `config`: it is no text.
pub(crate) fn key_in(env: &Environment, name: &str) -> Result<Option<FoundLogin>> {
    let Some(key) = env.var(name) else { return Ok(None) };
    let Some(key) = key.to_str() else {
        return Err(Error::config(format!("{name} is not UTF-8, and so not an API key")));
    };
    let key = key.trim();
    Ok((!key.is_empty()).then(|| FoundLogin::new(LoginKind::ApiKey, key.to_owned(), name.to_owned())))
}

impl FoundLogin {
    pub(super) fn new(kind: LoginKind, secret: impl Into<SecretString>, source: String) -> Self {
        let secret = secret.into();
        let claims = Claims::of(&secret).unwrap_or_default();
        Self {
            kind,
            source,
            path: None,
            profile: None,
            email: claims.email,
            plan_type: claims.plan_type,
            expired: false,
            renewable: false,
            stored: None,
            token: AccessToken::new(secret),
        }
    }

    /// The same, its end judged.
    pub(super) fn judged(mut self, now: SystemTime) -> Self {
        self.expired = self.token.expires_at.is_some_and(|at| at <= now);
        self
    }
}

fn folders(path: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[cfg(test)]
#[path = "found_tests.rs"]
mod tests;
