//! Section `skills`: where they are loaded from, which are used.

use super::macros::{choice, shape};
use super::number::{IntIn, Natural};
use super::secret::SecretInput;
use super::value::{Json, Map, Sensitive};

shape! {
    /// Skills: where they are loaded from, which are used.
    #[derive(Default)]
    pub struct Skills {
        /// The only built-in skills that are used.
        pub allow_bundled: Option<Vec<String>>,
        /// Where they are loaded from.
        pub load: Option<SkillLoad>,
        /// How what they need is installed.
        pub install: Option<SkillInstall>,
        /// Limits of loading.
        pub limits: Option<SkillLimits>,
        /// Settings of each skill.
        pub entries: Option<Map<SkillEntry>>,
    }
}

shape! {
    /// Where skills are loaded from.
    #[derive(Default)]
    pub struct SkillLoad {
        /// Further folders.
        pub extra_dirs: Option<Vec<String>>,
        /// Whether changes are noticed.
        pub watch: Option<bool>,
        /// Milliseconds of quiet after a change.
        pub watch_debounce_ms: Option<Natural>,
    }
}

shape! {
    /// How what skills need is installed.
    #[derive(Default)]
    pub struct SkillInstall {
        /// Whether Homebrew is tried first.
        pub prefer_brew: Option<bool>,
        /// The manager of Node packages.
        pub node_manager: Option<NodeManager>,
    }
}

choice! {
    /// A manager of Node packages.
    pub enum NodeManager {
        Npm = "npm",
        Pnpm = "pnpm",
        Yarn = "yarn",
        Bun = "bun",
    }
}

shape! {
    /// Limits of loading skills.
    #[derive(Default)]
    pub struct SkillLimits {
        /// Folders that are looked at below one.
        pub max_candidates_per_root: Option<IntIn<1>>,
        /// Skills of one source.
        pub max_skills_loaded_per_source: Option<IntIn<1>>,
        /// Skills in a prompt.
        pub max_skills_in_prompt: Option<Natural>,
        /// Characters of all skills in a prompt.
        pub max_skills_prompt_chars: Option<Natural>,
        /// Bytes of a skill's file.
        pub max_skill_file_bytes: Option<Natural>,
    }
}

shape! {
    /// Settings of a skill.
    #[derive(Default)]
    pub struct SkillEntry {
        /// Whether it is used.
        pub enabled: Option<bool>,
        /// Its key.
        pub api_key: Option<SecretInput>,
        /// Environment variables for it.
        pub env: Option<Map<Sensitive>>,
        /// The skill's own settings.
        pub config: Option<Map<Json>>,
    }
}
