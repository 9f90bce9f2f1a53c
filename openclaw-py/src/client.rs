//! The client.

use std::sync::{Arc, Weak};

use openclaw_core::embed::{ChainSettings, Client, ClientSettings, HostProvider, TokenKind, capabilities_from_json};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use serde_json::json;

use crate::aio::{OnceStep, wait};
use crate::convert;
use crate::errors::{OrRaise, closed, guarded};
use crate::host::{self, Part};

/// What both clients are made of.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct NativeClient {
    client: Client,
    /// What of the program's own it asks.
    part: Weak<Part>,
}

impl NativeClient {
    pub fn from_client(client: Client) -> Self {
        Self { client, part: Weak::new() }
    }

    /// The client, unless it was closed.
    pub fn open(&self, py: Python<'_>) -> PyResult<&Client> {
        if self.client.is_closed() {
            return Err(closed(py, "the client is closed: make a new one"));
        }
        host::serve(py)?;
        Ok(&self.client)
    }
}

#[pymethods]
impl NativeClient {
    #[new]
    fn new(py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(py, || {
            let settings = read(settings)?;
            Ok(Self::from_client(py.detach(|| Client::new(settings)).or_raise(py)?))
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
            Ok(Self::from_client(made.or_raise(py)?))
        })
    }

    /// One that follows OpenClaw's configuration.
    #[staticmethod]
    fn from_config(py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(py, || {
            let text = convert::from_fields(settings)?.to_string();
            let made = py.detach(|| ChainSettings::of_config(&text).and_then(Client::from_config));
            Ok(Self::from_client(made.or_raise(py)?))
        })
    }

    /// A client around a provider of the program's own: `part` is asked.
    #[staticmethod]
    fn around(
        py: Python<'_>,
        settings: &Bound<'_, PyAny>,
        part: Py<PyAny>,
        id: &str,
        capabilities: Option<&Bound<'_, PyAny>>,
        has_models: bool,
    ) -> PyResult<Self> {
        guarded(py, || {
            let (post, part) = host::post(part);
            let mut provider = HostProvider::new(id, post).or_raise(py)?.with_models(has_models);
            if let Some(given) = capabilities {
                let given = capabilities_from_json(convert::from_py("capabilities", given)?).or_raise(py)?;
                provider = provider.with_capabilities(given);
            }
            let client = Client::with_host_provider(read(settings)?, provider).or_raise(py)?;
            Ok(Self { client, part })
        })
    }

    /// A client whose tokens, or keys, the program gives: `part` is asked.
    #[staticmethod]
    fn with_tokens(py: Python<'_>, settings: &Bound<'_, PyAny>, part: Py<PyAny>, are_keys: bool) -> PyResult<Self> {
        guarded(py, || {
            let (post, part) = host::post(part);
            let settings = read(settings)?;
            let kind = if are_keys { TokenKind::ApiKey } else { TokenKind::Token };
            Ok(Self { client: py.detach(|| Client::with_tokens(settings, post, kind)).or_raise(py)?, part })
        })
    }

    /// A provider may hold the client that holds it. What other handles hold too is left to them.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self.part.upgrade() {
            // Held by the one way to post, and by us just now.
            Some(part) if Arc::strong_count(&part) == 2 && self.client.is_sole() => visit.call(&part.0),
            _ => Ok(()),
        }
    }

    fn __clear__(&self) {
        self.client.close();
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
        guarded(py, || host::from_loop(py, || Ok(OnceStep::new(self.open(py)?.models().or_raise(py)?))))
    }

    fn plan_usage_async(&self, py: Python<'_>) -> PyResult<OnceStep> {
        guarded(py, || host::from_loop(py, || Ok(OnceStep::new(self.open(py)?.plan_usage().or_raise(py)?))))
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.client.close());
    }

    #[getter]
    fn closed(&self) -> bool {
        self.client.is_closed()
    }
}

fn read(settings: &Bound<'_, PyAny>) -> PyResult<ClientSettings> {
    let text = convert::from_fields(settings)?.to_string();
    ClientSettings::from_json(&text).or_raise(settings.py())
}
