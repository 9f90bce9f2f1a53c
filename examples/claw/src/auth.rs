//! `claw auth`: what the files of logins look like.

use clap::{Args, Subcommand};
use openclaw_core::auth::schema;

use crate::render::Screen;
use crate::status::Status;

/// About the files that hold logins.
#[derive(Debug, Args)]
pub struct Auth {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the JSON Schema of auth-profiles.json (draft 2020-12).
    Schema,
}

impl Auth {
    pub fn run(&self, screen: &mut Screen<'_>) -> Status {
        let Command::Schema = self.command;
        match screen.line(&format!("{:#}", schema())) {
            Ok(()) => Status::Answer,
            Err(error) => screen.output_lost(&error),
        }
    }
}
