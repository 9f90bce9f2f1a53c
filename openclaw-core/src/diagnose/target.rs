//! Which model a call would ask first, with which login, and what stands in the way of asking it.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::DiagnoseOptions;
use super::configuration::Configuration;
use super::logins::{LoginState, Logins, asked_as};
use crate::auth::{Condition, Profile, Readiness, SharedRests};
use crate::codex::endpoint::{Endpoint, Spelling, spelling};
use crate::config::{Candidate, Config, Route, WRONG_ADDRESS};
use crate::error::{Error, Result, utc, words};
use crate::provider::ProviderId;

words! {
    /// What keeps a call from being made, as far as is known without sending anything.
    #[derive(Default)]
    Obstacle {
        /// Nothing.
        #[default]
        None = "nothing",
        /// OpenClaw refuses the configuration.
        ConfigInvalid = "the configuration is invalid",
        /// A base URL that the provider does not have.
        WrongAddress = "the base URL is wrong",
        /// What the configuration says of the model leads nowhere.
        CannotAsk = "the model cannot be asked",
        /// The store of logins cannot be read.
        StoreUnreadable = "the logins cannot be read",
        /// There is no login.
        NoLogin = "there is no login",
        /// No entry of the store can be used.
        LoginUnreadable = "no entry of a login can be used",
        /// Every login was refused for good, or has ended.
        SignIn = "every login has ended or was refused",
        /// The token has ended; a call would renew it, and a probe does not.
        Expired = "the token has ended and can be renewed",
        /// Every login rests.
        Resting = "every login rests",
    }
}

/// What a call would ask first, or what stands in its way.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub obstacle: Obstacle,
    /// The obstacle in one line; empty without one.
    pub why: String,
    /// What is asked; also where a login rests, since asking shows whether it has to.
    pub target: Option<Target>,
    pub provider: String,
    pub model: Option<String>,
    /// The profile that the obstacle is about.
    pub profile: Option<String>,
    pub until: Option<SystemTime>,
    pub renewable: bool,
    /// Whether any model of the configuration can be asked, the fallbacks too.
    pub any_usable: bool,
    /// Whether a login that is counted on ends soon.
    pub expires_soon: bool,
    /// The routes that were looked at, for the list of addresses.
    pub routes: Vec<(String, Result<Route>)>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub route: Route,
    /// Nothing where the configuration or the environment holds a key.
    pub login: Option<Profile>,
}

impl Search {
    pub fn run(options: &DiagnoseOptions, configuration: &Configuration, logins: &Logins, now: SystemTime) -> Self {
        let wanted = wanted(options, &configuration.config, logins);
        let mut best: Option<Self> = None;
        let (mut any_usable, mut expires_soon) = (false, false);
        let mut routes = Vec::new();
        for (name, route) in wanted {
            let (found, usable) = one(&name, &route, options, logins, now);
            any_usable |= usable;
            if let Ok(route) = &route {
                let env = options.environment();
                let counted = route.needs_login().then(|| logins.of(&route.provider, &env)).into_iter().flatten();
                expires_soon |= counted.into_iter().any(|(_, state)| state.condition.state == Readiness::ExpiresSoon);
            }
            routes.push((name, route));
            // The first that a call would ask; else the first whose login it would renew; else the first that rests; else
            // the first, which is the one to mend.
            let rank = |found: &Self| match (&found.target, found.obstacle) {
                (Some(_), Obstacle::None) => 3,
                (_, Obstacle::Expired) => 2,
                (Some(_), _) => 1,
                (None, _) => 0,
            };
            if best.as_ref().is_none_or(|best| rank(best) < rank(&found)) {
                best = Some(found);
            }
        }
        let mut found = best.unwrap_or_else(|| Self::nothing(logins));
        if !configuration.state.valid {
            let first = configuration.state.issues.iter().find(|issue| issue.is_error());
            found.why = first.map(ToString::to_string).unwrap_or_default();
            found.obstacle = Obstacle::ConfigInvalid;
            found.target = None;
            any_usable = false;
        }
        Self { any_usable, expires_soon, routes, ..found }
    }

    fn blocked(obstacle: Obstacle, why: impl Into<String>) -> Self {
        let provider = ProviderId::CODEX.to_owned();
        Self { obstacle, why: why.into(), provider, ..Self::default() }
    }

