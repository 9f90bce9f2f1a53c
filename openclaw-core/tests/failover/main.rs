//! Chains, proven from outside: against the embedded server, a virtual clock and providers that misbehave.

mod bad_input;
mod blocked;
#[path = "../observe/capture.rs"]
#[allow(dead_code, reason = "shared with the tests of observing")]
mod capture;
mod common;
mod contract;
mod crowd;
mod random;
mod rows;
mod state;
