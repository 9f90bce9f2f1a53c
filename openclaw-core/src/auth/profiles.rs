//! The profiles of a store, and what is remembered of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;

use super::entry;
use super::fields::{Fields, pretty};
use super::file;
use super::login::one_of;
use super::profile::{Profile, ProfileId};
use super::usage_stats::UsageStats;
use crate::error::Result;
use crate::provider::ProviderId;

/// The version of the file that is known.
const VERSION: u64 = 1;
/// The keys that 2026.4.12 keeps in `auth-state.json`.
const ORDER: &str = "order";
const LAST_GOOD: &str = "lastGood";
const USAGE: &str = "usageStats";

/// The profiles of a store: OpenClaw's `auth-profiles.json` (2026.4.5), with the `auth-state.json` that 2026.4.12 keeps beside
/// it.
///
/// Nothing gets lost: what is not changed here is written as it was read, in its order, be it an unknown field, another
/// provider's profile, or an entry that cannot be read. `Debug` shows no secret.
///
/// ```
/// use openclaw_core::ProviderId;
/// use openclaw_core::auth::{ApiKeyCredential, Profile, Profiles};
///
/// let mut profiles = Profiles::default();
/// profiles.put(Profile::new("openai:work", ProviderId::new("openai"), ApiKeyCredential::new("sk-example")));
/// assert_eq!(profiles.iter().count(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct Profiles {
    /// The file; under `profiles` stands nothing of worth, see `entries`.
    file: Fields,
    entries: Vec<Entry>,
    /// `auth-state.json`, where there is one.
    state: Option<Fields>,
    /// What stands under `usageStats`, read once: it is looked at for every profile.
    usages: BTreeMap<ProfileId, UsageStats>,
    /// The same of `order`, by provider.
    orders: BTreeMap<String, Vec<ProfileId>>,
    notes: Vec<ProfileNote>,
}

#[derive(Debug, Clone)]
struct Entry {
    id: ProfileId,
    text: SecretString,
    profile: Option<Profile>,
}

/// Something in a store that a person should know: an entry that cannot be read or used, a value that is ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProfileNote {
    /// The profile, unless it is about the whole store.
    pub profile: Option<ProfileId>,
    /// The profile's provider, if that can be read.
    pub provider: Option<ProviderId>,
    /// Whether the profile cannot be used because of it.
    pub unusable: bool,
    /// What it is, as the end of a sentence; never a secret.
    pub reason: String,
}

impl Default for Profiles {
    fn default() -> Self {
        let mut file = Fields::default();
        file.set("version", &VERSION.into());
        file.set_raw("profiles", "{}");
        Self::of(file, None, Vec::new())
    }
}

impl Profiles {
    /// Reads the content of an `auth-profiles.json`, and that of the `auth-state.json` beside it if there is one.
    ///
    /// # Errors
    /// `store` when `profiles` is no JSON object or has none under `profiles`. A bad entry is no error: see
    /// [`notes`](Self::notes).
    pub fn parse(profiles: &str, state: Option<&str>) -> Result<Self> {
        Self::read("the profile store", profiles, state)
    }

    /// The same for a file of this name.
    pub(super) fn read(name: &str, profiles: &str, state: Option<&str>) -> Result<Self> {
        let file = file::fields(profiles, name)?;
        let Some(members) = file.object("profiles") else {
            let text = format!("{name}: the key \"profiles\" must be an object: profile id → credential");
            return Err(file::store(text));
        };
        let mut notes = Vec::new();
        if let Some(version) = file.get("version").and_then(|v| v.as_u64()).filter(|v| *v > VERSION) {
            let reason =
                format!("it has version {version}; version {VERSION} is known, so parts of it may be left out");
            notes.push(ProfileNote::of_store(reason));
        }
        let state = state.and_then(|text| match file::fields(text, "auth-state.json") {
            Ok(state) => Some(state),
            Err(e) => {
                let reason = format!("{}; the order of profiles is taken without it", e.message());
                notes.push(ProfileNote::of_store(reason));
                None
            }
        });
        let mut all = Self::of(file, state, notes);
        for (id, text) in members.iter() {
            let read = entry::read(id, text);
            all.notes.extend(read.notes);
            all.entries.push(Entry { id: id.into(), text: text.into(), profile: read.profile });
        }
        all.read_usage();
        all.orders = all.read_orders();
        Ok(all)
    }

    /// Without entries.
    fn of(file: Fields, state: Option<Fields>, notes: Vec<ProfileNote>) -> Self {
        let (entries, usages, orders) = Default::default();
        Self { file, entries, state, usages, orders, notes }
    }

