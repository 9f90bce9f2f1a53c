//! A configuration opened for change: its files, how they were, and how it is judged.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::sources::Sources;
use crate::config::files::normal;
use crate::config::stages::with_hidden;
use crate::config::write::replace;
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
        let sources = Sources::new(&path, main.text()?, &read)?;
        let mut options = options.clone().path(&path);
        options.files.get_or_insert_with(|| Arc::new(DiskFiles));
        Ok(Self { sources, options, main, included: snapshots.into_inner() })
    }

    /// Judges the files as they are now.
    pub(crate) fn judge(&self) -> Report {
        judge(&self.sources, &self.options)
    }

    /// Writes every file that changed: included ones first, so that the configuration never names what is not there yet.
    /// Gives back the files and their backups.
    pub(crate) fn save(&self, patience: Duration, held: Option<&Lock>) -> Result<Vec<Written>> {
        let changed = || self.sources.files().iter().filter(|source| source.is_changed());
        let mut pending = Vec::new();
        for source in changed() {
            let snapshot = self.included.get(&source.path).unwrap_or(&self.main);
            pending.push((source, snapshot));
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
        let mut written = Vec::new();
        for (source, snapshot) in pending.into_iter().rev() {
            let lock = locks.iter().chain(held).find(|lock| lock.is_for(&snapshot.target));
            let lock = lock.ok_or_else(|| Error::config("a file is written without its lock"))?;
            let backup = replace(lock, snapshot, source.text.as_bytes())?;
            written.push(Written { path: snapshot.path.clone(), backup });
        }
        Ok(written)
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

/// The same, with what would come to light only after the rest is right.
pub(crate) fn judge_hidden(sources: &Sources, options: &Options) -> Report {
    with_hidden(sources.text(), &overlaid(sources, options))
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

/// The errors of `after` that `before` does not have. A key that is unknown or has moved is an error of its own.
pub(crate) fn new_errors<'r>(before: &Report, after: &'r Report) -> Vec<&'r Issue> {
    let mut known: HashMap<(String, Code), usize> = HashMap::new();
    for fault in before.errors().flat_map(faults) {
        *known.entry(fault).or_default() += 1;
    }
    let mut is_new = |fault: &(String, Code)| match known.get_mut(fault) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    after.errors().filter(|issue| faults(issue).iter().filter(|fault| is_new(fault)).count() > 0).collect()
}

/// How many faults there are that a repair can take away: errors, and moved keys of channels.
pub(crate) fn fault_count(report: &Report) -> usize {
    let counted = report.issues.iter().filter(|issue| issue.is_error() || issue.code == Code::LegacyKey);
    counted.map(|issue| faults(issue).len()).sum()
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
