//! One breaker for each inference endpoint: what stands in front of a provider refuses all logins alike, so behind an
//! open breaker no profile is tried.
//!
//! Closed: calls pass. One edge block, or three transport faults in a row, open it for 60 s. Then one call is let through
//! as a trial; the others wait for its end or go elsewhere. An answer of the provider to a trial closes it; what answers a call
//! that was sent before the block says nothing of it. A trial that says nothing for 60 s, such as one that its caller forgot,
//! is over: the next call is one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::decision::{Verdict, is_elsewhere};
use crate::error::{Error, Stage};
use crate::transport::Endpoint;

/// How long an open breaker lets nobody through.
pub const OPEN_FOR: Duration = Duration::from_secs(60);
/// How long one call may be the trial.
pub const TRIAL_FOR: Duration = Duration::from_secs(60);
/// So many transport faults in a row open it.
pub const FAULTS: u32 = 3;

/// The breakers of a chain, or of several that share them: clones are one.
#[derive(Debug, Clone, Default)]
pub struct Breakers(Arc<Mutex<HashMap<Endpoint, State>>>);

/// An endpoint that works has none.
#[derive(Debug)]
enum State {
    /// Closed, with so many faults in a row.
    Faults(u32),
    Open {
        until: Duration,
        why: Error,
        trial: Option<Trial>,
    },
}

/// A call that tries.
#[derive(Debug)]
struct Trial {
    began: Duration,
    /// Closed when it has ended: its permit holds the other side.
    end: watch::Receiver<()>,
}

impl Trial {
    /// For how long yet it may be waited for.
    fn left(&self, now: Duration) -> Option<Duration> {
        let left = self.began.saturating_add(TRIAL_FOR).saturating_sub(now);
        (!left.is_zero() && self.end.has_changed().is_ok()).then_some(left)
    }
}

/// What a breaker says to a call that wants to pass.
#[derive(Debug)]
pub(super) enum Admission {
    /// Go, and tell how it went.
    Pass(Permit),
    /// Open for this long yet, for this reason.
    Open(Duration, Error),
    /// Another call tries; the channel closes when it has ended, and after this time it counts no more.
    Trial(watch::Receiver<()>, Duration, Error),
}

/// A call that passed. Dropped without a word it says nothing; if it was a trial, the next call is one.
#[derive(Debug)]
pub(super) struct Permit {
    breakers: Breakers,
    endpoint: Option<Endpoint>,
    /// When it began to be the trial.
    trial: Option<(Duration, watch::Sender<()>)>,
}

impl Breakers {
    /// All closed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Closes every one: the host knows that the network has changed.
    pub fn reset(&self) {
        self.states().clear();
    }

    /// Whether calls to this endpoint are kept back at this [`monotonic`](crate::ambient::Ambient::monotonic) time.
    pub fn is_open(&self, endpoint: &Endpoint, now: Duration) -> bool {
        match self.states().get(endpoint) {
            Some(State::Open { until, trial, .. }) => {
                *until > now || trial.as_ref().is_some_and(|trial| trial.left(now).is_some())
            }
            _ => false,
        }
    }

    /// Asks to pass. A provider without an endpoint always does.
    pub(super) fn admit(&self, endpoint: Option<&Endpoint>, now: Duration) -> Admission {
        let mut permit = Permit { breakers: self.clone(), endpoint: endpoint.cloned(), trial: None };
        let mut states = self.states();
        if let Some(State::Open { until, why, trial }) = endpoint.and_then(|endpoint| states.get_mut(endpoint)) {
            if *until > now {
                return Admission::Open(until.saturating_sub(now), why.clone());
            }
            if let Some((running, left)) = trial.as_ref().and_then(|trial| Some((trial, trial.left(now)?))) {
                return Admission::Trial(running.end.clone(), left, why.clone());
            }
            let (sender, end) = watch::channel(());
            *trial = Some(Trial { began: now, end });
            permit.trial = Some((now, sender));
        }
        drop(states);
        Admission::Pass(permit)
    }

    fn states(&self) -> MutexGuard<'_, HashMap<Endpoint, State>> {
        // Every change is one assignment: a panic elsewhere left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The provider itself answered: the endpoint works.
    pub(super) fn answered(&self) {
        if let Some(endpoint) = &self.endpoint {
            self.close(&mut self.breakers.states(), endpoint);
        }
    }

