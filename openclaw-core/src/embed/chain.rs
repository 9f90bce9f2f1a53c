//! A client that goes on with other models when one fails: made of clients, or of a configuration.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::client::{Client, LoginInfo, Make, Models};
use super::fields::settings;
use super::request::ClientSettings;
use crate::auth::{CredentialStore, Environment, FileStore};
use crate::config::{Config, Options, SecretAccess, default_path};
use crate::error::{Error, Result};
use crate::failover::{Candidate, Chain, ChainBuilder, ChainLimits};
use crate::provider::{ModelRef, Provider};

/// What a chain is made with. All fields may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ChainSettings {
    /// How many attempts a call makes at most, repeats included; 10 unless set.
    pub attempts: Option<u32>,
    /// The time until output begins, all attempts together, in ms; 10 min unless set.
    pub time_ms: Option<u64>,
    /// The time until an attempt gives its first event, in ms; 330 s unless set.
    pub first_event_timeout_ms: Option<u64>,
    /// The limit for a whole call, in ms; none unless set.
    pub timeout_ms: Option<u64>,
    /// How often the same is asked again at most.
    pub max_retries: Option<u32>,
    /// The time for all repeats together, in ms.
    pub retry_budget_ms: Option<u64>,
    /// No thread of ours: whoever waits drives the call.
    pub inline: bool,
    /// Of a configuration: its file; where OpenClaw looks unless set.
    pub path: Option<PathBuf>,
    /// Of a configuration: the agent whose models and logins are used; the main one unless set.
    pub agent: Option<String>,
    /// Of a configuration: the only profile that may be asked, of its provider.
    pub profile: Option<String>,
    /// Of a configuration: the host application, `name/version`.
    pub application: Option<String>,
}

const LIMITS: [&str; 7] =
    ["attempts", "time_ms", "first_event_timeout_ms", "timeout_ms", "max_retries", "retry_budget_ms", "inline"];
const OF_CONFIG: [&str; 4] = ["path", "agent", "profile", "application"];

impl ChainSettings {
    /// Reads the settings of a chain of clients.
    ///
    /// # Errors
    /// `config`: what is no JSON, an unknown field, a field of a wrong type; each is named.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(text, "the chain settings", &LIMITS)
    }

    /// Reads the settings of a chain of a configuration: those of [`from_json`](Self::from_json), `path`, `agent`,
    /// `profile`, `application`.
    ///
    /// # Errors
    /// As there.
    pub fn of_config(text: &str) -> Result<Self> {
        Self::read(text, "the settings of a configured client", &[&LIMITS[..], &OF_CONFIG[..]].concat())
    }

    fn read(text: &str, what: &str, fields: &[&str]) -> Result<Self> {
        settings(text, what, fields).map_err(|e| Error::config(e.message()))
    }

    fn limits(&self) -> ChainLimits {
        let mut limits = ChainLimits::default();
        let set = |slot: &mut Duration, ms: Option<u64>| *slot = ms.map_or(*slot, Duration::from_millis);
        limits.attempts = self.attempts.unwrap_or(limits.attempts);
        set(&mut limits.time, self.time_ms);
        set(&mut limits.first_event, self.first_event_timeout_ms);
        limits
    }

    /// What stands for every call of the client.
    fn of_calls(&self) -> ClientSettings {
        ClientSettings {
            timeout_ms: self.timeout_ms,
            max_retries: self.max_retries,
            retry_budget_ms: self.retry_budget_ms,
            inline: self.inline,
            ..ClientSettings::default()
        }
    }

    fn finish(&self, chain: ChainBuilder) -> Result<Arc<dyn Provider>> {
        Ok(Arc::new(chain.limits(self.limits()).retry(self.of_calls().retry()).build()?))
    }
}

impl Client {
    /// A client that asks these models one after the other, each with the provider and the login of its client, until one
    /// begins to answer. A request names the model that is asked first, as `provider/model` or by its own name; without a
    /// model it is the first of the list.
    ///
    /// The clients stay as they are, and are not closed with this one, nor this one with them; connections are not shared.
    ///
    /// # Errors
    /// `config`: no model, the same model twice; `invalid_request` for a name that is no `provider/model`; `config` with
    /// code `closed` for a client that was closed; those of [`Client::new`].
    pub fn chain(members: Vec<(String, Client)>, settings: ChainSettings) -> Result<Self> {
        let mut models: Vec<(ModelRef, Arc<Make>)> = Vec::new();
        for (name, client) in members {
            let model: ModelRef = name.parse()?;
            if models.iter().any(|(known, _)| *known == model) {
                return Err(Error::config(format!("the chain names {model} twice: a model is asked once in a call")));
            }
            models.push((model, client.maker()?));
        }
        let calls = settings.of_calls();
        Self::made_by(calls, Models::Chosen, move |runtime| {
            let mut chain = Chain::builder();
            let mut login = LoginInfo { source: "chain".to_owned(), ..LoginInfo::default() };
            for (model, make) in &models {
                let (provider, own) = make(runtime)?;
                login.notes.extend(own.notes);
                chain = chain.candidate(Candidate::new(model.clone(), provider));
            }
            Ok((settings.finish(chain)?, login))
        })
    }

    /// A client that follows OpenClaw's configuration: the primary model of the agent and its fallbacks, with the profiles
    /// of the agent's store, their order and their rests.
    ///
    /// # Errors
    /// `config`: no configuration, one that is invalid, no such agent, no model set, settings that do not fit. `store` for
    /// profiles that cannot be read.
    pub fn from_config(settings: ChainSettings) -> Result<Self> {
        Self::made_by(settings.of_calls(), Models::Chosen, move |runtime| {
            let options = Options::of_process();
            let path = settings.path.clone().or_else(|| default_path(&options.env));
            let path = path.ok_or_else(|| Error::config("no home folder is known: name the configuration's path"))?;
            let config = Config::load(&path, &options)?;
            let agent = settings.agent.as_deref();
            let store: Arc<dyn CredentialStore> = Arc::new(FileStore::of_agent(agent, &Environment::default())?);
            let (access, application) = (SecretAccess::default(), settings.application.as_deref());
            let (chain, profiles) = runtime.block_on(async {
                let chain = config.signed_in_chain(agent, store.clone(), &access, application).await?;
                Ok::<_, Error>((chain, store.load().await?))
            })??;
            let chain = match &settings.profile {
                Some(profile) => chain.pin(profile.as_str()),
                None => chain,
            };
            let login = LoginInfo {
                source: path.display().to_string(),
                profile: settings.profile.clone(),
                notes: profiles.note_lines(),
            };
            Ok((settings.finish(chain)?, login))
        })
    }
}
