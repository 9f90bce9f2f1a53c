//! Secrets and references to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape, text};
use super::value::Sensitive;

choice! {
    /// The kind of a secret from an environment variable.
    pub enum EnvSource {
        Env = "env",
    }
}

choice! {
    /// The kind of a secret from a file.
    pub enum FileSource {
        File = "file",
    }
}

choice! {
    /// The kind of a secret from a program.
    pub enum ExecSource {
        Exec = "exec",
    }
}

/// A secret: the text itself, or a reference to where it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("x-secret" = true))]
#[non_exhaustive]
pub enum SecretInput {
    /// The text itself; `${VAR}` stands for an environment variable.
    Text(Sensitive),
    /// Where it is kept.
    Ref(SecretRef),
}

/// A reference to where a secret is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("x-tag" = "source"))]
#[non_exhaustive]
pub enum SecretRef {
    /// An environment variable.
    Env(EnvSecretRef),
    /// A file of `secrets.providers`.
    File(FileSecretRef),
    /// A program of `secrets.providers`.
    Exec(ExecSecretRef),
}

shape! {
    /// A secret in an environment variable.
    pub struct EnvSecretRef {
        /// The kind: `env`.
        pub source: EnvSource,
        /// The provider of `secrets.providers`, or `default`.
        pub provider: SecretSource,
        /// The variable.
        pub id: EnvSecretId,
    }
}

shape! {
    /// A secret in a file.
    pub struct FileSecretRef {
        /// The kind: `file`.
        pub source: FileSource,
        /// The provider of `secrets.providers`, or `default`.
        pub provider: SecretSource,
        /// Where in the file.
        pub id: FileSecretId,
    }
}

shape! {
    /// A secret that a program prints.
    pub struct ExecSecretRef {
        /// The kind: `exec`.
        pub source: ExecSource,
        /// The provider of `secrets.providers`, or `default`.
        pub provider: SecretSource,
        /// Its name there.
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
