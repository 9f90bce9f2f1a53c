//! Errors and panics as exceptions. The classes are written in Python; the record decides which one it is.

use std::panic::{AssertUnwindSafe, catch_unwind};

use openclaw_core::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use serde_json::json;

use crate::convert;

/// The exception for an error.
pub fn raise(py: Python<'_>, error: &Error) -> PyErr {
    from_record(py, &error.to_json()).unwrap_or_else(|e| e)
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

/// An exception that only the binding knows: `closed`, `forked`, `panic`.
pub fn special(py: Python<'_>, code: &str, message: &str) -> PyErr {
    let kind = if code == "panic" { "unknown" } else { "config" };
    let advice = if code == "panic" { "none" } else { "fix_config" };
    let record = json!({"kind": kind, "stage": "not_sent", "advice": advice, "message": message, "code": code});
    from_record(py, &record).unwrap_or_else(|e| e)
}

fn from_record(py: Python<'_>, record: &serde_json::Value) -> PyResult<PyErr> {
    static BUILD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let build = BUILD.import(py, "openclaw_core._errors", "error_from_dict")?;
    Ok(PyErr::from_value(build.call1((convert::to_py(py, record)?,))?))
}

/// Runs an entry point; a panic becomes a `PanicError`, which `except Exception` catches.
pub fn guarded<T>(py: Python<'_>, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let said = said.unwrap_or("no words");
        Err(special(py, "panic", &format!("a fault inside the library, please report it: {said}")))
    })
}
