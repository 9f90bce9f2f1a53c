//! Keys that OpenClaw has moved, renamed or dropped: each is named with its new home.
//!
//! A key of the core makes the file invalid. What concerns channels and plugins is theirs to judge, and a warning here.

use super::issue::{Code, Issue, Seg, Severity, Stage};
use super::tree::Node;

/// One moved key.
struct Moved {
    /// Where OpenClaw reports it.
    path: &'static [&'static str],
    message: &'static str,
    /// The keys below that are concerned, from the value at `path`; none: the rule does not hold.
    find: Find,
    /// Only if it stands in the file itself, not in an included one.
    in_source: bool,
}

type Find = for<'n> fn(&'n Node<'_>) -> Vec<Vec<Seg<'n>>>;

const MOVED: &[Moved] = &[
    core(
        &["session", "threadBindings"],
        "session.threadBindings.ttlHours was renamed to session.threadBindings.idleHours. Run \"openclaw doctor --fix\".",
        |node| own(node, &["ttlHours"]),
    ),
    core(
        &["agents", "defaults", "sandbox"],
        "agents.defaults.sandbox.perSession is legacy; use agents.defaults.sandbox.scope instead. Run \"openclaw doctor \
         --fix\".",
        |node| own(node, &["perSession"]),
    ),
    core(
        &["agents", "list"],
        "agents.list[].sandbox.perSession is legacy; use agents.list[].sandbox.scope instead. Run \"openclaw doctor \
         --fix\".",
        |node| {
            let agents = node.items().iter().enumerate();
            let found = agents.filter(|(_, agent)| agent.at(&["sandbox", "perSession"]).is_some());
            found.map(|(index, _)| vec![Seg::Index(index), Seg::Key("sandbox"), Seg::Key("perSession")]).collect()
        },
    ),
    core(
        &["memorySearch"],
        "top-level memorySearch was moved; use agents.defaults.memorySearch instead. Run \"openclaw doctor --fix\".",
        |_| vec![Vec::new()],
    ),
    core(
        &["heartbeat"],
        "top-level heartbeat is not a valid config path; use agents.defaults.heartbeat (cadence/target/model settings) \
         or channels.defaults.heartbeat (showOk/showAlerts/useIndicator).",
        |_| vec![Vec::new()],
    ),
    Moved {
        in_source: true,
        ..core(
            &["gateway", "bind"],
            "gateway.bind host aliases (for example 0.0.0.0/localhost) are legacy; use bind modes \
             (lan/loopback/custom/tailnet/auto) instead. Run \"openclaw doctor --fix\".",
            |node| node.text().and_then(bind_mode).map(|_| Vec::new()).into_iter().collect(),
        )
    },
    core(
        &["tools", "web", "x_search", "apiKey"],
        "tools.web.x_search.apiKey moved to the xAI plugin; use plugins.entries.xai.config.webSearch.apiKey instead. Run \
         \"openclaw doctor --fix\".",
        |_| vec![Vec::new()],
    ),
    core(
        &["messages", "tts"],
        "messages.tts.<provider> keys (openai/elevenlabs/microsoft/edge) are legacy; use \
         messages.tts.providers.<provider>. Run \"openclaw doctor --fix\".",
        speech,
    ),
    core(
        &["plugins", "entries"],
        "plugins.entries.voice-call.config.tts.<provider> keys (openai/elevenlabs/microsoft/edge) are legacy; use \
         plugins.entries.voice-call.config.tts.providers.<provider>. Run \"openclaw doctor --fix\".",
        |node| {
            let below = ["voice-call", "config", "tts"];
            let found = node.at(&below).map(speech).unwrap_or_default();
            found.into_iter().map(|rest| below.iter().map(|key| Seg::Key(key)).chain(rest).collect()).collect()
        },
    ),
    Moved {
        in_source: true,
        ..core(
            &["tools", "web", "search"],
            "tools.web.search provider-owned config moved to plugins.entries.<plugin>.config.webSearch. Run \"openclaw \
             doctor --fix\".",
            |node| {
                let mut found = own(node, &["apiKey"]);
                let objects = SEARCH.iter().filter(|(name, _)| node.get(name).is_some_and(Node::is_object));
                found.extend(objects.map(|(name, _)| vec![Seg::Key(name)]));
                found
            },
        )
    },
    core(
        &["talk"],
        "talk.voiceId/talk.voiceAliases/talk.modelId/talk.outputFormat/talk.apiKey are legacy; use \
         talk.providers.<provider> and run openclaw doctor --fix.",
        |node| own(node, TALK),
    ),
];

