//! What may be shown of a stored login, and whether it can be used. Nothing here is secret.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::health::Rest;
use super::order::is_left_out;
use super::profile::{Credential, Profile, ProfileId};
use super::profiles::Profiles;
use super::rests::{EVERY_MODEL, SharedRests};
use super::secret::Secret;
use super::stamp;
use super::state::{Condition, Readiness, refusal};
use super::usage_stats::UsageStats;
use super::{Claims, Environment};
use crate::calendar::iso;
use crate::error::words;
use crate::provider::ProviderId;

words! {
    /// Whether a stored login can be used: [`Readiness`] in fewer words.
    ProfileState {
        /// It can. A token that ended is renewed by the next call.
        Usable = "usable",
        /// It rests after faults, for every model.
        Resting = "resting",
        /// Its token ended, and nothing renews it.
        Expired = "expired",
        /// It was refused for good: somebody has to sign in.
        Refused = "refused",
        /// Its secret is kept elsewhere and cannot be had.
        Unusable = "unusable",
    }
}

impl From<Readiness> for ProfileState {
    fn from(state: Readiness) -> Self {
        match state {
            Readiness::Usable | Readiness::ExpiresSoon | Readiness::ExpiredRenewable => Self::Usable,
            Readiness::Resting => Self::Resting,
            Readiness::Expired => Self::Expired,
            Readiness::Refused => Self::Refused,
            Readiness::SecretMissing | Readiness::Unreadable => Self::Unusable,
        }
    }
}

/// What may be shown of a stored login. Its JSON form is the same in every language; times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProfileSummary {
    /// Its name.
    pub id: ProfileId,
    /// The provider that it is for.
    pub provider: ProviderId,
    /// `oauth`, `token` or `api_key`.
    pub kind: &'static str,
    /// Whether it can be used.
    pub state: ProfileState,
    /// Why it cannot, and what else limits it. Sentences.
    pub reasons: Vec<String>,
    /// When a rest ends.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub until: Option<SystemTime>,
    /// Why it rests: a word of the store, such as `rate_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest_reason: Option<String>,
    /// Whose it is: the e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The account or workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The plan, such as `plus`, as far as its token says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// When its token ends.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<SystemTime>,
    /// Whether the next call after its end renews it.
    pub renewable: bool,
    /// The login server that renews it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Where its secret is kept, if it is not in the store: `env OPENAI_KEY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_in: Option<String>,
    /// Whether it is the one of its provider that an answer came with last.
    pub last_good: bool,
    /// What is remembered of its use.
    pub health: ProfileHealth,
}

