//! Takes out of a message what may be the user's own words: nothing that a prompt says may decide.

/// The part of a message that patterns may look at: lower case, without what is quoted, without addresses, without
/// what follows an introduction such as `Invalid value for x:`, and not longer than a reason is.
pub(in crate::error) fn reason(message: &str) -> String {
    /// A reason stands at the front of a message; what comes after this is quotation.
    const LONGEST: usize = 1200;
    let lower = crate::error::body::prefix(message, LONGEST).to_lowercase();
    let text = without_addresses(&without_quotes(&lower));
    let text = cut_after_introduction(&text);
    text.trim().to_owned()
}

/// Introductions after whose colon the rejected input is repeated.
#[rustfmt::skip]
const INTRODUCTIONS: &[&str] = &[
    "invalid value", "invalid type", "invalid input", "invalid content", "invalid prompt", "invalid 'input",
    "invalid json", "invalid message", "invalid character", "invalid utf", "invalid string", "could not parse",
    "failed to parse", "unable to parse", "cannot parse", "error parsing", "unexpected token", "unexpected value",
    "unrecognized value", "unprocessable", "rejected input", "your prompt", "your message", "prompt was",
    "user message", "user said", "input was", "validation error for",
    "content was", "text was", "value was", "but got", "instead got", "you sent", "user input",
];

fn cut_after_introduction(text: &str) -> &str {
    let Some((head, _)) = text.split_once([':', '\n']) else { return text };
    if INTRODUCTIONS.iter().any(|intro| head.contains(intro)) { head } else { text }
}

/// Drops what stands between quotation marks. An apostrophe inside a word is none; a mark that is never closed takes
/// the rest with it, because the message was cut inside a quotation.
fn without_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        let close = match c {
            '"' | '`' => Some(c),
            '\'' if !out.ends_with(char::is_alphanumeric) => Some(c),
            '“' | '„' => Some('”'),
            '‘' => Some('’'),
            '«' => Some('»'),
            '「' => Some('」'),
            _ => None,
        };
        rest = match close {
            None => {
                out.push(c);
                tail
            }
            Some(close) => {
                out.push(' ');
                quote_end(tail, close).and_then(|end| tail.get(end + close.len_utf8()..)).unwrap_or_default()
            }
        };
    }
    out
}

/// Where the quotation ends: for an apostrophe, one that no letter follows.
fn quote_end(inside: &str, close: char) -> Option<usize> {
    inside.match_indices(close).map(|(at, _)| at).find(|&at| {
        let escaped = inside.get(..at).is_some_and(|head| head.ends_with('\\'));
        let next = inside.get(at + close.len_utf8()..).and_then(|tail| tail.chars().next());
        !escaped && (close != '\'' || !next.is_some_and(char::is_alphanumeric))
    })
}

/// Drops `scheme://…`: a path may spell anything.
pub(super) fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at);
        out.push_str(head.trim_end_matches(|c: char| c.is_ascii_alphanumeric()));
        let end = tail.find(|c: char| c.is_whitespace() || "()<>[]\"'`,;".contains(c)).unwrap_or(tail.len());
        let end = if tail.get(..end).is_some_and(|address| address.ends_with([':', '.'])) { end - 1 } else { end };
        rest = tail.get(end.max(3)..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_users_words_go() {
        assert_eq!(reason("The model `rate limit` isn't 'dns 429' known"), "the model   isn't   known");
        assert_eq!(reason("Invalid value for input[3]: my credit balance is too low"), "invalid value for input[3]");
        assert_eq!(reason("Bad \"unclosed rate limit"), "bad");
        assert_eq!(reason("This model's maximum is 5"), "this model's maximum is 5");
        assert_eq!(reason("see https://x.example/billing/rate-limit for more"), "see  for more");
    }
}
