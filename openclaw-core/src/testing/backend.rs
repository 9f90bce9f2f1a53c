//! Which path gets which answer.

use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::{self, Family, MODELS_ETAG, Turn};
use super::check::{self, detail, unix};
use super::http::Incoming;
use super::issuer::Issuer;
use super::play::Reply;
use super::script::frame;
use super::{Answer, Exchange, Framing, Repeat, Scenario, Script, Step, messages, pages};
use crate::ambient::Ambient;

/// What the server does, and how far it is in its script.
#[derive(Debug)]
pub(super) struct Backend {
    pub(super) scenario: Option<Scenario>,
    script: Option<Script>,
    /// How often each exchange was played.
    played: Vec<u32>,
    pub(super) check: bool,
    /// The login server.
    pub(super) issuer: Issuer,
    ambient: Arc<dyn Ambient>,
}

enum Route {
    Call(Family),
    CodexModels,
    CodexUsage,
    /// The two of the bug report, which answer while the calls are blocked.
    BareModels,
    BareUsage,
    PlatformModels,
    AnthropicModels,
    Unknown,
}

impl Route {
    fn of(request: &Incoming) -> Self {
        match request.path.as_str() {
            "/backend-api/codex/responses" => Self::Call(Family::Codex),
            "/v1/responses" => Self::Call(Family::Platform),
            "/v1/messages" => Self::Call(Family::Anthropic),
            "/v1/models" if by_anthropic(request) => Self::AnthropicModels,
            "/backend-api/codex/models" => Self::CodexModels,
            "/backend-api/wham/usage" => Self::CodexUsage,
            "/backend-api/models" => Self::BareModels,
            "/backend-api/usage" => Self::BareUsage,
            "/v1/models" => Self::PlatformModels,
            _ => Self::Unknown,
        }
    }

    fn family(&self) -> Family {
        match self {
            Self::Call(family) => *family,
            Self::PlatformModels => Family::Platform,
            Self::AnthropicModels => Family::Anthropic,
            _ => Family::Codex,
        }
    }

    fn method(&self) -> &'static str {
        if matches!(self, Self::Call(_)) { "POST" } else { "GET" }
    }
}

/// Both APIs have their model list at `/v1/models`.
fn by_anthropic(request: &Incoming) -> bool {
    request.header("anthropic-version").is_some()
}

impl Backend {
    pub(super) fn new(scenario: Option<Scenario>, check: bool, ambient: Arc<dyn Ambient>) -> Self {
        let issuer = Issuer::new(ambient.clone());
        Self { scenario, script: None, played: Vec::new(), check, issuer, ambient }
    }

    pub(super) fn set_script(&mut self, mut script: Option<Script>) {
        script.iter_mut().flat_map(|script| &mut script.exchanges).for_each(ready);
        self.played = vec![0; script.as_ref().map_or(0, |script| script.exchanges.len())];
        self.script = script;
    }

    /// The answer to the request with this number.
    pub(super) fn answer(&mut self, request: &Incoming, number: u64) -> Reply {
        let route = Route::of(request);
        if self.scenario == Some(Scenario::CaptivePortal) && self.script.is_none() {
            return Reply::page(pages::captive_portal(number));
        }
        if Issuer::owns(&request.path) {
            return match self.scripted(request, true) {
                Some(Answer::Steps { status, headers, framing, steps }) => Reply { status, headers, framing, steps },
                _ => self.issuer.answer(request),
            };
        }
        let check = self.script.as_ref().and_then(|script| script.check_requests).unwrap_or(self.check);
        let mut body = Value::Null;
        if check {
            let named = |script: &Script| script.exchanges.iter().any(|e| e.path.as_deref() == Some(&request.path));
            match self.judge(&route, request, number) {
                Ok(parsed) => body = parsed,
                // A path that the script names is one that it wants to answer.
                Err(_) if matches!(route, Route::Unknown) && self.script.as_ref().is_some_and(named) => {}
                Err(refusal) => return refusal,
            }
        } else if matches!(route, Route::Call(_)) {
            body = serde_json::from_slice(&request.body).unwrap_or_default();
        }
        let turn = Turn {
            family: route.family(),
            body: &body,
            body_bytes: request.body.len(),
            number,
            now: unix(self.ambient.now()),
        };
        match self.scripted(request, false) {
            Some(Answer::Scenario(scenario)) => return answer::reply(scenario, &turn),
            Some(Answer::Steps { status, headers, framing, steps }) => {
                return Reply { status, headers, framing, steps };
            }
            None => {}
        }
        self.canned(&route, request, &turn)
    }

