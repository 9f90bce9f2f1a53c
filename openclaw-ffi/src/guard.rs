//! The border: handles are looked at, panics end here, errors become numbers and objects.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::Utf8Error;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use openclaw_core::embed::{error_code, panicked};
use openclaw_core::{Error, ErrorKind, Stage};

use crate::error::{Record, openclaw_error};
use crate::status::*;

pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

/// Why an entry point did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) status: openclaw_status,
    /// None for what is no failure: nothing there yet.
    pub(crate) error: Option<Error>,
}

impl Fault {
    fn new(status: openclaw_status, code: &str, text: impl Into<String>) -> Self {
        Self { status, error: Some(Error::new(ErrorKind::Config, Stage::NotSent, text).with_code(code)) }
    }

    pub(crate) fn argument(text: impl Into<String>) -> Self {
        Self::new(OPENCLAW_ERR_INVALID_ARGUMENT, "invalid_argument", text)
    }

    pub(crate) fn utf8(name: &str, why: Utf8Error) -> Self {
        let text = format!("{name} is no valid UTF-8 from byte {} on", why.valid_up_to());
        Self::new(OPENCLAW_ERR_INVALID_UTF8, "invalid_utf8", text)
    }

    pub(crate) fn busy(text: &str) -> Self {
        Self::new(OPENCLAW_ERR_BUSY, "busy", text)
    }

    pub(crate) fn unsupported(text: impl Into<String>) -> Self {
        Self::new(OPENCLAW_ERR_UNSUPPORTED, "unsupported", text)
    }

    pub(crate) fn quiet(status: openclaw_status) -> Self {
        Self { status, error: None }
    }

    fn poisoned(name: &str) -> Self {
        let text = format!("this {name} met a fault inside the library before: it can only be freed");
        Self::new(OPENCLAW_ERR_POISONED, "poisoned", text)
    }

    fn panic(payload: Box<dyn Any + Send>) -> Self {
        let error = panicked(&*payload);
        // The payload is foreign: its drop may panic too.
        let _ = catch_unwind(AssertUnwindSafe(move || drop(payload)));
        error.into()
    }

    /// Gives the error to the host if it asked for it.
    ///
    /// # Safety
    /// `err` must be NULL or point to a place for a pointer.
    unsafe fn store(self, err: *mut *mut openclaw_error) -> openclaw_status {
        if let (Some(error), false) = (self.error, err.is_null()) {
            // SAFETY: not NULL, and the caller promises a place.
            unsafe { err.write(give(Record::new(self.status, error))) };
        }
        self.status
    }
}

/// The number of an error of the core.
pub(crate) fn status_of(error: &Error) -> openclaw_status {
    match (error.kind(), error.code()) {
        (ErrorKind::Config, Some("closed")) => OPENCLAW_ERR_CLOSED,
        (ErrorKind::Config, Some("forked")) => OPENCLAW_ERR_FORKED,
        (ErrorKind::Unknown, Some("panic")) => OPENCLAW_ERR_PANIC,
        (kind, _) => error_code(kind).saturating_neg(),
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { status: status_of(&error), error: Some(error) }
    }
}

/// A type that C sees as an opaque struct.
pub(crate) trait Handle {
    type Value;
    /// Stands at the beginning of each, so that a handle of another type is noticed.
    const MAGIC: u64;
    const NAME: &'static str;
}

/// What is behind a handle.
#[repr(C)]
pub(crate) struct Held<T> {
    magic: AtomicU64,
    poisoned: AtomicBool,
    value: T,
}

impl<T> Held<T> {
    pub(crate) fn value(&self) -> &T {
        &self.value
    }

    /// The value, unless a panic may have left it half done.
    pub(crate) fn usable<H: Handle<Value = T>>(&self) -> Result<&T> {
        if self.poisoned.load(Ordering::Relaxed) { Err(Fault::poisoned(H::NAME)) } else { Ok(&self.value) }
    }

    fn poison(&self) {
        self.poisoned.store(true, Ordering::Relaxed);
    }
}

/// Hands a value to C.
pub(crate) fn give<H: Handle>(value: H::Value) -> *mut H {
    let held = Held { magic: AtomicU64::new(H::MAGIC), poisoned: AtomicBool::new(false), value };
    Box::into_raw(Box::new(held)).cast()
}

