use secrecy::ExposeSecret;

use super::*;
use crate::auth::{ApiKeyCredential, Credential, OAuthCredential};
use crate::error::ErrorKind;

const STORE: &str = r#"{
  "version": 1,
  "custom": {
    "z": 1,
    "a": 2.50
  },
  "profiles": {
    "zeta:x": {
      "type": "api_key",
      "provider": "zeta",
      "key": "zeta-secret",
      "metadata": {
        "b": 1,
        "a": 2
      }
    },
    "bad": 7,
    "openai-codex:default": {
      "type": "oauth",
      "provider": "openai-codex",
      "access": "old-access",
      "refresh": "old-refresh",
      "expires": 1800000000000,
      "enterpriseUrl": "https://x"
    }
  },
  "order": {
    "OpenAI-Codex": [
      "openai-codex:default",
      "gone"
    ]
  },
  "lastGood": {
    "openai-codex": "openai-codex:default"
  },
  "usageStats": {
    "openai-codex:default": {
      "lastUsed": 1700000000000,
      "future": true
    }
  }
}
"#;

fn codex() -> ProviderId {
    ProviderId::new(ProviderId::CODEX)
}

fn read(text: &str) -> Profiles {
    Profiles::parse(text, None).unwrap()
}

fn text(profiles: &Profiles) -> String {
    profiles.to_text().expose_secret().to_owned()
}

#[test]
fn what_is_read_is_written_again_byte_for_byte() {
    assert_eq!(text(&read(STORE)), STORE);
}

#[test]
fn a_change_touches_nothing_else() {
    let mut profiles = read(STORE);
    let id = ProfileId::from("openai-codex:default");
    let mut profile = profiles.get(&id).unwrap().clone();
    let Credential::OAuth(oauth) = &mut profile.credential else { panic!() };
    *oauth = OAuthCredential {
        account_id: Some("acct".into()),
        expires: oauth.expires,
        ..OAuthCredential::new("new-access", Some("new-refresh".into()))
    };
    profiles.put(profile);
    let expected =
        STORE.replace("old-", "new-").replace("\"https://x\"", "\"https://x\",\n      \"accountId\": \"acct\"");
    assert_eq!(text(&profiles), expected);
}

#[test]
fn a_bad_entry_is_kept_and_noted() {
    let profiles = read(STORE);
    assert_eq!(profiles.iter().count(), 2);
    assert_eq!(profiles.ids().count(), 3);
    assert_eq!(profiles.note_lines(), ["entries that cannot be read are skipped: bad (not an object)"]);
    let all = format!("{profiles:?}");
    assert!(!all.contains("zeta-secret") && !all.contains("old-"), "{all}");
}

#[test]
fn what_is_removed_is_forgotten() {
    let mut profiles = read(STORE);
    assert!(profiles.remove(&"openai-codex:default".into()));
    assert!(!profiles.remove(&"openai-codex:default".into()));
    assert_eq!(profiles.order(&codex()), Some(vec!["gone".into()]));
    assert_eq!(profiles.last_good(&codex()), None);
    assert!(!text(&profiles).contains("openai-codex:default"));
}

#[test]
fn order_last_good_and_usage_are_set() {
    let mut profiles = Profiles::default();
    profiles.put(Profile::new("openai-codex:a", codex(), ApiKeyCredential::new("k")));
    let empty = text(&profiles);
    profiles.set_order(&codex(), Some(&["openai-codex:a".into()]));
    profiles.set_last_good(&codex(), Some(&"openai-codex:a".into()));
    profiles.set_usage(&"openai-codex:a".into(), &UsageStats { error_count: Some(2), ..UsageStats::default() });
    let again = read(&text(&profiles));
    assert_eq!(again.order(&codex()).unwrap(), ["openai-codex:a".into()]);
    assert_eq!(again.last_good(&codex()), Some("openai-codex:a".into()));
    assert_eq!(again.usage(&"openai-codex:a".into()).error_count, Some(2));
    profiles.set_order(&codex(), None);
    profiles.set_last_good(&codex(), None);
    profiles.set_usage(&"openai-codex:a".into(), &UsageStats::default());
    assert_eq!(text(&profiles), empty);
}

