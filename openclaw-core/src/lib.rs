//! Call a ChatGPT-plan (Codex) or API-key model, stream its answer, and know exactly why a call failed.
//!
//! ```no_run
//! use openclaw_core::{CodexProvider, Event, Provider, Request, auth::AccessToken};
//!
//! # async fn run() -> openclaw_core::Result<()> {
//! let token = AccessToken::new(std::env::var("CHATGPT_TOKEN").unwrap_or_default());
//! let codex = CodexProvider::builder().token(token).application("my-app/1.0").build()?;
//! let mut events = codex.stream(&Request::new("gpt-5.6-terra").user("Say hello"), &Default::default()).await?;
//! while let Some(event) = events.next().await {
//!     match event {
//!         Ok(Event::TextDelta(text)) => print!("{}", text.delta),
//!         Ok(_) => {}
//!         Err(error) => eprintln!("{} ({}): {}", error.kind(), error.advice(), error.message()),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! | you want | look at |
//! | --- | --- |
//! | to call a model | [`CodexProvider`], [`OpenAiProvider`], [`AnthropicProvider`], the trait [`Provider`] |
//! | to say what you ask | [`Request`], [`Item`], [`Tool`], [`CallOptions`] |
//! | to read the answer | [`EventStream`] and its contract, [`Event`], [`Response`] |
//! | to know why it failed | [`Error`], [`ErrorKind`], [`Advice`], [`Stage`]; [`classify`] for calls of your own |
//! | OpenClaw's configuration | [`config`]: its values, what is wrong with it and where, its schema |
//! | a login | [`auth`]: what is on this machine, or a [`TokenSource`](auth::TokenSource) of yours |
//! | proxies, certificates, time limits, repeats | [`transport`] |
//! | to control time and randomness | [`ambient`] |
//! | fallbacks to other models, providers and profiles | [`failover`] |
//! | to see what happens | [`observe`]: spans and events of `tracing` |
//! | to know what is wrong on this machine, and what helps | [`diagnose`] |
//! | to test your program without the internet | the feature `testing` |
//!
//! # What it does not do
//!
//! Server-sent events only, no WebSocket yet. It starts no thread, and everything happens in your poll, on a
//! tokio runtime; the one task it ever starts finishes a token refresh that was sent and then left by all who wanted it. It imitates no browser and no other client, and solves no bot challenge: it says who it is and explains
//! a refusal.
//!
//! # Features
//!
//! `rustls` (default): TLS with aws-lc-rs. `rustls-ring`: TLS with ring. `native-tls`: the system's TLS. All three trust
//! the certificates of the operating system. `testing`: an embedded Codex backend, a virtual clock, forged logins, a suite
//! for providers of your own. `embed`: what bindings to other languages sit on.
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod ambient;
mod anthropic;
pub mod auth;
mod calendar;
mod call;
pub mod chat;
mod codex;
pub mod config;
pub mod diagnose;
mod disk;
#[cfg(feature = "embed")]
pub mod embed;
pub mod error;
pub mod failover;
mod first_model;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod fuzzing;
mod identity;
pub mod observe;
mod openai;
mod provider;
mod responses;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;

pub use anthropic::{AnthropicProvider, AnthropicProviderBuilder};
#[cfg(feature = "testing")]
pub use call::offline::decode_sse;
pub use chat::{
    Content, Delta, Effort, Event, FinishReason, Item, Message, RateLimits, RawEvent, Request, Response, ResponseHead,
    Role, Tool, ToolCall, ToolChoice, ToolResult, Usage, Warning,
};
pub use codex::{CodexProvider, CodexProviderBuilder};
pub use error::{
    Advice, Attempt, Edge, EdgeAction, Error, ErrorKind, Evidence, Result, Stage, classify, classify_json_line,
};
pub use openai::{OpenAiProvider, OpenAiProviderBuilder};
pub use provider::{CallOptions, Capabilities, EventStream, ModelInfo, ModelRef, PlanUsage, Provider, ProviderId};
