//! Named situations that the server plays.

use serde::{Deserialize, Serialize};

crate::error::words! {
    /// A situation that the server plays for every call of a model.
    Scenario {
        /// A whole answer: reasoning, text, usage, limits. The text says that no model was called.
        Plain = "plain",
        /// A call of the first tool of the request (`get_time` without tools); a text once the input has its result.
        ToolCall = "tool_call",
        /// 429: the window of the plan is used up, and opens again in the future.
        UsageLimit = "usage_limit",
        /// 503 `server_is_overloaded`, every time.
        Overloaded = "overloaded",
        /// The stream fails with `context_length_exceeded` before any output.
        ContextOverflow = "context_overflow",
        /// The connection closes in the middle of the text.
        Truncated = "truncated",
        /// Some text, and then nothing, for ever.
        Stall = "stall",
        /// Cloudflare's bot challenge (403, HTML); model lists and usage still answer.
        Challenge = "challenge",
        /// Cloudflare's firewall page (403, HTML); model lists and usage still answer.
        Waf = "waf",
        /// 200 with the login form of a guest network, whatever is asked.
        CaptivePortal = "captive_portal",
        /// The plain answer, one word every 120 ms.
        Slow = "slow",
    }
}

impl Scenario {
    /// One line for a person.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Plain => "a whole answer with reasoning, text, usage and limits",
            Self::ToolCall => "a call of the request's first tool; a text once its result is in the input",
            Self::UsageLimit => "429: the window of the plan is used up",
            Self::Overloaded => "503 server_is_overloaded, every time",
            Self::ContextOverflow => "the stream fails with context_length_exceeded before any output",
            Self::Truncated => "the connection closes in the middle of the text",
            Self::Stall => "some text, and then nothing",
            Self::Challenge => "Cloudflare's bot challenge in front of the calls",
            Self::Waf => "Cloudflare's firewall page in front of the calls",
            Self::CaptivePortal => "the login form of a guest network, whatever is asked",
            Self::Slow => "the plain answer, one word every 120 ms",
        }
    }
}
