//! What an agent keeps in its context, and how its answers are cut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape, text};
use super::number::{Fraction, MiddleShare, Natural, Positive};

shape! {
    /// Old tool results that are taken out of the context.
    #[derive(Default)]
    pub struct ContextPruning {
        /// Whether and when.
        pub mode: Option<PruningMode>,
        /// Age of the provider's cache after which pruning is worth it, a duration.
        pub ttl: Option<String>,
        /// The last answers whose tool results stay.
        pub keep_last_assistants: Option<Natural>,
        /// Share of the context, 0 to 1, above which long results are cut.
        pub soft_trim_ratio: Option<Fraction>,
        /// Share of the context, 0 to 1, above which results are removed.
        pub hard_clear_ratio: Option<Fraction>,
        /// Characters of results below which nothing is removed.
        pub min_prunable_tool_chars: Option<Natural>,
        /// Whose results.
        pub tools: Option<PruningTools>,
        /// What is left of a cut result.
        pub soft_trim: Option<SoftTrim>,
        /// What is left of a removed result.
        pub hard_clear: Option<HardClear>,
    }
}

choice! {
    /// Whether and when old tool results are taken out of the context.
    pub enum PruningMode {
        Off = "off",
        CacheTtl = "cache-ttl",
    }
}

shape! {
    /// The tools whose results are taken out of the context.
    #[derive(Default)]
    pub struct PruningTools {
        /// Only of these.
        pub allow: Option<Vec<String>>,
        /// Not of these.
        pub deny: Option<Vec<String>>,
    }
}

shape! {
    /// What is left of a tool result that is cut.
    #[derive(Default)]
    pub struct SoftTrim {
        /// Characters above which a result is cut.
        pub max_chars: Option<Natural>,
        /// Characters of its beginning that stay.
        pub head_chars: Option<Natural>,
        /// Characters of its end that stay.
        pub tail_chars: Option<Natural>,
    }
}

shape! {
    /// What is left of a tool result that is removed.
    #[derive(Default)]
    pub struct HardClear {
        /// Whether results are removed.
        pub enabled: Option<bool>,
        /// The text that stands in their place.
        pub placeholder: Option<String>,
    }
}

shape! {
    /// Limits of calls to a model.
    #[derive(Default)]
    pub struct LlmTimeouts {
        /// Seconds without output after which a stream is given up; 0 is never.
        pub idle_timeout_seconds: Option<Natural>,
    }
}

shape! {
    /// What happens when the context is full: it is summed up.
    #[derive(Default)]
    pub struct Compaction {
        /// How carefully.
        pub mode: Option<CompactionMode>,
        /// Tokens that are kept free for the answer.
        pub reserve_tokens: Option<Natural>,
        /// Tokens at the end that stay as they are.
        pub keep_recent_tokens: Option<Positive>,
        /// The least tokens that are kept free.
        pub reserve_tokens_floor: Option<Natural>,
        /// Share of the context that the history may have, 0.1 to 0.9.
        pub max_history_share: Option<MiddleShare>,
        /// What the summary must heed.
        pub custom_instructions: Option<String>,
        /// How names and numbers are kept.
        pub identifier_policy: Option<IdentifierPolicy>,
        /// What is said about them, for `custom`.
        pub identifier_instructions: Option<String>,
        /// The last turns that stay as they are, at most 12.
        pub recent_turns_preserve: Option<Natural<12>>,
        /// Checks of the summary.
        pub quality_guard: Option<CompactionGuard>,
        /// Whether the memory index is brought up to date afterwards.
        pub post_index_sync: Option<PostIndexSync>,
        /// Sections of the workspace's files that are repeated afterwards.
        pub post_compaction_sections: Option<Vec<String>>,
        /// The model that sums up.
        pub model: Option<String>,
        /// Seconds of a compaction, at most.
        pub timeout_seconds: Option<Positive>,
        /// What is written down before.
        pub memory_flush: Option<MemoryFlush>,
        /// Whether the person is told.
        pub notify_user: Option<bool>,
    }
}

choice! {
    /// How carefully a context is summed up.
    pub enum CompactionMode {
        Default = "default",
        Safeguard = "safeguard",
    }
}

choice! {
    /// How names and numbers are kept in a summary.
    pub enum IdentifierPolicy {
        Strict = "strict",
        Off = "off",
        Custom = "custom",
    }
}

shape! {
    /// Checks of a summary.
    #[derive(Default)]
    pub struct CompactionGuard {
        /// Whether it is checked.
        pub enabled: Option<bool>,
        /// How often a bad one is made again.
        pub max_retries: Option<Natural>,
    }
}

choice! {
    /// Whether the memory index is brought up to date after a compaction.
    pub listed enum PostIndexSync {
        Off = "off",
        Async = "async",
        Await = "await",
    }
}

shape! {
    /// What an agent writes down before its context is summed up.
    #[derive(Default)]
    pub struct MemoryFlush {
        /// Whether it does.
        pub enabled: Option<bool>,
        /// Tokens before the limit at which it does.
        pub soft_threshold_tokens: Option<Natural>,
        /// Size of the session from which it does in any case; 0 is never.
        pub force_flush_transcript_bytes: Option<ByteLimit>,
        /// What it is asked.
        pub prompt: Option<String>,
        /// The system prompt for that.
        pub system_prompt: Option<String>,
    }
}

/// A size: bytes, or a text such as `2mb`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ByteLimit {
    /// Bytes.
    Bytes(Natural),
    /// A text with a unit.
    Text(ByteSize),
}

shape! {
    /// Settings of the built-in agent.
    #[derive(Default)]
    pub struct EmbeddedPi {
        /// Whether it heeds the settings in a project's folder.
        pub project_settings_policy: Option<ProjectSettingsPolicy>,
    }
}

choice! {
    /// Whether the settings in a project's folder are heeded.
    pub enum ProjectSettingsPolicy {
        Trusted = "trusted",
        Sanitize = "sanitize",
        Ignore = "ignore",
    }
}

choice! {
    /// When a block of an answer ends.
    pub enum BlockStreamingBreak {
        TextEnd = "text_end",
        MessageEnd = "message_end",
    }
}

shape! {
    /// The size of blocks of an answer.
    #[derive(Default)]
    pub struct BlockStreamingChunk {
        /// The least characters of a block.
        pub min_chars: Option<Positive>,
        /// The most characters of a block.
        pub max_chars: Option<Positive>,
        /// Where a block is best cut.
        pub break_preference: Option<BreakPreference>,
    }
}

choice! {
    /// Where a block is best cut.
    pub enum BreakPreference {
        Paragraph = "paragraph",
        Newline = "newline",
        Sentence = "sentence",
    }
}

shape! {
    /// How small blocks of an answer are joined.
    #[derive(Default)]
    pub struct BlockStreamingCoalesce {
        /// Characters up to which blocks are joined.
        pub min_chars: Option<Positive>,
        /// The most characters of a joined block.
        pub max_chars: Option<Positive>,
        /// Milliseconds of silence after which what is there is sent.
        pub idle_ms: Option<Natural>,
    }
}

shape! {
    /// Pauses between blocks, as a person makes them.
    #[derive(Default)]
    pub struct HumanDelay {
        /// Whether, and which.
        pub mode: Option<HumanDelayMode>,
        /// The shortest pause in milliseconds, for `custom`.
        pub min_ms: Option<Natural>,
        /// The longest pause in milliseconds, for `custom`.
        pub max_ms: Option<Natural>,
    }
}

choice! {
    /// Whether pauses are made between blocks.
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
