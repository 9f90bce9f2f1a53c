//! Walks a configuration along the shapes of the model and says everything that is wrong, as OpenClaw would.
//!
//! The order and the grouping are those of OpenClaw's validator (zod 4.3.6): keys in the order of declaration, then the
//! unknown keys of the object; a rule over an object is asked only if nothing *final* is wrong in it; in a union, if
//! exactly one branch has nothing final against it, its complaints count, else the union as a whole is wrong. A wrong
//! type, word or key is final; a wrong length, range or form is not.

use super::issue::{Code, Issue, Seg, Span, Stage, UnknownKey};
use super::mask::sounds_secret;
use super::rules::Finding;
use super::rules::text::Form as TextForm;
use super::schema::{Bound, Form, Id, Key, Others, Shapes};
use super::suggest;
use super::tree::{Node, Value};

/// How far to go when something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// As OpenClaw, which asks no rule of an object where something final is wrong.
    First,
    /// On, as far as it makes sense to a person: an unknown key hides no rule.
    All,
    /// On to the end: what would come to light when the rest is right.
    Hidden,
}

/// Everything that is wrong with a tree.
pub(crate) fn walk(depth: Depth, shapes: &Shapes, root: &Node<'_>) -> Vec<Issue> {
    let mut walker = Walker { depth, shapes, path: Vec::new(), found: Vec::new(), secret: false };
    walker.visit(shapes.root, Some(root), root.span());
    walker.found.into_iter().map(|complaint| complaint.issue).collect()
}

/// More are not collected: a file with so many problems has one problem.
const MOST_ISSUES: usize = 10_000;

/// Of more unknown keys in one object nobody needs to hear what may be meant.
const MOST_HINTS: usize = 16;

struct Walker<'s, 'n> {
    depth: Depth,
    shapes: &'s Shapes,
    path: Vec<Seg<'n>>,
    found: Vec<Complaint>,
    /// Whether what is looked at may be a secret.
    secret: bool,
}

struct Complaint {
    issue: Issue,
    /// Nothing that stands above it can be judged any more.
    fatal: bool,
}

