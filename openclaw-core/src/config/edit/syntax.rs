//! A JSON5 text as a tree that remembers where everything stands, so that an edit touches nothing else.
//!
//! The validator's reader makes it, with every member as it is written. It owns its texts and knows its commas, which the
//! validator's tree has no need of.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use serde_json::{Map, Number, Value};

use super::super::parse::{self, SyntaxError};
pub(crate) use super::super::parse::{comment_length, comments, is_blank as is_space};
use super::super::tree;

/// One value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Bytes of the value itself, without the space around it.
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
    index: Index,
}

/// Where the members of a large object stand, by key: made when it is first asked for.
#[derive(Debug, Clone, Default)]
struct Index(OnceLock<HashMap<String, Vec<usize>>>);

/// It says nothing that the members do not.
impl PartialEq for Index {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Fewer members are looked through as fast.
const MANY: usize = 16;

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
        self.members()?.get(*self.positions(key).last()?)
    }

    /// Where the members of this key stand, in order.
    pub(crate) fn positions(&self, key: &str) -> Vec<usize> {
        let members = self.members().unwrap_or_default().iter().enumerate();
        if members.len() <= MANY {
            return members.filter(|(_, member)| member.key == key).map(|(position, _)| position).collect();
        }
        let index = self.index.0.get_or_init(|| {
            let mut index: HashMap<String, Vec<usize>> = HashMap::new();
            members.for_each(|(position, member)| index.entry(member.key.clone()).or_default().push(position));
            index
        });
        index.get(key).cloned().unwrap_or_default()
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

#[cfg(test)]
thread_local! {
    /// How often this thread has read a text for an edit.
    pub(crate) static PARSED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Reads a whole text.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    #[cfg(test)]
    PARSED.with(|count| count.set(count.get() + 1));
    Ok(node(text, &parse::as_written(text)?))
}

fn node(text: &str, read: &tree::Node<'_>) -> Node {
    let kind = match &read.value {
        tree::Value::Null => Kind::Null,
        tree::Value::Bool(value) => Kind::Bool(*value),
        tree::Value::Number(value) => Kind::Number(json_number(*value)),
        tree::Value::String(value) => Kind::String(value.to_string()),
        tree::Value::Array(items) => Kind::Array(
            items.iter().map(|item| Element { value: node(text, item), comma: comma(text, item) }).collect(),
        ),
        tree::Value::Object(members) => Kind::Object(members.iter().map(|read| member(text, read)).collect()),
    };
    Node { span: read.start as usize..read.end as usize, kind, index: Index::default() }
}

fn member(text: &str, read: &tree::Member<'_>) -> Member {
    Member {
        key: read.key.to_string(),
        key_span: read.key_start as usize..read.key_end as usize,
        value: node(text, &read.value),
        comma: comma(text, &read.value),
    }
}

fn comma(text: &str, value: &tree::Node<'_>) -> Option<usize> {
    let at = parse::next_sign(text, value.end as usize);
    (text.as_bytes().get(at) == Some(&b',')).then_some(at)
}

/// What ends a line.
pub(crate) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
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
        assert_eq!(parse(&deep).map(|_| ()).map_err(|e| e.kind), Err(parse::SyntaxKind::TooDeep));
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
