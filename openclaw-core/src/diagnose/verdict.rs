//! From what was found to what is wrong: one table, read from the top, the first row that fits decides.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::probe::{Answer, Outcome, Probe};
use super::target::Obstacle;
use super::words::VerdictKind;
use crate::error::{Advice, Error, ErrorKind, words};

/// A row of the table. `docs/status.md` shows the same rows; a test holds both equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// What is looked at.
    pub asked: Asked,
    /// What it has to be.
    pub found: Found,
    /// What else must hold.
    pub when: When,
    /// What is wrong then.
    pub verdict: VerdictKind,
}

words! {
    /// What a row looks at.
    Asked {
        /// What is known without asking.
        Before = "before asking",
        /// Any of the three questions.
        Any = "any question",
        /// The question for an answer: what calls do.
        Responses = "an answer",
    }
}

/// What a row wants to find there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// This stands in the way.
    Obstacle(Obstacle),
    /// It failed with this kind of error.
    Failed(ErrorKind),
    /// It failed, whatever the kind.
    FailedAnyhow,
    /// It was answered.
    Answered,
}

words! {
    /// What must hold beside that.
    When {
        /// Nothing more.
        Always = "-",
        /// Nothing was asked, nor was it to be.
        NotProbing = "no probe is wanted",
        /// A probe is wanted.
        Probing = "a probe is wanted",
        /// Another question was answered with the same token.
        OthersAnswered = "another question was answered",
        /// No question was answered.
        NothingAnswered = "no question was answered",
        /// The `Date` of an answer and this machine's clock are 5 min apart or more.
        ClockOff = "the clock is off by 5 min or more",
        /// The error says that only another account helps.
        OtherAccount = "advice `other_profile`",
        /// The code says that the token was taken back before its end.
        Withdrawn = "the code says withdrawn",
        /// The code, or else the message, is about the country.
        Region = "advice `other_provider`, not about plan sharing",
        /// The code names the workspace or its policy.
        Workspace = "the code names the workspace or a policy",
        /// The code says that the plan does not include it.
        NotInPlan = "the code says that the plan lacks it",
        /// The use of the plan says that a limit is reached.
        LimitReached = "the use of the plan says so too",
        /// An empty 404 where other questions were answered: the provider's routing in an incident.
        PassingNotFound = "status 404 without a body, another question was answered",
        /// There is no such path, or it takes another method.
        NoSuchPath = "status 404 or 405, or advice `fix_config`",
        /// The login rests by the store.
        Rests = "the login rests by the store",
    }
}

/// What was found, for the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern<'p> {
    pub obstacle: Obstacle,
    pub probe: Option<&'p Probe>,
    /// The login that was asked with rests.
    pub rests: bool,
}

/// The row for a pattern, and the error that it is about.
pub(super) fn decide<'p>(pattern: &Pattern<'p>) -> (&'static Rule, Option<&'p Error>) {
    let fits = |rule: &'static Rule| Some((rule, pattern.fits(rule)?));
    let (rule, error) = RULES.iter().find_map(fits).unwrap_or((&NOTHING, None));
    (rule, error)
}

impl<'p> Pattern<'p> {
    /// The error of a row that fits; `Some(None)` for a row that is about none.
    fn fits(&self, rule: &Rule) -> Option<Option<&'p Error>> {
        let of = |answer: &'p Answer| rule.found.fits(answer).filter(|error| self.holds(rule.when, *error));
        let probe = || self.probe.filter(|probe| probe.sent);
        match (rule.asked, rule.found) {
            (Asked::Before, Found::Obstacle(obstacle)) => {
                (obstacle == self.obstacle && self.holds(rule.when, None)).then_some(None)
            }
            (Asked::Any, _) => probe()?.answers().into_iter().find_map(|(_, answer)| of(answer)),
            (Asked::Responses, _) => of(&probe()?.responses),
            _ => None,
        }
    }

    fn holds(&self, when: When, error: Option<&Error>) -> bool {
        let code = || error.and_then(Error::code).unwrap_or_default().to_ascii_lowercase();
        let advice = |wanted: Advice| error.is_some_and(|error| error.advice() == wanted);
        let status = |wanted: u16| error.is_some_and(|error| error.http_status() == Some(wanted));
        let others = || self.probe.is_some_and(|probe| probe.models.is_answered() || probe.usage.is_answered());
        match when {
            When::Always => true,
            When::NotProbing => self.probe.is_none(),
            When::Probing => self.probe.is_some(),
            When::OthersAnswered => others(),
            When::NothingAnswered => !others(),
            When::ClockOff => self.probe.and_then(Probe::clock_off).is_some(),
            When::OtherAccount => advice(Advice::OtherProfile),
            When::Withdrawn => ["invalidated", "revoked"].iter().any(|word| code().contains(word)),
            When::Region => advice(Advice::OtherProvider) && !code().starts_with("subscription_sharing"),
            When::Workspace => ["workspace", "policy", "organization"].iter().any(|word| code().contains(word)),
            When::NotInPlan => ["not_included", "not_eligible"].iter().any(|word| code().contains(word)),
            When::LimitReached => {
                let plan = self.probe.and_then(|probe| probe.plan.as_ref());
                plan.is_some_and(|plan| plan.limit_reached == Some(true) || plan.allowed == Some(false))
            }
            When::PassingNotFound => status(404) && others() && advice(Advice::Retry),
            When::NoSuchPath => status(404) || status(405) || advice(Advice::FixConfig),
            When::Rests => self.rests,
        }
    }
}

