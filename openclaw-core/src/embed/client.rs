//! A client for a host: settings in, a provider with its login, and handles for its calls.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret as _;

use super::faults::closed;
use super::host::{HostProvider, HostTokens, Post};
use super::once::OnceHandle;
use super::queue::StreamHandle;
use super::request::ClientSettings;
use super::runtime::Runtime;
use super::transport::transport;
use crate::ambient;
use crate::anthropic::AnthropicProvider;
use crate::auth::oauth::TokenEndpoint;
use crate::auth::{
    AccessToken, Environment, LoginKind, LoginQuery, StaticToken, TokenSource, find_login, key_in, key_variable,
};
use crate::chat::Request;
use crate::config::ProviderBuilder;
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::first_model;
use crate::provider::{CallOptions, ModelInfo, PlanUsage, Provider, ProviderId};
use crate::transport::{ReqwestTransport, limit_passed, within};

/// A client for a host. Cheap to clone; any thread may use it. Works in a forked child too: there it starts anew.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: ClientSettings,
    models: Models,
    made: Mutex<Option<Made>>,
}

/// Which model is meant by a request that names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Models {
    /// The first of the list, else the one that this crate knows.
    Known,
    /// The first of the list: of a provider of the host's own no model is known.
    Listed,
    /// The provider chooses.
    Chosen,
}

/// What a token source of the host gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind {
    /// Tokens, as the setting `token` takes them.
    Token,
    /// API keys, as the setting `api_key` takes them.
    ApiKey,
}

/// Makes the provider: for the first use, after a fork, and for a chain that this client is a part of. What has to be waited
/// for is waited for on the runtime.
pub(super) type Make = dyn Fn(&Runtime) -> Result<(Arc<dyn Provider>, LoginInfo)> + Send + Sync;

/// What is made on first use, and again after a fork.
#[derive(Clone)]
struct Made {
    runtime: Runtime,
    provider: Arc<dyn Provider>,
    login: LoginInfo,
    /// The first model of the provider's list, once that came.
    first_model: Arc<OnceLock<String>>,
    make: Arc<Make>,
}

/// Which login a client uses. Nothing of it is secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginInfo {
    /// Where it was found: `settings`, a path, or the name of a variable; `host` for a part of the host's own.
    pub source: String,
    /// The profile of the store.
    pub profile: Option<String>,
    /// What a person should know: entries that were skipped, files that are open to others.
    pub notes: Vec<String>,
}

impl Client {
    /// Makes a client: looks for the login, reads certificates, opens nothing.
    ///
    /// # Errors
    /// `config`: settings that are wrong or do not fit each other. `auth_invalid` when there is no login, `auth_expired`
    /// when it has ended, `store` when it cannot be read.
    pub fn new(settings: ClientSettings) -> Result<Self> {
        let own = settings.clone();
        Self::made_by(settings, Models::Known, move |_| signed_in(&own, None))
    }

    /// A client whose tokens come from the host: the [`Job::Token`](super::Job)s that are posted.
    ///
    /// # Errors
    /// As [`new`](Self::new); `config` also when a token or an API key is set.
    pub fn with_tokens(settings: ClientSettings, post: Post, kind: TokenKind) -> Result<Self> {
        let own = settings.clone();
        Self::made_by(settings, Models::Known, move |_| signed_in(&own, Some((&post, kind))))
    }

    /// A client around a provider that the host writes.
    ///
    /// # Errors
    /// `config` when no runtime can be started, and for settings that only a provider of the library takes.
    pub fn with_host_provider(settings: ClientSettings, provider: HostProvider) -> Result<Self> {
        settings.fits_a_provider_of_the_host()?;
        let provider = provider.with_timeouts(settings.timeouts());
        Self::around(settings, Arc::new(provider))
    }

    /// A client around a provider of the host's own.
    ///
    /// # Errors
    /// `config` when no runtime can be started.
    pub fn with_provider(provider: Arc<dyn Provider>, inline: bool) -> Result<Self> {
        Self::around(ClientSettings { inline, ..ClientSettings::default() }, provider)
    }

    fn around(settings: ClientSettings, provider: Arc<dyn Provider>) -> Result<Self> {
        Self::made_by(settings, Models::Listed, move |_| Ok((provider.clone(), of_host())))
    }

