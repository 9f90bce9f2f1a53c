//! How much of a plan or a quota is used.

use serde::{Deserialize, Serialize};

/// What the provider says about limits, from the headers of an answer or from the usage endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateLimits {
    /// The limit families of a ChatGPT plan, `codex` first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<LimitFamily>,
    /// The family that is decisive now, such as `premium`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_limit: Option<String>,
    /// The plan, such as `plus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_type: Option<String>,
    /// Credits beyond the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<Credits>,
    /// A note of the provider about offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo_message: Option<String>,
    /// Which limit was reached, such as `workspace_member_credits_depleted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached_type: Option<String>,
    /// Requests, in API-key mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Quota>,
    /// Tokens, in API-key mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Quota>,
}

impl RateLimits {
    /// Whether nothing at all was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One family of limits of a plan: a short and a long window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LimitFamily {
    /// Its id, such as `codex`.
    pub id: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The short window, normally 5 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<LimitWindow>,
    /// The long window, normally 7 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary: Option<LimitWindow>,
    /// How far the short window may outrun the long one, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_over_secondary_percent: Option<f64>,
}

/// One window of a limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LimitWindow {
    /// How much is used, in percent.
    pub used_percent: f64,
    /// How long the window is, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_minutes: Option<u64>,
    /// When it starts anew, in Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<u64>,
    /// How long until then, in seconds, as the server counted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_in_seconds: Option<u64>,
}

/// Credits beyond the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Credits {
    /// Whether there are any.
    pub has_credits: bool,
    /// Whether they are not limited.
    pub unlimited: bool,
    /// How many are left, as the provider writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<String>,
}

/// A plain quota: `x-ratelimit-*` of API-key mode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quota {
    /// How many in a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// How many are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// How long until it is full again, in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_in_ms: Option<u64>,
}
