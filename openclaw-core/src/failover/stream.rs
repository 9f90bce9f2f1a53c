//! The stream of one call of a chain: a state machine that the consumer's poll drives.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use futures_core::Stream;

use super::attempts::Attempts;
use super::breaker::{Admission, Permit};
use super::chain::Shared;
use super::decision::{Next, Rule, decide};
use super::history::{for_account, mark};
use super::record::{Written, note_fault, note_success};
use super::route::{Choice, Route, Target, View};
use crate::ambient::Sleep;
use crate::auth::{CredentialFault, Profiles};
use crate::chat::{Event, NextTry, Request, Response, Warning};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::observe::{self, Asked, CallSpan, Decisions, Run};
use crate::provider::{CallOptions, EventStream};
use crate::transport::{RetryPolicy, limit_passed};

/// A repeat with a longer wait comes only when nothing else can be asked.
pub(super) const SHORT_WAIT: Duration = Duration::from_secs(2);

/// The stream of one call of a chain.
pub(super) struct ChainStream {
    shared: Arc<Shared>,
    route: Route,
    request: Request,
    options: CallOptions,
    retry: RetryPolicy,
    profiles: Result<Profiles>,
    attempts: Attempts,
    began: Duration,
    /// What was asked last, and how that failed.
    last: Option<(Target, ErrorKind)>,
    /// Whose headers and turn state the caller's options are meant for.
    meant_for: Option<Target>,
    /// Candidates whose passing over was told.
    told: Vec<usize>,
    warnings: Vec<Warning>,
    run: Run,
    decisions: Decisions,
    queue: VecDeque<Event>,
    /// Ends the call when no output began by then.
    deadline: Option<Sleep>,
    /// Ends the call, whatever it does.
    total: Option<(Duration, Sleep)>,
    state: State,
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

enum State {
    /// Nothing was asked.
    Idle,
    Loading(Boxed<Result<Profiles>>),
    Choosing,
    /// Another call tries the endpoint.
    Trial(Boxed<()>),
    /// The same comes again after this.
    Pausing(Sleep, Box<Target>),
    Asking(Box<Asking>),
    /// What was learnt of a profile is written.
    Writing(Boxed<Written>, Option<Box<Response>>),
    Failing(Error),
    Done,
}

/// An attempt under way.
struct Asking {
    target: Target,
    span: CallSpan,
    permit: Option<Permit>,
    started: Duration,
    started_at: SystemTime,
    /// Ends the attempt when no event came by then.
    first_event: Option<Sleep>,
    output_began: bool,
    call: Call,
}

enum Call {
    Starting(Boxed<Result<EventStream>>),
    Streaming(EventStream),
}

impl Stream for ChainStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.queue.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            match this.step(cx) {
                Poll::Ready(Some(item)) => return Poll::Ready(Some(item)),
                Poll::Ready(None) if matches!(this.state, State::Done) && this.queue.is_empty() => {
                    return Poll::Ready(None);
                }
                Poll::Ready(None) => {}
                Poll::Pending => {
                    let error = ready!(this.poll_limits(cx));
                    this.give_up(error);
                }
            }
        }
    }
}

impl ChainStream {
    pub(super) fn start(
        shared: Arc<Shared>,
        route: Route,
        request: Request,
        mut options: CallOptions,
        retry: RetryPolicy,
    ) -> EventStream {
        // The limit of the whole call is kept here, and the policy is run here: by whoever is outermost.
        let total = options.timeouts.as_mut().and_then(|timeouts| timeouts.total.take());
        options.retry = Some(RetryPolicy::never());
        let own = options.run.is_none();
        let run = *options.run.get_or_insert_with(Run::next);
        let first = shared.candidates.get(route.primary()).map(|first| &first.model);
        let span = CallSpan::chain(first, shared.candidates.len());
        let order = route.order.iter().filter_map(|index| Some((*index, &shared.candidates.get(*index)?.model)));
        let decisions = Decisions::start(run, order);
        let stream = Self {
            total: total.map(|limit| (limit, shared.ambient.timer(limit))),
            shared,
            route,
            request,
            options,
            retry,
            profiles: Ok(Profiles::default()),
            attempts: Attempts::default(),
            began: Duration::ZERO,
            last: None,
            meant_for: None,
            told: Vec::new(),
            warnings: Vec::new(),
            run,
            decisions,
            queue: VecDeque::new(),
            deadline: None,
            state: State::Idle,
        };
        observe::watch(stream, span, own.then_some(run))
    }

