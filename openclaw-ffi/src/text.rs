//! Texts across the border: in, they are checked; out, a NUL follows them.

use std::ffi::{CStr, c_char};

use serde_json::Value;

use crate::guard::{Fault, Handle, Result, free, read};

/// A text: `len` bytes of UTF-8 at `ptr`.
///
/// Into the library: `len` may be `OPENCLAW_STRLEN`, then `ptr` ends with a NUL (`openclaw_cstr` makes such a one); the
/// text is copied or read before the call returns. `{NULL, 0}` is the empty text. Out of the library: `ptr` is never
/// NULL, a NUL follows the text, so `%s` works; it lives as long as the function says that gave it. A text of a
/// provider can have NULs inside. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_str {
    /// The first byte.
    pub ptr: *const c_char,
    /// The number of bytes, without the NUL.
    pub len: usize,
}

/// `len` of a text that ends with a NUL. In the header it is written by hand, next to the macros.
pub(crate) const STRLEN: usize = usize::MAX;

impl openclaw_str {
    pub(crate) const EMPTY: Self = Self { ptr: c"".as_ptr(), len: 0 };

    /// The text, checked.
    ///
    /// # Safety
    /// `ptr` must be NULL or point to `len` bytes, or to bytes that end with a NUL when `len` says so.
    pub(crate) unsafe fn get<'a>(self, name: &str) -> Result<&'a str> {
        let bytes = match (self.ptr.is_null(), self.len) {
            (true, 0) => return Ok(""),
            (true, _) => return Err(Fault::argument(format!("{name} has no text (NULL)"))),
            // SAFETY: not NULL, and the caller promises that a NUL follows.
            (false, STRLEN) => unsafe { CStr::from_ptr(self.ptr) }.to_bytes(),
            (false, len) if isize::try_from(len).is_err() => {
                return Err(Fault::argument(format!("{name} has an impossible length")));
            }
            // SAFETY: not NULL, not longer than an object can be, and the caller promises so many bytes.
            (false, len) => unsafe { std::slice::from_raw_parts(self.ptr.cast(), len) },
        };
        std::str::from_utf8(bytes).map_err(|e| Fault::utf8(name, e))
    }

    /// The same, where the empty text means "not set".
    ///
    /// # Safety
    /// As [`get`](Self::get).
    pub(crate) unsafe fn optional<'a>(self, name: &str) -> Result<Option<&'a str>> {
        // SAFETY: the caller promises what `get` needs.
        Ok(Some(unsafe { self.get(name) }?).filter(|text| !text.is_empty()))
    }
}

/// A text that is kept for the host: a NUL follows it.
#[derive(Debug)]
pub(crate) struct Text(String);

impl Text {
    pub(crate) fn new(mut text: String) -> Self {
        text.push('\0');
        Self(text)
    }

    /// Valid as long as this is neither changed nor dropped.
    pub(crate) fn view(&self) -> openclaw_str {
        openclaw_str { ptr: self.0.as_ptr().cast(), len: self.0.len().saturating_sub(1) }
    }
}

/// A text that the library made and the host owns. Immutable; any thread. Since 0.1.
pub struct openclaw_string {
    _opaque: [u8; 0],
}

impl Handle for openclaw_string {
    type Value = Text;
    const MAGIC: u64 = 0x6f63_5f73_7472_0001;
    const NAME: &'static str = "openclaw_string";
}

/// The text of a string. Lives until the string is freed. Of NULL: the empty text. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_string_view(string: *const openclaw_string) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(string, openclaw_str::EMPTY, Text::view) }
}

/// Frees a string. NULL is ignored. Threads: any, once. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_string_free(string: *mut openclaw_string) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(string, drop) }
}

/// Gives a text to the host.
///
/// # Safety
/// `out` must point to a place for a pointer.
pub(crate) unsafe fn give_string(out: *mut *mut openclaw_string, text: String) {
    // SAFETY: the caller promises a place.
    unsafe { out.write(crate::guard::give(Text::new(text))) }
}

/// Looks at an output place.
pub(crate) fn place<T>(out: *mut T, name: &str) -> Result<*mut T> {
    if out.is_null() { Err(Fault::argument(format!("{name} is NULL"))) } else { Ok(out) }
}

/// A text that is JSON, or in words why it is none: they show nothing of it.
pub(crate) fn parsed(text: &str, name: &str) -> std::result::Result<Value, String> {
    serde_json::from_str(text).map_err(|e| format!("{name} is no JSON: line {}, column {}", e.line(), e.column()))
}
