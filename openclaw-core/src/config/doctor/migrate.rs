//! Moves keys that OpenClaw has moved or renamed to their new homes. What stands there already wins; what then has no
//! place is given back as removed.

use serde_json::{Map, Value, json};

use super::super::edit::Edit;
use super::super::edit::path::KeyPath;
use super::super::legacy::{SEARCH, SPEECH, TALK, bind_mode};
use super::super::{Report, Stage};
use super::channels::{self, sections};
use super::engine::Step;

const VISIBILITY: [&str; 3] = ["showOk", "showAlerts", "useIndicator"];

type Object = Map<String, Value>;

/// The moves that this configuration asks for.
pub(super) fn steps(config: &Value, report: &Report) -> Vec<Step> {
    let mut steps = Vec::new();
    browser(config, &mut steps);
    bedrock(config, &mut steps);
    if report.issues.iter().any(|issue| issue.stage == Stage::Legacy) {
        thread_bindings(config, &mut steps);
        channels::steps(config, &mut steps);
        sandbox(config, &mut steps);
        memory_search(config, &mut steps);
        heartbeat(config, &mut steps);
        bind(config, &mut steps);
        x_search(config, &mut steps);
        speech(config, &mut steps);
        web_search(config, &mut steps);
        talk(config, &mut steps);
    }
    steps
}

/// What OpenClaw does only when it moves something else too.
pub(super) fn with_moves(config: &Value) -> Vec<Step> {
    let mut steps = Vec::new();
    transcription(config, &mut steps);
    origins(config, &mut steps);
    steps
}

fn object<'v>(config: &'v Value, pointer: &str) -> Option<&'v Object> {
    config.pointer(pointer)?.as_object()
}

pub(super) fn at<'p>(keys: impl IntoIterator<Item = &'p str>) -> KeyPath {
    KeyPath::new(keys)
}

pub(super) fn below(path: &KeyPath, keys: &[&str]) -> KeyPath {
    keys.iter().fold(path.clone(), |path, key| path.join(key))
}

/// Moves a value, or merges it into what is there.
pub(super) fn absorb(kind: &'static str, from: KeyPath, to: KeyPath) -> Step {
    let edit = Edit::Absorb(from.clone(), to.clone());
    Step::new(kind, from, format!("moved to {to}; what is set there stays"), [edit])
}

/// Gives a key its new name, unless that is taken: then the old one goes.
pub(super) fn rename(kind: &'static str, path: KeyPath, to: &'static str) -> Step {
    let edit = Edit::Rename(path.clone(), to);
    Step::new(kind, path, format!("renamed to {to}"), [edit])
}

fn thread_bindings(config: &Value, steps: &mut Vec<Step>) {
    let mut check = |object: Option<&Value>, path: KeyPath| {
        if object.and_then(|object| object.pointer("/threadBindings/ttlHours")).is_some() {
            steps.push(rename("thread_bindings", below(&path, &["threadBindings", "ttlHours"]), "idleHours"));
        }
    };
    check(config.get("session"), at(["session"]));
    for (path, section) in sections(config) {
        check(Some(section), path);
    }
}

fn sandbox(config: &Value, steps: &mut Vec<Step>) {
    let mut check = |path: KeyPath, agent: Option<&Value>| {
        let Some(old) = agent.and_then(|agent| agent.pointer("/sandbox/perSession")) else { return };
        let path = path.join("sandbox");
        let (from, to) = (path.join("perSession"), path.join("scope"));
        let scope = old.as_bool().map(|own| if own { "session" } else { "shared" });
        let set_already = agent.and_then(|agent| agent.pointer("/sandbox/scope")).is_some();
        let step = match scope.filter(|_| !set_already) {
            Some(scope) => {
                let edits = [Edit::Rename(from.clone(), "scope"), Edit::Set(to, scope.into())];
                Step::new("sandbox_scope", from, format!("became scope: \"{scope}\""), edits)
            }
            None => Step::removal("sandbox_scope", from, "removed: scope says it today"),
        };
        steps.push(step);
    };
    check(at(["agents", "defaults"]), config.pointer("/agents/defaults"));
    let list = config.pointer("/agents/list").and_then(Value::as_array);
    for (i, agent) in list.into_iter().flatten().enumerate() {
        check(at(["agents", "list", &i.to_string()]), Some(agent));
    }
}

fn memory_search(config: &Value, steps: &mut Vec<Step>) {
    if config.get("memorySearch").is_some_and(Value::is_object) {
        steps.push(absorb("memory_search", at(["memorySearch"]), at(["agents", "defaults", "memorySearch"])));
    }
}

