//! The JSON Schema of the configuration, and the same in the form along which a file is explained.
//!
//! There is one source: the types of [`model`](super::model). schemars writes their schema; [`shapes`] reads that
//! schema once into a small arena. Keys that begin with `x-` carry what a JSON Schema has no word for (the order of
//! keys, the name of a rule) and are taken out of the published schema.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::model::{Config, MAX_SAFE};
use super::rules::{self, Rule, text};

/// The address under which the schema is published.
const ID: &str = "https://openclaw.ai/schema/2026.4.5/openclaw.json";

/// The JSON Schema (draft 2020-12) of `openclaw.json` for OpenClaw 2026.4.5, generated from [`model`](super::model).
///
/// It accepts everything that OpenClaw accepts. What it cannot refuse, such as a rule over several keys, only
/// [`check_text`](super::check_text) refuses.
pub fn schema() -> Value {
    let mut schema = annotated();
    publish(&mut schema);
    if let Value::Object(root) = &mut schema {
        root.insert("$id".into(), json!(ID));
        root.insert("title".into(), json!("OpenClaw configuration (openclaw.json), 2026.4.5"));
    }
    schema
}

/// The schema with our own keys in it.
pub(crate) fn annotated() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Config>().to_value()
}

fn publish(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.retain(|key, value| !(key.starts_with("x-") || key == "format" && *value == "double"));
            map.values_mut().for_each(publish);
        }
        Value::Array(items) => items.iter_mut().for_each(publish),
        _ => {}
    }
}

/// Index of a [`Shape`] in [`Shapes`].
pub(crate) type Id = usize;

/// The whole model as a tree of shapes. Shared shapes are there once.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    all: Vec<Shape>,
    pub(crate) root: Id,
}

/// What a value may be.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) form: Form,
    pub(crate) rule: Option<&'static Rule>,
    pub(crate) description: Option<String>,
    /// Whether the value may be a secret.
    pub(crate) secret: bool,
}

#[derive(Debug)]
pub(crate) enum Form {
    Any,
    Text(Option<&'static text::Form>),
    Switch,
    /// The literal `false`.
    False,
    Number {
        integer: bool,
        min: Option<Bound>,
        max: Option<f64>,
    },
    /// One of these words. `listed`: OpenClaw's message lists them by itself.
    Words {
        words: Vec<String>,
        listed: bool,
    },
    List {
        item: Id,
        min: usize,
        max: usize,
    },
    Object {
        keys: Vec<Key>,
        others: Others,
    },
    /// An object whose keys the person chooses.
    Map {
        value: Id,
        key: Option<&'static text::Form>,
    },
    Union(Vec<Id>),
    /// A union whose branch a key decides.
    Tagged {
        tag: String,
        branches: Vec<(String, Id)>,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtLeast(f64),
    Above(f64),
}

#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) shape: Id,
    pub(crate) required: bool,
    pub(crate) description: Option<String>,
}

/// What an object makes of a key that it does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    Refused,
    Kept(Id),
}

impl Shapes {
    pub(crate) fn get(&self, id: Id) -> &Shape {
        static ANY: Shape = Shape { form: Form::Any, rule: None, description: None, secret: false };
        self.all.get(id).unwrap_or(&ANY)
    }

    /// The shapes that a value of one of these may have: unions taken apart.
    pub(crate) fn branches(&self, ids: &[Id]) -> Vec<Id> {
        let apart = |id: &Id| match &self.get(*id).form {
            Form::Union(inner) => self.branches(inner),
            Form::Tagged { branches, .. } => self.branches(&branches.iter().map(|(_, id)| *id).collect::<Vec<_>>()),
            _ => vec![*id],
        };
        ids.iter().flat_map(apart).collect()
    }

    /// Whether a number may stand here.
    pub(crate) fn takes_number(&self, id: Id) -> bool {
        self.branches(&[id]).into_iter().any(|id| matches!(self.get(id).form, Form::Number { .. }))
    }
}

/// The shapes of the configuration, made at the first use.
pub(crate) fn shapes() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let schema = annotated();
        let mut reader =
            Reader { defs: schema.get("$defs").and_then(Value::as_object), known: HashMap::new(), all: Vec::new() };
        let root = reader.read(&schema);
        Shapes { all: reader.all, root }
    })
}

/// Whether a key of this name holds a number somewhere in the model.
pub(crate) fn names_number(name: &str) -> bool {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let shapes = shapes();
        let objects = shapes.all.iter().filter_map(|shape| match &shape.form {
            Form::Object { keys, .. } => Some(keys),
            _ => None,
        });
        objects.flatten().filter(|key| shapes.takes_number(key.shape)).map(|key| key.name.as_str()).collect()
    });
    names.contains(name)
}

