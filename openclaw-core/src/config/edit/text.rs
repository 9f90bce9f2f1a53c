//! Edits of one text. What is not edited stays byte for byte: comments, order, quotes, indentation, line ends.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::{Value, json};

use super::syntax::{self, Kind, Node, is_line_end, is_space};

/// A replacement of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) range: Range<usize>,
    pub(crate) with: String,
}

/// A value to write, with what belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Comments above it.
    pub(crate) leading: Vec<String>,
    pub(crate) body: Body,
    /// A comment behind it, on its line.
    pub(crate) trailing: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// Written as JSON.
    Json(Value),
    /// Taken from another place as it stands there, on a line that was indented so.
    Raw { text: String, indent: String },
    /// An object that holds nothing but this.
    Within { key: String, item: Box<Item> },
}

impl Item {
    pub(crate) fn json(value: Value) -> Self {
        Self { leading: Vec::new(), body: Body::Json(value), trailing: None }
    }

    /// Whether a comment of it ends only with its line.
    fn needs_lines(&self) -> bool {
        let within = match &self.body {
            Body::Within { item, .. } => item.needs_lines(),
            _ => false,
        };
        within || self.leading.iter().chain(&self.trailing).any(|comment| comment.starts_with("//"))
    }

    /// The object that holds it under this key.
    pub(crate) fn within(&self, key: &str) -> Self {
        match &self.body {
            Body::Json(value) => Self::json(json!({ key: value })),
            _ => Self {
                leading: Vec::new(),
                body: Body::Within { key: key.to_owned(), item: Box::new(self.clone()) },
                trailing: None,
            },
        }
    }
}

/// One entry of an object or array.
#[derive(Debug, Clone)]
struct Slot {
    span: Range<usize>,
    comma: Option<usize>,
}

/// Replaces the value in `node` by another.
pub(crate) fn replace(text: &str, style: &Style, node: &Node, item: &Item) -> Vec<Splice> {
    let indent = style.indent(text, node.span.start);
    vec![Splice { range: node.span.clone(), with: body(&item.body, &indent, style, style.compact) }]
}

/// Puts a member behind the others of an object.
pub(crate) fn insert_member(text: &str, style: &Style, object: &Node, key: &str, item: &Item) -> Vec<Splice> {
    append(text, style, object, Some(key), item)
}

/// Puts a value behind the others of an array.
pub(crate) fn push_element(text: &str, style: &Style, array: &Node, item: &Item) -> Vec<Splice> {
    append(text, style, array, None, item)
}

/// Takes entries out of an object or array, by position.
pub(crate) fn remove_entries(text: &str, container: &Node, doomed: &[usize]) -> Vec<Splice> {
    let slots = slots(container);
    let doomed: HashSet<usize> = doomed.iter().copied().collect();
    let dead = |i: usize| doomed.contains(&i);
    // From here on nothing stays.
    let tail = slots.len() - (0..slots.len()).rev().take_while(|i| dead(*i)).count();
    let mut splices = Vec::new();
    // Neighbours on one line go as one.
    let mut run: Option<(Slot, bool)> = None;
    for (i, slot) in slots.iter().enumerate().filter(|(i, _)| dead(*i)) {
        run = match run {
            Some((first, last)) if last == (i >= tail) && is_gap(text, &first, slot) => {
                Some((Slot { span: first.span.start..slot.span.end, comma: slot.comma }, last))
            }
            other => {
                other.into_iter().for_each(|(slot, last)| remove_slot(text, &slot, last, &mut splices));
                Some((slot.clone(), i >= tail))
            }
        };
    }
    run.into_iter().for_each(|(slot, last)| remove_slot(text, &slot, last, &mut splices));
    // Without a trailing comma before, there is none after.
    if slots.last().is_some_and(|last| last.comma.is_none()) && dead(slots.len() - 1) {
        let survivor = slots.iter().enumerate().rev().find(|(i, _)| !dead(*i));
        if let Some(comma) = survivor.and_then(|(_, slot)| slot.comma) {
            splices.push(Splice { range: comma..comma + 1, with: String::new() });
        }
    }
    splices
}

/// Gives every member of this key another one.
pub(crate) fn rename(object: &Node, from: &str, to: &str) -> Vec<Splice> {
    let members = object.members().unwrap_or_default().iter().filter(|member| member.key == from);
    members.map(|member| Splice { range: member.key_span.clone(), with: quoted(to) }).collect()
}

