//! Server-sent events: bytes in, whole events out.
//!
//! [`SseFramer`] looks at each byte once and finds whole blocks. A block of the usual shape (at most one `event:`
//! line, then exactly one `data:` line) becomes an event without a copy when it lies in one chunk; every other block
//! goes through one `eventsource_stream::EventStream`. Both give the same result, which a property test holds.

mod fallback;
mod guard;

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

pub(crate) use guard::SseFramer;

/// The longest event that is accepted unless told otherwise.
pub(crate) const MAX_EVENT_BYTES: usize = 64 << 20;

/// The data of one event. Its name is not kept: the JSON says it again.
#[derive(Debug, Clone)]
pub(crate) struct SseEvent {
    data: Bytes,
    /// Invalid UTF-8 was replaced already.
    repaired: bool,
}

impl SseEvent {
    /// The data as text, and whether invalid UTF-8 in it was replaced by U+FFFD. Checked here, once per event.
    pub fn text(&self) -> (Cow<'_, str>, bool) {
        match std::str::from_utf8(&self.data) {
            Ok(text) => (Cow::Borrowed(text), self.repaired),
            Err(_) => (String::from_utf8_lossy(&self.data), true),
        }
    }
}

impl From<&'static str> for SseEvent {
    fn from(data: &'static str) -> Self {
        Self { data: Bytes::from_static(data.as_bytes()), repaired: false }
    }
}

/// Why framing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SseError {
    /// An event is longer than the limit, in bytes.
    TooLong { limit: usize },
}

impl fmt::Display for SseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "an event of the stream is longer than the limit of {limit} bytes"),
        }
    }
}

impl std::error::Error for SseError {}
