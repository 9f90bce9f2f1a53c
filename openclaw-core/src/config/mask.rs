//! What of a configuration may be shown: the names that mean a secret, the looks of one, and a text with everything blotted
//! out that could be one, character by character, so that columns stay.

use super::parse::comment_length;
use super::schema::names_number;

/// The text with everything that could be a secret blotted out.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // The next value belongs to a key that sounds like a secret; to one that nobody knows to hold numbers.
    let (mut secret, mut odd) = (false, false);
    // The sign before: a word behind `:`, `[` or `,` that names no key may be a text whose quotes were forgotten.
    let mut before = '{';
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' | '\'' => string_length(rest, c),
            '/' if rest.starts_with("//") || rest.starts_with("/*") => comment_length(rest).unwrap_or(rest.len()),
            c if is_word(c) => rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (part, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let is_key = !matches!(before, ':' | '[') && after.trim_start().starts_with(':');
        let quoted = matches!(c, '"' | '\'');
        let bare = is_word(c) && !is_key;
        let unquoted = matches!(before, ':' | '[' | ',') && !is_literal(part);
        let comment = c == '/' && length > 1;
        if comment {
            blot_comment(part, &mut out);
        } else if (quoted || is_word(c)) && is_key {
            secret = sounds_secret(part);
            odd = !names_number(part.trim_matches(['"', '\'']));
            out.push_str(part);
        } else if quoted || (bare && (secret || unquoted || length > 20 || (odd && length > 3 && is_number(part)))) {
            blot(part, &mut out);
        } else {
            out.push_str(part);
        }
        if !comment && !c.is_whitespace() {
            before = c;
        }
        rest = after;
    }
    out
}

/// Whether a key's name says that its value is a secret. Rather too often: what is hidden without need does no harm.
pub(crate) fn sounds_secret(name: &str) -> bool {
    const PARTS: [&str; 15] = [
        "token",
        "secret",
        "passw",
        "passphrase",
        "key",
        "cert",
        "credential",
        "auth",
        "bearer",
        "cookie",
        "refresh",
        "jwt",
        "webhook",
        "signature",
        "pwd",
    ];
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    PARTS.iter().any(|part| plain.contains(part)) || matches!(plain.as_str(), "access" | "pin" | "pass" | "pw")
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
    parameter.split_once('=').is_some_and(|(name, value)| sounds_secret(name) && !value.is_empty())
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
}

/// A value that has no quotes.
fn is_literal(word: &str) -> bool {
    let name = word.trim_start_matches(['+', '-']);
    is_number(word) || matches!(name, "true" | "false" | "null" | "NaN" | "Infinity" | "undefined")
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '+' | '.')
}

/// Bytes of a string with its quotes; an unclosed one ends with its line.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return at,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Keeps quotes and line breaks, so that the form of the line is seen.
fn blot(part: &str, out: &mut String) {
    let quoted = part.starts_with(['"', '\'']);
    let last = part.chars().count().saturating_sub(1);
    for (at, c) in part.chars().enumerate() {
        let quote = quoted && (at == 0 || at == last) && matches!(c, '"' | '\'');
        out.push(match c.len_utf8() {
            1 if quote || c == '\n' => c,
            1 => '*',
            2 => '·',
            3 => '•',
            _ => '𝄽',
        });
    }
}

/// A comment may hold an entry that somebody took out: of it only its ends are kept.
fn blot_comment(part: &str, out: &mut String) {
    let end = if part.len() >= 4 { part.strip_suffix("*/").map(|_| "*/").unwrap_or_default() } else { "" };
    let inner = part.get(2..part.len() - end.len()).unwrap_or_default();
    out.push_str(part.get(..2).unwrap_or_default());
    inner.split_inclusive(char::is_whitespace).for_each(|word| match word.trim_end() {
        "" => out.push_str(word),
        text => {
            blot(text, out);
            out.push_str(word.get(text.len()..).unwrap_or_default());
        }
    });
    out.push_str(end);
}
