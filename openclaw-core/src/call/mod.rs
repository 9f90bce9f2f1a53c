//! One call from request to events: token, send, judge, decode, and the repeats before output begins.
//!
//! Everything happens in the consumer's own poll. There is no task and no channel between socket and consumer, so
//! dropping the stream closes the request.

#[cfg(any(test, feature = "testing"))]
pub(crate) mod contract;
pub(crate) mod encode;
pub(crate) mod history;
pub(crate) mod json_events;
pub(crate) mod lenient;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod offline;
mod stream;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use stream::CallStream;

use crate::ambient::{self, Ambient};
use crate::auth::{AccessToken, TokenSource};
use crate::chat::{Event, RateLimits, ResponseHead, Warning};
use crate::error::{Attempt, Error, ErrorKind, Evidence, Result, Stage, classify};
use crate::observe::{self, CallSpan, Run};
use crate::provider::{CallOptions, EventStream};
use crate::transport::sse::{SseError, SseEvent};
use crate::transport::{
    ByteStream, Headers, HttpRequest, HttpResponse, IdleTimer, ReqwestTransport, RetryPolicy, Timeouts, Transport,
    limit_passed, within,
};

/// What a provider's calls have in common.
#[derive(Debug, Clone)]
pub(crate) struct Backend {
    pub(crate) provider: Arc<str>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) ambient: Arc<dyn Ambient>,
    pub(crate) tokens: Arc<dyn TokenSource>,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryPolicy,
    /// Headers of the host, for every call.
    pub(crate) headers: Headers,
    pub(crate) credential: CredentialHeader,
}

/// The header that carries the credential, if it is not the provider's usual one.
#[derive(Debug, Clone, Default)]
pub(crate) struct CredentialHeader(Option<(String, String)>);

impl CredentialHeader {
    /// Adds the credential: `Authorization: Bearer` unless set otherwise.
    pub(crate) fn push(&self, headers: &mut Headers, token: &SecretString) {
        let (name, prefix) = match &self.0 {
            Some((name, prefix)) => (name.as_str(), prefix.as_str()),
            None => ("authorization", "Bearer "),
        };
        headers.remove(name);
        headers.push_secret(name, format!("{prefix}{}", token.expose_secret()).into());
    }

    /// Whether it is the provider's usual one.
    pub(crate) fn is_usual(&self) -> bool {
        self.0.is_none()
    }
}

/// What the builder of every provider takes. [`backend_setters`] writes the methods.
#[derive(Debug, Clone, Default)]
pub(crate) struct BackendSettings {
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) ambient: Option<Arc<dyn Ambient>>,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryPolicy,
    pub(crate) headers: Headers,
    pub(crate) credential: CredentialHeader,
}

impl BackendSettings {
    pub(crate) fn credential_header(&mut self, name: String, prefix: String) {
        self.credential = CredentialHeader(Some((name, prefix)));
    }

    pub(crate) fn build(self, provider: &str, tokens: Option<Arc<dyn TokenSource>>) -> Result<Backend> {
        let tokens = tokens.ok_or_else(|| Error::config("no credential: set a token, a key or a token source"))?;
        let ambient = self.ambient.unwrap_or_else(ambient::system);
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(ReqwestTransport::builder().timeouts(self.timeouts).ambient(ambient.clone()).build()?),
        };
        let Self { timeouts, retry, headers, credential, .. } = self;
        Ok(Backend { provider: provider.into(), transport, ambient, tokens, timeouts, retry, headers, credential })
    }
}

