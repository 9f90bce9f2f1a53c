//! What a provider is: one trait, and the small types of its methods.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures_core::Stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chat::{Effort, Event, RateLimits, Request, Response};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::observe::Run;
use crate::transport::{CallTimeouts, Endpoint, Headers, RetryPolicy};

/// Something that answers requests: a backend, or a chain of them.
///
/// Dyn-safe: `Arc<dyn Provider>` and `Box<dyn Provider>` are providers too. An implementation keeps the contract of
/// [`EventStream`].
#[async_trait]
pub trait Provider: fmt::Debug + Send + Sync {
    /// Its name, such as `openai-codex`.
    fn id(&self) -> &ProviderId;

    /// What it can do with this model.
    fn capabilities(&self, model: &str) -> Capabilities;

    /// Starts a call.
    ///
    /// # Errors
    /// Only what is known before anything is sent: a request that cannot be encoded, a wrong setting. All that
    /// happens on the way arrives in the stream.
    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream>;

    /// Starts a call and waits for the whole answer: a fold over [`stream`](Self::stream), never a second way.
    ///
    /// # Errors
    /// Those of `stream`, and the one that ends the stream.
    async fn complete(&self, request: &Request, options: &CallOptions) -> Result<Response> {
        self.stream(request, options).await?.response().await
    }

    /// Where the calls of [`stream`](Self::stream) go. A failover chain keeps a breaker for each such place; with `None`
    /// there is none.
    fn inference_endpoint(&self) -> Option<Endpoint> {
        None
    }

    /// Whether a call keeps its [`CallTimeouts`] itself: on bytes, keep-alives among them. For a provider that does not say so a
    /// failover chain keeps them, on events. The providers of this crate do.
    fn keeps_timeouts(&self) -> bool {
        false
    }

    /// The models that can be asked.
    ///
    /// # Errors
    /// Those of a call; `config` when the backend has no such list.
    async fn models(&self) -> Result<Vec<ModelInfo>> {
        Err(Error::config(format!("{} has no model list", self.id())).with_provider(self.id().as_str()))
    }

    /// How much of the plan is used.
    ///
    /// # Errors
    /// Those of a call; `config` when the backend has no plan.
    async fn plan_usage(&self) -> Result<PlanUsage> {
        Err(Error::config(format!("{} has no plan", self.id())).with_provider(self.id().as_str()))
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<P: Provider + ?Sized> Provider for $pointer {
            fn id(&self) -> &ProviderId {
                (**self).id()
            }
            fn capabilities(&self, model: &str) -> Capabilities {
                (**self).capabilities(model)
            }
            async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
                (**self).stream(request, options).await
            }
            async fn complete(&self, request: &Request, options: &CallOptions) -> Result<Response> {
                (**self).complete(request, options).await
            }
            fn inference_endpoint(&self) -> Option<Endpoint> {
                (**self).inference_endpoint()
            }
            fn keeps_timeouts(&self) -> bool {
                (**self).keeps_timeouts()
            }
            async fn models(&self) -> Result<Vec<ModelInfo>> {
                (**self).models().await
            }
            async fn plan_usage(&self) -> Result<PlanUsage> {
                (**self).plan_usage().await
            }
        }
    )+};
}
forward!(Arc<P>, Box<P>);

/// The events of one call.
///
/// The contract, which every provider keeps:
///
/// 1. Events come in the order of the wire.
/// 2. There is exactly one end: one `Ok(Event::Completed)` and then `None`, or one `Err` and then `None`.
/// 3. The end is the provider's terminal event, not the end of the bytes: bytes that end without one are an error of
///    kind `stream_truncated`, never success.
/// 4. The final form of an item is that of `OutputItemDone`; `Completed` holds those.
/// 5. Events and items of an unknown type are passed on as they came.
/// 6. A refusal is a `Completed` with finish reason `refusal`, an exhausted output is one with `length`; a failed
///    answer, an error event and a cut stream are errors, each of its own kind.
/// 7. Output begins with `OutputItemAdded`. Before it a call may be repeated, announced by `Retrying`; after it, never.
///
/// Nothing is sent before the first poll. Dropping the stream closes the request.
pub struct EventStream(Pin<Box<dyn Stream<Item = Result<Event>> + Send>>);

impl EventStream {
    /// Wraps a stream that keeps the contract.
    pub fn new(events: impl Stream<Item = Result<Event>> + Send + 'static) -> Self {
        Self(Box::pin(events))
    }

    /// A stream of these events: for providers of a test or a host.
    pub fn from_events(events: impl IntoIterator<Item = Result<Event>>) -> Self {
        Self::new(Ready(events.into_iter().collect()))
    }

