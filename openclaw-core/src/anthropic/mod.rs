//! The Messages API of `api.anthropic.com`, and what is compatible with it.

mod blocks;
mod body;
pub(crate) mod decode;
mod head;
mod models;
mod replay;
mod slot;
mod thinking;
mod tools;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use crate::auth::{Claims, StaticToken, TokenSource};
use crate::call::{Backend, BackendSettings, Prepare, Protocol, backend_setters};
use crate::chat::Request;
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::identity::Identity;
use crate::provider::{CallOptions, Capabilities, EventStream, ModelInfo, Provider, ProviderId};
use crate::transport::address::{allow_scheme, parse_base};
use crate::transport::{Endpoint, Headers, HttpRequest, Method};

/// Calls Claude models.
///
/// ```no_run
/// use openclaw_core::{AnthropicProvider, Provider, Request};
///
/// # async fn run() -> openclaw_core::Result<()> {
/// let key = std::env::var("ANTHROPIC_API_KEY").unwrap_or_default();
/// let anthropic = AnthropicProvider::builder().api_key(key).build()?;
/// let answer = anthropic.complete(&Request::new("claude-sonnet-5").user("Say hello"), &Default::default()).await?;
/// println!("{}", answer.text());
/// # Ok(())
/// # }
/// ```
///
/// # How a request is written
///
/// `max_tokens`, which the API insists on, is `max_output_tokens`, else the most that the model can write (32,000 for a
/// Claude that is not known yet, 8,192 for another vendor's model).
///
/// The effort becomes `output_config.effort` with adaptive thinking. For Claude 4.5 and older it becomes a budget:
/// `minimal` 1,024 tokens, `low` 4,096, `medium` 8,192, `high` 16,384, `xhigh` 24,576, `max` 32,768, and never more than
/// three quarters of `max_tokens`. `none` turns thinking off where that can be done. Without an effort the model does as it
/// usually does.
///
/// A summary of what it thought comes as [`Item::Reasoning`](crate::Item::Reasoning): the text in `summary`, the signature,
/// without which it cannot be sent back, in `encrypted_content`. Redacted thinking has no text, and `redacted` among its
/// `extra` fields.
///
/// A tool of free text ([`Tool::Custom`](crate::Tool::Custom)) becomes a function with one text, and its calls become free
/// text again. A request with a `session_id` asks for the conversation to be cached. `text.format` becomes
/// `output_config.format`. What the API lacks is dropped with a warning; extra fields go out as they are, `stop_sequences`,
/// `top_k`, `metadata` and, without an effort, `thinking` among them.
#[derive(Debug)]
pub struct AnthropicProvider {
    id: ProviderId,
    backend: Backend,
    base: String,
    headers: Headers,
    bearer: bool,
}

/// Builds an [`AnthropicProvider`].
#[derive(Debug, Clone, Default)]
pub struct AnthropicProviderBuilder {
    id: Option<String>,
    tokens: Option<Arc<dyn TokenSource>>,
    base_url: Option<String>,
    bearer: bool,
    allow_plain_http: bool,
    application: Option<String>,
    backend: BackendSettings,
}

impl AnthropicProvider {
    /// A model to ask for when none is named and the list cannot be read.
    pub const DEFAULT_MODEL: &'static str = "claude-sonnet-5";

    /// Starts with the usual settings.
    pub fn builder() -> AnthropicProviderBuilder {
        AnthropicProviderBuilder::default()
    }

    /// The address that a call goes to.
    pub fn endpoint(&self) -> String {
        join(&self.base, "messages")
    }
}

impl AnthropicProviderBuilder {
    /// Another name for a compatible provider. `anthropic` unless set.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The API key. It goes to the base URL of this provider and nowhere else.
    pub fn api_key(self, key: impl Into<SecretString>) -> Self {
        self.token_source(Arc::new(StaticToken::of_key(key)))
    }

