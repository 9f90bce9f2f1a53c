//! The spans. They are entered in each poll of what they stand for, because a stream is driven by its consumer.

use std::future::Future;

use tracing::field::{Empty, debug, display};
use tracing::{Instrument as _, Span, info_span};

use super::TARGET;
use super::raw::{error_text, name};
use crate::auth::ProfileId;
use crate::chat::{Event, Response};
use crate::error::{Error, Result};
use crate::provider::{ModelRef, ProviderId};

/// A span of this crate. Clones are the same span. Without a subscriber it is empty, and nothing was allocated for it.
#[derive(Debug, Clone)]
pub(crate) struct CallSpan(Span);

impl CallSpan {
    /// A call to a model of a provider.
    pub(crate) fn chat(provider: &str, model: &str) -> Self {
        Self(info_span!(
            target: TARGET,
            "chat",
            otel.name = format!("chat {}", name(model)),
            otel.kind = "client",
            otel.status_code = Empty,
            otel.status_description = Empty,
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = spoken(provider),
            gen_ai.request.model = name(model),
            gen_ai.request.stream = true,
            gen_ai.response.id = Empty,
            gen_ai.response.model = Empty,
            gen_ai.response.finish_reasons = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            gen_ai.usage.cache_read.input_tokens = Empty,
            gen_ai.usage.cache_write.input_tokens = Empty,
            gen_ai.usage.reasoning.output_tokens = Empty,
            server.address = Empty,
            server.port = Empty,
            http.response.status_code = Empty,
            error.type = Empty,
            openclaw.provider = provider,
            openclaw.request_id = Empty,
            openclaw.cf_ray = Empty,
            openclaw.profile = Empty,
            openclaw.attempts = Empty,
        ))
    }

    /// A question beside the models: their list, the use of a plan.
    pub(crate) fn fetch(provider: &str) -> Self {
        Self(info_span!(
            target: TARGET,
            "openclaw.fetch",
            otel.kind = "client",
            otel.status_code = Empty,
            otel.status_description = Empty,
            server.address = Empty,
            server.port = Empty,
            http.response.status_code = Empty,
            error.type = Empty,
            openclaw.provider = provider,
            openclaw.request_id = Empty,
            openclaw.cf_ray = Empty,
            openclaw.profile = Empty,
            openclaw.attempts = Empty,
        ))
    }

    /// A call of a chain, with all its attempts. It has no tokens: those of the calls below it would be counted twice.
    pub(crate) fn chain(first: Option<&ModelRef>, candidates: usize) -> Self {
        Self(info_span!(
            target: TARGET,
            "openclaw.chain",
            otel.kind = "internal",
            otel.status_code = Empty,
            otel.status_description = Empty,
            gen_ai.request.model = first.map(|first| name(&first.model)),
            gen_ai.response.id = Empty,
            gen_ai.response.model = Empty,
            gen_ai.response.finish_reasons = Empty,
            http.response.status_code = Empty,
            error.type = Empty,
            openclaw.provider = first.map(|first| first.provider.as_str()),
            openclaw.candidates = candidates,
            openclaw.attempts = Empty,
        ))
    }

    /// One attempt of a chain.
    pub(crate) fn attempt(number: u32, model: &ModelRef, profile: Option<&ProfileId>) -> Self {
        Self(info_span!(
            target: TARGET,
            "openclaw.attempt",
            otel.kind = "internal",
            otel.status_code = Empty,
            otel.status_description = Empty,
            gen_ai.request.model = name(&model.model),
            http.response.status_code = Empty,
            error.type = Empty,
            openclaw.provider = model.provider.as_str(),
            openclaw.profile = profile.map(ProfileId::hashed),
            openclaw.attempt = number,
        ))
    }

    /// A refresh of a login, as all its callers share it.
    pub(crate) fn refresh(provider: &ProviderId, profile: &ProfileId) -> Self {
        Self(info_span!(
            target: TARGET,
            "openclaw.refresh",
            otel.kind = "client",
            otel.status_code = Empty,
            otel.status_description = Empty,
            server.address = Empty,
            server.port = Empty,
            http.response.status_code = Empty,
            error.type = Empty,
            openclaw.provider = provider.as_str(),
            openclaw.profile = profile.hashed(),
            openclaw.request_id = Empty,
            openclaw.cf_ray = Empty,
        ))
    }

    /// Whether nobody sees it.
    pub(super) fn is_hidden(&self) -> bool {
        self.0.is_disabled()
    }

    /// Does this inside of it.
    pub(crate) fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.in_scope(work)
    }

    /// Does this inside of it, and notes how it ends.
    pub(crate) async fn around<T>(self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let done = work.instrument(self.0.clone()).await;
        if let Err(error) = &done {
            self.failed(error);
        }
        done
    }

    /// A request goes out to this address.
    pub(crate) fn sends_to(&self, url: &str) {
        if self.is_hidden() {
            return;
        }
        if let Ok(url) = url::Url::parse(url) {
            self.0.record("server.address", url.host_str());
            self.0.record("server.port", url.port_or_known_default());
        }
    }

    /// Notes what an event says of the call.
    pub(super) fn saw(&self, event: &Event) {
        if self.is_hidden() {
            return;
        }
        match event {
            Event::Opened(head) => {
                self.0.record("http.response.status_code", head.http_status);
                self.0.record("openclaw.request_id", head.request_id.as_deref());
                self.0.record("openclaw.cf_ray", head.cf_ray.as_deref());
                self.0.record("openclaw.profile", head.profile.as_deref().map(crate::auth::hashed));
            }
            Event::Retrying { attempt, .. } => {
                self.0.record("openclaw.attempts", attempt.saturating_add(1));
            }
            Event::Completed(response) => self.answered(response),
            _ => {}
        }
    }

    fn answered(&self, response: &Response) {
        self.0.record("gen_ai.response.id", response.id.as_str());
        self.0.record("gen_ai.response.model", response.model.as_str());
        self.0.record("gen_ai.response.finish_reasons", debug([response.finish_reason.as_str()]));
        if let Some(usage) = &response.usage {
            self.0.record("gen_ai.usage.input_tokens", usage.input_tokens);
            self.0.record("gen_ai.usage.output_tokens", usage.output_tokens);
            self.0.record("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens);
            self.0.record("gen_ai.usage.cache_write.input_tokens", usage.cache_write_tokens);
            self.0.record("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens);
        }
    }

    /// Notes the error that it ends with.
    pub(crate) fn failed(&self, error: &Error) {
        if self.is_hidden() {
            return;
        }
        self.0.record("otel.status_code", "ERROR");
        self.0.record("otel.status_description", display(error_text(error)));
        self.0.record("error.type", error.kind().as_str());
        if let Some(url) = error.url() {
            self.sends_to(url);
        }
        self.0.record("http.response.status_code", error.http_status());
        self.0.record("openclaw.request_id", error.request_id());
        self.0.record("openclaw.cf_ray", error.cf_ray());
        self.0.record("openclaw.profile", error.profile().map(crate::auth::hashed));
    }

    /// Notes that it was left before its end.
    pub(super) fn left(&self) {
        self.0.record("error.type", "cancelled");
    }
}

/// Which of OpenTelemetry's providers it is: the backend of a ChatGPT plan is OpenAI's.
fn spoken(provider: &str) -> &str {
    match provider {
        ProviderId::CODEX => "openai",
        other => other,
    }
}
