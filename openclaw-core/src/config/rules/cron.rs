//! Durations and sizes of scheduled runs.

use super::Finding;
use super::forms::{is_duration, is_size};
use super::session_maintenance::{node_text, text_of};
use crate::config::model::{Cron, TextOrFalse};
use crate::config::tree::Node;

pub(crate) fn typed(value: &Cron) -> bool {
    let retention = match &value.session_retention {
        Some(TextOrFalse::Text(text)) => Some(text.as_str()),
        Some(TextOrFalse::Off(_)) | None => None,
    };
    let size = value.run_log.as_ref().and_then(|log| log.max_bytes.as_ref()).map(text_of);
    judge(retention, size).is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let size = node.at(&["runLog", "maxBytes"]).and_then(node_text);
    judge(node.get("sessionRetention").and_then(Node::text), size)
}

fn judge(retention: Option<&str>, size: Option<String>) -> Vec<Finding<'static>> {
    let mut found = Vec::new();
    if retention.is_some_and(|text| !is_duration(text)) {
        found.push(Finding::at(&["sessionRetention"], "invalid duration (use ms, s, m, h, d)"));
    }
    if size.is_some_and(|text| !is_size(&text)) {
        found.push(Finding::at(&["runLog", "maxBytes"], "invalid size (use b, kb, mb, gb, tb)"));
    }
    found
}
