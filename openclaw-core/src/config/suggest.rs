//! "Did you mean", and what may be shown of a wrong value.

use super::tree::{Node, Value};

/// The known name that is nearest to a misspelt one, if one is near.
pub(crate) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if name.is_empty() || name.len() > 64 {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(name);
    known
        .map(|candidate| {
            let other = plain(candidate);
            let distance = strsim::damerau_levenshtein(&wanted, &other);
            (distance, wanted.len().min(other.len()), candidate)
        })
        .filter(|(distance, length, _)| *distance <= (length / 3).clamp(1, 3) && *distance < *length)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, candidate)| candidate)
}

/// A value as far as it can be shown: texts may be secrets and are never shown.
pub(crate) fn shown(node: &Node<'_>) -> String {
    match &node.value {
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) if number.is_finite() => number.to_string(),
        Value::Array(items) => format!("array of {}", items.len()),
        _ => node.kind().to_owned(),
    }
}
