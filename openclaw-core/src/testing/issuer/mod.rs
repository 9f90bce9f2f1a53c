//! The login server: sign-in page, tokens, refresh with rotation, device codes, revocation, plan sharing.

mod authorize;
mod device;
mod fault;
mod page;
mod sharing;
mod token;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::ForgedToken;
use super::check::unix;
use super::http::Incoming;
use super::play::Reply;
use super::random::Seeded;
use crate::ambient::Ambient;

pub use fault::IssuerFault;

/// What the login server was asked, since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IssuerCounts {
    /// Sign-in pages that were shown.
    pub sign_in_pages: u32,
    /// Codes that were exchanged, or tried to be.
    pub exchanges: u32,
    /// Refreshes, refused ones too.
    pub refreshes: u32,
    /// Refreshes with a token that was spent before.
    pub reused: u32,
    /// Device codes that were given.
    pub device_codes: u32,
    /// Questions whether a device code was typed.
    pub device_polls: u32,
    /// Revocations.
    pub revocations: u32,
    /// Exchanges of an ID token for an API key.
    pub api_keys: u32,
}

/// The tokens of a login that the server knows. `Debug` shows them: they are worth nothing elsewhere.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IssuedTokens {
    /// The token for calls.
    pub access_token: String,
    /// The token for the next refresh.
    pub refresh_token: String,
    /// What the server says of the person.
    pub id_token: String,
    /// How long the access token lasts.
    pub expires_in: Duration,
}

/// The login server's memory.
#[derive(Debug)]
pub(super) struct Issuer {
    ambient: Arc<dyn Ambient>,
    random: Seeded,
    /// `http://127.0.0.1:PORT`.
    pub(super) address: String,
    /// Who signs in.
    pub(super) person: ForgedToken,
    pub(super) lifetime: Duration,
    /// So long apart a device code is asked for.
    pub(super) device_interval: Duration,
    pub(super) counts: IssuerCounts,
    /// What goes wrong, and how often still.
    pub(super) fault: Option<(IssuerFault, u32)>,
    codes: HashMap<String, Grant>,
    refreshable: HashMap<String, Refreshable>,
    /// Access tokens of plan sharing.
    shared: HashMap<String, SystemTime>,
    devices: HashMap<String, Device>,
}

/// What a code is good for, once.
#[derive(Debug, Clone)]
struct Grant {
    challenge: String,
    redirect_uri: String,
    client_id: String,
    person: ForgedToken,
    scope: String,
    nonce: Option<String>,
    sharing: bool,
    until: SystemTime,
    /// The family of what was issued for it, once it is spent.
    family: Option<u64>,
}

/// What a refresh token is good for, once.
#[derive(Debug, Clone)]
struct Refreshable {
    client_id: String,
    person: ForgedToken,
    scope: String,
    nonce: Option<String>,
    sharing: bool,
    /// All that came of one sign-in. Reuse of one ends all.
    family: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Live,
    Spent,
    Revoked,
}

#[derive(Debug, Clone)]
struct Device {
    user_code: String,
    client_id: String,
    decision: Option<bool>,
}

impl Issuer {
    pub(super) fn new(ambient: Arc<dyn Ambient>) -> Self {
        let mut seed = [0; 8];
        ambient.random(&mut seed);
        Self {
            ambient,
            random: Seeded::new(u64::from_le_bytes(seed)),
            address: String::new(),
            person: ForgedToken::new("acct-embedded").user_id("user-embedded").email("sam@example.test"),
            lifetime: Duration::from_secs(864_000),
            device_interval: Duration::from_secs(5),
            counts: IssuerCounts::default(),
            fault: None,
            codes: HashMap::new(),
            refreshable: HashMap::new(),
            shared: HashMap::new(),
            devices: HashMap::new(),
        }
    }

    /// Whether a path is the login server's.
    pub(super) fn owns(path: &str) -> bool {
        path.starts_with("/oauth/")
            || path.starts_with("/api/accounts/")
            || path == "/codex/device"
            || path == "/.well-known/openid-configuration"
    }

