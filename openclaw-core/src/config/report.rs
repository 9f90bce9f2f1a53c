//! All that is to be said about one configuration.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::Options;
use super::issue::{Code, Issue, Severity, Span, Stage};
use super::parse::{SyntaxError, SyntaxKind, parse};

/// The judgement of one configuration.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Whether OpenClaw accepts it: no issue is an error.
    pub valid: bool,
    /// Errors and warnings, in OpenClaw's order.
    pub issues: Vec<Issue>,
    /// The texts that the issues point into.
    #[serde(skip)]
    pub(crate) sources: Vec<Source>,
}

/// One file of a configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub(crate) name: Option<String>,
    pub(crate) text: String,
}

impl Report {
    /// The issues that make it invalid.
    pub fn errors(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.is_error())
    }

    /// The issues that do not make it invalid.
    pub fn warnings(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| !issue.is_error())
    }

    pub(crate) fn new(mut issues: Vec<Issue>, sources: Vec<Source>) -> Self {
        for issue in &mut issues {
            locate(issue, &sources);
        }
        Self { valid: issues.iter().all(|issue| !issue.is_error()), issues, sources }
    }
}

/// Fills in file, line and column.
fn locate(issue: &mut Issue, sources: &[Source]) {
    let Some(span) = issue.span else { return };
    let Some(source) = sources.get(usize::from(span.file)) else { return };
    let before = source.text.get(..span.start as usize).unwrap_or(&source.text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    issue.file = source.name.clone();
    issue.line = Some(before.bytes().filter(|b| *b == b'\n').count() as u32 + 1);
    issue.column = Some(line.chars().count() as u32 + 1);
}

pub(crate) fn check(text: &str, options: &Options) -> Report {
    let name = options.path.as_ref().map(|path| path.display().to_string());
    let issues = match parse(text, 0) {
        Ok(_) => Vec::new(),
        Err(error) => vec![syntax(&error, 0)],
    };
    Report::new(issues, vec![Source { name, text: text.to_owned() }])
}

fn syntax(error: &SyntaxError, file: u16) -> Issue {
    let (code, message) = match error.kind {
        SyntaxKind::Syntax => (Code::Syntax, format!("JSON5 parse failed: SyntaxError: {}", error.message)),
        SyntaxKind::TooDeep => (Code::TooDeep, error.message.clone()),
        SyntaxKind::TooLarge => (Code::TooLarge, error.message.clone()),
    };
    let mut issue = Issue::new(Stage::Json5, code, &[], message);
    issue.span = Some(Span { file, start: error.offset as u32, end: error.offset as u32 });
    issue
}

pub(crate) fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Report {
    let at = error.utf8_error().valid_up_to();
    let issue = Issue::new(Stage::Json5, Code::Encoding, &[], format!("the file is not UTF-8: byte {at} is invalid"));
    with_file(path, issue)
}

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Report {
    with_file(path, Issue::new(Stage::Json5, Code::Unreadable, &[], format!("read failed: {error}")))
}

fn with_file(path: &Path, mut issue: Issue) -> Report {
    issue.file = Some(path.display().to_string());
    issue.severity = Severity::Error;
    Report::new(vec![issue], Vec::new())
}
