//! OpenClaw's own locks: a file that exists while somebody holds it, and says who.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::sync::OnceLock;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{fault, in_real_folder, options, temporary};
use crate::calendar::{iso, parse_iso};
use crate::error::Result;

/// A lock file of OpenClaw that we hold: made only if there is none, with `{"pid", "createdAt"}` in it. Dropped, it goes
/// away. One that a killed process left is taken over when that process is gone, or when it is too old: OpenClaw's rule.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    content: String,
    /// Who made it: a fork is another process, and holds nothing of this one.
    pid: u32,
}

/// The locks that this process holds. In the file stands a process id only, which tells its tasks apart no better than two
/// containers.
static HELD: Mutex<BTreeSet<(u32, PathBuf)>> = Mutex::new(BTreeSet::new());

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
    /// A lock with our own process id that this process does not hold is that of an earlier process of this id, if it is older
    /// than this one; else of another container or another copy of this library, which the rule for living processes is for.
    pub(crate) fn attempt(path: &Path, stale: Duration, now: SystemTime) -> Result<std::result::Result<Self, Holder>> {
        let failed = |e| fault(format!("cannot make the lock {}, nothing was written", path.display()), e);
        let path = &in_real_folder(path);
        let pid = std::process::id();
        let entry = (pid, path.clone());
        if held().contains(&entry) {
            return Ok(Err(Holder { pid: Some(pid), since: None }));
        }
        if let Some((content, made)) = read(path).map_err(failed)? {
            let holder = Holder::read(&content);
            if !holder.has_left(made, stale, now) {
                return Ok(Err(holder));
            }
            take_away(path, &content).map_err(failed)?;
        }
        let content = format!("{:#}", json!({"pid": pid, "createdAt": iso(now)}));
        match make(path, &content) {
            Ok(()) => {
                held().insert(entry);
                Ok(Ok(Self { path: path.to_owned(), content, pid }))
            }
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
        if self.pid != std::process::id() {
            return;
        }
        if self.is_held() {
            let _ = fs::remove_file(&self.path);
        }
        held().remove(&(self.pid, self.path.clone()));
    }
}

fn held() -> MutexGuard<'static, BTreeSet<(u32, PathBuf)>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
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
        let of_a_former_process = || self.since.zip(started()).is_some_and(|(since, start)| since + CLOCKS < start);
        match self.pid {
            Some(pid) if pid == std::process::id() && of_a_former_process() => return true,
            Some(pid) if !is_alive(pid) => return true,
            _ => {}
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
    let whole = temporary(path)?;
    let written = options(0o600).create_new(true).open(&whole);
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
    let aside = temporary(path)?;
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

/// The start of a process is known to the second, and a clock may be set a little.
const CLOCKS: Duration = Duration::from_secs(2);

/// When this process was started, where the system tells.
#[cfg(target_os = "linux")]
fn started() -> Option<SystemTime> {
    static STARTED: OnceLock<Option<SystemTime>> = OnceLock::new();
    *STARTED.get_or_init(|| {
        // proc(5): field 22 counts from the boot, in hundredths of a second; the name of the program, in brackets, can hold
        // blanks.
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let (_, fields) = stat.rsplit_once(')')?;
        let after_boot: u64 = fields.split_whitespace().nth(19)?.parse().ok()?;
        let system = fs::read_to_string("/proc/stat").ok()?;
        let boot = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(boot) + Duration::from_millis(after_boot * 10))
    })
}

#[cfg(not(target_os = "linux"))]
fn started() -> Option<SystemTime> {
    None
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
            // Of this very process, or of one with its id in another container.
            (lock(std::process::id(), now), false),
            (lock(std::process::id(), ago(31)), true),
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
    #[cfg(target_os = "linux")]
    fn a_lock_that_an_earlier_process_of_our_id_left_is_not_waited_for() {
        let folder = folder("own");
        let (path, now) = (folder.join("a.lock"), SystemTime::now());
        let start = started().unwrap();
        assert!(start <= now && now.duration_since(start).unwrap() < Duration::from_secs(86_400), "{start:?}");
        fs::write(&path, lock(std::process::id(), start - Duration::from_secs(5))).unwrap();
        // However long a lock may stand.
        assert!(Claim::attempt(&path, Duration::from_secs(1 << 20), now).unwrap().is_ok());
    }

    #[test]
    fn two_of_one_process_wait_for_each_other() {
        let folder = folder("twice");
        let (path, now) = (folder.join("a.lock"), SystemTime::now());
        let claim = Claim::attempt(&path, STALE, now).unwrap().unwrap();
        let later = now + Duration::from_secs(3600);
        // Whatever its age, and by whichever way.
        std::os::unix::fs::symlink(&folder, folder.join("way")).unwrap();
        for path in [path.clone(), folder.join("way/a.lock")] {
            let holder = Claim::attempt(&path, STALE, later).unwrap().unwrap_err();
            assert_eq!(holder.pid, Some(std::process::id()));
        }
        assert!(claim.is_held());
        drop(claim);
        assert!(Claim::attempt(&path, STALE, later).unwrap().is_ok());
    }

    #[test]
    fn what_is_being_made_is_not_swept_away() {
        let folder = folder("sweep");
        let path = folder.join("a.lock");
        let (live, left) = (temporary(&path).unwrap(), temporary(&path).unwrap());
        fs::write(&live, "").unwrap();
        fs::write(&left, "").unwrap();
        let then = SystemTime::now() - Duration::from_secs(120);
        fs::File::options().write(true).open(&left).unwrap().set_modified(then).unwrap();
        crate::disk::sweep_old(&path);
        assert!(live.exists() && !left.exists());
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
