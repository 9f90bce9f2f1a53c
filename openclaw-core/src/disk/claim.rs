//! OpenClaw's own locks: a file that exists while somebody holds it, and says who.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{beside, fault, options};
use crate::calendar::{iso, parse_iso};
use crate::error::Result;

/// A lock file of OpenClaw that we hold: made only if there is none, with `{"pid", "createdAt"}` in it. Dropped, it goes
/// away. One that a killed process left is taken over when that process is gone, or when it is too old: OpenClaw's rule.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    content: String,
}

/// Who holds a lock that we do not get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) pid: Option<u32>,
    pub(crate) since: Option<SystemTime>,
}

impl Claim {
    /// Takes the lock if nobody holds it, or says who does. The lock of a process that lives counts as left behind after
    /// `stale`.
    ///
    /// A lock with our own process id is one that an earlier process of this id left, in a container where ids repeat:
    /// whoever calls this holds a lock of ours already, so nobody else in this process can hold this one.
    pub(crate) fn attempt(path: &Path, stale: Duration, now: SystemTime) -> Result<std::result::Result<Self, Holder>> {
        let failed = |e| fault(format!("cannot make the lock {}, nothing was written", path.display()), e);
        if let Some((content, made)) = read(path).map_err(failed)? {
            let holder = Holder::read(&content);
            if !holder.has_left(made, stale, now) {
                return Ok(Err(holder));
            }
            take_away(path, &content).map_err(failed)?;
        }
        let content = format!("{:#}", json!({"pid": std::process::id(), "createdAt": iso(now)}));
        match make(path, &content) {
            Ok(()) => Ok(Ok(Self { path: path.to_owned(), content })),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                let holder = read(path).ok().flatten().map(|(content, _)| Holder::read(&content));
                Ok(Err(holder.unwrap_or_default()))
            }
            Err(e) => Err(failed(e)),
        }
    }

    /// Whether it is still there: somebody who took us for dead would have taken it away.
    pub(crate) fn is_held(&self) -> bool {
        matches!(read(&self.path), Ok(Some((content, _))) if content == self.content.as_bytes())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.is_held() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Holder {
    fn read(content: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(content).unwrap_or_default();
        Self {
            pid: value.get("pid").and_then(Value::as_u64).and_then(|pid| u32::try_from(pid).ok()),
            since: value.get("createdAt").and_then(Value::as_str).and_then(parse_iso),
        }
    }

    fn has_left(&self, made: Option<SystemTime>, stale: Duration, now: SystemTime) -> bool {
        if self.pid.is_some_and(|pid| pid == std::process::id() || !is_alive(pid)) {
            return true;
        }
        // A time ahead of ours says nothing; then the file's own time counts.
        let age = |since: SystemTime| now.duration_since(since).ok();
        self.since.and_then(age).or(made.and_then(age)).is_some_and(|age| age > stale)
    }
}

/// The content and the time of the last change; `None` when there is no such file.
fn read(path: &Path) -> io::Result<Option<(Vec<u8>, Option<SystemTime>)>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let made = file.metadata()?.modified().ok();
    let mut content = Vec::new();
    file.take(64 * 1024).read_to_end(&mut content)?;
    Ok(Some((content, made)))
}

/// Makes the file with its content in one step: a process that is killed in between leaves no lock that says nothing of its
/// holder, which everybody would have to wait for.
fn make(path: &Path, content: &str) -> io::Result<()> {
    let whole = beside(path, &format!("claw-{}.tmp", std::process::id()));
    let written = options(0o600).create(true).truncate(true).open(&whole);
    let written = written.and_then(|mut file| file.write_all(content.as_bytes()));
    let made = written.and_then(|()| match fs::hard_link(&whole, path) {
        // A file system without links.
        Err(e) if matches!(e.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) => {
            let mut file = options(0o600).create_new(true).open(path)?;
            // A lock without its content would be waited for.
            file.write_all(content.as_bytes()).inspect_err(|_| drop(fs::remove_file(path)))
        }
        linked => linked,
    });
    let _ = fs::remove_file(&whole);
    made
}

/// Takes a lock away that somebody left, unless another one has been put in its place meanwhile.
fn take_away(path: &Path, content: &[u8]) -> io::Result<()> {
    let aside = beside(path, &format!("claw-left-{}.tmp", std::process::id()));
    match fs::rename(path, &aside) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        renamed => renamed?,
    }
    if !matches!(read(&aside), Ok(Some((found, _))) if found == content) {
        let _ = fs::hard_link(&aside, path);
    }
    fs::remove_file(&aside)
}

#[cfg(unix)]
fn is_alive(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    // One that may not be asked is alive as well.
    rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const STALE: Duration = Duration::from_secs(30);

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("openclaw-core-claim-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn lock(pid: u32, at: SystemTime) -> String {
        json!({"pid": pid, "createdAt": iso(at)}).to_string()
    }

    #[test]
    fn a_lock_is_there_while_it_is_held() {
        let folder = folder("held");
        let (path, now) = (folder.join("a.lock"), SystemTime::now());
        let claim = Claim::attempt(&path, STALE, now).unwrap().unwrap();
        let value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(value["pid"], std::process::id());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left");
        drop(claim);
        assert!(!path.exists());
    }

    #[test]
    fn only_a_lock_that_was_left_is_taken_over() {
        let folder = folder("stale");
        let (path, now) = (folder.join("a.lock"), SystemTime::now());
        // The process that started this one lives, and is not this one.
        let parent = std::os::unix::process::parent_id();
        let ago = |seconds| now - Duration::from_secs(seconds);
        for (content, taken) in [
            (lock(parent, now), false),
            (lock(parent, ago(29)), false),
            (lock(parent, ago(31)), true),
            (lock(parent, now + Duration::from_secs(900)), false),
            (lock(4_194_303, now), true),
            (lock(std::process::id(), now), true),
            ("{".to_owned(), false),
            (String::new(), false),
        ] {
            fs::write(&path, &content).unwrap();
            let claim = Claim::attempt(&path, STALE, now).unwrap();
            assert_eq!(claim.is_ok(), taken, "{content}");
            if let Err(holder) = claim {
                assert_eq!(holder.pid.is_some(), content.contains("pid"));
            }
        }
        fs::write(&path, "").unwrap();
        assert!(Claim::attempt(&path, STALE, now + Duration::from_secs(60)).unwrap().is_ok(), "by the file's own time");
    }

    #[test]
    fn a_lock_that_somebody_else_took_is_not_removed() {
        let folder = folder("taken");
        let (path, now) = (folder.join("a.lock"), SystemTime::now());
        let claim = Claim::attempt(&path, STALE, now).unwrap().unwrap();
        fs::write(&path, lock(1, now)).unwrap();
        assert!(!claim.is_held());
        drop(claim);
        assert!(path.exists());
    }
}
