//! `claw status`: what is wrong on this machine, and what helps.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use openclaw_core::diagnose::{Check, DiagnoseOptions, Diagnosis, diagnose, examine};

use crate::login::APPLICATION;
use crate::page::page;
use crate::render::{Form, Screen};
use crate::status::Status;

/// Show the configuration, every login with its true state, and the way to the providers; with --probe, ask the provider.
///
/// A probe sends one request each for the models, the use of the plan, and an answer of one word. It repeats nothing,
/// renews no login and changes no file. Exit status with --check: 0 something can be used, 1 nothing can, 2 a login ends
/// within 24 h and cannot be renewed; otherwise 0.
#[derive(Debug, Clone, Default, Args)]
pub struct Diagnose {
    /// Ask the provider, once each, and say from the answers what is wrong.
    #[arg(long)]
    probe: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Tell by the exit status whether something can be used.
    #[arg(long)]
    check: bool,
    /// The configuration [default: the one that OpenClaw uses].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The OpenClaw agent [default: main].
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Look for logins in this auth-profiles.json or auth.json only.
    #[arg(long, value_name = "FILE")]
    profile_file: Option<PathBuf>,
    /// The profile to ask with.
    #[arg(long, value_name = "ID")]
    profile: Option<String>,
    /// The model to ask, as provider/model or a short name [default: that of the configuration].
    #[arg(long)]
    model: Option<String>,
    /// The limit for each request of a probe, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
}

impl Diagnose {
    pub async fn run(&self, screen: &mut Screen<'_>) -> Status {
        self.run_with(self.options(), screen).await
    }

    /// The same with time and environment of a test.
    pub async fn run_with(&self, options: DiagnoseOptions, screen: &mut Screen<'_>) -> Status {
        let made = if self.probe { diagnose(&options).await } else { examine(&options) };
        match made {
            Ok(diagnosis) => self.show(&diagnosis, screen),
            Err(error) => screen.fail(&error, Form::of(self.json), &[]),
        }
    }

    pub fn options(&self) -> DiagnoseOptions {
        let mut options = DiagnoseOptions::default();
        options.config.clone_from(&self.config);
        options.agent.clone_from(&self.agent);
        options.profile_file.clone_from(&self.profile_file);
        options.profile.clone_from(&self.profile);
        options.model.clone_from(&self.model);
        options.timeout = Duration::from_secs(self.timeout.max(1));
        options.application = Some(APPLICATION.to_owned());
        options
    }

    fn show(&self, diagnosis: &Diagnosis, screen: &mut Screen<'_>) -> Status {
        let text = if self.json { diagnosis.to_json().to_string() } else { page(diagnosis, screen) };
        if let Err(error) = screen.painted_line(text.trim_end()) {
            return screen.output_lost(&error);
        }
        match (self.check, diagnosis.check) {
            (false, _) | (true, Check::Ok) => Status::Answer,
            (true, Check::ExpiresSoon) => Status::Unreadable,
            // And every check that a later version of the library adds.
            (true, _) => Status::Invalid,
        }
    }
}

#[cfg(test)]
#[path = "diagnosis_tests.rs"]
mod tests;
