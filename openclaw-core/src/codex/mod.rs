//! The Codex backend of chatgpt.com: models of a ChatGPT plan.

pub(crate) mod endpoint;
mod usage;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::auth::{AccessToken, Claims, StaticToken, TokenSource};
use crate::call::{Backend, BackendSettings, Prepare, Protocol, backend_setters};
use crate::chat::{Request, Warning};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::identity::Identity;
use crate::provider::{CallOptions, Capabilities, EventStream, ModelInfo, PlanUsage, Provider, ProviderId};
use crate::responses::body::{Dialect, encode};
use crate::responses::decode::decoder;
use crate::responses::{head, models};
use crate::transport::{self, Headers, HttpRequest, Method};
use async_trait::async_trait;

use endpoint::{Endpoint, Site};

/// The model list is gated by client version; this is the protocol version that this crate implements.
const PROTOCOL_VERSION: &str = "0.169.0";

/// Calls the models of a ChatGPT plan through `https://chatgpt.com/backend-api/codex`.
///
/// ```no_run
/// use openclaw_core::{CodexProvider, Provider, Request, auth::AccessToken};
///
/// # async fn run() -> openclaw_core::Result<()> {
/// let token = AccessToken::new(std::env::var("MY_CHATGPT_TOKEN").unwrap_or_default());
/// let codex = CodexProvider::builder().token(token).application("my-app/1.0").build()?;
/// let answer = codex.complete(&Request::new("gpt-5.6-terra").user("Say hello"), &Default::default()).await?;
/// println!("{}", answer.text());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct CodexProvider {
    id: ProviderId,
    backend: Backend,
    endpoint: Endpoint,
    identity: Identity,
    needs_account: bool,
    /// For calls whose request names no conversation.
    session_id: String,
    /// What the live list said, by model.
    learnt: Mutex<HashMap<String, Capabilities>>,
}

/// Builds a [`CodexProvider`].
#[derive(Debug, Clone, Default)]
pub struct CodexProviderBuilder {
    id: Option<String>,
    tokens: Option<Arc<dyn TokenSource>>,
    base_url: String,
    together: bool,
    allow_plain_http: bool,
    application: Option<String>,
    originator: Option<String>,
    backend: BackendSettings,
}

impl CodexProvider {
    /// The model to ask for when nobody said which and the live list cannot be had. From the catalogue of November 2026.
    pub const DEFAULT_MODEL: &'static str = "gpt-5.6-terra";

    /// Starts with the usual settings.
    pub fn builder() -> CodexProviderBuilder {
        CodexProviderBuilder::default()
    }

    /// The address that a call goes to.
    pub fn endpoint(&self) -> &str {
        &self.endpoint.responses
    }
}

impl CodexProviderBuilder {
    /// Another name for a backend that speaks as this one, such as a gateway of the host's own. `openai-codex` unless set.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// This token, as long as it lasts.
    pub fn token(self, token: AccessToken) -> Self {
        self.token_source(Arc::new(StaticToken::new(token)))
    }

    /// Where tokens come from.
    pub fn token_source(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.tokens = Some(tokens);
        self.together = false;
        self
    }

