//! Whether an ID token is for this sign-in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::Issuer;
use super::pkce::same;
use super::tokens::seconds;
use crate::error::{Error, ErrorKind, Result, Stage};

/// A clock of a person's machine may be this wrong.
const SKEW: Duration = Duration::from_secs(10 * 60);

/// Checks issuer, audience, nonce and end. The signature is not checked: the token came straight from the token endpoint over
/// TLS (OpenID Connect Core 1.0, 3.1.3.7, rule 6).
///
/// # Errors
/// `auth_invalid`, with what does not fit and never the token.
pub(super) fn check(
    token: Option<&SecretString>,
    issuer: &Issuer,
    client_id: &str,
    nonce: &SecretString,
    now: SystemTime,
) -> Result<()> {
    let wrong = |what: &str| {
        let text =
            format!("the login server's ID token is not for this sign-in ({what}): nothing was stored, start it again");
        Err(Error::new(ErrorKind::AuthInvalid, Stage::Responded, text))
    };
    let Some(token) = token else { return wrong("there is none") };
    let Some(claims) = claims(token.expose_secret()) else { return wrong("it is no JWT") };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("iss").trim_end_matches('/') != issuer.as_str() {
        return wrong("another issuer");
    }
    let audience = match claims.get("aud") {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(list)) => list.iter().any(|one| one.as_str() == Some(client_id)),
        _ => false,
    };
    if !audience {
        return wrong("another audience");
    }
    if !same(text("nonce"), nonce.expose_secret()) {
        return wrong("another nonce");
    }
    let ends = seconds(claims.get("exp")).filter(|s| (0.0..1e12).contains(s));
    let ends = ends.and_then(|s| UNIX_EPOCH.checked_add(Duration::from_secs_f64(s))?.checked_add(SKEW));
    match ends {
        Some(ends) if ends > now => Ok(()),
        Some(_) => wrong("it has ended; check the clock of this machine"),
        None => wrong("it has no end"),
    }
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(claims: Value) -> SecretString {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string())).into()
    }

    #[test]
    fn it_must_be_for_this_sign_in() {
        let now = UNIX_EPOCH + Duration::from_secs(10_000);
        let issuer = Issuer::openai();
        let good =
            json!({"iss": "https://auth.openai.com", "aud": ["other", "oaiapp_1"], "nonce": "n-1", "exp": 10_600});
        let check = |claims: Value| {
            check(Some(&token(claims)), &issuer, "oaiapp_1", &"n-1".into(), now).map_err(|e| e.message().to_owned())
        };
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            claims
        };
        assert_eq!(check(good.clone()), Ok(()));
        assert_eq!(check(with("iss", json!("https://auth.openai.com/"))), Ok(()));
        assert_eq!(check(with("aud", json!("oaiapp_1"))), Ok(()));
        assert_eq!(check(with("exp", json!(9_800))), Ok(()), "a clock may be a little wrong");
        for (name, value, word) in [
            ("iss", json!("https://auth.example"), "issuer"),
            ("iss", Value::Null, "issuer"),
            ("aud", json!(["other"]), "audience"),
            ("aud", json!({"oaiapp_1": true}), "audience"),
            ("nonce", json!("n-2"), "nonce"),
            ("nonce", Value::Null, "nonce"),
            ("exp", json!(1_000), "clock"),
            ("exp", json!("never"), "no end"),
        ] {
            let error = check(with(name, value)).unwrap_err();
            assert!(error.contains(word), "{name}: {error}");
        }
        for strange in ["", "a.b", "a.b.c", "e30.e30.e30.e30", "e30.W10.x"] {
            let token = SecretString::from(strange);
            assert!(super::check(Some(&token), &issuer, "oaiapp_1", &"n-1".into(), now).is_err(), "{strange}");
        }
        assert!(super::check(None, &issuer, "oaiapp_1", &"n-1".into(), now).is_err());
    }
}
