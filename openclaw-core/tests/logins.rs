//! Stored logins and sign-ins for hosts, proven without a binding.
#![cfg(feature = "embed")]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use openclaw_core::auth::ProfileState;
use openclaw_core::embed::{
    LoginSettings, Logins, OnceHandle, SignInEvent, SignInHandle, SignInSettings, profile_ids_from_json,
};
use openclaw_core::testing::{ForgedToken, IssuerFault, TestServer};
use openclaw_core::{Advice, Error, ErrorKind, ProviderId, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

const SAM: &str = "openai-codex:sam@example.test";

/// A folder of OpenClaw with a store and a configuration, and a login server.
struct World {
    folder: TempDir,
    server: TestServer,
}

impl World {
    fn new() -> Self {
        let server = TestServer::start_blocking().unwrap();
        server.set_device_interval(Duration::from_secs(1));
        Self { folder: TempDir::new().unwrap(), server }
    }

    fn logins(&self, more: &str) -> Logins {
        let (folder, issuer) = (self.folder.path().display(), self.server.issuer_url());
        let text = format!(r#"{{"store":"{folder}","issuer":"{issuer}","application":"test-app/1.0"{more}}}"#);
        Logins::new(LoginSettings::from_json(&text).unwrap()).unwrap()
    }

    fn store(&self) -> std::path::PathBuf {
        self.folder.path().join("agents/main/agent/auth-profiles.json")
    }

    fn put(&self, store: &Value) {
        std::fs::create_dir_all(self.store().parent().unwrap()).unwrap();
        std::fs::write(self.store(), store.to_string()).unwrap();
    }

    fn stored(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.store()).unwrap()).unwrap()
    }

    /// A login of this person, whose token ended and can be renewed here.
    fn ended(&self, person: &ForgedToken) -> Value {
        let issued = self.server.issue_tokens(person);
        let access = person.clone().expired_for(Duration::from_secs(7200)).build();
        json!({"type": "oauth", "provider": "openai-codex", "access": access, "refresh": issued.refresh_token,
            "expires": 1_700_000_000_000_u64, "issuer": self.server.issuer_url()})
    }
}

fn sam() -> ForgedToken {
    ForgedToken::new("acct").user_id("sam").email("sam@example.test")
}

fn got<T: Send + 'static>(handle: Result<OnceHandle<T>>) -> Result<T> {
    handle?.blocking_take(Some(Duration::from_secs(30))).expect("an answer in time")
}

fn settings(text: &str) -> SignInSettings {
    SignInSettings::from_json(text).unwrap()
}

/// The next step that is not just told.
fn next(sign_in: &SignInHandle) -> Result<SignInEvent> {
    loop {
        match got(sign_in.next())? {
            SignInEvent::Progress { .. } => {}
            step => return Ok(step),
        }
    }
}

fn url_of(sign_in: &SignInHandle) -> String {
    match next(sign_in).unwrap() {
        SignInEvent::OpenUrl { url } => url,
        other => panic!("{other:?}"),
    }
}