#[test]
fn the_state_file_of_later_versions_is_kept_apart() {
    let state = "{\n  \"version\": 1,\n  \"lastGood\": {\n    \"openai-codex\": \"x\"\n  }\n}\n";
    let mut profiles = Profiles::parse(STORE, Some(state)).unwrap();
    assert_eq!(profiles.last_good(&codex()), Some("x".into()));
    assert!(profiles.order(&codex()).is_some(), "what the state file lacks is taken from the older place");
    profiles.set_last_good(&codex(), Some(&"y".into()));
    assert_eq!(text(&profiles), STORE);
    assert_eq!(profiles.state_text().unwrap().expose_secret(), state.replace("\"x\"", "\"y\""));
}

#[test]
fn a_store_that_is_none_is_refused() {
    for text in ["", "[]", "{}", "{\"profiles\": []}", "{\"profiles\": {}", "{\"profiles\": {}} x"] {
        let error = Profiles::parse(text, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store, "{text}");
    }
}

#[test]
fn an_end_that_is_none_is_noted_and_the_tokens_own_end_counts() {
    use crate::testing::ForgedToken;
    use std::time::{Duration, UNIX_EPOCH};

    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    let access = ForgedToken::new("a").expires_at(at(1_800_000_000)).build();
    for (expires, end, noted) in [
        ("1790000000000", 1_790_000_000, false),
        ("1790000000", 1_790_000_000, false),
        ("1.79e12", 1_790_000_000, false),
        ("1000000000000", 1_000_000_000, false),
        ("null", 1_800_000_000, false),
        ("0", 1_800_000_000, true),
        ("-1", 1_800_000_000, true),
        ("9e15", 1_800_000_000, true),
        ("1e400", 1_800_000_000, true),
        ("\"soon\"", 1_800_000_000, true),
        ("[]", 1_800_000_000, true),
    ] {
        let entry = format!("{{\"type\":\"oauth\",\"provider\":\"p\",\"access\":\"{access}\",\"expires\":{expires}}}");
        let profiles = read(&format!("{{\"profiles\":{{\"x\":{entry}}}}}"));
        assert_eq!(profiles.get(&"x".into()).unwrap().expires_at(), Some(at(end)), "{expires}");
        assert_eq!(profiles.notes().len(), usize::from(noted), "{expires}");
        assert!(text(&profiles).contains(&format!("\"expires\":{expires}")), "{expires} is kept as it is");
    }
}

#[test]
fn a_key_is_changed_where_it_stands() {
    let store = "{\n  \"version\": 1,\n  \"profiles\": {},\n  \"order\": {\n    \"openai-codex\": [\n      \"a\"\n    ]\n  }\n}\n";
    let state = "{\n  \"version\": 1,\n  \"lastGood\": {\n    \"openai-codex\": \"a\"\n  }\n}\n";
    let mut profiles = Profiles::parse(store, Some(state)).unwrap();
    profiles.set_order(&codex(), Some(&["b".into()]));
    profiles.set_last_good(&codex(), Some(&"b".into()));
    assert_eq!(text(&profiles), store.replace("\"a\"", "\"b\""));
    assert_eq!(profiles.state_text().unwrap().expose_secret(), state.replace("\"a\"", "\"b\""));
    // What stands nowhere yet goes where later versions look for it.
    profiles.set_usage(&"a".into(), &UsageStats { error_count: Some(2), ..UsageStats::default() });
    assert!(!text(&profiles).contains("usageStats"));
    assert!(profiles.state_text().unwrap().expose_secret().contains("usageStats"));
    profiles.set_order(&codex(), None);
    assert!(!text(&profiles).contains("order"));
}

#[test]
fn a_known_field_of_another_type_is_kept() {
    let odd = [
        ("accountId", "77"),
        ("scope", "[\"a\"]"),
        ("displayName", "{\"en\":\"Me\"}"),
        ("email", "false"),
        ("clientId", "{}"),
        ("issuer", "[]"),
        ("idToken", "5"),
        ("earliestRefreshAt", "\"later\""),
    ];
    let fields: String = odd.iter().map(|(key, value)| format!(",\"{key}\":{value}")).collect();
    let entry = format!("{{\"type\":\"oauth\",\"provider\":\"p\",\"access\":\"one\",\"refresh\":\"r\"{fields}}}");
    let mut profiles = read(&format!("{{\"profiles\":{{\"x\":{entry}}}}}"));
    let mut profile = profiles.get(&"x".into()).unwrap().clone();
    // As a refresh does.
    let Credential::OAuth(oauth) = &mut profile.credential else { panic!() };
    oauth.access = "two".into();
    profiles.put(profile.clone());
    let after = text(&profiles);
    assert!(after.contains("\"two\""), "{after}");
    for (key, value) in odd {
        assert!(after.contains(&format!("\"{key}\": {value}")), "{key}: {after}");
    }
    // A value of ours takes their place, and can be taken away again.
    profile.email = Some("me@example.com".into());
    profiles.put(profile.clone());
    assert!(text(&profiles).contains("me@example.com"));
    profile.email = None;
    profiles.put(profile);
    assert!(!text(&profiles).contains("email"));
}

