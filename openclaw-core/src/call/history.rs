//! What every protocol needs to send a conversation back: which result belongs to which call, ids in a form that is
//! taken everywhere, and which items another model cannot read.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::chat::{Content, Item, Origin, ToolKind, Warning};

/// Which call belongs to which result.
pub(crate) struct Calls<'a> {
    /// By `call_id`: where the call stands and where its result does.
    pub(crate) by_id: HashMap<&'a str, Pair<'a>>,
}

pub(crate) struct Pair<'a> {
    pub(crate) call: usize,
    pub(crate) kind: ToolKind,
    pub(crate) result: Option<usize>,
    /// The `call_id` that goes out.
    pub(crate) wire_id: Cow<'a, str>,
}

impl<'a> Calls<'a> {
    pub(crate) fn of(input: &'a [Item]) -> Self {
        let mut by_id = HashMap::<&str, Pair<'_>>::new();
        // What goes out as it is stands first, wherever it comes.
        let sound = |item: &'a Item| match item {
            Item::ToolCall(call) if is_sound(&call.call_id) => Some(Cow::Borrowed(call.call_id.as_str())),
            _ => None,
        };
        let mut taken: HashSet<Cow<'_, str>> = input.iter().filter_map(sound).collect();
        for (index, item) in input.iter().enumerate() {
            match item {
                Item::ToolCall(call) => {
                    by_id.entry(&call.call_id).or_insert_with(|| {
                        let wire_id = clean(&call.call_id, &taken);
                        taken.insert(wire_id.clone());
                        Pair { call: index, kind: call.kind, result: None, wire_id }
                    });
                }
                // A result before its call is no result of it.
                Item::ToolResult(result) => {
                    if let Some(pair) = by_id.get_mut(result.call_id.as_str()) {
                        pair.result.get_or_insert(index);
                    }
                }
                _ => {}
            }
        }
        Self { by_id }
    }
}

/// History without an origin is the host's own word for "send it as it is".
pub(crate) fn made_by(origin: &Option<Arc<Origin>>, provider: &str, model: &str) -> bool {
    origin.as_deref().is_none_or(|o| o.provider == provider && o.model == model)
}

pub(crate) fn count_images(parts: &[Content]) -> usize {
    parts.iter().filter(|part| matches!(part, Content::InputImage { .. })).count()
}

pub(crate) fn is_sound(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A `call_id` that the backend takes. One that would become the same as another keeps a mark of what it was.
pub(crate) fn clean<'a>(id: &'a str, taken: &HashSet<Cow<'_, str>>) -> Cow<'a, str> {
    if is_sound(id) {
        return Cow::Borrowed(id);
    }
    let cut = |length: usize| {
        let replaced = id.chars().take(length).map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' });
        let text: String = replaced.collect();
        let text = text.trim_end_matches('_').to_owned();
        if text.is_empty() { "call".to_owned() } else { text }
    };
    let clean = Cow::Owned(cut(64));
    match taken.contains(&clean) {
        true => Cow::Owned(format!("{}_{:016x}", cut(47), hash(id))),
        false => clean,
    }
}

/// FNV-1a: the same id gives the same mark in every process.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// One warning for each kind of repair that happened: how often, of what, and what was done.
pub(crate) fn repairs(notes: &[(usize, &str, &str)]) -> Vec<Warning> {
    let happened = notes.iter().filter(|(count, _, _)| *count > 0);
    happened
        .map(|(count, subject, text)| Warning::new("history_repaired", *subject, format!("{text}: {count}")))
        .collect()
}
