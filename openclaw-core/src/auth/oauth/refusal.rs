//! What a login server's refusal means, and what the person should do.
//!
//! A page is judged by [`classify`](crate::classify): it comes from a network in between and says nothing of the login.
//! Of a JSON answer the code decides, then the status.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::http::{Answer, LoginHttp, looks_like_page};
use crate::error::{Advice, Error, ErrorKind, Stage};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Exchange,
    Refresh,
    ApiKey,
    Revoke,
    DeviceCode,
    DevicePoll,
}

/// The error of an answer that is not what was asked for.
pub(super) fn refusal(asked: Asked, answer: &Answer, http: &LoginHttp, secrets: &[&SecretString]) -> Error {
    let judged = answer.refusal(http, secrets);
    if matches!(judged.kind(), ErrorKind::EdgeBlocked | ErrorKind::Proxy) {
        return judged;
    }
    let body = answer.json();
    let page = body.is_none() && looks_like_page(&answer.headers, &String::from_utf8_lossy(&answer.body));
    let code = body.as_ref().and_then(code).map(|code| {
        // Before it is cut: half a secret is one too.
        secrets.iter().fold(code, |code, secret| code.replace(secret.expose_secret(), "[secret]"))
    });
    let status = answer.status;
    let is = |code: &str, name: &&str| code.eq_ignore_ascii_case(name);
    let known = code.as_deref().and_then(|code| CODES.iter().find(|row| row.codes.iter().any(|name| is(code, name))));
    let (kind, advice, text) = match (known, asked) {
        (Some(row), Asked::Refresh) => (row.kind, row.advice, row.refresh),
        // A sign-in has nothing yet that could have expired.
        (Some(row), _) if row.kind == ErrorKind::AuthExpired => (ErrorKind::AuthInvalid, row.advice, row.sign_in),
        (Some(row), _) => (row.kind, row.advice, row.sign_in),
        // Nobody signed it: a web server, a portal, an address that is none of a login server.
        (None, asked) if page && asked != Asked::DeviceCode && matches!(status, 400 | 401 | 403 | 404) => {
            (ErrorKind::Proxy, Advice::FixNetwork, PAGE)
        }
        (None, Asked::Refresh) if status == 401 => (ErrorKind::AuthExpired, Advice::SignIn, ENDED),
        (None, Asked::Refresh) if status == 400 => (ErrorKind::AuthInvalid, Advice::SignIn, REFUSED),
        (None, Asked::Exchange | Asked::DevicePoll) if matches!(status, 400 | 401) => {
            (ErrorKind::AuthInvalid, Advice::SignIn, AGAIN)
        }
        (None, Asked::ApiKey) if matches!(status, 400 | 401 | 403) => {
            (ErrorKind::Forbidden, Advice::OtherProfile, NO_KEY)
        }
        (None, Asked::DeviceCode) if status == 404 => (ErrorKind::Forbidden, Advice::SignIn, NO_DEVICE_CODES),
        // Neither its code nor its status ends a login, so nothing else that it says does.
        (None, Asked::Refresh) if matches!(judged.advice(), Advice::SignIn | Advice::Refresh) => match status {
            403 => (ErrorKind::Forbidden, Advice::OtherProfile, KEPT),
            429 => (ErrorKind::RateLimited, Advice::Wait, KEPT),
            _ => (ErrorKind::ServerError, Advice::Retry, KEPT),
        },
        (None, Asked::Refresh) if answer.is_success() && !page => {
            let text =
                format!("{} (the refresh token may be spent: if that is refused, sign in again)", judged.message());
            return judged.with_stage(Stage::MaybeSent).with_message(text);
        }
        (None, Asked::Refresh) => {
            let text = format!("{} (the login is kept)", judged.message());
            return judged.with_message(text);
        }
        _ => return judged,
    };
    let numbered = match &code {
        Some(code) => format!("{text} (HTTP {status}, {})", crate::error::redact(&shortened(code))),
        None => format!("{text} (HTTP {status})"),
    };
    let mut error = Error::new(kind, Stage::Responded, numbered)
        .with_advice(advice)
        .with_http_status(status)
        .with_provider(http.provider);
    if let Some(code) = &code {
        error = error.with_code(&shortened(code));
    }
    if let Some(url) = judged.url() {
        error = error.with_url(url);
    }
    if let Some(id) = judged.request_id() {
        error = error.with_request_id(id);
    }
    if let Some(ray) = judged.cf_ray() {
        error = error.with_cf_ray(ray);
    }
    secrets.iter().fold(error, |error, secret| error.without(secret.expose_secret()))
}

