//! Section `web`: the web channel's connection.

use super::macros::shape;
use super::number::{Fraction, Natural, Positive, PositiveNumber};

shape! {
    /// The web channel's connection.
    #[derive(Default)]
    pub struct Web {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Seconds between two signs of life.
        pub heartbeat_seconds: Option<Positive>,
        /// What happens after it broke.
        pub reconnect: Option<WebReconnect>,
    }
}

shape! {
    /// What happens after the connection broke.
    #[derive(Default)]
    pub struct WebReconnect {
        /// Milliseconds before the first try.
        pub initial_ms: Option<PositiveNumber>,
        /// Milliseconds before a try, at most.
        pub max_ms: Option<PositiveNumber>,
        /// By how much every pause is longer than the last.
        pub factor: Option<PositiveNumber>,
        /// Share of a pause, 0 to 1, that is left to chance.
        pub jitter: Option<Fraction>,
        /// Tries, at most; 0 is without end.
        pub max_attempts: Option<Natural>,
    }
}
