//! For hosts with a loop: one descriptor for all streams, a wait, and callbacks.

use std::ffi::c_void;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use crate::client::{ClientValue, openclaw_client, wait_limit};
use crate::error::{Record, openclaw_error};
use crate::event::openclaw_event;
use crate::guard::{Fault, Result, enter, free, give, look, with};
use crate::ready::Shared;
use crate::status::*;
use crate::stream::{Next, Stream, lock, openclaw_stream};
use crate::text::place;

/// In `events` and `revents` of `openclaw_waitfd`: something can be read. Since 0.1.
pub const OPENCLAW_POLLIN: i16 = 1;
/// In `events` and `revents` of `openclaw_waitfd`: urgent data can be read. Since 0.1.
pub const OPENCLAW_POLLPRI: i16 = 2;
/// In `events` and `revents` of `openclaw_waitfd`: something can be written. Since 0.1.
pub const OPENCLAW_POLLOUT: i16 = 4;
/// In `revents` of `openclaw_waitfd`: the descriptor is broken, hung up or not open. Since 0.1.
pub const OPENCLAW_POLLERR: i16 = 8;

/// A descriptor of the host that `openclaw_client_poll` waits for too. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_waitfd {
    /// The descriptor; a negative one is left out.
    pub fd: i32,
    /// What is waited for: `OPENCLAW_POLL…`.
    pub events: i16,
    /// What is there: `OPENCLAW_POLL…`; set by the library.
    pub revents: i16,
}

/// What a callback is called with: `event` is the next event of `stream`, or NULL at its end; then `status` is
/// `OPENCLAW_OK` or the failure, and `error` says why. Event and error are borrowed until the callback returns.
///
/// Called only inside `openclaw_client_dispatch`, by the thread that called it. It may call every function of this
/// library, `openclaw_stream_free` of its own stream too; it must not throw and not jump out. Since 0.1.
pub type openclaw_event_callback = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        stream: *mut openclaw_stream,
        event: *const openclaw_event,
        status: openclaw_status,
        error: *const openclaw_error,
    ),
>;

/// Frees what a callback works with; called exactly once, after the last callback. Since 0.1.
pub type openclaw_free_callback = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// The callback of a stream.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    set: AtomicBool,
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    callback: Option<Callback>,
    /// The thread that is in the callback.
    running: Option<ThreadId>,
    /// The stream was freed: the callback is not called again.
    closed: bool,
    /// The thread that freed it waits for the end of the callback, and frees its data itself.
    awaited: bool,
}

#[derive(Debug, Clone, Copy)]
struct Callback {
    call: unsafe extern "C" fn(
        *mut c_void,
        *mut openclaw_stream,
        *const openclaw_event,
        openclaw_status,
        *const openclaw_error,
    ),
    free: openclaw_free_callback,
    user_data: *mut c_void,
}

// SAFETY: the library never looks at `user_data`; the header says on which thread the host gets it back.
unsafe impl Send for Callback {}

impl Callback {
    fn free(self) {
        if let Some(free) = self.free {
            // SAFETY: the host promises that its function can be called once with its pointer.
            unsafe { free(self.user_data) };
        }
    }
}

impl Delivery {
    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire)
    }

    fn set(&self, callback: Callback) -> Result<()> {
        let mut state = lock(&self.state);
        if state.callback.is_some() {
            return Err(Fault::busy("the stream has a callback already"));
        }
        state.callback = Some(callback);
        self.set.store(true, Ordering::Release);
        Ok(())
    }

    /// The callback, for this thread alone; `None` when another one has it or there is none.
    fn begin(&self) -> Option<Callback> {
        let mut state = lock(&self.state);
        if state.closed || state.running.is_some() {
            return None;
        }
        let callback = state.callback?;
        state.running = Some(std::thread::current().id());
        Some(callback)
    }

    fn end(&self) {
        let mut state = lock(&self.state);
        state.running = None;
        // The stream was freed inside the callback: this is the last moment of its data.
        let last = if state.closed && !state.awaited { state.callback.take() } else { None };
        drop(state);
        self.done.notify_all();
        if let Some(callback) = last {
            callback.free();
        }
    }

    fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    /// The stream is about to be freed: when this returns, its callback runs in no other thread and is not called
    /// again. After a fork there is no other thread.
    pub(crate) fn close(&self, forked: bool) {
        let mut state = lock(&self.state);
        state.closed = true;
        if state.running == Some(std::thread::current().id()) {
            return;
        }
        state.awaited = true;
        while state.running.is_some() && !forked {
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let callback = state.callback.take();
        drop(state);
        if let Some(callback) = callback {
            callback.free();
        }
    }
}

