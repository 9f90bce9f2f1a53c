//! Which wire protocol an entry of `models.providers` speaks.
//!
//! OpenClaw 2026.4.5 gives an entry that has `models` and no `api` the protocol of Anthropic. Here it has that of its
//! provider, and an entry without one that is known is an error.

use super::fault;
use crate::anthropic;
use crate::codex::endpoint::{CANONICAL, Endpoint, Spelling, spelling};
use crate::config::Config;
use crate::config::model::ModelApi;
use crate::error::Result;
use crate::openai;
use crate::provider::ProviderId;

/// The protocols that this build speaks. A further one is a variant here, an arm of each `match` below, and one of
/// [`ProviderBuilder`](super::ProviderBuilder).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// The Responses API as the Codex backend speaks it.
    Codex,
    /// The Responses API of the platform.
    Responses,
    /// The Messages API of Anthropic.
    Messages,
}

impl Wire {
    fn of(api: ModelApi) -> Option<Self> {
        match api {
            ModelApi::OpenaiCodexResponses => Some(Self::Codex),
            ModelApi::OpenaiResponses => Some(Self::Responses),
            ModelApi::AnthropicMessages => Some(Self::Messages),
            _ => None,
        }
    }

    pub(super) fn api(self) -> ModelApi {
        match self {
            Self::Codex => ModelApi::OpenaiCodexResponses,
            Self::Responses => ModelApi::OpenaiResponses,
            Self::Messages => ModelApi::AnthropicMessages,
        }
    }

    /// The protocol of a provider that says nothing of it.
    fn of_provider(id: &str) -> Option<Self> {
        match id {
            ProviderId::CODEX => Some(Self::Codex),
            ProviderId::OPENAI => Some(Self::Responses),
            ProviderId::ANTHROPIC => Some(Self::Messages),
            _ => None,
        }
    }

    /// The address that calls go to.
    ///
    /// # Errors
    /// `config` for a base URL that this protocol is not spoken at.
    pub(super) fn address(self, base_url: Option<&str>) -> Result<String> {
        let base = base_url.unwrap_or_default();
        match self {
            Self::Codex => Endpoint::parse(base, true).map(|endpoint| endpoint.responses),
            Self::Responses => openai::address(base, true),
            Self::Messages => anthropic::address(base, true),
        }
    }
}

/// The protocol of one entry, as the model says, else the provider, else by the provider's name.
///
/// # Errors
/// `config`: none is known, or it is one that this build does not speak, or not that of `openai-codex`.
pub(super) fn wire(
    config: &Config,
    id: &str,
    base_url: Option<&str>,
    written: Option<(String, ModelApi)>,
) -> Result<Wire> {
    let codex = id == ProviderId::CODEX;
    let (key, api) = match written {
        Some(written) => written,
        None => {
            return Wire::of_provider(id).ok_or_else(|| {
                let text = "is missing; write the protocol that the provider speaks, such as openai-responses";
                fault(config, format_args!("models.providers.{id}.api"), text)
            });
        }
    };
    // OpenClaw reads this as the right one, at this very address.
    let meant = api == ModelApi::OpenaiResponses && base_url.is_none_or(|url| spelling(url) != Spelling::Elsewhere);
    if codex && meant {
        return Ok(Wire::Codex);
    }
    let right = Wire::Codex.api().as_str();
    match Wire::of(api) {
        Some(wire) if !codex || wire == Wire::Codex => Ok(wire),
        _ if codex => Err(fault(
            config,
            key,
            format!(
                "is {:?}: {CANONICAL} speaks {right} alone, and answers anything else with a block page; write {right}",
                api.as_str()
            ),
        )),
        _ => {
            let spoken = [Wire::Codex, Wire::Responses, Wire::Messages].map(|wire| wire.api().as_str()).join(", ");
            Err(fault(
                config,
                key,
                format!("is {:?}, which is not supported by this build; it speaks {spoken}", api.as_str()),
            ))
        }
    }
}
