//! What is remembered of a profile's use: when it was used, when it rests and why.

use std::collections::BTreeMap;
use std::time::SystemTime;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fields::Fields;
use super::stamp;
use crate::error::{Advice, Error, ErrorKind, Stage};

/// What is remembered of a profile's use: the fields of OpenClaw 2026.4.5, then those that 2026.9.6 adds. In the file times
/// are ms since 1970. Fields of the file that are not here stay in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageStats {
    /// When it was used last.
    #[serde(with = "stamp::millis", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub last_used: Option<SystemTime>,
    /// It rests until then after a failure.
    #[serde(with = "stamp::millis", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub cooldown_until: Option<SystemTime>,
    /// Why it rests, such as `rate_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_reason: Option<String>,
    /// The only model that it rests for; every model unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_model: Option<String>,
    /// It is switched off until then, which only a person can change for the better.
    #[serde(with = "stamp::millis", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub disabled_until: Option<SystemTime>,
    /// Why it is switched off, such as `billing` or `auth_permanent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// Failures in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_count: Option<u32>,
    /// Failures by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub failure_counts: BTreeMap<String, u32>,
    /// When it failed last.
    #[serde(with = "stamp::millis", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub last_failure_at: Option<SystemTime>,
    /// Its plan is used up until then.
    #[serde(with = "stamp::millis", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub blocked_until: Option<SystemTime>,
    /// Why: `subscription_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_reason: Option<String>,
    /// Who said so: `wham`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_source: Option<String>,
    /// The only model that is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_model: Option<String>,
    /// What is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_scope: Option<String>,
    /// When the plan's use was asked for last.
    #[serde(with = "stamp::millis", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub last_probe_at: Option<SystemTime>,
    /// What that question came to: `wham_token_expired` or `wham_account_dead`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_classification: Option<String>,
    /// Models that rest beside that of `cooldown_model`, which can name one alone, and until when: each was rate limited. Ours:
    /// OpenClaw keeps it and takes no notice.
    #[serde(with = "times", skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub model_rests: BTreeMap<String, SystemTime>,
    /// A refresh that was refused for good. Ours: OpenClaw keeps it and takes no notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_failure: Option<RefreshFailure>,
}

/// A refresh that was refused for good: asking again with the same token would be refused again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RefreshFailure {
    /// The refresh token's fingerprint: `sha256:` and 12 hexadecimal digits.
    pub token: String,
    /// When it was refused, in ms since 1970.
    pub at: u64,
    /// The kind of the error.
    pub kind: String,
    /// The code that the login server gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it means and what to do.
    pub message: String,
}

impl RefreshFailure {
    pub(super) fn new(token: &str, error: &Error, now: SystemTime) -> Self {
        Self {
            token: token.to_owned(),
            at: stamp::number(now).unwrap_or_default(),
            kind: error.kind().as_str().to_owned(),
            code: error.code().map(str::to_owned),
            message: error.message().to_owned(),
        }
    }

    /// The error that it was.
    pub(super) fn error(&self) -> Error {
        let kind = ErrorKind::from_name(&self.kind).unwrap_or(ErrorKind::AuthInvalid);
        let error = Error::new(kind, Stage::NotSent, &*self.message).with_advice(Advice::SignIn);
        match &self.code {
            Some(code) => error.with_code(code),
            None => error,
        }
    }
}

impl UsageStats {
    /// What can be read, and the keys of what cannot.
    pub(super) fn read(fields: &Fields) -> (Self, Vec<String>) {
        let (mut good, mut faults) = (Map::new(), Vec::new());
        for (key, _) in fields.iter() {
            let value = fields.get(key).unwrap_or_default();
            // `null` is how some versions clear a field.
            if value.is_null() {
                continue;
            }
            let one = Value::Object(Map::from_iter([(key.to_owned(), value.clone())]));
            match serde_json::from_value::<Self>(one) {
                Ok(_) => drop(good.insert(key.to_owned(), value)),
                Err(_) => faults.push(key.to_owned()),
            }
        }
        (serde_json::from_value(good.into()).unwrap_or_default(), faults)
    }

