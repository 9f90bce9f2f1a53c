//! TODO file auth

use super::macros::{choice, shape};
use super::number::{Natural, PositiveNumber};
use super::value::Map;

shape! {
    /// TODO Auth
    #[derive(Default)]
    pub struct Auth {
        /// TODO Auth.profiles
        pub profiles: Option<Map<AuthProfile>>,
        /// TODO Auth.order
        pub order: Option<Map<Vec<String>>>,
        /// TODO Auth.cooldowns
        pub cooldowns: Option<AuthCooldowns>,
    }
}

shape! {
    /// TODO AuthProfile
    pub struct AuthProfile {
        /// TODO AuthProfile.provider
        pub provider: String,
        /// TODO AuthProfile.mode
        pub mode: AuthMode,
        /// TODO AuthProfile.email
        pub email: Option<String>,
        /// TODO AuthProfile.displayName
        pub display_name: Option<String>,
    }
}

choice! {
    /// TODO AuthMode
    pub enum AuthMode {
        ApiKey = "api_key",
        Oauth = "oauth",
        Token = "token",
    }
}

shape! {
    /// TODO AuthCooldowns
    #[derive(Default)]
    pub struct AuthCooldowns {
        /// TODO AuthCooldowns.billingBackoffHours
        pub billing_backoff_hours: Option<PositiveNumber>,
        /// TODO AuthCooldowns.billingBackoffHoursByProvider
        pub billing_backoff_hours_by_provider: Option<Map<PositiveNumber>>,
        /// TODO AuthCooldowns.billingMaxHours
        pub billing_max_hours: Option<PositiveNumber>,
        /// TODO AuthCooldowns.authPermanentBackoffMinutes
        pub auth_permanent_backoff_minutes: Option<PositiveNumber>,
        /// TODO AuthCooldowns.authPermanentMaxMinutes
        pub auth_permanent_max_minutes: Option<PositiveNumber>,
        /// TODO AuthCooldowns.failureWindowHours
        pub failure_window_hours: Option<PositiveNumber>,
        /// TODO AuthCooldowns.overloadedProfileRotations
        pub overloaded_profile_rotations: Option<Natural>,
        /// TODO AuthCooldowns.overloadedBackoffMs
        pub overloaded_backoff_ms: Option<Natural>,
        /// TODO AuthCooldowns.rateLimitedProfileRotations
        pub rate_limited_profile_rotations: Option<Natural>,
    }
}
