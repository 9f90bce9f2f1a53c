//! When agents wake up by themselves.

use super::macros::{choice, shape};
use super::number::Natural;

shape! {
    /// When an agent wakes up by itself, and what it does then.
    #[derive(Default)]
    pub struct Heartbeat {
        /// How often: a duration such as `30m`; without a unit, minutes.
        pub every: Option<String>,
        /// When it may.
        pub active_hours: Option<ActiveHours>,
        /// The model for it.
        pub model: Option<String>,
        /// The session in which it happens.
        pub session: Option<String>,
        /// Whether reasoning is sent too.
        pub include_reasoning: Option<bool>,
        /// Where the answer goes: `last`, `none` or a channel.
        pub target: Option<String>,
        /// Whether it may go to a direct message.
        pub direct_policy: Option<DirectPolicy>,
        /// The recipient.
        pub to: Option<String>,
        /// The channel's account.
        pub account_id: Option<String>,
        /// What the agent is asked.
        pub prompt: Option<String>,
        /// Characters up to which an "all is well" is not sent.
        pub ack_max_chars: Option<Natural>,
        /// Whether errors of tools are not sent.
        pub suppress_tool_error_warnings: Option<bool>,
        /// Whether only `HEARTBEAT.md` is put into the prompt.
        pub light_context: Option<bool>,
        /// Whether every heartbeat has a new session.
        pub isolated_session: Option<bool>,
    } checked by heartbeat
}

shape! {
    /// The hours in which an agent may wake up.
    #[derive(Default)]
    pub struct ActiveHours {
        /// From, `HH:MM`.
        pub start: Option<String>,
        /// To, `HH:MM`; `24:00` is the end of the day.
        pub end: Option<String>,
        /// The time zone: an IANA name, `user` or `local`.
        pub timezone: Option<String>,
    }
}

choice! {
    /// Whether a heartbeat may go to a direct message.
    pub enum DirectPolicy {
        Allow = "allow",
        Block = "block",
    }
}