    /// Puts what differs into the fields. All else stays as it is, also what could not be read.
    pub(super) fn write(&self, fields: &mut Fields) {
        let map = |stats: &Self| match serde_json::to_value(stats) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let (old, new) = (map(&Self::read(fields).0), map(self));
        for key in old.keys().filter(|key| !new.contains_key(*key)) {
            fields.remove(key);
        }
        for (key, value) in new.iter().filter(|(key, value)| old.get(*key) != Some(value)) {
            fields.set(key, value);
        }
    }

    /// After a sign-in or a refresh: what a bad login was blamed for is over. What the plan or the account is blamed for is
    /// not.
    #[must_use]
    pub fn signed_in(mut self) -> Self {
        let of_login = |reason: &Option<String>| {
            reason.as_deref().is_some_and(|reason| matches!(reason, "auth" | "auth_permanent" | "session_expired"))
        };
        if of_login(&self.disabled_reason) {
            (self.disabled_until, self.disabled_reason) = (None, None);
        }
        if of_login(&self.cooldown_reason) {
            (self.cooldown_until, self.cooldown_reason, self.cooldown_model) = (None, None, None);
        }
        self.refresh_failure = None;
        self
    }

    /// Until when it rests, for whatever reason and for whichever model.
    pub fn rests_until(&self) -> Option<SystemTime> {
        self.rest_ends().max()
    }

    /// When each of its rests ends.
    pub(super) fn rest_ends(&self) -> impl Iterator<Item = SystemTime> {
        let whole = [self.cooldown_until, self.disabled_until, self.blocked_until].into_iter().flatten();
        whole.chain(self.model_rests.values().copied())
    }
}

/// Times by name, each in ms since 1970.
mod times {
    use serde::de::Error;
    use serde::{Deserializer, Serializer};

    use super::*;

    pub fn serialize<S: Serializer>(times: &BTreeMap<String, SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(times.iter().filter_map(|(name, time)| Some((name, stamp::number(*time)?))))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, SystemTime>, D::Error> {
        let values = BTreeMap::<String, Value>::deserialize(deserializer)?;
        let read = |(name, value)| Some((name, stamp::time(&value)?));
        let times: Option<_> = values.into_iter().map(read).collect();
        times.ok_or_else(|| D::Error::custom("not a time in ms since 1970"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn only_what_changes_is_written() {
        let text = r#"{"lastUsed":1700000000000,"odd":[1],"cooldownUntil":"soon","errorCount":2,"blockedUntil":null}"#;
        let mut fields = Fields::parse(text).unwrap();
        let (mut stats, faults) = UsageStats::read(&fields);
        assert_eq!(faults, ["cooldownUntil"]);
        assert_eq!(stats.last_used, Some(UNIX_EPOCH + Duration::from_millis(1_700_000_000_000)));
        stats.write(&mut fields);
        assert_eq!(fields.iter().count(), 5, "nothing changed");
        stats.error_count = None;
        stats.failure_counts.insert("auth".into(), 1);
        stats.model_rests.insert("gpt-5.4".into(), UNIX_EPOCH + Duration::from_millis(1_800_000_000_000));
        stats.write(&mut fields);
        let (again, _) = UsageStats::read(&fields);
        assert_eq!(again, stats);
        let after = fields.render(0);
        for part in [
            "\"odd\": [1]",
            "\"cooldownUntil\": \"soon\"",
            "\"failureCounts\": {\"auth\":1}",
            "\"modelRests\": {\"gpt-5.4\":1800000000000}",
        ] {
            assert!(after.expose_secret().contains(part), "{}", after.expose_secret());
        }
        assert!(!after.expose_secret().contains("errorCount"));
    }
}
