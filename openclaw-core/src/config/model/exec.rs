//! How agents run commands.

use super::macros::{choice, shape};
use super::number::{Natural, Positive};
use super::value::Map;

shape! {
    /// How one agent runs commands.
    #[derive(Default)]
    pub struct AgentExec {
        /// Where.
        pub host: Option<ExecHost>,
        /// Which.
        pub security: Option<ExecSecurity>,
        /// When the person is asked.
        pub ask: Option<ExecAsk>,
        /// The node, for `node`.
        pub node: Option<String>,
        /// Folders before `PATH`.
        pub path_prepend: Option<Vec<String>>,
        /// Programs that may run without being asked for, if they only read standard input.
        pub safe_bins: Option<Vec<String>>,
        /// Whether code on the command line (`python -c`) always needs approval.
        pub strict_inline_eval: Option<bool>,
        /// Folders in which such programs must lie.
        pub safe_bin_trusted_dirs: Option<Vec<String>>,
        /// What such programs may be given, by name.
        pub safe_bin_profiles: Option<Map<SafeBinProfile>>,
        /// Milliseconds after which a command goes on in the background.
        pub background_ms: Option<Positive>,
        /// Seconds after which a command is ended.
        pub timeout_sec: Option<Positive>,
        /// Milliseconds after which an ended command is forgotten.
        pub cleanup_ms: Option<Positive>,
        /// Whether the agent is told when a command in the background ends.
        pub notify_on_exit: Option<bool>,
        /// Also if it printed nothing and succeeded.
        pub notify_on_exit_empty_success: Option<bool>,
        /// The tool that applies patches.
        pub apply_patch: Option<ApplyPatch>,
        /// Milliseconds after which a command that was approved says that it still runs; 0 is never.
        pub approval_running_notice_ms: Option<Natural>,
    }
}

choice! {
    /// Where commands run.
    pub listed enum ExecHost {
        Auto = "auto",
        Sandbox = "sandbox",
        Gateway = "gateway",
        Node = "node",
    }
}

choice! {
    /// Which commands run.
    pub listed enum ExecSecurity {
        Deny = "deny",
        Allowlist = "allowlist",
        Full = "full",
    }
}

choice! {
    /// When the person is asked before a command.
    pub listed enum ExecAsk {
        Off = "off",
        OnMiss = "on-miss",
        Always = "always",
    }
}

shape! {
    /// What a safe program may be given.
    #[derive(Default)]
    pub struct SafeBinProfile {
        /// The least arguments that are no flags.
        pub min_positional: Option<Natural>,
        /// The most arguments that are no flags.
        pub max_positional: Option<Natural>,
        /// Flags with a value that are allowed.
        pub allowed_value_flags: Option<Vec<String>>,
        /// Flags that are not allowed.
        pub denied_flags: Option<Vec<String>>,
    }
}

shape! {
    /// The tool that applies patches.
    #[derive(Default)]
    pub struct ApplyPatch {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Whether it stays in the workspace.
        pub workspace_only: Option<bool>,
        /// The only models that have it.
        pub allow_models: Option<Vec<String>>,
    }
}

shape! {
    /// How commands run.
    #[derive(Default)]
    pub struct Exec {
        /// Where.
        pub host: Option<ExecHost>,
        /// Which.
        pub security: Option<ExecSecurity>,
        /// When the person is asked.
        pub ask: Option<ExecAsk>,
        /// The node, for `node`.
        pub node: Option<String>,
        /// Folders before `PATH`.
        pub path_prepend: Option<Vec<String>>,
        /// Programs that may run without being asked for, if they only read standard input.
        pub safe_bins: Option<Vec<String>>,
        /// Whether code on the command line (`python -c`) always needs approval.
        pub strict_inline_eval: Option<bool>,
        /// Folders in which such programs must lie.
        pub safe_bin_trusted_dirs: Option<Vec<String>>,
        /// What such programs may be given, by name.
        pub safe_bin_profiles: Option<Map<SafeBinProfile>>,
        /// Milliseconds after which a command goes on in the background.
        pub background_ms: Option<Positive>,
        /// Seconds after which a command is ended.
        pub timeout_sec: Option<Positive>,
        /// Milliseconds after which an ended command is forgotten.
        pub cleanup_ms: Option<Positive>,
        /// Whether the agent is told when a command in the background ends.
        pub notify_on_exit: Option<bool>,
        /// Also if it printed nothing and succeeded.
        pub notify_on_exit_empty_success: Option<bool>,
        /// The tool that applies patches.
        pub apply_patch: Option<ApplyPatch>,
    }
}
