//! The token endpoint of OpenAI's login server: code, refresh, API key, revocation.
//!
//! Fields and errors as the Codex client meets them; see `docs/login.md`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::Issuer;
use super::http::{Answer, Body, LoginHttp};
use super::plan_sharing::{self, PlanSharing};
use super::refusal::{Asked, refusal};
use super::tokens::TokenResponse;
use crate::ambient::{self, Ambient};
use crate::auth::choose::is_ours;
use crate::auth::{Credential, OAuthCredential, Profile, TokenRefresher};
use crate::error::{Advice, Error, ErrorKind, Result, Stage};
use crate::identity::Identity;
use crate::provider::ProviderId;
use crate::transport::{ReqwestTransport, Timeouts, Transport};

/// The public client of the Codex command line, which OpenAI lets other open-source programs use.
pub(super) const CODEX_CLIENT: &str = "app_EMoamEEZ73f0CkXaXp7hrann";

/// How long one request may take, its answer included.
const LIMIT: Duration = Duration::from_secs(30);
/// Nobody waits longer for a logout.
const REVOKE_LIMIT: Duration = Duration::from_secs(10);

/// Asks a login server for tokens.
///
/// Nothing is repeated: a code and a refresh token work once. No redirect is followed, and plain http goes to this
/// machine only.
#[derive(Debug, Clone)]
pub struct TokenEndpoint {
    issuer: Issuer,
    client_id: String,
    pub(super) http: LoginHttp,
}

/// Builds a [`TokenEndpoint`].
#[derive(Debug, Default)]
#[must_use]
pub struct TokenEndpointBuilder {
    issuer: Issuer,
    client_id: Option<String>,
    application: Option<String>,
    originator: Option<String>,
    transport: Option<Arc<dyn Transport>>,
    ambient: Option<Arc<dyn Ambient>>,
}

impl TokenEndpointBuilder {
    /// The login server. OpenAI's unless set.
    pub fn issuer(mut self, issuer: Issuer) -> Self {
        self.issuer = issuer;
        self
    }

    /// The client that the tokens are for. The public client of the Codex command line unless set.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// The host application, `name/version`: it stands behind our own name in `User-Agent`.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.application = Some(name.into());
        self
    }

    /// The host application's own `originator`. Names of other clients are refused.
    pub fn originator(mut self, name: impl Into<String>) -> Self {
        self.originator = Some(name.into());
        self
    }

    /// Another HTTP stack, or a [`ReqwestTransport`] with other proxy and certificate settings.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Other time and randomness.
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = Some(ambient);
        self
    }

    /// Builds it. Sends nothing.
    ///
    /// # Errors
    /// `config`: an empty client id, a name that cannot be sent, a proxy or certificate setting that cannot be used.
    pub fn build(self) -> Result<TokenEndpoint> {
        let client_id = self.client_id.unwrap_or_else(|| CODEX_CLIENT.to_owned());
        if client_id.is_empty() || !client_id.chars().all(|c| c.is_ascii_graphic()) {
            let text = format!("the client id {client_id:?} cannot be sent; leave it out for the usual one");
            return Err(Error::config(text));
        }
        let ambient = self.ambient.unwrap_or_else(ambient::system);
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                Arc::new(ReqwestTransport::builder().timeouts(Timeouts::default()).ambient(ambient.clone()).build()?)
            }
        };
        let identity = Identity::new(self.application.as_deref(), self.originator.as_deref())?;
        let application = self.application.as_deref().and_then(|name| name.split('/').next());
        let application = application.unwrap_or("the program that asked").to_owned();
        let http = LoginHttp { transport, ambient, identity, provider: ProviderId::CODEX, application, limit: LIMIT };
        Ok(TokenEndpoint { issuer: self.issuer, client_id, http })
    }
}

impl TokenEndpoint {
    /// Starts with OpenAI's login server and the usual settings.
    pub fn builder() -> TokenEndpointBuilder {
        TokenEndpointBuilder::default()
    }

    /// The same with another login server: a profile is refreshed where it came from.
    #[must_use]
    pub fn at(&self, issuer: Issuer) -> Self {
        Self { issuer, ..self.clone() }
    }

