//! Tools for the web.

use super::macros::{choice, shape};
use super::number::{IntIn, MAX_SAFE, Natural, NonNegative, Positive};
use super::secret::SecretInput;

shape! {
    /// Tools for the web.
    #[derive(Default)]
    pub struct WebTools {
        /// Search.
        pub search: Option<WebSearch>,
        /// Fetching pages.
        pub fetch: Option<WebFetch>,
        /// Search on X.
        #[serde(rename = "x_search")]
        pub x_search: Option<XSearch>,
    }
}

shape! {
    /// Search in the web.
    #[derive(Default)]
    pub struct WebSearch {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Who searches, such as `brave`.
        pub provider: Option<String>,
        /// Hits, at most.
        pub max_results: Option<Positive>,
        /// Seconds of a search, at most.
        pub timeout_seconds: Option<Positive>,
        /// Minutes for which hits are kept.
        pub cache_ttl_minutes: Option<NonNegative>,
        /// No longer used here: OpenClaw refuses it. Use `plugins.entries.<plugin>.config.webSearch.apiKey`.
        pub api_key: Option<SecretInput>,
        /// The search that Codex models have themselves.
        pub openai_codex: Option<CodexWebSearch>,
    }
}

shape! {
    /// The search that Codex models have themselves.
    #[derive(Default)]
    pub struct CodexWebSearch {
        /// Whether it is used.
        pub enabled: Option<bool>,
        /// Whether it looks at the live web.
        pub mode: Option<WebSearchMode>,
        /// The only domains that are searched.
        pub allowed_domains: Option<Vec<String>>,
        /// How much of the pages is read.
        pub context_size: Option<SearchContextSize>,
        /// Where the person is, for local hits.
        pub user_location: Option<UserLocation>,
    }
}

choice! {
    /// Whether a search looks at the live web.
    pub enum WebSearchMode {
        Cached = "cached",
        Live = "live",
    }
}

choice! {
    /// How much of the pages is read.
    pub enum SearchContextSize {
        Low = "low",
        Medium = "medium",
        High = "high",
    }
}

shape! {
    /// Where the person is.
    #[derive(Default)]
    pub struct UserLocation {
        /// Country, two letters.
        pub country: Option<String>,
        /// Region.
        pub region: Option<String>,
        /// City.
        pub city: Option<String>,
        /// Time zone, an IANA name.
        pub timezone: Option<String>,
    }
}

shape! {
    /// Fetching pages.
    #[derive(Default)]
    pub struct WebFetch {
        /// Whether there is a tool for it.
        pub enabled: Option<bool>,
        /// Who fetches.
        pub provider: Option<String>,
        /// Characters of a page that are returned.
        pub max_chars: Option<Positive>,
        /// The most that a call may ask for.
        pub max_chars_cap: Option<Positive>,
        /// Bytes of a page, at most.
        pub max_response_bytes: Option<Positive>,
        /// Seconds of a fetch, at most.
        pub timeout_seconds: Option<Positive>,
        /// Minutes for which pages are kept.
        pub cache_ttl_minutes: Option<NonNegative>,
        /// Redirects, at most.
        pub max_redirects: Option<Natural>,
        /// The `User-Agent` that is sent.
        pub user_agent: Option<String>,
        /// Whether only the main text is returned.
        pub readability: Option<bool>,
        /// Fetching by Firecrawl.
        pub firecrawl: Option<FirecrawlFetch>,
    }
}

shape! {
    /// Fetching by Firecrawl.
    #[derive(Default)]
    pub struct FirecrawlFetch {
        /// Whether it is used.
        pub enabled: Option<bool>,
        /// Its key.
        pub api_key: Option<SecretInput>,
        /// Its base address.
        pub base_url: Option<String>,
        /// Whether only the main text is returned.
        pub only_main_content: Option<bool>,
        /// Milliseconds for which its own copy is good enough.
        pub max_age_ms: Option<Natural>,
        /// Seconds of a fetch, at most.
        pub timeout_seconds: Option<Positive>,
    }
}

shape! {
    /// Search on X by xAI.
    #[derive(Default)]
    pub struct XSearch {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// The model that searches.
        pub model: Option<String>,
        /// Whether sources stand in the text.
        pub inline_citations: Option<bool>,
        /// Steps of a search, at most.
        pub max_turns: Option<IntIn<{ -MAX_SAFE }>>,
        /// Seconds of a search, at most.
        pub timeout_seconds: Option<Positive>,
        /// Minutes for which hits are kept.
        pub cache_ttl_minutes: Option<NonNegative>,
    }
}
