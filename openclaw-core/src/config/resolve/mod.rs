//! From a configuration to a provider that can be asked.
//!
//! Three steps, of which only the last looks at anything but the configuration: a name becomes a model reference
//! (`names`), a reference becomes a [`Route`] (`route`), and a route, with its secrets read, a [`ProviderBuilder`].

mod builder;
mod chain;
mod names;
mod program;
mod protocol;
mod route;
mod secret;
#[cfg(test)]
mod tests;
mod transport;

pub use builder::ProviderBuilder;
pub(crate) use route::WRONG_ADDRESS;
pub use route::{Credential, Route};
pub use secret::{SecretAccess, SecretKind, SecretOrigin};

use std::fmt::Display;

use super::Config;
use super::model::ModelChoice;
use crate::error::{Error, Result};
use crate::provider::ModelRef;

use names::Names;

/// One of the models that an agent may use, in the order in which they are tried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Candidate {
    /// The key that names it, such as `agents.defaults.model.primary`.
    pub key: String,
    /// What stands there: `provider/model` or a short name.
    pub name: String,
    /// How it is reached, or why it cannot be.
    pub route: Result<Route>,
}

/// What is asked, and how it is reached. Nothing here reads a secret, opens a file or sends anything.
impl Config {
    /// How a provider is reached: one of `models.providers`, or one that is built in (`openai-codex`, `openai`,
    /// `anthropic`).
    ///
    /// ```
    /// use openclaw_core::config::{Config, Options};
    ///
    /// let config = Config::parse("{}", &Options::default())?;
    /// let route = config.provider("openai-codex")?;
    /// assert_eq!(route.address, "https://chatgpt.com/backend-api/codex/responses");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `config`, with the file, the key and the value: a provider that is not known, a protocol that this build does not
    /// speak, an address, header or secret reference that cannot be used.
    pub fn provider(&self, id: &str) -> Result<Route> {
        Route::new(self, id, None)
    }

    /// How a model is reached: `provider/model`, a short name of `agents.defaults.models`, or the name of a model that one
    /// provider alone has. `provider/model@profile` names the login as well.
    ///
    /// ```
    /// use openclaw_core::config::{Config, Options};
    ///
    /// let text = r#"{ agents: { defaults: { models: { "openai-codex/gpt-5.4": { alias: "codex" } } } } }"#;
    /// let config = Config::parse(text, &Options::default())?;
    /// assert_eq!(config.model("codex")?.model_ref().unwrap().to_string(), "openai-codex/gpt-5.4");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`provider`](Self::provider), and for a name that leads nowhere, in a circle, or to several models.
    pub fn model(&self, name: &str) -> Result<Route> {
        self.route("the model", name)
    }

    /// The models of an agent in the order in which they are tried, each once: its own `model`, completed by
    /// `agents.defaults.model`; without an agent that one alone. An agent with `fallbacks: []` has none.
    ///
    /// # Errors
    /// `config` if there is no such agent, or, with code `no_model`, no model is set. What is wrong with one of the models stands
    /// with it.
    pub fn candidates(&self, agent: Option<&str>) -> Result<Vec<Candidate>> {
        let names = names::chosen(self, agent)?;
        if names.is_empty() {
            let key = "agents.defaults.model";
            return Err(fault(
                self,
                key,
                "is not set; write the model as provider/model, such as openai-codex/gpt-5.4",
            )
            .with_code("no_model"));
        }
        Ok(self.listed(names))
    }

    /// The models of any other key that holds a model and its fallbacks, such as `agents.defaults.imageModel`. `key` is how
    /// messages call it.
    pub fn candidates_of(&self, choice: &ModelChoice, key: &str) -> Vec<Candidate> {
        self.listed(names::of_choice(choice, key))
    }

    fn listed(&self, names: Vec<(String, String)>) -> Vec<Candidate> {
        let mut listed: Vec<Candidate> = Vec::new();
        let mut seen: Vec<(ModelRef, Option<String>)> = Vec::new();
        for (key, name) in names {
            let route = self.route(&key, &name);
            if let Some((model, profile)) = route.as_ref().ok().and_then(|r| Some((r.model_ref()?, r.profile.clone())))
            {
                if seen.contains(&(model.clone(), profile.clone())) {
                    continue;
                }
                seen.push((model, profile));
            }
            listed.push(Candidate { key, name, route });
        }
        listed
    }

    fn route(&self, key: &str, name: &str) -> Result<Route> {
        let (model, profile) = Names::new(self).resolve(name, key)?;
        let mut route =
            Route::new(self, model.provider.as_str(), Some(&model.model)).map_err(|e| e.with_model(name))?;
        route.profile = profile;
        Ok(route)
    }
}

/// What is wrong, with its file and key.
fn fault(config: &Config, key: impl Display, text: impl Display) -> Error {
    match &config.origin.file {
        Some(file) => Error::config(format!("{}: {key} {text}", file.display())),
        None => Error::config(format!("{key} {text}")),
    }
}
