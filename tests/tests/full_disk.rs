//! A disk that is really full, and a limit on the size of files: the store stays whole, the error names it, and when there is
//! room again all goes on.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use openclaw_core::testing::TestServer;
use serde_json::{Value, json};
use tempfile::TempDir;

mod program;
use program::program;

/// A folder of OpenClaw with a store of some KiB.
struct Home(TempDir);

impl Home {
    fn new(issuer: &str, refresh: &str) -> Self {
        let home = Self(TempDir::new().unwrap());
        let key =
            |n: usize| json!({"type": "api_key", "provider": "openai", "key": format!("sk-{n}-{}", "x".repeat(200))});
        let mut profiles: serde_json::Map<String, Value> = (0..20).map(|n| (format!("openai:{n}"), key(n))).collect();
        profiles.insert(
            "openai-codex:me@example.com".to_owned(),
            json!({"type": "oauth", "provider": "openai-codex", "access": "a.b.c", "refresh": refresh,
                "expires": 1_700_000_000_000_u64, "issuer": issuer}),
        );
        fs::create_dir_all(home.folder()).unwrap();
        fs::write(home.store(), json!({"version": 1, "profiles": profiles}).to_string()).unwrap();
        home
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join(".openclaw/agents/main/agent")
    }

    fn store(&self) -> PathBuf {
        self.folder().join("auth-profiles.json")
    }

    /// Runs lines of shell with `claw` in `$CLAW`, the folder of the store in `$FOLDER`.
    fn shell(&self, starter: &[&str], lines: &str) -> Output {
        let (first, rest) = starter.split_first().unwrap();
        let mut command = Command::new(first);
        command
            .args(rest)
            .arg(lines)
            .env_clear()
            .env("HOME", self.0.path())
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("CLAW", program()).env("FOLDER", self.folder()).env("OUT", self.0.path());
        command.output().unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What lies in a folder but for our own lock, which stays.
fn left_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with(".claw-lock")).collect()
}

