//! `claw logout`: withdraws a login at its issuer and deletes it here.

use clap::Args;
use openclaw_core::auth::oauth::{HostId, PlanSharing, TokenKind};
use openclaw_core::auth::{Credential, CredentialStore, FileStore, OAuthCredential, Profile, Profiles};
use openclaw_core::{Error, Result};

use crate::profiles::{remove, unknown};
use crate::render::{Form, Screen};
use crate::sign_in::{Place, endpoint};
use crate::status::Status;

/// Withdraw a login at its login server and delete it from the store and from openclaw.json.
///
/// It is deleted here even if the login server cannot be asked.
#[derive(Debug, Args)]
pub struct Logout {
    /// The profile, such as openai-codex:me@example.com [default: the only sign-in that is stored].
    profile: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Logout {
    pub async fn run(&self, screen: &mut Screen<'_>) -> Status {
        match self.log_out(screen).await {
            Ok(lines) => match lines.iter().try_for_each(|line| screen.line(line)) {
                Ok(()) => Status::Answer,
                Err(error) => screen.output_lost(&error),
            },
            Err(error) => screen.fail(&error, Form::Text, &[]),
        }
    }

    async fn log_out(&self, screen: &mut Screen<'_>) -> Result<Vec<String>> {
        let store = self.place.store()?;
        let profiles = store.load().await?;
        let profile = self.chosen(&store, &profiles)?;
        if let Credential::OAuth(login) = &profile.credential {
            match revoke(login).await {
                Ok(()) => screen.say(&format!("{} was withdrawn at its login server", profile.id)),
                Err(error) => screen.note(
                    "note",
                    &format!("the login server did not withdraw it, it is deleted here: {}", error.message()),
                ),
            }
        }
        remove(&store, &profile.id).await
    }

    fn chosen<'p>(&self, store: &FileStore, profiles: &'p Profiles) -> Result<&'p Profile> {
        if let Some(id) = &self.profile {
            let id = id.as_str().into();
            return profiles.get(&id).ok_or_else(|| unknown(store, profiles, &id));
        }
        let all: Vec<&Profile> = profiles.iter().filter(|p| matches!(p.credential, Credential::OAuth(_))).collect();
        match all.as_slice() {
            [one] => Ok(one),
            [] => Err(Error::config(format!("{} has no sign-in; to see what is there: claw profiles", store.place()))),
            many => {
                let ids: Vec<&str> = many.iter().map(|p| p.id.as_str()).collect();
                Err(Error::config(format!("say which one: claw logout {}", ids.join(" | "))))
            }
        }
    }
}

/// At its own issuer, by the way that it was made.
async fn revoke(login: &OAuthCredential) -> Result<()> {
    let endpoint = endpoint(login.issuer.as_deref())?;
    if PlanSharing::made(login) {
        // The installation's id plays no part in it.
        let nobody = HostId::parse("00000000-0000-0000-0000-000000000000")?;
        return PlanSharing::new(endpoint, "claw", nobody).revoke(login).await;
    }
    match &login.refresh {
        Some(token) => endpoint.revoke(token, TokenKind::Refresh).await,
        None => endpoint.revoke(&login.access, TokenKind::Access).await,
    }
}
