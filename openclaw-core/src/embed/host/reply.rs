//! A bounded channel from the host to a call: pieces, then an end. The host's side may be on any thread, in an event loop,
//! or in the very call that posted the job.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::piece::Piece;
use crate::error::{Error, ErrorKind, Result, Stage};

/// With so many pieces ahead a host should wait, see [`Reply::has_room`].
const AHEAD: usize = 64;
/// A host that does not wait gets no more than so many pieces ahead.
const MOST: usize = 16_384;

/// Called once; must not block.
type Hook = Box<dyn FnOnce() + Send>;

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sent {
    /// It was taken.
    Taken,
    /// It was not: thousands of pieces wait that nobody reads. See [`Reply::wait_room`].
    Full,
    /// It was not: the reply has ended already.
    Ended,
    /// It was not: the call was cancelled, ran into a time limit, or has its answer. Stop working on it.
    Unwanted,
}

/// The host's side of a [`Job`](super::Job). Cheap to clone; any thread may use it. When the last one is dropped without an
/// end, the call fails.
pub struct Reply<T>(Arc<Owner<T>>);

impl<T> Clone for Reply<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Owner<T>(Arc<Slot<T>>);

/// The call's side. Dropping it tells the host that nobody waits any more.
pub(super) struct Replies<T>(Arc<Slot<T>>);

struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    pieces: VecDeque<T>,
    end: Option<Result<()>>,
    unwanted: bool,
    /// The call, when it waits for a piece.
    reader: Option<Waker>,
    on_room: Option<Hook>,
    on_unwanted: Option<Hook>,
}

/// Both sides.
pub(super) fn channel<T>() -> (Reply<T>, Replies<T>) {
    let state =
        State { pieces: VecDeque::new(), end: None, unwanted: false, reader: None, on_room: None, on_unwanted: None };
    let slot = Arc::new(Slot { state: Mutex::new(state), changed: Condvar::new() });
    (Reply(Arc::new(Owner(slot.clone()))), Replies(slot))
}

impl<T> Reply<T> {
    /// Gives a piece. Never waits.
    pub fn send(&self, piece: T) -> Sent {
        self.put(piece, false)
    }

    /// Gives a piece; with the last one it ends, so that nobody can see the one without the other.
    fn put(&self, piece: T, last: bool) -> Sent {
        let mut state = self.slot().lock();
        if let Some(refused) = state.refuses() {
            return refused;
        }
        if state.pieces.len() >= MOST && !last {
            return Sent::Full;
        }
        state.pieces.push_back(piece);
        let mut unneeded = None;
        if last {
            state.end = Some(Ok(()));
            unneeded = state.on_unwanted.take();
        }
        let reader = state.reader.take();
        drop(state);
        drop(unneeded);
        wake(reader);
        Sent::Taken
    }

    /// Ends it: well, or with the error of the call.
    pub fn end(&self, outcome: Result<()>) -> Sent {
        let mut state = self.slot().lock();
        if let Some(refused) = state.refuses() {
            return refused;
        }
        state.end = Some(outcome);
        let reader = state.reader.take();
        let (unneeded, room) = (state.on_unwanted.take(), state.on_room.take());
        drop(state);
        drop(unneeded);
        self.slot().changed.notify_all();
        wake(reader);
        if let Some(hook) = room {
            hook();
        }
        Sent::Taken
    }

    /// Gives the one piece that is the whole answer.
    pub fn answer(&self, outcome: Result<T>) -> Sent {
        match outcome {
            Ok(piece) => self.put(piece, true),
            Err(error) => self.end(Err(error)),
        }
    }

    /// Whether somebody still waits for it. It ends with the reply's own end, and when the call is cancelled.
    pub fn is_wanted(&self) -> bool {
        self.slot().lock().refuses().is_none()
    }

    /// Whether the call went away before the reply's end: it was cancelled, or ran into a time limit.
    pub fn is_abandoned(&self) -> bool {
        self.slot().lock().refuses() == Some(Sent::Unwanted)
    }

    /// Whether a piece more is welcome: `false` while the reader is far behind. Also `true` when nobody wants it any more,
    /// so that a host that waits goes on and learns of it.
    pub fn has_room(&self) -> bool {
        self.slot().lock().has_room()
    }

    /// Waits until a piece more is welcome, at most so long. Whether it is.
    pub fn wait_room(&self, limit: Option<Duration>) -> bool {
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        let slot = self.slot();
        let mut state = slot.lock();
        while !state.has_room() {
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => slot.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return false,
                Some(left) => slot.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        true
    }

    /// Calls `hook` once: at once if a piece more is welcome, else as soon as it is. A later hook replaces it.
    pub fn on_room(&self, hook: impl FnOnce() + Send + 'static) {
        let mut state = self.slot().lock();
        if !state.has_room() {
            let before = state.on_room.replace(Box::new(hook));
            drop(state);
            drop(before);
            return;
        }
        drop(state);
        hook();
    }

    /// Calls `hook` once when nobody wants the reply any more, at once if it is so; never after the reply's own end. A later
    /// hook replaces it.
    pub fn on_unwanted(&self, hook: impl FnOnce() + Send + 'static) {
        let mut state = self.slot().lock();
        match state.refuses() {
            None => {
                let before = state.on_unwanted.replace(Box::new(hook));
                drop(state);
                drop(before);
            }
            Some(Sent::Unwanted) => {
                drop(state);
                hook();
            }
            Some(_) => {}
        }
    }

    fn slot(&self) -> &Slot<T> {
        &self.0.0
    }
}

impl Reply<Piece> {
    /// Gives a piece; with the last one it ends.
    pub fn give(&self, piece: Piece) -> Sent {
        let last = piece.is_last();
        self.put(piece, last)
    }
}

impl<T> Drop for Owner<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.refuses().is_some() {
            return;
        }
        let text = "the host let go of the call without ending it";
        state.end = Some(Err(Error::new(ErrorKind::StreamTruncated, Stage::MaybeSent, text).with_code("let_go")));
        let reader = state.reader.take();
        drop(state);
        wake(reader);
    }
}