/// What is remembered of a profile's use: [`UsageStats`] as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProfileHealth {
    /// Faults in a row.
    pub errors: u32,
    /// Faults by reason.
    pub failures: BTreeMap<String, u32>,
    /// When it was used last.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub last_used: Option<SystemTime>,
    /// When it failed last.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub last_failure_at: Option<SystemTime>,
    /// It rests until then after a fault.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub cooldown_until: Option<SystemTime>,
    /// Why, such as `rate_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_reason: Option<String>,
    /// The only model that it rests for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_model: Option<String>,
    /// It is switched off until then.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub disabled_until: Option<SystemTime>,
    /// Why, such as `billing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// Its plan is used up until then.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<SystemTime>,
    /// Why, such as `subscription_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_reason: Option<String>,
    /// The only model that is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_model: Option<String>,
    /// The other models that rest for themselves, each with its end.
    #[serde(with = "stamp::seconds_by_name", skip_serializing_if = "BTreeMap::is_empty")]
    pub model_rests: BTreeMap<String, SystemTime>,
    /// Why its refresh was refused for good, if the refused token is still the stored one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl ProfileSummary {
    /// What may be shown of this profile of a store. `env` has the secrets that are kept there; `renewed_here` says whether
    /// the store may be written. The judgement is that of [`Condition`].
    pub fn of(profile: &Profile, profiles: &Profiles, env: &Environment, renewed_here: bool, now: SystemTime) -> Self {
        Self::among(profile, &SharedRests::of(profiles, &profile.provider, now), env, renewed_here)
    }

    /// The same, the rests of its store being known: for whoever shows all of them.
    pub(super) fn among(profile: &Profile, rests: &SharedRests<'_>, env: &Environment, renewed_here: bool) -> Self {
        let profiles = rests.profiles;
        let usage = profiles.usage(&profile.id).plausible(rests.now);
        let identity = profile.identity();
        let issuer = match &profile.credential {
            Credential::OAuth(oauth) => oauth.issuer.clone(),
            Credential::Token(_) | Credential::ApiKey(_) => None,
        };
        let condition = Condition::among(profile, rests, EVERY_MODEL, env, renewed_here);
        let state = ProfileState::from(condition.state);
        let refused = refusal(profile, &usage).map(|failure| failure.message.clone());
        let why = (state != ProfileState::Usable || refused.is_some()).then_some(condition.why);
        let mut reasons: Vec<String> = why.into_iter().collect();
        reasons.extend(rests_of_models(profile, &usage, rests));
        if is_left_out(profile, profiles) {
            reasons.push("the order of its provider leaves it out".to_owned());
        }
        Self {
            id: profile.id.clone(),
            provider: profile.provider.clone(),
            kind: profile.credential.kind(),
            until: condition.rests_until.filter(|_| state == ProfileState::Resting),
            rest_reason: condition.rest_reason.filter(|_| state == ProfileState::Resting),
            state,
            reasons,
            email: identity.email,
            display_name: profile.display_name.clone(),
            account_id: identity.account_id,
            user_id: identity.user_id,
            plan: plan(profile),
            expires_at: condition.expires_at,
            renewable: condition.renewable,
            issuer,
            kept_in: kept_in(profile),
            last_good: profiles.last_good(&profile.provider).as_ref() == Some(&profile.id),
            health: ProfileHealth { refused, ..ProfileHealth::from(usage) },
        }
    }
}

impl From<UsageStats> for ProfileHealth {
    /// Without the refusal of a refresh: only the credential tells whether it still counts.
    fn from(usage: UsageStats) -> Self {
        Self {
            errors: usage.error_count.unwrap_or_default(),
            failures: usage.failure_counts,
            last_used: usage.last_used,
            last_failure_at: usage.last_failure_at,
            cooldown_until: usage.cooldown_until,
            cooldown_reason: usage.cooldown_reason,
            cooldown_model: usage.cooldown_model,
            disabled_until: usage.disabled_until,
            disabled_reason: usage.disabled_reason,
            blocked_until: usage.blocked_until,
            blocked_reason: usage.blocked_reason,
            blocked_model: usage.blocked_model,
            model_rests: usage.model_rests,
            refused: None,
        }
    }
}

fn rests_of_models(profile: &Profile, usage: &UsageStats, rests: &SharedRests<'_>) -> Vec<String> {
    let noted = [&usage.cooldown_model, &usage.blocked_model].into_iter().flatten();
    let models: BTreeSet<&String> = noted.chain(usage.model_rests.keys()).collect();
    let told = |model: &String| {
        let Rest { until, reason } = rests.rest(profile, model)?;
        Some(format!("for the model {model} it rests until {}: {reason}", iso(until)))
    };
    models.into_iter().filter_map(told).collect()
}

fn plan(profile: &Profile) -> Option<String> {
    let tokens = match &profile.credential {
        Credential::OAuth(oauth) => [Some(&oauth.access), oauth.id_token.as_ref()],
        Credential::Token(token) => [token.token.plain(), None],
        Credential::ApiKey(_) => [None, None],
    };
    tokens.into_iter().flatten().find_map(|token| Claims::of(token).ok()?.plan_type)
}

fn kept_in(profile: &Profile) -> Option<String> {
    let secret = match &profile.credential {
        Credential::OAuth(_) => return None,
        Credential::Token(token) => &token.token,
        Credential::ApiKey(key) => &key.key,
    };
    match secret {
        Secret::Ref(reference) => Some(format!("{} {}", reference.source, reference.id)),
        Secret::Plain(_) => None,
    }
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
