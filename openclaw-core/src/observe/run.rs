//! A run: one call of the host, whatever is asked for it. Its stream is watched from outside.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_core::Stream;
use tracing::{Level, debug, enabled, warn};

use super::TARGET;
use super::raw::{Raw, error_text, name};
use super::span::CallSpan;
use crate::chat::{Event, Response};
use crate::error::{Error, ErrorKind, Result};
use crate::provider::EventStream;

/// The name of a run: it stands in every event that the run causes. A chain hands its own down to the calls that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run(u64);

impl Run {
    /// The next one of this process.
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", std::process::id(), self.0)
    }
}

/// The same events, seen by the span. `run` is there when the run ends with this stream.
pub(crate) fn watch(
    events: impl Stream<Item = Result<Event>> + Send + Unpin + 'static,
    span: CallSpan,
    run: Option<Run>,
) -> EventStream {
    let run = run.filter(|_| enabled!(target: TARGET, Level::WARN));
    if span.is_hidden() && run.is_none() {
        return EventStream::new(events);
    }
    EventStream::new(Watched { events, span, run, ended: false })
}

struct Watched<S> {
    events: S,
    span: CallSpan,
    run: Option<Run>,
    ended: bool,
}

impl<S: Stream<Item = Result<Event>> + Unpin> Stream for Watched<S> {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let polled = this.span.within(|| Pin::new(&mut this.events).poll_next(cx));
        match &polled {
            Poll::Ready(Some(Ok(event))) => {
                this.span.saw(event);
                if let Event::Completed(response) = event {
                    this.ends(|run| went_well(run, Some(response)));
                }
            }
            Poll::Ready(Some(Err(error))) => {
                this.span.failed(error);
                this.ends(|run| failed(run, error));
            }
            _ => {}
        }
        polled
    }
}

impl<S> Watched<S> {
    fn ends(&mut self, tell: impl FnOnce(Run)) {
        self.ended = true;
        if let Some(run) = self.run.take() {
            self.span.within(|| tell(run));
        }
    }
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        if !self.ended {
            self.span.left();
            self.ends(|run| went_well(run, None));
        }
    }
}

/// With an answer, or without one: the host dropped its stream.
fn went_well(run: Run, response: Option<&Response>) {
    debug!(
        target: TARGET,
        event = "embedded_run_agent_end",
        tags = r#"["lifecycle","agent_end"]"#,
        runId = %run,
        isError = false,
        failoverReason = response.is_none().then_some(ErrorKind::Cancelled.as_str()),
        model = response.map(|response| name(&response.model)),
        provider = response.map(|response| name(&response.provider)),
        "the run ended without an error",
    );
}

fn failed(run: Run, error: &Error) {
    let raw = Raw::of(error);
    warn!(
        target: TARGET,
        event = "embedded_run_agent_end",
        tags = r#"["error_handling","lifecycle","agent_end"]"#,
        runId = %run,
        isError = true,
        error = error_text(error),
        failoverReason = error.kind().as_str(),
        model = error.model().map(name),
        provider = error.provider().map(name),
        rawErrorPreview = raw.preview,
        rawErrorHash = raw.hash,
        rawErrorFingerprint = raw.fingerprint,
        httpCode = error.http_status(),
        providerErrorType = raw.code,
        providerErrorMessagePreview = raw.said,
        requestIdHash = raw.request_id,
        "the run failed",
    );
}
