//! The three questions to a provider: which models, how much of the plan, and one answer. Each is sent once, or not at all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::DiagnoseOptions;
use super::target::{Obstacle, Search, Target};
use super::watch::Watch;
use crate::ambient::Ambient;
use crate::auth::{StaticToken, access_token};
use crate::chat::Request;
use crate::config::ProviderBuilder;
use crate::error::{Error, Result, words};
use crate::first_model;
use crate::provider::{CallOptions, PlanUsage, Provider};
use crate::transport::{Endpoint, RetryPolicy, Transport};

words! {
    /// What became of a question.
    Outcome {
        /// The provider answered it.
        Answered = "answered",
        /// It failed; the error says why.
        Failed = "failed",
        /// The provider has no such thing.
        NotOffered = "not_offered",
        /// It was not asked.
        NotAsked = "not_asked",
    }
}

/// One question and what became of it.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took, in ms.
    pub duration_ms: u64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// What the provider answered.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Probe {
    /// Whether anything was sent. A login that has ended is not shown to anybody.
    pub sent: bool,
    /// Why nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// The provider that was asked.
    pub provider: String,
    /// The model that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The profile whose credential was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Where the answer was asked for, without query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The question for the models.
    pub models: Answer,
    /// The question for the use of the plan.
    pub usage: Answer,
    /// The question for an answer of one word.
    pub responses: Answer,
    /// How many models the provider lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models_listed: Option<usize>,
    /// How much of the plan is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanUsage>,
    /// How far this machine's clock is ahead of that of who answered, in seconds; negative if it is behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_ahead_seconds: Option<i64>,
    /// What kept it from being sent, for the verdict.
    #[serde(skip)]
    pub(super) obstacle: Obstacle,
}

impl Answer {
    const fn not_asked() -> Self {
        Self { outcome: Outcome::NotAsked, duration_ms: 0, error: None }
    }

    /// Whether it was answered.
    pub fn is_answered(&self) -> bool {
        self.outcome == Outcome::Answered
    }
}

impl Probe {
    fn unsent(search: &Search, obstacle: Obstacle, why: &str) -> Self {
        Self {
            sent: false,
            why_not: (!why.is_empty()).then(|| why.to_owned()),
            provider: search.provider.clone(),
            model: search.model.clone(),
            profile: search.profile.clone(),
            address: None,
            models: Answer::not_asked(),
            usage: Answer::not_asked(),
            responses: Answer::not_asked(),
            models_listed: None,
            plan: None,
            clock_ahead_seconds: None,
            obstacle,
        }
    }

    /// The three, in the order in which they were asked.
    pub fn answers(&self) -> [(&'static str, &Answer); 3] {
        [("models", &self.models), ("usage", &self.usage), ("responses", &self.responses)]
    }

    /// By how many seconds this machine's clock is ahead of the answers, where that matters: less than 5 min is right, since
    /// tokens are renewed 5 min before their end. A clock that is behind is negative.
    pub fn clock_off(&self) -> Option<i64> {
        self.clock_ahead_seconds.filter(|ahead| ahead.unsigned_abs() >= 300)
    }
}

/// Asks. Nothing that goes wrong is repeated: a probe shows what a call meets.
pub(super) async fn probe(search: &Search, options: &DiagnoseOptions) -> Probe {
    let Some(target) = &search.target else {
        return Probe::unsent(search, search.obstacle, &search.why);
    };
    let (provider, watch, has_plan) = match connect(target, options).await {
        Ok(made) => made,
        Err(error) => return Probe::unsent(search, Obstacle::CannotAsk, error.message()),
    };
    let clock = &*options.ambient;
    let mut probe = Probe::unsent(search, Obstacle::None, "");
    probe.sent = true;
    probe.profile = target.login.as_ref().map(|login| login.id.to_string());
    probe.address = provider.inference_endpoint().as_ref().map(Endpoint::to_string);
    let models = timed(&mut probe.models, clock, provider.models()).await;
    probe.models_listed = models.as_ref().map(Vec::len);
    probe.plan = match has_plan {
        true => timed(&mut probe.usage, clock, provider.plan_usage()).await,
        false => {
            probe.usage.outcome = Outcome::NotOffered;
            None
        }
    };
    let listed = first_model::listed(models.into_iter().flatten());
    let usual = || listed.unwrap_or_else(|| first_model::known(provider.id()).to_owned());
    let model = probe.model.get_or_insert_with(usual).clone();
    let request = Request::new(model).instructions("Answer with the word: ok").user("ok");
    let call = CallOptions::new();
    timed(&mut probe.responses, clock, provider.complete(&request, &call)).await;
    probe.clock_ahead_seconds = watch.and_then(|watch| watch.offset()).map(|offset| offset.seconds());
    probe
}

type Made = (Arc<dyn Provider>, Option<Arc<Watch>>, bool);

/// The provider of a target: that of its calls, but that it repeats nothing and renews nothing.
async fn connect(target: &Target, options: &DiagnoseOptions) -> Result<Made> {
    let seen: Mutex<Option<Arc<Watch>>> = Mutex::new(None);
    let over = |usual: Arc<dyn Transport>| {
        let inner = options.transport.clone().unwrap_or(usual);
        let watch = Arc::new(Watch::new(inner, options.ambient.clone()));
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(watch.clone());
        watch as Arc<dyn Transport>
    };
    let mut builder = target.route.builder_over(&options.access(), over).await?;
    let mut timeouts = target.route.timeouts;
    timeouts.total = Some(options.timeout);
    builder = builder.retry(RetryPolicy::never()).timeouts(timeouts);
    if let Some(application) = &options.application {
        builder = builder.application(application);
    }
    if let Some(profile) = &target.login {
        let secret = profile.credential.secret(&options.environment());
        let secret = secret.map_err(|why| Error::config(format!("profile {} cannot be used: {why}", profile.id)))?;
        // As it stands in the store: a source that renews would spend what works only once.
        builder = builder.login_of(profile, Arc::new(StaticToken::new(access_token(profile, secret))));
    } else if let Some(key) = target.route.environment_key(&options.access()) {
        builder = builder.login(Arc::new(StaticToken::of_key(key)));
    }
    let has_plan = matches!(builder, ProviderBuilder::Codex(_));
    let watch = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok((builder.build()?, watch, has_plan))
}

async fn timed<T>(answer: &mut Answer, clock: &dyn Ambient, question: impl Future<Output = Result<T>>) -> Option<T> {
    let began = clock.monotonic();
    let outcome = question.await;
    let spent: Duration = clock.monotonic().saturating_sub(began);
    answer.duration_ms = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Ok(value) => {
            answer.outcome = Outcome::Answered;
            Some(value)
        }
        Err(error) => {
            answer.outcome = Outcome::Failed;
            answer.error = Some(error);
            None
        }
    }
}