    /// Closes the breaker, unless this call was sent before it opened.
    fn close(&self, states: &mut HashMap<Endpoint, State>, endpoint: &Endpoint) {
        let began = self.trial.as_ref().map(|(began, _)| *began);
        match states.get(endpoint) {
            // Only trials come after its time; a late one's answer counts too.
            Some(State::Open { until, .. }) if began.is_none_or(|began| began < *until) => {}
            _ => drop(states.remove(endpoint)),
        }
    }

    /// The attempt failed; `verdict` is what the decision table makes of it. Whether this opened the breaker.
    pub(super) fn failed(self, verdict: Verdict, error: &Error, now: Duration) -> bool {
        let Some(endpoint) = &self.endpoint else { return false };
        let mut states = self.breakers.states();
        let faults = match (verdict, states.get(endpoint)) {
            (Verdict::Nothing, _) => {
                let came = matches!(error.stage(), Stage::Responded | Stage::Streaming);
                // What the login server says, it says for itself.
                if came && !is_elsewhere(error, endpoint) {
                    self.close(&mut states, endpoint);
                }
                return false;
            }
            // A call that began before, or a trial that took too long: who tries now decides, and nothing makes the time longer.
            (_, Some(State::Open { trial, .. })) if !self.is(trial.as_ref()) => return false,
            (_, Some(State::Open { .. })) | (Verdict::Opens, _) => FAULTS,
            (Verdict::Counts, Some(State::Faults(faults))) => faults + 1,
            (Verdict::Counts, None) => 1,
        };
        let opens = faults >= FAULTS;
        let state = match opens {
            true => State::Open { until: now.saturating_add(OPEN_FOR), why: error.clone(), trial: None },
            false => State::Faults(faults),
        };
        if states.len() < MAX_ENDPOINTS || states.contains_key(endpoint) {
            states.insert(endpoint.clone(), state);
        }
        opens
    }

    fn is(&self, trial: Option<&Trial>) -> bool {
        self.trial.as_ref().zip(trial).is_some_and(|((began, _), trial)| *began == trial.began)
    }
}

