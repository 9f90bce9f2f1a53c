//! The error object: every attribute of the core's error, each with an accessor.

use std::mem::offset_of;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openclaw_core::Error;
use openclaw_core::embed::error_code;

use crate::guard::{Fault, Handle, free, read, with};
use crate::issue::{Issues, openclaw_config_issue};
use crate::status::{OPENCLAW_OK, openclaw_status};
use crate::text::{Text, openclaw_str};
use crate::versioned::{Versioned, write_struct};

/// Why a call failed.
///
/// Fallible functions take `openclaw_error **err` as their last parameter. It may be NULL. On failure `*err` becomes an
/// object that the host owns and frees with `openclaw_error_free`; otherwise `*err` is not touched. An error object is
/// immutable; any thread may use it, and it outlives the handles that it came from. Since 0.1.
pub struct openclaw_error {
    _opaque: [u8; 0],
}

impl Handle for openclaw_error {
    type Value = Record;
    const MAGIC: u64 = 0x6f63_5f65_7272_0001;
    const NAME: &'static str = "openclaw_error";
}

/// What is behind it: the error, and each text with its NUL.
#[derive(Debug)]
pub(crate) struct Record {
    status: openclaw_status,
    error: Error,
    kind: Text,
    stage: Text,
    advice: Text,
    message: Text,
    provider: Text,
    model: Text,
    profile: Text,
    url: Text,
    request_id: Text,
    cf_ray: Text,
    edge_vendor: Text,
    edge_action: Text,
    edge_code: Text,
    body_preview: Text,
    code: Text,
    attempts: Vec<Try>,
    causes: OnceLock<Vec<Text>>,
    issues: OnceLock<Issues>,
    json: OnceLock<Text>,
}

#[derive(Debug)]
struct Try {
    provider: Text,
    model: Text,
    profile: Text,
    kind: Text,
    status: openclaw_status,
    duration_ms: u64,
}

impl Record {
    pub(crate) fn new(status: openclaw_status, error: Error) -> Self {
        let text = |text: Option<&str>| Text::new(text.unwrap_or_default().to_owned());
        let edge = error.edge();
        let attempts = error.attempts().iter().map(|a| Try {
            provider: text(Some(&a.provider)),
            model: text(Some(&a.model)),
            profile: text(a.profile.as_deref()),
            kind: text(Some(a.kind.as_str())),
            status: error_code(a.kind).saturating_neg(),
            duration_ms: a.duration_ms,
        });
        Self {
            status,
            attempts: attempts.collect(),
            causes: OnceLock::new(),
            issues: OnceLock::new(),
            json: OnceLock::new(),
            kind: text(Some(error.kind().as_str())),
            stage: text(Some(error.stage().as_str())),
            advice: text(Some(error.advice().as_str())),
            message: text(Some(error.message())),
            provider: text(error.provider()),
            model: text(error.model()),
            profile: text(error.profile()),
            url: text(error.url()),
            request_id: text(error.request_id()),
            cf_ray: text(error.cf_ray()),
            edge_vendor: text(edge.map(|e| e.vendor.as_str())),
            edge_action: text(edge.map(|e| e.action.as_str())),
            edge_code: text(edge.and_then(|e| e.code.as_deref())),
            body_preview: text(error.body_preview()),
            code: text(error.code()),
            error,
        }
    }
}

/// The number of the failure, the one that the function returned that gave this object. Of NULL: 0. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_status(error: *const openclaw_error) -> openclaw_status {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, OPENCLAW_OK, |record| record.status) }
}

/// What happened, as a stable word such as `edge_blocked`; one per number of `openclaw_error_status` from -1 on. Lives
/// until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_kind(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.kind.view()) }
}

/// How far the call got: `not_sent`, `maybe_sent`, `responded` or `streaming`. Decides whether a repeat can cost
/// anything. Lives until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_stage(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.stage.view()) }
}

/// What helps: `retry`, `wait`, `refresh`, `sign_in`, `other_profile`, `other_provider`, `fix_request`, `fix_network`,
/// `fix_config` or `none`. Lives until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_advice(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.advice.view()) }
}

/// One line for a person. Never a secret, never raw HTML. Lives until the error is freed. Of NULL: empty. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_message(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.message.view()) }
}

/// The provider that was asked; empty if none was. Lives until the error is freed. Of NULL: empty. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_provider(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.provider.view()) }
}

/// The model that was asked; empty if none was. Lives until the error is freed. Of NULL: empty. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_model(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.model.view()) }
}

/// The profile whose credential was used; empty if none is known. Lives until the error is freed. Of NULL: empty.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_profile(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.profile.view()) }
}

/// The address that was asked, without query and credentials; empty if none was. Lives until the error is freed. Of
/// NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_url(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.url.view()) }
}

/// The provider's id of the call; empty if it gave none. Lives until the error is freed. Of NULL: empty. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_request_id(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.request_id.view()) }
}

/// Cloudflare's id of the call (`cf-ray`); empty if there is none. Lives until the error is freed. Of NULL: empty.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_cf_ray(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.cf_ray.view()) }
}

/// The network in front of the provider that answered in its place: `cloudflare`, `akamai`, … or `unknown`; empty if
/// none did. Lives until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_edge_vendor(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.edge_vendor.view()) }
}

/// What that network did: `challenge`, `waf`, `block_page`, `rate_limit`, `origin_error`; empty if none did. Lives
/// until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_edge_action(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.edge_action.view()) }
}

/// That network's own code, such as `1020`; empty if it gave none. Lives until the error is freed. Of NULL: empty.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_edge_code(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.edge_code.view()) }
}

/// At most 200 characters of the body, tags and secrets removed; empty if there was none. Lives until the error is
/// freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_body_preview(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.body_preview.view()) }
}