    /// The login server that is asked.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The client that the tokens are for.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Exchanges the code of a sign-in for tokens. The answer has an access token and a refresh token.
    ///
    /// # Errors
    /// `auth_invalid` when the code or the verifier is not accepted, or a token is missing; `edge_blocked` and `proxy`
    /// when something else than the login server answered; those of the transport.
    pub async fn exchange(
        &self,
        code: &SecretString,
        verifier: &SecretString,
        redirect_uri: &str,
    ) -> Result<TokenResponse> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client_id.as_str()),
            ("code", code.expose_secret()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier.expose_secret()),
        ];
        let answer = self.http.send(&self.issuer.at("/oauth/token"), Body::Form(&form)).await?;
        whole(self.tokens(Asked::Exchange, &answer, &[code, verifier])?, &self.http)
    }

    /// Exchanges a refresh token, which is spent with it, for new tokens. What the answer lacks stays as it was.
    ///
    /// # Errors
    /// `auth_expired` or `auth_invalid` with the advice `sign_in` when this login can never be refreshed again. With any
    /// other error the login is as good as before, unless the stage is `maybe_sent`: then the token may be spent.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<TokenResponse> {
        let body = json!({
            "client_id": self.client_id,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token.expose_secret(),
        });
        let answer = self.http.send(&self.issuer.at("/oauth/token"), Body::Json(&body)).await?;
        self.tokens(Asked::Refresh, &answer, &[refresh_token])
    }

    /// Exchanges an ID token for an API key of the platform. Not every account has one: no key is no fault of the login.
    ///
    /// # Errors
    /// `forbidden` when the account has no organisation on the platform, and as [`exchange`](Self::exchange).
    pub async fn api_key(&self, id_token: &SecretString) -> Result<SecretString> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("client_id", self.client_id.as_str()),
            ("requested_token", "openai-api-key"),
            ("subject_token", id_token.expose_secret()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ];
        let answer = self.http.send(&self.issuer.at("/oauth/token"), Body::Form(&form)).await?;
        let tokens = self.tokens(Asked::ApiKey, &answer, &[id_token])?;
        tokens.access_token.ok_or_else(|| missing(&self.http, "no API key"))
    }

    /// Withdraws a login: its refresh token if it has one, else its access token. Whoever logs out deletes the login
    /// whatever comes of this.
    ///
    /// # Errors
    /// Those of the transport and of the login server; 10 s is the limit.
    pub async fn revoke(&self, token: &SecretString, kind: TokenKind) -> Result<()> {
        let mut body = json!({"token": token.expose_secret(), "token_type_hint": kind.as_str()});
        if let (TokenKind::Refresh, Some(fields)) = (kind, body.as_object_mut()) {
            fields.insert("client_id".to_owned(), self.client_id.as_str().into());
        }
        let http = LoginHttp { limit: REVOKE_LIMIT, ..self.http.clone() };
        let answer = http.send(&self.issuer.at("/oauth/revoke"), Body::Json(&body)).await?;
        if answer.is_success() { Ok(()) } else { Err(refusal(Asked::Revoke, &answer, &http, &[token])) }
    }

    /// Withdraws a stored login at its own issuer, by the way that it was made: a login of plan sharing as such.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke). `config` for what is no sign-in, and for a login of another provider that names no issuer:
    /// its token is shown to nobody.
    pub async fn revoke_login(&self, profile: &Profile) -> Result<()> {
        let login = sign_in_of(profile)?;
        if PlanSharing::made(login) {
            return plan_sharing::revoke(&self.http, &self.issuer, login).await;
        }
        let endpoint = self.of(login)?;
        match &login.refresh {
            Some(token) => endpoint.revoke(token, TokenKind::Refresh).await,
            None => endpoint.revoke(&login.access, TokenKind::Access).await,
        }
    }

    /// The same at the issuer and with the client of this login.
    fn of(&self, login: &OAuthCredential) -> Result<Self> {
        let issuer = issuer_of(&self.issuer, login)?;
        let client_id = login.client_id.clone().unwrap_or_else(|| self.client_id.clone());
        Ok(Self { issuer, client_id, http: self.http.clone() })
    }

    fn tokens(&self, asked: Asked, answer: &Answer, secrets: &[&SecretString]) -> Result<TokenResponse> {
        read_tokens(asked, answer, &self.http, secrets)
    }
}

