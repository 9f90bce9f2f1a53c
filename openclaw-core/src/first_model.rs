//! Which model is asked when nobody named one.

use crate::anthropic::AnthropicProvider;
use crate::codex::CodexProvider;
use crate::provider::{ModelInfo, ProviderId};

/// The first that the provider lists, and that people are meant to see.
pub(crate) fn listed(models: impl IntoIterator<Item = ModelInfo>) -> Option<String> {
    models.into_iter().find(|model| !model.hidden && !model.id.is_empty()).map(|model| model.id)
}

/// The one that this crate knows of the provider.
pub(crate) fn known(provider: &ProviderId) -> &'static str {
    match provider.as_str() {
        ProviderId::ANTHROPIC => AnthropicProvider::DEFAULT_MODEL,
        _ => CodexProvider::DEFAULT_MODEL,
    }
}
