//! Blocks of an unusual shape, through `eventsource-stream`.
//!
//! That crate is quadratic on long lines in small chunks and on many lines in one chunk, panics on a byte order mark,
//! and holds back everything behind an invalid byte. It gets one whole line of valid UTF-8 at a time, which rules all
//! of that out.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use eventsource_stream::EventStream;
use futures_core::Stream;
use memchr::memchr2;

use super::SseEvent;

pub(super) struct Fallback {
    lines: Lines,
    events: Pin<Box<EventStream<Lines>>>,
}

/// The lines that wait to be read. Never ends by itself.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<VecDeque<Vec<u8>>>>);

impl Lines {
    fn push(&self, line: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(line);
    }
}

impl Stream for Lines {
    type Item = Result<Vec<u8>, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
            Some(line) => Poll::Ready(Some(Ok(line))),
            None => Poll::Pending,
        }
    }
}

impl Default for Fallback {
    fn default() -> Self {
        let lines = Lines::default();
        // Only at its very beginning does the crate look for a byte order mark, which the guard has taken off already.
        lines.push(b"\n".to_vec());
        Self { events: Box::pin(EventStream::new(lines.clone())), lines }
    }
}

impl Fallback {
    /// The event of one whole block, if it makes one. The empty line behind it need not be in `block`.
    pub(super) fn block(&mut self, mut block: &[u8]) -> Option<SseEvent> {
        let mut repaired = false;
        while !block.is_empty() {
            let end = memchr2(b'\n', b'\r', block).unwrap_or(block.len());
            let (line, rest) = block.split_at_checked(end).unwrap_or((block, &[]));
            block = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
            // We never reconnect, so ids are of no use; the crate would copy the last one with every event.
            if line.is_empty() || line == b"id" || line.starts_with(b"id:") {
                continue;
            }
            let text = String::from_utf8_lossy(line);
            repaired |= matches!(text, std::borrow::Cow::Owned(_)) && line.starts_with(b"data:");
            let mut text = text.into_owned();
            text.push('\n');
            self.lines.push(text.into_bytes());
            self.poll();
        }
        self.lines.push(b"\n".to_vec());
        let data = self.poll()?;
        Some(SseEvent { data: Bytes::from(data), repaired })
    }

    /// Reads every line that waits.
    fn poll(&mut self) -> Option<String> {
        let mut cx = Context::from_waker(Waker::noop());
        match self.events.as_mut().poll_next(&mut cx) {
            Poll::Ready(Some(Ok(event))) => Some(event.data),
            Poll::Pending => None,
            // Cannot happen: each line is whole and valid, and the lines do not end.
            Poll::Ready(Some(Err(_)) | None) => {
                *self = Self::default();
                None
            }
        }
    }
}
