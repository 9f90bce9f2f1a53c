//! What the synchronous and the asynchronous stream share: one call, its queue, and the events taken but not handed on.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use openclaw_core::embed::{Client, Drained, End, StreamHandle, forked, known};
use openclaw_core::{CallOptions, ErrorKind, Event, Request, ResponseHead};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use serde_json::Value;

use crate::errors::{self, OrRaise, raise};
use crate::wait::Waiter;
use crate::{events, log};

/// So many events are taken from the queue at once.
const BATCH: usize = 64;

pub struct Core {
    client: Client,
    /// The call, until it is started.
    call: Mutex<Option<(Request, CallOptions)>>,
    handle: OnceLock<StreamHandle>,
    /// Taken from the queue, not handed on yet. Whoever holds it is the reader.
    pub taken: Mutex<VecDeque<Event>>,
    pub waiter: Arc<Waiter>,
    head: Mutex<Option<ResponseHead>>,
    response: PyOnceLock<Py<PyAny>>,
    closed: AtomicBool,
    /// The end was told to the reader.
    told: AtomicBool,
    /// Nobody wants the events before the end.
    only_end: AtomicBool,
}

/// What a look at the queue came to.
pub enum Look {
    /// The events that were taken are in [`Core::taken`].
    Some,
    /// Nothing is there yet.
    Empty,
    /// It has ended: see [`Core::outcome`].
    Ended,
}

impl Core {
    pub fn new(client: Client, request: Request, options: CallOptions) -> Self {
        Self {
            client,
            call: Mutex::new(Some((request, options))),
            handle: OnceLock::new(),
            taken: Mutex::default(),
            waiter: Arc::default(),
            head: Mutex::default(),
            response: PyOnceLock::new(),
            closed: AtomicBool::new(false),
            told: AtomicBool::new(false),
            only_end: AtomicBool::new(false),
        }
    }

    /// The running call; starts it the first time.
    pub fn started(&self, py: Python<'_>) -> PyResult<&StreamHandle> {
        if let Some(handle) = self.handle.get() {
            if handle.is_forked() {
                return Err(raise(py, &forked()));
            }
            if self.closed.load(Ordering::Acquire) && !self.told.load(Ordering::Acquire) {
                return Err(closed(py));
            }
            return Ok(handle);
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(closed(py));
        }
        let call = lock(&self.call).take();
        let Some((request, options)) = call else {
            return self.handle.get().ok_or_else(|| closed(py));
        };
        let handle = self.client.stream(request, options).or_raise(py)?;
        Ok(self.handle.get_or_init(|| handle))
    }

    /// Whether the call was started.
    pub fn is_started(&self) -> bool {
        self.handle.get().is_some()
    }

    /// Becomes the reader.
    pub fn read(&self) -> PyResult<MutexGuard<'_, VecDeque<Event>>> {
        use std::sync::TryLockError;
        match self.taken.try_lock() {
            Ok(taken) => Ok(taken),
            Err(TryLockError::Poisoned(e)) => Ok(e.into_inner()),
            Err(TryLockError::WouldBlock) => Err(busy()),
        }
    }

    /// Whether only the end is waited for.
    pub fn only_end(&self, handle: &StreamHandle, only: bool) {
        if self.only_end.load(Ordering::Relaxed) != only {
            self.only_end.store(only, Ordering::Relaxed);
            handle.only_end(only);
        }
    }

    /// Takes what is in the queue.
    pub fn look(&self, py: Python<'_>, taken: &mut VecDeque<Event>) -> PyResult<Look> {
        let handle = self.started(py)?;
        let drained = handle.try_drain(taken, BATCH).or_raise(py)?;
        self.note(py, taken, drained)
    }

    /// Takes what is in the queue, waits for it if need be. `false` at the end.
    ///
    /// Ten times a second Python is asked whether a signal came: Ctrl-C ends the wait and the call.
    pub fn wait(&self, py: Python<'_>, taken: &mut VecDeque<Event>) -> PyResult<bool> {
        let handle = self.started(py)?;
        if !self.client.settings().inline {
            match self.look(py, taken)? {
                Look::Some => return Ok(true),
                Look::Ended => return Ok(false),
                Look::Empty => {}
            }
        }
        loop {
            let slice = Some(crate::wait::SLICE);
            let drained = py.detach(|| {
                let drained = handle.blocking_drain(taken, BATCH, slice);
                crate::wait::stay_if_exiting();
                drained
            });
            let drained = drained.or_raise(py)?;
            match self.note(py, taken, drained)? {
                Look::Some => return Ok(true),
                Look::Ended => return Ok(false),
                Look::Empty => {}
            }
            if let Err(interrupt) = py.check_signals() {
                self.close();
                return Err(interrupt);
            }
        }
    }

    /// Logs and remembers what is worth it among the events that just came.
    fn note(&self, py: Python<'_>, taken: &VecDeque<Event>, drained: Drained) -> PyResult<Look> {
        Ok(match drained {
            Drained::Empty => Look::Empty,
            Drained::Events(count) => {
                for event in taken.iter().rev().take(count).rev() {
                    match event {
                        Event::Opened(head) => *lock(&self.head) = Some((**head).clone()),
                        event => log::event(py, event)?,
                    }
                }
                log::journal(py)?;
                Look::Some
            }
            _ => Look::Ended,
        })
    }

    /// How it ended: nothing if well, else its error.
    pub fn outcome(&self, py: Python<'_>) -> PyResult<()> {
        let first = !self.told.swap(true, Ordering::AcqRel);
        log::journal(py)?;
        match self.handle.get().and_then(StreamHandle::end) {
            Some(End::Completed(_)) => Ok(()),
            Some(End::Failed(error)) if error.kind() == ErrorKind::Cancelled && self.is_closed() => {
                self.told.store(false, Ordering::Release);
                Err(closed(py))
            }
            Some(End::Failed(error)) => {
                if first {
                    log::error(py, &error)?;
                }
                Err(raise(py, &error))
            }
            _ => Err(closed(py)),
        }
    }

    /// The whole answer, once it is there.
    pub fn response(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.handle.get().and_then(StreamHandle::end) {
            Some(End::Completed(response)) => {
                let made = self.response.get_or_try_init(py, || events::response(py, &response))?;
                Ok(made.clone_ref(py))
            }
            _ => {
                self.outcome(py)?;
                Err(closed(py))
            }
        }
    }

    /// Whether the whole answer is there.
    pub fn is_complete(&self) -> bool {
        let live = self.handle.get().filter(|handle| !handle.is_forked());
        matches!(live.and_then(StreamHandle::end), Some(End::Completed(_)))
    }

    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        if let Some(handle) = self.handle.get().filter(|handle| !handle.is_forked()) {
            handle.cancel();
        }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// What is known of the call by now: from the head of the answer once it was read, then from its end.
    pub fn known(&self) -> Value {
        let end = self.handle.get().filter(|handle| !handle.is_forked()).and_then(StreamHandle::end);
        known(lock(&self.head).as_ref(), end.as_ref())
    }
}

pub fn busy() -> PyErr {
    pyo3::exceptions::PyRuntimeError::new_err("the stream is already being iterated: one reader at a time")
}

fn closed(py: Python<'_>) -> PyErr {
    errors::closed(py, "the stream was closed before its end")
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
