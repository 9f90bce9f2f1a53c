//! Follows `$include`: other files whose content is merged in, anywhere in the tree.
//!
//! The files must stay in the configuration's folder, also after every symbolic link is followed; they may include
//! others, ten deep and not in a circle.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::files::{decode, normal};
use super::issue::{Code, Issue, Seg, Stage};
use super::oddities;
use super::parse::{MAX_BYTES, MAX_DEPTH, parse};
use super::report::Source;
use super::tree::{Member, Node, Value};
use super::{Files, Options};

/// How many files may include each other in a row.
pub(crate) const MAX_INCLUDES: usize = 10;

/// The most nodes that a configuration may have with all its files: a file can be included many times.
const MAX_NODES: usize = 4_000_000;

/// The most files, and the most bytes in all of them.
pub(crate) const MAX_FILES: usize = 1_000;
const MAX_ALL_BYTES: usize = 4 * MAX_BYTES;

/// After so many that cannot be followed, no other is tried.
const MOST_FAILURES: usize = 100;

pub(crate) const KEY: &str = "$include";

/// Whether there is anything to follow.
pub(crate) fn has_include(node: &Node<'_>) -> bool {
    node.members().iter().any(|member| member.key == KEY || has_include(&member.value))
        || node.items().iter().any(has_include)
}

/// What came of following every `$include`.
#[derive(Default)]
pub(crate) struct Followed {
    /// Those that cannot be followed, in OpenClaw's order, each at its place in the file.
    pub(crate) failed: Vec<Issue>,
    /// The objects that lack what a failed include should have given them.
    pub(crate) partial: HashSet<(u16, u32)>,
    /// Warnings of the included files.
    pub(crate) odd: Vec<Issue>,
}

/// The tree with everything merged in. An object whose include cannot be followed goes without it.
pub(crate) fn follow<'t>(root: Node<'t>, options: &Options, sources: &mut Vec<Source>) -> (Node<'t>, Followed) {
    let path = options.path.clone().unwrap_or_else(|| PathBuf::from("openclaw.json"));
    let files = options.files.as_deref();
    let real = |path: &Path| files.and_then(|files| files.resolve(path).ok()).unwrap_or_else(|| normal(path));
    let folder = match path.parent() {
        Some(folder) if folder.is_absolute() => folder.to_owned(),
        // What is relative to the working folder, by its words alone, is inside of nothing.
        Some(folder) if !folder.as_os_str().is_empty() => real(folder),
        _ => real(Path::new(".")),
    };
    let path = folder.join(path.file_name().unwrap_or_default());
    let mut follower = Follower {
        files,
        real_root: real(&folder),
        root: folder,
        chain: vec![normal(&path)],
        at: Vec::new(),
        sources,
        nodes: 0,
        done: Followed::default(),
    };
    let root = follower.expand(root);
    (root, follower.done)
}

struct Follower<'a> {
    files: Option<&'a dyn Files>,
    root: PathBuf,
    real_root: PathBuf,
    /// The files that are being read, outermost first.
    chain: Vec<PathBuf>,
    /// The path of what is being expanded.
    at: Vec<String>,
    sources: &'a mut Vec<Source>,
    nodes: usize,
    done: Followed,
}

