//! All that is to be said about one configuration, for a terminal, as JSON, and in lines.

use std::fmt;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::Options;
use super::issue::{Code, Issue, Span, Stage};
use super::mask::masked;
use crate::error::{Error, ErrorKind};

/// The judgement of one configuration.
///
/// `Display` is OpenClaw's own form, one line per issue. Neither it nor [`render`](Self::render) nor the JSON ever
/// shows a value that could be a secret.
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
#[derive(Clone, Default)]
pub(crate) struct Source {
    pub(crate) name: Option<String>,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(options: &Options, text: &str) -> Self {
        let name = options.path.as_ref().map(|path| path.display().to_string());
        Self { name, text: text.to_owned() }
    }
}

/// Without the text: it may hold secrets.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.name.as_deref().unwrap_or("<text>"), self.text.len())
    }
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

    /// The issues for a person: each with its line of the file, a mark below it, and what may be meant. Texts in that
    /// line are blotted out, because they may be secrets.
    pub fn render(&self) -> String {
        let shown = self.issues.iter().take(MOST_SHOWN);
        let sheets: Vec<String> = match self.issues.is_empty() {
            true => Vec::new(),
            false => self.sources.iter().map(|source| masked(&source.text)).collect(),
        };
        let mut out = String::new();
        shown.for_each(|issue| self.show(issue, &sheets, &mut out));
        if self.issues.len() > MOST_SHOWN {
            out.push_str(&format!("and {} more\n", self.issues.len() - MOST_SHOWN));
        }
        out
    }

    fn show(&self, issue: &Issue, sheets: &[String], out: &mut String) {
        out.push_str(&format!("{}[{}]: {issue}\n", issue.severity, issue.stage));
        if let (Some(line), Some(column), Some(span)) = (issue.line, issue.column, issue.span) {
            out.push_str(&format!("  --> {}:{line}:{column}\n", issue.file.as_deref().unwrap_or("<text>")));
            if let Some(sheet) = sheets.get(usize::from(span.file)) {
                let (text, mark) = window(sheet, span);
                let number = line.to_string();
                let margin = " ".repeat(number.len());
                out.push_str(&format!(" {margin} |\n {number} | {text}\n {margin} | {mark}\n"));
            }
        }
        let mut note = |name: &str, text: &str| out.push_str(&format!("  {name}: {text}\n"));
        if let Some(found) = &issue.found {
            note("found", found);
        }
        if !issue.allowed.is_empty() && !issue.message.contains("allowed") && !issue.message.contains("one of") {
            note("allowed", &issue.allowed.join(", "));
        }
        if let Some(suggestion) = &issue.suggestion {
            note("did you mean", suggestion);
        }
        if let Some(hint) = &issue.hint {
            note("hint", hint);
        }
    }

    /// The error because of which not all of it was looked at.
    pub(crate) fn unread(&self) -> Option<&Issue> {
        self.errors().find(|issue| match issue.code {
            Code::TooLarge | Code::TooDeep => true,
            Code::Syntax | Code::Encoding => issue.stage == Stage::Json5,
            _ => false,
        })
    }

    pub(crate) fn new(mut issues: Vec<Issue>, sources: Vec<Source>) -> Self {
        locate(&mut issues, &sources);
        Self { valid: issues.iter().all(|issue| !issue.is_error()), issues, sources }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.issues.iter().map(Issue::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Report {}

/// `config`, or `store` when the file cannot be read: the first error in its message, all in
/// [`Error::issues`](crate::Error::issues).
impl From<Report> for Error {
    fn from(report: Report) -> Self {
        let mut errors = report.errors();
        let Some(first) = errors.next() else { return Error::config("the configuration is valid") };
        let kind = if first.code == Code::Unreadable { ErrorKind::Store } else { ErrorKind::Config };
        let place = match (&first.file, first.line, first.column) {
            (Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}: "),
            (None, Some(line), Some(column)) => format!("line {line}, column {column}: "),
            (Some(file), ..) => format!("{file}: "),
            _ => String::new(),
        };
        let more = match errors.count() {
            0 => String::new(),
            1 => " (and one more error)".to_owned(),
            count => format!(" (and {count} more errors)"),
        };
        let text = format!("{place}{first}{more}");
        Error::new(kind, crate::Stage::NotSent, text).with_code(first.code.as_str()).with_issues(report.issues)
    }
}

/// The part of a line around a place, and the mark below it. Looks only near the place: lines can be long.
fn window(sheet: &str, span: Span) -> (String, String) {
    const BEFORE: usize = 60;
    const AFTER: usize = 60;
    let (before, after) = sheet.split_at_checked(span.start as usize).unwrap_or((sheet, ""));
    let mut left: Vec<char> = before.chars().rev().take_while(|c| *c != '\n').take(BEFORE).collect();
    left.reverse();
    let right: Vec<char> = after.chars().take_while(|c| !matches!(c, '\n' | '\r')).take(AFTER).collect();
    let marked = after.get(..(span.end - span.start) as usize).unwrap_or_default();
    let marked = marked.chars().take(right.len()).take_while(|c| *c != '\n').count().max(1);
    let text = left.iter().chain(&right).map(|c| if c.is_control() { ' ' } else { *c }).collect();
    (text, format!("{}{}", " ".repeat(left.len()), "^".repeat(marked)))
}

/// More issues are not shown to a person.
const MOST_SHOWN: usize = 100;

/// Fills in file, line and column: once through each file, whatever the number of issues.
fn locate(issues: &mut [Issue], sources: &[Source]) {
    let mut order: Vec<(Span, usize)> =
        issues.iter().enumerate().filter_map(|(index, issue)| Some((issue.span?, index))).collect();
    order.sort_by_key(|(span, _)| (span.file, span.start));
    let mut here = (0, 0, 1, 1);
    for (span, index) in order {
        let Some(source) = sources.get(usize::from(span.file)) else { continue };
        let (file, at, mut line, mut column) = here;
        let from = if file == span.file { at } else { 0 };
        if file != span.file {
            (line, column) = (1, 1);
        }
        for c in source.text.get(from..span.start as usize).unwrap_or_default().chars() {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        here = (span.file, span.start as usize, line, column);
        if let Some(issue) = issues.get_mut(index) {
            issue.file = source.name.clone();
            (issue.line, issue.column) = (Some(line), Some(column));
        }
    }
}

pub(crate) fn too_large(path: &Path) -> Report {
    let message = format!("the file is larger than {} bytes", super::MAX_BYTES);
    with_file(path, Issue::new(Stage::Json5, Code::TooLarge, &[], message))
}

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Report {
    with_file(path, Issue::new(Stage::Json5, Code::Unreadable, &[], format!("read failed: {error}")))
}

fn with_file(path: &Path, mut issue: Issue) -> Report {
    issue.file = Some(path.display().to_string());
    Report::new(vec![issue], Vec::new())
}
