//! Section `acp`: agents reached over the Agent Client Protocol.

use super::macros::{choice, shape};
use super::number::{Natural, Positive};
use super::shared::Switch;
use super::value::Map;

shape! {
    /// Agents reached over the Agent Client Protocol.
    #[derive(Default)]
    pub struct Acp {
        /// Whether they are available.
        pub enabled: Option<bool>,
        /// Whether turns are handed to them.
        pub dispatch: Option<Switch>,
        /// The plugin that runs them, such as `acpx`.
        pub backend: Option<String>,
        /// The agent that is used if none is named.
        pub default_agent: Option<String>,
        /// The only agents that may be used.
        pub allowed_agents: Option<Vec<String>>,
        /// Sessions at once, at most.
        pub max_concurrent_sessions: Option<Positive>,
        /// How their output is passed on.
        pub stream: Option<AcpStream>,
        /// How long they live.
        pub runtime: Option<AcpRuntime>,
    }
}

shape! {
    /// How the output of an ACP agent is passed on.
    #[derive(Default)]
    pub struct AcpStream {
        /// Milliseconds of silence after which collected output is sent.
        pub coalesce_idle_ms: Option<Natural>,
        /// The most characters of one message.
        pub max_chunk_chars: Option<Positive>,
        /// Whether repeated status lines are dropped.
        pub repeat_suppression: Option<bool>,
        /// Whether output is sent as it comes or at the end.
        pub delivery_mode: Option<AcpDeliveryMode>,
        /// What stands where hidden output was.
        pub hidden_boundary_separator: Option<BoundarySeparator>,
        /// The most characters of one turn.
        pub max_output_chars: Option<Positive>,
        /// The most characters of one status line.
        pub max_session_update_chars: Option<Positive>,
        /// For each kind of update, whether it is shown.
        pub tag_visibility: Option<Map<bool>>,
    }
}

choice! {
    /// When output of an ACP agent is sent.
    pub enum AcpDeliveryMode {
        Live = "live",
        FinalOnly = "final_only",
    }
}

choice! {
    /// What stands where hidden output was.
    pub enum BoundarySeparator {
        None = "none",
        Space = "space",
        Newline = "newline",
        Paragraph = "paragraph",
    }
}

shape! {
    /// How long ACP agents live.
    #[derive(Default)]
    pub struct AcpRuntime {
        /// Minutes of idleness after which one ends.
        pub ttl_minutes: Option<Positive>,
        /// The command that installs the runtime.
        pub install_command: Option<String>,
    }
}
