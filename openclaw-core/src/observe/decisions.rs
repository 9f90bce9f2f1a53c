//! What a chain decides between its attempts.

use std::collections::VecDeque;

use serde_json::{Value, json};
use tracing::{Level, enabled, info, warn};

use super::raw::{Raw, name};
use super::{Run, TARGET};
use crate::auth::{ProfileId, Profiles};
use crate::error::{Error, ErrorKind, Stage};
use crate::provider::ModelRef;

/// Tells what a chain decides. Empty, and without any effect, when nobody listens at its start.
///
/// A failed attempt is told when it is known what follows it: [`asks`](Self::asks) or [`ends`](Self::ends).
#[derive(Debug)]
pub(crate) struct Decisions(Option<Box<Told>>);

#[derive(Debug)]
struct Told {
    run: Run,
    /// The candidates in the order of this call, by their number in the chain.
    order: Vec<(usize, ModelRef)>,
    /// How many profiles there are of each.
    profiles: Vec<usize>,
    /// The last failures, for `previousAttempts`.
    before: VecDeque<Value>,
    pending: Option<Failed>,
    /// Candidates that were passed over.
    skipped: Vec<usize>,
    /// Those of them that are told after the failure that came before.
    passed: Vec<(usize, Error)>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) candidate: usize,
    pub(crate) profile: Option<&'a ProfileId>,
    /// Its profile rests, and is asked all the same.
    pub(crate) probes: bool,
}

#[derive(Debug)]
struct Failed {
    candidate: usize,
    profile: Option<ProfileId>,
    /// What is noted against the profile.
    noted: Option<&'static str>,
    error: Error,
}

/// The words of OpenClaw, and one of ours.
#[derive(Debug, Clone, Copy)]
enum Then {
    Again,
    OtherProfile,
    OtherModel(usize),
    Nothing,
}

impl Then {
    const fn word(self) -> &'static str {
        match self {
            Self::Again => "retry_same",
            Self::OtherProfile => "rotate_profile",
            Self::OtherModel(_) => "fallback_model",
            Self::Nothing => "surface_error",
        }
    }
}

/// More than these are not repeated in every event.
const MOST_BEFORE: usize = 20;

impl Decisions {
    /// A call begins that asks these candidates in this order.
    pub(crate) fn start<'a>(run: Run, order: impl Iterator<Item = (usize, &'a ModelRef)>) -> Self {
        if !enabled!(target: TARGET, Level::WARN) {
            return Self(None);
        }
        let order = order.map(|(number, model)| (number, model.clone())).collect();
        let (profiles, before, skipped, passed) = (Vec::new(), VecDeque::new(), Vec::new(), Vec::new());
        Self(Some(Box::new(Told { run, order, profiles, before, pending: None, skipped, passed })))
    }

    /// The profiles of the store.
    pub(crate) fn knows(&mut self, profiles: &Profiles) {
        if let Some(told) = &mut self.0 {
            let of = |model: &ModelRef| profiles.iter().filter(|p| p.provider == model.provider).count();
            told.profiles = told.order.iter().map(|(_, model)| of(model)).collect();
        }
    }

    /// A candidate is passed over; told once.
    pub(crate) fn skips(&mut self, candidate: usize, why: &Error) {
        let Some(told) = &mut self.0 else { return };
        if told.skipped.contains(&candidate) {
            return;
        }
        told.skipped.push(candidate);
        match told.pending {
            Some(_) => told.passed.push((candidate, why.clone())),
            None => told.passes(candidate, why),
        }
    }

    /// The next attempt comes.
    pub(crate) fn asks(&mut self, next: Asked<'_>) {
        let Some(told) = &mut self.0 else { return };
        told.settle(|failed| match failed.candidate == next.candidate {
            true if failed.profile.as_ref() == next.profile => Then::Again,
            true => Then::OtherProfile,
            false => Then::OtherModel(next.candidate),
        });
        if next.probes {
            told.candidate(next.candidate, "probe_cooldown_candidate", None, None);
        }
    }

    /// An attempt failed; `noted` is what is noted against its profile.
    pub(crate) fn failed(
        &mut self,
        candidate: usize,
        profile: Option<&ProfileId>,
        error: &Error,
        noted: Option<&'static str>,
    ) {
        if let Some(told) = &mut self.0 {
            told.pending = Some(Failed { candidate, profile: profile.cloned(), noted, error: error.clone() });
        }
    }

    /// Nothing follows.
    pub(crate) fn ends(&mut self) {
        if let Some(told) = &mut self.0 {
            told.settle(|_| Then::Nothing);
        }
    }

    /// A candidate answered.
    pub(crate) fn succeeded(&mut self, candidate: usize) {
        if let Some(told) = &mut self.0 {
            told.candidate(candidate, "candidate_succeeded", None, None);
        }
    }
}

impl Told {
    fn model(&self, candidate: usize) -> Option<&ModelRef> {
        self.order.iter().find(|(number, _)| *number == candidate).map(|(_, model)| model)
    }

