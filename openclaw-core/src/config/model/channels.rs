//! TODO file channels

use super::macros::{choice, shape};
use super::value::{Json, Map};

shape! {
    /// TODO Channels
    #[derive(Default)]
    pub open struct Channels {
        /// TODO Channels.defaults
        pub defaults: Option<ChannelDefaults>,
        /// TODO Channels.modelByChannel
        pub model_by_channel: Option<Map<Map<String>>>,
        /// TODO Channels.*
        #[serde(flatten)]
        pub other: Map<Json>,
    } checked by channels
}

shape! {
    /// TODO ChannelDefaults
    #[derive(Default)]
    pub struct ChannelDefaults {
        /// TODO ChannelDefaults.groupPolicy
        pub group_policy: Option<GroupPolicy>,
        /// TODO ChannelDefaults.contextVisibility
        pub context_visibility: Option<ContextVisibility>,
        /// TODO ChannelDefaults.heartbeat
        pub heartbeat: Option<ChannelHeartbeat>,
    }
}

choice! {
    /// TODO GroupPolicy
    pub listed enum GroupPolicy {
        Open = "open",
        Disabled = "disabled",
        Allowlist = "allowlist",
    }
}

choice! {
    /// TODO ContextVisibility
    pub listed enum ContextVisibility {
        All = "all",
        Allowlist = "allowlist",
        AllowlistQuote = "allowlist_quote",
    }
}

shape! {
    /// TODO ChannelHeartbeat
    #[derive(Default)]
    pub struct ChannelHeartbeat {
        /// TODO ChannelHeartbeat.showOk
        pub show_ok: Option<bool>,
        /// TODO ChannelHeartbeat.showAlerts
        pub show_alerts: Option<bool>,
        /// TODO ChannelHeartbeat.useIndicator
        pub use_indicator: Option<bool>,
    }
}
