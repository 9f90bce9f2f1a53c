//! The stream of a thread that blocks.

use std::sync::Arc;

use openclaw_core::embed::{options_from_json, request_from_json};
use openclaw_core::{CallOptions, Event, Request};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::client::NativeClient;
use crate::convert;
use crate::core::Core;
use crate::errors::{OrRaise, guarded};
use crate::events;

/// A streamed answer for a thread that blocks. It begins with the first event that is asked for.
#[pyclass(frozen, subclass, module = "openclaw_core._native")]
pub struct Stream(Arc<Core>);

/// Reads what a call is made of.
pub fn call(client: &NativeClient, request: &Bound<'_, PyAny>, options: &Bound<'_, PyAny>) -> PyResult<Core> {
    let py = request.py();
    let (request, options) = read(client, request, options)?;
    Ok(Core::new(client.open(py)?.clone(), request, options))
}

fn read(
    client: &NativeClient,
    request: &Bound<'_, PyAny>,
    options: &Bound<'_, PyAny>,
) -> PyResult<(Request, CallOptions)> {
    let py = request.py();
    // The fields are named, the word in front of them would only be in the way.
    let text = |value: &Bound<'_, PyAny>| convert::from_fields(value).map(|value| value.to_string());
    let request = request_from_json(&text(request)?).or_raise(py)?;
    let options = options_from_json(&text(options)?, client.open(py)?.settings()).or_raise(py)?;
    Ok((request, options))
}

#[pymethods]
impl Stream {
    #[new]
    fn new(client: &Bound<'_, NativeClient>, request: &Bound<'_, PyAny>, options: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(client.py(), || Ok(Self(Arc::new(call(client.get(), request, options)?))))
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        guarded(py, || match next(&self.0, py)? {
            Some(event) => events::to_py(py, event).map(Some),
            None => Ok(None),
        })
    }

    /// Starts the call, if it was not started.
    fn _start(&self, py: Python<'_>) -> PyResult<()> {
        guarded(py, || self.0.started(py).map(|_| ()))
    }

    /// The texts only.
    fn _texts(&self) -> Texts {
        Texts(self.0.clone())
    }

    /// The events that are there, at most so many, after waiting for the first; `None` at the end.
    fn _batch<'py>(&self, py: Python<'py>, max: usize) -> PyResult<Option<Bound<'py, PyList>>> {
        guarded(py, || {
            self.0.started(py)?;
            let mut taken = self.0.read()?;
            if taken.is_empty() && !self.0.wait(py, &mut taken)? {
                drop(taken);
                self.0.outcome(py)?;
                return Ok(None);
            }
            batch(py, &mut taken, max).map(Some)
        })
    }

    /// Reads to the end and gives the whole answer.
    fn _response(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guarded(py, || {
            if !self.0.is_complete() || !self.0.is_closed() {
                let handle = self.0.started(py)?;
                let mut taken = self.0.read()?;
                self.0.only_end(handle, true);
                loop {
                    taken.clear();
                    if !self.0.wait(py, &mut taken)? {
                        break;
                    }
                }
                drop(taken);
                self.0.outcome(py)?;
            }
            self.0.response(py)
        })
    }

    /// What is known of the call by now.
    fn _known<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        known(&self.0, py)
    }

    /// Ends the call and closes its connection. Any thread may do so; twice is as good as once.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.0.is_closed()
    }
}

/// The next event; `None` at the end.
fn next(core: &Core, py: Python<'_>) -> PyResult<Option<Event>> {
    core.started(py)?;
    let mut taken = core.read()?;
    if let Some(event) = taken.pop_front() {
        return Ok(Some(event));
    }
    if core.wait(py, &mut taken)? {
        return Ok(taken.pop_front());
    }
    drop(taken);
    core.outcome(py)?;
    Ok(None)
}

/// At most so many of the events that were taken.
pub fn batch<'py>(
    py: Python<'py>,
    taken: &mut std::collections::VecDeque<Event>,
    max: usize,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    let count = taken.len().min(max.max(1));
    for event in taken.drain(..count) {
        list.append(events::to_py(py, event)?)?;
    }
    Ok(list)
}

/// What is known of the call by now, as a dict.
pub fn known<'py>(core: &Core, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    convert::to_py(py, &core.known())
}

/// The texts of a stream.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct Texts(Arc<Core>);

#[pymethods]
impl Texts {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyString>>> {
        guarded(py, || {
            loop {
                match next(&self.0, py)? {
                    None => return Ok(None),
                    Some(Event::TextDelta(delta)) => return Ok(Some(PyString::new(py, &delta.delta).unbind())),
                    Some(_) => {}
                }
            }
        })
    }
}
