//! "Sign in with ChatGPT": the use of a ChatGPT plan on api.openai.com, for open-source and local programs.
//!
//! Written after OpenAI's public documentation (developers.openai.com/siwc/token-sharing-open-source, September 2026) and
//! exercised against this project's own server only.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::Issuer;
use super::authorize::Attempt;
use super::browser::{Granted, Way};
use super::host_id::HostId;
use super::http::{Body, LoginHttp};
use super::id_token;
use super::pkce::random_text;
use super::profile::profile_of;
use super::prompt::SignInPrompt;
use super::refusal::{Asked, refusal};
use super::token_endpoint::{TokenEndpoint, TokenKind, issuer_of, read_tokens, whole};
use super::tokens::TokenResponse;
use crate::auth::{OAuthCredential, Profile};
use crate::error::{Advice, Error, ErrorKind, Result, Stage};
use crate::provider::ProviderId;

/// The client of an installation that has none of its own yet. It is never stored.
const DYNAMIC: &str = "dynamic_agent_client";
const RESOURCE: &str = "https://api.openai.com/v1";
/// Without it the token opens nothing.
const NEEDED: &str = "chatgpt.tokens.use.direct";
const SCOPE: &str = "openid profile email offline_access resource.invoke chatgpt.tokens.use.direct";
/// How long a person has.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Signs a person in for the use of their ChatGPT plan, and keeps that login alive.
///
/// The profile that comes back is one of the provider `openai`, for
/// [`OpenAiProvider`](crate::OpenAiProvider) with [`chatgpt_plan`](crate::OpenAiProviderBuilder::chatgpt_plan). The
/// program that embeds this crate is the "app" that the person allows; show "Continue with ChatGPT" on the button, "Using
/// ChatGPT plan" while it is used, and a link to the usage settings, as OpenAI asks.
///
/// The ID token is checked (issuer, audience, nonce, end); its signature is not, because it comes straight from the token
/// endpoint over TLS (OpenID Connect Core 1.0, 3.1.3.7).
///
/// ```no_run
/// use openclaw_core::auth::oauth::{HostId, PlanSharing, SignInPrompt, TokenEndpoint};
///
/// # async fn run(prompt: &dyn SignInPrompt, folder: &std::path::Path) -> openclaw_core::Result<()> {
/// let host = HostId::load_or_create(folder.join("host-id"))?;
/// let sharing = PlanSharing::new(TokenEndpoint::builder().application("my-app/1.0").build()?, "My App", host);
/// let profile = sharing.sign_in(prompt).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PlanSharing {
    issuer: Issuer,
    http: LoginHttp,
    name: String,
    host: HostId,
    issued: Option<String>,
    limit: Duration,
    ports: Vec<u16>,
}

impl PlanSharing {
    /// For the program of this name, on this installation. Login server, transport and clock are those of `endpoint`; its
    /// client id is not used.
    pub fn new(endpoint: TokenEndpoint, name: impl Into<String>, host: HostId) -> Self {
        let issuer = endpoint.issuer().clone();
        let http = LoginHttp { provider: ProviderId::OPENAI, ..endpoint.http };
        Self { issuer, http, name: name.into(), host, issued: None, limit: LIMIT, ports: vec![0] }
    }

    /// Sets the client that an earlier sign-in of this installation was issued
    /// ([`OAuthCredential::client_id`](crate::auth::OAuthCredential::client_id)).
    pub fn issued_client(mut self, id: impl Into<String>) -> Self {
        self.issued = Some(id.into()).filter(|id| id != DYNAMIC && !id.is_empty());
        self
    }

    /// Sets how long the person has: 10 minutes unless set.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sets the ports for the browser to come back to: any free one unless set.
    pub fn callback_ports(mut self, ports: impl Into<Vec<u16>>) -> Self {
        self.ports = ports.into();
        self
    }

    /// Signs in by a browser on this machine, or by what is pasted.
    ///
    /// # Errors
    /// `forbidden` when the person or the plan does not allow it; `auth_invalid` when the ID token is not for this
    /// sign-in; otherwise as [`SignIn::browser`](super::SignIn::browser).
    pub async fn sign_in(&self, prompt: &dyn SignInPrompt) -> Result<Profile> {
        let attempt = Attempt::new(&*self.http.ambient)?;
        let nonce = random_text::<32>(&*self.http.ambient)?;
        let way = Way {
            ambient: &self.http.ambient,
            application: &self.name,
            prompt,
            limit: self.limit,
            host: "127.0.0.1",
            ports: &self.ports,
        };
        let (url, verifier, nonce) = (|back: &str| self.url(&attempt, &nonce, back), &attempt.pkce.verifier, &nonce);
        way.run(&attempt.state, url, |granted| async move { self.exchange(granted, verifier, nonce).await })
            .await
            .map_err(|e| e.with_provider(ProviderId::OPENAI))
    }

    fn url(&self, attempt: &Attempt, nonce: &SecretString, redirect_uri: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match &self.issued {
            Some(id) => query.append_pair("client_id", id),
            None => query.append_pair("client_id", DYNAMIC).append_pair("agent_name_hint", &self.name),
        };
        query
            .append_pair("ext_agent_host_id", &self.host.urn())
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("resource", RESOURCE)
            .append_pair("scope", SCOPE)
            .append_pair("state", attempt.state.expose_secret())
            .append_pair("nonce", nonce.expose_secret())
            .append_pair("code_challenge", &attempt.pkce.challenge)
            .append_pair("code_challenge_method", "S256");
        format!("{}?{}", self.issuer.at("/api/accounts/authorize"), query.finish())
    }