    fn judge(&self, route: &Route, request: &Incoming, number: u64) -> Result<Value, Reply> {
        if matches!(route, Route::Unknown) {
            return Err(match request.path.as_str() {
                _ if by_anthropic(request) => messages::error(404, "not_found_error", "Not Found"),
                path if path.starts_with("/v1/") => {
                    let text = format!("Invalid URL ({} {path})", request.method);
                    answer::error(404, &text, "invalid_request_error", None)
                }
                "/backend-api/responses" => Reply::page(pages::chatgpt_block(number)),
                _ => Reply::page(pages::challenge(number)),
            });
        }
        if request.method != route.method() {
            return Err(detail(405, "Method Not Allowed").header("allow", route.method()));
        }
        let shared = self.is_shared(request);
        let refusal = match route.family() {
            Family::Anthropic => messages::credential(request),
            _ if shared => None,
            family => check::credential(family, request, self.ambient.now()),
        };
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let Route::Call(family) = route else { return Ok(Value::Null) };
        let body = check::parse(request)?;
        let refusal = match family {
            Family::Anthropic => messages::body(&body),
            family => check::body(*family, &body).or_else(|| shared.then(|| check::shared_body(&body)).flatten()),
        };
        refusal.map_or(Ok(body), Err)
    }

    /// Whether the platform is asked with the token of a ChatGPT plan.
    fn is_shared(&self, request: &Incoming) -> bool {
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        request.path.starts_with("/v1/") && token.is_some_and(|token| self.issuer.shares(token))
    }

    /// What the script has for this request, or only what it has for its very path.
    fn scripted(&mut self, request: &Incoming, named: bool) -> Option<Answer> {
        let script = self.script.as_ref()?;
        for (exchange, played) in script.exchanges.iter().zip(&mut self.played) {
            let left = match exchange.repeat {
                Repeat::Times(times) => *played < times,
                Repeat::Forever => true,
            };
            let method = exchange.method == "*" || exchange.method.eq_ignore_ascii_case(&request.method);
            let path = exchange.path.as_deref().map_or(!named, |path| path == request.path);
            if left && method && path {
                *played = played.saturating_add(1);
                return Some(exchange.answer.clone());
            }
        }
        None
    }

    fn canned(&self, route: &Route, request: &Incoming, turn: &Turn<'_>) -> Reply {
        match route {
            Route::Call(_) => match (self.scenario, &self.script) {
                (Some(scenario), _) => answer::reply(scenario, turn),
                (None, None) => answer::reply(Scenario::Plain, turn),
                (None, Some(script)) => {
                    let (count, path) = (script.exchanges.len(), &request.path);
                    detail(500, &format!("none of the {count} exchanges of the script is left for POST {path}"))
                }
            },
            Route::CodexModels if request.header("if-none-match") == Some(MODELS_ETAG) => {
                Reply::new(304, Framing::ContentLength, Vec::new()).header("etag", MODELS_ETAG)
            }
            Route::CodexModels => Reply::json(200, &codex_models()).header("etag", MODELS_ETAG),
            Route::CodexUsage => Reply::json(200, &usage(turn.now, self.scenario == Some(Scenario::UsageLimit))),
            Route::BareModels => {
                let model = |slug: &str| json!({"slug": slug, "title": slug, "tags": ["gpt5"], "max_tokens": 34815});
                Reply::json(200, &json!({"models": [model("gpt-5-6"), model("gpt-5-6-thinking")], "categories": []}))
            }
            Route::BareUsage => Reply::json(200, &json!({"plan_type": "plus", "usage": []})),
            Route::PlatformModels if self.is_shared(request) => Reply::json(200, &codex_models()),
            Route::PlatformModels => {
                let model =
                    |id: &str| json!({"id": id, "object": "model", "created": 1_770_000_000, "owned_by": "system"});
                let data: Vec<Value> = MODELS.iter().map(|(id, ..)| model(id)).collect();
                Reply::json(200, &json!({"object": "list", "data": data}))
            }
            Route::AnthropicModels => messages::models(request),
            Route::Unknown => detail(404, "Not Found"),
        }
    }
}

/// Frames the events once, so that an exchange is cheap to play again.
fn ready(exchange: &mut Exchange) {
    let Answer::Steps { headers, steps, .. } = &mut exchange.answer else { return };
    let mut streams = false;
    for step in steps {
        if let Step::Sse(event) = step {
            streams = true;
            *step = Step::Send { bytes: frame(event).into(), times: 1 };
        }
    }
    if streams && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type".to_owned(), "text/event-stream".to_owned()));
    }
}

