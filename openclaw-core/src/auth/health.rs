//! How long a profile rests after a fault, as pure functions over what the store remembers.
//!
//! Only faults of the credential or of its quota come here: what the network or the provider did is no reason to let a
//! login rest. Numbers and fields are those of OpenClaw 2026.4.5's code (not of its documentation).

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::usage_stats::UsageStats;
use crate::config::model::AuthCooldowns;
use crate::error::{ErrorKind, words};
use crate::provider::ProviderId;

words! {
    /// What is wrong with a credential or its quota. The words stand in the file, as OpenClaw writes them.
    CredentialFault {
        /// It was not accepted.
        Auth = "auth",
        /// It was refused for good: revoked, deactivated, a sign-in that cannot be renewed.
        AuthPermanent = "auth_permanent",
        /// No credit, or the plan does not include the call.
        Billing = "billing",
        /// Too many requests, or the window of the plan is used up.
        RateLimit = "rate_limit",
    }
}

impl CredentialFault {
    /// The kind of an error that only says that every profile rests for this reason.
    pub const fn kind(self) -> ErrorKind {
        match self {
            Self::Auth | Self::AuthPermanent => ErrorKind::AuthInvalid,
            Self::Billing => ErrorKind::Billing,
            Self::RateLimit => ErrorKind::RateLimited,
        }
    }
}

/// How long profiles rest: `auth.cooldowns` of the configuration.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CooldownSettings {
    /// After the first billing fault; doubled with each further one. 5 h unless set.
    pub billing: Duration,
    /// The same by provider.
    pub billing_by_provider: BTreeMap<String, Duration>,
    /// The longest rest for billing. 24 h unless set.
    pub billing_max: Duration,
    /// After the first refusal for good; doubled with each further one. 10 min unless set.
    pub auth_permanent: Duration,
    /// The longest rest after refusals for good. 60 min unless set.
    pub auth_permanent_max: Duration,
    /// After this time without a fault the counters start anew. 24 h unless set.
    pub failure_window: Duration,
    /// How many other profiles are asked when the provider is overloaded. 1 unless set.
    pub overloaded_rotations: u32,
    /// The wait before that. None unless set.
    pub overloaded_backoff: Duration,
    /// How many other profiles are asked when one is rate limited. 1 unless set.
    pub rate_limited_rotations: u32,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// The rests of an ordinary fault: first, second, every further one.
const STEPS: [Duration; 3] = [Duration::from_secs(30), MINUTE, Duration::from_secs(300)];
/// Routers with many upstreams: one of them failing says nothing of the key.
const NEVER_REST: [&str; 2] = ["openrouter", "kilocode"];

/// Whether the profiles of a provider never rest.
pub(crate) fn never_rests(provider: &str) -> bool {
    NEVER_REST.contains(&provider)
}

impl Default for CooldownSettings {
    fn default() -> Self {
        Self {
            billing: 5 * HOUR,
            billing_by_provider: BTreeMap::new(),
            billing_max: 24 * HOUR,
            auth_permanent: 10 * MINUTE,
            auth_permanent_max: 60 * MINUTE,
            failure_window: 24 * HOUR,
            overloaded_rotations: 1,
            overloaded_backoff: Duration::ZERO,
            rate_limited_rotations: 1,
        }
    }
}

impl From<&AuthCooldowns> for CooldownSettings {
    fn from(set: &AuthCooldowns) -> Self {
        let usual = Self::default();
        let times = |unit: Duration, number: f64| {
            Duration::try_from_secs_f64(unit.as_secs_f64() * number).unwrap_or(Duration::MAX)
        };
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            billing: set.billing_backoff_hours.map_or(usual.billing, |n| times(HOUR, n.get())),
            billing_by_provider: set
                .billing_backoff_hours_by_provider
                .iter()
                .flat_map(|map| map.iter())
                .map(|(provider, n)| (ProviderId::normal(provider), times(HOUR, n.get())))
                .collect(),
            billing_max: set.billing_max_hours.map_or(usual.billing_max, |n| times(HOUR, n.get())),
            auth_permanent: set.auth_permanent_backoff_minutes.map_or(usual.auth_permanent, |n| times(MINUTE, n.get())),
            auth_permanent_max: set
                .auth_permanent_max_minutes
                .map_or(usual.auth_permanent_max, |n| times(MINUTE, n.get())),
            failure_window: set.failure_window_hours.map_or(usual.failure_window, |n| times(HOUR, n.get())),
            overloaded_rotations: set
                .overloaded_profile_rotations
                .map_or(usual.overloaded_rotations, |n| small(n.get())),
            overloaded_backoff: set
                .overloaded_backoff_ms
                .map_or(usual.overloaded_backoff, |n| Duration::from_millis(n.get())),
            rate_limited_rotations: set
                .rate_limited_profile_rotations
                .map_or(usual.rate_limited_rotations, |n| small(n.get())),
        }
    }
}

