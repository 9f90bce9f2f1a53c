//! `claw login`: one login, stored once, whatever it was called before.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::{Args, ValueEnum};
use openclaw_core::auth::oauth::{
    DeviceCode, Issuer, SignInMethod, SignInPrompt, SignInRequest, SignInStep, TokenEndpoint,
};
use openclaw_core::auth::{Environment, LoginStore, StoredLogin};
use openclaw_core::{Error, ErrorKind, ProviderId, Result};
use secrecy::SecretString;

use crate::log;
use crate::login::APPLICATION;
use crate::render::{Form, Screen, visible};
use crate::status::Status;

/// Sign in with ChatGPT and store the login. Signing in again replaces the login of the same person and keeps others.
///
/// Proxies and extra certificates are taken from the environment (HTTPS_PROXY, CODEX_CA_CERTIFICATE, SSL_CERT_FILE).
#[derive(Debug, Args)]
pub struct Login {
    /// How: a browser that comes back to this machine, a pasted address (SSH, containers), or a code that is typed on any
    /// device.
    #[arg(long, value_enum, default_value = "browser")]
    method: Method,
    /// What for: the Codex backend, or the platform API by plan sharing ("Sign in with ChatGPT").
    #[arg(long, value_enum, default_value = "openai-codex")]
    provider: Provider,
    /// The login server [default: https://auth.openai.com].
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Do not open a browser; print the address only.
    #[arg(long)]
    no_open: bool,
    /// Where the browser comes back to; 0 is any port. OpenAI's login server knows 1455 and 1457 only.
    #[arg(long, value_name = "PORT")]
    callback_port: Option<u16>,
}

/// Where logins are stored.
#[derive(Debug, Args)]
pub struct Place {
    /// The auth-profiles.json, or the folder of OpenClaw [default: that of the agent].
    #[arg(long, value_name = "FILE", global = true)]
    profile_file: Option<PathBuf>,
    /// The OpenClaw agent [default: main].
    #[arg(long, value_name = "ID", global = true)]
    agent: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    Browser,
    Paste,
    Device,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Provider {
    OpenaiCodex,
    Openai,
}

impl Place {
    /// The store, and what is done with it.
    ///
    /// # Errors
    /// Those of [`LoginStore::open`].
    pub fn logins(&self) -> Result<LoginStore> {
        // An agent that is named beside a file is no matter here: the file is meant.
        let agent = self.agent.as_deref().filter(|_| self.profile_file.is_none());
        LoginStore::open(self.profile_file.as_deref(), agent, &Environment::default())
    }
}

impl Login {
    pub async fn run(&self, screen: &mut Screen<'_>) -> Status {
        let done = tokio::select! {
            done = self.sign_in() => done,
            _ = tokio::signal::ctrl_c() => {
                screen.say("cancelled: nothing was stored");
                return Status::Cancelled;
            }
        };
        match done {
            Ok(done) => {
                let told = signed_in(&done).iter().try_for_each(|line| screen.line(line));
                done.notes.iter().for_each(|note| screen.note("note", note));
                match told {
                    Ok(()) => Status::Answer,
                    Err(error) => screen.output_lost(&error),
                }
            }
            Err(error) => screen.fail(&error, Form::Text, &self.next_steps(&error)),
        }
    }

    async fn sign_in(&self) -> Result<StoredLogin> {
        let logins = self.place.logins()?;
        let endpoint = endpoint(self.issuer.as_deref())?;
        let terminal = io::stdin().is_terminal();
        let opens = !self.no_open && has_browser();
        if self.method == Method::Browser && !terminal && !opens && !self.no_open {
            return Err(Error::config(
                "there is neither a browser to open nor a terminal to paste into: use --method device, or --no-open and open the address yourself",
            ));
        }
        let prompt = Person {
            opens: opens && self.method == Method::Browser,
            terminal,
            only_pastes: self.method == Method::Paste,
        };
        logins.sign_in(&self.request(), &endpoint, &prompt).await
    }

    fn request(&self) -> SignInRequest {
        let mut request = SignInRequest::new(match self.method {
            Method::Browser => SignInMethod::Browser,
            Method::Paste => SignInMethod::Paste,
            Method::Device => SignInMethod::Device,
        });
        if self.provider == Provider::Openai {
            request.provider = ProviderId::new(ProviderId::OPENAI);
        }
        request.callback_ports = self.callback_port.map(|port| vec![port]);
        request
    }

