//! Logging, where Python calls us: the worker keeps what it has to tell until then.

use openclaw_core::auth::ProfileId;
use openclaw_core::embed::take_journal;
use openclaw_core::observe::{error_text, log_text};
use openclaw_core::{Error, Event};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use serde_json::json;

use crate::convert;
use crate::events::as_dict;

/// Told with its facts by an event of the journal, and there without the name of a profile.
const IN_THE_JOURNAL: [&str; 2] = ["candidate_skipped", "candidate_unusable"];

/// What a person should know of is logged where the event is taken, whether it is handed on or not.
pub fn event(py: Python<'_>, event: &Event) -> PyResult<()> {
    static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let shown = match event {
        Event::Warning(warning) if IN_THE_JOURNAL.contains(&warning.code.as_str()) => return Ok(()),
        Event::Warning(warning) => {
            // Its subject is a profile.
            let subject = match warning.code.as_str() {
                "implausible_rest" => ProfileId::from(warning.subject.as_str()).hashed(),
                _ => log_text(&warning.subject),
            };
            let message = log_text(&warning.message);
            let fields = json!({"type": "warning", "code": warning.code, "subject": subject, "message": message});
            convert::to_py(py, &fields)?
        }
        Event::Retrying { .. } => as_dict(py, event)?,
        _ => return Ok(()),
    };
    LOG.import(py, "openclaw_core._log", "event")?.call1((shown,))?;
    Ok(())
}

/// The error that ends a stream.
pub fn error(py: Python<'_>, error: &Error) -> PyResult<()> {
    static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let text = format!("{}: {}", error.kind(), error_text(error));
    LOG.import(py, "openclaw_core._log", "error")?.call1((text, error.request_id()))?;
    Ok(())
}

/// What the library decided since the last time, whoever's call it was.
pub fn journal(py: Python<'_>) -> PyResult<()> {
    static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    for line in take_journal() {
        let fields = convert::to_py(py, &line.fields.into())?;
        LOG.import(py, "openclaw_core._log", "decision")?.call1((line.level, line.message, fields))?;
    }
    Ok(())
}
