//! The sign-in page: who asks, and the person's decision.

use std::time::Duration;

use url::{Url, form_urlencoded};

use super::super::Framing;
use super::super::http::Incoming;
use super::super::play::Reply;
use super::{Fields, Grant, Issuer, page};

impl Issuer {
    pub(super) fn authorize(&mut self, request: &Incoming) -> Reply {
        let query = request.query.as_deref().unwrap_or_default();
        let fields = Fields::of_query(query);
        for (name, right) in [
            ("response_type", "code"),
            ("code_challenge_method", "S256"),
            ("codex_cli_simplified_flow", "true"),
            ("id_token_add_organizations", "true"),
        ] {
            if fields.get(name) != right {
                return page::wrong(&format!("{name} must be {right}, not {:?}", fields.get(name)));
            }
        }
        for name in ["client_id", "code_challenge", "state", "scope", "originator"] {
            if fields.get(name).is_empty() {
                return page::wrong(&format!("{name} is missing"));
            }
        }
        // The real server knows two ports; tests need any.
        let redirect = Url::parse(fields.get("redirect_uri"));
        let Some(redirect) = redirect.ok().filter(|url| {
            url.scheme() == "http" && url.host_str() == Some("localhost") && url.path() == "/auth/callback"
        }) else {
            return page::wrong("redirect_uri must be http://localhost:1455/auth/callback (unknown_error)");
        };
        let state = fields.get("state");
        if ["model.request", "api.responses.write"].iter().any(|scope| fields.get("scope").contains(scope)) {
            return back(&redirect, &[("error", "invalid_scope"), ("state", state)]);
        }
        if request.method == "GET" {
            self.counts.sign_in_pages += 1;
            return page::sign_in(fields.get("originator"), &self.person_name(), query, false);
        }
        if Fields::of_body(request).get("decision") != "continue" {
            let description = "The user denied the request";
            let error = ("error", "access_denied");
            return back(&redirect, &[error, ("error_description", description), ("state", state)]);
        }
        if let Some(failed) = self.failed_page(&redirect, state) {
            return failed;
        }
        let code = self.grant(&fields, fields.get("client_id"), false);
        back(&redirect, &[("code", &code), ("scope", fields.get("scope")), ("state", state)])
    }

    pub(super) fn grant(&mut self, fields: &Fields, client_id: &str, sharing: bool) -> String {
        let code = format!("ac_{}", self.random.token(40));
        let nonce = Some(fields.get("nonce")).filter(|nonce| !nonce.is_empty());
        let grant = Grant {
            challenge: fields.get("code_challenge").to_owned(),
            redirect_uri: fields.get("redirect_uri").to_owned(),
            client_id: client_id.to_owned(),
            person: self.person.clone(),
            scope: fields.get("scope").to_owned(),
            nonce: nonce.map(str::to_owned),
            sharing,
            until: self.ambient.now() + Duration::from_secs(600),
            family: None,
        };
        self.codes.insert(code.clone(), grant);
        code
    }

    pub(super) fn person_name(&self) -> String {
        self.person.email_address().to_owned()
    }
}

/// Sends the browser back.
pub(super) fn back(redirect: &Url, fields: &[(&str, &str)]) -> Reply {
    let mut to = redirect.clone();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    to.set_query(Some(&query));
    Reply::new(303, Framing::ContentLength, Vec::new()).header("location", to.as_str())
}
