//! TODO file agents

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
    /// TODO Agents
    #[derive(Default)]
    pub struct Agents {
        /// TODO Agents.defaults
        pub defaults: Option<AgentDefaults>,
        /// TODO Agents.list
        pub list: Option<Vec<Agent>>,
    }
}

shape! {
    /// TODO AgentDefaults
    #[derive(Default)]
    pub struct AgentDefaults {
        /// TODO AgentDefaults.params
        pub params: Option<Map<Json>>,
        /// TODO AgentDefaults.model
        pub model: Option<ModelChoice>,
        /// TODO AgentDefaults.imageModel
        pub image_model: Option<ModelChoice>,
        /// TODO AgentDefaults.imageGenerationModel
        pub image_generation_model: Option<ModelChoice>,
        /// TODO AgentDefaults.videoGenerationModel
        pub video_generation_model: Option<ModelChoice>,
        /// TODO AgentDefaults.musicGenerationModel
        pub music_generation_model: Option<ModelChoice>,
        /// TODO AgentDefaults.pdfModel
        pub pdf_model: Option<ModelChoice>,
        /// TODO AgentDefaults.pdfMaxBytesMb
        pub pdf_max_bytes_mb: Option<PositiveNumber>,
        /// TODO AgentDefaults.pdfMaxPages
        pub pdf_max_pages: Option<Positive>,
        /// TODO AgentDefaults.models
        pub models: Option<Map<ModelEntry>>,
        /// TODO AgentDefaults.workspace
        pub workspace: Option<String>,
        /// TODO AgentDefaults.skills
        pub skills: Option<Vec<String>>,
        /// TODO AgentDefaults.repoRoot
        pub repo_root: Option<String>,
        /// TODO AgentDefaults.skipBootstrap
        pub skip_bootstrap: Option<bool>,
        /// TODO AgentDefaults.bootstrapMaxChars
        pub bootstrap_max_chars: Option<Positive>,
        /// TODO AgentDefaults.bootstrapTotalMaxChars
        pub bootstrap_total_max_chars: Option<Positive>,
        /// TODO AgentDefaults.bootstrapPromptTruncationWarning
        pub bootstrap_prompt_truncation_warning: Option<TruncationWarning>,
        /// TODO AgentDefaults.userTimezone
        pub user_timezone: Option<String>,
        /// TODO AgentDefaults.timeFormat
        pub time_format: Option<TimeFormat>,
        /// TODO AgentDefaults.envelopeTimezone
        pub envelope_timezone: Option<String>,
        /// TODO AgentDefaults.envelopeTimestamp
        pub envelope_timestamp: Option<OnOff>,
        /// TODO AgentDefaults.envelopeElapsed
        pub envelope_elapsed: Option<OnOff>,
        /// TODO AgentDefaults.contextTokens
        pub context_tokens: Option<Positive>,
        /// TODO AgentDefaults.memorySearch
        pub memory_search: Option<MemorySearch>,
        /// TODO AgentDefaults.contextPruning
        pub context_pruning: Option<ContextPruning>,
        /// TODO AgentDefaults.llm
        pub llm: Option<LlmTimeouts>,
        /// TODO AgentDefaults.compaction
        pub compaction: Option<Compaction>,
        /// TODO AgentDefaults.embeddedPi
        pub embedded_pi: Option<EmbeddedPi>,
        /// TODO AgentDefaults.thinkingDefault
        pub thinking_default: Option<ThinkingLevel>,
        /// TODO AgentDefaults.verboseDefault
        pub verbose_default: Option<VerboseLevel>,
        /// TODO AgentDefaults.elevatedDefault
        pub elevated_default: Option<ElevatedLevel>,
        /// TODO AgentDefaults.blockStreamingDefault
        pub block_streaming_default: Option<OffOn>,
        /// TODO AgentDefaults.blockStreamingBreak
        pub block_streaming_break: Option<BlockStreamingBreak>,
        /// TODO AgentDefaults.blockStreamingChunk
        pub block_streaming_chunk: Option<BlockStreamingChunk>,
        /// TODO AgentDefaults.blockStreamingCoalesce
        pub block_streaming_coalesce: Option<BlockStreamingCoalesce>,
        /// TODO AgentDefaults.humanDelay
        pub human_delay: Option<HumanDelay>,
        /// TODO AgentDefaults.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO AgentDefaults.mediaMaxMb
        pub media_max_mb: Option<PositiveNumber>,
        /// TODO AgentDefaults.imageMaxDimensionPx
        pub image_max_dimension_px: Option<Positive>,
        /// TODO AgentDefaults.typingIntervalSeconds
        pub typing_interval_seconds: Option<Positive>,
        /// TODO AgentDefaults.typingMode
        pub typing_mode: Option<TypingMode>,
        /// TODO AgentDefaults.heartbeat
        pub heartbeat: Option<Heartbeat>,
        /// TODO AgentDefaults.maxConcurrent
        pub max_concurrent: Option<Positive>,
        /// TODO AgentDefaults.subagents
        pub subagents: Option<SubagentDefaults>,
        /// TODO AgentDefaults.sandbox
        pub sandbox: Option<Sandbox>,
    }
}

