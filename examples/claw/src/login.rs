//! Which login is used, and the provider that takes it.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use openclaw_core::auth::oauth::TokenEndpoint;
use openclaw_core::auth::{
    AccessToken, FoundLogin, LoginKind, LoginQuery, LoginSearch, StaticToken, TokenSource, find_login,
};
use openclaw_core::config::ProviderBuilder;
use openclaw_core::{AnthropicProvider, Error, ErrorKind, Provider, ProviderId, Result, Stage};

/// How we name ourselves to the provider.
pub const APPLICATION: &str = concat!("claw/", env!("CARGO_PKG_VERSION"));

/// Which login to use; the first that is found unless set.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Login")]
pub struct LoginArgs {
    /// An auth-profiles.json of OpenClaw or an auth.json of the Codex command line.
    #[arg(long, value_name = "FILE")]
    pub profile_file: Option<PathBuf>,
    /// The OpenClaw agent whose logins are used [default: main].
    #[arg(long, value_name = "ID")]
    pub agent: Option<String>,
    /// The profile of the store [default: the first that is usable].
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
    /// Refresh the login of the Codex command line and write it back. Its refresh token works once: if that program refreshes
    /// at the same time, both are signed out.
    #[arg(long)]
    pub share_codex_login: bool,
}

impl LoginArgs {
    /// Looks for the login.
    ///
    /// # Errors
    /// Those of the library's search.
    pub fn find(&self) -> Result<LoginSearch> {
        let mut query = LoginQuery::default();
        query.profile_file = self.profile_file.clone();
        query.agent = self.agent.clone();
        query.profile = self.profile.clone();
        query.share_codex_login = self.share_codex_login;
        find_login(&query)
    }
}

/// The provider that takes a login.
///
/// # Errors
/// `config` for an address that the token may not go to.
pub fn provider_for(login: &FoundLogin, base_url: Option<&str>) -> Result<Arc<dyn Provider>> {
    let issuer = TokenEndpoint::builder().application(APPLICATION).build()?;
    at(ProviderBuilder::of_login(login.kind, login.tokens(Arc::new(issuer))), base_url)
}

/// A Codex provider with this token. The address was not set together with the token, so the token goes to
/// chatgpt.com and to loopback only: a mistyped --base-url must not give a login away.
///
/// # Errors
/// `config` for any other address.
pub fn codex(tokens: Arc<dyn TokenSource>, base_url: Option<&str>) -> Result<Arc<dyn Provider>> {
    at(ProviderBuilder::of_login(LoginKind::ChatGpt, tokens), base_url)
}

/// The provider under our name, at this address or at its own.
fn at(builder: ProviderBuilder, base_url: Option<&str>) -> Result<Arc<dyn Provider>> {
    let builder = builder.application(APPLICATION);
    match base_url {
        Some(url) => builder.base_url(url),
        None => builder,
    }
    .build()
}

/// The variable with the key of Claude models, which no login file has.
pub const ANTHROPIC_API_KEY: &str = "ANTHROPIC_API_KEY";

/// The provider of Claude models with the key of the environment.
///
/// # Errors
/// `auth_invalid` without a key, `config` for an address that cannot be used.
pub fn anthropic(base_url: Option<&str>) -> Result<Arc<dyn Provider>> {
    let key = std::env::var(ANTHROPIC_API_KEY).unwrap_or_default();
    if key.trim().is_empty() {
        let text = format!("no key for Claude models: {ANTHROPIC_API_KEY} is not set");
        return Err(Error::new(ErrorKind::AuthInvalid, Stage::NotSent, text).with_provider(ProviderId::ANTHROPIC));
    }
    at(ProviderBuilder::Anthropic(AnthropicProvider::builder().api_key(key.trim())), base_url)
}

/// This token and no other.
pub fn fixed(token: AccessToken) -> Arc<dyn TokenSource> {
    Arc::new(StaticToken::new(token))
}

/// Refuses an address that no provider could be asked at.
///
/// # Errors
/// `config`.
pub fn check_address(url: &str) -> Result<()> {
    if codex(fixed(AccessToken::new("none")), Some(url)).is_ok() {
        return Ok(());
    }
    at(ProviderBuilder::of_login(LoginKind::ApiKey, fixed(AccessToken::new("none"))), Some(url)).map(|_| ())
}

/// How to sign in again, with the program that this login belongs to.
pub fn sign_in_step(login: &FoundLogin) -> String {
    match (&login.path, &login.profile, login.kind) {
        (None, ..) => format!("put a valid key into {}", login.source),
        (_, Some(profile), LoginKind::ApiKey) => format!("put a valid key into the profile {profile}"),
        (_, Some(_), LoginKind::PlanSharing) => "sign in again: claw login --provider openai".to_owned(),
        (_, Some(_), _) => {
            "sign in again: claw login (or: openclaw models auth login --provider openai-codex)".to_owned()
        }
        (_, None, LoginKind::ApiKey) => "put a valid key in place: codex login --with-api-key".to_owned(),
        _ => "sign in again: codex login".to_owned(),
    }
}
