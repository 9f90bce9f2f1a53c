//! What a call cost in tokens.

use serde::{Deserialize, Serialize};

/// Tokens of one call. `input_tokens` includes cached ones, `output_tokens` includes reasoning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// All input tokens, the cached ones included.
    pub input_tokens: u64,
    /// Input tokens read from the provider's cache.
    pub cached_tokens: u64,
    /// Input tokens written to the provider's cache.
    pub cache_write_tokens: u64,
    /// All output tokens, reasoning included.
    pub output_tokens: u64,
    /// Output tokens spent on reasoning.
    pub reasoning_tokens: u64,
    /// Input and output together, as the provider counts them.
    pub total_tokens: u64,
}

impl Usage {
    /// Input tokens that were neither read from the cache nor written to it.
    pub fn uncached_input_tokens(&self) -> u64 {
        self.input_tokens.saturating_sub(self.cached_tokens).saturating_sub(self.cache_write_tokens)
    }
}
