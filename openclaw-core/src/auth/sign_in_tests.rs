use std::time::{Duration, UNIX_EPOCH};

use secrecy::ExposeSecret;

use super::*;
use crate::auth::{ApiKeyCredential, OAuthCredential, TokenCredential, UsageStats};
use crate::provider::ProviderId;
use crate::testing::ForgedToken;

fn codex() -> ProviderId {
    ProviderId::new(ProviderId::CODEX)
}

/// A login of this person in this account, told apart by its refresh token.
fn login(id: &str, account: &str, user: &str, refresh: &str) -> Profile {
    let access = ForgedToken::new(account).user_id(user).email(format!("{user}@example.com")).build();
    Profile::new(id, codex(), OAuthCredential::new(access, Some(refresh.into())))
}

/// A login whose token says nothing.
fn opaque(id: &str) -> Profile {
    Profile::new(id, codex(), OAuthCredential::new("opaque", Some("r".into())))
}

fn ids(profiles: &Profiles) -> Vec<&str> {
    profiles.ids().map(ProfileId::as_str).collect()
}

fn refresh_of(profiles: &Profiles, id: &str) -> String {
    match &profiles.get(&id.into()).unwrap().credential {
        Credential::OAuth(oauth) => oauth.refresh.as_ref().unwrap().expose_secret().to_owned(),
        _ => panic!(),
    }
}

#[test]
fn signing_in_again_leaves_one_profile() {
    let mut profiles = Profiles::default();
    for round in 0..100 {
        profiles.sign_in(login("openai-codex:me@example.com", "a", "me", &format!("r{round}")));
    }
    assert_eq!(ids(&profiles), ["openai-codex:me@example.com"]);
    assert_eq!(refresh_of(&profiles, "openai-codex:me@example.com"), "r99");
}

#[test]
fn a_stale_default_of_the_same_person_is_retired() {
    let mut profiles = Profiles::default();
    profiles.put(login("openai-codex:default", "a", "me", "old"));
    profiles.put(login("openai-codex:you@example.com", "a", "you", "yours"));
    profiles.set_order(&codex(), Some(&["openai-codex:default".into(), "openai-codex:you@example.com".into()]));
    profiles.set_last_good(&codex(), Some(&"openai-codex:default".into()));
    let usage = UsageStats {
        last_used: Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000)),
        disabled_until: Some(UNIX_EPOCH + Duration::from_secs(1_900_000_000)),
        disabled_reason: Some("auth_permanent".into()),
        ..UsageStats::default()
    };
    profiles.set_usage(&"openai-codex:default".into(), &usage);
    let done = profiles.sign_in(login("openai-codex:me@example.com", "a", "me", "new"));
    assert_eq!(done.retired, ["openai-codex:default".into()]);
    assert_eq!(done.kept, ["openai-codex:you@example.com".into()], "a member of the same Team");
    assert_eq!(ids(&profiles), ["openai-codex:me@example.com", "openai-codex:you@example.com"]);
    let order = profiles.order(&codex()).unwrap();
    assert_eq!(order, ["openai-codex:me@example.com".into(), "openai-codex:you@example.com".into()]);
    assert_eq!(profiles.last_good(&codex()), Some("openai-codex:me@example.com".into()));
    let usage = profiles.usage(&"openai-codex:me@example.com".into());
    assert!(usage.last_used.is_some() && usage.disabled_until.is_none(), "{usage:?}");
}

#[test]
fn others_stay() {
    let mut profiles = Profiles::default();
    profiles.put(opaque("openai-codex:old"));
    profiles.put(login("openai-codex:me@example.com", "b", "me", "other workspace"));
    profiles.put(Profile::new("openai-codex:key", codex(), ApiKeyCredential::new("k")));
    let pasted = ForgedToken::new("a").user_id("me").email("me@example.com").build();
    profiles.put(Profile::new("openai-codex:manual", codex(), TokenCredential::new(&*pasted)));
    let done = profiles.sign_in(login("openai-codex:me@example.com", "a", "me", "new"));
    assert_eq!(done.id, Some("openai-codex:me@example.com-2".into()), "the name is taken by another account's login");
    assert_eq!(done.unknown, ["openai-codex:old".into()], "it is said");
    assert_eq!(profiles.iter().count(), 5);
    assert_eq!(profiles.sign_in(opaque("openai-codex:old")).id, Some("openai-codex:old".into()));
    assert_eq!(profiles.iter().count(), 5);
}

