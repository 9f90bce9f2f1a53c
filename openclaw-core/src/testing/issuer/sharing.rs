//! Plan sharing ("Sign in with ChatGPT"), as its public documentation describes it.

use serde_json::json;
use url::Url;

use super::super::http::Incoming;
use super::super::play::Reply;
use super::authorize::back;
use super::{Fields, Issuer, State, page};

/// The client of an installation that has none of its own yet.
const DYNAMIC: &str = "dynamic_agent_client";
const SCOPES: [&str; 6] =
    ["openid", "profile", "email", "offline_access", "resource.invoke", "chatgpt.tokens.use.direct"];

impl Issuer {
    pub(super) fn authorize_sharing(&mut self, request: &Incoming) -> Reply {
        let query = request.query.as_deref().unwrap_or_default();
        let fields = Fields::of_query(query);
        for (name, right) in
            [("response_type", "code"), ("code_challenge_method", "S256"), ("resource", "https://api.openai.com/v1")]
        {
            if fields.get(name) != right {
                return page::wrong(&format!("{name} must be {right}, not {:?}", fields.get(name)));
            }
        }
        for name in ["client_id", "code_challenge", "state", "nonce"] {
            if fields.get(name).is_empty() {
                return page::wrong(&format!("{name} is missing"));
            }
        }
        if !fields.get("ext_agent_host_id").starts_with("urn:uuid:") {
            return page::wrong("ext_agent_host_id must be urn:uuid: and a UUID");
        }
        let first = fields.get("client_id") == DYNAMIC;
        if first == fields.get("agent_name_hint").is_empty() {
            return page::wrong("agent_name_hint goes with the first sign-in, and with no other");
        }
        let host: String = fields.get("ext_agent_host_id").chars().filter(char::is_ascii_hexdigit).collect();
        let own = format!("oaiapp_{host}");
        if first && self.refreshable.values().any(|login| login.client_id == own && login.state == State::Live) {
            return page::wrong(
                "this installation was issued a client: dynamic_agent_client is for the first sign-in only",
            );
        }
        let redirect = Url::parse(fields.get("redirect_uri"));
        let Some(redirect) = redirect.ok().filter(|url| {
            url.scheme() == "http" && url.host_str() == Some("127.0.0.1") && url.path() == "/auth/callback"
        }) else {
            return page::wrong("redirect_uri must be http://127.0.0.1:PORT/auth/callback");
        };
        let (state, scope) = (fields.get("state"), fields.get("scope"));
        if SCOPES.iter().any(|wanted| !scope.split(' ').any(|scope| scope == *wanted)) {
            return back(&redirect, &[("error", "invalid_scope"), ("state", state)]);
        }
        if request.method == "GET" {
            self.counts.sign_in_pages += 1;
            let name = if first { fields.get("agent_name_hint") } else { fields.get("client_id") };
            return page::sign_in(name, &self.person_name(), query, true);
        }
        if Fields::of_body(request).get("decision") != "continue" {
            return back(&redirect, &[("error", "access_denied"), ("state", state)]);
        }
        if let Some(failed) = self.failed_page(&redirect, state) {
            return failed;
        }
        // One client per installation: the same host gets the same one.
        let client_id = match first {
            true => own,
            false => fields.get("client_id").to_owned(),
        };
        let code = self.grant(&fields, &client_id, true);
        back(&redirect, &[("code", &code), ("state", state), ("client_id", &client_id), ("scope", scope)])
    }

    pub(super) fn discovery(&self) -> Reply {
        let at = |path: &str| format!("{}{path}", self.address);
        Reply::json(
            200,
            &json!({
                "issuer": self.address,
                "authorization_endpoint": at("/api/accounts/authorize"),
                "token_endpoint": at("/api/accounts/oauth/token"),
                "revocation_endpoint": at("/api/accounts/oauth/revoke"),
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
            }),
        )
    }
}
