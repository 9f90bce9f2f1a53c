//! Section `tools`: tools of all agents.

use super::exec::Exec;
use super::macros::{choice, shape};
use super::media_tools::{LinkTools, MediaTools};
use super::shared::Switch;
use super::tool_policy::{ElevatedTools, FsTools, LoopDetection, NestedToolPolicy, ProviderToolPolicy, ToolProfile};
use super::value::Map;
use super::web_tools::WebTools;

shape! {
    /// Tools of all agents.
    #[derive(Default)]
    pub struct Tools {
        /// The set of tools that is begun with.
        pub profile: Option<ToolProfile>,
        /// The only tools that are allowed. Not together with `alsoAllow`.
        pub allow: Option<Vec<String>>,
        /// Tools that are allowed beyond the profile.
        pub also_allow: Option<Vec<String>>,
        /// Tools that are not allowed.
        pub deny: Option<Vec<String>>,
        /// Other rules by provider or `provider/model`.
        pub by_provider: Option<Map<ProviderToolPolicy>>,
        /// Tools for the web.
        pub web: Option<WebTools>,
        /// Images, sounds and videos in messages.
        pub media: Option<MediaTools>,
        /// Links in messages.
        pub links: Option<LinkTools>,
        /// Which sessions the session tools see.
        pub sessions: Option<SessionTools>,
        /// The guard against loops.
        pub loop_detection: Option<LoopDetection>,
        /// The tool that sends messages.
        pub message: Option<MessageTool>,
        /// Messages between agents.
        pub agent_to_agent: Option<AgentToAgentTool>,
        /// Commands outside the sandbox.
        pub elevated: Option<ElevatedTools>,
        /// Commands.
        pub exec: Option<Exec>,
        /// Files.
        pub fs: Option<FsTools>,
        /// Tools of agents that agents start.
        pub subagents: Option<NestedToolPolicy>,
        /// Tools inside the sandbox.
        pub sandbox: Option<NestedToolPolicy>,
        /// The tool that starts agents.
        #[serde(rename = "sessions_spawn")]
        pub sessions_spawn: Option<SessionsSpawn>,
        /// Tools that may still change.
        pub experimental: Option<ExperimentalTools>,
    } checked by tool_lists
}

shape! {
    /// The session tools.
    #[derive(Default)]
    pub struct SessionTools {
        /// Which sessions they see.
        pub visibility: Option<SessionToolScope>,
    }
}

choice! {
    /// Which sessions the session tools see.
    pub listed enum SessionToolScope {
        /// The own session.
        Own = "self",
        /// The own session and those that it started.
        Tree = "tree",
        /// All of the agent.
        Agent = "agent",
        /// All.
        All = "all",
    }
}

shape! {
    /// The tool that sends messages.
    #[derive(Default)]
    pub struct MessageTool {
        /// Superseded by `crossContext`.
        pub allow_cross_context_send: Option<bool>,
        /// Messages to other chats than the one that is answered.
        pub cross_context: Option<CrossContext>,
        /// Messages to many chats at once.
        pub broadcast: Option<Switch>,
    }
}

shape! {
    /// Messages to other chats than the one that is answered.
    #[derive(Default)]
    pub struct CrossContext {
        /// Whether they may go to the same channel.
        pub allow_within_provider: Option<bool>,
        /// Whether they may go to other channels.
        pub allow_across_providers: Option<bool>,
        /// What marks them.
        pub marker: Option<CrossContextMarker>,
    }
}

shape! {
    /// What marks a message from another chat.
    #[derive(Default)]
    pub struct CrossContextMarker {
        /// Whether it is marked.
        pub enabled: Option<bool>,
        /// What stands before it.
        pub prefix: Option<String>,
        /// What stands after it.
        pub suffix: Option<String>,
    }
}

shape! {
    /// Messages between agents.
    #[derive(Default)]
    pub struct AgentToAgentTool {
        /// Whether agents may send each other messages.
        pub enabled: Option<bool>,
        /// The only agents that may.
        pub allow: Option<Vec<String>>,
    }
}

shape! {
    /// The tool that starts agents.
    #[derive(Default)]
    pub struct SessionsSpawn {
        /// Files that are given to them.
        pub attachments: Option<SpawnAttachments>,
    }
}

shape! {
    /// Files that are given to an agent that is started.
    #[derive(Default)]
    pub struct SpawnAttachments {
        /// Whether any are.
        pub enabled: Option<bool>,
        /// Bytes in all, at most.
        pub max_total_bytes: Option<f64>,
        /// Files, at most.
        pub max_files: Option<f64>,
        /// Bytes of a file, at most.
        pub max_file_bytes: Option<f64>,
        /// Whether they stay as long as the session does.
        pub retain_on_session_keep: Option<bool>,
    }
}

shape! {
    /// Tools that may still change.
    #[derive(Default)]
    pub struct ExperimentalTools {
        /// Whether there is a tool for plans.
        pub plan_tool: Option<bool>,
    }
}
