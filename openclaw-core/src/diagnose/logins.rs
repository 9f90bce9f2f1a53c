//! The logins of this machine: where was looked, what is there, and in which state each of them really is.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::DiagnoseOptions;
use crate::auth::{
    ApiKeyCredential, CodexCliStore, Condition, Environment, FileStore, Ineligible, KEYS, LoginKind, Profile,
    ProfileId, ProfileOrder, ProfileSettings, Profiles, Secret, SecretRef, SecretSource, SharedRests, login_kind,
    place, profile_order, stamp,
};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result, Stage, words};
use crate::provider::ProviderId;

words! {
    /// What keeps logins.
    StoreKind {
        /// The profiles of an OpenClaw agent.
        OpenClaw = "openclaw",
        /// The login of the Codex command line.
        CodexCli = "codex_cli",
        /// Variables of the environment.
        Environment = "environment",
    }
}

/// A place that was looked at for logins.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct StoreState {
    /// What it is.
    pub kind: StoreKind,
    /// Where: a path, or names of variables.
    pub place: String,
    /// Whether something is there.
    pub found: bool,
    /// Whether calls take their logins from here: the first place that has any. The others are shown only.
    pub used: bool,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The SQLite store of a newer OpenClaw that stands for it, and is not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newer: Option<String>,
    /// What a person should know of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A stored login and its true state. Nothing of it is secret; an id can hold an e-mail address.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct LoginState {
    /// Its name; of a variable, the variable's.
    pub id: String,
    /// The provider that it is for, if that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// `oauth`, `token` or `api_key`, if that can be read.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The e-mail address of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where it is kept: the `place` of a store.
    pub store: String,
    /// Whether calls can take it: its place is the one that is used, and no order leaves it out.
    pub used: bool,
    /// Why it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Ineligible>,
    /// Whether an answer came with it last.
    pub last_good: bool,
    /// When it was used last; in JSON as Unix seconds.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub last_used: Option<SystemTime>,
    /// Its state, and what led to it.
    #[serde(flatten)]
    pub condition: Condition,
}

/// All logins: what is shown of them, and what a probe needs of them.
pub(super) struct Logins {
    pub stores: Vec<StoreState>,
    pub states: Vec<LoginState>,
    /// The profiles of the place that is used, in the order in which a call takes them, each with the index of its state.
    pub profiles: Vec<(Profile, usize)>,
    /// All that is in that place.
    stored: Profiles,
}

impl Logins {
    pub fn read(options: &DiagnoseOptions, config: &Config, now: SystemTime) -> Result<Self> {
        let env = options.environment();
        let settings = config.auth.as_ref().map(ProfileSettings::from).unwrap_or_default();
        let mut all =
            Self { stores: Vec::new(), states: Vec::new(), profiles: Vec::new(), stored: Profiles::default() };
        for place in Place::all(options, &env)? {
            all.add(place, &settings, options, &env, now);
        }
        Ok(all)
    }

