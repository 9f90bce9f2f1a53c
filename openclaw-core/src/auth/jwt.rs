//! What a ChatGPT token says of itself. Claims are read, never verified: they route a call, they prove nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result, Stage};

/// The claims that this crate uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// `chatgpt_account_id`.
    pub account_id: Option<String>,
    /// `chatgpt_user_id`, else `user_id`.
    pub user_id: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// `chatgpt_plan_type`.
    pub plan_type: Option<String>,
    /// `chatgpt_account_is_fedramp`.
    pub fedramp: bool,
    /// `exp`.
    pub expires_at: Option<SystemTime>,
}

impl Claims {
    /// Reads the claims of a token.
    ///
    /// # Errors
    /// `auth_invalid` when it is no JWT. The message never shows the token.
    pub fn of(token: &SecretString) -> Result<Self> {
        let wrong = |what: &str| {
            Error::new(
                ErrorKind::AuthInvalid,
                Stage::NotSent,
                format!(
                    "the token is not a ChatGPT access token: {what}; sign in again, or use an API key with the openai provider"
                ),
            )
        };
        let token = token.expose_secret();
        let mut parts = token.split('.');
        let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it does not have the three parts of a JWT"));
        };
        let payload = URL_SAFE_NO_PAD
            .decode(payload.trim_end_matches('='))
            .map_err(|_| wrong("its middle part is not base64url"))?;
        let claims: Value = serde_json::from_slice(&payload).map_err(|_| wrong("its middle part is not JSON"))?;
        if !claims.is_object() {
            return Err(wrong("its middle part is not a JSON object"));
        }
        let field = |path: &str| claims.pointer(path);
        let text = |path: &str| field(path).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned);
        let auth = |name: &str| text(&format!("/https:~1~1api.openai.com~1auth/{name}"));
        Ok(Self {
            account_id: text("/chatgpt_account_id")
                .or_else(|| auth("chatgpt_account_id"))
                .or_else(|| text("/organizations/0/id")),
            user_id: auth("chatgpt_user_id").or_else(|| auth("user_id")),
            email: text("/https:~1~1api.openai.com~1profile/email").or_else(|| text("/email")),
            plan_type: auth("chatgpt_plan_type"),
            fedramp: field("/https:~1~1api.openai.com~1auth/chatgpt_account_is_fedramp").and_then(Value::as_bool)
                == Some(true),
            expires_at: field("/exp")
                .and_then(Value::as_f64)
                .filter(|s| s.is_finite() && *s >= 0.0 && *s < 1e12)
                .and_then(|s| UNIX_EPOCH.checked_add(Duration::from_secs_f64(s))),
        })
    }
}
