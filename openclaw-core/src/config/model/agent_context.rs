//! TODO file agent_context

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape, text};
use super::number::{Fraction, MiddleShare, Natural, Positive};

shape! {
    /// TODO ContextPruning
    #[derive(Default)]
    pub struct ContextPruning {
        /// TODO ContextPruning.mode
        pub mode: Option<PruningMode>,
        /// TODO ContextPruning.ttl
        pub ttl: Option<String>,
        /// TODO ContextPruning.keepLastAssistants
        pub keep_last_assistants: Option<Natural>,
        /// TODO ContextPruning.softTrimRatio
        pub soft_trim_ratio: Option<Fraction>,
        /// TODO ContextPruning.hardClearRatio
        pub hard_clear_ratio: Option<Fraction>,
        /// TODO ContextPruning.minPrunableToolChars
        pub min_prunable_tool_chars: Option<Natural>,
        /// TODO ContextPruning.tools
        pub tools: Option<PruningTools>,
        /// TODO ContextPruning.softTrim
        pub soft_trim: Option<SoftTrim>,
        /// TODO ContextPruning.hardClear
        pub hard_clear: Option<HardClear>,
    }
}

choice! {
    /// TODO PruningMode
    pub enum PruningMode {
        Off = "off",
        CacheTtl = "cache-ttl",
    }
}

shape! {
    /// TODO PruningTools
    #[derive(Default)]
    pub struct PruningTools {
        /// TODO PruningTools.allow
        pub allow: Option<Vec<String>>,
        /// TODO PruningTools.deny
        pub deny: Option<Vec<String>>,
    }
}

shape! {
    /// TODO SoftTrim
    #[derive(Default)]
    pub struct SoftTrim {
        /// TODO SoftTrim.maxChars
        pub max_chars: Option<Natural>,
        /// TODO SoftTrim.headChars
        pub head_chars: Option<Natural>,
        /// TODO SoftTrim.tailChars
        pub tail_chars: Option<Natural>,
    }
}

shape! {
    /// TODO HardClear
    #[derive(Default)]
    pub struct HardClear {
        /// TODO HardClear.enabled
        pub enabled: Option<bool>,
        /// TODO HardClear.placeholder
        pub placeholder: Option<String>,
    }
}

shape! {
    /// TODO LlmTimeouts
    #[derive(Default)]
    pub struct LlmTimeouts {
        /// TODO LlmTimeouts.idleTimeoutSeconds
        pub idle_timeout_seconds: Option<Natural>,
    }
}

shape! {
    /// TODO Compaction
    #[derive(Default)]
    pub struct Compaction {
        /// TODO Compaction.mode
        pub mode: Option<CompactionMode>,
        /// TODO Compaction.reserveTokens
        pub reserve_tokens: Option<Natural>,
        /// TODO Compaction.keepRecentTokens
        pub keep_recent_tokens: Option<Positive>,
        /// TODO Compaction.reserveTokensFloor
        pub reserve_tokens_floor: Option<Natural>,
        /// TODO Compaction.maxHistoryShare
        pub max_history_share: Option<MiddleShare>,
        /// TODO Compaction.customInstructions
        pub custom_instructions: Option<String>,
        /// TODO Compaction.identifierPolicy
        pub identifier_policy: Option<IdentifierPolicy>,
        /// TODO Compaction.identifierInstructions
        pub identifier_instructions: Option<String>,
        /// TODO Compaction.recentTurnsPreserve
        pub recent_turns_preserve: Option<Natural<12>>,
        /// TODO Compaction.qualityGuard
        pub quality_guard: Option<CompactionGuard>,
        /// TODO Compaction.postIndexSync
        pub post_index_sync: Option<PostIndexSync>,
        /// TODO Compaction.postCompactionSections
        pub post_compaction_sections: Option<Vec<String>>,
        /// TODO Compaction.model
        pub model: Option<String>,
        /// TODO Compaction.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO Compaction.memoryFlush
        pub memory_flush: Option<MemoryFlush>,
        /// TODO Compaction.notifyUser
        pub notify_user: Option<bool>,
    }
}

