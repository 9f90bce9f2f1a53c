use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::auth::{ApiKeyCredential, OAuthCredential, TokenCredential, UsageStats};

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_777_000_000)
}

fn codex() -> ProviderId {
    ProviderId::new(ProviderId::CODEX)
}

/// Two sign-ins, a token and a key, of which `b` was used before `a`.
fn profiles() -> Profiles {
    let mut all = Profiles::default();
    all.put(Profile::new("key", codex(), ApiKeyCredential::new("sk-1")));
    all.put(Profile::new("token", codex(), TokenCredential::new("t")));
    all.put(Profile::new("a", codex(), OAuthCredential::new("x", Some("r".into()))));
    all.put(Profile::new("b", codex(), OAuthCredential::new("y", Some("r".into()))));
    all.put(Profile::new("foreign", ProviderId::new("anthropic"), ApiKeyCredential::new("sk-2")));
    for (id, ago) in [("a", 10), ("b", 20)] {
        let used = Some(now() - Duration::from_secs(ago));
        all.set_usage(&id.into(), &UsageStats { last_used: used, ..UsageStats::default() });
    }
    all
}

fn order(profiles: &Profiles, settings: &ProfileSettings, preferred: Option<&str>) -> ProfileOrder {
    let preferred = preferred.map(ProfileId::from);
    profile_order(profiles, &ProviderId::new("OpenAI-Codex"), "m", settings, preferred.as_ref(), now())
}

fn usable(order: &ProfileOrder) -> Vec<&str> {
    order.usable.iter().map(ProfileId::as_str).collect()
}

fn set(ids: &[&str]) -> ProfileSettings {
    let ids = ids.iter().map(|id| ProfileId::from(*id)).collect();
    ProfileSettings { order: [("openai-codex".to_owned(), ids)].into(), ..ProfileSettings::default() }
}

fn rests_for(profiles: &mut Profiles, id: &str, seconds: u64) {
    let mut stats = profiles.usage(&id.into());
    stats.cooldown_until = Some(now() + Duration::from_secs(seconds));
    profiles.set_usage(&id.into(), &stats);
}

#[test]
fn without_an_order_the_type_decides_and_then_who_was_not_used_for_longest() {
    let found = order(&profiles(), &ProfileSettings::default(), None);
    assert_eq!(usable(&found), ["b", "a", "token", "key"]);
    assert!(found.ineligible.is_empty() && found.resting.is_empty());
    assert_eq!(usable(&order(&profiles(), &ProfileSettings::default(), Some("token"))), ["token", "b", "a", "key"]);
}

#[test]
fn an_order_is_kept_and_leaves_the_others_out() {
    let mut profiles = profiles();
    let found = order(&profiles, &set(&["key", "a", "key", "gone", "foreign"]), None);
    assert_eq!(usable(&found), ["key", "a"]);
    let why: Vec<(&str, Ineligible)> = found.ineligible.iter().map(|(id, why)| (id.as_str(), *why)).collect();
    assert_eq!(
        why,
        [
            ("gone", Ineligible::ProfileMissing),
            ("foreign", Ineligible::ProviderMismatch),
            ("token", Ineligible::ExcludedByOrder),
            ("b", Ineligible::ExcludedByOrder),
        ]
    );
    // The store's own goes before the configuration's; names that all lead nowhere are no order.
    profiles.set_order(&codex(), Some(&["token".into()]));
    assert_eq!(usable(&order(&profiles, &set(&["key"]), None)), ["token"]);
    profiles.set_order(&codex(), Some(&["gone".into()]));
    assert_eq!(usable(&order(&profiles, &set(&["key"]), None)), ["b", "a", "token", "key"]);
}