/// Ends the delivery also when it panics.
struct Delivering<'a>(&'a Delivery);

impl Drop for Delivering<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// So many events of one stream are delivered before the next one has its turn.
const TURN: usize = 64;

/// Calls the callback for what is there. Gives how often it was called.
fn deliver(stream: &Arc<Stream>) -> Result<i32> {
    let Some(callback) = stream.delivery.begin() else { return Ok(0) };
    let _delivering = Delivering(&stream.delivery);
    let mut calls = 0;
    for _ in 0..TURN {
        if stream.is_paused() || stream.delivery.is_closed() {
            break;
        }
        let host = stream.host.load(Ordering::Acquire);
        let outcome = {
            // A function of the host can be in it for a moment, such as `openclaw_stream_event_json`.
            let Ok(mut reader) = stream.reader() else { break };
            let next = stream.take(&mut reader, 1, Some(Duration::ZERO));
            next.map(|next| match next {
                Next::Some => reader.page.view(0),
                Next::Completed => None,
            })
        };
        // Nothing is locked while the host works, so it can call everything.
        match outcome {
            Ok(Some(event)) => {
                calls += 1;
                // SAFETY: the host promises its function; the texts of the event stay until the next one is taken, which
                // only this thread does.
                unsafe { (callback.call)(callback.user_data, host, &event, OPENCLAW_OK, std::ptr::null()) };
            }
            Ok(None) => {
                calls += 1;
                let none = std::ptr::null();
                // SAFETY: the host promises its function.
                unsafe { (callback.call)(callback.user_data, host, none, OPENCLAW_OK, std::ptr::null()) };
                break;
            }
            Err(Fault { error: None, .. }) => break,
            Err(Fault { status, error: Some(error) }) => {
                calls += 1;
                let error: *mut openclaw_error = give(Record::new(status, error));
                // SAFETY: the host promises its function; the error is freed below and was given to nobody else.
                unsafe {
                    (callback.call)(callback.user_data, host, std::ptr::null(), status, error);
                    free(error, drop);
                }
                break;
            }
        }
    }
    Ok(calls)
}

/// Lets the events of a stream go to a callback. From then on only `openclaw_client_dispatch` takes them.
///
/// `user_data_free` may be NULL; else it is called exactly once with `user_data`, when the stream is freed. On failure
/// it is not called. Errors: `OPENCLAW_ERR_BUSY` if there is a callback already, `OPENCLAW_ERR_UNSUPPORTED` for a
/// stream of an inline client, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: the one that reads. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_set_callback(
    stream: *const openclaw_stream,
    callback: openclaw_event_callback,
    user_data: *mut c_void,
    user_data_free: openclaw_free_callback,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |stream: &Arc<Stream>| {
        let call = callback.ok_or_else(|| Fault::argument("callback is NULL"))?;
        // As soon as it is set, another thread may dispatch it, and the callback may free the stream.
        let stream = stream.clone();
        stream.needs_thread()?;
        stream.delivery.set(Callback { call, free: user_data_free, user_data })?;
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, call) }
}

/// A descriptor that is readable exactly while a stream of this client that is not paused has an event, or an end, that
/// was not taken. Level-triggered: wait for it with `poll`, `epoll`, `kqueue` or a loop of your own, never read it.
///
/// `*out` belongs to the client and lives as long as it; the same one every time, but in the child of a fork, which has to
/// ask for one of its own: that of before stays the parent's. Ask `openclaw_client_ready_stream`
/// and take with `openclaw_stream_try_next`, or call `openclaw_client_dispatch`. Errors: `OPENCLAW_ERR_UNSUPPORTED` for
/// an inline client. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_fd(
    client: *const openclaw_client,
    out: *mut i32,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &ClientValue| {
        let out = place(out, "out")?;
        let fd = value.shared.fd()?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(fd) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(client, err, call) }
}

/// A stream without a callback that has something to take, each in its turn; NULL if there is none. Borrowed: the host
/// owns it already. Of NULL and of an inline client: NULL. Threads: any, but not while another one frees streams. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_ready_stream(client: *const openclaw_client) -> *mut openclaw_stream {
    let ready = |value: &ClientValue| match value.shared.next_ready() {
        Ok(Some(stream)) => stream.host.load(Ordering::Acquire),
        _ => std::ptr::null_mut(),
    };
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { crate::guard::read(client, std::ptr::null_mut(), ready) }
}

