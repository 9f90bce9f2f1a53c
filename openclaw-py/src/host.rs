//! What a program in Python supplies: the library's jobs wait here until a thread of Python's takes them.
//!
//! The worker that posts a job never touches Python. One daemon thread of `_host.py` takes the jobs of all clients and
//! passes each on to a thread of its own or to an event loop.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use openclaw_core::auth::AccessToken;
use openclaw_core::embed::{
    Job, PerProcess, Piece, Post, Reply, Sent, called_by, contract_broken, fault_from_json, generation,
    models_from_json, options_to_json, piece_from_json, token_from_json,
};
use openclaw_core::{CallOptions, Error, ErrorKind, ModelInfo, Request, Stage};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::aio::{Answer, OnceStep};
use crate::convert;
use crate::core::lock;
use crate::errors::{OrRaise, guarded};
use crate::wait::{SLICE, stay_if_exiting};

/// So many jobs wait at most; more of them mean that nobody takes any.
const MOST: usize = 16_384;

/// What of the program's is asked: an object of `_host.py`.
pub struct Part(pub Py<PyAny>);

/// The jobs that nobody took yet.
#[derive(Default)]
struct Inbox {
    jobs: Mutex<VecDeque<(Arc<Part>, Job)>>,
    ready: Condvar,
}

static INBOX: PerProcess<Inbox> = PerProcess::first(Inbox { jobs: Mutex::new(VecDeque::new()), ready: Condvar::new() });
/// Whether a client has ever had a part of the program's own.
static USED: AtomicBool = AtomicBool::new(false);
/// The generation whose jobs are taken, counted from 1.
static SERVED: AtomicUsize = AtomicUsize::new(0);

/// How jobs of this part are posted. Gives also what a garbage collector looks through.
pub fn post(part: Py<PyAny>) -> (Post, Weak<Part>) {
    USED.store(true, Ordering::Release);
    let part = Arc::new(Part(part));
    let weak = Arc::downgrade(&part);
    let post = move |job: Job| {
        let inbox = INBOX.get();
        let mut jobs = lock(&inbox.jobs);
        if jobs.len() < MOST {
            jobs.push_back((part.clone(), job));
            drop(jobs);
            inbox.ready.notify_one();
            return;
        }
        drop(jobs);
        job.refuse(Error::new(ErrorKind::Overloaded, Stage::NotSent, "too many calls wait for the program's own code"));
    };
    (Arc::new(post), weak)
}

/// Before a call: sees to it that jobs are taken in this process.
pub fn serve(py: Python<'_>) -> PyResult<()> {
    let now = generation().saturating_add(1);
    if USED.load(Ordering::Acquire) && SERVED.swap(now, Ordering::AcqRel) != now {
        let started = py.import("openclaw_core._host")?.call_method0("start");
        if let Err(error) = started {
            SERVED.store(0, Ordering::Release);
            return Err(error);
        }
    }
    Ok(())
}

/// Starts a call; jobs that come of it bear the number of the running event loop.
pub fn from_loop<R>(py: Python<'_>, start: impl FnOnce() -> PyResult<R>) -> PyResult<R> {
    if !USED.load(Ordering::Acquire) {
        return start();
    }
    static NUMBER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let number = NUMBER.import(py, "openclaw_core._loop", "number")?.call0()?.extract()?;
    called_by(number, start)
}

/// Waits for the next job; `None` for one of a kind that is not known here. Only the thread that takes jobs calls it; it does
/// not come back once the interpreter ends.
#[pyfunction]
pub fn host_take(py: Python<'_>) -> PyResult<Option<HostJob>> {
    let (part, job) = py.detach(|| {
        let inbox = INBOX.get();
        let mut jobs = lock(&inbox.jobs);
        loop {
            if let Some(job) = jobs.pop_front() {
                return job;
            }
            jobs = inbox.ready.wait_timeout(jobs, SLICE * 20).unwrap_or_else(PoisonError::into_inner).0;
            if jobs.is_empty() {
                drop(jobs);
                stay_if_exiting();
                jobs = lock(&inbox.jobs);
            }
        }
    });
    stay_if_exiting();
    Ok(HostJob::new(part, job))
}

