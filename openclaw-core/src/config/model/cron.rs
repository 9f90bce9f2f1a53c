//! TODO file cron

use super::macros::{choice, shape};
use super::number::{IntIn, Natural, Positive};
use super::secret::SecretInput;
use super::shared::TextOrFalse;
use super::value::{HttpUrl, List, TextOrNumber};

shape! {
    /// TODO Cron
    #[derive(Default)]
    pub struct Cron {
        /// TODO Cron.enabled
        pub enabled: Option<bool>,
        /// TODO Cron.store
        pub store: Option<String>,
        /// TODO Cron.maxConcurrentRuns
        pub max_concurrent_runs: Option<Positive>,
        /// TODO Cron.retry
        pub retry: Option<CronRetry>,
        /// TODO Cron.webhook
        pub webhook: Option<HttpUrl>,
        /// TODO Cron.webhookToken
        pub webhook_token: Option<SecretInput>,
        /// TODO Cron.sessionRetention
        pub session_retention: Option<TextOrFalse>,
        /// TODO Cron.runLog
        pub run_log: Option<CronRunLog>,
        /// TODO Cron.failureAlert
        pub failure_alert: Option<CronFailureAlert>,
        /// TODO Cron.failureDestination
        pub failure_destination: Option<CronFailureDestination>,
    } checked by cron
}

shape! {
    /// TODO CronRetry
    #[derive(Default)]
    pub struct CronRetry {
        /// TODO CronRetry.maxAttempts
        pub max_attempts: Option<Natural<10>>,
        /// TODO CronRetry.backoffMs
        pub backoff_ms: Option<List<Natural, 1, 10>>,
        /// TODO CronRetry.retryOn
        pub retry_on: Option<List<RetryReason, 1, { usize::MAX }>>,
    }
}

choice! {
    /// TODO RetryReason
    pub listed enum RetryReason {
        RateLimit = "rate_limit",
        Overloaded = "overloaded",
        Network = "network",
        Timeout = "timeout",
        ServerError = "server_error",
    }
}

shape! {
    /// TODO CronRunLog
    #[derive(Default)]
    pub struct CronRunLog {
        /// TODO CronRunLog.maxBytes
        pub max_bytes: Option<TextOrNumber>,
        /// TODO CronRunLog.keepLines
        pub keep_lines: Option<Positive>,
    }
}

shape! {
    /// TODO CronFailureAlert
    #[derive(Default)]
    pub struct CronFailureAlert {
        /// TODO CronFailureAlert.enabled
        pub enabled: Option<bool>,
        /// TODO CronFailureAlert.after
        pub after: Option<IntIn<1>>,
        /// TODO CronFailureAlert.cooldownMs
        pub cooldown_ms: Option<Natural>,
        /// TODO CronFailureAlert.mode
        pub mode: Option<CronNotifyMode>,
        /// TODO CronFailureAlert.accountId
        pub account_id: Option<String>,
    }
}

choice! {
    /// TODO CronNotifyMode
    pub listed enum CronNotifyMode {
        Announce = "announce",
        Webhook = "webhook",
    }
}

shape! {
    /// TODO CronFailureDestination
    #[derive(Default)]
    pub struct CronFailureDestination {
        /// TODO CronFailureDestination.channel
        pub channel: Option<String>,
        /// TODO CronFailureDestination.to
        pub to: Option<String>,
        /// TODO CronFailureDestination.accountId
        pub account_id: Option<String>,
        /// TODO CronFailureDestination.mode
        pub mode: Option<CronNotifyMode>,
    }
}
