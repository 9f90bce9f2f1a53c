//! Reads JSON5 into a tree that knows where everything stood, exactly as the reader that OpenClaw uses (json5 2.2.3):
//! the same texts are refused, at the same line and column, with the same words.
//!
//! The JSON5 crates are more lenient than that (line breaks in strings, `-` in bare names, missing commas), refuse half of
//! a surrogate pair, which OpenClaw accepts, or word their errors otherwise.
//! One pass, no backtracking, bounded depth: the time is linear in the size of the text.

use std::borrow::Cow;
use std::ops::Range;

use super::tree::{Member, Node, Value};

/// The most bytes that a configuration or an included file may have.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The most arrays and objects that may stand in each other.
pub const MAX_DEPTH: usize = 200;

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) kind: SyntaxKind,
    /// The words of OpenClaw's reader.
    pub(crate) message: String,
    /// The byte at which it stopped.
    pub(crate) offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SyntaxKind {
    Syntax,
    TooDeep,
    TooLarge,
}

/// Reads one JSON5 text as a JavaScript object holds it, with the places of escapes that are half of a surrogate pair, in
/// ascending order. `file` is the number that the nodes carry.
pub(crate) fn parse(text: &str, file: u16) -> Result<(Node<'_>, Vec<u32>), SyntaxError> {
    let mut reader = Reader { file, settled: true, ..Reader::new(text, 0) };
    let root = reader.whole()?;
    Ok((root, reader.halves))
}

/// The same with every member as it is written: in its order, and also those that are overridden or vanish.
pub(crate) fn as_written(text: &str) -> Result<Node<'_>, SyntaxError> {
    Reader::new(text, 0).whole()
}

/// Where the blanks and comments behind this place end, and so the next sign begins.
pub(crate) fn next_sign(text: &str, at: usize) -> usize {
    let mut reader = Reader::new(text, at);
    // A comment without an end: there is no further sign.
    reader.blank().map_or(text.len(), |()| reader.at)
}

/// How many bytes the comment has that a text begins with; nothing if it begins with none, or with one without an end.
pub(crate) fn comment_length(text: &str) -> Option<usize> {
    let inner = text.get(2..)?;
    match text.get(..2)? {
        "//" => Some(2 + inner.find(['\n', '\r', '\u{2028}', '\u{2029}']).unwrap_or(inner.len())),
        "/*" => Some(2 + inner.find("*/")? + 2),
        _ => None,
    }
}

/// Bytes of the comments in this part of a text, which must begin outside strings and comments.
pub(crate) fn comments(text: &str, part: Range<usize>) -> Vec<Range<usize>> {
    let text = text.get(..part.end).unwrap_or(text);
    let mut reader = Reader::new(text, part.start);
    let mut found = Vec::new();
    while let Some(next) = reader.peek() {
        let start = reader.at;
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let read = match next {
            '"' | '\'' => reader.string().map(drop),
            '/' if rest.starts_with(b"//") || rest.starts_with(b"/*") => {
                reader.comment().map(|()| found.push(start..reader.at))
            }
            other => {
                reader.at += other.len_utf8();
                Ok(())
            }
        };
        if read.is_err() {
            break;
        }
    }
    found
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Self { text, at, file: 0, settled: false, halves: Vec::new() }
    }

    fn whole(&mut self) -> Result<Node<'t>, SyntaxError> {
        let text = self.text;
        if text.len() > MAX_BYTES {
            let message = format!("the file has more than {MAX_BYTES} bytes, which is the most that is read");
            return Err(SyntaxError { kind: SyntaxKind::TooLarge, message, offset: 0 });
        }
        let root = self.value(0)?;
        self.blank()?;
        match self.peek() {
            None => Ok(root),
            Some(_) => Err(self.unexpected()),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    file: u16,
    /// Whether members are ordered and thinned as a JavaScript object does.
    settled: bool,
    /// Where escapes stand that are half of a surrogate pair.
    halves: Vec<u32>,
}

