//! A login that was found on this machine.

use std::path::PathBuf;
use std::sync::Arc;

use super::{
    AccessToken, CredentialStore, Environment, ProfileId, ProfileTokens, StaticToken, TokenRefresher, TokenSource,
};

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
}

/// What a login is, and so which provider takes it.
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

/// "there is: a, b", at most ten of them.
pub(super) fn one_of(what: &str, names: &[String]) -> String {
    let shown = names.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => format!("{what} none"),
        n if n > 10 => format!("{what}: {shown} and {} more", n - 10),
        _ => format!("{what}: {shown}"),
    }
}
