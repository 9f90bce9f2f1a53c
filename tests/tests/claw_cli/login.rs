//! `claw login`, `claw logout`, and `claw status` after them.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use openclaw_core::testing::TestServer;
use serde_json::{Value, json};

use crate::claw::{Home, Run};
use crate::served::STORE;

/// What the login server's page sends back when the person clicks.
fn clicked(url: &str, decision: &str) -> String {
    let (address, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let form = format!("decision={decision}");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = form.len();
    write!(
        stream,
        "POST /{target} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().find_map(|line| line.strip_prefix("location: ")).expect("a redirect").to_owned()
}

/// `claw login --method paste`, the person clicking and pasting.
fn paste_login(home: &Home, issuer: &str, decision: &str) -> Run {
    let mut command = home.command(&["login", "--method", "paste", "--issuer", issuer]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    let url = loop {
        let mut line = String::new();
        assert!(err.read_line(&mut line).unwrap() > 0, "{said}");
        said += &line;
        if let Some(url) = line.trim().strip_prefix("http://") {
            break format!("http://{url}");
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "something else?").unwrap();
    writeln!(stdin, "{}", clicked(&url, decision)).unwrap();
    err.read_to_string(&mut said).unwrap();
    let output = child.wait_with_output().unwrap();
    Run { status: output.status.code().unwrap(), out: String::from_utf8(output.stdout).unwrap(), err: said }
}

#[test]
fn a_person_signs_in_twice_and_out() {
    let (home, server) = (Home::new(), TestServer::start_blocking().unwrap());
    home.file(".openclaw/openclaw.json", "{\n  // mine\n}\n");
    let store = home.0.path().join(STORE);
    let config = home.0.path().join(".openclaw/openclaw.json");
    let denied = paste_login(&home, &server.issuer_url(), "deny");
    assert_eq!(denied.status, 130, "{}", denied.err);
    assert!(!store.exists());
    let mut texts = Vec::new();
    for _ in 0..2 {
        let login = paste_login(&home, &server.issuer_url(), "continue");
        assert_eq!(login.status, 0, "{}", login.err);
        assert!(login.out.contains("signed in: openai-codex:sam@example.test"), "{}", login.out);
        assert!(login.err.contains("no answer of the sign-in page"), "{}", login.err);
        let stored: Value = serde_json::from_str(&fs::read_to_string(&store).unwrap()).unwrap();
        let profiles = stored["profiles"].as_object().unwrap();
        assert_eq!(profiles.keys().collect::<Vec<_>>(), ["openai-codex:sam@example.test"]);
        for secret in ["access", "refresh"] {
            let secret = profiles["openai-codex:sam@example.test"][secret].as_str().unwrap();
            assert!(!login.out.contains(secret) && !login.err.contains(secret));
        }
        texts.push(fs::read_to_string(&config).unwrap());
    }
    assert!(texts[0].contains("// mine") && texts[0].contains("sam@example.test"), "{}", texts[0]);
    assert_eq!(texts[0], texts[1], "signing in again changes no byte of the configuration");
    let out = home.run(&["logout"]);
    assert_eq!(out.status, 0, "{}", out.err);
    assert_eq!(server.issuer_counts().revocations, 1);
    assert!(!fs::read_to_string(&store).unwrap().contains("sam@example.test"));
    assert!(!fs::read_to_string(&config).unwrap().contains("sam@example.test"));
    assert_eq!(home.run(&["logout"]).status, 3);
}

#[test]
fn a_logout_deletes_the_login_also_when_its_server_is_gone() {
    let (home, server) = (Home::new(), TestServer::start_blocking().unwrap());
    assert_eq!(paste_login(&home, &server.issuer_url(), "continue").status, 0);
    server.shutdown();
    let out = home.run(&["logout", "openai-codex:sam@example.test"]);
    assert_eq!(out.status, 0, "{}", out.err);
    assert!(out.err.contains("it is deleted here"), "{}", out.err);
    assert!(!fs::read_to_string(home.0.path().join(STORE)).unwrap().contains("sam@example.test"));
}

#[test]
fn a_script_learns_from_the_status_whether_anything_can_be_used() {
    let (home, server) = (Home::new(), TestServer::start_blocking().unwrap());
    assert_eq!(home.run(&["status"]).status, 0);
    assert_eq!(home.run(&["status", "--check"]).status, 1);
    assert_eq!(paste_login(&home, &server.issuer_url(), "continue").status, 0);
    let provider = json!({"baseUrl": server.codex_base_url(), "api": "openai-codex-responses", "models": []});
    home.file(".openclaw/openclaw.json", json!({"models": {"providers": {"openai-codex": provider}}}).to_string());
    let before = fs::read(home.0.path().join(STORE)).unwrap();
    let run = home.run(&["status", "--probe", "--check"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(
        run.out.starts_with("+ All is well: openai-codex answered as openai-codex:sam@example.test."),
        "{}",
        run.out
    );
    assert_eq!(home.run(&["status", "--probe", "--json"]).lines()[0]["verdict"]["kind"], "fine");
    assert_eq!(server.issuer_counts().refreshes, 0);
    assert_eq!(fs::read(home.0.path().join(STORE)).unwrap(), before);
    server.shutdown();
    let run = home.run(&["status", "--probe", "--check", "--json"]);
    assert_eq!((run.status, &run.lines()[0]["verdict"]["kind"]), (1, &json!("connect")), "{}", run.out);
}

#[test]
fn a_sign_in_that_cannot_start_says_what_to_use() {
    let home = Home::new();
    let nobody = home.run(&["login"]);
    assert_eq!(nobody.status, 3);
    assert!(nobody.err.contains("neither a browser") && nobody.err.contains("--method device"), "{}", nobody.err);
    for (arguments, word) in [
        (["login", "--no-open", "--issuer", "http://login.example"], "plain http"),
        (["login", "--no-open", "--issuer", "login.example"], "login server"),
        (["login", "--no-open", "--profile-file", "/dev/null/x"], "/dev/null/x"),
    ] {
        let run = home.run(&arguments);
        assert_eq!(run.status, 3, "{}", run.err);
        assert!(run.err.contains(word), "{}", run.err);
    }
}
