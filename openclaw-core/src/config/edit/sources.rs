//! A configuration as the files it is made of.
//!
//! `$include` merges files into one value. An edit goes the other way: to the file that the value at a path comes from.
//! Nothing is flattened and no `$include` or `${VAR}` is resolved in a text.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value, json};

use super::path::KeyPath;
use super::syntax::{self, Kind, Node};
use super::text::{self, Item};
use crate::error::{Error, Result};

const INCLUDE: &str = "$include";
/// As deep as OpenClaw follows.
const MAX_INCLUDES: usize = 10;

/// The files, parsed. The first is the configuration itself.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    files: Vec<Source>,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// As it was read.
    pub(crate) original: String,
    /// As it is now.
    pub(crate) text: String,
    root: Node,
}

/// What a removal took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removed {
    pub(crate) path: KeyPath,
    pub(crate) file: PathBuf,
    /// The value as it stood in the file.
    pub(crate) text: String,
    /// The same with its key.
    pub(crate) entry: String,
    /// Whether it said anything: not empty, not `null`.
    pub(crate) empty: bool,
}

/// One file's share of a value.
#[derive(Debug, Clone)]
struct Layer<'s> {
    file: usize,
    /// Where it stands in that file.
    path: KeyPath,
    node: &'s Node,
}

impl Layer<'_> {
    /// Nothing but an `$include`: it has a place, but no value of its own.
    fn is_only_include(&self) -> bool {
        self.node.members().is_some_and(|members| !members.is_empty() && members.iter().all(|m| m.key == INCLUDE))
    }
}

impl Sources {
    /// Parses the file and what it includes. `read` gives an included file's text; a file that it does not give counts
    /// as empty.
    pub(crate) fn new(path: &Path, text: String, read: &dyn Fn(&Path) -> Option<String>) -> Result<Self> {
        let mut sources = Self { files: vec![Source::new(path, text)?] };
        let mut next = 0;
        let mut depths = vec![0];
        while let Some(source) = sources.files.get(next) {
            let depth = depths.get(next).copied().unwrap_or(MAX_INCLUDES);
            next += 1;
            if depth >= MAX_INCLUDES {
                continue;
            }
            for target in
                includes(&source.root).iter().filter_map(|name| resolve(&source.path, name)).collect::<Vec<_>>()
            {
                if sources.files.iter().any(|known| known.path == target) || !inside(path, &target) {
                    continue;
                }
                if let Some(source) = read(&target).and_then(|text| Source::new(&target, text).ok()) {
                    sources.files.push(source);
                    depths.push(depth + 1);
                }
            }
        }
        Ok(sources)
    }

    /// The configuration's own text.
    pub(crate) fn text(&self) -> &str {
        self.files.first().map(|source| source.text.as_str()).unwrap_or_default()
    }

    /// The texts of the included files.
    #[cfg(test)]
    pub(crate) fn included(&self) -> BTreeMap<PathBuf, String> {
        self.files.iter().skip(1).map(|source| (source.path.clone(), source.text.clone())).collect()
    }

    pub(crate) fn files(&self) -> &[Source] {
        &self.files
    }

    /// Whether an edit changed anything.
    pub(crate) fn is_changed(&self) -> bool {
        self.files.iter().any(Source::is_changed)
    }

    /// The whole, merged; `${VAR}` as written.
    pub(crate) fn value(&self) -> Value {
        match self.files.as_slice() {
            [only] if includes(&only.root).is_empty() => only.root.to_value(),
            _ => self.merged_root(),
        }
    }

    fn merged_root(&self) -> Value {
        self.merged(&self.root_layers())
    }

    /// The value at this path, merged; `${VAR}` as written.
    pub(crate) fn get(&self, path: &KeyPath) -> Option<Value> {
        let layers = self.layers(path);
        (!layers.is_empty()).then(|| self.merged(&layers))
    }

    /// Where the value at this path stands: the file and the bytes in it. Of several shares, the one that wins.
    pub(crate) fn place(&self, path: &KeyPath) -> Option<(&Source, std::ops::Range<usize>)> {
        let layer = self.layers(path).pop()?;
        Some((self.files.get(layer.file)?, layer.node.span.clone()))
    }

