//! Python's way to print JSON: SDKs write `Error code: 400 - {'error': {'code': None}}`.

/// The same as JSON; a cut text stays cut. Linear.
pub(super) fn to_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    let mut word = String::new();
    while let Some(c) = chars.next() {
        if c.is_ascii_alphabetic() {
            word.push(c);
            continue;
        }
        push_word(&mut out, &mut word);
        match c {
            '\'' | '"' => string(&mut out, &mut chars, c),
            _ => out.push(c),
        }
    }
    push_word(&mut out, &mut word);
    out
}

fn push_word(out: &mut String, word: &mut String) {
    out.push_str(match word.as_str() {
        "None" => "null",
        "True" => "true",
        "False" => "false",
        other => other,
    });
    word.clear();
}

fn string(out: &mut String, chars: &mut std::str::Chars<'_>, quote: char) {
    out.push('"');
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\'') => out.push('\''),
                // `\xa0` is Python's alone.
                Some('x') => out.push_str("\\u00"),
                Some(escaped) => out.extend(['\\', escaped]),
                None => return,
            },
            c if c == quote => return out.push('"'),
            '"' => out.push_str("\\\""),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn becomes_json() {
        let json = super::to_json(r#"{'a': None, 'b': "it's", 'c': 'x"\'y', 'd': [True, 1]}"#);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value, serde_json::json!({"a": null, "b": "it's", "c": "x\"'y", "d": [true, 1]}));
    }
}
