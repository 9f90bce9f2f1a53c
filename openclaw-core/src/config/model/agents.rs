//! Section `agents`: the agents and their common defaults.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agent_context::{
    BlockStreamingBreak, BlockStreamingChunk, BlockStreamingCoalesce, Compaction, ContextPruning, EmbeddedPi,
    HumanDelay, LlmTimeouts,
};
use super::exec::AgentExec;
use super::heartbeat::Heartbeat;
use super::macros::{choice, shape};
use super::memory_search::MemorySearch;
use super::number::{IntIn, Natural, Positive, PositiveNumber};
use super::sandbox::Sandbox;
use super::shared::{AcpMode, AcpType, GroupChat, ModelChoice, OffOn, OnOff, ThinkingLevel, TypingMode};
use super::tool_policy::{ElevatedTools, FsTools, LoopDetection, NestedToolPolicy, ProviderToolPolicy, ToolProfile};
use super::value::{Json, Map};

shape! {
    /// Agents and their common defaults.
    #[derive(Default)]
    pub struct Agents {
        /// What holds for every agent that does not say otherwise.
        pub defaults: Option<AgentDefaults>,
        /// The agents.
        pub list: Option<Vec<Agent>>,
    }
}

shape! {
    /// What holds for every agent that does not say otherwise.
    #[derive(Default)]
    pub struct AgentDefaults {
        /// Parameters that every model is called with.
        pub params: Option<Map<Json>>,
        /// The model, and what is tried after it.
        pub model: Option<ModelChoice>,
        /// The model that looks at images.
        pub image_model: Option<ModelChoice>,
        /// The model that makes images.
        pub image_generation_model: Option<ModelChoice>,
        /// The model that makes videos.
        pub video_generation_model: Option<ModelChoice>,
        /// The model that makes music.
        pub music_generation_model: Option<ModelChoice>,
        /// The model that reads PDF files.
        pub pdf_model: Option<ModelChoice>,
        /// Megabytes of a PDF file, at most.
        pub pdf_max_bytes_mb: Option<PositiveNumber>,
        /// Pages of a PDF file, at most.
        pub pdf_max_pages: Option<Positive>,
        /// Models by `provider/model`, with a short name and parameters. If there are any, only these can be
        /// chosen.
        pub models: Option<Map<ModelEntry>>,
        /// The folder that agents work in.
        pub workspace: Option<String>,
        /// The only skills that agents have.
        pub skills: Option<Vec<String>>,
        /// The root of the repository that prompts speak of.
        pub repo_root: Option<String>,
        /// Whether the files of a new workspace are not written.
        pub skip_bootstrap: Option<bool>,
        /// Characters of one file that is put into the prompt.
        pub bootstrap_max_chars: Option<Positive>,
        /// Characters of all of them.
        pub bootstrap_total_max_chars: Option<Positive>,
        /// How often the prompt says that a file was cut.
        pub bootstrap_prompt_truncation_warning: Option<TruncationWarning>,
        /// The person's time zone, an IANA name.
        pub user_timezone: Option<String>,
        /// How times are written in prompts.
        pub time_format: Option<TimeFormat>,
        /// The time zone of the time stamps of messages.
        pub envelope_timezone: Option<String>,
        /// Whether messages carry a time stamp.
        pub envelope_timestamp: Option<OnOff>,
        /// Whether messages carry the time since the last one.
        pub envelope_elapsed: Option<OnOff>,
        /// Tokens of the context that are used.
        pub context_tokens: Option<Positive>,
        /// Search in memory files and sessions.
        pub memory_search: Option<Box<MemorySearch>>,
        /// Old tool results that are taken out of the context.
        pub context_pruning: Option<ContextPruning>,
        /// Limits of calls to a model.
        pub llm: Option<LlmTimeouts>,
        /// What happens when the context is full.
        pub compaction: Option<Compaction>,
        /// Settings of the built-in agent.
        pub embedded_pi: Option<EmbeddedPi>,
        /// How much is reasoned.
        pub thinking_default: Option<ThinkingLevel>,
        /// How much of the work is shown.
        pub verbose_default: Option<VerboseLevel>,
        /// Whether commands may run outside the sandbox.
        pub elevated_default: Option<ElevatedLevel>,
        /// Whether answers are sent in blocks.
        pub block_streaming_default: Option<OffOn>,
        /// When a block ends.
        pub block_streaming_break: Option<BlockStreamingBreak>,
        /// The size of blocks.
        pub block_streaming_chunk: Option<BlockStreamingChunk>,
        /// How small blocks are joined.
        pub block_streaming_coalesce: Option<BlockStreamingCoalesce>,
        /// Pauses between blocks, as a person makes them.
        pub human_delay: Option<HumanDelay>,
        /// Seconds of one turn, at most.
        pub timeout_seconds: Option<Positive>,
        /// Megabytes of a media file, at most.
        pub media_max_mb: Option<PositiveNumber>,
        /// Pixels of the longer side to which images are reduced.
        pub image_max_dimension_px: Option<Positive>,
        /// Seconds between two typing signs.
        pub typing_interval_seconds: Option<Positive>,
        /// When typing is shown.
        pub typing_mode: Option<TypingMode>,
        /// When agents wake up by themselves.
        pub heartbeat: Option<Box<Heartbeat>>,
        /// Turns at once over all sessions. Default 4.
        pub max_concurrent: Option<Positive>,
        /// Agents that agents start.
        pub subagents: Option<SubagentDefaults>,
        /// The sandbox in which tools run.
        pub sandbox: Option<Box<Sandbox>>,
    }
}

