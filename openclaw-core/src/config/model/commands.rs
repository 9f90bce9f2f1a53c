//! Section `commands`: slash commands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::number::Natural;
use super::value::{Map, Sensitive, TextOrNumber};

shape! {
    /// Slash commands and who may give them.
    #[derive(Default)]
    pub struct Commands {
        /// Whether they are registered with the channel. Default `auto`.
        pub native: Option<NativeCommands>,
        /// Whether skills are registered too. Default `auto`.
        pub native_skills: Option<NativeCommands>,
        /// Whether they are read from plain messages.
        pub text: Option<bool>,
        /// Whether `/bash` runs commands.
        pub bash: Option<bool>,
        /// Milliseconds after which such a command goes on in the background.
        pub bash_foreground_ms: Option<Natural<30000>>,
        /// Whether `/config` changes the configuration.
        pub config: Option<bool>,
        /// Whether `/mcp` changes MCP servers.
        pub mcp: Option<bool>,
        /// Whether `/plugins` changes plugins.
        pub plugins: Option<bool>,
        /// Whether `/debug` changes settings for the time being.
        pub debug: Option<bool>,
        /// Whether `/restart` restarts. Default true.
        pub restart: Option<bool>,
        /// Whether the channel's allow lists hold for commands.
        pub use_access_groups: Option<bool>,
        /// Senders who count as the owner.
        pub owner_allow_from: Option<Vec<TextOrNumber>>,
        /// How the owner appears in prompts. Default `raw`.
        pub owner_display: Option<OwnerDisplay>,
        /// The secret of the hash, for `hash`.
        pub owner_display_secret: Option<Sensitive>,
        /// For each channel, the senders who may give commands; `*` is any channel.
        pub allow_from: Option<Map<Vec<TextOrNumber>>>,
    }
}

/// Whether commands are registered with the channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum NativeCommands {
    /// Yes or no.
    Switch(bool),
    /// Where it makes sense.
    Auto(AutoWord),
}

choice! {
    /// As OpenClaw sees fit.
    pub enum AutoWord {
        Auto = "auto",
    }
}

choice! {
    /// How the owner appears in prompts.
    pub listed enum OwnerDisplay {
        Raw = "raw",
        Hash = "hash",
    }
}
