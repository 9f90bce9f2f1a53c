//! Replaces `${VAR}` in texts by environment variables. No value is ever shown.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::issue::{Code, Issue, Seg, Severity, Span, Stage};
use super::tree::{Node, Value};

/// Variables that a configuration must not set for the programs that OpenClaw starts.
const REFUSED: &[&str] = &[
    "BASH_ENV",
    "ENV",
    "GCONV_PATH",
    "IFS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PERL5LIB",
    "PERL5OPT",
    "PYTHONHOME",
    "PYTHONPATH",
    "RUBYLIB",
    "RUBYOPT",
    "SHELL",
    "SHELLOPTS",
    "SSLKEYLOGFILE",
];

/// The environment, and what the configuration's section `env` adds to it: what is set outside wins.
pub(crate) fn environment<'e>(
    root: &Node<'_>,
    outside: &'e BTreeMap<String, String>,
) -> Cow<'e, BTreeMap<String, String>> {
    let mut all = Cow::Borrowed(outside);
    for (key, value) in variables(root) {
        if all.get(&key).is_none_or(|value| value.trim().is_empty()) {
            all.to_mut().insert(key, value);
        }
    }
    all
}

/// What the section `env` of a configuration sets, where nothing outside does.
pub(crate) fn variables(root: &Node<'_>) -> BTreeMap<String, String> {
    let texts = entries(root).into_iter().filter_map(|(key, value)| Some((key, value.text()?)));
    texts.filter(|(_, value)| !refers(value)).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A value in `env.vars` on which OpenClaw 2026.4.5 stumbles before it validates: neither a text nor a list.
pub(crate) fn stumbles(root: &Node<'_>, outside: &BTreeMap<String, String>) -> bool {
    let outside = |key: &str| outside.get(key).is_some_and(|value| !value.trim().is_empty());
    let odd = |value: &Node<'_>| !matches!(value.value, Value::String(_) | Value::Array(_));
    entries(root).into_iter().any(|(key, value)| odd(value) && !outside(key))
}

/// The variables of the section. As OpenClaw puts them together: those of `vars` that JavaScript takes for true, then the
/// texts of the section itself that are not blank; of two with one name the later counts.
fn entries<'n, 't>(root: &'n Node<'t>) -> BTreeMap<&'n str, &'n Node<'t>> {
    let Some(section) = root.get("env") else { return BTreeMap::new() };
    let vars = section.get("vars").map(Node::members).unwrap_or_default().iter();
    let vars = vars.filter(|member| is_truthy(&member.value));
    let direct = section.members().iter().filter(|member| {
        !matches!(&*member.key, "vars" | "shellEnv") && member.value.text().is_some_and(|text| !text.trim().is_empty())
    });
    let all = vars.chain(direct).map(|member| (member.key.trim(), &member.value));
    all.filter(|(key, _)| may_be_set(key)).collect()
}

