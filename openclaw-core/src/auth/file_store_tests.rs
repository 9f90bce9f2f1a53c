use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use super::*;
use crate::auth::{ApiKeyCredential, OAuthCredential, ProfileId};
use crate::error::ErrorKind;
use crate::provider::ProviderId;
use tempfile::TempDir;

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn env(&self, more: &[(&str, &str)]) -> Environment {
        let home = ("HOME".to_owned(), self.0.path().display().to_string());
        Environment::of(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).chain([home]))
    }

    fn store(&self) -> FileStore {
        FileStore::of_agent(None, &self.env(&[])).unwrap().patience(Duration::from_millis(80))
    }
}

fn profile(id: &str) -> Profile {
    Profile::new(id, ProviderId::new("openai"), ApiKeyCredential::new("sk-very-secret"))
}

async fn put(store: &FileStore, id: &str) -> Result<Profiles> {
    store
        .update(&mut |profiles| {
            profiles.put(profile(id));
            Ok(())
        })
        .await
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_is_stored_is_its_owners_only_and_no_lock_stays() {
    let home = Home::new();
    let store = home.store();
    assert_eq!(store.load().await.unwrap().iter().count(), 0);
    put(&store, "a").await.unwrap();
    let folder = home.path(".openclaw/agents/main/agent");
    assert_eq!(names(&folder), ["auth-profiles.json", "auth-profiles.json.claw-lock"]);
    assert_eq!((mode(store.path()), mode(&folder), mode(&home.path(".openclaw"))), (0o600, 0o700, 0o700));
    assert!(store.load().await.unwrap().get(&"a".into()).is_some());
    // What is looser is closed with the next write, also with one that changes nothing.
    fs::set_permissions(store.path(), Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    assert!(store.load().await.unwrap().note_lines()[0].contains("open to others"));
    put(&store, "a").await.unwrap();
    assert_eq!((mode(store.path()), mode(&folder)), (0o600, 0o700));
}

#[tokio::test]
async fn a_change_that_fails_changes_nothing() {
    let home = Home::new();
    let store = home.store();
    let mut fail = |profiles: &mut Profiles| {
        profiles.put(profile("a"));
        Err(Error::config("no"))
    };
    assert_eq!(store.update(&mut fail).await.unwrap_err().kind(), ErrorKind::Config);
    assert!(!store.path().exists());
    store.update(&mut |_| Ok(())).await.unwrap();
    assert!(!store.path().exists(), "nothing to store");
}

#[tokio::test]
async fn links_are_followed_and_circles_named() {
    let home = Home::new();
    let store = home.store();
    fs::create_dir_all(home.path("real")).unwrap();
    fs::create_dir_all(store.path().parent().unwrap()).unwrap();
    symlink(home.path("real/logins.json"), store.path()).unwrap();
    put(&store, "a").await.unwrap();
    assert!(fs::symlink_metadata(store.path()).unwrap().is_symlink());
    assert_eq!(mode(&home.path("real/logins.json")), 0o600);
    fs::remove_file(store.path()).unwrap();
    symlink("auth-profiles.json", store.path()).unwrap();
    assert!(put(&store, "a").await.unwrap_err().message().contains("circle"));
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_not_overwritten() {
    let home = Home::new();
    let store = home.store();
    fs::create_dir_all(store.path().parent().unwrap()).unwrap();
    for broken in ["{\"profiles\": {\"a\": {\"key\": \"sk-very-secret\"", "", "[1]", "{\"a\": 1}", "SQLite format 3\0x"]
    {
        fs::write(store.path(), broken).unwrap();
        let error = put(&store, "b").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(!format!("{error} {error:?}").contains("sk-very-secret"));
        assert!(error.message().contains("auth-profiles.json"), "{error}");
        assert_eq!(fs::read_to_string(store.path()).unwrap(), broken);
    }
}

#[tokio::test]
async fn a_state_file_is_written_where_there_is_one() {
    let home = Home::new();
    let store = home.store();
    put(&store, "a").await.unwrap();
    let state = store.path().with_file_name("auth-state.json");
    fs::write(&state, "{\n  \"version\": 1\n}\n").unwrap();
    let openai = ProviderId::new("openai");
    let change = &mut |profiles: &mut Profiles| {
        profiles.set_last_good(&openai, Some(&"a".into()));
        Ok(())
    };
    store.update(change).await.unwrap();
    assert!(fs::read_to_string(&state).unwrap().contains("lastGood"));
    assert!(!fs::read_to_string(store.path()).unwrap().contains("lastGood"));
    assert_eq!(mode(&state), 0o600);
    fs::write(&state, "{").unwrap();
    store.update(change).await.unwrap();
    assert_eq!(fs::read_to_string(&state).unwrap(), "{", "what cannot be read is not overwritten");
    assert!(fs::read_to_string(store.path()).unwrap().contains("lastGood"));
}

#[tokio::test]
async fn a_lock_that_lives_is_waited_for_and_one_that_is_dead_is_not() {
    let home = Home::new();
    let store = home.store();
    put(&store, "a").await.unwrap();
    let lock = store.path().with_file_name("auth-profiles.json.lock");
    let parent = std::os::unix::process::parent_id();
    let hold = |pid: u32| {
        let at = crate::calendar::iso(std::time::SystemTime::now());
        fs::write(&lock, format!("{{\"pid\": {pid}, \"createdAt\": \"{at}\"}}")).unwrap();
    };
    hold(parent);
    let error = put(&store, "b").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Store, Some("locked")));
    assert!(error.message().contains(&format!("process {parent} holds")), "{error}");
    assert!(store.load().await.unwrap().get(&"b".into()).is_none(), "never without the lock");
    let mut child = Command::new("true").spawn().unwrap();
    let dead = child.id();
    child.wait().unwrap();
    hold(dead);
    put(&store, "b").await.unwrap();
    assert!(!lock.exists());
}

#[tokio::test]
async fn a_store_that_must_not_be_written_is_not() {
    let home = Home::new();
    let env = home.env(&[("OPENCLAW_AUTH_STORE_READONLY", "1")]);
    let store = FileStore::of_agent(None, &env).unwrap();
    assert_eq!(put(&store, "a").await.unwrap_err().code(), Some("read_only"));
    assert_eq!(store.lock_refresh(&profile("a")).await.unwrap_err().code(), Some("read_only"));
    assert!(!home.path(".openclaw").exists());

    let store = home.store();
    put(&store, "a").await.unwrap();
    fs::write(store.path().with_file_name("openclaw-agent.sqlite"), "SQLite format 3\0").unwrap();
    let error = put(&store, "b").await.unwrap_err();
    assert!(error.message().contains("newer OpenClaw"), "{error}");
    assert!(store.load().await.is_ok(), "but it may be read");
    assert!(FileStore::of_agent(Some("../x"), &env).is_err());
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told() {
    let home = Home::new();
    let store = home.store();
    put(&store, "a").await.unwrap();
    let folder = store.path().parent().unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o500)).unwrap();
    // Root writes everywhere.
    if fs::write(folder.join("probe"), "").is_err() {
        let error = put(&store, "b").await.unwrap_err();
        assert!(error.message().contains("must belong to the user"), "{error}");
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_refresh_is_locked_for_the_person_whatever_the_name() {
    let home = Home::new();
    let store = home.store();
    let login = |id: &str| {
        let access = crate::testing::ForgedToken::new("a").user_id("me").build();
        Profile::new(id, ProviderId::new("openai-codex"), OAuthCredential::new(access, Some("r".into())))
    };
    let held = store.lock_refresh(&login("openai-codex:default")).await.unwrap();
    let locks = home.path(".openclaw/locks/oauth-refresh");
    // The name that OpenClaw gives it: sha256 of provider, NUL, profile.
    let theirs = "sha256-cee1bbaed8073aace8170859a25616882c288ceeaa1119df363bf01cc0cdab65.lock";
    let found = names(&locks).into_iter().filter(|name| name.starts_with("sha256-")).collect::<Vec<_>>();
    assert_eq!(found, [theirs]);
    let copy = store.lock_refresh(&login("openai-codex:copy")).await.unwrap_err();
    assert_eq!(copy.code(), Some("locked"));
    drop(held);
    assert!(names(&locks).iter().all(|name| name.starts_with("claw-")), "OpenClaw's lock is gone");
    store.lock_refresh(&login("openai-codex:copy")).await.unwrap();
}

fn codex_login(id: &str) -> Profile {
    let access = crate::testing::ForgedToken::new("a").user_id("me").build();
    Profile::new(id, ProviderId::new("openai-codex"), OAuthCredential::new(access, Some("r".into())))
}

#[tokio::test]
async fn a_refresh_is_locked_whatever_the_way_to_the_store() {
    let home = Home::new();
    let store = home.store();
    put(&store, "a").await.unwrap();
    let agent = store.path().parent().unwrap();
    symlink(agent, home.path("way")).unwrap();
    symlink(store.path(), home.path("logins.json")).unwrap();
    let held = store.lock_refresh(&codex_login("a")).await.unwrap();
    let at = |path: PathBuf| FileStore::at(path, &home.env(&[])).patience(Duration::from_millis(20));
    let ways = [home.path("way/auth-profiles.json"), home.path("logins.json")];
    for way in &ways {
        // Another name, so that OpenClaw's lock of it is another one: ours is of the person.
        let error = at(way.clone()).lock_refresh(&codex_login("b")).await.unwrap_err();
        assert_eq!(error.code(), Some("locked"), "{}", way.display());
    }
    drop(held);
    for way in ways {
        at(way).lock_refresh(&codex_login("b")).await.unwrap();
    }
    assert!(!home.path("locks").exists() && !agent.join("locks").exists(), "one folder of locks");
    // A file that lies elsewhere: OpenClaw looks for its lock in the folder of the state, all the same.
    fs::rename(store.path(), home.path("moved.json")).unwrap();
    symlink(home.path("moved.json"), store.path()).unwrap();
    let _held = store.lock_refresh(&codex_login("a")).await.unwrap();
    assert!(names(&home.path(".openclaw/locks/oauth-refresh")).iter().any(|name| name.starts_with("sha256-")));
    let error = at(home.path("moved.json")).lock_refresh(&codex_login("b")).await.unwrap_err();
    assert_eq!(error.code(), Some("locked"));
}

#[tokio::test]
async fn several_logins_are_held_at_once() {
    let home = Home::new();
    let store = home.store();
    let (a, copy) = (codex_login("a"), codex_login("copy"));
    let other = Profile::new("b", a.provider.clone(), OAuthCredential::new("opaque", Some("r".into())));
    let held = store.lock_refreshes(&[a.clone(), copy.clone(), other.clone()]).await.unwrap();
    for profile in [&a, &copy, &other] {
        assert_eq!(store.lock_refresh(profile).await.unwrap_err().code(), Some("locked"), "{}", profile.id);
    }
    drop(held);
    store.lock_refresh(&other).await.unwrap();
    assert!(store.lock_refreshes(&[]).await.is_ok());
}

#[tokio::test]
async fn what_was_waited_is_told_as_it_was() {
    let home = Home::new();
    let clock = crate::testing::VirtualAmbient::new(5);
    let store = home.store().patience(Duration::from_secs(35)).ambient(Arc::new(clock));
    let _held = store.lock_refresh(&codex_login("a")).await.unwrap();
    let error = store.lock_refresh(&codex_login("a")).await.unwrap_err();
    assert!(error.message().contains("waited 105 s"), "{error}");
}

/// A clock whose jitter is that of a host that made a mistake.
#[derive(Debug)]
struct Odd(crate::testing::VirtualAmbient, f64);

impl Ambient for Odd {
    fn now(&self) -> std::time::SystemTime {
        self.0.now()
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
    fn sleep(&self, duration: Duration) -> ambient::Sleep {
        self.0.sleep(duration)
    }
    fn random(&self, buffer: &mut [u8]) {
        self.0.random(buffer);
    }
    fn fraction(&self) -> f64 {
        self.1
    }
}

#[tokio::test]
async fn endless_patience_and_an_odd_jitter_wait_and_do_not_panic() {
    for jitter in [f64::NAN, f64::INFINITY, f64::MAX, f64::NEG_INFINITY, -1.0] {
        let home = Home::new();
        let clock = crate::testing::VirtualAmbient::new(5).manual();
        // A clock that has run for a while already.
        clock.advance(Duration::from_secs(1));
        let store = home.store().patience(Duration::MAX).ambient(Arc::new(Odd(clock.clone(), jitter)));
        let held = store.lock_refresh(&codex_login("a")).await.unwrap();
        let waits = tokio::spawn({
            let store = store.clone();
            async move { store.lock_refresh(&codex_login("a")).await.is_ok() }
        });
        clock.until_sleeping(1).await;
        drop(held);
        clock.advance(Duration::from_secs(1));
        assert!(waits.await.unwrap(), "{jitter}");
        put(&store, "a").await.unwrap();
    }
}

#[tokio::test]
async fn a_state_file_that_cannot_be_read_is_in_nobodys_way() {
    let home = Home::new();
    let store = home.store();
    put(&store, "a").await.unwrap();
    let state = store.path().with_file_name("auth-state.json");
    fs::write(&state, b"{\"order\": \xff}").unwrap();
    put(&store, "b").await.unwrap();
    assert_eq!(fs::read(&state).unwrap(), b"{\"order\": \xff}", "and left as it is");
    assert!(store.load().await.unwrap().note_lines()[0].contains("auth-state.json"));
    fs::remove_file(&state).unwrap();
    fs::create_dir(&state).unwrap();
    put(&store, "c").await.unwrap();
    assert_eq!(store.load().await.unwrap().ids().count(), 3);
}

#[tokio::test]
async fn a_write_tells_what_was_open_and_a_newer_store_is_named() {
    let home = Home::new();
    let store = home.store();
    put(&store, "a").await.unwrap();
    for id in ["a", "b"] {
        fs::set_permissions(store.path(), Permissions::from_mode(0o644)).unwrap();
        let notes = put(&store, id).await.unwrap().note_lines();
        assert!(notes[0].contains("mode 0644") && notes[0].contains("closed now"), "{notes:?}");
        assert_eq!(mode(store.path()), 0o600);
        assert!(put(&store, id).await.unwrap().note_lines().is_empty());
    }
    fs::create_dir(home.path(".openclaw/state")).unwrap();
    fs::write(home.path(".openclaw/state/openclaw.sqlite"), "SQLite format 3\0").unwrap();
    let notes = store.load().await.unwrap().note_lines();
    assert!(notes[0].contains("openclaw.sqlite") && notes[0].contains("neither refreshed nor written"), "{notes:?}");
}

#[tokio::test]
async fn tasks_of_one_process_lose_no_update() {
    let home = Home::new();
    let store = home.store().patience(Duration::from_secs(60));
    let tasks: Vec<_> = (0..20)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { put(&store, &format!("p{i}")).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let all: Vec<ProfileId> = store.load().await.unwrap().ids().cloned().collect();
    assert_eq!(all.len(), 20);
}
