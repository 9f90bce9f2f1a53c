//! One writer at a time.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{beside, fault, options, same_owner};
use crate::error::{Advice, Result};

/// The right to write one file. Held by an open file beside it, so the system ends it with the process: a writer that
/// was killed blocks nobody.
#[derive(Debug)]
pub(crate) struct Lock {
    target: PathBuf,
    file: File,
}

impl Lock {
    /// Waits for the right to write `target`, whose links are followed already. Blocks the thread.
    pub(crate) fn acquire(target: &Path, patience: Duration) -> Result<Self> {
        let since = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(lock) = Self::attempt(target, "lock")? {
                return Ok(lock);
            }
            if since.elapsed() >= patience {
                return Err(Self::held(target, patience));
            }
            sleep(pause.min(patience.saturating_sub(since.elapsed())));
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// Takes the right if nobody has it. The file that holds it lies beside the target and has this suffix; it stays.
    pub(crate) fn attempt(target: &Path, suffix: &str) -> Result<Option<Self>> {
        let failed = |e| fault(format!("cannot lock {}, nothing was written", target.display()), e);
        let path = beside(target, suffix);
        let file = options(0o600).read(true).create(true).truncate(false).open(&path).map_err(failed)?;
        same_owner(&file, target);
        // Not the method of the same name that newer standard libraries have.
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => Ok(Some(Self { target: target.to_owned(), file })),
            Err(fs4::TryLockError::WouldBlock) => Ok(None),
            Err(fs4::TryLockError::Error(e)) => Err(failed(e)),
        }
    }

    /// The error of somebody who waited in vain.
    pub(crate) fn held(target: &Path, patience: Duration) -> crate::error::Error {
        let text = format!(
            "another process has been writing {} for {} ms; nothing was written",
            target.display(),
            patience.as_millis()
        );
        let cause = std::io::Error::from(std::io::ErrorKind::WouldBlock);
        fault(text, cause).with_code("locked").with_advice(Advice::Retry)
    }

    /// What its holder, or one that was killed, wrote into the lock's own file.
    pub(crate) fn note(&self) -> io::Result<String> {
        let mut text = String::new();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        file.take(64 * 1024).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Writes into the lock's own file, and to the disk.
    pub(crate) fn set_note(&self, text: &str) -> io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    /// Whether it is the lock of this file.
    pub(crate) fn is_for(&self, target: &Path) -> bool {
        self.target == target
    }
}