shape! {
    /// A model that can be chosen.
    #[derive(Default)]
    pub struct ModelEntry {
        /// A short name for it.
        pub alias: Option<String>,
        /// Parameters that it is called with.
        pub params: Option<Map<Json>>,
        /// Whether its answers are streamed.
        pub streaming: Option<bool>,
    }
}

choice! {
    /// How often the prompt says that a file was cut.
    pub enum TruncationWarning {
        Off = "off",
        Once = "once",
        Always = "always",
    }
}

choice! {
    /// How times are written.
    pub enum TimeFormat {
        Auto = "auto",
        Twelve = "12",
        TwentyFour = "24",
    }
}

choice! {
    /// How much of the work is shown.
    pub enum VerboseLevel {
        Off = "off",
        On = "on",
        Full = "full",
    }
}

choice! {
    /// Whether commands may run outside the sandbox.
    pub enum ElevatedLevel {
        Off = "off",
        On = "on",
        Ask = "ask",
        Full = "full",
    }
}

shape! {
    /// Agents that agents start.
    #[derive(Default)]
    pub struct SubagentDefaults {
        /// The agents that may be started; `*` is any.
        pub allow_agents: Option<Vec<String>>,
        /// Started agents at once. Default 8.
        pub max_concurrent: Option<Positive>,
        /// How deep started agents may start others. Default 1: not at all.
        pub max_spawn_depth: Option<IntIn<1, 5>>,
        /// Started agents of one session at once. Default 5.
        pub max_children_per_agent: Option<IntIn<1, 20>>,
        /// Minutes after which their sessions are put away.
        pub archive_after_minutes: Option<Natural>,
        /// Their model.
        pub model: Option<ModelChoice>,
        /// How much they reason.
        pub thinking: Option<String>,
        /// Seconds that one may run; 0 is without end.
        pub run_timeout_seconds: Option<Natural>,
        /// Milliseconds for announcing the result.
        pub announce_timeout_ms: Option<Positive>,
        /// Whether the agent to start must be named.
        pub require_agent_id: Option<bool>,
    }
}

