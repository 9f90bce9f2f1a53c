//! The usual transport: reqwest, with one client for plain http and one for https.
//!
//! The https client is built at the first https call, because loading the operating system's certificates takes ms.

use std::error::Error as StdError;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use futures_core::Stream;
use http_body::Body as _;
use secrecy::SecretString;
use url::Url;

use super::cookies::CookieJar;
use super::proxy::{EnvLookup, Routes};
use super::tls::{self, CaFile, ClientIdentity};
use super::{Chunk, Headers, HttpRequest, HttpResponse, Method, ProxySettings, Timeouts, Transport};
use crate::ambient::{self, Ambient};
use crate::error::{Error, ErrorKind, Result, Stage};

/// The usual transport. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct ReqwestTransport(Arc<Inner>);

struct Inner {
    clients: Clients,
    routes: Routes,
    jar: Option<CookieJar>,
    ambient: Arc<dyn Ambient>,
}

enum Clients {
    Ours { settings: Box<ClientSettings>, plain: OnceLock<reqwest::Client>, secure: OnceLock<reqwest::Client> },
    Host(reqwest::Client),
}

struct ClientSettings {
    connect_timeout: Option<Duration>,
    routes: Routes,
    #[cfg_attr(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")), allow(dead_code))]
    extra_roots: Vec<Vec<u8>>,
    #[cfg_attr(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")), allow(dead_code))]
    identity: Option<ClientIdentity>,
}

/// Builds a [`ReqwestTransport`].
#[derive(Debug, Default)]
pub struct ReqwestTransportBuilder {
    timeouts: Timeouts,
    proxy: ProxySettings,
    ca_file: Option<PathBuf>,
    ca_pem: Option<String>,
    identity: Option<ClientIdentity>,
    cookies: bool,
    ambient: Option<Arc<dyn Ambient>>,
}

impl ReqwestTransport {
    /// Starts with the usual settings: proxies and extra certificates from the environment, no cookies.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }

    /// Uses a client of the host as it is. Its proxies, certificates and timeouts hold.
    ///
    /// Build it with `redirect::Policy::none()`: this crate cannot stop a client that follows a redirect, and headers
    /// other than `Authorization` would go along.
    pub fn from_client(client: reqwest::Client) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            clients: Clients::Host(client),
            routes: Routes::new(&ProxySettings::Direct, &|_| None)?,
            jar: None,
            ambient: ambient::system(),
        })))
    }
}

impl ReqwestTransportBuilder {
    /// The limit for connecting; the other limits belong to a call.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Which proxy is used.
    pub fn proxy(mut self, proxy: ProxySettings) -> Self {
        self.proxy = proxy;
        self
    }

    /// A PEM file of certificates that are trusted beside those of the operating system. Without it
    /// `CODEX_CA_CERTIFICATE` or `SSL_CERT_FILE` is used.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Certificates (PEM) that are trusted beside those of the operating system, in the place of a CA file.
    pub fn ca_pem(mut self, pem: impl Into<String>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// A certificate of our own (PEM, with its chain) and its private key (PEM, not encrypted), for servers that ask who
    /// calls.
    pub fn client_certificate(mut self, certificate: impl Into<String>, key: impl Into<SecretString>) -> Self {
        self.identity = Some(ClientIdentity { certificate: certificate.into(), key: key.into() });
        self
    }

    /// Keeps the cookies that chatgpt.com's network sets, in memory. Off unless set.
    pub fn edge_cookies(mut self, keep: bool) -> Self {
        self.cookies = keep;
        self
    }

    /// Puts other time and randomness in place.
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = Some(ambient);
        self
    }

    /// Builds it. Reads the environment and the certificate file, opens nothing.
    ///
    /// # Errors
    /// `config`: a proxy address or a certificate file that cannot be used.
    pub fn build(self) -> Result<ReqwestTransport> {
        self.build_with_env(&|name| std::env::var(name).ok())
    }

