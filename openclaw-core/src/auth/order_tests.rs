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

fn rests(profiles: &mut Profiles, id: &str, seconds: u64) {
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
fn who_rests_comes_last_and_soonest_free_first() {
    let mut profiles = profiles();
    rests(&mut profiles, "b", 90);
    rests(&mut profiles, "a", 30);
    let found = order(&profiles, &ProfileSettings::default(), Some("a"));
    assert_eq!(usable(&found), ["token", "key"]);
    let resting: Vec<&str> = found.resting.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(resting, ["a", "b"]);
    rests(&mut profiles, "b", 86_400 * 1000);
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
    // One of another provider, or none, pins nothing here.
    assert_eq!(usable(&order(&profiles(), &pinned("foreign"), None)).len(), 4);
}
