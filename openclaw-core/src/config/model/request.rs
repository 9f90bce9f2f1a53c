//! Headers, sign-in, proxy and TLS of HTTP calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::secret::SecretInput;
use super::value::{Map, NonEmpty};

shape! {
    /// Headers, sign-in, proxy and TLS of HTTP calls.
    #[derive(Default)]
    pub struct RequestOptions {
        /// Headers of every call.
        pub headers: Option<Map<SecretInput>>,
        /// How calls sign in.
        pub auth: Option<RequestAuth>,
        /// The proxy that calls go through.
        pub proxy: Option<RequestProxy>,
        /// TLS of calls.
        pub tls: Option<TlsOptions>,
    }
}

/// How HTTP calls sign in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RequestAuth {
    /// As the provider does by itself.
    ProviderDefault(DefaultAuth),
    /// With a bearer token.
    Bearer(BearerAuth),
    /// With a header.
    Header(HeaderAuth),
}

shape! {
    /// Sign-in as the provider does it by itself.
    pub struct DefaultAuth {
        /// The kind: `provider-default`.
        pub mode: DefaultAuthMode,
    }
}

choice! {
    /// The kind of `provider-default` sign-in.
    pub enum DefaultAuthMode {
        ProviderDefault = "provider-default",
    }
}

shape! {
    /// Sign-in with `Authorization: Bearer`.
    pub struct BearerAuth {
        /// The kind: `authorization-bearer`.
        pub mode: BearerAuthMode,
        /// The token.
        pub token: SecretInput,
    }
}

choice! {
    /// The kind of bearer sign-in.
    pub enum BearerAuthMode {
        AuthorizationBearer = "authorization-bearer",
    }
}

shape! {
    /// Sign-in with a header.
    pub struct HeaderAuth {
        /// The kind: `header`.
        pub mode: HeaderAuthMode,
        /// The name of the header.
        pub header_name: NonEmpty,
        /// Its value.
        pub value: SecretInput,
        /// What stands before the value.
        pub prefix: Option<String>,
    }
}

choice! {
    /// The kind of sign-in by header.
    pub enum HeaderAuthMode {
        Header = "header",
    }
}

/// The proxy that HTTP calls go through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RequestProxy {
    /// The one that the environment names.
    Env(EnvProxy),
    /// This one.
    Explicit(ExplicitProxy),
}

shape! {
    /// The proxy that the environment names (`HTTPS_PROXY`).
    pub struct EnvProxy {
        /// The kind: `env-proxy`.
        pub mode: EnvProxyMode,
        /// TLS of the connection to the proxy.
        pub tls: Option<TlsOptions>,
    }
}

choice! {
    /// The kind of a proxy that the environment names.
    pub enum EnvProxyMode {
        EnvProxy = "env-proxy",
    }
}

shape! {
    /// TLS of a connection.
    #[derive(Default)]
    pub struct TlsOptions {
        /// Certificate authority that is trusted (PEM).
        pub ca: Option<SecretInput>,
        /// Own certificate (PEM).
        pub cert: Option<SecretInput>,
        /// Own private key (PEM).
        pub key: Option<SecretInput>,
        /// Passphrase of the private key.
        pub passphrase: Option<SecretInput>,
        /// The name that the certificate must have.
        pub server_name: Option<String>,
        /// Whether the certificate is not checked at all.
        pub insecure_skip_verify: Option<bool>,
    }
}

shape! {
    /// A proxy by its address.
    pub struct ExplicitProxy {
        /// The kind: `explicit-proxy`.
        pub mode: ExplicitProxyMode,
        /// Its address.
        pub url: NonEmpty,
        /// TLS of the connection to the proxy.
        pub tls: Option<TlsOptions>,
    }
}

choice! {
    /// The kind of a proxy with an address.
    pub enum ExplicitProxyMode {
        ExplicitProxy = "explicit-proxy",
    }
}
