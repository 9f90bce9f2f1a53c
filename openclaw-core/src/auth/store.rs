//! Reads OpenClaw's `auth-profiles.json` (2026.4.5), as leniently as OpenClaw does: one bad entry never fails the rest.
//!
//! Since 2026.4.12 `order`, `lastGood` and `usageStats` live in `auth-state.json` beside it; that file goes first.

use std::cmp::Reverse;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::Environment;
use super::file::{read_object, store};
use super::jwt::Claims;
use super::login::{FoundLogin, LoginKind, one_of};
use crate::error::Result;
use crate::provider::ProviderId;

/// The profiles of one file, and what OpenClaw remembers of them.
pub(super) struct Store<'a> {
    path: &'a Path,
    profiles: Vec<Profile>,
    order: Value,
    last_good: Value,
    stats: Value,
}

struct Profile {
    id: String,
    provider: String,
    kind: Kind,
    /// The secret, or why there is none.
    secret: Result<String, String>,
    account_id: Option<String>,
    email: Option<String>,
    expires: Option<SystemTime>,
}

/// In the order of preference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    OAuth,
    Token,
    ApiKey,
}

impl<'a> Store<'a> {
    /// Reads the object of the file. Entries that cannot be read are noted.
    pub fn read(
        object: &Map<String, Value>,
        path: &'a Path,
        env: &Environment,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let name = path.display();
        let Some(entries) = object.get("profiles").and_then(Value::as_object) else {
            return Err(store(format!("{name}: the key \"profiles\" must be an object: profile id → credential")));
        };
        if let Some(version) = object.get("version").and_then(Value::as_u64).filter(|v| *v > 1) {
            notes.push(format!("{name} has version {version}; version 1 is known, so parts of it may be left out"));
        }
        let (mut profiles, mut skipped) = (Vec::new(), Vec::new());
        for (id, entry) in entries {
            match Profile::read(id, entry, env, notes) {
                Ok(profile) => profiles.push(profile),
                Err(why) => skipped.push(format!("{id} ({why})")),
            }
        }
        if !skipped.is_empty() {
            notes.push(format!("{name}: {}", one_of("entries that cannot be read are skipped", &skipped)));
        }
        let state = match read_object(&path.with_file_name("auth-state.json"), notes) {
            Ok(state) => state.unwrap_or_default(),
            Err(e) => {
                notes.push(format!("{}; the order of profiles is taken from {name} alone", e.message()));
                Map::new()
            }
        };
        let memory = |key: &str| state.get(key).or_else(|| object.get(key)).cloned().unwrap_or_default();
        Ok(Self { path, profiles, order: memory("order"), last_good: memory("lastGood"), stats: memory("usageStats") })
    }

    /// The profile that was asked for, else the first that can be used: a plan before a key, a valid token before an
    /// expired one, one that rests last. An expired login is chosen when its kind has no other.
    pub fn choose(&self, wanted: Option<&str>, now: SystemTime, notes: &mut Vec<String>) -> Result<Option<FoundLogin>> {
        if let Some(wanted) = wanted {
            return self.named(wanted, now).map(Some);
        }
        let mut usable = Vec::new();
        for profile in self.profiles.iter().filter(|profile| self.is_candidate(profile)) {
            match &profile.secret {
                Ok(secret) => usable.push((profile, self.login(profile, secret, now))),
                Err(why) => notes.push(format!("{}: profile {} is skipped: {why}", self.path.display(), profile.id)),
            }
        }
        usable.sort_by_cached_key(|(profile, login)| {
            (
                login.kind == LoginKind::ApiKey,
                login.expired,
                self.rests_until(profile).filter(|at| *at > now),
                self.place(profile).unwrap_or(usize::MAX),
                profile.kind,
                self.last_used(profile),
                Reverse(self.is_last_good(profile)),
            )
        });
        let Some((profile, login)) = usable.into_iter().next() else { return Ok(None) };
        if self.rests_until(profile).is_some_and(|at| at > now) {
            notes.push(format!("profile {} is in a cooldown of OpenClaw, like every other one here", profile.id));
        }
        Ok(Some(login))
    }

    /// What is there, for a message.
    pub fn inventory(&self) -> String {
        let ids: Vec<String> = self.profiles.iter().map(|profile| profile.id.clone()).collect();
        one_of("its profiles", &ids)
    }

    fn named(&self, wanted: &str, now: SystemTime) -> Result<FoundLogin> {
        let name = self.path.display();
        let Some(profile) = self.profiles.iter().find(|profile| profile.id == wanted) else {
            return Err(store(format!("{name} has no readable profile {wanted:?}; {}", self.inventory())));
        };
        if !profile.is_ours() {
            return Err(store(format!(
                "{name}: profile {wanted:?} is of provider {:?}; only openai-codex and openai can be used",
                profile.provider
            )));
        }
        match &profile.secret {
            Ok(secret) => Ok(self.login(profile, secret, now)),
            Err(why) => Err(store(format!("{name}: profile {wanted:?} cannot be used: {why}"))),
        }
    }

    fn login(&self, profile: &Profile, secret: &str, now: SystemTime) -> FoundLogin {
        let mut login = FoundLogin::new(profile.login_kind(secret), secret.to_owned(), self.path.display().to_string());
        login.path = Some(self.path.to_owned());
        login.profile = Some(profile.id.clone());
        login.email = profile.email.clone().or(login.email);
        login.token.profile = Some(profile.id.clone());
        login.token.account_id = profile.account_id.clone().or(login.token.account_id);
        // Whichever ends first: the file's entry can be older than the token, and the token can say nothing.
        login.token.expires_at = match (login.token.expires_at, profile.expires) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        login.judged(now)
    }

