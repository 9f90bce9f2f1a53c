//! Recorded bytes to events, without a network.

use std::collections::VecDeque;

use bytes::Bytes;

use super::Decoder;
use crate::anthropic;
use crate::chat::Event;
use crate::error::Result;
use crate::provider::ProviderId;
use crate::responses;
use crate::transport::sse::{MAX_EVENT_BYTES, SseFramer};

/// Replays the recorded body of a streamed answer: the events that a provider would have given, the error or the
/// `Completed` that ends them included.
///
/// The provider `anthropic` speaks the Messages API, every other one the Responses API. The bytes can be cut into chunks
/// anywhere; the result is the same. Needs the feature `testing`.
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
    let decoder = match provider {
        ProviderId::ANTHROPIC => anthropic::decode::decoder(provider, model, &[]),
        _ => responses::decode::decoder(provider, model),
    };
    decode(decoder, chunks)
}

pub(crate) fn decode(
    mut decoder: Box<dyn Decoder>,
    chunks: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> Vec<Result<Event>> {
    let mut framer = SseFramer::new(MAX_EVENT_BYTES);
    let mut ready = VecDeque::new();
    let mut events = Vec::new();
    let mut chunks = chunks.into_iter();
    loop {
        let chunk = chunks.next();
        match &chunk {
            Some(chunk) => framer.push(Bytes::copy_from_slice(chunk.as_ref())),
            None => framer.finish(),
        }
        while let Some(event) = framer.next_event() {
            let result = match event {
                Ok(event) => decoder.decode(event, &mut ready),
                Err(fault) => Err(decoder.unframed(fault)),
            };
            events.extend(ready.drain(..).map(Ok));
            if let Err(error) = result {
                events.push(Err(error));
            }
            if matches!(events.last(), Some(Err(_) | Ok(Event::Completed(_)))) {
                return events;
            }
        }
        if chunk.is_none() {
            events.push(Err(decoder.truncated()));
            return events;
        }
    }
}