    fn remember(&mut self, candidate: usize, error: &Error) {
        let Some(model) = self.model(candidate) else { return };
        let (provider, model, reason) = (name(model.provider.as_str()), name(&model.model), error.kind());
        let before = match error.http_status() {
            Some(status) => json!({"provider": provider, "model": model, "reason": reason, "status": status}),
            None => json!({"provider": provider, "model": model, "reason": reason}),
        };
        self.before.push_back(before);
        if self.before.len() > MOST_BEFORE {
            self.before.pop_front();
        }
    }

    /// Tells the failure that waits for what follows it, and then whom it was followed by in vain.
    fn settle(&mut self, then: impl FnOnce(&Failed) -> Then) {
        if let Some(failed) = self.pending.take() {
            self.failed(&failed, then(&failed));
        }
        for (candidate, why) in std::mem::take(&mut self.passed) {
            self.passes(candidate, &why);
        }
    }

    fn passes(&mut self, candidate: usize, why: &Error) {
        self.candidate(candidate, "skip_candidate", Some(why), None);
        self.remember(candidate, why);
    }

    fn failed(&mut self, failed: &Failed, then: Then) {
        self.failover(failed, then);
        if let Then::OtherModel(_) | Then::Nothing = then {
            let next = if let Then::OtherModel(next) = then { Some(next) } else { None };
            self.candidate(failed.candidate, "candidate_failed", Some(&failed.error), next);
        }
        self.remember(failed.candidate, &failed.error);
    }

    fn failover(&self, failed: &Failed, then: Then) {
        let Failed { candidate, profile, noted, error } = failed;
        let (raw, model, kind) = (Raw::of(error), self.model(*candidate), error.kind());
        let stage = if error.stage() == Stage::Streaming { "assistant" } else { "prompt" };
        warn!(
            target: TARGET,
            event = "embedded_run_failover_decision",
            tags = format!(r#"["error_handling","failover","{stage}","{}"]"#, then.word()),
            runId = %self.run,
            stage,
            decision = then.word(),
            failoverReason = kind.as_str(),
            profileFailureReason = *noted,
            provider = model.map(|m| name(m.provider.as_str())),
            model = model.map(|m| name(&m.model)),
            profileId = profile.as_ref().map(ProfileId::hashed),
            fallbackConfigured = self.order.len() > 1,
            timedOut = kind == ErrorKind::Timeout,
            aborted = kind == ErrorKind::Cancelled,
            status = error.http_status(),
            rawErrorPreview = raw.preview,
            rawErrorHash = raw.hash,
            rawErrorFingerprint = raw.fingerprint,
            providerErrorType = raw.code,
            providerErrorMessagePreview = raw.said,
            requestIdHash = raw.request_id,
            "an attempt failed",
        );
    }

    fn candidate(&self, candidate: usize, decision: &str, error: Option<&Error>, next: Option<usize>) {
        let place = self.order.iter().position(|(number, _)| *number == candidate).unwrap_or_default();
        let names = |model: Option<&ModelRef>| model.map(|m| (name(m.provider.as_str()), name(&m.model))).unzip();
        let (requested_provider, requested_model) = names(self.order.first().map(|(_, model)| model));
        let (provider, model) = names(self.model(candidate));
        let (next_provider, next_model) = names(next.and_then(|next| self.model(next)));
        let raw = error.map(Raw::of);
        let (preview, hash) = raw.as_ref().map(|raw| (raw.text.as_str(), raw.hash.as_str())).unzip();
        /// The two levels have the same fields.
        macro_rules! tell {
            ($level:ident, $text:literal) => {
                $level!(
                    target: TARGET,
                    event = "model_fallback_decision",
                    tags = format!(r#"["error_handling","model_fallback","{decision}"]"#),
                    runId = %self.run,
                    decision,
                    requestedProvider = requested_provider,
                    requestedModel = requested_model,
                    candidateProvider = provider,
                    candidateModel = model,
                    attempt = place + 1,
                    total = self.order.len(),
                    reason = error.map(|e| e.kind().as_str()),
                    status = error.and_then(Error::http_status),
                    code = raw.as_ref().and_then(|raw| raw.code.as_deref()),
                    errorPreview = preview,
                    errorHash = hash,
                    errorFingerprint = raw.as_ref().map(|raw| raw.fingerprint.as_str()),
                    httpCode = error.and_then(Error::http_status),
                    nextCandidateProvider = next_provider,
                    nextCandidateModel = next_model,
                    isPrimary = candidate == 0,
                    requestedModelMatched = place == 0,
                    fallbackConfigured = self.order.len() > 1,
                    allowTransientCooldownProbe = decision == "probe_cooldown_candidate",
                    profileCount = self.profiles.get(place).copied(),
                    previousAttempts = serde_json::to_string(&self.before).unwrap_or_default(),
                    $text,
                )
            };
        }
        match error {
            Some(_) => tell!(warn, "a candidate did not answer"),
            None => tell!(info, "a candidate is asked or answered"),
        }
    }
}
