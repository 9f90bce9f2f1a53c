//! One writer at a time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{beside, options, same_owner, store};
use crate::error::{Advice, Result};

/// The right to write one file. Held by an open file beside it, so the system ends it with the process: a writer that
/// was killed blocks nobody.
#[derive(Debug)]
pub(crate) struct Lock {
    target: PathBuf,
    _file: File,
}

impl Lock {
    /// Waits for the right to write `target`, whose links are followed already.
    pub(crate) fn acquire(target: &Path, patience: Duration) -> Result<Self> {
        let path = beside(target, "lock");
        let file = options(0o600)
            .read(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| store(format!("cannot lock {}, nothing was written", target.display()), e))?;
        same_owner(&file, target);
        let since = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            // Not the method of the same name that newer standard libraries have.
            match fs4::FileExt::try_lock(&file) {
                Ok(()) => return Ok(Self { target: target.to_owned(), _file: file }),
                Err(fs4::TryLockError::WouldBlock) if since.elapsed() < patience => {
                    sleep(pause.min(patience.saturating_sub(since.elapsed())));
                    pause = (pause * 2).min(Duration::from_millis(50));
                }
                Err(fs4::TryLockError::WouldBlock) => {
                    let text = format!(
                        "another process has been writing {} for {} ms; nothing was written",
                        target.display(),
                        patience.as_millis()
                    );
                    let cause = std::io::Error::from(std::io::ErrorKind::WouldBlock);
                    return Err(store(text, cause).with_code("locked").with_advice(Advice::Retry));
                }
                Err(fs4::TryLockError::Error(e)) => {
                    return Err(store(format!("cannot lock {}, nothing was written", target.display()), e));
                }
            }
        }
    }

    /// Whether it is the lock of this file.
    pub(crate) fn is_for(&self, target: &Path) -> bool {
        self.target == target
    }
}
