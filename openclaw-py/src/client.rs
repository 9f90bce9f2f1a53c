//! The client.

use openclaw_core::embed::{ChainSettings, Client, ClientSettings};
use pyo3::prelude::*;
use serde_json::json;

use crate::aio::{OnceStep, wait};
use crate::convert;
use crate::errors::{OrRaise, closed, guarded};

/// What both clients are made of.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct NativeClient(Client);

impl NativeClient {
    pub fn from_client(client: Client) -> Self {
        Self(client)
    }

    /// The client, unless it was closed.
    pub fn open(&self, py: Python<'_>) -> PyResult<&Client> {
        if self.0.is_closed() {
            return Err(closed(py, "the client is closed: make a new one"));
        }
        Ok(&self.0)
    }
}

#[pymethods]
impl NativeClient {
    #[new]
    fn new(py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(py, || {
            let text = convert::from_fields(settings)?.to_string();
            let made = py.detach(|| ClientSettings::from_json(&text).and_then(Client::new));
            Ok(Self(made.or_raise(py)?))
        })
    }

    /// One that asks these models one after the other, each with its client.
    #[staticmethod]
    fn chain(
        py: Python<'_>,
        members: Vec<(String, PyRef<'_, NativeClient>)>,
        settings: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let text = convert::from_fields(settings)?.to_string();
            let members = members.iter().map(|(model, client)| Ok((model.clone(), client.open(py)?.clone())));
            let members = members.collect::<PyResult<Vec<_>>>()?;
            let made = py.detach(|| Client::chain(members, ChainSettings::from_json(&text)?));
            Ok(Self(made.or_raise(py)?))
        })
    }

    /// One that follows OpenClaw's configuration.
    #[staticmethod]
    fn from_config(py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(py, || {
            let text = convert::from_fields(settings)?.to_string();
            let made = py.detach(|| ChainSettings::of_config(&text).and_then(Client::from_config));
            Ok(Self(made.or_raise(py)?))
        })
    }

    /// Which login it uses.
    fn login<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || {
            let login = self.open(py)?.login().or_raise(py)?;
            convert::to_py(py, &json!({"source": login.source, "profile": login.profile, "notes": login.notes}))
        })
    }

    /// The id of the provider.
    fn provider(&self, py: Python<'_>) -> PyResult<String> {
        guarded(py, || Ok(self.open(py)?.provider().or_raise(py)?.id().as_str().to_owned()))
    }

    fn models<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || wait(py, &self.open(py)?.models().or_raise(py)?))
    }

    fn plan_usage<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || wait(py, &self.open(py)?.plan_usage().or_raise(py)?))
    }

    fn models_async(&self, py: Python<'_>) -> PyResult<OnceStep> {
        guarded(py, || Ok(OnceStep::new(self.open(py)?.models().or_raise(py)?)))
    }

    fn plan_usage_async(&self, py: Python<'_>) -> PyResult<OnceStep> {
        guarded(py, || Ok(OnceStep::new(self.open(py)?.plan_usage().or_raise(py)?)))
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    #[getter]
    fn closed(&self) -> bool {
        self.0.is_closed()
    }
}
