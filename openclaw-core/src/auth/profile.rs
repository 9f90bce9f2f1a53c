//! A login of the store: whose it is, and what it opens.

use std::fmt;
use std::time::SystemTime;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::identity::{Comparison, Identity};
use super::oauth::PlanSharing;
use super::secret::{Secret, fingerprint, hashed};
use super::{Claims, Environment};
use crate::provider::ProviderId;

/// The name of a profile, such as `openai-codex:me@example.com`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ProfileId(String);

impl ProfileId {
    /// A name.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The name. It can hold an e-mail address: logs take [`hashed`](Self::hashed).
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `sha256:` and the first 12 hexadecimal digits: how OpenClaw names a profile in its log.
    pub fn hashed(&self) -> String {
        hashed(&self.0)
    }

    /// The name that OpenClaw gave to every login of a provider before it read e-mail addresses: `<provider>:default`.
    pub(crate) fn is_default_of(&self, provider: &ProviderId) -> bool {
        self.0.strip_suffix(":default") == Some(provider.as_str())
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ProfileId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl From<String> for ProfileId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl AsRef<str> for ProfileId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A login with its name. `Debug` does not show its secrets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Profile {
    /// Its name.
    pub id: ProfileId,
    /// The provider that it is for, in lower case.
    pub provider: ProviderId,
    /// What it opens the provider with.
    pub credential: Credential,
    /// The e-mail address of the account.
    pub email: Option<String>,
    /// A name for people.
    pub display_name: Option<String>,
}

impl Profile {
    /// A profile without e-mail address and display name.
    pub fn new(id: impl Into<ProfileId>, provider: ProviderId, credential: impl Into<Credential>) -> Self {
        Self { id: id.into(), provider, credential: credential.into(), email: None, display_name: None }
    }

    /// Whose it is: by its fields, else by the claims of its token, which may have ended.
    pub fn identity(&self) -> Identity {
        Identity::of(self)
    }

    /// Whether both are one login: of one person in one account, and made in the same way. A sign-in for plan sharing is
    /// another login than one for the Codex backend.
    pub(super) fn compare(&self, other: &Self) -> Comparison {
        let kind = |profile: &Self| match &profile.credential {
            Credential::OAuth(oauth) if PlanSharing::made(oauth) => 0,
            Credential::OAuth(_) => 1,
            Credential::Token(_) => 2,
            Credential::ApiKey(_) => 3,
        };
        if self.provider != other.provider || kind(self) != kind(other) {
            return Comparison::Different;
        }
        match self.identity().compare(&other.identity()) {
            // Two copies of one token are one login, whatever it says of itself.
            Comparison::Unknown if self.has_tokens_of(other) => Comparison::Same,
            comparison => comparison,
        }
    }

    /// Whether [`compare`](Self::compare) says that they are the same.
    pub(super) fn is_same_login(&self, other: &Self) -> bool {
        self.compare(other) == Comparison::Same
    }

    fn has_tokens_of(&self, other: &Self) -> bool {
        let tokens = |profile: &Self| match &profile.credential {
            Credential::OAuth(oauth) => Some((fingerprint(&oauth.access), oauth.refresh.as_ref().map(fingerprint))),
            _ => None,
        };
        tokens(self).is_some_and(|own| tokens(other) == Some(own))
    }

    /// When its token ends; `None` for keys, and when nothing is known. The store says it by this machine's clock, so what it
    /// says goes before what the token says of itself.
    pub fn expires_at(&self) -> Option<SystemTime> {
        let (stored, token) = match &self.credential {
            Credential::OAuth(oauth) => (oauth.expires, Some(&oauth.access)),
            Credential::Token(token) => (token.expires, token.token.plain()),
            Credential::ApiKey(_) => return None,
        };
        stored.or_else(|| Claims::of(token?).ok()?.expires_at)
    }
}

/// What a profile opens its provider with.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Credential {
    /// A sign-in: an access token and what renews it.
    #[schemars(rename = "oauth")]
    OAuth(OAuthCredential),
    /// A bearer token that nobody renews.
    Token(TokenCredential),
    /// An API key.
    ApiKey(ApiKeyCredential),
}

impl Credential {
    /// What goes into the request: the access token, the token, or the key; `env` is asked for one that is kept there.
    ///
    /// # Errors
    /// Why it cannot be had, as the end of a sentence; never a piece of it.
    pub fn secret(&self, env: &Environment) -> Result<SecretString, String> {
        match self {
            Self::OAuth(oauth) => Ok(oauth.access.clone()),
            Self::Token(token) => token.token.resolve_named("tokenRef", env),
            Self::ApiKey(key) => key.key.resolve_named("keyRef", env),
        }
    }