/// Providers of speech that once had keys of their own, and their names today.
pub(crate) const SPEECH: &[(&str, &str)] =
    &[("openai", "openai"), ("elevenlabs", "elevenlabs"), ("microsoft", "microsoft"), ("edge", "microsoft")];

/// Settings of voices that once stood directly in `talk`.
pub(crate) const TALK: &[&str] = &["voiceId", "voiceAliases", "modelId", "outputFormat", "apiKey"];

/// Providers of web search that once had keys of their own, and the plugins that own them.
pub(crate) const SEARCH: &[(&str, &str)] = &[
    ("brave", "brave"),
    ("duckduckgo", "duckduckgo"),
    ("exa", "exa"),
    ("firecrawl", "firecrawl"),
    ("gemini", "google"),
    ("grok", "xai"),
    ("kimi", "moonshot"),
    ("minimax", "minimax"),
    ("ollama", "ollama"),
    ("perplexity", "perplexity"),
    ("searxng", "searxng"),
    ("tavily", "tavily"),
];

/// Names of `gateway.bind` that are addresses, and what they mean.
pub(crate) fn bind_mode(host: &str) -> Option<&'static str> {
    match host.trim().to_lowercase().as_str() {
        "0.0.0.0" | "::" | "[::]" | "*" => Some("lan"),
        "127.0.0.1" | "localhost" | "::1" | "[::1]" => Some("loopback"),
        _ => None,
    }
}

const fn core(path: &'static [&'static str], message: &'static str, find: Find) -> Moved {
    Moved { path, message, find, in_source: false }
}

