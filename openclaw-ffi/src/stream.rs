//! One call and its events, pulled by the host.

use std::collections::VecDeque;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::Duration;

use openclaw_core::embed::{Drained, End, StreamHandle, known};
use openclaw_core::{Event, ResponseHead};

use crate::client::{ClientValue, openclaw_client, wait_limit};
use crate::deliver::Delivery;
use crate::error::openclaw_error;
use crate::event::{Page, openclaw_event};
use crate::guard::{Fault, Handle, Result, free, give, look, read, status_of, with};
use crate::ready::{Listed, Shared};
use crate::request::openclaw_request;
use crate::status::*;
use crate::text::{Text, give_string, openclaw_str, openclaw_string, place};
use crate::versioned::{MAX_STRUCT, Versioned, write_struct};

/// So many events are taken out of the queue at once.
const BATCH: usize = 64;

/// One call of a model and its events.
///
/// One thread at a time reads it; `openclaw_stream_cancel` and the functions that tell how it ended may be called by
/// any thread at any time. Freeing it cancels the call. Since 0.1.
pub struct openclaw_stream {
    _opaque: [u8; 0],
}

impl Handle for openclaw_stream {
    type Value = Arc<Stream>;
    const MAGIC: u64 = 0x6f63_5f73_7465_0001;
    const NAME: &'static str = "openclaw_stream";
}

/// What is behind it. Shared with the list of the ready ones and with a dispatch that is under way.
#[derive(Debug)]
pub(crate) struct Stream {
    number: u64,
    handle: StreamHandle,
    shared: Arc<Shared>,
    reader: Mutex<Reader>,
    /// So many events are in the reader, where the queue does not know of them.
    buffered: AtomicUsize,
    cancelled: AtomicBool,
    paused: AtomicBool,
    /// The host was told how it ended: nothing is to be taken any more.
    over: AtomicBool,
    pub(crate) listed: Listed,
    /// What the host knows it by.
    pub(crate) host: AtomicPtr<openclaw_stream>,
    user_data: AtomicPtr<c_void>,
    pub(crate) delivery: Delivery,
    head: OnceLock<ResponseHead>,
    json: OnceLock<Text>,
    text: OnceLock<Text>,
}

/// What one thread at a time works with.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    taken: VecDeque<Event>,
    pub(crate) page: Page,
}

/// What a look for events came to.
#[derive(Debug)]
pub(crate) enum Next {
    Some,
    Completed,
}