    /// What a [`set`](Self::set) at this path would write over.
    pub(crate) fn replaced(&self, path: &KeyPath) -> Option<Removed> {
        let (source, span) = self.place(path)?;
        let text = source.text.get(span)?.to_owned();
        Some(Removed { path: path.clone(), file: source.path.clone(), entry: text.clone(), text, empty: false })
    }

    /// Puts a value at a path, whether or not there was one. Objects that are missing on the way are made.
    pub(crate) fn set(&mut self, path: &KeyPath, value: Value) -> Result<()> {
        let layers = self.layers(path);
        let Some(winner) = layers.iter().rev().find(|layer| !layer.is_only_include()).or(layers.last()) else {
            return self.insert(path, &Item::json(value), None);
        };
        let (file, local) = (winner.file, winner.path.clone());
        let others: Vec<(usize, KeyPath)> = layers
            .iter()
            .filter(|layer| !layer.is_only_include() && (layer.file, &layer.path) != (file, &local))
            .map(|layer| (layer.file, layer.path.clone()))
            .collect();
        for (other, path) in others {
            if !path.is_empty() {
                self.edit(other, |source| source.remove_member(&path))?;
            }
        }
        self.edit(file, |source| {
            let node = source.root.at(local.keys()).ok_or_else(|| gone(path))?;
            Ok(text::replace(&source.text, &source.root, node, &Item::json(value)))
        })
    }

    /// Puts a value where none is. `near`: the file that it should go to, if it can.
    pub(crate) fn insert(&mut self, path: &KeyPath, item: &Item, near: Option<usize>) -> Result<()> {
        let Some((above, key)) = path.split_last() else { return Err(Error::config("the root has no key")) };
        if self.layers(&above).is_empty() {
            // What is missing on the way is written in one piece, or first when the value keeps its own form.
            let missing = Item::json(match &item.body {
                text::Body::Json(value) => json!({ key: value }),
                text::Body::Raw { .. } => json!({}),
            });
            self.insert(&above, &missing, near)?;
            if let text::Body::Json(_) = &item.body {
                return Ok(());
            }
        }
        let layers = self.layers(&above);
        let target = near
            .and_then(|file| layers.iter().rev().find(|layer| layer.file == file))
            .or_else(|| layers.iter().rev().find(|layer| !layer.is_only_include()))
            .or(layers.last())
            .ok_or_else(|| gone(&above))?;
        let (file, local) = (target.file, target.path.clone());
        self.edit(file, |source| {
            let node = source.root.at(local.keys()).ok_or_else(|| gone(&above))?;
            match &node.kind {
                Kind::Object(_) => Ok(text::insert_member(&source.text, &source.root, node, key, item)),
                Kind::Array(elements) if syntax::index(key) == Some(elements.len()) => {
                    Ok(text::push_element(&source.text, &source.root, node, item))
                }
                Kind::Array(elements) => Err(Error::config(format!(
                    "{above} is a list of {}: {key:?} is neither an index of it nor its next one",
                    elements.len()
                ))),
                _ => Err(Error::config(format!("{above} is neither an object nor a list: it cannot hold {key:?}"))),
            }
        })
    }