fn is_truthy(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => *number != 0.0 && !number.is_nan(),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

fn may_be_set(key: &str) -> bool {
    let name = key.to_ascii_uppercase();
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !REFUSED.contains(&&*name)
        && !["LD_", "DYLD_", "BASH_FUNC_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Replaces in every text, and warns of every variable that is unset or empty: its text stays as it is.
pub(crate) fn substitute(root: &mut Node<'_>, env: &BTreeMap<String, String>) -> Substituted {
    let mut done = Substituted::default();
    if mentions(root) {
        replace(root, env, &mut Vec::new(), &mut done);
    }
    done
}

fn mentions(node: &Node<'_>) -> bool {
    match &node.value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(mentions),
        Value::Object(members) => members.iter().any(|member| member.key.contains("${") || mentions(&member.value)),
        _ => false,
    }
}

/// What came of replacing variables.
#[derive(Default)]
pub(crate) struct Substituted {
    pub(crate) warnings: Vec<Issue>,
    /// Where texts stood that hold the value of a variable now.
    places: HashSet<(u16, u32)>,
    /// Whether one of them is of an agent or a binding: what the checks over sections quote.
    in_agents: bool,
}

impl Substituted {
    /// Takes the values of variables out of issues: what was found, and what the message of a rule quotes. A rule may
    /// quote only a part of a value, or one in another spelling, so such a message goes as a whole.
    pub(crate) fn hide(&self, issues: &mut [Issue]) {
        for issue in issues {
            let there = issue.span.is_some_and(|span| self.places.contains(&(span.file, span.start)));
            if there {
                issue.found = issue.found.take().map(|_| "string".to_owned());
                issue.suggestion = None;
            }
            let quoted =
                there || (issue.stage == Stage::PostSchema && issue.path.starts_with("agents") && self.in_agents);
            if quoted && issue.code == Code::Rule && issue.message.contains(['"', '/']) {
                issue.message = "the value of a variable breaks a rule here".to_owned();
            }
        }
    }
}

fn replace(node: &mut Node<'_>, env: &BTreeMap<String, String>, at: &mut Vec<String>, done: &mut Substituted) {
    let span = node.span();
    match &mut node.value {
        Value::String(text) if text.contains('$') => {
            let mut missing = Vec::new();
            if let Some(new) = replaced(text, env, &mut missing) {
                *text = Cow::Owned(new);
                done.places.insert((span.file, span.start));
                done.in_agents |= at.first().is_some_and(|section| matches!(&**section, "agents" | "bindings"));
            }
            for name in missing {
                let message = format!("Missing env var \"{name}\" - feature using this value will be unavailable");
                done.warnings.push(warning(Code::EnvMissing, at, span, message));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                at.push(index.to_string());
                replace(item, env, at, done);
                at.pop();
            }
        }
        Value::Object(members) => {
            for member in members {
                at.push(member.key.to_string());
                if refers(&member.key) {
                    let span = member.key_span();
                    let message = "a variable in the name of a key is not replaced".to_owned();
                    done.warnings.push(warning(Code::EnvInKey, at, span, message));
                }
                replace(&mut member.value, env, at, done);
                at.pop();
            }
        }
        _ => {}
    }
}

fn warning(code: Code, at: &[String], span: Span, message: String) -> Issue {
    let at: Vec<Seg<'_>> = at.iter().map(|key| Seg::Key(key)).collect();
    let mut issue = Issue::new(Stage::Env, code, &at, message);
    issue.severity = Severity::Warning;
    issue.span = Some(span);
    issue
}

fn refers(text: &str) -> bool {
    reference(text).is_some()
}

/// The first variable that a text refers to.
pub(crate) fn reference(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(start, _)| name_at(text, start + 2))
}

/// The variable's name at this place, if `}` follows it.
fn name_at(text: &str, start: usize) -> Option<&str> {
    let rest = text.get(start..)?;
    let name = rest.get(..rest.find('}')?)?;
    let mut bytes = name.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_uppercase() || b == b'_');
    (first && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')).then_some(name)
}

/// The text with every variable replaced; `$${VAR}` becomes `${VAR}`. Nothing if it stays as it is.
fn replaced(text: &str, env: &BTreeMap<String, String>, missing: &mut Vec<String>) -> Option<String> {
    if !refers(text) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('$') {
        out.push_str(text.get(at..at + found)?);
        at += found;
        let rest = text.get(at..)?;
        if let Some(name) = rest.strip_prefix("$${").and_then(|_| name_at(text, at + 3)) {
            out.push_str(text.get(at + 1..at + 4 + name.len())?);
            at += 4 + name.len();
        } else if let Some(name) = rest.strip_prefix("${").and_then(|_| name_at(text, at + 2)) {
            match env.get(name).filter(|value| !value.is_empty()) {
                Some(value) => out.push_str(value),
                None => {
                    missing.push(name.to_owned());
                    out.push_str(text.get(at..at + 3 + name.len())?);
                }
            }
            at += 3 + name.len();
        } else {
            out.push('$');
            at += 1;
        }
    }
    out.push_str(text.get(at..)?);
    Some(out)
}
