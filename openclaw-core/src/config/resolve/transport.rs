//! The way to a provider: its proxy, the certificates that are trusted, and our own.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::fault;
use super::secret::{self, SecretAccess, SecretOrigin};
use crate::config::Config;
use crate::config::model::{RequestOptions, RequestProxy, TlsOptions};
use crate::error::{Error, Result};
use crate::transport::{ProxySettings, ReqwestTransport, Timeouts, Transport};

/// What the configuration says of connections. All that is absent is as the environment has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Connection {
    proxy: ProxySettings,
    ca: Option<SecretOrigin>,
    certificate: Option<(SecretOrigin, SecretOrigin)>,
}

impl Connection {
    /// # Errors
    /// `config`: a setting that would weaken TLS, or that this build cannot keep.
    pub(super) fn new(config: &Config, request: Option<&RequestOptions>, at: &dyn Fn(&str) -> String) -> Result<Self> {
        let Some(request) = request else { return Ok(Self::default()) };
        let (proxy, proxy_tls) = match &request.proxy {
            Some(RequestProxy::Explicit(proxy)) => {
                let url = proxy.url.trim();
                if let Some(variable) = crate::config::env::reference(url) {
                    let text = format!("needs the variable {variable}, which is not set");
                    return Err(fault(config, at("request.proxy.url"), text));
                }
                (ProxySettings::Url { url: url.to_owned(), no_proxy: None }, proxy.tls.as_ref())
            }
            Some(RequestProxy::Env(proxy)) => (ProxySettings::Environment, proxy.tls.as_ref()),
            None => (ProxySettings::Environment, None),
        };
        let refuse = |key: &str, text: &str| Err(fault(config, at(key), text));
        if proxy_tls.is_some_and(|tls| *tls != TlsOptions::default()) {
            return refuse(
                "request.proxy.tls",
                "is not supported: what the proxy may show, the provider could as well",
            );
        }
        let none = TlsOptions::default();
        let tls = request.tls.as_ref().unwrap_or(&none);
        if tls.insecure_skip_verify == Some(true) {
            let text =
                "is true: a credential is not sent to a server that nobody checks; trust its certificate with ca";
            return refuse("request.tls.insecureSkipVerify", text);
        }
        if tls.server_name.as_ref().is_some_and(|name| !name.trim().is_empty()) {
            return refuse("request.tls.serverName", "is not supported by this build");
        }
        let origin = |input: Option<&_>, key: &str| match input {
            Some(input) => secret::origin(config, input, &at(key)),
            None => Ok(None),
        };
        if origin(tls.passphrase.as_ref(), "request.tls.passphrase")?.is_some() {
            return refuse("request.tls.passphrase", "is not supported; store the key without one, in a secret");
        }
        let ca = origin(tls.ca.as_ref(), "request.tls.ca")?;
        let cert = origin(tls.cert.as_ref(), "request.tls.cert")?;
        let key = origin(tls.key.as_ref(), "request.tls.key")?;
        let certificate = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (Some(_), None) => return refuse("request.tls.cert", "needs its key (request.tls.key)"),
            (None, Some(_)) => return refuse("request.tls.key", "needs its certificate (request.tls.cert)"),
        };
        Ok(Self { proxy, ca, certificate })
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretOrigin> {
        self.ca.iter().chain(self.certificate.iter().flat_map(|(cert, key)| [cert, key]))
    }

    pub(super) fn proxy_settings(&self) -> &ProxySettings {
        &self.proxy
    }

    pub(super) fn ca(&self) -> Option<&SecretOrigin> {
        self.ca.as_ref()
    }

    pub(super) fn proxy_shown(&self) -> Option<String> {
        match &self.proxy {
            ProxySettings::Url { .. } => Some(self.proxy.to_string()),
            _ => None,
        }
    }

    /// The transport that keeps all this: one for all the providers that are made of a route, so that they share
    /// connections. `secrets` are those of [`secrets`](Self::secrets), in their order.
    pub(super) fn transport(
        &self,
        access: &SecretAccess,
        secrets: &[SecretString],
        timeouts: Timeouts,
    ) -> Result<Arc<dyn Transport>> {
        let missing = || Error::config("a secret of the connection is missing");
        let mut secrets = secrets.iter();
        let mut builder =
            ReqwestTransport::builder().timeouts(timeouts).ambient(access.ambient.clone()).proxy(self.proxy.clone());
        if self.ca.is_some() {
            builder = builder.ca_pem(secrets.next().ok_or_else(missing)?.expose_secret());
        }
        if self.certificate.is_some() {
            let (cert, key) = (secrets.next().ok_or_else(missing)?, secrets.next().ok_or_else(missing)?);
            builder = builder.client_certificate(cert.expose_secret(), key.clone());
        }
        Ok(Arc::new(builder.build_with_env(&|name| access.var(name).map(str::to_owned))?))
    }
}
