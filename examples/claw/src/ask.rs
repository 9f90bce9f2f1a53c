//! `claw ask`: one question, one answer.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use openclaw_core::auth::LoginKind;
use openclaw_core::testing::Scenario;
use openclaw_core::transport::CallTimeouts;
use openclaw_core::{
    CallOptions, CodexProvider, Error, ErrorKind, Event, ModelRef, Provider, ProviderId, Request, Response, Result,
    Stage,
};

use crate::chain::{Configured, configured};
use crate::embedded::{Embedded, scenario, scenario_names};
use crate::login::{ANTHROPIC_API_KEY, LoginArgs, anthropic, check_address, provider_for, sign_in_step};
use crate::render::{Form, Screen, Transcript, duration, steps, summary};
use crate::status::Status;

/// When no model is named and none is listed.
const DEFAULT_MODEL: &str = CodexProvider::DEFAULT_MODEL;

/// The model list is a convenience: it may not hold up an answer for long.
const MODEL_LIST_TIME: Duration = Duration::from_secs(10);

/// Ask a model, and see its answer as it is written.
///
/// With an OpenClaw home, and without --model, --base-url and --profile-file, the models of its configuration are asked: the
/// primary, then its fallbacks. Otherwise the login is looked for in --profile-file; agents/AGENT/agent/auth-profiles.json under OPENCLAW_STATE_DIR, else
/// ~/.openclaw; auth.json under CODEX_HOME, else ~/.codex; OPENAI_API_KEY. With none, and no models in a configuration, an
/// embedded server answers that no model was called.
#[derive(Debug, Clone, Default, Args)]
pub struct Ask {
    /// The question; - reads it from stdin.
    #[arg(value_name = "PROMPT")]
    prompt: String,
    /// The model, as MODEL, openai-codex/MODEL, openai/MODEL or anthropic/MODEL, which takes the key in
    /// ANTHROPIC_API_KEY [default: the first that the provider lists].
    #[arg(long)]
    model: Option<String>,
    /// The system prompt.
    #[arg(long, value_name = "TEXT")]
    instructions: Option<String>,
    /// Print every event as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Ask this address instead of the provider's own. A ChatGPT token goes to chatgpt.com and to loopback only.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The time for the whole answer, such as 90, 500ms or 5m [default: no limit].
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    timeout: Option<Duration>,
    /// Ask the embedded server, whatever logins there are.
    #[arg(long, conflicts_with_all = ["profile_file", "agent", "profile", "base_url"])]
    offline: bool,
    /// Ask the embedded server, which plays this scenario.
    #[arg(long, value_name = "NAME", value_parser = scenario_names(),
          conflicts_with_all = ["profile_file", "agent", "profile", "base_url"])]
    scenario: Option<String>,
    #[command(flatten)]
    login: LoginArgs,
}

/// What will be asked, and how it is named.
pub struct Target {
    pub provider: Arc<dyn Provider>,
    pub kind: LoginKind,
    pub login: String,
    pub profile: Option<String>,
    /// What to do when the login is refused.
    pub sign_in: String,
    /// Kept while the answer arrives.
    pub embedded: Option<Embedded>,
    /// The models of a configuration: it says which one is asked, and which profile answers.
    pub configured: bool,
}

impl Target {
    /// The profile that answered; none for a key of the configuration or the environment.
    fn answered_by<'a>(&'a self, response: &'a Response) -> &'a str {
        let own = self.profile.as_deref().filter(|_| !self.configured);
        response.head.profile.as_deref().or(own).unwrap_or("none")
    }
}

impl Ask {
    /// What stdout is for, as long as nobody is asked.
    pub fn form(&self) -> Form {
        if self.json { Form::Json } else { Form::Text }
    }

    fn form_for(&self, target: &Target) -> Form {
        if self.json && target.embedded.is_some() { Form::JsonEmbedded } else { self.form() }
    }

    /// The question: the argument, or what stdin holds.
    pub fn prompt(&self, stdin: &mut dyn Read) -> Result<String> {
        let mut prompt = self.prompt.clone();
        if prompt == "-" {
            prompt.clear();
            stdin.read_to_string(&mut prompt).map_err(|e| match e.kind() {
                io::ErrorKind::InvalidData => Error::invalid_request("the question on stdin is not UTF-8"),
                _ => Error::invalid_request(format!("the question cannot be read from stdin: {e}")),
            })?;
        }
        if prompt.trim().is_empty() {
            return Err(Error::invalid_request("the question is empty"));
        }
        Ok(prompt)
    }

