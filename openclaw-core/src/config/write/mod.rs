//! Writing a configuration file: as every file is written (see [`disk`](crate::disk)), and with backups.

mod quarantine;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use quarantine::{Quarantined, quarantine};

use crate::disk::{Lock, Snapshot, Staged, beside, fault, sweep};
use crate::error::{Error, Result};

/// How many backups there are, as OpenClaw keeps them: `.bak`, then `.bak.1` to `.bak.4`.
const BACKUPS: usize = 5;

/// Puts new content in the file's place. The old content becomes the newest backup, whose path is given back.
///
/// # Errors
/// Of kind `store`, and the file is as it was: it changed since it was read (code `changed`), the disk is full, the folder
/// cannot be written.
pub(crate) fn replace(lock: &Lock, snapshot: &Snapshot, new: &[u8]) -> Result<Option<PathBuf>> {
    let target = &snapshot.target;
    let failed = |e: io::Error| fault(format!("cannot write {}, it is as it was", snapshot.path.display()), e);
    if !lock.is_for(target) {
        return Err(Error::config("the lock is that of another file"));
    }
    sweep(target);
    snapshot.check_unchanged()?;
    let staged = Staged::like(target, new).map_err(failed)?;
    let backup = match &snapshot.bytes {
        Some(old) => Some(
            back_up(target, old)
                .map_err(|e| fault(format!("cannot back up {}, it is as it was", snapshot.path.display()), e))?,
        ),
        None => None,
    };
    // OpenClaw takes no lock: look once more, as late as can be.
    snapshot.check_unchanged()?;
    staged.put(target).map_err(failed)?;
    Ok(backup)
}

/// Gives a file the content again that it had before [`replace`], if nobody has changed it since.
pub(crate) fn restore(lock: &Lock, snapshot: &Snapshot, new: &[u8]) -> Result<()> {
    let target = &snapshot.target;
    let failed = |e: io::Error| fault(format!("cannot put {} back", snapshot.path.display()), e);
    if !lock.is_for(target) {
        return Err(Error::config("the lock is that of another file"));
    }
    Snapshot { bytes: Some(new.to_vec()), ..snapshot.clone() }.check_unchanged()?;
    match &snapshot.bytes {
        Some(old) => Staged::like(target, old).and_then(|staged| staged.put(target)).map_err(failed),
        None => fs::remove_file(target).map_err(failed),
    }
}

fn back_up(target: &Path, old: &[u8]) -> io::Result<PathBuf> {
    let name = |i: usize| beside(target, &if i == 0 { "bak".to_owned() } else { format!("bak.{i}") });
    let staged = Staged::private(target, old)?;
    for i in (1..BACKUPS).rev() {
        match fs::rename(name(i - 1), name(i)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    staged.put(&name(0))?;
    Ok(name(0))
}

#[cfg(all(test, unix))]
mod tests;
