//! Whether a profile of a store rests: for what was noted against it, and for what was noted against another login of the same
//! plan or account.
//!
//! Nothing is written against logins that nobody asked; who shares what is judged when the store is read.

use std::time::SystemTime;

use super::health::{Rest, never_rests, rest, rest_of_account, rest_of_plan, rests_of_models};
use super::identity::{Comparison, Identity};
use super::profile::{Profile, ProfileId};
use super::profiles::Profiles;
use crate::error::utc;
use crate::provider::ProviderId;

/// The rest that a profile is in, for this model.
///
/// A used-up window of a plan holds for every login of the same person in the same account, and missing credit for every login
/// of the account, unless that login was good since. Profiles of `openrouter` and `kilocode` never rest.
pub fn rest_of(profiles: &Profiles, profile: &Profile, model: &str, now: SystemTime) -> Option<Rest> {
    SharedRests::of(profiles, &profile.provider, now).rest(profile, model)
}

/// No model has this name: only rests for all of them count.
pub(super) const EVERY_MODEL: &str = "";

/// What there is to be said of the rests of a profile.
pub(super) struct Resting {
    /// The rest for the model that was asked for.
    pub rest: Option<Rest>,
    /// The one that was noted against the profile itself.
    pub own: Option<Rest>,
    /// Why, for a person: the word of the store, and where it was noted.
    pub why: String,
    /// The rests of single models that last longer. Sentences.
    pub of_models: Vec<String>,
}

impl Resting {
    pub fn of(profiles: &Profiles, profile: &Profile, model: &str, now: SystemTime) -> Self {
        let stats = profiles.usage(&profile.id);
        let found = rest_of(profiles, profile, model, now);
        let own = rest(&stats, model, now);
        let why = match &found {
            Some(found) if own.as_ref() == Some(found) => found.reason.clone(),
            Some(found) => format!("{}, noted against another login of its plan or account", found.reason),
            None => String::new(),
        };
        let longer = |rest: &Rest| found.as_ref().is_none_or(|found| rest.until > found.until);
        let told = |(model, rest): (String, Rest)| {
            let until = utc(rest.until).unwrap_or_default();
            format!("for the model {model} it rests until {until}: {}", rest.reason)
        };
        let of_models = match never_rests(profile.provider.as_str()) {
            true => Vec::new(),
            false => rests_of_models(&stats, now).into_iter().filter(|(_, rest)| longer(rest)).map(told).collect(),
        };
        Self { rest: found, own, why, of_models }
    }
}

/// The rests of the profiles of one provider.
pub(super) struct SharedRests<'a> {
    profiles: &'a Profiles,
    never: bool,
    shared: Vec<SharedRest>,
    now: SystemTime,
}

struct SharedRest {
    noted_against: ProfileId,
    identity: Identity,
    of_account: bool,
    rest: Rest,
    since: Option<SystemTime>,
}

impl<'a> SharedRests<'a> {
    pub(super) fn of(profiles: &'a Profiles, provider: &ProviderId, now: SystemTime) -> Self {
        let never = never_rests(provider.as_str());
        let mut shared = Vec::new();
        for profile in profiles.iter().filter(|profile| !never && profile.provider == *provider) {
            let stats = profiles.usage(&profile.id);
            let rests = [(false, rest_of_plan(&stats, now)), (true, rest_of_account(&stats, now))];
            for (of_account, rest) in rests.into_iter().filter_map(|(of, rest)| Some((of, rest?))) {
                let (noted_against, identity) = (profile.id.clone(), profile.identity());
                shared.push(SharedRest { noted_against, identity, of_account, rest, since: stats.last_failure_at });
            }
        }
        Self { profiles, never, shared, now }
    }

    pub(super) fn rest(&self, profile: &Profile, model: &str) -> Option<Rest> {
        if self.never {
            return None;
        }
        let stats = self.profiles.usage(&profile.id);
        let own = rest(&stats, model, self.now);
        let mut others = self.shared.iter().filter(|shared| shared.noted_against != profile.id).peekable();
        if others.peek().is_none() {
            return own;
        }
        let identity = profile.identity();
        let concerns = |shared: &&SharedRest| {
            let same = shared.identity.compare(&identity) == Comparison::Same
                || (shared.of_account && shared.identity.same_account(&identity));
            same && !(shared.since.is_some() && stats.last_used > shared.since)
        };
        let others = others.filter(concerns).map(|shared| shared.rest.clone());
        own.into_iter().chain(others).max_by_key(|rest| rest.until)
    }
}
