//! The network of a sandbox browser.

use super::Finding;
use super::forms::trim;
use crate::config::model::SandboxBrowser;
use crate::config::tree::Node;

pub(crate) fn typed(value: &SandboxBrowser) -> bool {
    judge(value.network.as_deref()).is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    judge(node.get("network").and_then(Node::text))
}

fn judge(network: Option<&str>) -> Vec<Finding<'static>> {
    if network.is_some_and(|network| trim(network).eq_ignore_ascii_case("host")) {
        let wrong = "Sandbox security: browser network mode \"host\" is blocked. Use \"bridge\" or a custom bridge \
                     network instead.";
        return vec![Finding::at(&["network"], wrong)];
    }
    Vec::new()
}
