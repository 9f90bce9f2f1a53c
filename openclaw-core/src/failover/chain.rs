//! A provider made of providers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::breaker::Breakers;
use super::candidate::{Candidate, Way};
use super::route::{Connected, Route};
use super::sessions::Sessions;
use super::stream::ChainStream;
use crate::ambient::{self, Ambient};
use crate::auth::{CredentialStore, ProfileId, ProfileSettings};
use crate::chat::Request;
use crate::error::{Error, Result};
use crate::provider::{CallOptions, Capabilities, EventStream, ModelInfo, PlanUsage, Provider, ProviderId};
use crate::transport::RetryPolicy;

/// A provider made of candidates: asked one after the other, as the table of [`RULES`](super::RULES) says, until one of
/// them begins to answer.
///
/// The request names the first model that is asked, as `provider/model` or by its own name; empty is the first candidate.
/// The others follow in their order.
///
/// ```
/// use openclaw_core::failover::{Candidate, Chain};
/// use openclaw_core::testing::ScriptedProvider;
/// use openclaw_core::{CallOptions, Error, ErrorKind, Provider, Request, Stage};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> openclaw_core::Result<()> {
/// let blocked = Error::new(ErrorKind::EdgeBlocked, Stage::Responded, "blocked");
/// let chain = Chain::builder()
///     .candidate(Candidate::new("openai-codex/gpt-5.4".parse()?, ScriptedProvider::new("openai-codex").error(blocked)))
///     .candidate(Candidate::new("openai/gpt-5.4".parse()?, ScriptedProvider::new("openai").text("Hello")))
///     .build()?;
/// let answer = chain.complete(&Request::new("").user("Say hello"), &CallOptions::new()).await?;
/// assert_eq!((answer.provider.as_str(), answer.text().as_str()), ("openai", "Hello"));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Chain(pub(super) Arc<Shared>);

/// What the calls of a chain share.
#[derive(Debug)]
pub(super) struct Shared {
    id: ProviderId,
    pub(super) candidates: Vec<Candidate>,
    pub(super) store: Option<Arc<dyn CredentialStore>>,
    pub(super) settings: ProfileSettings,
    pub(super) limits: ChainLimits,
    retry: RetryPolicy,
    pub(super) breakers: Breakers,
    pub(super) ambient: Arc<dyn Ambient>,
    pub(super) sessions: Sessions,
    connected: Mutex<HashMap<(usize, ProfileId), Connected>>,
    /// When a resting profile was asked all the same.
    probed: Mutex<HashMap<ProfileId, Duration>>,
    /// When a success of a profile was written.
    pub(super) written: Mutex<HashMap<ProfileId, SystemTime>>,
    /// Which profile of a provider was written as the one that was good last.
    pub(super) good: Mutex<HashMap<ProviderId, ProfileId>>,
}

/// What bounds a call of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainLimits {
    /// How many attempts at most, repeats included. 10 unless set.
    pub attempts: u32,
    /// The time until output begins, all attempts and waits together. 10 min unless set. The whole call is bounded by
    /// `total` of [`CallTimeouts`](crate::transport::CallTimeouts), as everywhere.
    pub time: Duration,
    /// The time until an attempt gives its first event: for providers that have no limit of their own. 330 s unless set. Between
    /// two events such a provider has the time `idle` of [`CallTimeouts`](crate::transport::CallTimeouts).
    pub first_event: Duration,
}

impl Default for ChainLimits {
    fn default() -> Self {
        Self { attempts: 10, time: Duration::from_secs(600), first_event: Duration::from_secs(330) }
    }
}

/// Builds a [`Chain`].
#[derive(Debug, Default)]
pub struct ChainBuilder {
    candidates: Vec<Candidate>,
    store: Option<Arc<dyn CredentialStore>>,
    settings: ProfileSettings,
    limits: ChainLimits,
    retry: RetryPolicy,
    breakers: Breakers,
    ambient: Option<Arc<dyn Ambient>>,
}

impl Chain {
    /// Starts without a candidate.
    pub fn builder() -> ChainBuilder {
        ChainBuilder::default()
    }

    /// The candidates, in their order.
    pub fn candidates(&self) -> &[Candidate] {
        &self.0.candidates
    }

    /// The breakers of its endpoints.
    pub fn breakers(&self) -> &Breakers {
        &self.0.breakers
    }
}

impl ChainBuilder {
    /// Adds a candidate behind the others. One whose model is there already, with the same pinned profile, is left out.
    pub fn candidate(mut self, candidate: Candidate) -> Self {
        let same = |known: &Candidate| known.model == candidate.model && known.pinned == candidate.pinned;
        if !self.candidates.iter().any(same) {
            self.candidates.push(candidate);
        }
        self
    }

