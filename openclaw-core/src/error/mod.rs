//! Why a call failed: one type, the same fields in Rust, Python, C, JSON and logs.
//!
//! [`Error`] is one word wide. [`Error::kind`] says what happened, [`Error::stage`] how far the call got,
//! [`Error::advice`] what helps; the other accessors carry the evidence. [`classify`] turns evidence into an error
//! and is the only place where a status, a header or a body is judged.

mod batch;
mod body;
mod classify;
mod codes;
mod edge;
mod kind;
mod patterns;
mod redact;
mod report;
mod retry_after;
mod status;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use batch::classify_json_line;
pub use classify::{Evidence, classify};
pub use edge::{Edge, EdgeAction};
pub(crate) use kind::words;
pub use kind::{Advice, ErrorKind, Stage};
pub use redact::redact;
pub(crate) use report::SAID;
pub(crate) use retry_after::{span, utc};

use crate::config::Issue;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What every fallible call of this crate returns. One word wide, cheap to move, safe to log.
///
/// `Display` is one line for a person; `Debug` and [`Error::to_json`] hold every field. None of them ever holds a
/// secret.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone, Default)]
struct Inner {
    kind: Option<ErrorKind>,
    stage: Option<Stage>,
    advice: Option<Advice>,
    message: String,
    provider: Option<String>,
    model: Option<String>,
    profile: Option<String>,
    http_status: Option<u16>,
    url: Option<String>,
    request_id: Option<String>,
    cf_ray: Option<String>,
    edge: Option<Edge>,
    code: Option<String>,
    retry_after: Option<Duration>,
    resets_at: Option<SystemTime>,
    usable_at: Option<SystemTime>,
    body_preview: Option<String>,
    attempts: Vec<Attempt>,
    issues: Vec<Issue>,
    names: Vec<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// One try of a call that was repeated or passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// The provider that was asked.
    pub provider: String,
    /// The model that was asked.
    pub model: String,
    /// The profile whose credential was used, if one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What happened.
    pub kind: ErrorKind,
    /// How long the try took, in ms.
    pub duration_ms: u64,
}

impl Attempt {
    /// One try.
    pub fn new(provider: &str, model: &str, kind: ErrorKind, duration: Duration) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            profile: None,
            kind,
            duration_ms: millis(duration),
        }
    }
}

impl Error {
    /// An error of this kind. Line breaks in the message become spaces.
    pub fn new(kind: ErrorKind, stage: Stage, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind: Some(kind),
            stage: Some(stage),
            message: one_line(message.into()),
            ..Inner::default()
        }))
    }

    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind.unwrap_or(ErrorKind::Unknown)
    }

    /// How far the call got.
    pub fn stage(&self) -> Stage {
        self.0.stage.unwrap_or(Stage::NotSent)
    }

    /// What helps.
    pub fn advice(&self) -> Advice {
        self.0.advice.unwrap_or_else(|| self.kind().advice(self.stage()))
    }

    /// One line for a person. Never a secret, never raw HTML.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The provider that was asked.
    pub fn provider(&self) -> Option<&str> {
        self.0.provider.as_deref()
    }

    /// The model that was asked.
    pub fn model(&self) -> Option<&str> {
        self.0.model.as_deref()
    }

    /// The profile whose credential was used.
    pub fn profile(&self) -> Option<&str> {
        self.0.profile.as_deref()
    }

    /// The HTTP status that really came, never an invented one.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The address that was asked, without query and credentials.
    pub fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// The provider's id of this call (`x-request-id`, `x-oai-request-id`, `request-id`).
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Cloudflare's id of this call (`cf-ray`).
    pub fn cf_ray(&self) -> Option<&str> {
        self.0.cf_ray.as_deref()
    }

    /// The network in front of the provider that answered, if it did.
    pub fn edge(&self) -> Option<&Edge> {
        self.0.edge.as_ref()
    }

    /// The provider's own error code or type, as it was sent.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The delay that the provider asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// When the used-up window opens again.
    pub fn resets_at(&self) -> Option<SystemTime> {
        self.0.resets_at
    }

    /// The soonest time at which something that the call could ask is free again: of a failover chain.
    pub fn usable_at(&self) -> Option<SystemTime> {
        self.0.usable_at
    }

    /// At most 200 characters of the body: tags stripped, secrets removed.
    pub fn body_preview(&self) -> Option<&str> {
        self.0.body_preview.as_deref()
    }

    /// Every try that was made, the last one included. Of a call that was no chain's it is empty when there was one only.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// The texts of the errors below this one, the nearest first. What the one before says already is left out; secrets
    /// are removed.
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = std::error::Error::source(self);
        while let Some(error) = next {
            let text = redact(&one_line(error.to_string()));
            if !text.is_empty() && !causes.last().is_some_and(|above| above.contains(&text)) {
                causes.push(text);
            }
            next = error.source();
        }
        causes
    }

    /// What is wrong with a configuration, when that is the error: errors and warnings.
    pub fn issues(&self) -> &[Issue] {
        &self.0.issues
    }

    /// Every field that is known, as JSON: the one form that logs, Python and C share.
    ///
    /// `retry_after_ms` is in ms, `resets_at` and `usable_at` in Unix seconds.
    pub fn to_json(&self) -> Value {
        let inner = &*self.0;
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                out.insert(key.to_owned(), value);
            }
        };
        put("kind", self.kind().as_str().into());
        put("stage", self.stage().as_str().into());
        put("advice", self.advice().as_str().into());
        put("message", inner.message.as_str().into());
        put("provider", inner.provider.clone().into());
        put("model", inner.model.clone().into());
        put("profile", inner.profile.clone().into());
        put("http_status", inner.http_status.into());
        put("url", inner.url.clone().into());
        put("request_id", inner.request_id.clone().into());
        put("cf_ray", inner.cf_ray.clone().into());
        put("edge", serde_json::to_value(&inner.edge).unwrap_or_default());
        put("code", inner.code.clone().into());
        put("retry_after_ms", inner.retry_after.map(millis).into());
        put("resets_at", inner.resets_at.and_then(unix_seconds).into());
        put("usable_at", inner.usable_at.and_then(unix_seconds).into());
        put("body_preview", inner.body_preview.clone().into());
        if !inner.attempts.is_empty() {
            put("attempts", serde_json::to_value(&inner.attempts).unwrap_or_default());
        }
        if !inner.issues.is_empty() {
            put("issues", serde_json::to_value(&inner.issues).unwrap_or_default());
        }
        put("source", self.causes().into_iter().reduce(|all, cause| format!("{all}: {cause}")).into());
        Value::Object(out)
    }
}

