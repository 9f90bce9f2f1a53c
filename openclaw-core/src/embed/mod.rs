//! What a binding to another language sits on: a runtime, a bounded queue per stream, stable numbers.
//!
//! The Rust API pulls an answer in the consumer's own poll. A host that blocks, or that owns an event loop, cannot do
//! that; for it one worker reads ahead into a bounded queue, or, inline, the host's own thread drives the call. This is
//! the one place of the crate with a task between socket and consumer.

mod numbers;
mod once;
mod queue;
mod runtime;

pub use numbers::{error_code, error_kind_of, event_code};
pub use once::OnceHandle;
pub use queue::{Drained, End, StreamHandle};
pub use runtime::{Mode, Runtime, forget_after_fork, generation, shutdown_shared};