/// One thing that the program is asked for, and the way to answer it. Any thread may answer.
#[pyclass(frozen, module = "openclaw_core._native")]
pub struct HostJob {
    part: Arc<Part>,
    asked: Mutex<Option<(Box<Request>, Box<CallOptions>)>>,
    rejected: Option<String>,
    caller: Option<u64>,
    reply: AnyReply,
}

enum AnyReply {
    Stream(Reply<Piece>),
    Models(Reply<Vec<ModelInfo>>),
    Token(Reply<AccessToken>),
}

impl HostJob {
    /// `None` for a job of a kind that is not known here; it ends unanswered.
    fn new(part: Arc<Part>, job: Job) -> Option<Self> {
        let of = |reply, caller| Self { part, asked: Mutex::default(), rejected: None, caller, reply };
        Some(match job {
            Job::Stream { request, options, reply, caller } => {
                Self { asked: Mutex::new(Some((request, options))), ..of(AnyReply::Stream(reply), caller) }
            }
            Job::Models { reply, caller } => of(AnyReply::Models(reply), caller),
            Job::Token { rejected, reply, caller } => Self {
                rejected: rejected.map(|token| token.expose_secret().to_owned()),
                ..of(AnyReply::Token(reply), caller)
            },
            _ => return None,
        })
    }

    fn end_with(&self, outcome: openclaw_core::Result<()>) -> Sent {
        match &self.reply {
            AnyReply::Stream(reply) => reply.end(outcome),
            AnyReply::Models(reply) => reply.end(outcome),
            AnyReply::Token(reply) => reply.end(outcome),
        }
    }
}

#[pymethods]
impl HostJob {
    /// The object of `_host.py` that is asked.
    #[getter]
    fn part(&self, py: Python<'_>) -> Py<PyAny> {
        self.part.0.clone_ref(py)
    }

    /// `stream`, `models` or `token`.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.reply {
            AnyReply::Stream(_) => "stream",
            AnyReply::Models(_) => "models",
            AnyReply::Token(_) => "token",
        }
    }

    /// The number of the event loop that asks, if one does.
    #[getter]
    fn caller(&self) -> Option<u64> {
        self.caller
    }

    /// The token that was refused, if this is why another one is asked for.
    #[getter]
    fn rejected(&self) -> Option<&str> {
        self.rejected.as_deref()
    }

    /// The request and the options of a stream, each as a dict. Once.
    fn asked<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        guarded(py, || {
            let (request, options) = lock(&self.asked).take().unwrap_or_default();
            let request = serde_json::to_value(&request).unwrap_or_default();
            Ok((convert::to_py(py, &request)?, convert::to_py(py, &options_to_json(&options))?))
        })
    }

    /// Gives a piece of a stream; says what became of it: `taken`, `ended`, `unwanted` or `full`.
    ///
    /// # Errors
    /// An `InternalServerError` with code `contract` for what is no piece.
    fn send(&self, py: Python<'_>, piece: &Bound<'_, PyAny>) -> PyResult<&'static str> {
        guarded(py, || {
            let AnyReply::Stream(reply) = &self.reply else { return Ok("ended") };
            if !reply.is_wanted() {
                return Ok(word(reply.end(Ok(()))));
            }
            let value = convert::from_py("the event", piece).map_err(|why| {
                let text = format!("gave what is no event: {}", why.value(py));
                contract_broken(text).with_source(Cause::new(py, &why))
            });
            let piece = value.and_then(piece_from_json).or_raise(py)?;
            Ok(word(reply.give(piece)))
        })
    }

    /// Waits until a further piece is welcome, or none is wanted any more.
    fn wait_room(&self, py: Python<'_>) {
        let AnyReply::Stream(reply) = &self.reply else { return };
        if !reply.has_room() {
            py.detach(|| {
                while !reply.wait_room(Some(SLICE * 10)) {
                    stay_if_exiting();
                }
                stay_if_exiting();
            });
        }
    }

    /// The same to be awaited; `None` when there is room.
    fn room(&self) -> Option<OnceStep> {
        match &self.reply {
            AnyReply::Stream(reply) if !reply.has_room() => Some(OnceStep::new(Room(reply.clone()))),
            _ => None,
        }
    }

    /// To be awaited: comes back when nobody wants the answer any more. Not after the answer's own end.
    fn gone(&self) -> OnceStep {
        match &self.reply {
            AnyReply::Stream(reply) => OnceStep::new(Gone(reply.clone())),
            AnyReply::Models(reply) => OnceStep::new(Gone(reply.clone())),
            AnyReply::Token(reply) => OnceStep::new(Gone(reply.clone())),
        }
    }

    /// Ends a stream.
    fn end(&self) -> &'static str {
        word(self.end_with(Ok(())))
    }

    /// Gives the one answer: a list of models, or a token.
    fn answer(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<&'static str> {
        guarded(py, || {
            let value = convert::from_py(self.kind(), value)?;
            Ok(word(match &self.reply {
                AnyReply::Stream(reply) => reply.end(Ok(())),
                AnyReply::Models(reply) => reply.answer(models_from_json(value)),
                AnyReply::Token(reply) => reply.answer(token_from_json(value)),
            }))
        })
    }

    /// Ends it with the error of this record, below which the exception stands.
    fn fail(
        &self,
        py: Python<'_>,
        record: &Bound<'_, PyDict>,
        cause: &Bound<'_, PyBaseException>,
    ) -> PyResult<&'static str> {
        guarded(py, || {
            let record = convert::from_py("error", record)?;
            let error = fault_from_json(&record).or_raise(py)?;
            let cause = Cause::new(py, &PyErr::from_value(cause.clone().into_any()));
            Ok(word(self.end_with(Err(error.with_source(cause)))))
        })
    }
}