    pub(crate) fn build_with_env(self, env: EnvLookup<'_>) -> Result<ReqwestTransport> {
        let routes = Routes::new(&self.proxy, env)?;
        let extra_roots = match (&self.ca_pem, self.ca_file) {
            (Some(pem), _) => tls::certificates_of(pem)?,
            (None, Some(path)) => CaFile { path, named_by: "the CA file setting" }.read()?,
            (None, None) => CaFile::from_env(env).map(|file| file.read()).transpose()?.unwrap_or_default(),
        };
        if let Some(identity) = &self.identity {
            identity.check()?;
        }
        let settings = ClientSettings {
            connect_timeout: self.timeouts.connect,
            routes: routes.clone(),
            extra_roots,
            identity: self.identity,
        };
        Ok(ReqwestTransport(Arc::new(Inner {
            clients: Clients::Ours { settings: Box::new(settings), plain: OnceLock::new(), secure: OnceLock::new() },
            routes,
            jar: self.cookies.then(CookieJar::default),
            ambient: self.ambient.unwrap_or_else(ambient::system),
        })))
    }
}

impl Inner {
    fn client(&self, url: &Url) -> Result<&reqwest::Client> {
        let (settings, plain, secure) = match &self.clients {
            Clients::Host(client) => return Ok(client),
            Clients::Ours { settings, plain, secure } => (settings, plain, secure),
        };
        let https = url.scheme() == "https";
        let slot = if https { secure } else { plain };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = settings.build(https)?;
        Ok(slot.get_or_init(|| client))
    }
}

impl ClientSettings {
    fn build(&self, https: bool) -> Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            // A redirect is an answer to be judged: no credential follows it anywhere.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .dns_resolver(Arc::new(NamedResolver))
            .tcp_nodelay(true)
            .no_proxy();
        if let Some(limit) = self.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        for proxy in self.routes.proxies()? {
            builder = builder.proxy(proxy);
        }
        builder =
            if https || self.routes.http_proxy_is_tls() { self.with_tls(builder)? } else { without_roots(builder) };
        builder
            .build()
            .map_err(|e| Error::config("the HTTP client cannot be built: see the cause").with_source(e.without_url()))
    }

    #[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")))]
    fn with_tls(&self, _: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder> {
        Err(Error::config("https needs one of the features rustls, rustls-ring, native-tls; this build has none"))
    }

    #[cfg(all(any(feature = "rustls", feature = "native-tls"), not(feature = "rustls-ring")))]
    fn with_tls(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder> {
        let wrong = |e: reqwest::Error| Error::config("an extra certificate cannot be used").with_source(e);
        let extra = self.extra_roots.iter().map(|der| reqwest::Certificate::from_der(der));
        let builder = builder.tls_certs_merge(extra.collect::<Result<Vec<_>, _>>().map_err(wrong)?);
        match &self.identity {
            Some(identity) => Ok(builder.identity(identity.for_reqwest()?)),
            None => Ok(builder),
        }
    }

    /// ring without touching the process default: reqwest is given a finished configuration.
    #[cfg(feature = "rustls-ring")]
    fn with_tls(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder> {
        let wrong = |e: rustls::Error| Error::config("TLS cannot be set up").with_source(e);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let extra = self.extra_roots.iter().map(|der| rustls_pki_types::CertificateDer::from(der.clone()));
        let verifier =
            rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider.clone()).map_err(wrong)?;
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(wrong)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match &self.identity {
            Some(identity) => {
                let (chain, key) = identity.for_rustls()?;
                config.with_client_auth_cert(chain, key).map_err(wrong)?
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(builder.tls_backend_preconfigured(config))
    }
}

/// A client that never speaks TLS does not load the operating system's certificates.
#[cfg(not(feature = "rustls-ring"))]
fn without_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    return builder.tls_certs_only([]);
    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    builder
}

#[cfg(feature = "rustls-ring")]
fn without_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match config {
        Ok(config) => builder.tls_backend_preconfigured(
            config.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth(),
        ),
        Err(_) => builder,
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let url = Url::parse(&request.url)
            .map_err(|e| Error::config(format!("the address is no URL: {e}")).with_url(&request.url))?;
        let client = self.0.client(&url)?;
        let now = self.0.ambient.now();
        let mut outgoing = encode(&url, &request)?;
        if let Some(cookies) = self.0.jar.as_ref().and_then(|jar| jar.header(&url, now)) {
            insert(outgoing.headers_mut(), "cookie", &cookies, true)?;
        }
        let response = client.execute(outgoing).await.map_err(|e| send_error(e, &url, &self.0.routes))?;
        let status = response.status().as_u16();
        let headers: Headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        if let Some(jar) = &self.0.jar {
            jar.learn(&url, status, &headers, self.0.ambient.now());
        }
        let body = http::Response::<reqwest::Body>::from(response).into_body();
        Ok(HttpResponse::new(status, headers, Box::pin(BodyStream(Some(body)))))
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("routes", &self.0.routes).finish_non_exhaustive()
    }
}

fn encode(url: &Url, request: &HttpRequest) -> Result<reqwest::Request> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let mut outgoing = reqwest::Request::new(method, url.clone());
    for (name, value, secret) in request.headers.iter() {
        insert(outgoing.headers_mut(), name, value, secret)?;
    }
    if request.method == Method::Post {
        *outgoing.body_mut() = Some(request.body.0.clone().into());
    }
    Ok(outgoing)
}