#[test]
fn what_is_remembered_is_what_stands_there() {
    let stats = |used: u64| UsageStats {
        last_used: std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(used)),
        ..UsageStats::default()
    };
    let later =
        r#"{"usageStats":{"zeta:x":{"errorCount":2,"cooldownUntil":"soon"},"odd":3},"order":{"zeta":["zeta:x"]}}"#;
    for state in [None, Some("{}"), Some(later)] {
        let mut profiles = Profiles::parse(STORE, state).unwrap();
        let names = ["zeta:x", "openai-codex:default", "new", "newer", "odd", "gone"].map(ProfileId::from);
        let steps: [&dyn Fn(&mut Profiles); 9] = [
            &|_| {},
            &|all| all.set_usage(&"new".into(), &stats(7)),
            &|all| all.set_usage(&"zeta:x".into(), &stats(8)),
            &|all| all.rename(&"openai-codex:default".into(), &"newer".into()),
            &|all| all.rename_references(&"zeta:x".into(), Some(&"new".into())),
            &|all| all.set_order(&codex(), Some(&["newer".into(), "new".into()])),
            &|all| assert!(all.remove(&"newer".into())),
            &|all| all.set_usage(&"new".into(), &UsageStats::default()),
            &|all| all.set_order(&codex(), None),
        ];
        for (number, step) in steps.iter().enumerate() {
            step(&mut profiles);
            let state = profiles.state_text();
            let again = Profiles::parse(&text(&profiles), state.as_ref().map(|text| text.expose_secret())).unwrap();
            for id in &names {
                assert_eq!(profiles.usage(id), again.usage(id), "{id}, step {number}, {state:?}");
            }
            for provider in [codex(), ProviderId::new("zeta")] {
                assert_eq!(profiles.order(&provider), again.order(&provider), "{provider}, step {number}");
            }
        }
    }
}

#[test]
fn what_is_read_for_a_choice_grows_with_the_store_and_not_with_its_square() {
    use crate::auth::{Environment, ProfileSettings, ProfileSummary, SharedRests, choose::Choice, profile_order};
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_777_000_000);
    let env = Environment::of::<&str, &str>([]);
    let read = |count: usize| {
        let ids: Vec<String> = (0..count).map(|number| format!("openai-codex:{number}")).collect();
        let entry = serde_json::json!({"type": "oauth", "provider": "openai-codex", "access": "a", "refresh": "r"});
        let usage = serde_json::json!({"lastUsed": 1_700_000_000_000_u64, "cooldownUntil": 1_777_000_060_000_u64});
        let each = |value: &Value| ids.iter().map(|id| (id.clone(), value.clone())).collect::<Value>();
        let store = serde_json::json!({"version": 1, "profiles": each(&entry), "usageStats": each(&usage),
            "order": {"openai-codex": ids}});
        let members = &crate::auth::fields::MEMBERS;
        members.set(0);
        let profiles = Profiles::parse(&store.to_string(), None).unwrap();
        let path = std::path::Path::new("auth-profiles.json");
        let choice = Choice { profiles: &profiles, path, env: &env };
        assert!(choice.choose(None, now, &mut Vec::new()).unwrap().is_some());
        let order = profile_order(&profiles, &codex(), "m", &ProfileSettings::default(), None, now);
        assert_eq!(order.resting.len(), count);
        let rests = SharedRests::all(&profiles, now);
        for profile in profiles.iter() {
            assert!(!ProfileSummary::among(profile, &rests, &env, true).last_good);
        }
        members.get()
    };
    let (few, many) = (read(30), read(300));
    assert!(many <= 11 * few, "{few} members are read for 30 logins, {many} for 300");
}
