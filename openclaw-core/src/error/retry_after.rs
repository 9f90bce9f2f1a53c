//! How long the provider asks us to wait.

use std::time::{Duration, SystemTime};

use crate::transport::Headers;

/// `retry-after-ms`, then `retry-after` as seconds or HTTP date.
pub(crate) fn delay_from_headers(_headers: &Headers, _now: SystemTime) -> Option<Duration> {
    None
}
