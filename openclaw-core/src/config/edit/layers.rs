//! From a path to the files: which of them have a share in the value that stands there.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::path::KeyPath;
use super::sources::{Source, Sources};
use super::syntax::{self, Kind, Node};
use crate::config::Code;
use crate::config::include::{KEY, MAX_FILES, MAX_INCLUDES};
use crate::error::{Error, Result};

/// One file's share of a value.
#[derive(Debug, Clone)]
pub(super) struct Layer<'s> {
    pub(super) file: usize,
    /// Where it stands in that file.
    pub(super) path: KeyPath,
    pub(super) node: &'s Node,
    /// The files that led to that file, the configuration first.
    chain: Vec<usize>,
}

impl<'s> Layer<'s> {
    /// The share of a value in this one.
    fn below(&self, step: &str, node: &'s Node) -> Self {
        Self { file: self.file, path: self.path.join(step), node, chain: self.chain.clone() }
    }

    /// Nothing but an `$include`: it has a place, but no value of its own.
    pub(super) fn is_only_include(&self) -> bool {
        self.node.members().is_some_and(|members| !members.is_empty() && members.iter().all(|m| m.key == KEY))
    }
}

impl Sources {
    pub(super) fn root_layers(&self) -> Vec<Layer<'_>> {
        let Some(main) = self.files.first() else { return Vec::new() };
        strongest(self.expand(Layer { file: 0, path: KeyPath::default(), node: &main.root, chain: Vec::new() }))
    }

    pub(super) fn layers(&self, path: &KeyPath) -> Vec<Layer<'_>> {
        path.keys().fold(self.root_layers(), |layers, step| self.step(&layers, step))
    }

    /// The shares of the value under this key.
    fn step<'s>(&'s self, layers: &[Layer<'s>], step: &str) -> Vec<Layer<'s>> {
        let found = self.children(layers, step).into_iter().flat_map(|(layer, position, node)| {
            let local = match layer.node.elements() {
                Some(_) => position.to_string(),
                None => step.to_owned(),
            };
            self.expand(layer.below(&local, node))
        });
        strongest(found.collect())
    }

    /// The entries of this key in every share of the object or list: the share, the position, the value.
    pub(super) fn entries(&self, above: &KeyPath, key: &str) -> Vec<(Layer<'_>, usize, &Node)> {
        let layers = self.layers(above);
        self.children(&layers, key)
    }

    /// The same for several keys.
    pub(super) fn entries_of<'s, 'k>(
        &'s self,
        above: &KeyPath,
        keys: &[&'k str],
    ) -> Vec<(Layer<'s>, usize, &'s Node, &'k str)> {
        let layers = self.layers(above);
        let found = keys.iter().flat_map(|key| {
            self.children(&layers, key).into_iter().map(|(layer, position, node)| (layer, position, node, *key))
        });
        found.collect()
    }

    fn children<'s>(&'s self, layers: &[Layer<'s>], key: &str) -> Vec<(Layer<'s>, usize, &'s Node)> {
        let mut found = Vec::new();
        let mut skipped = 0;
        for layer in layers {
            match &layer.node.kind {
                Kind::Object(members) => {
                    let positions = layer.node.positions(key).into_iter();
                    let here =
                        positions.filter_map(|position| Some((layer.clone(), position, &members.get(position)?.value)));
                    found.extend(here);
                }
                // Lists of several files stand one behind the other.
                Kind::Array(elements) => {
                    let wanted = syntax::index(key).and_then(|index| index.checked_sub(skipped));
                    if let Some((position, element)) = wanted.and_then(|at| Some((at, elements.get(at)?))) {
                        found.push((layer.clone(), position, &element.value));
                    }
                    skipped += elements.len();
                }
                _ => {}
            }
        }
        found
    }

    /// The share itself, behind those of the files it includes.
    fn expand<'s>(&'s self, layer: Layer<'s>) -> Vec<Layer<'s>> {
        let inner = include_names(layer.node).into_iter().filter_map(|name| self.root_of(&layer, name));
        let mut found: Vec<Layer<'s>> = inner.flat_map(|inner| self.expand(inner)).collect();
        found.push(layer);
        found
    }

    /// The share of a file that a share includes; as the validator, not in a circle and only so deep.
    fn root_of<'s>(&'s self, from: &Layer<'s>, name: &str) -> Option<Layer<'s>> {
        let file = self.file_of(from.file, name)?;
        let mut chain = from.chain.clone();
        chain.push(from.file);
        if chain.contains(&file) || chain.len() > MAX_INCLUDES {
            return None;
        }
        Some(Layer { file, path: KeyPath::default(), node: &self.files.get(file)?.root, chain })
    }

    /// An error if the files include each other so often that no value could be put together: a few files that each include
    /// the next some dozen times are billions.
    pub(super) fn check_includes(&self) -> Result<()> {
        let named = |(file, source): (usize, &Source)| {
            includes(&source.root).iter().filter_map(|name| self.file_of(file, name)).collect()
        };
        let named: Vec<Vec<usize>> = self.files.iter().enumerate().map(named).collect();
        let mut left = MAX_FILES;
        if follow(&named, 0, &mut Vec::new(), &mut left) {
            return Ok(());
        }
        let path = self.files.first().map(|main| main.path.display().to_string()).unwrap_or_default();
        let text =
            format!("{path} includes files more than {MAX_FILES} times in all, which is the most that is followed");
        Err(Error::config(text).with_code(Code::TooLarge.as_str()))
    }

    pub(super) fn merged(&self, layers: &[Layer<'_>]) -> Value {
        let own: Vec<&Layer<'_>> = layers.iter().filter(|layer| !layer.is_only_include()).collect();
        match own.last().map(|layer| &layer.node.kind) {
            None => Value::Object(Map::new()),
            Some(Kind::Object(_)) => {
                let (mut keys, mut known) = (Vec::new(), HashSet::new());
                for member in own.iter().flat_map(|layer| layer.node.members().unwrap_or_default()) {
                    if member.key != KEY && known.insert(member.key.as_str()) {
                        keys.push(member.key.as_str());
                    }
                }
                keys.into_iter().map(|key| (key.to_owned(), self.merged(&self.step(layers, key)))).collect()
            }
            Some(Kind::Array(_)) => own
                .iter()
                .flat_map(|layer| {
                    let elements = layer.node.elements().unwrap_or_default().iter().enumerate();
                    elements.map(|(i, element)| {
                        self.merged(&strongest(self.expand(layer.below(&i.to_string(), &element.value))))
                    })
                })
                .collect(),
            Some(_) => own.last().map_or(Value::Null, |layer| layer.node.to_value()),
        }
    }

    /// Whether a part of the value at this path, or of one above it, is to come from a file that could not be read.
    pub(crate) fn has_gap(&self, path: &KeyPath) -> bool {
        let mut layers = self.root_layers();
        for step in path.keys() {
            if layers.iter().any(|layer| self.lacks(layer.file, layer.node)) {
                return true;
            }
            layers = self.step(&layers, step);
        }
        layers.iter().any(|layer| self.lacks(layer.file, layer.node))
    }

    /// Whether [`has_gap`](Self::has_gap) can say yes at all.
    pub(crate) fn has_gaps(&self) -> bool {
        self.files.iter().enumerate().any(|(file, source)| self.lacks_below(file, &source.root))
    }

    fn lacks_below(&self, file: usize, node: &Node) -> bool {
        let members = node.members().unwrap_or_default().iter().map(|member| &member.value);
        let elements = node.elements().unwrap_or_default().iter().map(|element| &element.value);
        self.lacks(file, node) || members.chain(elements).any(|below| self.lacks_below(file, below))
    }

    fn lacks(&self, file: usize, node: &Node) -> bool {
        let Some(include) = node.member(KEY) else { return false };
        let named = match &include.value.kind {
            Kind::String(_) => 1,
            Kind::Array(elements) => elements.len(),
            _ => return true,
        };
        let found = include_names(node).into_iter().filter(|name| self.file_of(file, name).is_some());
        found.count() < named
    }
}

/// Follows what each file names, one within another, until nothing is left of `left`: whether all could be followed.
fn follow(named: &[Vec<usize>], file: usize, chain: &mut Vec<usize>, left: &mut usize) -> bool {
    chain.push(file);
    let deeper = chain.len() <= MAX_INCLUDES;
    let all = named.get(file).into_iter().flatten().filter(|_| deeper).all(|next| {
        if chain.contains(next) {
            return true;
        }
        let Some(less) = left.checked_sub(1) else { return false };
        *left = less;
        follow(named, *next, chain, left)
    });
    chain.pop();
    all
}

/// Of the shares those that count: a later one wins, but objects merge with objects and lists with lists.
fn strongest(layers: Vec<Layer<'_>>) -> Vec<Layer<'_>> {
    let mut kept: Vec<Layer<'_>> = Vec::new();
    for layer in layers {
        let mergeable = kept.iter().rev().find(|earlier| !earlier.is_only_include()).is_none_or(|earlier| {
            matches!(
                (&earlier.node.kind, &layer.node.kind),
                (Kind::Object(_), Kind::Object(_)) | (Kind::Array(_), Kind::Array(_))
            )
        });
        if !mergeable && !layer.is_only_include() {
            kept.clear();
        }
        kept.push(layer);
    }
    kept
}

pub(super) fn include_names(node: &Node) -> Vec<&str> {
    match node.member(KEY).map(|member| &member.value.kind) {
        Some(Kind::String(name)) => vec![name],
        Some(Kind::Array(elements)) => elements
            .iter()
            .filter_map(|element| match &element.value.kind {
                Kind::String(name) => Some(name.as_str()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Every file that is named anywhere below.
pub(super) fn includes(node: &Node) -> Vec<String> {
    let mut found: Vec<String> = include_names(node).into_iter().map(str::to_owned).collect();
    let children = node.members().unwrap_or_default().iter().map(|member| &member.value);
    for child in children.chain(node.elements().unwrap_or_default().iter().map(|element| &element.value)) {
        found.extend(includes(child));
    }
    found
}
