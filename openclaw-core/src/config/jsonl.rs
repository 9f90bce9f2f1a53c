//! One configuration per line, judged exactly as OpenClaw 2026.4.5 judges it: for comparing the two.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Issue, MemoryFiles, Options, stages};
use crate::error::{Error, ErrorKind, Result, Stage};

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    config: String,
    #[serde(default)]
    env: Option<BTreeMap<String, String>>,
    #[serde(default)]
    files: Option<BTreeMap<String, String>>,
}

/// Judges one line `{"id", "config": "<text>", "env"?: {…}, "files"?: {"name": "text"}}`.
///
/// The answer is `{"id", "valid", "stage", "issues": […], "warnings": […]}`: the issues of the first step at which
/// OpenClaw would stop (`stage`, or `null`), in its words and order. `files` lie beside the configuration, in the
/// folder `$CONFIG_DIR`.
///
/// # Errors
/// `invalid_request` if the line is not such an object.
///
/// ```
/// # fn main() -> openclaw_core::Result<()> {
/// let answer = openclaw_core::config::check_json_line(r#"{"id": 1, "config": "{ gateway: { port: 0 } }"}"#)?;
/// assert_eq!(answer["stage"], "schema");
/// assert_eq!(answer["issues"][0]["path"], "gateway.port");
/// # Ok(())
/// # }
/// ```
pub fn check_json_line(line: &str) -> Result<Value> {
    let line: Line = serde_json::from_str(line)
        .map_err(|error| Error::new(ErrorKind::InvalidRequest, Stage::NotSent, format!("not a case: {error}")))?;
    let folder = PathBuf::from("$CONFIG_DIR");
    let files = line.files.unwrap_or_default().into_iter().map(|(name, text)| (folder.join(name), text));
    let options = Options::default()
        .env(line.env.unwrap_or_default())
        .files(Arc::new(MemoryFiles::new(files)))
        .path(folder.join("openclaw.json"));
    let report = stages::first(&line.config, &options);
    let stage = report.errors().next().map(|issue| issue.stage);
    let listed =
        |errors: bool| report.issues.iter().filter(|issue| issue.is_error() == errors).collect::<Vec<&Issue>>();
    Ok(json!({
        "id": line.id,
        "valid": report.valid,
        "stage": stage,
        "issues": listed(true),
        "warnings": listed(false),
    }))
}
