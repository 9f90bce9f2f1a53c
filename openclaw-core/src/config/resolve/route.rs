//! How one provider is reached: protocol, address, credential, headers, proxy, TLS, time limits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::protocol::{self, Wire};
use super::secret::{self, SecretAccess, SecretOrigin};
use super::transport::Connection;
use super::{Names, fault};
use crate::auth::key_variable;
use crate::config::model::{Map, Model, ModelApi, ModelProvider, ProviderAuth, RequestAuth, SecretInput};
use crate::config::outline::outline_of_env;
use crate::config::{Config, env};
use crate::error::{Error, Result};
use crate::provider::{ModelRef, ProviderId};
use crate::transport::{ProxySettings, Timeouts, certificates_of};

/// Providers that need no entry in `models.providers`.
pub(super) const BUILT_IN: [&str; 3] = [ProviderId::CODEX, ProviderId::OPENAI, ProviderId::ANTHROPIC];

pub(super) fn is_built_in(id: &str) -> bool {
    BUILT_IN.contains(&id)
}

/// How a provider, or one model of it, is reached. Made by [`Config::provider`], [`Config::model`] and
/// [`Config::candidates`]; no secret has been read yet, and `Debug` shows none.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Route {
    /// The provider.
    pub provider: ProviderId,
    /// The model, as the provider names it; nothing for a route to a provider.
    pub model: Option<String>,
    /// The login that the reference asks for, `model@profile`.
    pub profile: Option<String>,
    /// The wire protocol.
    pub api: ModelApi,
    /// The base URL of the configuration; nothing if the provider's own holds.
    pub base_url: Option<String>,
    /// The address that calls go to.
    pub address: String,
    /// What calls sign in with.
    pub credential: Credential,
    /// Time limits: `agents.defaults.timeoutSeconds` is `total`, `agents.defaults.llm.idleTimeoutSeconds` is
    /// `first_byte` and `idle`.
    pub timeouts: Timeouts,
    /// What the configuration says of the model, if it lists it.
    pub settings: Option<Model>,
    pub(super) wire: Wire,
    /// The header of the credential with what stands before it, if it is not the usual one.
    pub(super) credential_header: Option<(String, String)>,
    /// `authHeader`: a key is sent as a bearer, whatever the protocol does with keys.
    pub(super) bearer: bool,
    pub(super) headers: Vec<(String, SecretOrigin)>,
    pub(super) connection: Connection,
    /// `auth: "oauth"`: a key is no login for this provider.
    pub(super) only_oauth: bool,
    /// What the configuration's section `env` sets.
    pub(super) variables: Arc<BTreeMap<String, String>>,
}

/// What calls sign in with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credential {
    /// A login: the host supplies it, from OpenClaw's store for example.
    Login,
    /// A secret that the configuration holds or refers to.
    Secret(SecretOrigin),
}

impl Route {
    /// The model, if this is a route to one.
    pub fn model_ref(&self) -> Option<ModelRef> {
        self.model.as_deref().map(|model| ModelRef::new(self.provider.as_str(), model))
    }

    /// Whether the host has to supply the login.
    pub fn needs_login(&self) -> bool {
        matches!(self.credential, Credential::Login)
    }

    /// The key that the environment has for the provider of this route: `OPENAI_API_KEY` for `openai`, `ANTHROPIC_API_KEY` for
    /// `anthropic`. It is for a route that needs a login when the store has none of the provider, unless the configuration says
    /// that its login is OAuth.
    pub fn environment_key(&self, access: &SecretAccess) -> Option<SecretString> {
        let name = key_variable(self.provider.as_str())?;
        if !self.needs_login() || self.only_oauth {
            return None;
        }
        let key = access.variable(name, &self.variables).ok()?;
        let key = key.expose_secret().trim();
        (!key.is_empty()).then(|| key.into())
    }