    async fn exchange(&self, granted: Granted, verifier: &SecretString, nonce: &SecretString) -> Result<Profile> {
        let client_id = granted.client_id.or_else(|| self.issued.clone()).filter(|id| id != DYNAMIC);
        let Some(client_id) = client_id else {
            let text = "the login server issued no client id for this installation: start the sign-in again, and open the address in a browser on this machine";
            return Err(Error::new(ErrorKind::AuthInvalid, Stage::Responded, text));
        };
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id.as_str()),
            ("code", granted.code.expose_secret()),
            ("code_verifier", verifier.expose_secret()),
            ("redirect_uri", granted.redirect_uri.as_str()),
            ("resource", RESOURCE),
        ];
        let answer = self.http.send(&self.issuer.at(TOKEN), Body::Form(&form)).await?;
        let tokens = read_tokens(Asked::Exchange, &answer, &self.http, &[&granted.code, verifier])?;
        let mut tokens = whole(tokens, &self.http)?;
        let scope = tokens.scope.take().or(granted.scope);
        if !grants(scope.as_deref()) {
            let text = format!(
                "the login does not allow the use of the ChatGPT plan (the scope {NEEDED} was not granted): sign in again and allow it, with a Plus or Pro plan"
            );
            return Err(Error::new(ErrorKind::Forbidden, Stage::Responded, text).with_advice(Advice::SignIn));
        }
        tokens.scope = scope;
        id_token::check(tokens.id_token.as_ref(), &self.issuer, &client_id, nonce, self.http.ambient.now())?;
        profile_of(ProviderId::new(ProviderId::OPENAI), tokens, &self.issuer, &client_id)
    }

    /// Whether a login is one of plan sharing, by what it was granted.
    pub fn made(login: &OAuthCredential) -> bool {
        grants(login.scope.as_deref())
    }

    /// Refreshes a login of plan sharing, at its own issuer. What the answer lacks stays as it was.
    ///
    /// # Errors
    /// As [`TokenEndpoint::refresh`].
    pub async fn refresh(&self, login: &OAuthCredential) -> Result<TokenResponse> {
        refresh(&self.http, &self.issuer, login).await
    }

    /// Withdraws a login, at the address that the login server's discovery document names. Whoever logs out deletes the
    /// login whatever comes of this.
    ///
    /// # Errors
    /// `config` when the document names an address of another host; those of the transport and of the login server.
    pub async fn revoke(&self, login: &OAuthCredential) -> Result<()> {
        revoke(&self.http, &self.issuer, login).await
    }
}

const TOKEN: &str = "/api/accounts/oauth/token";

fn grants(scope: Option<&str>) -> bool {
    scope.is_some_and(|scope| scope.split_whitespace().any(|scope| scope == NEEDED))
}

/// Where a login came from, and for which client.
fn home<'l>(usual: &Issuer, login: &'l OAuthCredential) -> Result<(Issuer, &'l str)> {
    let issuer = issuer_of(usual, login)?;
    match login.client_id.as_deref().filter(|id| *id != DYNAMIC) {
        Some(id) => Ok((issuer, id)),
        None => Err(Error::config("the login names no client id, so it is none of plan sharing: sign in again")),
    }
}

/// Refreshes a login at its own issuer.
pub(super) async fn refresh(http: &LoginHttp, usual: &Issuer, login: &OAuthCredential) -> Result<TokenResponse> {
    let http = LoginHttp { provider: ProviderId::OPENAI, ..http.clone() };
    let (issuer, client_id) = home(usual, login)?;
    let Some(token) = &login.refresh else {
        let text = "nothing is stored that renews this login: sign in again";
        return Err(Error::new(ErrorKind::AuthExpired, Stage::NotSent, text).with_advice(Advice::SignIn));
    };
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id),
        ("refresh_token", token.expose_secret()),
        ("resource", RESOURCE),
    ];
    let answer = http.send(&issuer.at(TOKEN), Body::Form(&form)).await?;
    read_tokens(Asked::Refresh, &answer, &http, &[token])
}

/// Withdraws a login at its own issuer.
pub(super) async fn revoke(http: &LoginHttp, usual: &Issuer, login: &OAuthCredential) -> Result<()> {
    let (issuer, client_id) = home(usual, login)?;
    let http = LoginHttp { limit: Duration::from_secs(10), provider: ProviderId::OPENAI, ..http.clone() };
    let answer = http.send(&issuer.at("/.well-known/openid-configuration"), Body::Nothing).await?;
    let document = answer.is_success().then(|| answer.json()).flatten();
    let endpoint = document.as_ref().and_then(|d| d.get("revocation_endpoint")).and_then(Value::as_str);
    let Some(endpoint) = endpoint else { return Err(refusal(Asked::Revoke, &answer, &http, &[])) };
    if !same_origin(endpoint, issuer.as_str()) {
        let text = format!("{issuer} names a revocation address of another host; a login is not sent there");
        return Err(Error::config(text).with_provider(http.provider));
    }
    let (token, kind) = match &login.refresh {
        Some(token) => (token, TokenKind::Refresh),
        None => (&login.access, TokenKind::Access),
    };
    let form = [("token", token.expose_secret()), ("token_type_hint", kind.as_str()), ("client_id", client_id)];
    let answer = http.send(endpoint, Body::Form(&form)).await?;
    if answer.is_success() { Ok(()) } else { Err(refusal(Asked::Revoke, &answer, &http, &[token])) }
}

fn same_origin(a: &str, b: &str) -> bool {
    matches!((Url::parse(a), Url::parse(b)), (Ok(a), Ok(b)) if a.origin() == b.origin())
}