#[test]
fn everybody_reads_an_order_alike() {
    let text = r#"{"version":1,"profiles":{
        "broken":{"type":"oauth","provider":"openai-codex"},
        "odd":{"type":"oauth"},
        "foreign":{"type":"api_key","provider":"anthropic","key":"k"},
        "good":{"type":"oauth","provider":"openai-codex","access":"a","refresh":"r"}}}"#;
    let env = crate::auth::Environment::of::<&str, &str>([]);
    // An entry that is not there, or is nobody's, is nowhere; one without its credential is somewhere.
    for (named, is_out) in [("gone", false), ("odd", false), ("broken", true), ("foreign", true), ("good", false)] {
        let mut profiles = Profiles::parse(text, None).unwrap();
        profiles.set_order(&codex(), Some(&[named.into()]));
        let good = profiles.get(&"good".into()).unwrap();
        let found = order(&profiles, &ProfileSettings::default(), None);
        assert_eq!(usable(&found).is_empty(), is_out, "{named}: a chain");
        let told = crate::auth::ProfileSummary::of(good, &profiles, &env, true, now()).reasons.join("");
        assert_eq!(told.contains("leaves it out"), is_out, "{named}: a summary");
        let path = std::path::Path::new("auth-profiles.json");
        let choice = crate::auth::choose::Choice { profiles: &profiles, path, env: &env };
        assert_eq!(choice.choose(None, now(), &mut Vec::new()).unwrap().is_none(), is_out, "{named}: a search");
        assert_eq!(is_left_out(good, &profiles), is_out, "{named}");
    }
}

#[test]
fn who_rests_comes_last_and_soonest_free_first() {
    let mut profiles = profiles();
    rests_for(&mut profiles, "b", 90);
    rests_for(&mut profiles, "a", 30);
    let found = order(&profiles, &ProfileSettings::default(), Some("a"));
    assert_eq!(usable(&found), ["token", "key"]);
    let resting: Vec<&str> = found.resting.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(resting, ["a", "b"]);
    rests_for(&mut profiles, "b", 86_400 * 1000);
    let found = order(&profiles, &ProfileSettings::default(), None);
    assert_eq!((usable(&found), found.implausible.len()), (vec!["b", "token", "key"], 1));
}

#[test]
fn the_configuration_says_how_a_profile_signs_in() {
    let configured = |id: &str, mode| (ProfileId::from(id), ("openai-codex".to_owned(), mode));
    let settings = ProfileSettings {
        configured: [
            configured("a", AuthMode::Oauth),
            configured("token", AuthMode::Oauth),
            configured("key", AuthMode::Token),
            configured("late", AuthMode::Oauth),
        ]
        .into(),
        ..ProfileSettings::default()
    };
    let found = order(&profiles(), &settings, None);
    assert_eq!(usable(&found), ["a", "token"]);
    assert!(found.ineligible.contains(&("key".into(), Ineligible::ModeMismatch)), "{found:?}");
    assert!(found.ineligible.contains(&("late".into(), Ineligible::ProfileMissing)), "{found:?}");
}

#[test]
fn what_has_ended_is_left_out_unless_it_can_be_renewed() {
    let mut profiles = Profiles::default();
    let ended = Some(now() - Duration::from_secs(1));
    profiles.put(Profile::new("t", codex(), TokenCredential { expires: ended, ..TokenCredential::new("t") }));
    for (id, refresh) in [("renewed", Some("r".into())), ("dead", None)] {
        profiles.put(Profile::new(
            id,
            codex(),
            OAuthCredential { expires: ended, ..OAuthCredential::new("x", refresh) },
        ));
    }
    let found = order(&profiles, &ProfileSettings::default(), None);
    assert_eq!(usable(&found), ["renewed"]);
    assert_eq!(found.ineligible, [("t".into(), Ineligible::Expired), ("dead".into(), Ineligible::Expired)]);
}

#[test]
fn a_pinned_profile_is_the_only_one_of_its_provider() {
    let pinned = |id: &str| ProfileSettings { pinned: Some(id.into()), ..ProfileSettings::default() };
    assert_eq!(usable(&order(&profiles(), &pinned("key"), None)), ["key"]);
    // One of another provider pins nothing here.
    assert_eq!(usable(&order(&profiles(), &pinned("foreign"), None)).len(), 4);
    // One that is not there was mistyped: nobody else is asked in its place.
    let found = order(&profiles(), &pinned("typo"), None);
    assert!(
        found.usable.is_empty() && found.ineligible.iter().all(|(_, why)| *why == Ineligible::NotPinned),
        "{found:?}"
    );
}

