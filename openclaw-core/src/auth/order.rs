//! Which profiles of a provider can be asked, and in which order.
//!
//! The rules of OpenClaw 2026.4.5: an order that a person set (the store's, else the configuration's) is kept; without one
//! sign-ins come before tokens, tokens before keys, and of each the one that was not used for longest. Who rests comes
//! last. `last_good` decides nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::health::{CooldownSettings, Rest, is_implausible};
use super::profile::{Credential, Profile, ProfileId};
use super::profiles::Profiles;
use super::rests::SharedRests;
use crate::config::model::{Auth, AuthMode};
use crate::error::words;
use crate::provider::ProviderId;

/// What the configuration says of profiles: its section `auth`.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ProfileSettings {
    /// By provider, the profiles in the order in which they are asked.
    pub order: BTreeMap<String, Vec<ProfileId>>,
    /// The profiles that the configuration knows, with provider and mode.
    pub configured: BTreeMap<ProfileId, (String, AuthMode)>,
    /// How long a profile rests after a fault.
    pub cooldowns: CooldownSettings,
    /// The only profile that may be asked, of its provider: a person chose it. One that the store does not have leaves none.
    pub pinned: Option<ProfileId>,
}

impl From<&Auth> for ProfileSettings {
    fn from(auth: &Auth) -> Self {
        let order = auth.order.iter().flat_map(|map| map.iter()).map(|(provider, ids)| {
            (ProviderId::normal(provider), ids.iter().map(|id| ProfileId::from(id.as_str())).collect())
        });
        let configured =
            auth.profiles.iter().flat_map(|map| map.iter()).map(|(id, profile)| {
                (ProfileId::from(id.as_str()), (ProviderId::normal(&profile.provider), profile.mode))
            });
        Self {
            order: order.collect(),
            configured: configured.collect(),
            cooldowns: auth.cooldowns.as_ref().map(CooldownSettings::from).unwrap_or_default(),
            pinned: None,
        }
    }
}

words! {
    /// Why a profile is not asked. OpenClaw's words.
    Ineligible {
        /// The order names it, and the store does not have it.
        ProfileMissing = "profile_missing",
        /// It is of another provider.
        ProviderMismatch = "provider_mismatch",
        /// The configuration says that it signs in in another way.
        ModeMismatch = "mode_mismatch",
        /// Its entry cannot be used, or holds no credential.
        MissingCredential = "missing_credential",
        /// Its token has ended, and nothing renews it.
        Expired = "expired",
        /// When its token ends is no number above zero.
        InvalidExpires = "invalid_expires",
        /// An order was set, and does not name it.
        ExcludedByOrder = "excluded_by_auth_order",
        /// Another one is pinned.
        NotPinned = "not_pinned",
    }
}

/// The profiles of a provider, sorted out for one call.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ProfileOrder {
    /// Those that can be asked now, the first one first.
    pub usable: Vec<ProfileId>,
    /// Those that rest, the one that is free soonest first.
    pub resting: Vec<(ProfileId, Rest)>,
    /// The others, and why.
    pub ineligible: Vec<(ProfileId, Ineligible)>,
    /// Those with a rest that ends so far ahead that it cannot be meant; they stand above as well.
    pub implausible: Vec<ProfileId>,
}

/// Sorts out the profiles of a provider for a call of this model. `preferred` goes first if it can: the one that answered
/// this session last.
pub fn profile_order(
    profiles: &Profiles,
    provider: &ProviderId,
    model: &str,
    settings: &ProfileSettings,
    preferred: Option<&ProfileId>,
    now: SystemTime,
) -> ProfileOrder {
    let name = ProviderId::normal(provider.as_str());
    let stored: Vec<&ProfileId> = profiles.iter().filter(|p| p.provider.as_str() == name).map(|p| &p.id).collect();
    let (ids, explicit) = candidates(profiles, &name, &stored, settings);
    let rests = SharedRests::of(profiles, &ProviderId::new(&name), now);
    let mut found = ProfileOrder::default();
    let mut usable: Vec<&Profile> = Vec::new();
    for id in &ids {
        match eligible(profiles, id, &name, settings, now) {
            Err(why) => found.ineligible.push((id.clone(), why)),
            Ok(profile) => {
                if is_implausible(&profiles.usage(id), now) {
                    found.implausible.push(id.clone());
                }
                match rests.rest(profile, model) {
                    Some(rest) => found.resting.push((id.clone(), rest)),
                    None => usable.push(profile),
                }
            }
        }
    }
    let left_out = stored.into_iter().filter(|id| !ids.contains(id));
    found.ineligible.extend(left_out.map(|id| (id.clone(), Ineligible::ExcludedByOrder)));
    if !explicit {
        usable.sort_by_cached_key(|p| (rank(p), profiles.usage(&p.id).last_used));
    }
    usable.sort_by_key(|profile| Reverse(Some(&profile.id) == preferred));
    found.usable = usable.into_iter().map(|profile| profile.id.clone()).collect();
    found.resting.sort_by_key(|(_, rest)| rest.until);
    found
}

