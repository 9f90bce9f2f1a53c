//! The loopback Codex server inside this process, for whoever has no login or wants none.

use std::net::SocketAddr;

use clap::builder::{PossibleValue, PossibleValuesParser};
use openclaw_core::Result;
use openclaw_core::auth::{AccessToken, LoginKind};
use openclaw_core::testing::{Scenario, TestServer, forged_token};

use crate::ask::Target;
use crate::login::{codex, fixed};

/// The running server. Dropping it ends it.
pub struct Embedded(TestServer);

impl Embedded {
    /// Starts it on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Those of the server's start.
    pub async fn start(scenario: Scenario) -> Result<Self> {
        Ok(Self(TestServer::builder().addr("127.0.0.1:0").scenario(scenario).start().await?))
    }

    pub fn address(&self) -> SocketAddr {
        self.0.addr()
    }

    /// A provider that asks it over real HTTP, with a forged token that nobody else would take.
    ///
    /// # Errors
    /// Those of the provider's builder.
    pub fn into_target(self) -> Result<Target> {
        let token = AccessToken::new(forged_token("embedded"));
        Ok(Target {
            provider: codex(fixed(token), Some(&self.0.codex_base_url()))?,
            kind: LoginKind::ChatGpt,
            login: "embedded".to_owned(),
            profile: None,
            sign_in: "this is what the scenario plays; leave --scenario out".to_owned(),
            embedded: Some(self),
            configured: false,
        })
    }
}

/// The names of the scenarios, for the command line.
pub fn scenario_names() -> PossibleValuesParser {
    let value = |scenario: &Scenario| PossibleValue::new(scenario.as_str()).help(scenario.description());
    PossibleValuesParser::new(Scenario::ALL.iter().map(value))
}

/// The scenario of a name that [`scenario_names`] let through.
pub fn scenario(name: Option<&String>) -> Option<Scenario> {
    Scenario::from_name(name?)
}
