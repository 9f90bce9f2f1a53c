//! The way of a configuration: JSON5, includes, environment, moved keys, the model, checks over sections.
//!
//! OpenClaw stops at the first step that finds something. [`check`] goes on as far as it makes sense, so that a person
//! sees everything at once; [`first`] stops where OpenClaw does.

use serde::Deserialize;

use super::issue::{Code, Issue, Severity, Span, Stage};
use super::model::Config;
use super::outline::outline;
use super::parse::{SyntaxError, SyntaxKind, parse};
use super::report::{Report, Source};
use super::schema::shapes;
use super::tree::{Node, Value};
use super::walk::walk;
use super::{OPENCLAW_VERSION, Options, env, include, legacy, post};

/// Everything that is wrong, and the values if nothing is.
pub(crate) fn check(text: &str, options: &Options) -> (Report, Option<Config>) {
    if let Some(config) = straight(text, options) {
        return (Report { valid: true, ..Report::default() }, Some(config));
    }
    let mut sources = vec![Source::new(options, text)];
    let run = run(text, options, &mut sources, Depth::All);
    (Report::new(run.issues, sources), run.config)
}

/// Everything that is wrong, with the checks over sections also where something else is wrong: what a repair of the rest
/// would bring to light was there before it.
pub(crate) fn with_hidden(text: &str, options: &Options) -> Report {
    let mut sources = vec![Source::new(options, text)];
    let run = run(text, options, &mut sources, Depth::Hidden);
    Report::new(run.issues, sources)
}

/// What OpenClaw 2026.4.5 itself would report: the issues of the first step that has any, and the warnings before it.
pub(crate) fn first(text: &str, options: &Options) -> Report {
    let mut sources = vec![Source::new(options, text)];
    let run = run(text, options, &mut sources, Depth::First);
    Report::new(run.issues, sources)
}

/// Plain JSON is read into the types at once: no tree, no places. Whatever is not in order is looked at again.
fn straight(text: &str, options: &Options) -> Option<Config> {
    if text.len() > super::MAX_BYTES || !is_plain(text) {
        return None;
    }
    let config: Config = serde_json::from_str(text).ok()?;
    let version = config.meta.as_ref().and_then(|meta| meta.last_touched_version.as_deref());
    let plugins = config.plugins.as_ref().and_then(|plugins| plugins.entries.as_ref());
    // Open values may hold moved keys.
    let clean = !version.is_some_and(is_newer)
        && !plugins.is_some_and(|plugins| plugins.contains_key("voice-call"))
        && config.channels.as_ref().is_none_or(|channels| legacy::typed(channels).is_empty());
    let lone = config.agents.as_ref().and_then(|agents| agents.list.as_ref()).is_none_or(Vec::is_empty)
        && config.bindings.as_ref().is_none_or(Vec::is_empty)
        && config.gateway.as_ref().is_none_or(|gateway| gateway.tailscale.is_none());
    (clean && (lone || post::check(&outline(&config), &options.env).is_empty())).then_some(config)
}

/// Whether there is certainly no `${VAR}`, no `$include` and no escape that could hide one.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'$', bytes).all(|at| bytes.get(at..).is_some_and(|rest| rest.starts_with(b"$schema\"")))
        && memchr::memmem::find(bytes, b"\\u0024").is_none()
}

/// How far to go when something is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Not on: as OpenClaw.
    First,
    /// On, as far as it makes sense to a person.
    All,
    /// On to the end.
    Hidden,
}

struct Run {
    issues: Vec<Issue>,
    config: Option<Config>,
}

fn run(text: &str, options: &Options, sources: &mut Vec<Source>, depth: Depth) -> Run {
    let exact = depth == Depth::First;
    let stop = |issues| Run { issues, config: None };
    let source = match parse(text, 0) {
        Ok(root) => root,
        Err(error) => return stop(vec![syntax(&error, 0)]),
    };
    let mut issues = Vec::new();
    repeated(&source, &mut Vec::new(), &mut issues);
    let written = legacy::written(&source);
    let mut root = source;
    if include::has_include(&root) {
        root = match include::follow(root.clone(), options, sources) {
            Ok(merged) => merged,
            Err(issue) => {
                issues.push(*issue);
                if exact {
                    return stop(issues);
                }
                root
            }
        };
    }
    if exact && env::stumbles(&root, &options.env) {
        let message = "read failed: TypeError: value.includes is not a function";
        issues.push(Issue::new(Stage::Env, Code::WrongType, &[], message));
        return stop(issues);
    }
    let environment = env::environment(&root, &options.env);
    let mut substituted = env::substitute(&mut root, &environment);
    issues.append(&mut substituted.warnings);
    let moved = legacy::check(&root, &written);
    let is_moved = moved.iter().any(Issue::is_error);
    issues.extend(moved);
    if exact && is_moved {
        return stop(issues);
    }
    // The fast way is right almost always; only what it refuses is walked.
    let config = match is_moved {
        true => None,
        false => Config::deserialize(&root).ok(),
    };
    if config.is_none() {
        let judged_above: Vec<Issue> = issues.iter().filter(|issue| issue.is_error()).cloned().collect();
        let found = walk(shapes(), &root);
        issues.extend(
            found
                .into_iter()
                .map(|issue| secret_refs(issue, &root))
                .filter_map(|issue| without_known(issue, &judged_above)),
        );
    }
    if depth == Depth::Hidden || !issues.iter().any(Issue::is_error) {
        issues.extend(post::check(&root, &environment));
    }
    issues.extend(newer(&root));
    substituted.hide(&mut issues);
    let valid = !issues.iter().any(Issue::is_error);
    Run { issues, config: config.filter(|_| valid) }
}