/// A member on its way to another place.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    pub(crate) item: Item,
    /// Takes the comments that go with it away; the entry itself is for [`remove_entries`].
    pub(crate) comments: Vec<Splice>,
}

/// The member at this position with the comments that belong to it: those right above it and the one behind it.
pub(crate) fn carried(text: &str, style: &Style, object: &Node, position: usize) -> Option<Carried> {
    let member = object.members()?.get(position)?;
    let slots = slots(object);
    let own_end = slots.get(position).map_or(member.value.span.end, slot_end);
    // A comment on the line of the entry before belongs to that entry.
    let before = match position.checked_sub(1).and_then(|i| slots.get(i)) {
        Some(slot) => line_end(text, slot_end(slot)).min(member.key_span.start),
        None => object.span.start + 1,
    };
    let after = match slots.get(position + 1) {
        Some(slot) => slot.span.start,
        None => object.span.end.saturating_sub(1),
    };
    let mut above: Vec<Range<usize>> = Vec::new();
    let mut below = member.key_span.start;
    for comment in syntax::comments(text, before..member.key_span.start).into_iter().rev() {
        // An empty line parts a comment from what follows.
        if text.get(comment.end..below).is_none_or(|gap| gap.replace("\r\n", "\n").matches(is_line_end).count() > 1) {
            break;
        }
        below = comment.start;
        above.insert(0, comment);
    }
    let inner = syntax::comments(text, member.key_span.end..member.value.span.start);
    let mut behind = syntax::comments(text, member.value.span.end..line_end(text, own_end).min(after)).into_iter();
    let trailing = behind.next();
    let own = |span: &Range<usize>| text.get(span.clone()).unwrap_or_default().to_owned();
    let comments = above.iter().cloned().chain(trailing.clone()).map(|span| comment_removal(text, span)).collect();
    Some(Carried {
        item: Item {
            leading: above.iter().chain(&inner).map(own).collect(),
            body: raw(text, style, &member.value),
            trailing: trailing.as_ref().map(own),
        },
        comments,
    })
}

/// Takes a comment away, with its line if it has one of its own.
fn comment_removal(text: &str, span: Range<usize>) -> Splice {
    let end = line_end(text, span.end);
    let rest_is_space = text.get(span.end..end).is_some_and(|rest| rest.chars().all(is_space));
    let range = match blank_before(text, span.start) {
        Some(blank) if rest_is_space => span.start - blank.len()..end + line_end_len(text, end),
        _ if rest_is_space => without_space(text, span.start)..span.end,
        _ => span,
    };
    Splice { range, with: String::new() }
}

/// A value as it stands in the text.
fn raw(text: &str, style: &Style, node: &Node) -> Body {
    Body::Raw {
        text: text.get(node.span.clone()).unwrap_or_default().to_owned(),
        indent: style.indent(text, node.span.start),
    }
}

