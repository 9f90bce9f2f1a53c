//! In which state a stored login really is: what would come of it if a call took it now.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::Environment;
use super::profile::{Credential, Profile};
use super::profiles::Profiles;
use super::rests::SharedRests;
use super::secret::{Secret, SecretRef, fingerprint};
use super::stamp;
use super::usage_stats::{RefreshFailure, UsageStats};
use crate::error::{utc, words};

/// What ends within this time, and cannot be renewed, ends soon: as long as OpenClaw warns before.
const SOON: Duration = Duration::from_secs(24 * 60 * 60);

words! {
    /// What a stored login is good for now.
    Readiness {
        /// A call can take it.
        Usable = "usable",
        /// A call can take it; it ends within 24 h, and nothing renews it.
        ExpiresSoon = "expires_soon",
        /// Its token has ended, and the next call renews it.
        ExpiredRenewable = "expired_renewable",
        /// Its token has ended, and nothing renews it.
        Expired = "expired",
        /// It was refused for good: revoked, used up, signed out. A person must sign in.
        Refused = "refused",
        /// It rests after a failure.
        Resting = "resting",
        /// What it refers to is not there, or cannot be read.
        SecretMissing = "secret_missing",
        /// Its entry in the store cannot be used.
        Unreadable = "unreadable",
    }
}

impl Readiness {
    /// Whether a call can take it.
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Usable | Self::ExpiresSoon | Self::ExpiredRenewable)
    }
}

/// The state of a stored login, with what led to it. Nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Condition {
    /// The state.
    pub state: Readiness,
    /// Why, in one line for a person.
    pub why: String,
    /// When its token ends, if that is known; in JSON as Unix seconds.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<SystemTime>,
    /// Whether a call would renew it.
    pub renewable: bool,
    /// Until when it rests; in JSON as Unix seconds.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub rests_until: Option<SystemTime>,
    /// Why it rests: a word of the store, such as `rate_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest_reason: Option<String>,
}

impl Condition {
    /// The state of a profile among the others of its store, which knows what was noted against each of them.
    ///
    /// `model` is the one that it is wanted for: some rests are for one model only. `renewed_here` says whether its store may
    /// be written: a login that cannot be stored anew is not renewed.
    pub fn of(
        profile: &Profile,
        profiles: &Profiles,
        model: &str,
        env: &Environment,
        renewed_here: bool,
        now: SystemTime,
    ) -> Self {
        let rests = SharedRests::of(profiles, &profile.provider, now);
        Self::among(profile, &rests, model, env, renewed_here)
    }

    /// The same, the rests of its store being known: for whoever judges all of them.
    pub(crate) fn among(
        profile: &Profile,
        rests: &SharedRests<'_>,
        model: &str,
        env: &Environment,
        renewed_here: bool,
    ) -> Self {
        let (now, usage) = (rests.now, &rests.profiles.usage(&profile.id));
        let expires_at = profile.expires_at();
        let refused = refusal(profile, usage);
        let refresh = profile.credential.is_renewable();
        let renewable = refresh && renewed_here && refused.is_none();
        let rest = rests.rest(profile, model);
        let ended = expires_at.is_some_and(|end| end <= now);
        let at = |time: Option<SystemTime>| time.and_then(utc).unwrap_or_else(|| "an unknown time".to_owned());
        let resting = |why: &str| {
            let until = rest.as_ref().map(|rest| rest.until);
            format!("{why} until {}", at(until))
        };
        let given_up = rest.as_ref().is_some_and(|rest| rest.reason == "auth_permanent");
        // What was noted against an older token is over: a person has signed in since, and only its rest is left.
        let is_new = usage.refresh_failure.is_some() && refused.is_none();
        let (state, why) = if let Err(why) = profile.credential.secret(env) {
            (Readiness::SecretMissing, why)
        } else if let Some(failure) = refused.filter(|_| ended || given_up) {
            (Readiness::Refused, format!("it cannot be renewed: {}", failure.message))
        } else if given_up && !is_new {
            (Readiness::Refused, resting("it was refused for good (auth_permanent), and is switched off"))
        } else if ended && !renewable {
            let todo = if refresh && refused.is_none() { "and may not be renewed here" } else { "sign in again" };
            (Readiness::Expired, format!("its token ended at {}; {todo}", at(expires_at)))
        } else if let Some(rest) = &rest {
            (Readiness::Resting, resting(&format!("it rests ({})", rest.reason)))
        } else if ended {
            (Readiness::ExpiredRenewable, format!("its token ended at {}; the next call renews it", at(expires_at)))
        } else if let Some(end) = expires_at {
            let soon = !renewable && end.duration_since(now).is_ok_and(|left| left <= SOON);
            let state = if soon { Readiness::ExpiresSoon } else { Readiness::Usable };
            let then = match (renewable, refused) {
                (true, _) => "then it is renewed".to_owned(),
                (false, Some(failure)) => format!("and cannot be renewed: {}", failure.message),
                (false, None) => "then sign in again".to_owned(),
            };
            (state, format!("its token is good until {}, {then}", at(Some(end))))
        } else {
            (Readiness::Usable, place(profile))
        };
        let (rests_until, rest_reason) = rest.map(|rest| (rest.until, rest.reason)).unzip();
        Self { state, why, expires_at, renewable, rests_until, rest_reason }
    }

    /// The state of an entry that cannot be used, and why.
    pub fn unreadable(why: impl Into<String>) -> Self {
        Self {
            state: Readiness::Unreadable,
            why: why.into(),
            expires_at: None,
            renewable: false,
            rests_until: None,
            rest_reason: None,
        }
    }
}

/// What there is to be said of a login that has no end.
fn place(profile: &Profile) -> String {
    match &profile.credential {
        Credential::ApiKey(key) => match &key.key {
            Secret::Ref(SecretRef { source, id, .. }) => format!("its key is in {source} {id}"),
            Secret::Plain(_) => "a key".to_owned(),
        },
        _ => "its end is not known".to_owned(),
    }
}

/// The refusal that the store remembers, if it is that of this very login: a person may have signed in since.
pub(crate) fn refusal<'u>(profile: &Profile, usage: &'u UsageStats) -> Option<&'u RefreshFailure> {
    let Credential::OAuth(oauth) = &profile.credential else { return None };
    let print = fingerprint(oauth.refresh.as_ref()?);
    usage.refresh_failure.as_ref().filter(|failure| failure.token == print)
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
