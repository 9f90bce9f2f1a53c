//! The stream of one call: a state machine that the consumer's poll drives.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;

use super::{Call, Decoder, ErrorContext, MAX_REFUSAL_BYTES, Opened, Protocol};
use crate::ambient::Sleep;
use crate::chat::{Event, RateLimits, ResponseHead, Warning};
use crate::error::{Attempt, Error, ErrorKind, Result, Stage};
use crate::transport::sse::{MAX_EVENT_BYTES, SseFramer};
use crate::transport::{ByteStream, Chunk, Headers, IdleTimer, limit_passed};

/// The stream of one call.
pub(super) struct CallStream {
    call: Arc<Call>,
    protocol: Protocol,
    warnings: Vec<Warning>,
    queue: VecDeque<Event>,
    total: Option<(Duration, Sleep)>,
    began: Option<Duration>,
    attempts: Vec<Attempt>,
    state: State,
}

enum State {
    /// Nothing was sent.
    Idle,
    /// A try is on its way.
    Opening { future: Pin<Box<dyn Future<Output = Result<Opened>> + Send>>, started: Duration },
    /// The answer arrives.
    Reading(Box<Reading>),
    /// A try failed, the next one comes.
    Waiting(Sleep),
    /// The call failed; what came before is given out first.
    Failing(Error),
    /// The end was given out.
    Done,
}

struct Reading {
    body: ByteStream,
    framer: SseFramer,
    decoder: Box<dyn Decoder>,
    timer: IdleTimer,
    /// The consumer had an event to handle: the pause since then is its own, not the server's.
    handed_out: bool,
    ended: bool,
    /// What came while no event was seen: if none ever is, it is judged as an answer of another kind.
    unread: Option<Unread>,
    status: u16,
    headers: Headers,
    head: ResponseHead,
    rate_limits: RateLimits,
    context: ErrorContext,
    started: Duration,
}

