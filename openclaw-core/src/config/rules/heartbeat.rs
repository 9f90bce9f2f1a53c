//! When an agent wakes up by itself.

use super::Finding;
use super::forms::{hour_and_minute, is_duration};
use crate::config::model::Heartbeat;
use crate::config::tree::Node;

pub(crate) fn typed(value: &Heartbeat) -> bool {
    let hours = value.active_hours.as_ref();
    let time = |text: Option<&Option<String>>| text.cloned().flatten();
    judge(
        value.every.as_deref(),
        time(hours.map(|hours| &hours.start)).as_deref(),
        time(hours.map(|hours| &hours.end)).as_deref(),
    )
    .is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let text = |keys: &[&str]| node.at(keys).and_then(Node::text);
    judge(text(&["every"]), text(&["activeHours", "start"]), text(&["activeHours", "end"]))
}

fn judge(every: Option<&str>, start: Option<&str>, end: Option<&str>) -> Vec<Finding<'static>> {
    let mut found = Vec::new();
    let Some(every) = every.filter(|every| !every.is_empty()) else { return found };
    if !is_duration(every) {
        found.push(Finding::at(&["every"], "invalid duration (use ms, s, m, h)"));
    }
    for (key, text) in [("start", start), ("end", end)] {
        let Some(text) = text.filter(|text| !text.is_empty()) else { continue };
        let wrong = match hour_and_minute(text) {
            None => "invalid time (use \"HH:MM\" 24h format)",
            Some((24, 1..)) => "invalid time (24:00 is the only allowed 24:xx value)",
            Some((24, 0)) if key == "start" => "invalid time (start cannot be 24:00)",
            Some(_) => continue,
        };
        found.push(Finding::at(&["activeHours", key], wrong));
    }
    found
}
