use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::*;
use crate::auth::secret::fingerprint;
use crate::testing::ForgedToken;

/// The moment of these tests, in seconds.
const NOW: u64 = 1_800_000_000;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn summary(profile: &Value, usage: &Value) -> ProfileSummary {
    summary_in(profile, usage, true)
}

/// In a store that may be written or not.
fn summary_in(profile: &Value, usage: &Value, renewed_here: bool) -> ProfileSummary {
    let text = json!({"version": 1, "profiles": {"p": profile}, "usageStats": {"p": usage}}).to_string();
    let profiles = Profiles::parse(&text, None).unwrap();
    let env = Environment::of([("SET", "sk-known-secret")]);
    ProfileSummary::of(profiles.get(&"p".into()).unwrap(), &profiles, &env, renewed_here, at(NOW))
}

fn oauth(expires: u64, refresh: Option<&str>) -> Value {
    let access = ForgedToken::new("acct").user_id("me").email("me@example.com").plan("pro").build();
    json!({"type": "oauth", "provider": "openai-codex", "access": access, "refresh": refresh, "expires": expires * 1000})
}

#[test]
fn the_state_is_what_a_call_would_meet() {
    let (ended, good) = (NOW - 10, NOW + 3600);
    let resting = json!({"cooldownUntil": (NOW + 60) * 1000, "cooldownReason": "rate_limit"});
    let for_a_model =
        json!({"cooldownUntil": (NOW + 60) * 1000, "cooldownReason": "rate_limit", "cooldownModel": "gpt-5.4"});
    let failure = |token: &str| {
        let print = fingerprint(&token.into());
        json!({"refreshFailure": {"token": print, "at": 1, "kind": "auth_expired", "message": "it was revoked"},
            "disabledUntil": (NOW + 60) * 1000, "disabledReason": "auth_permanent"})
    };
    let key = |name: &str| json!({"type": "api_key", "provider": "openai", "keyRef": {"source": "env", "provider": "default", "id": name}});
    for (profile, usage, state, said) in [
        (oauth(good, Some("r1")), json!({}), ProfileState::Usable, ""),
        (oauth(ended, Some("r1")), json!({}), ProfileState::Usable, ""),
        (oauth(ended, None), json!({}), ProfileState::Expired, "sign in again"),
        (oauth(good, None), json!({}), ProfileState::Usable, ""),
        (oauth(good, Some("r1")), resting, ProfileState::Resting, "rate_limit"),
        (oauth(good, Some("r1")), for_a_model, ProfileState::Usable, "for the model gpt-5.4 it rests"),
        (oauth(good, Some("r1")), failure("r1"), ProfileState::Refused, "it was revoked"),
        (
            oauth(good, Some("r1")),
            json!({"refreshFailure": failure("r1")["refreshFailure"]}),
            ProfileState::Usable,
            "it was revoked",
        ),
        (oauth(good, Some("r2")), failure("r1"), ProfileState::Resting, "auth_permanent"),
        (key("SET"), json!({}), ProfileState::Usable, ""),
        (key("NOT_SET"), json!({}), ProfileState::Unusable, "NOT_SET"),
    ] {
        let summary = summary(&profile, &usage);
        assert_eq!(summary.state, state, "{summary:?}");
        assert!(summary.reasons.join("; ").contains(said), "{summary:?}");
        assert_eq!(summary.reasons.is_empty(), said.is_empty(), "{summary:?}");
        assert_eq!(summary.until.is_some(), state == ProfileState::Resting, "{summary:?}");
    }
}

