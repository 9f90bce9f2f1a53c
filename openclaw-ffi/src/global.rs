//! What belongs to the whole library.

use std::ffi::{c_char, c_void};
use std::sync::{Once, OnceLock};
use std::time::Duration;

use openclaw_core::embed::{build_info, forget_after_fork, image_url, shutdown_shared};

use crate::error::openclaw_error;
use crate::guard::{Fault, enter, quietly};
use crate::signal::shielded;
use crate::status::{OPENCLAW_OK, openclaw_status};
use crate::text::{Text, give_string, openclaw_str, openclaw_string, place};

/// The version of this library, such as `0.1.0`; lives for ever. Compare it with `OPENCLAW_VERSION`, which is that of
/// the header. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn openclaw_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The same as a number: `major << 16 | minor << 8 | patch`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn openclaw_version_number() -> u32 {
    let mut number = 0;
    for part in env!("CARGO_PKG_VERSION").split('.') {
        let part: u32 = part.chars().map_while(|c| c.to_digit(10)).fold(0, |all, digit| all * 10 + digit);
        number = number << 8 | part & 0xff;
    }
    number
}

/// The number of the binary interface. A host can run with every library whose number is the header's
/// `OPENCLAW_ABI_VERSION`; the name of the shared library ends with it. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn openclaw_abi_version() -> u32 {
    0
}

/// How this library was built, as a JSON object: `version`, `abi`, `openclaw_version` (whose configuration is known), `os`,
/// `arch`, `debug`, `testing`. Lives for ever.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn openclaw_build_info() -> openclaw_str {
    static INFO: OnceLock<Text> = OnceLock::new();
    let info = || {
        let mut info = build_info();
        if let Some(info) = info.as_object_mut() {
            info.insert("abi".to_owned(), openclaw_abi_version().into());
        }
        Text::new(info.to_string())
    };
    quietly(openclaw_str::EMPTY, || INFO.get_or_init(info).view())
}

/// Ends the threads of the library: calls under way end with `OPENCLAW_ERR_CLOSED`, then the threads are joined, for at
/// most `timeout_ms`.
///
/// Needed only where a host, or its leak checker, wants no thread left; the end of the process does without. It is the
/// last word: threaded clients made afterwards are refused with `OPENCLAW_ERR_CLOSED`; handles must still be freed.
/// Threads: any, not inside a callback. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn openclaw_global_shutdown(timeout_ms: u32) {
    quietly((), || shielded(|| shutdown_shared(Duration::from_millis(timeout_ms.into()))));
}

/// Judges one failure that was seen elsewhere: `line` is a JSON object with `provider`, `status` (a number or null),
/// `headers` (an object), `body` (a text) and, if known, `id` and `url`.
///
/// `*out` becomes a JSON object with every field of `openclaw_error_to_json`, and the `id`; the host owns it. Errors:
/// `OPENCLAW_ERR_INVALID_REQUEST` when `line` is no such object, `OPENCLAW_ERR_INVALID_UTF8`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_classify_json(
    line: openclaw_str,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        // SAFETY: the host promises the text.
        let line = unsafe { line.get("line") }?;
        let judged = openclaw_core::classify_json_line(line)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, judged.to_string()) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// The `data:` address of an image, from its bytes: what `image_url` of an input part takes.
///
/// `media_type` may be empty for a PNG, JPEG, GIF or WebP. `*out` becomes a string that the host owns. Errors:
/// `OPENCLAW_ERR_INVALID_REQUEST` without bytes or when their type is neither seen nor named,
/// `OPENCLAW_ERR_INVALID_ARGUMENT`, `OPENCLAW_ERR_INVALID_UTF8`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_image_url(
    bytes: *const c_void,
    len: usize,
    media_type: openclaw_str,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        if bytes.is_null() || isize::try_from(len).is_err() {
            return Err(Fault::argument("bytes is NULL, or len is no length"));
        }
        // SAFETY: not NULL, not longer than an object can be, and the host promises so many bytes.
        let bytes = unsafe { std::slice::from_raw_parts(bytes.cast(), len) };
        // SAFETY: the host promises the text.
        let media_type = unsafe { media_type.optional("media_type") }?;
        let url = image_url(bytes, media_type)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, url) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// Lets a forked child know that the parent's threads are not there.
pub(crate) fn watch_forks() {
    extern "C" fn in_child() {
        forget_after_fork();
    }
    static ONCE: Once = Once::new();
    // SAFETY: the handler adds to one atomic number, which is allowed in a forked child; the library is never unloaded.
    ONCE.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(in_child));
    });
}
