//! The parts of typed values that the checks over sections look at, as a tree: so that these checks stand once.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::model::{Agent, Binding, Config};
use super::tree::{Member, Node, Value};

/// The agents, their bindings, and the gateway's address.
pub(crate) fn outline(config: &Config) -> Node<'_> {
    let agents = config.agents.as_ref();
    let list = agents.and_then(|agents| agents.list.as_deref()).unwrap_or_default();
    let workspace = agents.and_then(|agents| agents.defaults.as_ref()?.workspace.as_deref());
    let bindings = config.bindings.as_deref().unwrap_or_default().iter().map(|binding| {
        object([(
            "agentId",
            match binding {
                Binding::Route(route) => Some(text(&route.agent_id)),
                Binding::Acp(acp) => Some(text(&acp.agent_id)),
            },
        )])
    });
    let gateway = config.gateway.as_ref();
    let mode = gateway.and_then(|gateway| gateway.tailscale.as_ref()?.mode).map(|mode| text(mode.as_str()));
    object([
        (
            "agents",
            Some(object([
                ("list", Some(node(Value::Array(list.iter().map(agent).collect())))),
                ("defaults", Some(object([("workspace", workspace.map(text))]))),
            ])),
        ),
        ("bindings", Some(node(Value::Array(bindings.collect())))),
        (
            "gateway",
            Some(object([
                ("tailscale", Some(object([("mode", mode)]))),
                ("bind", gateway.and_then(|gateway| gateway.bind).map(|bind| text(bind.as_str()))),
                ("customBindHost", gateway.and_then(|gateway| gateway.custom_bind_host.as_deref()).map(text)),
            ])),
        ),
    ])
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

/// An open value as a tree.
pub(crate) fn tree(value: &Json) -> Node<'_> {
    node(match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or_default()),
        Json::String(text) => Value::String(Cow::Borrowed(text)),
        Json::Array(items) => Value::Array(items.iter().map(tree).collect()),
        Json::Object(map) => Value::Object(map.iter().map(|(key, value)| member(key, tree(value))).collect()),
    })
}

pub(crate) fn object<'v, const N: usize>(members: [(&'v str, Option<Node<'v>>); N]) -> Node<'v> {
    let there = members.into_iter().filter_map(|(key, value)| Some(member(key, value?)));
    node(Value::Object(there.collect()))
}

pub(crate) fn member<'v>(key: &'v str, value: Node<'v>) -> Member<'v> {
    Member { key: Cow::Borrowed(key), key_start: 0, key_end: 0, repeated: false, value }
}

fn text(text: &str) -> Node<'_> {
    node(Value::String(Cow::Borrowed(text)))
}

fn node(value: Value<'_>) -> Node<'_> {
    Node { value, file: 0, start: 0, end: 0 }
}