/// The methods of a builder whose field `backend` is a [`BackendSettings`].
macro_rules! backend_setters {
    () => {
        /// Allows plain http beyond this machine: the credential crosses the network readable.
        pub fn allow_plain_http(mut self, allow: bool) -> Self {
            self.allow_plain_http = allow;
            self
        }

        /// The host application, `name/version`: it stands behind our own name in `User-Agent`.
        pub fn application(mut self, name: impl Into<String>) -> Self {
            self.application = Some(name.into());
            self
        }

        /// Another HTTP stack, or a [`ReqwestTransport`](crate::transport::ReqwestTransport) with other settings.
        pub fn transport(mut self, transport: Arc<dyn crate::transport::Transport>) -> Self {
            self.backend.transport = Some(transport);
            self
        }

        /// Other time and randomness.
        pub fn ambient(mut self, ambient: Arc<dyn crate::ambient::Ambient>) -> Self {
            self.backend.ambient = Some(ambient);
            self
        }

        /// Time limits of every call.
        pub fn timeouts(mut self, timeouts: crate::transport::Timeouts) -> Self {
            self.backend.timeouts = timeouts;
            self
        }

        /// When calls are repeated.
        pub fn retry(mut self, retry: crate::transport::RetryPolicy) -> Self {
            self.backend.retry = retry;
            self
        }

        /// Further headers of every call, as a gateway may need them. Those of a call go first.
        pub fn headers(mut self, headers: crate::transport::Headers) -> Self {
            self.backend.headers = headers;
            self
        }

        /// Sends the credential in this header, behind this prefix, instead of `Authorization: Bearer`.
        pub fn credential_header(mut self, name: impl Into<String>, prefix: impl Into<String>) -> Self {
            self.backend.credential_header(name.into(), prefix.into());
            self
        }
    };
}
pub(crate) use backend_setters;

/// Builds the HTTP request for a token. Called again for every try; the body is shared.
pub(crate) type Prepare = Box<dyn Fn(&AccessToken) -> Result<HttpRequest> + Send + Sync>;

/// Turns the events of one wire protocol into ours.
pub(crate) trait Decoder: Send {
    /// Pushes what the event means. After the successful end `Completed` has been pushed; an error is the other end.
    fn decode(&mut self, event: SseEvent, out: &mut VecDeque<Event>) -> Result<()>;
    /// The bytes ended, or broke, without a terminal event.
    fn truncated(&mut self) -> Error;
    /// The bytes could not be cut into events.
    fn unframed(&mut self, fault: SseError) -> Error;
    /// Whether output began: from then on the call must not be repeated.
    fn output_started(&self) -> bool;
}

/// What the wire protocol of a provider adds to a streamed call.
pub(crate) struct Protocol {
    /// Reads the head of a 2xx answer.
    pub(crate) head: fn(&Headers) -> (ResponseHead, RateLimits),
    /// A decoder for one try.
    pub(crate) decoder: Box<dyn Fn() -> Box<dyn Decoder> + Send + Sync>,
}

/// This much of a refusal is read; the rest says nothing more.
const MAX_REFUSAL_BYTES: usize = 64 << 10;
/// A refusal that does not end is judged by what came of it until then.
const REFUSAL_LIMIT: Duration = Duration::from_secs(5);
/// This much of a JSON answer (model list, usage) is read.
const MAX_JSON_BYTES: usize = 16 << 20;

impl Backend {
    /// A streamed call. Nothing is sent before the first poll.
    pub(crate) fn stream(
        &self,
        model: &str,
        options: &CallOptions,
        prepare: Prepare,
        protocol: Protocol,
        warnings: Vec<Warning>,
    ) -> EventStream {
        let call = Call {
            backend: self.clone(),
            model: model.into(),
            timeouts: options.timeouts.over(self.timeouts),
            retry: options.retry.unwrap_or(self.retry),
            prepare,
            span: CallSpan::chat(&self.provider, model),
        };
        let span = call.span.clone();
        let run = if options.run.is_none() { Some(Run::next()) } else { None };
        observe::watch(CallStream::start(call, protocol, warnings), span, run)
    }

    /// A call whose answer is one JSON value.
    pub(crate) async fn json(&self, prepare: Prepare) -> Result<(Headers, Value)> {
        let span = CallSpan::fetch(&self.provider);
        let (backend, timeouts, retry) = (self.clone(), self.timeouts, self.retry);
        let call = Call { backend, model: "".into(), timeouts, retry, prepare, span: span.clone() };
        span.around(self.repeated(call)).await
    }

    async fn repeated(&self, call: Call) -> Result<(Headers, Value)> {
        let began = self.ambient.monotonic();
        let run = async {
            let mut attempts = Vec::new();
            loop {
                let started = self.ambient.monotonic();
                let error = match call.json_once().await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                };
                let failed = call.note(&mut attempts, &error, started);
                let elapsed = self.ambient.monotonic().saturating_sub(began);
                match call.retry.delay(&error, failed, elapsed, &*self.ambient) {
                    Some(delay) => self.ambient.sleep(delay).await,
                    None => return Err(call.finish(error, attempts)),
                }
            }
        };
        match within(&*self.ambient, call.timeouts.total, run).await {
            Some(outcome) => outcome,
            None => {
                let limit = call.timeouts.total.unwrap_or_default();
                Err(limit_passed("total", limit, Stage::MaybeSent).with_provider(&self.provider))
            }
        }
    }
}

