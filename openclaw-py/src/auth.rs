//! The stored logins, and a sign-in that Python pulls. Dicts in, dicts out; the names are in `auth.py`.

use openclaw_core::auth::ProfileId;
use openclaw_core::embed::{LoginSettings, Logins, SignInHandle, SignInSettings};
use openclaw_core::{ProviderId, Result};
use pyo3::prelude::*;

use crate::aio::{Answer, OnceStep, wait};
use crate::convert;
use crate::errors::{OrRaise, guarded};

/// The logins of a store.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct NativeLogins(Logins);

/// Starts the work and waits for it on this thread.
fn done<'py>(py: Python<'py>, started: Result<impl Answer>) -> PyResult<Bound<'py, PyAny>> {
    guarded(py, || wait(py, &started.or_raise(py)?))
}

/// The same for a task that awaits it.
fn later(py: Python<'_>, started: Result<impl Answer + 'static>) -> PyResult<OnceStep> {
    guarded(py, || Ok(OnceStep::new(started.or_raise(py)?)))
}

#[pymethods]
impl NativeLogins {
    #[new]
    fn new(py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(py, || {
            let text = convert::from_fields(settings)?.to_string();
            let made = py.detach(|| LoginSettings::from_json(&text).and_then(Logins::new));
            Ok(Self(made.or_raise(py)?))
        })
    }

    fn list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        done(py, self.0.list())
    }

    fn get<'py>(&self, py: Python<'py>, profile: String) -> PyResult<Bound<'py, PyAny>> {
        done(py, self.0.get(profile.into()))
    }

    fn remove<'py>(&self, py: Python<'py>, profile: String) -> PyResult<Bound<'py, PyAny>> {
        done(py, self.0.remove(profile.into()))
    }

    fn repair<'py>(&self, py: Python<'py>, dry_run: bool) -> PyResult<Bound<'py, PyAny>> {
        done(py, self.0.repair(dry_run))
    }

    fn clear_health<'py>(
        &self,
        py: Python<'py>,
        profile: Option<String>,
        provider: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        done(py, self.0.clear_health(profile.map(ProfileId::from), provider.map(ProviderId::new)))
    }

    fn set_order(&self, py: Python<'_>, provider: &str, order: Option<Vec<String>>) -> PyResult<()> {
        let order = order.map(|ids| ids.into_iter().map(ProfileId::from).collect());
        done(py, self.0.set_order(ProviderId::new(provider), order)).map(drop)
    }

    fn refresh<'py>(&self, py: Python<'py>, profile: String, if_due: bool) -> PyResult<Bound<'py, PyAny>> {
        done(py, self.0.refresh(profile.into(), if_due))
    }

    fn refresh_async(&self, py: Python<'_>, profile: String, if_due: bool) -> PyResult<OnceStep> {
        later(py, self.0.refresh(profile.into(), if_due))
    }

    fn sign_out<'py>(&self, py: Python<'py>, profile: Option<String>) -> PyResult<Bound<'py, PyAny>> {
        done(py, self.0.sign_out(profile.map(ProfileId::from)))
    }

    fn sign_out_async(&self, py: Python<'_>, profile: Option<String>) -> PyResult<OnceStep> {
        later(py, self.0.sign_out(profile.map(ProfileId::from)))
    }

    fn sign_in(&self, py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<NativeSignIn> {
        guarded(py, || {
            let text = convert::from_fields(settings)?.to_string();
            let started = SignInSettings::from_json(&text).and_then(|settings| self.0.sign_in(settings));
            Ok(NativeSignIn(started.or_raise(py)?))
        })
    }
}

/// A sign-in under way.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct NativeSignIn(SignInHandle);

#[pymethods]
impl NativeSignIn {
    /// The next step, waited for.
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        done(py, self.0.next())
    }

    fn next_async(&self, py: Python<'_>) -> PyResult<OnceStep> {
        later(py, self.0.next())
    }

    fn answer(&self, text: &str) {
        self.0.answer(text);
    }

    /// Ends it; its port is free when this returns.
    fn cancel(&self, py: Python<'_>) {
        py.detach(|| self.0.cancel());
    }
}