    /// Where the profiles are, and where it is noted which of them rest.
    pub fn store(mut self, store: Arc<dyn CredentialStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// What the configuration says of profiles.
    pub fn profiles(mut self, settings: ProfileSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Allows this profile only, of its provider: a person chose it. If the store does not have it, no model that needs a profile
    /// can be asked.
    pub fn pin(mut self, profile: impl Into<ProfileId>) -> Self {
        self.settings.pinned = Some(profile.into());
        self
    }

    /// What bounds a call.
    pub fn limits(mut self, limits: ChainLimits) -> Self {
        self.limits = limits;
        self
    }

    /// When the same is asked once more. A call may say otherwise.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Breakers that other chains share.
    pub fn breakers(mut self, breakers: Breakers) -> Self {
        self.breakers = breakers;
        self
    }

    /// Other time and randomness.
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = Some(ambient);
        self
    }

    /// Builds it. Sends nothing.
    ///
    /// # Errors
    /// `config`: no candidate, or one that needs profiles and no store.
    pub fn build(self) -> Result<Chain> {
        if self.candidates.is_empty() {
            return Err(Error::config("the chain has no candidate: name at least one model"));
        }
        let needy = self.candidates.iter().find(|c| matches!(c.way, Way::Profiles(_)));
        if let (Some(candidate), None) = (needy, &self.store) {
            let text =
                format!("{} is asked with profiles, and the chain has no store to find them in", candidate.model);
            return Err(Error::config(text));
        }
        Ok(Chain(Arc::new(Shared {
            id: ProviderId::new("failover"),
            candidates: self.candidates,
            store: self.store,
            settings: self.settings,
            limits: self.limits,
            retry: self.retry,
            breakers: self.breakers,
            ambient: self.ambient.unwrap_or_else(ambient::system),
            sessions: Sessions::default(),
            connected: Mutex::default(),
            probed: Mutex::default(),
            written: Mutex::default(),
            good: Mutex::default(),
        })))
    }
}

#[async_trait]
impl Provider for Chain {
    fn id(&self) -> &ProviderId {
        &self.0.id
    }

    fn keeps_timeouts(&self) -> bool {
        true
    }

    /// Those of the candidate that would be asked first, if it brings its own login.
    fn capabilities(&self, model: &str) -> Capabilities {
        let first = self.0.order(model).ok().and_then(|order| order.first().copied());
        match first.and_then(|index| self.0.candidates.get(index)) {
            Some(Candidate { model, way: Way::Provider(provider), .. }) => provider.capabilities(&model.model),
            Some(Candidate { model, .. }) => crate::responses::models::capabilities(&model.model),
            None => Capabilities::default(),
        }
    }

    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        let order = self.0.order(&request.model)?;
        let retry = options.retry.unwrap_or(self.0.retry);
        Ok(ChainStream::start(self.0.clone(), Route::new(order), request.clone(), options.clone(), retry))
    }

    /// Those of the first candidate. Breakers and rests hold nobody back here.
    async fn models(&self) -> Result<Vec<ModelInfo>> {
        self.0.first_provider().await?.models().await
    }

    /// That of the first candidate. Breakers and rests hold nobody back here.
    async fn plan_usage(&self) -> Result<PlanUsage> {
        self.0.first_provider().await?.plan_usage().await
    }
}

impl Shared {
    /// The candidates for a request of this model: the one that it names, then the others.
    fn order(&self, model: &str) -> Result<Vec<usize>> {
        let named = |candidate: &Candidate| candidate.model.to_string() == model;
        let short = |candidate: &Candidate| candidate.model.model == model;
        let first = match model.is_empty() {
            true => Some(0),
            false => self.candidates.iter().position(named).or_else(|| self.candidates.iter().position(short)),
        };
        let Some(first) = first else {
            let known: Vec<String> = self.candidates.iter().map(|c| c.model.to_string()).collect();
            let text = format!("this chain cannot ask {model:?}; its models are {}", known.join(", "));
            return Err(Error::invalid_request(text));
        };
        let others = (0..self.candidates.len()).filter(|index| *index != first);
        Ok(std::iter::once(first).chain(others).collect())
    }

    async fn first_provider(&self) -> Result<Arc<dyn Provider>> {
        let profiles = match &self.store {
            Some(store) => Some(store.load().await?),
            None => None,
        };
        Route::first(self, profiles.as_ref())
    }

    pub(super) fn connected(&self) -> MutexGuard<'_, HashMap<(usize, ProfileId), Connected>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a profile that rests may be asked all the same: one call in 30 s, as in OpenClaw.
    pub(super) fn may_probe(&self, profile: &ProfileId, now: Duration) -> bool {
        const EVERY: Duration = Duration::from_secs(30);
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        probed.retain(|_, at| now.saturating_sub(*at) < EVERY);
        if probed.contains_key(profile) {
            return false;
        }
        probed.insert(profile.clone(), now);
        true
    }
}
