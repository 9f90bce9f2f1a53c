//! TODO file hooks

use super::macros::{choice, shape, text};
use super::number::Positive;
use super::shared::{ClawhubChannel, ClawhubFamily, TailscaleMode};
use super::value::{Json, Map, NotBlank, Sensitive};

shape! {
    /// TODO Hooks
    #[derive(Default)]
    pub struct Hooks {
        /// TODO Hooks.enabled
        pub enabled: Option<bool>,
        /// TODO Hooks.path
        pub path: Option<String>,
        /// TODO Hooks.token
        pub token: Option<Sensitive>,
        /// TODO Hooks.defaultSessionKey
        pub default_session_key: Option<String>,
        /// TODO Hooks.allowRequestSessionKey
        pub allow_request_session_key: Option<bool>,
        /// TODO Hooks.allowedSessionKeyPrefixes
        pub allowed_session_key_prefixes: Option<Vec<String>>,
        /// TODO Hooks.allowedAgentIds
        pub allowed_agent_ids: Option<Vec<String>>,
        /// TODO Hooks.maxBodyBytes
        pub max_body_bytes: Option<Positive>,
        /// TODO Hooks.presets
        pub presets: Option<Vec<String>>,
        /// TODO Hooks.transformsDir
        pub transforms_dir: Option<String>,
        /// TODO Hooks.mappings
        pub mappings: Option<Vec<HookMapping>>,
        /// TODO Hooks.gmail
        pub gmail: Option<GmailHook>,
        /// TODO Hooks.internal
        pub internal: Option<InternalHooks>,
    }
}

shape! {
    /// TODO HookMapping
    #[derive(Default)]
    pub struct HookMapping {
        /// TODO HookMapping.id
        pub id: Option<String>,
        /// TODO HookMapping.match
        pub r#match: Option<HookMatch>,
        /// TODO HookMapping.action
        pub action: Option<HookAction>,
        /// TODO HookMapping.wakeMode
        pub wake_mode: Option<WakeMode>,
        /// TODO HookMapping.name
        pub name: Option<String>,
        /// TODO HookMapping.agentId
        pub agent_id: Option<String>,
        /// TODO HookMapping.sessionKey
        pub session_key: Option<String>,
        /// TODO HookMapping.messageTemplate
        pub message_template: Option<String>,
        /// TODO HookMapping.textTemplate
        pub text_template: Option<String>,
        /// TODO HookMapping.deliver
        pub deliver: Option<bool>,
        /// TODO HookMapping.allowUnsafeExternalContent
        pub allow_unsafe_external_content: Option<bool>,
        /// TODO HookMapping.channel
        pub channel: Option<NotBlank>,
        /// TODO HookMapping.to
        pub to: Option<String>,
        /// TODO HookMapping.model
        pub model: Option<String>,
        /// TODO HookMapping.thinking
        pub thinking: Option<String>,
        /// TODO HookMapping.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO HookMapping.transform
        pub transform: Option<HookTransform>,
    }
}

