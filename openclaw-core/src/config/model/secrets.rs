//! TODO file secrets

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape, text};
use super::number::Positive;
use super::secret::{EnvSource, ExecSource, FileSource};
use super::value::{EnvName, List, Map, NonEmpty, Sensitive, Text1024};

shape! {
    /// TODO Secrets
    #[derive(Default)]
    pub struct Secrets {
        /// TODO Secrets.providers
        pub providers: Option<Map<SecretProvider>>,
        /// TODO Secrets.defaults
        pub defaults: Option<SecretDefaults>,
        /// TODO Secrets.resolution
        pub resolution: Option<SecretResolution>,
    }
}

/// TODO SecretProvider
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("x-tag" = "source"))]
#[non_exhaustive]
pub enum SecretProvider {
    /// TODO
    Env(EnvSecretProvider),
    /// TODO
    File(FileSecretProvider),
    /// TODO
    Exec(ExecSecretProvider),
}

shape! {
    /// TODO EnvSecretProvider
    pub struct EnvSecretProvider {
        /// TODO EnvSecretProvider.source
        pub source: EnvSource,
        /// TODO EnvSecretProvider.allowlist
        pub allowlist: Option<List<EnvName, 0, 256>>,
    }
}

shape! {
    /// TODO FileSecretProvider
    pub struct FileSecretProvider {
        /// TODO FileSecretProvider.source
        pub source: FileSource,
        /// TODO FileSecretProvider.path
        pub path: NonEmpty,
        /// TODO FileSecretProvider.mode
        pub mode: Option<SecretFileMode>,
        /// TODO FileSecretProvider.timeoutMs
        pub timeout_ms: Option<Positive<120000>>,
        /// TODO FileSecretProvider.maxBytes
        pub max_bytes: Option<Positive<20971520>>,
    }
}

choice! {
    /// TODO SecretFileMode
    pub enum SecretFileMode {
        SingleValue = "singleValue",
        Json = "json",
    }
}

shape! {
    /// TODO ExecSecretProvider
    pub struct ExecSecretProvider {
        /// TODO ExecSecretProvider.source
        pub source: ExecSource,
        /// TODO ExecSecretProvider.command
        pub command: ExecutablePath,
        /// TODO ExecSecretProvider.args
        pub args: Option<List<Text1024, 0, 128>>,
        /// TODO ExecSecretProvider.timeoutMs
        pub timeout_ms: Option<Positive<120000>>,
        /// TODO ExecSecretProvider.noOutputTimeoutMs
        pub no_output_timeout_ms: Option<Positive<120000>>,
        /// TODO ExecSecretProvider.maxOutputBytes
        pub max_output_bytes: Option<Positive<20971520>>,
        /// TODO ExecSecretProvider.jsonOnly
        pub json_only: Option<bool>,
        /// TODO ExecSecretProvider.env
        pub env: Option<Map<Sensitive>>,
        /// TODO ExecSecretProvider.passEnv
        pub pass_env: Option<List<EnvName, 0, 128>>,
        /// TODO ExecSecretProvider.trustedDirs
        pub trusted_dirs: Option<List<AbsolutePath, 0, 64>>,
        /// TODO ExecSecretProvider.allowInsecurePath
        pub allow_insecure_path: Option<bool>,
        /// TODO ExecSecretProvider.allowSymlinkCommand
        pub allow_symlink_command: Option<bool>,
    }
}

shape! {
    /// TODO SecretDefaults
    #[derive(Default)]
    pub struct SecretDefaults {
        /// TODO SecretDefaults.env
        pub env: Option<SourceAlias>,
        /// TODO SecretDefaults.file
        pub file: Option<SourceAlias>,
        /// TODO SecretDefaults.exec
        pub exec: Option<SourceAlias>,
    }
}

shape! {
    /// TODO SecretResolution
    #[derive(Default)]
    pub struct SecretResolution {
        /// TODO SecretResolution.maxProviderConcurrency
        pub max_provider_concurrency: Option<Positive<16>>,
        /// TODO SecretResolution.maxRefsPerProvider
        pub max_refs_per_provider: Option<Positive<4096>>,
        /// TODO SecretResolution.maxBatchBytes
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
