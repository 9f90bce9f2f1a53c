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
    /// Puts a value there, and gives back what stood there.
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

/// What comes of an edit before anything of it is made.
enum Plan {
    /// It can be made together with others; then comes the other edit, if there is one.
    Ready(Work, Vec<Removed>, Option<Edit>),
    /// It is made by itself.
    Alone,
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
                let Plan::Ready(work, taken, next) = self.plan(edit)? else { continue };
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

    fn plan(&self, edit: &Edit) -> Result<Plan> {
        let nothing = || Ok(Plan::Ready(Work::default(), Vec::new(), None));
        match edit {
            Edit::Remove(path) => {
                let (work, removed) = self.plan_remove(std::slice::from_ref(path))?;
                Ok(Plan::Ready(work, removed, None))
            }
            Edit::Discard(path) => {
                let (work, _) = self.plan_remove(std::slice::from_ref(path))?;
                Ok(Plan::Ready(work, Vec::new(), None))
            }
            Edit::Set(path, value) => {
                let old = self.replaced(path).filter(Removed::is_secret);
                Ok(Plan::Ready(self.plan_set(path, value.clone())?, old.into_iter().collect(), None))
            }
            Edit::Default(path, _) if self.has(path) => nothing(),
            Edit::Default(path, value) => Ok(Plan::Ready(self.plan_set(path, value.clone())?, Vec::new(), None)),
            Edit::Rename(path, to) => {
                let taken = path.split_last().is_some_and(|(above, _)| self.has(&above.join(to)));
                match taken {
                    true => self.plan(&Edit::Remove(path.clone())),
                    false => Ok(Plan::Ready(self.plan_rename(path, to)?, Vec::new(), None)),
                }
            }
            Edit::Absorb(from, _) if !self.has(from) => nothing(),
            Edit::Absorb(_, to) if self.has(to) => Ok(Plan::Alone),
            Edit::Absorb(from, to) => match self.shares(from).as_slice() {
                [(file, _, carried)] if carried.comments.is_empty() => {
                    let (work, _) = self.plan_remove(std::slice::from_ref(from))?;
                    Ok(Plan::Ready(work, Vec::new(), Some(Edit::Insert(to.clone(), carried.item.clone(), *file))))
                }
                _ => Ok(Plan::Alone),
            },
            Edit::Insert(path, item, file) => {
                Ok(Plan::Ready(self.plan_insert(path, item, Some(*file))?, Vec::new(), None))
            }
        }
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
