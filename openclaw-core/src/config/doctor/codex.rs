//! Providers that speak to the Codex backend: the one address and the one protocol that work.
//!
//! OpenClaw 2026.4.5 gives every provider entry that has `models` and no `api` the protocol of Anthropic. For
//! `openai-codex` the requests then go to a path that chatgpt.com answers with a page that looks like bot protection.

use serde_json::Value;

use super::super::edit::path::KeyPath;
use super::super::edit::sources::Sources;
use super::engine::Step;
use crate::codex::endpoint::{Spelling, spelling};
use crate::error::Result;

const PROVIDER: &str = "openai-codex";
const API: &str = "openai-codex-responses";
/// What OpenClaw 2026.4.5 adds its own path to.
const BASE: &str = "https://chatgpt.com/backend-api";

pub(super) fn steps(config: &Value) -> Vec<Step> {
    let Some(providers) = config.pointer("/models/providers").and_then(Value::as_object) else { return Vec::new() };
    providers.iter().flat_map(|(id, entry)| entry_steps(id, entry)).collect()
}

fn entry_steps(id: &str, entry: &Value) -> Vec<Step> {
    let path = KeyPath::new(["models", "providers", id]);
    let Some(fields) = entry.as_object() else { return Vec::new() };
    let codex = id.trim().eq_ignore_ascii_case(PROVIDER);
    let base = fields.get("baseUrl");
    let text = base.and_then(Value::as_str);
    let spelled = text.map(spelling);
    let official = matches!(spelled, Some(Spelling::Right | Spelling::Wrong(_)));
    if !codex && !official {
        return Vec::new();
    }
    let mut steps = Vec::new();
    let wrong = match (&spelled, text) {
        (Some(Spelling::Wrong(why)), _) => Some((*why).to_owned()),
        // An API key may be meant for the platform API, whatever the entry is called.
        (Some(Spelling::Platform), _) if codex && !fields.contains_key("apiKey") => {
            Some("it takes API keys, not ChatGPT logins".to_owned())
        }
        (_, Some(blank)) if codex && blank.trim().is_empty() => Some("it is empty".to_owned()),
        (None, None) if codex && base.is_none_or(Value::is_null) => Some("it is missing".to_owned()),
        _ => None,
    };
    let on_backend = official || wrong.is_some();
    if let Some(why) = &wrong {
        let message = format!("set to {BASE}: {why}");
        steps.push(setter("codex_base_url", path.join("baseUrl"), message, BASE.into()));
    }
    if codex && !fields.contains_key("models") {
        let message = "set to []: OpenClaw requires the list; its own list of models applies";
        let target = path.join("models");
        let edit = move |sources: &mut Sources| sources.set(&target, Value::Array(Vec::new())).map(|()| Vec::new());
        steps.push(Step::new("codex_models", path.join("models"), message, edit));
    }
    // OpenClaw itself reads this one as the right one, at this very address.
    let tolerated = wrong.is_none() && text.is_some_and(|text| text.trim_end_matches('/').eq_ignore_ascii_case(BASE));
    let mut check = |path: KeyPath, api: Option<&Value>| {
        let message = match api {
            None => format!(
                "set to {API}: without it OpenClaw falls to another wire protocol, which the backend answers with a block page"
            ),
            Some(Value::String(word))
                if on_backend && word != API && !word.contains("${") && !(tolerated && word == "openai-responses") =>
            {
                format!("set to {API}: the backend of ChatGPT speaks nothing else")
            }
            Some(_) => return,
        };
        steps.push(setter("codex_api", path.join("api"), message, API.into()));
    };
    check(path.clone(), fields.get("api"));
    for (i, model) in fields.get("models").and_then(Value::as_array).into_iter().flatten().enumerate() {
        if let Some(model) = model.as_object() {
            check(path.join("models").join(&i.to_string()), model.get("api"));
        }
    }
    steps
}

fn setter(kind: &'static str, path: KeyPath, message: String, value: Value) -> Step {
    let target = path.clone();
    let edit = move |sources: &mut Sources| -> Result<Vec<_>> {
        // An address may hold a password.
        let old = sources.replaced(&target).filter(super::is_secret);
        sources.set(&target, value.clone())?;
        Ok(old.into_iter().collect())
    };
    Step::new(kind, path, message, edit).unseen()
}
