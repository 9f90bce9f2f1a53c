//! Panics on purpose, for the tests. Not in the header.
#![allow(clippy::panic)]

use std::sync::Arc;

use async_trait::async_trait;
use openclaw_core::embed::Client;
use openclaw_core::{CallOptions, Capabilities, EventStream, Provider, ProviderId, Request};

use crate::client::{ClientValue, OPENCLAW_RUNTIME_INLINE, openclaw_client};
use crate::error::openclaw_error;
use crate::guard::{enter, free, give, read, with};
use crate::ready::Shared;
use crate::status::{OPENCLAW_OK, openclaw_status};
use crate::stream::{Stream, openclaw_stream};
use crate::text::place;

/// Panics with a stream in hand; without one if it is NULL.
#[unsafe(no_mangle)]
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

/// Panics in an accessor, which then gives 7.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_panic_in_accessor(stream: *const openclaw_stream) -> i32 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, 7, |_| panic!("in an accessor")) }
}

/// Panics while it frees a stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_panic_in_free(stream: *mut openclaw_stream) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(stream, |_| panic!("while it is freed")) }
}

/// A client whose calls panic: on the worker, or, inline, on the thread that asks for an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_panic_client(
    runtime: u32,
    out: *mut *mut openclaw_client,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        let inline = runtime == OPENCLAW_RUNTIME_INLINE;
        let client = Client::with_provider(Arc::new(Broken(ProviderId::new("broken"))), inline)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(ClientValue { client, shared: Arc::new(Shared::new(inline)) })) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

#[derive(Debug)]
struct Broken(ProviderId);

#[async_trait]
impl Provider for Broken {
    fn id(&self) -> &ProviderId {
        &self.0
    }

    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }

    async fn stream(&self, _: &Request, _: &CallOptions) -> openclaw_core::Result<EventStream> {
        panic!("in a call, with the key sk-secret1234567890abcdef")
    }
}
