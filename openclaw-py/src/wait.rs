//! How a task of an event loop waits for us: a [`Pause`] that it yields, and a file descriptor that its loop watches.
//!
//! The thread that makes an event ready never touches Python: it notes who is to be woken and writes the descriptor. The
//! loop then calls [`Waker::wake`], which ends the pauses of all that are ready and so runs their tasks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::Duration;

#[cfg(unix)]
use openclaw_core::embed::Bell;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};

use crate::core::{busy, lock};
#[cfg(unix)]
use crate::errors::OrRaise;
use crate::pause::Pause;

/// How long a wait of a thread lasts before it looks for signals.
pub const SLICE: Duration = Duration::from_millis(100);

static EXITING: AtomicBool = AtomicBool::new(false);

/// The thread that ends the interpreter.
static LAST: OnceLock<ThreadId> = OnceLock::new();

/// The interpreter ends: nobody is woken any more.
pub fn stop_waking() {
    LAST.get_or_init(|| std::thread::current().id());
    EXITING.store(true, Ordering::Release);
}

/// To be called by a thread that waited, before it goes back to Python.
///
/// Before Python 3.14 a daemon thread that comes back while the interpreter ends is ended by unwinding its stack, which
/// aborts the process where the stack has frames of Rust. Such a thread sleeps here until the process is gone.
pub fn stay_if_exiting() {
    if EXITING.load(Ordering::Acquire) && LAST.get() != Some(&std::thread::current().id()) {
        loop {
            std::thread::park();
        }
    }
}

/// One thing that at most one task waits for.
#[derive(Default)]
pub struct Waiter {
    reader: Mutex<Option<Reader>>,
    /// That of the loop that waited last, which is nearly always the one that waits next.
    waker: Mutex<Option<Py<Waker>>>,
}

struct Reader {
    waker: u64,
    step: u64,
    pause: Py<Pause>,
}

pub fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Waiter {
    /// Before a step looks for an event: refuses it while another one waits.
    pub fn enter(&self, py: Python<'_>, step: u64) -> PyResult<()> {
        let other = match &*lock(&self.reader) {
            None => return Ok(()),
            Some(reader) if reader.step == step => None,
            Some(reader) => Some(reader.pause.clone_ref(py)),
        };
        if let Some(pause) = other {
            // One that was cancelled, or whose loop is gone, waits no more.
            if pause.get().still_waits(py)? {
                return Err(busy());
            }
        }
        let left = lock(&self.reader).take();
        drop(left);
        Ok(())
    }

    /// Makes the running task wait; gives what the step yields. `arm` is handed the hook.
    pub fn arm(
        self: &Arc<Self>,
        py: Python<'_>,
        step: u64,
        arm: impl FnOnce(Box<dyn FnOnce() + Send>),
    ) -> PyResult<Py<PyAny>> {
        static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let running = RUNNING.import(py, "openclaw_core._loop", "running")?.call0()?;
        let waker = self.waker(py, &running)?;
        let shared = waker.get().shared.clone();
        let pause = Py::new(py, Pause::new(running.unbind()))?;
        let reader = Reader { waker: shared.id, step, pause: pause.clone_ref(py) };
        let before = lock(&self.reader).replace(reader);
        drop(before);
        let waiter = Arc::downgrade(self);
        arm(Box::new(move || shared.announce(waiter)));
        Ok(pause.into_any())
    }

    /// The waker of the running loop.
    fn waker(&self, py: Python<'_>, running: &Bound<'_, PyAny>) -> PyResult<Py<Waker>> {
        let last = lock(&self.waker).as_ref().map(|waker| waker.clone_ref(py));
        if let Some(waker) = last.filter(|waker| waker.get().serves(running)) {
            return Ok(waker);
        }
        static FIND: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let find = FIND.import(py, "openclaw_core._loop", "waker_of")?;
        let waker: Py<Waker> = find.call1((running,))?.extract()?;
        let before = lock(&self.waker).replace(waker.clone_ref(py));
        drop(before);
        Ok(waker)
    }
}

