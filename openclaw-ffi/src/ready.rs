//! Which streams of a client have something for the host: a list, and a bell that is rung while it is not empty.

use std::collections::VecDeque;
use std::os::fd::{AsFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout};
use openclaw_core::embed::{Bell, PerProcess};

use crate::guard::{Fault, Result};
use crate::signal::shielded;
use crate::stream::Stream;

/// What the streams of one client share. Outlives the client's handle for as long as a stream lives.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Nobody drives an inline stream but its reader: it can never become ready by itself.
    inline: bool,
    /// In the child of a fork what the parent has is left alone: its descriptors are the parent's too.
    watch: PerProcess<Watch>,
    numbers: AtomicU64,
}

#[derive(Debug, Default)]
struct Watch {
    /// Made when a host asks for it: programs that only block need no file descriptor.
    bells: OnceLock<Bells>,
    lists: Mutex<Lists>,
}

#[derive(Debug)]
struct Bells {
    /// Rung while a stream is ready.
    ready: Bell,
    /// Rung by `openclaw_client_wakeup`.
    wakeup: Bell,
}

#[derive(Debug, Default)]
struct Lists {
    all: Vec<Weak<Stream>>,
    ready: VecDeque<Weak<Stream>>,
}

/// What a wait came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Woken {
    /// A stream is ready.
    pub(crate) ready: bool,
    /// So many of the host's own descriptors are.
    pub(crate) others: i32,
}

impl Shared {
    pub(crate) fn new(inline: bool) -> Self {
        Self { inline, ..Self::default() }
    }

    /// Runs what may write to a connection on the host's own thread.
    pub(crate) fn work<R>(&self, work: impl FnOnce() -> R) -> R {
        if self.inline { shielded(work) } else { work() }
    }

    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether anybody wants to know.
    pub(crate) fn is_watched(&self) -> bool {
        self.bells().is_some()
    }

    fn bells(&self) -> Option<&Bells> {
        self.watch.get().bells.get()
    }

    pub(crate) fn needs_thread(&self) -> Result<()> {
        if self.inline {
            let text = "an inline client has no thread that could make a stream ready: use openclaw_stream_next";
            return Err(Fault::unsupported(text));
        }
        Ok(())
    }

    /// From now on it is known which streams are ready.
    fn watched(&self) -> Result<&Bells> {
        self.needs_thread()?;
        if let Some(bells) = self.bells() {
            return Ok(bells);
        }
        let made = Bells { ready: Bell::new()?, wakeup: Bell::new()? };
        let bells = self.watch.get().bells.get_or_init(|| made);
        let all = self.lock().all.clone();
        for stream in all.iter().filter_map(Weak::upgrade) {
            stream.settle();
        }
        Ok(bells)
    }

    pub(crate) fn fd(&self) -> Result<RawFd> {
        Ok(self.watched()?.ready.fd())
    }

    pub(crate) fn wakeup(&self) -> Result<()> {
        self.watched()?.wakeup.ring();
        Ok(())
    }

    pub(crate) fn add(&self, stream: &Arc<Stream>) {
        self.lock().all.push(Arc::downgrade(stream));
        if self.is_watched() {
            stream.settle();
        }
    }

    /// Forgets a stream: its handle was freed.
    pub(crate) fn remove(&self, stream: &Arc<Stream>) {
        let mut lists = self.lock();
        lists.all.retain(|other| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(stream)));
        drop(lists);
        self.update(stream);
    }

    /// Puts a stream into the list of the ready ones, or takes it out, as it is at this moment. Gives whether it is.
    pub(crate) fn update(&self, stream: &Arc<Stream>) -> bool {
        let Some(bells) = self.bells().filter(|_| !stream.is_forked()) else { return false };
        let mut lists = self.lock();
        // Under the lock, so that of two updates the later one has seen the later state.
        let is = stream.is_ready();
        let was = stream.listed.swap(is, Ordering::Relaxed);
        if is && !was {
            lists.ready.push_back(Arc::downgrade(stream));
            if lists.ready.len() == 1 {
                bells.ready.ring();
            }
        } else if was && !is {
            lists.ready.retain(|other| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(stream)));
            if lists.ready.is_empty() {
                bells.ready.quiet();
            }
        }
        is
    }

    /// A ready stream without a callback; each in its turn.
    pub(crate) fn next_ready(&self) -> Result<Option<Arc<Stream>>> {
        self.watched()?;
        let mut lists = self.lock();
        for _ in 0..lists.ready.len() {
            let Some(first) = lists.ready.pop_front() else { break };
            lists.ready.push_back(first.clone());
            if let Some(stream) = first.upgrade().filter(|stream| !stream.has_callback()) {
                return Ok(Some(stream));
            }
        }
        Ok(None)
    }

    /// The ready streams that have a callback.
    pub(crate) fn for_dispatch(&self) -> Result<Vec<Arc<Stream>>> {
        self.watched()?;
        let lists = self.lock();
        Ok(lists.ready.iter().filter_map(Weak::upgrade).filter(|stream| stream.has_callback()).collect())
    }

    /// Waits until a stream is ready, one of the host's descriptors is, `wakeup` was called, or the time is up.
    pub(crate) fn wait<'a>(&'a self, limit: Option<Duration>, others: &mut [PollFd<'a>]) -> Result<Woken> {
        let bells = self.watched()?;
        let mut fds: Vec<PollFd<'a>> = Vec::with_capacity(others.len() + 2);
        fds.push(PollFd::new(bells.ready.as_fd(), PollFlags::POLLIN));
        fds.push(PollFd::new(bells.wakeup.as_fd(), PollFlags::POLLIN));
        fds.extend(others.iter().cloned());
        // Rounded up: a wait that returns early would be repeated in a busy loop.
        let timeout = limit.map_or(PollTimeout::NONE, |limit| {
            let ms = i32::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
            PollTimeout::try_from(ms).unwrap_or(PollTimeout::NONE)
        });
        match nix::poll::poll(&mut fds, timeout) {
            Ok(_) => {}
            // A signal belongs to the host: it gets the control back.
            Err(nix::errno::Errno::EINTR) => return Ok(Woken { ready: false, others: 0 }),
            Err(e) => return Err(Fault::argument(format!("poll: {e}"))),
        }
        let mut fds = fds.into_iter();
        let rung = |fd: Option<PollFd<'_>>| fd.and_then(|fd| fd.any()).unwrap_or(false);
        let ready = rung(fds.next());
        if rung(fds.next()) {
            bells.wakeup.quiet();
        }
        let mut count = 0;
        for (mine, theirs) in fds.zip(others) {
            count += i32::from(mine.any().unwrap_or(true));
            *theirs = mine;
        }
        Ok(Woken { ready, others: count })
    }

    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.watch.get().lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a stream is in the list of the ready ones; changed under the lock of the lists only.
pub(crate) type Listed = AtomicBool;
