//! Section `diagnostics`: tracing, metrics and debug output.

use super::macros::{choice, shape};
use super::number::{Fraction, Natural, Positive};
use super::value::{Map, Sensitive};

shape! {
    /// Tracing, metrics and debug output.
    #[derive(Default)]
    pub struct Diagnostics {
        /// Whether diagnostics are on.
        pub enabled: Option<bool>,
        /// Names of single debug outputs, such as `telegram.*`.
        pub flags: Option<Vec<String>>,
        /// After how many milliseconds a session that does not move is warned of.
        pub stuck_session_warn_ms: Option<Positive>,
        /// Export by OpenTelemetry.
        pub otel: Option<OpenTelemetry>,
        /// A trace of what prompt caches see.
        pub cache_trace: Option<CacheTrace>,
    }
}

shape! {
    /// Export of traces, metrics and logs by OpenTelemetry.
    #[derive(Default)]
    pub struct OpenTelemetry {
        /// Whether anything is exported.
        pub enabled: Option<bool>,
        /// Address of the collector.
        pub endpoint: Option<String>,
        /// How the collector is spoken to.
        pub protocol: Option<OtlpProtocol>,
        /// Headers sent to the collector.
        pub headers: Option<Map<Sensitive>>,
        /// The name under which this program appears.
        pub service_name: Option<String>,
        /// Whether traces are exported.
        pub traces: Option<bool>,
        /// Whether metrics are exported.
        pub metrics: Option<bool>,
        /// Whether logs are exported.
        pub logs: Option<bool>,
        /// Share of the traces that is kept, 0 to 1.
        pub sample_rate: Option<Fraction>,
        /// Milliseconds between two exports.
        pub flush_interval_ms: Option<Natural>,
    }
}

choice! {
    /// How an OpenTelemetry collector is spoken to.
    pub enum OtlpProtocol {
        HttpProtobuf = "http/protobuf",
        Grpc = "grpc",
    }
}

shape! {
    /// A trace of what prompt caches see, for finding out why they miss.
    #[derive(Default)]
    pub struct CacheTrace {
        /// Whether the trace is written.
        pub enabled: Option<bool>,
        /// The file that it is written to.
        pub file_path: Option<String>,
        /// Whether it holds the messages.
        pub include_messages: Option<bool>,
        /// Whether it holds the prompt.
        pub include_prompt: Option<bool>,
        /// Whether it holds the system prompt.
        pub include_system: Option<bool>,
    }
}