/// The provider's own error code or type as it was sent, or ours where the library itself refused (`invalid_argument`,
/// `closed`, …); empty if there is none. Lives until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_code(error: *const openclaw_error) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, |record| record.code.view()) }
}

/// The HTTP status that really came, never an invented one; 0 if none did. Of NULL: 0. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_http_status(error: *const openclaw_error) -> i32 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, 0, |record| record.error.http_status().map_or(0, i32::from)) }
}

/// 1 if the same call can succeed later, at once or after the delay that is named; else 0. Of NULL: 0. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_retryable(error: *const openclaw_error) -> i32 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, 0, |record| record.error.advice().is_retryable().into()) }
}

/// The delay that the provider asked for, in ms; -1 if it asked for none. Of NULL: -1. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_retry_after_ms(error: *const openclaw_error) -> i64 {
    let ms = |delay: Duration| i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, -1, |record| record.error.retry_after().map_or(-1, ms)) }
}

/// When the used-up window opens again, in seconds since 1970; -1 if it is not known. Of NULL: -1. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_resets_at(error: *const openclaw_error) -> i64 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, -1, |record| unix_seconds(record.error.resets_at())) }
}

/// The soonest time at which something that a failover chain could ask is free again, in seconds since 1970; -1 if it is
/// not known. Of NULL: -1. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_usable_at(error: *const openclaw_error) -> i64 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, -1, |record| unix_seconds(record.error.usable_at())) }
}

fn unix_seconds(at: Option<SystemTime>) -> i64 {
    let since = at.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.map_or(-1, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// How many tries were made when there was more than one, else 0. Of NULL: 0. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_attempt_count(error: *const openclaw_error) -> usize {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, 0, |record| record.attempts.len()) }
}

/// One try of a call that was repeated or passed on. The texts live until the error is freed. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_attempt {
    /// The size of this struct in the host's header; `OPENCLAW_ATTEMPT_INIT` sets it.
    pub struct_size: u32,
    /// How it failed, as a number from -1 on.
    pub status: openclaw_status,
    /// How long it took, in ms.
    pub duration_ms: u64,
    /// How it failed, as a stable word.
    pub kind: openclaw_str,
    /// The provider that was asked.
    pub provider: openclaw_str,
    /// The model that was asked.
    pub model: openclaw_str,
    /// The profile whose credential was used; empty if none is known.
    pub profile: openclaw_str,
}

impl Versioned for openclaw_attempt {
    const FIRST_SIZE: usize = offset_of!(Self, profile) + size_of::<openclaw_str>();
}

/// Writes try `index` of the error, from 0, to `*out`, whose `struct_size` is set.
///
/// Errors: `OPENCLAW_ERR_INVALID_ARGUMENT` for a NULL, a struct that is too small, or an index that is too large.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_attempt(
    error: *const openclaw_error,
    index: usize,
    out: *mut openclaw_attempt,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |record: &Record| {
        let attempt = record.attempts.get(index).ok_or_else(|| {
            Fault::argument(format!("the error has {} attempts, there is none at {index}", record.attempts.len()))
        })?;
        let full = openclaw_attempt {
            struct_size: 0,
            status: attempt.status,
            duration_ms: attempt.duration_ms,
            kind: attempt.kind.view(),
            provider: attempt.provider.view(),
            model: attempt.model.view(),
            profile: attempt.profile.view(),
        };
        // SAFETY: the host promises a struct of the size that stands in it, or NULL.
        unsafe { write_struct(out, &full, "out") }?;
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises handles of ours or NULL, and a place for the error or NULL.
    unsafe { with(error, err, call) }
}

impl Record {
    fn causes(&self) -> &[Text] {
        self.causes.get_or_init(|| self.error.causes().into_iter().map(Text::new).collect())
    }
}

/// How many errors are known below this one, such as that of the network or the system. Of NULL: 0. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_cause_count(error: *const openclaw_error) -> usize {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, 0, |record| record.causes().len()) }
}

/// What the error `index` below this one says, from 0, the nearest; secrets are removed. Lives until the error is freed. Of
/// NULL, and if there is none at `index`: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_cause(error: *const openclaw_error, index: usize) -> openclaw_str {
    let cause = |record: &Record| record.causes().get(index).map_or(openclaw_str::EMPTY, Text::view);
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, cause) }
}

/// How many problems of a configuration the error is made of; 0 for every other error. Of NULL: 0. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_issue_count(error: *const openclaw_error) -> usize {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, 0, |record| record.error.issues().len()) }
}

/// Writes problem `index` of a configuration, from 0, to `*out`, whose `struct_size` is set.
///
/// Errors: `OPENCLAW_ERR_INVALID_ARGUMENT` for a NULL, a struct that is too small, or an index that is too large.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_issue(
    error: *const openclaw_error,
    index: usize,
    out: *mut openclaw_config_issue,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |record: &Record| {
        let issues = record.issues.get_or_init(|| Issues::new(record.error.issues()));
        // SAFETY: the host promises a struct of the size that stands in it, or NULL.
        unsafe { issues.write(index, out) }?;
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises handles of ours or NULL, and a place for the error or NULL.
    unsafe { with(error, err, call) }
}

/// Every field that is known, as a JSON object: the form that logs, Python and C share. Lives until the error is freed.
/// Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_to_json(error: *const openclaw_error) -> openclaw_str {
    let json = |record: &Record| record.json.get_or_init(|| Text::new(record.error.to_json().to_string())).view();
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(error, openclaw_str::EMPTY, json) }
}

/// Frees an error. NULL is ignored. Threads: any, once. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_error_free(error: *mut openclaw_error) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(error, drop) }
}
