//! All that is to be said about one configuration, for a terminal, as JSON, and in lines.

use std::fmt;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::Options;
use super::issue::{Code, Issue, Stage};
use super::mask::masked;

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
        let sheets: Vec<String> = self.sources.iter().map(|source| masked(&source.text)).collect();
        let mut out = String::new();
        for issue in &self.issues {
            self.show(issue, &sheets, &mut out);
        }
        out
    }

    fn show(&self, issue: &Issue, sheets: &[String], out: &mut String) {
        out.push_str(&format!("{}: {issue}\n", issue.severity));
        if let (Some(line), Some(column)) = (issue.line, issue.column) {
            out.push_str(&format!("  --> {}:{line}:{column}\n", issue.file.as_deref().unwrap_or("<text>")));
            let sheet = issue.span.and_then(|span| sheets.get(usize::from(span.file)));
            if let Some(text) = sheet.and_then(|sheet| sheet.split('\n').nth(line as usize - 1)) {
                let (text, mark) =
                    window(text, column as usize - 1, issue.span.map_or(1, |span| span.end - span.start));
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

    pub(crate) fn new(mut issues: Vec<Issue>, sources: Vec<Source>) -> Self {
        let lines: Vec<Vec<usize>> = match issues.is_empty() {
            true => Vec::new(),
            false => sources.iter().map(|source| line_starts(&source.text)).collect(),
        };
        for issue in &mut issues {
            locate(issue, &sources, &lines);
        }
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

/// The part of a long line around a column, and the mark below it.
fn window(line: &str, column: usize, length: u32) -> (String, String) {
    const WIDTH: usize = 100;
    let line = line.trim_end_matches('\r');
    let total = line.chars().count();
    let from = if column > WIDTH * 3 / 4 { column - WIDTH / 2 } else { 0 };
    let text: String = line.chars().skip(from).take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let rest = total.saturating_sub(column).min(WIDTH.saturating_sub(column - from)).max(1);
    let mark = "^".repeat((length as usize).clamp(1, rest));
    (text, format!("{}{mark}", " ".repeat(column - from)))
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect()
}

/// Fills in file, line and column.
fn locate(issue: &mut Issue, sources: &[Source], lines: &[Vec<usize>]) {
    let Some(span) = issue.span else { return };
    let file = usize::from(span.file);
    let (Some(source), Some(starts)) = (sources.get(file), lines.get(file)) else { return };
    let at = span.start as usize;
    let line = starts.partition_point(|start| *start <= at);
    let start = starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
    issue.file = source.name.clone();
    issue.line = Some(line as u32);
    issue.column = Some(source.text.get(start..at).unwrap_or_default().chars().count() as u32 + 1);
}

pub(crate) fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Report {
    let at = error.utf8_error().valid_up_to();
    let message = format!("the file is not UTF-8: byte {at} is invalid");
    with_file(path, Issue::new(Stage::Json5, Code::Encoding, &[], message))
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
