//! Section `channels`: message channels.

use super::macros::{choice, shape};
use super::value::{Json, Map};

shape! {
    /// Message channels. Every channel's own settings are judged by its plugin, not here.
    #[derive(Default)]
    pub open struct Channels {
        /// What holds for every channel.
        pub defaults: Option<ChannelDefaults>,
        /// For each channel, the model by chat.
        pub model_by_channel: Option<Map<Map<String>>>,
        /// The settings of each channel.
        #[serde(flatten)]
        pub other: Map<Json>,
    } checked by channels
}

shape! {
    /// What holds for every channel.
    #[derive(Default)]
    pub struct ChannelDefaults {
        /// Whether groups are answered.
        pub group_policy: Option<GroupPolicy>,
        /// Whose messages an agent sees.
        pub context_visibility: Option<ContextVisibility>,
        /// What of heartbeats is sent.
        pub heartbeat: Option<ChannelHeartbeat>,
    }
}

choice! {
    /// Whether groups are answered.
    pub listed enum GroupPolicy {
        Open = "open",
        Disabled = "disabled",
        Allowlist = "allowlist",
    }
}

choice! {
    /// Whose messages an agent sees.
    pub listed enum ContextVisibility {
        All = "all",
        Allowlist = "allowlist",
        AllowlistQuote = "allowlist_quote",
    }
}

shape! {
    /// What of heartbeats is sent.
    #[derive(Default)]
    pub struct ChannelHeartbeat {
        /// Whether "all is well" is.
        pub show_ok: Option<bool>,
        /// Whether news are.
        pub show_alerts: Option<bool>,
        /// Whether the state is shown in the user interface.
        pub use_indicator: Option<bool>,
    }
}