pub(crate) fn syntax(error: &SyntaxError, file: u16) -> Issue {
    let (code, message) = match error.kind {
        SyntaxKind::Syntax => (Code::Syntax, format!("JSON5 parse failed: SyntaxError: {}", error.message)),
        SyntaxKind::TooDeep => (Code::TooDeep, error.message.clone()),
        SyntaxKind::TooLarge => (Code::TooLarge, error.message.clone()),
    };
    let mut issue = Issue::new(Stage::Json5, code, &[], message);
    let offset = error.offset as u32;
    issue.span = Some(Span { file, start: offset, end: offset });
    issue
}

/// A key that stands twice: the earlier value is lost.
fn repeated<'n>(node: &'n Node<'_>, at: &mut Vec<super::issue::Seg<'n>>, issues: &mut Vec<Issue>) {
    use super::issue::Seg;
    for member in node.members() {
        at.push(Seg::Key(&member.key));
        if member.repeated {
            let mut issue =
                Issue::new(Stage::Json5, Code::DuplicateKey, at, "this key stands twice; the last one counts");
            issue.severity = Severity::Warning;
            issue.span = Some(Span { file: member.value.file, start: member.key_start, end: member.key_end });
            issues.push(issue);
        }
        repeated(&member.value, at, issues);
        at.pop();
    }
    for (index, item) in node.items().iter().enumerate() {
        at.push(Seg::Index(index));
        repeated(item, at, issues);
        at.pop();
    }
}

/// An unknown key that an earlier step has already named is not named again.
fn without_known(mut issue: Issue, earlier: &[Issue]) -> Option<Issue> {
    if issue.code != Code::UnknownKey {
        return earlier.iter().all(|other| other.pointer != issue.pointer).then_some(issue);
    }
    let parent = issue.pointer.clone();
    let named = |key: &String| {
        let pointer = format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"));
        let include = key == "$include" && earlier.iter().any(|other| other.stage == Stage::Include);
        include
            || earlier.iter().any(|other| {
                let listed =
                    other.keys.contains(key) && other.pointer.rsplit_once('/').is_some_and(|(at, _)| at == parent);
                other.pointer == pointer || listed
            })
    };
    let left: Vec<String> = issue.keys.iter().filter(|key| !named(key)).cloned().collect();
    if left.is_empty() {
        return None;
    }
    if left.len() != issue.keys.len() {
        let quoted: Vec<String> = left.iter().map(|key| format!("\"{key}\"")).collect();
        issue.message = format!("Unrecognized {}: {}", if left.len() == 1 { "key" } else { "keys" }, quoted.join(", "));
        issue.keys = left;
    }
    Some(issue)
}

/// Where a secret must stay a plain text, a reference to one is refused in other words.
fn secret_refs(mut issue: Issue, root: &Node<'_>) -> Issue {
    let plain = match issue.path.as_str() {
        "commands.ownerDisplaySecret" | "hooks.token" | "hooks.gmail.pushToken" => true,
        path => path.starts_with("hooks.mappings.") && path.ends_with(".sessionKey"),
    };
    let reference = plain && {
        let node = issue.path.split('.').try_fold(root, |node, key| match key.parse::<usize>() {
            Ok(index) => node.items().get(index),
            Err(_) => node.get(key),
        });
        node.is_some_and(|node| matches!(node.get("source").and_then(Node::text), Some("env" | "file" | "exec")))
    };
    if reference {
        issue.code = Code::SecretRef;
        issue.message = format!(
            "SecretRef objects are not supported at {}. This credential is runtime-mutable or runtime-managed and must \
             stay a plain string value. Use a plain string (env template strings like \"${{MY_VAR}}\" are allowed). See \
             https://docs.openclaw.ai/reference/secretref-credential-surface.",
            issue.path
        );
    }
    issue
}

/// A file of a later version may hold keys that this one does not know.
fn newer(root: &Node<'_>) -> Option<Issue> {
    let node = root.at(&["meta", "lastTouchedVersion"])?;
    let Value::String(version) = &node.value else { return None };
    if !is_newer(version) {
        return None;
    }
    use super::issue::Seg;
    let at = [Seg::Key("meta"), Seg::Key("lastTouchedVersion")];
    let message =
        format!("last written by an OpenClaw newer than {OPENCLAW_VERSION}, by whose rules it is judged here");
    let mut issue = Issue::new(Stage::PostSchema, Code::NewerVersion, &at, message);
    issue.severity = Severity::Warning;
    issue.span = Some(node.span());
    Some(issue)
}

pub(crate) fn is_newer(version: &str) -> bool {
    let numbers = |version: &str| -> Vec<u64> {
        let core = version.trim().trim_start_matches('v').split(['-', '+', ' ']).next().unwrap_or_default().to_owned();
        core.split('.').map_while(|part| part.parse().ok()).collect()
    };
    numbers(version) > numbers(OPENCLAW_VERSION)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