/// One call with its settings resolved.
struct Call {
    backend: Backend,
    model: Box<str>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    prepare: Prepare,
    span: CallSpan,
}

/// An answer whose status is 2xx.
struct Opened {
    response: HttpResponse,
    first_byte_left: Option<Duration>,
    context: ErrorContext,
}

/// What every error of a try says beside its kind.
#[derive(Clone, Default)]
struct ErrorContext {
    url: String,
    /// The token and secret headers: some providers quote the key that they refuse.
    secrets: Vec<SecretString>,
    profile: Option<String>,
    request_id: Option<String>,
    cf_ray: Option<String>,
}

impl ErrorContext {
    fn add_to(&self, mut error: Error) -> Error {
        if error.url().is_none() {
            error = error.with_url(&self.url);
        }
        if let Some(profile) = &self.profile {
            error = error.with_profile(profile);
        }
        if let (None, Some(id)) = (error.request_id(), &self.request_id) {
            error = error.with_request_id(id);
        }
        if let (None, Some(ray)) = (error.cf_ray(), &self.cf_ray) {
            error = error.with_cf_ray(ray);
        }
        self.secrets.iter().fold(error, |error, secret| error.without(secret.expose_secret()))
    }

    fn hide(&self, text: &str) -> String {
        let secrets = self.secrets.iter().map(|s| s.expose_secret()).filter(|s| s.len() >= 8);
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "[secret]"))
    }
}

impl Call {
    /// One try: at most two sends, the second one with another token after a 401.
    async fn open(self: Arc<Self>) -> Result<Opened> {
        self.send(Wanted::EventStream).await
    }

    async fn send(&self, wanted: Wanted) -> Result<Opened> {
        let tokens = &self.backend.tokens;
        let token = tokens.token().await?;
        let error = match self.send_once(&token, wanted).await {
            Err(error) if error.http_status() == Some(401) => error,
            outcome => return outcome,
        };
        // A missing scope is not mended by another token.
        if !matches!(error.kind(), ErrorKind::AuthExpired | ErrorKind::AuthInvalid) {
            return Err(error);
        }
        match tokens.rejected(token.revision).await? {
            Some(next) => self.send_once(&next, wanted).await,
            None => Err(error),
        }
    }

    async fn send_once(&self, token: &AccessToken, wanted: Wanted) -> Result<Opened> {
        let ambient = &self.backend.ambient;
        let request = (self.prepare)(token)?;
        self.span.sends_to(&request.url);
        let mut context = ErrorContext {
            url: request.url.clone(),
            secrets: secrets_of(token, &request.headers),
            profile: token.profile.clone(),
            ..ErrorContext::default()
        };
        let started = ambient.monotonic();
        let sent = within(&**ambient, self.timeouts.first_byte, self.backend.transport.send(request)).await;
        let response = match sent {
            Some(outcome) => outcome.map_err(|e| context.add_to(e))?,
            None => {
                let limit = self.timeouts.first_byte.unwrap_or_default();
                return Err(context.add_to(limit_passed("first_byte", limit, Stage::MaybeSent)));
            }
        };
        let spent = ambient.monotonic().saturating_sub(started);
        let first_byte_left = self.timeouts.first_byte.map(|limit| limit.saturating_sub(spent));
        context.request_id = header(&response.headers, &["x-request-id", "x-oai-request-id", "request-id"]);
        context.cf_ray = header(&response.headers, &["cf-ray"]);
        if (200..300).contains(&response.status) && wanted.fits(&response.headers) {
            return Ok(Opened { response, first_byte_left, context });
        }
        Err(self.refusal(response, first_byte_left, &context).await)
    }

    /// Judges an answer that is not what was asked for.
    async fn refusal(&self, response: HttpResponse, left: Option<Duration>, context: &ErrorContext) -> Error {
        let HttpResponse { status, headers, body } = response;
        let timer = IdleTimer::new(self.backend.ambient.clone(), left, self.timeouts.idle);
        // A body that breaks off, or does not come, is judged by what came of it.
        let mut bytes = Vec::new();
        let reading = read_prefix(body, timer, MAX_REFUSAL_BYTES, &mut bytes);
        within(&*self.backend.ambient, Some(REFUSAL_LIMIT), reading).await;
        self.judge(status, headers, &bytes, context)
    }

