//! Shows a configuration without its secrets.

use similar::{DiffTag, TextDiff};

use super::syntax::{self, Kind, Node, is_line_end};
use super::text::{Splice, apply};
use crate::config::mask::sounds_secret;
use crate::error::redact;

const MASK: &str = "***";

/// The changes of one file as a unified diff, with every secret masked.
pub(crate) fn diff(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let lines = |text: &str| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
    let (old_lines, new_lines) = (lines(old), lines(new));
    let (old_shown, new_shown) = (lines(&masked(old)), lines(&masked(new)));
    let (old_refs, new_refs): (Vec<&str>, Vec<&str>) =
        (old_lines.iter().map(String::as_str).collect(), new_lines.iter().map(String::as_str).collect());
    let diff = TextDiff::from_slices(&old_refs, &new_refs);
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

/// The same text, line for line, with every secret masked.
pub(crate) fn masked(text: &str) -> String {
    let Ok(root) = syntax::parse(text) else {
        // What cannot be read cannot be judged.
        return text.split_inclusive('\n').map(|line| if line.ends_with('\n') { "***\n" } else { MASK }).collect();
    };
    let mut splices = Vec::new();
    walk(text, &root, false, &mut splices);
    for comment in syntax::comments(text, 0..text.len()) {
        let own = text.get(comment.clone()).unwrap_or_default();
        let shown: Vec<String> = own.split('\n').map(comment_line).collect();
        splices.push(Splice { range: comment, with: shown.join("\n") });
    }
    apply(text, splices)
}

/// Whether a key names a secret.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    const PARTS: [&str; 14] = [
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "apikey",
        "authorization",
        "credential",
        "privatekey",
        "bearer",
        "cookie",
        "accesskey",
        "signingkey",
        "refresh",
    ];
    PARTS.iter().any(|part| plain.contains(part)) || matches!(plain.as_str(), "access" | "key" | "pin" | "jwt")
}

/// Whether a text is a secret by its looks.
pub(crate) fn looks_secret(text: &str) -> bool {
    const PREFIXES: [&str; 17] = [
        "sk-",
        "sk_",
        "rk_",
        "pk_live",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xapp-",
        "AIza",
        "AKIA",
        "Bearer ",
        "eyJ",
    ];
    let text = text.trim();
    if text.len() >= 12 && PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
        return true;
    }
    if let Some((_, rest)) = text.split_once("://") {
        // A password in an address.
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return authority.contains('@') || (rest.contains('?') && rest.split(['?', '&']).skip(1).any(secret_parameter));
    }
    let words = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'=' | b'.' | b'/'));
    let (digits, letters) =
        (text.bytes().filter(u8::is_ascii_digit).count(), text.bytes().filter(u8::is_ascii_alphabetic).count());
    words && text.len() >= 32 && digits >= 4 && letters >= 4 && text.matches(['/', '.']).count() < 3
}

fn secret_parameter(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| is_secret_key(name) && !value.is_empty())
}

fn walk(text: &str, node: &Node, secret: bool, splices: &mut Vec<Splice>) {
    match &node.kind {
        Kind::Object(members) => {
            // A reference says where the secret is, not what it is.
            let reference = node.member("source").is_some_and(|source| {
                matches!(&source.value.kind, Kind::String(word) if matches!(word.as_str(), "env" | "file" | "exec"))
            });
            for member in members {
                if looks_secret(&member.key) {
                    hide(text, member.key_span.clone(), splices);
                }
                let lower = member.key.to_ascii_lowercase();
                let text_secret = matches!(member.value.kind, Kind::String(_)) && sounds_secret(&member.key);
                let below = !reference && secret
                    || is_secret_key(&member.key)
                    || text_secret
                    || matches!(lower.as_str(), "env" | "headers" | "vars");
                // Numbers of tokens are no secret, a number that is a token is.
                let counts = lower.ends_with("tokens") || lower.ends_with("budget");
                if matches!(member.value.kind, Kind::Number(_)) && is_secret_key(&member.key) && !counts {
                    hide(text, member.value.span.clone(), splices);
                }
                walk(text, &member.value, below, splices);
            }
        }
        Kind::Array(elements) => elements.iter().for_each(|element| walk(text, &element.value, secret, splices)),
        Kind::String(value) if (secret && !is_plain(value)) || looks_secret(value) || redact(value) != *value => {
            hide(text, node.span.clone(), splices);
        }
        _ => {}
    }
}

