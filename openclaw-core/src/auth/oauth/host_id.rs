//! The name of an installation, which plan sharing asks for: random, made once, kept.

use std::fmt;
use std::io::ErrorKind as IoKind;
use std::path::Path;

use crate::ambient::{Ambient, SystemAmbient};
use crate::auth::store_file::private_folder;
use crate::disk::{self, Staged};
use crate::error::{Error, Result};

/// The id of an installation: a UUID. It is no secret, and says nothing of the machine or the person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostId(String);

impl HostId {
    /// This UUID, with or without `urn:uuid:`.
    ///
    /// # Errors
    /// `config` when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let bare = text.trim().trim_start_matches("urn:uuid:").to_ascii_lowercase();
        let lengths = [8, 4, 4, 4, 12];
        let parts: Vec<&str> = bare.split('-').collect();
        let sound = parts.len() == lengths.len()
            && parts.iter().zip(lengths).all(|(p, l)| p.len() == l && p.bytes().all(|b| b.is_ascii_hexdigit()));
        if sound { Ok(Self(bare)) } else { Err(Error::config("the host id is no UUID; delete its file for a new one")) }
    }

    /// The id in this file; a new one is made if there is no file, or one that says nothing. Folders that are missing are made
    /// for their owner only.
    ///
    /// # Errors
    /// `store` when the file can neither be read nor written, `config` when it holds something else.
    pub fn load_or_create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let failed = |what: &str, e| disk::fault(format!("the host id {} cannot be {what}", path.display()), e);
        let named = |text: &str| {
            let blank = text.trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty();
            let wrong = |_| Error::config(format!("{} holds no UUID; delete it for a new one", path.display()));
            (!blank).then(|| Self::parse(text).map_err(wrong))
        };
        if let Some(known) = std::fs::read_to_string(path).ok().and_then(|text| named(&text)) {
            return known;
        }
        let id = Self(SystemAmbient.uuid());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir());
        folder.map_or(Ok(()), private_folder).map_err(|e| failed("written", e))?;
        // Whoever makes the file first names the installation; the name is whole when the file is there.
        let whole = Staged::private(path, format!("{}\n", id.0).as_bytes()).map_err(|e| failed("written", e))?;
        loop {
            match whole.put_new(path) {
                Ok(()) => return Ok(id),
                Err(e) if e.kind() == IoKind::AlreadyExists => {}
                Err(e) => return Err(failed("written", e)),
            }
            match std::fs::read_to_string(path) {
                Ok(text) => {
                    if let Some(known) = named(&text) {
                        return known;
                    }
                    // What a full disk or a crash of an earlier version left.
                    whole.put(path).map_err(|e| failed("written", e))?;
                    return Ok(id);
                }
                // Taken away in between.
                Err(e) if e.kind() == IoKind::NotFound => {}
                Err(e) => return Err(failed("read", e)),
            }
        }
    }

    /// `urn:uuid:…`, as it goes out.
    pub(super) fn urn(&self) -> String {
        format!("urn:uuid:{}", self.0)
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_keeps_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/host-id");
        let first = HostId::load_or_create(&path).unwrap();
        assert_eq!(HostId::load_or_create(&path).unwrap(), first);
        assert_eq!(HostId::parse(&first.urn()).unwrap(), first);
        let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1);
        std::fs::write(&path, "something else").unwrap();
        let error = HostId::load_or_create(&path).unwrap_err();
        assert!(error.message().contains("host-id") && error.kind() == crate::ErrorKind::Config, "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn its_folder_is_private_and_a_file_that_says_nothing_is_replaced() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/agent/host-id");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        HostId::load_or_create(&path).unwrap();
        assert_eq!((mode(&folder.path().join("new")), mode(path.parent().unwrap())), (0o700, 0o700));
        for empty in ["", "\n", "\0\0\0"] {
            std::fs::write(&path, empty).unwrap();
            let id = HostId::load_or_create(&path).unwrap();
            assert_eq!(HostId::load_or_create(&path).unwrap(), id);
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn all_who_start_at_once_get_one_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("host-id");
        let ids: std::collections::HashSet<HostId> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(move || HostId::load_or_create(path).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(ids.len(), 1);
    }
}
