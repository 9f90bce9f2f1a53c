//! Closes JSON that was cut: a log keeps the first bytes of a body, and they still name the code.

/// The same JSON with the open string, list and object closed; what cannot be closed is left out. Linear.
pub(super) fn close(cut: &str) -> Option<String> {
    let mut open: Vec<u8> = Vec::new();
    let mut safe: Option<(usize, usize)> = None; // end of the last whole value, and how much was open there
    let mut in_value = false; // the string that is read is a value, not a key
    let mut expects_value = true;
    let bytes = cut.as_bytes();
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        match byte {
            b'"' => {
                in_value = expects_value || open.last() == Some(&b']');
                match string_end(bytes, i + 1) {
                    Some(end) => i = end,
                    None if in_value => return finish(cut, open_string_end(cut), "\"", &open),
                    None => break,
                }
                if in_value {
                    safe = Some((i + 1, open.len()));
                }
                expects_value = false;
            }
            b'{' | b'[' => {
                open.push(if byte == b'{' { b'}' } else { b']' });
                safe = Some((i + 1, open.len()));
                expects_value = false;
            }
            b'}' | b']' => {
                open.pop();
                safe = Some((i + 1, open.len()));
                expects_value = false;
            }
            b',' if !in_value => {
                safe = Some((i, open.len()));
                expects_value = false;
            }
            b',' => in_value = false,
            b':' => {
                expects_value = true;
                in_value = false;
            }
            _ => {}
        }
        i += 1;
    }
    let (end, depth) = safe?;
    finish(cut, end, "", open.get(..depth.min(open.len()))?)
}

fn finish(cut: &str, end: usize, quote: &str, open: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(end + open.len() + 1);
    out.push_str(cut.get(..end)?);
    out.push_str(quote);
    out.extend(open.iter().rev().map(|&b| char::from(b)));
    Some(out)
}

fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut i = from;
    while let Some(&byte) = bytes.get(i) {
        match byte {
            b'"' => return Some(i),
            b'\\' => i += 2,
            _ => i += 1,
        }
    }
    None
}

/// Where an unclosed string can be closed: not inside an escape.
fn open_string_end(cut: &str) -> usize {
    let tail_start = cut.len().saturating_sub(12);
    let tail = cut.as_bytes().get(tail_start..).unwrap_or_default();
    match memchr::memrchr(b'\\', tail) {
        Some(at) if tail.get(at + 1).is_none_or(|&b| b == b'u') => {
            // An even run of backslashes before it would make it an escaped backslash; dropping that too is harmless.
            let mut end = tail_start + at;
            while end > 0 && cut.as_bytes().get(end - 1) == Some(&b'\\') {
                end -= 1;
            }
            end
        }
        _ => cut.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_of_an_error_parses_or_gives_nothing() {
        let whole =
            r#"{"error":{"code":"a_b","n":[1,{"x":"y\\\u00e9\""}],"message":"hello, \"you\"","z":12,"t":true}}"#;
        for end in 1..whole.len() {
            let Some(cut) = whole.get(..end) else { continue };
            let Some(closed) = close(cut) else { continue };
            let value: Result<serde_json::Value, _> = serde_json::from_str(&closed);
            assert!(value.is_ok(), "{cut}\n{closed}");
        }
        let closed = close(r#"{"error":{"code":"rate_limit_exceeded","message":"Rate li"#).unwrap();
        assert_eq!(closed, r#"{"error":{"code":"rate_limit_exceeded","message":"Rate li"}}"#);
    }
}
