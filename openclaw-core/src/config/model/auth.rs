//! Section `auth`: login profiles, their order, their rests.

use super::macros::{choice, shape};
use super::number::{Natural, PositiveNumber};
use super::value::Map;

shape! {
    /// Login profiles by name, their order, and how long a failed one rests. Credentials do not live here but in
    /// `auth-profiles.json` of each agent.
    #[derive(Default)]
    pub struct Auth {
        /// Login profiles by name, usually `<provider>:<e-mail>` or `<provider>:default`.
        pub profiles: Option<Map<AuthProfile>>,
        /// For each provider, the profiles in the order in which they are tried.
        pub order: Option<Map<Vec<String>>>,
        /// How long a profile rests after a failure.
        pub cooldowns: Option<AuthCooldowns>,
    }
}

shape! {
    /// A login profile: whose it is and how it signs in, never with what.
    pub struct AuthProfile {
        /// The provider, such as `openai-codex`.
        pub provider: String,
        /// How it signs in.
        pub mode: AuthMode,
        /// The e-mail address of the account.
        pub email: Option<String>,
        /// A name for people.
        pub display_name: Option<String>,
    }
}

choice! {
    /// How a login profile signs in. `models.providers.*.auth` spells these words with hyphens.
    pub enum AuthMode {
        ApiKey = "api_key",
        Oauth = "oauth",
        Token = "token",
    }
}

shape! {
    /// How long a login profile rests after a failure.
    #[derive(Default)]
    pub struct AuthCooldowns {
        /// Hours after the first billing failure.
        pub billing_backoff_hours: Option<PositiveNumber>,
        /// The same by provider.
        pub billing_backoff_hours_by_provider: Option<Map<PositiveNumber>>,
        /// The most hours after repeated billing failures.
        pub billing_max_hours: Option<PositiveNumber>,
        /// Minutes after a login that was refused for good.
        pub auth_permanent_backoff_minutes: Option<PositiveNumber>,
        /// The most minutes after repeated refusals.
        pub auth_permanent_max_minutes: Option<PositiveNumber>,
        /// Hours after which failures are forgotten.
        pub failure_window_hours: Option<PositiveNumber>,
        /// How many other profiles are tried when the provider is overloaded.
        pub overloaded_profile_rotations: Option<Natural>,
        /// Milliseconds that are waited before that.
        pub overloaded_backoff_ms: Option<Natural>,
        /// How many other profiles are tried when one is rate limited.
        pub rate_limited_profile_rotations: Option<Natural>,
    }
}