choice! {
    /// TODO CompactionMode
    pub enum CompactionMode {
        Default = "default",
        Safeguard = "safeguard",
    }
}

choice! {
    /// TODO IdentifierPolicy
    pub enum IdentifierPolicy {
        Strict = "strict",
        Off = "off",
        Custom = "custom",
    }
}

shape! {
    /// TODO CompactionGuard
    #[derive(Default)]
    pub struct CompactionGuard {
        /// TODO CompactionGuard.enabled
        pub enabled: Option<bool>,
        /// TODO CompactionGuard.maxRetries
        pub max_retries: Option<Natural>,
    }
}

choice! {
    /// TODO PostIndexSync
    pub listed enum PostIndexSync {
        Off = "off",
        Async = "async",
        Await = "await",
    }
}

shape! {
    /// TODO MemoryFlush
    #[derive(Default)]
    pub struct MemoryFlush {
        /// TODO MemoryFlush.enabled
        pub enabled: Option<bool>,
        /// TODO MemoryFlush.softThresholdTokens
        pub soft_threshold_tokens: Option<Natural>,
        /// TODO MemoryFlush.forceFlushTranscriptBytes
        pub force_flush_transcript_bytes: Option<ByteLimit>,
        /// TODO MemoryFlush.prompt
        pub prompt: Option<String>,
        /// TODO MemoryFlush.systemPrompt
        pub system_prompt: Option<String>,
    }
}

/// TODO ByteLimit
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ByteLimit {
    /// TODO
    Bytes(Natural),
    /// TODO
    Text(ByteSize),
}

shape! {
    /// TODO EmbeddedPi
    #[derive(Default)]
    pub struct EmbeddedPi {
        /// TODO EmbeddedPi.projectSettingsPolicy
        pub project_settings_policy: Option<ProjectSettingsPolicy>,
    }
}

choice! {
    /// TODO ProjectSettingsPolicy
    pub enum ProjectSettingsPolicy {
        Trusted = "trusted",
        Sanitize = "sanitize",
        Ignore = "ignore",
    }
}

choice! {
    /// TODO BlockStreamingBreak
    pub enum BlockStreamingBreak {
        TextEnd = "text_end",
        MessageEnd = "message_end",
    }
}

shape! {
    /// TODO BlockStreamingChunk
    #[derive(Default)]
    pub struct BlockStreamingChunk {
        /// TODO BlockStreamingChunk.minChars
        pub min_chars: Option<Positive>,
        /// TODO BlockStreamingChunk.maxChars
        pub max_chars: Option<Positive>,
        /// TODO BlockStreamingChunk.breakPreference
        pub break_preference: Option<BreakPreference>,
    }
}

choice! {
    /// TODO BreakPreference
    pub enum BreakPreference {
        Paragraph = "paragraph",
        Newline = "newline",
        Sentence = "sentence",
    }
}

shape! {
    /// TODO BlockStreamingCoalesce
    #[derive(Default)]
    pub struct BlockStreamingCoalesce {
        /// TODO BlockStreamingCoalesce.minChars
        pub min_chars: Option<Positive>,
        /// TODO BlockStreamingCoalesce.maxChars
        pub max_chars: Option<Positive>,
        /// TODO BlockStreamingCoalesce.idleMs
        pub idle_ms: Option<Natural>,
    }
}

shape! {
    /// TODO HumanDelay
    #[derive(Default)]
    pub struct HumanDelay {
        /// TODO HumanDelay.mode
        pub mode: Option<HumanDelayMode>,
        /// TODO HumanDelay.minMs
        pub min_ms: Option<Natural>,
        /// TODO HumanDelay.maxMs
        pub max_ms: Option<Natural>,
    }
}

choice! {
    /// TODO HumanDelayMode
    pub enum HumanDelayMode {
        Off = "off",
        Natural = "natural",
        Custom = "custom",
    }
}

text! {
    /// A size such as `2mb`: a number and `b`, `kb`, `mb`, `gb` or `tb`.
    pub struct ByteSize checked by byte_size {}
}
