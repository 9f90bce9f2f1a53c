//! Where the calls of a host run.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::faults::{closed, forked};
use super::per_process::PerProcess;
use crate::error::{Error, Result};

/// Who drives a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// A worker thread reads ahead.
    Threaded,
    /// The thread that asks for the next event drives the call: no thread of ours, least time per event.
    Inline,
}

/// Where the calls of a host run. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Runtime(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mode: Mode,
    generation: usize,
    /// Taken out by the shutdown.
    tokio: Mutex<Option<Arc<tokio::runtime::Runtime>>>,
}

/// A forked child starts a new generation with a runtime of its own, so that no lock and no thread of its parent is ever
/// waited for.
static SHARED: PerProcess<OnceLock<Runtime>> = PerProcess::first(OnceLock::new());
static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// Counts up with every fork that was told to [`forget_after_fork`]. What was made in an earlier one cannot be used.
pub fn generation() -> usize {
    GENERATION.load(Ordering::Acquire)
}

/// To be called in the child after a fork: the threads of the parent are not there, so its runtime is left alone.
pub fn forget_after_fork() {
    GENERATION.fetch_add(1, Ordering::AcqRel);
}

/// Ends the shared runtime: calls under way are cancelled, its thread is joined within the limit.
pub fn shutdown_shared(limit: Duration) {
    if let Some(runtime) = SHARED.get().get() {
        runtime.shutdown(limit);
    }
}

impl Drop for Inner {
    /// Nothing is waited for: a host may drop the last handle anywhere. After a fork nothing is touched either, because
    /// the parent's runtime watches the same sockets.
    fn drop(&mut self) {
        let taken = self.tokio.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        match taken.map(Arc::try_unwrap) {
            Some(runtime) if self.generation != generation() => std::mem::forget(runtime),
            Some(Ok(runtime)) => runtime.shutdown_background(),
            _ => {}
        }
    }
}

impl Runtime {
    /// The one that a host's setting `inline` means.
    pub(super) fn of(inline: bool) -> Result<Self> {
        if inline { Self::inline() } else { Self::shared() }
    }

    /// The runtime of this process with one worker thread, started on first use.
    ///
    /// # Errors
    /// `config` when the system gives no thread.
    pub fn shared() -> Result<Self> {
        let slot = SHARED.get();
        if let Some(runtime) = slot.get() {
            return Ok(runtime.clone());
        }
        let made = Self::threaded(1)?;
        let kept = slot.get_or_init(|| made.clone());
        if !Arc::ptr_eq(&kept.0, &made.0) {
            made.shutdown(Duration::from_secs(1));
        }
        Ok(kept.clone())
    }

    /// A runtime of its own with so many worker threads.
    ///
    /// # Errors
    /// `config` when the system gives no thread.
    pub fn threaded(workers: usize) -> Result<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(workers.max(1)).thread_name("openclaw-rt");
        Self::build(builder, Mode::Threaded)
    }

    /// A runtime without a thread: whoever waits for an event drives it.
    ///
    /// # Errors
    /// `config` when the system gives no event queue.
    pub fn inline() -> Result<Self> {
        Self::build(tokio::runtime::Builder::new_current_thread(), Mode::Inline)
    }

    fn build(mut builder: tokio::runtime::Builder, mode: Mode) -> Result<Self> {
        builder.enable_all();
        let built = without_signals(|| builder.build());
        let tokio = built.map_err(|e| Error::config("no runtime can be started").with_source(e))?;
        let inner = Inner { mode, generation: generation(), tokio: Mutex::new(Some(Arc::new(tokio))) };
        Ok(Self(Arc::new(inner)))
    }

    /// Who drives the calls.
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// Whether it was made before the last fork.
    pub fn is_forked(&self) -> bool {
        self.0.generation != generation()
    }

    /// Cancels what is under way and joins the threads within the limit. What is asked afterwards is an error.
    pub fn shutdown(&self, limit: Duration) {
        if self.is_forked() {
            return;
        }
        let taken = self.0.tokio.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Ok(runtime)) = taken.map(Arc::try_unwrap) {
            runtime.shutdown_timeout(limit);
        }
    }

    pub(super) fn handle(&self) -> Result<Arc<tokio::runtime::Runtime>> {
        if self.is_forked() {
            return Err(forked());
        }
        let tokio = self.0.tokio.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tokio.ok_or_else(closed)
    }

    /// Waits for a future on the calling thread.
    ///
    /// # Errors
    /// `config` after the shutdown, or in a forked child.
    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output> {
        Ok(self.handle()?.block_on(future))
    }
}

/// Threads that are started in here get no signals: those belong to the host's own threads.
#[cfg(unix)]
pub fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    use nix::sys::signal::{SigSet, SigmaskHow};
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK).ok();
    let started = start();
    if let Some(before) = before {
        let _ = before.thread_set_mask();
    }
    started
}

/// Runs it as it is: here signals do not go to threads.
#[cfg(not(unix))]
pub fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    start()
}
