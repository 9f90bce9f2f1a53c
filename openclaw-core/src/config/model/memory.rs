//! TODO file memory

use super::macros::{choice, shape};
use super::memory_search::QmdCollection;
use super::number::{Natural, Positive};
use super::shared::Scope;
use super::value::NotBlank;

shape! {
    /// TODO Memory
    #[derive(Default)]
    pub struct Memory {
        /// TODO Memory.backend
        pub backend: Option<MemoryBackend>,
        /// TODO Memory.citations
        pub citations: Option<MemoryCitations>,
        /// TODO Memory.qmd
        pub qmd: Option<Qmd>,
    }
}

choice! {
    /// TODO MemoryBackend
    pub enum MemoryBackend {
        Builtin = "builtin",
        Qmd = "qmd",
    }
}

choice! {
    /// TODO MemoryCitations
    pub enum MemoryCitations {
        Auto = "auto",
        On = "on",
        Off = "off",
    }
}

shape! {
    /// TODO Qmd
    #[derive(Default)]
    pub struct Qmd {
        /// TODO Qmd.command
        pub command: Option<String>,
        /// TODO Qmd.mcporter
        pub mcporter: Option<Mcporter>,
        /// TODO Qmd.searchMode
        pub search_mode: Option<QmdSearchMode>,
        /// TODO Qmd.searchTool
        pub search_tool: Option<NotBlank>,
        /// TODO Qmd.includeDefaultMemory
        pub include_default_memory: Option<bool>,
        /// TODO Qmd.paths
        pub paths: Option<Vec<QmdCollection>>,
        /// TODO Qmd.sessions
        pub sessions: Option<QmdSessions>,
        /// TODO Qmd.update
        pub update: Option<QmdUpdate>,
        /// TODO Qmd.limits
        pub limits: Option<QmdLimits>,
        /// TODO Qmd.scope
        pub scope: Option<Scope>,
    }
}

shape! {
    /// TODO Mcporter
    #[derive(Default)]
    pub struct Mcporter {
        /// TODO Mcporter.enabled
        pub enabled: Option<bool>,
        /// TODO Mcporter.serverName
        pub server_name: Option<String>,
        /// TODO Mcporter.startDaemon
        pub start_daemon: Option<bool>,
    }
}

choice! {
    /// TODO QmdSearchMode
    pub enum QmdSearchMode {
        Query = "query",
        Search = "search",
        Vsearch = "vsearch",
    }
}

shape! {
    /// TODO QmdSessions
    #[derive(Default)]
    pub struct QmdSessions {
        /// TODO QmdSessions.enabled
        pub enabled: Option<bool>,
        /// TODO QmdSessions.exportDir
        pub export_dir: Option<String>,
        /// TODO QmdSessions.retentionDays
        pub retention_days: Option<Natural>,
    }
}

shape! {
    /// TODO QmdUpdate
    #[derive(Default)]
    pub struct QmdUpdate {
        /// TODO QmdUpdate.interval
        pub interval: Option<String>,
        /// TODO QmdUpdate.debounceMs
        pub debounce_ms: Option<Natural>,
        /// TODO QmdUpdate.onBoot
        pub on_boot: Option<bool>,
        /// TODO QmdUpdate.waitForBootSync
        pub wait_for_boot_sync: Option<bool>,
        /// TODO QmdUpdate.embedInterval
        pub embed_interval: Option<String>,
        /// TODO QmdUpdate.commandTimeoutMs
        pub command_timeout_ms: Option<Natural>,
        /// TODO QmdUpdate.updateTimeoutMs
        pub update_timeout_ms: Option<Natural>,
        /// TODO QmdUpdate.embedTimeoutMs
        pub embed_timeout_ms: Option<Natural>,
    }
}

shape! {
    /// TODO QmdLimits
    #[derive(Default)]
    pub struct QmdLimits {
        /// TODO QmdLimits.maxResults
        pub max_results: Option<Positive>,
        /// TODO QmdLimits.maxSnippetChars
        pub max_snippet_chars: Option<Positive>,
        /// TODO QmdLimits.maxInjectedChars
        pub max_injected_chars: Option<Positive>,
        /// TODO QmdLimits.timeoutMs
        pub timeout_ms: Option<Natural>,
    }
}
