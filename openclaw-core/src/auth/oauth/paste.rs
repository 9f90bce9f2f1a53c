//! Signing in where no browser can come back: the person pastes what the sign-in page sent.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::authorize::Attempt;
use super::browser::{CALLBACK, too_late};
use super::callback::{Callback, Outcome};
use super::prompt::{SignInPrompt, SignInStep};
use super::sign_in::SignIn;
use crate::ambient::Ambient;
use crate::auth::Profile;
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::transport::within;

/// Between two pastes: a host that gives the same again and again keeps nobody from the time limit.
const PAUSE: Duration = Duration::from_millis(20);

impl SignIn {
    /// Signs in by a browser on any machine: over SSH, in a container.
    ///
    /// The browser ends on an address of its own machine where nothing answers; the person copies that address.
    /// [`SignInPrompt::paste`] takes the whole address, its query, `code#state` or the code alone. A state is compared where
    /// there is one.
    ///
    /// # Errors
    /// As [`browser`](Self::browser). What is no answer to this sign-in is asked for again, until the time limit.
    pub async fn paste(&self, prompt: &dyn SignInPrompt) -> Result<Profile> {
        let http = &self.endpoint.http;
        let attempt = Attempt::new(&*http.ambient)?;
        // Any port that the login server knows: nothing needs to listen there.
        let port = self.ports.iter().copied().find(|port| *port != 0).unwrap_or(1455);
        let redirect_uri = format!("http://localhost:{port}{CALLBACK}");
        let run = async {
            prompt.show_url(&self.url(&attempt, &redirect_uri));
            prompt.progress(&SignInStep::Waiting);
            let pasted = pasted(&*http.ambient, prompt, &attempt.state, self.limit());
            let wait = within(&*http.ambient, Some(self.limit()), pasted);
            let callback = wait.await.unwrap_or_else(|| Err(too_late(self.limit())))?;
            match callback.outcome {
                Outcome::Refused(refused) => Err(refused.error()),
                Outcome::Code(code) => {
                    prompt.progress(&SignInStep::Exchanging);
                    self.profile(self.endpoint.exchange(&code, &attempt.pkce.verifier, &redirect_uri).await?)
                }
            }
        };
        run.await.map_err(|e: Error| e.with_provider(http.provider))
    }
}

/// Asks until an answer to this sign-in was pasted. An empty line is nothing: somebody pressed Enter.
pub(super) async fn pasted(
    ambient: &dyn Ambient,
    prompt: &dyn SignInPrompt,
    state: &SecretString,
    limit: Duration,
) -> Result<Callback> {
    let (begun, mut wrong) = (ambient.monotonic(), None);
    while ambient.monotonic().saturating_sub(begun) < limit {
        let text = prompt.paste(wrong.as_ref()).await?;
        if text.expose_secret().trim().is_empty() {
            wrong = None;
        } else {
            wrong = Some(match Callback::of_paste(text.expose_secret()) {
                Ok(callback) if !callback.has_state() || callback.is_for(state) => return Ok(callback),
                Ok(_) => Error::new(
                    ErrorKind::AuthInvalid,
                    Stage::NotSent,
                    "what was pasted belongs to another sign-in: open the newest address, sign in there, and paste the address of the page that comes then",
                ),
                Err(error) => error,
            });
        }
        ambient.sleep(PAUSE).await;
    }
    Err(too_late(limit))
}