    /// One step; `Ready(None)` means that the state has changed.
    fn step(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        match &mut self.state {
            State::Done => {}
            State::Failing(error) => {
                let error = error.clone();
                self.state = State::Done;
                return Poll::Ready(Some(Err(error)));
            }
            State::Idle => self.begin(),
            State::Loading(load) => {
                self.profiles = ready!(load.as_mut().poll(cx));
                if let Ok(profiles) = &self.profiles {
                    self.decisions.knows(profiles);
                }
                self.state = State::Choosing;
            }
            State::Choosing => self.choose(),
            State::Trial(end) => {
                ready!(end.as_mut().poll(cx));
                self.state = State::Choosing;
            }
            State::Pausing(sleep, _) => {
                ready!(sleep.as_mut().poll(cx));
                if let State::Pausing(_, target) = std::mem::replace(&mut self.state, State::Choosing) {
                    // By now the endpoint may let nobody through; then something else is chosen.
                    let now = self.shared.ambient.monotonic();
                    if let Admission::Pass(permit) = self.shared.breakers.admit(target.endpoint.as_ref(), now) {
                        self.ask(*target, permit);
                    }
                }
            }
            State::Asking(asking) => match ready!(asking.poll(cx)) {
                Step::Started => {}
                Step::Event(event) => return Poll::Ready(self.pass_on(event)),
                Step::Failed(error) => self.failed(error),
            },
            State::Writing(write, _) => {
                let written = ready!(write.as_mut().poll(cx));
                if let State::Writing(_, response) = std::mem::replace(&mut self.state, State::Choosing) {
                    self.written(written);
                    if let Some(response) = response {
                        self.complete(response);
                    }
                }
            }
        }
        Poll::Ready(None)
    }

    fn begin(&mut self) {
        self.began = self.shared.ambient.monotonic();
        self.deadline = Some(self.shared.ambient.timer(self.shared.limits.time));
        self.state = match &self.shared.store {
            None => State::Choosing,
            Some(store) => {
                let store = store.clone();
                State::Loading(Box::pin(async move { store.load().await }))
            }
        };
    }

    fn choose(&mut self) {
        let shared = self.shared.clone();
        let (monotonic, now) = (shared.ambient.monotonic(), shared.ambient.now());
        if self.attempts.count() >= shared.limits.attempts || monotonic.saturating_sub(self.began) >= shared.limits.time
        {
            return self.give_up(self.spent());
        }
        let view = View {
            shared: &shared,
            profiles: self.profiles.as_ref(),
            session: self.request.session_id.as_deref(),
            monotonic,
            now,
        };
        let choice = self.route.choose(&view);
        for profile in self.route.take_doubts() {
            let text = "the store lets it rest for more than 40 days, which cannot be meant: it counts as 24 h from its last failure";
            self.warn(Warning::new("implausible_rest", profile.as_str(), text));
        }
        match choice {
            Choice::Go(target, permit) => {
                self.tell_passed_over(target.candidate);
                self.announce(&target, Duration::ZERO);
                self.ask(target, permit);
            }
            Choice::Broken { candidate, profile, error } => {
                self.tell_passed_over(candidate);
                self.attempts.note(candidate, profile.as_ref(), &error, Duration::ZERO);
                if let Some(model) = shared.candidates.get(candidate).map(|c| &c.model) {
                    let subject = model.to_string();
                    self.warn(Warning::new("candidate_unusable", subject, error.message()));
                    self.decisions.skips(candidate, &error);
                }
                self.route.leave_broken(candidate, profile);
            }
            Choice::Trial(mut end) => {
                self.state = State::Trial(Box::pin(async move { drop(end.changed().await) }));
            }
            Choice::Later(target, wait) => {
                let left = self.retry.budget.saturating_sub(monotonic.saturating_sub(self.began));
                if wait > left {
                    return self.give_up(self.spent());
                }
                self.announce(&target, wait);
                self.state = State::Pausing(shared.ambient.sleep(wait), Box::new(target));
            }
            Choice::Spent => {
                let left_out = self.route.not_asked.iter().filter(|skip| !self.attempts.asked(skip.candidate));
                left_out.for_each(|skip| self.decisions.skips(skip.candidate, &skip.error));
                self.give_up(self.spent());
            }
        }
    }

