//! Model references: `provider/model`, short names, and the model lists of agents.

use std::collections::BTreeMap;

use super::fault;
use super::route::{entry_of, is_built_in};
use crate::config::Config;
use crate::config::model::{AgentDefaults, ModelChoice, ModelEntry, ModelsMode};
use crate::config::suggest::nearest;
use crate::error::Result;
use crate::provider::ModelRef;

/// Short names that OpenClaw 2026.4.5 gives to entries of `agents.defaults.models` that have none.
const BUILT_IN: [(&str, &str); 8] = [
    ("opus", "anthropic/claude-opus-4-6"),
    ("sonnet", "anthropic/claude-sonnet-4-6"),
    ("gpt", "openai/gpt-5.4"),
    ("gpt-mini", "openai/gpt-5.4-mini"),
    ("gpt-nano", "openai/gpt-5.4-nano"),
    ("gemini", "google/gemini-3.1-pro-preview"),
    ("gemini-flash", "google/gemini-3-flash-preview"),
    ("gemini-flash-lite", "google/gemini-3.1-flash-lite-preview"),
];

/// The names that an agent's models have in the configuration, each with its key.
pub(super) fn chosen(config: &Config, agent: Option<&str>) -> Result<Vec<(String, String)>> {
    let common = match defaults(config).and_then(|defaults| defaults.model.as_ref()) {
        Some(choice) => of_choice(choice, "agents.defaults.model"),
        None => Vec::new(),
    };
    let Some(id) = agent else { return Ok(common) };
    let list = config.agents.as_ref().and_then(|agents| agents.list.as_deref()).unwrap_or_default();
    let found = list.iter().enumerate().find(|(_, agent)| agent.id.trim().eq_ignore_ascii_case(id.trim()));
    let Some((index, agent)) = found else {
        // Without a list there is the one agent `main`.
        if list.is_empty() && id.eq_ignore_ascii_case("main") {
            return Ok(common);
        }
        let known: Vec<&str> = list.iter().map(|agent| agent.id.as_str()).collect();
        let known = if known.is_empty() { "main".to_owned() } else { known.join(", ") };
        return Err(fault(config, "agents.list", format!("has no agent {id:?}; there is: {known}")));
    };
    let Some(choice) = &agent.model else { return Ok(common) };
    let key = format!("agents.list.{index}.model");
    let own = of_choice(choice, &key);
    let is_primary = |key: &str| !key.contains(".fallbacks.");
    let own_fallbacks = matches!(choice, ModelChoice::List(list) if list.fallbacks.is_some());
    let (primary, fallbacks): (Vec<_>, Vec<_>) = own.into_iter().partition(|(key, _)| is_primary(key));
    let (common_primary, common_fallbacks): (Vec<_>, Vec<_>) = common.into_iter().partition(|(key, _)| is_primary(key));
    let mut names = if primary.is_empty() { common_primary } else { primary };
    names.extend(if own_fallbacks { fallbacks } else { common_fallbacks });
    Ok(names)
}

/// The names of a model and its fallbacks, each with its key. Blank ones count as absent, as in OpenClaw.
pub(super) fn of_choice(choice: &ModelChoice, key: &str) -> Vec<(String, String)> {
    let names: Vec<(String, &str)> = match choice {
        ModelChoice::Name(name) => vec![(key.to_owned(), name)],
        ModelChoice::List(list) => {
            let fallbacks = list.fallbacks.iter().flatten().enumerate();
            let fallbacks = fallbacks.map(|(index, name)| (format!("{key}.fallbacks.{index}"), name.as_str()));
            list.primary.iter().map(|name| (format!("{key}.primary"), name.as_str())).chain(fallbacks).collect()
        }
    };
    names
        .into_iter()
        .filter(|(_, name)| !name.trim().is_empty())
        .map(|(key, name)| (key, name.trim().to_owned()))
        .collect()
}

/// What names mean in one configuration.
pub(super) struct Names<'c> {
    config: &'c Config,
    /// By the short name in small letters: the entries of `agents.defaults.models` that have it.
    aliases: BTreeMap<String, Vec<&'c str>>,
}

impl<'c> Names<'c> {
    pub(super) fn new(config: &'c Config) -> Self {
        let mut aliases: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (key, entry) in entries(config) {
            let built_in = BUILT_IN.iter().find(|(_, target)| *target == key.trim()).map(|(alias, _)| *alias);
            let alias = entry.alias.as_deref().or(built_in).map(str::trim).unwrap_or_default();
            if !alias.is_empty() {
                aliases.entry(alias.to_lowercase()).or_default().push(key.trim());
            }
        }
        Self { config, aliases }
    }

