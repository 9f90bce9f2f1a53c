//! Files of a store, read and changed under their locks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::file::store;
use crate::ambient::{self, Ambient};
use crate::calendar::iso;
use crate::disk::{Claim, Holder, Lock, Snapshot, Staged, beside, fault, follow, in_real_folder, sweep, sweep_old};
use crate::error::{Advice, Error, Result};

/// OpenClaw counts a lock of a living process as left behind after this time. The patience of a store is longer, so a lock
/// that nobody gives back ends nobody's work.
const STALE: Duration = Duration::from_secs(30);

/// The longest pause between two tries of a lock. OpenClaw begins with 100 ms and doubles up to 10 s; who asks more often
/// waits less, and is not kept off by one who does.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// New tokens are at most this much longer than the old ones.
const MORE: usize = 16 * 1024;

/// One file of a store, the file beside it that belongs to it, and how they are locked.
#[derive(Debug, Clone)]
pub(super) struct StoreFile {
    /// As it was named; links are followed anew each time.
    pub path: PathBuf,
    /// A second file that is changed with it, such as `auth-state.json`.
    pub second: Option<PathBuf>,
    /// Whether OpenClaw's own lock is taken too.
    pub openclaw: bool,
    pub patience: Duration,
    pub ambient: Arc<dyn Ambient>,
}

/// When a wait for locks began, and when it is given up.
pub(super) struct Deadline {
    begun: Duration,
    until: Duration,
}

/// The contents of both files, before or after a change; `None` where there is no file, and for a second file that cannot be
/// read: that one stays as it is.
pub(super) type Contents = [Option<SecretString>; 2];

impl StoreFile {
    /// Changes the files: `change` is given what they hold and says what they shall hold. It runs again when somebody wrote
    /// without a lock meanwhile, as OpenClaw's login does. The changed files reach the disk before this returns. The notes say
    /// which of them were open to others.
    ///
    /// The file work itself does not yield: a caller that is dropped drops before it or after it.
    pub async fn change<T>(
        &self,
        change: &mut (dyn FnMut(&Contents) -> Result<(Contents, T)> + Send),
    ) -> Result<(T, Vec<String>)> {
        let target = follow(&self.path)?;
        make_folder(&target)?;
        let deadline = self.deadline(1);
        loop {
            let own = || Ok(Lock::attempt(&target, "claw-lock")?.ok_or_else(Holder::default));
            let _lock = self.wait(&deadline, &target, own).await?;
            let claim = if self.openclaw {
                let path = claim_of(&self.path);
                sweep_old(&path);
                Some(self.wait(&deadline, &path, || Claim::attempt(&path, STALE, self.ambient.now())).await?)
            } else {
                None
            };
            if let Some(done) = self.write(claim.as_ref(), change)? {
                return Ok(done);
            }
            if self.ambient.monotonic() >= deadline.until {
                let text =
                    format!("{} is changed by somebody else all the time; nothing was written", self.path.display());
                return Err(store(text).with_code("changed").with_advice(Advice::Retry));
            }
        }
    }

    /// Under the locks. `None` when somebody else wrote meanwhile.
    fn write<T>(
        &self,
        claim: Option<&Claim>,
        change: &mut (dyn FnMut(&Contents) -> Result<(Contents, T)> + Send),
    ) -> Result<Option<(T, Vec<String>)>> {
        let first = Snapshot::read(&self.path)?;
        let first_text = text_of(&first)?;
        // What needs the second file finds it missing; nothing else is kept from being done.
        let second = self.second.as_deref().and_then(|path| {
            let snapshot = Snapshot::read(path).ok()?;
            text_of(&snapshot).ok().map(|text| (snapshot, text))
        });
        let (second, second_text) = second.map_or((None, None), |(snapshot, text)| (Some(snapshot), text));
        let (snapshots, before) = ([Some(first), second], [first_text, second_text]);
        let (after, done) = change(&before)?;
        let (mut staged, mut notes) = (Vec::new(), Vec::new());
        for ((snapshot, before), after) in snapshots.iter().zip(&before).zip(&after) {
            let (Some(snapshot), Some(after)) = (snapshot, after) else { continue };
            notes.extend(open_to_others(&snapshot.target));
            if before.as_ref().map(|text| text.expose_secret()) == Some(after.expose_secret()) {
                tighten(&snapshot.target);
                continue;
            }
            sweep(&snapshot.target);
            let failed = |e| fault(format!("cannot write {}, it is as it was", snapshot.path.display()), e);
            let file = Staged::private(&snapshot.target, after.expose_secret().as_bytes()).map_err(failed)?;
            staged.push((snapshot, file));
        }
        // As late as can be: is the right to write still ours, and is everything as it was read?
        if claim.is_some_and(|claim| !claim.is_held())
            || snapshots.iter().flatten().any(|snapshot| snapshot.check_unchanged().is_err())
        {
            return Ok(None);
        }
        for (snapshot, file) in staged {
            let failed = |e| fault(format!("cannot write {}", snapshot.path.display()), e);
            file.put(&snapshot.target).map_err(failed)?;
            tighten(&snapshot.target);
        }
        Ok(Some((done, notes)))
    }

