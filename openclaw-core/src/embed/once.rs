//! One answer for a host: a call that ends with a value instead of events.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::faults::forked;
use super::host::scope;
use super::runtime::{Mode, Runtime};
use crate::error::{Error, ErrorKind, Result, Stage};

/// One answer that is on its way. Any thread may wait for it; dropping the last handle cancels it.
#[derive(Clone)]
pub struct OnceHandle<T: Send + 'static>(Arc<Owner<T>>);

struct Owner<T> {
    slot: Arc<Slot<T>>,
    runtime: Runtime,
    task: tokio::task::AbortHandle,
}

struct Slot<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
    /// The same for a thread that drives the runtime itself.
    driven: tokio::sync::Notify,
}

struct State<T> {
    outcome: Option<Result<T>>,
    /// The outcome was taken.
    done: bool,
    hook: Option<Box<dyn FnOnce() + Send>>,
}

impl<T: Send + 'static> OnceHandle<T> {
    /// Starts the call.
    ///
    /// # Errors
    /// `config` when the runtime was shut down or belongs to the parent of a fork.
    pub fn start(runtime: &Runtime, call: impl Future<Output = Result<T>> + Send + 'static) -> Result<Self> {
        let tokio = runtime.handle()?;
        let state = State { outcome: None, done: false, hook: None };
        let slot =
            Arc::new(Slot { state: Mutex::new(state), ready: Condvar::new(), driven: tokio::sync::Notify::new() });
        // Also when the task is dropped: the host must not wait for ever.
        let guard = Finish(slot.clone());
        let task = tokio.spawn(scope(async move {
            let outcome = call.await;
            guard.0.finish(outcome);
            drop(guard);
        }));
        Ok(Self(Arc::new(Owner { slot, runtime: runtime.clone(), task: task.abort_handle() })))
    }

    /// The outcome, if it is there; it can be taken once.
    pub fn try_take(&self) -> Option<Result<T>> {
        if self.0.runtime.is_forked() {
            return Some(Err(forked()));
        }
        if self.0.runtime.mode() == Mode::Inline {
            self.0.drive(Some(Duration::ZERO));
        }
        self.0.slot.lock().outcome.take()
    }

    /// Waits for the outcome, at most so long; `None` when it is not there by then, or was taken.
    pub fn blocking_take(&self, limit: Option<Duration>) -> Option<Result<T>> {
        if self.0.runtime.is_forked() {
            return Some(Err(forked()));
        }
        if self.0.runtime.mode() == Mode::Inline {
            self.0.drive(limit);
            return self.0.slot.lock().outcome.take();
        }
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        let slot = &self.0.slot;
        let mut state = slot.lock();
        while !state.done {
            state = match until {
                None => slot.ready.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    slot.ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        state.outcome.take()
    }

    /// Calls `hook` once the outcome is there: at once if it is. The hook must not block. An inline call has no thread
    /// that could make it ready: there the hook is called at once.
    pub fn on_ready(&self, hook: impl FnOnce() + Send + 'static) {
        {
            let mut state = self.0.slot.lock();
            if !state.done && self.0.runtime.mode() == Mode::Threaded {
                state.hook = Some(Box::new(hook));
                return;
            }
        }
        hook();
    }

    /// Ends the call; the outcome is then an error of kind `cancelled`.
    pub fn cancel(&self) {
        self.0.slot.finish(Err(Error::new(ErrorKind::Cancelled, Stage::MaybeSent, "the call was cancelled")));
        if !self.0.runtime.is_forked() {
            self.0.task.abort();
        }
    }
}

impl<T> Owner<T> {
    /// Inline: lets the runtime work on this thread until the outcome is there.
    fn drive(&self, limit: Option<Duration>) {
        let slot = &self.slot;
        let _ = self.runtime.block_on(async {
            if slot.lock().done {
                return;
            }
            match limit {
                // `notify_one` keeps its permit, so an outcome between the look and the wait is not missed.
                None => slot.driven.notified().await,
                Some(limit) => {
                    let _ = tokio::time::timeout(limit, slot.driven.notified()).await;
                }
            }
        });
    }
}

impl<T> Drop for Owner<T> {
    fn drop(&mut self) {
        if !self.runtime.is_forked() {
            self.task.abort();
        }
    }
}

struct Finish<T>(Arc<Slot<T>>);

impl<T> Drop for Finish<T> {
    fn drop(&mut self) {
        let text = "the runtime was shut down before the answer came";
        self.0.finish(Err(Error::new(ErrorKind::Cancelled, Stage::MaybeSent, text).with_code("closed")));
    }
}

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, outcome: Result<T>) {
        let mut state = self.lock();
        if state.done {
            return;
        }
        state.done = true;
        state.outcome = Some(outcome);
        let hook = state.hook.take();
        drop(state);
        self.ready.notify_all();
        self.driven.notify_one();
        if let Some(hook) = hook {
            hook();
        }
    }
}

impl<T: Send + 'static> fmt::Debug for OnceHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceHandle").field("done", &self.0.slot.lock().done).finish()
    }
}
