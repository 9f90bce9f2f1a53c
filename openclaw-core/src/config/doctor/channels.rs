//! Keys of channels that have moved. A channel's settings are its plugin's, so these are warnings; they are moved because
//! what is meant is certain.

use serde_json::Value;

use super::super::edit::Edit;
use super::super::edit::path::KeyPath;
use super::engine::Step;
use super::migrate::{absorb, at, below, rename};

/// The moves that concern single channels.
pub(super) fn steps(config: &Value, steps: &mut Vec<Step>) {
    for (path, section) in sections(config) {
        let Some(channel) = path.keys().nth(1).map(str::to_owned) else { continue };
        allow(&channel, &path, section, steps);
        match channel.as_str() {
            "googlechat" if section.get("streamMode").is_some() => {
                steps.push(Step::removal("channel_stream_mode", path.join("streamMode"), "removed: no longer used"));
            }
            "telegram" | "discord" | "slack" => streaming(&channel, &path, section, steps),
            "bluebubbles" | "matrix" | "mattermost" | "nextcloud-talk" | "tlon" => {
                private_network(&path, section, steps)
            }
            _ => {}
        }
    }
    mentions(config, steps);
}

/// Every channel and every account of one.
pub(super) fn sections(config: &Value) -> Vec<(KeyPath, &Value)> {
    let mut found = Vec::new();
    for (id, channel) in config.get("channels").and_then(Value::as_object).into_iter().flatten() {
        let path = at(["channels", id]);
        found.push((path.clone(), channel));
        for (account, section) in channel.get("accounts").and_then(Value::as_object).into_iter().flatten() {
            found.push((below(&path, &["accounts", account]), section));
        }
    }
    found
}

/// `allow` of a group is `enabled` today.
fn allow(channel: &str, path: &KeyPath, section: &Value, steps: &mut Vec<Step>) {
    let groups: &[&str] = match channel {
        "slack" => &["channels"],
        "googlechat" | "zalouser" => &["groups"],
        "matrix" => &["groups", "rooms"],
        _ => &[],
    };
    let mut check = |path: KeyPath, groups: Option<&Value>| {
        for (id, group) in groups.and_then(Value::as_object).into_iter().flatten() {
            if group.get("allow").is_some_and(Value::is_boolean) {
                steps.push(rename("channel_allow", below(&path, &[id, "allow"]), "enabled"));
            }
        }
    };
    for group in groups {
        check(path.join(group), section.get(*group));
    }
    if channel == "discord" {
        for (id, guild) in section.get("guilds").and_then(Value::as_object).into_iter().flatten() {
            check(below(path, &["guilds", id, "channels"]), guild.get("channels"));
        }
    }
}

/// `streamMode`, and `streaming` as a yes or no, are a word today. Slack says apart whether it uses its own streaming.
fn streaming(channel: &str, path: &KeyPath, section: &Value, steps: &mut Vec<Step>) {
    let (mode, old) = (section.get("streamMode"), section.get("streaming"));
    let flag = old.and_then(Value::as_bool);
    if mode.is_none() && flag.is_none() {
        return;
    }
    // An object is what a newer OpenClaw writes, and says more than a word: a person has to say what is meant.
    if old.is_some_and(|old| old.is_object() || old.is_array()) {
        return;
    }
    let said = mode_of(channel, mode);
    let word = word_of(channel, old).or(said).unwrap_or(match flag {
        Some(false) => "off",
        None if channel == "discord" => "off",
        _ => "partial",
    });
    let native = match section.get("nativeStreaming") {
        Some(Value::Bool(_)) => None,
        _ => Some(flag.unwrap_or(true)).filter(|_| channel == "slack"),
    };
    let (target, mode, own) = (path.join("streaming"), path.join("streamMode"), path.join("nativeStreaming"));
    let kept = old.and_then(Value::as_str) == Some(word);
    let heard = said == Some(word);
    let mut edits = vec![if heard { Edit::Discard(mode) } else { Edit::Remove(mode) }];
    if !kept {
        edits.push(Edit::Set(target.clone(), word.into()));
    }
    edits.extend(native.map(|native| Edit::Set(own, native.into())));
    steps.push(Step::new("channel_streaming", target, format!("written as \"{word}\""), edits));
}

/// The word that `streaming` holds, as the channel knows it.
fn word_of(channel: &str, streaming: Option<&Value>) -> Option<&'static str> {
    match streaming?.as_str()?.trim().to_lowercase().as_str() {
        "off" => Some("off"),
        "partial" => Some("partial"),
        "block" => Some("block"),
        "progress" if channel == "slack" => Some("progress"),
        "progress" => Some("partial"),
        _ => None,
    }
}

/// The word that `streamMode` became.
fn mode_of(channel: &str, mode: Option<&Value>) -> Option<&'static str> {
    match (channel, mode?.as_str()?.trim().to_lowercase().as_str()) {
        ("slack", "replace") => Some("partial"),
        ("slack", "status_final") => Some("progress"),
        ("slack", "append") => Some("block"),
        ("slack", _) => None,
        _ => word_of(channel, mode),
    }
}

/// `allowPrivateNetwork` stands in `network` today, under a name that warns.
fn private_network(path: &KeyPath, section: &Value, steps: &mut Vec<Step>) {
    if section.get("allowPrivateNetwork").is_some() {
        let home = below(path, &["network", "dangerouslyAllowPrivateNetwork"]);
        steps.push(absorb("channel_private_network", path.join("allowPrivateNetwork"), home));
    }
}

/// `groupMentionsOnly` of Telegram is a setting of the group `*` today.
fn mentions(config: &Value, steps: &mut Vec<Step>) {
    let Some(only) = config.pointer("/channels/telegram/groupMentionsOnly") else { return };
    let (from, to) = (
        at(["channels", "telegram", "groupMentionsOnly"]),
        at(["channels", "telegram", "groups", "*", "requireMention"]),
    );
    let groups = config.pointer("/channels/telegram/groups");
    let fits = |value: Option<&Value>| value.is_none_or(Value::is_object);
    // What stands in the place of groups is for a person.
    if !only.is_boolean() || !fits(groups) || !fits(groups.and_then(|groups| groups.get("*"))) {
        return;
    }
    if groups.and_then(|groups| groups.pointer("/*/requireMention")).is_some() {
        steps.push(Step::removal("channel_mentions", from, "removed: groups.\"*\".requireMention says it today"));
        return;
    }
    let edits = [Edit::Discard(from.clone()), Edit::Set(to.clone(), only.clone())];
    steps.push(Step::new("channel_mentions", from, format!("moved to {to}"), edits));
}
