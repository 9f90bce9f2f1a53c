//! The way of a configuration: JSON5, includes, environment, moved keys, the model, checks over sections.
//!
//! OpenClaw stops at the first step that finds something. [`check`] goes on as far as it makes sense, so that a person
//! sees everything at once; [`first`] stops where OpenClaw does.

use std::collections::HashSet;

use serde::Deserialize;

use super::issue::{Code, Issue, Seg, Severity, Span, Stage, pointer_step};
use super::model::Config;
use super::oddities::{Read, not_utf8, oddities};
use super::outline::outline;
use super::parse::{SyntaxError, SyntaxKind, parse};
use super::report::{Report, Source};
use super::schema::shapes;
use super::tree::{Node, Value};
use super::walk::{Depth, walk};
use super::{OPENCLAW_VERSION, Options, env, include, legacy, post, unusable};

/// Everything that is wrong, and the values if nothing is. `broken`: where the first byte of the file stood that is not
/// UTF-8.
pub(crate) fn check(text: &str, broken: Option<usize>, options: &Options) -> (Report, Option<Config>) {
    if let Some(config) = straight(text, options).filter(|_| broken.is_none()) {
        return (Report { valid: true, ..Report::default() }, Some(config));
    }
    let (report, run) = report(text, broken, options, Depth::All);
    (report, run.config)
}

/// Everything that is wrong, with what comes to light only when the rest is right: a repair of the rest does not bring it.
pub(crate) fn with_hidden(text: &str, options: &Options) -> Report {
    report(text, None, options, Depth::Hidden).0
}

/// What OpenClaw 2026.4.5 itself would report: the issues of the first step that has any, and the warnings before it.
pub(crate) fn first(text: &str, options: &Options) -> Report {
    report(text, None, options, Depth::First).0
}

/// As [`check`] judges, and warnings of Codex providers that OpenClaw accepts and that cannot be asked.
pub(crate) fn for_repair(text: &str, options: &Options) -> Report {
    let mut sources = vec![Source::new(options, text)];
    let mut run = run(text, None, options, &mut sources, Depth::All);
    if let (Some(root), Some(config)) = (&run.root, &run.config) {
        run.issues.extend(unusable::check(root, config));
    }
    Report::new(run.issues, sources)
}

fn report<'t>(text: &'t str, broken: Option<usize>, options: &Options, depth: Depth) -> (Report, Run<'t>) {
    let mut sources = vec![Source::new(options, text)];
    let mut run = run(text, broken, options, &mut sources, depth);
    (Report::new(std::mem::take(&mut run.issues), sources), run)
}

/// Plain JSON is read into the types at once: no tree, no places. Whatever is not in order is looked at again.
fn straight(text: &str, options: &Options) -> Option<Config> {
    if text.len() > super::MAX_BYTES || !is_plain(text) {
        return None;
    }
    let config: Config = serde_json::from_str(text).ok()?;
    let version = config.meta.as_ref().and_then(|meta| meta.last_touched_version.as_deref());
    if version.is_some_and(is_newer) {
        return None;
    }
    let outline = outline(&config);
    let environment = env::environment(&outline, &options.env);
    let clean = legacy::is_clean(&outline) && post::check(&outline, &environment, true).is_empty();
    clean.then_some(config)
}

/// Whether there is certainly no `${VAR}`, no `$include` and no escape that could hide one.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'$', bytes).all(|at| bytes.get(at..).is_some_and(|rest| rest.starts_with(b"$schema\"")))
        && memchr::memmem::find(bytes, b"\\u0024").is_none()
}

#[derive(Default)]
struct Run<'t> {
    issues: Vec<Issue>,
    /// With everything merged in and replaced.
    root: Option<Node<'t>>,
    config: Option<Config>,
}

fn run<'t>(
    text: &'t str,
    broken: Option<usize>,
    options: &Options,
    sources: &mut Vec<Source>,
    depth: Depth,
) -> Run<'t> {
    let exact = depth == Depth::First;
    let stop = |issues| Run { issues, ..Run::default() };
    let (mut root, halves) = match parse(text, 0) {
        Ok(read) => read,
        Err(error) => {
            let odd = broken.map(|broken| not_utf8(0, broken));
            return stop(odd.into_iter().chain([syntax(&error, 0)]).collect());
        }
    };
    let mut issues = oddities(&Read { text, root: &root, broken, halves: &halves }, &[]);
    let written = legacy::written(&root);
    let mut partial = Default::default();
    if include::has_include(&root) {
        let (merged, done) = include::follow(root, options, sources);
        (root, partial) = (merged, done.partial);
        issues.extend(done.odd);
        let all = if exact { 1 } else { usize::MAX };
        issues.extend(done.failed.into_iter().take(all));
        if exact && issues.iter().any(Issue::is_error) {
            return stop(issues);
        }
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
        // What an include that failed should have given is not missing.
        let unknown = |issue: &Issue| {
            matches!(issue.code, Code::Missing | Code::Rule)
                && issue.span.is_some_and(|span| partial.contains(&(span.file, span.start)))
        };
        let found = walk(depth, shapes(), &root).into_iter().filter(|issue| !unknown(issue));
        issues.extend(
            found.map(|issue| secret_refs(issue, &root)).filter_map(|issue| without_known(issue, &judged_above)),
        );
        // Where no number may stand at all, that is said already.
        let wrong: HashSet<_> = issues.iter().filter(|issue| issue.is_error()).filter_map(|issue| issue.span).collect();
        issues.retain(|issue| issue.code != Code::NotFinite || !issue.span.is_some_and(|span| wrong.contains(&span)));
    }
    if !(exact && issues.iter().any(Issue::is_error)) {
        issues.extend(post::check(&root, &environment, exact));
    }
    issues.extend(newer(&root));
    substituted.hide(&mut issues);
    // What the types refuse is wrong, whether or not the walk says why.
    if config.is_none() && !issues.iter().any(Issue::is_error) {
        let mut issue = Issue::new(Stage::Schema, Code::NoShape, &[], "Invalid input");
        issue.span = Some(root.span());
        issues.push(issue);
    }
    let valid = !issues.iter().any(Issue::is_error);
    Run { issues, root: Some(root), config: config.filter(|_| valid) }
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

/// An unknown key that an earlier step has already named is not named again.
fn without_known(mut issue: Issue, earlier: &[Issue]) -> Option<Issue> {
    if issue.code != Code::UnknownKey {
        return earlier.iter().all(|other| other.pointer != issue.pointer).then_some(issue);
    }
    let parent = issue.pointer.clone();
    let named = |key: &String| {
        let pointer = parent.clone() + &pointer_step(key);
        earlier.iter().any(|other| {
            let listed = other.keys.contains(key) && other.pointer.rsplit_once('/').is_some_and(|(at, _)| at == parent);
            other.pointer == pointer || listed
        })
    };
    let mut left = std::mem::take(&mut issue.unknown);
    left.retain(|key| !named(&key.name));
    if left.is_empty() {
        return None;
    }
    issue.name_unknown(left);
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
