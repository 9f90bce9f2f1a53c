//! What a chain decided, attempt by attempt: the one place where it is told to whoever watches.

use crate::error::{ErrorKind, Stage};

/// One decision of a failover chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision<'a> {
    /// How far the attempt got.
    pub(crate) stage: Stage,
    /// What follows.
    pub(crate) decision: Verb,
    /// How the attempt failed; `None` when it did not.
    pub(crate) reason: Option<ErrorKind>,
    /// The provider that was asked.
    pub(crate) provider: &'a str,
    /// The model that was asked.
    pub(crate) model: &'a str,
    /// The profile, hashed: its name can hold an e-mail address.
    pub(crate) profile: Option<String>,
    /// The number of the attempt, from 1; 0 when nothing was asked.
    pub(crate) attempt: u32,
    /// How many candidates the call has.
    pub(crate) total: usize,
}

/// What follows an attempt. The words are those of OpenClaw's log where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// The same is asked again.
    RetrySame,
    /// Another profile of the same model is asked.
    RotateProfile,
    /// Another model is asked.
    FallbackModel,
    /// The caller gets the error.
    SurfaceError,
    /// It answered.
    CandidateSucceeded,
    /// It was passed over without being asked.
    SkipCandidate,
}

/// Tells a decision. Nobody watches yet.
pub(crate) fn decided(decision: &Decision<'_>) {
    let _ = decision;
}