impl Stream for CallStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.queue.pop_front() {
                return Poll::Ready(Some(Ok(this.pass_on(event))));
            }
            let stepped = match &mut this.state {
                State::Done => return Poll::Ready(None),
                State::Failing(error) => {
                    let end = error.clone();
                    this.state = State::Done;
                    return Poll::Ready(Some(Err(end)));
                }
                State::Idle => {
                    this.open();
                    continue;
                }
                State::Opening { future, .. } => match future.as_mut().poll(cx) {
                    Poll::Ready(Ok(opened)) => {
                        this.read(opened);
                        continue;
                    }
                    Poll::Ready(Err(error)) => Poll::Ready(error),
                    Poll::Pending => Poll::Pending,
                },
                State::Reading(reading) => match reading.step(&mut this.queue, cx) {
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(error)) => Poll::Ready(reading.judge(&this.call, error)),
                    Poll::Pending => Poll::Pending,
                },
                State::Waiting(sleep) => match sleep.as_mut().poll(cx) {
                    Poll::Ready(()) => {
                        this.open();
                        continue;
                    }
                    Poll::Pending => Poll::Pending,
                },
            };
            match stepped {
                Poll::Ready(error) => this.failed(error),
                Poll::Pending => {
                    let error = ready!(this.poll_total(cx));
                    this.state = State::Done;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl CallStream {
    pub(super) fn start(call: Call, protocol: Protocol, warnings: Vec<Warning>) -> Self {
        let total = call.timeouts.total.map(|limit| (limit, call.backend.ambient.timer(limit)));
        Self {
            queue: warnings.iter().cloned().map(|w| Event::Warning(Box::new(w))).collect(),
            warnings,
            call: Arc::new(call),
            protocol,
            total,
            began: None,
            attempts: Vec::new(),
            state: State::Idle,
        }
    }

    fn open(&mut self) {
        let started = self.call.backend.ambient.monotonic();
        self.began.get_or_insert(started);
        let future = Box::pin(self.call.clone().open());
        self.state = State::Opening { future, started };
    }

    fn read(&mut self, opened: Opened) {
        let Opened { response, first_byte_left, context } = opened;
        let call = &self.call;
        let (mut head, rate_limits) = (self.protocol.head)(&response.headers);
        head.profile.clone_from(&context.profile);
        head.attempts.clone_from(&self.attempts);
        head.http_status = Some(response.status);
        head.headers = response.headers.shown().collect();
        self.queue.push_back(Event::Opened(Box::new(head.clone())));
        if !rate_limits.is_empty() {
            self.queue.push_back(Event::RateLimits(Box::new(rate_limits.clone())));
        }
        let started = match self.state {
            State::Opening { started, .. } => started,
            _ => Duration::ZERO,
        };
        self.state = State::Reading(Box::new(Reading {
            body: response.body,
            framer: SseFramer::new(MAX_EVENT_BYTES),
            decoder: (self.protocol.decoder)(),
            timer: IdleTimer::new(call.backend.ambient.clone(), first_byte_left, call.timeouts.idle),
            handed_out: false,
            ended: false,
            unread: Some(Unread::default()),
            status: response.status,
            headers: response.headers,
            head,
            rate_limits,
            context,
            started,
        }));
    }

    /// Adds to an event what only the call knows; the last one ends the call.
    fn pass_on(&mut self, mut event: Event) -> Event {
        match &mut event {
            Event::Warning(warning) if matches!(self.state, State::Reading(_)) => {
                self.warnings.push((**warning).clone());
            }
            Event::RateLimits(limits) => {
                if let State::Reading(reading) = &mut self.state {
                    reading.rate_limits = (**limits).clone();
                }
            }
            Event::Completed(response) => {
                if let State::Reading(reading) = &mut self.state {
                    response.head = std::mem::take(&mut reading.head);
                    let limits = std::mem::take(&mut reading.rate_limits);
                    response.rate_limits = (!limits.is_empty()).then_some(limits);
                }
                response.warnings = std::mem::take(&mut self.warnings);
                self.queue.clear();
                self.state = State::Done;
            }
            _ => {}
        }
        event
    }

    /// A try failed: repeats it, or ends the stream.
    fn failed(&mut self, error: Error) {
        let started = match &self.state {
            State::Opening { started, .. } => *started,
            State::Reading(reading) => reading.started,
            _ => Duration::ZERO,
        };
        let ambient = &*self.call.backend.ambient;
        let failed = self.call.note(&mut self.attempts, &error, started);
        let elapsed = ambient.monotonic().saturating_sub(self.began.unwrap_or_default());
        match self.call.retry.delay(&error, failed, elapsed, ambient) {
            Some(delay) => {
                let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
                self.queue.push_back(Event::Retrying { attempt: failed, kind: error.kind(), delay_ms, next: None });
                self.state = State::Waiting(ambient.sleep(delay));
            }
            None => {
                self.state = State::Failing(self.call.finish(error, std::mem::take(&mut self.attempts)));
            }
        }
    }

    fn poll_total(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let Some((limit, timer)) = &mut self.total else { return Poll::Pending };
        ready!(timer.as_mut().poll(cx));
        let error = match &self.state {
            State::Reading(reading) => reading.place(limit_passed("total", *limit, Stage::Responded)),
            State::Waiting(_) => limit_passed("total", *limit, Stage::Responded),
            _ => limit_passed("total", *limit, Stage::MaybeSent),
        };
        Poll::Ready(self.call.finish(error, std::mem::take(&mut self.attempts)))
    }
}

/// What came before the first event, as far as it is judged if none comes.
#[derive(Default)]
struct Unread {
    chunks: Vec<Chunk>,
    bytes: usize,
}

impl Unread {
    fn keep(&mut self, chunk: &Chunk) {
        if self.bytes < MAX_REFUSAL_BYTES {
            self.bytes += chunk.len();
            self.chunks.push(chunk.clone());
        }
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().copied())
    }
}

impl Reading {
    /// Goes on until an event is there or bytes are missing.
    fn step(&mut self, queue: &mut VecDeque<Event>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            while let Some(event) = self.framer.next_event() {
                let event = match event {
                    Ok(event) => event,
                    Err(fault) => return Poll::Ready(Err(self.decoder.unframed(fault))),
                };
                self.unread = None;
                if let Err(error) = self.decoder.decode(event, queue) {
                    return Poll::Ready(Err(error));
                }
                if !queue.is_empty() {
                    self.handed_out = true;
                    return Poll::Ready(Ok(()));
                }
            }
            if self.ended {
                return Poll::Ready(Err(self.decoder.truncated()));
            }
            match self.body.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => {
                    self.timer.touch();
                    if let Some(unread) = &mut self.unread {
                        unread.keep(&chunk);
                    }
                    self.framer.push(chunk.0);
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(None) => {
                    self.framer.finish();
                    self.ended = true;
                }
                Poll::Pending => {
                    if std::mem::take(&mut self.handed_out) {
                        self.timer.touch();
                    }
                    let (name, limit) = ready!(self.timer.poll(cx));
                    return Poll::Ready(Err(limit_passed(name, limit, Stage::Responded)));
                }
            }
        }
    }

    /// An answer that held no event at all was no event stream, whatever it called itself.
    fn judge(&self, call: &Call, error: Error) -> Error {
        let body: Vec<u8> = self.unread.iter().flat_map(Unread::bytes).collect();
        if !self.ended || body.trim_ascii().is_empty() {
            return self.place(error);
        }
        let mut headers = self.headers.clone();
        headers.remove("content-type");
        let judged = call.judge(self.status, headers, &body, &self.context);
        match judged.kind() {
            ErrorKind::Unknown | ErrorKind::StreamTruncated => self.place(error),
            _ => judged,
        }
    }

    /// Says how far the call got, and which call it was.
    fn place(&self, error: Error) -> Error {
        let stage = if self.decoder.output_started() { Stage::Streaming } else { Stage::Responded };
        self.context.add_to(error.with_stage(stage))
    }
}
