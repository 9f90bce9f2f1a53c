//! One stream for a host: events wait in a bounded queue until the host takes them.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::faults::{closed, forked};
use super::host::scope;
use super::runtime::{Mode, Runtime};
use crate::chat::{Event, Response};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::provider::EventStream;

/// So many events wait at most; then the socket is not read.
const CAPACITY: usize = 256;
/// So many events are handed over at once at most, if the bytes of so many are there already.
const BURST: usize = 64;

/// How a stream ended. Can be read any number of times.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum End {
    /// With the whole answer.
    Completed(Arc<Response>),
    /// With an error; `cancelled` when the host cancelled it.
    Failed(Error),
}

/// What a look into the queue came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drained {
    /// So many events were taken.
    Events(usize),
    /// None is there yet.
    Empty,
    /// All were taken, and the stream has ended: see [`StreamHandle::end`].
    Ended,
}

/// One stream for a host. Any thread may use it; events are taken by one thread at a time. Dropping the last handle
/// closes the request.
#[derive(Clone)]
pub struct StreamHandle(Arc<Owner>);

/// Dropped with the last handle, while the producer still holds the queue.
struct Owner {
    queue: Arc<Queue>,
    runtime: Runtime,
    /// Inline: the stream itself, driven by whoever takes events.
    inline: Mutex<Option<EventStream>>,
    task: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

struct Queue {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    end: Option<End>,
    /// Called once, at the next moment when something can be taken.
    hook: Option<Box<dyn FnOnce() + Send>>,
    /// The producer, when it waits for room; inline, whoever drives the stream and waits.
    room: Option<Waker>,
    /// So many threads wait in [`StreamHandle::blocking_drain`]: without one, telling costs a system call for nothing.
    blocked: usize,
    /// See [`StreamHandle::only_end`].
    only_end: bool,
}

impl State {
    /// Whether a wait is over.
    fn is_ready(&self) -> bool {
        self.end.is_some() || (!self.only_end && !self.events.is_empty())
    }
}

impl StreamHandle {
    /// Starts a stream. `start` is run where the call runs; nothing is sent by this function itself.
    ///
    /// # Errors
    /// `config` when the runtime was shut down or belongs to the parent of a fork.
    pub fn start(runtime: &Runtime, start: impl Future<Output = Result<EventStream>> + Send + 'static) -> Result<Self> {
        let tokio = runtime.handle()?;
        let queue = Arc::new(Queue { state: Mutex::default(), ready: Condvar::new() });
        let owner =
            Owner { queue: queue.clone(), runtime: runtime.clone(), inline: Mutex::default(), task: Mutex::default() };
        match runtime.mode() {
            Mode::Inline => {
                let stream = EventStream::new(Starting::Waiting(Box::pin(start)));
                *lock(&owner.inline) = Some(stream);
            }
            Mode::Threaded => {
                let stream = Starting::Waiting(Box::pin(start));
                let task = tokio.spawn(scope(Produce { stream, queue, burst: Vec::new(), room: 0 }));
                *lock(&owner.task) = Some(task);
            }
        }
        Ok(Self(Arc::new(owner)))
    }

    /// Takes up to `max` events that are there.
    ///
    /// # Errors
    /// `config` with code `forked` in a forked child.
    pub fn try_drain(&self, into: &mut VecDeque<Event>, max: usize) -> Result<Drained> {
        if self.0.runtime.is_forked() {
            return Err(forked());
        }
        if self.0.runtime.mode() == Mode::Inline {
            return self.drive(into, max, Some(Duration::ZERO));
        }
        Ok(self.0.queue.take(self.0.queue.lock(), into, max))
    }

    /// Takes up to `max` events; waits for the first one, at most so long. `None` waits for ever.
    ///
    /// # Errors
    /// `config` with code `forked` in a forked child.
    pub fn blocking_drain(&self, into: &mut VecDeque<Event>, max: usize, limit: Option<Duration>) -> Result<Drained> {
        if self.0.runtime.is_forked() {
            return Err(forked());
        }
        if self.0.runtime.mode() == Mode::Inline {
            return self.drive(into, max, limit);
        }
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        Ok(self.0.queue.take(self.0.queue.wait(until), into, max))
    }

    /// Calls `hook` once: at once if something can be taken, else as soon as it can. A later hook replaces it.
    ///
    /// The hook runs on whatever thread makes the event ready and must not block. An inline stream has no such thread:
    /// there the hook is called at once.
    pub fn on_ready(&self, hook: impl FnOnce() + Send + 'static) {
        {
            let mut state = self.0.queue.lock();
            if !state.is_ready() && self.0.runtime.mode() == Mode::Threaded {
                state.hook = Some(Box::new(hook));
                return;
            }
        }
        hook();
    }

    /// Ends the stream; events that were not taken are gone. Does nothing after the end.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// How it ended, once the events before the end are taken or not.
    pub fn end(&self) -> Option<End> {
        self.0.queue.lock().end.clone()
    }

    /// Whether events or the end can be taken now.
    pub fn is_ready(&self) -> bool {
        self.0.queue.lock().is_ready()
    }

