//! A configuration opened for change: its files, how they were, and how it is judged.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::sources::{Source, Sources};
use crate::config::files::normal;
use crate::config::stages::{for_repair, with_hidden};
use crate::config::write::{replace, restore};
use crate::config::{Code, DiskFiles, Files, Issue, Options, Report, check_text};
use crate::disk::{Lock, Snapshot};
use crate::error::{Error, Result};

/// How long a writer waits for another.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The files of a configuration on the disk.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) sources: Sources,
    pub(crate) options: Options,
    pub(crate) main: Snapshot,
    included: BTreeMap<PathBuf, Snapshot>,
}

impl Opened {
    /// Reads the file and what it includes.
    ///
    /// # Errors
    /// Of kind `config` when the file itself is not JSON5, of kind `store` when it cannot be read.
    pub(crate) fn read(path: &Path, options: &Options) -> Result<Self> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let main = Snapshot::read(&path)?;
        let root = path.parent().and_then(|folder| folder.canonicalize().ok());
        let snapshots = std::cell::RefCell::new(BTreeMap::new());
        let read = |target: &Path| {
            // As the validator: no way out of the folder, not even by a link.
            let real = target.canonicalize().ok()?;
            if !root.as_ref().is_some_and(|root| real.starts_with(root)) {
                return None;
            }
            let snapshot = Snapshot::read(target).ok()?;
            let text = snapshot.bytes.is_some().then(|| snapshot.text().ok())??;
            snapshots.borrow_mut().insert(target.to_owned(), snapshot);
            Some(text)
        };
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let sources = Sources::new(&path, main.text()?, &real, &read)?;
        let mut options = options.clone().path(&path);
        options.files.get_or_insert_with(|| Arc::new(DiskFiles));
        Ok(Self { sources, options, main, included: snapshots.into_inner() })
    }

    /// Judges the files as they are now.
    pub(crate) fn judge(&self) -> Report {
        judge(&self.sources, &self.options)
    }

    /// Whether every file is as it was read.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.included.values().chain([&self.main]).all(|snapshot| snapshot.check_unchanged().is_ok())
    }

    /// Writes every file that changed, each before those that lose something to it: a kill between two writes leaves a value
    /// twice, and never nowhere. If one cannot be written, those before it get their former content again. Gives back the
    /// files and their backups.
    pub(crate) fn save(&self, patience: Duration, held: Option<&Lock>) -> Result<Vec<Written>> {
        let order = self.sources.writing_order();
        let order =
            order.ok_or_else(|| Error::config("what moves between two files in both directions is not written"))?;
        let changed =
            order.into_iter().filter_map(|file| self.sources.files().get(file)).filter(|file| file.is_changed());
        let pending: Vec<(&Source, &Snapshot)> =
            changed.map(|source| (source, self.included.get(&source.path).unwrap_or(&self.main))).collect();
        let mut real: BTreeMap<PathBuf, &Path> = BTreeMap::new();
        for (source, snapshot) in &pending {
            let target = snapshot.target.canonicalize().unwrap_or_else(|_| snapshot.target.clone());
            if let Some(other) = real.insert(target, &source.path) {
                let (one, other) = (source.path.display(), other.display());
                let text =
                    format!("{other} and {one} are one file, which would be changed twice: include it by one name");
                return Err(Error::config(text));
            }
        }
        // Locks in one order everywhere, so that two writers never wait for each other.
        let mut targets: Vec<&PathBuf> = pending.iter().map(|(_, snapshot)| &snapshot.target).collect();
        targets.sort();
        targets.dedup();
        let mut locks = Vec::new();
        for target in targets {
            if !held.is_some_and(|lock| lock.is_for(target)) {
                locks.push(Lock::acquire(target, patience)?);
            }
        }
        for (_, snapshot) in &pending {
            snapshot.check_unchanged()?;
        }
        let mut done: Vec<(&Lock, &Source, &Snapshot)> = Vec::new();
        let mut written = Vec::new();
        for (source, snapshot) in pending {
            let lock = locks.iter().chain(held).find(|lock| lock.is_for(&snapshot.target));
            let lock = lock.ok_or_else(|| Error::config("a file is written without its lock"))?;
            match replace(lock, snapshot, source.text.as_bytes()) {
                Ok(backup) => written.push(Written { path: snapshot.path.clone(), backup }),
                Err(error) => return Err(put_back(&done, error)),
            }
            done.push((lock, source, snapshot));
        }
        Ok(written)
    }
}