    /// Takes values away, from every file that has a share in them. What is not there is no error.
    pub(crate) fn remove(&mut self, paths: &[KeyPath]) -> Result<Vec<Removed>> {
        let mut removed = Vec::new();
        let mut doomed: BTreeMap<(usize, KeyPath), Vec<usize>> = BTreeMap::new();
        let mut sorted: Vec<&KeyPath> = paths.iter().collect();
        sorted.sort();
        // What lies below another goes with it, and stands behind it in this order.
        sorted.dedup_by(|path, above| path.starts_with(above));
        let mut objects: BTreeMap<KeyPath, Vec<&str>> = BTreeMap::new();
        for path in sorted {
            let Some((above, _)) = path.split_last() else { return Err(Error::config("the root cannot be removed")) };
            objects.entry(above).or_default().extend(path.steps().last().map(String::as_str));
        }
        for (above, keys) in &objects {
            for (layer, position, value, key) in self.entries_of(above, keys) {
                let Some(source) = self.files.get(layer.file) else { continue };
                let start = layer.node.members().and_then(|members| members.get(position)).map(|m| m.key_span.start);
                let whole = start.unwrap_or(value.span.start)..value.span.end;
                removed.push(Removed {
                    path: above.join(key),
                    file: source.path.clone(),
                    text: source.text.get(value.span.clone()).unwrap_or_default().to_owned(),
                    entry: source.text.get(whole).unwrap_or_default().to_owned(),
                    empty: is_empty(value),
                });
                doomed.entry((layer.file, layer.path)).or_default().push(position);
            }
        }
        let mut splices: BTreeMap<usize, Vec<text::Splice>> = BTreeMap::new();
        for ((file, local), positions) in &doomed {
            let Some(source) = self.files.get(*file) else { continue };
            let Some(container) = source.root.at(local.keys()) else { continue };
            splices.entry(*file).or_default().extend(text::remove_entries(&source.text, container, positions));
        }
        for (file, splices) in splices {
            self.edit(file, |_| Ok(splices))?;
        }
        Ok(removed)
    }

    /// Gives the value another key in the same object, in every file that has a share in it.
    pub(crate) fn rename(&mut self, path: &KeyPath, to: &str) -> Result<()> {
        let Some((above, key)) = path.split_last() else { return Err(Error::config("the root has no key")) };
        if self.get(&above.join(to)).is_some() {
            return Err(Error::config(format!("{} is there already", above.join(to))));
        }
        let mut places: Vec<(usize, KeyPath)> = Vec::new();
        for (layer, _, _) in self.entries(&above, key) {
            if layer.node.members().is_none() {
                return Err(Error::config(format!("{above} is a list: its entries have no keys")));
            }
            if !places.contains(&(layer.file, layer.path.clone())) {
                places.push((layer.file, layer.path));
            }
        }
        if places.is_empty() {
            return Err(gone(path));
        }
        for (file, local) in places {
            self.edit(file, |source| {
                let object = source.root.at(local.keys()).ok_or_else(|| gone(&above))?;
                Ok(text::rename(object, key, to))
            })?;
        }
        Ok(())
    }

    /// Moves a value to a path where none is, with the comments that belong to it.
    pub(crate) fn relocate(&mut self, from: &KeyPath, to: &KeyPath) -> Result<()> {
        if self.get(to).is_some() {
            return Err(Error::config(format!("{to} is there already")));
        }
        let Some((above, key)) = from.split_last() else { return Err(Error::config("the root cannot move")) };
        let mut shares: Vec<(usize, KeyPath, text::Carried)> = Vec::new();
        for (layer, position, _) in self.entries(&above, key) {
            let Some(source) = self.files.get(layer.file) else { continue };
            // Of two members with one key the last counts.
            shares.retain(|(file, local, ..)| (*file, local) != (layer.file, &layer.path));
            if let Some(carried) = text::carried(&source.text, layer.node, position) {
                shares.push((layer.file, layer.path, carried));
            }
        }
        match shares.as_slice() {
            [] => Err(gone(from)),
            [(file, local, carried)] => {
                // The comments first: a line that is empty then goes as a whole.
                self.edit(*file, |_| Ok(carried.comments.clone()))?;
                self.edit(*file, |source| source.remove_member(&local.join(key)))?;
                self.insert(to, &carried.item, Some(*file))
            }
            // Several files have a share: what they make together moves.
            _ => {
                let value = self.get(from).ok_or_else(|| gone(from))?;
                self.remove(std::slice::from_ref(from))?;
                self.insert(to, &Item::json(value), None)
            }
        }
    }

    /// Moves what `to` does not have from `from` to there, member by member, and takes `from` away. What was there stays;
    /// what had to be left behind is given back.
    pub(crate) fn absorb(&mut self, from: &KeyPath, to: &KeyPath) -> Result<Vec<Removed>> {
        if self.get(to).is_none() {
            self.relocate(from, to)?;
            return Ok(Vec::new());
        }
        self.fill(from, to)?;
        let left = self.remove(std::slice::from_ref(from))?;
        Ok(left.into_iter().filter(|removed| !removed.empty).collect())
    }

