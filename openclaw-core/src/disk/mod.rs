//! Files that are written so that nothing is lost, whatever happens meanwhile.
//!
//! A write goes to a new file in the same folder, which takes the old one's place in one step when all of it has reached
//! the disk: whoever reads sees the old file or the new one, whole.

mod claim;
mod lock;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use claim::{Claim, Holder};
pub(crate) use lock::Lock;

use crate::error::{Advice, Error, ErrorKind, Result, Stage};

/// No file of ours is larger.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
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
        let bytes = read(&target).map_err(|e| fault(format!("cannot read {}", path.display()), e))?;
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
        let bytes = read(&target).map_err(|e| fault(format!("cannot read {}", self.path.display()), e))?;
        if target == self.target && bytes == self.bytes {
            return Ok(());
        }
        let text =
            format!("{} was changed by somebody else since it was read; nothing was written", self.path.display());
        Err(Error::new(ErrorKind::Store, Stage::NotSent, text).with_code("changed").with_advice(Advice::Retry))
    }
}

/// A file that is complete but not yet in its place. Dropped, it goes away.
pub(crate) struct Staged {
    path: PathBuf,
    done: bool,
}

impl Staged {
    /// With the mode of the file whose place it will take; readable by its owner only if there is none.
    pub(crate) fn like(target: &Path, content: &[u8]) -> io::Result<Self> {
        Self::new(target, content, true)
    }

    /// Readable by its owner only.
    pub(crate) fn private(target: &Path, content: &[u8]) -> io::Result<Self> {
        Self::new(target, content, false)
    }

    fn new(target: &Path, content: &[u8], same_mode: bool) -> io::Result<Self> {
        let path = temporary(target)?;
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

    /// Puts it in its place unless something is there: `AlreadyExists` then, and it can be tried again.
    pub(crate) fn put_new(&self, target: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, target) {
            // A file system without links.
            Err(e) if matches!(e.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) => {
                let content = fs::read(&self.path)?;
                let mut file = options(0o600).create_new(true).open(target)?;
                file.write_all(&content)
                    .and_then(|()| file.sync_all())
                    .inspect_err(|_| drop(fs::remove_file(target)))?;
            }
            linked => linked?,
        }
        sync_folder(target)
    }

    /// Puts it in its place.
    pub(crate) fn put(mut self, target: &Path) -> io::Result<()> {
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

/// A name beside the target that nobody else has.
fn temporary(target: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(beside(target, &format!("{STAGED}{:016x}.tmp", u64::from_ne_bytes(random))))
}

/// Takes away what writers left that were killed. Under the lock there is no other writer of ours.
pub(crate) fn sweep(target: &Path) {
    sweep_if(target, |_| true);
}

/// The same where nothing keeps other writers out: what was written within the last minute may be theirs, and stays.
pub(crate) fn sweep_old(target: &Path) {
    sweep_if(target, |file| {
        let age = file.modified().ok().and_then(|at| at.elapsed().ok());
        age.is_some_and(|age| age > Duration::from_secs(60))
    });
}

fn sweep_if(target: &Path, left: impl Fn(&fs::Metadata) -> bool) {
    let Some(folder) = target.parent() else { return };
    let prefix = beside(target, STAGED);
    let Some(prefix) = prefix.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_ours = |name: &str| name.starts_with(&prefix) && name.ends_with(".tmp");
        if entry.file_name().to_str().is_some_and(is_ours) && entry.metadata().is_ok_and(|file| left(&file)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The file itself, behind every link. It need not exist.
pub(crate) fn follow(path: &Path) -> Result<PathBuf> {
    let mut at = path.to_owned();
    let mut seen = vec![at.clone()];
    loop {
        match fs::symlink_metadata(&at) {
            Ok(meta) if meta.is_symlink() => {}
            Ok(meta) if meta.is_file() => return Ok(at),
            Ok(_) => return Err(Error::config(format!("{} is not a regular file", at.display()))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(at),
            Err(e) => return Err(fault(format!("cannot read {}", path.display()), e)),
        }
        let to = fs::read_link(&at).map_err(|e| fault(format!("cannot read the link {}", at.display()), e))?;
        at = at.parent().unwrap_or(Path::new("")).join(to);
        if seen.contains(&at) || seen.len() > MAX_LINKS {
            let way: Vec<String> = seen.iter().map(|path| path.display().to_string()).collect();
            return Err(Error::config(format!("the links lead in a circle: {}", way.join(" → "))));
        }
        seen.push(at.clone());
    }
}

/// The same, with the links of its folder followed too: one path for one file.
pub(crate) fn resolved(path: &Path) -> Result<PathBuf> {
    Ok(in_real_folder(&follow(path)?))
}

/// A file in the folder that the links of its folder lead to.
pub(crate) fn in_real_folder(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    real.join(path.file_name().unwrap_or_default())
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(Some(bytes))
}

/// `openclaw.json` and `bak` give `openclaw.json.bak`.
pub(crate) fn beside(target: &Path, suffix: &str) -> PathBuf {
    let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".");
    name.push(suffix);
    target.with_file_name(name)
}

/// For a new file that is nobody else's from its first moment on.
#[cfg_attr(not(unix), allow(unused_variables))]
pub(crate) fn options(mode: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    options
}

/// Root repairing somebody's file must leave everything theirs; anybody else cannot, and need not.
#[cfg(unix)]
pub(crate) fn same_owner(file: &File, target: &Path) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let folder = || fs::metadata(target.parent().unwrap_or(Path::new("/")));
    let (Ok(own), Ok(theirs)) = (file.metadata(), fs::metadata(target).or_else(|_| folder())) else { return };
    if (own.uid(), own.gid()) != (theirs.uid(), theirs.gid()) {
        let _ = fchown(file, Some(theirs.uid()), Some(theirs.gid()));
    }
}

#[cfg(not(unix))]
pub(crate) fn same_owner(_: &File, _: &Path) {}

/// A rename is on the disk when its folder is.
#[cfg(unix)]
pub(crate) fn sync_folder(target: &Path) -> io::Result<()> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A fault of the disk, told with what helps.
pub(crate) fn fault(text: String, cause: io::Error) -> Error {
    use io::ErrorKind as Io;
    let more = match cause.kind() {
        Io::StorageFull | Io::QuotaExceeded => "; free some space and do it again",
        Io::FileTooLarge => "; raise the limit of the size of files (ulimit -f) and do it again",
        Io::ReadOnlyFilesystem => "; the file system may only be read",
        Io::PermissionDenied => "; the file and its folder must belong to the user who runs this",
        _ => "",
    };
    Error::new(ErrorKind::Store, Stage::NotSent, format!("{text}: {cause}{more}")).with_source(cause)
}
