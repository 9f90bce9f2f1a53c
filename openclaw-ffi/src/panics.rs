//! Panics on purpose, for the tests. Not in the header.

use std::sync::Arc;

use crate::error::openclaw_error;
use crate::guard::{enter, with};
use crate::status::{OPENCLAW_OK, openclaw_status};
use crate::stream::{Stream, openclaw_stream};

/// Panics with a stream in hand; without one if it is NULL.
#[unsafe(no_mangle)]
#[allow(clippy::panic)]
pub unsafe extern "C" fn openclaw_test_panic(
    stream: *const openclaw_stream,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    if stream.is_null() {
        // SAFETY: the host promises a place for the error or NULL.
        return unsafe { enter(err, || panic!("on purpose, with the key sk-secret1234567890abcdef")) };
    }
    // SAFETY: the host promises a handle of ours, and a place for the error or NULL.
    unsafe {
        with(
            stream,
            err,
            |stream: &Arc<Stream>| {
                if stream.end().is_some() { Ok(OPENCLAW_OK) } else { std::panic::panic_any(7_u8) }
            },
        )
    }
}