/// A login that says these things, and has tokens of its own.
fn knows(id: &str, account: Option<&str>, user: Option<&str>, email: Option<&str>) -> Profile {
    let mut oauth = OAuthCredential::new(format!("opaque-{id}"), Some(format!("refresh-{id}").into()));
    oauth.account_id = account.map(str::to_owned);
    if let Some(user) = user {
        oauth.id_token = Some(format!("e30.{}.x", user_claim(user)).into());
    }
    Profile { email: email.map(str::to_owned), ..Profile::new(id, codex(), oauth) }
}

fn user_claim(user: &str) -> String {
    use base64::Engine as _;
    let claims = serde_json::json!({"https://api.openai.com/auth": {"chatgpt_user_id": user}});
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims.to_string())
}

#[test]
fn what_fits_two_logins_that_differ_is_merged_with_neither() {
    let me = Some("me@example.com");
    let two = || {
        let mut profiles = Profiles::default();
        profiles.put(knows("a", Some("acct-a"), None, me));
        profiles.put(knows("b", Some("acct-b"), None, me));
        profiles
    };
    // One that names no account, signed in.
    let mut profiles = two();
    let done = profiles.sign_in(knows("c", None, None, me));
    assert_eq!((done.replaced.len(), done.unknown.len()), (0, 2), "{done:?}");
    assert_eq!(ids(&profiles), ["a", "b", "c"]);
    // The same, found by a repair, again and again.
    for _ in 0..2 {
        let repaired = profiles.repair();
        assert_eq!(repaired.len(), 1, "{repaired:?}");
        assert_eq!(repaired[0].id, Some("c".into()));
        assert_eq!((&repaired[0].replaced[..], &repaired[0].unknown[..]), (&[][..], &["a".into(), "b".into()][..]));
        assert_eq!(ids(&profiles), ["a", "b", "c"]);
    }
    // A new login of one of the two takes the place of that one, and not of the one that fits both.
    let done = profiles.sign_in(knows("b", Some("acct-b"), None, me));
    assert_eq!((done.replaced, done.unknown), (vec!["b".into()], vec!["c".into()]));
    // By the person as well: an e-mail address that two users have.
    let mut profiles = Profiles::default();
    profiles.put(knows("u", None, Some("u"), me));
    profiles.put(knows("v", None, Some("v"), me));
    profiles.put(knows("old", None, None, me));
    assert_eq!(profiles.repair().len(), 1);
    assert_eq!(ids(&profiles), ["u", "v", "old"]);
}

#[test]
fn logins_that_nothing_tells_apart_both_stay() {
    let mut profiles = Profiles::default();
    profiles.put(Profile::new("openai-codex:default", codex(), OAuthCredential::new("one", Some("r1".into()))));
    let new = Profile::new("openai-codex:default", codex(), OAuthCredential::new("two", Some("r2".into())));
    let done = profiles.sign_in(new.clone());
    assert_eq!(done.id, Some("openai-codex:default-2".into()));
    assert_eq!(done.unknown, ["openai-codex:default".into()], "it is said");
    assert_eq!(refresh_of(&profiles, "openai-codex:default"), "r1");
    // The same tokens are the same login.
    profiles.sign_in(new);
    assert_eq!(ids(&profiles), ["openai-codex:default", "openai-codex:default-2"]);
}

#[test]
fn a_shared_plan_takes_no_other_logins_place() {
    let openai = || ProviderId::new("openai");
    let login = |refresh: &str, scope: Option<&str>| {
        let access = ForgedToken::new("a").user_id("me").email("me@example.com").build();
        let mut oauth = OAuthCredential::new(access, Some(refresh.into()));
        oauth.scope = scope.map(str::to_owned);
        Profile::new("openai:me@example.com", openai(), oauth)
    };
    let shared = Some("openid chatgpt.tokens.use.direct");
    let mut profiles = Profiles::default();
    profiles.put(login("of the Codex client", None));
    let done = profiles.sign_in(login("shared", shared));
    assert_eq!((done.id.unwrap().as_str(), done.kept.len()), ("openai:me@example.com-2", 1));
    assert!(profiles.repair().is_empty());
    profiles.sign_in(login("shared again", shared));
    assert_eq!(profiles.iter().count(), 2);
    assert_eq!(refresh_of(&profiles, "openai:me@example.com"), "of the Codex client");
    assert_eq!(refresh_of(&profiles, "openai:me@example.com-2"), "shared again");
}

