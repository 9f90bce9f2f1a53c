//! The way to each provider: its address, the proxy, and the certificates that are trusted.

use serde::Serialize;
use url::Url;

use super::DiagnoseOptions;
use super::configuration::Configuration;
use super::logins::{Logins, asked_as};
use super::target::{Search, configured, provider_in, remark};
use crate::config::{Credential, Route};
use crate::error::Result;
use crate::transport::{CaFile, Endpoint, ProxyInUse, Routes};

/// How a provider is reached.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct EndpointState {
    /// The provider.
    pub provider: String,
    /// Where calls go, without query; nothing if that cannot be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether the configuration sets the address; otherwise it is the provider's own.
    pub configured: bool,
    /// What calls sign in with, and where it is. Never the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Why it cannot be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What a person should know of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The proxy that calls go through; nothing if they go straight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyInUse>,
    /// The certificates that are trusted beside those of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<CertificateState>,
}

/// Certificates that are trusted beside those of the system.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CertificateState {
    /// The file, or the key of the configuration.
    pub place: String,
    /// The variable that names it; nothing if the configuration does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_by: Option<String>,
    /// How many there are, if they could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// Why they cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// The providers of the models that are asked, of the configuration, and of the logins; each once.
pub(super) fn endpoints(
    options: &DiagnoseOptions,
    configuration: &Configuration,
    logins: &Logins,
    search: &Search,
) -> Vec<EndpointState> {
    let config = &configuration.config;
    let env = options.environment();
    let mut ids: Vec<String> = Vec::new();
    let asked = search.routes.iter().map(|(name, route)| match route {
        Ok(route) => route.provider.to_string(),
        Err(error) => provider_in(name, error),
    });
    let of_logins = logins.profiles.iter().map(|(profile, _)| asked_as(profile, &env).to_owned());
    for id in asked.chain(configured(config)).chain(of_logins) {
        if !ids.iter().any(|known| known.eq_ignore_ascii_case(id.trim())) {
            ids.push(id.trim().to_owned());
        }
    }
    ids.iter().map(|id| state(id, &config.provider(id), options)).collect()
}

fn state(id: &str, route: &Result<Route>, options: &DiagnoseOptions) -> EndpointState {
    let mut state = EndpointState {
        provider: id.to_owned(),
        address: None,
        configured: false,
        credential: None,
        problem: None,
        note: None,
        proxy: None,
        certificates: None,
    };
    let route = match route {
        Ok(route) => route,
        Err(error) => {
            state.problem = Some(error.message().to_owned());
            return state;
        }
    };
    let access = options.access();
    state.provider = route.provider.to_string();
    // Without the query, in which some gateways want a key.
    state.address = Endpoint::parse(&route.address).map(|endpoint| endpoint.to_string());
    state.configured = route.base_url.is_some();
    state.credential = Some(match &route.credential {
        Credential::Secret(origin) => origin.to_string(),
        Credential::Login => "a login".to_owned(),
    });
    state.note = remark(route);
    let (proxy, certificates) = way(route, options);
    match proxy {
        Ok(proxy) => state.proxy = proxy,
        Err(error) => state.problem = Some(error.message().to_owned()),
    }
    state.certificates = certificates;
    if let Some(error) = route.missing_secret(&access) {
        state.problem.get_or_insert_with(|| error.message().to_owned());
    }
    state
}

fn way(route: &Route, options: &DiagnoseOptions) -> (Result<Option<ProxyInUse>>, Option<CertificateState>) {
    let lookup = |name: &str| options.env.get(name).cloned();
    let proxy = Routes::new(route.proxy_settings(), &lookup)
        .map(|routes| Url::parse(&route.address).ok().and_then(|url| routes.in_use(&url)));
    let of_config = route.certificates(&options.access()).map(|(place, count)| {
        let count = count.transpose();
        CertificateState {
            place,
            named_by: None,
            problem: count.as_ref().err().map(|error| error.message().to_owned()),
            count: count.ok().flatten(),
        }
    });
    let of_env = || {
        let file = CaFile::from_env(&lookup)?;
        let read = file.read();
        Some(CertificateState {
            place: file.path.display().to_string(),
            named_by: Some(file.named_by.to_owned()),
            count: read.as_ref().ok().map(Vec::len),
            problem: read.err().map(|error| error.message().to_owned()),
        })
    };
    (proxy, of_config.or_else(of_env))
}
