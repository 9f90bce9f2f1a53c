//! One stream for a host: events wait in a bounded queue until the host takes them.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::runtime::{Mode, Runtime, closed, forked};
use crate::chat::{Event, Response};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::provider::EventStream;

/// So many events wait at most; then the socket is not read.
const CAPACITY: usize = 256;

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
    /// The producer, when it waits for room.
    room: Option<Waker>,
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
                let task = tokio.spawn(Produce { stream: Starting::Waiting(Box::pin(start)), queue });
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
        let queue = &self.0.queue;
        let mut state = queue.lock();
        while state.events.is_empty() && state.end.is_none() {
            state = match until {
                None => queue.ready.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Ok(Drained::Empty);
                    }
                    queue.ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        Ok(queue.take(state, into, max))
    }

    /// Calls `hook` once: at once if something can be taken, else as soon as it can. A later hook replaces it.
    ///
    /// The hook runs on whatever thread makes the event ready and must not block. An inline stream has no such thread:
    /// there the hook is called at once.
    pub fn on_ready(&self, hook: impl FnOnce() + Send + 'static) {
        {
            let mut state = self.0.queue.lock();
            if state.events.is_empty() && state.end.is_none() && self.0.runtime.mode() == Mode::Threaded {
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
        let state = self.0.queue.lock();
        !state.events.is_empty() || state.end.is_some()
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
                            let Some(timer) = &mut timer else { return Poll::Pending };
                            return timer.as_mut().poll(cx);
                        }
                    }
                }
                Poll::Ready(())
            })
            .await;
        });
        outcome?;
        let ended = self.0.queue.lock().end.is_some();
        if !ended {
            *slot = Some(stream);
        }
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
        self.queue.lock().events.clear();
        self.queue.finish(End::Failed(cancelled));
        if self.runtime.is_forked() {
            return;
        }
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
        if self.runtime.mode() == Mode::Inline {
            // A thread that drives it now ends it itself; its connection is closed by the drop.
            if let Ok(mut slot) = self.inline.try_lock() {
                if let (Some(stream), Ok(tokio)) = (slot.take(), self.runtime.handle()) {
                    let _context = tokio.enter();
                    drop(stream);
                }
            }
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if !self.runtime.is_forked() && self.queue.lock().end.is_none() {
            self.cancel();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn take(&self, mut state: MutexGuard<'_, State>, into: &mut VecDeque<Event>, max: usize) -> Drained {
        let count = state.events.len().min(max);
        if count == 0 {
            return if state.end.is_some() { Drained::Ended } else { Drained::Empty };
        }
        into.extend(state.events.drain(..count));
        let room = state.room.take();
        drop(state);
        if let Some(producer) = room {
            producer.wake();
        }
        Drained::Events(count)
    }

    /// The producer's side: `Pending` when there is no room.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.events.len() < CAPACITY {
            return Poll::Ready(());
        }
        state.room = Some(cx.waker().clone());
        Poll::Pending
    }

    fn push(&self, event: Event) {
        let mut state = self.lock();
        if state.end.is_some() {
            return;
        }
        if let Event::Completed(response) = &event {
            state.end = Some(End::Completed(Arc::new((**response).clone())));
        }
        state.events.push_back(event);
        self.announce(state);
    }

    /// Ends the stream, unless it has ended.
    fn finish(&self, end: End) {
        let mut state = self.lock();
        if state.end.is_none() {
            state.end = Some(end);
            self.announce(state);
        }
    }

    fn announce(&self, mut state: MutexGuard<'_, State>) {
        let hook = state.hook.take();
        drop(state);
        self.ready.notify_one();
        if let Some(hook) = hook {
            hook();
        }
    }
}

/// The task that reads ahead.
struct Produce {
    stream: Starting,
    queue: Arc<Queue>,
}

impl Future for Produce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            std::task::ready!(this.queue.poll_room(cx));
            match std::task::ready!(futures_core::Stream::poll_next(Pin::new(&mut this.stream), cx)) {
                Some(Ok(event)) => {
                    let last = matches!(event, Event::Completed(_));
                    this.queue.push(event);
                    if last {
                        return Poll::Ready(());
                    }
                }
                Some(Err(error)) => {
                    this.queue.finish(End::Failed(error));
                    return Poll::Ready(());
                }
                None => {
                    this.queue.finish(End::Failed(unended()));
                    return Poll::Ready(());
                }
            }
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
