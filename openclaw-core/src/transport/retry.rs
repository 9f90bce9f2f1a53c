//! The one retry policy of the crate.

use std::time::Duration;

/// When and how often a call is repeated. Run by whoever is outermost: a bare provider, or a failover chain.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many repeats at most. 2 unless set.
    pub max_retries: u32,
    /// The time for all tries and waits together. 60 s unless set.
    pub budget: Duration,
    /// The first wait when the server names none; doubled each time, ± 10 %. 200 ms unless set.
    pub base_delay: Duration,
    /// Also repeat a call that may have reached the provider and timed out: it may be billed twice. Off unless set.
    pub retry_sent_timeouts: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 2,
            budget: Duration::from_secs(60),
            base_delay: Duration::from_millis(200),
            retry_sent_timeouts: false,
        }
    }
}

impl RetryPolicy {
    /// The usual policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Never repeats.
    pub fn never() -> Self {
        Self { max_retries: 0, ..Self::default() }
    }
}
