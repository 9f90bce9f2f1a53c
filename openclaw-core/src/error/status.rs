//! What an HTTP status means on its own, and which kinds a message may make more exact.

use super::ErrorKind::{self, *};

/// The kind of a status, and whether it decides before a vague code does.
pub(super) fn kind_of(status: u16) -> (ErrorKind, bool) {
    match status {
        401 => (AuthInvalid, true),
        402 => (Billing, true),
        403 => (Forbidden, true),
        407 | 511 => (Proxy, true),
        408 | 499 | 504 | 522 | 524 | 598 | 599 => (Timeout, true),
        413 => (ContextOverflow, false),
        429 => (RateLimited, true),
        451 => (Forbidden, true),
        529 => (Overloaded, true),
        // Conflicts and early data pass by themselves: protocol §5.2.
        409 | 425 => (ServerError, false),
        500..=599 => (ServerError, true),
        404 | 410 | 456 => (Unknown, false),
        400..=499 => (InvalidRequest, false),
        _ => (Unknown, false),
    }
}

/// Whether a message may turn what status or code said into something more exact.
pub(super) fn may_become(from: ErrorKind, to: ErrorKind) -> bool {
    let allowed: &[ErrorKind] = match from {
        InvalidRequest => &[
            ContextOverflow,
            ContentPolicy,
            Billing,
            UsageLimit,
            ModelNotFound,
            Forbidden,
            AuthInvalid,
            AuthExpired,
            Overloaded,
            RateLimited,
            InvalidRequest,
        ],
        RateLimited => &[EdgeBlocked, ContextOverflow, Billing, UsageLimit, Overloaded, RateLimited],
        AuthInvalid => &[AuthExpired, Forbidden, Billing, AuthInvalid, EdgeBlocked],
        Forbidden => &[
            EdgeBlocked,
            Billing,
            UsageLimit,
            RateLimited,
            AuthInvalid,
            AuthExpired,
            ModelNotFound,
            ContentPolicy,
            Overloaded,
            Forbidden,
        ],
        Billing => &[AuthInvalid, RateLimited, UsageLimit, Billing],
        ServerError => &[ContextOverflow, Overloaded, RateLimited, ModelNotFound, ServerError],
        ModelNotFound => &[AuthInvalid, Billing, ContextOverflow, ModelNotFound],
        ContextOverflow => &[ContextOverflow, RateLimited],
        Unknown => return to != Timeout && to != ServerError,
        _ => &[],
    };
    allowed.contains(&to)
}