    /// Starts an attempt. Nothing is sent before it is polled.
    fn ask(&mut self, target: Target, permit: Permit) {
        let switched = self.meant_for.as_ref().is_some_and(|first| first.account != target.account);
        let first = self.meant_for.get_or_insert_with(|| target.clone());
        let same = first.candidate == target.candidate && first.profile == target.profile;
        let headers_too = first.model.provider == target.model.provider;
        let mut request = self.request.clone();
        request.model.clone_from(&target.model.model);
        let mut options = self.options.clone();
        let mut warnings = Vec::new();
        warnings.extend(for_account(&mut request, target.account.as_deref(), switched));
        if !same {
            options.turn_state = None;
        }
        if !headers_too && !options.headers.is_empty() {
            options.headers = Default::default();
            let text = "headers of the caller are not sent to another provider than the one that was asked first";
            warnings.push(Warning::new("unsupported_setting", "headers", text));
        }
        warnings.into_iter().for_each(|warning| self.warn(warning));
        let provider = target.provider.clone();
        let ambient = &self.shared.ambient;
        self.state = State::Asking(Box::new(Asking {
            span: CallSpan::attempt(self.attempts.count() + 1, &target.model, target.profile.as_ref()),
            permit: Some(permit),
            started: ambient.monotonic(),
            started_at: ambient.now(),
            first_event: Some(ambient.timer(self.shared.limits.first_event)),
            output_began: false,
            call: Call::Starting(Box::pin(async move { provider.stream(&request, &options).await })),
            target,
        }));
    }

    /// An event of the attempt; gives what the caller sees of it.
    fn pass_on(&mut self, mut event: Event) -> Option<Result<Event>> {
        let State::Asking(asking) = &mut self.state else { return None };
        if is_output(&event) {
            asking.output_began = true;
            self.deadline = None;
        }
        // Its own repeats are legal until output began, as everywhere.
        if asking.output_began && matches!(event, Event::Retrying { .. }) {
            return None;
        }
        if let Some(account) = &asking.target.account {
            mark(&mut event, account);
        }
        // What failed before belongs to the answer, whoever gave it.
        let failed = match &mut event {
            Event::Opened(head) => Some(&mut head.attempts),
            Event::Completed(response) => Some(&mut response.head.attempts),
            _ => None,
        };
        if let Some(failed) = failed {
            failed.splice(0..0, self.attempts.all(&self.shared.candidates));
        }
        let Event::Completed(response) = event else { return Some(Ok(event)) };
        let target = asking.target.clone();
        let began = asking.started_at;
        self.deadline = None;
        self.decisions.succeeded(target.candidate);
        let write = match (&target.profile, self.profiles.as_ref().ok()) {
            (Some(profile), Some(profiles)) => {
                let provider = &target.model.provider;
                self.shared.sessions.keep(self.request.session_id.as_deref(), provider, profile);
                note_success(&self.shared, profiles, provider, profile, began)
            }
            _ => None,
        };
        match write {
            Some(write) => self.state = State::Writing(write, Some(response)),
            None => self.complete(response),
        }
        None
    }

