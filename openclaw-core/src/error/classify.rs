//! Evidence in, error out: the one place where a status, a header or a body is judged.

use super::{Error, ErrorKind, Stage};
use crate::transport::Headers;

/// What is known of a failed call. Hosts can fill one in for calls that they made themselves.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Evidence<'a> {
    /// The provider that was asked, such as `openai-codex`.
    pub provider: &'a str,
    /// The HTTP status; `None` when no answer came, then `body` is the transport's own text.
    pub status: Option<u16>,
    /// The headers of the answer.
    pub headers: Headers,
    /// The beginning of the body, or the whole.
    pub body: &'a str,
    /// The address that was asked.
    pub url: Option<&'a str>,
    /// now
    pub now: Option<std::time::SystemTime>,
}

/// Judges a failed call.
pub fn classify(evidence: &Evidence<'_>) -> Error {
    Error::new(ErrorKind::Unknown, Stage::Responded, "not classified yet").with_provider(evidence.provider)
}