#[test]
fn what_is_shown_of_a_rest_is_what_it_is_judged_by() {
    let (far, failed) = (NOW + 100 * 86_400, NOW - 3600);
    for (usage, until) in [
        (json!({"cooldownUntil": far * 1000, "cooldownReason": "auth"}), None),
        (
            json!({"cooldownUntil": far * 1000, "cooldownReason": "auth", "lastFailureAt": failed * 1000}),
            Some(failed + 86_400),
        ),
        (json!({"cooldownUntil": (NOW + 60) * 1000, "lastFailureAt": (NOW + 3600) * 1000}), None),
        (json!({"cooldownUntil": (NOW + 30 * 86_400) * 1000}), Some(NOW + 30 * 86_400)),
    ] {
        let shown = summary(&oauth(NOW + 3600, Some("r1")), &usage);
        assert_eq!((shown.until, shown.health.cooldown_until), (until.map(at), until.map(at)), "{usage}");
        assert_eq!(shown.state == ProfileState::Resting, until.is_some(), "{usage}");
        assert!(shown.health.last_failure_at.is_none_or(|failed| failed < at(NOW)), "{usage}");
    }
    let usage = json!({"modelRests": {"m": far * 1000, "n": (NOW + 9) * 1000}});
    let shown = summary(&oauth(NOW + 3600, Some("r1")), &usage);
    assert_eq!(shown.health.model_rests.keys().collect::<Vec<_>>(), ["n"]);
}

#[test]
fn what_cannot_be_stored_is_not_renewed() {
    let ended = summary_in(&oauth(NOW - 10, Some("r1")), &json!({}), false);
    assert_eq!((ended.state, ended.renewable), (ProfileState::Expired, false));
    assert!(ended.reasons.join("").contains("may not be renewed here"), "{ended:?}");
    let good = summary_in(&oauth(NOW + 10, Some("r1")), &json!({}), false);
    assert_eq!((good.state, good.renewable), (ProfileState::Usable, false));
}

#[test]
fn a_second_model_that_rests_is_told_too() {
    let usage = json!({"cooldownUntil": (NOW + 60) * 1000, "cooldownReason": "rate_limit", "cooldownModel": "a",
        "modelRests": {"b": (NOW + 60) * 1000}});
    let told = summary(&oauth(NOW + 3600, Some("r1")), &usage).reasons.join("; ");
    assert!(told.contains("the model a") && told.contains("the model b"), "{told}");
}

#[test]
fn the_rests_of_models_and_the_reason_are_in_its_json() {
    let usage = json!({"cooldownUntil": (NOW + 60) * 1000, "cooldownReason": "rate_limit",
        "modelRests": {"two": (NOW + 90) * 1000}});
    let form = serde_json::to_value(summary(&oauth(NOW + 3600, Some("r1")), &usage)).unwrap();
    assert_eq!((&form["rest_reason"], &form["until"]), (&json!("rate_limit"), &json!(NOW + 60)));
    assert_eq!(form["health"]["model_rests"], json!({"two": NOW + 90}));
}

#[test]
fn nothing_secret_is_shown() {
    let secret = "rt-known-secret-0123456789";
    let profile = oauth(NOW + 9, Some(secret));
    let access = profile["access"].as_str().unwrap().to_owned();
    let shown = summary(&profile, &json!({"errorCount": 2, "failureCounts": {"auth": 2}, "lastUsed": NOW * 1000}));
    let text = format!("{shown:?} {}", serde_json::to_string(&shown).unwrap());
    assert!(!text.contains(secret) && !text.contains(&access), "{text}");
    let form = serde_json::to_value(&shown).unwrap();
    assert_eq!(
        (&form["email"], &form["account_id"], &form["user_id"], &form["plan"]),
        (&json!("me@example.com"), &json!("acct"), &json!("me"), &json!("pro"))
    );
    assert_eq!((&form["expires_at"], &form["renewable"]), (&json!(NOW + 9), &json!(true)));
    assert_eq!(form["health"], json!({"errors": 2, "failures": {"auth": 2}, "last_used": NOW}));
    assert!(!summary(&json!({"type": "token", "provider": "x", "token": secret}), &json!({})).renewable);
}

#[test]
fn an_order_that_leaves_a_login_out_is_told() {
    let key = json!({"type": "api_key", "provider": "openai", "key": "sk-1"});
    let text = json!({"version": 1, "profiles": {"a": key, "b": key}, "order": {"openai": ["b", "gone"]}}).to_string();
    let profiles = Profiles::parse(&text, None).unwrap();
    let told = |id: &str| {
        let profile = profiles.get(&id.into()).unwrap();
        ProfileSummary::of(profile, &profiles, &Environment::of::<&str, &str>([]), true, at(NOW)).reasons.join("")
    };
    assert!(told("a").contains("leaves it out") && told("b").is_empty());
}
