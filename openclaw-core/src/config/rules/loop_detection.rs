//! The thresholds of the loop guard rise.

use super::Finding;
use crate::config::model::LoopDetection;
use crate::config::tree::Node;

pub(crate) fn typed(value: &LoopDetection) -> bool {
    let number = |threshold: Option<crate::config::model::Positive>| threshold.map(|n| n.get() as f64);
    judge(
        number(value.warning_threshold),
        number(value.critical_threshold),
        number(value.global_circuit_breaker_threshold),
    )
    .is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let number = |key: &str| node.get(key).and_then(Node::number);
    judge(number("warningThreshold"), number("criticalThreshold"), number("globalCircuitBreakerThreshold"))
}

fn judge(warning: Option<f64>, critical: Option<f64>, breaker: Option<f64>) -> Vec<Finding<'static>> {
    let falls = |low: Option<f64>, high: Option<f64>| matches!((low, high), (Some(low), Some(high)) if low >= high);
    let mut found = Vec::new();
    if falls(warning, critical) {
        let wrong = "tools.loopDetection.warningThreshold must be lower than criticalThreshold.";
        found.push(Finding::at(&["criticalThreshold"], wrong));
    }
    if falls(critical, breaker) {
        let wrong = "tools.loopDetection.criticalThreshold must be lower than globalCircuitBreakerThreshold.";
        found.push(Finding::at(&["globalCircuitBreakerThreshold"], wrong));
    }
    found
}
