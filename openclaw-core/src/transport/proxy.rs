//! Which proxy a request goes through.

use std::fmt;
use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use serde::Serialize;
use url::Url;

use crate::error::{Error, Result};

/// Which proxy is used. Loopback addresses are always reached directly: a token for this machine must not leave it.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum ProxySettings {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, upper or lower case.
    #[default]
    Environment,
    /// None at all.
    Direct,
    /// This one for everything but the hosts of `no_proxy`.
    Url {
        /// Its address, such as `http://proxy.example:3128` or `socks5h://127.0.0.1:1080`.
        url: String,
        /// Hosts that are reached directly, in the form of `NO_PROXY`.
        no_proxy: Option<String>,
    },
}

/// Without the credentials that an address may hold.
impl fmt::Display for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("as the environment says"),
            Self::Direct => f.write_str("none"),
            Self::Url { url, .. } => f.write_str(&shown(url)),
        }
    }
}

impl fmt::Debug for ProxySettings {
    /// Without the credentials that an address may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("Environment"),
            Self::Direct => f.write_str("Direct"),
            Self::Url { url, no_proxy } => {
                f.debug_struct("Url").field("url", &shown(url)).field("no_proxy", no_proxy).finish()
            }
        }
    }
}

/// Reads a variable of the environment.
pub(crate) type EnvLookup<'a> = &'a dyn Fn(&str) -> Option<String>;

const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The proxies in force, read once.
#[derive(Clone)]
pub(crate) struct Routes {
    http: Option<Named>,
    https: Option<Named>,
    no_proxy: String,
    matcher: Arc<Matcher>,
}

impl Routes {
    pub(crate) fn new(settings: &ProxySettings, env: EnvLookup<'_>) -> Result<Self> {
        let (http, https, no_proxy) = match settings {
            ProxySettings::Direct => (None, None, None),
            ProxySettings::Url { url, no_proxy } => {
                let named = Some(Named { source: "the proxy setting", url: url.clone() });
                (named.clone(), named, no_proxy.clone())
            }
            ProxySettings::Environment => {
                let all = || var(env, &["ALL_PROXY", "all_proxy"]);
                // In a CGI program HTTP_PROXY is the request header `Proxy`: not to be believed.
                let http_names: &[_] = match env("REQUEST_METHOD") {
                    Some(_) => &["http_proxy"],
                    None => &["http_proxy", "HTTP_PROXY"],
                };
                (
                    var(env, http_names).or_else(all),
                    var(env, &["HTTPS_PROXY", "https_proxy"]).or_else(all),
                    env("NO_PROXY").or_else(|| env("no_proxy")),
                )
            }
        };
        let http = http.map(Named::check).transpose()?;
        let https = https.map(Named::check).transpose()?;
        let no_proxy = match no_proxy {
            Some(hosts) if !hosts.trim().is_empty() => format!("{},{LOOPBACK}", hosts.trim()),
            _ => LOOPBACK.to_owned(),
        };
        let matcher = Matcher::builder()
            .http(http.as_ref().map(|named| named.url.clone()).unwrap_or_default())
            .https(https.as_ref().map(|named| named.url.clone()).unwrap_or_default())
            .no(no_proxy.clone())
            .build();
        Ok(Self { http, https, no_proxy, matcher: Arc::new(matcher) })
    }

    /// The host of the proxy that this address goes through.
    pub(crate) fn proxy_host(&self, url: &Url) -> Option<String> {
        let uri = url.as_str().parse().ok()?;
        let intercept = self.matcher.intercept(&uri)?;
        intercept.uri().authority().map(|a| a.host().to_owned())
    }

    /// The proxy that this address goes through, and who named it.
    pub(crate) fn in_use(&self, url: &Url) -> Option<ProxyInUse> {
        self.proxy_host(url)?;
        let named = if url.scheme() == "http" { &self.http } else { &self.https };
        named.as_ref().map(|named| ProxyInUse { address: shown(&named.url), named_by: named.source.to_owned() })
    }

    /// Whether even plain http needs TLS, to the proxy.
    pub(crate) fn http_proxy_is_tls(&self) -> bool {
        self.http.as_ref().is_some_and(|named| named.url.starts_with("https:"))
    }

