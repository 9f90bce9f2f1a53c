//! Many processes and one store: no update is lost, a token is refreshed once, and a kill at any point loses nothing that
//! was stored.
//!
//! `OPENCLAW_STORE_ROUNDS` is how often each of 8 processes changes the store (25; the long run: 1000), `OPENCLAW_STORE_KILLS`
//! how many processes are killed (60; the long run: 500).
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openclaw_core::ProviderId;
use openclaw_core::auth::oauth::TokenEndpoint;
use openclaw_core::auth::{
    Claims, Credential, CredentialStore, Environment, FileStore, LoginStore, OAuthCredential, Profile, ProfileTokens,
    Profiles, TokenSource,
};
use openclaw_core::testing::{ForgedToken, TestServer};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

const ID: &str = "openai-codex:me@example.com";
const PROCESSES: usize = 8;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().map_or(usual, |text| text.parse().expect(name))
}

/// A store in a folder of its own.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn store(&self) -> FileStore {
        store_at(&self.0.path().join("agents/main/agent/auth-profiles.json"))
    }

    /// Starts this test program again as a worker: see [`worker`].
    fn worker(&self, job: &str, argument: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["worker", "--exact", "--nocapture", "--test-threads=1"]);
        command.env("OPENCLAW_TEST_JOB", job).env("OPENCLAW_TEST_ARGUMENT", argument);
        command.env("OPENCLAW_TEST_STORE", self.store().path()).stdout(Stdio::piped());
        command
    }
}

fn store_at(path: &Path) -> FileStore {
    FileStore::at(path, &Environment::of::<&str, &str>([])).patience(Duration::from_secs(300))
}

fn codex() -> ProviderId {
    ProviderId::new(ProviderId::CODEX)
}

/// What a started worker does; nothing in a usual run.
#[test]
fn worker() {
    let Ok(job) = std::env::var("OPENCLAW_TEST_JOB") else { return };
    let argument = std::env::var("OPENCLAW_TEST_ARGUMENT").unwrap();
    let store = store_at(&PathBuf::from(std::env::var("OPENCLAW_TEST_STORE").unwrap()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("\nready");
    runtime.block_on(async {
        match job.as_str() {
            "count" => count(&store, argument.parse().unwrap()).await,
            "refresh" => refresh(store, argument.parse().unwrap()).await,
            "churn" => churn(store).await,
            "sign_in" => sign_in(&store, argument.parse().unwrap()).await,
            _ => panic!("{job}"),
        }
    });
}

/// Adds 1, as often as it is told.
async fn count(store: &FileStore, rounds: usize) {
    for _ in 0..rounds {
        let mut add = |profiles: &mut Profiles| {
            let mut usage = profiles.usage(&"shared".into());
            *usage.failure_counts.entry("n".to_owned()).or_default() += 1;
            profiles.set_usage(&"shared".into(), &usage);
            Ok(())
        };
        store.update(&mut add).await.unwrap();
    }
}

/// So many tasks want the token at once; every token that they get is printed.
async fn refresh(store: FileStore, tasks: usize) {
    let store: Arc<dyn CredentialStore> = Arc::new(store);
    let issuer = Arc::new(TokenEndpoint::builder().build().unwrap());
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let tokens = ProfileTokens::new(store.clone(), ID, issuer.clone());
            tokio::spawn(async move { tokens.token().await.unwrap().secret.expose_secret().to_owned() })
        })
        .collect();
    for task in tasks {
        println!("token {}", task.await.unwrap());
    }
}

/// Refreshes again and again, until it is killed.
async fn churn(store: FileStore) {
    let issuer = Arc::new(TokenEndpoint::builder().build().unwrap());
    let tokens = ProfileTokens::new(Arc::new(store), ID, issuer);
    loop {
        if tokens.refresh().await.is_err() {
            return;
        }
    }
}

/// A person who signs in again and again, each time with a new login.
async fn sign_in(store: &FileStore, rounds: usize) {
    let logins = LoginStore::open(Some(store.path()), None, &Environment::of::<&str, &str>([])).unwrap();
    for round in 0..rounds {
        let access = ForgedToken::new("acct").user_id("me").email("me@example.com").build();
        let refresh = format!("refresh-{}-{round}", std::process::id());
        let mut profile = Profile::new(ID, codex(), OAuthCredential::new(access, Some(refresh.into())));
        profile.email = Some("me@example.com".into());
        let stored = logins.keep(profile).await.unwrap();
        assert!(stored.notes.is_empty(), "{stored:?}");
    }
}