/// More places than any chain has; a host that makes up addresses must not fill the memory.
const MAX_ENDPOINTS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn endpoint() -> Endpoint {
        Endpoint::parse("https://a.example/x").unwrap()
    }

    fn error(stage: Stage) -> Error {
        Error::new(ErrorKind::EdgeBlocked, stage, "blocked")
    }

    fn pass(breakers: &Breakers, now: u64) -> Permit {
        match breakers.admit(Some(&endpoint()), s(now)) {
            Admission::Pass(permit) => permit,
            other => panic!("{other:?}"),
        }
    }

    fn is_shut(breakers: &Breakers, now: u64) -> bool {
        matches!(breakers.admit(Some(&endpoint()), s(now)), Admission::Open(..))
    }

    #[test]
    fn one_block_opens_it_for_sixty_seconds() {
        let breakers = Breakers::new();
        assert!(pass(&breakers, 0).failed(Verdict::Opens, &error(Stage::Responded), s(1)));
        assert!(breakers.is_open(&endpoint(), s(60)) && is_shut(&breakers, 60));
        let Admission::Open(left, why) = breakers.admit(Some(&endpoint()), s(2)) else { panic!() };
        assert_eq!((left, why.message()), (s(59), "blocked"));
        // Elsewhere nothing changed.
        let other = Endpoint::parse("https://a.example/y").unwrap();
        assert!(matches!(breakers.admit(Some(&other), s(2)), Admission::Pass(_)));
        assert!(matches!(breakers.admit(None, s(2)), Admission::Pass(_)));
        pass(&breakers, 61).answered();
        assert!(!breakers.is_open(&endpoint(), s(61)));
        pass(&breakers, 61);
    }

    #[test]
    fn transport_faults_open_it_only_in_a_row() {
        let breakers = Breakers::new();
        let fault = || error(Stage::NotSent);
        assert!(!pass(&breakers, 0).failed(Verdict::Counts, &fault(), s(0)));
        assert!(!pass(&breakers, 0).failed(Verdict::Counts, &fault(), s(0)));
        // An answer of the provider, be it a refusal.
        pass(&breakers, 0).failed(Verdict::Nothing, &error(Stage::Responded), s(0));
        assert!(!pass(&breakers, 0).failed(Verdict::Counts, &fault(), s(0)));
        // What failed before anything was sent says nothing.
        pass(&breakers, 0).failed(Verdict::Nothing, &fault(), s(0));
        assert!(!pass(&breakers, 0).failed(Verdict::Counts, &fault(), s(0)));
        assert!(pass(&breakers, 0).failed(Verdict::Counts, &fault(), s(0)));
        assert!(is_shut(&breakers, 59));
    }

    #[tokio::test]
    async fn after_its_time_one_call_tries_and_the_others_wait() {
        let breakers = Breakers::new();
        let early = pass(&breakers, 0);
        pass(&breakers, 0).failed(Verdict::Opens, &error(Stage::Responded), s(0));
        let trial = pass(&breakers, 60);
        let Admission::Trial(mut end, left, _) = breakers.admit(Some(&endpoint()), s(60)) else { panic!() };
        assert!(breakers.is_open(&endpoint(), s(60)) && left == s(60));
        // One that began before does not decide.
        assert!(!early.failed(Verdict::Opens, &error(Stage::Responded), s(70)));
        assert!(trial.failed(Verdict::Counts, &error(Stage::NotSent), s(61)));
        assert!(end.changed().await.is_err());
        assert!(is_shut(&breakers, 120) && !is_shut(&breakers, 121));
        // The trial that was just let through was dropped: the next call is one.
        drop(pass(&breakers, 121));
        let trial = pass(&breakers, 121);
        assert!(matches!(breakers.admit(Some(&endpoint()), s(121)), Admission::Trial(..)));
        trial.answered();
        pass(&breakers, 121);
    }

    #[test]
    fn an_answer_to_a_call_that_was_sent_before_the_block_closes_nothing() {
        let breakers = Breakers::new();
        let (early, refused) = (pass(&breakers, 0), pass(&breakers, 0));
        pass(&breakers, 10).failed(Verdict::Opens, &error(Stage::Responded), s(10));
        early.answered();
        refused.failed(Verdict::Nothing, &error(Stage::Responded), s(20));
        assert!(is_shut(&breakers, 21) && is_shut(&breakers, 69));
        // A trial of this block counts, however late its answer comes; one of the block before does not.
        let late = pass(&breakers, 70);
        pass(&breakers, 130).failed(Verdict::Opens, &error(Stage::Responded), s(131));
        late.answered();
        assert!(is_shut(&breakers, 132));
        let late = pass(&breakers, 191);
        let trial = pass(&breakers, 251);
        late.answered();
        assert!(!breakers.is_open(&endpoint(), s(252)));
        trial.answered();
        pass(&breakers, 253);
    }

    #[test]
    fn an_answer_of_the_login_server_closes_nothing() {
        let breakers = Breakers::new();
        pass(&breakers, 0).failed(Verdict::Opens, &error(Stage::Responded), s(0));
        let refused = Error::new(ErrorKind::AuthExpired, Stage::Responded, "refresh_token_reused");
        let refused = refused.with_url("https://auth.example/oauth/token");
        assert!(!pass(&breakers, 60).failed(Verdict::Nothing, &refused, s(61)));
        // The trial is over without a word of the endpoint: the next call is one, and the others wait for it.
        let trial = pass(&breakers, 61);
        assert!(matches!(breakers.admit(Some(&endpoint()), s(61)), Admission::Trial(..)));
        // The endpoint's own refusal closes it.
        let refused = Error::new(ErrorKind::AuthInvalid, Stage::Responded, "no").with_url("https://a.example/x");
        trial.failed(Verdict::Nothing, &refused, s(62));
        assert!(!breakers.is_open(&endpoint(), s(62)));
    }

    #[test]
    fn a_trial_that_says_nothing_ends() {
        let breakers = Breakers::new();
        pass(&breakers, 0).failed(Verdict::Opens, &error(Stage::Responded), s(0));
        let forgotten = pass(&breakers, 60);
        let Admission::Trial(_, left, _) = breakers.admit(Some(&endpoint()), s(119)) else { panic!() };
        assert_eq!(left, s(1));
        let trial = pass(&breakers, 120);
        assert!(matches!(breakers.admit(Some(&endpoint()), s(121)), Admission::Trial(..)));
        // What the forgotten one meets in the end changes nothing.
        assert!(!forgotten.failed(Verdict::Opens, &error(Stage::Responded), s(122)));
        assert!(trial.failed(Verdict::Opens, &error(Stage::Responded), s(123)));
        assert!(is_shut(&breakers, 182) && !is_shut(&breakers, 183));
    }
}
