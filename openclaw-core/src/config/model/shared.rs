//! Shapes that several sections share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::number::Positive;
use super::value::False;

choice! {
    /// Whether the gateway runs here or elsewhere.
    pub enum RunMode {
        Local = "local",
        Remote = "remote",
    }
}

shape! {
    /// Something that is on or off.
    #[derive(Default)]
    pub struct Switch {
        /// Whether it is on.
        pub enabled: Option<bool>,
    }
}

/// A model, alone or with what is tried after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ModelChoice {
    /// `provider/model`, or a short name.
    Name(String),
    /// A model and its fallbacks.
    List(ModelList),
}

shape! {
    /// A model and what is tried after it.
    #[derive(Default)]
    pub struct ModelList {
        /// The model: `provider/model` or a short name.
        pub primary: Option<String>,
        /// What is tried in turn if it fails.
        pub fallbacks: Option<Vec<String>>,
    }
}

choice! {
    /// On or off.
    pub enum OnOff {
        On = "on",
        Off = "off",
    }
}

choice! {
    /// How much is reasoned.
    pub enum ThinkingLevel {
        Off = "off",
        Minimal = "minimal",
        Low = "low",
        Medium = "medium",
        High = "high",
        Xhigh = "xhigh",
        Adaptive = "adaptive",
    }
}

choice! {
    /// Off or on.
    pub enum OffOn {
        Off = "off",
        On = "on",
    }
}

choice! {
    /// When typing is shown.
    pub enum TypingMode {
        Never = "never",
        Instant = "instant",
        Thinking = "thinking",
        Message = "message",
    }
}

shape! {
    /// How an agent behaves in groups.
    #[derive(Default)]
    pub struct GroupChat {
        /// Regular expressions that count as a mention.
        pub mention_patterns: Option<Vec<String>>,
        /// Messages before a mention that it is shown.
        pub history_limit: Option<Positive>,
    }
}

choice! {
    /// The kind of what is reached over the Agent Client Protocol.
    pub enum AcpType {
        Acp = "acp",
    }
}

choice! {
    /// Whether an ACP session goes on after a turn.
    pub listed enum AcpMode {
        Persistent = "persistent",
        Oneshot = "oneshot",
    }
}

shape! {
    /// In which chats something holds. The first rule that matches decides.
    #[derive(Default)]
    pub struct Scope {
        /// What holds if no rule matches.
        pub default: Option<AllowDeny>,
        /// The rules.
        pub rules: Option<Vec<ScopeRule>>,
    }
}

choice! {
    /// Allowed or not.
    pub enum AllowDeny {
        Allow = "allow",
        Deny = "deny",
    }
}

shape! {
    /// A rule about chats.
    pub struct ScopeRule {
        /// What holds where it matches.
        pub action: AllowDeny,
        /// Where it matches; everything if absent.
        pub r#match: Option<ScopeMatch>,
    }
}

shape! {
    /// Which chats a rule is about. All that is there must fit.
    #[derive(Default)]
    pub struct ScopeMatch {
        /// The channel.
        pub channel: Option<String>,
        /// The kind of chat.
        pub chat_type: Option<ChatType>,
        /// What the session's key begins with, without the agent.
        pub key_prefix: Option<String>,
        /// What the whole session's key begins with.
        pub raw_key_prefix: Option<String>,
    }
}

choice! {
    /// A kind of chat. `dm` is the old word for `direct`.
    pub enum ChatType {
        Direct = "direct",
        Group = "group",
        Channel = "channel",
        Dm = "dm",
    }
}

/// A text, or `false` to switch it off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum TextOrFalse {
    /// The text.
    Text(String),
    /// Off.
    Off(False),
}

choice! {
    /// What Tailscale publishes: nothing, to the own network, or to all.
    pub enum TailscaleMode {
        Off = "off",
        Serve = "serve",
        Funnel = "funnel",
    }
}

choice! {
    /// The kind of a package at ClawHub.
    pub enum ClawhubFamily {
        CodePlugin = "code-plugin",
        BundlePlugin = "bundle-plugin",
    }
}

choice! {
    /// The channel of a package at ClawHub.
    pub enum ClawhubChannel {
        Official = "official",
        Community = "community",
        Private = "private",
    }
}
