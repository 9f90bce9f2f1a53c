//! JSON values in both directions. No module `json` is needed for that, and what is wrong is named with its place.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde_json::{Map, Number, Value};

/// Deeper than any request is, and than `serde_json` reads.
const MAX_DEPTH: usize = 100;

/// A JSON value as plain Python objects.
pub fn to_py<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into_pyobject(py)?.into_any(),
            (None, Some(number)) => number.into_pyobject(py)?.into_any(),
            (None, None) => PyFloat::new(py, number.as_f64().unwrap_or(f64::NAN)).into_any(),
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(list) => {
            let out = PyList::empty(py);
            for value in list {
                out.append(to_py(py, value)?)?;
            }
            out.into_any()
        }
        Value::Object(map) => {
            let out = PyDict::new(py);
            for (key, value) in map {
                out.set_item(PyString::intern(py, key), to_py(py, value)?)?;
            }
            out.into_any()
        }
    })
}

/// Plain Python objects, or objects with a `to_dict`, as a JSON value.
///
/// # Errors
/// `TypeError` or `ValueError`; both name the place, such as `input[2].content`.
pub fn from_py(what: &str, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    read(&mut what.to_owned(), value, 0)
}

fn read(path: &mut String, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > MAX_DEPTH {
        return Err(PyValueError::new_err(format!("{path} is nested too deeply, or contains itself")));
    }
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Value::String(text_of(path, text)?));
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        if let Ok(number) = value.extract::<i64>() {
            return Ok(number.into());
        }
        return match value.extract::<u64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => Err(PyValueError::new_err(format!("{path} is an integer of more than 64 bits"))),
        };
    }
    if value.is_instance_of::<PyFloat>() {
        let number = Number::from_f64(value.extract()?);
        return number
            .map(Value::Number)
            .ok_or_else(|| PyValueError::new_err(format!("{path} is not finite, which JSON cannot say")));
    }
    let length = path.len();
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let mut list = Vec::new();
        for (index, value) in value.try_iter()?.enumerate() {
            path.push_str(&format!("[{index}]"));
            list.push(read(path, &value?, depth + 1)?);
            path.truncate(length);
        }
        return Ok(Value::Array(list));
    }
    if let Ok(map) = value.cast::<PyMapping>() {
        let mut out = Map::new();
        for pair in map.items()? {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
            let Ok(key) = key.cast::<PyString>() else {
                let of = key.get_type().name()?;
                return Err(PyTypeError::new_err(format!("{path} has a key of type {of}; keys are strings")));
            };
            let key = text_of(path, key)?;
            path.push_str(&format!(".{key}"));
            out.insert(key, read(path, &value, depth + 1)?);
            path.truncate(length);
        }
        return Ok(Value::Object(out));
    }
    // Not on classes: their `to_dict` wants an instance.
    if let Some(method) = value.getattr_opt("to_dict")?.filter(|_| !value.is_instance_of::<pyo3::types::PyType>()) {
        return read(path, &method.call0()?, depth + 1);
    }
    let hint = if value.is_instance_of::<PyBytes>() { "; decode bytes first, or encode them as base64" } else { "" };
    let of = value.get_type().name()?;
    Err(PyTypeError::new_err(format!("{path} is of type {of}, which has no JSON form{hint}")))
}

fn text_of(path: &str, text: &Bound<'_, PyString>) -> PyResult<String> {
    match text.to_cow() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(PyValueError::new_err(format!("{path} contains half of a surrogate pair, which is no text"))),
    }
}

/// The same for a dict of arguments: its keys are the names that errors begin with.
///
/// # Errors
/// As [`from_py`].
pub fn from_fields(fields: &Bound<'_, PyAny>) -> PyResult<Value> {
    map_of(fields).map(Value::Object)
}

/// The same as a map.
///
/// # Errors
/// As [`from_py`].
pub fn map_of(fields: &Bound<'_, PyAny>) -> PyResult<Map<String, Value>> {
    let mut out = Map::new();
    for pair in fields.cast::<PyMapping>().map_err(PyErr::from)?.items()? {
        let (key, value): (String, Bound<'_, PyAny>) = pair.extract()?;
        if !value.is_none() {
            let value = from_py(&key, &value)?;
            out.insert(key, value);
        }
    }
    Ok(out)
}
