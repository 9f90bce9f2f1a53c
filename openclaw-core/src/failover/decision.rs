//! What follows a failed attempt: one table, read from the top, the first row that fits decides.

use serde::{Deserialize, Serialize};

use crate::auth::CredentialFault;
use crate::error::{Advice, Error, ErrorKind, Stage, words};
use crate::transport::Endpoint;

/// A row of the table. `docs/failover.md` shows the same rows; a test holds both equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The kind of the error; `None` is every kind.
    pub kind: Option<ErrorKind>,
    /// What else must hold.
    pub when: When,
    /// The same may be asked once more: at once if the wait is short, else when nothing else is left.
    pub repeat: bool,
    /// What follows otherwise.
    pub next: Next,
    /// Which other profiles cannot help either.
    pub skips: Skips,
    /// What is noted against the profile: only faults of the credential or of its quota.
    pub notes: Option<CredentialFault>,
    /// What the breaker of the inference endpoint makes of it.
    pub breaker: Verdict,
}

/// What must hold beside the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// Nothing more.
    Always,
    /// Output began, or the error says so.
    Streaming,
    /// The address that failed is not the inference endpoint: the sign-in on the way there.
    Elsewhere,
    /// The error carries this advice.
    Advice(Advice),
    /// The provider's code names the workspace, and not a member of it.
    Workspace,
    /// A status came, so the provider said it, not our own clock.
    Answered,
}

words! {
    /// What follows a failed attempt.
    Next {
        /// Another profile of the same candidate; without one, the next candidate.
        Profile = "next profile",
        /// The next candidate.
        Candidate = "next candidate",
        /// Nothing: the error is given to the caller.
        Stop = "stop",
    }
}

words! {
    /// Which other profiles cannot help either.
    Skips {
        /// None of them is known not to.
        None = "-",
        /// Those of the same person in the same account.
        Identity = "same identity",
        /// Those of the same account, whoever the person is.
        Account = "same account",
    }
}

words! {
    /// What a breaker makes of an attempt.
    Verdict {
        /// It says nothing against the endpoint; if its answer came, the endpoint works.
        Nothing = "-",
        /// Three of these in a row open it.
        Counts = "counts",
        /// It opens at once.
        Opens = "opens",
    }
}

/// The row for an error.
///
/// `output_began` is what the caller saw of the stream, `endpoint` where the call should have gone.
pub fn decide(error: &Error, output_began: bool, endpoint: Option<&Endpoint>) -> &'static Rule {
    RULES
        .iter()
        .find(|rule| {
            rule.kind.is_none_or(|kind| kind == error.kind()) && rule.when.holds(error, output_began, endpoint)
        })
        .unwrap_or(&UNKNOWN)
}

impl When {
    fn holds(self, error: &Error, output_began: bool, endpoint: Option<&Endpoint>) -> bool {
        match self {
            Self::Always => true,
            Self::Streaming => output_began || error.stage() == Stage::Streaming,
            Self::Elsewhere => endpoint.is_some_and(|endpoint| is_elsewhere(error, endpoint)),
            Self::Advice(advice) => error.advice() == advice,
            Self::Workspace => error.code().is_some_and(|code| {
                let code = code.to_ascii_lowercase();
                code.contains("workspace") && !code.contains("member")
            }),
            Self::Answered => error.http_status().is_some(),
        }
    }
}

/// Whether an error is known to come from another address than the inference endpoint: from the sign-in on the way there.
pub(super) fn is_elsewhere(error: &Error, endpoint: &Endpoint) -> bool {
    error.url().and_then(Endpoint::parse).is_some_and(|failed| failed != *endpoint)
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Always => f.write_str("-"),
            Self::Streaming => f.write_str("output began"),
            Self::Elsewhere => f.write_str("at another address (the sign-in)"),
            Self::Advice(advice) => write!(f, "advice `{advice}`"),
            Self::Workspace => f.write_str("the code names the workspace"),
            Self::Answered => f.write_str("a status came"),
        }
    }
}

use CredentialFault::{Auth, AuthPermanent, Billing, RateLimit};
use ErrorKind as K;