    /// An order that names one stored profile of the provider leaves out all that it does not name.
    fn is_candidate(&self, profile: &Profile) -> bool {
        profile.is_ours()
            && (self.place(profile).is_some()
                || !self.profiles.iter().any(|p| p.provider == profile.provider && self.place(p).is_some()))
    }

    fn place(&self, profile: &Profile) -> Option<usize> {
        let (_, ids) = self.order.as_object()?.iter().find(|(provider, _)| normal(provider) == profile.provider)?;
        ids.as_array()?.iter().position(|id| id.as_str() == Some(&profile.id))
    }

    fn rests_until(&self, profile: &Profile) -> Option<SystemTime> {
        let stats = self.stats.get(&profile.id)?;
        ["cooldownUntil", "disabledUntil", "blockedUntil"].iter().filter_map(|key| time(stats.get(*key)?)).max()
    }

    /// OpenClaw takes turns: the profile that was not used for longest comes first.
    fn last_used(&self, profile: &Profile) -> Option<SystemTime> {
        time(self.stats.get(&profile.id)?.get("lastUsed")?)
    }

    fn is_last_good(&self, profile: &Profile) -> bool {
        self.last_good.get(&profile.provider).and_then(Value::as_str) == Some(&profile.id)
    }
}

impl Profile {
    fn read(id: &str, entry: &Value, env: &Environment, notes: &mut Vec<String>) -> Result<Self, &'static str> {
        let entry = entry.as_object().ok_or("not an object")?;
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::trim).filter(|s| !s.is_empty());
        let kind = match text("type").or_else(|| text("mode")) {
            Some("oauth") => Kind::OAuth,
            Some("token") => Kind::Token,
            Some("api_key") => Kind::ApiKey,
            _ => return Err("type is not oauth, token or api_key"),
        };
        let provider = normal(text("provider").ok_or("provider is missing")?);
        let secret = match kind {
            Kind::OAuth => text("access").map(str::to_owned).ok_or_else(|| {
                if entry.contains_key("oauthRef") {
                    "its tokens lie in a side file of a newer OpenClaw (oauthRef), which is not read".to_owned()
                } else {
                    "access is missing; sign in again".to_owned()
                }
            }),
            Kind::Token => plain_or_ref(entry, &["token"], "tokenRef", env),
            Kind::ApiKey => plain_or_ref(entry, &["key", "apiKey"], "keyRef", env),
        };
        let expires = entry.get("expires").filter(|at| !at.is_null() && kind != Kind::ApiKey);
        let ours = is_ours(&provider);
        if ours && expires.is_some_and(|at| time(at).is_none()) {
            notes.push(format!("profile {id}: expires is not a time in ms since 1970; the token's own end counts"));
        }
        Ok(Self {
            id: id.to_owned(),
            kind,
            secret,
            account_id: text("accountId").map(str::to_owned),
            email: text("email").map(str::to_owned),
            expires: expires.and_then(time),
            provider,
        })
    }

    fn is_ours(&self) -> bool {
        is_ours(&self.provider)
    }

    /// Since 2026.9 plan logins are of provider `openai` too.
    fn login_kind(&self, secret: &str) -> LoginKind {
        let plan = match self.kind {
            Kind::ApiKey => false,
            Kind::OAuth => true,
            Kind::Token if self.provider == ProviderId::CODEX => true,
            Kind::Token => Claims::of(&secret.to_owned().into()).is_ok_and(|claims| claims.account_id.is_some()),
        };
        if plan { LoginKind::ChatGpt } else { LoginKind::ApiKey }
    }
}

/// A secret that stands in the file, or a reference to where it is; an object under the plain key is a reference too.
fn plain_or_ref(
    entry: &Map<String, Value>,
    plain: &[&'static str],
    by_ref: &str,
    env: &Environment,
) -> Result<String, String> {
    let values = || plain.iter().filter_map(|key| entry.get(*key));
    let reference = entry.get(by_ref).or_else(|| values().find(|value| value.is_object())).and_then(Value::as_object);
    let Some(reference) = reference else {
        let text = values().filter_map(Value::as_str).map(str::trim).find(|s| !s.is_empty());
        let name = plain.first().copied().unwrap_or_default();
        return text.map(str::to_owned).ok_or_else(|| format!("neither {name} nor {by_ref} is set"));
    };
    let field = |key: &str| reference.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    match (field("source"), field("id")) {
        ("env", "") => Err(format!("{by_ref} names no variable: its id is missing")),
        ("env", id) => match env.var(id).map(|value| value.into_string()) {
            Some(Ok(value)) if !value.trim().is_empty() => Ok(value.trim().to_owned()),
            Some(Err(_)) => Err(format!("the variable {id} that {by_ref} names is not UTF-8")),
            _ => Err(format!("the variable {id} that {by_ref} names is not set")),
        },
        (source @ ("file" | "exec"), _) => Err(format!(
            "{by_ref} has source {source:?}, which this version does not read; use source \"env\" or write the secret itself"
        )),
        _ => Err(format!("{by_ref} has an unknown source; \"env\" can be used")),
    }
}

/// A time of the file: ms since 1970, or seconds if it is too small for that (1e11 ms is March 1973).
fn time(value: &Value) -> Option<SystemTime> {
    let number = value.as_f64().filter(|n| n.is_finite() && *n > 0.0 && *n < 1e16)?;
    let ms = if number < 1e11 { number * 1000.0 } else { number };
    UNIX_EPOCH.checked_add(Duration::from_millis(ms as u64))
}

fn is_ours(provider: &str) -> bool {
    provider == ProviderId::CODEX || provider == ProviderId::OPENAI
}

fn normal(provider: &str) -> String {
    provider.trim().to_ascii_lowercase()
}
