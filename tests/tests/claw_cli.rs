//! The command line of `claw`, run as a person runs it: a process, its outputs, its exit status.

mod claw;
mod program;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use claw::{Home, Run, finish};
use openclaw_core::testing::{ForgedToken, TestServer, forged_token};
use serde_json::{Value, json};

/// Where OpenClaw keeps the logins of its main agent, in a home folder.
const STORE: &str = ".openclaw/agents/main/agent/auth-profiles.json";

/// A running `claw serve`; ended when dropped.
struct Server {
    child: Child,
    base_url: String,
    platform_url: String,
    record: PathBuf,
}

impl Server {
    fn start(home: &Home, scenario: &str) -> Self {
        let record = home.0.path().join("record.jsonl");
        let mut command = home.command(&["serve", "--scenario", scenario, "--record", &record.display().to_string()]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut after = |label: &str| lines.find_map(|line| Some(line.strip_prefix(label)?.to_owned())).unwrap();
        let (base_url, platform_url) = (after("base URL "), after("base URL for API keys "));
        Self { child, base_url, platform_url, record }
    }

    /// The paths that calls of the model were sent to.
    fn calls(&self) -> Vec<String> {
        let record = fs::read_to_string(&self.record).unwrap();
        assert!(!record.contains("e30.") && !record.contains("sk-"), "no secret is recorded: {record}");
        let requests = record.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        requests.filter(|r| r["method"] == "POST").map(|r| r["path"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn codex_file(token: &str) -> String {
    json!({"auth_mode": "chatgpt", "tokens": {"access_token": token, "refresh_token": "r", "account_id": "acct-1"}})
        .to_string()
}

fn profile_store(token: &str) -> String {
    let profile =
        json!({"type": "oauth", "provider": "openai-codex", "access": token, "refresh": "r", "expires": 4e12});
    json!({"version": 1, "profiles": {"openai-codex:me@example.com": profile}}).to_string()
}

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
    home.file(".openclaw/agents/main/agent/auth-profiles.json", profile_store(&token));
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
fn classify_judges_line_by_line() {
    let home = Home::new();
    let challenge = json!({"id": "a", "provider": "openai-codex", "status": 403, "body": "<html>x</html>",
        "headers": {"content-type": "text/html", "cf-mitigated": "challenge", "server": "cloudflare"}});
    let limited = json!({"id": "b", "provider": "openai", "status": 429, "headers": {},
        "body": "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\"}}"});
    let file = home.file("in.jsonl", format!("{challenge}\nnot json\n\n{limited}\n"));
    let run = home.run(&["classify", "--jsonl", &file]);
    assert_eq!(run.status, 3, "{}", run.err);
    let lines = run.lines();
    assert_eq!((&lines[0]["id"], &lines[0]["kind"]), (&"a".into(), &"edge_blocked".into()));
    assert_eq!(lines[1]["line"], 2);
    assert_eq!((&lines[2]["id"], &lines[2]["kind"]), (&"b".into(), &"rate_limited".into()));
    assert!(run.err.contains("line 2"), "{}", run.err);

    let visible = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/errors/visible.jsonl");
    let Ok(cases) = fs::read_to_string(&visible) else {
        return eprintln!("skipped: {} is not here", visible.display());
    };
    let run = finish(home.command(&["classify", "--jsonl"]).stdin(fs::File::open(&visible).unwrap()));
    assert_eq!(run.status, 0, "{}", run.err);
    let verdicts = run.lines();
    let cases: Vec<Value> = cases.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), cases.len());
    for (verdict, case) in verdicts.iter().zip(&cases) {
        assert_eq!((&verdict["id"], &verdict["kind"]), (&case["id"], &case["expected_kind"]), "{}", case["note"]);
    }
}

#[test]
fn colours_are_for_terminals_only() {
    let home = Home::new();
    let run = home.run(&["ask", "--offline", "hi"]);
    assert!(!run.out.contains('\x1b') && !run.err.contains('\x1b'));
    assert!(home.0.path().read_dir().unwrap().next().is_none(), "nothing is written to the home folder");
}

/// An OpenClaw home: a configuration with a primary behind a block and a fallback on another host, two profiles of one
/// account.
fn openclaw_home(home: &Home, primary: &str, fallback: Option<&str>) {
    let profile = |id: &str| {
        let access = ForgedToken::new("acct-1").email("me@example.invalid").build();
        (id.to_owned(), json!({"type": "oauth", "provider": "openai-codex", "access": access, "refresh": "rt-1"}))
    };
    let profiles: serde_json::Map<_, _> =
        ["openai-codex:default", "openai-codex:me@example.invalid"].map(profile).into_iter().collect();
    home.file(
        ".openclaw/agents/main/agent/auth-profiles.json",
        json!({"version": 1, "profiles": profiles}).to_string(),
    );
    let mut providers = json!({"openai-codex": {"baseUrl": primary, "api": "openai-codex-responses", "models": []}});
    let mut model = json!({"primary": "openai-codex/gpt-5.4"});
    if let Some(url) = fallback {
        providers["openai"] =
            json!({"baseUrl": url, "api": "openai-responses", "apiKey": "sk-fallback-0001", "models": []});
        model["fallbacks"] = json!(["acme/unheard-of", "openai/gpt-5.4"]);
    }
    let config = json!({"models": {"providers": providers}, "agents": {"defaults": {"model": model}}});
    home.file(".openclaw/openclaw.json", config.to_string());
}

#[test]
fn ask_follows_the_configuration_and_says_why_it_moved_on() {
    let (home, other) = (Home::new(), Home::new());
    let blocked = Server::start(&home, "challenge");
    let working = Server::start(&other, "plain");
    openclaw_home(&home, &blocked.base_url, Some(&working.platform_url));
    let run = home.run(&["ask", "hi"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("no model was called"), "{}", run.out);
    for said in [
        "openai-codex/gpt-5.4, then acme/unheard-of, then openai/gpt-5.4",
        "failed with edge_blocked; going on with openai/gpt-5.4",
        "candidate_unusable: acme/unheard-of",
    ] {
        assert!(run.err.contains(said), "{said:?} is missing: {}", run.err);
    }
    assert!(!run.err.contains("sk-fallback") && !run.err.contains("rt-1"), "{}", run.err);
    assert_eq!((blocked.calls().len(), working.calls().len()), (1, 1));
    // The key of the configuration answered, and no profile.
    assert!(run.err.contains("profile none"), "{}", run.err);
    let mistyped = home.run(&["ask", "hi", "--profile", "openai-codex:typo"]);
    assert_ne!(mistyped.status, 0);
    for said in ["no profile \"openai-codex:typo\"", "openai-codex:default, openai-codex:me@example.invalid"] {
        assert!(mistyped.err.contains(said), "{said:?} is missing: {}", mistyped.err);
    }
    assert_eq!((blocked.calls().len(), working.calls().len()), (1, 1));
}

#[test]
fn ask_takes_a_key_of_the_environment_for_a_model_of_the_configuration_and_without_one_says_what_is_missing() {
    let home = Home::new();
    let server = Server::start(&home, "plain");
    let config = json!({
        "models": {"providers": {
            "openai": {"baseUrl": server.platform_url, "api": "openai-responses", "models": []},
        }},
        "agents": {"defaults": {"model": {"primary": "openai-codex/gpt-5.4", "fallbacks": ["openai/gpt-5.4"]}}},
    });
    home.file(".openclaw/openclaw.json", config.to_string());
    let nothing = home.run(&["ask", "hi"]);
    assert_ne!(nothing.status, 0, "{}", nothing.out);
    assert!(!nothing.out.contains("no model was called"), "{}", nothing.out);
    for said in ["openai-codex/gpt-5.4 has no profile that can be used", "openai/gpt-5.4 was not asked (auth_invalid)"]
    {
        assert!(nothing.err.contains(said), "{said:?} is missing: {}", nothing.err);
    }
    assert!(server.calls().is_empty());
    let keyed = finish(home.command(&["ask", "hi"]).env("OPENAI_API_KEY", " sk-of-the-environment-1\n"));
    assert_eq!(keyed.status, 0, "{}", keyed.err);
    assert!(keyed.err.contains("candidate_skipped") && keyed.err.contains("profile none"), "{}", keyed.err);
    assert_eq!(server.calls().len(), 1);

    // Mistakes in the file are no reason to make an answer up; without a model in it there is nothing to follow.
    home.file(".openclaw/openclaw.json", "{ agents: 5 }");
    let broken = home.run(&["ask", "hi"]);
    assert!(broken.status != 0 && broken.err.contains("openclaw.json"), "{} {}", broken.out, broken.err);
    home.file(".openclaw/openclaw.json", "{}");
    assert_eq!(home.run(&["ask", "hi"]).status, 0);
    // A store that cannot be read is told.
    home.file(".openclaw/openclaw.json", config.to_string());
    home.file(STORE, "{ no json");
    let unread = home.run(&["ask", "hi"]);
    assert!(unread.status != 0 && unread.err.contains("auth-profiles.json"), "{} {}", unread.out, unread.err);
}

#[test]
fn ask_without_a_fallback_names_the_block_and_touches_no_profile() {
    let home = Home::new();
    let blocked = Server::start(&home, "challenge");
    openclaw_home(&home, &blocked.base_url, None);
    let store = home.0.path().join(".openclaw/agents/main/agent/auth-profiles.json");
    let before = fs::read(&store).unwrap();
    let run = home.run(&["ask", "hi"]);
    assert_ne!(run.status, 0);
    assert!(run.err.contains("browser challenge") && run.err.contains("login was not the cause"), "{}", run.err);
    assert!(
        run.err.contains("try 1: openai-codex/gpt-5.4, profile openai-codex:default: edge_blocked after"),
        "{}",
        run.err
    );
    assert_eq!(blocked.calls().len(), 1);
    assert_eq!(fs::read(&store).unwrap(), before);
}

/// A store whose login ended and can be renewed at this server.
fn ended_store(server: &TestServer, refresh: &str, access: &str) -> String {
    json!({
        "version": 1,
        "profiles": {
            "openai-codex:default": {
                "type": "oauth", "provider": "openai-codex", "access": access, "refresh": refresh, "expires": 1_700_000_000_000_u64,
                "issuer": server.issuer_url(),
            },
            "openai:work": {"type": "api_key", "provider": "openai", "key": "sk-known-secret-of-this-test"},
            "broken": "sk-known-secret-of-this-test",
        },
    })
    .to_string()
}

#[test]
fn stored_logins_are_renewed_listed_and_repaired_and_never_shown() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::builder().start()).unwrap();
    let person = ForgedToken::new("acct-1").user_id("me").email("me@example.com");
    let issued = server.issue_tokens(&person);
    let old = person.clone().expired_for(Duration::from_secs(7200)).build();
    let home = Home::new();
    let path = home.file(STORE, ended_store(&server, &issued.refresh_token, &old));
    let config = home.file(
        ".openclaw/openclaw.json",
        "{\n  // mine\n  auth: { profiles: { \"openai-codex:default\": { provider: \"openai-codex\", mode: \"oauth\" } } },\n}\n",
    );
    let mut secrets = vec![issued.refresh_token.clone(), old.clone(), "sk-known-secret-of-this-test".to_owned()];
    let mut shown = String::new();
    let mut run = |arguments: &[&str], status: i32| {
        let run = home.run(arguments);
        assert_eq!(run.status, status, "{arguments:?}: {}", run.err);
        shown += &format!("{}{}", run.out, run.err);
        run
    };

    let list = run(&["profiles"], 0);
    assert!(list.out.contains("openai-codex:default") && list.out.contains("the next call renews it"), "{}", list.out);
    assert!(list.err.contains("broken (not an object)"), "{}", list.err);
    // An ended login is renewed, the new one stored before the call.
    let ask = run(&["ask", "hi", "--base-url", &server.codex_base_url(), "--model", "gpt-5.4"], 0);
    assert!(!ask.out.is_empty());
    assert_eq!(server.issuer_counts().refreshes, 1);
    let store: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let renewed = &store["profiles"]["openai-codex:default"];
    assert_ne!(renewed["access"], old.as_str());
    assert_eq!(store["profiles"]["broken"], "sk-known-secret-of-this-test");
    secrets.extend([&renewed["access"], &renewed["refresh"]].map(|secret| secret.as_str().unwrap().to_owned()));
    let show = run(&["profiles", "show", "openai-codex:default", "--json"], 0);
    assert_eq!(show.lines()[0]["email"], "me@example.com");

    // A double that OpenClaw left.
    let mut doubled = store.clone();
    doubled["profiles"]["openai-codex:me@example.com"] = json!({
        "type": "oauth", "provider": "openai-codex", "access": old, "refresh": "older", "expires": 1_600_000_000_000_u64,
    });
    home.file(STORE, doubled.to_string());
    let repair = run(&["profiles", "repair"], 0);
    assert!(repair.out.contains("openai-codex:me@example.com takes the place of"), "{}", repair.out);
    assert_eq!(run(&["profiles", "repair"], 0).out.lines().count(), 1);
    let repaired: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(
        repaired["profiles"]["openai-codex:me@example.com"]["refresh"], renewed["refresh"],
        "the living one stays"
    );
    assert!(repaired["profiles"].get("openai-codex:default").is_none());
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("// mine") && text.contains("openai-codex:me@example.com"), "{text}");
    assert!(!text.contains("openai-codex:default"), "{text}");

    // A token that was spent elsewhere: told once, remembered, and the state is true.
    home.file(STORE, ended_store(&server, &issued.refresh_token, &old));
    for asked in [2, 2] {
        let ask = run(&["ask", "hi", "--json", "--base-url", &server.codex_base_url(), "--model", "gpt-5.4"], 4);
        assert!(ask.err.contains("refresh_token_reused") && ask.err.contains("sign in again"), "{}", ask.err);
        assert_eq!(server.issuer_counts().refreshes, asked);
    }
    assert!(run(&["profiles"], 0).out.contains("cannot be renewed"));
    run(&["profiles", "remove", "openai-codex:default"], 0);
    assert!(run(&["profiles", "show", "openai-codex:default"], 3).err.contains("openai:work"));
    run(&["profiles", "--json"], 0);
    let schema: Value = serde_json::from_str(&run(&["auth", "schema"], 0).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for store in [&store, &repaired] {
        let mut store = store.clone();
        store["profiles"].as_object_mut().unwrap().remove("broken");
        assert!(
            validator.is_valid(&store),
            "{:?}",
            validator.iter_errors(&store).map(|e| e.to_string()).collect::<Vec<_>>()
        );
    }
    for secret in secrets {
        assert!(!shown.contains(&secret), "a secret was shown");
    }
}

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

#[test]
fn the_log_is_lines_of_json_with_the_decisions_and_without_names() {
    let (home, other) = (Home::new(), Home::new());
    let blocked = Server::start(&home, "challenge");
    let working = Server::start(&other, "plain");
    openclaw_home(&home, &blocked.base_url, Some(&working.platform_url));
    let run = home.run(&["--log", "json", "ask", "hi"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let lines: Vec<Value> =
        run.err.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let named = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    let decision = &named("embedded_run_failover_decision")[0];
    assert_eq!(
        (&decision["decision"], &decision["failoverReason"]),
        (&json!("fallback_model"), &json!("edge_blocked"))
    );
    assert_eq!((&decision["status"], &decision["level"]), (&json!(403), &json!("WARN")));
    assert_eq!(decision["tags"][0], "error_handling");
    assert_eq!(decision["spans"], json!(["openclaw.chain"]));
    let decisions: Vec<&Value> = named("model_fallback_decision").iter().map(|line| &line["decision"]).collect();
    assert_eq!(decisions, ["skip_candidate", "candidate_failed", "candidate_succeeded"]);
    let call = lines.iter().find(|line| line["message"] == "chat ended" && line["error.type"].is_null()).unwrap();
    assert_eq!((&call["gen_ai.provider.name"], &call["http.response.status_code"]), (&json!("openai"), &json!(200)));
    assert!(call["duration_ms"].is_u64() && call["gen_ai.usage.output_tokens"].is_u64());
    // What the screen says comes too, and nobody is named.
    assert!(lines.iter().any(|line| line["target"] == "claw"), "{}", run.err);
    for hidden in ["me@example.invalid", "sk-fallback", "rt-1", "eyJ"] {
        assert!(!run.err.contains(hidden), "{hidden}: {}", run.err);
    }
}

#[test]
fn the_log_is_off_unless_it_is_asked_for_and_has_levels() {
    let home = Home::new();
    let blocked = Server::start(&home, "challenge");
    openclaw_home(&home, &blocked.base_url, None);
    let quiet = home.run(&["ask", "hi"]);
    assert!(!quiet.err.contains("embedded_run"), "{}", quiet.err);
    let text = home.run(&["ask", "hi", "--log", "text", "--log-level", "warn"]);
    assert!(text.err.contains("WARN") && text.err.contains("event=\"embedded_run_agent_end\""), "{}", text.err);
    assert!(!text.err.contains("chat ended"), "spans are told at the level info: {}", text.err);
    assert_eq!(text.out, quiet.out);
    assert_eq!(home.run(&["--log", "xml", "ask", "hi"]).status, 2);
}