/// Two processes sign the same person in at once, a hundred times: one profile, and a configuration that stays as it is.
#[test]
fn two_processes_that_sign_in_at_once_leave_one_login() {
    let home = Home::new();
    let config = home.0.path().join("openclaw.json");
    std::fs::write(&config, "{ /* mine */ }\n").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(sign_in(&home.store(), 1));
    let named = std::fs::read_to_string(&config).unwrap();
    assert!(named.contains("mine") && named.contains(ID), "{named}");
    let mut workers: Vec<Child> = (0..2).map(|_| home.worker("sign_in", "50").spawn().unwrap()).collect();
    for worker in &mut workers {
        assert!(worker.wait().unwrap().success());
    }
    let profiles = runtime.block_on(home.store().load()).unwrap();
    assert_eq!(profiles.ids().map(|id| id.as_str()).collect::<Vec<_>>(), [ID]);
    let Credential::OAuth(oauth) = &profiles.get(&ID.into()).unwrap().credential else { panic!() };
    assert!(oauth.refresh.as_ref().unwrap().expose_secret().ends_with("-49"));
    assert_eq!(std::fs::read_to_string(&config).unwrap(), named, "not a byte of it changed");
}

/// The store is written by 8 processes, and by a script that locks and writes as OpenClaw does.
#[test]
fn no_update_is_lost_beside_openclaw() {
    let home = Home::new();
    let rounds = number("OPENCLAW_STORE_ROUNDS", 25);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(count(&home.store(), 1));
    let mut workers: Vec<Child> =
        (0..PROCESSES).map(|_| home.worker("count", &rounds.to_string()).spawn().unwrap()).collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/store/openclaw-writer.mjs");
    let theirs = rounds.div_ceil(4);
    let mut node = Command::new("node");
    node.arg(script).arg(home.store().path()).arg(theirs.to_string()).stdout(Stdio::piped());
    let mut expected = 1 + PROCESSES * rounds;
    match node.spawn() {
        Ok(node) => {
            let output = node.wait_with_output().unwrap();
            assert!(output.status.success());
            eprintln!("OpenClaw's way of writing: {theirs} rounds, {}", String::from_utf8_lossy(&output.stdout).trim());
            expected += theirs;
        }
        Err(e) => eprintln!("SKIPPED the script that writes as OpenClaw does: it needs node ({e})"),
    }
    for worker in &mut workers {
        assert!(worker.wait().unwrap().success());
    }
    let profiles = runtime.block_on(home.store().load()).unwrap();
    assert_eq!(profiles.usage(&"shared".into()).failure_counts["n"] as usize, expected);
    assert!(!home.store().path().with_file_name("auth-profiles.json.lock").exists());
}

#[test]
fn an_ended_token_is_refreshed_once_by_all() {
    let home = Home::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::builder().start()).unwrap();
    let issued = server.issue_tokens(&ForgedToken::new("acct-1").user_id("me").email("me@example.com"));
    let mut oauth = OAuthCredential::new(issued.access_token, Some(issued.refresh_token.into()));
    oauth.expires = Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    oauth.issuer = Some(server.issuer_url());
    let put = &mut |profiles: &mut Profiles| {
        profiles.put(Profile::new(ID, codex(), oauth.clone()));
        Ok(())
    };
    runtime.block_on(home.store().update(put)).unwrap();
    let workers: Vec<Child> = (0..PROCESSES).map(|_| home.worker("refresh", "100").spawn().unwrap()).collect();
    let mut tokens = Vec::new();
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        tokens.extend(text.lines().filter_map(|line| line.strip_prefix("token ").map(str::to_owned)));
    }
    assert_eq!(tokens.len(), PROCESSES * 100);
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "all got the same token");
    let counts = server.issuer_counts();
    assert_eq!((counts.refreshes, counts.reused), (1, 0));
}

/// A login server that gives pairs with a number: the access token ends at `BASE` plus its number, the refresh token is
/// `rt-` and the number. A refresh token works once.
struct Numbered {
    address: String,
    current: Arc<Mutex<u64>>,
}

const BASE: u64 = 4_000_000_000;

