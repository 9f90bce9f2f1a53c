//! Signing in by a code that is typed on any device. OpenAI's own exchange, not that of RFC 8628.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::browser::too_late;
use super::http::{Answer, Body, LoginHttp, looks_like_page};
use super::prompt::{DeviceCode, SignInPrompt, SignInStep};
use super::refusal::{Asked, code, refusal};
use super::sign_in::SignIn;
use super::tokens::seconds;
use crate::auth::Profile;
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::transport::within;

/// How long a device code is good.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// Between two questions, unless the login server says otherwise.
const INTERVAL: Duration = Duration::from_secs(5);
/// What `slow_down` adds.
const SLOWER: Duration = Duration::from_secs(5);
/// So many questions in a row may fail on the way.
const FAULTS: u32 = 3;

impl SignIn {
    /// Signs in by a code that the person types on any device.
    ///
    /// It may have to be enabled in the security settings of ChatGPT, and a workspace's admin may forbid it.
    ///
    /// # Errors
    /// `forbidden` when the login server gives no device codes; `edge_blocked` at once when a block page stands in the way;
    /// `timeout` when the code ended; `cancelled` when the person declined; otherwise as [`browser`](Self::browser).
    pub async fn device(&self, prompt: &dyn SignInPrompt) -> Result<Profile> {
        let http = &self.endpoint.http;
        let limit = self.limit.map_or(LIMIT, |limit| limit.min(LIMIT));
        let ended = || if limit < LIMIT { too_late(limit) } else { ended() };
        let run = async {
            let started = self.start().await?;
            prompt.show_code(&DeviceCode {
                url: self.endpoint.issuer().at("/codex/device"),
                code: started.user_code.clone(),
                valid_for: limit,
            });
            prompt.progress(&SignInStep::Waiting);
            let approved = within(&*http.ambient, Some(limit), self.approval(&started, limit, prompt)).await;
            let approved = approved.flatten().unwrap_or_else(|| Err(ended()))?;
            prompt.progress(&SignInStep::Exchanging);
            let redirect_uri = self.endpoint.issuer().at("/deviceauth/callback");
            self.profile(self.endpoint.exchange(&approved.code, &approved.verifier, &redirect_uri).await?)
        };
        run.await.map_err(|e: Error| e.with_provider(http.provider))
    }

    async fn start(&self) -> Result<Started> {
        let http = &self.endpoint.http;
        let url = self.endpoint.issuer().at("/api/accounts/deviceauth/usercode");
        let answer = http.send(&url, Body::Json(&json!({"client_id": self.endpoint.client_id()}))).await?;
        let body = answer.is_success().then(|| answer.json()).flatten();
        body.and_then(|body| Started::read(&body)).ok_or_else(|| refusal(Asked::DeviceCode, &answer, http, &[]))
    }

