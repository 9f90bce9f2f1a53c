//! `openclaw_core._native`: the embed module of the core as Python objects. No logic of its own; the names that people
//! use are in `python/openclaw_core/`.
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod aio;
mod auth;
mod client;
mod config;
mod convert;
mod core;
mod diagnose;
mod errors;
mod events;
mod host;
mod log;
mod pause;
mod sync;
mod testing;
mod wait;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::aio::{AsyncStream, AsyncTexts, OnceStep, Step};
    #[pymodule_export]
    use crate::auth::{NativeLogins, NativeSignIn};
    #[pymodule_export]
    use crate::client::NativeClient;
    #[pymodule_export]
    use crate::config::{config_check, config_default_path, config_explain, config_repair, config_schema};
    #[pymodule_export]
    use crate::diagnose::{diagnose, diagnose_async};
    #[pymodule_export]
    use crate::events::{ReasoningDelta, ReasoningSummaryDelta, RefusalDelta, TextDelta, ToolInputDelta};
    #[pymodule_export]
    use crate::host::{HostJob, host_take};
    #[pymodule_export]
    use crate::sync::{Stream, Texts};
    #[pymodule_export]
    use crate::testing::{
        NativeServer, bench_client, chain_for_tests, contract_for_tests, panic_for_tests, scenarios, token,
    };
    #[pymodule_export]
    use crate::wait::Waker;
    #[pymodule_export]
    use crate::{after_fork, build_info, classify_line, error_kinds, image_url, is_retryable, shutdown};

    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        openclaw_core::embed::keep_journal();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// Judges a line of evidence: JSON in, JSON out.
#[pyfunction]
fn classify_line(py: Python<'_>, line: &str) -> PyResult<String> {
    use crate::errors::OrRaise;
    errors::guarded(py, || Ok(openclaw_core::classify_json_line(line).or_raise(py)?.to_string()))
}

/// The stable names of all kinds of errors.
#[pyfunction]
fn error_kinds() -> Vec<&'static str> {
    openclaw_core::ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect()
}

/// Whether an error with this advice can pass by itself.
#[pyfunction]
fn is_retryable(advice: &str) -> bool {
    openclaw_core::Advice::from_name(advice).is_some_and(openclaw_core::Advice::is_retryable)
}

/// The `data:` address of an image.
#[pyfunction]
fn image_url(py: Python<'_>, bytes: &[u8], media_type: Option<&str>) -> PyResult<String> {
    use crate::errors::OrRaise;
    openclaw_core::embed::image_url(bytes, media_type).or_raise(py)
}

/// How this library was built.
#[pyfunction]
fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    convert::to_py(py, &openclaw_core::embed::build_info())
}

/// In the child of a fork: what the parent had is left alone.
#[pyfunction]
fn after_fork() {
    openclaw_core::embed::forget_after_fork();
}

/// When the interpreter ends: nobody is woken any more, calls are cancelled, the thread is joined.
#[pyfunction]
fn shutdown(py: Python<'_>) {
    wait::stop_waking();
    py.detach(|| openclaw_core::embed::shutdown_shared(std::time::Duration::from_secs(2)));
}
