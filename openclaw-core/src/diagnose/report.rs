//! The diagnosis: all that was found, and the verdict.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::configuration::ConfigurationState;
use super::logins::{LoginState, Logins, StoreState};
use super::probe::Probe;
use super::routes::EndpointState;
use super::target::{Obstacle, Search};
use super::verdict::{Pattern, decide};
use super::words::{Verdict, VerdictKind};
use crate::auth::stamp;
use crate::error::{Error, utc, words};
use crate::provider::{PlanUsage, ProviderId};
use crate::transport::Endpoint;

words! {
    /// The whole in one word, for a script. `claw status --check` ends with its number: 0, 1, 2.
    Check {
        /// Something can be used.
        Ok = "ok",
        /// Nothing can be used.
        NothingUsable = "nothing_usable",
        /// Something can be used, and a login that is counted on ends within 24 h without being renewed.
        ExpiresSoon = "expires_soon",
    }
}

/// What is on this machine, what the provider answered, and what is wrong. Nothing of it is secret, in `Debug` and JSON
/// neither; ids of profiles hold e-mail addresses.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What is wrong, and what helps.
    pub verdict: Verdict,
    /// The whole in one word.
    pub check: Check,
    /// When it was made, by this machine's clock; in JSON as Unix seconds.
    #[serde(with = "stamp::seconds")]
    pub at: Option<SystemTime>,
    /// The configuration.
    pub configuration: ConfigurationState,
    /// Where was looked for logins.
    pub stores: Vec<StoreState>,
    /// The logins that are there.
    pub profiles: Vec<LoginState>,
    /// How each provider is reached.
    pub endpoints: Vec<EndpointState>,
    /// What the provider answered, if it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
}

impl Diagnosis {
    pub(super) fn new(
        configuration: ConfigurationState,
        logins: Logins,
        endpoints: Vec<EndpointState>,
        now: SystemTime,
    ) -> Self {
        Self {
            verdict: Verdict::new(VerdictKind::NotProbed, &[], None),
            check: Check::Ok,
            at: Some(now),
            configuration,
            stores: logins.stores,
            profiles: logins.states,
            endpoints,
            probe: None,
        }
    }

    /// The diagnosis as JSON: its form is that of `claw status --json`, of Python and of C.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The verdict from all that is known by now.
    pub(super) fn judge(&mut self, search: &Search, probe: Option<Probe>, now: SystemTime) {
        // What only came out while asking goes before what was known.
        let obstacle = match &probe {
            Some(probe) if probe.obstacle != Obstacle::None => probe.obstacle,
            Some(_) if search.obstacle == Obstacle::Resting => Obstacle::None,
            _ => search.obstacle,
        };
        let rests = search.obstacle == Obstacle::Resting;
        let (rule, error) = decide(&Pattern { obstacle, probe: probe.as_ref(), rests });
        let until = until(error, probe.as_ref(), search, rule.verdict);
        let facts = facts(error, search, probe.as_ref(), until, now);
        self.verdict = Verdict::new(rule.verdict, &facts, until);
        let refused = probe.as_ref().is_some_and(|probe| match probe.sent {
            true => !probe.responses.is_answered(),
            // What only came out when the provider was built would stop a call as well.
            false => probe.obstacle == Obstacle::CannotAsk,
        });
        self.check = match (search.any_usable && !refused, search.expires_soon) {
            (false, _) => Check::NothingUsable,
            (true, true) => Check::ExpiresSoon,
            (true, false) => Check::Ok,
        };
        self.probe = probe;
    }
}

/// When it ends by itself.
fn until(error: Option<&Error>, probe: Option<&Probe>, search: &Search, verdict: VerdictKind) -> Option<SystemTime> {
    match verdict {
        VerdictKind::UsageLimit | VerdictKind::RateLimited => {
            let named = error.and_then(|error| error.resets_at());
            named.or_else(|| window_end(probe?.plan.as_ref()?).filter(|_| verdict == VerdictKind::UsageLimit))
        }
        VerdictKind::Resting => search.until,
        _ => None,
    }
}

/// When the window opens that is used up: of several the last one.
fn window_end(plan: &PlanUsage) -> Option<SystemTime> {
    let windows = plan.rate_limits.families.iter().flat_map(|family| [&family.primary, &family.secondary]);
    let used = windows.flatten().filter(|window| window.used_percent >= 100.0);
    let end = used.filter_map(|window| window.resets_at).max()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(end))
}

