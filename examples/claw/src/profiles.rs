//! `claw profiles`: which logins are stored, in which state they are, and how doubles go.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, Subcommand};
use openclaw_core::auth::{
    self, Condition, Credential, CredentialStore, Environment, FileStore, Profile, ProfileId, forget_in_config,
    record_in_config,
};
use openclaw_core::config::{Options, default_path};
use openclaw_core::{Error, Result};
use serde_json::{Value, json};

use crate::render::{Form, Screen};
use crate::status::Status;

/// List the stored logins and their state; show, remove or repair them. No secret is ever shown.
#[derive(Debug, Args)]
pub struct Profiles {
    #[command(subcommand)]
    command: Option<Command>,
    /// The auth-profiles.json [default: that of the agent].
    #[arg(long, value_name = "FILE", global = true)]
    profile_file: Option<PathBuf>,
    /// The OpenClaw agent [default: main].
    #[arg(long, value_name = "ID", global = true)]
    agent: Option<String>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List them, as without a command.
    List,
    /// Show one.
    Show {
        /// Its name.
        id: String,
    },
    /// Remove one from the store and from openclaw.json. It is not withdrawn at its provider: claw logout does that.
    Remove {
        /// Its name.
        id: String,
    },
    /// Merge profiles of one person in one account, which older versions of OpenClaw left behind.
    Repair,
}

impl Profiles {
    pub async fn run(&self, screen: &mut Screen<'_>) -> Status {
        let done = match self.store() {
            Ok(store) => self.act(&store, screen).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(lines) => {
                for line in lines {
                    if let Err(error) = screen.line(&line) {
                        return screen.output_lost(&error);
                    }
                }
                Status::Answer
            }
            Err(error) => screen.fail(&error, if self.json { Form::Json } else { Form::Text }, &[]),
        }
    }

    fn store(&self) -> Result<FileStore> {
        let env = Environment::default();
        match &self.profile_file {
            Some(path) => Ok(FileStore::at(path, &env)),
            None => FileStore::of_agent(self.agent.as_deref(), &env),
        }
    }

    async fn act(&self, store: &FileStore, screen: &mut Screen<'_>) -> Result<Vec<String>> {
        match &self.command {
            None | Some(Command::List) => self.list(store, screen).await,
            Some(Command::Show { id }) => self.show(store, id).await,
            Some(Command::Remove { id }) => remove(store, &id.as_str().into()).await,
            Some(Command::Repair) => repair(store).await,
        }
    }

    async fn list(&self, store: &FileStore, screen: &mut Screen<'_>) -> Result<Vec<String>> {
        let profiles = store.load().await?;
        for line in profiles.note_lines() {
            screen.note("note", &line);
        }
        if profiles.iter().next().is_none() {
            screen.say(&format!("no profiles in {}", store.place()));
        }
        let facts: Vec<Facts> = profiles.iter().map(|profile| Facts::of(profile, &profiles)).collect();
        if self.json {
            let all: Vec<&Value> = facts.iter().map(|facts| &facts.json).collect();
            return Ok(vec![json!({"store": store.place(), "profiles": all, "notes": profiles.notes()}).to_string()]);
        }
        let width = facts.iter().map(|facts| facts.id.chars().count()).max().unwrap_or_default();
        Ok(facts.iter().map(|facts| format!("{:width$}  {:7}  {}", facts.id, facts.kind, facts.state)).collect())
    }

    async fn show(&self, store: &FileStore, id: &str) -> Result<Vec<String>> {
        let profiles = store.load().await?;
        let profile = profiles.get(&id.into()).ok_or_else(|| unknown(store, &profiles, &id.into()))?;
        let facts = Facts::of(profile, &profiles);
        if self.json {
            return Ok(vec![facts.json.to_string()]);
        }
        let mut lines = vec![facts.id.clone()];
        for (key, value) in facts.json.as_object().into_iter().flatten().filter(|(key, _)| *key != "id") {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            lines.push(format!("  {key}: {text}"));
        }
        Ok(lines)
    }
}

/// Why a profile cannot be had.
pub fn unknown(store: &FileStore, profiles: &auth::Profiles, id: &ProfileId) -> Error {
    let note = profiles.notes().iter().find(|note| note.unusable && note.profile.as_ref() == Some(id));
    let ids: Vec<&str> = profiles.ids().map(ProfileId::as_str).collect();
    Error::config(match note {
        Some(note) => format!("{}: profile {id} cannot be used: {}", store.place(), note.reason),
        None => format!("{} has no profile {id}; there are: {}", store.place(), ids.join(", ")),
    })
}

/// Deletes a profile, also from the configuration.
pub async fn remove(store: &FileStore, id: &ProfileId) -> Result<Vec<String>> {
    store.update(&mut |profiles| if profiles.remove(id) { Ok(()) } else { Err(unknown(store, profiles, id)) }).await?;
    let mut lines = vec![format!("removed {id} from {}", store.place())];
    if let Some((path, options)) = config() {
        let written = forget_in_config(&path, &options, std::slice::from_ref(id))?;
        lines.extend(written.iter().map(|written| format!("removed {id} from {}", written.path.display())));
    }
    Ok(lines)
}

async fn repair(store: &FileStore) -> Result<Vec<String>> {
    let mut repaired = Vec::new();
    let profiles = store
        .update(&mut |profiles| {
            repaired = profiles.repair();
            Ok(())
        })
        .await?;
    let mut lines = Vec::new();
    for done in &repaired {
        let Some(profile) = done.id.as_ref().and_then(|id| profiles.get(id)) else { continue };
        let retired: Vec<&str> = done.retired.iter().map(ProfileId::as_str).collect();
        lines.push(format!("{} takes the place of {}", profile.id, retired.join(", ")));
        if let Some((path, options)) = config() {
            record_in_config(&path, &options, profile, &done.retired)?;
        }
    }
    if lines.is_empty() {
        lines.push("nothing to repair: no two logins of one person in one account".to_owned());
    }
    Ok(lines)
}

/// The configuration of OpenClaw, if there is one: none is made for this.
pub fn config() -> Option<(PathBuf, Options)> {
    let options = Options::of_process();
    let path = default_path(&options.env).filter(|path| path.exists())?;
    Some((path, options))
}

/// What may be shown of a profile.
struct Facts {
    id: String,
    kind: &'static str,
    state: String,
    json: Value,
}

impl Facts {
    fn of(profile: &Profile, profiles: &auth::Profiles) -> Self {
        let now = SystemTime::now();
        let usage = profiles.usage(&profile.id).plausible(now);
        let identity = profile.identity();
        let kind = match profile.credential {
            Credential::OAuth(_) => "oauth",
            Credential::Token(_) => "token",
            _ => "api_key",
        };
        let env = Environment::default();
        let condition = Condition::of(profile, &usage, "", &env, true, now);
        let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let last_good = profiles.last_good(&profile.provider).as_ref() == Some(&profile.id);
        let mut facts = json!({
            "id": profile.id, "provider": profile.provider, "type": kind, "state": condition.state, "why": condition.why,
            "email": identity.email, "displayName": profile.display_name, "accountId": identity.account_id,
            "expiresAt": condition.expires_at.map(seconds), "restsUntil": condition.rests_until.map(seconds), "lastUsed": usage.last_used.map(seconds),
            "lastGood": last_good,
        });
        if let Some(facts) = facts.as_object_mut() {
            facts.retain(|_, value| !value.is_null());
        }
        Self { id: profile.id.to_string(), kind, state: format!("{}: {}", condition.state, condition.why), json: facts }
    }
}
