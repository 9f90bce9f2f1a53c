//! Stand-ins for what other branches bring: delete this file and import the same names from `openclaw_core`.
#![allow(dead_code, clippy::unused_async)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use openclaw_core::auth::AccessToken;
use openclaw_core::{
    CallOptions, Capabilities, Error, ErrorKind, EventStream, Evidence, Provider, ProviderId, Request, Result, Stage,
    classify,
};

fn missing() -> Error {
    Error::config("not in this build yet")
}

pub fn classify_json_line(line: &str) -> Result<serde_json::Value> {
    let value: serde_json::Value =
        serde_json::from_str(line).map_err(|e| Error::new(ErrorKind::InvalidRequest, Stage::NotSent, e.to_string()))?;
    let mut out = classify(&Evidence::default()).to_json();
    out["id"] = value["id"].clone();
    Ok(out)
}

#[derive(Debug)]
struct NoProvider(ProviderId);

#[async_trait]
impl Provider for NoProvider {
    fn id(&self) -> &ProviderId {
        &self.0
    }
    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }
    async fn stream(&self, _: &Request, _: &CallOptions) -> Result<EventStream> {
        Err(missing())
    }
}

macro_rules! builder {
    ($provider:ident, $id:expr, $method:ident: $argument:ty) => {
        pub struct $provider;
        impl $provider {
            pub fn builder() -> Self {
                Self
            }
            pub fn $method(self, _: $argument) -> Self {
                self
            }
            pub fn base_url(self, _: impl Into<String>) -> Self {
                self
            }
            pub fn host_name(self, _: impl Into<String>) -> Self {
                self
            }
            pub fn build(self) -> Result<Arc<dyn Provider>> {
                Ok(Arc::new(NoProvider(ProviderId::new($id))))
            }
        }
    };
}
builder!(CodexProvider, ProviderId::CODEX, token: AccessToken);
builder!(OpenAiProvider, ProviderId::OPENAI, api_key: secrecy::SecretString);

pub mod testing {
    use super::*;

    #[derive(Debug, Clone, Copy)]
    pub struct Scenario(&'static str);
    impl Scenario {
        pub const ALL: &'static [Self] = &[Self("plain"), Self("challenge")];
        pub fn as_str(self) -> &'static str {
            self.0
        }
        pub fn description(self) -> &'static str {
            self.0
        }
        pub fn from_name(name: &str) -> Option<Self> {
            Self::ALL.iter().copied().find(|scenario| scenario.0 == name)
        }
    }
    pub struct Script;
    impl Script {
        pub fn load(_: &Path) -> Result<Self> {
            Err(missing())
        }
    }
    pub struct TestServer;
    impl TestServer {
        pub fn builder() -> Self {
            Self
        }
        pub fn addr(self, _: impl Into<String>) -> Self {
            self
        }
        pub fn scenario(self, _: Scenario) -> Self {
            self
        }
        pub fn script(self, _: Script) -> Self {
            self
        }
        pub fn record_to(self, _: &Path) -> Self {
            self
        }
        pub async fn start(self) -> Result<Server> {
            Err(missing())
        }
    }
    pub struct Server;
    impl Server {
        pub fn addr(&self) -> SocketAddr {
            ([127, 0, 0, 1], 0).into()
        }
        pub fn codex_base_url(&self) -> String {
            String::new()
        }
    }
    pub fn forged_token(_: &str) -> String {
        String::new()
    }
}
