//! What a host asks a sign-in for: one description for every way.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::host_id::HostId;
use super::plan_sharing::PlanSharing;
use super::prompt::SignInPrompt;
use super::sign_in::SignIn;
use super::token_endpoint::TokenEndpoint;
use crate::auth::Profile;
use crate::error::{Error, Result, words};
use crate::provider::ProviderId;

words! {
    /// How a person signs in.
    SignInMethod {
        /// A browser that comes back to this machine.
        Browser = "browser",
        /// A browser anywhere; the person pastes what came.
        Paste = "paste",
        /// A code that is typed on any device.
        Device = "device",
    }
}

/// What a sign-in is for, and how it goes. [`LoginStore::sign_in`](crate::auth::LoginStore::sign_in) runs it and stores what
/// comes of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignInRequest {
    /// `openai-codex`, the Codex backend, or `openai`, the platform API by plan sharing.
    pub provider: ProviderId,
    /// How the person signs in. Plan sharing knows the browser only.
    pub method: SignInMethod,
    /// How long the person has; 10 minutes unless set, 15 with a code.
    pub time_limit: Option<Duration>,
    /// Where the browser comes back to; 0 is any port. OpenAI's login server knows 1455 and 1457 only.
    pub callback_ports: Option<Vec<u16>>,
    /// The only workspaces (account ids) that may be chosen; any if empty.
    pub workspaces: Vec<String>,
    /// The e-mail address that the sign-in page proposes.
    pub login_hint: Option<String>,
    /// The installation that a plan is shared with; a store of OpenClaw keeps one beside it.
    pub host_id: Option<HostId>,
    /// The client that the installation was issued when a plan was shared with it before; that of a stored login unless set.
    pub issued_client: Option<String>,
}

impl SignInRequest {
    /// For the Codex backend.
    pub fn new(method: SignInMethod) -> Self {
        Self {
            provider: ProviderId::new(ProviderId::CODEX),
            method,
            time_limit: None,
            callback_ports: None,
            workspaces: Vec::new(),
            login_hint: None,
            host_id: None,
            issued_client: None,
        }
    }

    /// Refuses what no sign-in can do.
    ///
    /// # Errors
    /// `config`.
    pub fn check(&self) -> Result<()> {
        let choosy = !self.workspaces.is_empty() || self.login_hint.is_some();
        match (self.provider.as_str(), self.method) {
            (ProviderId::OPENAI, SignInMethod::Browser) if choosy => {
                Err(Error::config("plan sharing takes neither workspaces nor a login hint: leave them out"))
            }
            (ProviderId::CODEX, _) | (ProviderId::OPENAI, SignInMethod::Browser) => Ok(()),
            (ProviderId::OPENAI, method) => Err(Error::config(format!(
                "plan sharing knows the browser only, not the method {method}: leave the method out"
            ))),
            (other, _) => {
                Err(Error::config(format!("nobody signs in to {other:?}: the provider is openai-codex or openai")))
            }
        }
    }

    /// Signs the person in. Nothing is stored. `host` gives the installation's id if it is not in the request.
    ///
    /// # Errors
    /// `config` for what no sign-in can do; those of the way, such as [`SignIn::browser`].
    pub async fn run(
        &self,
        endpoint: &TokenEndpoint,
        host: impl FnOnce() -> Result<HostId>,
        prompt: &dyn SignInPrompt,
    ) -> Result<Profile> {
        self.check()?;
        if self.provider.as_str() == ProviderId::OPENAI {
            let host = self.host_id.clone().map_or_else(host, Ok)?;
            let mut sharing = PlanSharing::new(endpoint.clone(), &endpoint.http.application, host);
            if let Some(id) = &self.issued_client {
                sharing = sharing.issued_client(id);
            }
            if let Some(limit) = self.time_limit {
                sharing = sharing.time_limit(limit);
            }
            if let Some(ports) = &self.callback_ports {
                sharing = sharing.callback_ports(ports.clone());
            }
            return sharing.sign_in(prompt).await;
        }
        let mut sign_in = SignIn::new(endpoint.clone()).workspaces(&self.workspaces);
        if let Some(limit) = self.time_limit {
            sign_in = sign_in.time_limit(limit);
        }
        if let Some(ports) = &self.callback_ports {
            sign_in = sign_in.callback_ports(ports.clone());
        }
        if let Some(email) = &self.login_hint {
            sign_in = sign_in.login_hint(email);
        }
        match self.method {
            SignInMethod::Browser => sign_in.browser(prompt).await,
            SignInMethod::Paste => sign_in.paste(prompt).await,
            SignInMethod::Device => sign_in.device(prompt).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_sharing_refuses_what_it_would_not_do() {
        let request = || SignInRequest {
            provider: ProviderId::new(ProviderId::OPENAI),
            ..SignInRequest::new(SignInMethod::Browser)
        };
        assert!(request().check().is_ok());
        let mut workspaces = request();
        workspaces.workspaces = vec!["w1".to_owned()];
        let mut hint = request();
        hint.login_hint = Some("me@example.invalid".to_owned());
        let mut device = request();
        device.method = SignInMethod::Device;
        for refused in [workspaces, hint, device] {
            assert!(refused.check().unwrap_err().message().contains("plan sharing"), "{refused:?}");
        }
    }
}