    /// Its word in files and in what is shown: `oauth`, `token` or `api_key`.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::OAuth(_) => "oauth",
            Self::Token(_) => "token",
            Self::ApiKey(_) => "api_key",
        }
    }

    /// Whether something is stored that renews it.
    pub(crate) const fn is_renewable(&self) -> bool {
        matches!(self, Self::OAuth(OAuthCredential { refresh: Some(_), .. }))
    }
}

/// A sign-in. Its refresh token works once: whoever uses it must store the one that comes back.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OAuthCredential {
    /// The access token.
    #[schemars(with = "String")]
    pub access: SecretString,
    /// The refresh token, if there is one.
    #[schemars(with = "Option<String>")]
    pub refresh: Option<SecretString>,
    /// When the access token ends; in the file as ms since 1970.
    #[schemars(with = "Option<u64>")]
    pub expires: Option<SystemTime>,
    /// The ChatGPT account (`chatgpt_account_id`).
    pub account_id: Option<String>,
    /// The OAuth client that the login was made with; that of the Codex command line unless set.
    pub client_id: Option<String>,
    /// Who issued it, and the only one whom the refresh token is shown; `https://auth.openai.com` unless set.
    pub issuer: Option<String>,
    /// The id token, which names the account of some access tokens that do not.
    #[schemars(with = "Option<String>")]
    pub id_token: Option<SecretString>,
    /// What was granted, separated by spaces, if it was stored.
    pub scope: Option<String>,
    /// When a refresh makes sense at the earliest, if the login server said so (plan sharing); in the file as ms since 1970.
    /// Ours: OpenClaw keeps it and takes no notice.
    #[schemars(with = "Option<u64>")]
    pub earliest_refresh_at: Option<SystemTime>,
}

impl OAuthCredential {
    /// These tokens, nothing else being known.
    pub fn new(access: impl Into<SecretString>, refresh: Option<SecretString>) -> Self {
        Self {
            access: access.into(),
            refresh,
            expires: None,
            account_id: None,
            client_id: None,
            issuer: None,
            id_token: None,
            scope: None,
            earliest_refresh_at: None,
        }
    }
}

/// A bearer token that nobody renews, such as one that a person pasted.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TokenCredential {
    /// The token, in the file under `token`, or `tokenRef` if it is kept elsewhere.
    #[schemars(flatten, with = "super::secret::TokenKeys")]
    pub token: Secret,
    /// When it ends; in the file as ms since 1970.
    #[schemars(with = "Option<u64>")]
    pub expires: Option<SystemTime>,
}

impl TokenCredential {
    /// This token, its end not being known.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { token: token.into(), expires: None }
    }
}

/// An API key.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApiKeyCredential {
    /// The key, in the file under `key`, or `keyRef` if it is kept elsewhere.
    #[schemars(flatten, with = "super::secret::ApiKeyKeys")]
    pub key: Secret,
}

impl ApiKeyCredential {
    /// This key.
    pub fn new(key: impl Into<Secret>) -> Self {
        Self { key: key.into() }
    }
}

impl From<OAuthCredential> for Credential {
    fn from(credential: OAuthCredential) -> Self {
        Self::OAuth(credential)
    }
}

impl From<TokenCredential> for Credential {
    fn from(credential: TokenCredential) -> Self {
        Self::Token(credential)
    }
}

impl From<ApiKeyCredential> for Credential {
    fn from(credential: ApiKeyCredential) -> Self {
        Self::ApiKey(credential)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_hashed_as_openclaw_does() {
        // From a line of OpenClaw 2026.4.5's log.
        assert_eq!(ProfileId::from("openai-codex:default").hashed(), "sha256:06bfb5171eff");
    }

    #[test]
    fn the_default_profile_is_known_by_its_name() {
        let codex = ProviderId::new(ProviderId::CODEX);
        assert!(ProfileId::from("openai-codex:default").is_default_of(&codex));
        assert!(!ProfileId::from("openai:default").is_default_of(&codex));
        assert!(!ProfileId::from("openai-codex:me@example.com").is_default_of(&codex));
    }
}
