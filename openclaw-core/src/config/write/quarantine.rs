//! What a repair takes out of a configuration is not thrown away.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::{beside, options, same_owner, store, sync_folder};
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
    let time = utc(now);
    let kind = if secret { "secrets" } else { "keys" };
    let kept = Kept {
        from: target.display().to_string(),
        at: time.clone(),
        note: "Taken out by a repair because OpenClaw does not accept it there. May hold credentials: delete this file when it is not needed.",
        entries,
    };
    let failed = |e| store("cannot keep a copy of what would be removed, nothing was written".to_owned(), e);
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

/// `20261122T154943Z`.
fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days of the proleptic Gregorian calendar, counted from 0000-03-01 (Howard Hinnant's algorithm).
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_calendar_is_right() {
        for (seconds, text) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_795_362_583, "20261122T154943Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }
}
