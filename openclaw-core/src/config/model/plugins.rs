//! Section `plugins`: which are loaded, and their settings.

use super::macros::{choice, shape};
use super::shared::{ClawhubChannel, ClawhubFamily};
use super::value::{Json, Map};

shape! {
    /// Plugins: which are loaded, and their own configuration.
    #[derive(Default)]
    pub struct Plugins {
        /// Whether any are.
        pub enabled: Option<bool>,
        /// The only plugins that are loaded.
        pub allow: Option<Vec<String>>,
        /// Plugins that are not loaded.
        pub deny: Option<Vec<String>>,
        /// Where they are loaded from.
        pub load: Option<PluginLoad>,
        /// Which plugin has a task that only one can have.
        pub slots: Option<PluginSlots>,
        /// Settings of each plugin.
        pub entries: Option<Map<PluginEntry>>,
        /// Where installed plugins came from. Written by the program.
        pub installs: Option<Map<PluginInstall>>,
    }
}

shape! {
    /// Where plugins are loaded from.
    #[derive(Default)]
    pub struct PluginLoad {
        /// Further files and folders.
        pub paths: Option<Vec<String>>,
    }
}

shape! {
    /// Which plugin has a task that only one can have.
    #[derive(Default)]
    pub struct PluginSlots {
        /// Memory; `none` is none.
        pub memory: Option<String>,
        /// The context of prompts.
        pub context_engine: Option<String>,
    }
}

shape! {
    /// Settings of a plugin.
    #[derive(Default)]
    pub struct PluginEntry {
        /// Whether it is on.
        pub enabled: Option<bool>,
        /// What its hooks may do.
        pub hooks: Option<PluginHooks>,
        /// What its agents may do.
        pub subagent: Option<PluginSubagent>,
        /// The plugin's own settings.
        pub config: Option<Map<Json>>,
    }
}

shape! {
    /// What the hooks of a plugin may do.
    #[derive(Default)]
    pub struct PluginHooks {
        /// Whether they may change prompts.
        pub allow_prompt_injection: Option<bool>,
    }
}

shape! {
    /// What agents that a plugin starts may do.
    #[derive(Default)]
    pub struct PluginSubagent {
        /// Whether the plugin may choose their model.
        pub allow_model_override: Option<bool>,
        /// The only models it may choose.
        pub allowed_models: Option<Vec<String>>,
    }
}

shape! {
    /// Where an installed plugin came from. Written by the program.
    pub struct PluginInstall {
        /// The kind of place.
        pub source: PluginInstallSource,
        /// What was asked for.
        pub spec: Option<String>,
        /// The path it was copied from.
        pub source_path: Option<String>,
        /// The path it was installed to.
        pub install_path: Option<String>,
        /// Its version.
        pub version: Option<String>,
        /// The name of its package.
        pub resolved_name: Option<String>,
        /// The version of its package.
        pub resolved_version: Option<String>,
        /// Name and version of its package.
        pub resolved_spec: Option<String>,
        /// Its checksum.
        pub integrity: Option<String>,
        /// Its SHA-1 sum.
        pub shasum: Option<String>,
        /// When it was looked up.
        pub resolved_at: Option<String>,
        /// When it was installed.
        pub installed_at: Option<String>,
        /// The ClawHub it came from.
        pub clawhub_url: Option<String>,
        /// Its name at ClawHub.
        pub clawhub_package: Option<String>,
        /// Its kind at ClawHub.
        pub clawhub_family: Option<ClawhubFamily>,
        /// Its channel at ClawHub.
        pub clawhub_channel: Option<ClawhubChannel>,
        /// The marketplace.
        pub marketplace_name: Option<String>,
        /// Where the marketplace is.
        pub marketplace_source: Option<String>,
        /// Its name there.
        pub marketplace_plugin: Option<String>,
    }
}

choice! {
    /// Where an installed plugin came from.
    pub enum PluginInstallSource {
        Npm = "npm",
        Archive = "archive",
        Path = "path",
        Clawhub = "clawhub",
        Marketplace = "marketplace",
    }
}
