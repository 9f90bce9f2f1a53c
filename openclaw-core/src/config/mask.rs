//! A configuration's text as it can be shown: every text that is a value, and every value of a key that sounds like a
//! secret, is blotted out, character by character, so that columns stay.

/// The text with everything that could be a secret blotted out.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // The next value belongs to a key that sounds like a secret.
    let mut secret = false;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' | '\'' => string_length(rest, c),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c if is_word(c) => rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (part, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let is_key = after.trim_start().starts_with(':');
        let quoted = matches!(c, '"' | '\'');
        if c == '/' && length > 1 {
            blot_words(part, &mut out);
        } else if (quoted || is_word(c)) && is_key {
            secret = sounds_secret(part);
            out.push_str(part);
        } else if quoted || (is_word(c) && (secret || length > 20)) {
            blot(part, &mut out);
        } else {
            out.push_str(part);
        }
        rest = after;
    }
    out
}

/// Whether a key's name says that its value is a secret.
pub(crate) fn sounds_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["token", "secret", "password", "passphrase", "apikey", "api_key", "api-key", "key", "cert", "credential", "auth"]
        .iter()
        .any(|word| name.contains(word))
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

/// Of a comment, only the long words.
fn blot_words(part: &str, out: &mut String) {
    for word in part.split_inclusive(|c: char| c.is_whitespace()) {
        if word.trim_end().len() > 16 { blot(word, out) } else { out.push_str(word) }
    }
}