impl<'s: 'n, 'n> Walker<'s, 'n> {
    /// `node` is absent for a required key that is missing; `near` is where it should be.
    fn visit(&mut self, id: Id, node: Option<&'n Node<'n>>, near: Span) {
        let shapes = self.shapes;
        let shape = shapes.get(id);
        let before = self.found.len();
        let secret = self.secret;
        self.secret |= shape.secret;
        match (&shape.form, node) {
            (Form::Any, _) => {}
            (Form::Union(branches), node) => self.union(branches, node, near),
            (Form::Tagged { tag, branches }, Some(node)) if node.is_object() => self.tagged(tag, branches, node),
            (Form::Tagged { .. }, node) => _ = self.wrong_type("object", node, near),
            (Form::Words { words, listed }, node) => self.word(words, *listed, node, near),
            (Form::Switch, Some(Node { value: Value::Bool(_), .. })) => {}
            (Form::Switch, node) => {
                if let Some(issue) = self.wrong_type("boolean", node, near) {
                    issue.message += " (allowed: true, false)";
                    issue.allowed = vec!["true".into(), "false".into()];
                }
            }
            (Form::False, Some(Node { value: Value::Bool(false), .. })) => {}
            (Form::False, node) => {
                if let Some(issue) =
                    self.complain(Code::NotAllowed, true, node, near, "Invalid input: expected false".into())
                {
                    issue.allowed = vec!["false".into()];
                }
            }
            (Form::Text(form), Some(node @ Node { value: Value::String(text), .. })) => {
                if let Some((form, wrong)) = refused(*form, text) {
                    let length = wrong.starts_with("Too ");
                    let code = if length { Code::WrongLength } else { Code::WrongFormat };
                    if let Some(issue) = self.complain(code, false, Some(node), near, wrong.to_owned()) {
                        issue.rule = Some(form.name);
                    }
                }
            }
            (Form::Text(_), node) => _ = self.wrong_type("string", node, near),
            (Form::Number { integer, min, max }, Some(node @ Node { value: Value::Number(number), .. }))
                if number.is_finite() =>
            {
                self.number(*number, *integer, *min, *max, node);
            }
            (Form::Number { .. }, node) => _ = self.wrong_type("number", node, near),
            (Form::List { item, min, max }, Some(node @ Node { value: Value::Array(items), .. })) => {
                for (index, value) in items.iter().enumerate() {
                    self.path.push(Seg::Index(index));
                    self.visit(*item, Some(value), value.span());
                    self.path.pop();
                }
                if self.may_judge(before) {
                    self.length(items.len(), *min, *max, node);
                }
            }
            (Form::List { .. }, node) => _ = self.wrong_type("array", node, near),
            (Form::Map { value, key }, Some(node)) if node.is_object() => {
                for member in node.members() {
                    self.path.push(Seg::Key(&member.key));
                    match refused(*key, &member.key) {
                        Some((form, wrong)) => {
                            let span = member.key_span();
                            if let Some(issue) = self.complain(Code::WrongFormat, true, None, span, wrong.to_owned()) {
                                issue.rule = Some(form.name);
                            }
                        }
                        None => self.visit(*value, Some(&member.value), member.value.span()),
                    }
                    self.path.pop();
                }
            }
            (Form::Map { .. }, node) => _ = self.wrong_type("record", node, near),
            (Form::Object { keys, others }, Some(node)) if node.is_object() => self.object(keys, *others, node),
            (Form::Object { .. }, node) => _ = self.wrong_type("object", node, near),
        }
        self.secret = secret;
        if let (Some(rule), Some(node), true) = (shape.rule, node, self.may_judge(before)) {
            for finding in (rule.judge)(node) {
                self.finding(rule.name, finding, node);
            }
        }
    }

    fn object(&mut self, keys: &'s [Key], others: Others, node: &'n Node<'n>) {
        for key in keys {
            let value = node.get(&key.name);
            if value.is_some() || key.required {
                self.path.push(Seg::Key(&key.name));
                self.visit(key.shape, value, value.unwrap_or(node).span());
                self.path.pop();
            }
        }
        let known = |name: &str| keys.iter().any(|key| key.name == name);
        let unknown: Vec<_> = node.members().iter().filter(|member| !known(&member.key)).collect();
        match others {
            Others::Kept(shape) => {
                for member in unknown {
                    self.path.push(Seg::Key(&member.key));
                    self.visit(shape, Some(&member.value), member.value.span());
                    self.path.pop();
                }
            }
            Others::Refused => {
                let known = || keys.iter().map(|key| key.name.as_str());
                let named = unknown.iter().enumerate().map(|(i, member)| UnknownKey {
                    name: member.key.to_string(),
                    span: member.key_span(),
                    near: (i < MOST_HINTS).then(|| suggest::nearest(&member.key, known()).map(str::to_owned)).flatten(),
                });
                let named: Vec<UnknownKey> = named.collect();
                if named.is_empty() {
                    return;
                }
                if let Some(issue) = self.complain(Code::UnknownKey, true, None, node.span(), String::new()) {
                    issue.name_unknown(named);
                }
            }
        }
    }

    fn union(&mut self, branches: &'s [Id], node: Option<&'n Node<'n>>, near: Span) {
        let before = self.found.len();
        let mut kept: Option<Vec<Complaint>> = None;
        let mut soft = 0;
        let mut allowed: Vec<String> = Vec::new();
        let mut listable = true;
        for branch in branches {
            self.visit(*branch, node, near);
            let complaints = self.found.split_off(before);
            if complaints.is_empty() {
                return;
            }
            // Every branch must have words to offer; what else is wrong with it does not matter.
            listable &= complaints.iter().any(|complaint| !complaint.issue.allowed.is_empty());
            for value in complaints.iter().flat_map(|complaint| &complaint.issue.allowed) {
                if !allowed.contains(value) {
                    allowed.push(value.clone());
                }
            }
            if !complaints.iter().any(|complaint| complaint.fatal) {
                soft += 1;
                kept = Some(complaints);
            }
        }
        match kept {
            Some(complaints) if soft == 1 => self.found.extend(complaints),
            _ => {
                let Some(issue) = self.complain(Code::NoShape, true, node, near, "Invalid input".into()) else {
                    return;
                };
                let words = allowed.iter().filter_map(|word| word.strip_prefix('"')?.strip_suffix('"'));
                suggest_word(issue, node.and_then(Node::text), words);
                if listable {
                    issue.message += &format!(" (allowed: {})", allowed.join(", "));
                    issue.allowed = allowed;
                }
            }
        }
    }

    fn tagged(&mut self, tag: &'s str, branches: &'s [(String, Id)], node: &'n Node<'n>) {
        let value = node.get(tag);
        let word = value.and_then(Node::text);
        match branches.iter().find(|(name, _)| Some(name.as_str()) == word) {
            Some((_, id)) => self.visit(*id, Some(node), node.span()),
            None => {
                self.path.push(Seg::Key(tag));
                if let Some(issue) = self.complain(Code::NotAllowed, true, value, node.span(), "Invalid input".into()) {
                    suggest_word(issue, word, branches.iter().map(|(name, _)| name.as_str()));
                    issue.allowed = branches.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                }
                self.path.pop();
            }
        }
    }

    fn word(&mut self, words: &'s [String], listed: bool, node: Option<&'n Node<'n>>, near: Span) {
        let word = node.and_then(Node::text);
        if words.iter().any(|known| Some(known.as_str()) == word) {
            return;
        }
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        let message = match quoted.as_slice() {
            [only] => format!("Invalid input: expected {only}"),
            _ if listed => format!("Invalid option: expected one of {}", quoted.join("|")),
            _ => format!("Invalid input (allowed: {})", quoted.join(", ")),
        };
        let code = if node.is_none() { Code::Missing } else { Code::NotAllowed };
        if let Some(issue) = self.complain(code, true, node, near, message) {
            suggest_word(issue, word, words.iter().map(String::as_str));
            issue.allowed = quoted;
        }
    }

    fn number(&mut self, number: f64, integer: bool, min: Option<Bound>, max: Option<f64>, node: &'n Node<'n>) {
        let safe = super::model::MAX_SAFE as f64;
        let (code, fatal, message) = match min {
            _ if integer && number.fract() != 0.0 => {
                (Code::WrongType, true, "Invalid input: expected int, received number".to_owned())
            }
            _ if integer && number > safe => (Code::OutOfRange, false, format!("Too big: expected int to be <={safe}")),
            _ if integer && number < -safe => {
                (Code::OutOfRange, false, format!("Too small: expected int to be >={}", -safe))
            }
            Some(Bound::Above(low)) if number <= low => {
                (Code::OutOfRange, false, format!("Too small: expected number to be >{low}"))
            }
            Some(Bound::AtLeast(low)) if number < low => {
                (Code::OutOfRange, false, format!("Too small: expected number to be >={low}"))
            }
            _ => match max {
                Some(high) if number > high => {
                    (Code::OutOfRange, false, format!("Too big: expected number to be <={high}"))
                }
                _ => return,
            },
        };
        self.complain(code, fatal, Some(node), node.span(), message);
    }

    fn length(&mut self, length: usize, min: usize, max: usize, node: &'n Node<'n>) {
        let message = if length < min {
            format!("Too small: expected array to have >={min} items")
        } else if length > max {
            format!("Too big: expected array to have <={max} items")
        } else {
            return;
        };
        self.complain(Code::WrongLength, false, Some(node), node.span(), message);
    }

    fn wrong_type(&mut self, expected: &str, node: Option<&'n Node<'n>>, near: Span) -> Option<&mut Issue> {
        let received = node.map_or("undefined", Node::kind);
        let code = if node.is_none() { Code::Missing } else { Code::WrongType };
        let message = format!("Invalid input: expected {expected}, received {received}");
        self.complain(code, true, node, near, message)
    }

    /// The issue, to say more of it; nothing when there are enough.
    fn complain(
        &mut self,
        code: Code,
        fatal: bool,
        node: Option<&'n Node<'n>>,
        near: Span,
        message: String,
    ) -> Option<&mut Issue> {
        // Only what is kept counts: a union throws away what is wrong with the branches that were not meant.
        if self.found.len() >= MOST_ISSUES {
            return None;
        }
        let mut issue = Issue::new(Stage::Schema, code, &self.path, message);
        issue.span = Some(node.map_or(near, Node::span));
        let named = self.path.iter().rev().find_map(|seg| match seg {
            Seg::Key(key) => Some(sounds_secret(key)),
            Seg::Index(_) => None,
        });
        let secret = self.secret || named == Some(true);
        issue.found = node.map(|node| if secret { node.kind().to_owned() } else { suggest::shown(node) });
        self.found.push(Complaint { issue, fatal });
        self.found.last_mut().map(|complaint| &mut complaint.issue)
    }

    /// What a rule found below `node`.
    fn finding(&mut self, rule: &'static str, finding: Finding<'n>, node: &'n Node<'n>) {
        let mut path = self.path.clone();
        let mut issue_at = node;
        for seg in &finding.at {
            let Some(below) = issue_at.step(*seg) else { break };
            issue_at = below;
        }
        path.extend(finding.at);
        let mut issue = Issue::new(Stage::Schema, Code::Rule, &path, finding.message);
        issue.rule = Some(rule);
        issue.span = Some(issue_at.span());
        self.found.push(Complaint { issue, fatal: false });
    }

    /// Whether what was found since `from` leaves an object or list to be judged as a whole.
    fn may_judge(&self, from: usize) -> bool {
        let mut fatal = self.found.iter().skip(from).filter(|complaint| complaint.fatal);
        match self.depth {
            Depth::First => fatal.next().is_none(),
            Depth::All => fatal.all(|complaint| complaint.issue.code == Code::UnknownKey),
            Depth::Hidden => true,
        }
    }
}

/// The form that a text must have, and what is wrong with it.
fn refused(form: Option<&'static TextForm>, text: &str) -> Option<(&'static TextForm, &'static str)> {
    form.and_then(|form| Some((form, (form.judge)(text)?)))
}

/// What may be meant by a misspelt word.
fn suggest_word<'k>(issue: &mut Issue, word: Option<&str>, known: impl Iterator<Item = &'k str>) {
    let Some(word) = word else { return };
    if let Some(suggestion) = suggest::nearest(word, known) {
        // A word so near to an allowed one is a slip, and no secret.
        issue.found = Some(format!("\"{word}\""));
        issue.suggestion = Some(suggestion.to_owned());
    }
}
