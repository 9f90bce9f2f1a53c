//! What a subscriber of the host sees, proven from outside.

mod capture;
mod chain;
#[allow(dead_code, reason = "shared with the tests of chains")]
#[path = "../failover/common.rs"]
mod common;
#[allow(dead_code, reason = "shared with the tests of sign-ins")]
#[path = "../oauth/person.rs"]
mod person;
mod secrets;
mod spans;
