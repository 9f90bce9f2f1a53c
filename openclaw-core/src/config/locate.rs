//! Where OpenClaw looks for its configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The configuration's path: `OPENCLAW_CONFIG_PATH`, else `openclaw.json` in `OPENCLAW_STATE_DIR`, else in `.openclaw`
/// of `OPENCLAW_HOME` or the home folder. A leading `~` is the home folder. Nothing, if no home folder is known.
///
/// Whether the file exists is not looked at.
pub fn default_path(env: &BTreeMap<String, String>) -> Option<PathBuf> {
    let filled = |name: &str| env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let home = || ["OPENCLAW_HOME", "HOME", "USERPROFILE"].iter().find_map(|name| filled(name)).map(Path::new);
    let expand = |path: &str| match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
            home().map(|home| home.join(rest.trim_start_matches(['/', '\\'])))
        }
        _ => Some(PathBuf::from(path)),
    };
    if let Some(path) = filled("OPENCLAW_CONFIG_PATH") {
        return expand(path);
    }
    let folder = match filled("OPENCLAW_STATE_DIR") {
        Some(folder) => expand(folder),
        None => home().map(|home| home.join(".openclaw")),
    };
    folder.map(|folder| folder.join("openclaw.json"))
}
