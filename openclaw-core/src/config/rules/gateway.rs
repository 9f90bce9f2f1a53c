//! A channel is not stale before it was looked at.

use super::Finding;
use crate::config::model::Gateway;
use crate::config::tree::Node;

pub(crate) fn typed(value: &Gateway) -> bool {
    let check = value.channel_health_check_minutes.map(|n| n.get() as f64);
    judge(check, value.channel_stale_event_threshold_minutes.map(|n| n.get() as f64)).is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let number = |key: &str| node.get(key).and_then(Node::number);
    judge(number("channelHealthCheckMinutes"), number("channelStaleEventThresholdMinutes"))
}

fn judge(check: Option<f64>, stale: Option<f64>) -> Vec<Finding<'static>> {
    let check = check.unwrap_or(5.0);
    match stale {
        Some(stale) if check != 0.0 && stale < check => vec![Finding::at(
            &["channelStaleEventThresholdMinutes"],
            "channelStaleEventThresholdMinutes should be >= channelHealthCheckMinutes to avoid delayed stale detection",
        )],
        _ => Vec::new(),
    }
}