/// Looks at a handle.
///
/// # Safety
/// `handle` must be NULL or a handle that this library gave and that was not freed; it must stay so for `'a`.
pub(crate) unsafe fn look<'a, H: Handle>(handle: *const H) -> Result<&'a Held<H::Value>> {
    let name = H::NAME;
    if handle.is_null() {
        return Err(Fault::argument(format!("the {name} is NULL")));
    }
    let magic: *const AtomicU64 = handle.cast();
    // SAFETY: aligned, and the caller promises a handle of ours: each begins with its magic number.
    if !magic.is_aligned() || unsafe { (*magic).load(Ordering::Relaxed) } != H::MAGIC {
        return Err(Fault::argument(format!("this is no {name}, or it was freed")));
    }
    // SAFETY: the magic number says that it is a handle of this type, made by `give`.
    Ok(unsafe { &*handle.cast::<Held<H::Value>>() })
}

/// Runs an entry point: panics end here.
///
/// # Safety
/// `err` must be NULL or point to a place for a pointer.
pub(crate) unsafe fn enter(
    err: *mut *mut openclaw_error,
    call: impl FnOnce() -> Result<openclaw_status>,
) -> openclaw_status {
    quiet_panics();
    let fault = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(status)) => return status,
        Ok(Err(fault)) => fault,
        Err(payload) => Fault::panic(payload),
    };
    // SAFETY: the caller promises `err`.
    unsafe { fault.store(err) }
}

/// Runs an entry point on a handle. A panic poisons the handle.
///
/// # Safety
/// As [`enter`] and [`look`].
pub(crate) unsafe fn with<H: Handle>(
    handle: *const H,
    err: *mut *mut openclaw_error,
    call: impl FnOnce(&H::Value) -> Result<openclaw_status>,
) -> openclaw_status {
    let run = || {
        // SAFETY: the caller promises the handle.
        let held = unsafe { look(handle) }?;
        let value = held.usable::<H>()?;
        match catch_unwind(AssertUnwindSafe(|| call(value))) {
            Ok(outcome) => outcome,
            Err(payload) => {
                held.poison();
                Err(Fault::panic(payload))
            }
        }
    };
    // SAFETY: the caller promises `err`.
    unsafe { enter(err, run) }
}

/// Runs an accessor, which cannot fail: of NULL, of a foreign handle and after a panic it gives `other`.
///
/// # Safety
/// As [`look`].
pub(crate) unsafe fn read<H: Handle, R: Copy>(handle: *const H, other: R, call: impl FnOnce(&H::Value) -> R) -> R {
    quiet_panics();
    // SAFETY: the caller promises the handle.
    let Ok(held) = (unsafe { look(handle) }) else { return other };
    catch_unwind(AssertUnwindSafe(|| call(&held.value))).unwrap_or_else(|payload| {
        held.poison();
        let _ = Fault::panic(payload);
        other
    })
}

/// Runs what needs no handle and cannot fail; after a panic it gives `other`.
pub(crate) fn quietly<R>(other: R, call: impl FnOnce() -> R) -> R {
    quiet_panics();
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| {
        let _ = Fault::panic(payload);
        other
    })
}

/// Frees a handle; `end` gets what was behind it. NULL and foreign handles are ignored.
///
/// # Safety
/// As [`look`]; the handle must not be used again.
pub(crate) unsafe fn free<H: Handle>(handle: *mut H, end: impl FnOnce(H::Value)) {
    quiet_panics();
    // SAFETY: the caller promises the handle.
    let Ok(held) = (unsafe { look(handle.cast_const()) }) else { return };
    held.magic.store(0, Ordering::Relaxed);
    // SAFETY: made by `give` as a box of this type, and by the caller's promise nobody uses it any more.
    let held = unsafe { Box::from_raw(handle.cast::<Held<H::Value>>()) };
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| end(held.value))) {
        let _ = Fault::panic(payload);
    }
}

/// A library prints nothing: the message of a panic goes into the error. The hook is that of this library's own copy of
/// the standard library.
fn quiet_panics() {
    if cfg!(not(test)) {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    }
}
