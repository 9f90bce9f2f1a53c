//! The stream of a thread that blocks.

use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard};

use openclaw_core::embed::{options_from_map, request_from_map};
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
    let (request, options) = (convert::map_of(request)?, convert::map_of(options)?);
    let settings = client.open(py)?.settings();
    // A request can be many megabytes: other threads of Python go on meanwhile.
    py.detach(|| Ok((request_from_map(request)?, options_from_map(options, settings)?))).or_raise(py)
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

    /// The events in lists of at most so many.
    fn _batches(&self, max: usize) -> Batches {
        Batches { core: self.0.clone(), max }
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
    Ok(taken(core, py)?.and_then(|mut taken| taken.pop_front()))
}

/// The events that are there, after waiting for the first; `None` at the end.
fn taken<'a>(core: &'a Core, py: Python<'_>) -> PyResult<Option<MutexGuard<'a, VecDeque<Event>>>> {
    core.started(py)?;
    let mut taken = core.read()?;
    if taken.is_empty() && !core.wait(py, &mut taken)? {
        drop(taken);
        core.outcome(py)?;
        return Ok(None);
    }
    Ok(Some(taken))
}

/// At most so many of the events that were taken.
pub fn batch<'py>(py: Python<'py>, taken: &mut VecDeque<Event>, max: usize) -> PyResult<Bound<'py, PyList>> {
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

/// The events of a stream in lists. No generator: one that raised would end without a word when it is asked again.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct Batches {
    core: Arc<Core>,
    max: usize,
}

#[pymethods]
impl Batches {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        guarded(py, || match taken(&self.core, py)? {
            Some(mut taken) => batch(py, &mut taken, self.max).map(Some),
            None => Ok(None),
        })
    }
}
