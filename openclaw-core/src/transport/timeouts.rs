//! The time limits of a call, each named, measured on bytes.

use std::time::Duration;

/// The time limits of one call. A limit of `None` never ends a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// From the start until the connection stands (TCP and TLS). 10 s unless set. Fixed when the transport is built.
    pub connect: Option<Duration>,
    /// From sending until the first byte of the answer's body. 300 s unless set.
    pub first_byte: Option<Duration>,
    /// Between two bytes of the body; comments and keep-alives count. 300 s unless set.
    pub idle: Option<Duration>,
    /// The whole call with its repeats. Not limited unless set.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(10)),
            first_byte: Some(Duration::from_secs(300)),
            idle: Some(Duration::from_secs(300)),
            total: None,
        }
    }
}

impl Timeouts {
    /// The usual limits.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Placeholder until the call engine stands.
pub(crate) struct IdleGuard;