    /// Asks until the person typed the code. `None` after the limit: the virtual clock of a test ends no timer by sleeping.
    async fn approval(
        &self,
        started: &Started,
        limit: Duration,
        prompt: &dyn SignInPrompt,
    ) -> Option<Result<Approved>> {
        let http = &self.endpoint.http;
        let url = self.endpoint.issuer().at("/api/accounts/deviceauth/token");
        let body = json!({
            "device_auth_id": started.device_auth_id.expose_secret(),
            "user_code": started.user_code,
        });
        let begun = http.ambient.monotonic();
        let (mut interval, mut faults) = (started.interval, 0);
        loop {
            http.ambient.sleep(interval).await;
            if http.ambient.monotonic().saturating_sub(begun) >= limit {
                return None;
            }
            let outcome = match http.send(&url, Body::Json(&body)).await {
                Ok(answer) => judge(&answer, http, &started.device_auth_id),
                Err(error) => Err(error),
            };
            match outcome {
                Ok(Poll::Approved(approved)) => return Some(Ok(approved)),
                Ok(Poll::Pending) => faults = 0,
                Ok(Poll::SlowDown) => {
                    faults = 0;
                    interval += SLOWER;
                }
                // Nothing is spent by asking again.
                Err(error) if passes(&error) && faults < FAULTS => {
                    faults += 1;
                    prompt.progress(&SignInStep::AskingAgain(error));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// What a device sign-in starts with.
struct Started {
    device_auth_id: SecretString,
    user_code: String,
    interval: Duration,
}

impl Started {
    fn read(body: &Value) -> Option<Self> {
        let text = |key: &str| body.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty());
        let user_code = text("user_code").or_else(|| text("usercode"))?;
        // It is shown to a person, in a terminal too.
        let user_code: String = user_code.chars().filter(|c| !c.is_control()).take(40).collect();
        let interval = seconds(body.get("interval")).filter(|s| *s > 0.0);
        Some(Self {
            device_auth_id: text("device_auth_id")?.into(),
            user_code,
            interval: interval.map_or(INTERVAL, |s| Duration::from_secs_f64(s.clamp(1.0, 60.0))),
        })
    }
}

/// What the login server says of the code.
enum Poll {
    Pending,
    SlowDown,
    Approved(Approved),
}

struct Approved {
    code: SecretString,
    verifier: SecretString,
}

fn judge(answer: &Answer, http: &LoginHttp, device_auth_id: &SecretString) -> Result<Poll> {
    let refused = || refusal(Asked::DevicePoll, answer, http, &[device_auth_id]);
    let body = answer.json();
    if answer.is_success() {
        let text =
            |key: &str| body.as_ref()?.get(key)?.as_str().filter(|text| !text.is_empty()).map(SecretString::from);
        return match (text("authorization_code"), text("code_verifier")) {
            (Some(code), Some(verifier)) => Ok(Poll::Approved(Approved { code, verifier })),
            _ => Err(refused()),
        };
    }
    match body.as_ref().and_then(code).map(|code| code.to_ascii_lowercase()).as_deref() {
        Some("slow_down") => return Ok(Poll::SlowDown),
        Some("deviceauth_authorization_pending" | "deviceauth_authorization_unknown" | "authorization_pending") => {
            return Ok(Poll::Pending);
        }
        Some(word) if word.contains("denied") || word.contains("declined") => {
            let text = "the sign-in was declined on the other device: nothing was stored; start it again and choose to continue";
            return Err(Error::new(ErrorKind::Cancelled, Stage::Responded, text)
                .with_advice(crate::Advice::SignIn)
                .with_code(word)
                .with_http_status(answer.status));
        }
        Some(word) if word.contains("expired") => return Err(ended().with_code(word).with_http_status(answer.status)),
        // It says what is wrong, such as a country that is not served: no waiting changes that.
        Some(_) => return Err(refused()),
        None => {}
    }
    // 403 and 404 without a word mean that nobody typed the code yet, but a page of either status comes from the network in
    // between: waiting for its end would be 15 silent minutes.
    let error = refused();
    let between = matches!(error.kind(), ErrorKind::EdgeBlocked | ErrorKind::Proxy);
    let page = looks_like_page(&answer.headers, &String::from_utf8_lossy(&answer.body));
    if matches!(answer.status, 403 | 404) && !between && !page { Ok(Poll::Pending) } else { Err(error) }
}

/// Faults of the way, which the next question may not meet.
fn passes(error: &Error) -> bool {
    use ErrorKind::{Connect, Dns, Overloaded, RateLimited, ServerError, StreamTruncated, Timeout};
    matches!(error.kind(), Connect | Dns | Timeout | Overloaded | RateLimited | ServerError | StreamTruncated)
        && error.http_status().is_none_or(|status| status >= 300)
}

fn ended() -> Error {
    let text = "the code ended before anybody typed it: start the sign-in again";
    Error::new(ErrorKind::Timeout, Stage::Responded, text).with_advice(crate::Advice::SignIn)
}
