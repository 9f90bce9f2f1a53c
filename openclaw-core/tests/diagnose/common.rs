//! An OpenClaw home of its own for every test, and nothing of the environment outside.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openclaw_core::diagnose::{DiagnoseOptions, Diagnosis, LoginState, diagnose, examine};
use openclaw_core::testing::{Exchange, ForgedToken, Script, TestServer, VirtualAmbient};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const REFRESH: &str = "refresh-S3CR3T-never-shown";
pub const STORE: &str = ".openclaw/agents/main/agent/auth-profiles.json";
pub const CONFIG: &str = ".openclaw/openclaw.json";

/// The clock's time, 2026-04-24T03:06:40Z, and times around it.
pub fn at(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_777_000_000u64.saturating_add_signed(seconds))
}

pub fn ms(seconds: i64) -> i64 {
    (1_777_000_000 + seconds) * 1000
}

pub const HOUR: i64 = 3600;

pub struct Home {
    pub folder: TempDir,
    pub options: DiagnoseOptions,
    pub clock: VirtualAmbient,
}

impl Home {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = VirtualAmbient::new(7);
        let mut options = DiagnoseOptions::default();
        options.env = BTreeMap::from([("HOME".to_owned(), folder.path().display().to_string())]);
        options.ambient = Arc::new(clock.clone());
        Self { folder, options, clock }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        path
    }

    pub fn env(&mut self, name: &str, value: &str) {
        self.options.env.insert(name.to_owned(), value.to_owned());
    }

    /// The store of the main agent.
    pub fn store(&self, profiles: Value, stats: Value) -> PathBuf {
        self.file(STORE, &json!({"version": 1, "profiles": profiles, "usageStats": stats}).to_string())
    }

    /// A configuration whose Codex provider is this server.
    pub fn config(&self, server: &TestServer) -> PathBuf {
        let base = server.codex_base_url();
        self.file(
            CONFIG,
            &format!(
                "{{ agents: {{ defaults: {{ model: 'openai-codex/gpt-5.4' }} }},\n models: {{ providers: {{ 'openai-codex': {{ \
                 baseUrl: '{base}', api: 'openai-codex-responses', models: [] }} }} }} }}"
            ),
        )
    }

    pub fn examine(&self) -> Diagnosis {
        examine(&self.options).unwrap()
    }

    pub async fn diagnose(&self) -> Diagnosis {
        diagnose(&self.options).await.unwrap()
    }
}

/// A sign-in whose token ends so many seconds from the clock's time.
pub fn oauth(ends_in: i64, refresh: Option<&str>) -> Value {
    let token = ForgedToken::new("acct-1").expires_at(at(ends_in)).build();
    let mut entry = json!({"type": "oauth", "provider": "openai-codex", "access": token, "expires": ms(ends_in)});
    if let Some(refresh) = refresh {
        entry["refresh"] = refresh.into();
    }
    entry
}

pub async fn server(clock: &VirtualAmbient) -> TestServer {
    TestServer::builder().ambient(Arc::new(clock.clone())).start().await.unwrap()
}

/// What the calls get; the two other questions are answered.
pub fn calls(exchange: Exchange) -> Script {
    Script::new().exchange(exchange.method("POST").path("/backend-api/codex/responses").forever())
}

/// A home with one good login and this server.
pub async fn ready() -> (Home, TestServer) {
    let home = Home::new();
    let server = server(&home.clock).await;
    home.config(&server);
    home.store(json!({"openai-codex:me": oauth(240 * HOUR, Some(REFRESH))}), json!({}));
    (home, server)
}

pub fn login<'d>(diagnosis: &'d Diagnosis, id: &str) -> &'d LoginState {
    diagnosis.profiles.iter().find(|profile| profile.id == id).unwrap_or_else(|| panic!("no {id}: {diagnosis:#?}"))
}
