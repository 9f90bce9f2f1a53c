//! Where OpenClaw and the Codex command line keep their logins.

use std::path::{Path, PathBuf};

use super::Environment;
use crate::error::{Error, Result};

/// The agent whose logins every agent shares.
pub(crate) const MAIN: &str = "main";

/// `OPENCLAW_STATE_DIR`, else `~/.openclaw`.
pub(crate) fn state_folder(env: &Environment) -> Option<PathBuf> {
    env.folder("OPENCLAW_STATE_DIR").or_else(|| Some(env.home()?.join(".openclaw")))
}

/// Refuses what cannot be the name of an agent's folder.
pub(crate) fn check_agent(agent: &str) -> Result<()> {
    if agent.is_empty() || agent.starts_with('.') || agent.contains(|c: char| "/\\:".contains(c) || c.is_control()) {
        return Err(Error::config(format!("the agent {agent:?} is no agent's name; write it as a folder's name")));
    }
    Ok(())
}

/// The profiles of an agent.
pub(crate) fn profiles_of(state: &Path, agent: &str) -> PathBuf {
    state.join("agents").join(agent).join("agent").join("auth-profiles.json")
}

/// The other way: the state folder of `…/agents/<agent>/agent/auth-profiles.json`.
pub(super) fn state_of(profiles: &Path) -> Option<&Path> {
    let agent = profiles.parent().filter(|folder| folder.ends_with("agent"))?;
    let agents = agent.parent()?.parent().filter(|folder| folder.ends_with("agents"))?;
    agents.parent()
}

/// The SQLite store of a newer OpenClaw (2026.6 or later) that stands for this file, if there is one.
pub(crate) fn newer_store(profiles: &Path) -> Option<PathBuf> {
    let own = profiles.with_file_name("openclaw-agent.sqlite");
    let shared = state_of(profiles).map(|state| state.join("state").join("openclaw.sqlite"));
    [Some(own), shared].into_iter().flatten().find(|path| path.is_file())
}

/// `auth.json` under `CODEX_HOME`, else under `~/.codex`.
pub(super) fn codex_login(env: &Environment) -> Option<PathBuf> {
    let home = env.folder("CODEX_HOME").or_else(|| Some(env.home()?.join(".codex")))?;
    Some(home.join("auth.json"))
}
