//! The changes of a configuration as a diff that shows no secret.
//!
//! A value is shown only if its place is known to hold no secret: a key of the model by its own name, whose type and name
//! are harmless. What a person may name freely, what nobody knows, and what belongs to a plugin is masked.

use std::ops::Range;

use similar::{DiffTag, TextDiff};

use super::layers::include_names;
use super::sources::{Source, Sources};
use super::syntax::{self, Kind, Node, is_line_end};
use super::text::{Splice, apply};
use crate::config::mask::{looks_secret, sounds_secret};
use crate::config::schema::{Form, Id, Others, Shapes, shapes};
use crate::error::redact;

const MASK: &str = "***";

/// The diffs of all files.
pub(crate) fn diff(sources: &Sources) -> String {
    let mut places = vec![Vec::new(); sources.files().len()];
    sources.spread(0, &[shapes().root], &mut places);
    let files = sources.files().iter().zip(&places).filter(|(source, _)| source.is_changed());
    files.map(|(source, places)| file_diff(source, places)).collect()
}

impl Sources {
    /// What each file may be: the shapes of the places at which it is included.
    fn spread(&self, file: usize, ids: &[Id], places: &mut [Vec<Id>]) {
        let Some(known) = places.get_mut(file) else { return };
        let before = known.len();
        ids.iter().for_each(|id| {
            if !known.contains(id) {
                known.push(*id)
            }
        });
        let grown = known.len() > before;
        if let Some(source) = self.files().get(file).filter(|_| grown) {
            self.spread_below(file, &source.root, ids, places);
        }
    }

    fn spread_below(&self, file: usize, node: &Node, ids: &[Id], places: &mut [Vec<Id>]) {
        for name in include_names(node) {
            if let Some(included) = self.file_of(file, name) {
                self.spread(included, ids, places);
            }
        }
        for member in node.members().unwrap_or_default() {
            self.spread_below(file, &member.value, &below(shapes(), ids, &member.key).0, places);
        }
        for element in node.elements().unwrap_or_default() {
            self.spread_below(file, &element.value, &items(shapes(), ids), places);
        }
    }
}

/// The changes of one file as a unified diff.
fn file_diff(source: &Source, places: &[Id]) -> String {
    let lines = |text: &str| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
    let (old_lines, new_lines) = (lines(&source.original), lines(&source.text));
    let (old_shown, new_shown) = (lines(&masked(&source.original, places)), lines(&masked(&source.text, places)));
    let (old_refs, new_refs): (Vec<&str>, Vec<&str>) =
        (old_lines.iter().map(String::as_str).collect(), new_lines.iter().map(String::as_str).collect());
    let diff = TextDiff::from_slices(&old_refs, &new_refs);
    let name = source.path.display();
    let mut out = format!("--- {name}\n+++ {name}\n");
    let mut push = |sign: char, line: Option<&String>| {
        let line = line.map(String::as_str).unwrap_or_default();
        let text = line.trim_end_matches(['\n', '\r']);
        out.push(sign);
        // What a terminal would obey is not passed on.
        out.extend(text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }));
        out.push('\n');
        if !line.ends_with('\n') {
            out.push_str("\\ No newline at end of file\n");
        }
    };
    for group in diff.grouped_ops(3) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (old, new) = (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end);
        let span = |range: &std::ops::Range<usize>| match range.len() {
            0 => format!("{},0", range.start),
            1 => format!("{}", range.start + 1),
            len => format!("{},{len}", range.start + 1),
        };
        let header = format!("@@ -{} +{} @@\n", span(&old), span(&new));
        push('\0', Some(&header));
        for op in &group {
            if op.tag() == DiffTag::Equal {
                op.old_range().for_each(|i| push(' ', old_shown.get(i)));
            } else {
                op.old_range().for_each(|i| push('-', old_shown.get(i)));
                op.new_range().for_each(|i| push('+', new_shown.get(i)));
            }
        }
    }
    out.replace('\0', "")
}

/// The same text, line for line, with everything masked that may be a secret. `ids`: what the text may be.
fn masked(text: &str, ids: &[Id]) -> String {
    let Ok(root) = syntax::parse(text) else {
        // What cannot be read cannot be judged.
        return text.split_inclusive('\n').map(|line| if line.ends_with('\n') { "***\n" } else { MASK }).collect();
    };
    let mut splices = Vec::new();
    mask(text, &root, &At { ids: ids.to_vec(), harmless: false }, &mut splices);
    for comment in syntax::comments(text, 0..text.len()) {
        let own = text.get(comment.clone()).unwrap_or_default();
        let shown: Vec<String> = own.split('\n').map(comment_line).collect();
        splices.push(Splice { range: comment, with: shown.join("\n") });
    }
    apply(text, splices)
}

