//! What is wrong on this machine. The names are in `_diagnose.py`.

use openclaw_core::embed::DiagnoseSettings;
use pyo3::prelude::*;

use crate::aio::{OnceStep, wait};
use crate::convert;
use crate::errors::{OrRaise, guarded};

fn settings(asked: &Bound<'_, PyAny>) -> PyResult<DiagnoseSettings> {
    DiagnoseSettings::from_json(&convert::from_fields(asked)?.to_string()).or_raise(asked.py())
}

/// Looks, asks if it is told to, and gives the diagnosis.
#[pyfunction]
pub fn diagnose<'py>(py: Python<'py>, asked: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    guarded(py, || wait(py, &settings(asked)?.start().or_raise(py)?))
}

/// The same, to be awaited.
#[pyfunction]
pub fn diagnose_async(py: Python<'_>, asked: &Bound<'_, PyAny>) -> PyResult<OnceStep> {
    guarded(py, || Ok(OnceStep::new(settings(asked)?.start().or_raise(py)?)))
}
