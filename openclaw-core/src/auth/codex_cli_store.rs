//! The login of the Codex command line as a store of one profile.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::credential_store::{Change, CredentialStore, RefreshLock};
use super::fields::Fields;
use super::file::{fields, plain, read_text, store};
use super::login::LoginKind;
use super::profile::{Credential, OAuthCredential, Profile, ProfileId};
use super::profiles::Profiles;
use super::secret::fingerprint;
use super::store_file::StoreFile;
use super::usage_stats::UsageStats;
use super::{ApiKeyCredential, Environment, codex_cli, place};
use crate::ambient::{self, Ambient};
use crate::calendar::iso;
use crate::disk::{Holder, Lock, beside, follow};
use crate::error::{Error, Result};
use crate::provider::ProviderId;

/// The login of the Codex command line, `$CODEX_HOME/auth.json`, as a store of one profile ([`ID`](Self::ID)).
///
/// It is read, and not written: its refresh token works once, so two programs that both refresh one login end it for each
/// other. A person who wants that all the same says so with [`share`](Self::share), and is shown [`WARNING`](Self::WARNING);
/// then what we refresh is written back, and what the Codex command line wrote meanwhile is used first. A login of one's own
/// is the better way.
///
/// That a refresh was refused for good has no place in that file: it is kept beside it, in `auth.json.claw-usage`, which is
/// ours and holds no secret.
#[derive(Debug, Clone)]
pub struct CodexCliStore {
    file: StoreFile,
    shared: bool,
}

impl CodexCliStore {
    /// The name of its profile, as OpenClaw names it.
    pub const ID: &'static str = "openai-codex:codex-cli";

    /// What a person must know who shares that login.
    pub const WARNING: &'static str = "the login of the Codex command line will be refreshed by this program too: a refresh \
        token works once, so if both refresh at the same time, or a copy of the file is used elsewhere, both are signed out; \
        a login of its own (claw login) is safer";

    /// `auth.json` under `CODEX_HOME`, else under `~/.codex`. Nothing is opened.
    ///
    /// # Errors
    /// `config` when no home folder is known.
    pub fn of(env: &Environment) -> Result<Self> {
        let path = place::codex_login(env);
        path.map(Self::at).ok_or_else(|| Error::config("no home folder is known: set CODEX_HOME or HOME"))
    }

    /// The `auth.json` of this path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let (path, patience) = (path.into(), Duration::from_secs(35));
        let second = Some(beside(&path, "claw-usage"));
        let file = StoreFile { path, second, openclaw: false, patience, ambient: ambient::system() };
        Self { file, shared: false }
    }

    /// Whether the person chose to share this login: only then it is refreshed and written.
    #[must_use]
    pub fn share(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Other time and randomness.
    #[must_use]
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.file.ambient = ambient;
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.file.path
    }

    /// The profile as it is now, without waiting for anything.
    pub(crate) fn read(&self) -> Result<Profiles> {
        let mut notes = Vec::new();
        let Some(text) = read_text(self.path(), &mut notes)? else { return Ok(Profiles::default()) };
        let usage = self.file.second.as_deref().and_then(|path| read_text(path, &mut Vec::new()).ok()?);
        let mut profiles = self.profiles(plain(&text), usage.as_ref().map(plain))?;
        notes.into_iter().for_each(|note| profiles.add_note(note));
        Ok(profiles)
    }

    fn check_shared(&self) -> Result<()> {
        if self.shared {
            return Ok(());
        }
        let text = format!(
            "{} belongs to the Codex command line and is not written: run codex login there, or sign in with a login of \
             your own",
            self.path().display()
        );
        Err(store(text).with_code("read_only"))
    }

    /// The profile of the file, with what is remembered of its use.
    fn profiles(&self, text: &str, usage: Option<&str>) -> Result<Profiles> {
        let object = fields(text, &self.place())?;
        let now = self.file.ambient.now();
        let login = codex_cli::login_of(&object, self.path(), now)?;
        let mut profiles = Profiles::default();
        let (provider, credential): (_, Credential) = match login.kind {
            LoginKind::ApiKey => (ProviderId::OPENAI, ApiKeyCredential::new(login.token.secret).into()),
            LoginKind::ChatGpt | LoginKind::PlanSharing => {
                let tokens = object.object("tokens").unwrap_or_default();
                let token = |key: &str| tokens.text(key).map(SecretString::from);
                let mut oauth = OAuthCredential::new(login.token.secret, token("refresh_token"));
                oauth.account_id = login.token.account_id;
                oauth.id_token = token("id_token");
                (ProviderId::CODEX, oauth.into())
            }
        };
        let mut profile = Profile::new(Self::ID, ProviderId::new(provider), credential);
        profile.email = login.email;
        profiles.put(profile);
        if let Some(usage) = usage.and_then(|text| Fields::parse(text).ok()) {
            profiles.set_usage(&Self::ID.into(), &UsageStats::read(&usage).0);
        }
        Ok(profiles)
    }
}

