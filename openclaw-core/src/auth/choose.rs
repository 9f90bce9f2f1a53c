//! Which profile of a store a call uses when nobody said.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use secrecy::SecretString;

use super::file::store;
use super::login::{FoundLogin, LoginKind, Stored, one_of};
use super::oauth::PlanSharing;
use super::order::{is_left_out, rank};
use super::profile::{Credential, Profile, ProfileId};
use super::profiles::Profiles;
use super::rests::{EVERY_MODEL, SharedRests};
use super::{AccessToken, Claims, Environment, FileStore};
use crate::error::Result;
use crate::provider::ProviderId;

/// The profiles of one file, and where secrets that are kept elsewhere are looked up.
pub(super) struct Choice<'a> {
    pub profiles: &'a Profiles,
    pub path: &'a Path,
    pub env: &'a Environment,
}

impl Choice<'_> {
    /// The profile that was asked for, else the first that can be used: a plan before a key, a valid token before an
    /// expired one, one that rests last. An expired login is chosen when its kind has no other.
    pub fn choose(&self, wanted: Option<&str>, now: SystemTime, notes: &mut Vec<String>) -> Result<Option<FoundLogin>> {
        if let Some(wanted) = wanted {
            return self.named(&wanted.into(), now).map(Some);
        }
        let mut usable = Vec::new();
        let is_candidate = |profile: &&Profile| is_ours(&profile.provider) && !is_left_out(profile, self.profiles);
        for profile in self.profiles.iter().filter(is_candidate) {
            match profile.credential.secret(self.env) {
                Ok(secret) => usable.push((profile, self.login(profile, secret, now))),
                Err(why) => notes.push(format!("{}: profile {} is skipped: {why}", self.path.display(), profile.id)),
            }
        }
        let rests = SharedRests::all(self.profiles, now);
        // For every model, as a call sees it.
        let rests_until = |profile: &Profile| rests.rest(profile, EVERY_MODEL).map(|rest| rest.until);
        usable.sort_by_cached_key(|(profile, login)| {
            let usage = self.profiles.usage(&profile.id);
            (
                login.kind == LoginKind::ApiKey,
                login.expired,
                rests_until(profile),
                self.place(profile).unwrap_or(usize::MAX),
                rank(profile),
                // OpenClaw takes turns: the profile that was not used for longest comes first.
                usage.last_used,
                Reverse(self.profiles.last_good(&profile.provider).as_ref() == Some(&profile.id)),
            )
        });
        let Some((profile, login)) = usable.into_iter().next() else { return Ok(None) };
        if rests_until(profile).is_some() {
            notes.push(format!("profile {} is in a cooldown of OpenClaw, like every other one here", profile.id));
        }
        Ok(Some(login))
    }

    /// What is there, for a message.
    pub fn inventory(&self) -> String {
        let readable = self.profiles.ids().filter(|id| self.profiles.provider_of(id).is_some());
        one_of("its profiles", &readable.map(ProfileId::to_string).collect::<Vec<_>>())
    }

    fn named(&self, wanted: &ProfileId, now: SystemTime) -> Result<FoundLogin> {
        let name = self.path.display();
        let unusable = |why: &str| store(format!("{name}: profile {:?} cannot be used: {why}", wanted.as_str()));
        let Some(provider) = self.profiles.provider_of(wanted) else {
            let text = format!("{name} has no readable profile {:?}; {}", wanted.as_str(), self.inventory());
            return Err(store(text));
        };
        if !is_ours(provider) {
            return Err(store(format!(
                "{name}: profile {:?} is of provider {:?}; only openai-codex and openai can be used",
                wanted.as_str(),
                provider.as_str()
            )));
        }
        let Some(profile) = self.profiles.get(wanted) else {
            let note = self.profiles.unusable_note(wanted);
            return Err(unusable(note.map_or("it has no credential", |note| &note.reason)));
        };
        match profile.credential.secret(self.env) {
            Ok(secret) => Ok(self.login(profile, secret, now)),
            Err(why) => Err(unusable(&why)),
        }
    }

    fn login(&self, profile: &Profile, secret: SecretString, now: SystemTime) -> FoundLogin {
        let kind = login_kind(profile, &secret);
        let mut login = FoundLogin::new(kind, secret.clone(), self.path.display().to_string());
        login.path = Some(self.path.to_owned());
        login.email = profile.email.clone().or(login.email);
        login.profile = Some(profile.id.to_string());
        login.token = access_token(profile, secret);
        let store = FileStore::at(self.path, self.env);
        login.renewable = store.refusal().is_none() && profile.credential.is_renewable();
        login.stored = Some(Stored { store: Arc::new(store), id: profile.id.clone(), env: self.env.clone() });
        login.judged(now)
    }

    fn place(&self, profile: &Profile) -> Option<usize> {
        self.profiles.order(&profile.provider)?.iter().position(|id| *id == profile.id)
    }
}

/// What a provider is given for a profile.
pub(crate) fn access_token(profile: &Profile, secret: SecretString) -> AccessToken {
    let mut token = AccessToken::new(secret);
    token.profile = Some(profile.id.to_string());
    if let Credential::OAuth(oauth) = &profile.credential {
        token.account_id = oauth.account_id.clone().or(token.account_id);
    }
    token.expires_at = profile.expires_at().or(token.expires_at);
    token
}

/// Since 2026.9 plan logins are of provider `openai` too.
pub(crate) fn login_kind(profile: &Profile, secret: &SecretString) -> LoginKind {
    let plan = match &profile.credential {
        Credential::OAuth(oauth) if PlanSharing::made(oauth) => return LoginKind::PlanSharing,
        Credential::ApiKey(_) => false,
        Credential::OAuth(_) => true,
        Credential::Token(_) if profile.provider.as_str() == ProviderId::CODEX => true,
        Credential::Token(_) => Claims::of(secret).is_ok_and(|claims| claims.account_id.is_some()),
    };
    if plan { LoginKind::ChatGpt } else { LoginKind::ApiKey }
}

pub(super) fn is_ours(provider: &ProviderId) -> bool {
    matches!(provider.as_str(), ProviderId::CODEX | ProviderId::OPENAI)
}