    /// The same rules for reqwest.
    pub(crate) fn proxies(&self) -> Result<Vec<reqwest::Proxy>> {
        let skip = || reqwest::NoProxy::from_string(&self.no_proxy);
        let wrong = |e: reqwest::Error| Error::config("the proxy address is not usable").with_source(e.without_url());
        let mut proxies = Vec::new();
        if let Some(Named { url, .. }) = &self.http {
            proxies.push(reqwest::Proxy::http(url).map_err(wrong)?.no_proxy(skip()));
        }
        if let Some(Named { url, .. }) = &self.https {
            proxies.push(reqwest::Proxy::https(url).map_err(wrong)?.no_proxy(skip()));
        }
        Ok(proxies)
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("http", &self.http.as_ref().map(|named| shown(&named.url)))
            .field("https", &self.https.as_ref().map(|named| shown(&named.url)))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

/// The proxy that calls go through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProxyInUse {
    /// Its address, without user and password.
    pub address: String,
    /// Where it is written: the name of a variable, or a setting.
    pub named_by: String,
}

/// A proxy address and where it was written.
#[derive(Clone)]
struct Named {
    source: &'static str,
    url: String,
}

impl Named {
    fn check(self) -> Result<Self> {
        let text = self.url.trim();
        // curl and most programs take a bare host:port.
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let usable = Url::parse(&full).ok().filter(|u| {
            u.has_host() && matches!(u.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h")
        });
        match usable {
            Some(_) => Ok(Self { url: full, ..self }),
            None => Err(Error::config(format!(
                "{} is not a proxy address: {:?}; write http://host:port, https://host:port or socks5h://host:port",
                self.source,
                shown(text)
            ))),
        }
    }
}

fn var(env: EnvLookup<'_>, names: &[&'static str]) -> Option<Named> {
    names.iter().find_map(|&source| {
        let url = env(source).filter(|v| !v.trim().is_empty())?;
        Some(Named { source, url })
    })
}

/// The address without user and password, also when it does not parse.
fn shown(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, host)) => match before.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://[secret]@{host}"),
            None => format!("[secret]@{host}"),
        },
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(env: &[(&str, &str)]) -> Result<Routes> {
        Routes::new(&ProxySettings::Environment, &|name| {
            env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        })
    }

    fn through(routes: &Routes, url: &str) -> Option<String> {
        routes.proxy_host(&Url::parse(url).unwrap())
    }

    #[test]
    fn the_environment_is_read_in_either_case_and_all_proxy_is_the_last_resort() {
        let https = routes(&[("https_proxy", "http://low:1"), ("ALL_PROXY", "socks5://all:2")]).unwrap();
        assert_eq!(through(&https, "https://chatgpt.com/"), Some("low".into()));
        assert_eq!(through(&https, "http://gateway.example/"), Some("all".into()));
        let bare = routes(&[("HTTPS_PROXY", "corp:3128")]).unwrap();
        assert_eq!(through(&bare, "https://chatgpt.com/"), Some("corp".into()));
        assert_eq!(through(&routes(&[]).unwrap(), "https://chatgpt.com/"), None);
    }

    #[test]
    fn no_proxy_and_loopback_go_direct() {
        let routes = routes(&[("ALL_PROXY", "http://p:1"), ("NO_PROXY", ".openai.com, 10.0.0.0/8")]).unwrap();
        assert_eq!(through(&routes, "https://api.openai.com/"), None);
        assert_eq!(through(&routes, "http://10.1.2.3/"), None);
        for here in ["http://127.0.0.1:8080/", "http://127.9.9.9/", "http://localhost:1/", "http://[::1]:80/"] {
            assert_eq!(through(&routes, here), None, "{here}");
        }
        assert_eq!(through(&routes, "https://chatgpt.com/"), Some("p".into()));
    }

    #[test]
    fn a_cgi_program_does_not_believe_http_proxy() {
        let routes = routes(&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil:1")]).unwrap();
        assert_eq!(through(&routes, "http://gateway.example/"), None);
    }

    #[test]
    fn a_wrong_address_is_named_without_its_password() {
        let error = routes(&[("HTTPS_PROXY", "ftp://me:hunter2@proxy:1")]).unwrap_err();
        assert!(error.message().contains("HTTPS_PROXY"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        let settings = ProxySettings::Url { url: "http://me:hunter2@proxy:1".into(), no_proxy: None };
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
