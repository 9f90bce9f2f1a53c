//! Stand-ins for what other branches bring: delete this file and import the same names from `openclaw_core`.
#![allow(dead_code, clippy::unused_async)]

use std::net::SocketAddr;
use std::path::Path;

use openclaw_core::{Error, ErrorKind, Evidence, Result, Stage, classify};

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
