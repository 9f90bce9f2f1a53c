//! TODO file secret

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape, text};
use super::value::Sensitive;

choice! {
    /// TODO EnvSource
    pub enum EnvSource {
        Env = "env",
    }
}

choice! {
    /// TODO FileSource
    pub enum FileSource {
        File = "file",
    }
}

choice! {
    /// TODO ExecSource
    pub enum ExecSource {
        Exec = "exec",
    }
}

/// TODO SecretInput
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum SecretInput {
    /// TODO
    Text(Sensitive),
    /// TODO
    Ref(SecretRef),
}

/// TODO SecretRef
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("x-tag" = "source"))]
#[non_exhaustive]
pub enum SecretRef {
    /// TODO
    Env(EnvSecretRef),
    /// TODO
    File(FileSecretRef),
    /// TODO
    Exec(ExecSecretRef),
}

shape! {
    /// TODO EnvSecretRef
    pub struct EnvSecretRef {
        /// TODO EnvSecretRef.source
        pub source: EnvSource,
        /// TODO EnvSecretRef.provider
        pub provider: SecretSource,
        /// TODO EnvSecretRef.id
        pub id: EnvSecretId,
    }
}

shape! {
    /// TODO FileSecretRef
    pub struct FileSecretRef {
        /// TODO FileSecretRef.source
        pub source: FileSource,
        /// TODO FileSecretRef.provider
        pub provider: SecretSource,
        /// TODO FileSecretRef.id
        pub id: FileSecretId,
    }
}

shape! {
    /// TODO ExecSecretRef
    pub struct ExecSecretRef {
        /// TODO ExecSecretRef.source
        pub source: ExecSource,
        /// TODO ExecSecretRef.provider
        pub provider: SecretSource,
        /// TODO ExecSecretRef.id
        pub id: ExecSecretId,
    }
}

text! {
    /// The name of the secret provider that is asked: one of `secrets.providers`, or `default`.
    pub struct SecretSource checked by secret_source { "pattern": "^[a-z][a-z0-9_-]{0,63}$" }
}

text! {
    /// The environment variable that holds the secret.
    pub struct EnvSecretId checked by env_secret_id { "pattern": "^[A-Z][A-Z0-9_]{0,127}$" }
}

text! {
    /// Where the secret stands in its file: an absolute JSON pointer, or `value` for a file that holds nothing else.
    pub struct FileSecretId checked by file_secret_id { "pattern": "^(value|/([^~]|~[01])*)$" }
}

text! {
    /// The name by which the secret is asked for: letters, digits and `._:/-`, without the segments `.` and `..`.
    pub struct ExecSecretId checked by exec_secret_id { "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$" }
}
