//! What a binding to another language sits on: a client, a runtime, a bounded queue per stream, stable numbers.
//!
//! The Rust API pulls an answer in the consumer's own poll. A host that blocks, or that owns an event loop, cannot do
//! that; for it one worker reads ahead into a bounded queue, or, inline, the host's own thread drives the call. This is
//! the one place of the crate with a task between socket and consumer.
//!
//! ```
//! use std::collections::VecDeque;
//! use openclaw_core::embed::{Client, ClientSettings, Drained, End, options_from_json, request_from_json};
//! use openclaw_core::testing::{TestServer, forged_token};
//!
//! let server = TestServer::start_blocking()?;
//! let settings = format!(r#"{{"token":"{}","base_url":"{}"}}"#, forged_token("acct-1"), server.codex_base_url());
//! let client = Client::new(ClientSettings::from_json(&settings)?)?;
//! let request = request_from_json(r#"{"model":"gpt-5.4","input":"hi"}"#)?;
//! let stream = client.stream(request, options_from_json("{}", client.settings())?)?;
//! let mut events = VecDeque::new();
//! while stream.blocking_drain(&mut events, 64, None)? != Drained::Ended {}
//! assert!(matches!(stream.end(), Some(End::Completed(_))));
//! # Ok::<(), openclaw_core::Error>(())
//! ```

mod about;
#[cfg(unix)]
mod bell;
mod chain;
mod client;
mod config;
mod diagnose;
mod faults;
mod fields;
mod host;
mod image;
mod journal;
mod known;
mod logins;
mod numbers;
mod once;
mod per_process;
mod queue;
mod request;
mod runtime;
mod sign_in;
mod transport;

pub use about::build_info;
#[cfg(unix)]
pub use bell::Bell;
pub use chain::ChainSettings;
pub use client::{Client, LoginInfo, TokenKind};
pub use config::{CheckedConfig, ConfigSource};
pub use diagnose::DiagnoseSettings;
pub use faults::{closed, closed_as, forked, panicked};
pub use host::{
    Completion, HostProvider, HostTokens, Job, Piece, Post, Reply, Sent, called_by, capabilities_from_json,
    contract_broken, fault_from_json, models_from_json, piece_from_json, token_from_json,
};
pub use image::image_url;
pub use journal::{JournalLine, keep_journal, take_journal};
pub use known::known;
pub use logins::{LoginSettings, Logins, profile_ids_from_json};
pub use numbers::{check_code, error_code, error_kind_of, event_code, sign_in_code, verdict_code};
pub use once::OnceHandle;
pub use per_process::PerProcess;
pub use queue::{Drained, End, StreamHandle};
pub use request::{
    ClientSettings, item_from_value, options_from_json, options_from_map, options_to_json, request_from_json,
    request_from_map,
};
pub use runtime::{Mode, Runtime, forget_after_fork, generation, shutdown_shared, without_signals};
pub use sign_in::{SignInEvent, SignInHandle, SignInSettings};
