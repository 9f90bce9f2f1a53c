//! A browser profile says how its browser is reached.

use super::Finding;
use crate::config::model::{BrowserDriver, BrowserProfile};
use crate::config::tree::Node;

pub(crate) fn typed(value: &BrowserProfile) -> bool {
    let existing = value.driver == Some(BrowserDriver::ExistingSession);
    let url = value.cdp_url.as_ref().is_some_and(|url| !url.is_empty());
    let folder = value.user_data_dir.as_ref().is_some_and(|path| !path.is_empty());
    judge(existing, value.cdp_port.is_some() || url, folder).is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let filled = |key: &str| node.get(key).and_then(Node::text).is_some_and(|text| !text.is_empty());
    let existing = node.get("driver").and_then(Node::text) == Some("existing-session");
    let port = node.get("cdpPort").and_then(Node::number).is_some_and(|port| port != 0.0);
    judge(existing, port || filled("cdpUrl"), filled("userDataDir"))
}

fn judge(existing: bool, reachable: bool, folder: bool) -> Vec<Finding<'static>> {
    let mut found = Vec::new();
    if !existing && !reachable {
        found.push(Finding::at(&[], "Profile must set cdpPort or cdpUrl"));
    }
    if !existing && folder {
        found.push(Finding::at(&[], "Profile userDataDir is only supported with driver=\"existing-session\""));
    }
    found
}
