//! A sign-in and its settings; the methods stand in `browser.rs`, `paste.rs` and `device.rs`.

use std::time::Duration;

use super::authorize::{Attempt, Authorize};
use super::token_endpoint::TokenEndpoint;

/// The ports of the callback that OpenAI's login server knows for its Codex client.
const PORTS: [u16; 2] = [1455, 1457];
/// How long a person has.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Signs a person in with ChatGPT.
///
/// Each method is one future: dropping it cancels the sign-in and frees its port. Nothing is stored; what comes back is a
/// [`Profile`](crate::auth::Profile) for [`Profiles::sign_in`](crate::auth::Profiles::sign_in).
///
/// ```no_run
/// use openclaw_core::auth::oauth::{SignIn, SignInPrompt, TokenEndpoint};
///
/// # async fn run(prompt: &dyn SignInPrompt) -> openclaw_core::Result<()> {
/// let sign_in = SignIn::new(TokenEndpoint::builder().application("my-app/1.0").build()?);
/// let profile = sign_in.browser(prompt).await?;
/// println!("signed in: {}", profile.id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SignIn {
    pub(super) endpoint: TokenEndpoint,
    /// As the host set it.
    pub(super) limit: Option<Duration>,
    pub(super) ports: Vec<u16>,
    workspaces: Vec<String>,
    login_hint: Option<String>,
}

impl SignIn {
    /// With this login server and client.
    pub fn new(endpoint: TokenEndpoint) -> Self {
        Self { endpoint, limit: None, ports: PORTS.to_vec(), workspaces: Vec::new(), login_hint: None }
    }

    /// Sets how long the person has: 10 minutes unless set. With a device code it is the code's own end unless set, at
    /// most 15 minutes.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// How long a browser or a paste is waited for.
    pub(super) fn limit(&self) -> Duration {
        self.limit.unwrap_or(LIMIT)
    }

    /// Sets the ports for the browser to come back to, tried in order; 0 is any. 1455 and 1457 unless set: OpenAI's login
    /// server allows no other.
    pub fn callback_ports(mut self, ports: impl Into<Vec<u16>>) -> Self {
        self.ports = ports.into();
        self
    }

    /// Allows only these workspaces (account ids).
    pub fn workspaces(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.workspaces = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Proposes this e-mail address on the sign-in page.
    pub fn login_hint(mut self, email: impl Into<String>) -> Self {
        self.login_hint = Some(email.into());
        self
    }

    /// The address of the sign-in page for one attempt.
    pub(super) fn url(&self, attempt: &Attempt, redirect_uri: &str) -> String {
        let authorize = Authorize {
            issuer: self.endpoint.issuer(),
            client_id: self.endpoint.client_id(),
            redirect_uri,
            originator: &self.endpoint.http.identity.originator,
            workspaces: &self.workspaces,
            login_hint: self.login_hint.as_deref(),
        };
        authorize.url(attempt)
    }
}
