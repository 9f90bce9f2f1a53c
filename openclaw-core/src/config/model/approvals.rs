//! Section `approvals`: where requests for approval are sent.

use super::macros::{choice, shape};
use super::value::{NonEmpty, TextOrNumber};

shape! {
    /// Where requests for approval are sent.
    #[derive(Default)]
    pub struct Approvals {
        /// Requests to run a command.
        pub exec: Option<ApprovalRoute>,
        /// Requests of plugins.
        pub plugin: Option<ApprovalRoute>,
    }
}

shape! {
    /// Where requests for approval are sent.
    #[derive(Default)]
    pub struct ApprovalRoute {
        /// Whether they are sent on.
        pub enabled: Option<bool>,
        /// To the session, to the targets, or to both.
        pub mode: Option<ApprovalMode>,
        /// Only requests of these agents.
        pub agent_filter: Option<Vec<String>>,
        /// Only requests of sessions whose key fits.
        pub session_filter: Option<Vec<String>>,
        /// The targets.
        pub targets: Option<Vec<ApprovalTarget>>,
    }
}

choice! {
    /// Whether requests for approval go to the session, to targets, or to both.
    pub enum ApprovalMode {
        Session = "session",
        Targets = "targets",
        Both = "both",
    }
}

shape! {
    /// Someone to whom requests for approval are sent.
    pub struct ApprovalTarget {
        /// The channel.
        pub channel: NonEmpty,
        /// The recipient.
        pub to: NonEmpty,
        /// The channel's account.
        pub account_id: Option<String>,
        /// The thread.
        pub thread_id: Option<TextOrNumber>,
    }
}
