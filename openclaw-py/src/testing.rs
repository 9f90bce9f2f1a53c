//! The embedded server, and what tests and benches need beside it.

use std::sync::{Arc, Mutex};

use openclaw_core::embed::{Client, OnceHandle, Runtime};
use openclaw_core::failover::{Candidate, Chain};
use openclaw_core::testing::conformance::check_provider;
use openclaw_core::testing::{IssuerFault, Scenario, Script, ScriptedProvider, TestServer, forged_token};
use openclaw_core::transport::RetryPolicy;
use openclaw_core::{CallOptions, Capabilities, EventStream, ModelRef, Provider, ProviderId, Request};
use pyo3::prelude::*;
use serde_json::Value;

use crate::aio;
use crate::client::NativeClient;
use crate::convert;
use crate::core::lock;
use crate::errors::{OrRaise, closed, guarded};

/// The embedded server.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct NativeServer(Mutex<Option<Arc<TestServer>>>);

impl NativeServer {
    fn running(&self, py: Python<'_>) -> PyResult<Arc<TestServer>> {
        lock(&self.0).clone().ok_or_else(|| closed(py, "the server is closed: make a new one"))
    }
}

/// Waits on the calling thread; Ctrl-C ends it.
fn wait(py: Python<'_>, condition: impl Future<Output = openclaw_core::Result<()>> + Send + 'static) -> PyResult<()> {
    guarded(py, || {
        let handle = OnceHandle::start(&Runtime::shared().or_raise(py)?, condition).or_raise(py)?;
        aio::wait(py, &handle).map(|_| ())
    })
}

fn scenario(py: Python<'_>, name: &str) -> PyResult<Scenario> {
    let known = || Scenario::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ");
    let wrong = || openclaw_core::Error::config(format!("there is no scenario {name:?}; there are {}", known()));
    Scenario::from_name(name).ok_or_else(wrong).or_raise(py)
}

fn script(value: &Bound<'_, PyAny>) -> PyResult<Script> {
    Script::from_json(&convert::from_py("script", value)?.to_string()).or_raise(value.py())
}

#[pymethods]
impl NativeServer {
    #[new]
    fn new(
        py: Python<'_>,
        scenario_name: Option<&str>,
        script_form: Option<&Bound<'_, PyAny>>,
        check_requests: bool,
        record_to: Option<String>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let mut builder = TestServer::builder().check_requests(check_requests);
            if let Some(name) = scenario_name {
                builder = builder.scenario(scenario(py, name)?);
            }
            if let Some(form) = script_form {
                builder = builder.script(script(form)?);
            }
            if let Some(path) = record_to {
                builder = builder.record_to(path);
            }
            let server = py.detach(|| builder.start_blocking()).or_raise(py)?;
            server.set_device_interval(std::time::Duration::from_secs(1));
            Ok(Self(Mutex::new(Some(Arc::new(server)))))
        })
    }

    fn address(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.running(py)?.addr().to_string())
    }

    fn codex_base_url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.running(py)?.codex_base_url())
    }

    fn platform_base_url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.running(py)?.platform_base_url())
    }

    fn issuer_url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.running(py)?.issuer_url())
    }

    fn issuer_counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let counts = serde_json::to_value(self.running(py)?.issuer_counts()).unwrap_or_default();
        convert::to_py(py, &counts)
    }

    fn decide_sign_in(&self, py: Python<'_>, url: &str, allow: bool) -> PyResult<String> {
        self.running(py)?.decide_sign_in(url, allow).or_raise(py)
    }

    fn decide_device(&self, py: Python<'_>, code: &str, allow: bool) -> PyResult<bool> {
        Ok(self.running(py)?.decide_device(code, allow))
    }

    fn fail_sign_in(&self, py: Python<'_>, fault: &str, times: u32) -> PyResult<()> {
        let names = || IssuerFault::ALL.iter().map(|fault| fault.as_str()).collect::<Vec<_>>().join(", ");
        let wrong = || openclaw_core::Error::config(format!("there is no fault {fault:?}; there are {}", names()));
        let fault = IssuerFault::from_name(fault).ok_or_else(wrong).or_raise(py)?;
        self.running(py)?.fail_sign_in(fault, times);
        Ok(())
    }

    fn set_scenario(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        self.running(py)?.set_scenario(scenario(py, name)?);
        Ok(())
    }

    fn set_script(&self, py: Python<'_>, form: &Bound<'_, PyAny>) -> PyResult<()> {
        self.running(py)?.set_script(script(form)?);
        Ok(())
    }

    fn requests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let form = |request| serde_json::to_value(request).unwrap_or_default();
        let all: Vec<Value> = self.running(py)?.requests().iter().map(form).collect();
        convert::to_py(py, &Value::Array(all))
    }

    fn request_count(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.running(py)?.request_count())
    }

    fn open_connections(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.running(py)?.open_connections())
    }

    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        self.running(py)?.clear();
        Ok(())
    }

    fn wait_for_requests(&self, py: Python<'_>, count: usize) -> PyResult<()> {
        let server = self.running(py)?;
        wait(py, async move { server.wait_for_requests(count).await.map(|_| ()) })
    }

    fn wait_for_connections(&self, py: Python<'_>, count: usize) -> PyResult<()> {
        let server = self.running(py)?;
        wait(py, async move { server.wait_for_connections(count).await })
    }

    fn close(&self, py: Python<'_>) {
        let server = lock(&self.0).take();
        py.detach(|| drop(server));
    }
}

