//! From the models of an agent to a chain that follows them.

use std::sync::Arc;

use super::builder::ProviderBuilder;
use super::secret::SecretAccess;
use crate::auth::oauth::TokenEndpoint;
use crate::auth::{CredentialStore, Profile, ProfileSettings, ProfileTokens, StaticToken};
use crate::config::Config;
use crate::error::Result;
use crate::failover::{self, Chain, ChainBuilder};
use crate::provider::{ModelRef, Provider};

impl Config {
    /// A chain of an agent's models, as [`candidates`](Self::candidates) lists them: the primary first, then its fallbacks, with
    /// the order, modes and cooldowns of section `auth`.
    ///
    /// `connect` finishes a builder that is filled already: it names the application, and puts the login of the profile in
    /// place where there is one. A model that cannot be asked stands in the chain as one that says why. As long as the store has
    /// no profile of a provider, the key of the environment is used for it ([`Route::environment_key`](super::Route)).
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use openclaw_core::auth::{Environment, FileStore, ProfileTokens, oauth::TokenEndpoint};
    /// use openclaw_core::config::{Config, Options, SecretAccess};
    /// use openclaw_core::{Provider, Request};
    ///
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = Config::load("openclaw.json".as_ref(), &Options::of_process())?;
    /// let store = Arc::new(FileStore::of_agent(None, &Environment::default())?);
    /// let refresher = Arc::new(TokenEndpoint::builder().build()?);
    /// let (access, logins) = (SecretAccess::default(), store.clone());
    /// let chain = config.chain(None, store, &access, move |builder, profile| {
    ///     let builder = builder.application("my-app/1.0");
    ///     match profile {
    ///         None => builder.build(),
    ///         Some(profile) => {
    ///             let tokens = ProfileTokens::new(logins.clone(), profile.id.clone(), refresher.clone());
    ///             builder.login_of(profile, Arc::new(tokens)).build()
    ///         }
    ///     }
    /// });
    /// let answer = chain.await?.build()?.complete(&Request::new("").user("Say hello"), &Default::default()).await?;
    /// println!("{}", answer.text());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `config` if there is no such agent, or no model is set.
    pub async fn chain(
        &self,
        agent: Option<&str>,
        store: Arc<dyn CredentialStore>,
        access: &SecretAccess,
        connect: impl Fn(ProviderBuilder, Option<&Profile>) -> Result<Arc<dyn Provider>> + Send + Sync + 'static,
    ) -> Result<ChainBuilder> {
        let connect = Arc::new(connect);
        let settings = self.auth.as_ref().map(ProfileSettings::from).unwrap_or_default();
        let mut chain = Chain::builder().store(store).profiles(settings);
        for candidate in self.candidates(agent)? {
            // A name that leads nowhere is no reference; it keeps its place under its own name.
            let named = || candidate.name.parse().unwrap_or_else(|_| ModelRef::new("unknown", candidate.name.as_str()));
            let (model, route) = match &candidate.route {
                Ok(route) => (route.model_ref().unwrap_or_else(named), route),
                Err(error) => {
                    chain = chain.candidate(failover::Candidate::unusable(named(), error.clone()));
                    continue;
                }
            };
            let built = match route.builder(access).await {
                Ok(builder) if route.needs_login() => {
                    let keyed = route
                        .environment_key(access)
                        .map(|key| connect(builder.clone().login(Arc::new(StaticToken::of_key(key))), None));
                    let connect = connect.clone();
                    let asked = failover::Candidate::with_profiles(model, move |profile| {
                        connect(builder.clone(), Some(profile))
                    });
                    match (&route.profile, keyed) {
                        (Some(profile), _) => asked.pinned(profile.as_str()),
                        (None, Some(Ok(provider))) => asked.or_without_profile(provider),
                        (None, _) => asked,
                    }
                }
                Ok(builder) => match connect(builder, None) {
                    Ok(provider) => failover::Candidate::new(model, provider),
                    Err(error) => failover::Candidate::unusable(model, error),
                },
                Err(error) => failover::Candidate::unusable(model, error),
            };
            chain = chain.candidate(built);
        }
        Ok(chain)
    }

    /// The same, each profile signed in with what the store has, and refreshed in it: what most hosts want.
    ///
    /// # Errors
    /// As [`chain`](Self::chain), and for an application that cannot be named in a header.
    pub async fn signed_in_chain(
        &self,
        agent: Option<&str>,
        store: Arc<dyn CredentialStore>,
        access: &SecretAccess,
        application: Option<&str>,
    ) -> Result<ChainBuilder> {
        let application = application.map(str::to_owned);
        let issuer = TokenEndpoint::builder();
        let refresher = Arc::new(match &application {
            Some(name) => issuer.application(name).build()?,
            None => issuer.build()?,
        });
        let logins = store.clone();
        let connect = move |mut builder: ProviderBuilder, profile: Option<&Profile>| {
            if let Some(name) = &application {
                builder = builder.application(name);
            }
            match profile {
                None => builder.build(),
                Some(profile) => {
                    let tokens = ProfileTokens::new(logins.clone(), profile.id.clone(), refresher.clone());
                    builder.login_of(profile, Arc::new(tokens)).build()
                }
            }
        };
        self.chain(agent, store, access, connect).await
    }
}
