//! The address of the sign-in page.

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::Issuer;
use super::pkce::{Pkce, random_text};
use crate::ambient::Ambient;
use crate::error::Result;

/// The scopes that OpenAI gives this client. Asking it for `api.responses.write` or `model.request` ends in
/// `invalid_scope`.
const SCOPE: &str = "openid profile email offline_access";

/// One try to sign in: the secrets that tie the answer of the page to it.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) pkce: Pkce,
    pub(super) state: SecretString,
}

impl Attempt {
    /// A new one.
    ///
    /// # Errors
    /// `config` without entropy.
    pub(super) fn new(ambient: &dyn Ambient) -> Result<Self> {
        Ok(Self { pkce: Pkce::new(ambient)?, state: random_text::<32>(ambient)? })
    }
}

/// What the person is sent to the sign-in page with.
#[derive(Debug)]
pub(super) struct Authorize<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) client_id: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) originator: &'a str,
    /// The only workspaces that may be chosen.
    pub(super) workspaces: &'a [String],
    /// The e-mail address that the page is to propose.
    pub(super) login_hint: Option<&'a str>,
}

impl Authorize<'_> {
    /// The address. It holds no secret but the state, which is useless without the verifier.
    pub(super) fn url(&self, attempt: &Attempt) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("code_challenge", &attempt.pkce.challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("id_token_add_organizations", "true")
            .append_pair("codex_cli_simplified_flow", "true")
            .append_pair("state", attempt.state.expose_secret())
            .append_pair("originator", self.originator);
        if !self.workspaces.is_empty() {
            query.append_pair("allowed_workspace_id", &self.workspaces.join(","));
        }
        if let Some(email) = self.login_hint {
            query.append_pair("login_hint", email);
        }
        format!("{}?{}", self.issuer.at("/oauth/authorize"), query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::SystemAmbient;

    #[test]
    fn the_address_has_what_the_page_asks_for() {
        let attempt = Attempt::new(&SystemAmbient).unwrap();
        let authorize = Authorize {
            issuer: &Issuer::openai(),
            client_id: "app_1",
            redirect_uri: "http://localhost:1455/auth/callback",
            originator: "openclaw-core",
            workspaces: &["w1".to_owned(), "w2".to_owned()],
            login_hint: None,
        };
        let url = url::Url::parse(&authorize.url(&attempt)).unwrap();
        assert_eq!(url.as_str().split('?').next(), Some("https://auth.openai.com/oauth/authorize"));
        let got: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let value = |name: &str| got.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        assert_eq!(value("scope"), Some("openid profile email offline_access"));
        assert_eq!(value("redirect_uri"), Some("http://localhost:1455/auth/callback"));
        assert_eq!(value("code_challenge_method"), Some("S256"));
        assert_eq!(value("code_challenge"), Some(attempt.pkce.challenge.as_str()));
        assert_eq!(value("state"), Some(attempt.state.expose_secret()));
        assert_eq!(value("originator"), Some("openclaw-core"));
        assert_eq!(value("allowed_workspace_id"), Some("w1,w2"));
        assert_eq!(value("login_hint"), None);
        assert!(!url.as_str().contains(attempt.pkce.verifier.expose_secret()));
    }
}