/// The profiles in question, and whether a person set their order.
fn candidates(
    profiles: &Profiles,
    provider: &str,
    stored: &[&ProfileId],
    settings: &ProfileSettings,
) -> (Vec<ProfileId>, bool) {
    let set = profiles.order(&ProviderId::new(provider)).or_else(|| settings.order.get(provider).cloned());
    let explicit = set.is_some();
    let of_provider = settings.configured.iter().filter(|(_, (of, _))| of == provider).map(|(id, _)| id.clone());
    let mut ids: Vec<ProfileId> = set.unwrap_or_else(|| of_provider.collect());
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    if leads_somewhere(&ids, profiles) {
        return (ids, explicit);
    }
    (stored.iter().map(|id| (*id).clone()).collect(), false)
}

/// Whether the order that the store has for a provider leaves this profile out.
pub(super) fn is_left_out(profile: &Profile, profiles: &Profiles) -> bool {
    let order = profiles.order(&profile.provider).unwrap_or_default();
    !order.contains(&profile.id) && leads_somewhere(&order, profiles)
}

/// Sign-ins renamed profiles behind the configuration's back: names that all lead nowhere are no order. An entry without its
/// credential is somewhere, as in OpenClaw: whoever named it alone did not want another account asked.
fn leads_somewhere(ids: &[ProfileId], profiles: &Profiles) -> bool {
    ids.iter().any(|id| profiles.provider_of(id).is_some())
}

fn eligible<'a>(
    profiles: &'a Profiles,
    id: &ProfileId,
    provider: &str,
    settings: &ProfileSettings,
    now: SystemTime,
) -> Result<&'a Profile, Ineligible> {
    let Some(profile) = profiles.get(id) else {
        let broken = profiles.ids().any(|known| known == id);
        return Err(if broken { Ineligible::MissingCredential } else { Ineligible::ProfileMissing });
    };
    if profile.provider.as_str() != provider {
        return Err(Ineligible::ProviderMismatch);
    }
    if let Some((of, mode)) = settings.configured.get(id) {
        if of != provider {
            return Err(Ineligible::ProviderMismatch);
        }
        let fits = match &profile.credential {
            Credential::OAuth(_) => *mode == AuthMode::Oauth,
            Credential::Token(_) => matches!(mode, AuthMode::Token | AuthMode::Oauth),
            Credential::ApiKey(_) => *mode == AuthMode::ApiKey,
        };
        if !fits {
            return Err(Ineligible::ModeMismatch);
        }
    }
    if matches!(profile.credential, Credential::Token(_)) && profiles.has_invalid_end(id) {
        return Err(Ineligible::InvalidExpires);
    }
    let renewed = profile.credential.is_renewable();
    if !renewed && profile.expires_at().is_some_and(|end| end <= now) {
        return Err(Ineligible::Expired);
    }
    // One that is known to be of another provider says nothing of this one. One that is not there leaves nobody: a person chose,
    // and may have mistyped.
    let concerns = |pinned: &ProfileId| profiles.provider_of(pinned).is_none_or(|of| of.as_str() == provider);
    if settings.pinned.as_ref().is_some_and(|pinned| pinned != id && concerns(pinned)) {
        return Err(Ineligible::NotPinned);
    }
    Ok(profile)
}

/// Sign-ins before tokens, tokens before keys.
pub(super) fn rank(profile: &Profile) -> u8 {
    match profile.credential {
        Credential::OAuth(_) => 0,
        Credential::Token(_) => 1,
        Credential::ApiKey(_) => 2,
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
