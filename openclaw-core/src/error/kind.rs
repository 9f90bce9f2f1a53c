//! The words of an error: what happened, how far the call got, what helps. Stable strings, one table each.

use serde::{Deserialize, Serialize};

/// Writes an enum of unit variants whose stable names stand in one table.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The stable name, equal in Rust, Python, C, JSON and logs.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// The value with this stable name, if there is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What happened. The list grows; a kind never changes its meaning.
    ErrorKind {
        /// A bot challenge, firewall or block page of a network in front of the provider. Never a fault of the login.
        EdgeBlocked = "edge_blocked",
        /// A proxy, captive portal or web filter between us and the provider answered.
        Proxy = "proxy",
        /// The host name could not be resolved.
        Dns = "dns",
        /// The host was not reached, or the connection broke before an answer.
        Connect = "connect",
        /// A time limit passed: ours (see the message for which), or one that the provider reports.
        Timeout = "timeout",
        /// Certificate or handshake.
        Tls = "tls",
        /// The token expired or was withdrawn; a refresh or a new sign-in replaces it.
        AuthExpired = "auth_expired",
        /// The credential is wrong, revoked or missing, or the account is deactivated.
        AuthInvalid = "auth_invalid",
        /// Permission, scope, region or workspace policy.
        Forbidden = "forbidden",
        /// Too many requests or tokens for now.
        RateLimited = "rate_limited",
        /// The window of the plan is used up until `resets_at`.
        UsageLimit = "usage_limit",
        /// No credit, or the plan does not include this.
        Billing = "billing",
        /// The provider has no capacity for the moment.
        Overloaded = "overloaded",
        /// The provider, or a machine in front of it, broke.
        ServerError = "server_error",
        /// The request does not fit the model's context.
        ContextOverflow = "context_overflow",
        /// The request itself is wrong.
        InvalidRequest = "invalid_request",
        /// The model is unknown, retired, or not open to this account.
        ModelNotFound = "model_not_found",
        /// A content rule of the provider refused the request or the answer.
        ContentPolicy = "content_policy",
        /// The answer stopped before its end.
        StreamTruncated = "stream_truncated",
        /// The call was cancelled.
        Cancelled = "cancelled",
        /// A setting of the host or of a configuration file is wrong.
        Config = "config",
        /// A credential or configuration store could not be read or written.
        Store = "store",
        /// The evidence names no cause.
        Unknown = "unknown",
    }
}

words! {
    /// How far the call got. Decides whether repeating it can cost or duplicate anything.
    Stage {
        /// The request did not leave this machine.
        NotSent = "not_sent",
        /// The request may have reached the provider, no answer came: it may have been billed.
        MaybeSent = "maybe_sent",
        /// The provider, or something before it, answered; no output began.
        Responded = "responded",
        /// Output had begun: the call must not be repeated.
        Streaming = "streaming",
    }
}

words! {
    /// What helps.
    Advice {
        /// The same call again, after the delay if one is named.
        Retry = "retry",
        /// The same call later: see `retry_after` and `resets_at`.
        Wait = "wait",
        /// Refresh the login once, then the same call again.
        Refresh = "refresh",
        /// A person must sign in (or put a valid key in place).
        SignIn = "sign_in",
        /// Another account may do it.
        OtherProfile = "other_profile",
        /// Another provider or endpoint may do it; another profile of this one will not.
        OtherProvider = "other_provider",
        /// Change the request.
        FixRequest = "fix_request",
        /// Change the network: proxy, certificates, VPN.
        FixNetwork = "fix_network",
        /// Change the configuration.
        FixConfig = "fix_config",
        /// Nothing is known to help.
        None = "none",
    }
}

impl Advice {
    /// Whether the same call can succeed later: at once, or after the delay that is named.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Retry | Self::Wait)
    }
}

impl ErrorKind {
    /// The advice that this kind carries when nothing more exact is known.
    pub const fn advice(self, stage: Stage) -> Advice {
        match self {
            Self::EdgeBlocked => Advice::OtherProvider,
            Self::Proxy | Self::Tls => Advice::FixNetwork,
            Self::Dns | Self::Connect => match stage {
                Stage::Streaming => Advice::OtherProvider,
                _ => Advice::Retry,
            },
            // Anything later may have been billed.
            Self::Timeout => match stage {
                Stage::NotSent => Advice::Retry,
                _ => Advice::OtherProvider,
            },
            Self::AuthExpired => Advice::Refresh,
            Self::AuthInvalid => Advice::SignIn,
            Self::Forbidden | Self::Billing => Advice::OtherProfile,
            Self::RateLimited | Self::UsageLimit => Advice::Wait,
            Self::Overloaded | Self::ServerError | Self::StreamTruncated => match stage {
                Stage::Streaming => Advice::OtherProvider,
                _ => Advice::Retry,
            },
            Self::ContextOverflow | Self::InvalidRequest | Self::ModelNotFound | Self::ContentPolicy => {
                Advice::FixRequest
            }
            Self::Config | Self::Store => Advice::FixConfig,
            Self::Cancelled | Self::Unknown => Advice::None,
        }
    }
}
