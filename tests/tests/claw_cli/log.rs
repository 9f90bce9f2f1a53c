//! `--log`: what is told, and what is not.

use openclaw_core::testing::TestServer;
use serde_json::{Value, json};

use crate::claw::Home;
use crate::served::{Server, openclaw_home};

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
    assert_eq!(decisions, ["candidate_failed", "skip_candidate", "candidate_succeeded"]);
    let before: Vec<Option<usize>> =
        named("model_fallback_decision").iter().map(|line| Some(line["previousAttempts"].as_array()?.len())).collect();
    assert_eq!(before, [Some(0), Some(1), Some(2)]);
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
fn a_sign_in_is_told_in_lines_of_json_too() {
    let (home, server) = (Home::new(), TestServer::start_blocking().unwrap());
    let run = home.run(&["--log", "json", "login", "--method", "paste", "--issuer", &server.issuer_url()]);
    assert_ne!(run.status, 0, "nothing was pasted");
    let lines: Vec<Value> =
        run.err.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let address = |line: &Value| line["message"].as_str().unwrap().contains(&server.issuer_url());
    let shown = lines.iter().find(|line| address(line)).unwrap()["message"].as_str().unwrap();
    assert!(shown.contains("code_challenge=") && !shown.contains("[redacted]"), "it can be opened: {shown}");
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