/// Carries the splices out. Deletions may overlap each other; nothing else may.
pub(crate) fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for splice in splices {
        out.push_str(text.get(at..splice.range.start.max(at)).unwrap_or_default());
        out.push_str(&splice.with);
        at = at.max(splice.range.end);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// A key or string in quotes.
pub(crate) fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

// --- parts

fn slots(container: &Node) -> Vec<Slot> {
    match &container.kind {
        Kind::Object(members) => members.iter().map(|m| Slot { span: m.span(), comma: m.comma }).collect(),
        Kind::Array(elements) => elements.iter().map(|e| Slot { span: e.value.span.clone(), comma: e.comma }).collect(),
        _ => Vec::new(),
    }
}

fn slot_end(slot: &Slot) -> usize {
    slot.comma.map_or(slot.span.end, |comma| comma + 1)
}

/// Whether nothing but a comma and blanks stands between an entry and a later one.
fn is_gap(text: &str, entry: &Slot, next: &Slot) -> bool {
    let between = text.get(entry.span.end..next.span.start).unwrap_or_default();
    between.matches(',').count() == 1 && between.chars().all(|c| c == ',' || (is_space(c) && !is_line_end(c)))
}

fn remove_slot(text: &str, slot: &Slot, last: bool, splices: &mut Vec<Splice>) {
    let mut delete = |range: Range<usize>| splices.push(Splice { range, with: String::new() });
    let end = slot_end(slot);
    let before = blank_before(text, slot.span.start);
    let rest = text.get(end..).unwrap_or_default();
    let blank = rest.len() - rest.trim_start_matches(|c| is_space(c) && !is_line_end(c)).len();
    let ends_line = rest.get(blank..).is_some_and(|behind| behind.starts_with(is_line_end));
    if let Some(comma) = slot.comma {
        // A comment between value and comma stays.
        if text.get(slot.span.end..comma).is_some_and(|between| !between.chars().all(is_space)) {
            delete(slot.span.clone());
            delete(comma..comma + 1);
            return;
        }
    }
    match before {
        Some(before) if ends_line => {
            delete(slot.span.start - before.len()..end + blank + line_end_len(text, end + blank));
        }
        None if last => delete(without_space(text, slot.span.start)..end),
        _ => delete(slot.span.start..end + blank),
    }
}

fn append(text: &str, style: &Style, container: &Node, key: Option<&str>, item: &Item) -> Vec<Splice> {
    let slots = slots(container);
    let close = container.span.end.saturating_sub(1);
    let open_end = container.span.start + 1;
    let after = slots.last().map_or(open_end, slot_end);
    let at = syntax::comments(text, after..close).last().map_or(after, |comment| comment.end);
    let has_line_end = |part: Range<usize>| text.get(part).is_some_and(|part| part.contains(is_line_end));
    let multi_line = match slots.first() {
        Some(first) => has_line_end(open_end..first.span.start) || has_line_end(after..close),
        None => !style.compact,
    } || item.needs_lines();
    let outer = style.indent(text, container.span.start);
    let mut splices = Vec::new();
    if let Some(Slot { span, comma: None }) = slots.last() {
        splices.push(Splice { range: span.end..span.end, with: ",".to_owned() });
    }
    let keeps_comma = slots.last().is_some_and(|last| last.comma.is_some());
    let indent = entry_indent(text, &slots).unwrap_or_else(|| format!("{outer}{}", style.unit));
    let mut with = String::new();
    if multi_line {
        with.push_str(&entry(key, item, &indent, style, true, keeps_comma));
        if !has_line_end(at..close) {
            with.push_str(style.line_end);
            with.push_str(&outer);
        }
    } else {
        if !slots.is_empty() && !style.compact {
            with.push(' ');
        }
        with.push_str(&entry(key, item, &outer, style, false, keeps_comma));
    }
    splices.push(Splice { range: at..at, with });
    splices
}

/// An entry with its comments; on lines of its own, or behind what stands there.
fn entry(key: Option<&str>, item: &Item, indent: &str, style: &Style, multi_line: bool, comma: bool) -> String {
    let mut out = String::new();
    let begin = |out: &mut String| {
        out.push_str(style.line_end);
        out.push_str(indent);
    };
    for comment in &item.leading {
        if multi_line {
            begin(&mut out);
            out.push_str(comment);
        } else {
            out.push_str(comment);
            out.push(' ');
        }
    }
    if multi_line {
        begin(&mut out);
    }
    push_entry(&mut out, key, &item.body, indent, style, !multi_line);
    if comma {
        out.push(',');
    }
    if let Some(comment) = &item.trailing {
        out.push(' ');
        out.push_str(comment);
    }
    out
}

fn push_entry(out: &mut String, key: Option<&str>, value: &Body, indent: &str, style: &Style, inline: bool) {
    if let Some(key) = key {
        out.push_str(&quoted(key));
        out.push_str(if style.compact { ":" } else { ": " });
    }
    out.push_str(&body(value, indent, style, inline));
}

fn body(body: &Body, indent: &str, style: &Style, inline: bool) -> String {
    match body {
        Body::Json(value) if inline => value.to_string(),
        Body::Json(value) => {
            let mut out = String::new();
            pretty(value, indent, style, &mut out);
            out
        }
        Body::Raw { text, indent: from } => reindented(text, from, indent),
        Body::Within { key, item } => {
            let multi_line = item.needs_lines() || !(inline || style.compact);
            if !multi_line {
                return format!("{{{}}}", entry(Some(key), item, indent, style, false, false));
            }
            let inner = format!("{indent}{}", style.unit);
            format!("{{{}{}{indent}}}", entry(Some(key), item, &inner, style, true, false), style.line_end)
        }
    }
}

fn pretty(value: &Value, indent: &str, style: &Style, out: &mut String) {
    let inner = format!("{indent}{}", style.unit);
    let list = |open: char, close: char, entries: Vec<(Option<&String>, &Value)>, out: &mut String| {
        out.push(open);
        let count = entries.len();
        for (i, (key, value)) in entries.into_iter().enumerate() {
            out.push_str(style.line_end);
            out.push_str(&inner);
            if let Some(key) = key {
                out.push_str(&quoted(key));
                out.push_str(": ");
            }
            pretty(value, &inner, style, out);
            if i + 1 < count {
                out.push(',');
            }
        }
        out.push_str(style.line_end);
        out.push_str(indent);
        out.push(close);
    };
    match value {
        Value::Object(map) if !map.is_empty() => list('{', '}', map.iter().map(|(k, v)| (Some(k), v)).collect(), out),
        Value::Array(values) if !values.is_empty() => list('[', ']', values.iter().map(|v| (None, v)).collect(), out),
        other => out.push_str(&other.to_string()),
    }
}

/// The same text for a line of another indentation. Strings and comments that span lines stay as they are.
fn reindented(text: &str, from: &str, to: &str) -> String {
    if from == to {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quote = None;
    while let Some(c) = rest.chars().next() {
        let mut take = c.len_utf8();
        match quote {
            Some(q) => match c {
                '\\' => take += rest.get(1..).and_then(|r| r.chars().next()).map_or(0, char::len_utf8),
                c if c == q => quote = None,
                _ => {}
            },
            None if rest.starts_with("//") || rest.starts_with("/*") => {
                take = syntax::comment_length(rest).unwrap_or(rest.len());
            }
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if is_line_end(c) => {
                take = if rest.starts_with("\r\n") { 2 } else { take };
                let (line, behind) = rest.split_at_checked(take).unwrap_or((rest, ""));
                out.push_str(line);
                rest = match behind.strip_prefix(from) {
                    Some(behind) => {
                        out.push_str(to);
                        behind
                    }
                    None => behind,
                };
                continue;
            }
            None => {}
        }
        let (part, behind) = rest.split_at_checked(take).unwrap_or((rest, ""));
        out.push_str(part);
        rest = behind;
    }
    out
}

/// How the person writes, and where the lines begin.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    unit: String,
    line_end: &'static str,
    /// All on one line.
    compact: bool,
    /// Looked for once: a line may hold thousands of values.
    lines: Vec<usize>,
}

impl Style {
    /// That of a whole text.
    pub(crate) fn of(text: &str, root: &Node) -> Self {
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let inside = text.get(root.span.clone()).unwrap_or_default();
        let compact = !inside.contains(is_line_end) && inside.len() > 2;
        let ends = text.match_indices(is_line_end).map(|(at, end)| at + end.len());
        let mut style = Self { unit: String::new(), line_end, compact, lines: [0].into_iter().chain(ends).collect() };
        let outer = style.indent(text, root.span.start);
        let first = slots(root).first().map(|slot| style.indent(text, slot.span.start));
        let unit = first.and_then(|indent| indent.strip_prefix(&*outer).map(str::to_owned));
        style.unit = unit.filter(|unit| !unit.is_empty()).unwrap_or_else(|| "  ".to_owned());
        style
    }

    /// The space at the beginning of the line of this place.
    fn indent(&self, text: &str, at: usize) -> String {
        let line = self.lines.partition_point(|start| *start <= at).checked_sub(1);
        let start = line.and_then(|line| self.lines.get(line)).copied().unwrap_or_default();
        let prefix = text.get(start..at).unwrap_or_default().trim_start_matches('\u{feff}');
        prefix.chars().take_while(|c| is_space(*c)).collect()
    }
}

/// The indentation of the entries that begin a line.
fn entry_indent(text: &str, slots: &[Slot]) -> Option<String> {
    slots.iter().rev().find_map(|slot| blank_before(text, slot.span.start)).map(str::to_owned)
}

/// What stands before this place on its line, if that is nothing but space.
fn blank_before(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    // Not the whole line, which may hold thousands of others.
    let rest = before.trim_end_matches(|c| is_space(c) && !is_line_end(c));
    (rest.is_empty() || rest.ends_with(is_line_end)).then(|| before.get(rest.len()..)).flatten()
}

/// Where the space before this place begins.
fn without_space(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().trim_end_matches([' ', '\t']).len()
}

fn line_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find(is_line_end).unwrap_or(rest.len())
}

fn line_end_len(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with("\r\n") { 2 } else { first_len(rest) }
}

fn first_len(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}
