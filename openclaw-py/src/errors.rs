//! Errors and panics as exceptions. The classes are written in Python; the record decides which one it is.

use std::panic::{AssertUnwindSafe, catch_unwind};

use openclaw_core::Error;
use openclaw_core::embed::{closed_as, panicked};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::convert;
use crate::host::Cause;

/// The exception for an error.
pub fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).unwrap_or_else(|e| e)
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    static BUILD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let build = BUILD.import(py, "openclaw_core._errors", "raised")?;
    let below = of_program(py, error);
    let made = build.call1((convert::to_py(py, &error.to_json())?, error.causes(), system_error(error), below))?;
    Ok(PyErr::from_value(made))
}

/// The exception of the program's own code below this one.
fn of_program(py: Python<'_>, error: &Error) -> Option<Py<PyBaseException>> {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref::<Cause>() {
            return Some(cause.exception(py));
        }
        next = cause.source();
    }
    None
}

/// The number of the system's error below this one: Python has a class for many of them.
fn system_error(error: &Error) -> Option<i32> {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if let Some(code) = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error) {
            return Some(code);
        }
        next = cause.source();
    }
    None
}

/// The same for a result.
pub trait OrRaise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raise(py, &error))
    }
}

/// A `ClosedError`.
pub fn closed(py: Python<'_>, message: &str) -> PyErr {
    raise(py, &closed_as(message))
}

/// Runs an entry point; a panic becomes a `PanicError`, which `except Exception` catches.
pub fn guarded<T>(py: Python<'_>, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| Err(raise(py, &panicked(&*payload))))
}