    pub async fn run(&self, prompt: &str, screen: &mut Screen<'_>) -> Status {
        let started = Instant::now();
        // Stdout may block for ever on a reader that sleeps, and then nothing here can see Ctrl-C.
        tokio::spawn(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                std::process::exit(Status::Cancelled as i32);
            }
        });
        let target = match self.target(screen).await {
            Ok(target) => target,
            Err((error, step)) => return screen.fail(&error, self.form(), &step),
        };
        let asked = async {
            let model = self.model(&target, screen).await?;
            let mut request = Request::new(model).user(prompt);
            request.instructions = self.instructions.clone();
            self.converse(&target, &request, started, screen).await
        };
        let outcome = tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => Err(Error::new(ErrorKind::Cancelled, Stage::MaybeSent, "cancelled by Ctrl-C").into()),
            outcome = asked => outcome,
        };
        match outcome {
            Ok((response, first)) => {
                let profile = target.answered_by(&response);
                screen.say(&summary(&target.login, &response, first, started.elapsed(), profile));
                Status::Answer
            }
            Err(Failure::Output(e)) => screen.output_lost(&e),
            Err(Failure::Call(error)) => {
                screen.fail(&error, self.form_for(&target), &steps(&error, &target.sign_in, SystemTime::now()))
            }
        }
    }

    /// The login and its provider, or the embedded server. An error comes with what to do about it.
    async fn target(&self, screen: &mut Screen<'_>) -> Result<Target, (Error, Vec<String>)> {
        let plain = |error: Error| (error, Vec::new());
        if self.offline || self.scenario.is_some() {
            let scenario = scenario(self.scenario.as_ref()).unwrap_or(Scenario::Plain);
            let embedded = Embedded::start(scenario).await.map_err(plain)?;
            screen.say(&format!("answering from the embedded server on {}", embedded.address()));
            return embedded.into_target().map_err(plain);
        }
        if self.model.as_deref().is_some_and(|model| model.starts_with("anthropic/")) {
            let sign_in = format!("put a valid key into {ANTHROPIC_API_KEY}");
            let provider = anthropic(self.base_url.as_deref()).map_err(|error| (error, vec![sign_in.clone()]))?;
            let (kind, login) = (LoginKind::ApiKey, ANTHROPIC_API_KEY.to_owned());
            return Ok(Target { provider, kind, login, profile: None, sign_in, configured: false, embedded: None });
        }
        let mut not_followed = Configured::No;
        if self.model.is_none() && self.base_url.is_none() && self.login.profile_file.is_none() {
            match configured(&self.login, screen).await.map_err(plain)? {
                Configured::Chain { target, has_login: true } => return Ok(target),
                other => not_followed = other,
            }
        }
        let search = self.login.find().map_err(plain)?;
        for note in &search.notes {
            screen.note("note", note);
        }
        let Some(login) = search.login else {
            if let Some(url) = &self.base_url {
                check_address(url).map_err(plain)?;
                let error = Error::new(
                    ErrorKind::AuthInvalid,
                    Stage::NotSent,
                    format!("no login found for {url} (looked at {})", search.looked.join(", ")),
                );
                return Err((error, vec!["name one with --profile-file, or put a key into OPENAI_API_KEY".to_owned()]));
            }
            match not_followed {
                // It says of each model why it cannot be asked.
                Configured::Chain { target, .. } => return Ok(target),
                Configured::Broken(error) => return Err(plain(error)),
                Configured::No => {}
            }
            let embedded = Embedded::start(Scenario::Plain).await.map_err(plain)?;
            screen.say(&format!("no login found: answering from the embedded server on {}", embedded.address()));
            return embedded.into_target().map_err(plain);
        };
        if let Configured::Chain { target, .. } = not_followed {
            let text =
                format!("no model of {} has a login here; asking with the one in {}", target.login, login.source);
            screen.note("warning", &text);
        }
        let sign_in = sign_in_step(&login);
        login.check(SystemTime::now()).map_err(|error| (error, vec![sign_in.clone()]))?;
        let provider = provider_for(&login, self.base_url.as_deref()).map_err(plain)?;
        Ok(Target {
            provider,
            kind: login.kind,
            login: login.source,
            profile: login.profile,
            sign_in,
            embedded: None,
            configured: false,
        })
    }

    /// The model to ask for.
    async fn model(&self, target: &Target, screen: &mut Screen<'_>) -> Result<String> {
        if target.configured {
            return Ok(String::new());
        }
        if let Some(model) = &self.model {
            return named_model(model, target);
        }
        if target.embedded.is_some() {
            screen.note("model", &format!("{DEFAULT_MODEL} (built in; the embedded server calls none)"));
            return Ok(DEFAULT_MODEL.to_owned());
        }
        let time = self.timeout.unwrap_or(MODEL_LIST_TIME).min(MODEL_LIST_TIME);
        let why = match tokio::time::timeout(time, target.provider.models()).await {
            Ok(Ok(models)) => {
                if let Some(model) = models.iter().find(|model| !model.hidden && !model.id.is_empty()) {
                    screen.note(
                        "model",
                        &format!("{} (the first that the provider lists; --model names another)", model.id),
                    );
                    return Ok(model.id.clone());
                }
                "the provider lists none".to_owned()
            }
            // The answer itself would fail in the same way, only later.
            Ok(Err(e)) if on_the_way(e.kind()) => return Err(e),
            Ok(Err(e)) => format!("the provider's list failed: {}", e.kind()),
            Err(_) => format!("the provider's list did not come within {}", duration(time)),
        };
        screen.note("model", &format!("{DEFAULT_MODEL} (built in; {why}; --model names another)"));
        Ok(DEFAULT_MODEL.to_owned())
    }

    /// Shows the answer as it arrives. Dropping this drops the stream, and that closes the request.
    async fn converse(
        &self,
        target: &Target,
        request: &Request,
        started: Instant,
        screen: &mut Screen<'_>,
    ) -> Result<(Response, Option<Duration>), Failure> {
        let mut options = CallOptions::new();
        if let Some(limit) = self.timeout {
            // The model list has taken its part.
            options.timeouts = CallTimeouts::with_total(limit.saturating_sub(started.elapsed()));
        }
        let mut transcript = Transcript::new(self.form_for(target));
        let mut stream = target.provider.stream(request, &options).await?;
        let mut first = None;
        while let Some(event) = stream.next().await {
            let event = event?;
            if matches!(
                event,
                Event::TextDelta(_)
                    | Event::RefusalDelta(_)
                    | Event::ReasoningDelta(_)
                    | Event::ReasoningSummaryDelta(_)
                    | Event::ToolInputDelta(_)
            ) {
                first.get_or_insert_with(|| started.elapsed());
            }
            transcript.show(&event, screen).map_err(Failure::Output)?;
            if let Event::Completed(response) = event {
                return Ok((*response, first));
            }
        }
        Err(Error::new(ErrorKind::StreamTruncated, Stage::Streaming, "the provider's stream stopped without an end")
            .into())
    }
}

