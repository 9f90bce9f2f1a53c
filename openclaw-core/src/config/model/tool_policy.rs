//! Which tools there are, and the guard against loops.

use super::macros::{choice, shape};
use super::number::Positive;
use super::value::{Map, TextOrNumber};

choice! {
    /// A set of tools.
    pub enum ToolProfile {
        Minimal = "minimal",
        Coding = "coding",
        Messaging = "messaging",
        Full = "full",
    }
}

shape! {
    /// Which tools the models of one provider have.
    #[derive(Default)]
    pub struct ProviderToolPolicy {
        /// The only tools that are allowed. Not together with `alsoAllow`.
        pub allow: Option<Vec<String>>,
        /// Tools that are allowed beyond the profile.
        pub also_allow: Option<Vec<String>>,
        /// Tools that are not allowed.
        pub deny: Option<Vec<String>>,
        /// The set of tools that is begun with.
        pub profile: Option<ToolProfile>,
    } checked by provider_tool_lists
}

shape! {
    /// Commands outside the sandbox.
    #[derive(Default)]
    pub struct ElevatedTools {
        /// Whether there can be any.
        pub enabled: Option<bool>,
        /// For each channel, the senders who may ask for them.
        pub allow_from: Option<Map<Vec<TextOrNumber>>>,
    }
}

shape! {
    /// Tools that read and write files.
    #[derive(Default)]
    pub struct FsTools {
        /// Whether they stay in the workspace.
        pub workspace_only: Option<bool>,
    }
}

shape! {
    /// The guard against an agent that repeats itself. The thresholds must rise.
    #[derive(Default)]
    pub struct LoopDetection {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Tool calls that it looks back.
        pub history_size: Option<Positive>,
        /// Repetitions after which the agent is warned.
        pub warning_threshold: Option<Positive>,
        /// Repetitions after which the call is blocked.
        pub critical_threshold: Option<Positive>,
        /// Repetitions after which the turn ends.
        pub global_circuit_breaker_threshold: Option<Positive>,
        /// What counts as a repetition.
        pub detectors: Option<LoopDetectors>,
    } checked by loop_detection
}

shape! {
    /// What counts as a repetition.
    #[derive(Default)]
    pub struct LoopDetectors {
        /// The same call with the same arguments.
        pub generic_repeat: Option<bool>,
        /// Asking for a state that does not change.
        pub known_poll_no_progress: Option<bool>,
        /// Two calls in turn.
        pub ping_pong: Option<bool>,
    }
}

shape! {
    /// Tools in a special place.
    #[derive(Default)]
    pub struct NestedToolPolicy {
        /// Which tools are there.
        pub tools: Option<ToolPolicy>,
    }
}

shape! {
    /// Which tools there are.
    #[derive(Default)]
    pub struct ToolPolicy {
        /// The only tools that are allowed. Not together with `alsoAllow`.
        pub allow: Option<Vec<String>>,
        /// Tools that are allowed beyond the default.
        pub also_allow: Option<Vec<String>>,
        /// Tools that are not allowed.
        pub deny: Option<Vec<String>>,
    } checked by nested_tool_lists
}
