//! Recognises who answered in the provider's place: a network in front of it, or a machine on our side of the line.

mod cloudflare;
mod marks;
mod middlebox;
mod page;

pub(super) use cloudflare::ray;
pub(super) use page::{Answerer, is_openai, json_challenge, recognise};

use serde::{Deserialize, Serialize};

use super::kind::words;

words! {
    /// What the network in front of the provider did with the call.
    EdgeAction {
        /// It asked for a proof that a person and a browser are there. A program cannot and must not give one.
        Challenge = "challenge",
        /// A rule of its firewall refused the call.
        Waf = "waf",
        /// It showed a block page without a rule.
        BlockPage = "block_page",
        /// It throttled the call.
        RateLimit = "rate_limit",
        /// It could not get an answer from the provider behind it.
        OriginError = "origin_error",
    }
}

/// The network in front of the provider, when it answered in the provider's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Edge {
    /// Who: `cloudflare`, `akamai`, `cloudfront`, `aws_waf`, `vercel`, … or `unknown`.
    pub vendor: String,
    /// What it did.
    pub action: EdgeAction,
    /// Its own code, such as `1020`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Edge {
    /// An answer of this network.
    pub fn new(vendor: &str, action: EdgeAction) -> Self {
        Self { vendor: vendor.to_owned(), action, code: None }
    }

    /// The same with the network's own code.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}
