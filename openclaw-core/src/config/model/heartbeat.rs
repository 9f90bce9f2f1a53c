//! TODO file heartbeat

use super::macros::{choice, shape};
use super::number::Natural;

shape! {
    /// TODO Heartbeat
    #[derive(Default)]
    pub struct Heartbeat {
        /// TODO Heartbeat.every
        pub every: Option<String>,
        /// TODO Heartbeat.activeHours
        pub active_hours: Option<ActiveHours>,
        /// TODO Heartbeat.model
        pub model: Option<String>,
        /// TODO Heartbeat.session
        pub session: Option<String>,
        /// TODO Heartbeat.includeReasoning
        pub include_reasoning: Option<bool>,
        /// TODO Heartbeat.target
        pub target: Option<String>,
        /// TODO Heartbeat.directPolicy
        pub direct_policy: Option<DirectPolicy>,
        /// TODO Heartbeat.to
        pub to: Option<String>,
        /// TODO Heartbeat.accountId
        pub account_id: Option<String>,
        /// TODO Heartbeat.prompt
        pub prompt: Option<String>,
        /// TODO Heartbeat.ackMaxChars
        pub ack_max_chars: Option<Natural>,
        /// TODO Heartbeat.suppressToolErrorWarnings
        pub suppress_tool_error_warnings: Option<bool>,
        /// TODO Heartbeat.lightContext
        pub light_context: Option<bool>,
        /// TODO Heartbeat.isolatedSession
        pub isolated_session: Option<bool>,
    } checked by heartbeat
}

shape! {
    /// TODO ActiveHours
    #[derive(Default)]
    pub struct ActiveHours {
        /// TODO ActiveHours.start
        pub start: Option<String>,
        /// TODO ActiveHours.end
        pub end: Option<String>,
        /// TODO ActiveHours.timezone
        pub timezone: Option<String>,
    }
}

choice! {
    /// TODO DirectPolicy
    pub enum DirectPolicy {
        Allow = "allow",
        Block = "block",
    }
}