    /// The model that a name means, and the profile behind an `@`. `at` is the key that the name stands at.
    pub(super) fn resolve(&self, name: &str, at: &str) -> Result<(ModelRef, Option<String>)> {
        let wrong = |why: String| fault(self.config, at, format!("is {name:?}, {why}"));
        let (plain, profile) = split_profile(name.trim());
        let mut plain = plain;
        let mut way = vec![plain];
        // A short name may stand for an entry that is a short name itself.
        while !plain.contains('/') {
            let Some(targets) = self.aliases.get(&plain.to_lowercase()) else { break };
            let [target] = targets.as_slice() else {
                return Err(wrong(format!("a short name of several models: {}", targets.join(", "))));
            };
            if *target == plain {
                break;
            }
            if way.contains(target) {
                way.push(target);
                return Err(wrong(format!("a short name that leads in a circle: {}", way.join(" → "))));
            }
            way.push(target);
            plain = target;
        }
        let model = match plain.contains('/') {
            true => plain.parse::<ModelRef>().map_err(|e| wrong(format!("no model reference: {}", e.message())))?,
            false => match self.providers_with(plain).as_slice() {
                [only] => ModelRef::new(only, plain),
                [] => return Err(wrong(format!("which names no provider and is no short name{}", self.hint(plain)))),
                several => {
                    let several = several.join(", ");
                    return Err(wrong(format!("which several providers have ({several}); write provider/model")));
                }
            },
        };
        let model = ModelRef::new(&model.provider.as_str().trim().to_lowercase(), &model.model);
        self.check(&model).map_err(wrong)?;
        Ok((model, profile.map(str::to_owned)))
    }

    /// The providers whose models of the configuration include this one.
    fn providers_with(&self, model: &str) -> Vec<String> {
        let mut found: Vec<String> = self
            .listed()
            .filter(|(_, id)| id.eq_ignore_ascii_case(model))
            .map(|(provider, _)| provider.trim().to_lowercase())
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// Every model that the configuration mentions with its provider.
    fn listed(&self) -> impl Iterator<Item = (&'c str, &'c str)> {
        let chosen = entries(self.config).filter_map(|(key, _)| key.trim().split_once('/'));
        let providers = self.config.models.iter().flat_map(|models| models.providers.iter().flat_map(|all| all.iter()));
        let offered =
            providers.flat_map(|(id, entry)| entry.models.iter().map(move |model| (id.as_str(), model.id.as_str())));
        chosen.chain(offered)
    }

    /// Refuses a provider or model that nobody knows. OpenClaw asks for it all the same; a typing error then shows as an
    /// answer of the provider.
    fn check(&self, model: &ModelRef) -> Result<(), String> {
        let id = model.provider.as_str();
        let entry = entry_of(self.config, id);
        if entry.is_none() && !is_built_in(id) {
            let providers =
                self.config.models.iter().flat_map(|models| models.providers.iter().flat_map(|all| all.keys()));
            let known: Vec<&str> = providers.map(String::as_str).chain(super::route::BUILT_IN).collect();
            let near = nearest(id, known.iter().copied()).map(|near| format!("; did you mean {near}?"));
            return Err(format!(
                "and there is no provider {id:?} in models.providers, nor is it built in{}",
                near.unwrap_or_default()
            ));
        }
        let replaced = self.config.models.as_ref().and_then(|models| models.mode) == Some(ModelsMode::Replace);
        let complete = entry.is_some_and(|(_, entry)| !entry.models.is_empty() && (replaced || !is_built_in(id)));
        let same = |provider: &str, other: &str| provider.trim().eq_ignore_ascii_case(id) && other == model.model;
        if !complete || self.listed().any(|(provider, other)| same(provider, other)) {
            return Ok(());
        }
        let offered: Vec<&str> =
            entry.iter().flat_map(|(_, entry)| &entry.models).map(|model| model.id.as_str()).collect();
        let near = nearest(&model.model, offered.iter().copied()).map(|near| format!("; did you mean {id}/{near}?"));
        Err(format!(
            "and models.providers.{id}.models has no model {:?}{}",
            model.model,
            near.unwrap_or_else(|| format!("; there is: {}", offered.join(", ")))
        ))
    }

    fn hint(&self, name: &str) -> String {
        let known = self.aliases.keys().map(String::as_str).chain(self.listed().map(|(_, model)| model));
        match nearest(name, known) {
            Some(near) => format!("; did you mean {near}?"),
            None => "; write provider/model".to_owned(),
        }
    }
}

fn defaults(config: &Config) -> Option<&AgentDefaults> {
    config.agents.as_ref()?.defaults.as_ref()
}

fn entries(config: &Config) -> impl Iterator<Item = (&str, &ModelEntry)> {
    let models = defaults(config).and_then(|defaults| defaults.models.as_ref());
    models.into_iter().flat_map(|models| models.iter()).map(|(key, entry)| (key.as_str(), entry))
}

/// `model@profile`: what stands behind an `@` of the last step is the login, unless it is a version such as `@20250101`.
fn split_profile(name: &str) -> (&str, Option<&str>) {
    let last = name.rfind('/').map_or(0, |at| at + 1);
    let Some((at, _)) = name.char_indices().find(|(at, c)| *c == '@' && *at > last) else { return (name, None) };
    let (model, profile) = (name.get(..at).unwrap_or_default().trim(), name.get(at + 1..).unwrap_or_default().trim());
    let digits = profile.strip_prefix('v').unwrap_or(profile);
    let version =
        digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if profile.is_empty() || version { (name, None) } else { (model, Some(profile)) }
}
