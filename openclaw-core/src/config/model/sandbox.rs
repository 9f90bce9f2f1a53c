//! The sandbox in which tools run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::number::{Natural, Positive, PositiveNumber};
use super::secret::SecretInput;
use super::value::{Map, NonEmpty, Sensitive, TextOrNumber};

shape! {
    /// The sandbox in which an agent's tools run.
    #[derive(Default)]
    pub struct Sandbox {
        /// Which sessions have one.
        pub mode: Option<SandboxMode>,
        /// What makes it, such as `docker` or `ssh`.
        pub backend: Option<NonEmpty>,
        /// What it sees of the workspace.
        pub workspace_access: Option<WorkspaceAccess>,
        /// Which sessions its tools see.
        pub session_tools_visibility: Option<SessionVisibility>,
        /// Who shares one.
        pub scope: Option<SandboxScope>,
        /// The folder in which copies of workspaces lie.
        pub workspace_root: Option<String>,
        /// The container.
        pub docker: Option<SandboxDocker>,
        /// The machine, for `ssh`.
        pub ssh: Option<SandboxSsh>,
        /// Its browser.
        pub browser: Option<SandboxBrowser>,
        /// When unused ones are removed.
        pub prune: Option<SandboxPrune>,
    } checked by sandbox_join
}

choice! {
    /// Which sessions have a sandbox.
    pub enum SandboxMode {
        Off = "off",
        NonMain = "non-main",
        All = "all",
    }
}

choice! {
    /// What a sandbox sees of the workspace.
    pub enum WorkspaceAccess {
        None = "none",
        Ro = "ro",
        Rw = "rw",
    }
}

choice! {
    /// Which sessions the tools in a sandbox see.
    pub enum SessionVisibility {
        Spawned = "spawned",
        All = "all",
    }
}

choice! {
    /// Who shares a sandbox.
    pub enum SandboxScope {
        Session = "session",
        Agent = "agent",
        Shared = "shared",
    }
}

shape! {
    /// The container of a sandbox.
    #[derive(Default)]
    pub struct SandboxDocker {
        /// Its image.
        pub image: Option<String>,
        /// What its name begins with.
        pub container_prefix: Option<String>,
        /// The folder in which commands start.
        pub workdir: Option<String>,
        /// Whether its file system cannot be written.
        pub read_only_root: Option<bool>,
        /// Folders in memory.
        pub tmpfs: Option<Vec<String>>,
        /// Its network. `host` is refused.
        pub network: Option<String>,
        /// The user in it.
        pub user: Option<String>,
        /// Capabilities that are taken away.
        pub cap_drop: Option<Vec<String>>,
        /// Environment variables in it.
        pub env: Option<Map<Sensitive>>,
        /// What is run in it once, when it is made.
        pub setup_command: Option<SetupCommand>,
        /// Processes, at most.
        pub pids_limit: Option<Positive>,
        /// Memory, such as `1g`.
        pub memory: Option<TextOrNumber>,
        /// Memory and swap.
        pub memory_swap: Option<TextOrNumber>,
        /// Processors.
        pub cpus: Option<PositiveNumber>,
        /// Further limits by name.
        pub ulimits: Option<Map<Ulimit>>,
        /// Its seccomp profile. `unconfined` is refused.
        pub seccomp_profile: Option<String>,
        /// Its AppArmor profile. `unconfined` is refused.
        pub apparmor_profile: Option<String>,
        /// Its name servers.
        pub dns: Option<Vec<String>>,
        /// Hosts that it knows, `name:address`.
        pub extra_hosts: Option<Vec<String>>,
        /// Folders from outside, `/source:/target:ro`.
        pub binds: Option<Vec<String>>,
        /// Whether binds may cover folders that the sandbox needs itself.
        pub dangerously_allow_reserved_container_targets: Option<bool>,
        /// Whether binds may come from outside the workspace.
        pub dangerously_allow_external_bind_sources: Option<bool>,
        /// Whether the network of another container may be joined.
        pub dangerously_allow_container_namespace_join: Option<bool>,
    } checked by sandbox_docker
}

/// A command, in one text or in lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum SetupCommand {
    /// One text.
    Line(String),
    /// Lines, run one after the other.
    Lines(Vec<String>),
}

/// A limit of a container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Ulimit {
    /// `soft:hard`, or one number for both.
    Text(String),
    /// One number for both.
    Number(f64),
    /// Both.
    Pair(UlimitPair),
}

shape! {
    /// A soft and a hard limit.
    #[derive(Default)]
    pub struct UlimitPair {
        /// The soft limit.
        pub soft: Option<Natural>,
        /// The hard limit.
        pub hard: Option<Natural>,
    }
}

shape! {
    /// A machine that serves as a sandbox, reached over SSH.
    #[derive(Default)]
    pub struct SandboxSsh {
        /// `user@host[:port]`.
        pub target: Option<NonEmpty>,
        /// The SSH program.
        pub command: Option<NonEmpty>,
        /// The folder there.
        pub workspace_root: Option<NonEmpty>,
        /// Whether an unknown host key is refused.
        pub strict_host_key_checking: Option<bool>,
        /// Whether new host keys are learned.
        pub update_host_keys: Option<bool>,
        /// File of the private key.
        pub identity_file: Option<NonEmpty>,
        /// File of the certificate.
        pub certificate_file: Option<NonEmpty>,
        /// File of the known hosts.
        pub known_hosts_file: Option<NonEmpty>,
        /// The private key itself.
        pub identity_data: Option<SecretInput>,
        /// The certificate itself.
        pub certificate_data: Option<SecretInput>,
        /// The known hosts themselves.
        pub known_hosts_data: Option<SecretInput>,
    }
}

shape! {
    /// The browser of a sandbox.
    #[derive(Default)]
    pub struct SandboxBrowser {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Its image.
        pub image: Option<String>,
        /// What its name begins with.
        pub container_prefix: Option<String>,
        /// Its network. `host` is refused.
        pub network: Option<String>,
        /// Port for driving it.
        pub cdp_port: Option<Positive>,
        /// Addresses that may drive it.
        pub cdp_source_range: Option<String>,
        /// Port for watching it.
        pub vnc_port: Option<Positive>,
        /// Port for watching it in a browser.
        pub no_vnc_port: Option<Positive>,
        /// Whether it runs without windows.
        pub headless: Option<bool>,
        /// Whether it can be watched in a browser.
        pub enable_no_vnc: Option<bool>,
        /// Whether the sandbox may drive the browser outside.
        pub allow_host_control: Option<bool>,
        /// Whether it is started when it is needed.
        pub auto_start: Option<bool>,
        /// Milliseconds for its start.
        pub auto_start_timeout_ms: Option<Positive>,
        /// Folders from outside.
        pub binds: Option<Vec<String>>,
    } checked by sandbox_browser
}

shape! {
    /// When unused sandboxes are removed.
    #[derive(Default)]
    pub struct SandboxPrune {
        /// Hours without use.
        pub idle_hours: Option<Natural>,
        /// Days since it was made.
        pub max_age_days: Option<Natural>,
    }
}
