//! Which login server a login belongs to, and the addresses below it.

use std::fmt;

use url::Url;

use crate::error::{Error, Result};
use crate::transport::address::{allow_scheme, is_loopback, parse_base};

/// A login server. OpenAI's is `https://auth.openai.com`; another one is a test server or a gateway of the host's own.
///
/// A login keeps the issuer that it came from: its refresh token is sent there and nowhere else.
///
/// ```
/// use openclaw_core::auth::oauth::Issuer;
///
/// assert_eq!(Issuer::openai().to_string(), "https://auth.openai.com");
/// assert!(Issuer::new("http://127.0.0.1:8080").is_ok());
/// assert!(Issuer::new("http://login.example").is_err(), "plain http stays on this machine");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(String);

/// OpenAI's login server, as OpenAI's Codex client names it.
const OPENAI: &str = "https://auth.openai.com";

impl Issuer {
    /// OpenAI's.
    pub fn openai() -> Self {
        Self(OPENAI.to_owned())
    }

    /// The login server at this address: https, or http on this machine.
    ///
    /// # Errors
    /// `config`: no URL, credentials, a query or a fragment in it, or plain http beyond this machine.
    pub fn new(address: &str) -> Result<Self> {
        let named = |e: Error| {
            let text = e.message().replacen("the base URL", "the address of the login server", 1);
            e.with_message(text)
        };
        let url = parse_base(address.trim(), OPENAI).map_err(named)?;
        allow_scheme(&url, false).map_err(|e| {
            e.with_message(format!(
                "the login server {} is plain http: a login would cross the network readable; write https, or an address of this machine",
                crate::transport::address::shown(&url)
            ))
        })?;
        if url.query().is_some() {
            return Err(Error::config(format!(
                "the address of the login server has a query (?…); write it like {OPENAI}"
            )));
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Its address, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is OpenAI's.
    pub fn is_openai(&self) -> bool {
        self.0 == OPENAI
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }

    /// The address of a path below it.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl Default for Issuer {
    fn default() -> Self {
        Self::openai()
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_made_plain_or_refused() {
        let at = |text: &str| Issuer::new(text).map(|issuer| issuer.to_string());
        assert_eq!(at(" https://auth.openai.com/ ").unwrap(), OPENAI);
        assert!(Issuer::new(OPENAI).unwrap().is_openai());
        assert_eq!(at("http://[::1]:9/base/").unwrap(), "http://[::1]:9/base");
        for wrong in [
            "",
            "auth.openai.com",
            "ftp://auth.openai.com",
            "http://auth.openai.com",
            "https://me:pw@login.example",
            "https://login.example/?a=1",
            "https://login.example/#a",
        ] {
            let error = at(wrong).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Config, "{wrong}");
            assert!(error.message().contains("login server") || error.message().contains("credential"), "{error}");
            assert!(!error.message().contains("pw"), "{error}");
        }
    }
}
