//! Providers that speak to the Codex backend: the one address and the one protocol that work.
//!
//! OpenClaw 2026.4.5 gives every provider entry that has `models` and no `api` the protocol of Anthropic. For
//! `openai-codex` the requests then go to a path that chatgpt.com answers with a page that looks like bot protection.

use serde_json::Value;

use super::super::edit::Edit;
use super::super::edit::path::KeyPath;
use super::engine::Step;
use crate::codex::endpoint::{Spelling, spelling};

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
        (Some(Spelling::Wrong(_)), _) => Some("OpenClaw adds its path to it, and the backend has no other"),
        // An API key may be meant for the platform API, whatever the entry is called.
        (Some(Spelling::Platform), _) if codex && !fields.contains_key("apiKey") => {
            Some("it takes API keys, not ChatGPT logins")
        }
        (_, Some(blank)) if codex && blank.trim().is_empty() => Some("it is empty"),
        (Some(Spelling::Elsewhere), Some(text)) if codex && is_of_openai(text) => Some("Codex is not at this address"),
        (None, None) if codex && base.is_none_or(Value::is_null) => Some("it is missing"),
        _ => None,
    };
    let on_backend = official || wrong.is_some();
    if let Some(why) = wrong {
        steps.push(setter("codex_base_url", path.join("baseUrl"), format!("set to {BASE}: {why}"), BASE.into()));
    }
    if codex && !fields.contains_key("models") {
        let message = "set to []: OpenClaw requires the list; its own list of models applies";
        let edit = Edit::Set(path.join("models"), Value::Array(Vec::new()));
        steps.push(Step::new("codex_models", path.join("models"), message, [edit]));
    }
    // At the platform API nothing that could be written here is right: a person has to say what is meant.
    if spelled == Some(Spelling::Platform) && !on_backend {
        return steps;
    }
    // OpenClaw itself reads this one as the right one, at this very address.
    let tolerated = wrong.is_none() && text.is_some_and(|text| text.trim_end_matches('/').eq_ignore_ascii_case(BASE));
    let is_foreign = |api: &Value| {
        api.as_str().is_some_and(|word| {
            on_backend && word != API && !word.contains("${") && !(tolerated && word == "openai-responses")
        })
    };
    let foreign = format!("set to {API}: the backend of ChatGPT speaks nothing else");
    match fields.get("api") {
        None => {
            let message = format!(
                "set to {API}: without it OpenClaw falls to another wire protocol, which the backend answers with a block page"
            );
            steps.push(setter("codex_api", path.join("api"), message, API.into()));
        }
        Some(api) if is_foreign(api) => {
            steps.push(setter("codex_api", path.join("api"), foreign.clone(), API.into()));
        }
        Some(_) => {}
    }
    // A model without one has that of its provider.
    for (i, model) in fields.get("models").and_then(Value::as_array).into_iter().flatten().enumerate() {
        if model.get("api").is_some_and(is_foreign) {
            let path = path.join("models").join(&i.to_string()).join("api");
            steps.push(setter("codex_api", path, foreign.clone(), API.into()));
        }
    }
    steps
}

/// Whether a host belongs to those that have the backend, and is not it.
fn is_of_openai(base: &str) -> bool {
    let Ok(url) = url::Url::parse(base.trim()) else { return false };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    host.ends_with(".chatgpt.com") || host.ends_with(".openai.com")
}

fn setter(kind: &'static str, path: KeyPath, message: String, value: Value) -> Step {
    let edit = Edit::Set(path.clone(), value);
    Step::new(kind, path, message, [edit]).unseen()
}