/// The way to the provider is closed, whatever is asked there.
fn on_the_way(kind: ErrorKind) -> bool {
    use ErrorKind::{Connect, Dns, EdgeBlocked, Proxy, Tls};
    matches!(kind, Dns | Connect | Tls | Proxy | EdgeBlocked)
}

/// Why no whole answer was shown.
enum Failure {
    Call(Error),
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// `provider/model` is split when its first part is a provider that we know; all else goes out as it is.
fn named_model(name: &str, target: &Target) -> Result<String> {
    let Some((provider @ (ProviderId::CODEX | ProviderId::OPENAI | ProviderId::ANTHROPIC), _)) = name.split_once('/')
    else {
        return Ok(name.to_owned());
    };
    let model: ModelRef = name.parse()?;
    let id = match target.provider.id().as_str() {
        ProviderId::ANTHROPIC => ProviderId::ANTHROPIC,
        _ => target.kind.provider(),
    };
    if provider != id && target.embedded.is_none() {
        return Err(Error::config(format!(
            "--model names the provider {provider}, and the login in {} is for {id}; \
             write --model {id}/{}, or choose another login (--profile-file, --profile)",
            target.login, model.model
        )));
    }
    Ok(model.model)
}

/// Seconds, or a number with `ms`, `s` or `m`.
fn parse_time(text: &str) -> Result<Duration, String> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("", 1.0)];
    let time = units.iter().find_map(|(unit, seconds)| {
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Duration::try_from_secs_f64(number * seconds).ok()
    });
    match time {
        Some(time) if time > Duration::ZERO => Ok(time),
        _ => Err("write a time above zero, such as 90, 500ms or 5m".to_owned()),
    }
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
