//! What a call came to.

use serde::{Deserialize, Serialize};

use super::{Item, RateLimits, ToolCall, Usage, Warning};
use crate::error::Attempt;
use crate::transport::Headers;

crate::error::words! {
    /// Why the model stopped.
    FinishReason {
        /// It was done.
        Stop = "stop",
        /// It waits for the result of a tool.
        ToolUse = "tool_use",
        /// It reached the limit of its output.
        Length = "length",
        /// It refused.
        Refusal = "refusal",
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// The provider's id of the answer, `resp_…`.
    pub id: String,
    /// The provider that answered.
    pub provider: String,
    /// The model that answered; can differ from the one that was asked.
    pub model: String,
    /// Why it stopped.
    pub finish_reason: FinishReason,
    /// What it wrote, in order. Goes into the next request as it is.
    pub items: Vec<Item>,
    /// What it cost, if the provider said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The service tier that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
    /// Limits, if the provider named any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<RateLimits>,
    /// What the headers of the answer said.
    #[serde(default)]
    pub head: ResponseHead,
    /// What was left out or changed on the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

impl Response {
    /// All text that the model wrote.
    pub fn text(&self) -> String {
        let mut all = String::new();
        for item in &self.items {
            all.push_str(&item.output_text());
        }
        all
    }

    /// The tool calls, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.items.iter().filter_map(|item| match item {
            Item::ToolCall(call) => Some(call),
            _ => None,
        })
    }

    /// The refusal, if the model refused.
    pub fn refusal(&self) -> Option<&str> {
        self.items.iter().find_map(|item| match item {
            Item::Message(message) => message.refusal(),
            _ => None,
        })
    }
}

/// What is known of a call once a 2xx answer began: what its headers said, and how it came about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ResponseHead {
    /// `x-request-id`, else `x-oai-request-id`; Anthropic's `request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// `cf-ray`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cf_ray: Option<String>,
    /// `openai-model`: the model that really answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// `x-codex-turn-state`: to be echoed by further calls of the same turn, see `CallOptions::turn_state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn_state: Option<String>,
    /// `x-models-etag`: the model list changed when this did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models_etag: Option<String>,
    /// `x-reasoning-included` was there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reasoning_included: bool,
    /// `x-codex-safety-buffering-enabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_buffering: Option<bool>,
    /// `x-codex-safety-buffering-faster-model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_buffering_faster_model: Option<String>,
    /// The profile whose credential was used, if one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The tries that failed before this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// The HTTP status. Not part of the JSON form.
    #[serde(skip)]
    pub http_status: Option<u16>,
    /// Every header but those that carry credentials or cookies. Not part of the JSON form.
    #[serde(skip)]
    pub headers: Headers,
}
