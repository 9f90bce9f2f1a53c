//! Tries repairs and keeps those that make things better and nothing worse.

use super::super::edit::open::{judge_hidden, new_errors};
use super::super::edit::path::KeyPath;
use super::super::edit::sources::{Removed, Sources};
use super::super::{Options, Report};
use super::{Change, codex, migrate, strip};
use crate::config::edit::open::fault_count;
use crate::error::Result;

/// A repair brings the next one to light at most so often.
const MAX_ROUNDS: usize = 8;

/// A repair that can be tried.
pub(super) struct Step {
    pub(super) kind: &'static str,
    pub(super) path: KeyPath,
    pub(super) message: String,
    /// Whether it is worth making only if an issue goes by it. Otherwise the fault is one that OpenClaw does not see.
    pub(super) needs_gain: bool,
    edit: Edit,
}

enum Edit {
    /// Takes the value at the path away: many of these are one edit.
    Remove,
    Other(Box<Carry>),
}

/// Carries an edit out and gives back what had to be left behind.
type Carry = dyn Fn(&mut Sources) -> Result<Vec<Removed>>;

impl Step {
    /// Takes the value at the path away.
    pub(super) fn removal(kind: &'static str, path: KeyPath, message: impl Into<String>) -> Self {
        Self { kind, path, message: message.into(), needs_gain: true, edit: Edit::Remove }
    }

    pub(super) fn new(
        kind: &'static str,
        path: KeyPath,
        message: impl Into<String>,
        edit: impl Fn(&mut Sources) -> Result<Vec<Removed>> + 'static,
    ) -> Self {
        Self { kind, path, message: message.into(), needs_gain: true, edit: Edit::Other(Box::new(edit)) }
    }

    /// For a fault that OpenClaw accepts and then stumbles over.
    pub(super) fn unseen(self) -> Self {
        Self { needs_gain: false, ..self }
    }
}

pub(super) struct Outcome {
    pub(super) sources: Sources,
    pub(super) changes: Vec<Change>,
    pub(super) removed: Vec<Removed>,
}

/// Makes every repair that can be made. `newer`: the file is of a newer OpenClaw, so unknown keys stay.
pub(super) fn run(sources: Sources, options: &Options, newer: bool) -> Outcome {
    let report = judge_hidden(&sources, options);
    let mut ward = Ward { options, report, outcome: Outcome { sources, changes: Vec::new(), removed: Vec::new() } };
    for round in 0..MAX_ROUNDS {
        let before = ward.outcome.changes.len();
        let moved = migrate::steps(&ward.outcome.sources.value(), &ward.report);
        let any_moved = !moved.is_empty();
        ward.treat(&moved);
        if any_moved && round == 0 && ward.outcome.changes.len() > before {
            ward.treat(&migrate::with_moves(&ward.outcome.sources.value()));
        }
        ward.treat(&codex::steps(&ward.outcome.sources.value()));
        if !newer {
            ward.treat(&strip::steps(&ward.report));
        }
        if ward.outcome.changes.len() == before {
            break;
        }
    }
    ward.outcome
}

struct Ward<'a> {
    options: &'a Options,
    report: Report,
    outcome: Outcome,
}

impl Ward<'_> {
    /// Makes these repairs together, or else each half by itself.
    fn treat(&mut self, steps: &[Step]) {
        if steps.is_empty() || self.all(steps).is_some() || steps.len() == 1 {
            return;
        }
        let (first, second) = steps.split_at(steps.len() / 2);
        self.treat(first);
        self.treat(second);
    }

    fn all(&mut self, steps: &[Step]) -> Option<()> {
        let mut sources = self.outcome.sources.clone();
        let mut removed = Vec::new();
        let mut doomed = Vec::new();
        for step in steps {
            match &step.edit {
                Edit::Remove => doomed.push(step.path.clone()),
                Edit::Other(edit) => removed.extend(edit(&mut sources).ok()?),
            }
        }
        removed.extend(sources.remove(&doomed).ok()?);
        let after = judge_hidden(&sources, self.options);
        let gain = fault_count(&after) < fault_count(&self.report);
        if !new_errors(&self.report, &after).is_empty() || (!gain && steps.iter().any(|step| step.needs_gain)) {
            return None;
        }
        self.report = after;
        self.outcome.sources = sources;
        self.outcome.removed.extend(removed);
        self.outcome.changes.extend(steps.iter().map(|step| Change {
            kind: step.kind,
            path: step.path.keys().collect::<Vec<_>>().join("."),
            pointer: step.path.pointer(),
            message: step.message.clone(),
        }));
        Some(())
    }
}