    fn complete(&mut self, mut response: Box<Response>) {
        response.warnings.splice(0..0, std::mem::take(&mut self.warnings));
        self.queue.push_back(Event::Completed(response));
        self.state = State::Done;
    }

    /// The attempt failed: what follows is in the table.
    fn failed(&mut self, error: Error) {
        let State::Asking(asking) = std::mem::replace(&mut self.state, State::Choosing) else { return };
        let Asking { target, span, permit, started, output_began, .. } = *asking;
        let shared = self.shared.clone();
        let (monotonic, now) = (shared.ambient.monotonic(), shared.ambient.now());
        let mut error = error.with_provider(target.model.provider.as_str()).with_model(&target.model.model);
        if let Some(profile) = &target.profile {
            error = error.with_profile(profile.as_str());
        }
        if output_began {
            error = error.with_stage(Stage::Streaming);
        }
        let rule = decide(&error, output_began, target.endpoint.as_ref());
        let opened = permit.is_some_and(|permit| permit.failed(rule.breaker, &error, monotonic));
        let took = monotonic.saturating_sub(started);
        let count = self.attempts.note(target.candidate, target.profile.as_ref(), &error, took);
        span.failed(&error);
        let noted = target.profile.as_ref().and(rule.notes).map(CredentialFault::as_str);
        self.decisions.failed(target.candidate, target.profile.as_ref(), &error, noted);
        self.last = Some((target.clone(), error.kind()));
        if rule.next == Next::Stop {
            self.give_up(self.attempts.listed(&shared.candidates, error));
            return;
        }
        let again = self.again(rule, &error, &target, opened);
        if let Some(delay) = again.filter(|delay| *delay <= SHORT_WAIT && count < shared.limits.attempts) {
            self.announce(&target, delay);
            self.state = State::Pausing(shared.ambient.sleep(delay), Box::new(target));
            return;
        }
        let view = View { shared: &shared, profiles: self.profiles.as_ref(), session: None, monotonic, now };
        self.route.leave(&target, rule, &error, again.map(|delay| monotonic.saturating_add(delay)), &view);
        if let (Some(fault), Some(profile)) = (rule.notes, &target.profile) {
            if let Some(write) = note_fault(&shared, profile, &target.model, fault, &error, now, self.run) {
                self.state = State::Writing(write, None);
            }
        }
    }

    /// The wait before the same could be asked again, if it may be.
    fn again(&self, rule: &Rule, error: &Error, target: &Target, opened: bool) -> Option<Duration> {
        if !rule.repeat || opened {
            return None;
        }
        let elapsed = self.shared.ambient.monotonic().saturating_sub(self.began);
        let failed = self.attempts.of(target.candidate, target.profile.as_ref());
        let delay = self.retry.delay(error, failed, elapsed, &*self.shared.ambient)?;
        let backoff = self.shared.settings.cooldowns.overloaded_backoff;
        Some(if error.kind() == ErrorKind::Overloaded { delay.max(backoff) } else { delay })
    }

    fn written(&mut self, written: Written) {
        match written {
            Ok(Some(profiles)) => self.profiles = Ok(profiles),
            Ok(None) => {}
            Err(error) => {
                let text = format!("what this call showed of its profile was not kept: {}", error.message());
                self.warn(Warning::new("profile_state_not_kept", "profile", text));
            }
        }
    }

    /// Says that the next attempt comes, and why, unless it is the first one.
    fn announce(&mut self, target: &Target, delay: Duration) {
        let Target { candidate, rests: probes, .. } = *target;
        self.decisions.asks(Asked { candidate, profile: target.profile.as_ref(), probes });
        let Some((last, kind)) = &self.last else { return };
        let same = last.candidate == target.candidate && last.profile == target.profile;
        let next = NextTry::new(
            target.model.provider.as_str(),
            &target.model.model,
            target.profile.as_ref().map(|id| id.as_str().to_owned()),
        );
        self.queue.push_back(Event::Retrying {
            attempt: self.attempts.count(),
            kind: *kind,
            delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            next: (!same).then(|| Box::new(next)),
        });
    }

