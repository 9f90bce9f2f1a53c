//! A configuration as the files it is made of.
//!
//! `$include` merges files into one value. An edit goes the other way: to the file that the value at a path comes from.
//! Nothing is flattened and no `$include` or `${VAR}` is resolved in a text.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use super::layers::{Layer, includes};
use super::path::KeyPath;
use super::syntax::{self, Kind, Node};
use super::text::{self, Item, Style};
use crate::config::Code;
use crate::config::include::MAX_INCLUDES;
use crate::config::mask::{looks_secret, sounds_secret};
use crate::config::parse::SyntaxKind;
use crate::error::{Error, Result};

/// The files, parsed. The first is the configuration itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    pub(super) files: Vec<Source>,
    /// Which of them each path is that was named: links give one file several.
    names: HashMap<PathBuf, usize>,
    /// Whose content went to which file: the second must be written before the first.
    losses: BTreeSet<(usize, usize)>,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// As it was read.
    pub(crate) original: String,
    /// As it is now.
    pub(crate) text: String,
    pub(super) root: Node,
    style: Style,
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

impl Removed {
    /// Whether its key or its looks say that it is a secret.
    pub(crate) fn is_secret(&self) -> bool {
        let in_profile = self.path.keys().take(2).eq(["auth", "profiles"]);
        !self.empty
            && (in_profile || self.path.keys().any(sounds_secret) || looks_secret(self.text.trim_matches(['"', '\''])))
    }

    /// Whether it would be lost when another value takes its place: a secret, or more than one value can say.
    pub(crate) fn is_worth_keeping(&self) -> bool {
        self.is_secret() || (!self.empty && self.text.starts_with(['{', '[']))
    }
}

