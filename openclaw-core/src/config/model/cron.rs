//! Section `cron`: scheduled runs.

use super::macros::{choice, shape};
use super::number::{IntIn, Natural, Positive};
use super::secret::SecretInput;
use super::shared::TextOrFalse;
use super::value::{HttpUrl, List, TextOrNumber};

shape! {
    /// Scheduled runs.
    #[derive(Default)]
    pub struct Cron {
        /// Whether there are any.
        pub enabled: Option<bool>,
        /// The file that lists them.
        pub store: Option<String>,
        /// Runs at once.
        pub max_concurrent_runs: Option<Positive>,
        /// What happens after a failure.
        pub retry: Option<CronRetry>,
        /// Address that is told of every run.
        pub webhook: Option<HttpUrl>,
        /// The token that is sent with it.
        pub webhook_token: Option<SecretInput>,
        /// How long their sessions are kept: a duration (hours without a unit), or `false` for ever.
        pub session_retention: Option<TextOrFalse>,
        /// The log of runs.
        pub run_log: Option<CronRunLog>,
        /// Who is told of repeated failures.
        pub failure_alert: Option<CronFailureAlert>,
        /// Where failures are reported.
        pub failure_destination: Option<CronFailureDestination>,
    } checked by cron
}

shape! {
    /// What happens after a run has failed.
    #[derive(Default)]
    pub struct CronRetry {
        /// How often it is tried again, at most 10.
        pub max_attempts: Option<Natural<10>>,
        /// Milliseconds before each further try.
        pub backoff_ms: Option<List<Natural, 1, 10>>,
        /// After which failures.
        pub retry_on: Option<List<RetryReason, 1, { usize::MAX }>>,
    }
}

choice! {
    /// A failure after which a run is tried again.
    pub listed enum RetryReason {
        RateLimit = "rate_limit",
        Overloaded = "overloaded",
        Network = "network",
        Timeout = "timeout",
        ServerError = "server_error",
    }
}

shape! {
    /// The log of scheduled runs.
    #[derive(Default)]
    pub struct CronRunLog {
        /// Its size in bytes, or such as `2mb`.
        pub max_bytes: Option<TextOrNumber>,
        /// Lines that stay when it is cut.
        pub keep_lines: Option<Positive>,
    }
}

shape! {
    /// Who is told when a run fails again and again.
    #[derive(Default)]
    pub struct CronFailureAlert {
        /// Whether anyone is.
        pub enabled: Option<bool>,
        /// Failures in a row.
        pub after: Option<IntIn<1>>,
        /// Milliseconds between two alerts.
        pub cooldown_ms: Option<Natural>,
        /// By a message or by the webhook.
        pub mode: Option<CronNotifyMode>,
        /// The channel's account.
        pub account_id: Option<String>,
    }
}

choice! {
    /// By a message or by the webhook.
    pub listed enum CronNotifyMode {
        Announce = "announce",
        Webhook = "webhook",
    }
}

shape! {
    /// Where failures are reported.
    #[derive(Default)]
    pub struct CronFailureDestination {
        /// The channel.
        pub channel: Option<String>,
        /// The recipient.
        pub to: Option<String>,
        /// The channel's account.
        pub account_id: Option<String>,
        /// By a message or by the webhook.
        pub mode: Option<CronNotifyMode>,
    }
}
