//! TODO file tools

use super::exec::Exec;
use super::macros::{choice, shape};
use super::media_tools::{LinkTools, MediaTools};
use super::shared::Switch;
use super::tool_policy::{ElevatedTools, FsTools, LoopDetection, NestedToolPolicy, ProviderToolPolicy, ToolProfile};
use super::value::Map;
use super::web_tools::WebTools;

shape! {
    /// TODO Tools
    #[derive(Default)]
    pub struct Tools {
        /// TODO Tools.profile
        pub profile: Option<ToolProfile>,
        /// TODO Tools.allow
        pub allow: Option<Vec<String>>,
        /// TODO Tools.alsoAllow
        pub also_allow: Option<Vec<String>>,
        /// TODO Tools.deny
        pub deny: Option<Vec<String>>,
        /// TODO Tools.byProvider
        pub by_provider: Option<Map<ProviderToolPolicy>>,
        /// TODO Tools.web
        pub web: Option<WebTools>,
        /// TODO Tools.media
        pub media: Option<MediaTools>,
        /// TODO Tools.links
        pub links: Option<LinkTools>,
        /// TODO Tools.sessions
        pub sessions: Option<SessionTools>,
        /// TODO Tools.loopDetection
        pub loop_detection: Option<LoopDetection>,
        /// TODO Tools.message
        pub message: Option<MessageTool>,
        /// TODO Tools.agentToAgent
        pub agent_to_agent: Option<AgentToAgentTool>,
        /// TODO Tools.elevated
        pub elevated: Option<ElevatedTools>,
        /// TODO Tools.exec
        pub exec: Option<Exec>,
        /// TODO Tools.fs
        pub fs: Option<FsTools>,
        /// TODO Tools.subagents
        pub subagents: Option<NestedToolPolicy>,
        /// TODO Tools.sandbox
        pub sandbox: Option<NestedToolPolicy>,
        /// TODO Tools.sessions_spawn
        #[serde(rename = "sessions_spawn")]
        pub sessions_spawn: Option<SessionsSpawn>,
        /// TODO Tools.experimental
        pub experimental: Option<ExperimentalTools>,
    } checked by tool_lists
}

shape! {
    /// TODO SessionTools
    #[derive(Default)]
    pub struct SessionTools {
        /// TODO SessionTools.visibility
        pub visibility: Option<SessionToolScope>,
    }
}

choice! {
    /// TODO SessionToolScope
    pub listed enum SessionToolScope {
        Own = "self",
        Tree = "tree",
        Agent = "agent",
        All = "all",
    }
}

shape! {
    /// TODO MessageTool
    #[derive(Default)]
    pub struct MessageTool {
        /// TODO MessageTool.allowCrossContextSend
        pub allow_cross_context_send: Option<bool>,
        /// TODO MessageTool.crossContext
        pub cross_context: Option<CrossContext>,
        /// TODO MessageTool.broadcast
        pub broadcast: Option<Switch>,
    }
}

shape! {
    /// TODO CrossContext
    #[derive(Default)]
    pub struct CrossContext {
        /// TODO CrossContext.allowWithinProvider
        pub allow_within_provider: Option<bool>,
        /// TODO CrossContext.allowAcrossProviders
        pub allow_across_providers: Option<bool>,
        /// TODO CrossContext.marker
        pub marker: Option<CrossContextMarker>,
    }
}

shape! {
    /// TODO CrossContextMarker
    #[derive(Default)]
    pub struct CrossContextMarker {
        /// TODO CrossContextMarker.enabled
        pub enabled: Option<bool>,
        /// TODO CrossContextMarker.prefix
        pub prefix: Option<String>,
        /// TODO CrossContextMarker.suffix
        pub suffix: Option<String>,
    }
}

shape! {
    /// TODO AgentToAgentTool
    #[derive(Default)]
    pub struct AgentToAgentTool {
        /// TODO AgentToAgentTool.enabled
        pub enabled: Option<bool>,
        /// TODO AgentToAgentTool.allow
        pub allow: Option<Vec<String>>,
    }
}

shape! {
    /// TODO SessionsSpawn
    #[derive(Default)]
    pub struct SessionsSpawn {
        /// TODO SessionsSpawn.attachments
        pub attachments: Option<SpawnAttachments>,
    }
}

shape! {
    /// TODO SpawnAttachments
    #[derive(Default)]
    pub struct SpawnAttachments {
        /// TODO SpawnAttachments.enabled
        pub enabled: Option<bool>,
        /// TODO SpawnAttachments.maxTotalBytes
        pub max_total_bytes: Option<f64>,
        /// TODO SpawnAttachments.maxFiles
        pub max_files: Option<f64>,
        /// TODO SpawnAttachments.maxFileBytes
        pub max_file_bytes: Option<f64>,
        /// TODO SpawnAttachments.retainOnSessionKeep
        pub retain_on_session_keep: Option<bool>,
    }
}

shape! {
    /// TODO ExperimentalTools
    #[derive(Default)]
    pub struct ExperimentalTools {
        /// TODO ExperimentalTools.planTool
        pub plan_tool: Option<bool>,
    }
}