/// Gives files that were written their former content again, because another one could not be written.
fn put_back(done: &[(&Lock, &Source, &Snapshot)], error: Error) -> Error {
    if done.is_empty() {
        return error;
    }
    let (mut back, mut stay) = (Vec::new(), Vec::new());
    for (lock, source, snapshot) in done.iter().rev() {
        let name = snapshot.path.display().to_string();
        match restore(lock, snapshot, source.text.as_bytes()) {
            Ok(()) => back.push(name),
            Err(_) => stay.push(name),
        }
    }
    let mut text = error.message().to_owned();
    if !back.is_empty() {
        text += &format!("; {} was written before it and is as it was again", back.join(", "));
    }
    let code = if stay.is_empty() { error.code().map(str::to_owned) } else { Some("partly_written".to_owned()) };
    if !stay.is_empty() {
        text += &format!(
            "; {} was written before it and stays so: it holds what was to move there, which still stands in its old place \
             too",
            stay.join(", ")
        );
    }
    let error = Error::new(error.kind(), crate::Stage::NotSent, text).with_source(error);
    match code {
        Some(code) => error.with_code(&code),
        None => error,
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// Where its former content is kept; `None` for a new file.
    pub backup: Option<PathBuf>,
}

/// Judges texts that are not on the disk yet.
pub(crate) fn judge(sources: &Sources, options: &Options) -> Report {
    check_text(sources.text(), &overlaid(sources, options))
}

/// The same, with warnings of what OpenClaw accepts and nobody can ask.
pub(crate) fn judge_use(sources: &Sources, options: &Options) -> Report {
    for_repair(sources.text(), &overlaid(sources, options))
}

/// The same, with what would come to light only after the rest is right.
pub(crate) fn judge_hidden(sources: &Sources, options: &Options) -> Report {
    #[cfg(test)]
    JUDGED.with(|count| count.set(count.get() + 1));
    with_hidden(sources.text(), &overlaid(sources, options))
}

#[cfg(test)]
thread_local! {
    /// How often this thread has judged files for a repair.
    pub(crate) static JUDGED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

fn overlaid(sources: &Sources, options: &Options) -> Options {
    let Some(base) = options.files.clone() else { return options.clone() };
    let mut texts = BTreeMap::new();
    for source in sources.files().iter().skip(1).filter(|source| source.is_changed()) {
        if let Ok(real) = base.resolve(&source.path) {
            texts.insert(real, source.text.clone());
        }
        texts.insert(normal(&source.path), source.text.clone());
    }
    if texts.is_empty() { options.clone() } else { options.clone().files(Arc::new(Overlay { base, texts })) }
}

/// The faults of a report, counted by place and code: what a repair can take away, errors and moved keys of channels. A key
/// that is unknown or has moved is a fault of its own.
#[derive(Debug, Default)]
pub(crate) struct Faults(HashMap<(String, Code), usize>);

impl Faults {
    pub(crate) fn of(report: &Report) -> Self {
        let mut all = Self::default();
        let counted = report.issues.iter().filter(|issue| issue.is_error() || issue.code == Code::LegacyKey);
        for fault in counted.flat_map(faults) {
            *all.0.entry(fault).or_default() += 1;
        }
        all
    }

    pub(crate) fn count(&self) -> usize {
        self.0.values().sum()
    }

    /// The errors of a report, of which these are the faults, that were not there before.
    pub(crate) fn new_since<'r>(&self, before: &Self, report: &'r Report) -> Vec<&'r Issue> {
        let more = |fault: &(String, Code)| self.0.get(fault) > before.0.get(fault);
        report.errors().filter(|issue| faults(issue).iter().any(more)).collect()
    }
}

fn faults(issue: &Issue) -> Vec<(String, Code)> {
    match issue.code {
        Code::UnknownKey if !issue.keys.is_empty() => {
            issue.keys.iter().map(|key| (format!("{}/{key}", issue.pointer), issue.code)).collect()
        }
        // Its pointer is that of the first key.
        Code::LegacyKey if !issue.keys.is_empty() => {
            issue.keys.iter().map(|key| (format!("{}.{key}", issue.path), issue.code)).collect()
        }
        _ => vec![(issue.pointer.clone(), issue.code)],
    }
}

/// Changed texts in front of the files they come from.
#[derive(Debug)]
struct Overlay {
    base: Arc<dyn Files>,
    texts: BTreeMap<PathBuf, String>,
}

impl Files for Overlay {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.texts.get(&normal(path)) {
            Some(text) => {
                // The file must still be one that could be read.
                self.base.read(path)?;
                Ok(text.clone().into_bytes())
            }
            None => self.base.read(path),
        }
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.base.resolve(path)
    }
}