    /// Where keys or tokens come from. A token of the form `sk-ant-oat…` is sent as a bearer, any other as `x-api-key`.
    pub fn token_source(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Sends any key as a bearer token, for gateways that want that.
    pub fn bearer(mut self, bearer: bool) -> Self {
        self.bearer = bearer;
        self
    }

    /// A compatible base URL, with `/v1` or without: `/v1/messages` and `/v1/models` are asked.
    /// `https://api.anthropic.com` unless set.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    backend_setters!();

    /// Builds it. Sends nothing and loads no certificates.
    ///
    /// # Errors
    /// `config`: no key, a base URL that is wrong or of another kind, a proxy or certificate setting that cannot be used.
    pub fn build(self) -> Result<AnthropicProvider> {
        let id = self.id.unwrap_or_else(|| ProviderId::ANTHROPIC.to_owned());
        let named = |e: Error| e.with_provider(&id);
        let base = base_url(self.base_url.as_deref(), self.allow_plain_http).map_err(named)?;
        let backend = self.backend.build(&id, self.tokens).map_err(named)?;
        let mut headers = Headers::new();
        headers.push("user-agent", Identity::new(self.application.as_deref(), None).map_err(named)?.user_agent);
        headers.push("anthropic-version", VERSION);
        let mut own = backend.headers.clone();
        own.retain(|name| !CREDENTIALS.contains(&name));
        headers.merge(&own);
        Ok(AnthropicProvider { backend, id: ProviderId::new(id), base, headers, bearer: self.bearer })
    }
}

#[async_trait]
impl Provider for AnthropicProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self, model: &str) -> Capabilities {
        models::capabilities(model)
    }

    async fn stream(&self, request: &Request, options: &CallOptions) -> Result<EventStream> {
        let id = self.id.as_str();
        let encoded = body::encode(request, id, options.strict).map_err(|e| e.with_provider(id))?;
        let mut template = HttpRequest::new(Method::Post, self.endpoint());
        template.body = encoded.body;
        template.headers = self.headers.clone();
        template.headers.push("accept", "text/event-stream");
        template.headers.push("content-type", "application/json");
        let mut caller = options.headers.clone();
        caller.retain(|name| !CREDENTIALS.contains(&name));
        template.headers.merge(&caller);
        let (provider, model, custom) = (id.to_owned(), request.model.clone(), tools::custom_names(request));
        let protocol =
            Protocol { head: head::read, decoder: Box::new(move || decode::decoder(&provider, &model, &custom)) };
        Ok(self.backend.stream(&request.model, options, self.prepare(template), protocol, encoded.warnings))
    }

    fn inference_endpoint(&self) -> Option<Endpoint> {
        Endpoint::parse(&self.endpoint())
    }

    fn keeps_timeouts(&self) -> bool {
        true
    }

    async fn models(&self) -> Result<Vec<ModelInfo>> {
        let mut all = Vec::new();
        let mut behind: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut url = join(&self.base, "models");
            let query = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{query}limit=1000"));
            if let Some(id) = &behind {
                let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
                url.push_str(&format!("&after_id={id}"));
            }
            let mut request = HttpRequest::new(Method::Get, url);
            request.headers = self.headers.clone();
            request.headers.push("accept", "application/json");
            let (_, body) = self.backend.json(self.prepare(request)).await?;
            let (page, next) = models::read_page(&body).ok_or_else(|| {
                let text = "the model list that came is of an unknown form: it has no \"data\"";
                Error::new(ErrorKind::ServerError, Stage::Responded, text).with_provider(self.id.as_str())
            })?;
            all.extend(page);
            // A list that names the same page again would never end.
            if next.is_none() || next == behind {
                break;
            }
            behind = next;
        }
        all.sort_by_key(|model| model.hidden);
        Ok(all)
    }
}