    /// Says once of every candidate in front of the chosen one why it was not asked.
    fn tell_passed_over(&mut self, chosen: usize) {
        let skips: Vec<_> = self.route.not_asked.iter().filter(|skip| skip.candidate != chosen).cloned().collect();
        for skip in skips {
            if self.told.contains(&skip.candidate) || self.attempts.asked(skip.candidate) {
                continue;
            }
            self.told.push(skip.candidate);
            if let Some(model) = self.shared.candidates.get(skip.candidate).map(|c| c.model.clone()) {
                self.warn(Warning::new("candidate_skipped", model.to_string(), skip.error.message()));
                self.decisions.skips(skip.candidate, &skip.error);
            }
        }
    }

    fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning.clone());
        self.queue.push_back(Event::Warning(Box::new(warning)));
    }

    fn spent(&self) -> Error {
        let now = self.shared.ambient.now();
        self.attempts.spent(&self.shared.candidates, self.route.primary(), &self.route.not_asked, now)
    }

    fn give_up(&mut self, error: Error) {
        self.decisions.ends();
        self.state = State::Failing(error);
    }

    /// The limits of the call, asked whenever nothing else goes on.
    fn poll_limits(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let mut passed = None;
        if let Some(deadline) = &mut self.deadline {
            passed = deadline.as_mut().poll(cx).is_ready().then_some(("time", self.shared.limits.time));
        }
        if let Some((limit, timer)) = &mut self.total {
            passed = timer.as_mut().poll(cx).is_ready().then_some(("total", *limit)).or(passed);
        }
        let Some((name, limit)) = passed else { return Poll::Pending };
        self.deadline = None;
        let mut error = limit_passed(name, limit, Stage::Responded);
        if let State::Asking(asking) = &self.state {
            let target = &asking.target;
            let stage = if asking.output_began { Stage::Streaming } else { Stage::MaybeSent };
            error =
                error.with_stage(stage).with_provider(target.model.provider.as_str()).with_model(&target.model.model);
            let took = self.shared.ambient.monotonic().saturating_sub(asking.started);
            self.attempts.note(target.candidate, target.profile.as_ref(), &error, took);
            asking.span.failed(&error);
            self.decisions.failed(target.candidate, target.profile.as_ref(), &error, None);
            self.last = Some((target.clone(), error.kind()));
        }
        // The caller's own limit is the cause; ours is only the end of what went before.
        Poll::Ready(match name {
            "total" => self.attempts.listed(&self.shared.candidates, error),
            _ if self.attempts.count() == 0 => error,
            _ => self.spent(),
        })
    }
}

enum Step {
    /// It has begun; nothing came yet.
    Started,
    Event(Event),
    Failed(Error),
}

impl Asking {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
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
                let Some(timer) = &mut self.first_event else { return Poll::Pending };
                ready!(timer.as_mut().poll(cx));
                self.first_event = None;
                let text = "the provider gave no event within the time of an attempt (limit first_event)";
                let error = Error::new(ErrorKind::Timeout, Stage::MaybeSent, text).with_code("first_event");
                Poll::Ready(Step::Failed(error))
            }
        }
    }

    fn came(&mut self, event: &Event) {
        if !matches!(event, Event::Warning(_) | Event::Retrying { .. }) {
            self.first_event = None;
        }
        // Headers alone are no answer: a portal can call its page an event stream.
        let headers = matches!(event, Event::Opened(_) | Event::RateLimits(_));
        if self.first_event.is_none() && !headers {
            if let Some(permit) = self.permit.take() {
                permit.answered();
            }
        }
    }
}

/// From the first of these on the call is never repeated.
fn is_output(event: &Event) -> bool {
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
