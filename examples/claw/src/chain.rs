//! The models of OpenClaw's configuration: its primary, then its fallbacks.

use std::sync::Arc;

use openclaw_core::auth::{CredentialStore, Environment, FileStore, LoginKind, Profiles};
use openclaw_core::config::{Candidate, Config, Options, SecretAccess, default_path};
use openclaw_core::{Error, Provider, Result};

use crate::ask::Target;
use crate::login::{APPLICATION, LoginArgs};
use crate::render::Screen;

/// What the configuration of this OpenClaw home comes to.
pub enum Configured {
    /// There is none, or it names no model.
    No,
    /// It cannot be read.
    Broken(Error),
    /// Its models. Without a login for any of them it can only say so.
    Chain { target: Target, has_login: bool },
}

/// Reads the configuration of this OpenClaw home.
///
/// # Errors
/// `config` for an agent or a profile that does not exist.
pub async fn configured(login: &LoginArgs, screen: &mut Screen<'_>) -> Result<Configured> {
    let options = Options::of_process();
    let Some(file) = default_path(&options.env).filter(|file| file.is_file()) else { return Ok(Configured::No) };
    let config = match Config::load(&file, &options) {
        Ok(config) => config,
        Err(error) => {
            let text = format!("{} has mistakes and is not followed; see claw config validate", file.display());
            screen.note("warning", &text);
            return Ok(Configured::Broken(error.into()));
        }
    };
    let agent = login.agent.as_deref();
    let candidates = match config.candidates(agent) {
        Err(error) if error.code() == Some("no_model") => return Ok(Configured::No),
        candidates => candidates?,
    };
    let store: Arc<dyn CredentialStore> = Arc::new(FileStore::of_agent(agent, &Environment::default())?);
    let access = SecretAccess::default();
    let mut chain = config.signed_in_chain(agent, store.clone(), &access, Some(APPLICATION)).await?;
    // A store that cannot be read is told by the chain, for each model that needs it.
    let profiles = store.load().await.ok();
    for note in profiles.iter().flat_map(Profiles::note_lines) {
        screen.note("note", &note);
    }
    if let Some(profile) = &login.profile {
        if let Some(profiles) = &profiles {
            check_profile(profiles, profile, &store.place())?;
        }
        chain = chain.pin(profile.as_str());
    }
    let chain = chain.build()?;
    let models: Vec<String> = chain.candidates().iter().map(|candidate| candidate.model().to_string()).collect();
    screen.note("models", &models.join(", then "));
    let target = Target {
        provider: Arc::new(chain) as Arc<dyn Provider>,
        kind: LoginKind::ChatGpt,
        login: file.display().to_string(),
        profile: None,
        sign_in: "sign in: claw login (or: openclaw models auth login); keys can stand in OPENAI_API_KEY and ANTHROPIC_API_KEY"
            .to_owned(),
        embedded: None,
        configured: true,
    };
    Ok(Configured::Chain { target, has_login: has_login(&candidates, profiles.as_ref(), &access) })
}

/// Whether one of the models can be signed in to, well or badly.
fn has_login(candidates: &[Candidate], profiles: Option<&Profiles>, access: &SecretAccess) -> bool {
    candidates.iter().filter_map(|candidate| candidate.route.as_ref().ok()).any(|route| {
        let stored = || profiles.iter().flat_map(|all| all.iter()).any(|profile| profile.provider == route.provider);
        !route.needs_login() || stored() || route.environment_key(access).is_some()
    })
}

fn check_profile(profiles: &Profiles, profile: &str, place: &str) -> Result<()> {
    if profiles.ids().any(|id| id.as_str() == profile) {
        return Ok(());
    }
    let known: Vec<&str> = profiles.ids().map(|id| id.as_str()).collect();
    let have = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(Error::config(format!("{place} has no profile {profile:?}; it has {have}")))
}
