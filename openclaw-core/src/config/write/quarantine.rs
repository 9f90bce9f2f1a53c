//! What a repair takes out of a configuration is not thrown away.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;

use crate::calendar;
use crate::disk::{beside, fault, options, same_owner, sync_folder};
use crate::error::Result;

/// One value that was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Quarantined {
    /// Where it stood, as a JSON pointer.
    pub(crate) pointer: String,
    /// The file it stood in.
    pub(crate) file: String,
    /// Key and value as they stood there.
    pub(crate) text: String,
}

/// Writes them to a new file beside the configuration, readable by its owner only. OpenClaw deletes every
/// `openclaw.json.bak.*` that it does not know, so it is not named like that.
pub(crate) fn quarantine(target: &Path, entries: &[Quarantined], secret: bool, now: SystemTime) -> Result<PathBuf> {
    #[derive(Serialize)]
    struct Kept<'e> {
        #[serde(rename = "removedFrom")]
        from: String,
        #[serde(rename = "removedAt")]
        at: String,
        note: &'static str,
        entries: &'e [Quarantined],
    }
    let time = calendar::compact(now);
    let kind = if secret { "secrets" } else { "keys" };
    let kept = Kept {
        from: target.display().to_string(),
        at: time.clone(),
        note: "Taken out by a repair because OpenClaw does not accept it there. May hold credentials: delete this file when it is not needed.",
        entries,
    };
    let failed = |e| fault("cannot keep a copy of what would be removed, nothing was written".to_owned(), e);
    let text = serde_json::to_string_pretty(&kept).map_err(io::Error::from).map_err(failed)? + "\n";
    for attempt in 0..1000 {
        let more = if attempt == 0 { String::new() } else { format!("-{attempt}") };
        let path = beside(target, &format!("removed-{kind}-{time}{more}.json"));
        match options(0o600).create_new(true).open(&path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(failed(e)),
            Ok(mut file) => {
                same_owner(&file, target);
                let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
                return match written.and_then(|()| sync_folder(&path)) {
                    Ok(()) => Ok(path),
                    Err(e) => {
                        let _ = std::fs::remove_file(&path);
                        Err(failed(e))
                    }
                };
            }
        }
    }
    Err(failed(io::ErrorKind::AlreadyExists.into()))
}
