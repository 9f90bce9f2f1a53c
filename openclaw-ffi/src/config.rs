//! An `openclaw.json`: judged, repaired, and its schema.

use std::mem::offset_of;
use std::sync::OnceLock;

use openclaw_core::embed::{CheckedConfig, ConfigSource};
use serde_json::{Map, Value};

use crate::error::openclaw_error;
use crate::guard::{Fault, Handle, Result, enter, free, give, quietly, read, with};
use crate::issue::{Issues, openclaw_config_issue};
use crate::status::*;
use crate::text::{Text, openclaw_str, place};
use crate::versioned::{Versioned, read_struct};

/// Which configuration is meant. Begin with `OPENCLAW_CONFIG_SOURCE_INIT`; as it is then, it means the file that
/// OpenClaw itself would read. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_config_source {
    /// The size of this struct in the host's header; `OPENCLAW_CONFIG_SOURCE_INIT` sets it.
    pub struct_size: u32,
    /// The configuration itself. If its `ptr` is NULL, it is read from `path`; `openclaw_cstr("")` is an empty one.
    pub text: openclaw_str,
    /// The file; of a text, the file that it will be, in whose folder its includes are. If empty and without a text,
    /// where OpenClaw looks: `OPENCLAW_CONFIG_PATH`, `OPENCLAW_STATE_DIR`, `~/.openclaw/openclaw.json`.
    pub path: openclaw_str,
    /// A JSON object with any of: `env`, all environment variables that there are, those of the process unless given;
    /// `files`, what a text can include, by the path from its folder, that of the disk unless given; `assume_version`,
    /// for a repair: that of this library, if what a newer OpenClaw has written is to be treated as of this one;
    /// `text`; `path`. What is set beside it in this struct goes before it.
    pub settings_json: openclaw_str,
}

impl Versioned for openclaw_config_source {
    const FIRST_SIZE: usize = offset_of!(Self, settings_json) + size_of::<openclaw_str>();
}

impl openclaw_config_source {
    const INIT: Self = Self { struct_size: size_of::<Self>() as u32, text: NULL, path: NULL, settings_json: NULL };

    /// # Safety
    /// `source` must be NULL or point to a struct of the size that stands in its first field, with texts as `openclaw_str`
    /// says.
    unsafe fn read(source: *const Self) -> Result<ConfigSource> {
        // SAFETY: the caller promises the struct.
        let source = unsafe { read_struct(source, &Self::INIT, "source") }?;
        // SAFETY: the caller promises the texts.
        let (text, path, settings) = unsafe {
            (source.text.get("text")?, source.path.optional("path")?, source.settings_json.get("settings_json")?)
        };
        let text = (!source.text.ptr.is_null()).then_some(text);
        if text.is_none() && path.is_none() {
            return Ok(ConfigSource::from_json(settings)?);
        }
        // What the core refuses, it refuses of the whole.
        let mut fields = match serde_json::from_str(settings) {
            Ok(Value::Object(fields)) => fields,
            _ if settings.trim().is_empty() => Map::new(),
            _ => return Ok(ConfigSource::from_json(settings)?),
        };
        for (name, value) in [("text", text), ("path", path)] {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value.into());
            }
        }
        Ok(ConfigSource::from_json(&Value::Object(fields).to_string())?)
    }
}

const NULL: openclaw_str = openclaw_str { ptr: std::ptr::null(), len: 0 };

/// The judgement of a configuration: all that is to be said about it, as OpenClaw 2026.4.5 would judge it. Immutable;
/// any thread may use it. Since 0.1.
pub struct openclaw_config_report {
    _opaque: [u8; 0],
}

impl Handle for openclaw_config_report {
    type Value = Judged;
    const MAGIC: u64 = 0x6f63_5f63_7270_0001;
    const NAME: &'static str = "openclaw_config_report";
}

/// What is behind it.
#[derive(Debug)]
pub(crate) struct Judged {
    checked: CheckedConfig,
    path: Text,
    issues: OnceLock<Issues>,
    rendered: OnceLock<Text>,
    json: OnceLock<Text>,
}

impl Judged {
    fn new(checked: CheckedConfig) -> Self {
        let path = checked.path.as_ref().map(|path| path.display().to_string());
        Self {
            checked,
            path: Text::new(path.unwrap_or_default()),
            issues: OnceLock::new(),
            rendered: OnceLock::new(),
            json: OnceLock::new(),
        }
    }
}

