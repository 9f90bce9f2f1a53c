//! Signing in: one profile for one person in one account, whatever it was called before.

use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use super::identity::Comparison;
use super::profile::{Credential, Profile, ProfileId};
use super::profiles::Profiles;
use crate::config::{ConfigEditor, KeyPath, Options, Written};
use crate::error::Result;

/// What a sign-in did to the profiles of its provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignedIn {
    /// The profile that holds the login now.
    pub id: Option<ProfileId>,
    /// The profiles of the same person in the same account that it took the place of, its own name among them if there was
    /// one.
    pub replaced: Vec<ProfileId>,
    /// Profiles that are gone: those of `replaced` that had another name, such as a `<provider>:default` of older versions.
    pub retired: Vec<ProfileId>,
    /// Profiles of other persons or accounts.
    pub kept: Vec<ProfileId>,
    /// Profiles that say too little of whose they are to tell: they stay. A person can remove them.
    pub unknown: Vec<ProfileId>,
}

impl Profiles {
    /// Puts a new login among the profiles.
    ///
    /// It replaces the sign-in of the same person in the same account, whatever that is called, and keeps all others: those of
    /// another person or account, those that do not say whose they are, and pasted tokens and keys, which a person put there
    /// on purpose. Order, last-good and use are carried over to the new name; a rest that was for a bad login is over.
    ///
    /// A name that is taken by another person's profile gets a number: `openai-codex:me@example.com-2`.
    pub fn sign_in(&mut self, profile: Profile) -> SignedIn {
        let done = self.place(profile);
        if let Some(id) = &done.id {
            let usage = self.usage(id).signed_in();
            self.set_usage(id, &usage);
        }
        done
    }

    fn place(&mut self, mut profile: Profile) -> SignedIn {
        let (identity, kind) = (profile.identity(), std::mem::discriminant(&profile.credential));
        let mut done = SignedIn::default();
        for other in self.iter().filter(|other| other.provider == profile.provider) {
            let same_kind = std::mem::discriminant(&other.credential) == kind;
            let list = match identity.compare(&other.identity()) {
                Comparison::Same if same_kind => &mut done.replaced,
                Comparison::Unknown if same_kind => &mut done.unknown,
                _ => &mut done.kept,
            };
            list.push(other.id.clone());
        }
        let id = self.free_id(&profile.id, &done);
        // OpenClaw names a login by what it knows of the person: under one name, what says nothing else is the same.
        if let Some(at) = done.unknown.iter().position(|other| *other == id) {
            done.replaced.push(done.unknown.remove(at));
        }
        if !done.replaced.contains(&id) {
            // The former entry takes the new name, and so keeps its place and what we do not know of it.
            if let Some(former) = done.replaced.first() {
                self.rename(former, &id);
                done.retired.push(former.clone());
            }
        }
        for former in done.replaced.iter().filter(|former| **former != id) {
            self.rename_references(former, Some(&id));
            if self.remove(former) {
                done.retired.push(former.clone());
            }
        }
        profile.id = id.clone();
        self.put(profile);
        done.id = Some(id);
        done
    }

    /// Merges profiles of one person in one account, which older versions of OpenClaw left behind: the one that ends last
    /// takes over. Gives back what was done for every profile that took another's place.
    pub fn repair(&mut self) -> Vec<SignedIn> {
        let mut repaired = Vec::new();
        let mut done: Vec<ProfileId> = Vec::new();
        loop {
            let sign_ins = || self.iter().filter(|profile| matches!(profile.credential, Credential::OAuth(_)));
            let doubles = sign_ins().filter(|profile| !done.contains(&profile.id)).find_map(|profile| {
                let identity = profile.identity();
                let same = || sign_ins().filter(|other| identity.compare(&other.identity()) == Comparison::Same);
                // It can be renewed, ends last, is not called `default`.
                let best = same().max_by_key(|profile| {
                    let renewable = matches!(&profile.credential, Credential::OAuth(oauth) if oauth.refresh.is_some());
                    (renewable, profile.expires_at(), !profile.id.is_default_of(&profile.provider))
                });
                best.filter(|_| same().count() > 1).cloned()
            });
            let Some(mut best) = doubles else { return repaired };
            if best.id.is_default_of(&best.provider) {
                if let Some(email) = best.identity().email {
                    best.id = ProfileId::new(format!("{}:{}", best.provider, email.trim().to_lowercase()));
                }
            }
            let signed = self.place(best);
            done.extend(signed.id.clone());
            repaired.push(signed);
        }
    }

