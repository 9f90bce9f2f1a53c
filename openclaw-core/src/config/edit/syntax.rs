//! A JSON5 text as a tree that remembers where everything stands, so that an edit touches nothing else.
//!
//! It reads every text that the JSON5 grammar allows and a few more: whether the text is a configuration is for the
//! validator to say, here only the places matter.

use std::ops::Range;

use serde_json::{Map, Number, Value};

/// Deeper texts are refused: nothing in a configuration nests like this.
const MAX_DEPTH: usize = 512;

/// One value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Bytes of the value itself, without the space around it.
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    /// `None`: a number that JSON has no word for (`NaN`, `Infinity`).
    Number(Option<Number>),
    String(String),
    Array(Vec<Element>),
    Object(Vec<Member>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    pub(crate) value: Node,
    /// Where the comma behind it stands.
    pub(crate) comma: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) key: String,
    /// Bytes of the key, with its quotes.
    pub(crate) key_span: Range<usize>,
    pub(crate) value: Node,
    /// Where the comma behind it stands.
    pub(crate) comma: Option<usize>,
}

impl Member {
    /// Bytes from the key to the end of the value.
    pub(crate) fn span(&self) -> Range<usize> {
        self.key_span.start..self.value.span.end
    }
}

impl Node {
    pub(crate) fn members(&self) -> Option<&[Member]> {
        match &self.kind {
            Kind::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn elements(&self) -> Option<&[Element]> {
        match &self.kind {
            Kind::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The member that counts: of two with one key, the last.
    pub(crate) fn member(&self, key: &str) -> Option<&Member> {
        self.members()?.iter().rev().find(|member| member.key == key)
    }

    /// The value below, by key or index.
    pub(crate) fn child(&self, step: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Object(_) => self.member(step).map(|member| &member.value),
            Kind::Array(elements) => elements.get(index(step)?).map(|element| &element.value),
            _ => None,
        }
    }

    /// The value at the end of the path.
    pub(crate) fn at<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<&Node> {
        path.into_iter().try_fold(self, |node, step| node.child(step))
    }

    /// The same as plain JSON. What JSON cannot say becomes `null`.
    pub(crate) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null | Kind::Number(None) => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(Some(number)) => Value::Number(number.clone()),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Array(elements) => Value::Array(elements.iter().map(|element| element.value.to_value()).collect()),
            Kind::Object(members) => Value::Object(
                members.iter().map(|member| (member.key.clone(), member.value.to_value())).collect::<Map<_, _>>(),
            ),
        }
    }
}

/// An array index, written as JavaScript writes it.
pub(crate) fn index(step: &str) -> Option<usize> {
    let plain = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    if plain { step.parse().ok() } else { None }
}

/// Why a text is no tree: one line, without any of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) at: usize,
    pub(crate) why: &'static str,
}

/// Reads a whole text.
pub(crate) fn parse(text: &str) -> Result<Node, Unreadable> {
    let mut reader = Reader { text, at: 0 };
    reader.skip()?;
    let root = reader.value(0)?;
    reader.skip()?;
    if reader.at < text.len() {
        return Err(reader.wrong("something stands behind the value"));
    }
    Ok(root)
}

/// Bytes of the comments in this part of a text, which must begin outside strings and comments.
pub(crate) fn comments(text: &str, part: Range<usize>) -> Vec<Range<usize>> {
    let mut reader = Reader { text: text.get(..part.end).unwrap_or(text), at: part.start };
    let mut found = Vec::new();
    while let Some(next) = reader.peek() {
        let start = reader.at;
        match next {
            '"' | '\'' => {
                if reader.string().is_err() {
                    break;
                }
            }
            '/' => match reader.comment() {
                Ok(true) => found.push(start..reader.at),
                Ok(false) => reader.at += 1,
                Err(_) => break,
            },
            other => reader.at += other.len_utf8(),
        }
    }
    found
}

/// What JSON5 takes for space.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\u{85}' || c == '\u{feff}'
}

