//! A token source that the host writes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;

use super::reply::channel;
use super::{Job, Post, caller};
use crate::ambient::{self, Ambient};
use crate::auth::{AccessToken, TokenSource};
use crate::error::{Error, Result, Stage};
use crate::transport::{limit_passed, within};

/// A token is not used in its last minute.
const MARGIN: Duration = Duration::from_secs(60);

/// A token source that the host writes. A token is kept until its last minute, or until the provider refuses it; one call
/// at a time asks for the next one, the others wait for the same.
pub struct HostTokens {
    post: Post,
    limit: Option<Duration>,
    /// An API key acts for no ChatGPT account, whatever it looks like.
    is_key: bool,
    ambient: Arc<dyn Ambient>,
    kept: tokio::sync::Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    token: Option<AccessToken>,
    /// That of the last token.
    revision: u64,
}

impl HostTokens {
    /// Tokens that are asked for there. `limit` bounds how long a call waits for one.
    pub fn new(post: Post, limit: Option<Duration>) -> Self {
        Self { post, limit, is_key: false, ambient: ambient::system(), kept: tokio::sync::Mutex::default() }
    }

    /// The tokens are API keys.
    #[must_use]
    pub fn of_keys(mut self) -> Self {
        self.is_key = true;
        self
    }

    /// Other time.
    #[must_use]
    pub fn with_ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = ambient;
        self
    }

    async fn ask(&self, kept: &mut Kept, rejected: Option<&AccessToken>) -> Result<AccessToken> {
        let (reply, replies) = channel();
        let rejected = rejected.map(|token| token.secret.clone());
        (self.post)(Job::Token { rejected, reply, caller: caller::current() });
        let mut token = replies.answer().await.map_err(not_sent)?;
        if self.is_key {
            (token.account_id, token.fedramp) = (None, false);
        }
        kept.revision = kept.revision.saturating_add(1);
        token.revision = kept.revision;
        kept.token = Some(token.clone());
        Ok(token)
    }

    /// Bounds also the wait for another call that asks.
    async fn limited<T: Send>(&self, asking: impl Future<Output = Result<T>> + Send) -> Result<T> {
        let Some(outcome) = within(&*self.ambient, self.limit, asking).await else {
            let error = limit_passed("first_byte", self.limit.unwrap_or_default(), Stage::NotSent);
            let text = format!("the token source gave no token: {}", error.message());
            return Err(error.with_message(text));
        };
        outcome
    }
}

/// Nothing of the call itself left this machine.
fn not_sent(error: Error) -> Error {
    match error.stage() {
        Stage::MaybeSent => error.with_stage(Stage::NotSent),
        _ => error,
    }
}

#[async_trait]
impl TokenSource for HostTokens {
    async fn token(&self) -> Result<AccessToken> {
        let usable = |token: &&AccessToken| match token.expires_at {
            None => true,
            Some(at) => at.duration_since(self.ambient.now()).is_ok_and(|left| left > MARGIN),
        };
        self.limited(async {
            let mut kept = self.kept.lock().await;
            match kept.token.as_ref().filter(usable) {
                Some(token) => Ok(token.clone()),
                None => self.ask(&mut kept, None).await,
            }
        })
        .await
    }

    /// Asks for another one. The same token again means that there is none.
    async fn rejected(&self, revision: u64) -> Result<Option<AccessToken>> {
        self.limited(async {
            let mut kept = self.kept.lock().await;
            if kept.revision != revision {
                return Ok(kept.token.clone());
            }
            // If the host gives none now, the next call asks again.
            let Some(refused) = kept.token.take() else { return Ok(None) };
            let next = self.ask(&mut kept, Some(&refused)).await?;
            if next.secret.expose_secret() == refused.secret.expose_secret() {
                kept.token = None;
                return Ok(None);
            }
            Ok(Some(next))
        })
        .await
    }
}

impl fmt::Debug for HostTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostTokens").finish_non_exhaustive()
    }
}