#[async_trait]
impl CredentialStore for CodexCliStore {
    async fn load(&self) -> Result<Profiles> {
        self.read()
    }

    /// Only the tokens of the profile are written, and its use beside them; an order has no place here.
    async fn update(&self, change: &mut Change<'_>) -> Result<Profiles> {
        self.check_shared()?;
        let (mut profiles, notes) = self
            .file
            .change(&mut |contents| {
                let [Some(text), usage] = contents else {
                    return Err(store(format!("{} is not there any more; run codex login", self.place())));
                };
                let before = self.profiles(plain(text), usage.as_ref().map(plain))?;
                let mut after = before.clone();
                change(&mut after)?;
                if !after.ids().eq(before.ids()) {
                    let text = format!("{} keeps one login: codex login and codex logout change it", self.place());
                    return Err(store(text).with_code("read_only"));
                }
                let id = ProfileId::from(Self::ID);
                let usage = match after.usage(&id) {
                    same if same == before.usage(&id) => usage.clone(),
                    changed => Some(format!("{}\n", serde_json::to_string(&changed).unwrap_or_default()).into()),
                };
                let login = |profiles: &Profiles| match profiles.get(&id).map(|profile| profile.credential.clone()) {
                    Some(Credential::OAuth(oauth)) => Some(oauth),
                    _ => None,
                };
                let new = match (login(&before), login(&after)) {
                    (Some(old), Some(new))
                        if fingerprint(&old.access) != fingerprint(&new.access)
                            || old.refresh.as_ref().map(fingerprint) != new.refresh.as_ref().map(fingerprint) =>
                    {
                        new
                    }
                    _ => return Ok(([Some(text.clone()), usage], after)),
                };
                let mut object = fields(plain(text), &self.place())?;
                let mut tokens = object.object("tokens").unwrap_or_default();
                let secret = |secret: &SecretString| Value::from(secret.expose_secret());
                tokens.set("access_token", &secret(&new.access));
                new.refresh.as_ref().inspect(|token| tokens.set("refresh_token", &secret(token)));
                new.id_token.as_ref().inspect(|token| tokens.set("id_token", &secret(token)));
                object.set_raw("tokens", tokens.render(1));
                object.set("last_refresh", &iso(self.file.ambient.now()).into());
                Ok(([Some(object.render(0)), usage], after))
            })
            .await?;
        notes.into_iter().for_each(|note| profiles.add_note(note));
        Ok(profiles)
    }

    async fn lock_refresh(&self, _: &Profile) -> Result<RefreshLock> {
        self.check_shared()?;
        let target = follow(self.path())?;
        let deadline = self.file.deadline(3);
        let attempt = || Ok(Lock::attempt(&target, "claw-refresh")?.ok_or_else(Holder::default));
        let lock = self.file.wait(&deadline, &target, attempt).await?;
        Ok(RefreshLock::with_journal(lock, self.file.clone(), ()))
    }

    fn place(&self) -> String {
        self.path().display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ForgedToken;
    use serde_json::json;

    #[tokio::test]
    async fn it_is_written_only_when_the_person_chose_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        let access = ForgedToken::new("acct").user_id("me").build();
        let text = json!({
            "auth_mode": "chatgpt", "OPENAI_API_KEY": null, "last_refresh": "2026-01-01T00:00:00Z", "future": [1],
            "tokens": {"id_token": "x", "access_token": access, "refresh_token": "r0", "account_id": "acct"},
        });
        std::fs::write(&path, text.to_string()).unwrap();
        let store = CodexCliStore::at(&path);
        let profiles = store.load().await.unwrap();
        let profile = profiles.iter().next().unwrap().clone();
        assert_eq!((profile.id.as_str(), profile.identity().user_id.as_deref()), (CodexCliStore::ID, Some("me")));
        let change = &mut |profiles: &mut Profiles| {
            let mut profile = profile.clone();
            let Credential::OAuth(oauth) = &mut profile.credential else { panic!() };
            oauth.refresh = Some("r1".into());
            profiles.put(profile);
            Ok(())
        };
        assert_eq!(store.update(change).await.unwrap_err().code(), Some("read_only"));
        assert_eq!(store.lock_refresh(&profile).await.unwrap_err().code(), Some("read_only"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text.to_string());
        let store = store.share(true);
        store.update(change).await.unwrap();
        let after: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!((&after["tokens"]["refresh_token"], &after["future"]), (&json!("r1"), &json!([1])));
        assert_ne!(after["last_refresh"], text["last_refresh"]);
        store.lock_refresh(&profile).await.unwrap();
    }
}