fn insert(headers: &mut http::HeaderMap, name: &str, value: &str, secret: bool) -> Result<()> {
    let wrong = |what: &str| Error::invalid_request(format!("the header {name:?} cannot be sent: {what}"));
    let name = http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("its name is not allowed in HTTP"))?;
    let mut value = http::HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| wrong("its value has a line break or another control character"))?;
    value.set_sensitive(secret);
    headers.append(name, value);
    Ok(())
}

/// The body of an answer, chunk by chunk, without a task or a copy.
struct BodyStream(Option<reqwest::Body>);

impl Stream for BodyStream {
    type Item = Result<Chunk>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(body) = &mut self.0 else { return Poll::Ready(None) };
            match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    // Trailers say nothing that we use.
                    if let Ok(bytes) = frame.into_data() {
                        return Poll::Ready(Some(Ok(Chunk(bytes))));
                    }
                }
                Some(Err(e)) => {
                    self.0 = None;
                    return Poll::Ready(Some(Err(body_error(e))));
                }
                None => {
                    self.0 = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}

// How a failure gets its kind: by the type of an error in its chain, never by words of a body.

/// The system's resolver; its failures are marked with their type and the name that failed.
struct NamedResolver;

impl reqwest::dns::Resolve for NamedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await.map(Iterator::collect::<Vec<_>>);
            match found {
                Ok(found) => Ok(Box::new(found.into_iter()) as reqwest::dns::Addrs),
                Err(cause) => Err(Box::new(DnsFailure { host, cause }) as Box<dyn StdError + Send + Sync>),
            }
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{host} cannot be resolved: {cause}")]
struct DnsFailure {
    host: String,
    cause: std::io::Error,
}