/// What a browser gets at an address of this machine.
fn visit(url: &str) -> String {
    let (address, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /{target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn port_of(url: &str) -> u16 {
    let callback = url.split("redirect_uri=http%3A%2F%2Flocalhost%3A").nth(1).unwrap();
    callback.split('%').next().unwrap().parse().unwrap()
}

#[test]
fn a_person_signs_in_by_a_browser_in_both_modes() {
    for more in ["", r#","inline":true"#] {
        let world = World::new();
        std::fs::write(world.folder.path().join("openclaw.json"), "{ /* mine */ }\n").unwrap();
        let logins = world.logins(more);
        let sign_in = logins.sign_in(settings(r#"{"callback_ports":[0]}"#)).unwrap();
        let url = url_of(&sign_in);
        let back = world.server.decide_sign_in(&url, true).unwrap();
        let browser = std::thread::spawn(move || visit(&back));
        let SignInEvent::Done(done) = next(&sign_in).unwrap() else { panic!("not done") };
        assert!(browser.join().unwrap().contains("Signed in"), "{more}");
        assert_eq!((done.profile.id.as_str(), done.profile.state), (SAM, ProfileState::Usable));
        assert_eq!(done.written, [world.folder.path().join("openclaw.json")]);
        assert!(matches!(next(&sign_in), Ok(SignInEvent::Done(_))), "the last step comes again");
        sign_in.cancel();
        assert!(matches!(next(&sign_in), Ok(SignInEvent::Done(_))), "it is too late to cancel");
        assert!(world.stored()["profiles"][SAM]["refresh"].as_str().unwrap().starts_with("rt_"));
        assert!(TcpStream::connect(("127.0.0.1", port_of(&url))).is_err(), "the port is free");
        // Nothing secret in what a host can print.
        let shown = format!("{done:?} {sign_in:?} {logins:?} {}", serde_json::to_string(&done).unwrap());
        for secret in ["access", "refresh", "id_token", "idToken"] {
            let secret = world.stored()["profiles"][SAM][secret].as_str().unwrap_or("none at all").to_owned();
            assert!(!shown.contains(&secret), "{shown}");
        }
        let config = std::fs::read_to_string(world.folder.path().join("openclaw.json")).unwrap();
        assert!(config.contains("/* mine */") && config.contains(SAM), "{config}");
    }
}

#[test]
fn a_person_pastes_and_is_told_what_was_wrong() {
    for more in ["", r#","inline":true"#] {
        let world = World::new();
        let sign_in = world.logins(more).sign_in(settings(r#"{"method":"paste"}"#)).unwrap();
        let url = url_of(&sign_in);
        assert!(matches!(next(&sign_in).unwrap(), SignInEvent::Ask { wrong: None }));
        sign_in.answer("something else?");
        let SignInEvent::Ask { wrong: Some(wrong) } = next(&sign_in).unwrap() else { panic!() };
        assert!(wrong.contains("no answer of the sign-in page"), "{wrong}");
        sign_in.answer(world.server.decide_sign_in(&url, true).unwrap());
        assert!(matches!(next(&sign_in).unwrap(), SignInEvent::Done(_)));
    }
}

#[test]
fn a_person_types_a_code() {
    let world = World::new();
    let sign_in = world.logins("").sign_in(settings(r#"{"method":"device"}"#)).unwrap();
    let SignInEvent::ShowCode { url, code, valid_for } = next(&sign_in).unwrap() else { panic!() };
    assert_eq!((url, valid_for), (format!("{}/codex/device", world.server.issuer_url()), 900));
    assert!(world.server.decide_device(&code, true));
    assert!(matches!(next(&sign_in).unwrap(), SignInEvent::Done(_)));
}

#[test]
fn a_plan_is_shared_under_the_name_of_the_host() {
    let world = World::new();
    let ask = r#"{"provider":"openai","ask":true}"#;
    let sign_in = world.logins("").sign_in(settings(ask)).unwrap();
    let url = url_of(&sign_in);
    assert!(url.contains("agent_name_hint=test-app"), "{url}");
    assert!(matches!(next(&sign_in).unwrap(), SignInEvent::Ask { .. }), "a browser's sign-in takes a paste too");
    sign_in.answer(world.server.decide_sign_in(&url, true).unwrap());
    let SignInEvent::Done(done) = next(&sign_in).unwrap() else { panic!() };
    assert_eq!(done.profile.provider.as_str(), ProviderId::OPENAI);
    assert!(world.store().with_file_name("chatgpt-host-id").is_file());
    let removed = got(world.logins("").sign_out(None)).unwrap();
    assert!(removed.revoked, "{removed:?}");
}

#[test]
fn a_cancel_is_done_when_it_returns() {
    for more in ["", r#","inline":true"#] {
        let world = World::new();
        let logins = world.logins(more);
        let sign_in = logins.sign_in(settings(r#"{"callback_ports":[0]}"#)).unwrap();
        let port = port_of(&url_of(&sign_in));
        if more.is_empty() {
            // A thread that waits is told.
            let waiting = sign_in.clone();
            let waits = std::thread::spawn(move || next(&waiting));
            std::thread::sleep(Duration::from_millis(50));
            sign_in.cancel();
            assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the port is free at once");
            assert_eq!(waits.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        }
        sign_in.cancel();
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the port is free at once");
        for _ in 0..2 {
            assert_eq!(next(&sign_in).unwrap_err().kind(), ErrorKind::Cancelled);
        }
        sign_in.answer("too late");
        // Letting it go does the same.
        let sign_in = logins.sign_in(settings(r#"{"callback_ports":[0]}"#)).unwrap();
        let port = port_of(&url_of(&sign_in));
        drop(sign_in);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the port is free at once");
        assert!(!world.store().exists());
    }
}

#[test]
fn what_ends_a_sign_in_is_told_every_time() {
    let world = World::new();
    let logins = world.logins("");
    let ended = |text: &str, decide: &dyn Fn(&SignInHandle)| -> Error {
        let sign_in = logins.sign_in(settings(text)).unwrap();
        decide(&sign_in);
        let first = next(&sign_in).unwrap_err();
        assert_eq!(next(&sign_in).unwrap_err().message(), first.message());
        first
    };
    let late = ended(r#"{"callback_ports":[0],"timeout_ms":30}"#, &|sign_in| drop(url_of(sign_in)));
    assert_eq!((late.kind(), late.advice()), (ErrorKind::Timeout, Advice::SignIn));
    assert!(late.message().contains("within 0 s"), "{late}");
    let late = ended(r#"{"method":"device","timeout_ms":30}"#, &|sign_in| drop(next(sign_in)));
    assert_eq!(late.kind(), ErrorKind::Timeout);
    let denied = ended(r#"{"method":"paste"}"#, &|sign_in| {
        let url = url_of(sign_in);
        drop(next(sign_in));
        sign_in.answer(world.server.decide_sign_in(&url, false).unwrap());
    });
    assert_eq!(denied.kind(), ErrorKind::Cancelled);
    world.server.fail_sign_in(IssuerFault::EdgeBlock, 1);
    assert_eq!(ended(r#"{"method":"device"}"#, &|_| ()).kind(), ErrorKind::EdgeBlocked);
    // A store that cannot be read is found before anybody signs in.
    std::fs::create_dir_all(world.store().parent().unwrap()).unwrap();
    std::fs::write(world.store(), "{").unwrap();
    let broken = ended(r#"{"method":"paste"}"#, &|_| ());
    assert_eq!(broken.kind(), ErrorKind::Store);
    assert!(broken.message().contains("auth-profiles.json"), "{broken}");
}

#[test]
fn settings_that_are_wrong_are_named() {
    for (text, named) in [
        (r#"{"stroe":"x"}"#, "stroe"),
        (r#"{"store":5}"#, "\"store\""),
        (r#"{"issuer":"http://login.example"}"#, "plain http"),
        (r#"{"store":"/x/auth.json","agent":"a"}"#, "Codex command line"),
        (r#"{"store":"/x/auth-profiles.json","agent":"a"}"#, "is one file"),
        (r#"{"agent":"../a"}"#, "no agent's name"),
        (r#"{"ca_file":"/no/such/file.pem"}"#, "/no/such/file.pem"),
        (r#"{"proxy":"ftp://x"}"#, "ftp"),
    ] {
        let error = LoginSettings::from_json(text).and_then(Logins::new).unwrap_err();
        assert!(error.message().contains(named), "{text}: {error}");
    }
    let world = World::new();
    for (text, named) in [
        (r#"{"method":"telepathy"}"#, "telepathy"),
        (r#"{"timeout":5}"#, "timeout_ms"),
        (r#"{"provider":"anthropic"}"#, "anthropic"),
        (r#"{"provider":"openai","method":"device"}"#, "browser only"),
        (r#"{"method":"paste","ask":false}"#, "ask"),
        (r#"{"provider":"openai","host_id":"me"}"#, "UUID"),
    ] {
        let error = SignInSettings::from_json(text).and_then(|s| world.logins("").sign_in(s)).unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.message().contains(named), "{text}: {error}");
    }
    assert!(profile_ids_from_json("[1]").is_err() && profile_ids_from_json("{}").is_err());
    assert_eq!(profile_ids_from_json("null").unwrap(), None);
}

#[test]
fn logins_are_listed_ordered_cleared_and_removed() {
    let world = World::new();
    let rests = 4_000_000_000_000_u64;
    world.put(&json!({
        "version": 1,
        "profiles": {
            SAM: world.ended(&sam()),
            "openai:work": {"type": "api_key", "provider": "openai", "key": "sk-known-secret-of-this-test"},
            "openai:home": {"type": "api_key", "provider": "openai", "key": "sk-known-secret-of-this-test"},
            "broken": "sk-known-secret-of-this-test",
        },
        "usageStats": {
            "openai:work": {"errorCount": 3, "disabledUntil": rests, "disabledReason": "billing", "lastUsed": 1_700_000_000_000_u64},
            SAM: {"errorCount": 1},
        },
        "future": [1],
    }));
    let logins = world.logins("");
    let found = got(logins.list()).unwrap();
    assert_eq!(found.store, world.store().display().to_string());
    let ids: Vec<&str> = found.profiles.iter().map(|profile| profile.id.as_str()).collect();
    assert_eq!(ids, [SAM, "openai:home", "openai:work"]);
    assert!(found.note_lines.iter().any(|note| note.contains("broken")), "{found:?}");
    let text = format!("{found:?}{}", serde_json::to_string(&found).unwrap());
    assert!(!text.contains("sk-known-secret"), "{text}");

    let one = got(logins.get("openai:work".into())).unwrap();
    assert_eq!((one.health.errors, one.health.disabled_reason.as_deref()), (3, Some("billing")));
    let unknown = got(logins.get("openai:nobody".into())).unwrap_err();
    assert!(unknown.message().contains("openai:nobody") && unknown.message().contains("openai:work"), "{unknown}");
    let unusable = got(logins.get("broken".into())).unwrap_err();
    assert!(unusable.message().contains("not an object"), "{unusable}");

    let openai = || Some(ProviderId::new(ProviderId::OPENAI));
    assert_eq!(got(logins.clear_health(None, openai())).unwrap(), ["openai:work".into()]);
    assert!(got(logins.clear_health(None, openai())).unwrap().is_empty());
    let cleared = got(logins.get("openai:work".into())).unwrap();
    assert_eq!((cleared.state, cleared.health.errors), (ProfileState::Usable, 0));
    assert!(cleared.health.last_used.is_some(), "when it was used is no fault");
    assert_eq!(got(logins.get(SAM.into())).unwrap().health.errors, 1, "another provider's stay");
    assert!(got(logins.clear_health(Some("openai:nobody".into()), None)).is_err());

    let order = |ids: &[&str]| Some(ids.iter().map(|id| (*id).into()).collect());
    got(logins.set_order(openai().unwrap(), order(&["openai:home", "openai:work"]))).unwrap();
    assert_eq!(world.stored()["order"]["openai"], json!(["openai:home", "openai:work"]));
    assert_eq!(got(logins.list()).unwrap().order["openai"].len(), 2);
    for wrong in [&["openai:nobody"][..], &["openai:home", "openai:home"], &[SAM]] {
        assert_eq!(got(logins.set_order(openai().unwrap(), order(wrong))).unwrap_err().kind(), ErrorKind::Config);
    }
    got(logins.set_order(openai().unwrap(), None)).unwrap();
    assert!(world.stored().get("order").is_none());

    // What cannot be read can go too.
    for id in ["broken", "openai:home"] {
        got(logins.remove(id.into())).unwrap();
        assert!(got(logins.remove(id.into())).is_err());
    }
    let kept = world.stored();
    let ids: BTreeSet<&str> = kept["profiles"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(ids, BTreeSet::from([SAM, "openai:work"]));
    assert_eq!(kept["future"], json!([1]));
}

#[test]
fn doubles_are_merged_and_a_dry_run_writes_nothing() {
    let world = World::new();
    world.put(&json!({"version": 1, "profiles": {
        "openai-codex:default": world.ended(&sam()), SAM: world.ended(&sam()),
    }}));
    let before = world.stored();
    let logins = world.logins("");
    let dry = got(logins.repair(true)).unwrap();
    assert_eq!(world.stored(), before);
    assert_eq!(dry[0].signed_in.retired, ["openai-codex:default".into()]);
    assert_eq!(got(logins.repair(false)).unwrap()[0].signed_in, dry[0].signed_in);
    assert_eq!(world.stored()["profiles"].as_object().unwrap().len(), 1);
    assert!(got(logins.repair(false)).unwrap().is_empty());
}

#[test]
fn a_refresh_says_what_came_of_it() {
    let world = World::new();
    world.put(&json!({"version": 1, "profiles": {
        SAM: world.ended(&sam()),
        "openai:work": {"type": "api_key", "provider": "openai", "key": "sk-1"},
    }}));
    let logins = world.logins("");
    let how = |if_due| got(logins.refresh(SAM.into(), if_due)).map(|done| done.how.as_str());
    // Two at once spend one token.
    let (first, second) = (logins.refresh(SAM.into(), true), logins.refresh(SAM.into(), true));
    assert_eq!(got(first).unwrap().how.as_str(), "refreshed");
    assert!(["refreshed", "still_good"].contains(&got(second).unwrap().how.as_str()));
    assert_eq!(world.server.issuer_counts().refreshes, 1);
    assert_eq!(how(true).unwrap(), "still_good");
    assert_eq!(how(false).unwrap(), "refreshed");
    assert_eq!(world.server.issuer_counts().refreshes, 2);
    // A key has nothing that renews it.
    let key = got(logins.refresh("openai:work".into(), false)).unwrap_err();
    assert_eq!(key.kind(), ErrorKind::Config, "{key:?}");
    assert!(got(logins.refresh("openai:nobody".into(), true)).is_err());
    // A refusal for good: told, remembered, forgotten when a person says so.
    world.server.fail_sign_in(IssuerFault::RefreshTokenExpired, 1);
    for _ in 0..2 {
        let refused = how(false).unwrap_err();
        assert_eq!((refused.kind(), refused.advice()), (ErrorKind::AuthExpired, Advice::SignIn), "{refused:?}");
    }
    assert_eq!(world.server.issuer_counts().refreshes, 3);
    let told = got(logins.get(SAM.into())).unwrap();
    assert_eq!(told.state, ProfileState::Refused);
    assert!(told.health.refused.is_some());
    assert_eq!(got(logins.clear_health(Some(SAM.into()), None)).unwrap(), [SAM.into()]);
    assert_eq!(how(false).unwrap(), "refreshed");
}

#[cfg(unix)]
#[test]
fn what_another_process_refreshed_is_adopted() {
    let world = World::new();
    world.put(&json!({"version": 1, "profiles": {SAM: world.ended(&sam())}}));
    // Another process holds the login's lock, stores a new token, and lets go.
    let locks = world.folder.path().join("locks/oauth-refresh");
    std::fs::create_dir_all(&locks).unwrap();
    let logins = world.logins("");
    let claim = {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(format!("openai-codex\0{SAM}"));
        locks.join(format!("sha256-{}.lock", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
    };
    let holder = json!({"pid": std::os::unix::process::parent_id()});
    std::fs::write(&claim, holder.to_string()).unwrap();
    let waiting = logins.refresh(SAM.into(), true).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert!(waiting.try_take().is_none(), "the lock is waited for");
    let mut store = world.stored();
    store["profiles"][SAM]["access"] = sam().expires_in(Duration::from_secs(86_400)).build().into();
    store["profiles"][SAM]["expires"] = 4_000_000_000_000_u64.into();
    world.put(&store);
    std::fs::remove_file(&claim).unwrap();
    assert_eq!(got(Ok(waiting)).unwrap().how.as_str(), "adopted");
    assert_eq!(world.server.issuer_counts().refreshes, 0);
}

#[test]
fn a_sign_out_withdraws_and_deletes() {
    let world = World::new();
    world.put(&json!({"version": 1, "profiles": {SAM: world.ended(&sam())}}));
    let removed = got(world.logins("").sign_out(None)).unwrap();
    assert!(removed.revoked && removed.not_revoked.is_none());
    assert_eq!((removed.id.as_str(), world.server.issuer_counts().revocations), (SAM, 1));
    assert!(world.stored()["profiles"].as_object().unwrap().is_empty());
    assert!(got(world.logins("").sign_out(None)).unwrap_err().message().contains("no sign-in"));
    // Also when the login server cannot be asked.
    world.put(&json!({"version": 1, "profiles": {SAM: world.ended(&sam()), "openai-codex:b": world.ended(&sam())}}));
    assert!(got(world.logins("").sign_out(None)).unwrap_err().message().contains("which one"));
    world.server.fail_sign_in(IssuerFault::Unavailable, 1);
    let removed = got(world.logins("").sign_out(Some(SAM.into()))).unwrap();
    assert!(!removed.revoked && removed.not_revoked.is_some(), "{removed:?}");
    assert_eq!(world.stored()["profiles"].as_object().unwrap().len(), 1);
}

#[test]
fn the_login_of_the_codex_command_line_is_looked_at_and_left_alone() {
    let world = World::new();
    let folder = world.folder.path().join("codex");
    let path = folder.join("auth.json");
    std::fs::create_dir(&folder).unwrap();
    let access = sam().build();
    let issued = world.server.issue_tokens(&sam());
    let text = json!({"auth_mode": "chatgpt", "OPENAI_API_KEY": null, "tokens": {
        "id_token": issued.id_token, "access_token": access, "refresh_token": issued.refresh_token, "account_id": "acct"}});
    std::fs::write(&path, text.to_string()).unwrap();
    let logins = |store: &Path, more: &str| {
        let (store, issuer) = (store.display(), world.server.issuer_url());
        let text = format!(r#"{{"store":"{store}","issuer":"{issuer}"{more}}}"#);
        Logins::new(LoginSettings::from_json(&text).unwrap()).unwrap()
    };
    for store in [&folder, &path] {
        let found = got(logins(store, "").list()).unwrap();
        assert_eq!(found.profiles[0].id.as_str(), "openai-codex:codex-cli");
        assert_eq!(found.profiles[0].email.as_deref(), Some("sam@example.test"));
    }
    for more in ["", r#","share_codex_login":true"#] {
        let logins = logins(&folder, more);
        for refused in [
            got(logins.remove("openai-codex:codex-cli".into())).unwrap_err(),
            got(logins.sign_out(None)).unwrap_err(),
            got(logins.set_order(ProviderId::new(ProviderId::CODEX), None)).unwrap_err(),
            next(&logins.sign_in(settings(r#"{"method":"paste"}"#)).unwrap()).unwrap_err(),
        ] {
            assert_eq!(refused.kind(), ErrorKind::Store, "{refused:?}");
        }
    }
    let id = || "openai-codex:codex-cli".into();
    assert_eq!(got(logins(&folder, "").refresh(id(), false)).unwrap_err().code(), Some("read_only"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text.to_string());
    let shared = logins(&folder, r#","share_codex_login":true"#);
    assert_eq!(got(shared.refresh(id(), false)).unwrap().how.as_str(), "refreshed");
    assert_eq!(world.server.issuer_counts().revocations, 0);
}

#[test]
fn a_newer_store_is_named() {
    let world = World::new();
    std::fs::create_dir_all(world.store().parent().unwrap()).unwrap();
    std::fs::write(world.store().with_file_name("openclaw-agent.sqlite"), "SQLite format 3\0").unwrap();
    let error = got(world.logins("").list()).unwrap_err();
    assert!(error.kind() == ErrorKind::Store && error.message().contains("newer OpenClaw"), "{error}");
}