    /// Every secret that [`builder`](Self::builder) will read.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretOrigin> {
        let credential = match &self.credential {
            Credential::Secret(origin) => Some(origin),
            Credential::Login => None,
        };
        credential.into_iter().chain(self.headers.iter().map(|(_, origin)| origin)).chain(self.connection.secrets())
    }

    /// The names of the headers that the configuration adds, in small letters.
    pub fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(name, _)| name.as_str())
    }

    /// The proxy that the configuration names, without its password; nothing if that of the environment holds.
    pub fn proxy(&self) -> Option<String> {
        self.connection.proxy_shown()
    }

    /// Which proxy the configuration wants.
    pub(crate) fn proxy_settings(&self) -> &ProxySettings {
        self.connection.proxy_settings()
    }

    /// Where the certificates are that the configuration adds to those of the system, and how many there are; nothing of
    /// their number where a program would have to be run for them.
    pub(crate) fn certificates(&self, access: &SecretAccess) -> Option<(String, Option<Result<usize>>)> {
        let origin = self.connection.ca()?;
        let count = |pem: SecretString| Ok(certificates_of(pem.expose_secret())?.len());
        let read = access.read_at_once(origin, &self.variables);
        Some((format!("{} ({origin})", origin.key()), read.map(|pem| pem.and_then(count))))
    }

    /// The first secret of this route that cannot be read. What a program gives counts as there.
    pub(crate) fn missing_secret(&self, access: &SecretAccess) -> Option<Error> {
        self.secrets().find_map(|origin| access.read_at_once(origin, &self.variables)?.err())
    }

    pub(super) fn new(config: &Config, id: &str, model: Option<&str>) -> Result<Self> {
        let id = id.trim().to_lowercase();
        let found = entry_of(config, &id);
        if found.is_none() && !is_built_in(&id) {
            // The error of a reference says it better, and names what is near.
            Names::new(config).resolve(&format!("{id}/any"), &format!("the provider {id}"))?;
        }
        let (name, entry) = found.unzip();
        let at = |key: &str| format!("models.providers.{}.{key}", name.unwrap_or(&id));
        let listed = entry.and_then(|entry| {
            entry.models.iter().enumerate().find(|(_, listed)| model.is_some_and(|model| model == listed.id.as_str()))
        });
        let base_url = entry.map(|entry| entry.base_url.trim()).filter(|url| !url.is_empty());
        if let Some(variable) = base_url.and_then(env::reference) {
            return Err(fault(config, at("baseUrl"), format!("needs the variable {variable}, which is not set")));
        }
        let of_model = listed.and_then(|(i, listed)| Some((at(&format!("models.{i}.api")), listed.api?)));
        let written = of_model.or_else(|| Some((at("api"), entry?.api?)));
        let wire = protocol::wire(config, &id, base_url, written.clone())?;
        let address = wire.address(base_url).map_err(|e| wrong_address(config, at("baseUrl"), e.message()))?;
        let request = entry.and_then(|entry| entry.request.as_ref());
        let (credential, credential_header) = credential(config, entry, &at)?;
        let mut headers = Headers { config, found: Vec::new() };
        headers.add(entry.and_then(|entry| entry.headers.as_ref()), &at("headers"))?;
        if let Some((i, listed)) = listed {
            for (name, value) in listed.headers.iter().flat_map(|all| all.iter()) {
                let input = SecretInput::Text(value.clone());
                headers.put(name, &input, &at(&format!("models.{i}.headers")))?;
            }
        }
        headers.add(request.and_then(|request| request.headers.as_ref()), &at("request.headers"))?;
        Ok(Self {
            base_url: base_url.map(str::to_owned),
            api: wire.api(),
            model: model.map(str::to_owned),
            profile: None,
            timeouts: timeouts(config),
            settings: listed.map(|(_, listed)| listed.clone()),
            headers: headers.found,
            connection: Connection::new(config, request, &at)?,
            variables: Arc::new(env::variables(&outline_of_env(config))),
            bearer: bearer(entry),
            only_oauth: entry.and_then(|entry| entry.auth) == Some(ProviderAuth::Oauth),
            provider: ProviderId::new(id),
            address,
            credential,
            credential_header,
            wire,
        })
    }
}

/// The code of an error about a base URL that the provider does not have.
pub(crate) const WRONG_ADDRESS: &str = "base_url";

fn wrong_address(config: &Config, key: String, why: &str) -> Error {
    fault(config, key, format!("is wrong: {why}")).with_code(WRONG_ADDRESS)
}

/// The entry of a provider and its key; names are compared without case, as in OpenClaw.
pub(super) fn entry_of<'c>(config: &'c Config, id: &str) -> Option<(&'c str, &'c ModelProvider)> {
    let providers = config.models.as_ref()?.providers.as_ref()?;
    let (key, entry) = providers.iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(id))?;
    Some((key, entry))
}

