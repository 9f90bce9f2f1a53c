//! A secret of a profile: the text itself, or where it is kept.

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Environment;
use crate::error::words;

/// A secret that a profile holds, or a reference to where it is kept.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Secret {
    /// The text itself.
    Plain(SecretString),
    /// Where it is kept.
    Ref(SecretRef),
}

/// A reference to where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretRef {
    /// What keeps it.
    pub source: SecretSource,
    /// The provider of `secrets.providers` in the configuration, or `default`.
    pub provider: String,
    /// Its name there: for `env` the variable.
    pub id: String,
}

words! {
    /// What keeps a secret that is referred to.
    #[derive(JsonSchema)]
    SecretSource {
        /// An environment variable.
        Env = "env",
        /// A file of `secrets.providers`.
        File = "file",
        /// A program of `secrets.providers`.
        Exec = "exec",
    }
}

impl Secret {
    /// The text, if it stands in the profile.
    pub fn plain(&self) -> Option<&SecretString> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Ref(_) => None,
        }
    }

    /// The secret itself, `env` being asked if it is kept there.
    ///
    /// # Errors
    /// Why it cannot be had, as the end of a sentence; never a piece of it.
    pub fn resolve(&self, env: &Environment) -> Result<SecretString, String> {
        self.resolve_named("its reference", env)
    }

    /// The same with the key that a reference stands under.
    pub(super) fn resolve_named(&self, key: &str, env: &Environment) -> Result<SecretString, String> {
        let reference = match self {
            Self::Plain(text) => return Ok(text.clone()),
            Self::Ref(reference) => reference,
        };
        let SecretRef { source, id, .. } = reference;
        if *source != SecretSource::Env {
            return Err(format!(
                "{key} has source {:?}, which this version does not read; \
                 use source \"env\" or write the secret itself",
                source.as_str()
            ));
        }
        match env.var(id).map(|value| value.into_string()) {
            Some(Ok(value)) if !value.trim().is_empty() => Ok(value.trim().to_owned().into()),
            Some(Err(_)) => Err(format!("the variable {id} that {key} names is not UTF-8")),
            _ => Err(format!("the variable {id} that {key} names is not set")),
        }
    }
}

impl From<SecretString> for Secret {
    fn from(text: SecretString) -> Self {
        Self::Plain(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::Plain(text.into())
    }
}

impl From<SecretRef> for Secret {
    fn from(reference: SecretRef) -> Self {
        Self::Ref(reference)
    }
}

/// A secret's name for comparing and for notes: `sha256:` and 12 hexadecimal digits.
pub(super) fn fingerprint(secret: &SecretString) -> String {
    hashed(secret.expose_secret())
}

/// `sha256:` and the first 12 hexadecimal digits, as OpenClaw's log names what it does not show.
pub(crate) fn hashed(text: &str) -> String {
    let hex: String = Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The keys of a [`Secret`] in a profile of type `token`, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct TokenKeys {
    /// The token itself.
    token: Option<String>,
    /// Where the token is kept.
    token_ref: Option<SecretRef>,
}

/// The keys of a [`Secret`] in a profile of type `api_key`, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct ApiKeyKeys {
    /// The key itself.
    key: Option<String>,
    /// Where the key is kept.
    key_ref: Option<SecretRef>,
}
