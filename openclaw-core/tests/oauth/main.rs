//! Signing in against the embedded login server: what a person, a browser and a network in between can do to it.

mod browser;
mod device;
mod limits;
#[cfg(feature = "embed")]
mod network;
mod paste;
mod person;
mod plan_sharing;
mod tokens;
