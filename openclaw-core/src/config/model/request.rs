//! TODO file request

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::macros::{choice, shape};
use super::secret::SecretInput;
use super::value::{Map, NonEmpty};

shape! {
    /// TODO RequestOptions
    #[derive(Default)]
    pub struct RequestOptions {
        /// TODO RequestOptions.headers
        pub headers: Option<Map<SecretInput>>,
        /// TODO RequestOptions.auth
        pub auth: Option<RequestAuth>,
        /// TODO RequestOptions.proxy
        pub proxy: Option<RequestProxy>,
        /// TODO RequestOptions.tls
        pub tls: Option<TlsOptions>,
    }
}

/// TODO RequestAuth
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RequestAuth {
    /// TODO
    ProviderDefault(DefaultAuth),
    /// TODO
    Bearer(BearerAuth),
    /// TODO
    Header(HeaderAuth),
}

shape! {
    /// TODO DefaultAuth
    pub struct DefaultAuth {
        /// TODO DefaultAuth.mode
        pub mode: DefaultAuthMode,
    }
}

choice! {
    /// TODO DefaultAuthMode
    pub enum DefaultAuthMode {
        ProviderDefault = "provider-default",
    }
}

shape! {
    /// TODO BearerAuth
    pub struct BearerAuth {
        /// TODO BearerAuth.mode
        pub mode: BearerAuthMode,
        /// TODO BearerAuth.token
        pub token: SecretInput,
    }
}

choice! {
    /// TODO BearerAuthMode
    pub enum BearerAuthMode {
        AuthorizationBearer = "authorization-bearer",
    }
}

shape! {
    /// TODO HeaderAuth
    pub struct HeaderAuth {
        /// TODO HeaderAuth.mode
        pub mode: HeaderAuthMode,
        /// TODO HeaderAuth.headerName
        pub header_name: NonEmpty,
        /// TODO HeaderAuth.value
        pub value: SecretInput,
        /// TODO HeaderAuth.prefix
        pub prefix: Option<String>,
    }
}

choice! {
    /// TODO HeaderAuthMode
    pub enum HeaderAuthMode {
        Header = "header",
    }
}

/// TODO RequestProxy
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RequestProxy {
    /// TODO
    Env(EnvProxy),
    /// TODO
    Explicit(ExplicitProxy),
}

shape! {
    /// TODO EnvProxy
    pub struct EnvProxy {
        /// TODO EnvProxy.mode
        pub mode: EnvProxyMode,
        /// TODO EnvProxy.tls
        pub tls: Option<TlsOptions>,
    }
}

choice! {
    /// TODO EnvProxyMode
    pub enum EnvProxyMode {
        EnvProxy = "env-proxy",
    }
}

shape! {
    /// TODO TlsOptions
    #[derive(Default)]
    pub struct TlsOptions {
        /// TODO TlsOptions.ca
        pub ca: Option<SecretInput>,
        /// TODO TlsOptions.cert
        pub cert: Option<SecretInput>,
        /// TODO TlsOptions.key
        pub key: Option<SecretInput>,
        /// TODO TlsOptions.passphrase
        pub passphrase: Option<SecretInput>,
        /// TODO TlsOptions.serverName
        pub server_name: Option<String>,
        /// TODO TlsOptions.insecureSkipVerify
        pub insecure_skip_verify: Option<bool>,
    }
}

shape! {
    /// TODO ExplicitProxy
    pub struct ExplicitProxy {
        /// TODO ExplicitProxy.mode
        pub mode: ExplicitProxyMode,
        /// TODO ExplicitProxy.url
        pub url: NonEmpty,
        /// TODO ExplicitProxy.tls
        pub tls: Option<TlsOptions>,
    }
}

choice! {
    /// TODO ExplicitProxyMode
    pub enum ExplicitProxyMode {
        ExplicitProxy = "explicit-proxy",
    }
}
