//! The stream of an event loop, and answers that are awaited.
//!
//! `__anext__` gives a [`Step`]. Awaiting it takes an event that is there without a turn of the loop; an event is taken
//! only when the task really runs, so a cancelled task loses none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use openclaw_core::Event;
use openclaw_core::embed::OnceHandle;
use pyo3::exceptions::{PyBaseException, PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use serde_json::Value;

use crate::client::NativeClient;
use crate::convert;
use crate::core::{Core, Look};
use crate::errors::{guarded, raise};
use crate::events;
use crate::host::from_loop;
use crate::sync::{batch, call, known};
use crate::wait::{Waiter, next_id};

/// After so many events without a turn of the loop the other tasks get one.
const FAIR: u32 = 256;

/// A streamed answer for a task. It begins with the first event that is asked for.
#[pyclass(frozen, subclass, module = "openclaw_core._native")]
pub struct AsyncStream(Arc<Shared>);

struct Shared {
    core: Core,
    /// Events since the loop had its last turn.
    run: AtomicU32,
}

impl Shared {
    /// Starts the call if it was not started; says so when no event loop is there that could wait for it.
    fn start(&self, py: Python<'_>) -> PyResult<()> {
        if !self.core.is_started() {
            static CHECK: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            CHECK.import(py, "openclaw_core._loop", "running")?.call0()?;
            from_loop(py, || self.core.started(py).map(|_| ()))?;
        }
        Ok(())
    }
}

#[pymethods]
impl AsyncStream {
    #[new]
    fn new(client: &Bound<'_, NativeClient>, request: &Bound<'_, PyAny>, options: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(client.py(), || {
            let core = call(client.get(), request, options)?;
            Ok(Self(Arc::new(Shared { core, run: AtomicU32::new(0) })))
        })
    }

    fn __aiter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __anext__(&self) -> Step {
        self.step(Want::Event)
    }

    /// Starts the call, if it was not started.
    fn _start(&self, py: Python<'_>) -> PyResult<()> {
        guarded(py, || self.0.start(py))
    }

    /// The texts only.
    fn _texts(&self) -> AsyncTexts {
        AsyncTexts(self.0.clone())
    }

    /// The events that are there, at most so many, after waiting for the first.
    fn _batch(&self, max: usize) -> Step {
        self.step(Want::Batch(max))
    }

    /// Reads to the end and gives the whole answer.
    fn _response(&self) -> Step {
        self.step(Want::Response)
    }

    /// What is known of the call by now.
    fn _known<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        known(&self.0.core, py)
    }

    /// Ends the call and closes its connection. Never waits, so it needs no `await`; twice is as good as once.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.core.close());
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.0.core.is_closed()
    }
}

impl AsyncStream {
    fn step(&self, want: Want) -> Step {
        Step { shared: self.0.clone(), want, id: AtomicU64::new(0) }
    }
}

/// The texts of a stream.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct AsyncTexts(Arc<Shared>);

#[pymethods]
impl AsyncTexts {
    fn __aiter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __anext__(&self) -> Step {
        Step { shared: self.0.clone(), want: Want::Text, id: AtomicU64::new(0) }
    }
}

#[derive(Clone, Copy)]
enum Want {
    Event,
    Text,
    Batch(usize),
    Response,
}

/// One wait for an event: what `__anext__` gives, and what `await` then asks again and again.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct Step {
    shared: Arc<Shared>,
    want: Want,
    /// 0 until it had to wait.
    id: AtomicU64,
}

#[pymethods]
impl Step {
    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guarded(py, || self.advance(py))
    }

    /// As a generator has it: `anext(stream, default)` and older event loops use it.
    fn send(&self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)
    }

    /// The task was cancelled. No event was taken, so there is nothing to put back.
    #[pyo3(signature = (kind, value=None, _traceback=None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        _traceback: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        Err(thrown(kind, value)?)
    }

    /// Nothing is left to be done.
    fn close(&self) {}
}

