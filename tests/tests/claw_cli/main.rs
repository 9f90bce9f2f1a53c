//! The command line of `claw`, run as a person runs it: a process, its outputs, its exit status.

#[path = "../claw/mod.rs"]
mod claw;
#[path = "../program/mod.rs"]
mod program;

mod ask;
mod chain;
mod classify;
mod log;
mod login;
mod served;
mod store;
