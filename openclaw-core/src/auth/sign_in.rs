//! Signing in: one profile for one person in one account, whatever it was called before.

use std::path::Path;
use std::time::SystemTime;

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
    /// Profiles of which nobody can tell whether they are the same login: they say too little, or they fit two logins that
    /// differ. They stay. A person can remove them.
    pub unknown: Vec<ProfileId>,
}

impl Profiles {
    /// Puts a new login among the profiles.
    ///
    /// It replaces the sign-in of the same person in the same account, whatever that is called, and keeps all others: those of
    /// another person or account, those that do not say whose they are, those made in another way (plan sharing beside the
    /// Codex client), and pasted tokens and keys, which a person put there on purpose. Order, last-good and use are carried over
    /// to the new name; a rest that was for a bad login is over.
    ///
    /// A name that is taken by another profile gets a number: `openai-codex:me@example.com-2`.
    pub fn sign_in(&mut self, profile: Profile) -> SignedIn {
        let done = self.place(profile);
        if let Some(id) = &done.id {
            let usage = self.usage(id).signed_in();
            self.set_usage(id, &usage);
        }
        done
    }

    fn place(&mut self, mut profile: Profile) -> SignedIn {
        let mut done = SignedIn::default();
        let all: Vec<&Profile> = self.iter().filter(|other| other.provider == profile.provider).collect();
        let among: Vec<&Profile> = all.iter().copied().chain([&profile]).collect();
        let unclear = fits_two(&profile, &among);
        for other in all {
            let list = match profile.compare(other) {
                Comparison::Same if !unclear && !fits_two(other, &among) => &mut done.replaced,
                Comparison::Same | Comparison::Unknown => &mut done.unknown,
                Comparison::Different => &mut done.kept,
            };
            list.push(other.id.clone());
        }
        let id = self.free_id(&profile.id, &done.replaced);
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
    /// takes over. Gives back what was done for every profile that took another's place; then, with nothing replaced, what
    /// was left alone because it fits two logins that differ, which stand in `unknown`.
    pub fn repair(&mut self) -> Vec<SignedIn> {
        let mut repaired = Vec::new();
        while let Some(mut best) = self.doubles().and_then(|same| same.into_iter().max_by_key(worth)) {
            if best.id.is_default_of(&best.provider) {
                if let Some(email) = best.identity().email {
                    best.id = ProfileId::new(format!("{}:{}", best.provider, email.trim().to_lowercase()));
                }
            }
            repaired.push(self.place(best));
        }
        let all = self.sign_ins();
        for profile in all.iter().filter(|profile| fits_two(profile, &all)) {
            let fits = all.iter().filter(|other| other.id != profile.id && profile.is_same_login(other));
            let unknown = fits.map(|other| other.id.clone()).collect();
            repaired.push(SignedIn { id: Some(profile.id.clone()), unknown, ..SignedIn::default() });
        }
        repaired
    }

    /// All profiles of one login that has several.
    fn doubles(&self) -> Option<Vec<Profile>> {
        let all = self.sign_ins();
        let clear: Vec<&Profile> = all.iter().copied().filter(|profile| !fits_two(profile, &all)).collect();
        clear.iter().find_map(|profile| {
            let same: Vec<Profile> =
                clear.iter().filter(|other| profile.is_same_login(other)).map(|other| (*other).clone()).collect();
            (same.len() > 1).then_some(same)
        })
    }

    fn sign_ins(&self) -> Vec<&Profile> {
        self.iter().filter(|profile| matches!(profile.credential, Credential::OAuth(_))).collect()
    }

    /// The name that a login wants, unless that of another login is there. An entry that cannot be read is nobody's.
    fn free_id(&self, wanted: &ProfileId, replaced: &[ProfileId]) -> ProfileId {
        let is_free = |id: &ProfileId| self.get(id).is_none() || replaced.contains(id);
        let numbered = (2_u32..).map(|number| ProfileId::new(format!("{wanted}-{number}")));
        std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or_else(|| wanted.clone())
    }
}

/// Whether a profile could be the same login as two others that differ from each other, as one that names no account when
/// its person has two. "The same" leads nowhere then: to merge it with either would be a guess.
fn fits_two(profile: &Profile, among: &[&Profile]) -> bool {
    let same: Vec<&&Profile> = among.iter().filter(|other| profile.is_same_login(other)).collect();
    same.iter().any(|one| same.iter().any(|other| one.compare(other) == Comparison::Different))
}

/// Which of several is kept: one that can be renewed, ends last, is not called `default`.
fn worth(profile: &Profile) -> (bool, Option<SystemTime>, bool) {
    let renewable = profile.credential.is_renewable();
    (renewable, profile.expires_at(), !profile.id.is_default_of(&profile.provider))
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
    let id = profile.id.as_str();
    ConfigEditor::update(config, options, |editor| {
        let wanted: Vec<(&str, Option<&str>)> = vec![
            ("provider", Some(profile.provider.as_str())),
            ("mode", Some(profile.credential.kind())),
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
