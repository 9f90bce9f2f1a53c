//! Asks a login server: one request, one bounded answer, no redirect, no repeat.
//!
//! A refresh token and a code work once, so nothing here is sent twice.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::form_urlencoded;

use crate::ambient::Ambient;
use crate::call::{PrefixEnd, read_prefix};
use crate::error::{Error, ErrorKind, Evidence, Result, Stage, classify};
use crate::identity::Identity;
use crate::transport::{Headers, HttpRequest, IdleTimer, Method, Transport, limit_passed, within};

/// This much of an answer is read: tokens have some KiB.
const MAX_ANSWER: usize = 1 << 20;

/// What a login server is asked with.
#[derive(Debug, Clone)]
pub(super) struct LoginHttp {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) ambient: Arc<dyn Ambient>,
    pub(super) identity: Identity,
    /// Whose login it is, for errors: `openai-codex` or `openai`.
    pub(super) provider: &'static str,
    /// The name of the host application, for people.
    pub(super) application: String,
    /// The limit of one request, answer included.
    pub(super) limit: Duration,
}

/// What is sent.
pub(super) enum Body<'a> {
    Form(&'a [(&'a str, &'a str)]),
    Json(&'a Value),
    Nothing,
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// What came back, whatever its status.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
    url: String,
}

impl LoginHttp {
    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// Those of the transport, `timeout` and an answer that is too long. Any status is an answer.
    pub(super) async fn send(&self, url: &str, body: Body<'_>) -> Result<Answer> {
        let named = |e: Error| {
            let e = if e.url().is_none() { e.with_url(url) } else { e };
            e.with_provider(self.provider)
        };
        match within(&*self.ambient, Some(self.limit), self.exchange(url, body)).await {
            Some(outcome) => outcome.map_err(named),
            None => {
                let e = limit_passed("total", self.limit, Stage::MaybeSent);
                let text = format!("the login server did not answer: {}", e.message());
                Err(named(e.with_message(text)))
            }
        }
    }

    async fn exchange(&self, url: &str, body: Body<'_>) -> Result<Answer> {
        let response = self.transport.send(self.request(url, body)).await?;
        let status = response.status;
        // After a success that breaks off, a token that was sent may be spent.
        let lost = |e: Error| {
            let e = e.with_http_status(status);
            if is_success(status) { e.with_stage(Stage::MaybeSent) } else { e }
        };
        let timer = IdleTimer::new(self.ambient.clone(), None, None);
        let mut bytes = Vec::new();
        match read_prefix(response.body, timer, MAX_ANSWER, &mut bytes).await {
            PrefixEnd::Whole => Ok(Answer::new(status, response.headers, bytes, url)),
            PrefixEnd::Cut => {
                let text = format!("the login server's answer is longer than {MAX_ANSWER} bytes");
                Err(lost(Error::new(ErrorKind::ServerError, Stage::Responded, text)))
            }
            PrefixEnd::Broken(error) => Err(lost(error)),
        }
    }

    fn request(&self, url: &str, body: Body<'_>) -> HttpRequest {
        let (method, content_type, bytes) = match body {
            Body::Nothing => (Method::Get, None, String::new()),
            Body::Json(value) => (Method::Post, Some("application/json"), value.to_string()),
            Body::Form(fields) => {
                let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                (Method::Post, Some("application/x-www-form-urlencoded"), form)
            }
        };
        let mut request = HttpRequest::new(method, url);
        request.headers.push("user-agent", self.identity.user_agent.as_str());
        request.headers.push("originator", self.identity.originator.as_str());
        request.headers.push("accept", "application/json");
        if let Some(content_type) = content_type {
            request.headers.push("content-type", content_type);
        }
        request.body = bytes.into();
        request
    }
}

impl Answer {
    pub(super) fn new(status: u16, headers: Headers, body: Vec<u8>, url: &str) -> Self {
        Self { status, headers, body, url: url.to_owned() }
    }

    pub(super) fn is_success(&self) -> bool {
        is_success(self.status)
    }

    /// The body, if it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The error that this answer is. `secrets` are those that were sent: an answer that quotes them does not show them.
    pub(super) fn refusal(&self, http: &LoginHttp, secrets: &[&SecretString]) -> Error {
        let mut body = String::from_utf8_lossy(&self.body).into_owned();
        for secret in secrets.iter().map(|s| s.expose_secret()).filter(|s| s.len() >= 8) {
            body = body.replace(secret, "[secret]");
        }
        let error = match self.status {
            // What stands in a success may be a token, whatever its type says: nothing of it is shown.
            200..300 if !body.trim_start().starts_with('<') => Error::new(
                ErrorKind::ServerError,
                Stage::Responded,
                "the login server's answer is no JSON, or lacks what belongs in it; try again",
            )
            .with_http_status(self.status),
            200..300 => self.classified(http, &body).with_body_preview(""),
            300..400 => self.redirect(),
            _ => self.classified(http, &body),
        };
        let error = error.with_url(&self.url).with_provider(http.provider);
        secrets.iter().fold(error, |error, secret| error.without(secret.expose_secret()))
    }

    fn classified(&self, http: &LoginHttp, body: &str) -> Error {
        classify(&Evidence {
            provider: http.provider,
            status: Some(self.status),
            headers: self.headers.clone(),
            body,
            url: Some(&self.url),
            now: Some(http.ambient.now()),
        })
    }

    /// A login is sent to its own issuer and nowhere else.
    fn redirect(&self) -> Error {
        let asked = url::Url::parse(&self.url).ok();
        let to = self.headers.get("location").and_then(|to| asked.as_ref()?.join(to).ok());
        let host = |url: Option<&url::Url>| url.and_then(|url| url.host_str()).unwrap_or("another place").to_owned();
        let text = format!(
            "the login server {} sent us on to {} (HTTP {}), and a login does not follow: sign in to the network if it has a sign-in page, or correct the address of the login server",
            host(asked.as_ref()),
            host(to.as_ref()),
            self.status,
        );
        Error::new(ErrorKind::Proxy, Stage::Responded, text).with_http_status(self.status)
    }
}

pub(super) fn looks_like_page(headers: &Headers, body: &str) -> bool {
    let html =
        headers.get("content-type").is_some_and(|t| t.trim_start().to_ascii_lowercase().starts_with("text/html"));
    html || body.trim_start().starts_with('<')
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use crate::auth::oauth::offline::refreshed;

    #[test]
    fn nothing_of_a_success_is_shown_whatever_its_type() {
        let sent = SecretString::from("Spent-Refresh-Token-0123456789");
        for body in
            [&br#"{"access_token":"HalfOfAToken-1234567890","refresh_tok"#[..], b"<p>HalfOfAToken-1234567890</p>"]
        {
            for content_type in ["text/html", "application/json", "text/plain"] {
                let error = refreshed(200, content_type, body, &sent).unwrap_err();
                assert!(!format!("{error:?}").contains("HalfOfAToken"), "{content_type}: {error:?}");
            }
        }
    }
}