    /// The profiles that can be used, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.entries.iter().filter_map(|entry| entry.profile.as_ref())
    }

    /// The profile of this name, if it can be used.
    pub fn get(&self, id: &ProfileId) -> Option<&Profile> {
        self.entry(id)?.profile.as_ref()
    }

    /// The provider of a profile, also of one that cannot be used.
    pub(crate) fn provider_of(&self, id: &ProfileId) -> Option<&ProviderId> {
        let noted = || self.notes.iter().find(|note| note.profile.as_ref() == Some(id))?.provider.as_ref();
        self.get(id).map(|profile| &profile.provider).or_else(noted)
    }

    /// Whether the end of a profile's token can be no end.
    pub(super) fn has_invalid_end(&self, id: &ProfileId) -> bool {
        use secrecy::ExposeSecret;
        self.entry(id).is_some_and(|entry| entry::has_invalid_end(entry.text.expose_secret()))
    }

    /// Every name that is taken, also by entries that cannot be read.
    pub fn ids(&self) -> impl Iterator<Item = &ProfileId> {
        self.entries.iter().map(|entry| &entry.id)
    }

    /// Puts a profile in the place of the one of its name, else at the end. Fields of the former entry that are not known
    /// stay, if it is of the same type.
    pub fn put(&mut self, profile: Profile) {
        self.notes.retain(|note| note.profile.as_ref() != Some(&profile.id));
        let text = entry::write(&profile, self.entry(&profile.id).map(|entry| &entry.text));
        let id = profile.id.clone();
        let fresh = Entry { id: profile.id.clone(), text, profile: Some(profile) };
        match self.entries.iter_mut().find(|entry| entry.id == id) {
            Some(entry) => *entry = fresh,
            None => self.entries.push(fresh),
        }
    }

    /// Takes a profile away, with what is remembered of it: its use, its place in an order, that it was good last. Whether
    /// there was one.
    pub fn remove(&mut self, id: &ProfileId) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.id != *id);
        self.notes.retain(|note| note.profile.as_ref() != Some(id));
        self.rename_references(id, None);
        self.entries.len() < before
    }

    /// The order that a person set for the profiles of a provider.
    pub fn order(&self, provider: &ProviderId) -> Option<Vec<ProfileId>> {
        self.orders.get(provider.as_str()).cloned()
    }

    /// Sets the order of a provider's profiles; `None` takes it away.
    pub fn set_order(&mut self, provider: &ProviderId, order: Option<&[ProfileId]>) {
        let value = order.map(|ids| ids.iter().map(|id| Value::from(id.as_str())).collect());
        self.remember(ORDER, provider, value);
    }

    /// The profile of a provider that an answer came with last.
    pub fn last_good(&self, provider: &ProviderId) -> Option<ProfileId> {
        let last = self.memory(LAST_GOOD)?;
        let id = last.get(&key_of(&last, provider)?)?;
        id.as_str().map(ProfileId::from)
    }

    /// Sets it; `None` takes it away.
    pub fn set_last_good(&mut self, provider: &ProviderId, id: Option<&ProfileId>) {
        self.remember(LAST_GOOD, provider, id.map(|id| id.as_str().into()));
    }

    /// What is remembered of a profile's use. Times that cannot be read are left out, and noted.
    pub fn usage(&self, id: &ProfileId) -> UsageStats {
        self.usages.get(id).cloned().unwrap_or_default()
    }

    /// Sets it. Fields that [`UsageStats`] does not know stay.
    pub fn set_usage(&mut self, id: &ProfileId, usage: &UsageStats) {
        if self.usage(id) == *usage {
            return;
        }
        let mut stats = self.memory(USAGE).unwrap_or_default();
        let mut fields = stats.object(id.as_str()).unwrap_or_default();
        usage.write(&mut fields);
        if fields.is_empty() {
            stats.remove(id.as_str());
            self.usages.remove(id);
        } else {
            stats.set_raw(id.as_str(), fields.render(2));
            self.usages.insert(id.clone(), UsageStats::read(&fields).0);
        }
        self.set_memory(USAGE, stats);
    }

    /// What a person should know of this store.
    pub fn notes(&self) -> &[ProfileNote] {
        &self.notes
    }

    /// Why an entry cannot be used.
    pub(crate) fn unusable_note(&self, id: &ProfileId) -> Option<&ProfileNote> {
        self.notes.iter().find(|note| note.unusable && note.profile.as_ref() == Some(id))
    }

    /// The notes as lines: at most ten entries that cannot be read are named, in one line, as OpenClaw does.
    pub fn note_lines(&self) -> Vec<String> {
        self.note_lines_for(|_| true)
    }

    /// The same without notes about profiles of other providers.
    pub(super) fn note_lines_for(&self, relevant: impl Fn(&ProviderId) -> bool) -> Vec<String> {
        let (mut lines, mut skipped) = (Vec::new(), Vec::new());
        for note in self.notes.iter().filter(|note| note.provider.as_ref().is_none_or(&relevant)) {
            match &note.profile {
                None => lines.push(note.reason.clone()),
                Some(id) if note.unusable && note.provider.is_none() => skipped.push(format!("{id} ({})", note.reason)),
                Some(id) if note.unusable => lines.push(format!("profile {id} is skipped: {}", note.reason)),
                Some(id) => lines.push(format!("profile {id}: {}", note.reason)),
            }
        }
        if !skipped.is_empty() {
            lines.push(one_of("entries that cannot be read are skipped", &skipped));
        }
        lines
    }

    /// The content of `auth-profiles.json`. It holds secrets.
    pub fn to_text(&self) -> SecretString {
        let mut entries = Fields::default();
        for entry in &self.entries {
            entries.set_raw(entry.id.as_str(), entry.text.clone());
        }
        let mut file = self.file.clone();
        file.set_raw("profiles", entries.render(1));
        with_newline(file.render(0))
    }

    /// The content of `auth-state.json`, where there is one.
    pub fn state_text(&self) -> Option<SecretString> {
        self.state.as_ref().map(|state| with_newline(state.render(0)))
    }

    /// Whether nothing was put into it yet.
    pub(super) fn is_new(&self) -> bool {
        self.entries.is_empty() && self.file.iter().count() == 2
    }

    /// Adds what is known about the place that it comes from.
    pub(super) fn add_note(&mut self, reason: String) {
        self.notes.insert(0, ProfileNote::of_store(reason));
    }

    fn entry(&self, id: &ProfileId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == *id)
    }

    /// A key of `auth-state.json`, else of the file itself.
    fn memory(&self, key: &str) -> Option<Fields> {
        let state = self.state.as_ref().filter(|_| !self.is_in_file(key));
        state.unwrap_or(&self.file).object(key)
    }

    /// Whether a key stands in the file itself, and not in `auth-state.json`: there it stays.
    fn is_in_file(&self, key: &str) -> bool {
        self.file.raw(key).is_some() && self.state.as_ref().is_none_or(|state| state.raw(key).is_none())
    }

    fn set_memory(&mut self, key: &str, value: Fields) {
        if value.is_empty() {
            self.file.remove(key);
            if let Some(state) = &mut self.state {
                state.remove(key);
            }
        } else {
            let in_file = self.is_in_file(key);
            self.state.as_mut().filter(|_| !in_file).unwrap_or(&mut self.file).set_raw(key, value.render(1));
        }
        if key == ORDER {
            self.orders = self.read_orders();
        }
    }

    fn remember(&mut self, key: &str, provider: &ProviderId, value: Option<Value>) {
        let mut fields = self.memory(key).unwrap_or_default();
        let name = key_of(&fields, provider);
        match (value, name) {
            (Some(value), Some(name)) if fields.get(&name).as_ref() == Some(&value) => return,
            (Some(value), name) => fields.set_raw(name.as_deref().unwrap_or(provider.as_str()), pretty(&value, 2)),
            (None, Some(name)) => fields.remove(&name),
            (None, None) => return,
        }
        self.set_memory(key, fields);
    }

    /// Gives a profile another name, also in everything that names it. An entry of that name goes.
    pub(super) fn rename(&mut self, from: &ProfileId, to: &ProfileId) {
        self.entries.retain(|entry| entry.id != *to);
        for entry in self.entries.iter_mut().filter(|entry| entry.id == *from) {
            entry.id = to.clone();
            if let Some(profile) = &mut entry.profile {
                profile.id = to.clone();
            }
        }
        self.rename_references(from, Some(to));
    }

    /// Lets everything that names a profile name another one, or nothing.
    pub(super) fn rename_references(&mut self, from: &ProfileId, to: Option<&ProfileId>) {
        if let Some(mut order) = self.memory(ORDER) {
            let names: Vec<String> = order.iter().map(|(name, _)| name.to_owned()).collect();
            let mut changed = false;
            for name in names {
                let Some(Value::Array(ids)) = order.get(&name) else { continue };
                if !ids.iter().any(|id| id.as_str() == Some(from.as_str())) {
                    continue;
                }
                changed = true;
                let mut after: Vec<Value> = Vec::new();
                for id in ids {
                    let id = match (id.as_str() == Some(from.as_str()), to) {
                        (true, Some(to)) => to.as_str().into(),
                        (true, None) => continue,
                        (false, _) => id,
                    };
                    if !after.contains(&id) {
                        after.push(id);
                    }
                }
                order.set_raw(&name, pretty(&after, 2));
            }
            if changed {
                self.set_memory(ORDER, order);
            }
        }
        if let Some(mut last) = self.memory(LAST_GOOD) {
            let names: Vec<String> = last.iter().map(|(name, _)| name.to_owned()).collect();
            let before = names.len();
            let mut changed = false;
            for name in names {
                if last.get(&name).as_ref().and_then(Value::as_str) == Some(from.as_str()) {
                    last.put(&name, to.map(|to| to.as_str().into()));
                    changed = true;
                }
            }
            if changed && before > 0 {
                self.set_memory(LAST_GOOD, last);
            }
        }
        if let Some(mut stats) = self.memory(USAGE) {
            if let Some(old) = stats.raw(from.as_str()).map(str::to_owned) {
                stats.remove(from.as_str());
                let read = self.usages.remove(from);
                if let Some(to) = to.filter(|to| stats.raw(to.as_str()).is_none()) {
                    stats.set_raw(to.as_str(), old);
                    self.usages.extend(read.map(|read| (to.clone(), read)));
                }
                self.set_memory(USAGE, stats);
            }
        }
    }

    fn read_usage(&mut self) {
        let stats = self.memory(USAGE).unwrap_or_default();
        for (id, text) in stats.iter() {
            let Ok(fields) = Fields::parse(text) else { continue };
            let (usage, faults) = UsageStats::read(&fields);
            self.usages.insert(id.into(), usage);
            if !faults.is_empty() {
                let reason = one_of("values of usageStats that cannot be read are ignored", &faults);
                self.notes.push(ProfileNote { profile: Some(id.into()), provider: None, unusable: false, reason });
            }
        }
    }

    fn read_orders(&self) -> BTreeMap<String, Vec<ProfileId>> {
        let stored = self.memory(ORDER).unwrap_or_default();
        let mut orders = BTreeMap::new();
        for (provider, _) in stored.iter() {
            let Some(Value::Array(ids)) = stored.get(provider) else { continue };
            let ids = ids.iter().filter_map(Value::as_str).map(ProfileId::from).collect();
            orders.entry(ProviderId::normal(provider)).or_insert(ids);
        }
        orders
    }
}

