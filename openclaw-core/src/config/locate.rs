//! Where OpenClaw looks for its configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names that OpenClaw had before, and still reads.
const NAMES: [&str; 2] = ["openclaw.json", "clawdbot.json"];
const FOLDERS: [&str; 2] = [".openclaw", ".clawdbot"];

/// The configuration's path, as OpenClaw finds it: `OPENCLAW_CONFIG_PATH`; else in the folder `OPENCLAW_STATE_DIR`; else in
/// `.openclaw` of `OPENCLAW_HOME` or the home folder, then in `.clawdbot`. In a folder it is `openclaw.json`, else
/// `clawdbot.json`. If there is none, the path at which it would be written. A leading `~` is the home folder. Nothing, if no
/// home folder is known.
pub fn default_path(env: &BTreeMap<String, String>) -> Option<PathBuf> {
    find(env, &|path| path.exists())
}

fn find(env: &BTreeMap<String, String>, exists: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    if let Some(path) = filled(env, "OPENCLAW_CONFIG_PATH") {
        return expand(path, env);
    }
    let folders = match filled(env, "OPENCLAW_STATE_DIR") {
        Some(folder) => vec![expand(folder, env)?],
        None => FOLDERS.iter().map(|name| Some(home(env)?.join(name))).collect::<Option<_>>()?,
    };
    let candidates = folders.iter().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let folder = folders.iter().find(|folder| exists(folder)).or(folders.first())?;
    candidates.into_iter().find(|path| exists(path)).or_else(|| Some(folder.join(NAMES.first()?)))
}

/// The path with a leading `~` replaced by the home folder; nothing, if that is not known.
pub(crate) fn expand(path: &str, env: &BTreeMap<String, String>) -> Option<PathBuf> {
    match below_home(path) {
        Some(rest) => home(env).map(|home| home.join(rest)),
        None => Some(PathBuf::from(path)),
    }
}

/// What stands behind the `~` of a path that begins with one.
pub(crate) fn below_home(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('~')?;
    (rest.is_empty() || rest.starts_with(['/', '\\'])).then(|| rest.trim_start_matches(['/', '\\']))
}

pub(crate) fn home(env: &BTreeMap<String, String>) -> Option<&Path> {
    ["OPENCLAW_HOME", "HOME", "USERPROFILE"].iter().find_map(|name| filled(env, name)).map(Path::new)
}

/// A variable that says something.
pub(crate) fn filled<'e>(env: &'e BTreeMap<String, String>, name: &str) -> Option<&'e str> {
    env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_found_where_openclaw_finds_it() {
        let found = |env: &[(&str, &str)], there: &[&str]| {
            let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let path = find(&env, &|path| there.iter().any(|known| Path::new(known).starts_with(path)));
            path.map(|path| path.display().to_string()).unwrap_or_default()
        };
        let home = ("HOME", "/h");
        for (env, there, path) in [
            (vec![], vec!["/h/.openclaw/openclaw.json"], ""),
            (vec![home], vec![], "/h/.openclaw/openclaw.json"),
            (vec![home], vec!["/h/.clawdbot/clawdbot.json"], "/h/.clawdbot/clawdbot.json"),
            (vec![home], vec!["/h/.clawdbot/x"], "/h/.clawdbot/openclaw.json"),
            (
                vec![home],
                vec!["/h/.openclaw/clawdbot.json", "/h/.clawdbot/openclaw.json"],
                "/h/.openclaw/clawdbot.json",
            ),
            (
                vec![home],
                vec!["/h/.openclaw/clawdbot.json", "/h/.openclaw/openclaw.json"],
                "/h/.openclaw/openclaw.json",
            ),
            (vec![home, ("OPENCLAW_HOME", "/o")], vec![], "/o/.openclaw/openclaw.json"),
            (vec![home, ("OPENCLAW_STATE_DIR", " ~/s ")], vec!["/h/s/clawdbot.json"], "/h/s/clawdbot.json"),
            (vec![home, ("OPENCLAW_STATE_DIR", "/s")], vec!["/h/.openclaw/openclaw.json"], "/s/openclaw.json"),
            (vec![home, ("OPENCLAW_CONFIG_PATH", "~/c.json"), ("OPENCLAW_STATE_DIR", "/s")], vec![], "/h/c.json"),
            (vec![home, ("OPENCLAW_CONFIG_PATH", " ")], vec![], "/h/.openclaw/openclaw.json"),
        ] {
            assert_eq!(found(&env, &there), path, "{env:?} {there:?}");
        }
    }
}
