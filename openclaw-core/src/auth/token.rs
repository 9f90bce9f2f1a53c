//! A token that is good now, and where the next one comes from.

use std::fmt::Debug;
use std::time::SystemTime;

use async_trait::async_trait;
use secrecy::SecretString;

use super::jwt::Claims;
use crate::error::Result;

/// Gives a provider its token, call by call.
#[async_trait]
pub trait TokenSource: Debug + Send + Sync {
    /// A token that is good for the next minutes; refreshed if it must be.
    ///
    /// # Errors
    /// `auth_expired` or `auth_invalid` when a person has to sign in, `store` when the login cannot be read.
    async fn token(&self) -> Result<AccessToken>;

    /// The provider answered 401 to the token of this revision. Gives another one, or `None` when there is none: then
    /// the 401 is final.
    ///
    /// # Errors
    /// As [`token`](Self::token).
    async fn rejected(&self, revision: u64) -> Result<Option<AccessToken>> {
        let _ = revision;
        Ok(None)
    }
}

/// A bearer token and what belongs to it. `Debug` does not show it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token.
    pub secret: SecretString,
    /// The ChatGPT account that it acts for; from the token's claims unless the login names one.
    pub account_id: Option<String>,
    /// The account lives in the US-government environment.
    pub fedramp: bool,
    /// The profile that it belongs to, for errors and logs.
    pub profile: Option<String>,
    /// When it ends, if known.
    pub expires_at: Option<SystemTime>,
    /// Counts up with every new token of one source.
    pub revision: u64,
}

impl AccessToken {
    /// A token that says for itself what it is: claims are read if it is a JWT, and left empty if it is not.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        let secret = secret.into();
        let claims = Claims::of(&secret).unwrap_or_default();
        Self {
            account_id: claims.account_id,
            fedramp: claims.fedramp,
            expires_at: claims.expires_at,
            profile: None,
            revision: 0,
            secret,
        }
    }
}

/// One token that never changes: an API key, or a token that the host renews by building a new provider.
#[derive(Debug, Clone)]
pub struct StaticToken(AccessToken);

impl StaticToken {
    /// This token.
    pub fn new(token: AccessToken) -> Self {
        Self(token)
    }

    /// This API key, which is of no ChatGPT account, whatever it looks like.
    pub fn of_key(key: impl Into<SecretString>) -> Self {
        Self(AccessToken { account_id: None, ..AccessToken::new(key) })
    }
}

#[async_trait]
impl TokenSource for StaticToken {
    async fn token(&self) -> Result<AccessToken> {
        Ok(self.0.clone())
    }
}
