//! `claw profiles`: which logins are stored, in which state they are, and how doubles go.

use std::collections::BTreeSet;
use std::time::SystemTime;

use clap::{Args, Subcommand};
use openclaw_core::Result;
use openclaw_core::auth::{LoginStore, ProfileId, ProfileState, ProfileSummary, RemovedLogin, StoredLogin};
use serde_json::Value;

use crate::render::{Form, Screen, duration};
use crate::sign_in::Place;
use crate::status::Status;

/// List the stored logins and their state; show, remove or repair them. No secret is ever shown.
#[derive(Debug, Args)]
pub struct Profiles {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    place: Place,
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
    Repair {
        /// Say what would be done, and do nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Forget the faults of a login: it is asked again at once.
    Clear {
        /// Its name; all of them unless given.
        id: Option<String>,
    },
}

impl Profiles {
    pub async fn run(&self, screen: &mut Screen<'_>) -> Status {
        let done = match self.place.logins() {
            Ok(logins) => self.act(&logins, screen).await,
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
            Err(error) => screen.fail(&error, Form::of(self.json), &[]),
        }
    }

    async fn act(&self, logins: &LoginStore, screen: &mut Screen<'_>) -> Result<Vec<String>> {
        match &self.command {
            None | Some(Command::List) => self.list(logins, screen).await,
            Some(Command::Show { id }) => self.show(&logins.get(&id.as_str().into()).await?),
            Some(Command::Remove { id }) => {
                let done = logins.remove(&id.as_str().into()).await?;
                done.notes.iter().for_each(|note| screen.note("note", note));
                Ok(removed(&done))
            }
            Some(Command::Repair { dry_run }) => {
                let done = logins.repair(*dry_run).await?;
                let notes: BTreeSet<&String> = done.iter().flat_map(|login| &login.notes).collect();
                notes.into_iter().for_each(|note| screen.note("note", note));
                Ok(repaired(&done, *dry_run))
            }
            Some(Command::Clear { id }) => {
                logins.list().await?.note_lines.iter().for_each(|line| screen.note("note", line));
                let cleared = logins.clear_health(id.as_deref().map(Into::into).as_ref(), None).await?;
                Ok(match cleared.as_slice() {
                    [] => vec!["nothing to forget: no fault is remembered".to_owned()],
                    ids => ids.iter().map(|id| format!("forgot the faults of {id}")).collect(),
                })
            }
        }
    }

    async fn list(&self, logins: &LoginStore, screen: &mut Screen<'_>) -> Result<Vec<String>> {
        let found = logins.list().await?;
        for line in &found.note_lines {
            screen.note("note", line);
        }
        if found.profiles.is_empty() {
            screen.say(&format!("no profiles in {}", found.store));
        }
        if self.json {
            return Ok(vec![json(&found)]);
        }
        let width = found.profiles.iter().map(|profile| profile.id.as_str().chars().count()).max().unwrap_or_default();
        let line = |profile: &ProfileSummary| format!("{:width$}  {:7}  {}", profile.id, profile.kind, state(profile));
        Ok(found.profiles.iter().map(line).collect())
    }

    fn show(&self, profile: &ProfileSummary) -> Result<Vec<String>> {
        let text = json(profile);
        if self.json {
            return Ok(vec![text]);
        }
        let mut lines = vec![profile.id.to_string(), format!("  {}", state(profile))];
        let fields: Value = serde_json::from_str(&text).unwrap_or_default();
        for (key, value) in fields.as_object().into_iter().flatten().filter(|(key, _)| *key != "id") {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            lines.push(format!("  {key}: {text}"));
        }
        Ok(lines)
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What is said of a login that was deleted.
pub fn removed(done: &RemovedLogin) -> Vec<String> {
    let mut lines = vec![format!("removed {} from {}", done.id, done.store)];
    lines.extend(done.written.iter().map(|path| format!("removed {} from {}", done.id, path.display())));
    lines
}

fn repaired(done: &[StoredLogin], dry_run: bool) -> Vec<String> {
    if done.is_empty() {
        return vec!["nothing to repair: no two logins of one person in one account".to_owned()];
    }
    let takes = if dry_run { "would take" } else { "takes" };
    let names = |ids: &[ProfileId]| ids.iter().map(ProfileId::as_str).collect::<Vec<_>>().join(", ");
    let line = |login: &StoredLogin| match login.signed_in.replaced.is_empty() {
        false => format!("{} {takes} the place of {}", login.profile.id, names(&login.signed_in.retired)),
        true => format!(
            "{id} stays: it could be any of {}, which are different logins; sign in to each, then: claw profiles remove {id}",
            names(&login.signed_in.unknown),
            id = login.profile.id
        ),
    };
    done.iter().map(line).collect()
}

/// The state in words, with times as a person says them.
fn state(profile: &ProfileSummary) -> String {
    let now = SystemTime::now();
    let said = match profile.state {
        ProfileState::Refused | ProfileState::Unusable => return profile.reasons.join("; "),
        ProfileState::Expired if profile.kind == "oauth" => return profile.reasons.join("; "),
        _ => end_of(profile, now),
    };
    let rests = profile.until.map(|until| {
        let health = &profile.health;
        let reason = [&health.disabled_reason, &health.blocked_reason, &health.cooldown_reason].into_iter().flatten();
        let own = [health.disabled_until, health.blocked_until, health.cooldown_until].into_iter().flatten();
        let reason = match own.filter(|own| *own > now).max() {
            Some(_) => reason.map(String::as_str).next().unwrap_or("no reason noted"),
            None => "another login of this plan or account was refused",
        };
        let left = duration(until.duration_since(now).unwrap_or_default());
        format!("; rests for {left} ({reason})")
    });
    said + &rests.unwrap_or_default()
}

/// When its token ends, and what happens then.
fn end_of(profile: &ProfileSummary, now: SystemTime) -> String {
    if profile.kind == "api_key" {
        return profile.kept_in.as_ref().map_or_else(|| "key".to_owned(), |place| format!("key in {place}"));
    }
    let Some(end) = profile.expires_at else { return "its end is not known".to_owned() };
    match (end.duration_since(now), profile.renewable) {
        (Ok(left), true) => format!("token good for {}, then renewed", duration(left)),
        (Ok(left), false) => format!("token good for {}, then sign in again", duration(left)),
        (Err(_), true) => "token ended; the next call renews it".to_owned(),
        (Err(_), false) => "token ended: sign in again".to_owned(),
    }
}
