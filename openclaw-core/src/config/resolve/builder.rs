//! The last step: secrets are read, and the provider's own builder is filled.

use std::sync::Arc;

use secrecy::SecretString;

use super::protocol::Wire;
use super::route::Route;
use super::secret::SecretAccess;
use crate::ambient::Ambient;
use crate::auth::oauth::PlanSharing;
use crate::auth::{AccessToken, Credential, LoginKind, Profile, StaticToken, TokenSource};
use crate::error::{Error, Result};
use crate::provider::Provider;
use crate::transport::{Headers, RetryPolicy, Timeouts, Transport};
use crate::{
    AnthropicProvider, AnthropicProviderBuilder, CodexProvider, CodexProviderBuilder, OpenAiProvider,
    OpenAiProviderBuilder,
};

/// The builder of the provider that a [`Route`] leads to, with all that the configuration says filled in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ProviderBuilder {
    /// Of the Codex backend, or a gateway that speaks like it.
    Codex(CodexProviderBuilder),
    /// Of the platform API, or of what is compatible with its Responses endpoint.
    OpenAi(OpenAiProviderBuilder),
    /// Of Anthropic, or of what is compatible with its Messages API.
    Anthropic(AnthropicProviderBuilder),
}

impl Route {
    /// Reads the secrets of this route and fills the provider's builder. Where [`needs_login`](Self::needs_login) says so,
    /// [`login`](ProviderBuilder::login) has to follow.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use openclaw_core::auth::TokenSource;
    /// use openclaw_core::config::{Config, Options, SecretAccess};
    /// use openclaw_core::{Provider, Request};
    ///
    /// # async fn run(login: Arc<dyn TokenSource>) -> Result<(), Box<dyn std::error::Error>> {
    /// let config = Config::load("openclaw.json".as_ref(), &Options::of_process())?;
    /// for candidate in config.candidates(Some("main"))? {
    ///     let route = candidate.route?;
    ///     let mut builder = route.builder(&SecretAccess::default()).await?;
    ///     if route.needs_login() {
    ///         builder = builder.login(login.clone());
    ///     }
    ///     let provider = builder.application("my-app/1.0").build()?;
    ///     let model = route.model.as_deref().unwrap_or_default();
    ///     let answer = provider.complete(&Request::new(model).user("Say hello"), &Default::default()).await?;
    ///     println!("{}", answer.text());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `config`, with the key: a secret that cannot be read, a header that cannot be sent, a proxy or certificate that
    /// cannot be used. Never with the secret.
    pub async fn builder(&self, access: &SecretAccess) -> Result<ProviderBuilder> {
        self.builder_over(access, |transport| transport).await
    }

    /// The same over another transport, made of the one that keeps the configuration's proxy and certificates.
    pub(crate) async fn builder_over(
        &self,
        access: &SecretAccess,
        over: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>,
    ) -> Result<ProviderBuilder> {
        let wanted: Vec<_> = self.secrets().collect();
        let secrets = access.read(&wanted, &self.variables).await.map_err(|e| self.named(e))?;
        let signed = usize::from(!self.needs_login());
        let (credential, rest) = secrets.split_at_checked(signed).unwrap_or_default();
        let (values, connection) = rest.split_at_checked(self.headers.len()).unwrap_or_default();
        let headers = self.filled(values).map_err(|e| self.named(e))?;
        let transport = self.connection.transport(access, connection, self.timeouts).map_err(|e| self.named(e))?;
        Ok(self.fill(credential.first(), headers, over(transport), access))
    }

    fn filled(&self, values: &[SecretString]) -> Result<Headers> {
        use secrecy::ExposeSecret;
        let mut headers = Headers::new();
        for ((name, origin), value) in self.headers.iter().zip(values) {
            if http::HeaderValue::from_str(value.expose_secret()).is_err() {
                let text = format!("{} cannot be sent: it has a line break or another control character", origin.key());
                return Err(Error::config(text));
            }
            headers.push_secret(name, value.clone());
        }
        Ok(headers)
    }

    fn fill(
        &self,
        credential: Option<&SecretString>,
        headers: Headers,
        transport: Arc<dyn Transport>,
        access: &SecretAccess,
    ) -> ProviderBuilder {
        /// What every builder takes.
        macro_rules! common {
            ($builder:expr) => {{
                let mut builder = $builder
                    .id(self.provider.as_str())
                    .headers(headers)
                    .timeouts(self.timeouts)
                    .transport(transport)
                    .ambient(access.ambient.clone());
                if let Some((name, prefix)) = &self.credential_header {
                    builder = builder.credential_header(name, prefix);
                }
                builder
            }};
        }
        let base_url = self.base_url.clone().unwrap_or_default();
        match self.wire {
            Wire::Codex => {
                let builder = common!(CodexProvider::builder());
                ProviderBuilder::Codex(match credential {
                    // The address and its credential stand in one entry: they are meant for each other.
                    Some(secret) => {
                        let token = StaticToken::new(AccessToken::new(secret.clone()));
                        builder.base_url_with_token(base_url, Arc::new(token))
                    }
                    None => builder.base_url(base_url),
                })
            }
            Wire::Responses => {
                let builder = common!(OpenAiProvider::builder()).base_url(base_url);
                ProviderBuilder::OpenAi(match credential {
                    Some(secret) => builder.api_key(secret.clone()),
                    None => builder,
                })
            }
            Wire::Messages => {
                let builder = common!(AnthropicProvider::builder()).base_url(base_url).bearer(self.bearer);
                ProviderBuilder::Anthropic(match credential {
                    Some(secret) => builder.api_key(secret.clone()),
                    None => builder,
                })
            }
        }
    }

