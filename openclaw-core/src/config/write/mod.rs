//! Writing a configuration file so that nothing is lost, whatever happens meanwhile.
//!
//! A write goes to a new file in the same folder, which takes the old one's place in one step when all of it has reached
//! the disk: whoever reads sees the old file or the new one, whole. Before that the old one is copied into the backups.

mod lock;
mod quarantine;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub(crate) use lock::Lock;
pub(crate) use quarantine::{Quarantined, quarantine};

use super::parse::MAX_BYTES;
use super::{DiskFiles, Files as _};
use crate::error::{Advice, Error, ErrorKind, Result, Stage};

/// How many backups there are, as OpenClaw keeps them: `.bak`, then `.bak.1` to `.bak.4`.
const BACKUPS: usize = 5;
/// More links than this one behind the other are a loop.
const MAX_LINKS: usize = 40;

/// A file as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// As it was named.
    pub(crate) path: PathBuf,
    /// The file itself, behind every link.
    pub(crate) target: PathBuf,
    /// `None`: there was no file.
    pub(crate) bytes: Option<Vec<u8>>,
}

impl Snapshot {
    /// Reads a file, through links.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let target = follow(path)?;
        let bytes = read(&target).map_err(|e| store(format!("cannot read {}", path.display()), e))?;
        Ok(Self { path: path.to_owned(), target, bytes })
    }

    /// The text; that of an empty object when there is no file.
    pub(crate) fn text(&self) -> Result<String> {
        match &self.bytes {
            None => Ok("{}\n".to_owned()),
            Some(bytes) => String::from_utf8(bytes.clone()).map_err(|e| {
                let at = e.utf8_error().valid_up_to();
                Error::config(format!("{} is not UTF-8: byte {at} is invalid", self.path.display()))
            }),
        }
    }

    /// An error if the file is not as it was read.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        let target = follow(&self.path)?;
        let bytes = read(&target).map_err(|e| store(format!("cannot read {}", self.path.display()), e))?;
        if target == self.target && bytes == self.bytes {
            return Ok(());
        }
        let text =
            format!("{} was changed by somebody else since it was read; nothing was written", self.path.display());
        Err(Error::new(ErrorKind::Store, Stage::NotSent, text).with_code("changed").with_advice(Advice::Retry))
    }
}

/// Puts new content in the file's place. The old content becomes the newest backup, whose path is given back.
///
/// # Errors
/// Of kind `store`, and the file is as it was: it changed since it was read (code `changed`), the disk is full, the folder
/// cannot be written.
pub(crate) fn replace(lock: &Lock, snapshot: &Snapshot, new: &[u8]) -> Result<Option<PathBuf>> {
    let target = &snapshot.target;
    let failed = |e: io::Error| store(format!("cannot write {}, it is as it was", snapshot.path.display()), e);
    if !lock.is_for(target) {
        return Err(Error::config("the lock is that of another file"));
    }
    sweep(target);
    snapshot.check_unchanged()?;
    let staged = Staged::new(target, new, true).map_err(failed)?;
    let backup = match &snapshot.bytes {
        Some(old) => Some(
            back_up(target, old)
                .map_err(|e| store(format!("cannot back up {}, it is as it was", snapshot.path.display()), e))?,
        ),
        None => None,
    };
    // OpenClaw takes no lock: look once more, as late as can be.
    snapshot.check_unchanged()?;
    staged.put(target).map_err(failed)?;
    Ok(backup)
}

/// A file that is complete but not yet in its place. Dropped, it goes away.
struct Staged {
    path: PathBuf,
    done: bool,
}

impl Staged {
    fn new(target: &Path, content: &[u8], same_mode: bool) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let name = format!("{}{:016x}.tmp", STAGED, u64::from_ne_bytes(random));
        let path = beside(target, &name);
        let mut file = options(0o600).create_new(true).open(&path)?;
        let staged = Self { path, done: false };
        file.write_all(content)?;
        same_owner(&file, target);
        if let (true, Ok(before)) = (same_mode, fs::metadata(target)) {
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()?;
        Ok(staged)
    }

    fn put(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.done = true;
        sync_folder(target)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.path);
        }
    }
}

const STAGED: &str = "claw-";

/// Takes away what writers left that were killed. Under the lock there is no other writer of ours.
fn sweep(target: &Path) {
    let Some(folder) = target.parent() else { return };
    let prefix = beside(target, STAGED);
    let Some(prefix) = prefix.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix) && name.ends_with(".tmp")) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn back_up(target: &Path, old: &[u8]) -> io::Result<PathBuf> {
    let name = |i: usize| beside(target, &if i == 0 { "bak".to_owned() } else { format!("bak.{i}") });
    let staged = Staged::new(target, old, false)?;
    for i in (1..BACKUPS).rev() {
        match fs::rename(name(i - 1), name(i)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    staged.put(&name(0))?;
    Ok(name(0))
}

/// The file itself, behind every link. It need not exist.
fn follow(path: &Path) -> Result<PathBuf> {
    let mut at = path.to_owned();
    let mut seen = vec![at.clone()];
    loop {
        match fs::symlink_metadata(&at) {
            Ok(meta) if meta.is_symlink() => {}
            Ok(meta) if meta.is_file() => return Ok(at),
            Ok(_) => return Err(Error::config(format!("{} is not a regular file", at.display()))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(at),
            Err(e) => return Err(store(format!("cannot read {}", path.display()), e)),
        }
        let to = fs::read_link(&at).map_err(|e| store(format!("cannot read the link {}", at.display()), e))?;
        at = at.parent().unwrap_or(Path::new("")).join(to);
        if seen.contains(&at) || seen.len() > MAX_LINKS {
            let way: Vec<String> = seen.iter().map(|path| path.display().to_string()).collect();
            return Err(Error::config(format!("the links lead in a circle: {}", way.join(" → "))));
        }
        seen.push(at.clone());
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match DiskFiles.read(path) {
        Ok(bytes) if bytes.len() > MAX_BYTES => {
            Err(io::Error::new(io::ErrorKind::InvalidData, format!("it has more than {MAX_BYTES} bytes")))
        }
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// `openclaw.json` and `bak` give `openclaw.json.bak`.
fn beside(target: &Path, suffix: &str) -> PathBuf {
    let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".");
    name.push(suffix);
    target.with_file_name(name)
}

/// For a new file that is nobody else's from its first moment on.
#[cfg_attr(not(unix), allow(unused_variables))]
fn options(mode: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    options
}

/// Root repairing somebody's file must leave everything theirs; anybody else cannot, and need not.
#[cfg(unix)]
fn same_owner(file: &File, target: &Path) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let folder = || fs::metadata(target.parent().unwrap_or(Path::new("/")));
    let (Ok(own), Ok(theirs)) = (file.metadata(), fs::metadata(target).or_else(|_| folder())) else { return };
    if (own.uid(), own.gid()) != (theirs.uid(), theirs.gid()) {
        let _ = fchown(file, Some(theirs.uid()), Some(theirs.gid()));
    }
}

#[cfg(not(unix))]
fn same_owner(_: &File, _: &Path) {}

/// A rename is on the disk when its folder is.
#[cfg(unix)]
fn sync_folder(target: &Path) -> io::Result<()> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn store(text: String, cause: io::Error) -> Error {
    Error::new(ErrorKind::Store, Stage::NotSent, format!("{text}: {cause}")).with_source(cause)
}

#[cfg(all(test, unix))]
mod tests;