/// Judges a configuration: of a text, of a file, or, for NULL, of the file that OpenClaw itself would read.
///
/// Gives `OPENCLAW_OK` for an invalid one too, and for a file that cannot be read: what is wrong with it stands in the
/// report. `*out` becomes a report that the host owns. Errors: `OPENCLAW_ERR_INVALID_REQUEST` for settings that are
/// wrong, `OPENCLAW_ERR_CONFIG` when neither text nor path is given and no home folder is known,
/// `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_check(
    source: *const openclaw_config_source,
    out: *mut *mut openclaw_config_report,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        // SAFETY: the host promises the struct, and its texts.
        let checked = unsafe { openclaw_config_source::read(source) }?.check()?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(Judged::new(checked))) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// 1 if OpenClaw accepts the configuration, else 0: no issue of it is an error. Of NULL: 0. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_report_valid(report: *const openclaw_config_report) -> i32 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(report, 0, |judged| judged.checked.report.valid.into()) }
}

/// The judgement as a status, for a host that needs a valid configuration: `OPENCLAW_OK`, or `OPENCLAW_ERR_CONFIG`
/// (`OPENCLAW_ERR_STORE` for a file that cannot be read) with an error that names the first problem and has all of
/// them, see `openclaw_error_issue`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_report_status(
    report: *const openclaw_config_report,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |judged: &Judged| match judged.checked.to_error() {
        None => Ok(OPENCLAW_OK),
        Some(error) => Err(error.into()),
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(report, err, call) }
}

/// The file that was judged; empty for a text without one. Lives until the report is freed. Of NULL: empty. Threads:
/// any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_report_path(report: *const openclaw_config_report) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(report, openclaw_str::EMPTY, |judged| judged.path.view()) }
}

/// How many issues there are, errors and warnings. Of NULL: 0. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_report_issue_count(report: *const openclaw_config_report) -> usize {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(report, 0, |judged| judged.checked.report.issues.len()) }
}

/// Writes issue `index`, from 0, in OpenClaw's order, to `*out`, whose `struct_size` is set.
///
/// Errors: `OPENCLAW_ERR_INVALID_ARGUMENT` for a NULL, a struct that is too small, or an index that is too large.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_report_issue(
    report: *const openclaw_config_report,
    index: usize,
    out: *mut openclaw_config_issue,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |judged: &Judged| {
        let issues = judged.issues.get_or_init(|| Issues::new(&judged.checked.report.issues));
        // SAFETY: the host promises a struct of the size that stands in it, or NULL.
        unsafe { issues.write(index, out) }?;
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(report, err, call) }
}

/// The issues for a person: each with its line of the file, a mark below it, and what may be meant; empty if there are
/// none. Texts in that line are blotted out. Lives until the report is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_report_rendered(report: *const openclaw_config_report) -> openclaw_str {
    let rendered = |judged: &Judged| judged.rendered.get_or_init(|| Text::new(judged.checked.report.render())).view();
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(report, openclaw_str::EMPTY, rendered) }
}

/// The report as a JSON object: `valid`, `issues`, `rendered`, and `path` if there is one. Lives until the report is
/// freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_report_to_json(report: *const openclaw_config_report) -> openclaw_str {
    let json = |judged: &Judged| judged.json.get_or_init(|| Text::new(judged.checked.to_json().to_string())).view();
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(report, openclaw_str::EMPTY, json) }
}

/// Frees a report. NULL is ignored. Threads: any, once. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_report_free(report: *mut openclaw_config_report) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(report, drop) }
}

/// Works the repair out and shows it; no file is touched. Since 0.1.
pub const OPENCLAW_REPAIR_DRY_RUN: u32 = 0;
/// Repairs the file, and those that it includes. A text never is written. Since 0.1.
pub const OPENCLAW_REPAIR_WRITE: u32 = 1;

/// The repair of a configuration: what changes, and what is left. Immutable; any thread may use it. Since 0.1.
pub struct openclaw_repair {
    _opaque: [u8; 0],
}

impl Handle for openclaw_repair {
    type Value = Repair;
    const MAGIC: u64 = 0x6f63_5f72_6570_0001;
    const NAME: &'static str = "openclaw_repair";
}

/// What is behind it.
#[derive(Debug)]
pub(crate) struct Repair {
    record: Value,
    diff: Text,
    rendered: Text,
    text: Text,
    json: OnceLock<Text>,
}

