//! What OpenClaw reads without a word and a person did not mean: each is a warning with its place.

use super::issue::{Code, Issue, Seg, Severity, Span, Stage};
use super::tree::Node;

/// One file as it was read.
pub(crate) struct Read<'r, 't> {
    pub(crate) text: &'r str,
    pub(crate) root: &'r Node<'t>,
    /// Where the first byte stood that is not UTF-8.
    pub(crate) broken: Option<usize>,
    /// Where escapes stand that are half of a surrogate pair.
    pub(crate) halves: &'r [u32],
}

/// The warnings of a file; `at` is where it is included.
pub(crate) fn oddities(read: &Read<'_, '_>, at: &[String]) -> Vec<Issue> {
    let mut issues = Vec::new();
    let file = read.root.file;
    let mut path: Vec<Seg<'_>> = at.iter().map(|key| Seg::Key(key)).collect();
    if read.text.starts_with('\u{feff}') {
        let message = "the file begins with a byte order mark, which readers of plain JSON refuse";
        issues.push(warning(Code::Encoding, &path, Span { file, start: 0, end: 3 }, message));
    }
    if let Some(broken) = read.broken {
        issues.push(not_utf8(file, broken));
    }
    search(read.root, read.halves, &mut path, &mut issues);
    issues
}

/// OpenClaw reads such a file, but not what was meant.
pub(crate) fn not_utf8(file: u16, broken: usize) -> Issue {
    let start = broken as u32;
    let message = "the file is not UTF-8: from here on, bytes that are not read as U+FFFD";
    warning(Code::Encoding, &[], Span { file, start, end: start + 3 }, message)
}

fn search<'n>(node: &'n Node<'_>, halves: &[u32], at: &mut Vec<Seg<'n>>, issues: &mut Vec<Issue>) {
    if node.text().is_some() {
        half(halves, node.span(), at, issues);
    }
    if node.number().is_some_and(|number| !number.is_finite()) {
        let message = "JSON has no such number: when OpenClaw writes the file, it becomes null";
        issues.push(warning(Code::NotFinite, at, node.span(), message));
    }
    for member in node.members() {
        at.push(Seg::Key(&member.key));
        let key = member.key_span();
        if member.repeated {
            issues.push(warning(Code::DuplicateKey, at, key, "this key stands twice; the last one counts"));
        }
        half(halves, key, at, issues);
        search(&member.value, halves, at, issues);
        at.pop();
    }
    for (index, item) in node.items().iter().enumerate() {
        at.push(Seg::Index(index));
        search(item, halves, at, issues);
        at.pop();
    }
}

fn half(halves: &[u32], span: Span, at: &[Seg<'_>], issues: &mut Vec<Issue>) {
    let first = halves.partition_point(|place| *place < span.start);
    if let Some(start) = halves.get(first).copied().filter(|place| *place < span.end) {
        let message = "half of a surrogate pair, which is no character, is read as U+FFFD";
        issues.push(warning(Code::Encoding, at, Span { file: span.file, start, end: start + 6 }, message));
    }
}

fn warning(code: Code, at: &[Seg<'_>], span: Span, message: &str) -> Issue {
    let mut issue = Issue::new(Stage::Json5, code, at, message);
    issue.severity = Severity::Warning;
    issue.span = Some(span);
    issue
}