#[test]
fn doubles_are_merged() {
    let mut profiles = Profiles::default();
    let mut old = login("openai-codex:default", "a", "me", "old");
    let Credential::OAuth(oauth) = &mut old.credential else { panic!() };
    oauth.expires = Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    profiles.put(old);
    profiles.put(login("openai-codex:me@example.com", "a", "me", "new"));
    profiles.put(login("openai-codex:you@example.com", "a", "you", "yours"));
    let repaired = profiles.repair();
    assert_eq!(repaired.len(), 1);
    assert_eq!(repaired[0].retired, ["openai-codex:default".into()]);
    assert_eq!(refresh_of(&profiles, "openai-codex:me@example.com"), "new");
    assert_eq!(profiles.iter().count(), 2);
    assert!(profiles.repair().is_empty());
}

#[test]
fn the_better_default_gets_the_better_name() {
    let mut profiles = Profiles::default();
    profiles.put(login("openai-codex:default", "a", "me", "new"));
    let access = ForgedToken::new("a").user_id("me").email("me@example.com").build();
    profiles.put(Profile::new("openai-codex:x", codex(), OAuthCredential::new(access, None)));
    profiles.repair();
    assert_eq!(ids(&profiles), ["openai-codex:me@example.com"]);
    assert_eq!(refresh_of(&profiles, "openai-codex:me@example.com"), "new");
}

#[test]
fn the_configuration_gets_no_credential_and_stays_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openclaw.json");
    let before = "{\n  // mine\n  auth: {\n    profiles: { \"openai-codex:default\": { provider: \"openai-codex\", mode: \"oauth\" } },\n    order: { \"openai-codex\": [\"openai-codex:default\", \"x\"] },\n  },\n}\n";
    std::fs::write(&path, before).unwrap();
    let mut profile = login("openai-codex:me@example.com", "a", "me", "known-refresh-token");
    profile.email = Some("me@example.com".into());
    let options = Options::default();
    let record = || record_in_config(&path, &options, &profile, &["openai-codex:default".into()]).unwrap();
    assert_eq!(record().len(), 1);
    let text = std::fs::read_to_string(&path).unwrap();
    for part in ["// mine", "\"openai-codex:me@example.com\"", "email", "oauth"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("openai-codex:default") && !text.contains("known-refresh-token"), "{text}");
    for _ in 0..10 {
        assert!(record().is_empty());
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[cfg(unix)]
#[tokio::test]
async fn two_at_once_a_hundred_times_leave_one_profile() {
    use crate::auth::{CredentialStore, Environment, FileStore};

    let folder = tempfile::tempdir().unwrap();
    let env = Environment::of([("OPENCLAW_STATE_DIR", folder.path())]);
    let config = folder.path().join("openclaw.json");
    let options = Options::default();
    let sign_in = |name: &'static str| {
        let (store, config, options) = (FileStore::of_agent(None, &env).unwrap(), config.clone(), options.clone());
        tokio::spawn(async move {
            for round in 0..50 {
                let login = login("openai-codex:me@example.com", "a", "me", &format!("{name}-{round}"));
                let login = Profile { email: Some("me@example.com".into()), ..login };
                let mut retired = Vec::new();
                let mut put = |profiles: &mut Profiles| {
                    retired = profiles.sign_in(login.clone()).retired;
                    Ok(())
                };
                store.update(&mut put).await.unwrap();
                record_in_config(&config, &options, &login, &retired).unwrap();
            }
        })
    };
    let (one, two) = (sign_in("one"), sign_in("two"));
    one.await.unwrap();
    let text = std::fs::read(&config).unwrap();
    two.await.unwrap();
    assert_eq!(std::fs::read(&config).unwrap(), text);
    let profiles = FileStore::of_agent(None, &env).unwrap().load().await.unwrap();
    assert_eq!(ids(&profiles), ["openai-codex:me@example.com"]);
    assert!(refresh_of(&profiles, "openai-codex:me@example.com").ends_with("-49"));
}