    fn add(
        &mut self,
        place: Place,
        settings: &ProfileSettings,
        options: &DiagnoseOptions,
        env: &Environment,
        now: SystemTime,
    ) {
        let Place { kind, name, found, renews, newer, content } = place;
        let open = !self.stores.iter().any(|store| store.used);
        let mut store = StoreState {
            kind,
            place: name,
            found,
            used: false,
            error: None,
            newer: newer.map(|path| path.display().to_string()),
            notes: Vec::new(),
        };
        let profiles = match content {
            Ok(profiles) => profiles,
            Err(error) => {
                // What it holds is not known, so going on to another place would be a guess.
                (store.used, store.error) = (open, Some(error.message().to_owned()));
                self.stores.push(store);
                return;
            }
        };
        store.used = open && profiles.ids().next().is_some();
        store.notes = profiles.notes().iter().filter(|note| !note.unusable).map(|note| note.reason.clone()).collect();
        let model = options.model.as_deref().and_then(|name| name.split_once('/')).map_or("", |(_, model)| model);
        let orders: Vec<ProfileOrder> =
            providers(&profiles).iter().map(|of| profile_order(&profiles, of, "", settings, None, now)).collect();
        let left_out: Vec<_> = orders.iter().flat_map(left_out).collect();
        let ranks: Vec<&ProfileId> = orders.iter().flat_map(ranks).collect();
        let rests = SharedRests::all(&profiles, now);
        let mut taken: Vec<(Profile, usize)> = Vec::new();
        for id in profiles.ids() {
            let profile = profiles.get(id);
            let usage = profiles.usage(id);
            let note = profiles.unusable_note(id);
            let condition = match profile {
                Some(profile) => Condition::among(profile, &rests, model, env, renews),
                None => Condition::unreadable(note.map_or("its entry holds no credential", |note| &note.reason)),
            };
            let out = left_out.iter().find(|(other, _)| other == id).map(|(_, why)| *why);
            let provider = profiles.provider_of(id);
            let state = LoginState {
                id: id.to_string(),
                provider: provider.map(ProviderId::to_string),
                kind: profile.map(|profile| profile.credential.kind().to_owned()),
                email: profile.and_then(|profile| profile.identity().email),
                store: store.place.clone(),
                used: store.used && out.is_none(),
                left_out: out,
                last_good: provider.and_then(|of| profiles.last_good(of)).as_ref() == Some(id),
                last_used: usage.last_used,
                condition,
            };
            if let Some(profile) = profile.filter(|_| state.used) {
                taken.push((profile.clone(), self.states.len()));
            }
            self.states.push(state);
        }
        taken.sort_by_key(|(profile, _)| ranks.iter().position(|id| **id == profile.id).unwrap_or(usize::MAX));
        self.profiles.extend(taken);
        if store.used {
            self.stored = profiles;
        }
        self.stores.push(store);
    }

    /// The profiles that a provider's calls can take, in their order.
    pub fn of<'l>(
        &'l self,
        provider: &'l ProviderId,
        env: &'l Environment,
    ) -> impl Iterator<Item = (&'l Profile, &'l LoginState)> {
        let fits =
            move |profile: &Profile| profile.provider == *provider || asked_as(profile, env) == provider.as_str();
        self.profiles
            .iter()
            .filter(move |(profile, _)| fits(profile))
            .filter_map(|(profile, at)| Some((profile, self.states.get(*at)?)))
    }

    /// Whether the place that is used has a profile of this provider.
    pub fn has(&self, provider: &ProviderId) -> bool {
        self.stored.iter().any(|profile| profile.provider == *provider)
    }

    /// The rests of the profiles.
    pub fn rests(&self, now: SystemTime) -> SharedRests<'_> {
        SharedRests::all(&self.stored, now)
    }

    /// What is known of the entries of a provider that are no profiles.
    pub fn broken<'l>(&'l self, provider: &'l ProviderId) -> impl Iterator<Item = &'l LoginState> {
        let unusable = |state: &&LoginState| state.kind.is_none() && state.used;
        let of = move |state: &&LoginState| state.provider.as_deref().is_none_or(|of| of == provider.as_str());
        self.states.iter().filter(unusable).filter(of)
    }

    /// Why the place that calls take their logins from cannot be read.
    pub fn unreadable(&self) -> Option<&str> {
        self.stores.iter().find(|store| store.used)?.error.as_deref()
    }
}

/// The provider that a profile is asked at.
pub(super) fn asked_as<'p>(profile: &'p Profile, env: &Environment) -> &'p str {
    match (profile.provider.as_str(), profile.credential.secret(env)) {
        // Since 2026.9 the logins of a plan are of provider `openai` too.
        (ProviderId::OPENAI, Ok(secret)) if login_kind(profile, &secret) == LoginKind::ChatGpt => ProviderId::CODEX,
        (filed, _) => filed,
    }
}

