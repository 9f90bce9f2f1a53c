//! `claw login` opens the person's browser: here a program that only writes down what it was given.
#![cfg(unix)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use openclaw_core::testing::TestServer;
use tempfile::TempDir;

mod program;
use program::program;

/// A home folder with a program that stands in for a browser.
struct Home(TempDir);

impl Home {
    fn with_browser(name: &str) -> Self {
        let home = Self(TempDir::new().unwrap());
        let (folder, told) = (home.0.path().join("bin"), home.0.path().join("opened"));
        fs::create_dir(&folder).unwrap();
        let path = folder.join(name);
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{told}.part'\nmv '{told}.part' '{told}'\n",
            told = told.display()
        );
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        home
    }

    /// What the program was started with, once it was.
    fn opened(&self) -> Vec<String> {
        let begun = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(self.0.path().join("opened")) {
                return text.lines().map(str::to_owned).collect();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "no browser was started");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn login(&self, issuer: &str) -> Command {
        let mut command = Command::new(program());
        command.args(["login", "--callback-port", "0", "--issuer", issuer]).env_clear().env("HOME", self.0.path());
        let path = format!("{}:/usr/bin:/bin", self.0.path().join("bin").display());
        command.env("PATH", path).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// What a browser gets at an address of this machine.
fn visit(url: &str) -> String {
    let (address, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /{target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_browser_of_the_system_or_of_the_person_is_started() {
    let usual = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    for (program, set, before) in [
        (usual, ("DISPLAY", ":0"), vec![]),
        ("my-browser", ("BROWSER", "my-browser"), vec![]),
        ("my-browser", ("BROWSER", ":my-browser --new-window %s:other"), vec!["--new-window"]),
    ] {
        let (home, server) = (Home::with_browser(program), TestServer::start_blocking().unwrap());
        let child = home.login(&server.issuer_url()).env(set.0, set.1).spawn().unwrap();
        let mut opened = home.opened();
        let url = opened.pop().unwrap();
        assert_eq!(opened, before, "{set:?}");
        // The address came whole, `&` and all: the page takes it.
        let back = server.decide_sign_in(&url, true).unwrap();
        assert!(visit(&back).contains("Signed in"));
        let output = child.wait_with_output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.contains("signed in: openai-codex:sam@example.test"), "{out}{err}");
        assert!(err.contains("Your browser opens") && err.contains(&url), "it stands there too: {err}");
    }
}

#[test]
fn a_browser_that_is_not_there_leaves_the_address() {
    let (home, server) = (Home::with_browser("unused"), TestServer::start_blocking().unwrap());
    let mut child = home.login(&server.issuer_url()).env("BROWSER", "no-such-browser").spawn().unwrap();
    let mut err = std::io::BufReader::new(child.stderr.take().unwrap());
    let url = loop {
        let mut line = String::new();
        assert!(std::io::BufRead::read_line(&mut err, &mut line).unwrap() > 0);
        if line.trim().starts_with("http://") {
            break line.trim().to_owned();
        }
    };
    assert!(visit(&server.decide_sign_in(&url, true).unwrap()).contains("Signed in"));
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_login_that_is_stored_is_told_before_what_is_wrong_with_the_configuration() {
    let (home, server) = (Home::with_browser("my-browser"), TestServer::start_blocking().unwrap());
    let folder = home.0.path().join(".openclaw");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("openclaw.json"), "{ broken").unwrap();
    let child = home.login(&server.issuer_url()).env("BROWSER", "my-browser").spawn().unwrap();
    let url = home.opened().pop().unwrap();
    assert!(visit(&server.decide_sign_in(&url, true).unwrap()).contains("Signed in"));
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.starts_with("signed in: openai-codex:sam@example.test (stored in "), "{out}");
    assert!(err.contains("note: ") && err.contains("openclaw.json does not say so"), "{err}");
    assert!(output.status.success());
}

#[test]
fn what_a_store_holds_does_not_reach_the_terminal_as_it_is() {
    let home = Home(TempDir::new().unwrap());
    let path = home.0.path().join("auth-profiles.json");
    let store = r#"{"version": 1, "profiles": {
        "openai:\u001b[2J\u009b31m\u0007": {"type": "api_key", "provider": "openai", "key": "k", "email": "\u001b]0;x\u0007@y"},
        "\u001b[31mbroken": 7}}"#;
    fs::write(&path, store).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let id = "openai:\u{1b}[2J\u{9b}31m\u{7}";
    let runs: [&[&str]; 7] = [
        &["profiles"],
        &["profiles", "--json"],
        &["profiles", "show", id],
        &["profiles", "show", id, "--json"],
        &["profiles", "show", "\u{1b}[31mbroken"],
        &["profiles", "repair"],
        &["profiles", "remove", id],
    ];
    for arguments in runs {
        let mut command = Command::new(program());
        command.args(arguments).arg("--profile-file").arg(&path).env_clear().env("HOME", home.0.path());
        let output = command.output().unwrap();
        for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let text = String::from_utf8_lossy(text);
            let raw = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(raw, None, "{arguments:?} {name}: {text:?}");
        }
        if arguments.contains(&"--json") {
            let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert!(told.to_string().contains("[2J"), "{told}");
        }
        if arguments.contains(&"remove") {
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && err.contains("mode 0644"), "the mode is told: {err}");
        }
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
