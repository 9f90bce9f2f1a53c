//! TODO file plugins

use super::macros::{choice, shape};
use super::shared::{ClawhubChannel, ClawhubFamily};
use super::value::{Json, Map};

shape! {
    /// TODO Plugins
    #[derive(Default)]
    pub struct Plugins {
        /// TODO Plugins.enabled
        pub enabled: Option<bool>,
        /// TODO Plugins.allow
        pub allow: Option<Vec<String>>,
        /// TODO Plugins.deny
        pub deny: Option<Vec<String>>,
        /// TODO Plugins.load
        pub load: Option<PluginLoad>,
        /// TODO Plugins.slots
        pub slots: Option<PluginSlots>,
        /// TODO Plugins.entries
        pub entries: Option<Map<PluginEntry>>,
        /// TODO Plugins.installs
        pub installs: Option<Map<PluginInstall>>,
    }
}

shape! {
    /// TODO PluginLoad
    #[derive(Default)]
    pub struct PluginLoad {
        /// TODO PluginLoad.paths
        pub paths: Option<Vec<String>>,
    }
}

shape! {
    /// TODO PluginSlots
    #[derive(Default)]
    pub struct PluginSlots {
        /// TODO PluginSlots.memory
        pub memory: Option<String>,
        /// TODO PluginSlots.contextEngine
        pub context_engine: Option<String>,
    }
}

shape! {
    /// TODO PluginEntry
    #[derive(Default)]
    pub struct PluginEntry {
        /// TODO PluginEntry.enabled
        pub enabled: Option<bool>,
        /// TODO PluginEntry.hooks
        pub hooks: Option<PluginHooks>,
        /// TODO PluginEntry.subagent
        pub subagent: Option<PluginSubagent>,
        /// TODO PluginEntry.config
        pub config: Option<Map<Json>>,
    }
}

shape! {
    /// TODO PluginHooks
    #[derive(Default)]
    pub struct PluginHooks {
        /// TODO PluginHooks.allowPromptInjection
        pub allow_prompt_injection: Option<bool>,
    }
}

shape! {
    /// TODO PluginSubagent
    #[derive(Default)]
    pub struct PluginSubagent {
        /// TODO PluginSubagent.allowModelOverride
        pub allow_model_override: Option<bool>,
        /// TODO PluginSubagent.allowedModels
        pub allowed_models: Option<Vec<String>>,
    }
}

shape! {
    /// TODO PluginInstall
    pub struct PluginInstall {
        /// TODO PluginInstall.source
        pub source: PluginInstallSource,
        /// TODO PluginInstall.spec
        pub spec: Option<String>,
        /// TODO PluginInstall.sourcePath
        pub source_path: Option<String>,
        /// TODO PluginInstall.installPath
        pub install_path: Option<String>,
        /// TODO PluginInstall.version
        pub version: Option<String>,
        /// TODO PluginInstall.resolvedName
        pub resolved_name: Option<String>,
        /// TODO PluginInstall.resolvedVersion
        pub resolved_version: Option<String>,
        /// TODO PluginInstall.resolvedSpec
        pub resolved_spec: Option<String>,
        /// TODO PluginInstall.integrity
        pub integrity: Option<String>,
        /// TODO PluginInstall.shasum
        pub shasum: Option<String>,
        /// TODO PluginInstall.resolvedAt
        pub resolved_at: Option<String>,
        /// TODO PluginInstall.installedAt
        pub installed_at: Option<String>,
        /// TODO PluginInstall.clawhubUrl
        pub clawhub_url: Option<String>,
        /// TODO PluginInstall.clawhubPackage
        pub clawhub_package: Option<String>,
        /// TODO PluginInstall.clawhubFamily
        pub clawhub_family: Option<ClawhubFamily>,
        /// TODO PluginInstall.clawhubChannel
        pub clawhub_channel: Option<ClawhubChannel>,
        /// TODO PluginInstall.marketplaceName
        pub marketplace_name: Option<String>,
        /// TODO PluginInstall.marketplaceSource
        pub marketplace_source: Option<String>,
        /// TODO PluginInstall.marketplacePlugin
        pub marketplace_plugin: Option<String>,
    }
}

choice! {
    /// TODO PluginInstallSource
    pub enum PluginInstallSource {
        Npm = "npm",
        Archive = "archive",
        Path = "path",
        Clawhub = "clawhub",
        Marketplace = "marketplace",
    }
}
