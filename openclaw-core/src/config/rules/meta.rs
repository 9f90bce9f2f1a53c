//! A time stamp is a date.

use super::Finding;
use crate::config::model::{Meta, TextOrNumber};
use crate::config::tree::Node;

/// The most milliseconds from 1970 that a JavaScript date can be away.
const FARTHEST: f64 = 8.64e15;

pub(crate) fn typed(value: &Meta) -> bool {
    match value.last_touched_at {
        Some(TextOrNumber::Number(at)) => judge(at).is_empty(),
        _ => true,
    }
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    node.get("lastTouchedAt").and_then(Node::number).map(judge).unwrap_or_default()
}

fn judge(at: f64) -> Vec<Finding<'static>> {
    if at.abs() <= FARTHEST { Vec::new() } else { vec![Finding::at(&["lastTouchedAt"], "Invalid input")] }
}