impl<T> Replies<T> {
    /// The next piece; `None` after a good end.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let mut state = self.0.lock();
        if let Some(piece) = state.pieces.pop_front() {
            let hook = if state.has_room() { state.on_room.take() } else { None };
            let room = state.pieces.len() + 1 == AHEAD;
            drop(state);
            if room {
                self.0.changed.notify_all();
            }
            if let Some(hook) = hook {
                hook();
            }
            return Poll::Ready(Some(Ok(piece)));
        }
        match &state.end {
            Some(Ok(())) => Poll::Ready(None),
            Some(Err(error)) => Poll::Ready(Some(Err(error.clone()))),
            None => {
                match &mut state.reader {
                    Some(reader) => reader.clone_from(cx.waker()),
                    unset => *unset = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        }
    }

    /// The one piece of a reply that has only one.
    pub(super) async fn answer(self) -> Result<T> {
        let piece = std::future::poll_fn(|cx| self.poll_next(cx)).await;
        let none = || Error::new(ErrorKind::StreamTruncated, Stage::MaybeSent, "the host gave no answer");
        piece.unwrap_or_else(|| Err(none().with_code("let_go")))
    }
}

impl<T> Drop for Replies<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.unwanted = true;
        let pieces = std::mem::take(&mut state.pieces);
        let hooks = [state.on_room.take(), state.on_unwanted.take()];
        drop(state);
        drop(pieces);
        self.0.changed.notify_all();
        for hook in hooks.into_iter().flatten() {
            hook();
        }
    }
}

impl<T> State<T> {
    fn refuses(&self) -> Option<Sent> {
        match (&self.end, self.unwanted) {
            (Some(_), _) => Some(Sent::Ended),
            (None, true) => Some(Sent::Unwanted),
            (None, false) => None,
        }
    }

    fn has_room(&self) -> bool {
        self.pieces.len() < AHEAD || self.refuses().is_some()
    }
}

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(reader: Option<Waker>) {
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.slot().lock();
        f.debug_struct("Reply").field("ahead", &state.pieces.len()).field("ended", &state.end.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn next<T>(replies: &Replies<T>) -> Poll<Option<Result<T>>> {
        replies.poll_next(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn pieces_come_in_order_and_nothing_follows_the_end() {
        let (reply, replies) = channel();
        assert!(next(&replies).is_pending());
        assert_eq!((reply.send(1), reply.send(2), reply.end(Ok(()))), (Sent::Taken, Sent::Taken, Sent::Taken));
        assert_eq!((reply.send(3), reply.end(Ok(()))), (Sent::Ended, Sent::Ended));
        assert!(matches!(next(&replies), Poll::Ready(Some(Ok(1)))));
        assert!(matches!(next(&replies), Poll::Ready(Some(Ok(2)))));
        assert!(matches!(next(&replies), Poll::Ready(None)));
    }

    #[test]
    fn a_reply_that_is_let_go_is_an_error_and_a_call_that_is_gone_is_told() {
        let (reply, replies) = channel::<()>();
        drop(reply.clone());
        assert!(next(&replies).is_pending());
        drop(reply);
        assert!(matches!(next(&replies), Poll::Ready(Some(Err(error))) if error.code() == Some("let_go")));

        let told = Arc::new(AtomicUsize::new(0));
        let count = || {
            let told = told.clone();
            move || {
                told.fetch_add(1, Ordering::Relaxed);
            }
        };
        let (reply, replies) = channel();
        reply.on_unwanted(count());
        drop(replies);
        reply.on_unwanted(count());
        assert_eq!((told.load(Ordering::Relaxed), reply.send(()), reply.is_wanted()), (2, Sent::Unwanted, false));

        let (reply, replies) = channel::<()>();
        reply.end(Ok(()));
        drop(replies);
        reply.on_unwanted(count());
        assert_eq!(told.load(Ordering::Relaxed), 2, "a reply that has ended is no longer to be given up");
    }

    #[test]
    fn a_reader_that_is_behind_is_waited_for() {
        let (reply, replies) = channel();
        while reply.has_room() {
            assert_eq!(reply.send(()), Sent::Taken);
        }
        assert!(!reply.wait_room(Some(Duration::ZERO)));
        let told = Arc::new(AtomicUsize::new(0));
        let hook = told.clone();
        reply.on_room(move || {
            hook.fetch_add(1, Ordering::Relaxed);
        });
        let waits = std::thread::spawn({
            let reply = reply.clone();
            move || reply.wait_room(None)
        });
        assert_eq!(told.load(Ordering::Relaxed), 0);
        assert!(next(&replies).is_ready());
        assert_eq!((told.load(Ordering::Relaxed), waits.join().unwrap()), (1, true));
        let taken = std::iter::repeat_with(|| reply.send(())).take_while(|sent| *sent == Sent::Taken).count();
        assert_eq!((taken + AHEAD - 1, reply.send(())), (MOST, Sent::Full));
    }
}