fn heartbeat(config: &Value, steps: &mut Vec<Step>) {
    let Some(old) = object(config, "/heartbeat") else { return };
    let (agents, channels) = (at(["agents", "defaults", "heartbeat"]), at(["channels", "defaults", "heartbeat"]));
    let from = at(["heartbeat"]);
    if !old.is_empty() && !old.keys().any(|key| VISIBILITY.contains(&key.as_str())) {
        steps.push(absorb("heartbeat", from, agents));
        return;
    }
    let message = "moved to agents.defaults.heartbeat and channels.defaults.heartbeat; what is set there stays";
    let home = |key: &String| if VISIBILITY.contains(&key.as_str()) { &channels } else { &agents };
    let moves = old.keys().map(|key| Edit::Absorb(from.join(key), home(key).join(key)));
    let edits: Vec<Edit> = moves.chain([Edit::Remove(from.clone())]).collect();
    steps.push(Step::new("heartbeat", from.clone(), message, edits));
}

fn bind(config: &Value, steps: &mut Vec<Step>) {
    let Some(old) = config.pointer("/gateway/bind").and_then(Value::as_str) else { return };
    let Some(mode) = bind_mode(old) else { return };
    let path = at(["gateway", "bind"]);
    let edit = Edit::Set(path.clone(), mode.into());
    steps.push(Step::new("gateway_bind", path, format!("became \"{mode}\""), [edit]));
}

fn plugin_search(plugin: &str) -> KeyPath {
    at(["plugins", "entries", plugin, "config", "webSearch"])
}

/// A plugin that was configured in another place was on.
fn to_plugin(kind: &'static str, from: KeyPath, to: KeyPath, plugin: &'static str) -> Step {
    let on = Edit::Default(at(["plugins", "entries", plugin, "enabled"]), true.into());
    let edits = [Edit::Absorb(from.clone(), to.clone()), on];
    Step::new(kind, from, format!("moved to {to}; what is set there stays"), edits)
}

fn x_search(config: &Value, steps: &mut Vec<Step>) {
    if config.pointer("/tools/web/x_search/apiKey").is_some() {
        let from = at(["tools", "web", "x_search", "apiKey"]);
        steps.push(to_plugin("x_search", from, plugin_search("xai").join("apiKey"), "xai"));
    }
}

fn web_search(config: &Value, steps: &mut Vec<Step>) {
    let Some(search) = object(config, "/tools/web/search") else { return };
    let path = at(["tools", "web", "search"]);
    if search.contains_key("apiKey") {
        // The key without a provider was Brave's, and stood above that of its own section.
        steps.push(to_plugin("web_search", path.join("apiKey"), plugin_search("brave").join("apiKey"), "brave"));
    }
    for &(provider, plugin) in SEARCH {
        match search.get(provider).and_then(Value::as_object) {
            Some(fields) if !fields.is_empty() => {
                steps.push(to_plugin("web_search", path.join(provider), plugin_search(plugin), plugin));
            }
            Some(_) => steps.push(Step::removal("web_search", path.join(provider), "removed: it is empty")),
            None => {}
        }
    }
}

fn speech(config: &Value, steps: &mut Vec<Step>) {
    let mut places = vec![at(["messages", "tts"]), at(["plugins", "entries", "voice-call", "config", "tts"])];
    let discord = sections(config).into_iter().filter(|(path, _)| path.keys().nth(1) == Some("discord"));
    places.extend(discord.map(|(path, _)| below(&path, &["voice", "tts"])));
    for path in places {
        let Some(speech) = object(config, &path.pointer()) else { continue };
        for &(old, provider) in SPEECH {
            if speech.get(old).is_some_and(Value::is_object) {
                steps.push(absorb("tts_provider", path.join(old), below(&path, &["providers", provider])));
            }
        }
    }
}

fn talk(config: &Value, steps: &mut Vec<Step>) {
    let Some(talk) = object(config, "/talk") else { return };
    let providers = talk.get("providers").and_then(Value::as_object);
    let named = talk.get("provider").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    let provider = match (named, providers.map(|providers| providers.keys().collect::<Vec<_>>()).unwrap_or_default()) {
        (Some(name), _) => name.to_owned(),
        (None, ids) => match ids.as_slice() {
            [] => "elevenlabs".to_owned(),
            [only] => (*only).clone(),
            // Whose they are is not said.
            _ => return,
        },
    };
    for key in TALK.iter().copied().filter(|key| talk.contains_key(*key)) {
        steps.push(absorb("talk_provider", at(["talk", key]), at(["talk", "providers", &provider, key])));
    }
}

