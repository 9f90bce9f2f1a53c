//! Whether a sandbox browser may join the network of another container.

use super::Finding;
use super::forms::trim;
use crate::config::model::Sandbox;
use crate::config::tree::Node;

pub(crate) fn typed(value: &Sandbox) -> bool {
    let network = value.browser.as_ref().and_then(|browser| browser.network.as_deref());
    let docker = value.docker.as_ref();
    judge(network, docker.is_some_and(|d| d.dangerously_allow_container_namespace_join == Some(true))).is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let join = node.at(&["docker", "dangerouslyAllowContainerNamespaceJoin"]).and_then(Node::flag);
    judge(node.at(&["browser", "network"]).and_then(Node::text), join == Some(true))
}

fn judge(network: Option<&str>, join: bool) -> Vec<Finding<'static>> {
    let Some(mode) = network.map(|network| trim(network).to_lowercase()) else { return Vec::new() };
    if join || !mode.starts_with("container:") {
        return Vec::new();
    }
    let wrong = "Sandbox security: browser network mode \"container:*\" is blocked by default. Set \
         sandbox.docker.dangerouslyAllowContainerNamespaceJoin=true only when you fully trust this runtime.";
    vec![Finding::at(&["browser", "network"], wrong)]
}
