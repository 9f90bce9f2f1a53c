//! What a JSON Schema cannot say: rules over several keys, each under its own name.
//!
//! A rule is one judgement with two ways in: from a typed object, where it is part of reading the object, and from the
//! tree, where it says what is wrong and where. [`RULES`] lists them all; [`text`] holds the forms of single texts.

pub(crate) mod acp_binding;
pub(crate) mod broadcast;
pub(crate) mod browser_profile;
pub(crate) mod channels;
pub(crate) mod cron;
pub(crate) mod forms;
pub(crate) mod gateway;
pub(crate) mod heartbeat;
pub(crate) mod loop_detection;
pub(crate) mod meta;
pub(crate) mod safe_command;
pub(crate) mod sandbox_browser;
pub(crate) mod sandbox_docker;
pub(crate) mod sandbox_join;
pub(crate) mod session_maintenance;
pub(crate) mod talk;
pub(crate) mod text;
pub(crate) mod tool_lists;

/// The same rule in other words for other places.
pub(crate) mod agent_tool_lists {
    pub(crate) use super::tool_lists::typed;
}
pub(crate) mod nested_tool_lists {
    pub(crate) use super::tool_lists::typed;
}
pub(crate) mod provider_tool_lists {
    pub(crate) use super::tool_lists::typed;
}

use super::issue::Seg;
use super::tree::Node;

/// A rule over several keys.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// What it demands, for the documentation.
    pub(crate) demands: &'static str,
    /// Judges the object in the tree that the rule stands on.
    pub(crate) judge: for<'n> fn(&'n Node<'_>) -> Vec<Finding<'n>>,
}

/// What a rule found: where below its object, and OpenClaw's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding<'n> {
    pub(crate) at: Vec<Seg<'n>>,
    pub(crate) message: String,
}

impl<'n> Finding<'n> {
    /// At a path of keys.
    pub(crate) fn at(keys: &[&'n str], message: impl Into<String>) -> Self {
        Self { at: keys.iter().map(|key| Seg::Key(key)).collect(), message: message.into() }
    }

    /// At an item of a list below a key.
    pub(crate) fn item(key: &'n str, index: usize, message: impl Into<String>) -> Self {
        Self { at: vec![Seg::Key(key), Seg::Index(index)], message: message.into() }
    }
}

/// Every rule over several keys.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "acp_binding",
        demands: "`bindings[]` of type `acp`: `match.peer.id` is not blank",
        judge: acp_binding::node,
    },
    Rule {
        name: "agent_tool_lists",
        demands: "`agents.list[].tools`: not both `allow` and `alsoAllow`, unless one is empty",
        judge: |node| tool_lists::node(node, tool_lists::AGENT),
    },
    Rule {
        name: "broadcast",
        demands: "`broadcast.<peer>[]`: ids of `agents.list`, if that list is not empty",
        judge: broadcast::node,
    },
    Rule {
        name: "browser_profile",
        demands: "`browser.profiles.*`: `cdpPort` or `cdpUrl`, unless `driver` is `existing-session`; `userDataDir` only \
                  with `existing-session`",
        judge: browser_profile::node,
    },
    Rule { name: "channels", demands: "`channels.*`: no `bindings.acp` at any depth", judge: channels::node },
    Rule {
        name: "cron",
        demands: "`cron.sessionRetention` is a duration (unit `h`) or `false`; `cron.runLog.maxBytes` is a size",
        judge: cron::node,
    },
    Rule {
        name: "gateway",
        demands: "`gateway.channelStaleEventThresholdMinutes` is not below `channelHealthCheckMinutes` (5 if absent; 0 \
                  switches it off)",
        judge: gateway::node,
    },
    Rule {
        name: "heartbeat",
        demands: "`*.heartbeat`: `every` is a duration (unit `m`); with it, `activeHours.start` and `end` are `HH:MM`",
        judge: heartbeat::node,
    },
    Rule {
        name: "loop_detection",
        demands: "`*.loopDetection`: `warningThreshold` < `criticalThreshold` < `globalCircuitBreakerThreshold`",
        judge: loop_detection::node,
    },
    Rule { name: "meta", demands: "`meta.lastTouchedAt` as a number is a date of JavaScript", judge: meta::node },
    Rule {
        name: "nested_tool_lists",
        demands: "`tools.sandbox.tools`, `tools.subagents.tools`: not both `allow` and `alsoAllow`, unless one is empty",
        judge: |node| tool_lists::node(node, tool_lists::NESTED),
    },
    Rule {
        name: "provider_tool_lists",
        demands: "`*.tools.byProvider.*`: not both `allow` and `alsoAllow`, unless one is empty",
        judge: |node| tool_lists::node(node, tool_lists::PROVIDER),
    },
    Rule {
        name: "safe_command",
        demands: "`audio.transcription.command[0]` is the name or path of a program, without shell characters",
        judge: safe_command::node,
    },
    Rule {
        name: "sandbox_browser",
        demands: "`*.sandbox.browser.network` is not `host`",
        judge: sandbox_browser::node,
    },
    Rule {
        name: "sandbox_docker",
        demands: "`*.sandbox.docker`: `binds[]` have absolute sources; `network` is not `host`, and joins no container \
                  unless `dangerouslyAllowContainerNamespaceJoin`; no profile is `unconfined`",
        judge: sandbox_docker::node,
    },
    Rule {
        name: "sandbox_join",
        demands: "`*.sandbox.browser.network` joins no container unless `docker.dangerouslyAllowContainerNamespaceJoin`",
        judge: sandbox_join::node,
    },
    Rule {
        name: "session_maintenance",
        demands: "`session.maintenance`: `pruneAfter` and `resetArchiveRetention` are durations (unit `d`); \
                  `rotateBytes`, `maxDiskBytes` and `highWaterBytes` are sizes",
        judge: session_maintenance::node,
    },
    Rule {
        name: "talk",
        demands: "`talk.provider` is a key of `talk.providers`, and is there if that has several",
        judge: talk::node,
    },
    Rule {
        name: "tool_lists",
        demands: "`tools`: not both `allow` and `alsoAllow`, unless one is empty",
        judge: |node| tool_lists::node(node, tool_lists::ROOT),
    },
];

/// The rule of this name.
pub(crate) fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

#[cfg(test)]
mod tests;