    /// Whether a whole new file could be put beside the old one now: one as long, and some KiB more. Nothing stays of it.
    pub fn check_room(&self) -> Result<()> {
        let target = follow(&self.path)?;
        let length = std::fs::metadata(&target).map_or(0, |file| file.len());
        let trial = vec![b' '; usize::try_from(length).unwrap_or(usize::MAX).saturating_add(MORE)];
        let failed = |e| fault(format!("{} cannot be written, so nothing was sent", self.path.display()), e);
        Staged::private(&target, &trial).map(drop).map_err(failed)
    }

    /// So many times the patience of this store from now.
    pub fn deadline(&self, times: u32) -> Deadline {
        let begun = self.ambient.monotonic();
        Deadline { begun, until: begun.saturating_add(self.patience.saturating_mul(times)) }
    }

    /// Waits for a lock.
    pub async fn wait<T>(
        &self,
        deadline: &Deadline,
        what: &Path,
        mut attempt: impl FnMut() -> Result<std::result::Result<T, Holder>> + Send,
    ) -> Result<T> {
        let mut pause = Duration::from_millis(1);
        loop {
            let holder = match attempt()? {
                Ok(taken) => return Ok(taken),
                Err(holder) => holder,
            };
            let left = deadline.until.saturating_sub(self.ambient.monotonic());
            if left.is_zero() {
                return Err(held(what, holder, deadline.until.saturating_sub(deadline.begun)));
            }
            let jitter = 0.5 + ambient::fraction(&*self.ambient);
            self.ambient.sleep(pause.mul_f64(jitter).min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// OpenClaw puts its lock beside the file as it is named, in the folder with its links followed.
fn claim_of(path: &Path) -> PathBuf {
    beside(&in_real_folder(path), "lock")
}

fn held(what: &Path, holder: Holder, waited: Duration) -> Error {
    let pid =
        holder.pid.map(|pid| format!("process {pid} holds")).unwrap_or_else(|| "another process holds".to_owned());
    let since = holder.since.map(|since| format!(" since {}", iso(since))).unwrap_or_default();
    let text = format!(
        "{pid} the lock of {}{since}; waited {} s, nothing was written; do it again when that process is done",
        what.display(),
        waited.as_secs()
    );
    store(text).with_code("locked").with_advice(Advice::Retry)
}

fn text_of(snapshot: &Snapshot) -> Result<Option<SecretString>> {
    let Some(bytes) = &snapshot.bytes else { return Ok(None) };
    match String::from_utf8(bytes.clone()) {
        Ok(text) => Ok(Some(text.into())),
        Err(e) => {
            let at = e.utf8_error().valid_up_to();
            Err(store(format!("{} is not UTF-8 at byte {at}; save it as UTF-8", snapshot.path.display())))
        }
    }
}

/// A folder that is made here is its owner's.
fn make_folder(target: &Path) -> Result<()> {
    let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    if folder.is_dir() {
        return Ok(());
    }
    private_folder(folder).map_err(|e| fault(format!("cannot make the folder {}", folder.display()), e))
}

/// Whether a folder that is not there yet could be made. Nothing stays of the trial.
pub(super) fn try_folder(folder: &Path) -> Result<()> {
    let Some(nearest) = folder.ancestors().find(|folder| folder.is_dir()) else { return Ok(()) };
    let trial = nearest.join(format!(".claw-trial-{}", std::process::id()));
    private_folder(&trial).map_err(|e| fault(format!("cannot make the folder {}", folder.display()), e))?;
    // Another sign-in of this process may have deleted it.
    let _ = std::fs::remove_dir(&trial);
    Ok(())
}

/// Makes a folder and those above it, for their owner only.
pub(super) fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Closes a file of secrets, and the folder of an OpenClaw agent, to everybody but their owner. Any other folder is not ours
/// to change.
#[cfg(unix)]
fn tighten(target: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let close = |path: &Path, mode: u32| {
        let Ok(meta) = std::fs::metadata(path) else { return };
        if meta.permissions().mode() & 0o077 != 0 {
            // Somebody else's file: the note about its mode stays.
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
        }
    };
    close(target, 0o600);
    if let Some(folder) = target.parent().filter(|_| super::place::state_of(target).is_some()) {
        close(folder, 0o700);
    }
}

#[cfg(not(unix))]
fn tighten(_: &Path) {}

/// What is to be said of a file of secrets that others could read until now.
#[cfg(unix)]
fn open_to_others(target: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(target).ok()?.permissions().mode() & 0o777;
    let name = target.display();
    (mode & 0o077 != 0)
        .then(|| format!("{name} held secrets and was open to others (mode {mode:04o}): it is closed now"))
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<String> {
    None
}
