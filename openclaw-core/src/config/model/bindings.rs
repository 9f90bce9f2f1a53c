//! TODO file bindings

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::shared::{AcpMode, AcpType, ChatType};

/// TODO Binding
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Binding {
    /// TODO
    Route(RouteBinding),
    /// TODO
    Acp(AcpBinding),
}

shape! {
    /// TODO RouteBinding
    pub struct RouteBinding {
        /// TODO RouteBinding.type
        pub r#type: Option<RouteType>,
        /// TODO RouteBinding.agentId
        pub agent_id: String,
        /// TODO RouteBinding.comment
        pub comment: Option<String>,
        /// TODO RouteBinding.match
        pub r#match: BindingMatch,
    }
}

choice! {
    /// TODO RouteType
    pub enum RouteType {
        Route = "route",
    }
}

shape! {
    /// TODO BindingMatch
    pub struct BindingMatch {
        /// TODO BindingMatch.channel
        pub channel: String,
        /// TODO BindingMatch.accountId
        pub account_id: Option<String>,
        /// TODO BindingMatch.peer
        pub peer: Option<BindingPeer>,
        /// TODO BindingMatch.guildId
        pub guild_id: Option<String>,
        /// TODO BindingMatch.teamId
        pub team_id: Option<String>,
        /// TODO BindingMatch.roles
        pub roles: Option<Vec<String>>,
    }
}

shape! {
    /// TODO BindingPeer
    pub struct BindingPeer {
        /// TODO BindingPeer.kind
        pub kind: ChatType,
        /// TODO BindingPeer.id
        pub id: String,
    }
}

shape! {
    /// TODO AcpBinding
    pub struct AcpBinding {
        /// TODO AcpBinding.type
        pub r#type: AcpType,
        /// TODO AcpBinding.agentId
        pub agent_id: String,
        /// TODO AcpBinding.comment
        pub comment: Option<String>,
        /// TODO AcpBinding.match
        pub r#match: BindingMatch,
        /// TODO AcpBinding.acp
        pub acp: Option<AcpBindingTarget>,
    } checked by acp_binding
}

shape! {
    /// TODO AcpBindingTarget
    #[derive(Default)]
    pub struct AcpBindingTarget {
        /// TODO AcpBindingTarget.mode
        pub mode: Option<AcpMode>,
        /// TODO AcpBindingTarget.label
        pub label: Option<String>,
        /// TODO AcpBindingTarget.cwd
        pub cwd: Option<String>,
        /// TODO AcpBindingTarget.backend
        pub backend: Option<String>,
    }
}