/// What ends a line.
pub(crate) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn wrong(&self, why: &'static str) -> Unreadable {
        Unreadable { at: self.at, why }
    }

    /// Space and comments.
    fn skip(&mut self) -> Result<(), Unreadable> {
        while let Some(next) = self.peek() {
            if is_space(next) {
                self.at += next.len_utf8();
            } else if next != '/' || !self.comment()? {
                break;
            }
        }
        Ok(())
    }

    /// The comment that begins here, if one does.
    fn comment(&mut self) -> Result<bool, Unreadable> {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.at += rest.find(is_line_end).unwrap_or(rest.len());
            return Ok(true);
        }
        if rest.starts_with("/*") {
            let body = rest.get(2..).unwrap_or_default();
            let Some(end) = body.find("*/") else { return Err(self.wrong("a comment has no end")) };
            self.at += end + 4;
            return Ok(true);
        }
        Ok(false)
    }

    fn value(&mut self, depth: usize) -> Result<Node, Unreadable> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("it nests too deep"));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.array(depth)?,
            Some('"' | '\'') => Kind::String(self.string()?),
            Some(_) => self.word()?,
            None => return Err(self.wrong("a value is missing")),
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Unreadable> {
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        loop {
            self.skip()?;
            if self.eat('}') {
                return Ok(Kind::Object(members));
            }
            if members.last().is_some_and(|last| last.comma.is_none()) {
                return Err(self.wrong("a comma is missing"));
            }
            let start = self.at;
            let key = match self.peek() {
                Some('"' | '\'') => self.string()?,
                _ => self.identifier()?,
            };
            let key_span = start..self.at;
            self.skip()?;
            if !self.eat(':') {
                return Err(self.wrong("a colon is missing"));
            }
            self.skip()?;
            let value = self.value(depth + 1)?;
            let comma = self.comma()?;
            members.push(Member { key, key_span, value, comma });
        }
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Unreadable> {
        self.at += 1;
        let mut elements: Vec<Element> = Vec::new();
        loop {
            self.skip()?;
            if self.eat(']') {
                return Ok(Kind::Array(elements));
            }
            if elements.last().is_some_and(|last| last.comma.is_none()) {
                return Err(self.wrong("a comma is missing"));
            }
            let value = self.value(depth + 1)?;
            let comma = self.comma()?;
            elements.push(Element { value, comma });
        }
    }

    fn comma(&mut self) -> Result<Option<usize>, Unreadable> {
        self.skip()?;
        let at = self.at;
        Ok(self.eat(',').then_some(at))
    }

    fn identifier(&mut self) -> Result<String, Unreadable> {
        let mut key = String::new();
        while let Some(next) = self.peek() {
            if next == '\\' {
                self.at += 1;
                if !self.eat('u') {
                    return Err(self.wrong("a key holds an escape that is none"));
                }
                key.push(char::from_u32(self.hex(4)?).unwrap_or(char::REPLACEMENT_CHARACTER));
            } else if is_space(next) || matches!(next, '{' | '}' | '[' | ']' | ',' | ':' | '"' | '\'' | '/') {
                break;
            } else {
                self.at += next.len_utf8();
                key.push(next);
            }
        }
        if key.is_empty() { Err(self.wrong("a key is missing")) } else { Ok(key) }
    }

    /// A number, or one of the words.
    fn word(&mut self) -> Result<Kind, Unreadable> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| is_space(c) || matches!(c, '{' | '}' | '[' | ']' | ',' | ':' | '"' | '\'' | '/'))
            .unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let kind = match word {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ => match number(word) {
                Some(number) => Kind::Number(number),
                None => return Err(self.wrong("this is no value")),
            },
        };
        self.at += end;
        Ok(kind)
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        let quote = self.take();
        let mut value = String::new();
        loop {
            match self.take() {
                None => return Err(self.wrong("a string has no end")),
                next if next == quote => return Ok(value),
                Some('\\') => self.escape(&mut value)?,
                Some('\n' | '\r') => return Err(self.wrong("a string has no end on its line")),
                Some(other) => value.push(other),
            }
        }
    }

    fn escape(&mut self, value: &mut String) -> Result<(), Unreadable> {
        match self.take() {
            None => return Err(self.wrong("a string has no end")),
            Some('b') => value.push('\u{8}'),
            Some('f') => value.push('\u{c}'),
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('t') => value.push('\t'),
            Some('v') => value.push('\u{b}'),
            Some('0') => value.push('\0'),
            Some('x') => value.push(char::from_u32(self.hex(2)?).unwrap_or(char::REPLACEMENT_CHARACTER)),
            Some('u') => {
                let unit = self.hex(4)?;
                value.push(self.surrogate(unit)?);
            }
            // A line that goes on.
            Some('\r') => {
                self.eat('\n');
            }
            Some('\n' | '\u{2028}' | '\u{2029}') => {}
            Some('1'..='9') => return Err(self.wrong("a string holds an escape that is none")),
            Some(other) => value.push(other),
        }
        Ok(())
    }

    /// The character that a UTF-16 unit begins; a half without its other half has none.
    fn surrogate(&mut self, unit: u32) -> Result<char, Unreadable> {
        if (0xd800..0xdc00).contains(&unit) && self.rest().starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            let low = self.hex(4)?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self, digits: usize) -> Result<u32, Unreadable> {
        let mut value = 0;
        for _ in 0..digits {
            match self.take().and_then(|c| c.to_digit(16)) {
                Some(digit) => value = value * 16 + digit,
                None => return Err(self.wrong("an escape is cut short")),
            }
        }
        Ok(value)
    }
}