    /// Whether only the end matters from now on: then waits and hooks last until it, and of the events before it only
    /// those about the call itself are kept (`Opened`, `Retrying`, `Warning`). Spares a wake-up per piece of text. Of
    /// no effect on an inline stream, which wakes nobody.
    pub fn only_end(&self, only: bool) {
        let mut state = self.0.queue.lock();
        state.only_end = only && self.0.runtime.mode() == Mode::Threaded;
        if state.only_end {
            state.events.retain(|event| is_kept(event) || matches!(event, Event::Completed(_)));
        }
        let room = state.room.take();
        drop(state);
        if let Some(producer) = room {
            producer.wake();
        }
    }

    /// Whether it was made before the last fork.
    pub fn is_forked(&self) -> bool {
        self.0.runtime.is_forked()
    }

    /// Inline: polls the stream on this thread.
    fn drive(&self, into: &mut VecDeque<Event>, max: usize, limit: Option<Duration>) -> Result<Drained> {
        let mut slot = lock(&self.0.inline);
        let Some(mut stream) = slot.take() else {
            return Ok(self.0.queue.take(self.0.queue.lock(), into, max));
        };
        let mut taken = 0;
        let outcome = self.0.runtime.block_on(async {
            let mut timer = limit.map(|limit| Box::pin(tokio::time::sleep(limit)));
            std::future::poll_fn(|cx| {
                while taken < max.max(1) {
                    match futures_core::Stream::poll_next(Pin::new(&mut stream), cx) {
                        Poll::Ready(Some(Ok(event))) => {
                            taken += 1;
                            if let Event::Completed(response) = &event {
                                self.0.queue.finish(End::Completed(Arc::new((**response).clone())));
                            }
                            into.push_back(event);
                        }
                        Poll::Ready(Some(Err(error))) => {
                            self.0.queue.finish(End::Failed(error));
                            return Poll::Ready(());
                        }
                        Poll::Ready(None) => {
                            self.0.queue.finish(End::Failed(unended()));
                            return Poll::Ready(());
                        }
                        Poll::Pending if taken > 0 => return Poll::Ready(()),
                        Poll::Pending => {
                            // Another thread may cancel while this one waits.
                            if self.0.queue.poll_end(cx).is_ready() {
                                return Poll::Ready(());
                            }
                            let Some(timer) = &mut timer else { return Poll::Pending };
                            return timer.as_mut().poll(cx);
                        }
                    }
                }
                Poll::Ready(())
            })
            .await;
            // Dropped in here if it has ended: closing a connection needs the runtime.
            Some(stream).filter(|_| self.0.queue.lock().end.is_none())
        });
        match outcome {
            Ok(kept) => {
                if let (None, Ok(tokio)) = (&kept, self.0.runtime.handle()) {
                    settle(&tokio);
                }
                *slot = kept;
            }
            Err(error) => {
                self.0.queue.finish(End::Failed(error.clone()));
                return Err(error);
            }
        }
        let ended = slot.is_none();
        Ok(match (taken, ended) {
            (0, true) => Drained::Ended,
            (0, false) => Drained::Empty,
            (count, _) => Drained::Events(count),
        })
    }
}

impl Owner {
    fn cancel(&self) {
        let cancelled = Error::new(ErrorKind::Cancelled, Stage::MaybeSent, "the call was cancelled");
        self.queue.end(End::Failed(cancelled), true);
        if self.runtime.is_forked() {
            return;
        }
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
        if self.runtime.mode() == Mode::Inline {
            // A thread that drives it now was woken, and drops it itself.
            if let Ok(mut slot) = self.inline.try_lock() {
                if let (Some(stream), Ok(tokio)) = (slot.take(), self.runtime.handle()) {
                    {
                        let _context = tokio.enter();
                        drop(stream);
                    }
                    settle(&tokio);
                }
            }
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.runtime.is_forked() {
            // Its socket is watched by the parent too: closing it here would end the parent's watch.
            if let Ok(mut slot) = self.inline.try_lock() {
                std::mem::forget(slot.take());
            }
        } else if self.queue.lock().end.is_none() {
            self.cancel();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Blocks until something can be taken, or the time is up.
    fn wait(&self, until: Option<Instant>) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        state.blocked += 1;
        while !state.is_ready() {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            state = match left {
                None => self.ready.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(left) => self.ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        state.blocked -= 1;
        state
    }

    fn take(&self, mut state: MutexGuard<'_, State>, into: &mut VecDeque<Event>, max: usize) -> Drained {
        let count = if state.is_ready() { state.events.len().min(max) } else { 0 };
        if count == 0 {
            return if state.end.is_some() { Drained::Ended } else { Drained::Empty };
        }
        into.extend(state.events.drain(..count));
        // Not for every event that is taken: waking a thread costs more than many events.
        let room = if state.events.len() <= CAPACITY / 2 { state.room.take() } else { None };
        drop(state);
        if let Some(producer) = room {
            producer.wake();
        }
        Drained::Events(count)
    }

    /// The producer's side: how many events there is room for; `Pending` when there is none.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<usize> {
        let mut state = self.lock();
        if state.only_end {
            return Poll::Ready(BURST);
        }
        match CAPACITY.saturating_sub(state.events.len()) {
            0 => {
                state.room = Some(cx.waker().clone());
                Poll::Pending
            }
            room => Poll::Ready(room.min(BURST)),
        }
    }

    /// The driver's side of an inline stream: `Pending` until it has ended.
    fn poll_end(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.end.is_some() {
            return Poll::Ready(());
        }
        match &mut state.room {
            Some(driver) => driver.clone_from(cx.waker()),
            unset => *unset = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    fn push(&self, burst: &mut Vec<Event>) {
        if burst.is_empty() {
            return;
        }
        let mut state = self.lock();
        for event in burst.drain(..) {
            if state.end.is_some() {
                continue;
            }
            if let Event::Completed(response) = &event {
                state.end = Some(End::Completed(Arc::new((**response).clone())));
            } else if state.only_end && !(is_kept(&event) && state.events.len() < CAPACITY) {
                continue;
            }
            state.events.push_back(event);
        }
        if state.is_ready() {
            self.announce(state);
        }
    }

    /// Ends the stream, unless it has ended.
    fn finish(&self, end: End) {
        self.end(end, false);
    }

    /// Ends the stream, unless it has ended. Discards what was not taken and ends under one lock, so that nothing arrives
    /// in between.
    fn end(&self, end: End, discard: bool) {
        let mut state = self.lock();
        if state.end.is_none() {
            if discard {
                state.events.clear();
            }
            state.end = Some(end);
            let waiting = state.room.take();
            self.announce(state);
            if let Some(waiting) = waiting {
                waiting.wake();
            }
        }
    }

    fn announce(&self, mut state: MutexGuard<'_, State>) {
        let hook = state.hook.take();
        let blocked = state.blocked > 0;
        drop(state);
        if blocked {
            self.ready.notify_one();
        }
        if let Some(hook) = hook {
            hook();
        }
    }
}

/// What is kept when only the end matters.
fn is_kept(event: &Event) -> bool {
    matches!(event, Event::Opened(_) | Event::Retrying { .. } | Event::Warning(_))
}

/// Inline: lets the tasks of a connection see that its stream was dropped, else it would stay open until the next call.
/// On a thread that is inside a runtime already nothing can be driven; there it does stay open until then.
fn settle(tokio: &tokio::runtime::Runtime) {
    if tokio::runtime::Handle::try_current().is_err() {
        tokio.block_on(async {
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        });
    }
}

/// The task that reads ahead.
struct Produce {
    stream: Starting,
    queue: Arc<Queue>,
    /// Read, but not handed over yet: the host is woken once for all that came in one piece.
    burst: Vec<Event>,
    /// For so many the queue had room.
    room: usize,
}

impl Future for Produce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            if this.burst.len() >= this.room {
                this.queue.push(&mut this.burst);
                this.room = 0;
                this.room = std::task::ready!(this.queue.poll_room(cx));
            }
            let next = futures_core::Stream::poll_next(Pin::new(&mut this.stream), cx);
            if let Poll::Ready(Some(Ok(event))) = next {
                let last = matches!(event, Event::Completed(_));
                this.burst.push(event);
                if last {
                    this.queue.push(&mut this.burst);
                    return Poll::Ready(());
                }
                continue;
            }
            // Nothing more is there for now: what is there goes at once.
            this.queue.push(&mut this.burst);
            match next {
                Poll::Pending => {
                    this.room = 0;
                    return Poll::Pending;
                }
                Poll::Ready(Some(Err(error))) => this.queue.finish(End::Failed(error)),
                Poll::Ready(_) => this.queue.finish(End::Failed(unended())),
            }
            return Poll::Ready(());
        }
    }
}

impl Drop for Produce {
    /// The runtime was shut down, or the task panicked: the host must not wait for ever.
    fn drop(&mut self) {
        let text = match std::thread::panicking() {
            true => Error::new(ErrorKind::Unknown, Stage::MaybeSent, "a fault inside the library: please report it")
                .with_code("panic"),
            false => closed().with_stage(Stage::MaybeSent),
        };
        self.queue.push(&mut self.burst);
        self.queue.finish(End::Failed(text));
    }
}

/// A stream that is still being asked for.
enum Starting {
    Waiting(Pin<Box<dyn Future<Output = Result<EventStream>> + Send>>),
    Started(EventStream),
    Failed,
}

impl futures_core::Stream for Starting {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut *self {
                Self::Started(stream) => return Pin::new(stream).poll_next(cx),
                Self::Failed => return Poll::Ready(None),
                Self::Waiting(future) => match std::task::ready!(future.as_mut().poll(cx)) {
                    Ok(stream) => *self = Self::Started(stream),
                    Err(error) => {
                        *self = Self::Failed;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
    }
}

fn unended() -> Error {
    Error::new(ErrorKind::StreamTruncated, Stage::Streaming, "the provider ended the stream without an end")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for StreamHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.queue.lock();
        f.debug_struct("StreamHandle")
            .field("waiting", &state.events.len())
            .field("ended", &state.end.is_some())
            .finish()
    }
}
