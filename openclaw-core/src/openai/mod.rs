//! The platform API `api.openai.com/v1`, and what is compatible with its Responses endpoint.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use crate::auth::{Claims, StaticToken, TokenSource};
use crate::call::{Backend, BackendSettings, Prepare, Protocol, backend_setters};
use crate::chat::Request;
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::identity::Identity;
use crate::provider::{CallOptions, Capabilities, EventStream, ModelInfo, Provider, ProviderId};
use crate::responses::body::{Dialect, encode};
use crate::responses::decode::decoder;
use crate::responses::{head, models};
use crate::transport::address::{allow_scheme, is_loopback, parse_base};
use crate::transport::{Endpoint, Headers, HttpRequest, Method};

/// Calls models with an API key: the supported way for programs.
///
/// ```no_run
/// use openclaw_core::{OpenAiProvider, Provider, Request};
///
/// # async fn run() -> openclaw_core::Result<()> {
/// let key = std::env::var("OPENAI_API_KEY").unwrap_or_default();
/// let openai = OpenAiProvider::builder().api_key(key).build()?;
/// let answer = openai.complete(&Request::new("gpt-5.4").user("Say hello"), &Default::default()).await?;
/// println!("{}", answer.text());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OpenAiProvider {
    id: ProviderId,
    backend: Backend,
    base: String,
    headers: Headers,
    dialect: &'static Dialect,
}

/// Builds an [`OpenAiProvider`].
#[derive(Debug, Clone, Default)]
pub struct OpenAiProviderBuilder {
    id: Option<String>,
    tokens: Option<Arc<dyn TokenSource>>,
    base_url: Option<String>,
    allow_plain_http: bool,
    organization: Option<String>,
    project: Option<String>,
    application: Option<String>,
    shared: bool,
    backend: BackendSettings,
}

impl OpenAiProvider {
    /// Starts with the usual settings.
    pub fn builder() -> OpenAiProviderBuilder {
        OpenAiProviderBuilder::default()
    }

    /// The address that a call goes to.
    pub fn endpoint(&self) -> String {
        join(&self.base, "responses")
    }
}

impl OpenAiProviderBuilder {
    /// Another name for a compatible provider, such as `openrouter`. `openai` unless set.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The API key. It goes to the base URL of this provider and nowhere else.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.shared = false;
        self.token_source(Arc::new(StaticToken::of_key(key)))
    }

    /// Tokens of a ChatGPT plan ("Sign in with ChatGPT"), in the place of an API key: those of
    /// [`PlanSharing`](crate::auth::oauth::PlanSharing).
    ///
    /// They go to api.openai.com, and to this machine, only. Settings that the plan does not take are left out with a
    /// warning, or refused in strict mode; functions and custom tools go out in the form that it asks for. Written after
    /// OpenAI's public documentation and exercised against this project's own server only.
    pub fn chatgpt_plan(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.shared = true;
        self.tokens = Some(tokens);
        self
    }

    /// Where keys or tokens come from.
    pub fn token_source(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// A compatible base URL: `/responses` and `/models` are added to it. `https://api.openai.com/v1` unless set.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// `OpenAI-Organization`.
    pub fn organization(mut self, id: impl Into<String>) -> Self {
        self.organization = Some(id.into());
        self
    }

    /// `OpenAI-Project`.
    pub fn project(mut self, id: impl Into<String>) -> Self {
        self.project = Some(id.into());
        self
    }

    backend_setters!();

    /// Builds it. Sends nothing and loads no certificates.
    ///
    /// # Errors
    /// `config`: no key, a base URL that is wrong or of another kind, a proxy or certificate setting that cannot be used.
    pub fn build(self) -> Result<OpenAiProvider> {
        let id = self.id.unwrap_or_else(|| ProviderId::OPENAI.to_owned());
        let named = |e: Error| e.with_provider(&id);
        let base = base_url(self.base_url.as_deref(), self.allow_plain_http).map_err(named)?;
        if self.shared && !takes_plans(&base) {
            return Err(named(Error::config(format!(
                "the tokens of a ChatGPT plan go to {PLATFORM} only: leave the base URL out, or use an API key with it"
            ))));
        }
        let backend = self.backend.build(&id, self.tokens).map_err(named)?;
        let mut headers = Headers::new();
        headers.push("user-agent", Identity::new(self.application.as_deref(), None).map_err(named)?.user_agent);
        if let Some(organization) = self.organization.filter(|id| !id.is_empty()) {
            headers.push("openai-organization", organization);
        }
        if let Some(project) = self.project.filter(|id| !id.is_empty()) {
            headers.push("openai-project", project);
        }
        let mut own = backend.headers.clone();
        own.retain(|name| name != "authorization");
        headers.merge(&own);
        let dialect = if self.shared { &SHARED } else { &DIALECT };
        Ok(OpenAiProvider { backend, id: ProviderId::new(id), base, headers, dialect })
    }
}