fn word(sent: Sent) -> &'static str {
    match sent {
        Sent::Taken => "taken",
        Sent::Full => "full",
        Sent::Unwanted => "unwanted",
        _ => "ended",
    }
}

struct Room(Reply<Piece>);

impl Answer for Room {
    fn take(&self) -> Option<openclaw_core::Result<Value>> {
        self.0.has_room().then_some(Ok(Value::Null))
    }

    fn take_within(&self, limit: Duration) -> Option<openclaw_core::Result<Value>> {
        self.0.wait_room(Some(limit)).then_some(Ok(Value::Null))
    }

    fn on_ready(&self, hook: Box<dyn FnOnce() + Send>) {
        self.0.on_room(hook);
    }

    fn cancel(&self) {}
}

struct Gone<T>(Reply<T>);

impl<T: Send> Answer for Gone<T> {
    fn take(&self) -> Option<openclaw_core::Result<Value>> {
        self.0.is_abandoned().then_some(Ok(Value::Null))
    }

    fn take_within(&self, _: Duration) -> Option<openclaw_core::Result<Value>> {
        self.take()
    }

    fn on_ready(&self, hook: Box<dyn FnOnce() + Send>) {
        self.0.on_unwanted(hook);
    }

    fn cancel(&self) {}
}

/// An exception of the program's below one of our errors.
#[derive(Debug)]
pub struct Cause {
    exception: Py<PyBaseException>,
    text: String,
}

impl Cause {
    fn new(py: Python<'_>, exception: &PyErr) -> Self {
        let value = exception.value(py);
        let name = value.get_type().name().map_or_else(|_| "exception".to_owned(), |name| name.to_string());
        let said = value.str().map(|said| said.to_string_lossy().into_owned()).unwrap_or_default();
        let text = if said.is_empty() { name } else { format!("{name}: {said}") };
        Self { exception: value.clone().unbind(), text }
    }

    /// The exception itself.
    pub fn exception(&self, py: Python<'_>) -> Py<PyBaseException> {
        self.exception.clone_ref(py)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Cause {}
