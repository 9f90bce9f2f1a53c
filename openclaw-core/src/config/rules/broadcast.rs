//! The agents that answer in a group exist.

use std::collections::HashSet;

use super::Finding;
use crate::config::issue::Seg;
use crate::config::model::Config;
use crate::config::tree::Node;

pub(crate) fn typed(value: &Config) -> bool {
    let Some(broadcast) = &value.broadcast else { return true };
    let agents = value.agents.as_ref().and_then(|agents| agents.list.as_deref()).unwrap_or_default();
    if agents.is_empty() || broadcast.other.is_empty() {
        return true;
    }
    let ids: HashSet<&str> = agents.iter().map(|agent| agent.id.as_str()).collect();
    broadcast.other.values().flatten().all(|name| ids.contains(name.as_str()))
}

pub(crate) fn node<'n>(node: &'n Node<'_>) -> Vec<Finding<'n>> {
    let agents = node.at(&["agents", "list"]).map(Node::items).unwrap_or_default();
    let ids: HashSet<&str> = agents.iter().filter_map(|agent| agent.get("id")?.text()).collect();
    let mut found = Vec::new();
    let Some(broadcast) = node.get("broadcast").filter(|_| !agents.is_empty()) else { return found };
    for peer in broadcast.members().iter().filter(|member| member.key != "strategy") {
        for (index, name) in peer.value.items().iter().enumerate() {
            if let Some(name) = name.text().filter(|name| !ids.contains(name)) {
                let at = vec![Seg::Key("broadcast"), Seg::Key(&peer.key), Seg::Index(index)];
                let message = format!("Unknown agent id \"{name}\" (not in agents.list).");
                found.push(Finding { at, message });
            }
        }
    }
    found
}