fn providers(profiles: &Profiles) -> Vec<ProviderId> {
    let mut found: Vec<ProviderId> = Vec::new();
    for profile in profiles.iter() {
        if !found.contains(&profile.provider) {
            found.push(profile.provider.clone());
        }
    }
    found
}

/// Those that an order or the configuration leaves out. What has ended or is broken says so itself.
fn left_out(order: &ProfileOrder) -> impl Iterator<Item = &(ProfileId, Ineligible)> {
    order.ineligible.iter().filter(|(_, why)| !matches!(why, Ineligible::Expired | Ineligible::MissingCredential))
}

/// The order in which calls take them.
fn ranks(order: &ProfileOrder) -> impl Iterator<Item = &ProfileId> {
    order.usable.iter().chain(order.resting.iter().map(|(id, _)| id))
}

/// A place that is looked at.
struct Place {
    kind: StoreKind,
    name: String,
    found: bool,
    /// Whether a login that is renewed could be stored there.
    renews: bool,
    newer: Option<std::path::PathBuf>,
    content: Result<Profiles>,
}

impl Place {
    /// In the order in which they are looked at.
    fn all(options: &DiagnoseOptions, env: &Environment) -> Result<Vec<Self>> {
        if let Some(path) = &options.profile_file {
            let store = FileStore::at(path, env);
            // An auth.json of the Codex command line has no profiles.
            let codex = CodexCliStore::at(path);
            if !path.exists() {
                let text = format!("{} does not exist; name an auth-profiles.json or an auth.json", path.display());
                let missing = Err(Error::new(ErrorKind::Store, Stage::NotSent, text));
                return Ok(vec![Self { content: missing, ..Self::openclaw(&store) }]);
            }
            return Ok(vec![match (store.read(), codex.read()) {
                (Err(_), Ok(profiles)) => Self { content: Ok(profiles), ..Self::codex(&codex) },
                (content, _) => Self { content, ..Self::openclaw(&store) },
            }]);
        }
        let agent = options.agent.as_deref().unwrap_or(place::MAIN);
        place::check_agent(agent)?;
        let mut all = Vec::new();
        if let Some(state) = place::state_folder(env) {
            all.push(Self::openclaw(&FileStore::at(place::profiles_of(&state, agent), env)));
            if agent != place::MAIN {
                all.push(Self::openclaw(&FileStore::at(place::profiles_of(&state, place::MAIN), env)));
            }
        }
        all.extend(CodexCliStore::of(env).ok().map(|store| Self::codex(&store)));
        all.push(Self::environment(env));
        Ok(all)
    }

    fn openclaw(store: &FileStore) -> Self {
        let newer = place::newer_store(store.path());
        Self {
            kind: StoreKind::OpenClaw,
            name: store.path().display().to_string(),
            found: store.path().exists() || newer.is_some(),
            renews: store.refusal().is_none(),
            newer,
            content: store.read(),
        }
    }

    fn codex(store: &CodexCliStore) -> Self {
        Self {
            kind: StoreKind::CodexCli,
            name: store.path().display().to_string(),
            found: store.path().exists(),
            // Its refresh token works once, and belongs to the Codex command line.
            renews: false,
            newer: None,
            content: store.read(),
        }
    }

    fn environment(env: &Environment) -> Self {
        let mut profiles = Profiles::default();
        for (name, provider) in KEYS.iter().filter(|(name, _)| env.var(name).is_some()) {
            let reference =
                SecretRef { source: SecretSource::Env, provider: "default".to_owned(), id: (*name).to_owned() };
            let key = ApiKeyCredential::new(Secret::Ref(reference));
            profiles.put(Profile::new(*name, ProviderId::new(*provider), key));
        }
        let found = profiles.ids().next().is_some();
        Self {
            kind: StoreKind::Environment,
            name: KEYS.map(|(name, _)| name).join(", "),
            found,
            renews: false,
            newer: None,
            content: Ok(profiles),
        }
    }
}
