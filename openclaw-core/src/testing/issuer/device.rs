//! Device codes.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::super::http::Incoming;
use super::super::play::Reply;
use super::{Device, Fields, Grant, Issuer, page, refused};

impl Issuer {
    pub(super) fn device_code(&mut self, request: &Incoming) -> Reply {
        self.counts.device_codes += 1;
        if let Some(reply) = self.take_fault().and_then(|fault| fault.reply(self.random.next())) {
            return reply;
        }
        let client_id = Fields::of_body(request).get("client_id").to_owned();
        if client_id.is_empty() {
            return refused(400, "missing_required_parameter", "client_id is missing.");
        }
        let id = format!("deviceauth_{}", self.random.token(24));
        let user_code = format!("{}-{}", self.random.hex(4), self.random.hex(5)).to_ascii_uppercase();
        self.devices.insert(id.clone(), Device { user_code: user_code.clone(), client_id, decision: None });
        // The interval is a text on the real server.
        let interval = self.device_interval.as_secs().to_string();
        Reply::json(200, &json!({"device_auth_id": id, "user_code": user_code, "interval": interval}))
    }

    pub(super) fn device_poll(&mut self, request: &Incoming) -> Reply {
        self.counts.device_polls += 1;
        if let Some(reply) = self.take_fault().and_then(|fault| fault.reply(self.random.next())) {
            return reply;
        }
        let fields = Fields::of_body(request);
        let Some(device) = self.devices.get(fields.get("device_auth_id")).cloned() else {
            return refused(404, "deviceauth_not_found", "This device code is not known.");
        };
        match device.decision {
            _ if device.user_code != fields.get("user_code") => refused(403, "deviceauth_mismatch", "Another code."),
            None => refused(403, "deviceauth_authorization_pending", "The code was not typed yet."),
            Some(false) => refused(403, "deviceauth_denied", "The person declined."),
            Some(true) => {
                let verifier = self.random.token(64);
                let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
                let code = format!("ac_{}", self.random.token(40));
                let until = self.ambient.now() + Duration::from_secs(600);
                self.codes.insert(
                    code.clone(),
                    Grant {
                        challenge: challenge.clone(),
                        redirect_uri: format!("{}/deviceauth/callback", self.address),
                        client_id: device.client_id,
                        person: self.person.clone(),
                        scope: "openid profile email offline_access".to_owned(),
                        nonce: None,
                        sharing: false,
                        until,
                        family: None,
                    },
                );
                self.devices.remove(fields.get("device_auth_id"));
                let body = json!({"authorization_code": code, "code_challenge": challenge, "code_verifier": verifier});
                Reply::json(200, &body)
            }
        }
    }

    /// Where a person types the code.
    pub(super) fn device_page(&mut self, request: &Incoming) -> Reply {
        if request.method == "GET" {
            return page::device(None);
        }
        let fields = Fields::of_body(request);
        let known = self.decide_device(fields.get("user_code").trim(), fields.get("decision") == "continue");
        page::device(Some(known))
    }

    /// Whether this code waits for a decision; it has one then.
    pub(in crate::testing) fn decide_device(&mut self, user_code: &str, allow: bool) -> bool {
        let waiting = |device: &&mut Device| device.user_code == user_code && device.decision.is_none();
        match self.devices.values_mut().find(waiting) {
            Some(device) => {
                device.decision = Some(allow);
                true
            }
            None => false,
        }
    }
}
