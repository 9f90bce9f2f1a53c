//! Section `bindings`: which agent answers where.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::shared::{AcpMode, AcpType, ChatType};

/// Where an agent answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Binding {
    /// Messages go to an agent.
    Route(RouteBinding),
    /// A conversation belongs to an ACP session.
    Acp(AcpBinding),
}

shape! {
    /// Messages that an agent answers.
    pub struct RouteBinding {
        /// The kind: `route`, or absent.
        pub r#type: Option<RouteType>,
        /// The agent.
        pub agent_id: String,
        /// A note for people.
        pub comment: Option<String>,
        /// Which messages.
        pub r#match: BindingMatch,
    }
}

choice! {
    /// The kind of a binding of messages.
    pub enum RouteType {
        Route = "route",
    }
}

shape! {
    /// Which messages a binding is about. All that is there must fit.
    pub struct BindingMatch {
        /// The channel.
        pub channel: String,
        /// The channel's account; `*` is any.
        pub account_id: Option<String>,
        /// The person or group.
        pub peer: Option<BindingPeer>,
        /// The Discord server.
        pub guild_id: Option<String>,
        /// The Slack or Teams team.
        pub team_id: Option<String>,
        /// Discord roles of the sender.
        pub roles: Option<Vec<String>>,
    }
}

shape! {
    /// A person or group.
    pub struct BindingPeer {
        /// Which of both.
        pub kind: ChatType,
        /// Its id in the channel.
        pub id: String,
    }
}

shape! {
    /// A conversation that belongs to an ACP session.
    pub struct AcpBinding {
        /// The kind: `acp`.
        pub r#type: AcpType,
        /// The agent.
        pub agent_id: String,
        /// A note for people.
        pub comment: Option<String>,
        /// Which conversation. `peer.id` is needed.
        pub r#match: BindingMatch,
        /// The session.
        pub acp: Option<AcpBindingTarget>,
    } checked by acp_binding
}

shape! {
    /// The ACP session of a conversation.
    #[derive(Default)]
    pub struct AcpBindingTarget {
        /// Whether it goes on after a turn.
        pub mode: Option<AcpMode>,
        /// Its name for people.
        pub label: Option<String>,
        /// The folder in which it works.
        pub cwd: Option<String>,
        /// The plugin that runs it.
        pub backend: Option<String>,
    }
}