    /// Another base URL: a spelling of chatgpt.com, or this machine.
    ///
    /// For any other host use [`base_url_with_token`](Self::base_url_with_token): a ChatGPT token is not sent to a host
    /// that it was not meant for.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self.together = false;
        self
    }

    /// A gateway of the host's own and the credential that is meant for it. The token need not be a ChatGPT token.
    pub fn base_url_with_token(mut self, url: impl Into<String>, tokens: Arc<dyn TokenSource>) -> Self {
        self.base_url = url.into();
        self.tokens = Some(tokens);
        self.together = true;
        self
    }

    /// The host application's own `originator`. Names of other clients are refused.
    pub fn originator(mut self, name: impl Into<String>) -> Self {
        self.originator = Some(name.into());
        self
    }

    backend_setters!();

    /// Builds it. Sends nothing and loads no certificates.
    ///
    /// # Errors
    /// `config`: no token source, a base URL that is wrong or that the token is not meant for, a name that cannot be
    /// sent, a proxy or certificate setting that cannot be used.
    pub fn build(self) -> Result<CodexProvider> {
        let id = self.id.unwrap_or_else(|| ProviderId::CODEX.to_owned());
        let named = |e: Error| e.with_provider(&id);
        let endpoint = Endpoint::parse(&self.base_url, self.allow_plain_http).map_err(named)?;
        if endpoint.site == Site::Custom && !self.together {
            return Err(named(Error::config(format!(
                "{} is neither chatgpt.com nor this machine: a ChatGPT token is not sent there; if it is your own gateway, set it together with its token (base_url_with_token)",
                endpoint.responses
            ))));
        }
        if endpoint.site == Site::Official && !self.backend.credential.is_usual() {
            return Err(named(Error::config(
                "chatgpt.com takes a login as Authorization: Bearer and in no other header",
            )));
        }
        let backend = self.backend.build(&id, self.tokens).map_err(named)?;
        let identity = Identity::new(self.application.as_deref(), self.originator.as_deref()).map_err(named)?;
        Ok(CodexProvider {
            id: ProviderId::new(id),
            session_id: backend.ambient.uuid(),
            needs_account: endpoint.site == Site::Official || !self.together,
            endpoint,
            identity,
            learnt: Mutex::default(),
            backend,
        })
    }
}

/// What the Codex backend insists on; the list of refused settings is the one that it answers with 400.
const DIALECT: Dialect = Dialect {
    provider: "the Codex backend",
    codex: true,
    shared: false,
    unsupported: &[
        "background",
        "conversation",
        "frequency_penalty",
        "max_completion_tokens",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "presence_penalty",
        "previous_response_id",
        "prompt",
        "prompt_cache_retention",
        "safety_identifier",
        "stop",
        "temperature",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
    ],
};

#[async_trait]
impl Provider for CodexProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self, model: &str) -> Capabilities {
        let learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.get(model).cloned().unwrap_or_else(|| models::capabilities(model))
    }

    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        let id = self.id.as_str();
        let named = |e: Error| e.with_provider(id);
        let session_id = request.session_id.as_deref().unwrap_or(&self.session_id);
        let capabilities = self.capabilities(&request.model);
        let encoded = encode(request, id, &DIALECT, &capabilities, Some(session_id), options.strict).map_err(named)?;
        let mut warnings: Vec<Warning> = Vec::new();
        if let Some(note) = &self.endpoint.repaired {
            warnings.push(Warning::new("repaired_setting", "base_url", note.as_str()));
        }
        warnings.extend(encoded.warnings);
        let caller = self.caller_headers(options, &mut warnings).map_err(named)?;

        let mut template = HttpRequest::new(Method::Post, &self.endpoint.responses);
        template.body = encoded.body;
        self.identify(&mut template.headers, "text/event-stream");
        template.headers.push("content-type", "application/json");
        for name in ["session-id", "thread-id", "x-client-request-id"] {
            template.headers.push(name, session_id);
        }
        if let Some(turn_state) = &options.turn_state {
            template.headers.push("x-codex-turn-state", turn_state.as_str());
        }
        template.headers.merge(&caller);
        let (id, model) = (id.to_owned(), request.model.clone());
        let protocol = Protocol { head: head::read, decoder: Box::new(move || decoder(&id, &model)) };
        Ok(self.backend.stream(&request.model, options, self.prepare(template), protocol, warnings))
    }

    fn inference_endpoint(&self) -> Option<transport::Endpoint> {
        transport::Endpoint::parse(&self.endpoint.responses)
    }

    fn keeps_timeouts(&self) -> bool {
        true
    }

    async fn models(&self) -> Result<Vec<ModelInfo>> {
        let (base, query) = self.endpoint.models.split_once('?').unwrap_or((&self.endpoint.models, ""));
        let and = if query.is_empty() { "" } else { "&" };
        let url = format!("{base}?{query}{and}client_version={}", PROTOCOL_VERSION);
        let (_, body) = self.backend.json(self.prepare(self.query(url))).await?;
        let models = models::read_list(&body).ok_or_else(|| self.unreadable("model list", "models"))?;
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        for model in models.iter().filter(|model| !model.efforts.is_empty()) {
            let mut known = models::capabilities(&model.id);
            known.efforts.clone_from(&model.efforts);
            known.images = model.images.unwrap_or(known.images);
            known.context_window = model.context_window.or(known.context_window);
            learnt.insert(model.id.clone(), known);
        }
        Ok(models)
    }

    async fn plan_usage(&self) -> Result<PlanUsage> {
        let (_, body) = self.backend.json(self.prepare(self.query(self.endpoint.usage.clone()))).await?;
        match body.is_object() {
            true => Ok(usage::plan_usage(&body)),
            false => Err(self.unreadable("plan usage", "plan_type")),
        }
    }
}

