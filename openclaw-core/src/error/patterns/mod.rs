//! Narrow patterns over transport texts and over the parsed error message. Never over pages.

pub(super) mod echo;
pub(super) mod message;
mod message_table;
pub(super) mod transport;
mod transport_table;

/// Whether a lower-case text holds a pattern: pieces in this order, `*` is a gap of at most [`GAP`] bytes, `^` ties the
/// first piece to the start. A piece that begins with a letter or digit begins at the start of a word.
pub(super) fn holds(text: &str, pattern: &str) -> bool {
    match pattern.strip_prefix('^') {
        Some(anchored) => {
            let (first, rest) = anchored.split_once('*').unwrap_or((anchored, ""));
            text.strip_prefix(first.trim_end()).is_some_and(|tail| follows(tail, rest))
        }
        None => {
            let (first, rest) = pattern.split_once('*').unwrap_or((pattern, ""));
            let first = first.trim();
            starts(text, first)
                .take(TRIES)
                .any(|at| text.get(at + first.len()..).is_some_and(|tail| follows(tail, rest)))
        }
    }
}

/// How far two pieces of a pattern may be apart.
const GAP: usize = 120;
/// How many places of a first piece are tried: keeps the work linear.
const TRIES: usize = 16;

fn follows(tail: &str, rest: &str) -> bool {
    let mut tail = tail;
    for piece in rest.split('*').map(str::trim).filter(|piece| !piece.is_empty()) {
        let window = super::body::prefix(tail, GAP + piece.len());
        let Some(at) = starts(window, piece).next() else { return false };
        tail = tail.get(at + piece.len()..).unwrap_or_default();
    }
    true
}

/// The places where this piece begins, at the start of a word if it begins like one.
fn starts<'a>(text: &'a str, piece: &'a str) -> impl Iterator<Item = usize> + 'a {
    let wordy = piece.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    memchr::memmem::find_iter(text.as_bytes(), piece.as_bytes()).filter(move |&at| {
        let before = at.checked_sub(1).and_then(|i| text.as_bytes().get(i));
        !wordy || before.is_none_or(|b| !b.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn patterns() {
        assert!(holds("your input exceeds the context window", "input*exceeds*context window"));
        assert!(!holds("output exceeds", "put*exceeds"));
        assert!(holds("dns error", "^dns error"));
        assert!(!holds("my dns error", "^dns error"));
        assert!(!holds(&format!("input {} exceeds", "x ".repeat(200)), "input*exceeds"));
        assert!(holds("余额不足，请充值", "余额不足"));
    }
}
