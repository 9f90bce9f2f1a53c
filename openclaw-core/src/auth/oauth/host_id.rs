//! The name of an installation, which plan sharing asks for: random, made once, kept.

use std::fmt;
use std::io::{ErrorKind as IoKind, Write};
use std::path::Path;

use crate::ambient::{Ambient, SystemAmbient};
use crate::error::{Error, ErrorKind, Result, Stage};

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

    /// The id in this file; a new one is made if there is no file.
    ///
    /// # Errors
    /// `store` when the file can neither be read nor written, `config` when it holds something else.
    pub fn load_or_create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let fault = |what: &str, e: std::io::Error| {
            let text = format!("the host id {} cannot be {what}: {e}", path.display());
            Error::new(ErrorKind::Store, Stage::NotSent, text).with_source(e)
        };
        let id = Self(SystemAmbient.uuid());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| fault("written", e))?;
        }
        // Whoever makes the file first names the installation.
        match std::fs::File::options().write(true).create_new(true).open(path) {
            Ok(mut file) => {
                file.write_all(format!("{}\n", id.0).as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(|e| fault("written", e))?;
                Ok(id)
            }
            Err(e) if e.kind() == IoKind::AlreadyExists => {
                let text = std::fs::read_to_string(path).map_err(|e| fault("read", e))?;
                Self::parse(&text)
                    .map_err(|_| Error::config(format!("{} holds no UUID; delete it for a new one", path.display())))
            }
            Err(e) => Err(fault("written", e)),
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
        std::fs::write(&path, "something else").unwrap();
        let error = HostId::load_or_create(&path).unwrap_err();
        assert!(error.message().contains("host-id") && error.kind() == ErrorKind::Config, "{error}");
    }
}
