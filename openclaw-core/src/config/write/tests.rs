use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::error::ErrorKind;

/// A folder of the test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("openclaw-core-write-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::set_permissions(&self.0, Permissions::from_mode(0o700));
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write(path: &Path, text: &str) -> Result<Option<PathBuf>> {
    let snapshot = Snapshot::read(path)?;
    let lock = Lock::acquire(&snapshot.target, Duration::from_millis(50))?;
    replace(&lock, &snapshot, text.as_bytes())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn a_new_file_is_its_owners_and_an_old_one_keeps_its_mode() {
    let folder = Folder::new("mode");
    let path = folder.0.join("openclaw.json");
    assert_eq!(write(&path, "{}").unwrap(), None);
    assert_eq!(mode(&path), 0o600);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let backup = write(&path, "{a: 1}").unwrap().unwrap();
    assert_eq!(mode(&path), 0o644);
    assert_eq!(mode(&backup), 0o600);
    assert_eq!(fs::read_to_string(&backup).unwrap(), "{}");
    assert_eq!(folder.names(), ["openclaw.json", "openclaw.json.bak", "openclaw.json.lock"]);
}

#[test]
fn the_last_five_are_kept() {
    let folder = Folder::new("backups");
    let path = folder.file("openclaw.json", "0");
    for i in 1..8 {
        write(&path, &i.to_string()).unwrap();
    }
    let read = |name: &str| fs::read_to_string(folder.0.join(name)).unwrap();
    assert_eq!(read("openclaw.json"), "7");
    for (name, text) in [("bak", "6"), ("bak.1", "5"), ("bak.2", "4"), ("bak.3", "3"), ("bak.4", "2")] {
        assert_eq!(read(&format!("openclaw.json.{name}")), text);
    }
    assert_eq!(folder.names().len(), 7);
}

#[test]
fn a_link_stays_a_link() {
    let folder = Folder::new("link");
    fs::create_dir(folder.0.join("dotfiles")).unwrap();
    folder.file("dotfiles/real.json", "{}");
    symlink("dotfiles/real.json", folder.0.join("middle")).unwrap();
    symlink("middle", folder.0.join("openclaw.json")).unwrap();
    write(&folder.0.join("openclaw.json"), "{a: 1}").unwrap();
    assert!(fs::symlink_metadata(folder.0.join("openclaw.json")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.0.join("dotfiles/real.json")).unwrap(), "{a: 1}");
    assert_eq!(fs::read_to_string(folder.0.join("dotfiles/real.json.bak")).unwrap(), "{}");
}

#[test]
fn a_circle_of_links_is_named() {
    let folder = Folder::new("circle");
    symlink("b", folder.0.join("a")).unwrap();
    symlink("a", folder.0.join("b")).unwrap();
    let error = write(&folder.0.join("a"), "{}").unwrap_err();
    assert!(error.message().contains("circle") && error.message().contains("/b"), "{error}");
}

#[test]
fn what_somebody_else_wrote_is_not_overwritten() {
    let folder = Folder::new("changed");
    let path = folder.file("openclaw.json", "{}");
    let snapshot = Snapshot::read(&path).unwrap();
    let lock = Lock::acquire(&path, Duration::ZERO).unwrap();
    fs::write(&path, "{theirs: 1}").unwrap();
    let error = replace(&lock, &snapshot, b"{ours: 1}").unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Store, Some("changed")));
    fs::remove_file(&path).unwrap();
    assert_eq!(replace(&lock, &snapshot, b"{ours: 1}").unwrap_err().code(), Some("changed"));
    assert_eq!(folder.names(), ["openclaw.json.lock"]);
}

#[test]
fn a_held_lock_is_waited_for_and_then_named() {
    let folder = Folder::new("lock");
    let path = folder.file("openclaw.json", "{}");
    let held = Lock::acquire(&path, Duration::ZERO).unwrap();
    let error = write(&path, "{a: 1}").unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Store, Some("locked")));
    drop(held);
    write(&path, "{a: 1}").unwrap();
}

#[test]
fn what_a_killed_writer_left_is_swept_away() {
    let folder = Folder::new("sweep");
    let path = folder.file("openclaw.json", "{}");
    folder.file("openclaw.json.claw-0123456789abcdef.tmp", "{");
    folder.file("openclaw.json.4711.some-uuid.tmp", "OpenClaw's own");
    write(&path, "{a: 1}").unwrap();
    assert_eq!(
        folder.names(),
        ["openclaw.json", "openclaw.json.4711.some-uuid.tmp", "openclaw.json.bak", "openclaw.json.lock"]
    );
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = Folder::new("folder");
    assert_eq!(write(&folder.0, "{}").unwrap_err().kind(), ErrorKind::Config);
    let error = write(&folder.0.join("none/openclaw.json"), "{}").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.message().contains("nothing was written"), "{error}");
}

#[test]
fn what_is_removed_is_kept_for_its_owner() {
    let folder = Folder::new("quarantine");
    let path = folder.file("openclaw.json", "{}");
    let entry = Quarantined { pointer: "/a".into(), file: "f".into(), text: "token: 's3cret'".into() };
    let kept = quarantine(&path, std::slice::from_ref(&entry), true, SystemTime::UNIX_EPOCH).unwrap();
    let again = quarantine(&path, &[entry], true, SystemTime::UNIX_EPOCH).unwrap();
    assert_ne!(kept, again);
    assert_eq!(mode(&kept), 0o600);
    assert!(fs::read_to_string(&kept).unwrap().contains("s3cret"));
    assert_eq!(kept.file_name().unwrap(), "openclaw.json.removed-secrets-19700101T000000Z.json");
}

use std::time::SystemTime;
