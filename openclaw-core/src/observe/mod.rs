//! What a host can see of its calls: spans and events of the crate `tracing`, every name of a field in here.
//!
//! A subscriber of the host gets them; without one nothing is computed. The names of spans are OpenTelemetry's for
//! generative AI, those of the four decision events are OpenClaw's. `docs/observability.md` lists every field; a test holds
//! that page equal to this module.
//!
//! No secret and no profile id is ever in them: a profile is shown as [`ProfileId::hashed`](crate::auth::ProfileId::hashed),
//! texts go through [`error_text`]. An error is judged first and cleaned for the log afterwards.
//!
//! ```
//! use openclaw_core::observe;
//! use openclaw_core::{Error, ErrorKind, Stage};
//!
//! let fault = |ray: &str| {
//!     let text = format!("blocked (HTTP 403, Ray ID {ray})");
//!     Error::new(ErrorKind::EdgeBlocked, Stage::Responded, text).with_http_status(403)
//! };
//! let (one, other) = (fault("9c5a1f2e3b4d5c6a-FRA"), fault("1b2c3d4e5f60718a-AMS"));
//! assert_eq!(observe::error_hash(&one), observe::error_hash(&other));
//! assert_ne!(observe::error_hash(&one), observe::error_hash(&one.clone().with_http_status(503)));
//! ```

mod decisions;
mod health;
mod raw;
mod run;
mod span;

pub use raw::{error_hash, error_text, log_text};

pub(crate) use decisions::{Asked, Decisions};
pub(crate) use health::failure_state_updated;
pub(crate) use run::{Run, watch};
pub(crate) use span::CallSpan;

/// The target of every span and event.
pub const TARGET: &str = "openclaw_core";

/// Fields of events whose text is JSON, because `tracing` has no lists.
pub const JSON_FIELDS: &[&str] = &["tags", "failureCounts", "previousAttempts"];

#[cfg(test)]
mod tests;
