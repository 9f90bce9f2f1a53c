//! `claw serve`: the embedded Codex backend, for tests of other programs.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use openclaw_core::testing::{IssuerFault, TestServer};
use openclaw_core::{Error, Result};

use crate::embedded::{scenario, scenario_names};
use crate::render::{Form, Screen};
use crate::status::Status;

/// Serve the embedded Codex backend until Ctrl-C.
///
/// It checks requests as the real backend does and answers from a script or a scenario; no model is called. Give a
/// login with any well-formed token: claw ask --profile-file FILE --base-url URL "hi".
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 is any free port.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    addr: String,
    /// What to play.
    #[arg(long, value_name = "NAME", value_parser = scenario_names())]
    scenario: Option<String>,
    /// What to play, byte by byte: a file with a script. The scenario answers what the script does not.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Let this go wrong at the login server, every time.
    #[arg(long, value_name = "NAME", value_parser = fault_names())]
    sign_in_fault: Option<String>,
    /// Append every request to this file, as lines of JSON without secrets.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Serve {
    pub async fn run(&self, screen: &mut Screen<'_>) -> Status {
        let server = match self.start().await {
            Ok(server) => server,
            Err(error) => return screen.fail(&error, Form::Text, &[]),
        };
        // A script that has read the address may close the pipe; the server is there to serve.
        let _ = screen.line(&format!(
            "listening on http://{}\nbase URL {}\nbase URL for API keys {}\nlogin server: claw login --issuer {}",
            server.addr(),
            server.codex_base_url(),
            server.platform_base_url(),
            server.issuer_url()
        ));
        match tokio::signal::ctrl_c().await {
            Ok(()) => Status::Answer,
            Err(e) => screen.fail(&Error::config(format!("Ctrl-C cannot be waited for: {e}")), Form::Text, &[]),
        }
    }

    async fn start(&self) -> Result<TestServer> {
        let mut server = TestServer::builder().addr(&self.addr);
        if let Some(scenario) = scenario(self.scenario.as_ref()) {
            server = server.scenario(scenario);
        }
        if let Some(path) = &self.script {
            server = server.script_file(path);
        }
        if let Some(path) = &self.record {
            server = server.record_to(path);
        }
        let server = server.start().await?;
        if let Some(fault) = self.sign_in_fault.as_deref().and_then(IssuerFault::from_name) {
            server.fail_sign_in(fault, u32::MAX);
        }
        Ok(server)
    }
}

fn fault_names() -> PossibleValuesParser {
    PossibleValuesParser::new(IssuerFault::ALL.iter().map(|fault| fault.as_str()))
}