    /// Neither a model is configured nor a login there.
    fn nothing(logins: &Logins) -> Self {
        if let Some(why) = logins.unreadable() {
            return Self::blocked(Obstacle::StoreUnreadable, why);
        }
        let broken =
            logins.states.iter().find(|state| state.store_is_used(logins) && !state.condition.state.is_usable());
        match broken {
            Some(state) => Self::blocked(Obstacle::LoginUnreadable, format!("{}: {}", state.id, state.condition.why)),
            None => Self::blocked(Obstacle::NoLogin, looked(logins)),
        }
    }
}

impl LoginState {
    fn store_is_used(&self, logins: &Logins) -> bool {
        logins.stores.iter().any(|store| store.used && store.place == self.store)
    }
}

fn looked(logins: &Logins) -> String {
    let places: Vec<&str> = logins.stores.iter().map(|store| store.place.as_str()).collect();
    format!("looked at {}", places.join(", "))
}

/// What a call would ask, in its order: the model that was named, those of the configuration, else the providers of the
/// logins that are there.
fn wanted(options: &DiagnoseOptions, config: &Config, logins: &Logins) -> Vec<(String, Result<Route>)> {
    if let Some(model) = &options.model {
        return vec![(model.clone(), config.model(model))];
    }
    match config.candidates(options.agent.as_deref()) {
        Ok(candidates) => return candidates.into_iter().map(|Candidate { name, route, .. }| (name, route)).collect(),
        // An agent that is not there; without a model in the configuration the logins say what is asked.
        Err(error) if has_models(config) => return vec![("the models".to_owned(), Err(error))],
        Err(_) => {}
    }
    let env = options.environment();
    let mut providers: Vec<String> = Vec::new();
    let of_logins = logins.profiles.iter().map(|(profile, _)| asked_as(profile, &env).to_owned());
    for provider in of_logins.chain(configured(config)) {
        if !providers.contains(&provider) {
            providers.push(provider);
        }
    }
    providers.into_iter().map(|id| (id.clone(), config.provider(&id))).collect()
}

fn has_models(config: &Config) -> bool {
    config
        .agents
        .as_ref()
        .is_some_and(|agents| agents.list.is_some() || agents.defaults.as_ref().is_some_and(|d| d.model.is_some()))
}

/// One of the things that a call would ask; and whether it can.
fn one(
    name: &str,
    route: &Result<Route>,
    options: &DiagnoseOptions,
    logins: &Logins,
    now: SystemTime,
) -> (Search, bool) {
    let route = match route {
        Ok(route) => route,
        Err(error) => {
            let mut found = Search::blocked(obstacle_of(error), error.message());
            found.provider = provider_in(name, error);
            found.model = Some(name.to_owned());
            return (found, false);
        }
    };
    let named = |mut found: Search| {
        found.provider = route.provider.to_string();
        found.model = route.model.clone();
        found
    };
    if let Some(error) = route.missing_secret(&options.access()) {
        return (named(Search::blocked(Obstacle::CannotAsk, error.message())), false);
    }
    let target = |login: Option<&Profile>| Some(Target { route: route.clone(), login: login.cloned() });
    let wanted = options.profile.as_deref().or(route.profile.as_deref());
    // As in a call: a key of the environment stands in as long as the store has no profile of the provider.
    let keyed =
        || wanted.is_none() && !logins.has(&route.provider) && route.environment_key(&options.access()).is_some();
    if !route.needs_login() || keyed() {
        let mut found = Search::blocked(Obstacle::None, "");
        found.target = target(None);
        return (named(found), true);
    }
    let env = options.environment();
    let fits = |id: &str| wanted.is_none_or(|wanted| wanted == id);
    let model = route.model.as_deref().unwrap_or_default();
    let of_provider = logins.of(&route.provider, &env).filter(|(profile, _)| fits(profile.id.as_str()));
    let rests = logins.rests(now);
    let all: Vec<Login<'_>> = of_provider.map(|(profile, state)| Login::of(profile, state, model, &rests)).collect();
    let usable = all.iter().any(|login| login.readiness.is_usable());
    let live = |login: &&Login<'_>| login.state.condition.expires_at.is_none_or(|at| at > now);
    let resting = || all.iter().filter(|login| login.readiness == Readiness::Resting);
    let of = |test: &dyn Fn(Readiness) -> bool| all.iter().find(|login| test(login.readiness));
    let (obstacle, login) = if let Some(login) = of(&|s| matches!(s, Readiness::Usable | Readiness::ExpiresSoon)) {
        (Obstacle::None, Some(login))
    } else if let Some(login) = of(&|s| s == Readiness::ExpiredRenewable) {
        (Obstacle::Expired, Some(login))
    } else if let Some(login) = resting().min_by_key(|login| login.rests_until) {
        (Obstacle::Resting, Some(login))
    } else if let Some(login) = of(&|s| matches!(s, Readiness::Refused | Readiness::Expired)) {
        (Obstacle::SignIn, Some(login))
    } else if let Some(login) = all.first() {
        (Obstacle::LoginUnreadable, Some(login))
    } else {
        (Obstacle::NoLogin, None)
    };
    let mut found = match login {
        Some(login) if obstacle != Obstacle::None => {
            Search::blocked(obstacle, format!("{}: {}", login.state.id, login.why))
        }
        Some(_) => Search::blocked(Obstacle::None, ""),
        None => without_login(wanted, route, logins),
    };
    if let Some(login) = login {
        found.profile = Some(login.state.id.clone());
        found.until = login.rests_until;
        found.renewable = login.state.condition.renewable;
        let asked = match obstacle {
            Obstacle::None => Some(login).filter(live),
            // The soonest may have to be renewed, which a probe does not.
            Obstacle::Resting => resting().filter(live).min_by_key(|login| login.rests_until),
            _ => None,
        };
        found.target = asked.and_then(|login| target(Some(login.profile)));
    }
    (named(found), usable)
}

