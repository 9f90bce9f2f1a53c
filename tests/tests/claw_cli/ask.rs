//! `claw ask`: which login it takes, what it prints, how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use openclaw_core::testing::{ForgedToken, forged_token};
use serde_json::Value;

use crate::claw::{Home, finish};
use crate::served::{STORE, Server, codex_file, profile_store};

#[test]
fn without_a_login_the_embedded_server_answers_and_says_so() {
    let home = Home::new();
    let run = home.run(&["ask", "Say hello"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.starts_with("no login found: answering from the embedded server on 127.0.0.1:"), "{}", run.err);
    assert!(run.out.contains("no model"), "{}", run.out);
    let last = run.err.lines().last().unwrap();
    for part in ["login embedded", "profile none", "model ", "cached) in", "reasoning) out", "first token", "total"] {
        assert!(last.contains(part), "{part} is not in {last}");
    }
    let same = home.run(&["ask", "--offline", "--model", "openai-codex/gpt-5.6-sol", "Say hello"]);
    assert_eq!((same.status, same.out), (0, run.out));
}

#[test]
fn every_scenario_has_its_exit_status() {
    let home = Home::new();
    for (scenario, status, kind) in [
        ("plain", 0, None),
        ("tool_call", 0, None),
        ("slow", 0, None),
        ("usage_limit", 5, Some("usage_limit")),
        ("overloaded", 5, Some("overloaded")),
        ("context_overflow", 3, Some("context_overflow")),
        ("truncated", 5, Some("stream_truncated")),
        ("stall", 5, Some("timeout")),
        ("challenge", 5, Some("edge_blocked")),
        ("waf", 5, Some("edge_blocked")),
        ("captive_portal", 5, Some("proxy")),
    ] {
        let mut arguments = vec!["ask", "--json", "--scenario", scenario, "--model", "gpt-5.6-terra", "hi"];
        if scenario == "stall" {
            arguments.extend(["--timeout", "700ms"]);
        }
        let run = home.run(&arguments);
        assert_eq!(run.status, status, "{scenario}: {}", run.err);
        let lines = run.lines();
        let last = lines.last().unwrap();
        assert_eq!(last["type"], if kind.is_some() { "error" } else { "completed" }, "{scenario}: {last}");
        assert_eq!(last.get("kind").and_then(Value::as_str), kind, "{scenario}: {last}");
        assert!(lines.iter().all(|line| line["provider"] == "embedded"), "{scenario}: {}", run.out);
        assert!(kind.is_none_or(|kind| run.err.contains(&format!("error: {kind}: "))), "{scenario}: {}", run.err);
    }
    let tool = home.run(&["ask", "--scenario", "tool_call", "hi"]);
    assert!(tool.out.starts_with("tool call get_time {"), "{}", tool.out);
}

#[test]
fn a_login_of_either_kind_is_picked_up() {
    let home = Home::new();
    let server = Server::start(&home, "plain");
    let token = forged_token("acct-1");
    let named = home.file("named.json", codex_file(&token));
    home.file(STORE, profile_store(&token));
    for (arguments, login) in [
        (vec!["--profile-file", named.as_str()], "named.json"),
        (vec![], "auth-profiles.json, profile openai-codex:me@example.com"),
        (vec!["--profile", "openai-codex:me@example.com"], "profile openai-codex:me@example.com"),
    ] {
        let run = home.run(&[&["ask", "--base-url", &server.base_url, "hi"], arguments.as_slice()].concat());
        assert_eq!(run.status, 0, "{}", run.err);
        assert!(run.err.lines().last().unwrap().contains(login), "{}", run.err);
        assert!(!run.err.contains(&token) && !run.out.contains(&token));
    }
    fs::remove_dir_all(home.0.path().join(".openclaw")).unwrap();
    home.file(".codex/auth.json", codex_file(&token));
    let run = home.run(&["ask", "--base-url", &server.base_url, "hi"]);
    assert!(run.status == 0 && run.err.contains(".codex"), "{}", run.err);
    let calls = server.calls();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|path| path == "/backend-api/codex/responses"), "{calls:?}");
}

#[test]
fn an_api_key_of_the_environment_is_used() {
    let home = Home::new();
    let server = Server::start(&home, "plain");
    let run = finish(
        home.command(&["ask", "--json", "--base-url", &server.platform_url, "hi"]).env("OPENAI_API_KEY", "sk-forged-1"),
    );
    assert_eq!(run.status, 0, "{}", run.err);
    assert_eq!(run.lines().last().unwrap()["provider"], "openai");
    assert!(run.err.lines().last().unwrap().starts_with("login OPENAI_API_KEY, profile none"), "{}", run.err);
    assert_eq!(server.calls(), ["/v1/responses"]);
}