    fn named(&self, error: Error) -> Error {
        error.with_provider(self.provider.as_str())
    }
}

/// Writes the setters that every builder has.
macro_rules! forward {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*);)+) => {
        impl ProviderBuilder {
            $($(#[$doc])*
            pub fn $name(self, $($arg: $type),*) -> Self {
                match self {
                    Self::Codex(builder) => Self::Codex(builder.$name($($arg),*)),
                    Self::OpenAi(builder) => Self::OpenAi(builder.$name($($arg),*)),
                    Self::Anthropic(builder) => Self::Anthropic(builder.$name($($arg),*)),
                }
            })+
        }
    };
}

forward! {
    /// Another name for the provider: an address of one's own has one.
    id(id: impl Into<String>);
    /// Another base URL, in the place of the configuration's. A ChatGPT login goes to chatgpt.com and to this machine only.
    base_url(url: impl Into<String>);
    /// The host application, `name/version`.
    application(name: impl Into<String>);
    /// Other time and randomness.
    ambient(ambient: Arc<dyn Ambient>);
    /// Another HTTP stack, in the place of the one that keeps the configuration's proxy and certificates.
    transport(transport: Arc<dyn Transport>);
    /// Time limits of every call, in the place of the configuration's.
    timeouts(timeouts: Timeouts);
    /// When calls are repeated.
    retry(retry: RetryPolicy);
    /// Allows plain http beyond this machine: the credential crosses the network readable.
    allow_plain_http(allow: bool);
}

impl ProviderBuilder {
    /// The builder of the provider that takes a login of this kind, with the login in place. The one place where this is decided.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use openclaw_core::auth::{AccessToken, LoginKind, StaticToken};
    /// use openclaw_core::config::ProviderBuilder;
    ///
    /// let key = Arc::new(StaticToken::new(AccessToken::new("sk-example-0000001")));
    /// let provider = ProviderBuilder::of_login(LoginKind::ApiKey, key).application("my-app/1.0").build()?;
    /// assert_eq!(provider.id().as_str(), LoginKind::ApiKey.provider());
    /// # Ok::<(), openclaw_core::Error>(())
    /// ```
    pub fn of_login(kind: LoginKind, tokens: Arc<dyn TokenSource>) -> Self {
        let builder = match kind {
            LoginKind::ChatGpt => Self::Codex(CodexProvider::builder()),
            LoginKind::PlanSharing | LoginKind::ApiKey => Self::OpenAi(OpenAiProvider::builder()),
        };
        builder.login_as(kind, tokens)
    }

    /// The login to use, in the place of a secret of the configuration. A ChatGPT login is not sent to an address of the
    /// configuration that is neither chatgpt.com nor this machine.
    pub fn login(self, tokens: Arc<dyn TokenSource>) -> Self {
        match self {
            Self::Codex(builder) => Self::Codex(builder.token_source(tokens)),
            Self::OpenAi(builder) => Self::OpenAi(builder.token_source(tokens)),
            Self::Anthropic(builder) => Self::Anthropic(builder.token_source(tokens)),
        }
    }

    /// The login of a stored profile: [`login`](Self::login), in the way that its kind of login is used. A plan that is
    /// shared with the platform is asked there as one.
    pub fn login_of(self, profile: &Profile, tokens: Arc<dyn TokenSource>) -> Self {
        match &profile.credential {
            Credential::OAuth(oauth) if PlanSharing::made(oauth) => self.login_as(LoginKind::PlanSharing, tokens),
            _ => self.login(tokens),
        }
    }

    /// The same, the kind being known.
    fn login_as(self, kind: LoginKind, tokens: Arc<dyn TokenSource>) -> Self {
        match (self, kind) {
            (Self::OpenAi(builder), LoginKind::PlanSharing) => Self::OpenAi(builder.chatgpt_plan(tokens)),
            (builder, _) => builder.login(tokens),
        }
    }

    /// Builds the provider. Sends nothing.
    ///
    /// # Errors
    /// `config`, as the provider's own builder: no credential, an address that it may not go to.
    pub fn build(self) -> Result<Arc<dyn Provider>> {
        Ok(match self {
            Self::Codex(builder) => Arc::new(builder.build()?),
            Self::OpenAi(builder) => Arc::new(builder.build()?),
            Self::Anthropic(builder) => Arc::new(builder.build()?),
        })
    }
}
