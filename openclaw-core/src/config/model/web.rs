//! TODO file web

use super::macros::shape;
use super::number::{Fraction, Natural, Positive, PositiveNumber};

shape! {
    /// TODO Web
    #[derive(Default)]
    pub struct Web {
        /// TODO Web.enabled
        pub enabled: Option<bool>,
        /// TODO Web.heartbeatSeconds
        pub heartbeat_seconds: Option<Positive>,
        /// TODO Web.reconnect
        pub reconnect: Option<WebReconnect>,
    }
}

shape! {
    /// TODO WebReconnect
    #[derive(Default)]
    pub struct WebReconnect {
        /// TODO WebReconnect.initialMs
        pub initial_ms: Option<PositiveNumber>,
        /// TODO WebReconnect.maxMs
        pub max_ms: Option<PositiveNumber>,
        /// TODO WebReconnect.factor
        pub factor: Option<PositiveNumber>,
        /// TODO WebReconnect.jitter
        pub jitter: Option<Fraction>,
        /// TODO WebReconnect.maxAttempts
        pub max_attempts: Option<Natural>,
    }
}
