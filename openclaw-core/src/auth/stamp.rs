//! Times of the store's files: ms since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// The year 2100. A later time is an error of whoever wrote it.
const LAST_MS: f64 = 4_102_444_800_000.0;

/// A time: ms since 1970, or seconds if it is too small for that (1e11 ms is March 1973).
pub(super) fn time(value: &Value) -> Option<SystemTime> {
    let number = value.as_f64().filter(|n| n.is_finite() && *n > 0.0)?;
    let ms = if number < 1e11 { number * 1000.0 } else { number };
    (ms < LAST_MS).then(|| UNIX_EPOCH.checked_add(Duration::from_millis(ms as u64)))?
}

/// A time as it is written.
pub(super) fn number(time: SystemTime) -> Option<u64> {
    u64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

/// For `#[serde(with)]`.
pub(super) mod millis {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::*;

    pub fn serialize<S: Serializer>(time: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
        time.and_then(number).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
        let value = Value::deserialize(deserializer)?;
        time(&value).map(Some).ok_or_else(|| D::Error::custom("not a time in ms since 1970"))
    }
}

/// The same for what we show: Unix seconds, as everywhere in our own JSON.
pub(crate) mod seconds {
    use serde::{Serialize, Serializer};

    use super::*;

    pub fn serialize<S: Serializer>(time: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
        time.and_then(unix).serialize(serializer)
    }
}

/// The same for times by name.
pub(crate) mod seconds_by_name {
    use std::collections::BTreeMap;

    use serde::Serializer;

    use super::*;

    pub fn serialize<S: Serializer>(times: &BTreeMap<String, SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(times.iter().filter_map(|(name, time)| Some((name, unix(*time)?))))
    }
}

fn unix(time: SystemTime) -> Option<u64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}