fn send_error(error: reqwest::Error, url: &Url, routes: &Routes) -> Error {
    let error = error.without_url();
    let host = url.host_str().unwrap_or_default();
    let proxy = routes.proxy_host(url);
    let is_proxy = |name: &str| proxy.as_deref().is_some_and(|p| p.eq_ignore_ascii_case(name));
    let made = if let Some(dns) = find::<DnsFailure>(&error) {
        if is_proxy(&dns.host) {
            let text = format!("the proxy {} cannot be resolved: check the proxy setting", dns.host);
            Error::new(ErrorKind::Proxy, Stage::NotSent, text)
        } else {
            let text = format!("the name {} cannot be resolved: check the network and the DNS server", dns.host);
            Error::new(ErrorKind::Dns, Stage::NotSent, text)
        }
    } else if is_tls(&error) {
        let text = format!(
            "no trusted TLS connection to {host}: a proxy that inspects traffic needs its certificate in CODEX_CA_CERTIFICATE or SSL_CERT_FILE; otherwise check the clock and the address"
        );
        Error::new(ErrorKind::Tls, Stage::NotSent, text)
    } else if let Some(refusal) = tunnel_refusal(&error) {
        let name = proxy.as_deref().unwrap_or("in between");
        let text = match refusal.contains("authorization required") {
            true => format!("the proxy {name} wants a user and a password: put them into the proxy address"),
            false => format!("the proxy {name} refused the tunnel to {host}: check its rules and its credentials"),
        };
        Error::new(ErrorKind::Proxy, Stage::NotSent, text)
    } else if error.is_timeout() {
        let (stage, what) = match error.is_connect() {
            true => (Stage::NotSent, "no connection within the connect limit"),
            false => (Stage::MaybeSent, "no answer within the limit of the HTTP client"),
        };
        Error::new(ErrorKind::Timeout, stage, format!("{host}: {what}"))
    } else if error.is_connect() {
        match proxy.as_deref().filter(|p| !p.eq_ignore_ascii_case(host)) {
            Some(name) => {
                let text = format!("the proxy {name} cannot be reached: check the proxy setting");
                Error::new(ErrorKind::Proxy, Stage::NotSent, text)
            }
            None => Error::new(ErrorKind::Connect, Stage::NotSent, format!("{host} cannot be reached{}", why(&error))),
        }
    } else if error.is_builder() {
        Error::config(format!("the request to {host} cannot be built"))
    } else if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse) {
        let text = format!("what {host} answered is not HTTP, or its headers have no end");
        Error::new(ErrorKind::ServerError, Stage::MaybeSent, text)
    } else {
        let text = format!("the connection to {host} broke before an answer came{}", why(&error));
        Error::new(ErrorKind::Connect, Stage::MaybeSent, text)
    };
    made.with_url(url.as_str()).with_source(error)
}

fn body_error(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let (kind, text) = match error.is_timeout() {
        true => (ErrorKind::Timeout, "no further bytes within the limit of the HTTP client".to_owned()),
        false => {
            (ErrorKind::StreamTruncated, format!("the connection broke in the middle of the answer{}", why(&error)))
        }
    };
    Error::new(kind, Stage::Responded, text).with_source(error)
}

/// Walks the chain, and into the errors that `std::io::Error` carries.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&e| {
        e.downcast_ref::<std::io::Error>()
            .and_then(|io| io.get_ref())
            .map(|inner| inner as &(dyn StdError + 'static))
            .or_else(|| e.source())
    })
    .take(32)
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    chain(error).find_map(|e| e.downcast_ref())
}

fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    #[cfg(any(feature = "rustls", feature = "rustls-ring"))]
    if find::<rustls::Error>(error).is_some() {
        return true;
    }
    #[cfg(feature = "native-tls")]
    if find::<native_tls::Error>(error).is_some() {
        return true;
    }
    let _ = error;
    false
}

/// What a proxy said to a tunnel, if it said anything: a connection that failed below is no refusal.
///
/// hyper-util does not export the type of this error; the text is its own, not that of an answer.
fn tunnel_refusal(error: &(dyn StdError + 'static)) -> Option<String> {
    if find::<std::io::Error>(error).is_some() {
        return None;
    }
    chain(error).map(ToString::to_string).find(|text| text.starts_with("tunnel error:"))
}

/// The innermost cause of the operating system, for a person.
fn why(error: &(dyn StdError + 'static)) -> String {
    match chain(error).filter_map(|e| e.downcast_ref::<std::io::Error>()).last() {
        Some(io) => format!(": {}", io.kind()),
        None => String::new(),
    }
}
