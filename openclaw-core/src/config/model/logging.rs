//! Section `logging`: the log.

use super::macros::{choice, shape};
use super::number::Positive;

shape! {
    /// The log.
    #[derive(Default)]
    pub struct Logging {
        /// The least severe level that is written to the file.
        pub level: Option<LogLevel>,
        /// The file.
        pub file: Option<String>,
        /// Bytes after which a new file is begun.
        pub max_file_bytes: Option<Positive>,
        /// The least severe level that is shown on the console.
        pub console_level: Option<LogLevel>,
        /// How lines look on the console.
        pub console_style: Option<ConsoleStyle>,
        /// Where secrets are blotted out. Default `tools`.
        pub redact_sensitive: Option<RedactSensitive>,
        /// Regular expressions of further texts to blot out.
        pub redact_patterns: Option<Vec<String>>,
    }
}

choice! {
    /// Severity of a line of the log.
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
    /// How lines of the log look on the console.
    pub enum ConsoleStyle {
        Pretty = "pretty",
        Compact = "compact",
        Json = "json",
    }
}

choice! {
    /// Where secrets are blotted out of the log.
    pub enum RedactSensitive {
        Off = "off",
        Tools = "tools",
    }
}