type Efforts = &'static [&'static str];
const TO_MAX: Efforts = &["low", "medium", "high", "xhigh", "max"];
const TO_XHIGH: Efforts = &["low", "medium", "high", "xhigh"];
const FROM_NONE: Efforts = &["none", "low", "medium", "high", "xhigh", "max"];

/// Id, name, description, context window, efforts, visibility.
const MODELS: &[(&str, &str, &str, u64, Efforts, &str)] = &[
    ("gpt-5.6-luna", "GPT-5.6 Luna", "Fast and cheap, for everyday tasks.", 272_000, TO_MAX, "list"),
    ("gpt-5.6-terra", "GPT-5.6 Terra", "Balanced model for coding.", 272_000, TO_MAX, "list"),
    ("gpt-5.6-sol", "GPT-5.6 Sol", "Strongest of its generation.", 272_000, TO_MAX, "list"),
    ("gpt-6-luna", "GPT-6 Luna", "Small model of the newest generation.", 272_000, FROM_NONE, "list"),
    ("gpt-5.5", "GPT-5.5", "Previous generation.", 272_000, TO_XHIGH, "list"),
    ("gpt-5.4", "GPT-5.4", "Older generation.", 272_000, TO_XHIGH, "hide"),
    ("codex-auto-review", "Codex auto review", "Reviews actions.", 272_000, TO_XHIGH, "hide"),
];

fn codex_models() -> Value {
    let models: Vec<Value> = MODELS
        .iter()
        .enumerate()
        .map(|(priority, (slug, name, description, window, efforts, visibility))| {
            let level =
                |effort: &&str| json!({"effort": effort, "description": format!("Thinks with effort {effort}")});
            let levels: Vec<Value> = efforts.iter().map(level).collect();
            let upgrade = if *slug == "gpt-5.4" { json!({"model": "gpt-5.6-terra"}) } else { Value::Null };
            json!({
                "slug": slug,
                "display_name": name,
                "description": description,
                "visibility": visibility,
                "priority": priority,
                "supported_in_api": true,
                "context_window": window,
                "max_context_window": window,
                "effective_context_window_percent": 95,
                "auto_compact_token_limit": null,
                "default_reasoning_level": "medium",
                "supported_reasoning_levels": levels,
                "supports_reasoning_summaries": true,
                "default_reasoning_summary": "auto",
                "support_verbosity": true,
                "default_verbosity": "low",
                "supports_parallel_tool_calls": true,
                "input_modalities": ["text", "image"],
                "service_tiers": [{"id": "priority", "name": "fast"}],
                "prefer_websockets": false,
                "use_responses_lite": false,
                "upgrade": upgrade,
                "available_in_plans": ["plus", "pro", "team", "business", "enterprise"],
                "minimal_client_version": "0.0.0",
                "truncation_policy": {"mode": "tokens", "limit": 10000},
            })
        })
        .collect();
    json!({"models": models})
}

fn usage(now: u64, used_up: bool) -> Value {
    let window = |percent: u64, seconds: u64, left: u64| json!({"used_percent": percent, "limit_window_seconds": seconds, "reset_after_seconds": left, "reset_at": now + left});
    let (percent, left) = if used_up { (100, 13_872) } else { (12, 9_000) };
    let reached = if used_up { json!({"type": "rate_limit_reached"}) } else { Value::Null };
    json!({
        "user_id": "user-forged",
        "account_id": "acct-forged",
        "email": "forged@example.invalid",
        "plan_type": "plus",
        "rate_limit": {
            "allowed": !used_up,
            "limit_reached": used_up,
            "primary_window": window(percent, 18_000, left),
            "secondary_window": window(40, 604_800, 400_000),
        },
        "code_review_rate_limit": null,
        "credits": {
            "has_credits": false, "unlimited": false, "balance": "0",
            "approx_local_messages": null, "approx_cloud_messages": null,
        },
        "spend_control": null,
        "additional_rate_limits": [{
            "limit_name": "codex_other",
            "metered_feature": "codex_other",
            "rate_limit": {
                "allowed": true, "limit_reached": false,
                "primary_window": window(3, 18_000, 9_000), "secondary_window": null,
            },
        }],
        "rate_limit_reached_type": reached,
        "rate_limit_reset_credits": null,
        "promo": null,
    })
}
