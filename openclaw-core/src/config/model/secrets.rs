//! Section `secrets`: where references are looked up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape, text};
use super::number::Positive;
use super::secret::{EnvSource, ExecSource, FileSource};
use super::value::{EnvName, List, Map, NonEmpty, Sensitive, Text1024};

shape! {
    /// Where secret references are looked up.
    #[derive(Default)]
    pub struct Secrets {
        /// Secret providers by name.
        pub providers: Option<Map<SecretProvider>>,
        /// The provider of each kind that a reference without a name means.
        pub defaults: Option<SecretDefaults>,
        /// Limits of looking up.
        pub resolution: Option<SecretResolution>,
    }
}

/// A place from which secrets come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("x-tag" = "source"))]
#[non_exhaustive]
pub enum SecretProvider {
    /// Environment variables.
    Env(EnvSecretProvider),
    /// A file.
    File(FileSecretProvider),
    /// A program that prints them.
    Exec(ExecSecretProvider),
}

shape! {
    /// Secrets from environment variables.
    pub struct EnvSecretProvider {
        /// The kind: `env`.
        pub source: EnvSource,
        /// The only variables that may be asked for.
        pub allowlist: Option<List<EnvName, 0, 256>>,
    }
}

shape! {
    /// Secrets from a file.
    pub struct FileSecretProvider {
        /// The kind: `file`.
        pub source: FileSource,
        /// The file.
        pub path: NonEmpty,
        /// Whether it holds one secret or a JSON document of many.
        pub mode: Option<SecretFileMode>,
        /// Milliseconds for reading it.
        pub timeout_ms: Option<Positive<120000>>,
        /// The most bytes that are read.
        pub max_bytes: Option<Positive<20971520>>,
    }
}

choice! {
    /// What a file of secrets holds.
    pub enum SecretFileMode {
        SingleValue = "singleValue",
        Json = "json",
    }
}

shape! {
    /// Secrets that a program prints.
    pub struct ExecSecretProvider {
        /// The kind: `exec`.
        pub source: ExecSource,
        /// Absolute path of the program.
        pub command: ExecutablePath,
        /// Its arguments.
        pub args: Option<List<Text1024, 0, 128>>,
        /// Milliseconds that it may take in all.
        pub timeout_ms: Option<Positive<120000>>,
        /// Milliseconds that it may be silent.
        pub no_output_timeout_ms: Option<Positive<120000>>,
        /// The most bytes that it may print.
        pub max_output_bytes: Option<Positive<20971520>>,
        /// Whether anything but JSON is refused.
        pub json_only: Option<bool>,
        /// Environment variables that are set for it.
        pub env: Option<Map<Sensitive>>,
        /// Environment variables that are passed on to it.
        pub pass_env: Option<List<EnvName, 0, 128>>,
        /// Folders in which the program must lie.
        pub trusted_dirs: Option<List<AbsolutePath, 0, 64>>,
        /// Whether a program that others may write to is run nevertheless.
        pub allow_insecure_path: Option<bool>,
        /// Whether the path may be a symbolic link.
        pub allow_symlink_command: Option<bool>,
    }
}

shape! {
    /// The provider of each kind that a reference to `default` means.
    #[derive(Default)]
    pub struct SecretDefaults {
        /// For `env`.
        pub env: Option<SourceAlias>,
        /// For `file`.
        pub file: Option<SourceAlias>,
        /// For `exec`.
        pub exec: Option<SourceAlias>,
    }
}

shape! {
    /// Limits of looking up secrets.
    #[derive(Default)]
    pub struct SecretResolution {
        /// Providers that are asked at once.
        pub max_provider_concurrency: Option<Positive<16>>,
        /// Secrets that one provider is asked for.
        pub max_refs_per_provider: Option<Positive<4096>>,
        /// Bytes of one question to a provider.
        pub max_batch_bytes: Option<Positive<5242880>>,
    }
}

text! {
    /// The absolute path of a program, without shell characters.
    pub struct ExecutablePath checked by executable_path { "minLength": 1 }
}

text! {
    /// An absolute path: POSIX, a Windows drive, or a network share.
    pub struct AbsolutePath checked by absolute_path { "minLength": 1 }
}

text! {
    /// The name of a secret provider.
    pub struct SourceAlias checked by source_alias { "pattern": "^[a-z][a-z0-9_-]{0,63}$" }
}
