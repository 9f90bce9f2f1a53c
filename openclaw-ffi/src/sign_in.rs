//! A sign-in that the host pulls, step by step, as it pulls the events of a stream.

use std::mem::offset_of;
use std::sync::{Mutex, OnceLock, TryLockError};
use std::time::Duration;

use openclaw_core::embed::{OnceHandle, SignInEvent, SignInHandle, SignInSettings, sign_in_code};

use crate::client::wait_limit;
use crate::error::openclaw_error;
use crate::guard::{Fault, Handle, Result, free, give, read, with};
use crate::logins::{LoginsValue, openclaw_logins, working};
use crate::status::*;
use crate::text::{Text, openclaw_str, place};
use crate::versioned::{Versioned, write_struct};

/// Show `url`, the address of the sign-in page, and open it in a browser if there is one. Since 0.1.
pub const OPENCLAW_SIGN_IN_OPEN_URL: u32 = 1;
/// Show `code` and `url`, the address where it is typed on any device; it is good for `valid_for_ms`. Since 0.1.
pub const OPENCLAW_SIGN_IN_SHOW_CODE: u32 = 2;
/// Ask the person for what the page sent back, and give it to `openclaw_sign_in_answer`; `text` says what was wrong with
/// the answer before. The sign-in can end meanwhile: go on with `openclaw_sign_in_next`. Since 0.1.
pub const OPENCLAW_SIGN_IN_ASK: u32 = 3;
/// Nothing is to be done: `text` says how far it is, `code` says it in a word: `waiting`, `port_in_use`, `ignored`,
/// `asking_again`, `exchanging`. Since 0.1.
pub const OPENCLAW_SIGN_IN_PROGRESS: u32 = 4;

/// One step of a sign-in, for the host to take.
///
/// The host makes it with `OPENCLAW_SIGN_IN_STEP_INIT`; the library fills it. Its texts live until the next call that takes
/// a step of this sign-in. What a step does not have is empty or 0. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_sign_in_step {
    /// The size of this struct in the host's header; `OPENCLAW_SIGN_IN_STEP_INIT` sets it.
    pub struct_size: u32,
    /// `OPENCLAW_SIGN_IN_…`; the list grows: a kind that the host does not know needs nothing done.
    pub kind: u32,
    /// How long the code is good.
    pub valid_for_ms: i64,
    /// The address to open, or where the code is typed.
    pub url: openclaw_str,
    /// The code to show; of a progress its word.
    pub code: openclaw_str,
    /// What was wrong with an answer; how far it is.
    pub text: openclaw_str,
    /// The step as a JSON object, the form that Python has too.
    pub json: openclaw_str,
}

impl Versioned for openclaw_sign_in_step {
    const FIRST_SIZE: usize = offset_of!(Self, json) + size_of::<openclaw_str>();
}

impl openclaw_sign_in_step {
    const NONE: Self = Self {
        struct_size: 0,
        kind: 0,
        valid_for_ms: 0,
        url: openclaw_str::EMPTY,
        code: openclaw_str::EMPTY,
        text: openclaw_str::EMPTY,
        json: openclaw_str::EMPTY,
    };
}

/// A sign-in under way. One thread at a time takes its steps; `openclaw_sign_in_answer` and `openclaw_sign_in_cancel` may
/// be called by any thread at any time. Freeing it cancels it. Since 0.1.
pub struct openclaw_sign_in {
    _opaque: [u8; 0],
}

impl Handle for openclaw_sign_in {
    type Value = SignIn;
    const MAGIC: u64 = 0x6f63_5f73_6967_0001;
    const NAME: &'static str = "openclaw_sign_in";
}

/// What is behind it.
#[derive(Debug)]
pub(crate) struct SignIn {
    handle: SignInHandle,
    inline: bool,
    reader: Mutex<Reader>,
    /// What it came to.
    result: OnceLock<Text>,
}

#[derive(Debug, Default)]
struct Reader {
    /// A step that was waited for in vain: it is the next one.
    pending: Option<OnceHandle<SignInEvent>>,
    shown: Option<Shown>,
}

/// The texts of a step.
#[derive(Debug)]
struct Shown {
    kind: u32,
    valid_for_ms: i64,
    url: Text,
    code: Text,
    text: Text,
    json: Text,
}

impl SignIn {
    fn next(&self, limit: Option<Duration>) -> Result<Option<openclaw_sign_in_step>> {
        let busy = || Fault::busy("another thread takes a step of this sign-in now");
        let mut reader = match self.reader.try_lock() {
            Ok(reader) => reader,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(busy()),
        };
        let pending = match reader.pending.take() {
            Some(pending) => pending,
            None => self.handle.next()?,
        };
        let taken = working(self.inline, || match limit {
            Some(Duration::ZERO) => pending.try_take(),
            limit => pending.blocking_take(limit),
        });
        let Some(step) = taken else {
            reader.pending = Some(pending);
            let nothing =
                if limit == Some(Duration::ZERO) { OPENCLAW_ERR_WOULD_BLOCK } else { OPENCLAW_ERR_WAIT_TIMEOUT };
            return Err(Fault::quiet(nothing));
        };
        let step = step?;
        if let SignInEvent::Done(stored) = &step {
            self.result.get_or_init(|| Text::new(serde_json::to_string(stored).unwrap_or_default()));
            return Ok(None);
        }
        Ok(Some(reader.shown.insert(Shown::new(&step)).view()))
    }
}

