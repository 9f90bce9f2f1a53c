//! What a waiting task yields to its event loop.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::core::lock;

/// As much of `asyncio.Future` as a task needs of what it waits for.
///
/// The end of a `Future` schedules its task for the next turn of the loop; the end of this one runs it at once, for the
/// loop itself calls it. That spares a turn per event.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct Pause {
    event_loop: Py<PyAny>,
    /// How a task tells `await` from a plain `yield`.
    blocking: AtomicBool,
    state: Mutex<State>,
}

enum State {
    Waiting(Option<Callback>),
    Ended,
    /// With the message, or `None`.
    Cancelled(Py<PyAny>),
}

/// Continues the task.
struct Callback {
    call: Py<PyAny>,
    /// The `contextvars.Context` of the task.
    context: Option<Py<PyAny>>,
}

impl Pause {
    pub fn new(event_loop: Py<PyAny>) -> Self {
        Self { event_loop, blocking: AtomicBool::new(true), state: Mutex::new(State::Waiting(None)) }
    }

    /// Whether a task can still be woken by it.
    pub fn still_waits(&self, py: Python<'_>) -> PyResult<bool> {
        let closed = || self.event_loop.call_method0(py, "is_closed")?.is_truthy(py);
        Ok(!self.done() && !closed()?)
    }

    /// Runs the task, unless it was cancelled. To be called by the loop, outside of any task.
    pub fn end(slf: &Bound<'_, Self>) -> PyResult<()> {
        let Some(Callback { call, context }) = slf.get().settle(State::Ended).flatten() else { return Ok(()) };
        let py = slf.py();
        match context {
            Some(context) => context.call_method1(py, pyo3::intern!(py, "run"), (call, slf))?,
            None => call.call1(py, (slf,))?,
        };
        Ok(())
    }

    /// Ends the wait; gives who waited, or `None` if it had ended before.
    fn settle(&self, end: State) -> Option<Option<Callback>> {
        let mut state = lock(&self.state);
        let State::Waiting(callback) = &mut *state else { return None };
        let callback = callback.take();
        *state = end;
        Some(callback)
    }

    fn call_soon(slf: &Bound<'_, Self>, callback: Callback) -> PyResult<()> {
        let py = slf.py();
        let named = PyDict::new(py);
        if let Some(context) = callback.context {
            named.set_item("context", context)?;
        }
        slf.get().event_loop.bind(py).call_method("call_soon", (callback.call, slf), Some(&named))?;
        Ok(())
    }
}

#[pymethods]
impl Pause {
    #[getter(_asyncio_future_blocking)]
    fn is_blocking(&self) -> bool {
        self.blocking.load(Ordering::Relaxed)
    }

    #[setter(_asyncio_future_blocking)]
    fn set_blocking(&self, blocking: bool) {
        self.blocking.store(blocking, Ordering::Relaxed);
    }

    fn get_loop(&self, py: Python<'_>) -> Py<PyAny> {
        self.event_loop.clone_ref(py)
    }

    #[pyo3(signature = (callback, /, *, context=None))]
    fn add_done_callback(slf: &Bound<'_, Self>, callback: Py<PyAny>, context: Option<Py<PyAny>>) -> PyResult<()> {
        let callback = Callback { call: callback, context };
        match &mut *lock(&slf.get().state) {
            State::Waiting(Some(_)) => return Err(PyRuntimeError::new_err("a task waits for this already")),
            State::Waiting(waiting) => {
                *waiting = Some(callback);
                return Ok(());
            }
            _ => {}
        }
        Self::call_soon(slf, callback)
    }

    /// The task is told in the next turn: whoever cancels may be a task itself.
    #[pyo3(signature = (msg=None))]
    fn cancel(slf: &Bound<'_, Self>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        let message = msg.unwrap_or_else(|| slf.py().None());
        let Some(callback) = slf.get().settle(State::Cancelled(message)) else { return Ok(false) };
        if let Some(callback) = callback {
            Self::call_soon(slf, callback)?;
        }
        Ok(true)
    }

    fn done(&self) -> bool {
        !matches!(&*lock(&self.state), State::Waiting(_))
    }

    /// Nothing, or `CancelledError`.
    fn result(&self, py: Python<'_>) -> PyResult<()> {
        let message = match &*lock(&self.state) {
            State::Ended => return Ok(()),
            State::Waiting(_) => return Err(PyRuntimeError::new_err("it has not ended")),
            State::Cancelled(message) => message.clone_ref(py),
        };
        static CANCELLED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CANCELLED.import(py, "asyncio", "CancelledError")?;
        let error = if message.is_none(py) { class.call0()? } else { class.call1((message,))? };
        Err(PyErr::from_value(error))
    }
}