impl ProfileNote {
    fn of_store(reason: String) -> Self {
        Self { profile: None, provider: None, unusable: false, reason }
    }
}

/// The key of a provider in a map, whatever its case.
fn key_of(fields: &Fields, provider: &ProviderId) -> Option<String> {
    fields.iter().map(|(name, _)| name).find(|name| ProviderId::normal(name) == provider.as_str()).map(str::to_owned)
}

fn with_newline(text: SecretString) -> SecretString {
    use secrecy::ExposeSecret;
    let text = text.expose_secret();
    let mut out = String::with_capacity(text.len() + 1);
    out.push_str(text);
    out.push('\n');
    out.into()
}

/// The file, for its schema.
#[derive(JsonSchema)]
#[schemars(rename = "auth-profiles.json", rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
struct File {
    /// 1.
    version: u64,
    /// The credentials by profile id.
    profiles: BTreeMap<ProfileId, entry::Shape>,
    /// Profile ids by provider, in the order that a person set. Since 2026.4.12 in `auth-state.json`.
    order: Option<BTreeMap<String, Vec<ProfileId>>>,
    /// By provider the profile that an answer came with last. Since 2026.4.12 in `auth-state.json`.
    last_good: Option<BTreeMap<String, ProfileId>>,
    /// What is remembered of each profile's use. Since 2026.4.12 in `auth-state.json`.
    usage_stats: Option<BTreeMap<ProfileId, UsageStats>>,
}

/// The JSON Schema (draft 2020-12) of `auth-profiles.json`, generated from the types of this module.
///
/// `auth-state.json` has `order`, `lastGood` and `usageStats` in the same form.
pub fn schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<File>().to_value()
}

#[cfg(test)]
#[path = "profiles_tests.rs"]
mod tests;