#[test]
fn a_limit_on_the_size_of_files_leaves_the_store_whole() {
    let home = Home::new("http://127.0.0.1:9", "r");
    let before = fs::read(home.store()).unwrap();
    // The signal that would end the process is ignored, as in a service that is limited: the write fails instead.
    let output = home.shell(&["sh", "-c"], "trap '' XFSZ; ulimit -f 4; exec \"$CLAW\" profiles remove openai:7");
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let text = said(&output);
    assert!(text.contains("auth-profiles.json, it is as it was") && text.contains("ulimit -f"), "{text}");
    assert_eq!(fs::read(home.store()).unwrap(), before);
    assert_eq!(left_in(&home.folder()), ["auth-profiles.json"], "no half-written file, no lock");
    let output = home.shell(&["sh", "-c"], "exec \"$CLAW\" profiles remove openai:7");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

/// A file system of 64 KiB of our own, where this user may make one.
const IN_A_NAMESPACE: [&str; 5] = ["unshare", "--user", "--map-root-user", "--mount", "--"];

fn namespaces() -> bool {
    let mut command = Command::new(IN_A_NAMESPACE[0]);
    command.args(&IN_A_NAMESPACE[1..]).args(["sh", "-c", "mount -t tmpfs none /mnt"]);
    command.output().is_ok_and(|output| output.status.success())
}

/// A login server, and a home with a login of it; nothing where no file system can be made.
fn signed_in() -> Option<(TestServer, Home)> {
    if !namespaces() {
        eprintln!("skipped: a file system of its own needs user namespaces (unshare --user --mount)");
        return None;
    }
    let server = TestServer::start_blocking().unwrap();
    let issued = server.issue_tokens(&openclaw_core::testing::ForgedToken::new("acct"));
    let home = Home::new(&server.issuer_url(), &issued.refresh_token);
    Some((server, home))
}

#[test]
fn a_full_disk_leaves_the_store_whole() {
    let Some((server, home)) = signed_in() else { return };
    let before = fs::read_to_string(home.store()).unwrap();
    // Filled but for some KiB: the locks fit, the store does not. Then filled to the last byte.
    let lines = format!(
        r#"
        cp "$FOLDER/auth-profiles.json" "$OUT/original"
        mount -t tmpfs -o size=64k none "$FOLDER" && cp "$OUT/original" "$FOLDER/auth-profiles.json" || exit 99
        head -c 49152 /dev/zero > "$FOLDER/filler"
        "$CLAW" profiles remove openai:7 2> "$OUT/nearly.err"; echo $? > "$OUT/nearly.status"
        timeout 60 "$CLAW" login --no-open --callback-port 0 --issuer {issuer} 2> "$OUT/login.err"; echo $? > "$OUT/login.status"
        head -c 99999 /dev/zero >> "$FOLDER/filler"
        "$CLAW" profiles remove openai:7 2> "$OUT/full.err"; echo $? > "$OUT/full.status"
        "$CLAW" ask hi --base-url {url} --model gpt-5.4 2> "$OUT/ask.err"; echo $? > "$OUT/ask.status"
        cp "$FOLDER/auth-profiles.json" "$OUT/after"; ls "$FOLDER" > "$OUT/left"
        rm "$FOLDER/filler"
        "$CLAW" ask hi --base-url {url} --model gpt-5.4 2> "$OUT/again.err"; echo $? > "$OUT/again.status"
        "$CLAW" profiles remove openai:7 2> "$OUT/room.err"; echo $? > "$OUT/room.status"
        "#,
        url = server.codex_base_url(),
        issuer = server.issuer_url(),
    );
    let mut starter: Vec<&str> = IN_A_NAMESPACE.to_vec();
    starter.extend(["sh", "-c"]);
    let output = home.shell(&starter, &lines);
    assert!(output.status.success(), "{} {}", output.status, said(&output));
    let read = |name: &str| fs::read_to_string(home.0.path().join(name)).unwrap();
    // A sign-in is refused before anybody is asked.
    for name in ["nearly", "login", "full"] {
        let (status, text) = (read(&format!("{name}.status")), read(&format!("{name}.err")));
        assert_eq!(status.trim(), "3", "{name}: {text}");
        assert!(text.contains("auth-profiles.json") && text.contains("free some space"), "{name}: {text}");
    }
    // A new token could not be stored: none is asked for, and the old one is good when there is room again.
    let text = read("ask.err");
    assert_ne!(read("ask.status").trim(), "0");
    assert!(text.contains("auth-profiles.json") && text.contains("free some space"), "{text}");
    assert_eq!(read("again.status").trim(), "0", "{}", read("again.err"));
    assert_eq!((server.issuer_counts().refreshes, server.request_count()), (1, 2));
    assert_eq!(read("after"), before, "the old store, whole");
    let left: Vec<String> = read("left").lines().filter(|n| !n.ends_with(".claw-lock")).map(str::to_owned).collect();
    assert_eq!(left, ["auth-profiles.json", "filler"], "no half-written file, no lock");
    assert_eq!(read("room.status").trim(), "0", "{}", read("room.err"));
}

#[test]
fn a_disk_that_may_only_be_read_costs_no_login() {
    let Some((server, home)) = signed_in() else { return };
    let before = fs::read(home.store()).unwrap();
    // First the store alone, then all that lies in the folder of OpenClaw, the locks of a refresh too.
    let lines = format!(
        r#"
        ro() {{ # ro NAME FOLDER
            rm -rf "$OUT/copy"; cp -a "$2" "$OUT/copy"
            mount -t tmpfs none "$2" && cp -a "$OUT/copy/." "$2" && mount -o remount,ro "$2" || exit 99
            "$CLAW" profiles remove openai:7 2> "$OUT/$1.remove"; echo $? > "$OUT/$1.remove.status"
            "$CLAW" ask hi --base-url {url} --model gpt-5.4 2> "$OUT/$1.ask"; echo $? > "$OUT/$1.ask.status"
            "$CLAW" profiles > "$OUT/$1.list" || exit 97
            umount "$2" || exit 98
        }}
        ro store "$FOLDER"; ro all "$HOME/.openclaw"
        "#,
        url = server.codex_base_url()
    );
    let mut starter: Vec<&str> = IN_A_NAMESPACE.to_vec();
    starter.extend(["sh", "-c"]);
    let output = home.shell(&starter, &lines);
    assert!(output.status.success(), "{} {}", output.status, said(&output));
    let read = |name: String| fs::read_to_string(home.0.path().join(name)).unwrap();
    for place in ["store", "all"] {
        for command in ["remove", "ask"] {
            let text = read(format!("{place}.{command}"));
            assert!(text.contains("the file system may only be read"), "{place} {command}: {text}");
            assert_ne!(read(format!("{place}.{command}.status")).trim(), "0", "{text}");
        }
        assert!(read(format!("{place}.list")).contains("openai-codex:me@example.com"), "it can be looked at");
    }
    assert_eq!(server.request_count(), 0, "the refresh token was not spent");
    assert_eq!(fs::read(home.store()).unwrap(), before);
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    if !namespaces() {
        eprintln!("skipped: root without its rights needs user namespaces (unshare --user)");
        return;
    }
    let home = Home::new("http://127.0.0.1:9", "r");
    let before = fs::read(home.store()).unwrap();
    let mode = |mode| fs::set_permissions(home.folder(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    // Root writes everywhere, but for one in a name space of its own.
    let output = home.shell(&["unshare", "--user", "--", "sh", "-c"], "exec \"$CLAW\" profiles remove openai:7");
    mode(0o700);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("must belong to the user who runs this"), "{}", said(&output));
    assert_eq!((fs::read(home.store()).unwrap(), left_in(&home.folder()).len()), (before, 1));
}