/// A row without anything special.
const fn row(kind: ErrorKind, when: When, next: Next) -> Rule {
    Rule { kind: Some(kind), when, repeat: false, next, skips: Skips::None, notes: None, breaker: Verdict::Nothing }
}

impl Rule {
    const fn repeated(mut self) -> Self {
        self.repeat = true;
        self
    }
    const fn skipping(mut self, skips: Skips) -> Self {
        self.skips = skips;
        self
    }
    const fn noting(mut self, fault: CredentialFault) -> Self {
        self.notes = Some(fault);
        self
    }
    const fn breaker(mut self, verdict: Verdict) -> Self {
        self.breaker = verdict;
        self
    }
}

const UNKNOWN: Rule = row(K::Unknown, When::Always, Next::Candidate);

/// The table.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    Rule { kind: None, ..row(K::Unknown, When::Streaming, Next::Stop) },

    row(K::EdgeBlocked, When::Elsewhere, Next::Profile),
    row(K::EdgeBlocked, When::Always, Next::Candidate).breaker(Verdict::Opens),
    row(K::Proxy, When::Elsewhere, Next::Profile),
    row(K::Proxy, When::Always, Next::Candidate).breaker(Verdict::Counts),
    row(K::Dns, When::Elsewhere, Next::Profile).repeated(),
    row(K::Dns, When::Always, Next::Candidate).repeated().breaker(Verdict::Counts),
    row(K::Connect, When::Elsewhere, Next::Profile).repeated(),
    row(K::Connect, When::Always, Next::Candidate).repeated().breaker(Verdict::Counts),
    row(K::Timeout, When::Elsewhere, Next::Profile).repeated(),
    row(K::Timeout, When::Answered, Next::Candidate).repeated(),
    row(K::Timeout, When::Always, Next::Candidate).repeated().breaker(Verdict::Counts),
    row(K::Tls, When::Elsewhere, Next::Profile),
    row(K::Tls, When::Always, Next::Candidate).breaker(Verdict::Counts),

    row(K::AuthExpired, When::Advice(Advice::SignIn), Next::Profile).noting(AuthPermanent),
    row(K::AuthExpired, When::Always, Next::Profile).noting(Auth),
    row(K::AuthInvalid, When::Workspace, Next::Profile).skipping(Skips::Account).noting(AuthPermanent),
    row(K::AuthInvalid, When::Advice(Advice::OtherProfile), Next::Profile).skipping(Skips::Identity).noting(AuthPermanent),
    row(K::AuthInvalid, When::Always, Next::Profile).noting(Auth),

    row(K::Forbidden, When::Advice(Advice::OtherProvider), Next::Candidate),
    row(K::Forbidden, When::Advice(Advice::FixConfig), Next::Candidate),
    row(K::Forbidden, When::Workspace, Next::Profile).skipping(Skips::Account),
    row(K::Forbidden, When::Always, Next::Profile).skipping(Skips::Identity),

    row(K::RateLimited, When::Elsewhere, Next::Profile).repeated(),
    row(K::RateLimited, When::Always, Next::Profile).repeated().noting(RateLimit),
    row(K::UsageLimit, When::Workspace, Next::Profile).repeated().skipping(Skips::Account).noting(RateLimit),
    row(K::UsageLimit, When::Always, Next::Profile).repeated().skipping(Skips::Identity).noting(RateLimit),
    row(K::Billing, When::Always, Next::Profile).skipping(Skips::Account).noting(Billing),

    row(K::Overloaded, When::Always, Next::Profile).repeated(),
    row(K::ServerError, When::Elsewhere, Next::Profile).repeated(),
    row(K::ServerError, When::Always, Next::Candidate).repeated(),
    row(K::StreamTruncated, When::Always, Next::Candidate).repeated(),

    row(K::ContextOverflow, When::Always, Next::Stop),
    row(K::InvalidRequest, When::Advice(Advice::FixConfig), Next::Candidate),
    row(K::InvalidRequest, When::Always, Next::Stop),
    row(K::ContentPolicy, When::Always, Next::Stop),
    row(K::ModelNotFound, When::Always, Next::Candidate),
    row(K::Cancelled, When::Always, Next::Stop),
    row(K::Config, When::Always, Next::Candidate),
    row(K::Store, When::Always, Next::Profile),
    UNKNOWN.repeated(),
];
