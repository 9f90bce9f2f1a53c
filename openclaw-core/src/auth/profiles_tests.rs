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