impl Stream {
    fn new(handle: StreamHandle, shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self {
            number: shared.number(),
            handle,
            shared,
            reader: Mutex::default(),
            buffered: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            over: AtomicBool::new(false),
            listed: Listed::new(false),
            host: AtomicPtr::default(),
            user_data: AtomicPtr::default(),
            delivery: Delivery::default(),
            head: OnceLock::new(),
            json: OnceLock::new(),
            text: OnceLock::new(),
        })
    }

    pub(crate) fn end(&self) -> Option<End> {
        self.handle.end()
    }

    pub(crate) fn has_callback(&self) -> bool {
        self.delivery.is_set()
    }

    /// Whether it was made before the last fork: then it is the parent's.
    pub(crate) fn is_forked(&self) -> bool {
        self.handle.is_forked()
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    /// Whether the host has something to take.
    pub(crate) fn is_ready(&self) -> bool {
        !self.is_paused()
            && !self.over.load(Ordering::Acquire)
            && (self.buffered.load(Ordering::Acquire) > 0 || self.handle.is_ready())
    }

    /// Brings the list of the ready streams up to date, and asks to be told of the next event if there is none.
    pub(crate) fn settle(self: &Arc<Self>) {
        if !self.shared.is_watched() || self.shared.update(self) {
            return;
        }
        if self.is_forked() || self.is_paused() || self.over.load(Ordering::Acquire) {
            return;
        }
        let weak = Arc::downgrade(self);
        self.handle.on_ready(move || {
            if let Some(stream) = weak.upgrade() {
                stream.shared.update(&stream);
            }
        });
    }

    pub(crate) fn cancel(self: &Arc<Self>) {
        self.cancelled.store(true, Ordering::Release);
        self.shared.work(|| self.handle.cancel());
        self.settle();
    }

    fn pause(self: &Arc<Self>, pause: bool) {
        self.paused.store(pause, Ordering::Release);
        self.settle();
    }

    /// Refuses what an inline stream cannot do.
    pub(crate) fn needs_thread(&self) -> Result<()> {
        self.shared.needs_thread()
    }

    /// The reader, unless another thread has it.
    pub(crate) fn reader(&self) -> Result<MutexGuard<'_, Reader>> {
        match self.reader.try_lock() {
            Ok(reader) => Ok(reader),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Fault::busy("another thread reads this stream now")),
        }
    }

    /// Moves up to `max` events into the reader's page. `Some(ZERO)` does not wait.
    pub(crate) fn take(self: &Arc<Self>, reader: &mut Reader, max: usize, limit: Option<Duration>) -> Result<Next> {
        let outcome = self.look(reader, limit);
        let count = if matches!(outcome, Ok(Next::Some)) { reader.taken.len().min(max) } else { 0 };
        reader.page.fill(reader.taken.drain(..count));
        self.buffered.store(reader.taken.len(), Ordering::Release);
        if reader.taken.is_empty() {
            self.settle();
        }
        outcome
    }

    /// Sees to it that an event is in the reader, or tells why there is none.
    fn look(&self, reader: &mut Reader, limit: Option<Duration>) -> Result<Next> {
        // What was taken before a fork belongs to the parent: the child is told so by the queue below.
        if self.cancelled.load(Ordering::Acquire) || self.handle.is_forked() {
            reader.taken.clear();
        }
        if !reader.taken.is_empty() {
            return Ok(Next::Some);
        }
        let taken = &mut reader.taken;
        let drained = self.shared.work(|| match limit {
            Some(Duration::ZERO) => self.handle.try_drain(taken, BATCH),
            limit => self.handle.blocking_drain(taken, BATCH, limit),
        })?;
        match drained {
            Drained::Events(_) => {
                self.keep_head(taken);
                Ok(Next::Some)
            }
            Drained::Empty if limit == Some(Duration::ZERO) => Err(Fault::quiet(OPENCLAW_ERR_WOULD_BLOCK)),
            Drained::Empty => Err(Fault::quiet(OPENCLAW_ERR_WAIT_TIMEOUT)),
            // The end, or whatever a later core adds to it.
            _ => {
                self.over.store(true, Ordering::Release);
                match self.handle.end() {
                    Some(End::Failed(error)) => Err(error.into()),
                    _ => Ok(Next::Completed),
                }
            }
        }
    }

    /// Keeps what the answer began with, for whoever asks later.
    fn keep_head(&self, taken: &VecDeque<Event>) {
        if self.head.get().is_some() {
            return;
        }
        let head = taken.iter().find_map(|event| if let Event::Opened(head) = event { Some(head) } else { None });
        if let Some(head) = head {
            let _ = self.head.set((**head).clone());
        }
    }

    /// The same for the host, whose events do not go to a callback.
    fn pull(
        self: &Arc<Self>,
        max: usize,
        limit: Option<Duration>,
        hand_out: impl FnOnce(&Page) -> Result<()>,
    ) -> Result<openclaw_status> {
        if self.has_callback() {
            return Err(Fault::busy("the events of this stream go to its callback"));
        }
        let mut reader = self.reader()?;
        match self.take(&mut reader, max, limit)? {
            Next::Completed => Ok(OPENCLAW_OK),
            Next::Some => {
                hand_out(&reader.page)?;
                Ok(OPENCLAW_EVENT)
            }
        }
    }
}

/// Starts a call. It goes out on its own in a threaded client, with the first `openclaw_stream_next` in an inline one.
///
/// `*out` becomes a stream that the host owns; the request can be freed or changed at once. Errors: what is wrong with
/// the request as a whole; everything that goes wrong on the way arrives in the stream. Threads: any for the client,
/// one at a time for the request. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_stream(
    client: *const openclaw_client,
    request: *const openclaw_request,
    out: *mut *mut openclaw_stream,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &ClientValue| {
        let out = place(out, "out")?;
        // SAFETY: the host promises a handle of ours or NULL.
        let (request, options) = unsafe { look(request) }?.value().parts(value.client.settings())?;
        let stream = Stream::new(value.client.stream(request, options)?, value.shared.clone());
        let handle: *mut openclaw_stream = give(stream.clone());
        stream.host.store(handle, Ordering::Release);
        value.shared.add(&stream);
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(handle) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises handles of ours or NULL, and a place for the error or NULL.
    unsafe { with(client, err, call) }
}

/// Takes the next event, waiting for at most `timeout_ms`: for ever if negative, not at all if 0.
///
/// Gives `OPENCLAW_EVENT` when `*event` was filled, `OPENCLAW_OK` when the answer is complete, else a failure:
/// `OPENCLAW_ERR_WAIT_TIMEOUT` (`OPENCLAW_ERR_WOULD_BLOCK` if 0) when nothing came yet, `OPENCLAW_ERR_BUSY` while
/// another thread reads, and when the call failed its error, every time it is asked again. The texts of the event live
/// until the next call that takes events of this stream. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn openclaw_stream_next(
    stream: *const openclaw_stream,
    timeout_ms: i64,
    event: *mut openclaw_event,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |stream: &Arc<Stream>| {
        // A host that gives a bad struct must not lose an event by it.
        // SAFETY: the host promises a struct of the size that stands in it, or NULL.
        unsafe { write_struct(event, &openclaw_event::NONE, "event") }?;
        stream.pull(1, wait_limit(timeout_ms), |page| match page.view(0) {
            // SAFETY: as above.
            Some(full) => unsafe { write_struct(event, &full, "event") },
            None => Ok(()),
        })
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, call) }
}