shape! {
    /// One agent. What is absent comes from `agents.defaults`.
    pub struct Agent {
        /// Its id.
        pub id: String,
        /// Whether it answers where no binding says otherwise.
        pub default: Option<bool>,
        /// Its name.
        pub name: Option<String>,
        /// Its folder.
        pub workspace: Option<String>,
        /// The folder of its logins and sessions. No two agents may share one.
        pub agent_dir: Option<String>,
        /// Its model.
        pub model: Option<ModelChoice>,
        /// How much it reasons.
        pub thinking_default: Option<ThinkingLevel>,
        /// Whether its reasoning is shown.
        pub reasoning_default: Option<ReasoningLevel>,
        /// Whether it asks for fast answers.
        pub fast_mode_default: Option<bool>,
        /// The only skills that it has.
        pub skills: Option<Vec<String>>,
        /// Its search in memory files and sessions.
        pub memory_search: Option<Box<MemorySearch>>,
        /// Pauses between its blocks.
        pub human_delay: Option<HumanDelay>,
        /// When it wakes up by itself.
        pub heartbeat: Option<Box<Heartbeat>>,
        /// Its name and picture in chats.
        pub identity: Option<AgentIdentity>,
        /// How it behaves in groups.
        pub group_chat: Option<GroupChat>,
        /// Agents that it may start.
        pub subagents: Option<AgentSubagents>,
        /// Its sandbox.
        pub sandbox: Option<Box<Sandbox>>,
        /// Parameters that its model is called with.
        pub params: Option<Map<Json>>,
        /// Its tools.
        pub tools: Option<Box<AgentTools>>,
        /// What runs it.
        pub runtime: Option<AgentRuntime>,
    }
}

choice! {
    /// Whether reasoning is shown.
    pub listed enum ReasoningLevel {
        On = "on",
        Off = "off",
        Stream = "stream",
    }
}

shape! {
    /// Name and picture of an agent in chats.
    #[derive(Default)]
    pub struct AgentIdentity {
        /// The name.
        pub name: Option<String>,
        /// Its character in a few words.
        pub theme: Option<String>,
        /// Its emoji.
        pub emoji: Option<String>,
        /// Its picture: a file of the workspace, an address or a data URI.
        pub avatar: Option<String>,
    }
}

shape! {
    /// Agents that an agent may start.
    #[derive(Default)]
    pub struct AgentSubagents {
        /// The agents that may be started; `*` is any.
        pub allow_agents: Option<Vec<String>>,
        /// Their model.
        pub model: Option<ModelChoice>,
        /// How much they reason.
        pub thinking: Option<String>,
        /// Whether the agent to start must be named.
        pub require_agent_id: Option<bool>,
    }
}

shape! {
    /// Tools of one agent.
    #[derive(Default)]
    pub struct AgentTools {
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
        /// Commands outside the sandbox.
        pub elevated: Option<ElevatedTools>,
        /// Commands.
        pub exec: Option<AgentExec>,
        /// Files.
        pub fs: Option<FsTools>,
        /// The guard against loops.
        pub loop_detection: Option<LoopDetection>,
        /// Tools inside the sandbox.
        pub sandbox: Option<NestedToolPolicy>,
    } checked by agent_tool_lists
}

/// What runs an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AgentRuntime {
    /// OpenClaw itself.
    Embedded(EmbeddedRuntime),
    /// A program that speaks the Agent Client Protocol.
    Acp(AcpAgentRuntime),
}

shape! {
    /// OpenClaw runs the agent itself.
    pub struct EmbeddedRuntime {
        /// The kind: `embedded`.
        pub r#type: EmbeddedType,
    }
}

choice! {
    /// The kind of an agent that OpenClaw runs itself.
    pub enum EmbeddedType {
        Embedded = "embedded",
    }
}

shape! {
    /// A program runs the agent over the Agent Client Protocol.
    pub struct AcpAgentRuntime {
        /// The kind: `acp`.
        pub r#type: AcpType,
        /// The program.
        pub acp: Option<AcpAgent>,
    }
}

shape! {
    /// A program that speaks the Agent Client Protocol.
    #[derive(Default)]
    pub struct AcpAgent {
        /// Its name, such as `codex`.
        pub agent: Option<String>,
        /// The plugin that runs it.
        pub backend: Option<String>,
        /// Whether its session goes on.
        pub mode: Option<AcpMode>,
        /// The folder in which it works.
        pub cwd: Option<String>,
    }
}
