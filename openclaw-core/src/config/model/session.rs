//! TODO file session

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::number::{Natural, NonNegative, Positive};
use super::shared::{Scope, TypingMode};
use super::value::{False, Map, TextOrNumber};

shape! {
    /// TODO Session
    #[derive(Default)]
    pub struct Session {
        /// TODO Session.scope
        pub scope: Option<SessionScope>,
        /// TODO Session.dmScope
        pub dm_scope: Option<DmScope>,
        /// TODO Session.identityLinks
        pub identity_links: Option<Map<Vec<String>>>,
        /// TODO Session.resetTriggers
        pub reset_triggers: Option<Vec<String>>,
        /// TODO Session.idleMinutes
        pub idle_minutes: Option<Positive>,
        /// TODO Session.reset
        pub reset: Option<SessionReset>,
        /// TODO Session.resetByType
        pub reset_by_type: Option<ResetByType>,
        /// TODO Session.resetByChannel
        pub reset_by_channel: Option<Map<SessionReset>>,
        /// TODO Session.store
        pub store: Option<String>,
        /// TODO Session.typingIntervalSeconds
        pub typing_interval_seconds: Option<Positive>,
        /// TODO Session.typingMode
        pub typing_mode: Option<TypingMode>,
        /// TODO Session.parentForkMaxTokens
        pub parent_fork_max_tokens: Option<Natural>,
        /// TODO Session.mainKey
        pub main_key: Option<String>,
        /// TODO Session.sendPolicy
        pub send_policy: Option<Scope>,
        /// TODO Session.agentToAgent
        pub agent_to_agent: Option<SessionAgentToAgent>,
        /// TODO Session.threadBindings
        pub thread_bindings: Option<ThreadBindings>,
        /// TODO Session.maintenance
        pub maintenance: Option<SessionMaintenance>,
    }
}

choice! {
    /// TODO SessionScope
    pub enum SessionScope {
        PerSender = "per-sender",
        Global = "global",
    }
}

choice! {
    /// TODO DmScope
    pub enum DmScope {
        Main = "main",
        PerPeer = "per-peer",
        PerChannelPeer = "per-channel-peer",
        PerAccountChannelPeer = "per-account-channel-peer",
    }
}

shape! {
    /// TODO SessionReset
    #[derive(Default)]
    pub struct SessionReset {
        /// TODO SessionReset.mode
        pub mode: Option<ResetMode>,
        /// TODO SessionReset.atHour
        pub at_hour: Option<Natural<23>>,
        /// TODO SessionReset.idleMinutes
        pub idle_minutes: Option<Positive>,
    }
}

choice! {
    /// TODO ResetMode
    pub enum ResetMode {
        Daily = "daily",
        Idle = "idle",
    }
}

shape! {
    /// TODO ResetByType
    #[derive(Default)]
    pub struct ResetByType {
        /// TODO ResetByType.direct
        pub direct: Option<SessionReset>,
        /// TODO ResetByType.dm
        pub dm: Option<SessionReset>,
        /// TODO ResetByType.group
        pub group: Option<SessionReset>,
        /// TODO ResetByType.thread
        pub thread: Option<SessionReset>,
    }
}

shape! {
    /// TODO SessionAgentToAgent
    #[derive(Default)]
    pub struct SessionAgentToAgent {
        /// TODO SessionAgentToAgent.maxPingPongTurns
        pub max_ping_pong_turns: Option<Natural<5>>,
    }
}

shape! {
    /// TODO ThreadBindings
    #[derive(Default)]
    pub struct ThreadBindings {
        /// TODO ThreadBindings.enabled
        pub enabled: Option<bool>,
        /// TODO ThreadBindings.idleHours
        pub idle_hours: Option<NonNegative>,
        /// TODO ThreadBindings.maxAgeHours
        pub max_age_hours: Option<NonNegative>,
    }
}

shape! {
    /// TODO SessionMaintenance
    #[derive(Default)]
    pub struct SessionMaintenance {
        /// TODO SessionMaintenance.mode
        pub mode: Option<MaintenanceMode>,
        /// TODO SessionMaintenance.pruneAfter
        pub prune_after: Option<TextOrNumber>,
        /// TODO SessionMaintenance.pruneDays
        pub prune_days: Option<Positive>,
        /// TODO SessionMaintenance.maxEntries
        pub max_entries: Option<Positive>,
        /// TODO SessionMaintenance.rotateBytes
        pub rotate_bytes: Option<TextOrNumber>,
        /// TODO SessionMaintenance.resetArchiveRetention
        pub reset_archive_retention: Option<ArchiveRetention>,
        /// TODO SessionMaintenance.maxDiskBytes
        pub max_disk_bytes: Option<TextOrNumber>,
        /// TODO SessionMaintenance.highWaterBytes
        pub high_water_bytes: Option<TextOrNumber>,
    } checked by session_maintenance
}

choice! {
    /// TODO MaintenanceMode
    pub listed enum MaintenanceMode {
        Enforce = "enforce",
        Warn = "warn",
    }
}

/// TODO ArchiveRetention
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ArchiveRetention {
    /// TODO
    Text(String),
    /// TODO
    Number(f64),
    /// TODO
    Never(False),
}