impl Found {
    fn fits(self, answer: &Answer) -> Option<Option<&Error>> {
        match (self, answer.outcome, &answer.error) {
            (Self::Answered, Outcome::Answered, _) => Some(None),
            (Self::Failed(kind), Outcome::Failed, Some(error)) if error.kind() == kind => Some(Some(error)),
            (Self::FailedAnyhow, Outcome::Failed, error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Obstacle(obstacle) => f.write_str(obstacle.as_str()),
            Self::Failed(kind) => write!(f, "`{kind}`"),
            Self::FailedAnyhow => f.write_str("any error"),
            Self::Answered => f.write_str("it came"),
        }
    }
}

use ErrorKind as K;
use VerdictKind as V;

const fn before(obstacle: Obstacle, when: When, verdict: VerdictKind) -> Rule {
    Rule { asked: Asked::Before, found: Found::Obstacle(obstacle), when, verdict }
}

const fn any(kind: ErrorKind, when: When, verdict: VerdictKind) -> Rule {
    Rule { asked: Asked::Any, found: Found::Failed(kind), when, verdict }
}

const fn call(kind: ErrorKind, when: When, verdict: VerdictKind) -> Rule {
    Rule { asked: Asked::Responses, found: Found::Failed(kind), when, verdict }
}

const NOTHING: Rule = before(Obstacle::None, When::Always, V::NotProbed);

/// The table.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    before(Obstacle::ConfigInvalid, When::Always, V::ConfigInvalid),
    before(Obstacle::WrongAddress, When::Always, V::WrongAddress),
    before(Obstacle::CannotAsk, When::Always, V::CannotAsk),
    before(Obstacle::StoreUnreadable, When::Always, V::StoreUnreadable),
    before(Obstacle::NoLogin, When::Always, V::NoLogin),
    before(Obstacle::LoginUnreadable, When::Always, V::LoginUnreadable),
    before(Obstacle::SignIn, When::Always, V::SignIn),
    before(Obstacle::Expired, When::Probing, V::TokenExpired),
    before(Obstacle::Expired, When::NotProbing, V::NotProbed),
    before(Obstacle::Resting, When::Always, V::Resting),
    before(Obstacle::None, When::NotProbing, V::NotProbed),

    Rule { asked: Asked::Responses, found: Found::Answered, when: When::Rests, verdict: V::Resting },
    Rule { asked: Asked::Responses, found: Found::Answered, when: When::Always, verdict: V::Fine },

    any(K::Proxy, When::Always, V::Proxy),
    any(K::Dns, When::Always, V::Dns),
    any(K::Tls, When::Always, V::Tls),
    any(K::AuthExpired, When::ClockOff, V::Clock),
    any(K::AuthInvalid, When::ClockOff, V::Clock),

    call(K::EdgeBlocked, When::OthersAnswered, V::EdgeBlocked),
    call(K::EdgeBlocked, When::Always, V::EdgeBlocksAll),
    call(K::Connect, When::Always, V::Connect),
    call(K::Timeout, When::Always, V::Timeout),

    call(K::AuthExpired, When::Withdrawn, V::TokenRejected),
    call(K::AuthExpired, When::Always, V::TokenExpired),
    call(K::AuthInvalid, When::OtherAccount, V::Deactivated),
    call(K::AuthInvalid, When::Always, V::TokenRejected),

    call(K::Forbidden, When::Region, V::Region),
    call(K::Forbidden, When::NotInPlan, V::PlanLacksIt),
    call(K::Forbidden, When::NoSuchPath, V::WrongAddress),
    call(K::Forbidden, When::Workspace, V::WorkspacePolicy),
    call(K::Forbidden, When::Always, V::Forbidden),

    call(K::Billing, When::NotInPlan, V::PlanLacksIt),
    call(K::Billing, When::Always, V::Billing),
    call(K::UsageLimit, When::Always, V::UsageLimit),
    call(K::RateLimited, When::LimitReached, V::UsageLimit),
    call(K::RateLimited, When::Always, V::RateLimited),

    call(K::Unknown, When::PassingNotFound, V::ServerBroken),
    call(K::Unknown, When::NoSuchPath, V::WrongAddress),
    call(K::InvalidRequest, When::NoSuchPath, V::WrongAddress),
    call(K::ModelNotFound, When::NothingAnswered, V::WrongAddress),
    call(K::ModelNotFound, When::Always, V::ModelNotOpen),

    call(K::Overloaded, When::Always, V::Overloaded),
    call(K::ServerError, When::Always, V::ServerBroken),
    call(K::StreamTruncated, When::Always, V::ServerBroken),

    Rule { asked: Asked::Responses, found: Found::FailedAnyhow, when: When::Always, verdict: V::Unknown },
];