fn browser(config: &Value, steps: &mut Vec<Step>) {
    for (name, profile) in object(config, "/browser/profiles").into_iter().flatten() {
        if profile.get("driver").and_then(Value::as_str).map(str::trim) == Some("extension") {
            let path = at(["browser", "profiles", name, "driver"]);
            let edit = Edit::Set(path.clone(), "existing-session".into());
            steps.push(Step::new("browser_driver", path, "became \"existing-session\"", [edit]));
        }
    }
    let Some(policy) = object(config, "/browser/ssrfPolicy") else { return };
    let Some(old) = policy.get("allowPrivateNetwork") else { return };
    let path = at(["browser", "ssrfPolicy"]);
    let (from, to) = (path.join("allowPrivateNetwork"), path.join("dangerouslyAllowPrivateNetwork"));
    let (allowed, known) = (old.as_bool(), policy.contains_key("dangerouslyAllowPrivateNetwork"));
    let message = format!("moved to {to}");
    let edits = match (known, allowed) {
        (false, _) => vec![Edit::Rename(from.clone(), "dangerouslyAllowPrivateNetwork")],
        (true, Some(true)) => vec![Edit::Set(to, true.into()), Edit::Remove(from.clone())],
        (true, _) => vec![Edit::Remove(from.clone())],
    };
    steps.push(Step::new("browser_private_network", from, message, edits));
}

/// The search for models of Amazon Bedrock belongs to its plugin. No rule names it as moved: OpenClaw's doctor moves it
/// before unknown keys are removed.
fn bedrock(config: &Value, steps: &mut Vec<Step>) {
    if config.pointer("/models/bedrockDiscovery").is_some_and(Value::is_object) {
        let home = at(["plugins", "entries", "amazon-bedrock", "config", "discovery"]);
        steps.push(absorb("bedrock_discovery", at(["models", "bedrockDiscovery"]), home));
    }
}

/// `audio.transcription` is a model of `tools.media.audio` today.
fn transcription(config: &Value, steps: &mut Vec<Step>) {
    let Some(old) = config.pointer("/audio/transcription").and_then(Value::as_object) else { return };
    let Some(command) = old.get("command").and_then(Value::as_array) else { return };
    let Some(words) = command.iter().map(Value::as_str).collect::<Option<Vec<_>>>() else { return };
    let Some((program, arguments)) = words.split_first().filter(|(program, _)| !program.trim().is_empty()) else {
        return;
    };
    let models = config.pointer("/tools/media/audio/models");
    let known = ["command", "timeoutSeconds"];
    if models.is_some_and(|models| models.as_array().is_none_or(|models| !models.is_empty()))
        || old.keys().any(|key| !known.contains(&key.as_str()))
    {
        return;
    }
    let mut model = Object::new();
    model.insert("type".to_owned(), "cli".into());
    model.insert("command".to_owned(), program.trim().into());
    if !arguments.is_empty() {
        model.insert("args".to_owned(), json!(arguments));
    }
    if let Some(seconds) = old.get("timeoutSeconds") {
        model.insert("timeoutSeconds".to_owned(), seconds.clone());
    }
    let path = at(["audio", "transcription"]);
    let audio = at(["tools", "media", "audio"]);
    let edits = [
        Edit::Set(audio.join("enabled"), true.into()),
        Edit::Set(audio.join("models"), json!([model])),
        Edit::Discard(path.clone()),
    ];
    steps.push(Step::new("audio_transcription", path, "moved to tools.media.audio.models", edits).unseen());
}

/// A gateway that others reach must know which pages may talk to it, or it does not start.
fn origins(config: &Value, steps: &mut Vec<Step>) {
    let Some(gateway) = object(config, "/gateway") else { return };
    let bind = gateway.get("bind").and_then(Value::as_str);
    if !matches!(bind, Some("lan" | "tailnet" | "custom")) {
        return;
    }
    let ui = gateway.get("controlUi");
    let set_already = ui.and_then(|ui| ui.get("allowedOrigins")).is_some()
        || ui.and_then(|ui| ui.get("dangerouslyAllowHostHeaderOriginFallback")) == Some(&Value::Bool(true));
    if set_already {
        return;
    }
    let port = gateway.get("port").and_then(Value::as_u64).unwrap_or(u64::from(super::super::GATEWAY_PORT));
    let mut hosts = vec!["localhost", "127.0.0.1"];
    let own = gateway.get("customBindHost").and_then(Value::as_str).map(str::trim).filter(|host| !host.is_empty());
    hosts.extend(own.filter(|host| bind == Some("custom") && !hosts.contains(host)));
    let origins: Vec<String> = hosts.iter().map(|host| format!("http://{host}:{port}")).collect();
    let path = at(["gateway", "controlUi", "allowedOrigins"]);
    let message = "set to the addresses of this machine: a gateway that is bound to a network does not start without";
    let edit = Edit::Set(path.clone(), json!(origins));
    steps.push(Step::new("control_ui_origins", path, message, [edit]).unseen());
}