/// `openclaw_stream_next` without waiting: for hosts with a loop, see `openclaw_client_fd`. Threads: one at a time.
/// Since 0.1.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn openclaw_stream_try_next(
    stream: *const openclaw_stream,
    event: *mut openclaw_event,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    // SAFETY: the host promises the same.
    unsafe { openclaw_stream_next(stream, 0, event, err) }
}

/// Takes up to `capacity` events at once, at most 64, waiting for the first one as `openclaw_stream_next` does.
///
/// `events` is an array whose elements are `stride` bytes apart: `sizeof *events`. Elements need no initialisation;
/// `struct_size` is set. `*count` becomes the number of events that were written. The texts of all of them live until
/// the next call that takes events of this stream. Gives what `openclaw_stream_next` gives. Threads: one at a time.
/// Since 0.1.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn openclaw_stream_next_batch(
    stream: *const openclaw_stream,
    timeout_ms: i64,
    events: *mut openclaw_event,
    capacity: usize,
    stride: usize,
    count: *mut usize,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |stream: &Arc<Stream>| {
        let (events, count) = (place(events, "events")?, place(count, "count")?);
        // SAFETY: not NULL, and the host promises a place.
        unsafe { count.write(0) };
        if capacity == 0 || !(openclaw_event::FIRST_SIZE..=MAX_STRUCT).contains(&stride) {
            return Err(Fault::argument(
                "capacity or stride is too small: they are the array's length and sizeof *events",
            ));
        }
        stream.pull(capacity, wait_limit(timeout_ms), |page| {
            // SAFETY: the page has at most `capacity` events, and the host promises so many places of `stride` bytes.
            unsafe {
                page.write_all(events, stride);
                count.write(page.len());
            }
            Ok(())
        })
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, call) }
}

/// The JSON form of event `index` of those that were taken last: 0 after `openclaw_stream_next`, and in a callback.
///
/// `*out` lives as long as the texts of the event. Errors: `OPENCLAW_ERR_INVALID_ARGUMENT` when there is no such event,
/// `OPENCLAW_ERR_BUSY`. Threads: the one that reads. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_event_json(
    stream: *const openclaw_stream,
    index: usize,
    out: *mut openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |stream: &Arc<Stream>| {
        let out = place(out, "out")?;
        let json = stream.reader()?.page.json(index);
        let json = json.ok_or_else(|| Fault::argument(format!("no event {index} was taken last")))?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(json) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, call) }
}

/// Takes and drops all events until the answer is there, waiting for at most `timeout_ms` for each; for ever if
/// negative.
///
/// Gives `OPENCLAW_OK` when it is complete, else as `openclaw_stream_next`. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn openclaw_stream_finish(
    stream: *const openclaw_stream,
    timeout_ms: i64,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |stream: &Arc<Stream>| {
        while stream.pull(BATCH, wait_limit(timeout_ms), |_| Ok(()))? != OPENCLAW_OK {}
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, call) }
}

/// Ends the call: what was not taken is gone, and the stream fails with `OPENCLAW_ERR_CANCELLED`. Does nothing after
/// the end, and nothing the second time. NULL is ignored. Threads: any, also inside a callback and while another thread
/// waits. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_cancel(stream: *const openclaw_stream) {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, (), Stream::cancel) }
}

/// Makes the stream not ready, whatever waits in it: the client's descriptor, `openclaw_client_poll`,
/// `openclaw_client_ready_stream` and `openclaw_client_dispatch` leave it out, and soon its connection is not read any
/// more. The call's time limits go on, but not those for the pause between two bytes. NULL is ignored. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_pause(stream: *const openclaw_stream) {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, (), |stream| stream.pause(true)) }
}

/// Ends a pause. NULL is ignored. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_resume(stream: *const openclaw_stream) {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, (), |stream| stream.pause(false)) }
}

/// The call is under way. Since 0.1.
pub const OPENCLAW_STREAM_RUNNING: i32 = 0;
/// The answer is complete. Since 0.1.
pub const OPENCLAW_STREAM_COMPLETED: i32 = 1;
/// The call failed. Since 0.1.
pub const OPENCLAW_STREAM_FAILED: i32 = 2;
/// The call was cancelled. Since 0.1.
pub const OPENCLAW_STREAM_CANCELLED: i32 = 3;