/// A login, as a call of one model meets it.
struct Login<'l> {
    profile: &'l Profile,
    state: &'l LoginState,
    readiness: Readiness,
    why: String,
    rests_until: Option<SystemTime>,
}

impl<'l> Login<'l> {
    /// It may rest for this model alone.
    fn of(profile: &'l Profile, state: &'l LoginState, model: &str, rests: &SharedRests<'_>) -> Self {
        let Condition { state: readiness, why, rests_until, .. } = state.condition.clone();
        match rests.rest(profile, model).filter(|_| readiness.is_usable()) {
            Some(rest) => {
                let why = format!(
                    "for the model {model} it rests ({}) until {}",
                    rest.reason,
                    utc(rest.until).unwrap_or_default()
                );
                Self { profile, state, readiness: Readiness::Resting, why, rests_until: Some(rest.until) }
            }
            None => Self { profile, state, readiness, why, rests_until },
        }
    }
}

fn without_login(wanted: Option<&str>, route: &Route, logins: &Logins) -> Search {
    if let Some(why) = logins.unreadable() {
        return Search::blocked(Obstacle::StoreUnreadable, why);
    }
    if let Some(broken) = logins.broken(&route.provider).find(|state| wanted.is_none_or(|wanted| wanted == state.id)) {
        return Search::blocked(Obstacle::LoginUnreadable, format!("{}: {}", broken.id, broken.condition.why));
    }
    let which = match wanted {
        Some(id) => format!("no profile {id} that {} could be asked with", route.provider),
        None => format!("none of {}", route.provider),
    };
    Search::blocked(Obstacle::NoLogin, format!("{which}; {}", looked(logins)))
}

/// The provider of a model that leads nowhere.
pub(super) fn provider_in(name: &str, error: &Error) -> String {
    error.provider().unwrap_or_else(|| name.split_once('/').map_or(name, |(provider, _)| provider)).to_owned()
}

/// The providers that the configuration has an entry of.
pub(super) fn configured(config: &Config) -> impl Iterator<Item = String> {
    config.models.iter().flat_map(|models| models.providers.iter().flat_map(|all| all.keys().cloned()))
}

/// A fault of a base URL is one of its own: it is what the bug report of this project was about.
fn obstacle_of(error: &Error) -> Obstacle {
    if error.code() == Some(WRONG_ADDRESS) { Obstacle::WrongAddress } else { Obstacle::CannotAsk }
}

/// What a base URL should be, if it is one of a provider that is known and is not right as it stands.
pub(super) fn remark(route: &Route) -> Option<String> {
    let base = route.base_url.as_deref().filter(|_| route.provider.as_str() == ProviderId::CODEX)?;
    match spelling(base) {
        Spelling::Wrong(why) => Some(format!("the base URL is read as {}, because {why}", route.address)),
        Spelling::Right | Spelling::Platform | Spelling::Elsewhere => {
            Endpoint::parse(base, true).ok().and_then(|endpoint| endpoint.repaired)
        }
    }
}
