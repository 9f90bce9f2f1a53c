//! TODO file commands

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::number::Natural;
use super::value::{Map, Sensitive, TextOrNumber};

shape! {
    /// TODO Commands
    #[derive(Default)]
    pub struct Commands {
        /// TODO Commands.native
        pub native: Option<NativeCommands>,
        /// TODO Commands.nativeSkills
        pub native_skills: Option<NativeCommands>,
        /// TODO Commands.text
        pub text: Option<bool>,
        /// TODO Commands.bash
        pub bash: Option<bool>,
        /// TODO Commands.bashForegroundMs
        pub bash_foreground_ms: Option<Natural<30000>>,
        /// TODO Commands.config
        pub config: Option<bool>,
        /// TODO Commands.mcp
        pub mcp: Option<bool>,
        /// TODO Commands.plugins
        pub plugins: Option<bool>,
        /// TODO Commands.debug
        pub debug: Option<bool>,
        /// TODO Commands.restart
        pub restart: Option<bool>,
        /// TODO Commands.useAccessGroups
        pub use_access_groups: Option<bool>,
        /// TODO Commands.ownerAllowFrom
        pub owner_allow_from: Option<Vec<TextOrNumber>>,
        /// TODO Commands.ownerDisplay
        pub owner_display: Option<OwnerDisplay>,
        /// TODO Commands.ownerDisplaySecret
        pub owner_display_secret: Option<Sensitive>,
        /// TODO Commands.allowFrom
        pub allow_from: Option<Map<Vec<TextOrNumber>>>,
    }
}

/// TODO NativeCommands
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum NativeCommands {
    /// TODO
    Switch(bool),
    /// TODO
    Auto(AutoWord),
}

choice! {
    /// TODO AutoWord
    pub enum AutoWord {
        Auto = "auto",
    }
}

choice! {
    /// TODO OwnerDisplay
    pub listed enum OwnerDisplay {
        Raw = "raw",
        Hash = "hash",
    }
}
