//! A configuration as it was read: values, and the bytes where they stood.

use std::borrow::Cow;
use std::collections::HashMap;

use super::issue::{Seg, Span};

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node<'t> {
    pub(crate) value: Value<'t>,
    /// The file it came from.
    pub(crate) file: u16,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A JavaScript value as JSON5 can write it. Numbers are doubles, as they are there.
#[derive(Clone, Debug)]
pub(crate) enum Value<'t> {
    Null,
    Bool(bool),
    Number(f64),
    String(Cow<'t, str>),
    Array(Vec<Node<'t>>),
    Object(Vec<Member<'t>>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Member<'t> {
    pub(crate) key: Cow<'t, str>,
    pub(crate) key_start: u32,
    pub(crate) key_end: u32,
    /// The same key stood there before; this one counts.
    pub(crate) repeated: bool,
    pub(crate) value: Node<'t>,
}

impl Member<'_> {
    /// Where the key stands. A key that is merged in stands in the file of its value.
    pub(crate) fn key_span(&self) -> Span {
        Span { file: self.value.file, start: self.key_start, end: self.key_end }
    }
}

impl<'t> Node<'t> {
    pub(crate) fn span(&self) -> Span {
        Span { file: self.file, start: self.start, end: self.end }
    }

    /// The value of a key, if this is an object that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'t>> {
        self.member(key).map(|member| &member.value)
    }

    /// The value at the end of a path of keys.
    pub(crate) fn at(&self, keys: &[&str]) -> Option<&Node<'t>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value one step below.
    pub(crate) fn step(&self, seg: Seg<'_>) -> Option<&Node<'t>> {
        match seg {
            Seg::Key(key) => self.get(key),
            Seg::Index(index) => self.items().get(index),
        }
    }

    pub(crate) fn member(&self, key: &str) -> Option<&Member<'t>> {
        self.members().iter().find(|member| member.key == key)
    }

    pub(crate) fn members(&self) -> &[Member<'t>] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Node<'t>] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self.value {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    /// The name of its type, as OpenClaw's messages have it.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_nan() => "NaN",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }
}

/// Orders and thins members as a JavaScript object does: of equal keys the last value counts at the place of the
/// first, whole numbers come first in ascending order, and `__proto__` vanishes.
pub(crate) fn settle(mut members: Vec<Member<'_>>) -> Vec<Member<'_>> {
    if !plain(&members) {
        let mut places: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(members.len());
        let mut kept: Vec<Member<'_>> = Vec::with_capacity(members.len());
        for mut member in members {
            if member.key == "__proto__" {
                continue;
            }
            match places.get(&member.key).and_then(|place| kept.get_mut(*place)) {
                Some(earlier) => {
                    member.repeated = true;
                    *earlier = member;
                }
                None => {
                    places.insert(member.key.clone(), kept.len());
                    kept.push(member);
                }
            }
        }
        kept.sort_by_key(|member| array_index(&member.key).unwrap_or(u64::MAX));
        members = kept;
    }
    members
}

/// Whether the members are certainly in order as they are; looked at pair by pair only while they are few.
fn plain(members: &[Member<'_>]) -> bool {
    let odd = |key: &str| key == "__proto__" || key.as_bytes().first().is_some_and(u8::is_ascii_digit);
    members.len() <= 16
        && members
            .iter()
            .enumerate()
            .all(|(i, member)| !odd(&member.key) && members.iter().take(i).all(|earlier| earlier.key != member.key))
}

fn array_index(key: &str) -> Option<u64> {
    let index: u64 = key.parse().ok()?;
    (index < u64::from(u32::MAX) && index.to_string() == key).then_some(index)
}