/// What stands for each `{…}` of the words.
fn facts(
    error: Option<&Error>,
    search: &Search,
    probe: Option<&Probe>,
    until: Option<SystemTime>,
    now: SystemTime,
) -> Vec<(&'static str, String)> {
    let why = match (error, probe.and_then(|probe| probe.why_not.as_deref())) {
        (Some(error), _) => error.message(),
        (None, Some(why)) => why,
        (None, None) => &search.why,
    };
    let provider = probe.map_or(&search.provider, |probe| &probe.provider);
    let address = error.and_then(Error::url).and_then(Endpoint::parse).map(|endpoint| endpoint.to_string());
    let address = address.or_else(|| probe?.address.clone()).unwrap_or_default();
    let host = url::Url::parse(&address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let model = probe.and_then(|probe| probe.model.clone()).or_else(|| search.model.clone());
    let edge = error.and_then(Error::edge).map(|edge| edge.vendor.clone()).filter(|vendor| vendor != "unknown");
    let plan = probe.and_then(|probe| probe.plan.as_ref()?.plan_type.clone());
    let in_ms = |error: &Error| error.retry_after().and_then(|delay| now.checked_add(delay));
    let until = until.or_else(|| error.and_then(in_ms)).and_then(utc);
    let renew = match search.renewable && error.is_none() {
        true => "make one call, such as claw ask hello: it renews the login, which a probe never does",
        false => "sign in again: claw login",
    };
    let off_words = probe.and_then(|probe| probe.clock_ahead_seconds).map(clock_words).unwrap_or_default();
    let remark = probe.and_then(Probe::clock_off).map(|_| format!(", but this machine's clock is {off_words}"));
    vec![
        ("provider", provider.clone()),
        ("profile", search.profile.clone().unwrap_or_else(|| "the key".to_owned())),
        ("why", why.trim_end_matches('.').to_owned()),
        ("address", address),
        ("host", host.unwrap_or_else(|| provider.clone())),
        ("model", model.unwrap_or_else(|| "the model".to_owned())),
        ("edge", edge.unwrap_or_else(|| "a network".to_owned())),
        ("ray", error.and_then(Error::cf_ray).map(|ray| format!(" (cf-ray {ray})")).unwrap_or_default()),
        ("plan", plan.map(|plan| format!(" {plan}")).unwrap_or_default()),
        ("until", until.unwrap_or_else(|| "a time that the provider does not say".to_owned())),
        ("renew", renew.to_owned()),
        ("off", off_words),
        ("clock", remark.unwrap_or_default()),
        ("right", right_address(provider).to_owned()),
    ]
}

fn clock_words(ahead: i64) -> String {
    let seconds = ahead.unsigned_abs();
    let length = match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days", seconds / 86_400),
    };
    format!("{length} {}", if ahead < 0 { "behind" } else { "ahead" })
}

fn right_address(provider: &str) -> &'static str {
    match provider {
        ProviderId::CODEX => "https://chatgpt.com/backend-api (for OpenClaw) with the api openai-codex-responses",
        ProviderId::OPENAI => "https://api.openai.com/v1",
        ProviderId::ANTHROPIC => "https://api.anthropic.com",
        _ => "the one in the provider's documentation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::words::MEANINGS;

    #[test]
    fn everything_that_the_words_ask_for_is_known() {
        let facts = facts(None, &Search::default(), None, None, SystemTime::UNIX_EPOCH);
        for meaning in MEANINGS {
            for text in std::iter::once(&meaning.says).chain(meaning.steps) {
                for name in text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
                    assert!(facts.iter().any(|(known, _)| *known == name), "{name} in {text}");
                }
            }
        }
    }

    #[test]
    fn a_clock_is_described_in_units_that_fit() {
        for (ahead, words) in [
            (-90, "90 s behind"),
            (300, "5 min ahead"),
            (7_260, "2 h 1 min ahead"),
            (-200_000, "2 days behind"),
            (i64::MIN, "106751991167300 days behind"),
        ] {
            assert_eq!(clock_words(ahead), words);
        }
    }
}