impl Follower<'_> {
    fn expand<'t>(&mut self, node: Node<'t>) -> Node<'t> {
        self.nodes += 1;
        let Node { value, file, start, end } = node;
        let value = match value {
            Value::Array(items) => {
                let items = items.into_iter().enumerate().map(|(index, item)| {
                    self.at.push(index.to_string());
                    let item = self.expand(item);
                    self.at.pop();
                    item
                });
                Value::Array(items.collect())
            }
            Value::Object(members) => return self.object(members, Node { value: Value::Null, file, start, end }),
            other => other,
        };
        Node { value, file, start, end }
    }

    /// `place` is the object's place without its value.
    fn object<'t>(&mut self, members: Vec<Member<'t>>, place: Node<'t>) -> Node<'t> {
        let mut include = None;
        let mut rest = Vec::with_capacity(members.len());
        for member in members {
            if member.key == KEY {
                include = Some(member.value);
            } else {
                self.at.push(member.key.to_string());
                rest.push(Member { value: self.expand(member.value), ..member });
                self.at.pop();
            }
        }
        let own = Node { value: Value::Object(rest), ..place };
        let Some(include) = include else { return own };
        let failed = match self.included(&include) {
            Ok(included) if own.members().is_empty() => return included,
            Ok(included) if included.is_object() => return merge(included, own),
            Ok(_) => {
                let message = "Sibling keys require included content to be an object";
                wrong(Code::IncludeFailed, &include, message.into())
            }
            Err(issue) => issue,
        };
        self.done.partial.insert((own.file, own.start));
        if self.done.failed.len() <= MOST_FAILURES {
            self.done.failed.push(*failed);
        }
        own
    }

    fn included(&mut self, include: &Node<'_>) -> Read<Node<'static>> {
        if self.done.failed.len() >= MOST_FAILURES {
            return Err(wrong(Code::TooLarge, include, format!("more than {MOST_FAILURES} includes have failed")));
        }
        if self.nodes > MAX_NODES {
            let message = format!("the included files have more than {MAX_NODES} values in all");
            return Err(wrong(Code::TooLarge, include, message));
        }
        match &include.value {
            Value::String(path) => self.file(path, include),
            Value::Array(items) => {
                let Node { file, start, end, .. } = *include;
                let mut all = Node { value: Value::Object(Vec::new()), file, start, end };
                for item in items {
                    let Some(path) = item.text() else {
                        let message = format!("Invalid $include array item: expected string, got {}", type_of(item));
                        return Err(wrong(Code::IncludeFailed, item, message));
                    };
                    all = merge(all, self.file(path, item)?);
                }
                Ok(all)
            }
            _ => {
                let kind = type_of(include);
                let message = format!("Invalid $include value: expected string or array of strings, got {kind}");
                Err(wrong(Code::IncludeFailed, include, message))
            }
        }
    }

    fn file(&mut self, name: &str, at: &Node<'_>) -> Read<Node<'static>> {
        let here = self.chain.last().and_then(|file| file.parent()).map(Path::to_owned).unwrap_or_default();
        let path = normal(&here.join(name));
        let root = self.root.display().to_string();
        let escapes = || {
            let message = format!("Include path escapes config directory: {name} (root: {root})");
            wrong(Code::IncludeEscapes, at, message)
        };
        if !path.starts_with(normal(&self.root)) || name.contains('\0') {
            return Err(escapes());
        }
        if self.chain.contains(&path) {
            let chain: Vec<String> = self.chain.iter().chain([&path]).map(|file| file.display().to_string()).collect();
            let message = format!("Circular include detected: {}", chain.join(" -> "));
            return Err(wrong(Code::IncludeCycle, at, message));
        }
        if self.chain.len() > MAX_INCLUDES {
            let message = format!("Maximum include depth ({MAX_INCLUDES}) exceeded at: {name}");
            return Err(wrong(Code::IncludeFailed, at, message));
        }
        // Each file is so deep at most; ten of them in each other would be more than a small stack holds.
        if self.at.len() > MAX_DEPTH {
            let message = format!("arrays and objects are nested more than {MAX_DEPTH} deep where {name} is included");
            return Err(wrong(Code::TooDeep, at, message));
        }
        let shown = path.display().to_string();
        let unread = || {
            let message = format!("Failed to read include file: {name} (resolved: {shown})");
            wrong(Code::IncludeFailed, at, message)
        };
        let files = self.files.ok_or_else(unread)?;
        let real = files.resolve(&path).map_err(|_| unread())?;
        if !real.starts_with(&self.real_root) {
            return Err(escapes());
        }
        let bytes = files.read(&real).ok().filter(|bytes| bytes.len() <= MAX_BYTES).ok_or_else(unread)?;
        let (text, broken) = decode(bytes);
        let all: usize = self.sources.iter().map(|source| source.text.len()).sum();
        if self.sources.len() > MAX_FILES || all + text.len() > MAX_ALL_BYTES {
            let message = format!("more than {MAX_FILES} files or {MAX_ALL_BYTES} bytes are included");
            return Err(wrong(Code::TooLarge, at, message));
        }
        let number = u16::try_from(self.sources.len()).map_err(|_| unread())?;
        let parsed = parse(&text, number).map(|(root, halves)| {
            let read = oddities::Read { text: &text, root: &root, broken, halves: &halves };
            self.done.odd.extend(oddities::oddities(&read, &self.at));
            into_owned(root)
        });
        self.sources.push(Source { name: Some(shown.clone()), text });
        let node = parsed.map_err(|error| {
            let mut issue =
                wrong(Code::IncludeFailed, at, format!("Failed to parse include file: {name} (resolved: {shown})"));
            issue.hint = Some(error.message);
            issue.span =
                Some(super::issue::Span { file: number, start: error.offset as u32, end: error.offset as u32 });
            issue
        })?;
        self.chain.push(path);
        let expanded = self.expand(node);
        self.chain.pop();
        Ok(expanded)
    }
}

type Read<T> = Result<T, Box<Issue>>;

/// Objects are merged key by key, lists are joined, anything else is replaced.
fn merge<'t>(base: Node<'t>, over: Node<'t>) -> Node<'t> {
    let Node { file, start, end, .. } = over;
    match (base.value, over.value) {
        (Value::Array(mut items), Value::Array(more)) => {
            items.extend(more);
            Node { value: Value::Array(items), file, start, end }
        }
        (Value::Object(members), Value::Object(more)) => {
            let mut more: Vec<Option<Member<'t>>> = more.into_iter().map(Some).collect();
            let places: std::collections::HashMap<String, usize> =
                more.iter().flatten().enumerate().map(|(place, member)| (member.key.to_string(), place)).collect();
            let mut merged: Vec<Member<'t>> = Vec::with_capacity(members.len() + more.len());
            for member in members {
                let other = places.get(&*member.key).and_then(|place| more.get_mut(*place)).and_then(Option::take);
                merged.push(match other {
                    Some(other) => Member { value: merge(member.value, other.value), ..other },
                    None => member,
                });
            }
            merged.extend(more.into_iter().flatten());
            Node { value: Value::Object(super::tree::settle(merged)), file, start, end }
        }
        (_, value) => Node { value, file, start, end },
    }
}

fn into_owned(node: Node<'_>) -> Node<'static> {
    let value = match node.value {
        Value::Null => Value::Null,
        Value::Bool(flag) => Value::Bool(flag),
        Value::Number(number) => Value::Number(number),
        Value::String(text) => Value::String(Cow::Owned(text.into_owned())),
        Value::Array(items) => Value::Array(items.into_iter().map(into_owned).collect()),
        Value::Object(members) => {
            let owned = |member: Member<'_>| Member {
                key: Cow::Owned(member.key.into_owned()),
                value: into_owned(member.value),
                key_start: member.key_start,
                key_end: member.key_end,
                repeated: member.repeated,
            };
            Value::Object(members.into_iter().map(owned).collect())
        }
    };
    Node { value, file: node.file, start: node.start, end: node.end }
}

/// JavaScript's `typeof`.
fn type_of(node: &Node<'_>) -> &'static str {
    match node.value {
        Value::Null | Value::Array(_) | Value::Object(_) => "object",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
    }
}

/// OpenClaw reports a failed include at the root; its place in the file is where it is written.
fn wrong(code: Code, at: &Node<'_>, message: String) -> Box<Issue> {
    let root: [Seg<'_>; 0] = [];
    let mut issue = Issue::new(Stage::Include, code, &root, message);
    issue.span = Some(at.span());
    Box::new(issue)
}
