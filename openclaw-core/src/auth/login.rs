//! A login that was found on this machine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::{
    AccessToken, CredentialStore, Environment, ProfileId, ProfileTokens, StaticToken, TokenRefresher, TokenSource,
};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::provider::ProviderId;

/// A login that was found. `Debug` does not show its secret.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FoundLogin {
    /// What it is.
    pub kind: LoginKind,
    /// Where it was found: a path, or the name of a variable.
    pub source: String,
    /// The file that it was found in.
    pub path: Option<PathBuf>,
    /// The profile of the store, such as `openai-codex:me@example.com`.
    pub profile: Option<String>,
    /// The e-mail address of the account, if the login or its token names one.
    pub email: Option<String>,
    /// The plan, such as `plus`, if the token names one.
    pub plan_type: Option<String>,
    /// Whether the token has ended; [`AccessToken::expires_at`] says when.
    pub expired: bool,
    /// Whether a refresh can renew it: [`tokens`](Self::tokens) does it when it must be.
    pub renewable: bool,
    /// The token as it is stored.
    pub token: AccessToken,
    /// The store that has it, its name there, and where keys that it refers to are looked up.
    pub(super) stored: Option<Stored>,
}

#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub store: Arc<dyn CredentialStore>,
    pub id: ProfileId,
    pub env: Environment,
}

impl FoundLogin {
    /// The tokens of this login: refreshed in time if a store has it, else as they were found.
    ///
    /// The login of the Codex command line is refreshed only if the person chose to share it: its refresh token works once.
    pub fn tokens(&self, refresher: Arc<dyn TokenRefresher>) -> Arc<dyn TokenSource> {
        match &self.stored {
            Some(Stored { store, id, env }) => {
                let tokens = ProfileTokens::new(store.clone(), id.clone(), refresher);
                Arc::new(tokens.environment(env.clone()))
            }
            None => Arc::new(StaticToken::new(self.token.clone())),
        }
    }

    /// Refuses a login that has ended and that nothing renews, before it is sent anywhere.
    ///
    /// # Errors
    /// `auth_expired`, with since when.
    pub fn check(&self, now: SystemTime) -> Result<()> {
        if !self.expired || self.renewable {
            return Ok(());
        }
        let since = self.token.expires_at.and_then(|at| now.duration_since(at).ok());
        let since = since.map(|since| match since.as_secs() / 60 {
            minutes @ 0..60 => format!(" {minutes} min ago"),
            minutes => format!(" {} h {} min ago", minutes / 60, minutes % 60),
        });
        let profile = self.profile.as_ref().map(|profile| format!(" (profile {profile})")).unwrap_or_default();
        let text = format!("the login in {}{profile} expired{}: sign in again", self.source, since.unwrap_or_default());
        let error = Error::new(ErrorKind::AuthExpired, Stage::NotSent, text).with_provider(self.kind.provider());
        Err(match &self.profile {
            Some(profile) => error.with_profile(profile),
            None => error,
        })
    }
}

/// What a login is, and so which provider takes it: [`ProviderBuilder::of_login`](crate::config::ProviderBuilder::of_login)
/// makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginKind {
    /// A ChatGPT plan: `CodexProvider`.
    ChatGpt,
    /// A ChatGPT plan that is shared with the platform: `OpenAiProvider` with
    /// [`chatgpt_plan`](crate::OpenAiProviderBuilder::chatgpt_plan).
    PlanSharing,
    /// An API key: `OpenAiProvider`.
    ApiKey,
}

impl LoginKind {
    /// The provider that takes it, of those that are built in.
    pub const fn provider(self) -> &'static str {
        match self {
            Self::ChatGpt => ProviderId::CODEX,
            Self::PlanSharing | Self::ApiKey => ProviderId::OPENAI,
        }
    }
}

/// "there is: a, b", at most ten of them.
pub(super) fn one_of(what: &str, names: &[String]) -> String {
    let shown = names.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => format!("{what} none"),
        n if n > 10 => format!("{what}: {shown} and {} more", n - 10),
        _ => format!("{what}: {shown}"),
    }
}