/// A fault to be noted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault<'a> {
    /// What is wrong.
    pub what: CredentialFault,
    /// The provider of the profile.
    pub provider: &'a str,
    /// The model, when only that one is concerned: a rate limit.
    pub model: Option<&'a str>,
    /// When the provider says that it is over.
    pub until: Option<SystemTime>,
}

impl<'a> Fault<'a> {
    /// A fault that concerns every model and has no known end.
    pub fn new(what: CredentialFault, provider: &'a str) -> Self {
        Self { what, provider, model: None, until: None }
    }
}

/// A rest of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rest {
    /// Its end.
    pub until: SystemTime,
    /// Why, as the store has it: a word of [`CredentialFault`], or one of OpenClaw's other words.
    pub reason: String,
}

/// Whether a rest cannot be meant: it ends too far ahead, or its fault lies in the future. [`rest`] counts the former as 24 h
/// from the fault, and the latter as none.
pub fn is_implausible(stats: &UsageStats, now: SystemTime) -> bool {
    stats.rest_ends().any(|until| until > now && is_doubtful(until, stats, now))
}

/// Beyond the longest window of any plan: the mistake of a clock or of a hand.
const FARTHEST: Duration = Duration::from_secs(40 * 86_400);
/// The clocks of two machines, or one that was set, may differ by this much.
const SKEW: Duration = Duration::from_secs(300);

fn is_doubtful(until: SystemTime, stats: &UsageStats, now: SystemTime) -> bool {
    is_far(until, now) || stats.last_failure_at.is_some_and(|at| is_ahead(at, now))
}

fn is_far(until: SystemTime, now: SystemTime) -> bool {
    until.duration_since(now).is_ok_and(|left| left > FARTHEST)
}

/// What has happened lies in the future: the clock that noted it was wrong.
fn is_ahead(at: SystemTime, now: SystemTime) -> bool {
    at.duration_since(now).is_ok_and(|ahead| ahead > SKEW)
}

/// The end of a rest as it is believed, of whichever kind.
fn believed(until: SystemTime, stats: &UsageStats, now: SystemTime) -> Option<SystemTime> {
    let failed = stats.last_failure_at;
    match (failed.is_some_and(|at| is_ahead(at, now)), is_far(until, now)) {
        // The clock was wrong when its fault was noted, and with it the end of its rest.
        (true, _) => None,
        // Counted from the fault, not from now: it has to end some day.
        (_, true) => failed?.checked_add(24 * HOUR),
        _ => Some(until),
    }
}

/// The rest that these stats put a profile into, for this model. [`rest_of`](super::rest_of) knows of the provider and of the
/// other logins of a person, too.
pub fn rest(stats: &UsageStats, model: &str, now: SystemTime) -> Option<Rest> {
    let limited = || CredentialFault::RateLimit.as_str().to_owned();
    let of_model = stats.model_rests.get(model).map(|until| (*until, limited()));
    let concerns = |only: &Option<String>| only.as_deref().is_none_or(|only| only == model);
    let cooldown = cooldown(stats).filter(|_| concerns(&stats.cooldown_model));
    let blocked = blocked(stats).filter(|_| concerns(&stats.blocked_model));
    longest([cooldown, disabled(stats), blocked, of_model], stats, now)
}

/// The rest that holds for every login of the same person in the same account: a window of their plan.
pub(super) fn rest_of_plan(stats: &UsageStats, now: SystemTime) -> Option<Rest> {
    let limited = stats.cooldown_reason.as_deref() == Some(CredentialFault::RateLimit.as_str());
    let cooldown = cooldown(stats).filter(|_| limited && stats.cooldown_model.is_none());
    longest([cooldown, blocked(stats).filter(|_| stats.blocked_model.is_none())], stats, now)
}

