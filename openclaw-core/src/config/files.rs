//! How configuration files are read: from the disk, or from memory in a test.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use super::parse::MAX_BYTES;

/// Reads files for [`check_file`](super::check_file) and for `$include`.
pub trait Files: Debug + Send + Sync {
    /// The content of a regular file. May stop one byte after [`MAX_BYTES`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The path with every symbolic link followed.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;
}

/// The disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        // Before opening: a pipe would be waited for.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }
}

/// Files that exist only in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(BTreeMap<PathBuf, String>);

impl MemoryFiles {
    /// These files.
    pub fn new(files: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        Self(files.into_iter().map(|(path, text)| (normal(&path), text)).collect())
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.0.get(&normal(path)) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(normal(path))
    }
}

/// The text of a file. Bytes that are not UTF-8 become U+FFFD, as Node.js reads them; with the place of the first.
pub(crate) fn decode(bytes: Vec<u8>) -> (String, Option<usize>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let broken = error.utf8_error().valid_up_to();
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(broken))
        }
    }
}

/// The path without `.` and `..`, by its words alone.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
