//! TODO file skills

use super::macros::{choice, shape};
use super::number::{IntIn, Natural};
use super::secret::SecretInput;
use super::value::{Json, Map, Sensitive};

shape! {
    /// TODO Skills
    #[derive(Default)]
    pub struct Skills {
        /// TODO Skills.allowBundled
        pub allow_bundled: Option<Vec<String>>,
        /// TODO Skills.load
        pub load: Option<SkillLoad>,
        /// TODO Skills.install
        pub install: Option<SkillInstall>,
        /// TODO Skills.limits
        pub limits: Option<SkillLimits>,
        /// TODO Skills.entries
        pub entries: Option<Map<SkillEntry>>,
    }
}

shape! {
    /// TODO SkillLoad
    #[derive(Default)]
    pub struct SkillLoad {
        /// TODO SkillLoad.extraDirs
        pub extra_dirs: Option<Vec<String>>,
        /// TODO SkillLoad.watch
        pub watch: Option<bool>,
        /// TODO SkillLoad.watchDebounceMs
        pub watch_debounce_ms: Option<Natural>,
    }
}

shape! {
    /// TODO SkillInstall
    #[derive(Default)]
    pub struct SkillInstall {
        /// TODO SkillInstall.preferBrew
        pub prefer_brew: Option<bool>,
        /// TODO SkillInstall.nodeManager
        pub node_manager: Option<NodeManager>,
    }
}

choice! {
    /// TODO NodeManager
    pub enum NodeManager {
        Npm = "npm",
        Pnpm = "pnpm",
        Yarn = "yarn",
        Bun = "bun",
    }
}

shape! {
    /// TODO SkillLimits
    #[derive(Default)]
    pub struct SkillLimits {
        /// TODO SkillLimits.maxCandidatesPerRoot
        pub max_candidates_per_root: Option<IntIn<1>>,
        /// TODO SkillLimits.maxSkillsLoadedPerSource
        pub max_skills_loaded_per_source: Option<IntIn<1>>,
        /// TODO SkillLimits.maxSkillsInPrompt
        pub max_skills_in_prompt: Option<Natural>,
        /// TODO SkillLimits.maxSkillsPromptChars
        pub max_skills_prompt_chars: Option<Natural>,
        /// TODO SkillLimits.maxSkillFileBytes
        pub max_skill_file_bytes: Option<Natural>,
    }
}

shape! {
    /// TODO SkillEntry
    #[derive(Default)]
    pub struct SkillEntry {
        /// TODO SkillEntry.enabled
        pub enabled: Option<bool>,
        /// TODO SkillEntry.apiKey
        pub api_key: Option<SecretInput>,
        /// TODO SkillEntry.env
        pub env: Option<Map<Sensitive>>,
        /// TODO SkillEntry.config
        pub config: Option<Map<Json>>,
    }
}
