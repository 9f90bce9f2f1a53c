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
    /// How long it took; nothing for what could not be asked at all.
    took: Option<Duration>,
    /// When the same can be asked again, if that is known.
    free_at: Option<SystemTime>,
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
    /// Notes one that failed; gives its number, from 1. `free_at` is when the same can be asked again, if that is known.
    pub(super) fn note(
        &mut self,
        candidate: usize,
        profile: Option<&ProfileId>,
        error: &Error,
        took: Duration,
        free_at: Option<SystemTime>,
    ) -> u32 {
        let (profile, error, took) = (profile.cloned(), error.clone(), Some(took));
        self.list.push(Tried { candidate, profile, error, took, free_at });
        self.count()
    }

    /// Notes something that could not be asked at all. It is no attempt.
    pub(super) fn note_unusable(&mut self, candidate: usize, profile: Option<&ProfileId>, error: &Error) {
        let (profile, error) = (profile.cloned(), error.clone());
        self.list.push(Tried { candidate, profile, error, took: None, free_at: None });
    }

    /// What was asked last rests until then.
    pub(super) fn last_rests(&mut self, until: SystemTime) {
        if let Some(last) = self.list.last_mut() {
            last.free_at = last.free_at.max(Some(until));
        }
    }

    /// How many requests there were.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.list.iter().filter(|tried| tried.took.is_some()).count()).unwrap_or(u32::MAX)
    }

    /// Whether this candidate was asked, or could not be.
    pub(super) fn tried(&self, candidate: usize) -> bool {
        self.list.iter().any(|tried| tried.candidate == candidate)
    }

    /// How many there were of this target.
    pub(super) fn of(&self, candidate: usize, profile: Option<&ProfileId>) -> u32 {
        let same = |t: &&Tried| t.candidate == candidate && t.profile.as_ref() == profile;
        self.list.iter().filter(same).count() as u32
    }

    /// When the first of what was asked can be asked again, by the last attempt of each.
    fn soonest(&self, now: SystemTime) -> Option<SystemTime> {
        let last = |(at, tried): (usize, &Tried)| {
            let same = |later: &Tried| later.candidate == tried.candidate && later.profile == tried.profile;
            let repeated = self.list.iter().skip(at + 1).any(same);
            tried.free_at.filter(|at| *at > now && !repeated)
        };
        self.list.iter().enumerate().filter_map(last).min()
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
        let soonest = self.soonest(now).into_iter().chain(not_asked.iter().filter_map(|n| n.until)).min();
        let mut error = first.clone();
        if let Some(at) = soonest {
            error = error.with_usable_at(at);
            if let (true, Some(at)) = (self.list.len() + not_asked.len() > 1, utc(at)) {
                message.push_str(&format!("; soonest free again: {at}"));
            }
        }
        self.listed(candidates, error.with_message(message))
    }

    /// The same error with every attempt in it.
    pub(super) fn listed(&self, candidates: &[Candidate], error: Error) -> Error {
        error.with_attempts(self.all(candidates))
    }

    /// Every one that failed.
    pub(super) fn all(&self, candidates: &[Candidate]) -> Vec<Attempt> {
        let attempts = self.list.iter().filter_map(|tried| {
            let model = &candidates.get(tried.candidate)?.model;
            let mut attempt = Attempt::new(model.provider.as_str(), &model.model, tried.error.kind(), tried.took?);
            attempt.profile = tried.profile.as_ref().map(|id| id.as_str().to_owned());
            Some(attempt)
        });
        attempts.collect()
    }

    /// One clause for each candidate beside the primary, and for what was not asked.
    fn others(&self, candidates: &[Candidate], primary: usize, not_asked: &[NotAsked]) -> Vec<String> {
        let name = |index: usize| candidates.get(index).map(Candidate::name).unwrap_or_default();
        let mut clauses = Vec::new();
        for index in (0..candidates.len()).filter(|index| *index != primary) {
            let kinds = |asked: bool| {
                let of = self.list.iter().filter(|t| t.candidate == index && t.took.is_some() == asked);
                let mut kinds: Vec<&str> = of.map(|t| t.error.kind().as_str()).collect();
                kinds.dedup();
                kinds.join(", ")
            };
            let (asked, unusable) = (kinds(true), kinds(false));
            let skipped = not_asked.iter().find(|n| n.candidate == index).map(|n| n.error.kind());
            match (asked.is_empty(), unusable.is_empty(), skipped) {
                (false, ..) => clauses.push(format!("{} failed ({asked})", name(index))),
                (_, false, _) => clauses.push(format!("{} cannot be asked ({unusable})", name(index))),
                (_, _, Some(kind)) => clauses.push(format!("{} was not asked ({kind})", name(index))),
                _ => {}
            }
        }
        clauses
    }
}
