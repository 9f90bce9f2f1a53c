//! TODO file shared

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::number::Positive;
use super::value::False;

choice! {
    /// TODO RunMode
    pub enum RunMode {
        Local = "local",
        Remote = "remote",
    }
}

shape! {
    /// TODO Switch
    #[derive(Default)]
    pub struct Switch {
        /// TODO Switch.enabled
        pub enabled: Option<bool>,
    }
}

/// TODO ModelChoice
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ModelChoice {
    /// TODO
    Name(String),
    /// TODO
    List(ModelList),
}

shape! {
    /// TODO ModelList
    #[derive(Default)]
    pub struct ModelList {
        /// TODO ModelList.primary
        pub primary: Option<String>,
        /// TODO ModelList.fallbacks
        pub fallbacks: Option<Vec<String>>,
    }
}

choice! {
    /// TODO OnOff
    pub enum OnOff {
        On = "on",
        Off = "off",
    }
}

choice! {
    /// TODO ThinkingLevel
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
    /// TODO OffOn
    pub enum OffOn {
        Off = "off",
        On = "on",
    }
}

choice! {
    /// TODO TypingMode
    pub enum TypingMode {
        Never = "never",
        Instant = "instant",
        Thinking = "thinking",
        Message = "message",
    }
}

shape! {
    /// TODO GroupChat
    #[derive(Default)]
    pub struct GroupChat {
        /// TODO GroupChat.mentionPatterns
        pub mention_patterns: Option<Vec<String>>,
        /// TODO GroupChat.historyLimit
        pub history_limit: Option<Positive>,
    }
}

choice! {
    /// TODO AcpType
    pub enum AcpType {
        Acp = "acp",
    }
}

choice! {
    /// TODO AcpMode
    pub listed enum AcpMode {
        Persistent = "persistent",
        Oneshot = "oneshot",
    }
}

shape! {
    /// TODO Scope
    #[derive(Default)]
    pub struct Scope {
        /// TODO Scope.default
        pub default: Option<AllowDeny>,
        /// TODO Scope.rules
        pub rules: Option<Vec<ScopeRule>>,
    }
}

choice! {
    /// TODO AllowDeny
    pub enum AllowDeny {
        Allow = "allow",
        Deny = "deny",
    }
}

shape! {
    /// TODO ScopeRule
    pub struct ScopeRule {
        /// TODO ScopeRule.action
        pub action: AllowDeny,
        /// TODO ScopeRule.match
        pub r#match: Option<ScopeMatch>,
    }
}

shape! {
    /// TODO ScopeMatch
    #[derive(Default)]
    pub struct ScopeMatch {
        /// TODO ScopeMatch.channel
        pub channel: Option<String>,
        /// TODO ScopeMatch.chatType
        pub chat_type: Option<ChatType>,
        /// TODO ScopeMatch.keyPrefix
        pub key_prefix: Option<String>,
        /// TODO ScopeMatch.rawKeyPrefix
        pub raw_key_prefix: Option<String>,
    }
}

choice! {
    /// TODO ChatType
    pub enum ChatType {
        Direct = "direct",
        Group = "group",
        Channel = "channel",
        Dm = "dm",
    }
}

/// TODO TextOrFalse
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum TextOrFalse {
    /// TODO
    Text(String),
    /// TODO
    Off(False),
}

choice! {
    /// TODO TailscaleMode
    pub enum TailscaleMode {
        Off = "off",
        Serve = "serve",
        Funnel = "funnel",
    }
}

choice! {
    /// TODO ClawhubFamily
    pub enum ClawhubFamily {
        CodePlugin = "code-plugin",
        BundlePlugin = "bundle-plugin",
    }
}

choice! {
    /// TODO ClawhubChannel
    pub enum ClawhubChannel {
        Official = "official",
        Community = "community",
        Private = "private",
    }
}
