//! What a key of the configuration means.

use serde::Serialize;

use super::defaults::default_of;
use super::schema::{Bound, Form, Id, Key, Others, Shapes, shapes};

/// What a key means, what it may be, and what it is if it is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The key's path; `*` stands for a name that the person chooses, `[]` for an item of a list.
    pub path: String,
    /// What it means.
    pub meaning: String,
    /// What it may be, in words: `integer > 0`, `string or object`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// What OpenClaw takes if it is absent, if that is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// The allowed values, if they can be listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// The rule that a JSON Schema cannot hold, or not wholly: over the keys below it, or of the text itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The keys below it, with what they mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<(String, String)>,
}

/// Explains the key at a path such as `agents.defaults.model`, `models.providers.*.api` or `agents.list[].id`; the
/// empty path is the root. Nothing, if there is no such key.
///
/// ```
/// let port = openclaw_core::config::explain("gateway.port").unwrap();
/// assert_eq!(port.kind, "integer > 0");
/// assert_eq!(port.default, Some(18789.into()));
/// ```
pub fn explain(path: &str) -> Option<Explanation> {
    let shapes = shapes();
    let root = vec![Place { id: shapes.root, meaning: None, required: false }];
    let steps = steps(path);
    if steps.len() > 64 {
        return None;
    }
    let mut exact = Vec::new();
    let places = follow(shapes, root, &steps, &mut exact)?;
    places.first()?;
    let path = exact.join(".").replace(".[]", "[]");
    // In a union the key stands in several branches: it may be what any of them allows.
    let each = || places.iter().map(|place| place.id);
    let described = places.iter().find_map(|place| place.meaning.clone());
    Some(Explanation {
        meaning: described.or_else(|| each().find_map(|id| shapes.get(id).description.clone())).unwrap_or_default(),
        kind: distinct(each().map(|id| kind(shapes, id))).join(" or "),
        required: places.iter().all(|place| place.required),
        default: default_of(&path),
        allowed: distinct(each().flat_map(|id| allowed(shapes, id))),
        rule: each().find_map(|id| demands(shapes, id)).map(str::to_owned),
        keys: keys(shapes, each()),
        path,
    })
}

struct Place {
    id: Id,
    meaning: Option<String>,
    required: bool,
}

