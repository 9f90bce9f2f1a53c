//! TODO file diagnostics

use super::macros::{choice, shape};
use super::number::{Fraction, Natural, Positive};
use super::value::{Map, Sensitive};

shape! {
    /// TODO Diagnostics
    #[derive(Default)]
    pub struct Diagnostics {
        /// TODO Diagnostics.enabled
        pub enabled: Option<bool>,
        /// TODO Diagnostics.flags
        pub flags: Option<Vec<String>>,
        /// TODO Diagnostics.stuckSessionWarnMs
        pub stuck_session_warn_ms: Option<Positive>,
        /// TODO Diagnostics.otel
        pub otel: Option<OpenTelemetry>,
        /// TODO Diagnostics.cacheTrace
        pub cache_trace: Option<CacheTrace>,
    }
}

shape! {
    /// TODO OpenTelemetry
    #[derive(Default)]
    pub struct OpenTelemetry {
        /// TODO OpenTelemetry.enabled
        pub enabled: Option<bool>,
        /// TODO OpenTelemetry.endpoint
        pub endpoint: Option<String>,
        /// TODO OpenTelemetry.protocol
        pub protocol: Option<OtlpProtocol>,
        /// TODO OpenTelemetry.headers
        pub headers: Option<Map<Sensitive>>,
        /// TODO OpenTelemetry.serviceName
        pub service_name: Option<String>,
        /// TODO OpenTelemetry.traces
        pub traces: Option<bool>,
        /// TODO OpenTelemetry.metrics
        pub metrics: Option<bool>,
        /// TODO OpenTelemetry.logs
        pub logs: Option<bool>,
        /// TODO OpenTelemetry.sampleRate
        pub sample_rate: Option<Fraction>,
        /// TODO OpenTelemetry.flushIntervalMs
        pub flush_interval_ms: Option<Natural>,
    }
}

choice! {
    /// TODO OtlpProtocol
    pub enum OtlpProtocol {
        HttpProtobuf = "http/protobuf",
        Grpc = "grpc",
    }
}

shape! {
    /// TODO CacheTrace
    #[derive(Default)]
    pub struct CacheTrace {
        /// TODO CacheTrace.enabled
        pub enabled: Option<bool>,
        /// TODO CacheTrace.filePath
        pub file_path: Option<String>,
        /// TODO CacheTrace.includeMessages
        pub include_messages: Option<bool>,
        /// TODO CacheTrace.includePrompt
        pub include_prompt: Option<bool>,
        /// TODO CacheTrace.includeSystem
        pub include_system: Option<bool>,
    }
}
