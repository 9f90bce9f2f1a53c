//! The stream of one call of a chain: a state machine that the consumer's poll drives.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::watch;

use super::asking::{Asking, Call, Step, is_output, limit};
use super::attempts::Attempts;
use super::breaker::{Admission, OPEN_FOR, Permit};
use super::candidate::Candidate;
use super::chain::Shared;
use super::decision::{Next, Rule, decide};
use super::history::{for_account, mark};
use super::record::{Written, note_fault, note_success};
use super::route::{Choice, Route, Target, View};
use crate::ambient::Sleep;
use crate::auth::{CredentialFault, Profiles, rest_of};
use crate::chat::{Event, NextTry, Request, Response, Warning};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::observe::{self, Asked, CallSpan, Decisions, Run};
use crate::provider::{CallOptions, EventStream};
use crate::transport::{RetryPolicy, limit_passed, within};

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

pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

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
                // The answer is there: what is written of it has a short limit of its own, and cannot cost it.
                Poll::Pending if matches!(this.state, State::Writing(_, Some(_))) => return Poll::Pending,
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
        let total = options.timeouts.total.take();
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
                    match self.shared.breakers.admit(target.endpoint.as_ref(), now) {
                        Admission::Pass(permit) => self.ask(*target, permit),
                        Admission::Trial(end, left, _) => {
                            self.route.put_back(*target, now);
                            self.await_trial(end, left);
                        }
                        Admission::Open(..) => {}
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
            let text = "its rest in the store cannot be meant: one of more than 40 days counts as 24 h from its last failure, and one after a failure in the future as none";
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
                self.attempts.note_unusable(candidate, profile.as_ref(), &error);
                if let Some(subject) = shared.candidates.get(candidate).map(Candidate::name) {
                    self.warn(Warning::new("candidate_unusable", subject, error.message()));
                    self.decisions.skips(candidate, &error);
                }
                self.route.leave_broken(candidate, profile);
            }
            Choice::Trial(end, left) => self.await_trial(end, left),
            Choice::Later(target, wait) => {
                let left =
                    self.retry.budget.min(shared.limits.time).saturating_sub(monotonic.saturating_sub(self.began));
                if wait > left {
                    return self.give_up(self.spent());
                }
                self.announce(&target, wait);
                self.state = State::Pausing(shared.ambient.sleep(wait), Box::new(target));
            }
            Choice::Spent => {
                let left_out = self.route.not_asked.iter().filter(|skip| !self.attempts.tried(skip.candidate));
                left_out.for_each(|skip| self.decisions.skips(skip.candidate, &skip.error));
                self.give_up(self.spent());
            }
        }
    }

    /// Lets another call try the endpoint.
    fn await_trial(&mut self, mut end: watch::Receiver<()>, left: Duration) {
        let ambient = self.shared.ambient.clone();
        self.state = State::Trial(Box::pin(async move {
            within(&*ambient, Some(left), end.changed()).await;
        }));
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
            limit: limit(&target, &options, &self.shared),
            began: false,
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
        // What failed before belongs to the answer, whoever gave it, and so does the profile that it came with.
        let head = match &mut event {
            Event::Opened(head) => Some(&mut **head),
            Event::Completed(response) => Some(&mut response.head),
            _ => None,
        };
        if let Some(head) = head {
            head.attempts.splice(0..0, self.attempts.all(&self.shared.candidates));
            head.profile = head.profile.take().or(asking.target.profile.as_ref().map(|id| id.as_str().to_owned()));
        }
        let Event::Completed(response) = event else { return Some(Ok(event)) };
        let target = asking.target.clone();
        let began = asking.started_at;
        self.deadline = None;
        self.decisions.succeeded(target.candidate);
        let write = match (&target.profile, self.profiles.as_ref().ok()) {
            (Some(profile), Some(profiles)) => {
                self.shared.sessions.keep(self.request.session_id.as_deref(), &target.model.provider, profile);
                note_success(&self.shared, profiles, &target.model, profile, began)
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
        let named = error.resets_at().or_else(|| now.checked_add(error.retry_after()?));
        let shut = now.checked_add(OPEN_FOR).filter(|_| opened);
        let count = self.attempts.note(target.candidate, target.profile.as_ref(), &error, took, named.max(shut));
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
            Ok(Some(profiles)) => {
                let now = self.shared.ambient.now();
                let asked =
                    self.last.as_ref().and_then(|(target, _)| Some((profiles.get(target.profile.as_ref()?)?, target)));
                if let Some(rest) =
                    asked.and_then(|(profile, target)| rest_of(&profiles, profile, &target.model.model, now))
                {
                    self.attempts.last_rests(rest.until);
                }
                self.profiles = Ok(profiles);
            }
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
            if self.told.contains(&skip.candidate) || self.attempts.tried(skip.candidate) {
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
            self.attempts.note(target.candidate, target.profile.as_ref(), &error, took, None);
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