/// The rest that holds for every login of the same account: its credit.
pub(super) fn rest_of_account(stats: &UsageStats, now: SystemTime) -> Option<Rest> {
    let billing = stats.disabled_reason.as_deref() == Some(CredentialFault::Billing.as_str());
    longest([disabled(stats).filter(|_| billing)], stats, now)
}

type Noted = (SystemTime, String);

fn cooldown(stats: &UsageStats) -> Option<Noted> {
    stats.cooldown_until.map(|until| (until, word(&stats.cooldown_reason)))
}

fn disabled(stats: &UsageStats) -> Option<Noted> {
    stats.disabled_until.map(|until| (until, word(&stats.disabled_reason)))
}

fn blocked(stats: &UsageStats) -> Option<Noted> {
    stats.blocked_until.map(|until| (until, word(&stats.blocked_reason)))
}

fn word(reason: &Option<String>) -> String {
    reason.clone().unwrap_or_else(|| "unknown".to_owned())
}

/// The one that ends last, of those that can be meant.
fn longest<const N: usize>(rests: [Option<Noted>; N], stats: &UsageStats, now: SystemTime) -> Option<Rest> {
    let meant = |(until, reason): Noted| {
        let until = believed(until, stats, now)?;
        (until > now).then_some(Rest { until, reason })
    };
    rests.into_iter().flatten().filter_map(meant).max_by_key(|rest| rest.until)
}

/// What the store remembers after a fault. The same as before when the profile rests already for this: a running rest
/// is not made longer.
pub fn after_fault(stats: &UsageStats, fault: &Fault<'_>, settings: &CooldownSettings, now: SystemTime) -> UsageStats {
    let mut next = without_ended(stats, now);
    if next.last_failure_at.is_some_and(|at| now.duration_since(at).is_ok_and(|ago| ago > settings.failure_window)) {
        next.error_count = None;
        next.failure_counts.clear();
    }
    let errors = next.error_count.unwrap_or_default().saturating_add(1);
    next.error_count = Some(errors);
    let count = next.failure_counts.entry(fault.what.as_str().to_owned()).or_default();
    *count = count.saturating_add(1);
    let count = *count;
    next.last_failure_at = Some(now);
    if never_rests(fault.provider) {
        return next;
    }
    let after = |length: Duration| now.checked_add(length.min(FARTHEST));
    let named = fault.until.filter(|until| *until > now && until.duration_since(now).is_ok_and(|d| d <= FARTHEST));
    match fault.what {
        CredentialFault::Billing | CredentialFault::AuthPermanent => {
            if next.disabled_until.is_none() {
                let (base, most) = match fault.what {
                    CredentialFault::Billing => {
                        let own = settings.billing_by_provider.get(fault.provider).copied();
                        (own.unwrap_or(settings.billing), settings.billing_max)
                    }
                    _ => (settings.auth_permanent, settings.auth_permanent_max),
                };
                next.disabled_until = named.or_else(|| after(doubled(base, most, count)));
                next.disabled_reason = Some(fault.what.as_str().to_owned());
            }
        }
        CredentialFault::Auth | CredentialFault::RateLimit => {
            let step = STEPS.get(errors as usize - 1).or(STEPS.last()).copied().unwrap_or(MINUTE);
            next.cool(fault, named.or_else(|| after(step)));
        }
    }
    next
}

impl UsageStats {
    /// The same with the times that are believed, as [`rest`] judges them: a clock that was wrong once must not lock a profile
    /// for ever. Each rest ends when it is taken to end, and what has happened does not lie in the future.
    pub fn plausible(mut self, now: SystemTime) -> Self {
        let stats = self.clone();
        for until in [&mut self.cooldown_until, &mut self.disabled_until, &mut self.blocked_until] {
            *until = until.and_then(|until| believed(until, &stats, now));
        }
        self.model_rests = std::mem::take(&mut self.model_rests)
            .into_iter()
            .filter_map(|(model, until)| Some((model, believed(until, &stats, now)?)))
            .collect();
        for at in [&mut self.last_used, &mut self.last_failure_at, &mut self.last_probe_at] {
            *at = at.filter(|at| !is_ahead(*at, now));
        }
        self
    }