/// How the call stands: `OPENCLAW_STREAM_…`. Known before the events are taken that came before the end. Of NULL:
/// running. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_state(stream: *const openclaw_stream) -> i32 {
    let state = |stream: &Arc<Stream>| match stream.end() {
        None => OPENCLAW_STREAM_RUNNING,
        Some(End::Completed(_)) => OPENCLAW_STREAM_COMPLETED,
        Some(End::Failed(e)) if status_of(&e) == OPENCLAW_ERR_CANCELLED => OPENCLAW_STREAM_CANCELLED,
        Some(_) => OPENCLAW_STREAM_FAILED,
    };
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, OPENCLAW_STREAM_RUNNING, state) }
}

/// How the call ended, any number of times: `OPENCLAW_OK`, `OPENCLAW_ERR_NOT_ENDED`, or its error. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_status(
    stream: *const openclaw_stream,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, |stream: &Arc<Stream>| finished(stream).map(|_| OPENCLAW_OK)) }
}

/// What is known of the call by now, as a JSON object: `began`; once `OPENCLAW_EVENT_OPENED` was taken or the call ended
/// `request_id`, `cf_ray`, `model`, `profile`, `http_status`, `headers` (pairs of name and value, without credentials and
/// cookies), `attempts` (the tries that failed before), and what else the head of the answer said.
///
/// `*out` becomes a string that the host owns. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_info_json(
    stream: *const openclaw_stream,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |stream: &Arc<Stream>| {
        let out = place(out, "out")?;
        let info = known(stream.head.get(), stream.end().as_ref()).to_string();
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, info) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, call) }
}

/// The whole answer as a JSON object, any number of times. `*out` lives until the stream is freed. Errors:
/// `OPENCLAW_ERR_NOT_ENDED`; the error of the call. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_final_json(
    stream: *const openclaw_stream,
    out: *mut openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |stream: &Arc<Stream>| {
        let out = place(out, "out")?;
        let response = finished(stream)?;
        let text = stream.json.get_or_init(|| Text::new(serde_json::to_string(&*response).unwrap_or_default()));
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(text.view()) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, call) }
}

/// All text that the model wrote, any number of times. `*out` lives until the stream is freed. Errors:
/// `OPENCLAW_ERR_NOT_ENDED`; the error of the call. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_text(
    stream: *const openclaw_stream,
    out: *mut openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |stream: &Arc<Stream>| {
        let out = place(out, "out")?;
        let response = finished(stream)?;
        let text = stream.text.get_or_init(|| Text::new(response.text()));
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(text.view()) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(stream, err, call) }
}

/// Keeps a pointer of the host's with the stream. It is not looked at and not freed. NULL is ignored. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_set_user_data(stream: *const openclaw_stream, user_data: *mut c_void) {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, (), |stream| stream.user_data.store(user_data, Ordering::Release)) }
}

/// The pointer that was kept; NULL unless one was. Of NULL: NULL. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_user_data(stream: *const openclaw_stream) -> *mut c_void {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, std::ptr::null_mut(), |stream| stream.user_data.load(Ordering::Acquire)) }
}

/// Counts the streams of a client from 0: a name for logs. Of NULL: 0. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_number(stream: *const openclaw_stream) -> u64 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, 0, |stream| stream.number) }
}

/// Frees a stream, and cancels its call if it is under way. NULL is ignored.
///
/// If another thread is in its callback, waits for its return, and until then the callback can use the stream; then
/// calls `user_data_free`. No callback of it runs when this returns. Inside its own callback it can be called too;
/// `user_data_free` then follows the callback. Two callbacks that free each other's stream at the same time would wait
/// for ever. Threads: any, once, while nothing else uses the stream but `openclaw_client_dispatch` and its callback.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_stream_free(stream: *mut openclaw_stream) {
    let end = |stream: Arc<Stream>| {
        stream.over.store(true, Ordering::Release);
        stream.host.store(std::ptr::null_mut(), Ordering::Release);
        stream.cancelled.store(true, Ordering::Release);
        stream.shared.work(|| stream.handle.cancel());
        stream.shared.remove(&stream);
        let shared = stream.shared.clone();
        shared.work(|| drop(stream));
    };
    // First of all, for as long as a callback of another thread runs it may use the handle.
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(stream, (), |stream| stream.delivery.close(stream.is_forked())) };
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again; no callback does so any more.
    unsafe { free(stream, end) }
}

/// The answer, or why there is none.
pub(crate) fn finished(stream: &Stream) -> Result<Arc<openclaw_core::Response>> {
    match stream.end() {
        None => Err(Fault::quiet(OPENCLAW_ERR_NOT_ENDED)),
        Some(End::Completed(response)) => Ok(response),
        Some(End::Failed(error)) => Err(error.into()),
        Some(_) => Err(Fault::unsupported("the stream ended in a way that this version does not know")),
    }
}

/// A panic of another thread left nothing half done that a reader could not go on from.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
