use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::error::ErrorKind;

const NOW: u64 = 1_800_000_000;
const SECRET: &str = "tok-very-secret";

/// A home folder with nothing in it but what a test puts there.
struct Home(TempDir, Vec<(String, String)>);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap(), Vec::new())
    }

    fn var(mut self, name: &str, value: &str) -> Self {
        self.1.push((name.into(), value.into()));
        self
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        self
    }

    fn store(self, store: &Value) -> Self {
        self.file(".openclaw/agents/main/agent/auth-profiles.json", store.to_string())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn query(&self) -> LoginQuery {
        let home = ("HOME".to_owned(), self.0.path().display().to_string());
        LoginQuery {
            env: Environment::of(self.1.iter().cloned().chain([home])),
            now: Some(UNIX_EPOCH + Duration::from_secs(NOW)),
            ..LoginQuery::default()
        }
    }

    fn search(&self) -> LoginSearch {
        find_login(&self.query()).unwrap()
    }

    fn login(&self) -> FoundLogin {
        self.search().login.unwrap()
    }

    fn error(&self) -> String {
        fault(&self.query())
    }
}

fn fault(query: &LoginQuery) -> String {
    let error = find_login(query).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error}");
    let all = format!("{error} {error:?}");
    assert!(!all.contains(SECRET), "{all}");
    error.message().to_owned()
}