/// The place of a value.
struct At {
    /// What may stand here, by the model; nothing if it does not know the place.
    ids: Vec<Id>,
    /// Whether the nearest key above is one of the model's own that names no secret.
    harmless: bool,
}

fn mask(text: &str, node: &Node, at: &At, splices: &mut Vec<Splice>) {
    let shapes = shapes();
    match &node.kind {
        Kind::Object(members) => {
            for member in members {
                if looks_secret(&member.key) {
                    hide(text, member.key_span.clone(), splices);
                }
                let (ids, own) = below(shapes, &at.ids, &member.key);
                let harmless = own && !sounds_secret(&member.key) && !may_hold(&member.key);
                let harmless = harmless || member.key == "$include";
                mask(text, &member.value, &At { ids, harmless }, splices);
            }
        }
        Kind::Array(elements) => {
            let at = At { ids: items(shapes, &at.ids), harmless: at.harmless };
            elements.iter().for_each(|element| mask(text, &element.value, &at, splices));
        }
        Kind::String(value) if !says_nothing(value) && !is_harmless(shapes, value, at) => {
            hide(text, node.span.clone(), splices);
        }
        Kind::Number(_) if !at.ids.iter().any(|id| shapes.takes_number(*id)) => {
            hide(text, node.span.clone(), splices);
        }
        _ => {}
    }
}

fn is_harmless(shapes: &Shapes, value: &str, at: &At) -> bool {
    let word = at.ids.iter().any(|id| takes_word(shapes, *id, value));
    let secret = at.ids.iter().any(|id| is_secret(shapes, *id));
    word || (at.harmless && !secret && !looks_secret(value) && redact(value) == value)
}

/// Keys of the model whose texts may hold a secret among other things: the arguments of a program, addresses with a path
/// that nobody else may know.
fn may_hold(key: &str) -> bool {
    matches!(key, "args" | "command" | "setupCommand" | "env" | "headers" | "vars" | "url" | "cdpUrl" | "endpoint")
}

/// What may stand below a key, and whether the model itself names the key.
fn below(shapes: &Shapes, ids: &[Id], key: &str) -> (Vec<Id>, bool) {
    let (mut found, mut own) = (Vec::new(), false);
    for id in shapes.branches(ids) {
        match &shapes.get(id).form {
            Form::Object { keys, others } => match (keys.iter().find(|known| known.name == key), others) {
                (Some(known), _) => {
                    found.push(known.shape);
                    own = true;
                }
                (None, Others::Kept(other)) => found.push(*other),
                (None, Others::Refused) => {}
            },
            Form::Map { value, .. } => found.push(*value),
            _ => {}
        }
    }
    (found, own)
}

fn items(shapes: &Shapes, ids: &[Id]) -> Vec<Id> {
    let lists = shapes.branches(ids).into_iter();
    lists.filter_map(|id| if let Form::List { item, .. } = &shapes.get(id).form { Some(*item) } else { None }).collect()
}

fn takes_word(shapes: &Shapes, id: Id, value: &str) -> bool {
    shapes.branches(&[id]).into_iter().any(|id| match &shapes.get(id).form {
        Form::Words { words, .. } => words.iter().any(|word| word == value),
        _ => false,
    })
}

fn is_secret(shapes: &Shapes, id: Id) -> bool {
    shapes.get(id).secret || shapes.branches(&[id]).into_iter().any(|id| shapes.get(id).secret)
}

