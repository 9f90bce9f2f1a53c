//! TODO file logging

use super::macros::{choice, shape};
use super::number::Positive;

shape! {
    /// TODO Logging
    #[derive(Default)]
    pub struct Logging {
        /// TODO Logging.level
        pub level: Option<LogLevel>,
        /// TODO Logging.file
        pub file: Option<String>,
        /// TODO Logging.maxFileBytes
        pub max_file_bytes: Option<Positive>,
        /// TODO Logging.consoleLevel
        pub console_level: Option<LogLevel>,
        /// TODO Logging.consoleStyle
        pub console_style: Option<ConsoleStyle>,
        /// TODO Logging.redactSensitive
        pub redact_sensitive: Option<RedactSensitive>,
        /// TODO Logging.redactPatterns
        pub redact_patterns: Option<Vec<String>>,
    }
}

choice! {
    /// TODO LogLevel
    pub enum LogLevel {
        Silent = "silent",
        Fatal = "fatal",
        Error = "error",
        Warn = "warn",
        Info = "info",
        Debug = "debug",
        Trace = "trace",
    }
}

choice! {
    /// TODO ConsoleStyle
    pub enum ConsoleStyle {
        Pretty = "pretty",
        Compact = "compact",
        Json = "json",
    }
}

choice! {
    /// TODO RedactSensitive
    pub enum RedactSensitive {
        Off = "off",
        Tools = "tools",
    }
}
