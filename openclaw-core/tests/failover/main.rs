//! Chains, proven from outside: against the embedded server, a virtual clock and providers that misbehave.

mod bad_input;
mod blocked;
mod common;
mod crowd;
mod random;
mod rows;
mod state;