fn steps(path: &str) -> Vec<String> {
    let path = path.trim().trim_start_matches("$.").replace('[', ".[");
    path.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

/// A name may hold dots (`openai-codex:me@example.org`): if the rest leads nowhere, it is part of the name before it.
fn follow(shapes: &Shapes, places: Vec<Place>, steps: &[String], exact: &mut Vec<String>) -> Option<Vec<Place>> {
    if steps.is_empty() {
        return Some(places);
    }
    for used in 1..=steps.len() {
        let (name, rest) = steps.split_at(used);
        let name = name.join(".");
        let next: Vec<Place> = places.iter().flat_map(|place| below(shapes, place.id, &place.meaning, &name)).collect();
        if next.is_empty() {
            continue;
        }
        let canonical = canonical(shapes, &places, &name);
        let chosen = canonical == "*";
        exact.push(canonical);
        if let Some(found) = follow(shapes, next, rest, exact) {
            return Some(found);
        }
        exact.pop();
        if !chosen {
            return None;
        }
    }
    None
}

/// `above` is what the place means below which it is looked for.
fn below(shapes: &Shapes, id: Id, above: &Option<String>, step: &str) -> Vec<Place> {
    // Of a plain value that the model does not name, what it stands in says more than its type.
    let open = |id: Id| {
        let plain = !matches!(shapes.get(id).form, Form::Object { .. } | Form::Tagged { .. });
        vec![Place { id, meaning: above.clone().filter(|_| plain), required: false }]
    };
    let each = |id: Id| match &shapes.get(id).form {
        Form::Object { keys, others } => match keys.iter().find(|key| key.name == step) {
            Some(key) => vec![Place { id: key.shape, meaning: key.description.clone(), required: key.required }],
            None => match others {
                Others::Kept(id) => open(*id),
                Others::Refused => Vec::new(),
            },
        },
        Form::Map { value, .. } => open(*value),
        Form::List { item, .. } if is_index(step) => open(*item),
        // What a plugin or channel defines for itself.
        Form::Any => open(id),
        _ => Vec::new(),
    };
    shapes.branches(&[id]).into_iter().flat_map(each).collect()
}

fn is_index(step: &str) -> bool {
    let inner = step.trim_start_matches('[').trim_end_matches(']');
    inner.is_empty() || inner == "*" || inner.bytes().all(|b| b.is_ascii_digit())
}

/// The step with chosen names as `*` and indexes as `[]`.
fn canonical(shapes: &Shapes, places: &[Place], step: &str) -> String {
    let named = |id: Id| fixed_keys(shapes, id).iter().any(|key| key.name == step);
    let list = |id: Id| matches!(shapes.get(id).form, Form::List { .. });
    match places {
        places if places.iter().any(|place| named(place.id)) => step.to_owned(),
        places if places.iter().any(|place| list(place.id)) => "[]".to_owned(),
        _ => "*".to_owned(),
    }
}

fn fixed_keys(shapes: &Shapes, id: Id) -> Vec<&Key> {
    let own = |id: Id| match &shapes.get(id).form {
        Form::Object { keys, .. } => keys.as_slice(),
        _ => &[],
    };
    shapes.branches(&[id]).into_iter().flat_map(own).collect()
}

fn demands(shapes: &Shapes, id: Id) -> Option<&'static str> {
    let shape = shapes.get(id);
    let of_form = match &shape.form {
        Form::Text(form) => form.map(|form| form.demands),
        Form::Union(branches) => branches.iter().find_map(|branch| demands(shapes, *branch)),
        Form::List { item, .. } => demands(shapes, *item),
        _ => None,
    };
    shape.rule.map(|rule| rule.demands).or(of_form)
}

fn keys(shapes: &Shapes, ids: impl Iterator<Item = Id>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for key in ids.flat_map(|id| fixed_keys(shapes, id)) {
        if !all.iter().any(|(name, _)| *name == key.name) {
            all.push((key.name.clone(), key.description.clone().unwrap_or_default()));
        }
    }
    all
}

fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut once = Vec::new();
    all.for_each(|one| {
        if !once.contains(&one) {
            once.push(one)
        }
    });
    once
}

fn allowed(shapes: &Shapes, id: Id) -> Vec<String> {
    let each = |ids: &[Id]| ids.iter().flat_map(|id| allowed(shapes, *id)).collect();
    match &shapes.get(id).form {
        Form::Words { words, .. } => words.iter().map(|word| format!("\"{word}\"")).collect(),
        Form::Switch => vec!["true".into(), "false".into()],
        Form::False => vec!["false".into()],
        Form::Union(branches) => each(branches),
        Form::List { item, .. } => each(&[*item]),
        _ => Vec::new(),
    }
}

fn kind(shapes: &Shapes, id: Id) -> String {
    match &shapes.get(id).form {
        Form::Any => "any value".into(),
        Form::Text(_) => "string".into(),
        Form::Words { .. } => "one of".into(),
        Form::Switch => "boolean".into(),
        Form::False => "false".into(),
        Form::Number { integer, min, max } => {
            let mut text = if *integer { "integer" } else { "number" }.to_owned();
            match min {
                Some(Bound::AtLeast(low)) => text += &format!(" >= {low}"),
                Some(Bound::Above(low)) => text += &format!(" > {low}"),
                None => {}
            }
            if let Some(high) = max {
                text += &format!("{} <= {high}", if min.is_some() { "," } else { "" });
            }
            text
        }
        Form::List { item, .. } => format!("list of {}", kind(shapes, *item)),
        Form::Object { .. } | Form::Tagged { .. } => "object".into(),
        Form::Map { value, .. } => format!("object of {} by name", kind(shapes, *value)),
        Form::Union(branches) => distinct(branches.iter().map(|branch| kind(shapes, *branch))).join(" or "),
    }
}