shape! {
    /// TODO HookMatch
    #[derive(Default)]
    pub open struct HookMatch {
        /// TODO HookMatch.path
        pub path: Option<String>,
        /// TODO HookMatch.source
        pub source: Option<String>,
        /// TODO HookMatch.*
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

choice! {
    /// TODO HookAction
    pub enum HookAction {
        Wake = "wake",
        Agent = "agent",
    }
}

choice! {
    /// TODO WakeMode
    pub enum WakeMode {
        Now = "now",
        NextHeartbeat = "next-heartbeat",
    }
}

shape! {
    /// TODO HookTransform
    pub struct HookTransform {
        /// TODO HookTransform.module
        pub module: ModulePath,
        /// TODO HookTransform.export
        pub export: Option<String>,
    }
}

shape! {
    /// TODO GmailHook
    #[derive(Default)]
    pub struct GmailHook {
        /// TODO GmailHook.account
        pub account: Option<String>,
        /// TODO GmailHook.label
        pub label: Option<String>,
        /// TODO GmailHook.topic
        pub topic: Option<String>,
        /// TODO GmailHook.subscription
        pub subscription: Option<String>,
        /// TODO GmailHook.pushToken
        pub push_token: Option<Sensitive>,
        /// TODO GmailHook.hookUrl
        pub hook_url: Option<String>,
        /// TODO GmailHook.includeBody
        pub include_body: Option<bool>,
        /// TODO GmailHook.maxBytes
        pub max_bytes: Option<Positive>,
        /// TODO GmailHook.renewEveryMinutes
        pub renew_every_minutes: Option<Positive>,
        /// TODO GmailHook.allowUnsafeExternalContent
        pub allow_unsafe_external_content: Option<bool>,
        /// TODO GmailHook.serve
        pub serve: Option<GmailServe>,
        /// TODO GmailHook.tailscale
        pub tailscale: Option<GmailTailscale>,
        /// TODO GmailHook.model
        pub model: Option<String>,
        /// TODO GmailHook.thinking
        pub thinking: Option<GmailThinking>,
    }
}

shape! {
    /// TODO GmailServe
    #[derive(Default)]
    pub struct GmailServe {
        /// TODO GmailServe.bind
        pub bind: Option<String>,
        /// TODO GmailServe.port
        pub port: Option<Positive>,
        /// TODO GmailServe.path
        pub path: Option<String>,
    }
}

shape! {
    /// TODO GmailTailscale
    #[derive(Default)]
    pub struct GmailTailscale {
        /// TODO GmailTailscale.mode
        pub mode: Option<TailscaleMode>,
        /// TODO GmailTailscale.path
        pub path: Option<String>,
        /// TODO GmailTailscale.target
        pub target: Option<String>,
    }
}

choice! {
    /// TODO GmailThinking
    pub enum GmailThinking {
        Off = "off",
        Minimal = "minimal",
        Low = "low",
        Medium = "medium",
        High = "high",
    }
}

shape! {
    /// TODO InternalHooks
    #[derive(Default)]
    pub struct InternalHooks {
        /// TODO InternalHooks.enabled
        pub enabled: Option<bool>,
        /// TODO InternalHooks.handlers
        pub handlers: Option<Vec<HookHandler>>,
        /// TODO InternalHooks.entries
        pub entries: Option<Map<HookEntry>>,
        /// TODO InternalHooks.load
        pub load: Option<HookLoad>,
        /// TODO InternalHooks.installs
        pub installs: Option<Map<HookInstall>>,
    }
}

shape! {
    /// TODO HookHandler
    pub struct HookHandler {
        /// TODO HookHandler.event
        pub event: String,
        /// TODO HookHandler.module
        pub module: ModulePath,
        /// TODO HookHandler.export
        pub export: Option<String>,
    }
}

shape! {
    /// TODO HookEntry
    #[derive(Default)]
    pub open struct HookEntry {
        /// TODO HookEntry.enabled
        pub enabled: Option<bool>,
        /// TODO HookEntry.env
        pub env: Option<Map<Sensitive>>,
        /// TODO HookEntry.*
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

shape! {
    /// TODO HookLoad
    #[derive(Default)]
    pub struct HookLoad {
        /// TODO HookLoad.extraDirs
        pub extra_dirs: Option<Vec<String>>,
    }
}

shape! {
    /// TODO HookInstall
    pub struct HookInstall {
        /// TODO HookInstall.source
        pub source: HookInstallSource,
        /// TODO HookInstall.spec
        pub spec: Option<String>,
        /// TODO HookInstall.sourcePath
        pub source_path: Option<String>,
        /// TODO HookInstall.installPath
        pub install_path: Option<String>,
        /// TODO HookInstall.version
        pub version: Option<String>,
        /// TODO HookInstall.resolvedName
        pub resolved_name: Option<String>,
        /// TODO HookInstall.resolvedVersion
        pub resolved_version: Option<String>,
        /// TODO HookInstall.resolvedSpec
        pub resolved_spec: Option<String>,
        /// TODO HookInstall.integrity
        pub integrity: Option<String>,
        /// TODO HookInstall.shasum
        pub shasum: Option<String>,
        /// TODO HookInstall.resolvedAt
        pub resolved_at: Option<String>,
        /// TODO HookInstall.installedAt
        pub installed_at: Option<String>,
        /// TODO HookInstall.clawhubUrl
        pub clawhub_url: Option<String>,
        /// TODO HookInstall.clawhubPackage
        pub clawhub_package: Option<String>,
        /// TODO HookInstall.clawhubFamily
        pub clawhub_family: Option<ClawhubFamily>,
        /// TODO HookInstall.clawhubChannel
        pub clawhub_channel: Option<ClawhubChannel>,
        /// TODO HookInstall.hooks
        pub hooks: Option<Vec<String>>,
    }
}

choice! {
    /// TODO HookInstallSource
    pub enum HookInstallSource {
        Npm = "npm",
        Archive = "archive",
        Path = "path",
        Clawhub = "clawhub",
    }
}

text! {
    /// The path of a module, relative to its folder and inside it.
    pub struct ModulePath checked by module_path {}
}