    /// A client whose provider is made by this.
    pub(super) fn made_by(
        settings: ClientSettings,
        models: Models,
        make: impl Fn(&Runtime) -> Result<(Arc<dyn Provider>, LoginInfo)> + Send + Sync + 'static,
    ) -> Result<Self> {
        let made = Made::new(Arc::new(make), settings.inline)?;
        Ok(Self(Arc::new(Inner { settings, models, made: Mutex::new(Some(made)) })))
    }

    /// What makes its provider once more, with connections of its own: those of a client belong to the client's runtime.
    /// Works also when the client was closed since.
    pub(super) fn maker(&self) -> Result<Arc<Make>> {
        let made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(made.as_ref().ok_or_else(closed)?.make.clone())
    }

    /// Its settings.
    pub fn settings(&self) -> &ClientSettings {
        &self.0.settings
    }

    /// The provider that it asks.
    ///
    /// # Errors
    /// `config` with code `closed` after [`close`](Self::close).
    pub fn provider(&self) -> Result<Arc<dyn Provider>> {
        Ok(self.made()?.provider)
    }

    /// Which login it uses.
    ///
    /// # Errors
    /// As [`provider`](Self::provider).
    pub fn login(&self) -> Result<LoginInfo> {
        Ok(self.made()?.login)
    }

    /// Whether nothing else holds it or its provider: no clone, no stream, no chain. Then the collector of a language may
    /// look through it at what of the host's it holds.
    pub fn is_sole(&self) -> bool {
        let Ok(made) = self.0.made.try_lock() else { return false };
        // What makes it holds a provider of the host's, too.
        let own = if self.0.models == Models::Listed { 2 } else { 1 };
        let alone = |made: &Made| Arc::strong_count(&made.provider) == own && Arc::strong_count(&made.make) == 1;
        Arc::strong_count(&self.0) == 1 && made.as_ref().is_some_and(alone)
    }

    /// Where its calls run.
    ///
    /// # Errors
    /// As [`provider`](Self::provider).
    pub fn runtime(&self) -> Result<Runtime> {
        Ok(self.made()?.runtime)
    }

    /// Starts a streamed call. A request without a model is asked of the first model of the provider's list, or of the
    /// chain. The list is asked for once, within the limit for the whole call.
    ///
    /// # Errors
    /// As [`provider`](Self::provider); what is wrong with the request arrives in the stream.
    pub fn stream(&self, mut request: Request, mut options: CallOptions) -> Result<StreamHandle> {
        let Made { runtime, provider, first_model, .. } = self.made()?;
        let models = self.0.models;
        StreamHandle::start(&runtime, async move {
            if request.model.is_empty() && models != Models::Chosen {
                let listed = listed_model(&*provider, &first_model, &mut options.timeouts.total).await?;
                let known = || (models == Models::Known).then(|| first_model::known(provider.id()).to_owned());
                request.model = listed.or_else(known).unwrap_or_default();
            }
            provider.stream(&request, &options).await
        })
    }

    /// Asks for the model list.
    ///
    /// # Errors
    /// As [`provider`](Self::provider).
    pub fn models(&self) -> Result<OnceHandle<Vec<ModelInfo>>> {
        let Made { runtime, provider, .. } = self.made()?;
        OnceHandle::start(&runtime, async move { provider.models().await })
    }

    /// Asks how much of the plan is used.
    ///
    /// # Errors
    /// As [`provider`](Self::provider).
    pub fn plan_usage(&self) -> Result<OnceHandle<PlanUsage>> {
        let Made { runtime, provider, .. } = self.made()?;
        OnceHandle::start(&runtime, async move { provider.plan_usage().await })
    }