/// Empty, or `${VAR}`, which is a name.
fn says_nothing(value: &str) -> bool {
    let name = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    value.is_empty() || name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn hide(text: &str, range: Range<usize>, splices: &mut Vec<Splice>) {
    let breaks = text.get(range.clone()).unwrap_or_default().matches('\n').count();
    splices.push(Splice { range, with: format!("\"{MASK}\"{}", "\n".repeat(breaks)) });
}

/// A comment may hold an entry that somebody took out: nothing behind `:` or `=` is shown, nothing in quotes, no word that
/// is long or looks like a secret.
fn comment_line(line: &str) -> String {
    let close = if line.ends_with("*/") { " */" } else { "" };
    let body = line.strip_suffix("*/").unwrap_or(line);
    let (shown, cut) = match body.find([':', '=']) {
        Some(at) if body.len() > at + 1 => (body.get(..at + 1).unwrap_or_default(), true),
        _ => (body, false),
    };
    let mut out = String::new();
    let mut quoted = false;
    for word in shown.split_inclusive([' ', '\t', '"', '\'', '`', ',']) {
        let bare = word.trim_end_matches([' ', '\t', '"', '\'', '`', ',']);
        let hidden = quoted || bare.len() > 24 || looks_secret(bare) || redact(bare) != bare;
        out.push_str(&if hidden && !bare.is_empty() { word.replacen(bare, MASK, 1) } else { word.to_owned() });
        // An apostrophe within a word opens nothing.
        let quote = word.ends_with(['"', '`']) || (word.ends_with('\'') && (bare.is_empty() || quoted));
        quoted ^= quote;
    }
    if cut {
        out.push(' ');
        out.push_str(MASK);
    }
    if close.is_empty() { out.replace(is_line_end, " ") } else { out.trim_end().replace(is_line_end, " ") + close }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn shown(text: &str) -> String {
        masked(text, &[shapes().root])
    }

    fn changed(old: &str, new: &str) -> String {
        let mut sources = Sources::new(Path::new("f"), old.to_owned(), &Path::to_owned, &|_| None).unwrap();
        sources.files_mut()[0].text = new.to_owned();
        diff(&sources)
    }

    #[test]
    fn no_secret_is_shown() {
        let text = "{\n  // the token: hunter2\n  /* sk-live-abcdef0123456789 stays */\n  auth: {profiles: {x: {refreshToken: 'hunter2', mode: 'oauth', tokn: 'hunter2', pw: 12345678}}},\n\
                    \x20 models: {providers: {p: {apiKey: {source: 'env', provider: 'default', id: 'OPENAI_API_KEY'}, headers: {'X-Any': 'hunter2'},\n\
                    \x20   baseUrl: 'https://me:hunter2@example.com/v1', request: {auth: {mode: 'header', headerName: 'X', value: 'hunter2'}}}}},\n  env: {vars: {A: 'hunter2'}, B: 'hunter2'},\n\
                    \x20 gateway: {auth: {token: 12345678, password: \"hunter2\\\nhunter2\"}, port: 18789, beareer: 'hunter2'}, memorySearch: {x: ['hunter2', 12345678]},\n\
                    \x20 mcp: {servers: {s: {command: 'run', args: ['--key', 'hunter2']}}}, // tokn = 'hunter2'\n\
                    \x20 k: '${NAME}', token: '${NAME}', w: 'eyJhbGciOi.eyJzdWIi.c2ln', logging: {level: 'warn'},\n}\n";
        let shown = shown(text);
        assert!(!shown.contains("hunter2") && !shown.contains("12345678") && !shown.contains("eyJ"), "{shown}");
        assert!(!shown.contains("abcdef0123456789"), "{shown}");
        for kept in
            ["OPENAI_API_KEY", "mode: 'oauth'", "token: '${NAME}'", "'env'", "baseUrl", "stays */", "18789", "'warn'"]
        {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
        assert_eq!(shown.lines().count(), text.lines().count());
        assert!(!masked("{ token: 'hunter2", &[shapes().root]).contains("hunter2"));
    }

    #[test]
    fn a_value_is_judged_by_where_its_file_is_included() {
        let text = "{ gateway: { $include: 'g.json' }, models: { $include: 'm.json' } }";
        let files = [("g.json", "{ bind: 'lan', mode: 'hunter2x' }"), ("m.json", "{ bind: 'hunter2' }")];
        let read =
            |path: &Path| files.iter().find(|(name, _)| path.ends_with(name)).map(|(_, text)| (*text).to_owned());
        let mut sources = Sources::new(Path::new("/c/openclaw.json"), text.to_owned(), &Path::to_owned, &read).unwrap();
        for file in sources.files_mut() {
            file.text.push('\n');
        }
        let shown = diff(&sources);
        assert!(shown.contains("bind: 'lan'") && shown.contains("$include: 'g.json'"), "{shown}");
        assert!(!shown.contains("'hunter2'"), "{shown}");
    }

    #[test]
    fn a_diff_shows_that_a_secret_changed_but_not_to_what() {
        let old = "{\n  a: true,\n  token: 'one',\n  b: true,\n}\n";
        let new = "{\n  a: true,\n  token: 'two',\n}\n";
        assert_eq!(
            changed(old, new),
            "--- f\n+++ f\n@@ -1,5 +1,4 @@\n {\n   a: true,\n-  token: \"***\",\n-  b: true,\n+  token: \"***\",\n }\n"
        );
        assert_eq!(changed(old, old), "");
        assert_eq!(
            changed("{a: true}", "{a: false}"),
            "--- f\n+++ f\n@@ -1 +1 @@\n-{a: true}\n\\ No newline at end of file\n+{a: false}\n\\ No newline at end of file\n"
        );
    }
}