    fn next_steps(&self, error: &Error) -> Vec<String> {
        let other = |method: &str| format!("another way to sign in: claw login --method {method}");
        match (error.kind(), self.method) {
            (ErrorKind::Config | ErrorKind::Store, _) => Vec::new(),
            (_, Method::Device) => vec![other("browser")],
            (_, _) if self.provider == Provider::OpenaiCodex => vec![other("device")],
            _ => Vec::new(),
        }
    }
}

/// The login server, with our name.
///
/// # Errors
/// `config` for an address that a login may not go to.
pub fn endpoint(issuer: Option<&str>) -> Result<TokenEndpoint> {
    let issuer = issuer.map_or_else(|| Ok(Issuer::openai()), Issuer::new)?;
    TokenEndpoint::builder().issuer(issuer).application(APPLICATION).build()
}

/// What is said of a login that was stored.
fn signed_in(done: &StoredLogin) -> Vec<String> {
    let mut lines = vec![format!("signed in: {} (stored in {})", done.profile.id, done.store)];
    for old in &done.signed_in.retired {
        lines.push(format!("it takes the place of {old}"));
    }
    for old in &done.signed_in.unknown {
        lines.push(format!(
            "{old} stays: whether it is the same login cannot be told; to remove it: claw profiles remove {old}"
        ));
    }
    lines.extend(done.written.iter().map(|path| format!("named in {}", path.display())));
    lines
}

/// The person at this terminal.
struct Person {
    opens: bool,
    /// Somebody can type.
    terminal: bool,
    /// Nothing else than a paste can come.
    only_pastes: bool,
}

#[async_trait::async_trait]
impl SignInPrompt for Person {
    fn show_url(&self, url: &str) {
        let how =
            if self.opens { "Your browser opens. If it does not, open this address:" } else { "Open this address:" };
        say(&format!("{how}\n\n  {url}\n"));
        if self.opens {
            open(url);
        }
        if self.terminal || self.only_pastes {
            say("Afterwards the browser may end on a page that cannot be shown: paste its whole address here.");
        }
    }

    fn show_code(&self, code: &DeviceCode) {
        say(&format!(
            "Open this address on any device:\n\n  {}\n\nand type this code (good for {} min):\n\n  {}\n\nNever type a code that somebody else gave you.",
            code.url,
            code.valid_for.as_secs() / 60,
            code.code,
        ));
    }

    async fn paste(&self, wrong: Option<&Error>) -> Result<SecretString> {
        if !self.terminal && !self.only_pastes {
            return std::future::pending().await;
        }
        if let Some(wrong) = wrong {
            say(wrong.message());
        }
        // A line is read on a thread of its own: nobody waits for one that is not typed.
        let (read, line) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let got = io::stdin().lock().read_line(&mut text);
            drop(read.send(got.map(|bytes| (bytes > 0).then(|| SecretString::from(text)))));
        });
        match line.await {
            Ok(Ok(Some(text))) => Ok(text),
            // The browser can still come back.
            Ok(Ok(None)) if !self.only_pastes => std::future::pending().await,
            Ok(Ok(None)) => Err(Error::config("stdin ended before anything was pasted: use --method device")),
            Ok(Err(e)) => Err(Error::config(format!("stdin cannot be read: {e}"))),
            Err(_) => Err(Error::config("stdin cannot be read")),
        }
    }

    fn progress(&self, step: &SignInStep) {
        match step {
            SignInStep::PortInUse(port) => {
                say(&format!("Port {port} is in use; the program there was asked to let it go."));
            }
            SignInStep::Ignored(what) => say(&format!("Ignored: {what}.")),
            SignInStep::AskingAgain(error) => say(&format!("Asking again: {}", error.message())),
            _ => {}
        }
    }
}

/// On stderr: stdout is for the result.
fn say(text: &str) {
    let _ = writeln!(log::stderr_as_it_is(), "{}", visible(text));
}

/// Whether a browser of this machine could show a page to the person.
fn has_browser() -> bool {
    if browser().is_some() {
        return true;
    }
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("SSH_CONNECTION") || set("SSH_TTY") {
        return false;
    }
    cfg!(any(target_os = "macos", target_os = "windows")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Opens an address. If it fails, the address stands there to be opened by hand.
fn open(url: &str) {
    let mut words = browser().unwrap_or_else(|| {
        let usual: &[&str] = match std::env::consts::OS {
            "macos" => &["open"],
            // `start` would read `&` in the address as its own.
            "windows" => &["rundll32", "url.dll,FileProtocolHandler"],
            _ => &["xdg-open"],
        };
        usual.iter().map(|word| (*word).to_owned()).collect()
    });
    match words.iter_mut().find(|word| word.contains("%s")) {
        Some(word) => *word = word.replace("%s", url),
        None => words.push(url.to_owned()),
    }
    let Some((program, arguments)) = words.split_first() else { return };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        std::thread::spawn(move || child.wait());
    }
}

/// The first command of `$BROWSER`, as its words; `%s` in it is the address.
fn browser() -> Option<Vec<String>> {
    let list = std::env::var("BROWSER").ok()?;
    let first = list.split(':').find(|command| !command.trim().is_empty())?;
    Some(first.split_whitespace().map(str::to_owned).collect())
}
