//! Where OpenClaw looks for its configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The configuration's path: `OPENCLAW_CONFIG_PATH`, else `openclaw.json` in `OPENCLAW_STATE_DIR`, else in `.openclaw`
/// of `OPENCLAW_HOME` or the home folder. A leading `~` is the home folder. Nothing, if no home folder is known.
///
/// Whether the file exists is not looked at.
pub fn default_path(env: &BTreeMap<String, String>) -> Option<PathBuf> {
    if let Some(path) = filled(env, "OPENCLAW_CONFIG_PATH") {
        return expand(path, env);
    }
    let folder = match filled(env, "OPENCLAW_STATE_DIR") {
        Some(folder) => expand(folder, env),
        None => home(env).map(|home| home.join(".openclaw")),
    };
    folder.map(|folder| folder.join("openclaw.json"))
}

/// The path with a leading `~` replaced by the home folder; nothing, if that is not known.
pub(crate) fn expand(path: &str, env: &BTreeMap<String, String>) -> Option<PathBuf> {
    match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
            home(env).map(|home| home.join(rest.trim_start_matches(['/', '\\'])))
        }
        _ => Some(PathBuf::from(path)),
    }
}

fn home(env: &BTreeMap<String, String>) -> Option<&Path> {
    ["OPENCLAW_HOME", "HOME", "USERPROFILE"].iter().find_map(|name| filled(env, name)).map(Path::new)
}

fn filled<'e>(env: &'e BTreeMap<String, String>, name: &str) -> Option<&'e str> {
    env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}
