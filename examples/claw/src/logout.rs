//! `claw logout`: withdraws a login at its issuer and deletes it here.

use clap::Args;
use openclaw_core::Result;

use crate::profiles::removed;
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
            Err(error) => screen.fail(&error, Form::Text, &["to see what is there: claw profiles".to_owned()]),
        }
    }

    async fn log_out(&self, screen: &mut Screen<'_>) -> Result<Vec<String>> {
        let id = self.profile.as_deref().map(Into::into);
        let done = self.place.logins()?.sign_out(id.as_ref(), &endpoint(None)?).await?;
        if done.revoked {
            screen.say(&format!("{} was withdrawn at its login server", done.id));
        }
        if let Some(why) = &done.not_revoked {
            screen.note("note", &format!("the login server did not withdraw it, it is deleted here: {why}"));
        }
        done.notes.iter().for_each(|note| screen.note("note", note));
        Ok(removed(&done))
    }
}
