//! The time limits of a call, each named, measured on bytes.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::ambient::{Ambient, Sleep};
use crate::error::{Error, ErrorKind, Stage};

/// The time limits of one call. A limit of `None` never ends a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// From the start until the connection stands (TCP and TLS). 10 s unless set. Fixed when the transport is built.
    pub connect: Option<Duration>,
    /// From sending until the first byte of the answer's body. 300 s unless set.
    pub first_byte: Option<Duration>,
    /// Between two bytes of the body; comments and keep-alives count. 300 s unless set.
    pub idle: Option<Duration>,
    /// The whole call with its repeats. Not limited unless set.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(10)),
            first_byte: Some(Duration::from_secs(300)),
            idle: Some(Duration::from_secs(300)),
            total: None,
        }
    }
}

impl Timeouts {
    /// The usual limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// The usual limits with this one for the whole call.
    pub fn with_total(total: Duration) -> Self {
        Self { total: Some(total), ..Self::default() }
    }
}

/// The time limits that one call brings along: what is not set stays as its provider has it. `Duration::MAX` never ends a
/// call. The limit for connecting belongs to the transport.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallTimeouts {
    /// As [`Timeouts::first_byte`].
    pub first_byte: Option<Duration>,
    /// As [`Timeouts::idle`].
    pub idle: Option<Duration>,
    /// As [`Timeouts::total`].
    pub total: Option<Duration>,
}

impl CallTimeouts {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// This limit for the whole call, and no other.
    pub fn with_total(total: Duration) -> Self {
        Self { total: Some(total), ..Self::default() }
    }

    /// Each limit that is not set is taken from there.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            first_byte: self.first_byte.or(other.first_byte),
            idle: self.idle.or(other.idle),
            total: self.total.or(other.total),
        }
    }

    /// The limits of a call to a provider that has these.
    #[must_use]
    pub fn over(self, provider: Timeouts) -> Timeouts {
        Timeouts {
            connect: provider.connect,
            first_byte: self.first_byte.or(provider.first_byte),
            idle: self.idle.or(provider.idle),
            total: self.total.or(provider.total),
        }
    }
}

/// A limit of ours passed. `what` names it: `first_byte`, `idle` or `total`.
pub(crate) fn limit_passed(what: &str, limit: Duration, stage: Stage) -> Error {
    let text = match what {
        "first_byte" => "no byte of an answer came",
        "idle" => "the answer stopped coming",
        _ => "the call did not end",
    };
    Error::new(ErrorKind::Timeout, stage, format!("{text} within {} s (limit {what})", limit.as_secs_f64()))
        .with_code(what)
}

/// The future's value, or `None` when the time was up first.
pub(crate) async fn within<F: Future + Send>(
    ambient: &dyn Ambient,
    limit: Option<Duration>,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut timer = limit.map(|limit| ambient.timer(limit));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(value));
        }
        match &mut timer {
            Some(timer) => timer.as_mut().poll(cx).map(|()| None),
            None => Poll::Pending,
        }
    })
    .await
}

/// Watches the pause between bytes. A byte costs nothing: the clock is read when bytes are missing, and the timer is only
/// asked, or moved, when it may have rung.
pub(crate) struct IdleTimer {
    ambient: Arc<dyn Ambient>,
    /// The limit in force: the rest of `first_byte` until a byte came, then `idle`.
    limit: Option<Duration>,
    idle: Option<Duration>,
    /// When the pause began; to be set anew when a byte came since.
    started: Duration,
    fresh: bool,
    timer: Option<Armed>,
    name: &'static str,
}

/// A timer that runs.
struct Armed {
    sleep: Sleep,
    /// It does not ring before.
    rings: Duration,
    /// Whom it wakes.
    waker: Waker,
}

impl IdleTimer {
    /// Starts with what is left until the first byte.
    pub(crate) fn new(ambient: Arc<dyn Ambient>, first_byte_left: Option<Duration>, idle: Option<Duration>) -> Self {
        let started = ambient.monotonic();
        Self { ambient, limit: first_byte_left, idle, started, fresh: false, timer: None, name: "first_byte" }
    }

    /// A byte came.
    pub(crate) fn touch(&mut self) {
        if self.name != "idle" {
            self.name = "idle";
            self.limit = self.idle;
            self.timer = None;
        }
        self.fresh = true;
    }

    /// To be asked whenever bytes are missing. Ready with the name and the length of the limit that passed.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(&'static str, Duration)> {
        let Some(limit) = self.limit else { return Poll::Pending };
        let mut now = self.ambient.monotonic();
        if std::mem::take(&mut self.fresh) {
            self.started = now;
        }
        // It has not rung yet, and will wake this task when it does: nothing to ask it.
        if self.timer.as_ref().is_some_and(|timer| now < timer.rings && timer.waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        loop {
            let left = limit.saturating_sub(now.saturating_sub(self.started));
            let timer = match &mut self.timer {
                Some(timer) => {
                    timer.waker.clone_from(cx.waker());
                    timer
                }
                unset => unset.insert(Armed {
                    sleep: self.ambient.timer(left),
                    rings: now.saturating_add(left),
                    waker: cx.waker().clone(),
                }),
            };
            // Not held back by the task's budget: then it would not have noted whom to wake.
            std::task::ready!(pin!(tokio::task::coop::unconstrained(&mut timer.sleep)).poll(cx));
            self.timer = None;
            now = self.ambient.monotonic();
            if now.saturating_sub(self.started) >= limit {
                return Poll::Ready((self.name, limit));
            }
        }
    }
}
