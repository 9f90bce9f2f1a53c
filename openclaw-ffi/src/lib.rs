//! `libopenclaw`: [`openclaw_core::embed`] for C and C++ hosts. No logic of its own: it turns handles, texts and numbers
//! into calls of the core and back. The header `include/openclaw.h` is made of this source; its comments are the
//! reference.
//!
//! Every entry point goes through [`guard`]: it looks at the handles, catches panics, and stores the error.
#![deny(missing_docs)]
#![allow(non_camel_case_types)]
// The comments of the functions are the contract with C, and each says what it needs.
#![allow(clippy::missing_safety_doc)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(not(unix))]
compile_error!("libopenclaw has been made for Unix-like systems only so far");

mod status;
mod text;
mod versioned;

mod error;

mod bell;
mod chain;
mod client;
mod config;
mod event;
mod global;
mod guard;
mod issue;
mod logins;
mod own;
mod ready;
mod reply;
mod request;
mod sign_in;
mod signal;
mod stream;
mod testing;

mod deliver;
mod diagnose;
#[cfg(feature = "test-panic")]
mod panics;
#[cfg(test)]
mod tests;

pub use chain::*;
pub use client::*;
pub use config::*;
pub use deliver::*;
pub use diagnose::*;
pub use error::*;
pub use event::*;
pub use global::*;
pub use issue::*;
pub use logins::*;
pub use own::*;
#[cfg(feature = "test-panic")]
pub use panics::*;
pub use reply::*;
pub use request::*;
pub use sign_in::*;
pub use status::*;
pub use stream::*;
pub use testing::*;
pub use text::*;
