//! Numbers for languages that switch over numbers. Append only: a number never changes and is never used again.

use super::sign_in::SignInEvent;
use crate::chat::Event;
use crate::diagnose::{Check, VerdictKind};
use crate::error::ErrorKind;

/// The number of an event: what a C host switches over.
pub fn event_code(event: &Event) -> u32 {
    match event {
        Event::Retrying { .. } => 1,
        Event::Warning(_) => 2,
        Event::Opened(_) => 3,
        Event::RateLimits(_) => 4,
        Event::Created { .. } => 5,
        Event::OutputItemAdded { .. } => 6,
        Event::TextDelta(_) => 7,
        Event::RefusalDelta(_) => 8,
        Event::ReasoningSummaryDelta(_) => 9,
        Event::ReasoningDelta(_) => 10,
        Event::ToolInputDelta(_) => 11,
        Event::OutputItemDone { .. } => 12,
        Event::Raw(_) => 13,
        Event::Completed(_) => 14,
    }
}

/// The number of a step of a sign-in. The last one has none: it is the end.
pub fn sign_in_code(step: &SignInEvent) -> u32 {
    match step {
        SignInEvent::Done(_) => 0,
        SignInEvent::OpenUrl { .. } => 1,
        SignInEvent::ShowCode { .. } => 2,
        SignInEvent::Ask { .. } => 3,
        SignInEvent::Progress { .. } => 4,
    }
}

const ERRORS: [(ErrorKind, i32); 23] = [
    (ErrorKind::EdgeBlocked, 1),
    (ErrorKind::Proxy, 2),
    (ErrorKind::Dns, 3),
    (ErrorKind::Connect, 4),
    (ErrorKind::Timeout, 5),
    (ErrorKind::Tls, 6),
    (ErrorKind::AuthExpired, 7),
    (ErrorKind::AuthInvalid, 8),
    (ErrorKind::Forbidden, 9),
    (ErrorKind::RateLimited, 10),
    (ErrorKind::UsageLimit, 11),
    (ErrorKind::Billing, 12),
    (ErrorKind::Overloaded, 13),
    (ErrorKind::ServerError, 14),
    (ErrorKind::ContextOverflow, 15),
    (ErrorKind::InvalidRequest, 16),
    (ErrorKind::ModelNotFound, 17),
    (ErrorKind::ContentPolicy, 18),
    (ErrorKind::StreamTruncated, 19),
    (ErrorKind::Cancelled, 20),
    (ErrorKind::Config, 21),
    (ErrorKind::Store, 22),
    (ErrorKind::Unknown, 23),
];

/// The number of a kind of error; that of `unknown` for a kind without one.
pub fn error_code(kind: ErrorKind) -> i32 {
    ERRORS.iter().find(|(k, _)| *k == kind).map_or(23, |(_, code)| *code)
}

/// The kind of error with this number.
pub fn error_kind_of(code: i32) -> Option<ErrorKind> {
    ERRORS.iter().find(|(_, c)| *c == code).map(|(kind, _)| *kind)
}

const VERDICTS: [(VerdictKind, u32); 32] = [
    (VerdictKind::Fine, 0),
    (VerdictKind::NotProbed, 1),
    (VerdictKind::ConfigInvalid, 2),
    (VerdictKind::CannotAsk, 3),
    (VerdictKind::WrongAddress, 4),
    (VerdictKind::StoreUnreadable, 5),
    (VerdictKind::NoLogin, 6),
    (VerdictKind::LoginUnreadable, 7),
    (VerdictKind::SignIn, 8),
    (VerdictKind::Resting, 9),
    (VerdictKind::TokenExpired, 10),
    (VerdictKind::TokenRejected, 11),
    (VerdictKind::Deactivated, 12),
    (VerdictKind::Clock, 13),
    (VerdictKind::EdgeBlocked, 14),
    (VerdictKind::EdgeBlocksAll, 15),
    (VerdictKind::Proxy, 16),
    (VerdictKind::Dns, 17),
    (VerdictKind::Tls, 18),
    (VerdictKind::Connect, 19),
    (VerdictKind::Timeout, 20),
    (VerdictKind::PlanLacksIt, 21),
    (VerdictKind::Billing, 22),
    (VerdictKind::UsageLimit, 23),
    (VerdictKind::RateLimited, 24),
    (VerdictKind::Region, 25),
    (VerdictKind::WorkspacePolicy, 26),
    (VerdictKind::Forbidden, 27),
    (VerdictKind::ModelNotOpen, 28),
    (VerdictKind::Overloaded, 29),
    (VerdictKind::ServerBroken, 30),
    (VerdictKind::Unknown, 31),
];

/// The number of a verdict: 0 is `fine`.
pub fn verdict_code(kind: VerdictKind) -> u32 {
    VERDICTS.iter().find(|(k, _)| *k == kind).map_or(31, |(_, code)| *code)
}

/// The number of a check: what `claw status --check` ends with.
pub fn check_code(check: Check) -> u32 {
    match check {
        Check::Ok => 0,
        Check::NothingUsable => 1,
        Check::ExpiresSoon => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_a_number_of_its_own() {
        for &kind in ErrorKind::ALL {
            assert!(ERRORS.iter().any(|(k, _)| *k == kind), "{kind} has no number");
            assert_eq!(error_kind_of(error_code(kind)), Some(kind));
        }
        assert_eq!(error_kind_of(0), None);
    }

    #[test]
    fn every_verdict_has_a_number_of_its_own() {
        for &kind in VerdictKind::ALL {
            assert!(VERDICTS.iter().any(|(k, _)| *k == kind), "{kind} has no number");
        }
        let numbers: std::collections::BTreeSet<u32> = VERDICTS.iter().map(|(_, code)| *code).collect();
        assert_eq!(numbers.len(), VERDICTS.len());
    }
}