impl AnthropicProvider {
    fn prepare(&self, template: HttpRequest) -> Prepare {
        let own = template.url.starts_with("https://api.anthropic.com/");
        let always_bearer = self.bearer;
        let credential = self.backend.credential.clone();
        Box::new(move |token| {
            if own && Claims::of(&token.secret).is_ok_and(|claims| claims.account_id.is_some()) {
                return Err(Error::config(
                    "this is a ChatGPT login, and api.anthropic.com takes keys of its own: use the openai-codex provider with it",
                ));
            }
            let mut request = template.clone();
            let secret = token.secret.expose_secret();
            let signed_in = secret.starts_with(OAUTH_TOKEN);
            if signed_in {
                let betas = request.headers.get("anthropic-beta").map(|betas| format!("{betas},{OAUTH_BETA}"));
                request.headers.set("anthropic-beta", betas.unwrap_or_else(|| OAUTH_BETA.to_owned()));
            }
            // The usual header of the backend is a bearer; this API has one of its own for keys.
            match signed_in || always_bearer || !credential.is_usual() {
                true => credential.push(&mut request.headers, &token.secret),
                false => request.headers.push_secret("x-api-key", token.secret.clone()),
            }
            Ok(request)
        })
    }
}

/// The address that calls to a base URL go to.
///
/// # Errors
/// `config`, as [`AnthropicProviderBuilder::build`].
pub(crate) fn address(base: &str, allow_plain_http: bool) -> Result<String> {
    Ok(join(&base_url(Some(base), allow_plain_http)?, "messages"))
}

const PLATFORM: &str = "https://api.anthropic.com";
const VERSION: &str = "2023-06-01";
/// What tokens of a sign-in begin with; keys begin with `sk-ant-api`.
const OAUTH_TOKEN: &str = "sk-ant-oat";
/// Without it the API refuses such tokens.
const OAUTH_BETA: &str = "oauth-2025-04-20";
/// Credentials come from the token source alone.
const CREDENTIALS: [&str; 2] = ["authorization", "x-api-key"];
/// A list of 1,000 models a page that does not end here never does.
const MOST_PAGES: usize = 20;

/// Marks thinking that nobody but the model may read, among the `extra` fields of its item.
pub(crate) const REDACTED: &str = "redacted";

/// The base URL, checked. Keeps a query for gateways that need one.
fn base_url(given: Option<&str>, allow_plain_http: bool) -> Result<String> {
    let Some(given) = given.map(str::trim).filter(|url| !url.is_empty()) else {
        return Ok(PLATFORM.to_owned());
    };
    let url = parse_base(given, PLATFORM)?;
    if let Some(host @ ("chatgpt.com" | "chat.openai.com" | "www.chatgpt.com" | "api.openai.com")) = url.host_str() {
        return Err(Error::config(format!(
            "{host} does not speak the Messages API: use the provider openai or openai-codex there, or {PLATFORM} here"
        )));
    }
    allow_scheme(&url, allow_plain_http)?;
    Ok(url.into())
}

/// Adds `/v1`, unless it is there, and a step to the path, in front of the query.
fn join(base: &str, step: &str) -> String {
    let (path, query) = match base.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (base, String::new()),
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix("/messages").unwrap_or(path);
    let version = if path.ends_with("/v1") { "" } else { "/v1" };
    format!("{path}{version}/{step}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls() {
        let at = |url: &str| base_url(Some(url), false).map(|base| join(&base, "messages"));
        assert_eq!(at("").unwrap(), "https://api.anthropic.com/v1/messages");
        assert_eq!(at("https://api.anthropic.com/v1/").unwrap(), "https://api.anthropic.com/v1/messages");
        assert_eq!(at("https://gw.example/anthropic").unwrap(), "https://gw.example/anthropic/v1/messages");
        assert_eq!(at("https://gw.example/v1/messages").unwrap(), "https://gw.example/v1/messages");
        assert_eq!(at("https://gw.example/v1?key=1").unwrap(), "https://gw.example/v1/messages?key=1");
        assert!(at("https://api.openai.com/v1").unwrap_err().message().contains("Messages API"));
        assert!(at("http://gw.example").is_err());
    }
}