/// Says nothing: empty, or `${VAR}`, which is a name.
fn is_plain(value: &str) -> bool {
    let name = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    value.is_empty() || name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn hide(text: &str, range: std::ops::Range<usize>, splices: &mut Vec<Splice>) {
    let breaks = text.get(range.clone()).unwrap_or_default().matches('\n').count();
    splices.push(Splice { range, with: format!("\"{MASK}\"{}", "\n".repeat(breaks)) });
}

fn comment_line(line: &str) -> String {
    let word_end = |c: char| !(c.is_ascii_alphanumeric() || "_-$".contains(c));
    let mut at = 0;
    for word in line.split_inclusive(word_end) {
        at += word.len();
        let name = word.trim_end_matches(word_end);
        let rest = line.get(at - (word.len() - name.len())..).unwrap_or_default();
        let value = rest.trim_start_matches(['"', '\'', ' ']);
        if is_secret_key(name) && value.starts_with([':', '=']) && value.len() > 1 {
            let end = line.len() - value.len() + 1;
            let close = if line.ends_with("*/") { " */" } else { "" };
            return format!("{} {MASK}{close}", line.get(..end).unwrap_or_default());
        }
    }
    let shown = redact(line);
    shown
        .split_inclusive([' ', '\t', '"', '\'', ','])
        .map(|word| {
            let bare = word.trim_end_matches([' ', '\t', '"', '\'', ',']);
            if looks_secret(bare) { word.replacen(bare, MASK, 1) } else { word.to_owned() }
        })
        .collect::<String>()
        .replace(is_line_end, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let text = "{\n  // the token: hunter2\n  /* sk-live-abcdef0123456789 stays */\n  auth: {profiles: {x: {refreshToken: 'hunter2', mode: 'oauth'}}},\n\
                    \x20 models: {providers: {p: {apiKey: {source: 'env', provider: 'default', id: 'OPENAI_API_KEY'}, headers: {'X-Any': 'hunter2'},\n\
                    \x20   baseUrl: 'https://me:hunter2@example.com/v1'}}},\n  env: {vars: {A: 'hunter2'}, B: 'hunter2'},\n\
                    \x20 gateway: {auth: {token: 12345678, password: \"hunter2\\\nhunter2\"}}, maxTokens: 5,\n  k: '${NAME}', token: '${NAME}', w: 'eyJhbGciOi.eyJzdWIi.c2ln',\n}\n";
        let shown = masked(text);
        assert!(!shown.contains("hunter2") && !shown.contains("12345678") && !shown.contains("eyJ"), "{shown}");
        assert!(!shown.contains("abcdef0123456789"), "{shown}");
        for kept in ["OPENAI_API_KEY", "mode: 'oauth'", "token: '${NAME}'", "'env'", "baseUrl", "stays */"] {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
        assert_eq!(shown.lines().count(), text.lines().count());
        assert!(!masked("{ token: 'hunter2").contains("hunter2"));
    }

    #[test]
    fn a_diff_shows_that_a_secret_changed_but_not_to_what() {
        let old = "{\n  a: 1,\n  token: 'one',\n  b: 2,\n}\n";
        let new = "{\n  a: 1,\n  token: 'two',\n}\n";
        assert_eq!(
            diff("f", old, new),
            "--- f\n+++ f\n@@ -1,5 +1,4 @@\n {\n   a: 1,\n-  token: \"***\",\n-  b: 2,\n+  token: \"***\",\n }\n"
        );
        assert_eq!(diff("f", old, old), "");
        assert_eq!(
            diff("f", "{a: 1}", "{a: 2}"),
            "--- f\n+++ f\n@@ -1 +1 @@\n-{a: 1}\n\\ No newline at end of file\n+{a: 2}\n\\ No newline at end of file\n"
        );
    }
}