/// Waits until a stream is ready, a descriptor of the host is, `openclaw_client_wakeup` is called, a signal comes, or
/// `timeout_ms` passed; for ever if negative.
///
/// `fds` are `count` descriptors of the host, or NULL and 0. `*ready`, unless NULL, becomes the number of those that
/// are ready, plus one if a stream is; 0 after a wakeup, a signal or the time. Errors: `OPENCLAW_ERR_UNSUPPORTED` for
/// an inline client, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_poll(
    client: *const openclaw_client,
    timeout_ms: i64,
    fds: *mut openclaw_waitfd,
    count: usize,
    ready: *mut i32,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &ClientValue| {
        let fds = match (fds.is_null(), count) {
            (_, 0) => &mut [],
            (true, _) => return Err(Fault::argument("fds is NULL, count is not 0")),
            (false, count) if count > 65_536 => return Err(Fault::argument("count is too large")),
            // SAFETY: not NULL, and the host promises so many.
            (false, count) => unsafe { std::slice::from_raw_parts_mut(fds, count) },
        };
        fds.iter_mut().for_each(|fd| fd.revents = 0);
        let (mut polled, places): (Vec<PollFd<'_>>, Vec<usize>) = fds
            .iter()
            .enumerate()
            .filter(|(_, fd)| fd.fd >= 0)
            .map(|(place, fd)| {
                // SAFETY: not negative, and the host promises to keep it open during the call.
                let borrowed = unsafe { BorrowedFd::borrow_raw(fd.fd) };
                (PollFd::new(borrowed, flags(fd.events)), place)
            })
            .unzip();
        let shared: Arc<Shared> = value.shared.clone();
        let woken = shared.wait(wait_limit(timeout_ms), &mut polled)?;
        for (found, place) in polled.iter().zip(places) {
            if let Some(fd) = fds.get_mut(place) {
                fd.revents = numbers(found.revents().unwrap_or(PollFlags::POLLERR));
            }
        }
        if !ready.is_null() {
            // SAFETY: not NULL, and the host promises a place.
            unsafe { ready.write(woken.others + i32::from(woken.ready)) };
        }
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(client, err, call) }
}

/// Ends the wait of a thread that is in `openclaw_client_poll` or `openclaw_client_dispatch`, or else the next one at
/// once. Errors: `OPENCLAW_ERR_UNSUPPORTED` for an inline client. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_wakeup(
    client: *const openclaw_client,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(client, err, |value: &ClientValue| value.shared.wakeup().map(|()| OPENCLAW_OK)) }
}

/// Waits as `openclaw_client_poll` does if no stream with a callback is ready, then calls the callbacks of those that
/// are: for each stream at most 64 events, so that none starves the others.
///
/// `*calls`, unless NULL, becomes the number of calls. Errors: `OPENCLAW_ERR_UNSUPPORTED` for an inline client.
/// Threads: any; several may dispatch one client, and each stream is delivered by one of them at a time. Inside a
/// callback it leaves the stream of that callback out. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_dispatch(
    client: *const openclaw_client,
    timeout_ms: i64,
    calls: *mut i32,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        // Callbacks may free the client: only what the streams share is kept.
        // SAFETY: the host promises a handle of ours or NULL.
        let shared = unsafe { look(client) }?.usable::<openclaw_client>()?.shared.clone();
        let mut streams = shared.for_dispatch()?;
        if streams.is_empty() && timeout_ms != 0 {
            shared.wait(wait_limit(timeout_ms), &mut [])?;
            streams = shared.for_dispatch()?;
        }
        let mut count = 0i32;
        for stream in &streams {
            count = count.saturating_add(deliver(stream)?);
        }
        if !calls.is_null() {
            // SAFETY: not NULL, and the host promises a place.
            unsafe { calls.write(count) };
        }
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

fn flags(events: i16) -> PollFlags {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::POLLIN, events & OPENCLAW_POLLIN != 0);
    flags.set(PollFlags::POLLPRI, events & OPENCLAW_POLLPRI != 0);
    flags.set(PollFlags::POLLOUT, events & OPENCLAW_POLLOUT != 0);
    flags
}

fn numbers(flags: PollFlags) -> i16 {
    let bad = PollFlags::POLLERR | PollFlags::POLLHUP | PollFlags::POLLNVAL;
    let mut events = 0;
    for (flag, number) in [
        (PollFlags::POLLIN, OPENCLAW_POLLIN),
        (PollFlags::POLLPRI, OPENCLAW_POLLPRI),
        (PollFlags::POLLOUT, OPENCLAW_POLLOUT),
        (bad, OPENCLAW_POLLERR),
    ] {
        if flags.intersects(flag) {
            events |= number;
        }
    }
    events
}