impl Repair {
    fn new(record: Value) -> Self {
        let text = |name: &str| Text::new(record.get(name).and_then(Value::as_str).unwrap_or_default().to_owned());
        Self { diff: text("diff"), rendered: text("rendered"), text: text("text"), json: OnceLock::new(), record }
    }
}

/// Works out how a configuration is repaired: unknown keys go, moved keys go where they belong, wrong addresses of the
/// Codex backend are set right; comments, order and everything else stay byte for byte. NULL is the file that OpenClaw
/// itself would read.
///
/// `mode` is `OPENCLAW_REPAIR_DRY_RUN` or `OPENCLAW_REPAIR_WRITE`: then the file is written, whole or not at all, with
/// a backup beside it; a credential that a repair takes out is kept in a file of its own. Gives `OPENCLAW_OK` also when
/// something is left that cannot be repaired, see `openclaw_repair_valid`. `*out` becomes a result that the host owns.
/// Errors: `OPENCLAW_ERR_STORE` when a file cannot be read or written, or changed meanwhile; `OPENCLAW_ERR_CONFIG` for
/// an `assume_version` that is not known here; those of `openclaw_config_check`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_config_repair(
    source: *const openclaw_config_source,
    mode: u32,
    out: *mut *mut openclaw_repair,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        let write = match mode {
            OPENCLAW_REPAIR_DRY_RUN => false,
            OPENCLAW_REPAIR_WRITE => true,
            other => {
                let text = format!("mode is {other}: it is OPENCLAW_REPAIR_DRY_RUN or OPENCLAW_REPAIR_WRITE");
                return Err(Fault::argument(text));
            }
        };
        // SAFETY: the host promises the struct, and its texts.
        let record = unsafe { openclaw_config_source::read(source) }?.repair(write)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(Repair::new(record))) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// 1 if OpenClaw accepts the repaired configuration, else 0. Of NULL: 0. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_repair_valid(result: *const openclaw_repair) -> i32 {
    let valid = |repair: &Repair| repair.record.get("valid").and_then(Value::as_bool).unwrap_or_default().into();
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(result, 0, valid) }
}

/// How many things are repaired; 0 if there is nothing to do. Of NULL: 0. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_repair_change_count(result: *const openclaw_repair) -> usize {
    let count = |repair: &Repair| repair.record.get("changes").and_then(Value::as_array).map_or(0, Vec::len);
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(result, 0, count) }
}

/// What changes, as a unified diff over all files; empty if nothing does. Secrets are blotted out. Lives until the
/// result is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_repair_diff(result: *const openclaw_repair) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(result, openclaw_str::EMPTY, |repair| repair.diff.view()) }
}

/// The repairs, the diff and what is left, for a person. Lives until the result is freed. Of NULL: empty. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_repair_rendered(result: *const openclaw_repair) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(result, openclaw_str::EMPTY, |repair| repair.rendered.view()) }
}

/// The repaired text, if a text was given; empty for a file. It may hold secrets. Lives until the result is freed. Of
/// NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_repair_text(result: *const openclaw_repair) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(result, openclaw_str::EMPTY, |repair| repair.text.view()) }
}

/// The result as a JSON object: `changes`, `diff`, `before` and `after` (reports), `valid`, `withheld` (what only a
/// newer OpenClaw knows), `repaired` (the files that were written and their backups, or null), `rendered`, `path` if
/// there is one; of a text also `text` and `files`, which may hold secrets. Lives until the result is freed. Of NULL:
/// empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_repair_to_json(result: *const openclaw_repair) -> openclaw_str {
    let json = |repair: &Repair| repair.json.get_or_init(|| Text::new(repair.record.to_string())).view();
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(result, openclaw_str::EMPTY, json) }
}

/// Frees a result. NULL is ignored. Threads: any, once. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_repair_free(result: *mut openclaw_repair) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(result, drop) }
}

/// The JSON Schema (draft 2020-12) of `openclaw.json` for OpenClaw 2026.4.5. It accepts whatever OpenClaw accepts;
/// rules over several keys are only in `openclaw_config_check`.
///
/// Lives for ever. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn openclaw_config_schema_json() -> openclaw_str {
    static SCHEMA: OnceLock<Text> = OnceLock::new();
    let schema = || SCHEMA.get_or_init(|| Text::new(openclaw_core::config::schema().to_string())).view();
    quietly(openclaw_str::EMPTY, schema)
}
