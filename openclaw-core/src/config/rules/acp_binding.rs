//! A binding to an ACP agent names one conversation.

use super::Finding;
use super::forms::trim;
use crate::config::model::AcpBinding;
use crate::config::tree::Node;

pub(crate) fn typed(value: &AcpBinding) -> bool {
    judge(value.r#match.peer.as_ref().map(|peer| peer.id.as_str())).is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    judge(node.at(&["match", "peer", "id"]).and_then(Node::text))
}

fn judge(peer: Option<&str>) -> Vec<Finding<'static>> {
    if peer.is_none_or(|id| trim(id).is_empty()) {
        let wrong = "ACP bindings require match.peer.id to target a concrete conversation.";
        return vec![Finding::at(&["match", "peer"], wrong)];
    }
    Vec::new()
}
