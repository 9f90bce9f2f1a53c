//! TODO file tool_policy

use super::macros::{choice, shape};
use super::number::Positive;
use super::value::{Map, TextOrNumber};

choice! {
    /// TODO ToolProfile
    pub enum ToolProfile {
        Minimal = "minimal",
        Coding = "coding",
        Messaging = "messaging",
        Full = "full",
    }
}

shape! {
    /// TODO ProviderToolPolicy
    #[derive(Default)]
    pub struct ProviderToolPolicy {
        /// TODO ProviderToolPolicy.allow
        pub allow: Option<Vec<String>>,
        /// TODO ProviderToolPolicy.alsoAllow
        pub also_allow: Option<Vec<String>>,
        /// TODO ProviderToolPolicy.deny
        pub deny: Option<Vec<String>>,
        /// TODO ProviderToolPolicy.profile
        pub profile: Option<ToolProfile>,
    } checked by provider_tool_lists
}

shape! {
    /// TODO ElevatedTools
    #[derive(Default)]
    pub struct ElevatedTools {
        /// TODO ElevatedTools.enabled
        pub enabled: Option<bool>,
        /// TODO ElevatedTools.allowFrom
        pub allow_from: Option<Map<Vec<TextOrNumber>>>,
    }
}

shape! {
    /// TODO FsTools
    #[derive(Default)]
    pub struct FsTools {
        /// TODO FsTools.workspaceOnly
        pub workspace_only: Option<bool>,
    }
}

shape! {
    /// TODO LoopDetection
    #[derive(Default)]
    pub struct LoopDetection {
        /// TODO LoopDetection.enabled
        pub enabled: Option<bool>,
        /// TODO LoopDetection.historySize
        pub history_size: Option<Positive>,
        /// TODO LoopDetection.warningThreshold
        pub warning_threshold: Option<Positive>,
        /// TODO LoopDetection.criticalThreshold
        pub critical_threshold: Option<Positive>,
        /// TODO LoopDetection.globalCircuitBreakerThreshold
        pub global_circuit_breaker_threshold: Option<Positive>,
        /// TODO LoopDetection.detectors
        pub detectors: Option<LoopDetectors>,
    } checked by loop_detection
}

shape! {
    /// TODO LoopDetectors
    #[derive(Default)]
    pub struct LoopDetectors {
        /// TODO LoopDetectors.genericRepeat
        pub generic_repeat: Option<bool>,
        /// TODO LoopDetectors.knownPollNoProgress
        pub known_poll_no_progress: Option<bool>,
        /// TODO LoopDetectors.pingPong
        pub ping_pong: Option<bool>,
    }
}

shape! {
    /// TODO NestedToolPolicy
    #[derive(Default)]
    pub struct NestedToolPolicy {
        /// TODO NestedToolPolicy.tools
        pub tools: Option<ToolPolicy>,
    }
}

shape! {
    /// TODO ToolPolicy
    #[derive(Default)]
    pub struct ToolPolicy {
        /// TODO ToolPolicy.allow
        pub allow: Option<Vec<String>>,
        /// TODO ToolPolicy.alsoAllow
        pub also_allow: Option<Vec<String>>,
        /// TODO ToolPolicy.deny
        pub deny: Option<Vec<String>>,
    } checked by nested_tool_lists
}
