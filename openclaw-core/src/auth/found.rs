//! Finds a login that is on this machine already.

use std::path::PathBuf;

use super::AccessToken;
use crate::error::Result;

/// Where to look, and for what.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct LoginQuery {
    /// Look in this file only: an `auth-profiles.json` or an `auth.json`.
    pub profile_file: Option<PathBuf>,
    /// The OpenClaw agent; `main` unless set.
    pub agent: Option<String>,
    /// The profile of the store; the first usable one unless set.
    pub profile: Option<String>,
}

/// A login that was found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FoundLogin {
    /// What it is.
    pub kind: LoginKind,
    /// Where it was found: a path, or the name of a variable.
    pub source: String,
    /// The token.
    pub token: AccessToken,
}

/// What a login is, and so which provider takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginKind {
    /// A ChatGPT plan: `CodexProvider`.
    ChatGpt,
    /// An API key: `OpenAiProvider`.
    ApiKey,
}

/// Looks for a login.
///
/// # Errors
/// `store` when a file is there and cannot be used.
pub fn find_login(_query: &LoginQuery) -> Result<Option<FoundLogin>> {
    Ok(None)
}
