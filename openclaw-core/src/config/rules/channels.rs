//! Channels bind no agents of their own any more.

use serde_json::Value;

use super::Finding;
use crate::config::issue::Seg;
use crate::config::model::Channels;
use crate::config::tree::Node;

const WRONG: &str = "Legacy channel-local ACP bindings were removed; use top-level bindings[] entries.";

pub(crate) fn typed(value: &Channels) -> bool {
    value.other.values().all(|channel| !binds(channel))
}

fn binds(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.get("bindings").and_then(Value::as_object).is_some_and(|bindings| bindings.contains_key("acp"))
                || map.values().any(binds)
        }
        Value::Array(items) => items.iter().any(binds),
        _ => false,
    }
}

pub(crate) fn node<'n>(node: &'n Node<'_>) -> Vec<Finding<'n>> {
    let mut found = Vec::new();
    search(node, &mut Vec::new(), &mut found);
    found
}

fn search<'n>(node: &'n Node<'_>, at: &mut Vec<Seg<'n>>, found: &mut Vec<Finding<'n>>) {
    for member in node.members() {
        at.push(Seg::Key(&member.key));
        if member.key == "bindings" && member.value.get("acp").is_some() {
            let mut at = at.clone();
            at.push(Seg::Key("acp"));
            found.push(Finding { at, message: WRONG.into() });
        }
        search(&member.value, at, found);
        at.pop();
    }
    for (index, item) in node.items().iter().enumerate() {
        at.push(Seg::Index(index));
        search(item, at, found);
        at.pop();
    }
}
