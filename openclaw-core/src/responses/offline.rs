//! Recorded bytes to events, without a network.

use std::collections::VecDeque;

use bytes::Bytes;

use super::decode::ResponsesDecoder;
use crate::chat::Event;
use crate::error::{Error, Result};
use crate::transport::sse::{MAX_EVENT_BYTES, SseFramer};

/// Replays the recorded body of a streamed answer: the events that a provider would have given, the error or the
/// `Completed` that ends them included.
///
/// The bytes can be cut into chunks anywhere; the result is the same. Needs the feature `testing`.
///
/// ```
/// use openclaw_core::{Event, decode_sse};
///
/// let body = "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\"}}\n\n";
/// let events = decode_sse("openai-codex", "gpt-5.4", [body]);
/// assert!(matches!(&events[..], [Ok(Event::Completed(response))] if response.id == "resp_1"));
/// ```
pub fn decode_sse(
    provider: &str,
    model: &str,
    chunks: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> Vec<Result<Event>> {
    let mut replay = Replay::new(provider, model);
    let mut events = Vec::new();
    for chunk in chunks {
        replay.push(Bytes::copy_from_slice(chunk.as_ref()));
        while let Some(event) = replay.next_event() {
            events.push(event);
        }
    }
    replay.finish();
    while let Some(event) = replay.next_event() {
        events.push(event);
    }
    events
}

/// Framer and decoder as a call uses them, fed by hand.
pub struct Replay {
    framer: SseFramer,
    decoder: ResponsesDecoder,
    ready: VecDeque<Event>,
    failed: Option<Error>,
    finished: bool,
    over: bool,
}

impl Replay {
    /// Nothing was read yet.
    pub fn new(provider: &str, model: &str) -> Self {
        Self {
            framer: SseFramer::new(MAX_EVENT_BYTES),
            decoder: ResponsesDecoder::new(provider, model),
            ready: VecDeque::new(),
            failed: None,
            finished: false,
            over: false,
        }
    }

    /// Adds bytes.
    pub fn push(&mut self, chunk: Bytes) {
        self.framer.push(chunk);
    }

    /// The bytes have ended.
    pub fn finish(&mut self) {
        self.finished = true;
        self.framer.finish();
    }

    /// The next event; `None` after the end, or when more bytes are needed.
    pub fn next_event(&mut self) -> Option<Result<Event>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.over |= matches!(event, Event::Completed(_));
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            let failure = match self.failed.take() {
                Some(error) => error,
                None => match self.framer.next_event() {
                    Some(Ok(event)) => {
                        self.failed = self.decoder.decode(event, &mut self.ready).err();
                        continue;
                    }
                    Some(Err(fault)) => self.decoder.unframed(fault),
                    None if self.finished => self.decoder.truncated(),
                    None => return None,
                },
            };
            self.over = true;
            return Some(Err(failure));
        }
    }
}
