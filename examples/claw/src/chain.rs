//! The models of OpenClaw's configuration: its primary, then its fallbacks.

use std::sync::Arc;

use openclaw_core::auth::{CredentialStore, Environment, FileStore, LoginKind};
use openclaw_core::config::{Config, Options, SecretAccess, default_path};
use openclaw_core::{Provider, Result};

use crate::ask::Target;
use crate::login::{APPLICATION, LoginArgs};
use crate::render::Screen;

/// What the configuration of this OpenClaw home says, if there is one that can be followed with the logins of its store.
///
/// # Errors
/// `config` for an agent that does not exist.
pub async fn configured(login: &LoginArgs, screen: &mut Screen<'_>) -> Result<Option<Target>> {
    let options = Options::of_process();
    let Some(file) = default_path(&options.env).filter(|file| file.is_file()) else { return Ok(None) };
    let config = match Config::load(&file, &options) {
        Ok(config) => config,
        Err(_) => {
            let text = format!("{} has mistakes and is not followed; see claw config validate", file.display());
            screen.note("warning", &text);
            return Ok(None);
        }
    };
    let agent = login.agent.as_deref();
    let Ok(candidates) = config.candidates(agent) else { return Ok(None) };
    let store: Arc<dyn CredentialStore> = Arc::new(FileStore::of_agent(agent, &Environment::default())?);
    // What is wrong with the store is told by the search for a login, which comes next.
    let Ok(profiles) = store.load().await else { return Ok(None) };
    let has_login = candidates.iter().filter_map(|candidate| candidate.route.as_ref().ok()).any(|route| {
        !route.needs_login() || profiles.iter().any(|profile| profile.provider.as_str() == route.provider.as_str())
    });
    if !has_login {
        return Ok(None);
    }
    for note in profiles.note_lines() {
        screen.note("note", &note);
    }
    let access = SecretAccess::default();
    let mut chain = config.signed_in_chain(agent, store.clone(), &access, Some(APPLICATION)).await?;
    if let Some(profile) = &login.profile {
        chain = chain.pin(profile.as_str());
    }
    let chain = chain.build()?;
    let models: Vec<String> = chain.candidates().iter().map(|candidate| candidate.model().to_string()).collect();
    screen.note("models", &models.join(", then "));
    Ok(Some(Target {
        provider: Arc::new(chain) as Arc<dyn Provider>,
        kind: LoginKind::ChatGpt,
        login: file.display().to_string(),
        profile: None,
        sign_in: "sign in again: openclaw models auth login".to_owned(),
        embedded: None,
        store: Some(store),
    }))
}