/// Wakes the tasks of one event loop.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct Waker {
    event_loop: Py<PyWeakrefReference>,
    shared: Arc<Shared>,
}

struct Shared {
    id: u64,
    ready: Mutex<Vec<Weak<Waiter>>>,
    signal: Signal,
}

enum Signal {
    #[cfg(unix)]
    Bell(Bell),
    /// For loops that watch no descriptors: a thread of the loop's side waits here.
    Condition { changed: Condvar, closed: AtomicBool },
}

impl Waker {
    fn serves(&self, event_loop: &Bound<'_, PyAny>) -> bool {
        self.event_loop.bind(event_loop.py()).upgrade().is_some_and(|mine| mine.is(event_loop))
    }
}

impl Shared {
    /// Any thread.
    fn announce(&self, waiter: Weak<Waiter>) {
        if EXITING.load(Ordering::Acquire) {
            return;
        }
        let mut ready = lock(&self.ready);
        ready.push(waiter);
        if ready.len() > 1 {
            return;
        }
        drop(ready);
        match &self.signal {
            #[cfg(unix)]
            Signal::Bell(bell) => bell.ring(),
            Signal::Condition { changed, .. } => changed.notify_all(),
        }
    }
}

#[pymethods]
impl Waker {
    /// For a loop, with a descriptor or with a condition for a thread.
    #[new]
    fn new(event_loop: &Bound<'_, PyAny>, descriptor: bool) -> PyResult<Self> {
        let condition = || Signal::Condition { changed: Condvar::new(), closed: AtomicBool::new(false) };
        #[cfg(unix)]
        let signal = if descriptor { Signal::Bell(Bell::new().or_raise(event_loop.py())?) } else { condition() };
        #[cfg(not(unix))]
        let (signal, _) = (condition(), descriptor);
        let shared = Arc::new(Shared { id: next_id(), ready: Mutex::default(), signal });
        Ok(Self { event_loop: PyWeakrefReference::new(event_loop)?.unbind(), shared })
    }

    /// The descriptor to be watched, or -1.
    fn fileno(&self) -> i32 {
        match &self.shared.signal {
            #[cfg(unix)]
            Signal::Bell(bell) => bell.fd(),
            Signal::Condition { .. } => -1,
        }
    }

    /// Ends the pauses of all that are ready. Called by the loop.
    fn wake(&self, py: Python<'_>) -> PyResult<()> {
        #[cfg(unix)]
        if let Signal::Bell(bell) = &self.shared.signal {
            bell.quiet();
        }
        let mut ready = std::mem::take(&mut *lock(&self.shared.ready)).into_iter();
        while let Some(waiter) = ready.next() {
            let Some(waiter) = waiter.upgrade() else { continue };
            let pause = match &*lock(&waiter.reader) {
                Some(reader) if reader.waker == self.shared.id => reader.pause.clone_ref(py),
                _ => continue,
            };
            if let Err(interrupt) = Pause::end(pause.bind(py)) {
                // `KeyboardInterrupt` and `SystemExit` leave the loop; the others are woken if it runs again.
                ready.for_each(|waiter| self.shared.announce(waiter));
                return Err(interrupt);
            }
        }
        Ok(())
    }

    /// Waits on a thread of its own until somebody is to be woken; false once it is closed.
    fn wait(&self, py: Python<'_>) -> bool {
        let Signal::Condition { changed, closed } = &self.shared.signal else { return false };
        py.detach(|| {
            let mut ready = lock(&self.shared.ready);
            while ready.is_empty() && !closed.load(Ordering::Acquire) && !EXITING.load(Ordering::Acquire) {
                ready = changed.wait_timeout(ready, SLICE * 10).unwrap_or_else(PoisonError::into_inner).0;
            }
            let woken = !ready.is_empty();
            drop(ready);
            stay_if_exiting();
            woken
        })
    }

    /// Ends the thread that waits.
    fn close(&self) {
        if let Signal::Condition { changed, closed } = &self.shared.signal {
            closed.store(true, Ordering::Release);
            changed.notify_all();
        }
    }
}
