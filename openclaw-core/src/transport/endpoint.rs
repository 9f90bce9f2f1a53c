//! Where calls go, as far as a breaker tells places apart.

use std::fmt;

use url::Url;

/// Scheme, host, port and path of an address: what is blocked together when something in front of it refuses calls.
///
/// ```
/// use openclaw_core::transport::Endpoint;
///
/// let endpoint = Endpoint::parse("https://ChatGPT.com/backend-api/codex/responses/?x=1").unwrap();
/// assert_eq!(endpoint.to_string(), "https://chatgpt.com/backend-api/codex/responses");
/// assert_eq!(Some(endpoint), Endpoint::parse("https://chatgpt.com:443/backend-api/codex/responses"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint(String);

impl Endpoint {
    /// Reads an address; query, fragment and credentials are left out. `None` when it is no address of a host.
    pub fn parse(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(Self(format!("{}://{host}{port}{}", url.scheme(), url.path().trim_end_matches('/'))))
    }

    /// The address, without query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