/// `None`: no number. `Some(None)`: one that JSON has no word for.
fn number(word: &str) -> Option<Option<Number>> {
    let (negative, plain) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    if matches!(plain, "Infinity" | "NaN") {
        return Some(None);
    }
    if let Some(digits) = plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let value = digits.chars().fold(0f64, |sum, digit| sum * 16.0 + f64::from(digit.to_digit(16).unwrap_or(0)));
        return Some(json_number(if negative { -value } else { value }));
    }
    let (mantissa, exponent) = match plain.find(['e', 'E']) {
        Some(at) => (plain.get(..at)?, Some(plain.get(at + 1..)?)),
        None => (plain, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_ok = exponent.is_none_or(|part| {
        let part = part.strip_prefix(['+', '-']).unwrap_or(part);
        !part.is_empty() && digits(part)
    });
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if !digits(whole)
        || !fraction.is_none_or(digits)
        || (whole.is_empty() && fraction.is_none_or(str::is_empty))
        || leading_zero
        || !exponent_ok
    {
        return None;
    }
    if fraction.is_none() && exponent.is_none() {
        let signed = if negative { format!("-{whole}") } else { whole.to_owned() };
        if let Ok(value) = signed.parse::<i64>() {
            // `-0` is a number of its own.
            return Some(if value == 0 && negative { json_number(-0.0) } else { Some(value.into()) });
        }
        if let Ok(value) = signed.parse::<u64>() {
            return Some(Some(value.into()));
        }
    }
    let spelled = format!(
        "{}{}.{}e{}",
        if negative { "-" } else { "" },
        if whole.is_empty() { "0" } else { whole },
        fraction.filter(|part| !part.is_empty()).unwrap_or("0"),
        exponent.unwrap_or("0"),
    );
    Some(json_number(spelled.parse().ok()?))
}

fn json_number(value: f64) -> Option<Number> {
    // Whole numbers compare as such, however they were written.
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 && !(value == 0.0 && value.is_sign_negative()) {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(text: &str) -> Value {
        parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}")).to_value()
    }

    #[test]
    fn reads_everything_that_json5_has() {
        let text = "\u{feff}// top\n{ /* a */ unquoted: 'single \\'q\\' \\\n line', \"d\": \"\\x41\\u00e9\\ud83d\\ude00\", \
                    $h: 0xFF, plus: +1, point: .5, end: 5., exp: 1e3, neg: -0x10, list: [1, 2,], \u{fc}nder_1: null, \
                    nan: NaN, inf: -Infinity, t: true, } // end";
        assert_eq!(
            value(text),
            json!({"unquoted": "single 'q'  line", "d": "Aé😀", "$h": 255, "plus": 1, "point": 0.5, "end": 5, "exp": 1000,
                   "neg": -16, "list": [1, 2], "ünder_1": null, "nan": null, "inf": null, "t": true})
        );
        assert_eq!(value("{a: 1, a: 2}"), json!({"a": 2}));
        assert_eq!(value("'\u{2028}'"), json!("\u{2028}"));
        assert_eq!(value("\"\\ud83dx\""), json!("\u{fffd}x"));
    }

    #[test]
    fn refuses_what_is_no_json5() {
        for text in [
            "",
            "{",
            "}",
            "{a}",
            "{a:}",
            "{a:1 b:2}",
            "[1 2]",
            "[,]",
            "{,}",
            "{a:1,,}",
            "010",
            "1 2",
            "tru",
            "'a\nb'",
            "\"a",
            "/* a",
            "{a: 0x}",
            "1e",
            ".",
            "+",
            "'\\1'",
            "'\\u12'",
            "--1",
            "[1,,2]",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse(&deep).map(|_| ()).map_err(|e| e.why), Err("it nests too deep"));
    }

    #[test]
    fn remembers_where_things_stand() {
        let text = "{ a : [ 10 , 'x' ] , }";
        let root = parse(text).unwrap();
        let a = root.member("a").unwrap();
        assert_eq!(&text[a.span()], "a : [ 10 , 'x' ]");
        assert_eq!(a.comma, Some(19));
        assert_eq!(&text[root.at(["a", "1"]).unwrap().span.clone()], "'x'");
        assert_eq!(root.at(["a", "01"]), None);
    }

    #[test]
    fn finds_comments_only_where_they_are() {
        let text = "{ u: \"http://x\", // one\n /* two */ v: '/* no */' }";
        let found: Vec<&str> = comments(text, 0..text.len()).into_iter().map(|span| &text[span]).collect();
        assert_eq!(found, ["// one", "/* two */"]);
    }
}
