//! Section `memory`: how agents remember.

use super::macros::{choice, shape};
use super::memory_search::QmdCollection;
use super::number::{Natural, Positive};
use super::shared::Scope;
use super::value::NotBlank;

shape! {
    /// How agents remember.
    #[derive(Default)]
    pub struct Memory {
        /// What searches.
        pub backend: Option<MemoryBackend>,
        /// Whether sources are named.
        pub citations: Option<MemoryCitations>,
        /// The `qmd` backend.
        pub qmd: Option<Qmd>,
    }
}

choice! {
    /// What searches in memory.
    pub enum MemoryBackend {
        Builtin = "builtin",
        Qmd = "qmd",
    }
}

choice! {
    /// Whether sources are named.
    pub enum MemoryCitations {
        Auto = "auto",
        On = "on",
        Off = "off",
    }
}

shape! {
    /// The `qmd` backend of memory.
    #[derive(Default)]
    pub struct Qmd {
        /// The program.
        pub command: Option<String>,
        /// Calls by `mcporter` instead of a process each.
        pub mcporter: Option<Mcporter>,
        /// How it searches.
        pub search_mode: Option<QmdSearchMode>,
        /// The tool of the server that searches.
        pub search_tool: Option<NotBlank>,
        /// Whether the workspace's memory files are searched.
        pub include_default_memory: Option<bool>,
        /// Further folders.
        pub paths: Option<Vec<QmdCollection>>,
        /// Sessions in the search.
        pub sessions: Option<QmdSessions>,
        /// When its index is brought up to date.
        pub update: Option<QmdUpdate>,
        /// Limits of a search.
        pub limits: Option<QmdLimits>,
        /// In which chats it is used.
        pub scope: Option<Scope>,
    }
}

shape! {
    /// Calls to `qmd` by `mcporter`.
    #[derive(Default)]
    pub struct Mcporter {
        /// Whether it is used.
        pub enabled: Option<bool>,
        /// The name of the server there.
        pub server_name: Option<String>,
        /// Whether it is started if need be.
        pub start_daemon: Option<bool>,
    }
}

choice! {
    /// How `qmd` searches.
    pub enum QmdSearchMode {
        Query = "query",
        Search = "search",
        Vsearch = "vsearch",
    }
}

shape! {
    /// Sessions in the search.
    #[derive(Default)]
    pub struct QmdSessions {
        /// Whether they are searched.
        pub enabled: Option<bool>,
        /// The folder to which they are written.
        pub export_dir: Option<String>,
        /// Days for which they are kept.
        pub retention_days: Option<Natural>,
    }
}

shape! {
    /// When the index of `qmd` is brought up to date.
    #[derive(Default)]
    pub struct QmdUpdate {
        /// How often, a duration.
        pub interval: Option<String>,
        /// Milliseconds, at least, between two times.
        pub debounce_ms: Option<Natural>,
        /// Whether at the start.
        pub on_boot: Option<bool>,
        /// Whether the start waits for it.
        pub wait_for_boot_sync: Option<bool>,
        /// How often vectors are made, a duration.
        pub embed_interval: Option<String>,
        /// Milliseconds of a command, at most.
        pub command_timeout_ms: Option<Natural>,
        /// Milliseconds of an update, at most.
        pub update_timeout_ms: Option<Natural>,
        /// Milliseconds of making vectors, at most.
        pub embed_timeout_ms: Option<Natural>,
    }
}

shape! {
    /// Limits of a search.
    #[derive(Default)]
    pub struct QmdLimits {
        /// Hits, at most.
        pub max_results: Option<Positive>,
        /// Characters of a hit, at most.
        pub max_snippet_chars: Option<Positive>,
        /// Characters of all hits, at most.
        pub max_injected_chars: Option<Positive>,
        /// Milliseconds, at most.
        pub timeout_ms: Option<Natural>,
    }
}