    /// The next event; `None` after the end.
    pub async fn next(&mut self) -> Option<Result<Event>> {
        std::future::poll_fn(|cx| self.0.as_mut().poll_next(cx)).await
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// The one that ends the stream.
    pub async fn response(mut self) -> Result<Response> {
        while let Some(event) = self.next().await {
            if let Event::Completed(response) = event? {
                return Ok(*response);
            }
        }
        Err(Error::new(
            ErrorKind::StreamTruncated,
            Stage::Streaming,
            "the provider ended the stream without an end: it breaks the contract of EventStream",
        ))
    }
}

impl Stream for EventStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream")
    }
}

struct Ready(VecDeque<Result<Event>>);

impl Stream for Ready {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front())
    }
}

/// Settings of one call that are not part of the request.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Time limits; each that is not set is that of the provider.
    pub timeouts: CallTimeouts,
    /// When to repeat; that of the provider unless set.
    pub retry: Option<RetryPolicy>,
    /// Further headers. Headers that say who we are cannot be set here for chatgpt.com.
    pub headers: Headers,
    /// Makes an error of every setting that would be dropped or changed with a warning. Repairs of the history stay
    /// warnings.
    pub strict: bool,
    /// The `turn_state` of an earlier answer of the same turn. Never carry it into the next turn.
    pub turn_state: Option<String>,
    /// The run that this call is a part of: set by a chain.
    pub(crate) run: Option<Run>,
}

impl CallOptions {
    /// The usual settings.
    pub fn new() -> Self {
        Self::default()
    }
}

/// A provider's name: `openai-codex`, `openai`, `anthropic`, or one of the host's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ProviderId(String);

impl ProviderId {
    /// The ChatGPT-plan backend.
    pub const CODEX: &'static str = "openai-codex";
    /// The platform API.
    pub const OPENAI: &'static str = "openai";
    /// The Messages API.
    pub const ANTHROPIC: &'static str = "anthropic";

    /// A name.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name as the names of files are compared.
    pub(crate) fn normal(name: &str) -> String {
        name.trim().to_ascii_lowercase()
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A model of a provider, written `provider/model`.
///
/// ```
/// use openclaw_core::ModelRef;
///
/// let model: ModelRef = "openrouter/deepseek/deepseek-r1:free".parse()?;
/// assert_eq!(model.provider.as_str(), "openrouter");
/// assert_eq!(model.model, "deepseek/deepseek-r1:free");
/// # Ok::<(), openclaw_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ModelRef {
    /// The provider.
    pub provider: ProviderId,
    /// The model, as the provider names it: everything behind the first slash.
    pub model: String,
}

impl ModelRef {
    /// This model of this provider, taken as they are.
    pub fn new(provider: &str, model: &str) -> Self {
        Self { provider: ProviderId::new(provider), model: model.to_owned() }
    }
}

impl FromStr for ModelRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::invalid_request(format!("model reference {text:?} {why}; write provider/model"));
        let (provider, model) = text.split_once('/').ok_or_else(|| wrong("names no provider"))?;
        if provider.is_empty() {
            return Err(wrong("names no provider"));
        }
        check_model(provider)?;
        check_model(model)?;
        Ok(Self { provider: ProviderId::new(provider), model: model.to_owned() })
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// Refuses a model name that no provider can have.
pub(crate) fn check_model(model: &str) -> Result<()> {
    let why = match model {
        "" => "is empty",
        m if m.contains(char::is_whitespace) => "contains a space",
        m if m.contains(char::is_control) => "contains a control character",
        _ => return Ok(()),
    };
    Err(Error::invalid_request(format!(
        "the model name {model:?} {why}; write it as the provider lists it, such as gpt-5.4"
    )))
}

/// What a provider can do with a model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Takes tools.
    pub tools: bool,
    /// Takes images.
    pub images: bool,
    /// Keeps a JSON schema in its answer.
    pub structured_output: bool,
    /// How much it can be told to think; empty when it cannot.
    pub efforts: Vec<Effort>,
    /// Tokens of input and output together, if known.
    pub context_window: Option<u64>,
    /// Tokens of output, if known.
    pub max_output_tokens: Option<u64>,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            tools: true,
            images: true,
            structured_output: true,
            efforts: Vec::new(),
            context_window: None,
            max_output_tokens: None,
        }
    }
}

/// A model of a live list. Fields that the provider leaves out are `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ModelInfo {
    /// The name to ask for.
    pub id: String,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it is good for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the provider would not show it in a menu.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Tokens of input and output together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// How much it can be told to think.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub efforts: Vec<Effort>,
    /// How much it thinks when it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_effort: Option<Effort>,
    /// Whether it takes images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<bool>,
    /// Its service tiers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_tiers: Vec<String>,
    /// The model that replaces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<String>,
}

/// How much of a plan is used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PlanUsage {
    /// The plan, such as `plus`; as the provider writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_type: Option<String>,
    /// Whether calls are allowed now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<bool>,
    /// Whether a limit is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_reached: Option<bool>,
    /// Windows and credits.
    pub rate_limits: RateLimits,
    /// The e-mail address of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}
