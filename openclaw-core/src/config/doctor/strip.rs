//! Takes out keys that OpenClaw does not know, where its own doctor does.

use super::super::edit::is_credential_key;
use super::super::edit::path::KeyPath;
use super::super::{Code, Report, Stage};
use super::engine::Step;

/// The unknown keys that may go.
pub(super) fn paths(report: &Report) -> Vec<KeyPath> {
    let unknown = report.errors().filter(|issue| issue.code == Code::UnknownKey && issue.stage == Stage::Schema);
    let all = unknown.filter_map(|issue| {
        let object = KeyPath::from_pointer(&issue.pointer).ok()?;
        // Channels and plugins have schemas of their own, which are not ours to judge by.
        let mut keys = object.keys();
        let foreign = match (keys.next(), keys.next(), keys.nth(1)) {
            (Some("channels"), Some(channel), _) => !matches!(channel, "defaults" | "modelByChannel"),
            (Some("plugins"), Some("entries"), below) => below == Some("config"),
            _ => false,
        };
        (!foreign)
            .then(|| issue.keys.iter().filter(|key| *key != "$include").map(|key| object.join(key)).collect::<Vec<_>>())
    });
    all.flatten().collect()
}

pub(super) fn steps(report: &Report) -> Vec<Step> {
    steps_for(report, |_| true)
}

/// The same for some of them.
pub(super) fn steps_for(report: &Report, wanted: impl Fn(&KeyPath) -> bool) -> Vec<Step> {
    let mut steps: Vec<Step> = paths(report).into_iter().filter(wanted).map(step).collect();
    // A credential in the wrong file is the most urgent.
    steps.sort_by_key(|step| step.kind != "credential_in_profile");
    steps
}

fn step(path: KeyPath) -> Step {
    let in_profile = path.len() == 4 && path.keys().take(2).eq(["auth", "profiles"]);
    let credential = in_profile && path.steps().last().is_some_and(|key| is_credential_key(key));
    let (kind, message) = match credential {
        true => (
            "credential_in_profile",
            "removed: OpenClaw refuses the whole file because of it; credentials live in auth-profiles.json",
        ),
        false => ("unknown_key", "removed: OpenClaw does not know this key and refuses the whole file because of it"),
    };
    Step::removal(kind, path, message)
}
