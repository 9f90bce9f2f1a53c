//! Signing in by the browser: it comes back to a port of this machine. What a person pastes meanwhile is taken too.

use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use secrecy::SecretString;

use super::authorize::Attempt;
use super::callback::{Callback, Outcome, Refused};
use super::listener::{Listener, Visit};
use super::pages::{Page, Say};
use super::paste::pasted;
use super::prompt::{SignInPrompt, SignInStep};
use super::sign_in::SignIn;
use crate::ambient::Ambient;
use crate::auth::Profile;
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::transport::within;

/// Where the browser comes back to.
pub(super) const CALLBACK: &str = "/auth/callback";

impl SignIn {
    /// Signs in by a browser on this machine.
    ///
    /// Shows the address of the sign-in page and waits for the browser, or for what
    /// [`SignInPrompt::paste`] gives if that comes first. The browser gets a page that says how it went.
    ///
    /// # Errors
    /// `cancelled` when the person declined or another sign-in took the port; `forbidden` when the workspace does not
    /// allow it; `timeout` after the time limit; `config` when no port is free; those of
    /// [`TokenEndpoint::exchange`](super::TokenEndpoint::exchange).
    pub async fn browser(&self, prompt: &dyn SignInPrompt) -> Result<Profile> {
        let http = &self.endpoint.http;
        let attempt = Attempt::new(&*http.ambient)?;
        let way = Way {
            ambient: &http.ambient,
            application: &http.application,
            prompt,
            limit: self.limit(),
            host: "localhost",
            ports: &self.ports,
        };
        let url = |redirect_uri: &str| self.url(&attempt, redirect_uri);
        let verifier = &attempt.pkce.verifier;
        way.run(&attempt.state, url, |granted| async move {
            self.profile(self.endpoint.exchange(&granted.code, verifier, &granted.redirect_uri).await?)
        })
        .await
        .map_err(|e| e.with_provider(http.provider))
    }
}

/// A code, and what belongs to it.
pub(super) struct Granted {
    pub(super) code: SecretString,
    /// The address that the sign-in page was told to come back to.
    pub(super) redirect_uri: String,
    /// The client that was issued with the code (plan sharing).
    pub(super) client_id: Option<String>,
    /// What was granted, if the callback says so (plan sharing).
    pub(super) scope: Option<String>,
}

/// The way through the browser, whatever the sign-in page and the token endpoint are.
pub(super) struct Way<'a> {
    pub(super) ambient: &'a Arc<dyn Ambient>,
    pub(super) application: &'a str,
    pub(super) prompt: &'a dyn SignInPrompt,
    pub(super) limit: Duration,
    /// `localhost` or `127.0.0.1`, as the login server knows it.
    pub(super) host: &'static str,
    pub(super) ports: &'a [u16],
}

impl Way<'_> {
    /// Shows the page of `url`, which is given the address to come back to, and exchanges the code that comes.
    pub(super) async fn run<F>(
        &self,
        state: &SecretString,
        url: impl FnOnce(&str) -> String,
        exchange: impl FnOnce(Granted) -> F,
    ) -> Result<Profile>
    where
        F: Future<Output = Result<Profile>> + Send,
    {
        let mut listener = Listener::bind(self.ports, self.ambient, self.prompt).await?;
        let redirect_uri = format!("http://{}:{}{CALLBACK}", self.host, listener.port);
        self.prompt.show_url(&url(&redirect_uri));
        self.prompt.progress(&SignInStep::Waiting);
        let pasted = pasted(&**self.ambient, self.prompt, state, self.limit);
        let first = race(self.called_back(&mut listener, state), pasted);
        let (visit, callback) = match within(&**self.ambient, Some(self.limit), first).await {
            Some(First::A(called)) => {
                let (visit, callback) = called?;
                (Some(visit), callback)
            }
            Some(First::B(pasted)) => (None, pasted?),
            None => return Err(too_late(self.limit)),
        };
        let outcome = match callback.outcome {
            Outcome::Refused(refused) => Err((refused.error(), Some(refused))),
            Outcome::Code(code) => {
                self.prompt.progress(&SignInStep::Exchanging);
                let granted = Granted { code, redirect_uri, client_id: callback.client_id, scope: callback.scope };
                match race(exchange(granted), self.called_twice(&mut listener)).await {
                    First::A(done) => done.map_err(|e| (e, None)),
                    First::B(never) => match never {},
                }
            }
        };
        if let Some(visit) = visit {
            self.last_page(listener, visit, &outcome).await;
        }
        outcome.map_err(|(error, _)| error)
    }

    /// Waits for the answer to this sign-in; anything else gets its page.
    async fn called_back(&self, listener: &mut Listener, state: &SecretString) -> Result<(Visit, Callback)> {
        loop {
            let visit = listener.next().await;
            let say = match visit.path.as_str() {
                CALLBACK => match Callback::of_query(&visit.query) {
                    Ok(callback) if callback.is_for(state) => return Ok((visit, callback)),
                    Ok(_) => {
                        self.ignored("the browser came back with the answer to another sign-in");
                        Say::OtherSignIn
                    }
                    Err(why) => {
                        self.ignored(&format!("the browser came back with an answer that cannot be used: {why}"));
                        Say::Incomplete
                    }
                },
                // As the Codex command line does; a page of the web may not.
                "/cancel" if !visit.by_page => {
                    listener.answer(visit, &Page::new(self.application, Say::Replaced));
                    listener.flush().await;
                    let text = "another sign-in on this machine took the port over: finish that one, or start again";
                    return Err(Error::new(ErrorKind::Cancelled, Stage::NotSent, text));
                }
                _ => Say::NotFound,
            };
            listener.answer(visit, &Page::new(self.application, say));
        }
    }

    /// Answers whoever comes while the tokens are fetched.
    async fn called_twice(&self, listener: &mut Listener) -> std::convert::Infallible {
        loop {
            let visit = listener.next().await;
            let say = if visit.path == CALLBACK { Say::Twice } else { Say::NotFound };
            listener.answer(visit, &Page::new(self.application, say));
        }
    }

    async fn last_page(
        &self,
        listener: Listener,
        visit: Visit,
        outcome: &std::result::Result<Profile, (Error, Option<Refused>)>,
    ) {
        let say = match outcome {
            Ok(profile) => Say::Done { account: profile.email.as_deref() },
            Err((error, Some(refused))) if error.kind() == ErrorKind::Cancelled => {
                Say::Declined { why: &refused.description }
            }
            Err((error, _)) => Say::Failed { why: error.message() },
        };
        listener.finish(visit, &Page::new(self.application, say)).await;
    }

    fn ignored(&self, what: &str) {
        self.prompt.progress(&SignInStep::Ignored(what.to_owned()));
    }
}

/// The person took too long.
pub(super) fn too_late(limit: Duration) -> Error {
    let long = match limit.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    };
    let text = format!("nobody finished the sign-in within {long}: start it again");
    Error::new(ErrorKind::Timeout, Stage::NotSent, text).with_advice(crate::Advice::SignIn)
}

/// Which of two was first.
enum First<A, B> {
    A(A),
    B(B),
}

/// Polls both until one is there; the other is dropped.
async fn race<A: Future, B: Future>(a: A, b: B) -> First<A::Output, B::Output> {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(value) = a.as_mut().poll(cx) {
            return Poll::Ready(First::A(value));
        }
        b.as_mut().poll(cx).map(First::B)
    })
    .await
}