shape! {
    /// TODO ModelEntry
    #[derive(Default)]
    pub struct ModelEntry {
        /// TODO ModelEntry.alias
        pub alias: Option<String>,
        /// TODO ModelEntry.params
        pub params: Option<Map<Json>>,
        /// TODO ModelEntry.streaming
        pub streaming: Option<bool>,
    }
}

choice! {
    /// TODO TruncationWarning
    pub enum TruncationWarning {
        Off = "off",
        Once = "once",
        Always = "always",
    }
}

choice! {
    /// TODO TimeFormat
    pub enum TimeFormat {
        Auto = "auto",
        Twelve = "12",
        TwentyFour = "24",
    }
}

choice! {
    /// TODO VerboseLevel
    pub enum VerboseLevel {
        Off = "off",
        On = "on",
        Full = "full",
    }
}

choice! {
    /// TODO ElevatedLevel
    pub enum ElevatedLevel {
        Off = "off",
        On = "on",
        Ask = "ask",
        Full = "full",
    }
}

shape! {
    /// TODO SubagentDefaults
    #[derive(Default)]
    pub struct SubagentDefaults {
        /// TODO SubagentDefaults.allowAgents
        pub allow_agents: Option<Vec<String>>,
        /// TODO SubagentDefaults.maxConcurrent
        pub max_concurrent: Option<Positive>,
        /// TODO SubagentDefaults.maxSpawnDepth
        pub max_spawn_depth: Option<IntIn<1, 5>>,
        /// TODO SubagentDefaults.maxChildrenPerAgent
        pub max_children_per_agent: Option<IntIn<1, 20>>,
        /// TODO SubagentDefaults.archiveAfterMinutes
        pub archive_after_minutes: Option<Natural>,
        /// TODO SubagentDefaults.model
        pub model: Option<ModelChoice>,
        /// TODO SubagentDefaults.thinking
        pub thinking: Option<String>,
        /// TODO SubagentDefaults.runTimeoutSeconds
        pub run_timeout_seconds: Option<Natural>,
        /// TODO SubagentDefaults.announceTimeoutMs
        pub announce_timeout_ms: Option<Positive>,
        /// TODO SubagentDefaults.requireAgentId
        pub require_agent_id: Option<bool>,
    }
}

shape! {
    /// TODO Agent
    pub struct Agent {
        /// TODO Agent.id
        pub id: String,
        /// TODO Agent.default
        pub default: Option<bool>,
        /// TODO Agent.name
        pub name: Option<String>,
        /// TODO Agent.workspace
        pub workspace: Option<String>,
        /// TODO Agent.agentDir
        pub agent_dir: Option<String>,
        /// TODO Agent.model
        pub model: Option<ModelChoice>,
        /// TODO Agent.thinkingDefault
        pub thinking_default: Option<ThinkingLevel>,
        /// TODO Agent.reasoningDefault
        pub reasoning_default: Option<ReasoningLevel>,
        /// TODO Agent.fastModeDefault
        pub fast_mode_default: Option<bool>,
        /// TODO Agent.skills
        pub skills: Option<Vec<String>>,
        /// TODO Agent.memorySearch
        pub memory_search: Option<MemorySearch>,
        /// TODO Agent.humanDelay
        pub human_delay: Option<HumanDelay>,
        /// TODO Agent.heartbeat
        pub heartbeat: Option<Heartbeat>,
        /// TODO Agent.identity
        pub identity: Option<AgentIdentity>,
        /// TODO Agent.groupChat
        pub group_chat: Option<GroupChat>,
        /// TODO Agent.subagents
        pub subagents: Option<AgentSubagents>,
        /// TODO Agent.sandbox
        pub sandbox: Option<Sandbox>,
        /// TODO Agent.params
        pub params: Option<Map<Json>>,
        /// TODO Agent.tools
        pub tools: Option<AgentTools>,
        /// TODO Agent.runtime
        pub runtime: Option<AgentRuntime>,
    }
}