/// The code of an answer: `error.code`, else the text `error`, else `code`. Its case does not matter.
pub(super) fn code(body: &Value) -> Option<String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let error = body.get("error");
    text(error.and_then(|error| error.get("code"))).or_else(|| text(error)).or_else(|| text(body.get("code")))
}

/// A code as it may be shown: one that holds markup loses its brackets.
fn shortened(code: &str) -> String {
    code.chars().filter(|c| !matches!(c, '<' | '>') && !c.is_control()).take(80).collect()
}

struct Row {
    codes: &'static [&'static str],
    kind: ErrorKind,
    advice: Advice,
    /// What to do when a refresh was refused.
    refresh: &'static str,
    /// What to do when a sign-in was refused.
    sign_in: &'static str,
}

const ENDED: &str = "the login server no longer accepts this login: sign in again";
const REFUSED: &str = "the login server refused to refresh this login, and would again: sign in again";
const PAGE: &str = "a page came instead of the login server's answer, so something in between answered and nothing of the login is lost: look what answers at this address, or correct the address of the login server";
const KEPT: &str = "the login server did not refresh this login, and does not say that it has ended: try again later (the login is kept)";
const AGAIN: &str =
    "the code was not accepted: it was used before, is too old, or belongs to another sign-in; start the sign-in again";
const NO_KEY: &str =
    "no API key came with this login: the account has no organisation on platform.openai.com; the login itself is good";
const NO_DEVICE_CODES: &str = "this login server gives no device codes: use the browser or the paste method; device codes may have to be enabled in the security settings of ChatGPT, or by the workspace's admin";
const CLIENT: &str = "the login server does not know the client id: leave it out, or correct it";

#[rustfmt::skip]
const CODES: &[Row] = &[
    Row {
        codes: &["refresh_token_expired"],
        kind: ErrorKind::AuthExpired, advice: Advice::SignIn,
        refresh: "the session of this login has ended: sign in again",
        sign_in: AGAIN,
    },
    Row {
        codes: &["refresh_token_reused"],
        kind: ErrorKind::AuthExpired, advice: Advice::SignIn,
        refresh: "the refresh token was already used, by another program or by a copy of this login: sign in again, and give each program a login of its own",
        sign_in: AGAIN,
    },
    Row {
        codes: &["refresh_token_invalidated"],
        kind: ErrorKind::AuthExpired, advice: Advice::SignIn,
        refresh: "the login was withdrawn, by a logout everywhere or a new password: sign in again",
        sign_in: AGAIN,
    },
    Row {
        codes: &["invalid_grant", "invalid_refresh_token", "token_expired", "app_session_expired"],
        kind: ErrorKind::AuthExpired, advice: Advice::SignIn,
        refresh: ENDED,
        sign_in: AGAIN,
    },
    Row {
        codes: &["invalid_client", "unauthorized_client"],
        kind: ErrorKind::Config, advice: Advice::FixConfig,
        refresh: CLIENT,
        sign_in: CLIENT,
    },
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_code_is_looked_for_in_the_order_of_the_official_client() {
        let of = |body: Value| code(&body);
        let all = json!({"error": {"code": "Refresh_Token_Reused"}, "code": "other"});
        assert_eq!(of(all).as_deref(), Some("Refresh_Token_Reused"));
        assert_eq!(of(json!({"error": "invalid_grant", "code": "other"})).as_deref(), Some("invalid_grant"));
        assert_eq!(of(json!({"error": {"code": null}, "code": "c"})).as_deref(), Some("c"));
        assert_eq!(of(json!({"error": {"message": "m"}})), None);
        assert_eq!(of(json!(["error"])), None);
    }
}