#[test]
fn a_claude_model_is_asked_with_its_own_key() {
    let home = Home::new();
    let server = Server::start(&home, "plain");
    let arguments = ["ask", "--json", "--base-url", &server.platform_url, "--model", "anthropic/claude-sonnet-5", "hi"];
    let run = finish(home.command(&arguments).env("ANTHROPIC_API_KEY", "sk-ant-api-forged-1"));
    assert_eq!(run.status, 0, "{}", run.err);
    let last = run.lines().last().unwrap().clone();
    assert_eq!((&last["provider"], &last["model"]), (&"anthropic".into(), &"claude-sonnet-5".into()));
    assert_eq!(server.calls(), ["/v1/messages"]);
    let run = home.run(&arguments);
    assert!(run.status != 0 && run.err.contains("ANTHROPIC_API_KEY"), "{}", run.err);
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn a_challenge_is_named_after_one_call() {
    let home = Home::new();
    let server = Server::start(&home, "challenge");
    home.file(".codex/auth.json", codex_file(&forged_token("acct-1")));
    let run = home.run(&["ask", "--json", "--base-url", &server.base_url, "hi"]);
    assert_eq!(run.status, 5, "{}", run.err);
    let lines = run.lines();
    let error = lines.last().unwrap();
    assert_eq!((&error["kind"], &error["advice"]), (&"edge_blocked".into(), &"other_provider".into()));
    assert_eq!(server.calls(), ["/backend-api/codex/responses"]);
}

#[test]
fn a_login_that_cannot_be_used_says_what_to_do() {
    let home = Home::new();
    let old = ForgedToken::new("acct-1").expired_for(Duration::from_secs(7200)).build();
    let expired = home.file("expired.json", codex_file(&old));
    let valid = home.file("valid.json", codex_file(&forged_token("acct-1")));
    let broken = home.file("broken.json", "{\"profiles\": {");
    for (arguments, status, says) in [
        (&["--profile-file", &expired][..], 4, "expired 2 h 0 min ago"),
        (&["--profile-file", &broken], 3, "line 1 column"),
        (&["--profile-file", "/nowhere/x.json"], 3, "does not exist"),
        (&["--profile", "me"], 3, "there is no profile store"),
        (&["--base-url", "http://127.0.0.1:9"], 4, "no login found"),
        (&["--profile-file", &valid, "--base-url", "https://example.com"], 3, "example.com"),
        (&["--profile-file", &valid, "--base-url", "nonsense"], 3, "nonsense"),
        (&["--profile-file", &valid, "--base-url", "http://127.0.0.1:9", "--model", "two words"], 3, "space"),
        (&["--profile-file", &valid, "--base-url", "http://127.0.0.1:9", "--model", "openai/x"], 3, "openai-codex/x"),
    ] {
        let run = home.run(&[&["ask", "--json", "hi"], arguments].concat());
        assert_eq!(run.status, status, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(says), "{arguments:?}: {}", run.err);
        assert_eq!(run.lines().last().unwrap()["type"], "error", "{arguments:?}: {}", run.out);
    }
    assert!(home.run(&["ask", "hi", "--profile-file", &expired]).err.contains("codex login"));
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let home = Home::new();
    for arguments in [&[][..], &["ask"], &["ask", "hi", "--scenario", "none"], &["classify"], &["serve", "--port", "1"]]
    {
        assert_eq!(home.run(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn the_question_comes_from_stdin() {
    let home = Home::new();
    let mut child = home
        .command(&["ask", "--offline", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all("Grüße\n".as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(home.run(&["ask", "--offline", "-"]).status, 3, "an empty stdin asks nothing");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let home = Home::new();
    let mut child = home
        .command(&["ask", "--json", "--scenario", "slow", "hi"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(!err.contains("panicked") && !err.contains("error"), "{err}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_cancels() {
    let home = Home::new();
    let mut child = home
        .command(&["ask", "--json", "--scenario", "stall", "hi"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("text_delta")));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let last: Value = serde_json::from_str(&lines.last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["kind"]), (&"error".into(), &"cancelled".into()));
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn colours_are_for_terminals_only() {
    let home = Home::new();
    let run = home.run(&["ask", "--offline", "hi"]);
    assert!(!run.out.contains('\x1b') && !run.err.contains('\x1b'));
    assert!(home.0.path().read_dir().unwrap().next().is_none(), "nothing is written to the home folder");
}
