//! Many edits at once: those that do not concern each other are made together, so that a file with thousands of them is
//! read anew a few times and not thousands of times.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use super::path::KeyPath;
use super::sources::{Removed, Sources, Work};
use super::text::Item;
use crate::error::{Error, Result};

/// One edit of a repair.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    /// Takes the value away and gives it back.
    Remove(KeyPath),
    /// Takes away what says nothing that is not said elsewhere.
    Discard(KeyPath),
    /// Puts a value there, and gives back what of the old one would be lost.
    Set(KeyPath, Value),
    /// Puts a value where none is.
    Default(KeyPath, Value),
    /// Gives the key another name, unless that is taken: then it goes.
    Rename(KeyPath, &'static str),
    /// Moves what the second does not have from the first to there, and takes the first away.
    Absorb(KeyPath, KeyPath),
    /// Puts what was taken from a file to another place.
    Insert(KeyPath, Item, usize),
}

/// What comes of an edit that can be made together with others, before anything of it is made.
#[derive(Default)]
struct Plan {
    work: Work,
    removed: Vec<Removed>,
    /// The edit that comes then.
    next: Option<Edit>,
}

impl Edit {
    /// The places that it reads and writes.
    pub(crate) fn paths(&self) -> Vec<&KeyPath> {
        match self {
            Self::Absorb(from, to) => vec![from, to],
            Self::Remove(path) | Self::Discard(path) | Self::Set(path, _) | Self::Default(path, _) => vec![path],
            Self::Rename(path, _) | Self::Insert(path, _, _) => vec![path],
        }
    }
}

impl Sources {
    /// Carries out edits, of each list one after the other. All that was taken away is given back.
    pub(crate) fn edit_all<'e>(&mut self, lists: impl IntoIterator<Item = &'e [Edit]>) -> Result<Vec<Removed>> {
        let mut lists: Vec<VecDeque<Edit>> = lists.into_iter().map(|list| list.iter().cloned().collect()).collect();
        let mut removed = Vec::new();
        // Where something will be put that is on its way.
        let mut awaited = Places::default();
        while lists.iter().any(|list| !list.is_empty()) {
            let (mut round, mut touched, mut moved_on) = (Work::default(), Places::default(), false);
            for list in &mut lists {
                let Some(edit) = list.front() else { continue };
                let arrives = matches!(edit, Edit::Insert(..));
                if !arrives && edit.paths().into_iter().any(|path| awaited.concern(0, path)) {
                    continue;
                }
                let Some(Plan { work, removed: taken, next }) = self.plan(edit)? else { continue };
                if work.touched.iter().any(|(file, path)| touched.concern(*file, path)) {
                    continue;
                }
                for (file, path) in &work.touched {
                    touched.add(*file, path);
                }
                round.append(work);
                removed.extend(taken);
                moved_on = true;
                if let Some(Edit::Insert(path, ..)) = list.pop_front() {
                    awaited.remove(0, &path);
                }
                if let Some(next) = next {
                    next.paths().into_iter().for_each(|path| awaited.add(0, path));
                    list.push_front(next);
                }
            }
            self.carry_out(round)?;
            if !moved_on {
                // The first that waits for nothing has to be made by itself.
                let waits = |edit: &Edit| edit.paths().into_iter().any(|path| awaited.concern(0, path));
                let alone = lists.iter_mut().find(|list| list.front().is_some_and(|edit| !waits(edit)));
                match alone.and_then(VecDeque::pop_front) {
                    Some(Edit::Absorb(from, to)) => removed.extend(self.absorb(&from, &to)?),
                    _ => return Err(Error::config("two repairs wait for each other")),
                }
            }
        }
        Ok(removed)
    }

    /// Nothing, if the edit has to be made by itself.
    fn plan(&self, edit: &Edit) -> Result<Option<Plan>> {
        let removal = |path: &KeyPath| self.plan_remove(std::slice::from_ref(path));
        let plan = match edit {
            Edit::Remove(path) => {
                let (work, removed) = removal(path)?;
                Plan { work, removed, next: None }
            }
            Edit::Discard(path) => Plan { work: removal(path)?.0, ..Plan::default() },
            Edit::Set(path, value) => {
                let removed = self.replaced(path).into_iter().filter(Removed::is_worth_keeping).collect();
                Plan { work: self.plan_set(path, value.clone())?, removed, next: None }
            }
            Edit::Default(path, _) if self.has(path) => Plan::default(),
            Edit::Default(path, value) => Plan { work: self.plan_set(path, value.clone())?, ..Plan::default() },
            Edit::Rename(path, to) => {
                if path.split_last().is_some_and(|(above, _)| self.has(&above.join(to))) {
                    return self.plan(&Edit::Remove(path.clone()));
                }
                Plan { work: self.plan_rename(path, to)?, ..Plan::default() }
            }
            Edit::Absorb(from, _) if !self.has(from) => Plan::default(),
            Edit::Absorb(_, to) if self.has(to) => return Ok(None),
            Edit::Absorb(from, to) => match self.shares(from).as_slice() {
                [(file, _, carried)] if carried.comments.is_empty() => {
                    let next = Edit::Insert(to.clone(), carried.item.clone(), *file);
                    Plan { work: removal(from)?.0, removed: Vec::new(), next: Some(next) }
                }
                _ => return Ok(None),
            },
            Edit::Insert(path, item, file) => {
                Plan { work: self.plan_insert(path, item, Some(*file))?, ..Plan::default() }
            }
        };
        Ok(Some(plan))
    }
}

/// Places in files; one concerns another if it is the same, above it or below it.
#[derive(Default)]
struct Places(BTreeSet<(usize, KeyPath)>);

impl Places {
    fn add(&mut self, file: usize, path: &KeyPath) {
        self.0.insert((file, path.clone()));
    }

    fn remove(&mut self, file: usize, path: &KeyPath) {
        self.0.remove(&(file, path.clone()));
    }

    fn concern(&self, file: usize, path: &KeyPath) -> bool {
        let from = (file, path.clone());
        let below = self.0.range(&from..).next().is_some_and(|(at, other)| *at == file && other.starts_with(path));
        let mut above = (0..path.len()).map(|length| (file, KeyPath::new(path.keys().take(length))));
        below || above.any(|place| self.0.contains(&place))
    }
}