type Header = (String, String);

/// `request.auth` goes first, then `apiKey`, unless `auth` says that there is a login.
fn credential(
    config: &Config,
    entry: Option<&ModelProvider>,
    at: &dyn Fn(&str) -> String,
) -> Result<(Credential, Option<Header>)> {
    let Some(entry) = entry else { return Ok((Credential::Login, None)) };
    let needed = |input: &SecretInput, key: &str| -> Result<Credential> {
        let found = secret::origin(config, input, &at(key))?;
        let found =
            found.ok_or_else(|| fault(config, at(key), "is empty; it must hold a secret or say where it is"))?;
        Ok(Credential::Secret(found))
    };
    match entry.request.as_ref().and_then(|request| request.auth.as_ref()) {
        Some(RequestAuth::Bearer(bearer)) => return Ok((needed(&bearer.token, "request.auth.token")?, None)),
        Some(RequestAuth::Header(header)) => {
            let name = header_name(config, &header.header_name, &at("request.auth.headerName"))?;
            let prefix = header.prefix.clone().unwrap_or_default();
            return Ok((needed(&header.value, "request.auth.value")?, Some((name, prefix))));
        }
        Some(RequestAuth::ProviderDefault(_)) | None => {}
    }
    match entry.auth {
        Some(ProviderAuth::AwsSdk) => {
            return Err(fault(config, at("auth"), "is \"aws-sdk\", which is not supported by this build"));
        }
        Some(ProviderAuth::Oauth) => return Ok((Credential::Login, None)),
        Some(ProviderAuth::ApiKey | ProviderAuth::Token) | None => {}
    }
    let key = entry.api_key.as_ref().map(|key| secret::origin(config, key, &at("apiKey"))).transpose()?.flatten();
    Ok((key.map_or(Credential::Login, Credential::Secret), None))
}

/// Whether a key is a bearer token.
fn bearer(entry: Option<&ModelProvider>) -> bool {
    let auth = entry.and_then(|entry| entry.request.as_ref()).and_then(|request| request.auth.as_ref());
    matches!(auth, Some(RequestAuth::Bearer(_))) || entry.and_then(|entry| entry.auth_header) == Some(true)
}

/// Headers of the configuration; a later one of the same name replaces an earlier one.
struct Headers<'c> {
    config: &'c Config,
    found: Vec<(String, SecretOrigin)>,
}

impl Headers<'_> {
    fn add(&mut self, headers: Option<&Map<SecretInput>>, key: &str) -> Result<()> {
        headers.iter().flat_map(|all| all.iter()).try_for_each(|(name, value)| self.put(name, value, key))
    }

    fn put(&mut self, name: &str, value: &SecretInput, key: &str) -> Result<()> {
        let key = format!("{key}.{name}");
        let name = header_name(self.config, name, &key)?;
        // A blank value counts as absent, as in OpenClaw.
        let Some(value) = secret::origin(self.config, value, &key)? else { return Ok(()) };
        self.found.retain(|(other, _)| *other != name);
        self.found.push((name, value));
        Ok(())
    }
}

fn header_name(config: &Config, name: &str, key: &str) -> Result<String> {
    match http::HeaderName::from_bytes(name.trim().as_bytes()) {
        Ok(name) => Ok(name.as_str().to_owned()),
        Err(_) => Err(fault(config, key, "names a header with a character that HTTP does not allow in a name")),
    }
}

fn timeouts(config: &Config) -> Timeouts {
    let mut timeouts = Timeouts::default();
    let Some(defaults) = config.agents.as_ref().and_then(|agents| agents.defaults.as_ref()) else { return timeouts };
    timeouts.total = defaults.timeout_seconds.map(|seconds| Duration::from_secs(seconds.get()));
    if let Some(idle) = defaults.llm.as_ref().and_then(|llm| llm.idle_timeout_seconds) {
        // 0 is never. OpenClaw's limit holds from the start of a call on.
        timeouts.idle = Some(Duration::from_secs(idle.get())).filter(|limit| !limit.is_zero());
        timeouts.first_byte = timeouts.idle;
    }
    timeouts
}
