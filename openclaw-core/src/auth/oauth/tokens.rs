//! What a token endpoint answers, read with care: a missing field is missing, a strange one is no token.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde_json::Value;

use crate::auth::jwt::Claims;

/// The fields of a token response. `Debug` shows no token.
///
/// In the answer to a refresh every token is optional: one that is missing stays as it was.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TokenResponse {
    /// The token for calls.
    pub access_token: Option<SecretString>,
    /// The token for the next refresh. It works once.
    pub refresh_token: Option<SecretString>,
    /// What the login server says of the person.
    pub id_token: Option<SecretString>,
    /// When the access token ends: from `expires_in`, which no wrong clock can spoil, else from its own `exp`.
    pub expires_at: Option<SystemTime>,
    /// The scopes that were granted, if the answer names them.
    pub scope: Option<String>,
    /// When a refresh makes sense at the earliest, if the answer says so.
    pub earliest_refresh_at: Option<SystemTime>,
}

/// No token lasts longer; what says so is wrong.
const LONGEST: f64 = 10.0 * 365.0 * 86_400.0;

impl TokenResponse {
    /// Reads a token response; `None` when it is no JSON object.
    pub(super) fn read(body: &Value, now: SystemTime) -> Option<Self> {
        let body = body.as_object()?;
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let token =
            |key: &str| text(key).filter(|text| text.chars().all(|c| c.is_ascii_graphic())).map(SecretString::from);
        let access_token = token("access_token");
        let by_itself = || Claims::of(access_token.as_ref()?).ok()?.expires_at;
        let expires_at = seconds(body.get("expires_in"))
            .filter(|left| *left > 0.0 && *left <= LONGEST)
            .and_then(|left| now.checked_add(Duration::from_secs_f64(left)))
            .or_else(by_itself);
        let earliest_refresh_at = seconds(body.get("earliest_refresh_at"))
            .filter(|at| (0.0..1e11).contains(at))
            .and_then(|at| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs_f64(at)));
        Some(Self {
            refresh_token: token("refresh_token"),
            id_token: token("id_token"),
            scope: text("scope").map(str::to_owned),
            access_token,
            expires_at,
            earliest_refresh_at,
        })
    }
}

/// A number, or a number in a text: servers write both.
pub(super) fn seconds(value: Option<&Value>) -> Option<f64> {
    let number = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn read(body: Value) -> TokenResponse {
        TokenResponse::read(&body, NOW).unwrap()
    }

    #[test]
    fn a_missing_or_strange_field_is_no_token() {
        for wrong in
            [json!(null), json!(7), json!(""), json!("  "), json!(["a"]), json!("a b"), json!("a\nb"), json!("ü")]
        {
            let got = read(json!({"access_token": "at", "refresh_token": wrong}));
            assert!(got.refresh_token.is_none(), "{wrong}");
            assert_eq!(got.access_token.unwrap().expose_secret(), "at");
        }
        assert!(TokenResponse::read(&json!([1]), NOW).is_none());
    }

    #[test]
    fn the_end_comes_from_expires_in_else_from_the_token() {
        let after = |s| NOW + Duration::from_secs(s);
        assert_eq!(read(json!({"access_token": "at", "expires_in": 864_000})).expires_at, Some(after(864_000)));
        assert_eq!(read(json!({"access_token": "at", "expires_in": "60"})).expires_at, Some(after(60)));
        for wrong in [json!(0), json!(-5), json!(1e300), json!("soon"), json!(null)] {
            assert_eq!(read(json!({"access_token": "at", "expires_in": wrong})).expires_at, None, "{wrong}");
            let jwt = "x.eyJleHAiOjkwfQ.x";
            assert_eq!(read(json!({"access_token": jwt, "expires_in": wrong})).expires_at, Some(after(90)), "{wrong}");
        }
    }
}
