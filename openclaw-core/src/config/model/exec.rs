//! TODO file exec

use super::macros::{choice, shape};
use super::number::{Natural, Positive};
use super::value::Map;

shape! {
    /// TODO AgentExec
    #[derive(Default)]
    pub struct AgentExec {
        /// TODO AgentExec.host
        pub host: Option<ExecHost>,
        /// TODO AgentExec.security
        pub security: Option<ExecSecurity>,
        /// TODO AgentExec.ask
        pub ask: Option<ExecAsk>,
        /// TODO AgentExec.node
        pub node: Option<String>,
        /// TODO AgentExec.pathPrepend
        pub path_prepend: Option<Vec<String>>,
        /// TODO AgentExec.safeBins
        pub safe_bins: Option<Vec<String>>,
        /// TODO AgentExec.strictInlineEval
        pub strict_inline_eval: Option<bool>,
        /// TODO AgentExec.safeBinTrustedDirs
        pub safe_bin_trusted_dirs: Option<Vec<String>>,
        /// TODO AgentExec.safeBinProfiles
        pub safe_bin_profiles: Option<Map<SafeBinProfile>>,
        /// TODO AgentExec.backgroundMs
        pub background_ms: Option<Positive>,
        /// TODO AgentExec.timeoutSec
        pub timeout_sec: Option<Positive>,
        /// TODO AgentExec.cleanupMs
        pub cleanup_ms: Option<Positive>,
        /// TODO AgentExec.notifyOnExit
        pub notify_on_exit: Option<bool>,
        /// TODO AgentExec.notifyOnExitEmptySuccess
        pub notify_on_exit_empty_success: Option<bool>,
        /// TODO AgentExec.applyPatch
        pub apply_patch: Option<ApplyPatch>,
        /// TODO AgentExec.approvalRunningNoticeMs
        pub approval_running_notice_ms: Option<Natural>,
    }
}

choice! {
    /// TODO ExecHost
    pub listed enum ExecHost {
        Auto = "auto",
        Sandbox = "sandbox",
        Gateway = "gateway",
        Node = "node",
    }
}

choice! {
    /// TODO ExecSecurity
    pub listed enum ExecSecurity {
        Deny = "deny",
        Allowlist = "allowlist",
        Full = "full",
    }
}

choice! {
    /// TODO ExecAsk
    pub listed enum ExecAsk {
        Off = "off",
        OnMiss = "on-miss",
        Always = "always",
    }
}

shape! {
    /// TODO SafeBinProfile
    #[derive(Default)]
    pub struct SafeBinProfile {
        /// TODO SafeBinProfile.minPositional
        pub min_positional: Option<Natural>,
        /// TODO SafeBinProfile.maxPositional
        pub max_positional: Option<Natural>,
        /// TODO SafeBinProfile.allowedValueFlags
        pub allowed_value_flags: Option<Vec<String>>,
        /// TODO SafeBinProfile.deniedFlags
        pub denied_flags: Option<Vec<String>>,
    }
}

shape! {
    /// TODO ApplyPatch
    #[derive(Default)]
    pub struct ApplyPatch {
        /// TODO ApplyPatch.enabled
        pub enabled: Option<bool>,
        /// TODO ApplyPatch.workspaceOnly
        pub workspace_only: Option<bool>,
        /// TODO ApplyPatch.allowModels
        pub allow_models: Option<Vec<String>>,
    }
}

shape! {
    /// TODO Exec
    #[derive(Default)]
    pub struct Exec {
        /// TODO Exec.host
        pub host: Option<ExecHost>,
        /// TODO Exec.security
        pub security: Option<ExecSecurity>,
        /// TODO Exec.ask
        pub ask: Option<ExecAsk>,
        /// TODO Exec.node
        pub node: Option<String>,
        /// TODO Exec.pathPrepend
        pub path_prepend: Option<Vec<String>>,
        /// TODO Exec.safeBins
        pub safe_bins: Option<Vec<String>>,
        /// TODO Exec.strictInlineEval
        pub strict_inline_eval: Option<bool>,
        /// TODO Exec.safeBinTrustedDirs
        pub safe_bin_trusted_dirs: Option<Vec<String>>,
        /// TODO Exec.safeBinProfiles
        pub safe_bin_profiles: Option<Map<SafeBinProfile>>,
        /// TODO Exec.backgroundMs
        pub background_ms: Option<Positive>,
        /// TODO Exec.timeoutSec
        pub timeout_sec: Option<Positive>,
        /// TODO Exec.cleanupMs
        pub cleanup_ms: Option<Positive>,
        /// TODO Exec.notifyOnExit
        pub notify_on_exit: Option<bool>,
        /// TODO Exec.notifyOnExitEmptySuccess
        pub notify_on_exit_empty_success: Option<bool>,
        /// TODO Exec.applyPatch
        pub apply_patch: Option<ApplyPatch>,
    }
}