fn jwt(claims: &Value) -> String {
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn plan_token(exp: u64) -> String {
    jwt(&json!({
        "exp": exp,
        "https://api.openai.com/auth": {"chatgpt_account_id": "acct-claim", "chatgpt_plan_type": "plus"},
        "https://api.openai.com/profile": {"email": "me@example.com"},
    }))
}

fn oauth(access: &str, expires: impl Into<Value>) -> Value {
    json!({"type": "oauth", "provider": "openai-codex", "access": access, "refresh": SECRET, "expires": expires.into()})
}

fn profiles(profiles: Value) -> Value {
    json!({"version": 1, "profiles": profiles})
}

#[test]
fn the_places_are_looked_at_in_order() {
    let ms = (NOW + 3600) * 1000;
    let home = Home::new()
        .var("OPENAI_API_KEY", " sk-env\n")
        .file(".codex/auth.json", json!({"OPENAI_API_KEY": "sk-codex"}).to_string())
        .store(&profiles(json!({"openai-codex:default": oauth(&plan_token(NOW + 3600), ms)})));
    let login = home.login();
    assert_eq!(login.kind, LoginKind::ChatGpt);
    assert_eq!(login.profile.as_deref(), Some("openai-codex:default"));
    assert_eq!(login.token.profile.as_deref(), Some("openai-codex:default"));
    assert_eq!(login.token.account_id.as_deref(), Some("acct-claim"));
    assert_eq!((login.email.as_deref(), login.plan_type.as_deref()), (Some("me@example.com"), Some("plus")));
    assert!(!login.expired);

    fs::remove_dir_all(home.path(".openclaw")).unwrap();
    let login = home.login();
    assert_eq!((login.kind, login.token.secret.expose_secret()), (LoginKind::ApiKey, "sk-codex"));

    fs::remove_dir_all(home.path(".codex")).unwrap();
    let search = home.search();
    let login = search.login.unwrap();
    assert_eq!((login.source.as_str(), login.token.secret.expose_secret()), ("OPENAI_API_KEY", "sk-env"));
    assert_eq!(search.looked.len(), 3);
    assert!(Home::new().search().login.is_none());
}

#[test]
fn variables_move_the_folders() {
    let home = Home::new().var("OPENCLAW_STATE_DIR", "~/claw-state").var("CODEX_HOME", "").file(
        "claw-state/agents/work/agent/auth-profiles.json",
        profiles(json!({"a": oauth(&plan_token(NOW + 9), Value::Null)})).to_string(),
    );
    assert!(home.search().login.is_none());
    let query = LoginQuery { agent: Some("work".into()), ..home.query() };
    assert!(find_login(&query).unwrap().login.is_some());
    let query = LoginQuery { agent: Some("play".into()), ..home.query() };
    assert!(fault(&query).contains("there is: work"));
    let query = LoginQuery { agent: Some("../work".into()), ..home.query() };
    assert_eq!(find_login(&query).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn an_agent_without_a_login_uses_that_of_main() {
    let home = Home::new()
        .store(&profiles(json!({"a": oauth(&plan_token(NOW + 9), Value::Null)})))
        .file(".openclaw/agents/work/agent/auth-profiles.json", profiles(json!({})).to_string());
    for profile in [None, Some("a".to_owned())] {
        let query = LoginQuery { agent: Some("work".into()), profile, ..home.query() };
        let search = find_login(&query).unwrap();
        assert!(search.login.is_some());
        assert!(search.notes.iter().any(|note| note.contains("agent work has no login of its own")), "{search:?}");
    }
}

#[test]
fn an_expired_login_is_found_and_said_to_be_expired() {
    for (expires, exp, expired) in [
        (json!((NOW - 1) * 1000), NOW + 99, true),
        (json!((NOW + 1) * 1000), NOW + 99, false),
        (json!(NOW - 1), NOW + 99, true),
        (json!(NOW + 1), NOW + 99, false),
        (json!("soon"), NOW + 99, false),
        (json!(-5), NOW, true),
        (json!(1e300), NOW + 1, false),
        (Value::Null, NOW - 1, true),
    ] {
        let home = Home::new()
            .var("OPENAI_API_KEY", "sk-billed")
            .store(&profiles(json!({"a": oauth(&plan_token(exp), expires.clone())})));
        let login = home.login();
        assert_eq!((login.kind, login.expired), (LoginKind::ChatGpt, expired), "{expires} {exp}");
    }
}

#[test]
fn the_first_usable_profile_is_chosen() {
    let good = plan_token(NOW + 99);
    let all = json!({
        "anthropic:x": {"type": "api_key", "provider": "anthropic", "key": SECRET},
        "key": {"type": "api_key", "provider": "openai", "key": "sk-1"},
        "old": oauth(&plan_token(NOW - 1), Value::Null),
        "static": {"type": "token", "provider": "openai-codex", "token": good},
        "tired": oauth(&good, Value::Null),
        "fresh": oauth(&good, Value::Null),
    });
    let chosen = |extra: Value| {
        let mut store = profiles(all.clone());
        store.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        Home::new().store(&store).login().profile.unwrap()
    };
    let later = (NOW + 60) * 1000;
    assert_eq!(chosen(json!({"usageStats": {"tired": {"cooldownUntil": later}}})), "fresh");
    assert_eq!(chosen(json!({"usageStats": {"fresh": {"lastUsed": 1_700_000_000_000_u64}}})), "tired");
    assert_eq!(chosen(json!({"lastGood": {"openai-codex": "tired"}})), "tired");
    assert_eq!(chosen(json!({"order": {"OpenAI-Codex": ["old", "static", "tired"]}})), "static");
    assert_eq!(chosen(json!({"order": {"openai-codex": ["gone"]}, "usageStats": "odd"})), "fresh");
    let both = json!({"tired": {"disabledUntil": later}, "fresh": {"cooldownUntil": later}});
    assert_eq!(chosen(json!({"usageStats": both})), "static");
    assert_eq!(chosen(json!({"order": {"openai-codex": ["old"]}})), "old", "a plan is not left for a billed key");
}

#[test]
fn the_state_file_of_later_versions_goes_first() {
    let good = plan_token(NOW + 99);
    let mut store = profiles(json!({"a": oauth(&good, Value::Null), "b": oauth(&good, Value::Null)}));
    store["order"] = json!({"openai-codex": ["a"]});
    let home = Home::new()
        .store(&store)
        .file(".openclaw/agents/main/agent/auth-state.json", json!({"order": {"openai-codex": ["b"]}}).to_string());
    assert_eq!(home.login().profile.as_deref(), Some("b"));
    let home = home.file(".openclaw/agents/main/agent/auth-state.json", "{");
    let search = home.search();
    assert_eq!(search.login.unwrap().profile.as_deref(), Some("a"));
    assert!(search.notes[0].contains("auth-state.json"), "{:?}", search.notes);
}

#[test]
fn bad_entries_are_skipped_and_noted() {
    let home = Home::new().store(&profiles(json!({
        "a": SECRET, "b": {"type": SECRET, "provider": "openai"}, "c": {"type": "oauth"}, "d": null,
        "e": {"mode": "api_key", "provider": " OpenAI ", "apiKey": " sk-1 "},
        "f": {"type": "oauth", "provider": "openai-codex"},
    })));
    let search = home.search();
    assert_eq!(search.login.as_ref().unwrap().token.secret.expose_secret(), "sk-1");
    let all = format!("{search:?}");
    for part in ["a (not an object)", "b (type", "c (provider is missing)", "profile f is skipped: access is missing"] {
        assert!(all.contains(part), "{part} is not in {all}");
    }
    assert!(!all.contains(SECRET) && !all.contains("sk-1"), "{all}");
}

#[test]
fn references_are_resolved_through_the_environment() {
    let entry = |key: &str, value: Value| json!({"type": "api_key", "provider": "openai", key: value});
    let env = |id: &str| json!({"source": "env", "provider": "default", "id": id});
    for (entry, note) in [
        (entry("keyRef", env("MY_KEY")), None),
        (entry("key", env("MY_KEY")), None),
        (entry("keyRef", env("NO_KEY")), Some("the variable NO_KEY that keyRef names is not set")),
        (entry("keyRef", json!({"source": "exec", "id": "op"})), Some("source \"exec\"")),
        (entry("keyRef", json!({"source": SECRET})), Some("unknown source")),
        (entry("key", json!(7)), Some("neither key nor keyRef is set")),
    ] {
        let home = Home::new().var("MY_KEY", "sk-ref").store(&profiles(json!({"p": entry})));
        let search = home.search();
        match note {
            None => assert_eq!(search.login.unwrap().token.secret.expose_secret(), "sk-ref"),
            Some(note) => {
                assert!(search.login.is_none());
                assert!(search.notes[0].contains(note), "{:?}", search.notes);
            }
        }
        let query = LoginQuery { profile: Some("p".into()), ..home.query() };
        assert_eq!(find_login(&query).is_ok(), note.is_none());
    }
}

#[test]
fn a_profile_that_is_asked_for_must_be_there() {
    let home = Home::new().var("OPENAI_API_KEY", "sk-1").store(&profiles(json!({
        "a": oauth(&plan_token(NOW), Value::Null), "x": {"type": "token", "provider": "other", "token": SECRET},
    })));
    let ask = |home: &Home, profile: &str| fault(&LoginQuery { profile: Some(profile.into()), ..home.query() });
    assert!(ask(&home, "b").contains("its profiles: a, x"));
    assert!(ask(&home, "x").contains("provider \"other\""));
    assert!(ask(&Home::new().var("OPENAI_API_KEY", "sk-1"), "b").contains("there is no profile store"));
}

#[test]
fn the_file_of_the_codex_command_line_is_read() {
    let id_token = jwt(&json!({"email": "id@example.com"}));
    let bare = jwt(&json!({"exp": NOW - 1}));
    let tokens =
        json!({"access_token": bare, "refresh_token": SECRET, "id_token": id_token, "account_id": "acct-file"});
    for auth in [
        json!({"auth_mode": "chatgpt", "OPENAI_API_KEY": null, "tokens": tokens}),
        json!({"OPENAI_API_KEY": "sk-1", "tokens": tokens}),
        json!({"auth_mode": "new_mode", "tokens": tokens}),
    ] {
        let login = Home::new().file(".codex/auth.json", auth.to_string()).login();
        assert_eq!((login.kind, login.expired), (LoginKind::ChatGpt, true));
        assert_eq!(login.token.account_id.as_deref(), Some("acct-file"));
        assert_eq!(login.email.as_deref(), Some("id@example.com"));
    }
    for auth in
        [json!({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-1", "tokens": tokens}), json!({"OPENAI_API_KEY": "sk-1"})]
    {
        let login = Home::new().var("CODEX_HOME", "/nowhere").file("auth.json", auth.to_string());
        let query = LoginQuery { profile_file: Some(login.path("auth.json")), ..login.query() };
        assert_eq!(find_login(&query).unwrap().login.unwrap().kind, LoginKind::ApiKey);
    }
    for (auth, says) in [
        (json!({}), "neither tokens.access_token nor OPENAI_API_KEY"),
        (json!({"auth_mode": "apikey", "tokens": tokens}), "neither tokens.access_token nor OPENAI_API_KEY"),
        (json!({"auth_mode": "chatgpt", "OPENAI_API_KEY": "sk-1"}), "tokens.access_token"),
        (json!({"tokens": {"access_token": 7}}), "tokens.access_token"),
        (json!({"auth_mode": "personalAccessToken", "personal_access_token": SECRET}), "auth_mode"),
    ] {
        assert!(Home::new().file(".codex/auth.json", auth.to_string()).error().contains(says), "{auth}");
    }
}

#[test]
fn a_newer_store_is_named() {
    for path in [".openclaw/agents/main/agent/openclaw-agent.sqlite", ".openclaw/state/openclaw.sqlite"] {
        let home = Home::new().var("OPENAI_API_KEY", "sk-1").file(path, "SQLite format 3\0");
        let says = home.error();
        assert!(says.contains(path) && says.contains("--profile-file"), "{says}");
        let query = LoginQuery { profile_file: Some(home.path(path)), ..home.query() };
        assert!(fault(&query).contains("newer OpenClaw"));
        let home = home.store(&profiles(json!({"a": oauth(&plan_token(NOW), Value::Null)})));
        let search = home.search();
        assert!(search.login.is_some() && search.notes[0].contains("may be out of date"));
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let named = |content: &[u8]| {
        let home = Home::new().file("login.json", content);
        fault(&LoginQuery { profile_file: Some(home.path("login.json")), ..home.query() })
    };
    let broken = format!("{{\n  \"profiles\": {{\"a\": \"{SECRET}\" \"b\"}}\n}}");
    assert!(named(broken.as_bytes()).contains("line 2 column"));
    assert!(named(b"").contains("is empty"));
    assert!(named(b"\xef\xbb\xbf \n").contains("is empty"));
    assert!(named(b"{\"profiles\": \"\xff\"}").contains("not UTF-8 at byte 14"));
    assert!(named(b"\xff\xfe{\0").contains("UTF-16"));
    assert!(named(b"[]").contains("not an object"));
    assert!(named(b"{\"profiles\": []}").contains("the key \"profiles\" must be an object"));
    assert!(named(b"{\"openai\": {}}").contains("neither the key \"profiles\""));
    assert!(named(b"{\"profiles\": {}}").contains("its profiles none"));
    assert!(named(&vec![b' '; 16 * 1024 * 1024 + 1]).contains("16 MiB"));
    assert!(named("[".repeat(200).as_bytes()).contains("not valid JSON"));

    let home = Home::new();
    let at = |path: PathBuf| fault(&LoginQuery { profile_file: Some(path), ..home.query() });
    assert!(at(home.path("none.json")).contains("does not exist"));
    assert!(at(home.path("")).contains("is a folder"));
    let home = Home::new().file(".codex/auth.json", "\u{feff}{\"OPENAI_API_KEY\":\"sk-1\"}");
    assert_eq!(home.login().kind, LoginKind::ApiKey);
}

#[cfg(unix)]
#[test]
fn a_loose_file_mode_is_noted() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new().file(".codex/auth.json", "{\"OPENAI_API_KEY\":\"sk-1\"}");
    assert_eq!(home.search().notes, [""; 0]);
    fs::set_permissions(home.path(".codex/auth.json"), fs::Permissions::from_mode(0o644)).unwrap();
    let search = home.search();
    assert!(search.login.is_some() && search.notes[0].contains("chmod 600"), "{:?}", search.notes);
}
