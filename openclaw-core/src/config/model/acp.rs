//! TODO file acp

use super::macros::{choice, shape};
use super::number::{Natural, Positive};
use super::shared::Switch;
use super::value::Map;

shape! {
    /// TODO Acp
    #[derive(Default)]
    pub struct Acp {
        /// TODO Acp.enabled
        pub enabled: Option<bool>,
        /// TODO Acp.dispatch
        pub dispatch: Option<Switch>,
        /// TODO Acp.backend
        pub backend: Option<String>,
        /// TODO Acp.defaultAgent
        pub default_agent: Option<String>,
        /// TODO Acp.allowedAgents
        pub allowed_agents: Option<Vec<String>>,
        /// TODO Acp.maxConcurrentSessions
        pub max_concurrent_sessions: Option<Positive>,
        /// TODO Acp.stream
        pub stream: Option<AcpStream>,
        /// TODO Acp.runtime
        pub runtime: Option<AcpRuntime>,
    }
}

shape! {
    /// TODO AcpStream
    #[derive(Default)]
    pub struct AcpStream {
        /// TODO AcpStream.coalesceIdleMs
        pub coalesce_idle_ms: Option<Natural>,
        /// TODO AcpStream.maxChunkChars
        pub max_chunk_chars: Option<Positive>,
        /// TODO AcpStream.repeatSuppression
        pub repeat_suppression: Option<bool>,
        /// TODO AcpStream.deliveryMode
        pub delivery_mode: Option<AcpDeliveryMode>,
        /// TODO AcpStream.hiddenBoundarySeparator
        pub hidden_boundary_separator: Option<BoundarySeparator>,
        /// TODO AcpStream.maxOutputChars
        pub max_output_chars: Option<Positive>,
        /// TODO AcpStream.maxSessionUpdateChars
        pub max_session_update_chars: Option<Positive>,
        /// TODO AcpStream.tagVisibility
        pub tag_visibility: Option<Map<bool>>,
    }
}

choice! {
    /// TODO AcpDeliveryMode
    pub enum AcpDeliveryMode {
        Live = "live",
        FinalOnly = "final_only",
    }
}

choice! {
    /// TODO BoundarySeparator
    pub enum BoundarySeparator {
        None = "none",
        Space = "space",
        Newline = "newline",
        Paragraph = "paragraph",
    }
}

shape! {
    /// TODO AcpRuntime
    #[derive(Default)]
    pub struct AcpRuntime {
        /// TODO AcpRuntime.ttlMinutes
        pub ttl_minutes: Option<Positive>,
        /// TODO AcpRuntime.installCommand
        pub install_command: Option<String>,
    }
}
