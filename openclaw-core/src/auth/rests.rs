//! Whether a profile of a store rests: for what was noted against it, and for what was noted against another login of the same
//! plan or account.
//!
//! Nothing is written against logins that nobody asked; who shares what is judged when the store is read.

use std::time::SystemTime;

use super::health::{Rest, never_rests, rest, rest_of_account, rest_of_plan};
use super::identity::{Comparison, Identity};
use super::profile::{Profile, ProfileId};
use super::profiles::Profiles;
use crate::provider::ProviderId;

/// The rest that a profile is in, for this model.
///
/// A used-up window of a plan holds for every login of the same person in the same account, and missing credit for every login
/// of the account, unless that login was good since. Profiles of `openrouter` and `kilocode` never rest.
pub fn rest_of(profiles: &Profiles, profile: &Profile, model: &str, now: SystemTime) -> Option<Rest> {
    SharedRests::of(profiles, &profile.provider, now).rest(profile, model)
}

/// The rests of the profiles of a store.
pub(crate) struct SharedRests<'a> {
    pub(super) profiles: &'a Profiles,
    pub(super) now: SystemTime,
    shared: Vec<SharedRest>,
}

struct SharedRest {
    noted_against: ProfileId,
    identity: Identity,
    of_account: bool,
    rest: Rest,
    since: Option<SystemTime>,
}

impl<'a> SharedRests<'a> {
    /// Of one provider.
    pub(crate) fn of(profiles: &'a Profiles, provider: &ProviderId, now: SystemTime) -> Self {
        Self::among(profiles, |profile| profile.provider == *provider, now)
    }

    /// Of all providers.
    pub(crate) fn all(profiles: &'a Profiles, now: SystemTime) -> Self {
        Self::among(profiles, |_| true, now)
    }

    fn among(profiles: &'a Profiles, meant: impl Fn(&Profile) -> bool, now: SystemTime) -> Self {
        let mut shared = Vec::new();
        for profile in profiles.iter().filter(|profile| meant(profile) && !never_rests(profile.provider.as_str())) {
            let stats = profiles.usage(&profile.id);
            let rests = [(false, rest_of_plan(&stats, now)), (true, rest_of_account(&stats, now))];
            for (of_account, rest) in rests.into_iter().filter_map(|(of, rest)| Some((of, rest?))) {
                let (noted_against, identity) = (profile.id.clone(), profile.identity());
                shared.push(SharedRest { noted_against, identity, of_account, rest, since: stats.last_failure_at });
            }
        }
        Self { profiles, now, shared }
    }

    /// The rest that a profile is in, for this model.
    pub(crate) fn rest(&self, profile: &Profile, model: &str) -> Option<Rest> {
        if never_rests(profile.provider.as_str()) {
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
