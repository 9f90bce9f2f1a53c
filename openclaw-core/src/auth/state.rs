//! In which state a stored login really is: what would come of it if a call took it now.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::Environment;
use super::health::{CredentialFault, Rest};
use super::profile::{Credential, Profile};
use super::profiles::Profiles;
use super::rests::Resting;
use super::secret::{Secret, SecretRef};
use super::stamp;
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
    /// The state of a profile of a store. A rest that was noted against another login of its plan or account counts, as it does
    /// for a call.
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
        let expires_at = profile.expires_at();
        let usage = profiles.usage(&profile.id);
        let refused = usage.refusal(profile);
        let refresh = matches!(&profile.credential, Credential::OAuth(oauth) if oauth.refresh.is_some());
        let renewable = refresh && renewed_here && refused.is_none();
        let Resting { rest, own, why: rests, of_models } = Resting::of(profiles, profile, model, now);
        let ended = expires_at.is_some_and(|end| end <= now);
        let at = |time: Option<SystemTime>| time.and_then(utc).unwrap_or_else(|| "an unknown time".to_owned());
        let given_up = own.filter(|own| own.reason == CredentialFault::AuthPermanent.as_str());
        let (state, why) = if let Err(why) = profile.credential.secret(env) {
            (Readiness::SecretMissing, why)
        } else if let Some(failure) = refused.filter(|_| ended || rest.is_some()) {
            (Readiness::Refused, format!("it cannot be renewed: {}", failure.message))
        } else if let Some(Rest { until, reason }) = given_up {
            let until = at(Some(until));
            (Readiness::Refused, format!("it was refused for good ({reason}), and is switched off until {until}"))
        } else if ended && !renewable {
            let todo = if refresh && refused.is_none() { "and may not be renewed here" } else { "sign in again" };
            (Readiness::Expired, format!("its token ended at {}; {todo}", at(expires_at)))
        } else if let Some(rest) = &rest {
            (Readiness::Resting, format!("it rests ({rests}) until {}", at(Some(rest.until))))
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
        let why = std::iter::once(why).chain(of_models).collect::<Vec<_>>().join("; ");
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

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