type Read<T> = Result<T, SyntaxError>;

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Read<Node<'t>> {
        if depth > MAX_DEPTH {
            let message = format!("arrays and objects are nested more than {MAX_DEPTH} deep");
            return Err(SyntaxError { kind: SyntaxKind::TooDeep, message, offset: self.at });
        }
        self.blank()?;
        let start = self.at;
        let value = match self.byte() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"' | b'\'') => Value::String(self.string()?),
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'I' | b'N') => Value::Number(self.number()?),
            _ => return Err(self.unexpected()),
        };
        Ok(Node { value, file: self.file, start: start as u32, end: self.at as u32 })
    }

    fn object(&mut self, depth: usize) -> Read<Value<'t>> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.blank()?;
            if self.byte() == Some(b'}') {
                break;
            }
            let key_start = self.at as u32;
            let key = self.key()?;
            let key_end = self.at as u32;
            self.blank()?;
            self.expect(b':')?;
            let value = self.value(depth + 1)?;
            members.push(Member { key, key_start, key_end, repeated: false, value });
            self.blank()?;
            match self.byte() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.unexpected()),
            }
        }
        self.at += 1;
        Ok(Value::Object(if self.settled { super::tree::settle(members) } else { members }))
    }

    fn array(&mut self, depth: usize) -> Read<Value<'t>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blank()?;
            if self.byte() == Some(b']') {
                break;
            }
            items.push(self.value(depth + 1)?);
            self.blank()?;
            match self.byte() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected()),
            }
        }
        self.at += 1;
        Ok(Value::Array(items))
    }

    fn key(&mut self) -> Read<Cow<'t, str>> {
        if let Some(b'"' | b'\'') = self.byte() {
            return self.string();
        }
        let start = self.at;
        let mut owned: Option<String> = None;
        while let Some(c) = self.peek() {
            let first = self.at == start;
            if c == '\\' {
                let escape = self.at;
                self.at += 1;
                if self.byte() != Some(b'u') {
                    return Err(self.unexpected());
                }
                self.at += 1;
                let unit = self.hex(4)?;
                let c = char::from_u32(unit).filter(|c| if first { starts_name(*c) } else { continues_name(*c) });
                let Some(c) = c else {
                    let (line, column) = self.position(self.at);
                    let message = format!("JSON5: invalid identifier character at {line}:{}", column.saturating_sub(6));
                    return Err(SyntaxError { kind: SyntaxKind::Syntax, message, offset: escape });
                };
                owned.get_or_insert_with(|| self.text.get(start..escape).unwrap_or_default().to_owned()).push(c);
            } else if if first { starts_name(c) } else { continues_name(c) } {
                self.at += c.len_utf8();
                if let Some(owned) = &mut owned {
                    owned.push(c);
                }
            } else {
                break;
            }
        }
        if self.at == start {
            return Err(self.unexpected());
        }
        Ok(match owned {
            Some(owned) => Cow::Owned(owned),
            None => Cow::Borrowed(self.text.get(start..self.at).unwrap_or_default()),
        })
    }

    fn string(&mut self) -> Read<Cow<'t, str>> {
        let quote = self.byte().unwrap_or(b'"');
        self.at += 1;
        let start = self.at;
        let bytes = self.text.as_bytes();
        // Most strings hold no escape and are borrowed.
        loop {
            match bytes.get(self.at) {
                Some(&b) if b == quote => {
                    let text = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(Cow::Borrowed(text));
                }
                Some(b'\\') => break,
                Some(b'\n' | b'\r') | None => return Err(self.unexpected()),
                Some(_) => self.at += 1,
            }
        }
        let mut out = self.text.get(start..self.at).unwrap_or_default().to_owned();
        loop {
            let from = self.at;
            while let Some(&b) = bytes.get(self.at) {
                if b == quote || matches!(b, b'\\' | b'\n' | b'\r') {
                    break;
                }
                self.at += 1;
            }
            out.push_str(self.text.get(from..self.at).unwrap_or_default());
            match bytes.get(self.at) {
                Some(&b) if b == quote => {
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(&mut out)?;
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Read<()> {
        let Some(c) = self.peek() else { return Err(self.unexpected()) };
        if let '1'..='9' = c {
            return Err(self.unexpected());
        }
        self.at += c.len_utf8();
        match c {
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\u{b}'),
            '0' => {
                if let Some(b'0'..=b'9') = self.byte() {
                    return Err(self.unexpected());
                }
                out.push('\0');
            }
            'x' => out.extend(char::from_u32(self.hex(2)?)),
            'u' => self.unicode(out)?,
            '\r' if self.byte() == Some(b'\n') => self.at += 1,
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => {}
            other => out.push(other),
        }
        Ok(())
    }

    /// After `\u`. Half of a surrogate pair, which JavaScript can hold and Rust cannot, becomes U+FFFD: one UTF-16
    /// unit as well.
    fn unicode(&mut self, out: &mut String) -> Read<()> {
        let unit = self.hex(4)?;
        if (0xd800..0xdc00).contains(&unit) && self.text.as_bytes().get(self.at..self.at + 2) == Some(b"\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.hex(4)?;
            if (0xdc00..0xe000).contains(&low) {
                out.extend(char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)));
                return Ok(());
            }
            self.at = back;
        }
        out.push(char::from_u32(unit).unwrap_or_else(|| {
            // The escape has six characters.
            self.halves.push(self.at.saturating_sub(6) as u32);
            char::REPLACEMENT_CHARACTER
        }));
        Ok(())
    }

    fn hex(&mut self, digits: usize) -> Read<u32> {
        let mut value = 0;
        for _ in 0..digits {
            let digit = self.peek().and_then(|c| c.to_digit(16));
            let Some(digit) = digit else { return Err(self.unexpected()) };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }

    fn number(&mut self) -> Read<f64> {
        let mut negative = false;
        if let Some(sign @ (b'-' | b'+')) = self.byte() {
            negative = sign == b'-';
            self.at += 1;
        }
        let magnitude = self.magnitude()?;
        Ok(if negative { -magnitude } else { magnitude })
    }

    fn magnitude(&mut self) -> Read<f64> {
        let start = self.at;
        match self.byte() {
            Some(b'I') => return self.word("Infinity", f64::INFINITY),
            Some(b'N') => return self.word("NaN", f64::NAN),
            Some(b'.') => {
                self.at += 1;
                self.need_digit()?;
                self.digits();
            }
            Some(b'0') => {
                self.at += 1;
                if let Some(b'x' | b'X') = self.byte() {
                    self.at += 1;
                    return self.hexadecimal();
                }
                self.fraction();
            }
            Some(b'1'..=b'9') => {
                self.digits();
                self.fraction();
            }
            _ => return Err(self.unexpected()),
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.need_digit()?;
            self.digits();
        }
        // Rust reads `1.`, `.5`, `1.e5` and rounds as JavaScript does.
        self.text.get(start..self.at).and_then(|digits| digits.parse().ok()).ok_or_else(|| self.unexpected())
    }

    fn hexadecimal(&mut self) -> Read<f64> {
        let Some(_) = self.peek().and_then(|c| c.to_digit(16)) else { return Err(self.unexpected()) };
        let mut value = 0.0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) {
            value = value * 16.0 + f64::from(digit);
            self.at += 1;
        }
        Ok(value)
    }

    fn fraction(&mut self) {
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits();
        }
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
    }

    fn need_digit(&self) -> Read<()> {
        match self.byte() {
            Some(b'0'..=b'9') => Ok(()),
            _ => Err(self.unexpected()),
        }
    }

    fn word<T>(&mut self, word: &str, value: T) -> Read<T> {
        for expected in word.bytes() {
            self.expect(expected)?;
        }
        Ok(value)
    }

    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.byte() != Some(byte) {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(())
    }

    /// Skips blanks and comments.
    fn blank(&mut self) -> Read<()> {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\n' | b'\r' | 0xb | 0xc) => self.at += 1,
                Some(b'/') => self.comment()?,
                Some(0x80..) => match self.peek() {
                    Some(c) if is_blank(c) => self.at += c.len_utf8(),
                    _ => return Ok(()),
                },
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Read<()> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match comment_length(rest) {
            Some(length) => {
                self.at += length;
                Ok(())
            }
            None => {
                self.at = if rest.starts_with("/*") { self.text.len() } else { self.at + 1 };
                Err(self.unexpected())
            }
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn unexpected(&self) -> SyntaxError {
        let (line, column) = self.position(self.at);
        let message = match self.peek() {
            Some('\n') => format!("JSON5: invalid character '\\n' at {}:0", line + 1),
            Some(c) => format!("JSON5: invalid character '{}' at {line}:{}", shown(c), column - 1 + c.len_utf16()),
            None => format!("JSON5: invalid end of input at {line}:{column}"),
        };
        SyntaxError { kind: SyntaxKind::Syntax, message, offset: self.at }
    }

    /// Line and column from 1, the column in UTF-16 units, as OpenClaw's reader counts.
    fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let last = before.rsplit('\n').next().unwrap_or_default();
        (line, last.encode_utf16().count() + 1)
    }
}

fn shown(c: char) -> String {
    match c {
        '\'' => "\\'".into(),
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\u{8}' => "\\b".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '\u{b}' => "\\v".into(),
        '\0' => "\\0".into(),
        '\u{2028}' => "\\u2028".into(),
        '\u{2029}' => "\\u2029".into(),
        c if c < ' ' => format!("\\x{:02x}", u32::from(c)),
        c => c.into(),
    }
}

fn starts_name(c: char) -> bool {
    c == '$' || c == '_' || c.is_alphabetic()
}

fn continues_name(c: char) -> bool {
    starts_name(c) || c.is_alphanumeric() || matches!(c, '\u{200c}' | '\u{200d}' | '\u{300}'..='\u{36f}' | '\u{203f}')
}

/// What JSON5 takes for space.
pub(crate) fn is_blank(c: char) -> bool {
    // Unicode's separators, the no-break space and the byte order mark; not U+0085, which Rust counts as white space.
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}
