//! A provider that the host writes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use futures_core::Stream;

use super::frame::Frame;
use super::piece::Piece;
use super::reply::{Replies, channel};
use super::{Job, Post, caller};
use crate::ambient::{self, Ambient, Sleep};
use crate::chat::{Event, Request};
use crate::error::{Error, Result, Stage};
use crate::provider::{CallOptions, Capabilities, EventStream, ModelInfo, Provider, ProviderId};
use crate::transport::{IdleTimer, Timeouts, limit_passed, within};

/// A provider that the host writes. It keeps the contract of [`EventStream`] whatever the host does: what breaks it is an
/// error of kind `server_error` with code `contract`, and what comes after the end is not taken.
///
/// The limits `first_byte` (until the first piece), `idle` (between two pieces) and `total` hold for a host that hangs. A
/// call is asked once: a host that wants repeats makes them itself, or stands in a chain.
#[derive(Clone)]
pub struct HostProvider {
    id: ProviderId,
    post: Post,
    capabilities: Capabilities,
    has_models: bool,
    timeouts: Timeouts,
    ambient: Arc<dyn Ambient>,
}

impl HostProvider {
    /// A provider of this name whose jobs are posted there.
    ///
    /// # Errors
    /// `config` for a name that is empty, or contains a slash, a space or a control character.
    pub fn new(id: &str, post: Post) -> Result<Self> {
        if id.is_empty() || id.contains(|c: char| c == '/' || c.is_whitespace() || c.is_control()) {
            let text =
                format!("the id {id:?} of the provider is no name: it has no slash and no space, such as \"my-model\"");
            return Err(Error::config(text));
        }
        Ok(Self {
            id: ProviderId::new(id),
            post,
            capabilities: Capabilities::default(),
            has_models: false,
            timeouts: Timeouts::default(),
            ambient: ambient::system(),
        })
    }

    /// What it can do, whatever the model.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Whether it can be asked for its models.
    #[must_use]
    pub fn with_models(mut self, has_models: bool) -> Self {
        self.has_models = has_models;
        self
    }

    /// Time limits; those that a call brings go before them.
    #[must_use]
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Other time and randomness.
    #[must_use]
    pub fn with_ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = ambient;
        self
    }
}

#[async_trait]
impl Provider for HostProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self, _: &str) -> Capabilities {
        self.capabilities.clone()
    }

    fn keeps_timeouts(&self) -> bool {
        true
    }

    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        let timeouts = options.timeouts.over(self.timeouts);
        let mark: String = self.ambient.uuid().chars().filter(|c| *c != '-').take(16).collect();
        Ok(EventStream::new(HostStream {
            provider: self.id.as_str().to_owned(),
            model: request.model.clone(),
            frame: Frame::new(self.id.as_str(), &request.model, mark),
            total: timeouts.total.map(|limit| (limit, self.ambient.timer(limit))),
            timeouts,
            ambient: self.ambient.clone(),
            handed_out: false,
            state: State::Idle {
                post: self.post.clone(),
                request: Box::new(request.clone()),
                options: Box::new(options.clone()),
            },
        }))
    }

    async fn models(&self) -> Result<Vec<ModelInfo>> {
        let named = |error: Error| error.with_provider(self.id.as_str());
        if !self.has_models {
            return Err(named(Error::config(format!("{} has no model list", self.id))));
        }
        let (reply, replies) = channel();
        (self.post)(Job::Models { reply, caller: caller::current() });
        let limit = self.timeouts.first_byte;
        match within(&*self.ambient, limit, replies.answer()).await {
            Some(answer) => answer.map_err(named),
            None => Err(named(limit_passed("first_byte", limit.unwrap_or_default(), Stage::MaybeSent))),
        }
    }
}

impl fmt::Debug for HostProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostProvider").field("id", &self.id).finish_non_exhaustive()
    }
}

/// One call.
struct HostStream {
    provider: String,
    model: String,
    frame: Frame,
    timeouts: Timeouts,
    total: Option<(Duration, Sleep)>,
    ambient: Arc<dyn Ambient>,
    /// The consumer had an event to handle: the pause since then is its own, not the host's.
    handed_out: bool,
    state: State,
}

enum State {
    /// Nothing was asked.
    Idle {
        post: Post,
        request: Box<Request>,
        options: Box<CallOptions>,
    },
    Reading(Replies<Piece>, Box<IdleTimer>),
    /// The call failed; what came before is given out first.
    Failing(Error),
    /// The last event waits to be given out, or was.
    Done,
}

impl Stream for HostStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.frame.out.pop_front() {
                this.handed_out = true;
                return Poll::Ready(Some(Ok(event)));
            }
            match &mut this.state {
                State::Done => return Poll::Ready(None),
                State::Failing(_) => {
                    let State::Failing(error) = std::mem::replace(&mut this.state, State::Done) else { continue };
                    return Poll::Ready(Some(Err(error)));
                }
                State::Idle { .. } => this.ask(),
                State::Reading(replies, timer) => match replies.poll_next(cx) {
                    Poll::Ready(Some(Ok(piece))) => {
                        timer.touch();
                        let last = piece.is_last();
                        match this.frame.take(piece) {
                            Ok(()) if last => this.state = State::Done,
                            Ok(()) => {}
                            Err(error) => this.fail(error),
                        }
                    }
                    Poll::Ready(None) => match this.frame.end() {
                        Ok(()) => this.state = State::Done,
                        Err(error) => this.fail(error),
                    },
                    Poll::Ready(Some(Err(error))) => this.fail(error),
                    Poll::Pending => {
                        if std::mem::take(&mut this.handed_out) {
                            timer.touch();
                        }
                        let (name, limit) = match timer.poll(cx) {
                            Poll::Ready(passed) => passed,
                            Poll::Pending => {
                                let Some((limit, timer)) = &mut this.total else { return Poll::Pending };
                                ready!(timer.as_mut().poll(cx));
                                ("total", *limit)
                            }
                        };
                        this.fail(limit_passed(name, limit, Stage::MaybeSent));
                    }
                },
            }
        }
    }
}

impl HostStream {
    fn ask(&mut self) {
        let (reply, replies) = channel();
        let timer = IdleTimer::new(self.ambient.clone(), self.timeouts.first_byte, self.timeouts.idle);
        let before = std::mem::replace(&mut self.state, State::Reading(replies, Box::new(timer)));
        if let State::Idle { post, request, options } = before {
            post(Job::Stream { request, options, reply, caller: caller::current() });
        }
    }

    /// Ends the call. From here on nothing of the host is taken.
    fn fail(&mut self, error: Error) {
        let error = match self.frame.output_began() {
            true => error.with_stage(Stage::Streaming),
            false => error,
        };
        self.state = State::Failing(error.with_provider(&self.provider).with_model(&self.model));
    }
}
