//! Events. The pieces of text are native classes, for they come by the hundred; the others are records in Python.

use std::sync::Arc;

use openclaw_core::{Delta, Event};
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::convert;

/// An argument that is a text; empty if it is not given.
fn text(name: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
    value.map_or(Ok(String::new()), |value| checked("text", name, value)?.extract())
}

/// An argument that counts from 0; 0 if it is not given.
fn count(name: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<u32> {
    value.map_or(Ok(0), |value| checked("count", name, value)?.extract())
}

/// The value, looked at by a function of `_check`, so that the error is in the words of all others.
fn checked<'py>(kind: &str, name: &str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    value.py().import("openclaw_core._check")?.call_method1(kind, (name, value))
}

macro_rules! delta_class {
    ($name:ident, $type:literal, $doc:literal) => {
        #[doc = $doc]
        #[pyclass(frozen, module = "openclaw_core")]
        pub struct $name(Delta);

        #[pymethods]
        impl $name {
            #[classattr]
            fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
                ("delta", "item_id", "output_index", "part_index")
            }

            /// The name of the event.
            #[classattr]
            fn r#type(py: Python<'_>) -> Py<PyString> {
                PyString::intern(py, $type).unbind()
            }

            #[new]
            #[pyo3(signature = (delta, item_id=None, output_index=None, part_index=None))]
            #[pyo3(text_signature = "(delta, item_id='', output_index=0, part_index=0)")]
            fn new(
                delta: &Bound<'_, PyAny>,
                item_id: Option<&Bound<'_, PyAny>>,
                output_index: Option<&Bound<'_, PyAny>>,
                part_index: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Self> {
                let form = serde_json::json!({
                    "item_id": text("item_id", item_id)?, "output_index": count("output_index", output_index)?,
                    "part_index": count("part_index", part_index)?, "delta": text("delta", Some(delta))?,
                });
                let delta = serde_json::from_value(form);
                Ok(Self(delta.map_err(|e| pyo3::exceptions::PyValueError::new_err(e.to_string()))?))
            }

            /// The piece of text.
            #[getter]
            fn delta(&self) -> &str {
                &self.0.delta
            }

            /// The id of the item that grows.
            #[getter]
            fn item_id(&self) -> &str {
                &self.0.item_id
            }

            /// The item's place in the output.
            #[getter]
            fn output_index(&self) -> u32 {
                self.0.output_index
            }

            /// The part of the item: its content index, or its summary index.
            #[getter]
            fn part_index(&self) -> u32 {
                self.0.part_index
            }

            /// The JSON form as a dict.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let out = PyDict::new(py);
                out.set_item("type", PyString::intern(py, $type))?;
                out.set_item("item_id", &*self.0.item_id)?;
                out.set_item("output_index", self.0.output_index)?;
                out.set_item("part_index", self.0.part_index)?;
                out.set_item("delta", &self.0.delta)?;
                Ok(out)
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let text = PyString::new(py, &self.0.delta).repr()?;
                let item = PyString::new(py, &self.0.item_id).repr()?;
                let (output, part) = (self.0.output_index, self.0.part_index);
                let name = stringify!($name);
                Ok(format!("{name}(delta={text}, item_id={item}, output_index={output}, part_index={part})"))
            }

            fn __richcmp__(&self, other: &Bound<'_, PyAny>, op: CompareOp) -> Py<PyAny> {
                let py = other.py();
                let Ok(other) = other.cast::<Self>() else { return py.NotImplemented() };
                let equal = self.0 == other.get().0;
                match op {
                    CompareOp::Eq => pyo3::types::PyBool::new(py, equal).to_owned().into_any().unbind(),
                    CompareOp::Ne => pyo3::types::PyBool::new(py, !equal).to_owned().into_any().unbind(),
                    _ => py.NotImplemented(),
                }
            }

            fn __hash__(&self) -> u64 {
                use std::hash::{Hash, Hasher};
                let mut hasher = std::collections::hash_map::DefaultHasher::new();
                (&self.0.delta, &self.0.item_id, self.0.output_index, self.0.part_index).hash(&mut hasher);
                hasher.finish()
            }

            fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
                let delta = &slf.get().0;
                let fields = (&delta.delta, &*delta.item_id, delta.output_index, delta.part_index);
                Ok((slf.get_type(), fields.into_pyobject(slf.py())?))
            }
        }
    };
}

delta_class!(TextDelta, "text_delta", "A piece of the text of the answer.");
delta_class!(RefusalDelta, "refusal_delta", "A piece of the text of a refusal.");
delta_class!(ReasoningSummaryDelta, "reasoning_summary_delta", "A piece of the summary of the reasoning.");
delta_class!(ReasoningDelta, "reasoning_delta", "A piece of the reasoning itself, where a model gives it.");
delta_class!(
    ToolInputDelta,
    "tool_input_delta",
    "A piece of the input of a tool call: JSON text of a function's arguments, or free text."
);

/// An event as its Python object.
pub fn to_py(py: Python<'_>, event: Event) -> PyResult<Py<PyAny>> {
    Ok(match event {
        Event::TextDelta(delta) => Py::new(py, TextDelta(delta))?.into_any(),
        Event::RefusalDelta(delta) => Py::new(py, RefusalDelta(delta))?.into_any(),
        Event::ReasoningSummaryDelta(delta) => Py::new(py, ReasoningSummaryDelta(delta))?.into_any(),
        Event::ReasoningDelta(delta) => Py::new(py, ReasoningDelta(delta))?.into_any(),
        Event::ToolInputDelta(delta) => Py::new(py, ToolInputDelta(delta))?.into_any(),
        other => {
            static BUILD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            let build = BUILD.import(py, "openclaw_core._events", "event_of")?;
            build.call1((as_dict(py, &other)?,))?.unbind()
        }
    })
}

pub fn as_dict<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyAny>> {
    convert::to_py(py, &serde_json::to_value(event).unwrap_or_default())
}

/// An answer as its Python object.
pub fn response(py: Python<'_>, response: &Arc<openclaw_core::Response>) -> PyResult<Py<PyAny>> {
    static BUILD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let build = BUILD.import(py, "openclaw_core._types", "response_of")?;
    let value = serde_json::to_value(&**response).unwrap_or_default();
    Ok(build.call1((convert::to_py(py, &value)?,))?.unbind())
}
