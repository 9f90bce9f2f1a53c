//! Forged logins for tests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// An access token as ChatGPT issues them, but unsigned (`"alg":"none"`) and obviously forged: good for an embedded
/// server, refused by everybody else. Valid for one hour.
///
/// ```
/// use openclaw_core::auth::AccessToken;
/// use openclaw_core::testing::forged_token;
///
/// let token = AccessToken::new(forged_token("acct-1"));
/// assert_eq!(token.account_id.as_deref(), Some("acct-1"));
/// ```
pub fn forged_token(account_id: &str) -> String {
    ForgedToken::new(account_id).build()
}

/// A forged token with claims of one's own. See [`forged_token`].
///
/// ```
/// use std::time::Duration;
/// use openclaw_core::testing::ForgedToken;
///
/// let old = ForgedToken::new("acct-1").user_id("user-7").plan("pro").expired_for(Duration::from_secs(60)).build();
/// assert_eq!(old.split('.').count(), 3);
/// ```
#[derive(Debug, Clone)]
pub struct ForgedToken {
    account_id: String,
    user_id: String,
    email: String,
    plan: String,
    fedramp: bool,
    expires_at: SystemTime,
    claims: Vec<(String, Value)>,
}

impl ForgedToken {
    /// A token of this account: user `user-forged`, `forged@example.invalid`, plan `plus`, valid for one hour.
    pub fn new(account_id: impl Into<String>) -> Self {
        Self {
            account_id: account_id.into(),
            user_id: "user-forged".to_owned(),
            email: "forged@example.invalid".to_owned(),
            plan: "plus".to_owned(),
            fedramp: false,
            expires_at: SystemTime::now() + Duration::from_secs(3600),
            claims: Vec::new(),
        }
    }

    /// Sets `chatgpt_user_id`.
    pub fn user_id(mut self, id: impl Into<String>) -> Self {
        self.user_id = id.into();
        self
    }

    /// Sets the e-mail address.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = email.into();
        self
    }

    /// Sets `chatgpt_plan_type`.
    pub fn plan(mut self, plan: impl Into<String>) -> Self {
        self.plan = plan.into();
        self
    }

    /// Sets `chatgpt_account_is_fedramp`.
    pub fn fedramp(mut self, fedramp: bool) -> Self {
        self.fedramp = fedramp;
        self
    }

    /// Sets when it ends.
    pub fn expires_at(mut self, at: SystemTime) -> Self {
        self.expires_at = at;
        self
    }

    /// Adds a claim at the top level, or puts it in the place of the one of this name.
    pub fn with_claim(mut self, name: impl Into<String>, value: Value) -> Self {
        self.claims.push((name.into(), value));
        self
    }

    /// Lets it end this long from now.
    pub fn expires_in(self, time: Duration) -> Self {
        let now = SystemTime::now();
        self.expires_at(now.checked_add(time).unwrap_or(now))
    }

    /// Lets it have ended this long ago.
    pub fn expired_for(self, time: Duration) -> Self {
        self.expires_at(SystemTime::now().checked_sub(time).unwrap_or(UNIX_EPOCH))
    }

    /// The e-mail address.
    pub(super) fn email_address(&self) -> &str {
        &self.email
    }

    /// The token.
    pub fn build(&self) -> String {
        let exp = self.expires_at.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let header = json!({"alg": "none", "typ": "JWT"});
        let mut claims = json!({
            "iss": "https://forged.invalid",
            "sub": format!("forged|{}", self.user_id),
            "exp": exp,
            "iat": exp.saturating_sub(3600),
            "https://api.openai.com/auth": {
                "chatgpt_account_id": self.account_id,
                "chatgpt_user_id": self.user_id,
                "user_id": self.user_id,
                "chatgpt_plan_type": self.plan,
                "chatgpt_account_is_fedramp": self.fedramp,
            },
            "https://api.openai.com/profile": {"email": self.email, "email_verified": true},
        });
        if let Some(fields) = claims.as_object_mut() {
            fields.extend(self.claims.iter().cloned());
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.forged-for-tests", part(&header), part(&claims))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Claims;

    #[test]
    fn claims_read_back() {
        let at = UNIX_EPOCH + Duration::from_secs(2_000_000_000);
        let token = ForgedToken::new("a").user_id("u").email("e@x").plan("pro").fedramp(true).expires_at(at).build();
        let claims = Claims::of(&token.into()).unwrap();
        assert_eq!(claims.account_id.as_deref(), Some("a"));
        assert_eq!(claims.user_id.as_deref(), Some("u"));
        assert_eq!(claims.email.as_deref(), Some("e@x"));
        assert_eq!(claims.plan_type.as_deref(), Some("pro"));
        assert!(claims.fedramp);
        assert_eq!(claims.expires_at, Some(at));
    }
}
