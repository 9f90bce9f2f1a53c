//! `claw ask` with an `openclaw.json`: its models, its fallbacks, its profiles.

use std::fs;

use serde_json::json;

use crate::claw::{Home, finish};
use crate::served::{STORE, Server, openclaw_home};

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
    let store = home.0.path().join(STORE);
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
