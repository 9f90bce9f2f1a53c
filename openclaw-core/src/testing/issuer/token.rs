//! The token endpoint: codes and refresh tokens work once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::http::Incoming;
use super::super::play::Reply;
use super::super::{Framing, Step};
use super::{Fields, Issuer, IssuerFault, Refreshable, State, refused};

impl Issuer {
    pub(super) fn token(&mut self, request: &Incoming, sharing: bool) -> Reply {
        let fields = Fields::of_body(request);
        let grant = fields.get("grant_type");
        match grant {
            "authorization_code" => self.counts.exchanges += 1,
            "refresh_token" => self.counts.refreshes += 1,
            "urn:ietf:params:oauth:grant-type:token-exchange" => self.counts.api_keys += 1,
            _ => return refused(400, "unsupported_grant_type", "This grant type is not known."),
        }
        let fault = self.take_fault();
        let half = match fault.and_then(|fault| fault.reply(self.random.next())) {
            Some(reply) if fault != Some(IssuerFault::HalfJson) => return reply,
            // It comes when all was done: what was sent is spent.
            half => half,
        };
        let resource = "https://api.openai.com/v1";
        if sharing && fields.get("resource") != resource {
            return refused(400, "invalid_target", "The resource must be https://api.openai.com/v1.");
        }
        let answer = match grant {
            "authorization_code" => self.exchange(&fields, sharing, fault),
            "refresh_token" => self.refresh(&fields, sharing, fault),
            _ => Ok(json!({"access_token": format!("sk-embedded-{}", self.random.token(32))})),
        };
        match (answer, fault) {
            (Ok(_), Some(IssuerFault::LostAnswer)) => Reply::new(200, Framing::Raw, vec![Step::Reset]),
            (Ok(_), Some(IssuerFault::HalfJson)) => half.unwrap_or_else(|| Reply::json(200, &json!({}))),
            (Ok(mut answer), fault) => {
                if let Some(fault) = fault {
                    fault.spoil(&mut answer);
                }
                Reply::json(200, &answer).header("cache-control", "no-store")
            }
            (Err(refusal), _) => refusal,
        }
    }

    fn exchange(&mut self, fields: &Fields, sharing: bool, fault: Option<IssuerFault>) -> Result<Value, Reply> {
        let invalid = |why: &str| {
            let body = json!({"error": "invalid_grant", "error_description": why});
            Reply::json(400, &body)
        };
        let now = self.ambient.now();
        let Some(grant) = self.codes.get(fields.get("code")).cloned() else {
            return Err(invalid("The code is not known."));
        };
        if let Some(family) = grant.family {
            self.end_family(family);
            return Err(invalid("The code was used before."));
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(fields.get("code_verifier").as_bytes()));
        for (wrong, why) in [
            (grant.until <= now, "The code is too old."),
            (grant.sharing != sharing, "The code is for another endpoint."),
            (grant.client_id != fields.get("client_id"), "The code is for another client."),
            (grant.redirect_uri != fields.get("redirect_uri"), "The redirect_uri is another one."),
            (grant.challenge != challenge, "The code_verifier does not fit."),
        ] {
            if wrong {
                return Err(invalid(why));
            }
        }
        let family = self.random.next();
        if let Some(spent) = self.codes.get_mut(fields.get("code")) {
            spent.family = Some(family);
        }
        Ok(self.tokens(
            Refreshable {
                client_id: grant.client_id,
                person: grant.person,
                scope: grant.scope,
                nonce: grant.nonce,
                sharing,
                family,
                state: State::Live,
            },
            fault,
        ))
    }

    fn refresh(&mut self, fields: &Fields, sharing: bool, fault: Option<IssuerFault>) -> Result<Value, Reply> {
        let token = fields.get("refresh_token");
        let Some(known) = self.refreshable.get(token).cloned().filter(|known| known.sharing == sharing) else {
            return Err(refused(401, "invalid_refresh_token", "The refresh token is not known."));
        };
        if known.client_id != fields.get("client_id") {
            return Err(refused(401, "invalid_client", "The refresh token is for another client."));
        }
        match known.state {
            State::Live => {}
            State::Revoked => {
                return Err(refused(401, "refresh_token_invalidated", "Your session was ended. Please sign in again."));
            }
            State::Spent => {
                self.counts.reused += 1;
                self.end_family(known.family);
                return Err(IssuerFault::RefreshTokenReused.reply(0).unwrap_or_else(|| refused(401, "", "")));
            }
        }
        if let Some(spent) = self.refreshable.get_mut(token) {
            spent.state = State::Spent;
        }
        Ok(self.tokens(known, fault))
    }

    fn tokens(&mut self, mut of: Refreshable, fault: Option<IssuerFault>) -> Value {
        if fault == Some(IssuerFault::OtherAccount) {
            of.person = super::ForgedToken::new("acct-other").user_id("user-other").email("other@example.test");
        }
        let issued = self.issue_for(&of, fault);
        let mut answer = json!({
            "id_token": issued.id_token,
            "access_token": issued.access_token,
            "refresh_token": issued.refresh_token,
            "expires_in": issued.expires_in.as_secs(),
            "token_type": "Bearer",
            "scope": of.scope,
        });
        if let (true, Some(fields)) = (of.sharing, answer.as_object_mut()) {
            let at = self.now_unix() + issued.expires_in.as_secs() / 2;
            fields.insert("earliest_refresh_at".to_owned(), at.into());
        }
        answer
    }

    pub(super) fn revoke(&mut self, request: &Incoming) -> Reply {
        self.counts.revocations += 1;
        if let Some(reply) = self.take_fault().and_then(|fault| fault.reply(self.random.next())) {
            return reply;
        }
        let fields = Fields::of_body(request);
        let token = fields.get("token");
        if let Some(family) = self.refreshable.get(token).map(|known| known.family) {
            self.end_family(family);
        }
        self.shared.remove(token);
        // A token that is not known is no error (RFC 7009, 2.2).
        Reply::json(200, &json!({}))
    }
}
