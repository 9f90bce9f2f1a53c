//! What was tried in one call, and the one error that tells it.

use std::time::{Duration, SystemTime};

use super::candidate::Candidate;
use crate::auth::ProfileId;
use crate::error::{Attempt, Error, utc};

/// What was tried in one call.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    list: Vec<Tried>,
}

#[derive(Debug)]
struct Tried {
    candidate: usize,
    profile: Option<ProfileId>,
    error: Error,
    took: Duration,
}

/// Something that was not asked, and why: an open breaker, a profile that rests or cannot be used.
#[derive(Debug, Clone)]
pub(super) struct NotAsked {
    pub(super) candidate: usize,
    /// An error of the kind of the reason.
    pub(super) error: Error,
    /// When it can be asked again, if that is known.
    pub(super) until: Option<SystemTime>,
}

impl Attempts {
    /// Notes one that failed; gives its number, from 1.
    pub(super) fn note(&mut self, candidate: usize, profile: Option<&ProfileId>, error: &Error, took: Duration) -> u32 {
        self.list.push(Tried { candidate, profile: profile.cloned(), error: error.clone(), took });
        self.count()
    }

    /// How many there were.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.list.len()).unwrap_or(u32::MAX)
    }

    /// Whether this candidate was asked.
    pub(super) fn asked(&self, candidate: usize) -> bool {
        self.list.iter().any(|tried| tried.candidate == candidate)
    }

    /// How many there were of this target.
    pub(super) fn of(&self, candidate: usize, profile: Option<&ProfileId>) -> u32 {
        let same = |t: &&Tried| t.candidate == candidate && t.profile.as_ref() == profile;
        self.list.iter().filter(same).count() as u32
    }

    /// The one error of the call: of the kind of the primary's last attempt, or of why the primary was not asked.
    ///
    /// `primary` is the candidate that stands first in this call.
    pub(super) fn spent(
        &self,
        candidates: &[Candidate],
        primary: usize,
        not_asked: &[NotAsked],
        now: SystemTime,
    ) -> Error {
        let of_primary = self.list.iter().rev().find(|t| t.candidate == primary).map(|t| &t.error);
        let skipped = not_asked.iter().find(|n| n.candidate == primary).map(|n| &n.error);
        let first =
            of_primary.or(skipped).or(self.list.last().map(|t| &t.error)).or(not_asked.first().map(|n| &n.error));
        let Some(first) = first else { return Error::config("the chain has no candidate") };
        let mut message = first.message().to_owned();
        let others = self.others(candidates, primary, not_asked);
        if !others.is_empty() {
            message.push_str(&format!(" — and the others: {}", others.join("; ")));
        }
        let named = self.list.iter().filter_map(|t| {
            t.error.resets_at().or_else(|| now.checked_add(t.error.retry_after()?)).filter(|at| *at > now)
        });
        let soonest = named.chain(not_asked.iter().filter_map(|n| n.until)).min();
        let mut error = first.clone();
        if let Some(at) = soonest {
            error = error.with_usable_at(at);
            if let (true, Some(at)) = (self.list.len() + not_asked.len() > 1, utc(at)) {
                message.push_str(&format!("; soonest free again: {at}"));
            }
        }
        self.listed(candidates, error.with_message(message))
    }

    /// The same error with every attempt in it, if there was more than one.
    pub(super) fn listed(&self, candidates: &[Candidate], error: Error) -> Error {
        if self.list.len() < 2 { error } else { error.with_attempts(self.all(candidates)) }
    }

    /// Every one that failed.
    pub(super) fn all(&self, candidates: &[Candidate]) -> Vec<Attempt> {
        let attempts = self.list.iter().filter_map(|tried| {
            let model = &candidates.get(tried.candidate)?.model;
            let mut attempt = Attempt::new(model.provider.as_str(), &model.model, tried.error.kind(), tried.took);
            attempt.profile = tried.profile.as_ref().map(|id| id.as_str().to_owned());
            Some(attempt)
        });
        attempts.collect()
    }

    /// One clause for each candidate beside the primary, and for what was not asked.
    fn others(&self, candidates: &[Candidate], primary: usize, not_asked: &[NotAsked]) -> Vec<String> {
        let name = |index: usize| candidates.get(index).map(|c| c.model.to_string()).unwrap_or_default();
        let mut clauses = Vec::new();
        for index in 0..candidates.len() {
            let kinds =
                self.list.iter().filter(|t| t.candidate == index && index != primary).map(|t| t.error.kind().as_str());
            let mut kinds: Vec<&str> = kinds.collect();
            kinds.dedup();
            if !kinds.is_empty() {
                clauses.push(format!("{} failed ({})", name(index), kinds.join(", ")));
            }
            let asked = self.list.iter().any(|t| t.candidate == index);
            let skipped: Vec<&NotAsked> = not_asked.iter().filter(|n| n.candidate == index).collect();
            if let (false, Some(skip)) = (asked || index == primary, skipped.first()) {
                clauses.push(format!("{} was not asked ({})", name(index), skip.error.kind()));
            }
        }
        clauses
    }
}