    /// Lets a model rest, or all of them. One rest at a time has a place in OpenClaw's fields; a second one, of another model,
    /// must neither be lost nor hold for models that were not refused.
    fn cool(&mut self, fault: &Fault<'_>, until: Option<SystemTime>) {
        let Some(until) = until else { return };
        if fault.model.is_some_and(|model| self.model_rests.contains_key(model)) {
            return;
        }
        match (self.cooldown_until, self.cooldown_model.as_deref(), fault.model) {
            (Some(_), resting, failed) if resting == failed => return,
            (Some(_), _, Some(failed)) => {
                self.model_rests.insert(failed.to_owned(), until);
                return;
            }
            (Some(end), Some(resting), None) => {
                self.model_rests.insert(resting.to_owned(), end);
            }
            _ => {}
        }
        self.cooldown_until = Some(until);
        self.cooldown_reason = Some(fault.what.as_str().to_owned());
        self.cooldown_model = fault.model.map(str::to_owned);
    }
}

/// The base doubled with each fault; at least a minute, as in OpenClaw.
fn doubled(base: Duration, most: Duration, count: u32) -> Duration {
    let base = base.max(MINUTE);
    base.saturating_mul(1 << count.saturating_sub(1).min(10)).min(most.max(base))
}

/// What the store remembers after this model answered: the time, the rests of other models, of which an answer of this one says
/// nothing, and that a refresh was refused: the token that is still good says nothing of the one that renews it.
pub fn after_success(stats: &UsageStats, model: &str, now: SystemTime) -> UsageStats {
    let UsageStats { mut model_rests, .. } = without_ended(stats, now);
    model_rests.remove(model);
    let refresh_failure = stats.refresh_failure.clone();
    let mut next = UsageStats { last_used: Some(now), model_rests, refresh_failure, ..cleared(stats) };
    let runs = |until: Option<SystemTime>| until.is_some_and(|until| until > now && !is_doubtful(until, stats, now));
    let other = |only: &Option<String>| only.as_deref().is_some_and(|only| only != model);
    if runs(stats.cooldown_until) && other(&stats.cooldown_model) {
        next.cooldown_until = stats.cooldown_until;
        next.cooldown_reason.clone_from(&stats.cooldown_reason);
        next.cooldown_model.clone_from(&stats.cooldown_model);
    }
    if runs(stats.blocked_until) && other(&stats.blocked_model) {
        next.blocked_until = stats.blocked_until;
        next.blocked_reason.clone_from(&stats.blocked_reason);
        next.blocked_model.clone_from(&stats.blocked_model);
        next.blocked_source.clone_from(&stats.blocked_source);
        next.blocked_scope.clone_from(&stats.blocked_scope);
    }
    if next.rests_until().is_some() {
        next.last_failure_at = stats.last_failure_at;
    }
    next
}

/// The same without rests and counters: a person signed in again, or says that it is mended.
pub fn cleared(stats: &UsageStats) -> UsageStats {
    UsageStats { last_used: stats.last_used, ..UsageStats::default() }
}

/// Rests that ended are forgotten, and those that cannot be meant: they must not keep a new one from beginning. When none is
/// left, the counters start anew.
fn without_ended(stats: &UsageStats, now: SystemTime) -> UsageStats {
    let mut next = stats.clone();
    let over = |until: SystemTime| until <= now || is_doubtful(until, stats, now);
    if next.cooldown_until.is_some_and(over) {
        (next.cooldown_until, next.cooldown_reason, next.cooldown_model) = (None, None, None);
    }
    if next.disabled_until.is_some_and(over) {
        (next.disabled_until, next.disabled_reason) = (None, None);
    }
    if next.blocked_until.is_some_and(over) {
        (next.blocked_until, next.blocked_reason, next.blocked_model) = (None, None, None);
    }
    next.model_rests.retain(|_, until| !over(*until));
    if stats.rests_until().is_some() && next.rests_until().is_none() {
        next.error_count = None;
        next.failure_counts.clear();
    }
    next
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
