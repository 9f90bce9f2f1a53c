//! The parts of typed values that the checks over sections look at, as a tree: so that these checks stand once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::model::{Agent, Agents, Binding, Config, Env, Gateway, Json, Map, Sensitive};
use super::tree::{Member, Node, Value};

/// The variables, the agents, their bindings, the gateway's address, and what the types take although it has moved: open values, and
/// keys that are known and refused.
pub(crate) fn outline(config: &Config) -> Node<'_> {
    let web = config.tools.as_ref().and_then(|tools| tools.web.as_ref()?.search.as_ref());
    let search = web.filter(|search| search.api_key.is_some());
    let search =
        search.map(|_| object([("web", Some(object([("search", Some(object([("apiKey", Some(text("")))])))])))]));
    let plugins = config.plugins.as_ref().and_then(|plugins| plugins.entries.as_ref());
    let call = plugins.and_then(|plugins| plugins.get("voice-call")?.config.as_ref());
    let call = call.map(|call| {
        object([("entries", Some(object([("voice-call", Some(object([("config", Some(open(call)))])))])))])
    });
    object([
        ("env", config.env.as_ref().map(env)),
        ("agents", config.agents.as_ref().map(agents)),
        ("bindings", config.bindings.as_deref().map(bindings)),
        ("gateway", config.gateway.as_ref().filter(|gateway| gateway.tailscale.is_some()).map(gateway)),
        ("tools", search),
        ("plugins", call),
        ("channels", config.channels.as_ref().map(|channels| open(&channels.other))),
    ])
}

/// The section `env` alone.
pub(crate) fn outline_of_env(config: &Config) -> Node<'_> {
    object([("env", config.env.as_ref().map(env))])
}

fn env(env: &Env) -> Node<'_> {
    let mut members = texts(&env.other);
    members.extend(env.vars.as_ref().map(|vars| member("vars", node(Value::Object(texts(vars))))));
    node(Value::Object(members))
}

fn texts(map: &Map<Sensitive>) -> Vec<Member<'_>> {
    map.iter().map(|(key, value)| member(key, text(value.expose()))).collect()
}

fn agents(agents: &Agents) -> Node<'_> {
    let workspace = agents.defaults.as_ref().and_then(|defaults| defaults.workspace.as_deref());
    let list = agents.list.as_deref().unwrap_or_default();
    object([
        ("list", Some(node(Value::Array(list.iter().map(agent).collect())))),
        ("defaults", Some(object([("workspace", workspace.map(text))]))),
    ])
}

fn bindings(bindings: &[Binding]) -> Node<'_> {
    let each = bindings.iter().map(|binding| {
        let agent = match binding {
            Binding::Route(route) => &route.agent_id,
            Binding::Acp(acp) => &acp.agent_id,
        };
        object([("agentId", Some(text(agent)))])
    });
    node(Value::Array(each.collect()))
}

fn gateway(gateway: &Gateway) -> Node<'_> {
    let mode = gateway.tailscale.as_ref().and_then(|tailscale| tailscale.mode).map(|mode| text(mode.as_str()));
    object([
        ("tailscale", Some(object([("mode", mode)]))),
        ("bind", gateway.bind.map(|bind| text(bind.as_str()))),
        ("customBindHost", gateway.custom_bind_host.as_deref().map(text)),
    ])
}

fn open(values: &BTreeMap<String, Json>) -> Node<'_> {
    node(Value::Object(values.iter().map(|(key, value)| member(key, tree(value))).collect()))
}

fn agent(agent: &Agent) -> Node<'_> {
    let avatar = agent.identity.as_ref().and_then(|identity| identity.avatar.as_deref());
    object([
        ("id", Some(text(&agent.id))),
        ("default", agent.default.map(|flag| node(Value::Bool(flag)))),
        ("agentDir", agent.agent_dir.as_deref().map(text)),
        ("workspace", agent.workspace.as_deref().map(text)),
        ("identity", Some(object([("avatar", avatar.map(text))]))),
    ])
}

fn tree(value: &serde_json::Value) -> Node<'_> {
    node(match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => Value::Number(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Value::String(Cow::Borrowed(text)),
        serde_json::Value::Array(items) => Value::Array(items.iter().map(tree).collect()),
        serde_json::Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| member(key, tree(value))).collect())
        }
    })
}

fn object<'v, const N: usize>(members: [(&'v str, Option<Node<'v>>); N]) -> Node<'v> {
    let there = members.into_iter().filter_map(|(key, value)| Some(member(key, value?)));
    node(Value::Object(there.collect()))
}

fn member<'v>(key: &'v str, value: Node<'v>) -> Member<'v> {
    Member { key: Cow::Borrowed(key), key_start: 0, key_end: 0, repeated: false, value }
}

fn text(text: &str) -> Node<'_> {
    node(Value::String(Cow::Borrowed(text)))
}

fn node(value: Value<'_>) -> Node<'_> {
    Node { value, file: 0, start: 0, end: 0 }
}