choice! {
    /// TODO ReasoningLevel
    pub listed enum ReasoningLevel {
        On = "on",
        Off = "off",
        Stream = "stream",
    }
}

shape! {
    /// TODO AgentIdentity
    #[derive(Default)]
    pub struct AgentIdentity {
        /// TODO AgentIdentity.name
        pub name: Option<String>,
        /// TODO AgentIdentity.theme
        pub theme: Option<String>,
        /// TODO AgentIdentity.emoji
        pub emoji: Option<String>,
        /// TODO AgentIdentity.avatar
        pub avatar: Option<String>,
    }
}

shape! {
    /// TODO AgentSubagents
    #[derive(Default)]
    pub struct AgentSubagents {
        /// TODO AgentSubagents.allowAgents
        pub allow_agents: Option<Vec<String>>,
        /// TODO AgentSubagents.model
        pub model: Option<ModelChoice>,
        /// TODO AgentSubagents.thinking
        pub thinking: Option<String>,
        /// TODO AgentSubagents.requireAgentId
        pub require_agent_id: Option<bool>,
    }
}

shape! {
    /// TODO AgentTools
    #[derive(Default)]
    pub struct AgentTools {
        /// TODO AgentTools.profile
        pub profile: Option<ToolProfile>,
        /// TODO AgentTools.allow
        pub allow: Option<Vec<String>>,
        /// TODO AgentTools.alsoAllow
        pub also_allow: Option<Vec<String>>,
        /// TODO AgentTools.deny
        pub deny: Option<Vec<String>>,
        /// TODO AgentTools.byProvider
        pub by_provider: Option<Map<ProviderToolPolicy>>,
        /// TODO AgentTools.elevated
        pub elevated: Option<ElevatedTools>,
        /// TODO AgentTools.exec
        pub exec: Option<AgentExec>,
        /// TODO AgentTools.fs
        pub fs: Option<FsTools>,
        /// TODO AgentTools.loopDetection
        pub loop_detection: Option<LoopDetection>,
        /// TODO AgentTools.sandbox
        pub sandbox: Option<NestedToolPolicy>,
    } checked by agent_tool_lists
}

/// TODO AgentRuntime
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AgentRuntime {
    /// TODO
    Embedded(EmbeddedRuntime),
    /// TODO
    Acp(AcpAgentRuntime),
}

shape! {
    /// TODO EmbeddedRuntime
    pub struct EmbeddedRuntime {
        /// TODO EmbeddedRuntime.type
        pub r#type: EmbeddedType,
    }
}

choice! {
    /// TODO EmbeddedType
    pub enum EmbeddedType {
        Embedded = "embedded",
    }
}

shape! {
    /// TODO AcpAgentRuntime
    pub struct AcpAgentRuntime {
        /// TODO AcpAgentRuntime.type
        pub r#type: AcpType,
        /// TODO AcpAgentRuntime.acp
        pub acp: Option<AcpAgent>,
    }
}

shape! {
    /// TODO AcpAgent
    #[derive(Default)]
    pub struct AcpAgent {
        /// TODO AcpAgent.agent
        pub agent: Option<String>,
        /// TODO AcpAgent.backend
        pub backend: Option<String>,
        /// TODO AcpAgent.mode
        pub mode: Option<AcpMode>,
        /// TODO AcpAgent.cwd
        pub cwd: Option<String>,
    }
}