    /// The name that a login wants, unless that of another person's is there. An entry that cannot be read is nobody's.
    fn free_id(&self, wanted: &ProfileId, done: &SignedIn) -> ProfileId {
        let is_free =
            |id: &ProfileId| self.get(id).is_none() || done.replaced.contains(id) || done.unknown.contains(id);
        let numbered = (2_u32..).map(|number| ProfileId::new(format!("{wanted}-{number}")));
        std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or_else(|| wanted.clone())
    }
}

/// Writes a login into the configuration (`openclaw.json`): its provider, how it signs in, its e-mail address and display
/// name. No credential. Profiles that a sign-in retired go; what names them in `auth.order` names the new one. Writes nothing
/// when it stands there already.
///
/// # Errors
/// Those of [`ConfigEditor::update`].
pub fn record_in_config(
    config: impl AsRef<Path>,
    options: &Options,
    profile: &Profile,
    retired: &[ProfileId],
) -> Result<Vec<Written>> {
    let mode = match &profile.credential {
        Credential::OAuth(_) => "oauth",
        Credential::Token(_) => "token",
        Credential::ApiKey(_) => "api_key",
    };
    let id = profile.id.as_str();
    ConfigEditor::update(config, options, |editor| {
        let wanted: Vec<(&str, Option<&str>)> = vec![
            ("provider", Some(profile.provider.as_str())),
            ("mode", Some(mode)),
            ("email", profile.email.as_deref()),
            ("displayName", profile.display_name.as_deref()),
        ];
        let entry = KeyPath::new(["auth", "profiles", id]);
        let old = editor.get(entry.clone())?;
        if old.as_ref().is_some_and(Value::is_object) {
            for (key, value) in wanted {
                let path = KeyPath::new(["auth", "profiles", id, key]);
                match value {
                    Some(value) if editor.get(path.clone())?.as_ref().and_then(Value::as_str) != Some(value) => {
                        editor.set(path, value)?;
                    }
                    // A name that a person wrote there is theirs.
                    _ => {}
                }
            }
        } else {
            let fields: Map<String, Value> =
                wanted.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))).collect();
            editor.set(entry, Value::Object(fields))?;
        }
        replace_in_config(editor, retired, Some(id))
    })
}

/// Takes profiles out of the configuration, and out of `auth.order`. Writes nothing when they do not stand there.
///
/// # Errors
/// Those of [`ConfigEditor::update`].
pub fn forget_in_config(config: impl AsRef<Path>, options: &Options, profiles: &[ProfileId]) -> Result<Vec<Written>> {
    ConfigEditor::update(config, options, |editor| replace_in_config(editor, profiles, None))
}

fn replace_in_config(editor: &mut ConfigEditor, gone: &[ProfileId], by: Option<&str>) -> Result<()> {
    for id in gone {
        editor.remove(KeyPath::new(["auth", "profiles", id.as_str()]))?;
    }
    let Some(Value::Object(orders)) = editor.get(KeyPath::new(["auth", "order"]))? else { return Ok(()) };
    for (provider, ids) in orders {
        let Value::Array(ids) = ids else { continue };
        let mut after: Vec<Value> = Vec::new();
        for old in &ids {
            let is_gone = gone.iter().any(|id| old.as_str() == Some(id.as_str()));
            let new = if is_gone { by.map(Value::from) } else { Some(old.clone()) };
            after.extend(new.filter(|new| !after.contains(new)));
        }
        if after != ids {
            editor.set(KeyPath::new(["auth", "order", &provider]), Value::Array(after))?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "sign_in_tests.rs"]
mod tests;