impl Numbered {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let current = Arc::new(Mutex::new(0));
        let state = current.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = state.clone();
                std::thread::spawn(move || drop(Self::answer(stream, &state)));
            }
        });
        Self { address, current }
    }

    fn answer(mut stream: TcpStream, current: &Mutex<u64>) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        loop {
            let (mut length, mut line) = (0, String::new());
            loop {
                line.clear();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                let header = line.trim().to_ascii_lowercase();
                if let Some(value) = header.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if header.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            let sent: Value = serde_json::from_slice(&body).unwrap();
            let (status, answer) = {
                let mut current = current.lock().unwrap();
                if sent["refresh_token"] == format!("rt-{current}") {
                    *current += 1;
                    let login = Self::login(*current);
                    let secret = |secret: &secrecy::SecretString| secret.expose_secret().to_owned();
                    // No expires_in: the number stands in the token's own end.
                    let tokens = json!({"access_token": secret(&login.access), "refresh_token": secret(&login.refresh.unwrap())});
                    ("200 OK", tokens)
                } else {
                    ("400 Bad Request", json!({"error": {"code": "refresh_token_reused", "message": "used"}}))
                }
            };
            let body = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes())?;
            stream.write_all(body.as_bytes())?;
        }
    }

    fn login(number: u64) -> OAuthCredential {
        let end = UNIX_EPOCH + Duration::from_secs(BASE + number);
        let access = ForgedToken::new("acct-1").user_id("me").expires_at(end).build();
        OAuthCredential::new(access, Some(format!("rt-{number}").into()))
    }
}

/// The number of the pair in the store. Panics when it is no pair.
fn pair(profiles: &Profiles) -> u64 {
    let Credential::OAuth(oauth) = &profiles.get(&ID.into()).unwrap().credential else { panic!() };
    let end = Claims::of(&oauth.access).unwrap().expires_at.unwrap();
    let number = end.duration_since(UNIX_EPOCH).unwrap().as_secs() - BASE;
    assert_eq!(
        oauth.refresh.as_ref().unwrap().expose_secret(),
        format!("rt-{number}"),
        "half of one pair, half of another"
    );
    number
}

#[test]
fn a_kill_at_any_point_loses_nothing_that_was_stored() {
    let home = Home::new();
    let server = Numbered::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sign_in = || {
        let mut login = Numbered::login(*server.current.lock().unwrap());
        login.issuer = Some(server.address.clone());
        let put = &mut |profiles: &mut Profiles| {
            profiles.sign_in(Profile::new(ID, codex(), login.clone()));
            Ok(())
        };
        runtime.block_on(home.store().update(put)).unwrap();
    };
    sign_in();
    let issuer = Arc::new(TokenEndpoint::builder().build().unwrap());
    let (mut recovered, mut told, mut state) =
        (0, 0, SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos());
    let kills = number("OPENCLAW_STORE_KILLS", 60);
    for kill in 0..kills {
        let mut child = home.worker("churn", "").spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "ready"));
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        std::thread::sleep(Duration::from_micros(u64::from(state >> 8) % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();

        let profiles = runtime.block_on(home.store().load()).unwrap_or_else(|e| panic!("kill {kill}: {e}"));
        let (stored, current) = (pair(&profiles), *server.current.lock().unwrap());
        assert!(
            stored == current || stored + 1 == current,
            "kill {kill}: pair {stored} is stored, {current} was given"
        );
        // The next start, with whatever locks lie about.
        let tokens = ProfileTokens::new(Arc::new(home.store()), ID, issuer.clone());
        match runtime.block_on(tokens.refresh()) {
            Ok(_) => {
                recovered += 1;
                let profiles = runtime.block_on(home.store().load()).unwrap();
                assert_eq!(pair(&profiles), *server.current.lock().unwrap());
            }
            Err(e) => {
                told += 1;
                // The login server may have read the killed process's request only now.
                assert_eq!(stored + 1, *server.current.lock().unwrap(), "kill {kill}: {e}");
                assert_eq!(e.code(), Some("refresh_token_reused"), "kill {kill}: {e:?}");
                assert!(e.message().contains("sign in again") && e.message().contains("was ended before"), "{e}");
                sign_in();
            }
        }
        let left = std::fs::read_dir(home.store().path().parent().unwrap()).unwrap();
        let left: Vec<String> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        // What was to become OpenClaw's lock is empty of secrets, and is deleted when it is a minute old: another program may
        // be about to use it.
        let of_the_store = |name: &str| name.ends_with(".tmp") && !name.contains(".json.lock.claw-");
        assert!(!left.iter().any(|name| of_the_store(name) || name.ends_with(".json.lock")), "kill {kill}: {left:?}");
    }
    eprintln!("{kills} kills: {recovered} recovered, {told} needed a sign-in and said so");
    assert_eq!(recovered + told, kills);
}