    fn fill(&mut self, from: &KeyPath, to: &KeyPath) -> Result<()> {
        let (Some(Value::Object(source)), Some(Value::Object(target))) = (self.get(from), self.get(to)) else {
            return Ok(());
        };
        for (key, value) in &source {
            match target.get(key) {
                None => self.relocate(&from.join(key), &to.join(key))?,
                Some(there) if there == value => {
                    self.remove(&[from.join(key)])?;
                }
                Some(Value::Object(_)) if value.is_object() => {
                    self.fill(&from.join(key), &to.join(key))?;
                    if self.get(&from.join(key)).is_some_and(|left| left.as_object().is_some_and(Map::is_empty)) {
                        self.remove(&[from.join(key)])?;
                    }
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    // --- from a path to the files

    fn root_layers(&self) -> Vec<Layer<'_>> {
        let Some(main) = self.files.first() else { return Vec::new() };
        strongest(self.expand(Layer { file: 0, path: KeyPath::default(), node: &main.root }, 0))
    }

    fn layers(&self, path: &KeyPath) -> Vec<Layer<'_>> {
        path.keys().fold(self.root_layers(), |layers, step| self.step(&layers, step))
    }

    /// The shares of the value under this key.
    fn step<'s>(&'s self, layers: &[Layer<'s>], step: &str) -> Vec<Layer<'s>> {
        let found = self.children(layers, step).into_iter().flat_map(|(layer, _, node)| {
            let key = syntax::index(step).filter(|_| layer.node.elements().is_some());
            let local = match key {
                Some(_) => element_key(&layer, node),
                None => step.to_owned(),
            };
            self.expand(Layer { file: layer.file, path: layer.path.join(&local), node }, 0)
        });
        strongest(found.collect())
    }

    /// The entries of this key in every share of the object or list: the share, the position, the value.
    fn entries(&self, above: &KeyPath, key: &str) -> Vec<(Layer<'_>, usize, &Node)> {
        let layers = self.layers(above);
        self.children(&layers, key)
    }

    /// The same for several keys, in one pass.
    fn entries_of<'s, 'k>(&'s self, above: &KeyPath, keys: &[&'k str]) -> Vec<(Layer<'s>, usize, &'s Node, &'k str)> {
        let layers = self.layers(above);
        if keys.len() == 1 || layers.iter().any(|layer| layer.node.members().is_none()) {
            let found = keys.iter().flat_map(|key| {
                self.children(&layers, key).into_iter().map(|(layer, position, node)| (layer, position, node, *key))
            });
            return found.collect();
        }
        let wanted: HashMap<&str, &'k str> = keys.iter().map(|key| (*key, *key)).collect();
        let mut found = Vec::new();
        for layer in &layers {
            for (position, member) in layer.node.members().unwrap_or_default().iter().enumerate() {
                if let Some(key) = wanted.get(member.key.as_str()) {
                    found.push((layer.clone(), position, &member.value, *key));
                }
            }
        }
        found
    }

    fn children<'s>(&'s self, layers: &[Layer<'s>], key: &str) -> Vec<(Layer<'s>, usize, &'s Node)> {
        let mut found = Vec::new();
        let mut skipped = 0;
        for layer in layers {
            match &layer.node.kind {
                Kind::Object(members) => {
                    for (position, member) in members.iter().enumerate().filter(|(_, member)| member.key == key) {
                        found.push((layer.clone(), position, &member.value));
                    }
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
    fn expand<'s>(&'s self, layer: Layer<'s>, depth: usize) -> Vec<Layer<'s>> {
        let mut found = Vec::new();
        if depth < MAX_INCLUDES {
            for name in include_names(layer.node) {
                let included = self.files.get(layer.file).and_then(|source| resolve(&source.path, name));
                let position = included.and_then(|path| self.files.iter().position(|source| source.path == path));
                if let Some((file, source)) = position.and_then(|file| Some((file, self.files.get(file)?))) {
                    let inner = Layer { file, path: KeyPath::default(), node: &source.root };
                    found.extend(self.expand(inner, depth + 1));
                }
            }
        }
        found.push(layer);
        found
    }

    fn merged(&self, layers: &[Layer<'_>]) -> Value {
        let own: Vec<&Layer<'_>> = layers.iter().filter(|layer| !layer.is_only_include()).collect();
        match own.last().map(|layer| &layer.node.kind) {
            None => Value::Object(Map::new()),
            Some(Kind::Object(_)) => {
                let (mut keys, mut known) = (Vec::new(), HashSet::new());
                for member in own.iter().flat_map(|layer| layer.node.members().unwrap_or_default()) {
                    if member.key != INCLUDE && known.insert(member.key.as_str()) {
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
                        let path = layer.path.join(&i.to_string());
                        self.merged(&strongest(self.expand(Layer { file: layer.file, path, node: &element.value }, 0)))
                    })
                })
                .collect(),
            Some(_) => own.last().map_or(Value::Null, |layer| layer.node.to_value()),
        }
    }

    fn edit(&mut self, file: usize, splices: impl FnOnce(&Source) -> Result<Vec<text::Splice>>) -> Result<()> {
        let Some(source) = self.files.get_mut(file) else { return Ok(()) };
        let text = text::apply(&source.text, splices(source)?);
        let root =
            syntax::parse(&text).map_err(|e| Error::config(format!("the edit would break the file: {}", e.message)))?;
        source.text = text;
        source.root = root;
        Ok(())
    }
}

impl Source {
    fn new(path: &Path, text: String) -> Result<Self> {
        let root = syntax::parse(&text)
            .map_err(|e| Error::config(format!("{} cannot be read: {}", path.display(), e.message)))?;
        Ok(Self { path: path.to_owned(), original: text.clone(), text, root })
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.text != self.original
    }

    fn remove_member(&self, path: &KeyPath) -> Result<Vec<text::Splice>> {
        let Some((above, key)) = path.split_last() else { return Ok(Vec::new()) };
        let Some(container) = self.root.at(above.keys()) else { return Ok(Vec::new()) };
        let positions: Vec<usize> = match &container.kind {
            Kind::Object(members) => {
                members.iter().enumerate().filter(|(_, member)| member.key == key).map(|(i, _)| i).collect()
            }
            _ => syntax::index(key).into_iter().collect(),
        };
        Ok(text::remove_entries(&self.text, container, &positions))
    }
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

/// The index of this element in its own file.
fn element_key(layer: &Layer<'_>, node: &Node) -> String {
    let elements = layer.node.elements().unwrap_or_default();
    elements.iter().position(|element| std::ptr::eq(&element.value, node)).unwrap_or_default().to_string()
}

fn include_names(node: &Node) -> Vec<&str> {
    match node.member(INCLUDE).map(|member| &member.value.kind) {
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
fn includes(node: &Node) -> Vec<String> {
    let mut found: Vec<String> = include_names(node).into_iter().map(str::to_owned).collect();
    let children = node.members().unwrap_or_default().iter().map(|member| &member.value);
    for child in children.chain(node.elements().unwrap_or_default().iter().map(|element| &element.value)) {
        found.extend(includes(child));
    }
    found
}

/// The path of an included file, without `.` and `..`.
fn resolve(from: &Path, name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.contains('\0') {
        return None;
    }
    let mut path = PathBuf::new();
    for part in from.parent()?.join(name).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            other => path.push(other),
        }
    }
    Some(path)
}

/// Whether a file lies in the configuration's folder or below.
fn inside(main: &Path, path: &Path) -> bool {
    main.parent().is_some_and(|folder| path.starts_with(folder))
}

fn is_empty(node: &Node) -> bool {
    match &node.kind {
        Kind::Null => true,
        Kind::String(text) => text.trim().is_empty(),
        Kind::Array(elements) => elements.iter().all(|element| is_empty(&element.value)),
        Kind::Object(members) => members.iter().all(|member| is_empty(&member.value)),
        Kind::Bool(_) | Kind::Number(_) => false,
    }
}

fn gone(path: &KeyPath) -> Error {
    Error::config(format!("there is nothing at {path}"))
}
