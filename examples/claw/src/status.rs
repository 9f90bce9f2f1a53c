//! The exit status of every command, and the one table from the kind of an error to it.

use std::process::ExitCode;

use openclaw_core::ErrorKind;

/// How a command ends. A wrong command line ends with 2, by clap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// An answer came.
    Answer = 0,
    /// The configuration that was judged is invalid; of status --check: nothing can be used.
    Invalid = 1,
    /// What was to be judged cannot be read; of status --check: a login ends soon.
    Unreadable = 2,
    /// The request or the configuration is at fault.
    Fault = 3,
    /// A person has to sign in.
    SignIn = 4,
    /// The provider or the network refused or failed.
    Refused = 5,
    /// Ctrl-C.
    Cancelled = 130,
}

impl From<ErrorKind> for Status {
    fn from(kind: ErrorKind) -> Self {
        use ErrorKind as K;
        match kind {
            K::Config | K::Store | K::InvalidRequest | K::ContextOverflow | K::ModelNotFound | K::ContentPolicy => {
                Self::Fault
            }
            K::AuthExpired | K::AuthInvalid => Self::SignIn,
            K::Cancelled => Self::Cancelled,
            // And every kind that a later version of the library adds.
            _ => Self::Refused,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_status() {
        let table = [
            (0, ""),
            (3, "context_overflow invalid_request model_not_found content_policy config store"),
            (4, "auth_expired auth_invalid"),
            (
                5,
                "edge_blocked proxy dns connect timeout tls forbidden rate_limited usage_limit billing overloaded \
                 server_error stream_truncated unknown",
            ),
            (130, "cancelled"),
        ];
        for kind in ErrorKind::ALL {
            let expected = table.iter().find(|(_, kinds)| kinds.split_whitespace().any(|name| name == kind.as_str()));
            assert_eq!(expected.map(|(status, _)| *status), Some(Status::from(*kind) as i32), "{kind}");
        }
    }
}
