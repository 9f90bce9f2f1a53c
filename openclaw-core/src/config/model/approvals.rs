//! TODO file approvals

use super::macros::{choice, shape};
use super::value::{NonEmpty, TextOrNumber};

shape! {
    /// TODO Approvals
    #[derive(Default)]
    pub struct Approvals {
        /// TODO Approvals.exec
        pub exec: Option<ApprovalRoute>,
        /// TODO Approvals.plugin
        pub plugin: Option<ApprovalRoute>,
    }
}

shape! {
    /// TODO ApprovalRoute
    #[derive(Default)]
    pub struct ApprovalRoute {
        /// TODO ApprovalRoute.enabled
        pub enabled: Option<bool>,
        /// TODO ApprovalRoute.mode
        pub mode: Option<ApprovalMode>,
        /// TODO ApprovalRoute.agentFilter
        pub agent_filter: Option<Vec<String>>,
        /// TODO ApprovalRoute.sessionFilter
        pub session_filter: Option<Vec<String>>,
        /// TODO ApprovalRoute.targets
        pub targets: Option<Vec<ApprovalTarget>>,
    }
}

choice! {
    /// TODO ApprovalMode
    pub enum ApprovalMode {
        Session = "session",
        Targets = "targets",
        Both = "both",
    }
}

shape! {
    /// TODO ApprovalTarget
    pub struct ApprovalTarget {
        /// TODO ApprovalTarget.channel
        pub channel: NonEmpty,
        /// TODO ApprovalTarget.to
        pub to: NonEmpty,
        /// TODO ApprovalTarget.accountId
        pub account_id: Option<String>,
        /// TODO ApprovalTarget.threadId
        pub thread_id: Option<TextOrNumber>,
    }
}