    /// Ends it: its connections are closed once its streams are; further calls are errors. Twice is as good as once.
    pub fn close(&self) {
        // The runtime of its own, if it has one, ends with the last stream that uses it.
        let taken = self.0.made.lock().unwrap_or_else(PoisonError::into_inner).take();
        leave_after_fork(taken);
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.0.made.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn made(&self) -> Result<Made> {
        let mut slot = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(made) = &*slot else { return Err(closed()) };
        if !made.runtime.is_forked() {
            return Ok(made.clone());
        }
        let fresh = Made::new(made.make.clone(), self.0.settings.inline)?;
        leave_after_fork(slot.replace(fresh.clone()));
        Ok(fresh)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        leave_after_fork(self.made.get_mut().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The connections of before a fork belong to threads that are not here, and are watched by the parent too: closing them
/// here would end its watch.
fn leave_after_fork(made: Option<Made>) {
    if let Some(Made { runtime, provider, .. }) = made.filter(|made| made.runtime.is_forked()) {
        std::mem::forget((runtime, provider));
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

/// The first model of the provider's list, which is asked for once. The time that this takes comes off `left`.
async fn listed_model(
    provider: &dyn Provider,
    kept: &OnceLock<String>,
    left: &mut Option<Duration>,
) -> Result<Option<String>> {
    if let Some(model) = kept.get() {
        return Ok(Some(model.clone()));
    }
    let ambient = ambient::system();
    let began = ambient.monotonic();
    let Some(models) = within(&*ambient, *left, provider.models()).await else {
        let error = limit_passed("total", left.unwrap_or_default(), Stage::NotSent);
        return Err(error.with_provider(provider.id().as_str()));
    };
    *left = left.map(|left| left.saturating_sub(ambient.monotonic().saturating_sub(began)));
    let listed = models.ok().and_then(first_model::listed);
    Ok(listed.map(|model| kept.get_or_init(|| model).clone()))
}

impl Made {
    fn new(make: Arc<Make>, inline: bool) -> Result<Self> {
        let runtime = Runtime::of(inline)?;
        let (provider, login) = make(&runtime)?;
        Ok(Self { runtime, provider, login, first_model: Arc::default(), make })
    }
}

fn of_host() -> LoginInfo {
    LoginInfo { source: "host".to_owned(), ..LoginInfo::default() }
}

/// What is known of a credential beside its kind.
struct Given {
    /// It came together with the address.
    address: bool,
    /// It is a token where a key is usual.
    bearer: bool,
}

/// The provider of these settings, and the login that it uses; `host` gives the tokens if it is there.
fn signed_in(settings: &ClientSettings, host: Option<(&Post, TokenKind)>) -> Result<(Arc<dyn Provider>, LoginInfo)> {
    let transport = transport(settings.proxy.as_deref(), settings.ca_file.as_deref());
    let transport = Arc::new(transport.timeouts(settings.timeouts()).build()?);
    let (tokens, kind, login) = match host {
        Some((post, kind)) => host_tokens(settings, post, kind)?,
        None => credential(settings, &transport)?,
    };
    let given = Given {
        address: matches!(login.source.as_str(), "settings" | "host"),
        bearer: settings.token.is_some() || matches!(host, Some((_, TokenKind::Token))),
    };
    Ok((provider(settings, transport, tokens, kind, given)?, login))
}

/// The tokens of the host. Made anew after a fork: a lock may have been held there.
fn host_tokens(settings: &ClientSettings, post: &Post, kind: TokenKind) -> Result<(Tokens, LoginKind, LoginInfo)> {
    if settings.token.is_some() || settings.api_key.is_some() {
        return Err(Error::config("a token source and a token or api_key are both set: leave one of them out"));
    }
    let tokens = HostTokens::new(post.clone(), settings.timeouts().first_byte);
    Ok(match kind {
        TokenKind::Token => (Arc::new(tokens), LoginKind::ChatGpt, of_host()),
        TokenKind::ApiKey => (Arc::new(tokens.of_keys()), LoginKind::ApiKey, of_host()),
    })
}

type Tokens = Arc<dyn TokenSource>;

fn credential(settings: &ClientSettings, transport: &Arc<ReqwestTransport>) -> Result<(Tokens, LoginKind, LoginInfo)> {
    let given = LoginInfo { source: "settings".to_owned(), ..LoginInfo::default() };
    let wanted = settings.provider.as_deref();
    for (name, secret) in [("token", &settings.token), ("api_key", &settings.api_key)] {
        if secret.as_ref().is_some_and(|secret| secret.expose_secret().trim().is_empty()) {
            return Err(Error::config(format!(
                "{name} is empty: give one, or leave it out to use a login of this machine"
            )));
        }
    }
    match (&settings.token, &settings.api_key) {
        (Some(_), Some(_)) => return Err(Error::config("token and api_key are both set: leave one of them out")),
        (Some(token), None) => return Ok((fixed(AccessToken::new(token.clone())), LoginKind::ChatGpt, given)),
        (None, Some(key)) => {
            return Ok((Arc::new(StaticToken::of_key(key.clone())), LoginKind::ApiKey, given));
        }
        (None, None) if wanted == Some(ProviderId::ANTHROPIC) => return anthropic_key(),
        (None, None) => {}
    }
    let query = LoginQuery {
        profile_file: settings.profile_file.clone().map(Into::into),
        agent: settings.agent.clone(),
        profile: settings.profile.clone(),
        ..LoginQuery::default()
    };
    let search = find_login(&query)?;
    let Some(login) = search.login else {
        let text = format!("no login found (looked at {}): sign in, or set token or api_key", search.looked.join(", "));
        return Err(Error::new(ErrorKind::AuthInvalid, Stage::NotSent, text));
    };
    login.check(SystemTime::now())?;
    let fits = match wanted {
        None => true,
        Some(ProviderId::CODEX) => login.kind == LoginKind::ChatGpt,
        Some(ProviderId::OPENAI) => login.kind != LoginKind::ChatGpt,
        Some(_) => login.kind == LoginKind::ApiKey,
    };
    if !fits {
        let text = format!("the login in {} is not one for the provider {}", login.source, wanted.unwrap_or_default());
        return Err(Error::config(text));
    }
    // Refreshed over the same proxy and with the same certificates as the calls.
    let mut issuer = TokenEndpoint::builder().transport(transport.clone());
    if let Some(application) = &settings.application {
        issuer = issuer.application(application);
    }
    let tokens = login.tokens(Arc::new(issuer.build()?));
    let info = LoginInfo { source: login.source, profile: login.profile, notes: search.notes };
    Ok((tokens, login.kind, info))
}

fn fixed(token: AccessToken) -> Tokens {
    Arc::new(StaticToken::new(token))
}

/// The key of the environment: OpenClaw's store and the Codex command line have no logins for this provider.
fn anthropic_key() -> Result<(Tokens, LoginKind, LoginInfo)> {
    let name = key_variable(ProviderId::ANTHROPIC).unwrap_or_default();
    let Some(login) = key_in(&Environment::default(), name)? else {
        let text = format!("no login found (looked at {name}): set it, or api_key");
        return Err(Error::new(ErrorKind::AuthInvalid, Stage::NotSent, text).with_provider(ProviderId::ANTHROPIC));
    };
    let info = LoginInfo { source: login.source, ..LoginInfo::default() };
    Ok((fixed(login.token), login.kind, info))
}

fn provider(
    settings: &ClientSettings,
    transport: Arc<ReqwestTransport>,
    tokens: Tokens,
    kind: LoginKind,
    given: Given,
) -> Result<Arc<dyn Provider>> {
    let id = settings.provider.as_deref().unwrap_or(kind.provider());
    let mut builder = match id {
        // A token is no key: it goes as a bearer.
        ProviderId::ANTHROPIC => {
            ProviderBuilder::Anthropic(AnthropicProvider::builder().bearer(given.bearer)).login(tokens.clone())
        }
        _ => {
            takes(id, kind, settings.base_url.is_some())?;
            ProviderBuilder::of_login(kind, tokens.clone()).id(id)
        }
    };
    builder = builder.transport(transport).timeouts(settings.timeouts()).retry(settings.retry());
    builder = builder.allow_plain_http(settings.allow_plain_http);
    if let Some(application) = &settings.application {
        builder = builder.application(application);
    }
    if let Some(url) = &settings.base_url {
        builder = match builder {
            // Address and token come from one hand.
            ProviderBuilder::Codex(codex) if given.address => {
                ProviderBuilder::Codex(codex.base_url_with_token(url, tokens))
            }
            builder => builder.base_url(url),
        };
    }
    builder.build()
}

/// Whether a provider takes a login of this kind.
fn takes(id: &str, kind: LoginKind, has_address: bool) -> Result<()> {
    let plan = kind == LoginKind::ChatGpt;
    if plan != (id == ProviderId::CODEX) {
        let login = if plan { "a ChatGPT login" } else { "an API key" };
        let text = format!("the provider {id:?} does not take {login}: with it the provider is {}", kind.provider());
        return Err(Error::config(text));
    }
    if !plan && id != ProviderId::OPENAI && !has_address {
        return Err(Error::config(format!("the provider {id:?} is not known here: give its base_url")));
    }
    Ok(())
}
