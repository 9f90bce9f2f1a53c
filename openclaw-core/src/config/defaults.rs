//! What OpenClaw 2026.4.5 takes for keys that are absent. A loaded [`Config`](super::Config) keeps them absent, so that
//! writing it back adds nothing.

use serde_json::{Value, json};

/// The port of the gateway.
pub const GATEWAY_PORT: u16 = 18789;

/// Tokens of a model's context.
pub const CONTEXT_WINDOW: u64 = 200_000;

/// Tokens of a model's answer; never more than its context.
pub const MAX_TOKENS: u64 = 8192;

/// Turns at once, over all sessions.
pub const MAX_CONCURRENT: u64 = 4;

/// Agents started by agents at once.
pub const SUBAGENTS_MAX_CONCURRENT: u64 = 8;

/// The default of the key at this path, in the form of [`explain`](super::explain): `agents.defaults.maxConcurrent`,
/// `models.providers.*.models[].contextWindow`. Nothing, if it has no fixed one.
pub fn default_of(path: &str) -> Option<Value> {
    Some(match path {
        "agents.defaults.compaction.mode" => json!("safeguard"),
        "agents.defaults.maxConcurrent" => json!(MAX_CONCURRENT),
        "agents.defaults.subagents.maxChildrenPerAgent" => json!(5),
        "agents.defaults.subagents.maxConcurrent" => json!(SUBAGENTS_MAX_CONCURRENT),
        "agents.defaults.subagents.maxSpawnDepth" => json!(1),
        "commands.native" | "commands.nativeSkills" => json!("auto"),
        "commands.ownerDisplay" => json!("raw"),
        "commands.restart" => json!(true),
        "gateway.bind" => json!("loopback"),
        "gateway.channelHealthCheckMinutes" => json!(5),
        "gateway.port" => json!(GATEWAY_PORT),
        "logging.redactSensitive" => json!("tools"),
        "messages.ackReactionScope" => json!("group-mentions"),
        "models.providers.*.models[].contextWindow" => json!(CONTEXT_WINDOW),
        "models.providers.*.models[].cost.input"
        | "models.providers.*.models[].cost.output"
        | "models.providers.*.models[].cost.cacheRead"
        | "models.providers.*.models[].cost.cacheWrite" => json!(0),
        "models.providers.*.models[].input" => json!(["text"]),
        "models.providers.*.models[].maxTokens" => json!(MAX_TOKENS),
        "models.providers.*.models[].reasoning" => json!(false),
        "session.mainKey" => json!("main"),
        _ => return None,
    })
}