fn speech<'n>(node: &'n Node<'_>) -> Vec<Vec<Seg<'n>>> {
    own(node, &SPEECH.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

fn own<'n>(node: &'n Node<'_>, names: &[&str]) -> Vec<Vec<Seg<'n>>> {
    let found = node.members().iter().filter(|member| names.contains(&&*member.key));
    found.map(|member| vec![Seg::Key(&member.key)]).collect()
}

/// The rules that hold in the file as it was written, before anything is included or replaced.
pub(crate) fn written(source: &Node<'_>) -> Vec<&'static [&'static str]> {
    let holds =
        |moved: &&Moved| moved.in_source && source.at(moved.path).is_some_and(|node| !(moved.find)(node).is_empty());
    MOVED.iter().filter(holds).map(|moved| moved.path).collect()
}

/// How many rules there are for keys of the core.
#[cfg(test)]
pub(crate) fn count() -> usize {
    MOVED.len()
}

/// Whether a file that includes nothing holds no moved key.
pub(crate) fn is_clean(root: &Node<'_>) -> bool {
    check(root, &written(root)).is_empty()
}

/// Every moved key. `written` are the rules that hold in the file as it was written.
pub(crate) fn check(root: &Node<'_>, written: &[&'static [&'static str]]) -> Vec<Issue> {
    let mut issues = Vec::new();
    for moved in MOVED {
        let Some(node) = root.at(moved.path) else { continue };
        if moved.in_source && !written.contains(&moved.path) {
            continue;
        }
        let found = (moved.find)(node);
        let Some(first) = found.first() else { continue };
        let at: Vec<Seg<'_>> = moved.path.iter().map(|key| Seg::Key(key)).collect();
        let mut issue = Issue::new(Stage::Legacy, Code::LegacyKey, &at, moved.message);
        issue.keys = found.iter().filter_map(|below| last_key(below)).collect();
        let place = first.iter().fold(node, |place, seg| place.step(*seg).unwrap_or(place));
        let exact: Vec<Seg<'_>> = at.iter().chain(first).copied().collect();
        issue.pointer = super::issue::pointer(&exact);
        issue.span = Some(place.span());
        issues.push(issue);
    }
    issues.extend(root.get("channels").map(channels).unwrap_or_default());
    issues
}

fn last_key(below: &[Seg<'_>]) -> Option<String> {
    match below.last() {
        Some(Seg::Key(key)) => Some((*key).to_owned()),
        _ => None,
    }
}

/// Keys of channels that moved: where they stand below a channel or one of its accounts, and what to use instead.
/// `*` stands for every key.
const CHANNEL_KEYS: &[(&[&str], &[&str], &str)] = &[
    (&[], &["threadBindings", "ttlHours"], "threadBindings.idleHours"),
    (&["telegram", "discord", "slack"], &["streamMode"], "streaming"),
    (&["googlechat"], &["streamMode"], "nothing: it is no longer used"),
    (&["slack"], &["channels", "*", "allow"], "channels.<id>.enabled"),
    (&["googlechat", "zalouser", "matrix"], &["groups", "*", "allow"], "groups.<id>.enabled"),
    (&["matrix"], &["rooms", "*", "allow"], "rooms.<id>.enabled"),
    (&["discord"], &["guilds", "*", "channels", "*", "allow"], "guilds.<id>.channels.<id>.enabled"),
    (&["telegram"], &["groupMentionsOnly"], "groups.\"*\".requireMention"),
    (
        &["bluebubbles", "matrix", "mattermost", "nextcloud-talk", "tlon"],
        &["allowPrivateNetwork"],
        "network.dangerouslyAllowPrivateNetwork",
    ),
    (&["discord"], &["voice", "tts", "openai"], "voice.tts.providers.openai"),
    (&["discord"], &["voice", "tts", "elevenlabs"], "voice.tts.providers.elevenlabs"),
    (&["discord"], &["voice", "tts", "microsoft"], "voice.tts.providers.microsoft"),
    (&["discord"], &["voice", "tts", "edge"], "voice.tts.providers.edge"),
];

fn channels(channels: &Node<'_>) -> Vec<Issue> {
    let mut issues = Vec::new();
    for channel in channels.members() {
        let at = vec![Seg::Key("channels"), Seg::Key(&channel.key)];
        for account in channel.value.get("accounts").map(Node::members).unwrap_or_default() {
            let mut at = at.clone();
            at.extend([Seg::Key("accounts"), Seg::Key(&account.key)]);
            section(&channel.key, &account.value, &at, &mut issues);
        }
        section(&channel.key, &channel.value, &at, &mut issues);
    }
    issues
}

/// What has moved in a channel itself, or in one of its accounts.
fn section<'n>(channel: &str, node: &'n Node<'_>, at: &[Seg<'n>], issues: &mut Vec<Issue>) {
    for (names, path, instead) in CHANNEL_KEYS {
        if names.is_empty() || names.contains(&channel) {
            moved_in(node, path, at, instead, issues);
        }
    }
    let flag = node.get("streaming").filter(|node| node.flag().is_some());
    if let (Some(flag), "telegram" | "discord" | "slack") = (flag, channel) {
        let mut at = at.to_vec();
        at.push(Seg::Key("streaming"));
        issues.push(channel_issue(&at, "a word: \"off\", \"partial\" or \"block\"", Some(flag)));
    }
}

fn moved_in<'n>(node: &'n Node<'_>, path: &[&'n str], at: &[Seg<'n>], instead: &str, issues: &mut Vec<Issue>) {
    let Some((name, rest)) = path.split_first() else {
        issues.push(channel_issue(at, instead, Some(node)));
        return;
    };
    for member in node.members().iter().filter(|member| *name == "*" || member.key == *name) {
        let mut at = at.to_vec();
        at.push(Seg::Key(&member.key));
        moved_in(&member.value, rest, &at, instead, issues);
    }
}

fn channel_issue(at: &[Seg<'_>], instead: &str, node: Option<&Node<'_>>) -> Issue {
    let message = format!("this key of a channel is legacy; use {instead}. Run \"openclaw doctor --fix\".");
    let mut issue = Issue::new(Stage::Legacy, Code::LegacyKey, at, message);
    issue.severity = Severity::Warning;
    issue.span = node.map(Node::span);
    issue
}
