//! TODO file sandbox

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::number::{Natural, Positive, PositiveNumber};
use super::secret::SecretInput;
use super::value::{Map, NonEmpty, Sensitive, TextOrNumber};

shape! {
    /// TODO Sandbox
    #[derive(Default)]
    pub struct Sandbox {
        /// TODO Sandbox.mode
        pub mode: Option<SandboxMode>,
        /// TODO Sandbox.backend
        pub backend: Option<NonEmpty>,
        /// TODO Sandbox.workspaceAccess
        pub workspace_access: Option<WorkspaceAccess>,
        /// TODO Sandbox.sessionToolsVisibility
        pub session_tools_visibility: Option<SessionVisibility>,
        /// TODO Sandbox.scope
        pub scope: Option<SandboxScope>,
        /// TODO Sandbox.workspaceRoot
        pub workspace_root: Option<String>,
        /// TODO Sandbox.docker
        pub docker: Option<SandboxDocker>,
        /// TODO Sandbox.ssh
        pub ssh: Option<SandboxSsh>,
        /// TODO Sandbox.browser
        pub browser: Option<SandboxBrowser>,
        /// TODO Sandbox.prune
        pub prune: Option<SandboxPrune>,
    } checked by sandbox_join
}

choice! {
    /// TODO SandboxMode
    pub enum SandboxMode {
        Off = "off",
        NonMain = "non-main",
        All = "all",
    }
}

choice! {
    /// TODO WorkspaceAccess
    pub enum WorkspaceAccess {
        None = "none",
        Ro = "ro",
        Rw = "rw",
    }
}

choice! {
    /// TODO SessionVisibility
    pub enum SessionVisibility {
        Spawned = "spawned",
        All = "all",
    }
}

choice! {
    /// TODO SandboxScope
    pub enum SandboxScope {
        Session = "session",
        Agent = "agent",
        Shared = "shared",
    }
}

shape! {
    /// TODO SandboxDocker
    #[derive(Default)]
    pub struct SandboxDocker {
        /// TODO SandboxDocker.image
        pub image: Option<String>,
        /// TODO SandboxDocker.containerPrefix
        pub container_prefix: Option<String>,
        /// TODO SandboxDocker.workdir
        pub workdir: Option<String>,
        /// TODO SandboxDocker.readOnlyRoot
        pub read_only_root: Option<bool>,
        /// TODO SandboxDocker.tmpfs
        pub tmpfs: Option<Vec<String>>,
        /// TODO SandboxDocker.network
        pub network: Option<String>,
        /// TODO SandboxDocker.user
        pub user: Option<String>,
        /// TODO SandboxDocker.capDrop
        pub cap_drop: Option<Vec<String>>,
        /// TODO SandboxDocker.env
        pub env: Option<Map<Sensitive>>,
        /// TODO SandboxDocker.setupCommand
        pub setup_command: Option<SetupCommand>,
        /// TODO SandboxDocker.pidsLimit
        pub pids_limit: Option<Positive>,
        /// TODO SandboxDocker.memory
        pub memory: Option<TextOrNumber>,
        /// TODO SandboxDocker.memorySwap
        pub memory_swap: Option<TextOrNumber>,
        /// TODO SandboxDocker.cpus
        pub cpus: Option<PositiveNumber>,
        /// TODO SandboxDocker.ulimits
        pub ulimits: Option<Map<Ulimit>>,
        /// TODO SandboxDocker.seccompProfile
        pub seccomp_profile: Option<String>,
        /// TODO SandboxDocker.apparmorProfile
        pub apparmor_profile: Option<String>,
        /// TODO SandboxDocker.dns
        pub dns: Option<Vec<String>>,
        /// TODO SandboxDocker.extraHosts
        pub extra_hosts: Option<Vec<String>>,
        /// TODO SandboxDocker.binds
        pub binds: Option<Vec<String>>,
        /// TODO SandboxDocker.dangerouslyAllowReservedContainerTargets
        pub dangerously_allow_reserved_container_targets: Option<bool>,
        /// TODO SandboxDocker.dangerouslyAllowExternalBindSources
        pub dangerously_allow_external_bind_sources: Option<bool>,
        /// TODO SandboxDocker.dangerouslyAllowContainerNamespaceJoin
        pub dangerously_allow_container_namespace_join: Option<bool>,
    } checked by sandbox_docker
}