/// Building: providers, stores and hosts that write a `Provider` of their own add what they know.
impl Error {
    /// A configuration fault, found before anything was sent.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, Stage::NotSent, message)
    }

    /// A fault of the request, found before anything was sent.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest, Stage::NotSent, message)
    }

    /// Replaces the advice of the kind by a more exact one.
    pub fn with_advice(mut self, advice: Advice) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// Replaces the stage.
    pub fn with_stage(mut self, stage: Stage) -> Self {
        self.0.stage = Some(stage);
        self
    }

    /// Replaces the message.
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = one_line(message.into());
        self
    }

    /// Names the provider, unless one is named already.
    pub fn with_provider(mut self, provider: &str) -> Self {
        self.0.provider.get_or_insert_with(|| provider.to_owned());
        self
    }

    /// Names the model, unless one is named already.
    pub fn with_model(mut self, model: &str) -> Self {
        self.0.model.get_or_insert_with(|| model.to_owned());
        self
    }

    /// Names the profile, unless one is named already.
    pub fn with_profile(mut self, profile: &str) -> Self {
        self.0.profile.get_or_insert_with(|| profile.to_owned());
        self
    }

    /// The HTTP status that came.
    pub fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// The address that was asked; query, fragment and user info are cut off here.
    pub fn with_url(mut self, url: &str) -> Self {
        self.0.url = Some(redact::bare_url(url));
        self
    }

    /// The provider's id of the call.
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.0.request_id = Some(one_line(id.to_owned()));
        self
    }

    /// Cloudflare's id of the call.
    pub fn with_cf_ray(mut self, ray: &str) -> Self {
        self.0.cf_ray = Some(one_line(ray.to_owned()));
        self
    }

    /// The network in front of the provider that answered.
    pub fn with_edge(mut self, edge: Edge) -> Self {
        self.0.edge = Some(edge);
        self
    }

    /// The provider's own error code or type.
    pub fn with_code(mut self, code: &str) -> Self {
        self.0.code = Some(one_line(redact(code)));
        self
    }

    /// The delay that the provider asked for.
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// When the used-up window opens again.
    pub fn with_resets_at(mut self, at: SystemTime) -> Self {
        self.0.resets_at = Some(at);
        self
    }

    /// When something that the call could ask is free again.
    pub fn with_usable_at(mut self, at: SystemTime) -> Self {
        self.0.usable_at = Some(at);
        self
    }

    /// A piece of the body: it is stripped of tags and secrets and cut to 200 characters here.
    pub fn with_body_preview(mut self, body: &str) -> Self {
        let preview = body::preview(body);
        self.0.body_preview = (!preview.is_empty()).then_some(preview);
        self
    }

    /// The tries that were made.
    pub fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Profiles that the message names, beside the one of the error: a log must not.
    pub(crate) fn with_names(mut self, profiles: impl IntoIterator<Item = String>) -> Self {
        self.0.names.extend(profiles);
        self
    }

    /// Every profile that it names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let inner = &*self.0;
        let of_attempts = inner.attempts.iter().filter_map(|attempt| attempt.profile.as_deref());
        inner.profile.as_deref().into_iter().chain(of_attempts).chain(inner.names.iter().map(String::as_str))
    }

    /// What is wrong with a configuration.
    pub(crate) fn with_issues(mut self, issues: Vec<Issue>) -> Self {
        self.0.issues = issues;
        self
    }

    /// Takes a secret that is known out of everything that is shown, whatever its form.
    pub(crate) fn without(mut self, secret: &str) -> Self {
        // Anything shorter stands in ordinary words.
        if secret.len() < 8 {
            return self;
        }
        let hide = |text: &mut String| {
            if text.contains(secret) {
                *text = text.replace(secret, "[secret]");
            }
        };
        hide(&mut self.0.message);
        [&mut self.0.body_preview, &mut self.0.code, &mut self.0.request_id, &mut self.0.url]
            .into_iter()
            .flatten()
            .for_each(hide);
        self
    }

    /// The error below this one.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind(), self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error {:#}", self.to_json())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| &**e as _)
    }
}

impl Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

fn one_line(mut text: String) -> String {
    if text.contains(|c: char| c.is_control()) {
        text = text.replace(|c: char| c.is_control(), " ");
    }
    text
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn unix_seconds(at: SystemTime) -> Option<u64> {
    at.duration_since(UNIX_EPOCH).ok().map(|d| d.as_secs())
}
