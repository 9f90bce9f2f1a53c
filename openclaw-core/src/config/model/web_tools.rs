//! TODO file web_tools

use super::macros::{choice, shape};
use super::number::{IntIn, MAX_SAFE, Natural, NonNegative, Positive};
use super::secret::SecretInput;

shape! {
    /// TODO WebTools
    #[derive(Default)]
    pub struct WebTools {
        /// TODO WebTools.search
        pub search: Option<WebSearch>,
        /// TODO WebTools.fetch
        pub fetch: Option<WebFetch>,
        /// TODO WebTools.x_search
        #[serde(rename = "x_search")]
        pub x_search: Option<XSearch>,
    }
}

shape! {
    /// TODO WebSearch
    #[derive(Default)]
    pub struct WebSearch {
        /// TODO WebSearch.enabled
        pub enabled: Option<bool>,
        /// TODO WebSearch.provider
        pub provider: Option<String>,
        /// TODO WebSearch.maxResults
        pub max_results: Option<Positive>,
        /// TODO WebSearch.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO WebSearch.cacheTtlMinutes
        pub cache_ttl_minutes: Option<NonNegative>,
        /// TODO WebSearch.apiKey
        pub api_key: Option<SecretInput>,
        /// TODO WebSearch.openaiCodex
        pub openai_codex: Option<CodexWebSearch>,
    }
}

shape! {
    /// TODO CodexWebSearch
    #[derive(Default)]
    pub struct CodexWebSearch {
        /// TODO CodexWebSearch.enabled
        pub enabled: Option<bool>,
        /// TODO CodexWebSearch.mode
        pub mode: Option<WebSearchMode>,
        /// TODO CodexWebSearch.allowedDomains
        pub allowed_domains: Option<Vec<String>>,
        /// TODO CodexWebSearch.contextSize
        pub context_size: Option<SearchContextSize>,
        /// TODO CodexWebSearch.userLocation
        pub user_location: Option<UserLocation>,
    }
}

choice! {
    /// TODO WebSearchMode
    pub enum WebSearchMode {
        Cached = "cached",
        Live = "live",
    }
}

choice! {
    /// TODO SearchContextSize
    pub enum SearchContextSize {
        Low = "low",
        Medium = "medium",
        High = "high",
    }
}

shape! {
    /// TODO UserLocation
    #[derive(Default)]
    pub struct UserLocation {
        /// TODO UserLocation.country
        pub country: Option<String>,
        /// TODO UserLocation.region
        pub region: Option<String>,
        /// TODO UserLocation.city
        pub city: Option<String>,
        /// TODO UserLocation.timezone
        pub timezone: Option<String>,
    }
}

shape! {
    /// TODO WebFetch
    #[derive(Default)]
    pub struct WebFetch {
        /// TODO WebFetch.enabled
        pub enabled: Option<bool>,
        /// TODO WebFetch.provider
        pub provider: Option<String>,
        /// TODO WebFetch.maxChars
        pub max_chars: Option<Positive>,
        /// TODO WebFetch.maxCharsCap
        pub max_chars_cap: Option<Positive>,
        /// TODO WebFetch.maxResponseBytes
        pub max_response_bytes: Option<Positive>,
        /// TODO WebFetch.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO WebFetch.cacheTtlMinutes
        pub cache_ttl_minutes: Option<NonNegative>,
        /// TODO WebFetch.maxRedirects
        pub max_redirects: Option<Natural>,
        /// TODO WebFetch.userAgent
        pub user_agent: Option<String>,
        /// TODO WebFetch.readability
        pub readability: Option<bool>,
        /// TODO WebFetch.firecrawl
        pub firecrawl: Option<FirecrawlFetch>,
    }
}

shape! {
    /// TODO FirecrawlFetch
    #[derive(Default)]
    pub struct FirecrawlFetch {
        /// TODO FirecrawlFetch.enabled
        pub enabled: Option<bool>,
        /// TODO FirecrawlFetch.apiKey
        pub api_key: Option<SecretInput>,
        /// TODO FirecrawlFetch.baseUrl
        pub base_url: Option<String>,
        /// TODO FirecrawlFetch.onlyMainContent
        pub only_main_content: Option<bool>,
        /// TODO FirecrawlFetch.maxAgeMs
        pub max_age_ms: Option<Natural>,
        /// TODO FirecrawlFetch.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
    }
}

shape! {
    /// TODO XSearch
    #[derive(Default)]
    pub struct XSearch {
        /// TODO XSearch.enabled
        pub enabled: Option<bool>,
        /// TODO XSearch.model
        pub model: Option<String>,
        /// TODO XSearch.inlineCitations
        pub inline_citations: Option<bool>,
        /// TODO XSearch.maxTurns
        pub max_turns: Option<IntIn<{ -MAX_SAFE }>>,
        /// TODO XSearch.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO XSearch.cacheTtlMinutes
        pub cache_ttl_minutes: Option<NonNegative>,
    }
}
