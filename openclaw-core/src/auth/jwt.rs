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

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    fn of(payload: &str) -> Result<Claims> {
        Claims::of(&format!("e30.{payload}.signature").into())
    }

    #[test]
    fn base64url_is_read_with_padding_or_without_and_nothing_else_is() {
        // Bytes that base64url writes with `-` and `_`, and a length that is padded elsewhere.
        let claims = json!({"email": "a@b", "x": "?~?~?~?~?~?~"}).to_string();
        let url = URL_SAFE_NO_PAD.encode(&claims);
        assert!(url.contains('-') && url.contains('_'), "{url}");
        for good in [url.clone(), format!("{url}="), format!("{url}==")] {
            assert_eq!(of(&good).unwrap().email.as_deref(), Some("a@b"), "{good}");
        }
        let standard = STANDARD.encode(&claims);
        let secret = "c2VjcmV0LXBhcnQ";
        for wrong in [&*standard, "", "%", "a b", secret, "W10", "bnVsbA", "NQ", &url[..url.len() - 3], "ü"] {
            let error = of(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AuthInvalid, "{wrong}");
            assert!(wrong.is_empty() || !format!("{error:?}").contains(secret), "{error:?}");
        }
        for wrong in ["", "a", "a.b", "a.b.c.d", "...."] {
            assert!(Claims::of(&wrong.into()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn claims_of_another_type_are_none() {
        let read = |claims: Value| of(&URL_SAFE_NO_PAD.encode(claims.to_string())).unwrap();
        let auth = |claims: Value| read(json!({"https://api.openai.com/auth": claims}));
        assert_eq!(read(json!({})), Claims::default());
        for odd in [json!(7), json!(null), json!(""), json!(["a"]), json!({"a": 1}), json!(true)] {
            let claims = json!({"chatgpt_account_id": odd, "chatgpt_user_id": odd, "chatgpt_plan_type": odd});
            assert_eq!(auth(claims), Claims::default(), "{odd}");
            assert_eq!(auth(odd.clone()), Claims::default(), "{odd}");
            assert_eq!(read(json!({"email": odd, "organizations": odd})), Claims::default(), "{odd}");
        }
        for odd in [json!(-1), json!(1e300), json!("1800000000"), json!(null), json!([1])] {
            assert_eq!(read(json!({"exp": odd})).expires_at, None, "{odd}");
        }
        assert_eq!(read(json!({"exp": 0})).expires_at, Some(UNIX_EPOCH));
        // The place of the account, in Zed's order.
        let all = json!({"chatgpt_account_id": "top", "https://api.openai.com/auth": {"chatgpt_account_id": "auth"},
            "organizations": [{"id": "org"}]});
        let mut account = all.clone();
        for (expected, gone) in [("top", "chatgpt_account_id"), ("auth", "https://api.openai.com/auth"), ("org", "")] {
            assert_eq!(read(account.clone()).account_id.as_deref(), Some(expected));
            account.as_object_mut().unwrap().remove(gone);
        }
        assert_eq!(auth(json!({"user_id": "u"})).user_id.as_deref(), Some("u"));
    }
}