#[async_trait]
impl TokenRefresher for TokenEndpoint {
    /// At the issuer and with the client of the login. One of OpenAI's that names no issuer is refreshed at OpenAI's login server,
    /// or at that of this endpoint if it is on this machine; this endpoint's client stands for one that is not named. A login of
    /// plan sharing is refreshed as such. One of another provider that names no issuer is refused.
    async fn refresh(&self, profile: &Profile) -> Result<TokenResponse> {
        let login = sign_in_of(profile)?;
        if PlanSharing::made(login) {
            return plan_sharing::refresh(&self.http, &self.issuer, login).await;
        }
        let Some(token) = &login.refresh else {
            let text = "nothing is stored that renews this login: sign in again";
            return Err(Error::new(ErrorKind::AuthExpired, Stage::NotSent, text).with_advice(Advice::SignIn));
        };
        self.of(login)?.refresh(token).await
    }
}

/// Who gave a login: whom it names, else OpenAI, for all other issuers are stored with their logins. A login server on this
/// machine, as tests have it, may stand for OpenAI's.
pub(super) fn issuer_of(usual: &Issuer, login: &OAuthCredential) -> Result<Issuer> {
    match &login.issuer {
        Some(named) => Issuer::new(named),
        None if usual.is_loopback() => Ok(usual.clone()),
        None => Ok(Issuer::openai()),
    }
}

/// The sign-in of a profile, if this library knows whom its tokens may be shown: the issuer that it names, else, for OpenAI's
/// providers, OpenAI. A token that goes to anybody else is given away.
fn sign_in_of(profile: &Profile) -> Result<&OAuthCredential> {
    let refused = |text: String| Err(Error::config(text).with_profile(profile.id.as_str()));
    match &profile.credential {
        Credential::OAuth(login) if login.issuer.is_some() || is_ours(&profile.provider) => Ok(login),
        Credential::OAuth(_) => refused(format!(
            "{} is a login of {} and names no issuer: its login server is not known here, and its tokens are shown to nobody; \
             use the program that it was made with",
            profile.id, profile.provider
        )),
        _ => refused(format!("{} is a key or a pasted token, which has no login server", profile.id)),
    }
}

/// Which token a revocation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind {
    /// The token for the next refresh.
    Refresh,
    /// The token for calls.
    Access,
}

impl TokenKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh_token",
            Self::Access => "access_token",
        }
    }
}

/// The tokens of an answer, or the error that it is.
pub(super) fn read_tokens(
    asked: Asked,
    answer: &Answer,
    http: &LoginHttp,
    secrets: &[&SecretString],
) -> Result<TokenResponse> {
    let body = answer.is_success().then(|| answer.json()).flatten();
    // Some servers put an error into a success.
    let body = body.filter(|body| body.get("error").is_none_or(serde_json::Value::is_null));
    let tokens = body.and_then(|body| TokenResponse::read(&body, http.ambient.now()));
    tokens.ok_or_else(|| refusal(asked, answer, http, secrets))
}

/// A new login needs both tokens.
pub(super) fn whole(tokens: TokenResponse, http: &LoginHttp) -> Result<TokenResponse> {
    match (&tokens.access_token, &tokens.refresh_token) {
        (None, _) => Err(missing(http, "no access token")),
        (_, None) => Err(missing(http, "no refresh token, so the login would end with its first token")),
        _ => Ok(tokens),
    }
}

fn missing(http: &LoginHttp, what: &str) -> Error {
    let text = format!("the login server's answer has {what}; nothing was stored, start the sign-in again");
    Error::new(ErrorKind::AuthInvalid, Stage::Responded, text).with_http_status(200).with_provider(http.provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_goes_home_whatever_the_endpoint() {
        let at = |address: &str| Issuer::new(address).unwrap();
        let mut login = OAuthCredential::new("a", Some("r".into()));
        for (usual, named, home) in [
            ("https://auth.openai.com", None, "https://auth.openai.com"),
            ("https://login.example", None, "https://auth.openai.com"),
            ("http://127.0.0.1:9", None, "http://127.0.0.1:9"),
            ("https://auth.openai.com", Some("https://login.example"), "https://login.example"),
            ("http://127.0.0.1:9", Some("https://login.example"), "https://login.example"),
        ] {
            login.issuer = named.map(str::to_owned);
            assert_eq!(issuer_of(&at(usual), &login).unwrap(), at(home), "{usual} {named:?}");
        }
        login.issuer = Some("http://login.example".into());
        assert!(issuer_of(&Issuer::openai(), &login).is_err(), "plain http beyond this machine");
    }
}
