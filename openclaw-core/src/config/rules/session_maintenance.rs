//! Durations and sizes of the upkeep of sessions.

use super::Finding;
use super::forms::{is_duration, is_size, number_text};
use crate::config::model::{ArchiveRetention, SessionMaintenance, TextOrNumber};
use crate::config::tree::{Node, Value};

pub(crate) fn typed(value: &SessionMaintenance) -> bool {
    let read = |value: &Option<TextOrNumber>| value.as_ref().map(text_of);
    let archive = match &value.reset_archive_retention {
        Some(ArchiveRetention::Text(text)) => Some(text.clone()),
        Some(ArchiveRetention::Number(number)) => Some(number_text(*number)),
        Some(ArchiveRetention::Never(_)) | None => None,
    };
    let sizes = [&value.rotate_bytes, &value.max_disk_bytes, &value.high_water_bytes].map(read);
    judge([read(&value.prune_after), archive], sizes).is_empty()
}

pub(crate) fn text_of(value: &TextOrNumber) -> String {
    match value {
        TextOrNumber::Text(text) => text.clone(),
        TextOrNumber::Number(number) => number_text(*number),
    }
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let read = |key: &str| node.get(key).and_then(node_text);
    judge(
        ["pruneAfter", "resetArchiveRetention"].map(read),
        ["rotateBytes", "maxDiskBytes", "highWaterBytes"].map(read),
    )
}

pub(crate) fn node_text(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.to_string()),
        Value::Number(number) => Some(number_text(*number)),
        _ => None,
    }
}

fn judge(durations: [Option<String>; 2], sizes: [Option<String>; 3]) -> Vec<Finding<'static>> {
    let mut found = Vec::new();
    for (key, text) in ["pruneAfter", "resetArchiveRetention"].iter().zip(durations) {
        if text.is_some_and(|text| !is_duration(&text)) {
            found.push(Finding::at(&[key], "invalid duration (use ms, s, m, h, d)"));
        }
    }
    for (key, text) in ["rotateBytes", "maxDiskBytes", "highWaterBytes"].iter().zip(sizes) {
        if text.is_some_and(|text| !is_size(&text)) {
            found.push(Finding::at(&[key], "invalid size (use b, kb, mb, gb, tb)"));
        }
    }
    found
}