impl Sources {
    /// Parses the file and what it includes. `read` gives an included file's text; a file that it does not give counts
    /// as empty. `real` gives the path behind every link.
    ///
    /// # Errors
    /// Of kind `config`: the file is not JSON5, or files are included more often than the validator follows them.
    pub(crate) fn new(
        path: &Path,
        text: String,
        real: &dyn Fn(&Path) -> PathBuf,
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> Result<Self> {
        let mut sources = Self {
            files: vec![Source::new(path, text)?],
            names: [(path.to_owned(), 0)].into(),
            losses: BTreeSet::new(),
        };
        let mut next = 0;
        // Of each file how deep it is included, and its path behind every link.
        let mut found = vec![(0, real(path))];
        while let (Some(source), Some((depth, _))) = (sources.files.get(next), found.get(next)) {
            let depth = depth + 1;
            next += 1;
            if depth > MAX_INCLUDES {
                continue;
            }
            let named: Vec<PathBuf> =
                includes(&source.root).iter().filter_map(|name| resolve(&source.path, name)).collect();
            for target in named {
                if sources.names.contains_key(&target) || !inside(path, &target) {
                    continue;
                }
                let real = real(&target);
                // What a file includes is looked for beside the name by which it was included.
                let known = sources.files.iter().zip(&found).position(|(source, (_, path))| {
                    *path == real && (source.path.parent() == target.parent() || includes(&source.root).is_empty())
                });
                if let Some(known) = known {
                    sources.names.insert(target, known);
                } else if let Some(source) = read(&target).and_then(|text| Source::new(&target, text).ok()) {
                    sources.names.insert(target, sources.files.len());
                    sources.files.push(source);
                    found.push((depth, real));
                }
            }
        }
        sources.check_includes()?;
        Ok(sources)
    }

    /// The file that a file names.
    pub(super) fn file_of(&self, from: usize, name: &str) -> Option<usize> {
        let path = resolve(&self.files.get(from)?.path, name)?;
        self.names.get(&path).copied()
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

    #[cfg(test)]
    pub(crate) fn files_mut(&mut self) -> &mut [Source] {
        &mut self.files
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

    /// Whether there is a value at this path.
    pub(crate) fn has(&self, path: &KeyPath) -> bool {
        !self.layers(path).is_empty()
    }

    /// What a [`set`](Self::set) at this path would write over, in every file.
    pub(crate) fn replaced(&self, path: &KeyPath) -> Vec<Removed> {
        let removed = self.overwritten(path).into_iter().filter_map(|layer| {
            let source = self.files.get(layer.file)?;
            let text = source.text.get(layer.node.span.clone())?.to_owned();
            let (path, file, empty) = (path.clone(), source.path.clone(), is_empty(layer.node));
            Some(Removed { path, file, entry: text.clone(), text, empty })
        });
        removed.collect()
    }

    /// The shares of a value that another value takes the place of; it is written where the last one stands.
    fn overwritten(&self, path: &KeyPath) -> Vec<Layer<'_>> {
        let mut layers = self.layers(path);
        let own = layers.iter().rposition(|layer| !layer.is_only_include());
        let Some(place) = own.or(layers.len().checked_sub(1)) else { return layers };
        let winner = layers.remove(place);
        layers.retain(|layer| {
            let same = (layer.file, &layer.path) == (winner.file, &winner.path);
            !same && !layer.is_only_include() && !layer.path.is_empty()
        });
        layers.push(winner);
        layers
    }

    /// Puts a value at a path, whether or not there was one. Objects that are missing on the way are made.
    pub(crate) fn set(&mut self, path: &KeyPath, value: Value) -> Result<()> {
        let work = self.plan_set(path, value)?;
        self.carry_out(work)
    }

    pub(super) fn plan_set(&self, path: &KeyPath, value: Value) -> Result<Work> {
        let mut layers = self.overwritten(path);
        let Some(winner) = layers.pop() else {
            return self.plan_insert(path, &Item::json(value), None);
        };
        let mut work = Work::default();
        for other in layers {
            let Some(source) = self.files.get(other.file) else { continue };
            work.add(other.file, &other.path, source.remove_member(&other.path)?);
            work.losses.insert((other.file, winner.file));
        }
        let source = self.files.get(winner.file).ok_or_else(|| gone(path))?;
        let above = winner.path.split_last().map(|(above, _)| above).unwrap_or_default();
        work.add(winner.file, &above, text::replace(&source.text, &source.style, winner.node, &Item::json(value)));
        Ok(work)
    }

    /// Puts a value where none is. `near`: the file that it should go to, if it can.
    pub(crate) fn insert(&mut self, path: &KeyPath, item: &Item, near: Option<usize>) -> Result<()> {
        let work = self.plan_insert(path, item, near)?;
        self.carry_out(work)
    }

    pub(super) fn plan_insert(&self, path: &KeyPath, item: &Item, near: Option<usize>) -> Result<Work> {
        let Some((above, key)) = path.split_last() else { return Err(Error::config("the root has no key")) };
        let layers = self.layers(&above);
        if layers.is_empty() {
            // What is missing on the way is written in one piece.
            return self.plan_insert(&above, &item.within(key), near);
        }
        let target = near
            .and_then(|file| layers.iter().rev().find(|layer| layer.file == file))
            .or_else(|| layers.iter().rev().find(|layer| !layer.is_only_include()))
            .or(layers.last())
            .ok_or_else(|| gone(&above))?;
        let source = self.files.get(target.file).ok_or_else(|| gone(&above))?;
        let splices = match &target.node.kind {
            Kind::Object(_) => text::insert_member(&source.text, &source.style, target.node, key, item),
            Kind::Array(elements) if syntax::index(key) == Some(elements.len()) => {
                text::push_element(&source.text, &source.style, target.node, item)
            }
            Kind::Array(elements) => {
                return Err(Error::config(format!(
                    "{above} is a list of {}: {key:?} is neither an index of it nor its next one",
                    elements.len()
                )));
            }
            _ => {
                return Err(Error::config(format!("{above} is neither an object nor a list: it cannot hold {key:?}")));
            }
        };
        let mut work = Work::default();
        work.add(target.file, &target.path, splices);
        // Where a value that moves goes to, when it does not stay in its file.
        work.losses.extend(near.filter(|file| *file != target.file).map(|file| (file, target.file)));
        Ok(work)
    }

    /// Takes values away, from every file that has a share in them. What is not there is no error.
    pub(crate) fn remove(&mut self, paths: &[KeyPath]) -> Result<Vec<Removed>> {
        let (work, removed) = self.plan_remove(paths)?;
        self.carry_out(work)?;
        Ok(removed)
    }

    pub(super) fn plan_remove(&self, paths: &[KeyPath]) -> Result<(Work, Vec<Removed>)> {
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
        let mut work = Work::default();
        for ((file, local), positions) in &doomed {
            let Some(source) = self.files.get(*file) else { continue };
            let Some(container) = source.root.at(local.keys()) else { continue };
            work.add(*file, local, text::remove_entries(&source.text, container, positions));
        }
        Ok((work, removed))
    }

    /// Gives the value another key in the same object, in every file that has a share in it.
    pub(crate) fn rename(&mut self, path: &KeyPath, to: &str) -> Result<()> {
        let work = self.plan_rename(path, to)?;
        self.carry_out(work)
    }

    pub(super) fn plan_rename(&self, path: &KeyPath, to: &str) -> Result<Work> {
        let Some((above, key)) = path.split_last() else { return Err(Error::config("the root has no key")) };
        if self.has(&above.join(to)) {
            return Err(Error::config(format!("{} is there already", above.join(to))));
        }
        let mut places: Vec<(usize, KeyPath)> = Vec::new();
        let mut work = Work::default();
        for (layer, _, _) in self.entries(&above, key) {
            if layer.node.members().is_none() {
                return Err(Error::config(format!("{above} is a list: its entries have no keys")));
            }
            if !places.contains(&(layer.file, layer.path.clone())) {
                work.add(layer.file, &layer.path, text::rename(layer.node, key, to));
                places.push((layer.file, layer.path));
            }
        }
        if places.is_empty() { Err(gone(path)) } else { Ok(work) }
    }

    /// Moves a value to a path where none is, with the comments that belong to it.
    pub(crate) fn relocate(&mut self, from: &KeyPath, to: &KeyPath) -> Result<()> {
        if self.has(to) {
            return Err(Error::config(format!("{to} is there already")));
        }
        let Some((_, key)) = from.split_last() else { return Err(Error::config("the root cannot move")) };
        match self.shares(from).as_slice() {
            [] => Err(gone(from)),
            [(file, local, carried)] => {
                // The comments first: a line that is empty then goes as a whole.
                let mut work = Work::default();
                work.add(*file, local, carried.comments.clone());
                self.carry_out(work)?;
                let mut work = Work::default();
                let source = self.files.get(*file).ok_or_else(|| gone(from))?;
                work.add(*file, local, source.remove_member(&local.join(key))?);
                self.carry_out(work)?;
                self.insert(to, &carried.item, Some(*file))
            }
            // Several files have a share: what they make together moves.
            shares => {
                let value = self.get(from).ok_or_else(|| gone(from))?;
                self.remove(std::slice::from_ref(from))?;
                let work = self.plan_insert(to, &Item::json(value), None)?;
                let target = work.splices.keys().next().copied();
                let lost = shares.iter().map(|(file, ..)| *file).zip(target.into_iter().cycle());
                self.losses.extend(lost.filter(|(file, target)| file != target));
                self.carry_out(work)
            }
        }
    }

    /// The shares that files have in a value, with what belongs to each.
    pub(super) fn shares(&self, path: &KeyPath) -> Vec<(usize, KeyPath, text::Carried)> {
        let Some((above, key)) = path.split_last() else { return Vec::new() };
        let mut shares: Vec<(usize, KeyPath, text::Carried)> = Vec::new();
        for (layer, position, _) in self.entries(&above, key) {
            let Some(source) = self.files.get(layer.file) else { continue };
            // Of two members with one key the last counts.
            shares.retain(|(file, local, ..)| (*file, local) != (layer.file, &layer.path));
            if let Some(carried) = text::carried(&source.text, &source.style, layer.node, position) {
                shares.push((layer.file, layer.path, carried));
            }
        }
        shares
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

    /// Makes planned edits: every file that they touch is read anew once.
    pub(super) fn carry_out(&mut self, work: Work) -> Result<()> {
        for (file, splices) in work.splices {
            let Some(source) = self.files.get_mut(file) else { continue };
            let text = text::apply(&source.text, splices);
            let root = syntax::parse(&text)
                .map_err(|e| Error::config(format!("the edit would break the file: {}", e.message)))?;
            source.style = Style::of(&text, &root);
            source.text = text;
            source.root = root;
        }
        self.losses.extend(work.losses);
        self.check_includes()
    }

    /// The files in an order in which they can be written one by one: what goes from one to another is written there
    /// before it is taken from here. Otherwise included ones first, so that the configuration never names what is not there
    /// yet. Nothing, if there is no such order.
    pub(crate) fn writing_order(&self) -> Option<Vec<usize>> {
        let mut left: Vec<usize> = (0..self.files.len()).rev().collect();
        let mut order = Vec::new();
        while !left.is_empty() {
            let waits = |file: &usize| self.losses.iter().any(|(from, to)| from == file && left.contains(to));
            let next = left.iter().position(|file| !waits(file))?;
            order.push(left.remove(next));
        }
        Some(order)
    }
}

/// Edits that were worked out and not yet made: none needs to know of another.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) splices: BTreeMap<usize, Vec<text::Splice>>,
    /// The objects and lists whose entries they touch.
    pub(super) touched: Vec<(usize, KeyPath)>,
    losses: BTreeSet<(usize, usize)>,
}

impl Work {
    fn add(&mut self, file: usize, container: &KeyPath, splices: Vec<text::Splice>) {
        self.splices.entry(file).or_default().extend(splices);
        self.touched.push((file, container.clone()));
    }

    pub(super) fn append(&mut self, other: Self) {
        for (file, splices) in other.splices {
            self.splices.entry(file).or_default().extend(splices);
        }
        self.touched.extend(other.touched);
        self.losses.extend(other.losses);
    }
}

impl Source {
    fn new(path: &Path, text: String) -> Result<Self> {
        let root = syntax::parse(&text).map_err(|e| {
            let error = Error::config(format!("{} cannot be read: {}", path.display(), e.message));
            match e.kind {
                SyntaxKind::Syntax => error,
                SyntaxKind::TooDeep => error.with_code(Code::TooDeep.as_str()),
                SyntaxKind::TooLarge => error.with_code(Code::TooLarge.as_str()),
            }
        })?;
        let style = Style::of(&text, &root);
        Ok(Self { path: path.to_owned(), original: text.clone(), text, root, style })
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.text != self.original
    }

    fn remove_member(&self, path: &KeyPath) -> Result<Vec<text::Splice>> {
        let Some((above, key)) = path.split_last() else { return Ok(Vec::new()) };
        let Some(container) = self.root.at(above.keys()) else { return Ok(Vec::new()) };
        let positions: Vec<usize> = match &container.kind {
            Kind::Object(_) => container.positions(key),
            _ => syntax::index(key).into_iter().collect(),
        };
        Ok(text::remove_entries(&self.text, container, &positions))
    }
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