    fn judge(&self, status: u16, headers: Headers, body: &[u8], context: &ErrorContext) -> Error {
        let evidence = Evidence {
            provider: &self.backend.provider,
            status: Some(status),
            headers,
            // Our own token, should the answer quote it, is no word to judge by.
            body: &context.hide(&String::from_utf8_lossy(body)),
            url: Some(&context.url),
            now: Some(self.backend.ambient.now()),
        };
        context.add_to(classify(&evidence))
    }

    async fn json_once(&self) -> Result<(Headers, Value)> {
        let Opened { response, first_byte_left, context } = self.send(Wanted::Json).await?;
        let timer = IdleTimer::new(self.backend.ambient.clone(), first_byte_left, self.timeouts.idle);
        let mut bytes = Vec::new();
        let end = read_prefix(response.body, timer, MAX_JSON_BYTES, &mut bytes).await;
        let broken = |text: String| context.add_to(Error::new(ErrorKind::ServerError, Stage::Responded, text));
        match end {
            PrefixEnd::Whole => {}
            PrefixEnd::Cut => return Err(broken(format!("the answer is longer than {MAX_JSON_BYTES} bytes"))),
            PrefixEnd::Broken(error) => return Err(context.add_to(error)),
        }
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok((response.headers, value)),
            Err(e) => Err(broken(format!("the answer is not JSON: {e}"))
                .with_body_preview(&String::from_utf8_lossy(&bytes))
                .with_source(e)),
        }
    }

    /// Notes a failed try; returns how many failed.
    fn note(&self, attempts: &mut Vec<Attempt>, error: &Error, started: Duration) -> u32 {
        let took = self.backend.ambient.monotonic().saturating_sub(started);
        let mut attempt = Attempt::new(&self.backend.provider, &self.model, error.kind(), took);
        attempt.profile = error.profile().map(str::to_owned);
        attempts.push(attempt);
        attempts.len() as u32
    }

    fn finish(&self, mut error: Error, attempts: Vec<Attempt>) -> Error {
        error = error.with_provider(&self.backend.provider);
        if !self.model.is_empty() {
            error = error.with_model(&self.model);
        }
        if attempts.len() > 1 { error.with_attempts(attempts) } else { error }
    }
}

/// What must never be shown of a request.
fn secrets_of(token: &AccessToken, headers: &Headers) -> Vec<SecretString> {
    let hidden = headers.iter().filter(|(_, _, secret)| *secret).map(|(_, value, _)| value.to_owned().into());
    std::iter::once(token.secret.clone()).chain(hidden).collect()
}

/// What a 2xx answer has to be.
#[derive(Clone, Copy)]
enum Wanted {
    EventStream,
    Json,
}

impl Wanted {
    /// Pages and JSON are no event streams. Anything else may be one under a wrong name: its bytes decide.
    fn fits(self, headers: &Headers) -> bool {
        let Some(content_type) = headers.get("content-type") else { return true };
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let json = essence == "application/json" || essence.ends_with("+json");
        match self {
            Self::EventStream => !json && !essence.contains("html") && !essence.contains("xml"),
            Self::Json => json || essence == "text/plain",
        }
    }
}

fn header(headers: &Headers, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| headers.get(name)).map(str::to_owned)
}

pub(crate) enum PrefixEnd {
    Whole,
    Cut,
    Broken(Error),
}

/// Reads at most `limit` bytes.
pub(crate) async fn read_prefix(
    mut body: ByteStream,
    mut timer: IdleTimer,
    limit: usize,
    bytes: &mut Vec<u8>,
) -> PrefixEnd {
    std::future::poll_fn(|cx| {
        loop {
            match body.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => {
                    timer.touch();
                    let room = limit - bytes.len();
                    bytes.extend(chunk.iter().take(room));
                    if chunk.len() > room {
                        return Poll::Ready(PrefixEnd::Cut);
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(PrefixEnd::Broken(error)),
                Poll::Ready(None) => return Poll::Ready(PrefixEnd::Whole),
                Poll::Pending => {
                    let (name, limit) = ready!(timer.poll(cx));
                    return Poll::Ready(PrefixEnd::Broken(limit_passed(name, limit, Stage::Responded)));
                }
            }
        }
    })
    .await
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("backend", &self.backend).field("model", &self.model).finish_non_exhaustive()
    }
}