impl Drop for NativeServer {
    fn drop(&mut self) {
        // The server joins its thread, which must not happen with the interpreter held for long; it takes no time, for
        // the thread ends at once.
        drop(lock(&self.0).take());
    }
}

/// The names and descriptions of the scenarios.
#[pyfunction]
pub fn scenarios() -> Vec<(&'static str, &'static str)> {
    Scenario::ALL.iter().map(|scenario| (scenario.as_str(), scenario.description())).collect()
}

/// A token of this account that only an embedded server takes.
#[pyfunction(name = "forged_token")]
pub fn token(account: &str) -> String {
    forged_token(account)
}

/// A client whose first call gives so many pieces of text, without a network: for benches.
#[pyfunction]
pub fn bench_client(py: Python<'_>, count: usize) -> PyResult<NativeClient> {
    let provider = ScriptedProvider::new("bench").text("word ".repeat(count));
    Ok(NativeClient::from_client(Client::with_provider(Arc::new(provider), false).or_raise(py)?))
}

/// Makes two calls of a client's provider and says how it breaks the contract of streams; `None` when it keeps it.
#[pyfunction]
pub fn contract_for_tests(py: Python<'_>, client: &NativeClient) -> PyResult<Option<String>> {
    guarded(py, || {
        let client = client.open(py)?;
        let (provider, runtime) = (client.provider().or_raise(py)?, client.runtime().or_raise(py)?);
        let (request, options) = (Request::new("m").user("hi"), CallOptions::new());
        let checked = py.detach(|| runtime.block_on(check_provider(&provider, &request, &options)));
        Ok(checked.or_raise(py)?.err())
    })
}

/// A chain of these clients' providers and, behind them, one that says `Hello`.
#[pyfunction]
pub fn chain_for_tests(py: Python<'_>, clients: Vec<Py<NativeClient>>) -> PyResult<NativeClient> {
    guarded(py, || {
        let mut chain = Chain::builder().retry(RetryPolicy::never());
        for (place, client) in clients.iter().enumerate() {
            let provider = client.get().open(py)?.provider().or_raise(py)?;
            let model = ModelRef::new(provider.id().as_str(), &format!("m{place}"));
            chain = chain.candidate(Candidate::new(model, provider));
        }
        let last = Candidate::new(ModelRef::new("last", "m"), ScriptedProvider::new("last").text("Hello"));
        let chain = chain.candidate(last).build().or_raise(py)?;
        Ok(NativeClient::from_client(Client::with_provider(Arc::new(chain), false).or_raise(py)?))
    })
}

/// Panics: in this function, or in the calls of the client that it gives.
#[pyfunction]
pub fn panic_for_tests(py: Python<'_>, here: bool) -> PyResult<NativeClient> {
    guarded(py, || {
        assert!(!here, "asked for by a test");
        Ok(NativeClient::from_client(
            Client::with_provider(Arc::new(Panics(ProviderId::new("panics"))), false).or_raise(py)?,
        ))
    })
}

#[derive(Debug)]
struct Panics(ProviderId);

#[async_trait::async_trait]
impl Provider for Panics {
    fn id(&self) -> &ProviderId {
        &self.0
    }

    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }

    async fn stream(&self, request: &Request, _: &CallOptions) -> openclaw_core::Result<EventStream> {
        assert!(request.model.is_empty(), "asked for by a test");
        Ok(EventStream::from_events([]))
    }
}
