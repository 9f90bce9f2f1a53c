//! Signing in with ChatGPT: browser, paste, device code; the token endpoint behind them.
//!
//! ```text
//! SignIn ── browser ─▶ listener ◀─ the browser comes back ┐
//!        ── paste ──▶ SignInPrompt::paste ────────────────┼─▶ Callback ─▶ TokenEndpoint::exchange ─▶ Profile
//!        ── device ─▶ polls until the code was typed ─────┘
//! ```
//!
//! A sign-in is a future: it starts no task and no thread, and ends with its port free when it is dropped. The host shows
//! everything through [`SignInPrompt`].

mod authorize;
mod browser;
mod callback;
mod device;
mod host_id;
mod http;
mod id_token;
mod issuer;
mod listener;
#[cfg(feature = "testing")]
pub(crate) mod offline;
mod pages;
mod paste;
mod pkce;
mod plan_sharing;
mod profile;
mod prompt;
mod refusal;
mod request;
mod sign_in;
mod token_endpoint;
mod tokens;

pub use host_id::HostId;
pub use issuer::Issuer;
pub use plan_sharing::PlanSharing;
pub use prompt::{DeviceCode, SignInPrompt, SignInStep};
pub use request::{SignInMethod, SignInRequest};
pub use sign_in::SignIn;
pub use token_endpoint::{TokenEndpoint, TokenEndpointBuilder, TokenKind};
pub use tokens::TokenResponse;
