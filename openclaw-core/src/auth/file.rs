//! Reads a file that holds a login. What is wrong with it is said with its name, and never with a piece of it.

use std::fs::File;
use std::io::{ErrorKind as Io, Read};
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;

use super::fields::Fields;
use crate::error::{Error, ErrorKind, Result, Stage};

/// A login file is a few KiB; more than this is something else.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The text of a file; `None` when there is no such file. A loose file mode is noted.
pub(super) fn read_text(path: &Path, notes: &mut Vec<String>) -> Result<Option<SecretString>> {
    let name = path.display();
    let Some(bytes) = read(path, notes)? else { return Ok(None) };
    if bytes.starts_with(b"SQLite format 3\0") {
        return Err(newer_store(path));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => SecretString::from(text),
        Err(e) if e.as_bytes().starts_with(&[0xff, 0xfe]) || e.as_bytes().starts_with(&[0xfe, 0xff]) => {
            return Err(store(format!("{name} is UTF-16, not UTF-8; save it as UTF-8")));
        }
        Err(e) => {
            let at = e.utf8_error().valid_up_to();
            return Err(store(format!("{name} is not UTF-8 at byte {at}; save it as UTF-8")));
        }
    };
    if plain(&text).trim().is_empty() {
        return Err(store(format!("{name} is empty; sign in again to fill it, or remove it")));
    }
    Ok(Some(text))
}

/// The text without a byte-order mark.
pub(super) fn plain(text: &SecretString) -> &str {
    let text = text.expose_secret();
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The object of a text, in its order. The error names no value.
pub(super) fn fields(text: &str, name: &str) -> Result<Fields> {
    if let Err(e) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(store(format!(
            "{name} is not valid JSON: {e}; repair that place, or move the file away and sign in again"
        )));
    }
    Fields::parse(text).map_err(|_| store(format!("{name} is JSON but not an object; a login file begins with {{")))
}

fn read(path: &Path, notes: &mut Vec<String>) -> Result<Option<Vec<u8>>> {
    let name = path.display();
    let failed = |e: std::io::Error| match e.kind() {
        Io::PermissionDenied => store(format!(
            "{name} may not be read by this user; it must be owned by the user who runs this (mode 0600)"
        )),
        Io::NotADirectory => store(format!("{name} lies below something that is a file, not a folder")),
        _ => store(format!("{name} cannot be read: {e}")),
    };
    // Before opening: a folder can be opened on some systems, and then fails with an error that does not say why.
    match std::fs::metadata(path) {
        Err(e) if e.kind() == Io::NotFound => return Ok(None),
        Err(e) => return Err(failed(e)),
        Ok(found) if found.is_dir() => {
            return Err(store(format!("{name} is a folder; name the file in it (auth-profiles.json or auth.json)")));
        }
        Ok(found) => note_mode(path, &found, notes),
    }
    let file = match File::open(path) {
        Err(e) if e.kind() == Io::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(store(format!("{name} is larger than 16 MiB and so not a login file; name the right one")));
    }
    Ok(Some(bytes))
}

#[cfg(unix)]
fn note_mode(path: &Path, found: &std::fs::Metadata, notes: &mut Vec<String>) {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode() & 0o777;
    if found.is_file() && mode & 0o077 != 0 {
        let name = path.display();
        notes.push(format!("{name} holds secrets and is open to others (mode {mode:04o}); run: chmod 600 {name}"));
    }
}

#[cfg(not(unix))]
fn note_mode(_: &Path, _: &std::fs::Metadata, _: &mut Vec<String>) {}

/// The store of an OpenClaw of 2026.6 or later.
pub(super) fn newer_store(path: &Path) -> Error {
    store(format!(
        "{} is the SQLite login store of a newer OpenClaw (2026.6 or later), which this version does not read; \
         name a login with --profile-file (an auth-profiles.json, or the auth.json of the Codex command line), \
         or point OPENCLAW_STATE_DIR at a folder without it to use the logins behind it",
        path.display()
    ))
}

/// What a person should know of a file that a newer OpenClaw no longer uses.
pub(super) fn beside_newer(path: &Path, newer: &Path) -> String {
    format!(
        "{} shows that a newer OpenClaw keeps its logins in SQLite; {} may be out of date, and is neither refreshed nor written",
        newer.display(),
        path.display()
    )
}

/// A fault of a login file.
pub(super) fn store(message: String) -> Error {
    Error::new(ErrorKind::Store, Stage::NotSent, message)
}