/// What a ChatGPT plan does not pay for on the platform (OpenAI's public documentation, September 2026).
const NOT_SHARED: &[&str] = &[
    "background",
    "conversation",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "moderation",
    "multi_agent",
    "previous_response_id",
    "prompt",
    "prompt_cache_retention",
    "safety_identifier",
    "temperature",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

const SHARED: Dialect =
    Dialect { provider: "a ChatGPT plan on the platform API", codex: false, unsupported: NOT_SHARED, shared: true };

const DIALECT: Dialect = Dialect { provider: "the platform API", codex: false, unsupported: &[], shared: false };

#[async_trait]
impl Provider for OpenAiProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self, model: &str) -> Capabilities {
        models::capabilities(model)
    }

    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        let id = self.id.as_str();
        let named = |e: Error| e.with_provider(id);
        let session_id = request.session_id.as_deref();
        let capabilities = self.capabilities(&request.model);
        let encoded = encode(request, id, self.dialect, &capabilities, session_id, options.strict).map_err(named)?;
        let mut template = HttpRequest::new(Method::Post, self.endpoint());
        template.body = encoded.body;
        template.headers = self.headers.clone();
        template.headers.push("accept", "text/event-stream");
        template.headers.push("content-type", "application/json");
        let mut caller = options.headers.clone();
        caller.retain(|name| name != "authorization");
        template.headers.merge(&caller);
        let (provider, model) = (id.to_owned(), request.model.clone());
        let protocol = Protocol { head: head::read, decoder: Box::new(move || decoder(&provider, &model)) };
        Ok(self.backend.stream(&request.model, options, self.prepare(template), protocol, encoded.warnings))
    }

    fn inference_endpoint(&self) -> Option<Endpoint> {
        Endpoint::parse(&self.endpoint())
    }

    fn keeps_timeouts(&self) -> bool {
        true
    }

    async fn models(&self) -> Result<Vec<ModelInfo>> {
        let mut request = HttpRequest::new(Method::Get, join(&self.base, "models"));
        request.headers = self.headers.clone();
        request.headers.push("accept", "application/json");
        let (_, body) = self.backend.json(self.prepare(request)).await?;
        models::read_list(&body).ok_or_else(|| {
            let text = "the model list that came is of an unknown form: it has neither \"data\" nor \"models\"";
            Error::new(ErrorKind::ServerError, Stage::Responded, text).with_provider(self.id.as_str())
        })
    }
}

impl OpenAiProvider {
    fn prepare(&self, template: HttpRequest) -> Prepare {
        let platform = !self.dialect.shared && template.url.starts_with("https://api.openai.com/");
        let credential = self.backend.credential.clone();
        Box::new(move |token| {
            // The platform answers such a token with "missing scopes", and the plan's login has crossed to another service.
            if platform && Claims::of(&token.secret).is_ok_and(|claims| claims.account_id.is_some()) {
                return Err(Error::config(
                    "this is a ChatGPT login, and api.openai.com takes API keys: use the openai-codex provider with it",
                ));
            }
            let mut request = template.clone();
            credential.push(&mut request.headers, &token.secret);
            Ok(request)
        })
    }
}

/// The address that calls to a base URL go to.
///
/// # Errors
/// `config`, as [`OpenAiProviderBuilder::build`].
pub(crate) fn address(base: &str, allow_plain_http: bool) -> Result<String> {
    Ok(join(&base_url(Some(base), allow_plain_http)?, "responses"))
}

const PLATFORM: &str = "https://api.openai.com/v1";

/// Whether the tokens of a plan may go there.
fn takes_plans(base: &str) -> bool {
    Url::parse(base)
        .is_ok_and(|url| is_loopback(&url) || (url.scheme() == "https" && url.host_str() == Some("api.openai.com")))
}

/// The base URL, checked. Keeps a query for gateways that need one.
fn base_url(given: Option<&str>, allow_plain_http: bool) -> Result<String> {
    let Some(given) = given.map(str::trim).filter(|url| !url.is_empty()) else {
        return Ok(PLATFORM.to_owned());
    };
    let url = parse_base(given, PLATFORM)?;
    match url.host_str() {
        Some("chatgpt.com" | "chat.openai.com" | "www.chatgpt.com") => {
            return Err(Error::config(
                "chatgpt.com takes ChatGPT logins, not API keys: use the openai-codex provider there, or https://api.openai.com/v1 here",
            ));
        }
        // Without `/v1` the platform answers 404.
        Some("api.openai.com") if url.path().trim_end_matches('/').is_empty() => {
            return base_url(None, allow_plain_http);
        }
        _ => {}
    }
    allow_scheme(&url, allow_plain_http)?;
    Ok(url.into())
}

/// Adds a step to the path, in front of the query.
fn join(base: &str, step: &str) -> String {
    let (path, query) = match base.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (base, String::new()),
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix("/responses").unwrap_or(path);
    format!("{path}/{step}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls() {
        let at = |url: &str| base_url(Some(url), false).map(|base| join(&base, "responses"));
        assert_eq!(at("").unwrap(), "https://api.openai.com/v1/responses");
        assert_eq!(at("https://api.openai.com/").unwrap(), "https://api.openai.com/v1/responses");
        assert_eq!(at("https://gw.example/v1/").unwrap(), "https://gw.example/v1/responses");
        assert_eq!(at("https://gw.example/v1/responses").unwrap(), "https://gw.example/v1/responses");
        assert_eq!(at("https://gw.example/v1?api-version=1").unwrap(), "https://gw.example/v1/responses?api-version=1");
        assert!(at("https://chatgpt.com/backend-api").unwrap_err().message().contains("openai-codex"));
        assert!(at("http://gw.example/v1").is_err());
        assert_eq!(at("http://localhost:1/v1").unwrap(), "http://localhost:1/v1/responses");
    }
}
