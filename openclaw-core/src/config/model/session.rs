//! Section `session`: scope, reset, storage, upkeep.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::number::{Natural, NonNegative, Positive};
use super::shared::{Scope, TypingMode};
use super::value::{False, Map, TextOrNumber};

shape! {
    /// Sessions.
    #[derive(Default)]
    pub struct Session {
        /// Whether every sender has one, or all share one.
        pub scope: Option<SessionScope>,
        /// How direct messages are kept apart. Default `main`.
        pub dm_scope: Option<DmScope>,
        /// Persons by name, and who they are in each channel, `channel:id`.
        pub identity_links: Option<Map<Vec<String>>>,
        /// Messages that begin a new session.
        pub reset_triggers: Option<Vec<String>>,
        /// Minutes of quiet after which a new one begins. Superseded by `reset`.
        pub idle_minutes: Option<Positive>,
        /// When a new one begins.
        pub reset: Option<SessionReset>,
        /// The same by kind of chat.
        pub reset_by_type: Option<ResetByType>,
        /// The same by channel.
        pub reset_by_channel: Option<Map<SessionReset>>,
        /// The file that lists sessions; `{agentId}` stands for the agent.
        pub store: Option<String>,
        /// Seconds between two typing signs.
        pub typing_interval_seconds: Option<Positive>,
        /// When typing is shown.
        pub typing_mode: Option<TypingMode>,
        /// Tokens of a parent session up to which a thread begins with a copy of it; 0 is always.
        pub parent_fork_max_tokens: Option<Natural>,
        /// The name of the main session. Always `main`.
        pub main_key: Option<String>,
        /// Where answers may be sent.
        pub send_policy: Option<Scope>,
        /// Talk between agents.
        pub agent_to_agent: Option<SessionAgentToAgent>,
        /// Sessions that belong to a thread.
        pub thread_bindings: Option<ThreadBindings>,
        /// Upkeep of old sessions.
        pub maintenance: Option<SessionMaintenance>,
    }
}

choice! {
    /// Whether every sender has a session, or all share one.
    pub enum SessionScope {
        PerSender = "per-sender",
        Global = "global",
    }
}

choice! {
    /// How direct messages are kept apart.
    pub enum DmScope {
        Main = "main",
        PerPeer = "per-peer",
        PerChannelPeer = "per-channel-peer",
        PerAccountChannelPeer = "per-account-channel-peer",
    }
}

shape! {
    /// When a new session begins.
    #[derive(Default)]
    pub struct SessionReset {
        /// Every day, or after quiet.
        pub mode: Option<ResetMode>,
        /// The hour of the day, 0 to 23, for `daily`.
        pub at_hour: Option<Natural<23>>,
        /// Minutes of quiet.
        pub idle_minutes: Option<Positive>,
    }
}

choice! {
    /// Whether a new session begins every day or after quiet.
    pub enum ResetMode {
        Daily = "daily",
        Idle = "idle",
    }
}

shape! {
    /// When a new session begins, by kind of chat.
    #[derive(Default)]
    pub struct ResetByType {
        /// Direct messages.
        pub direct: Option<SessionReset>,
        /// The old word for `direct`.
        pub dm: Option<SessionReset>,
        /// Groups.
        pub group: Option<SessionReset>,
        /// Threads.
        pub thread: Option<SessionReset>,
    }
}

shape! {
    /// Talk between agents.
    #[derive(Default)]
    pub struct SessionAgentToAgent {
        /// Answers to and fro, at most 5.
        pub max_ping_pong_turns: Option<Natural<5>>,
    }
}

shape! {
    /// Sessions that belong to a thread.
    #[derive(Default)]
    pub struct ThreadBindings {
        /// Whether there are any.
        pub enabled: Option<bool>,
        /// Hours of quiet after which the bond ends; 0 is never.
        pub idle_hours: Option<NonNegative>,
        /// Hours after which it ends in any case; 0 is never.
        pub max_age_hours: Option<NonNegative>,
    }
}

shape! {
    /// Upkeep of old sessions.
    #[derive(Default)]
    pub struct SessionMaintenance {
        /// Whether it is done or only warned of.
        pub mode: Option<MaintenanceMode>,
        /// Age from which sessions are removed: a duration, or days.
        pub prune_after: Option<TextOrNumber>,
        /// The same in days. Superseded by `pruneAfter`.
        pub prune_days: Option<Positive>,
        /// Sessions, at most.
        pub max_entries: Option<Positive>,
        /// Size at which the list of sessions is begun anew, in bytes or such as `10mb`.
        pub rotate_bytes: Option<TextOrNumber>,
        /// How long ended sessions are kept: a duration, days, or `false` for ever.
        pub reset_archive_retention: Option<ArchiveRetention>,
        /// Size of all sessions, at most, in bytes or such as `500mb`.
        pub max_disk_bytes: Option<TextOrNumber>,
        /// Size down to which they are removed then, in bytes or such as `400mb`.
        pub high_water_bytes: Option<TextOrNumber>,
    } checked by session_maintenance
}

choice! {
    /// Whether upkeep is done or only warned of.
    pub listed enum MaintenanceMode {
        Enforce = "enforce",
        Warn = "warn",
    }
}

/// How long ended sessions are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ArchiveRetention {
    /// A duration.
    Text(String),
    /// Days.
    Number(f64),
    /// For ever.
    Never(False),
}