    /// The answer to a request for a path that it [owns](Self::owns).
    pub(super) fn answer(&mut self, request: &Incoming) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET" | "POST", "/oauth/authorize") => self.authorize(request),
            ("POST", "/oauth/token") => self.token(request, false),
            ("POST", "/oauth/revoke" | "/api/accounts/oauth/revoke") => self.revoke(request),
            ("POST", "/api/accounts/deviceauth/usercode") => self.device_code(request),
            ("POST", "/api/accounts/deviceauth/token") => self.device_poll(request),
            ("GET" | "POST", "/codex/device") => self.device_page(request),
            ("GET" | "POST", "/api/accounts/authorize") => self.authorize_sharing(request),
            ("POST", "/api/accounts/oauth/token") => self.token(request, true),
            ("GET", "/.well-known/openid-configuration") => self.discovery(),
            (method, path) => Reply::json(404, &json!({"detail": format!("no {method} {path} here")})),
        }
    }

    /// The person's decision on the sign-in page of this address: where the browser is sent then.
    pub(super) fn decide(&mut self, url: &str, allow: bool) -> Option<String> {
        let url = Url::parse(url).ok().filter(|_| url.starts_with(&self.address))?;
        let decision: &'static [u8] = if allow { b"decision=continue" } else { b"decision=deny" };
        let mut request = Incoming::unreadable();
        request.method = "POST".to_owned();
        request.path = url.path().to_owned();
        request.query = url.query().map(str::to_owned);
        request.body = decision.into();
        let reply = self.answer(&request);
        reply.headers.into_iter().find(|(name, _)| name == "location").map(|(_, to)| to)
    }

    /// Tokens of a new login of this person, as a sign-in would give.
    pub(super) fn issue(&mut self, person: &ForgedToken) -> IssuedTokens {
        let family = self.random.next();
        let login = Refreshable {
            client_id: "app_EMoamEEZ73f0CkXaXp7hrann".to_owned(),
            person: person.clone(),
            scope: "openid profile email offline_access".to_owned(),
            nonce: None,
            sharing: false,
            family,
            state: State::Live,
        };
        self.issue_for(&login, None)
    }

    fn issue_for(&mut self, of: &Refreshable, fault: Option<IssuerFault>) -> IssuedTokens {
        let now = self.ambient.now();
        let lifetime = if of.sharing { Duration::from_secs(3600) } else { self.lifetime };
        let ends = now.checked_add(lifetime).unwrap_or(now);
        // Two tokens of one second would be one, were it not for this.
        let id = self.random.hex(24);
        let person = of.person.clone().expires_at(ends).with_claim("jti", id.into());
        let access_token = if of.sharing {
            let token = format!("siwc_{}", self.random.token(43));
            self.shared.insert(token.clone(), ends);
            token
        } else {
            person.build()
        };
        let other = |spoiled: IssuerFault, right: &str| match fault == Some(spoiled) {
            true => "another".to_owned(),
            false => right.to_owned(),
        };
        let mut identity = person
            .with_claim("iss", other(IssuerFault::OtherIssuer, &self.address).into())
            .with_claim("aud", json!([other(IssuerFault::OtherAudience, &of.client_id)]))
            .with_claim("scope", of.scope.as_str().into());
        if let Some(nonce) = &of.nonce {
            identity = identity.with_claim("nonce", other(IssuerFault::OtherNonce, nonce).into());
        }
        let refresh_token = format!("rt_{}", self.random.token(64));
        self.refreshable.insert(refresh_token.clone(), Refreshable { state: State::Live, ..of.clone() });
        IssuedTokens { access_token, refresh_token, id_token: identity.build(), expires_in: lifetime }
    }

    /// Whether an access token of plan sharing is good.
    pub(super) fn shares(&self, token: &str) -> bool {
        self.shared.get(token).is_some_and(|until| *until > self.ambient.now())
    }

    fn end_family(&mut self, family: u64) {
        self.refreshable.values_mut().filter(|r| r.family == family && r.state == State::Live).for_each(|r| {
            r.state = State::Revoked;
        });
    }

    /// The fault that a request of a program meets.
    fn take_fault(&mut self) -> Option<IssuerFault> {
        self.take(|fault| fault.of_page().is_none())
    }

    /// Where the browser is sent by the fault that the person meets.
    fn failed_page(&mut self, redirect: &Url, state: &str) -> Option<Reply> {
        let (error, description) = self.take(|fault| fault.of_page().is_some())?.of_page()?;
        Some(authorize::back(redirect, &[("error", error), ("error_description", description), ("state", state)]))
    }

    fn take(&mut self, meant: impl Fn(IssuerFault) -> bool) -> Option<IssuerFault> {
        let (fault, left) = self.fault.as_mut().filter(|(fault, _)| meant(*fault))?;
        let fault = *fault;
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.fault = None;
        }
        Some(fault)
    }

    fn now_unix(&self) -> u64 {
        unix(self.ambient.now())
    }
}

/// The fields of a form, of a JSON object, or of a query.
struct Fields(HashMap<String, String>);

impl Fields {
    fn of_query(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    fn of_body(request: &Incoming) -> Self {
        let json: Option<Value> = serde_json::from_slice(&request.body).ok();
        match json.as_ref().and_then(Value::as_object) {
            Some(object) => {
                let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
                Self(object.iter().filter_map(text).collect())
            }
            None => Self::of_query(&String::from_utf8_lossy(&request.body)),
        }
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// An error as OpenAI's login server writes it.
fn refused(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code}}),
    )
}
