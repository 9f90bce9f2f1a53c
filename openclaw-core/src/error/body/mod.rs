//! Reads error bodies: what shape a body has, the fields of a JSON error, the preview that may be shown.

pub(super) mod html;
mod json;
mod python;
mod repair;

pub(super) use json::{Code, ErrorBody};

/// How much of a body is looked at for marks and for JSON.
pub(super) const PREFIX: usize = 64 * 1024;

/// The shape of a body.
#[derive(Debug)]
pub(super) enum Body<'a> {
    /// Nothing but white space.
    Empty,
    /// A page, or the beginning of one.
    Page(&'a str),
    /// JSON that holds, or should hold, an error; default when it cannot be read.
    Json(Box<ErrorBody>),
    /// Server-sent events, with the error that one of them carries.
    Events(Option<Box<ErrorBody>>),
    /// Anything else.
    Text(&'a str),
}

impl<'a> Body<'a> {
    /// Looks at the first [`PREFIX`] bytes.
    pub(super) fn read(body: &'a str, content_type: &str) -> Self {
        let text = prefix(body, PREFIX).trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if text.is_empty() {
            return Self::Empty;
        }
        if html::is_page(text) {
            return Self::Page(text);
        }
        if text.starts_with(['{', '[', '"']) {
            if let Some(error) = ErrorBody::parse(text) {
                return Self::Json(Box::new(error));
            }
            if text.starts_with('{') || content_type.contains("json") {
                return Self::Json(Box::default());
            }
        }
        let is_field = |line: &str| ["data:", "event:", "id:", "retry:", ":"].iter().any(|f| line.starts_with(f));
        if text
            .lines()
            .next()
            .is_some_and(|line| is_field(line) && (line.contains("data:") || text.contains("\ndata:")))
            || content_type.starts_with("text/event-stream")
        {
            let error = text
                .lines()
                .filter_map(|line| line.strip_prefix("data:"))
                .find_map(|data| ErrorBody::parse(data.trim()).filter(|error| error.is_error()));
            return Self::Events(error.map(Box::new));
        }
        Self::Text(text.trim_end())
    }
}

/// The first `limit` bytes, cut at a character.
pub(super) fn prefix(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// At most 200 characters, tags stripped, secrets removed.
pub(super) fn preview(body: &str) -> String {
    short(&html::visible(prefix(body, PREFIX), 4096), 200)
}

/// Redacted, then cut to so many characters.
pub(super) fn short(text: &str, chars: usize) -> String {
    let clean = super::redact(text);
    if clean.chars().count() <= chars {
        return clean;
    }
    let mut cut: String = clean.chars().take(chars.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
