use async_trait::async_trait;
use clap::Parser;
use openclaw_core::{Capabilities, EventStream, ModelInfo};
use serde_json::{Value, json};

use super::*;
use crate::render::Style;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    ask: Ask,
}

fn parse(arguments: &[&str]) -> Result<Ask, clap::Error> {
    Line::try_parse_from([&["ask"], arguments].concat()).map(|line| line.ask)
}

/// Answers with the model it was asked for, or fails.
#[derive(Debug)]
struct Echo(ProviderId, Result<Vec<&'static str>>);

#[async_trait]
impl Provider for Echo {
    fn id(&self) -> &ProviderId {
        &self.0
    }
    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }
    async fn models(&self) -> Result<Vec<ModelInfo>> {
        let models = self.1.clone()?;
        Ok(models
            .into_iter()
            .map(|id| serde_json::from_value(json!({"id": id, "hidden": id == "secret"})).unwrap())
            .collect())
    }
    async fn stream(&self, request: &Request, _: &CallOptions) -> Result<EventStream> {
        if request.model == "cut" {
            return Ok(EventStream::from_events([]));
        }
        let response: Value =
            json!({"id": "r", "provider": "p", "model": request.model, "finish_reason": "stop", "items": []});
        Ok(EventStream::from_events([Ok(Event::Completed(Box::new(serde_json::from_value(response).unwrap())))]))
    }
}

fn target(kind: LoginKind, models: Result<Vec<&'static str>>) -> Target {
    Target {
        provider: Arc::new(Echo(ProviderId::new("p"), models)),
        kind,
        login: "here".into(),
        profile: None,
        sign_in: String::new(),
        embedded: None,
        configured: false,
    }
}

fn quiet<T>(f: impl AsyncFnOnce(&mut Screen<'_>) -> T) -> (T, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut screen = Screen::new(&mut out, &mut err, Style::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(f(&mut screen));
    (result, String::from_utf8(err).unwrap())
}

#[test]
fn a_wrong_command_line_is_refused() {
    assert!(parse(&["hi", "--timeout", "5m", "--json"]).is_ok());
    for wrong in [
        &[][..],
        &["a", "b"],
        &["hi", "--scenario", "nonsense"],
        &["hi", "--timeout", "0"],
        &["hi", "--timeout", "-1"],
        &["hi", "--timeout", "NaN"],
        &["hi", "--timeout", "soon"],
        &["hi", "--offline", "--base-url", "http://127.0.0.1:1"],
    ] {
        assert_eq!(parse(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
    }
    assert_eq!(parse_time("1.5"), Ok(Duration::from_millis(1500)));
    assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
    assert_eq!(parse_time("5m"), Ok(Duration::from_secs(300)));
}

#[test]
fn the_question_may_come_from_stdin() {
    let read = |prompt: &str, stdin: &[u8]| parse(&[prompt]).unwrap().prompt(&mut &*stdin);
    assert_eq!(read("-", b"from stdin\n").unwrap(), "from stdin\n");
    assert_eq!(read("hi", b"from stdin").unwrap(), "hi");
    for (prompt, stdin) in [("-", &b" \n"[..]), ("-", b"\xff"), ("  ", b"")] {
        assert_eq!(read(prompt, stdin).unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
}

#[test]
fn a_model_reference_is_split_when_its_provider_is_known() {
    let plan = target(LoginKind::ChatGpt, Ok(vec![]));
    for (name, model) in [
        ("gpt-x", "gpt-x"),
        ("openai-codex/gpt-x", "gpt-x"),
        ("deepseek/r1:free", "deepseek/r1:free"),
        ("openai-codex/a/b", "a/b"),
    ] {
        assert_eq!(named_model(name, &plan).unwrap(), model);
    }
    assert_eq!(named_model("openai/gpt-x", &plan).unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(named_model("openai-codex/", &plan).unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_eq!(named_model("openai/a/b", &target(LoginKind::ApiKey, Ok(vec![]))).unwrap(), "a/b");
}

#[test]
fn without_a_model_the_first_that_is_listed_is_asked() {
    let failed = |kind| Err(Error::new(kind, Stage::Responded, "no list"));
    for (kind, models, expected) in [
        (LoginKind::ChatGpt, Ok(vec!["secret", "new", DEFAULT_MODEL]), Some("new")),
        (LoginKind::ApiKey, Ok(vec!["only"]), Some("only")),
        (LoginKind::ChatGpt, Ok(vec![]), Some(DEFAULT_MODEL)),
        (LoginKind::ChatGpt, failed(ErrorKind::ServerError), Some(DEFAULT_MODEL)),
        (LoginKind::ChatGpt, failed(ErrorKind::Connect), None),
    ] {
        let target = target(kind, models);
        let ask = parse(&["hi"]).unwrap();
        let (model, err) = quiet(async |screen| ask.model(&target, screen).await);
        assert_eq!(model.as_deref().ok(), expected, "{err}");
        assert!(expected.is_none_or(|model| err.contains(model)), "the model is named: {err}");
    }
}

#[test]
fn a_stream_without_an_end_is_no_answer() {
    let target = target(LoginKind::ChatGpt, Ok(vec![]));
    let ask = parse(&["hi"]).unwrap();
    let mut ends = Vec::new();
    for model in ["whole", "cut"] {
        let request = Request::new(model).user("hi");
        let (outcome, _) = quiet(async |screen| ask.converse(&target, &request, Instant::now(), screen).await);
        ends.push(match outcome {
            Ok((response, _)) => response.model,
            Err(Failure::Call(error)) => error.kind().to_string(),
            Err(Failure::Output(e)) => e.to_string(),
        });
    }
    assert_eq!(ends, ["whole", "stream_truncated"]);
}