/// TODO SetupCommand
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum SetupCommand {
    /// TODO
    Line(String),
    /// TODO
    Lines(Vec<String>),
}

/// TODO Ulimit
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Ulimit {
    /// TODO
    Text(String),
    /// TODO
    Number(f64),
    /// TODO
    Pair(UlimitPair),
}

shape! {
    /// TODO UlimitPair
    #[derive(Default)]
    pub struct UlimitPair {
        /// TODO UlimitPair.soft
        pub soft: Option<Natural>,
        /// TODO UlimitPair.hard
        pub hard: Option<Natural>,
    }
}

shape! {
    /// TODO SandboxSsh
    #[derive(Default)]
    pub struct SandboxSsh {
        /// TODO SandboxSsh.target
        pub target: Option<NonEmpty>,
        /// TODO SandboxSsh.command
        pub command: Option<NonEmpty>,
        /// TODO SandboxSsh.workspaceRoot
        pub workspace_root: Option<NonEmpty>,
        /// TODO SandboxSsh.strictHostKeyChecking
        pub strict_host_key_checking: Option<bool>,
        /// TODO SandboxSsh.updateHostKeys
        pub update_host_keys: Option<bool>,
        /// TODO SandboxSsh.identityFile
        pub identity_file: Option<NonEmpty>,
        /// TODO SandboxSsh.certificateFile
        pub certificate_file: Option<NonEmpty>,
        /// TODO SandboxSsh.knownHostsFile
        pub known_hosts_file: Option<NonEmpty>,
        /// TODO SandboxSsh.identityData
        pub identity_data: Option<SecretInput>,
        /// TODO SandboxSsh.certificateData
        pub certificate_data: Option<SecretInput>,
        /// TODO SandboxSsh.knownHostsData
        pub known_hosts_data: Option<SecretInput>,
    }
}

shape! {
    /// TODO SandboxBrowser
    #[derive(Default)]
    pub struct SandboxBrowser {
        /// TODO SandboxBrowser.enabled
        pub enabled: Option<bool>,
        /// TODO SandboxBrowser.image
        pub image: Option<String>,
        /// TODO SandboxBrowser.containerPrefix
        pub container_prefix: Option<String>,
        /// TODO SandboxBrowser.network
        pub network: Option<String>,
        /// TODO SandboxBrowser.cdpPort
        pub cdp_port: Option<Positive>,
        /// TODO SandboxBrowser.cdpSourceRange
        pub cdp_source_range: Option<String>,
        /// TODO SandboxBrowser.vncPort
        pub vnc_port: Option<Positive>,
        /// TODO SandboxBrowser.noVncPort
        pub no_vnc_port: Option<Positive>,
        /// TODO SandboxBrowser.headless
        pub headless: Option<bool>,
        /// TODO SandboxBrowser.enableNoVnc
        pub enable_no_vnc: Option<bool>,
        /// TODO SandboxBrowser.allowHostControl
        pub allow_host_control: Option<bool>,
        /// TODO SandboxBrowser.autoStart
        pub auto_start: Option<bool>,
        /// TODO SandboxBrowser.autoStartTimeoutMs
        pub auto_start_timeout_ms: Option<Positive>,
        /// TODO SandboxBrowser.binds
        pub binds: Option<Vec<String>>,
    } checked by sandbox_browser
}

shape! {
    /// TODO SandboxPrune
    #[derive(Default)]
    pub struct SandboxPrune {
        /// TODO SandboxPrune.idleHours
        pub idle_hours: Option<Natural>,
        /// TODO SandboxPrune.maxAgeDays
        pub max_age_days: Option<Natural>,
    }
}