impl Step {
    /// What is yielded to the loop; the value comes as `StopIteration`.
    fn advance(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Shared { core, run } = &*self.shared;
        if matches!(self.want, Want::Response) && core.is_closed() && core.is_complete() {
            return Err(PyStopIteration::new_err((core.response(py)?,)));
        }
        self.shared.start(py)?;
        let handle = core.started(py)?;
        core.waiter.enter(py, self.id.load(Ordering::Relaxed))?;
        let mut taken = core.read()?;
        core.only_end(handle, matches!(self.want, Want::Response));
        loop {
            if matches!(self.want, Want::Response) {
                taken.clear();
            } else if !taken.is_empty() && run.fetch_add(1, Ordering::Relaxed) >= FAIR {
                run.store(0, Ordering::Relaxed);
                return Ok(py.None());
            }
            match self.want {
                Want::Batch(max) if !taken.is_empty() => {
                    return Err(PyStopIteration::new_err(batch(py, &mut taken, max)?.unbind()));
                }
                Want::Event => {
                    if let Some(event) = taken.pop_front() {
                        return Err(PyStopIteration::new_err(events::to_py(py, event)?));
                    }
                }
                Want::Text => {
                    while let Some(event) = taken.pop_front() {
                        if let Event::TextDelta(delta) = event {
                            return Err(PyStopIteration::new_err(PyString::new(py, &delta.delta).unbind()));
                        }
                    }
                }
                _ => {}
            }
            match core.look(py, &mut taken)? {
                Look::Some => {}
                Look::Ended => {
                    drop(taken);
                    core.outcome(py)?;
                    return match self.want {
                        Want::Response => Err(PyStopIteration::new_err((core.response(py)?,))),
                        Want::Batch(_) => Err(PyStopIteration::new_err((py.None(),))),
                        _ => Err(PyStopAsyncIteration::new_err(())),
                    };
                }
                Look::Empty => break,
            }
        }
        drop(taken);
        run.store(0, Ordering::Relaxed);
        let id = next_id();
        self.id.store(id, Ordering::Relaxed);
        core.waiter.arm(py, id, |hook| handle.on_ready(hook))
    }
}

/// An answer that is no stream, whatever its type.
pub trait Answer: Send + Sync {
    fn take(&self) -> Option<openclaw_core::Result<Value>>;
    fn take_within(&self, limit: Duration) -> Option<openclaw_core::Result<Value>>;
    fn on_ready(&self, hook: Box<dyn FnOnce() + Send>);
    fn cancel(&self);
}

impl<T: serde::Serialize + Send + 'static> Answer for OnceHandle<T> {
    fn take(&self) -> Option<openclaw_core::Result<Value>> {
        self.try_take().map(value)
    }

    fn take_within(&self, limit: Duration) -> Option<openclaw_core::Result<Value>> {
        self.blocking_take(Some(limit)).map(value)
    }

    fn on_ready(&self, hook: Box<dyn FnOnce() + Send>) {
        OnceHandle::on_ready(self, hook);
    }

    fn cancel(&self) {
        OnceHandle::cancel(self);
    }
}

fn value<T: serde::Serialize>(taken: openclaw_core::Result<T>) -> openclaw_core::Result<Value> {
    taken.map(|taken| serde_json::to_value(taken).unwrap_or_default())
}

/// Waits on the calling thread; signals are looked for.
pub fn wait<'py>(py: Python<'py>, answer: &dyn Answer) -> PyResult<Bound<'py, PyAny>> {
    loop {
        let taken = py.detach(|| {
            let taken = answer.take_within(crate::wait::SLICE);
            crate::wait::stay_if_exiting();
            taken
        });
        if let Some(taken) = taken {
            return convert::to_py(py, &taken.map_err(|e| raise(py, &e))?);
        }
        if let Err(interrupt) = py.check_signals() {
            answer.cancel();
            return Err(interrupt);
        }
    }
}

/// An answer that is awaited.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct OnceStep {
    answer: Box<dyn Answer>,
    waiter: Arc<Waiter>,
    id: AtomicU64,
}

impl OnceStep {
    pub fn new(answer: impl Answer + 'static) -> Self {
        Self { answer: Box::new(answer), waiter: Arc::default(), id: AtomicU64::new(0) }
    }
}

#[pymethods]
impl OnceStep {
    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guarded(py, || {
            self.waiter.enter(py, self.id.load(Ordering::Relaxed))?;
            if let Some(taken) = self.answer.take() {
                let taken = taken.map_err(|e| raise(py, &e))?;
                return Err(PyStopIteration::new_err((convert::to_py(py, &taken)?.unbind(),)));
            }
            let id = next_id();
            self.id.store(id, Ordering::Relaxed);
            self.waiter.arm(py, id, |hook| self.answer.on_ready(hook))
        })
    }

    /// As a generator has it: `anext(stream, default)` and older event loops use it.
    fn send(&self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)
    }

    /// The task was cancelled. No event was taken, so there is nothing to put back.
    #[pyo3(signature = (kind, value=None, _traceback=None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        _traceback: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        Err(thrown(kind, value)?)
    }

    /// Nothing is left to be done.
    fn close(&self) {}
}

/// The exception of a `throw`, which is given a class, an instance, or both.
fn thrown(kind: &Bound<'_, PyAny>, value: Option<Bound<'_, PyAny>>) -> PyResult<PyErr> {
    let is_exception = |value: &Bound<'_, PyAny>| value.is_instance_of::<PyBaseException>();
    Ok(PyErr::from_value(match value {
        Some(value) if is_exception(&value) => value,
        _ if is_exception(kind) => kind.clone(),
        Some(value) => kind.call1((value,))?,
        None => kind.call0()?,
    }))
}