struct Reader<'s> {
    defs: Option<&'s Map<String, Value>>,
    known: HashMap<&'s str, Id>,
    all: Vec<Shape>,
}

impl<'s> Reader<'s> {
    fn read(&mut self, schema: &'s Value) -> Id {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
            return self.named(name);
        }
        let shape = self.shape(schema);
        self.all.push(shape);
        self.all.len() - 1
    }

    fn named(&mut self, name: &'s str) -> Id {
        if let Some(id) = self.known.get(name) {
            return *id;
        }
        let id = match self.defs.and_then(|defs| defs.get(name)) {
            Some(schema) => self.read(schema),
            None => self.read(&Value::Bool(true)),
        };
        self.known.insert(name, id);
        id
    }

    fn shape(&mut self, schema: &'s Value) -> Shape {
        let word = |key: &str| schema.get(key).and_then(Value::as_str);
        Shape {
            form: self.form(schema),
            rule: word("x-rule").and_then(rules::rule),
            description: word("description").map(str::to_owned),
            secret: schema.get("x-secret") == Some(&Value::Bool(true)),
        }
    }

    fn form(&mut self, schema: &'s Value) -> Form {
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            let words = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            return Form::Words { words, listed: schema.get("x-listed") == Some(&Value::Bool(true)) };
        }
        if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
            return self.union(schema, branches);
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => Form::Text(schema.get("x-text").and_then(Value::as_str).and_then(text::form)),
            Some("boolean") if schema.get("const") == Some(&Value::Bool(false)) => Form::False,
            Some("boolean") => Form::Switch,
            Some("integer") => self.number(schema, true),
            Some("number") => self.number(schema, false),
            Some("array") => Form::List {
                item: self.read(schema.get("items").unwrap_or(&Value::Bool(true))),
                min: schema.get("minItems").and_then(Value::as_u64).unwrap_or(0) as usize,
                max: schema.get("maxItems").and_then(Value::as_u64).map_or(usize::MAX, |max| max as usize),
            },
            Some("object") => self.object(schema),
            _ => Form::Any,
        }
    }

    fn number(&self, schema: &Value, integer: bool) -> Form {
        let number = |key: &str| schema.get(key).and_then(Value::as_f64);
        let above = number("exclusiveMinimum").map(Bound::Above);
        Form::Number {
            integer,
            min: above.or(number("minimum").map(Bound::AtLeast)),
            max: number("maximum").filter(|max| !(integer && *max >= MAX_SAFE as f64)),
        }
    }

    fn union(&mut self, schema: &'s Value, branches: &'s [Value]) -> Form {
        let ids: Vec<Id> = branches.iter().map(|branch| self.read(branch)).collect();
        let Some(tag) = schema.get("x-tag").and_then(Value::as_str) else { return Form::Union(ids) };
        let named = ids.into_iter().filter_map(|id| Some((self.tag_of(id, tag)?, id))).collect();
        Form::Tagged { tag: tag.to_owned(), branches: named }
    }

    /// The one word that a branch allows at its tag.
    fn tag_of(&self, id: Id, tag: &str) -> Option<String> {
        let Form::Object { keys, .. } = &self.all.get(id)?.form else { return None };
        let key = keys.iter().find(|key| key.name == tag)?;
        match &self.all.get(key.shape)?.form {
            Form::Words { words, .. } => words.first().cloned(),
            _ => None,
        }
    }

    fn object(&mut self, schema: &'s Value) -> Form {
        let others = match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(rest) => Some(self.read(rest)),
            None => Some(self.read(&Value::Bool(true))),
        };
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            let value = others.unwrap_or_else(|| self.read(&Value::Bool(true)));
            let key = schema.get("propertyNames").and_then(|names| names.get("x-text")).and_then(Value::as_str);
            return Form::Map { value, key: key.and_then(text::form) };
        };
        let order: BTreeMap<&str, usize> = list(schema, "x-order").enumerate().map(|(i, name)| (name, i)).collect();
        let required: Vec<&str> = list(schema, "required").collect();
        let mut keys: Vec<Key> = Vec::new();
        for (name, property) in properties {
            let description = property.get("description").and_then(Value::as_str).map(str::to_owned);
            let shape = self.read(property);
            keys.push(Key { name: name.clone(), shape, required: required.contains(&name.as_str()), description });
        }
        keys.sort_by_key(|key| order.get(key.name.as_str()).copied().unwrap_or(usize::MAX));
        Form::Object { keys, others: others.map_or(Others::Refused, Others::Kept) }
    }
}

fn list<'v>(schema: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    schema.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
