//! The one retry policy of the crate.

use std::time::{Duration, SystemTime};

use crate::ambient::{Ambient, fraction};
use crate::error::{Advice, Error, ErrorKind, Stage};

/// When and how often a call is repeated. Run by whoever is outermost: a bare provider, or a failover chain.
///
/// A call is repeated only before its output began, and only for errors whose advice is `retry`, or `wait` with a
/// delay that fits. The server's delay is kept; one that is longer than what is left of the budget is returned to the
/// caller in the error, not slept.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many repeats at most. 2 unless set.
    pub max_retries: u32,
    /// The time for all tries and waits together: no repeat starts later. 60 s unless set.
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

    /// This many repeats at most.
    pub fn with_max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// The wait before the next try, or `None` when the error is final.
    ///
    /// `failed` counts the tries that failed, from 1; `elapsed` is the time since the first one began.
    pub fn delay(&self, error: &Error, failed: u32, elapsed: Duration, ambient: &dyn Ambient) -> Option<Duration> {
        if failed > self.max_retries || !self.may_repeat(error) {
            return None;
        }
        let named = error.retry_after().or_else(|| until(error.resets_at(), ambient.now()));
        let delay = match named {
            Some(delay) => delay,
            // A plan window that does not say when it opens is not worth a guess.
            None if error.kind() == ErrorKind::UsageLimit => return None,
            None => self.backoff(failed, fraction(ambient)),
        };
        (elapsed.checked_add(delay)? <= self.budget).then_some(delay)
    }

    fn may_repeat(&self, error: &Error) -> bool {
        if error.stage() == Stage::Streaming {
            return false;
        }
        match error.kind() {
            ErrorKind::Timeout => error.stage() == Stage::NotSent || self.retry_sent_timeouts,
            _ => matches!(error.advice(), Advice::Retry | Advice::Wait),
        }
    }

    /// The base doubled with every failure, ± 10 %.
    fn backoff(&self, failed: u32, fraction: f64) -> Duration {
        let doubled = self.base_delay.saturating_mul(1 << failed.saturating_sub(1).min(20));
        let seconds = doubled.as_secs_f64() * (0.9 + 0.2 * fraction);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

fn until(at: Option<SystemTime>, now: SystemTime) -> Option<Duration> {
    at.map(|at| at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::{Sleep, SystemAmbient};

    /// A fixed time of day, and always this jitter.
    #[derive(Debug)]
    struct Jitter(f64);

    const MIDDLE: Jitter = Jitter(0.5);

    impl Ambient for Jitter {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_000)
        }
        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
        fn sleep(&self, duration: Duration) -> Sleep {
            SystemAmbient.sleep(duration)
        }
        fn random(&self, _: &mut [u8]) {}
        fn fraction(&self) -> f64 {
            self.0
        }
    }

    fn delay(error: &Error, failed: u32, elapsed: u64) -> Option<Duration> {
        RetryPolicy::new().delay(error, failed, Duration::from_secs(elapsed), &MIDDLE)
    }

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, Stage::Responded, "x")
    }

    #[test]
    fn absurd_settings_do_not_panic() {
        let endless = RetryPolicy { base_delay: Duration::MAX, budget: Duration::MAX, ..RetryPolicy::new() };
        assert_eq!(endless.delay(&error(ErrorKind::Overloaded), 1, Duration::ZERO, &MIDDLE), Some(Duration::MAX));
        assert_eq!(endless.delay(&error(ErrorKind::Overloaded), 1, Duration::MAX, &MIDDLE), None);
    }

    #[test]
    fn a_host_without_jitter_waits_as_long_as_others() {
        for (odd, millis) in [(f64::NAN, 200), (f64::INFINITY, 220), (-7.0, 180)] {
            let delay = RetryPolicy::new().delay(&error(ErrorKind::Overloaded), 1, Duration::ZERO, &Jitter(odd));
            assert_eq!(delay, Some(Duration::from_millis(millis)), "{odd}");
        }
    }

    #[test]
    fn waits_double_and_end() {
        let busy = error(ErrorKind::Overloaded);
        assert_eq!(delay(&busy, 1, 0), Some(Duration::from_millis(200)));
        assert_eq!(delay(&busy, 2, 0), Some(Duration::from_millis(400)));
        assert_eq!(delay(&busy, 3, 0), None);
        assert_eq!(delay(&busy, 1, 61), None);
    }

    #[test]
    fn the_servers_delay_wins_and_a_long_one_is_returned() {
        let limited = error(ErrorKind::RateLimited).with_retry_after(Duration::from_secs(11));
        assert_eq!(delay(&limited, 1, 0), Some(Duration::from_secs(11)));
        assert_eq!(delay(&limited, 1, 50), None);
        let window = error(ErrorKind::UsageLimit).with_resets_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_007));
        assert_eq!(delay(&window, 1, 0), Some(Duration::from_secs(7)));
        assert_eq!(delay(&error(ErrorKind::UsageLimit), 1, 0), None);
    }

    #[test]
    fn only_what_the_advice_allows_is_repeated() {
        for &kind in ErrorKind::ALL {
            let expected = matches!(
                kind,
                ErrorKind::Dns
                    | ErrorKind::Connect
                    | ErrorKind::RateLimited
                    | ErrorKind::Overloaded
                    | ErrorKind::ServerError
                    | ErrorKind::StreamTruncated
            );
            assert_eq!(delay(&error(kind), 1, 0).is_some(), expected, "{kind}");
            let streaming = error(kind).with_stage(Stage::Streaming);
            assert_eq!(delay(&streaming, 1, 0), None, "{kind} after output began");
        }
    }

    #[test]
    fn a_timeout_is_repeated_only_if_nothing_was_sent_or_the_caller_allows_more() {
        let sent = error(ErrorKind::Timeout).with_stage(Stage::MaybeSent);
        assert_eq!(delay(&sent, 1, 0), None);
        assert!(delay(&sent.clone().with_stage(Stage::NotSent), 1, 0).is_some());
        let brave = RetryPolicy { retry_sent_timeouts: true, ..RetryPolicy::new() };
        assert!(brave.delay(&sent, 1, Duration::ZERO, &MIDDLE).is_some());
    }
}
