//! The Responses API: what goes out and what comes back, shared by `codex` and `openai`.

pub(crate) mod body;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod contract;
pub(crate) mod decode;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod offline;
mod replay;
mod wire;

use std::collections::VecDeque;

use crate::call::Decoder;
use crate::chat::Event;
use crate::error::{Error, Result};
use crate::transport::sse::{SseError, SseEvent};

impl Decoder for decode::ResponsesDecoder {
    fn decode(&mut self, event: SseEvent, out: &mut VecDeque<Event>) -> Result<()> {
        self.decode(event, out)
    }

    fn truncated(&mut self) -> Error {
        self.truncated()
    }

    fn unframed(&mut self, fault: SseError) -> Error {
        self.unframed(fault)
    }

    fn output_started(&self) -> bool {
        self.output_started()
    }
}