impl CodexProvider {
    fn query(&self, url: String) -> HttpRequest {
        let mut request = HttpRequest::new(Method::Get, url);
        self.identify(&mut request.headers, "application/json");
        let mut headers = self.backend.headers.clone();
        headers.retain(|name| !self.is_ours(name));
        request.headers.merge(&headers);
        request
    }

    fn identify(&self, headers: &mut Headers, accept: &str) {
        headers.push("originator", self.identity.originator.as_str());
        headers.push("user-agent", self.identity.user_agent.as_str());
        headers.push("accept", accept);
    }

    /// Adds the credential of a try to the request that all tries share.
    fn prepare(&self, template: HttpRequest) -> Prepare {
        let needs_account = self.needs_account;
        let credential = self.backend.credential.clone();
        Box::new(move |token| {
            let mut request = template.clone();
            credential.push(&mut request.headers, &token.secret);
            match &token.account_id {
                Some(account) => request.headers.push("chatgpt-account-id", account.as_str()),
                None if needs_account => return Err(no_account(token)),
                None => {}
            }
            if token.fedramp {
                request.headers.push("x-openai-fedramp", "true");
            }
            Ok(request)
        })
    }

    /// The headers of the host and of the caller; on chatgpt.com those that say who we are stay ours.
    fn caller_headers(&self, options: &CallOptions, warnings: &mut Vec<Warning>) -> Result<Headers> {
        let mut wanted = self.backend.headers.clone();
        wanted.merge(&options.headers);
        for (name, _, _) in wanted.iter().filter(|(name, _, _)| self.is_ours(name)) {
            let text = format!("the header {name} is not taken from the caller: it says who we are or how we speak");
            if options.strict {
                return Err(Error::invalid_request(format!("strict mode: {text}")));
            }
            warnings.push(Warning::new("unsupported_setting", format!("headers.{name}"), text));
        }
        wanted.retain(|name| !self.is_ours(name));
        Ok(wanted)
    }

    fn is_ours(&self, name: &str) -> bool {
        ALWAYS_OURS.contains(&name) || (self.endpoint.site == Site::Official && says_who_we_are(name))
    }

    fn unreadable(&self, what: &str, key: &str) -> Error {
        let text = format!("the {what} that came is of an unknown form: it has no {key:?}");
        Error::new(ErrorKind::ServerError, Stage::Responded, text).with_provider(self.id.as_str())
    }
}

/// Headers of the way we speak; the session has its place in the request.
const ALWAYS_OURS: [&str; 8] = [
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "host",
    "session-id",
    "thread-id",
    "x-client-request-id",
];

/// Headers by which a backend tells clients apart: those of ours, and those of browsers and other clients.
fn says_who_we_are(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        "chatgpt-account-id",
        "conversation_id",
        "cookie",
        "openai-beta",
        "originator",
        "proxy-authorization",
        "session_id",
        "user-agent",
        "version",
        "x-openai-fedramp",
    ];
    const PREFIXES: [&str; 5] = ["sec-", "x-codex-", "x-stainless-", "x-oai-", "x-openai-"];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn no_account(token: &AccessToken) -> Error {
    let error = match Claims::of(&token.secret) {
        Err(error) => error,
        Ok(_) => Error::new(
            ErrorKind::AuthInvalid,
            Stage::NotSent,
            "the token names no ChatGPT account (claim chatgpt_account_id): sign in again with an account that has a plan",
        ),
    };
    match &token.profile {
        Some(profile) => error.with_profile(profile),
        None => error,
    }
}
