//! `claw`: ask a model, classify a failure, serve the embedded backend. The example application of `openclaw-core`.

mod ask;
mod auth;
mod chain;
mod classify;
mod config;
mod diagnosis;
mod doctor;
mod embedded;
mod log;
mod login;
mod logout;
mod page;
mod profiles;
mod render;
mod serve;
mod sign_in;
mod status;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use openclaw_core::Error;

use render::{Form, Screen, Style};
use status::Status;

/// Ask ChatGPT-plan and API-key models, and know why a call failed.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit status: 0 answer, 1 invalid configuration, 2 usage, 3 request or configuration fault, 4 sign-in needed, \
                                 5 provider or network refused or failed, 130 cancelled."
)]
struct Cli {
    /// Print what the library tells of its calls on stderr: one line for each decision and for each call that ended.
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t = log::LogForm::Off)]
    log: log::LogForm,
    /// How much of it.
    #[arg(long, global = true, value_enum, value_name = "LEVEL", default_value_t = log::LogLevel::Info)]
    log_level: log::LogLevel,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ask(ask::Ask),
    Auth(auth::Auth),
    Classify(classify::Classify),
    Config(config::Config),
    Doctor(doctor::Doctor),
    Login(sign_in::Login),
    Logout(logout::Logout),
    Profiles(profiles::Profiles),
    Serve(serve::Serve),
    #[command(name = "status")]
    Status(diagnosis::Diagnose),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    log::start(cli.log, cli.log_level);
    let (mut out, mut err) = (io::stdout(), log::stderr());
    let style = Style::of_process(out.is_terminal(), io::stderr().is_terminal() && cli.log != log::LogForm::Json);
    let mut screen = Screen::new(&mut out, &mut *err, style);
    let status = match cli.command {
        Command::Classify(command) => command.run(&mut screen, &mut io::stdin().lock()),
        Command::Auth(command) => command.run(&mut screen),
        Command::Config(command) => command.run(&mut screen, &mut io::stdin().lock()),
        Command::Doctor(command) => command.run(&mut screen),
        Command::Ask(command) => match command.prompt(&mut io::stdin().lock()) {
            Ok(prompt) => with_runtime(&mut screen, async |screen| command.run(&prompt, screen).await),
            Err(error) => screen.fail(&error, command.form(), &[]),
        },
        Command::Login(command) => with_runtime(&mut screen, async |screen| command.run(screen).await),
        Command::Logout(command) => with_runtime(&mut screen, async |screen| command.run(screen).await),
        Command::Profiles(command) => with_runtime(&mut screen, async |screen| command.run(screen).await),
        Command::Serve(command) => with_runtime(&mut screen, async |screen| command.run(screen).await),
        Command::Status(command) => with_runtime(&mut screen, async |screen| command.run(screen).await),
    };
    let _ = io::stdout().flush();
    status.into()
}

fn with_runtime(screen: &mut Screen<'_>, command: impl AsyncFnOnce(&mut Screen<'_>) -> Status) -> Status {
    // More than one thread: Ctrl-C must be seen while stdout blocks.
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            return screen.fail(&Error::config(format!("the async runtime does not start: {e}")), Form::Text, &[]);
        }
    };
    let status = runtime.block_on(command(screen));
    // A name lookup under way cannot be stopped; nobody waits for it.
    runtime.shutdown_background();
    status
}
