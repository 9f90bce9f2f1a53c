//! OpenClaw's configuration: judged, repaired, explained. Dicts in, dicts out; the names are in `config.py`.

use openclaw_core::config;
use openclaw_core::embed::ConfigSource;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use serde_json::json;

use crate::convert;
use crate::errors::{OrRaise, guarded, raise};

fn source(source: &Bound<'_, PyAny>) -> PyResult<ConfigSource> {
    ConfigSource::from_json(&convert::from_fields(source)?.to_string()).or_raise(source.py())
}

/// Judges a configuration: the report, and the exception to raise if only a valid one will do.
#[pyfunction]
pub fn config_check<'py>(py: Python<'py>, asked: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    guarded(py, || {
        let source = source(asked)?;
        let checked = py.detach(|| source.check()).or_raise(py)?;
        let error = checked.to_error().map(|error| raise(py, &error).into_value(py));
        (convert::to_py(py, &checked.to_json())?, error).into_pyobject(py)
    })
}

/// Works out the repair of a configuration, and writes it if it is asked to.
#[pyfunction]
pub fn config_repair<'py>(py: Python<'py>, asked: &Bound<'py, PyAny>, write: bool) -> PyResult<Bound<'py, PyAny>> {
    guarded(py, || {
        let source = source(asked)?;
        let repair = py.detach(|| source.repair(write)).or_raise(py)?;
        convert::to_py(py, &repair)
    })
}

/// The JSON Schema of the configuration.
#[pyfunction]
pub fn config_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    guarded(py, || convert::to_py(py, &config::schema()))
}

/// What a key means; `None` if there is none.
#[pyfunction]
pub fn config_explain<'py>(py: Python<'py>, path: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    guarded(py, || config::explain(path).map(|found| convert::to_py(py, &json!(found))).transpose())
}

/// Where OpenClaw looks for its configuration; `None` if no home folder is known.
#[pyfunction]
pub fn config_default_path() -> Option<String> {
    config::default_path(&config::Options::of_process().env).map(|path| path.display().to_string())
}