#[test]
fn a_token_whose_end_is_no_time_is_left_out_as_in_openclaw() {
    let entry = |expires: &str| {
        let token = format!(r#"{{"type":"token","provider":"openai-codex","token":"t","expires":{expires}}}"#);
        Profiles::parse(&format!(r#"{{"version":1,"profiles":{{"t":{token}}}}}"#), None).unwrap()
    };
    for expires in ["\"tomorrow\"", "0", "-5", "[]", "true"] {
        let found = order(&entry(expires), &ProfileSettings::default(), None);
        assert_eq!(found.ineligible, [("t".into(), Ineligible::InvalidExpires)], "{expires}");
    }
    for expires in ["null", "1900000000000", "9999999999999", "1e300"] {
        assert_eq!(usable(&order(&entry(expires), &ProfileSettings::default(), None)), ["t"], "{expires}");
    }
}

/// Two logins of one person, one of a colleague, each with what is noted against the first.
fn team(stats: &UsageStats) -> Profiles {
    let mut all = Profiles::default();
    for (id, user) in [("me", "u1"), ("double", "u1"), ("colleague", "u2")] {
        let token = crate::testing::ForgedToken::new("acct").user_id(user).build();
        all.put(Profile::new(id, codex(), OAuthCredential::new(token, Some("r".into()))));
    }
    all.set_usage(&"me".into(), stats);
    all
}

#[test]
fn a_used_up_plan_rests_for_every_login_of_the_person_and_missing_credit_for_the_account() {
    let later = Some(now() + Duration::from_secs(3600));
    let failed = Some(now() - Duration::from_secs(5));
    let cooled = |reason: &str| UsageStats {
        cooldown_until: later,
        cooldown_reason: Some(reason.into()),
        last_failure_at: failed,
        ..UsageStats::default()
    };
    let resting = |profiles: &Profiles| {
        let found = order(profiles, &ProfileSettings::default(), None);
        let mut ids: Vec<String> = found.resting.iter().map(|(id, _)| id.to_string()).collect();
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(resting(&team(&cooled("rate_limit"))), "double me");
    let blocked =
        UsageStats { blocked_until: later, blocked_reason: Some("subscription_limit".into()), ..UsageStats::default() };
    assert_eq!(resting(&team(&blocked)), "double me");
    let disabled = |why: &str| UsageStats {
        disabled_until: later,
        disabled_reason: Some(why.into()),
        last_failure_at: failed,
        ..UsageStats::default()
    };
    assert_eq!(resting(&team(&disabled("billing"))), "colleague double me");
    // A fault of the login, or of one model, is its own.
    assert_eq!(resting(&team(&disabled("auth_permanent"))), "me");
    assert_eq!(resting(&team(&cooled("auth"))), "me");
    let of_model = UsageStats { cooldown_model: Some("m".into()), ..cooled("rate_limit") };
    assert_eq!(resting(&team(&of_model)), "me");
    // One that was good since knows better; and nothing was written.
    let mut profiles = team(&disabled("billing"));
    assert_eq!(profiles.usage(&"double".into()), UsageStats::default());
    profiles.set_usage(&"double".into(), &UsageStats { last_used: Some(now()), ..UsageStats::default() });
    assert_eq!(resting(&profiles), "colleague me");
    assert!(crate::auth::rest_of(&profiles, profiles.get(&"colleague".into()).unwrap(), "m", now()).is_some());
}

#[test]
fn routers_never_rest_whoever_wrote_it() {
    for (provider, rests) in [("openrouter", false), ("kilocode", false), ("openai", true)] {
        let provider = ProviderId::new(provider);
        let mut profiles = Profiles::default();
        profiles.put(Profile::new("k", provider.clone(), ApiKeyCredential::new("sk-1")));
        rests_for(&mut profiles, "k", 600);
        let found = profile_order(&profiles, &provider, "m", &ProfileSettings::default(), None, now());
        assert_eq!(!found.resting.is_empty(), rests, "{provider}");
    }
}
