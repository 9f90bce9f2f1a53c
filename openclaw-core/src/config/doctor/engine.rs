//! Tries repairs and keeps those that make things better and nothing worse.

use super::super::edit::Edit;
use super::super::edit::open::{Faults, judge_hidden};
use super::super::edit::path::KeyPath;
use super::super::edit::sources::{Removed, Sources};
use super::super::{Options, Report};
use super::{Change, codex, migrate, strip};

/// A repair brings the next one to light at most so often.
const MAX_ROUNDS: usize = 8;

/// So many trials are made for repairs of one kind that fail, whatever their number: each judges the whole file.
pub(super) const MAX_FAILURES: usize = 128;

/// A repair that can be tried.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) kind: &'static str,
    pub(super) path: KeyPath,
    pub(super) message: String,
    /// Whether it is worth making only if an issue goes by it. Otherwise the fault is one that OpenClaw does not see, and
    /// what is missing may stand in a file that cannot be read.
    pub(super) needs_gain: bool,
    edits: Vec<Edit>,
}

impl Step {
    /// Takes the value at the path away.
    pub(super) fn removal(kind: &'static str, path: KeyPath, message: impl Into<String>) -> Self {
        let edit = Edit::Remove(path.clone());
        Self::new(kind, path, message, [edit])
    }

    pub(super) fn new(
        kind: &'static str,
        path: KeyPath,
        message: impl Into<String>,
        edits: impl IntoIterator<Item = Edit>,
    ) -> Self {
        Self { kind, path, message: message.into(), needs_gain: true, edits: edits.into_iter().collect() }
    }

    /// For a fault that OpenClaw accepts and then stumbles over.
    pub(super) fn unseen(self) -> Self {
        Self { needs_gain: false, ..self }
    }

    fn change(&self) -> Change {
        Change {
            kind: self.kind,
            path: self.path.keys().collect::<Vec<_>>().join("."),
            pointer: self.path.pointer(),
            message: self.message.clone(),
        }
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
    let outcome = Outcome { sources, changes: Vec::new(), removed: Vec::new() };
    let mut ward = Ward { options, newer, faults: Faults::of(&report), report, failures: 0, outcome };
    for round in 0..MAX_ROUNDS {
        let before = ward.outcome.changes.len();
        let moved = migrate::steps(&ward.outcome.sources.value(), &ward.report);
        let any_moved = !moved.is_empty();
        ward.treat(moved);
        if any_moved && round == 0 && ward.outcome.changes.len() > before {
            ward.treat(migrate::with_moves(&ward.outcome.sources.value()));
        }
        ward.treat(codex::steps(&ward.outcome.sources.value()));
        if !newer {
            ward.treat(strip::steps(&ward.report));
        }
        if ward.outcome.changes.len() == before {
            break;
        }
    }
    ward.outcome
}

struct Ward<'a> {
    options: &'a Options,
    newer: bool,
    report: Report,
    faults: Faults,
    /// Trials that failed, of the repairs that are being tried.
    failures: usize,
    outcome: Outcome,
}

/// Repairs as they were tried together.
struct Trial {
    sources: Sources,
    changes: Vec<Change>,
    removed: Vec<Removed>,
    report: Report,
    faults: Faults,
}

impl Ward<'_> {
    /// Makes these repairs, those together that get along.
    fn treat(&mut self, mut steps: Vec<Step>) {
        let sources = &self.outcome.sources;
        if steps.iter().any(|step| !step.needs_gain) && sources.has_gaps() {
            steps.retain(|step| step.needs_gain || !sources.has_gap(&step.path));
        }
        // Those of another kind are tried even if nothing could be made of these.
        self.failures = 0;
        self.together(&steps.iter().collect::<Vec<_>>());
    }

    fn together(&mut self, steps: &[&Step]) {
        if steps.is_empty() || self.failures >= MAX_FAILURES {
            return;
        }
        let blamed = match self.attempt(steps) {
            Ok(trial) => return self.keep(trial),
            Err(blamed) => blamed,
        };
        self.failures += 1;
        // Those at whose places it went wrong stand back; if that tells nobody apart, each half is tried by itself.
        let (guilty, innocent): (Vec<&Step>, Vec<&Step>) =
            steps.iter().partition(|step| blamed.iter().any(|place| step.is_near(place)));
        match steps {
            [_] => {}
            _ if !guilty.is_empty() && !innocent.is_empty() => {
                self.together(&innocent);
                self.together(&guilty);
            }
            _ => {
                let (first, second) = steps.split_at(steps.len() / 2);
                self.together(first);
                self.together(second);
            }
        }
    }

    /// Tries repairs together. If they make something worse: where.
    fn attempt(&self, steps: &[&Step]) -> Result<Trial, Vec<KeyPath>> {
        let mut sources = self.outcome.sources.clone();
        let (removals, others): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| step.is_removal());
        let mut removed = sources.edit_all(others.iter().map(|step| step.edits.as_slice())).map_err(|_| Vec::new())?;
        let doomed: Vec<KeyPath> = removals.into_iter().map(|step| step.path.clone()).collect();
        removed.extend(sources.remove(&doomed).map_err(|_| Vec::new())?);
        let mut changes: Vec<Change> = steps.iter().map(|step| step.change()).collect();
        let mut report = judge_hidden(&sources, self.options);
        // What a move carries to its new home may hold keys that are not known there: they go in the same step.
        let carries = !others.is_empty() && !self.newer;
        let carried = strip::steps_for(&report, |path| carries && !self.outcome.sources.has(path));
        if !carried.is_empty() {
            let doomed: Vec<KeyPath> = carried.iter().map(|step| step.path.clone()).collect();
            removed.extend(sources.remove(&doomed).map_err(|_| Vec::new())?);
            changes.extend(carried.iter().map(Step::change));
            report = judge_hidden(&sources, self.options);
        }
        let faults = Faults::of(&report);
        let worse = faults.new_since(&self.faults, &report);
        if !worse.is_empty() {
            return Err(worse.iter().filter_map(|issue| KeyPath::from_pointer(&issue.pointer).ok()).collect());
        }
        let gain = faults.count() < self.faults.count();
        // What moves between files in both directions could be lost by a kill between two writes.
        if (!gain && steps.iter().any(|step| step.needs_gain)) || sources.writing_order().is_none() {
            return Err(Vec::new());
        }
        Ok(Trial { sources, changes, removed, report, faults })
    }

    fn keep(&mut self, trial: Trial) {
        (self.report, self.faults, self.outcome.sources) = (trial.report, trial.faults, trial.sources);
        self.outcome.removed.extend(trial.removed);
        self.outcome.changes.extend(trial.changes);
    }
}

impl Step {
    fn is_removal(&self) -> bool {
        matches!(self.edits.as_slice(), [Edit::Remove(path)] if *path == self.path)
    }

    /// Whether it edits the object at this place, or something in or above it.
    fn is_near(&self, place: &KeyPath) -> bool {
        let near = |path: &KeyPath| {
            let above = path.split_last().map(|(above, _)| above).unwrap_or_default();
            place.starts_with(&above) && !above.is_empty() || above.starts_with(place)
        };
        self.edits.iter().flat_map(Edit::paths).any(near)
    }
}
