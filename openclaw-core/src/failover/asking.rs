//! One attempt of a call: a provider's stream, watched.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use futures_core::Stream;

use super::breaker::Permit;
use super::chain::Shared;
use super::route::Target;
use super::stream::Boxed;
use crate::chat::Event;
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::observe::CallSpan;
use crate::provider::{CallOptions, EventStream};
use crate::transport::{IdleTimer, Timeouts};

/// An attempt under way.
pub(super) struct Asking {
    pub(super) target: Target,
    pub(super) span: CallSpan,
    pub(super) permit: Option<Permit>,
    pub(super) started: Duration,
    pub(super) started_at: SystemTime,
    /// Ends the attempt when nothing comes.
    pub(super) limit: IdleTimer,
    /// An event came that is more than a warning.
    pub(super) began: bool,
    pub(super) output_began: bool,
    pub(super) call: Call,
}

pub(super) enum Call {
    Starting(Boxed<Result<EventStream>>),
    Streaming(EventStream),
}

pub(super) enum Step {
    /// It has begun; nothing came yet.
    Started,
    Event(Event),
    Failed(Error),
}

impl Asking {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let span = self.span.clone();
        span.within(|| self.go_on(cx))
    }

    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let polled = match &mut self.call {
            Call::Starting(start) => guarded(|| start.as_mut().poll(cx)).map(|poll| {
                poll.map(|started| match started {
                    Ok(stream) => {
                        self.call = Call::Streaming(stream);
                        Step::Started
                    }
                    Err(error) => Step::Failed(error),
                })
            }),
            Call::Streaming(stream) => guarded(|| Pin::new(stream).poll_next(cx)).map(|poll| {
                poll.map(|event| match event {
                    Some(Ok(event)) => Step::Event(event),
                    Some(Err(error)) => Step::Failed(error),
                    None => Step::Failed(no_end()),
                })
            }),
        };
        match polled {
            Err(panicked) => Poll::Ready(Step::Failed(panicked)),
            Ok(Poll::Ready(step)) => {
                if let Step::Event(event) = &step {
                    self.came(event);
                }
                Poll::Ready(step)
            }
            Ok(Poll::Pending) => {
                let (_, limit) = ready!(self.limit.poll(cx));
                let (name, stage) = match self.began {
                    true => ("idle", Stage::Responded),
                    false => ("first_event", Stage::MaybeSent),
                };
                let text = format!("the provider gave no event for {} s (limit {name})", limit.as_secs_f64());
                Poll::Ready(Step::Failed(Error::new(ErrorKind::Timeout, stage, text).with_code(name)))
            }
        }
    }

    fn came(&mut self, event: &Event) {
        self.began |= !matches!(event, Event::Warning(_) | Event::Retrying { .. });
        if self.began {
            self.limit.touch();
        }
        // Headers alone are no answer: a portal can call its page an event stream.
        let headers = matches!(event, Event::Opened(_) | Event::RateLimits(_));
        if self.began && !headers {
            if let Some(permit) = self.permit.take() {
                permit.answered();
            }
        }
    }
}

/// How long an attempt may say nothing. A provider that keeps its own limits knows of bytes that are no events; only that it
/// begins at all is watched here.
pub(super) fn limit(target: &Target, options: &CallOptions, shared: &Shared) -> IdleTimer {
    let first = shared.limits.first_event;
    let timeouts = options.timeouts.over(Timeouts::default());
    let (first, idle) = match target.keeps_timeouts {
        true => (first, None),
        false => (timeouts.first_byte.map_or(first, |limit| limit.min(first)), timeouts.idle),
    };
    IdleTimer::new(shared.ambient.clone(), Some(first), idle)
}

/// From the first of these on the call is never repeated.
pub(super) fn is_output(event: &Event) -> bool {
    matches!(
        event,
        Event::OutputItemAdded { .. }
            | Event::OutputItemDone { .. }
            | Event::TextDelta(_)
            | Event::RefusalDelta(_)
            | Event::ReasoningSummaryDelta(_)
            | Event::ReasoningDelta(_)
            | Event::ToolInputDelta(_)
            | Event::Completed(_)
    )
}

fn no_end() -> Error {
    let text = "the provider ended its stream without an end: it breaks the contract of EventStream";
    Error::new(ErrorKind::StreamTruncated, Stage::Responded, text)
}

/// What a host wrote may panic: that is an error of its candidate, not of the chain.
pub(super) fn guarded<T>(host: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(host)).map_err(|panic| {
        let said = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        let text = format!("the provider panicked: {}", crate::error::redact(&said));
        Error::new(ErrorKind::Unknown, Stage::MaybeSent, text)
    })
}
