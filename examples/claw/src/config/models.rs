//! `claw config models`: what the names in a configuration lead to.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use openclaw_core::Error;
use openclaw_core::config::{Config, Credential, Options, Route};
use serde_json::{Value, json};

use super::{configuration, judged, print};
use crate::render::{Form, Screen};
use crate::status::Status;

/// Show which models are asked, in their order, where, and where the credential comes from. Reads no secret.
///
/// Without FILE: the one that OpenClaw uses. Exit status: 0 all can be asked, 1 something is wrong, 2 not readable.
#[derive(Debug, Args)]
pub struct Models {
    /// The file.
    file: Option<PathBuf>,
    /// The agent whose models are shown [default: what holds for all].
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Models {
    pub fn run(&self, screen: &mut Screen<'_>) -> Status {
        let options = Options::of_process();
        let file = match configuration(self.file.clone(), &options) {
            Ok(file) => file,
            Err(error) => {
                screen.fail(&error, Form::of(self.json), &[]);
                return Status::Unreadable;
            }
        };
        let config = match Config::load(&file, &options) {
            Ok(config) => config,
            Err(report) => return judged(&file, &report, self.json, screen),
        };
        let (models, mut wrong) = match config.candidates(self.agent.as_deref()) {
            Ok(candidates) => (
                candidates.into_iter().map(|c| Row { key: c.key, name: c.name, route: c.route }).collect::<Vec<_>>(),
                false,
            ),
            Err(error) => {
                screen.note("warning", error.message());
                (Vec::new(), true)
            }
        };
        let providers: Vec<Row> = providers(&config);
        wrong |= models.iter().chain(&providers).any(|row| row.route.is_err());
        let text = match self.json {
            true => {
                let rows = |rows: &[Row]| rows.iter().map(Row::json).collect::<Vec<_>>();
                json!({ "path": file, "models": rows(&models), "providers": rows(&providers) }).to_string()
            }
            false => models.iter().chain(&providers).map(Row::text).collect::<Vec<_>>().join("\n"),
        };
        let status = if wrong { Status::Invalid } else { Status::Answer };
        if text.is_empty() { status } else { print(screen, &text, status) }
    }
}

/// What a name leads to.
struct Row {
    key: String,
    name: String,
    route: Result<Route, Error>,
}

fn providers(config: &Config) -> Vec<Row> {
    let named = config.models.iter().flat_map(|models| models.providers.iter().flat_map(|all| all.keys()));
    named
        .map(|id| Row { key: format!("models.providers.{id}"), name: id.clone(), route: config.provider(id) })
        .collect()
}

impl Row {
    fn json(&self) -> Value {
        let mut row = json!({ "key": self.key, "name": self.name });
        match &self.route {
            Err(error) => row["error"] = error.message().into(),
            Ok(route) => {
                row["provider"] = route.provider.as_str().into();
                row["model"] = route.model.clone().into();
                row["profile"] = route.profile.clone().into();
                row["api"] = route.api.as_str().into();
                row["address"] = route.address.clone().into();
                row["credential"] = credential(route).into();
                row["headers"] = route.header_names().collect();
                row["proxy"] = route.proxy().into();
            }
        }
        row
    }

    fn text(&self) -> String {
        let route = match &self.route {
            Ok(route) => route,
            Err(error) => return format!("{}\n  error: {}", self.name, error.message()),
        };
        let title = route.model_ref().map_or_else(|| route.provider.to_string(), |model| model.to_string());
        let mut text = format!("{title}\n  from: {}", self.key);
        if !self.name.eq_ignore_ascii_case(&title) {
            let _ = write!(text, " ({})", self.name);
        }
        let mut line = |label: &str, value: &str| {
            let _ = write!(text, "\n  {label}: {value}");
        };
        line("api", route.api.as_str());
        line("address", &route.address);
        line("credential", &credential(route));
        if let Some(profile) = &route.profile {
            line("profile", profile);
        }
        let headers = route.header_names().collect::<Vec<_>>().join(", ");
        if !headers.is_empty() {
            line("headers", &headers);
        }
        if let Some(proxy) = route.proxy() {
            line("proxy", &proxy);
        }
        text
    }
}

fn credential(route: &Route) -> String {
    match &route.credential {
        Credential::Secret(origin) => origin.to_string(),
        // And every kind that a later version of the library adds.
        _ => format!("a login of {}", route.provider),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Style;

    fn run(text: &str, json: bool) -> (String, Status) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("openclaw.json");
        std::fs::write(&file, text).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let style = Style { terminal: false, out_colour: false, err_colour: false };
        let status = Models { file: Some(file), agent: None, json }.run(&mut Screen::new(&mut out, &mut err, style));
        (String::from_utf8(out).unwrap(), status)
    }

    #[test]
    fn every_name_is_shown_with_what_it_leads_to_and_no_secret() {
        let text = "{ agents: { defaults: { model: { primary: 'codex', fallbacks: ['gate/x'] },
                      models: { 'openai-codex/gpt-5.4': { alias: 'codex' } } } },
                      models: { providers: { gate: { baseUrl: 'https://gw.example/v1', api: 'openai-responses',
                        apiKey: 'sk-very-secret', models: [] } } } }";
        let (out, status) = run(text, false);
        assert_eq!(status, Status::Answer);
        let expected = "openai-codex/gpt-5.4\n  from: agents.defaults.model.primary (codex)\n  \
                        api: openai-codex-responses\n  address: https://chatgpt.com/backend-api/codex/responses\n  \
                        credential: a login of openai-codex\ngate/x\n  from: agents.defaults.model.fallbacks.0\n  \
                        api: openai-responses\n  address: https://gw.example/v1/responses\n  \
                        credential: in the configuration itself\n";
        assert!(out.starts_with(expected), "{out}");
        assert!(!run(text, true).0.contains("sk-very-secret") && !out.contains("sk-very-secret"));
    }

    #[test]
    fn what_cannot_be_asked_says_why() {
        let (out, status) = run("{ agents: { defaults: { model: 'opnai/x' } } }", false);
        assert_eq!(status, Status::Invalid);
        assert!(out.contains("did you mean openai?"), "{out}");
        assert_eq!(run("{ gateway: 1 }", true).1, Status::Invalid);
        assert_eq!(run("{}", false).1, Status::Invalid);
    }
}