impl Shown {
    fn new(step: &SignInEvent) -> Self {
        let (url, code, text, seconds) = match step {
            SignInEvent::OpenUrl { url } => (url.as_str(), "", "", 0),
            SignInEvent::ShowCode { url, code, valid_for } => (url.as_str(), code.as_str(), "", *valid_for),
            SignInEvent::Ask { wrong } => ("", "", wrong.as_deref().unwrap_or_default(), 0),
            SignInEvent::Progress { what, text } => ("", *what, text.as_str(), 0),
            _ => ("", "", "", 0),
        };
        let kept = |text: &str| Text::new(text.to_owned());
        Self {
            kind: sign_in_code(step),
            valid_for_ms: i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX),
            url: kept(url),
            code: kept(code),
            text: kept(text),
            json: Text::new(serde_json::to_string(step).unwrap_or_default()),
        }
    }

    fn view(&self) -> openclaw_sign_in_step {
        openclaw_sign_in_step {
            struct_size: 0,
            kind: self.kind,
            valid_for_ms: self.valid_for_ms,
            url: self.url.view(),
            code: self.code.view(),
            text: self.text.view(),
            json: self.json.view(),
        }
    }
}

/// Signs a person in with ChatGPT. The host takes the steps with `openclaw_sign_in_next`, on its own thread; nothing of
/// the library calls it.
///
/// `settings_json` is a JSON object with any of: `method` (`browser`, `paste`, `device`), `provider` (`openai-codex`, or
/// `openai` for plan sharing), `ask` (whether the host can ask for what the page sent back; with `paste` it must),
/// `timeout_ms`, `callback_ports`, `workspaces`, `login_hint`, `host_id`; empty for a browser. Proxy, certificates, login
/// server and the application's name are those of `logins`. `*out` becomes a sign-in that the host owns. Errors:
/// `OPENCLAW_ERR_CONFIG` for settings that no sign-in can follow. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_sign_in_start(
    logins: *const openclaw_logins,
    settings_json: openclaw_str,
    out: *mut *mut openclaw_sign_in,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &LoginsValue| {
        let out = place(out, "out")?;
        // SAFETY: the host promises the text.
        let settings = SignInSettings::from_json(unsafe { settings_json.get("settings_json") }?)?;
        let inline = value.logins.settings().inline;
        let handle = value.logins.sign_in(settings)?;
        let sign_in = SignIn { handle, inline, reader: Mutex::default(), result: OnceLock::new() };
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(sign_in)) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(logins, err, call) }
}

/// Takes the next step, waiting for at most `timeout_ms`: for ever if negative, not at all if 0.
///
/// Gives `OPENCLAW_EVENT` when `*step` was filled, `OPENCLAW_OK` when the person is signed in and the login is stored (see
/// `openclaw_sign_in_result_json`), else a failure: `OPENCLAW_ERR_WAIT_TIMEOUT` (`OPENCLAW_ERR_WOULD_BLOCK` if 0) when
/// nothing came yet, `OPENCLAW_ERR_BUSY` while another thread takes a step, and when the sign-in failed its error, every
/// time it is asked again: `OPENCLAW_ERR_CANCELLED` when the person declined or the host cancelled, `OPENCLAW_ERR_TIMEOUT`
/// when nobody finished it in time. With `inline` the sign-in goes on only in here. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn openclaw_sign_in_next(
    sign_in: *const openclaw_sign_in,
    timeout_ms: i64,
    step: *mut openclaw_sign_in_step,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &SignIn| {
        // A host that gives a bad struct must not lose a step by it.
        // SAFETY: the host promises a struct of the size that stands in it, or NULL.
        unsafe { write_struct(step, &openclaw_sign_in_step::NONE, "step") }?;
        match value.next(wait_limit(timeout_ms))? {
            None => Ok(OPENCLAW_OK),
            Some(full) => {
                // SAFETY: as above.
                unsafe { write_struct(step, &full, "step") }?;
                Ok(OPENCLAW_EVENT)
            }
        }
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(sign_in, err, call) }
}

/// Answers an `OPENCLAW_SIGN_IN_ASK`: `text` is the whole address of the page that came, its query, `code#state`, or the
/// code. Whether it is right comes out of `openclaw_sign_in_next`. After the end it is ignored.
///
/// Errors: `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_sign_in_answer(
    sign_in: *const openclaw_sign_in,
    text: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &SignIn| {
        // SAFETY: the host promises the text.
        value.handle.answer(unsafe { text.get("text") }?);
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(sign_in, err, call) }
}

/// What the sign-in came to, as a JSON object: `profile` (see `openclaw_logins_list_json`), `store`, `id`, `replaced` and
/// `retired` (profiles of the same person whose place it took), `kept`, `unknown` (profiles of which nobody can tell whether
/// they are the same login), `written` (the configuration files that changed), `notes` (what a person should know besides,
/// such as why a configuration could not be changed). Nothing of it is secret. Lives until the sign-in is freed.
///
/// Errors: `OPENCLAW_ERR_NOT_ENDED` before `openclaw_sign_in_next` gave `OPENCLAW_OK`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_sign_in_result_json(
    sign_in: *const openclaw_sign_in,
    out: *mut openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &SignIn| {
        let out = place(out, "out")?;
        let result = value.result.get().ok_or_else(|| Fault::quiet(OPENCLAW_ERR_NOT_ENDED))?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(result.view()) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(sign_in, err, call) }
}

/// Ends a sign-in: when this returns, the port of its callback is free. What was stored stays; does nothing after the end.
/// NULL is ignored. Threads: any, also while another thread waits for a step. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_sign_in_cancel(sign_in: *const openclaw_sign_in) {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(sign_in, (), |value| working(value.inline, || value.handle.cancel())) }
}

/// Frees a sign-in, and cancels it if it has not ended. NULL is ignored. Threads: any, once, while nothing else uses it.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_sign_in_free(sign_in: *mut openclaw_sign_in) {
    let end = |value: SignIn| {
        let inline = value.inline;
        working(inline, || drop(value));
    };
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(sign_in, end) }
}
