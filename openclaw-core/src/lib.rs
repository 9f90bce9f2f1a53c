//! Call a ChatGPT-plan (Codex) or API-key model, stream its answer, and know exactly why a call failed.
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod ambient;
pub mod auth;
mod call;
pub mod chat;
mod codex;
pub mod config;
pub mod error;
mod openai;
mod provider;
mod responses;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;

pub use chat::{
    Content, Delta, Effort, Event, FinishReason, Item, Message, RateLimits, RawEvent, Request, Response, ResponseHead,
    Role, Tool, ToolCall, ToolChoice, ToolResult, Usage, Warning,
};
pub use codex::{CodexProvider, CodexProviderBuilder};
pub use error::{Advice, Attempt, Edge, EdgeAction, Error, ErrorKind, Evidence, Result, Stage, classify};
pub use openai::{OpenAiProvider, OpenAiProviderBuilder};
pub use provider::{CallOptions, Capabilities, EventStream, ModelInfo, ModelRef, PlanUsage, Provider, ProviderId};
