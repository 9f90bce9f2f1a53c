//! Faults of the login server, each of which a client must tell from the others.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::play::Reply;
use super::super::{Framing, Step, pages};
use super::refused;

crate::error::words! {
    /// What goes wrong at the sign-in page, at the token endpoint and with device codes.
    IssuerFault {
        /// 401 `refresh_token_expired`.
        RefreshTokenExpired = "refresh_token_expired",
        /// 401 `refresh_token_reused`.
        RefreshTokenReused = "refresh_token_reused",
        /// 401 `refresh_token_invalidated`.
        RefreshTokenInvalidated = "refresh_token_invalidated",
        /// 401 `invalid_refresh_token`.
        InvalidRefreshToken = "invalid_refresh_token",
        /// 401 `token_expired`.
        TokenExpired = "token_expired",
        /// 400 `invalid_grant`, as the standard writes it.
        InvalidGrant = "invalid_grant",
        /// 400 `app_session_expired`, with the code at the top.
        AppSessionExpired = "app_session_expired",
        /// 401 `invalid_client`.
        InvalidClient = "invalid_client",
        /// 401 without a code.
        Unauthorized = "unauthorized",
        /// 400 without a code that is known.
        BadRequest = "bad_request",
        /// 403 without a code.
        Forbidden = "forbidden",
        /// 403 `unsupported_country_region_territory`.
        Region = "region",
        /// 403 with a page of the network in front.
        EdgeBlock = "edge_block",
        /// 429.
        RateLimit = "rate_limit",
        /// 503.
        Unavailable = "unavailable",
        /// 200 with a page.
        Page = "page",
        /// 200 with half a JSON object.
        HalfJson = "half_json",
        /// 307 to another host.
        Redirect = "redirect",
        /// 200 without a refresh token.
        NoRefreshToken = "no_refresh_token",
        /// 200 without an access token.
        NoAccessToken = "no_access_token",
        /// 200 with the tokens of another account.
        OtherAccount = "other_account",
        /// 200 without the scope that plan sharing needs.
        NoPlanScope = "no_plan_scope",
        /// 200 with an ID token of another issuer.
        OtherIssuer = "other_issuer",
        /// 200 with an ID token for another client.
        OtherAudience = "other_audience",
        /// 200 with an ID token for another sign-in.
        OtherNonce = "other_nonce",
        /// The connection breaks after the request was taken: the token is spent and nobody has the next one.
        LostAnswer = "lost_answer",
        /// Nothing is answered.
        Stall = "stall",
        /// The person continues, and the workspace may not use Codex: `access_denied`, `missing_codex_entitlement`.
        NoEntitlement = "no_entitlement",
        /// The person continues, and the sign-in page fails: `server_error`.
        PageFailure = "page_failure",
        /// Device codes are not enabled: 404.
        NoDeviceCodes = "no_device_codes",
        /// `slow_down` to a question for a device code.
        SlowDown = "slow_down",
    }
}

impl IssuerFault {
    /// The answer, for those that have one of their own.
    pub(super) fn reply(self, number: u64) -> Option<Reply> {
        let ended = |status, code: &str| Some(refused(status, code, "Your session has ended. Please sign in again."));
        match self {
            Self::RefreshTokenExpired
            | Self::RefreshTokenInvalidated
            | Self::InvalidRefreshToken
            | Self::TokenExpired => ended(401, self.as_str()),
            Self::RefreshTokenReused => Some(refused(
                401,
                "refresh_token_reused",
                "Your refresh token has already been used to generate a new access token. Please try signing in again.",
            )),
            Self::InvalidClient => ended(401, "invalid_client"),
            Self::InvalidGrant => Some(Reply::json(
                400,
                &json!({"error": "invalid_grant", "error_description": "The grant is invalid, expired or revoked."}),
            )),
            Self::AppSessionExpired => {
                Some(Reply::json(400, &json!({"code": "APP_SESSION_EXPIRED", "message": "ended"})))
            }
            Self::Unauthorized => Some(Reply::json(401, &json!({"detail": "Unauthorized"}))),
            Self::BadRequest => Some(refused(400, "strange_request", "Something about this request is strange.")),
            Self::Forbidden => Some(Reply::json(403, &json!({"detail": "Forbidden"}))),
            Self::Region => Some(refused(
                403,
                "unsupported_country_region_territory",
                "Country, region, or territory not supported",
            )),
            Self::EdgeBlock => Some(Reply::page(pages::challenge(number))),
            Self::RateLimit => {
                Some(refused(429, "rate_limit_exceeded", "Too many requests.").header("retry-after", "7"))
            }
            Self::Unavailable => Some(Reply::json(503, &json!({"detail": "Service Unavailable"}))),
            Self::Page => Some(Reply::page(pages::captive_portal(number))),
            Self::HalfJson => {
                let bytes = br#"{"access_token":"half-of-a-secret-token","refresh_tok"#.to_vec();
                let step = Step::Send { bytes: bytes.into(), times: 1 };
                Some(Reply::new(200, Framing::ContentLength, vec![step]).header("content-type", "application/json"))
            }
            Self::Redirect => Some(
                Reply::new(307, Framing::ContentLength, Vec::new())
                    .header("location", "https://login.elsewhere.invalid/oauth/token"),
            ),
            Self::Stall => Some(
                Reply::new(200, Framing::ContentLength, vec![Step::Delay(Duration::from_millis(1)), Step::Stall])
                    .header("content-length", "1000"),
            ),
            Self::NoDeviceCodes => Some(Reply::json(404, &json!({"detail": "Not Found"}))),
            Self::SlowDown => Some(refused(429, "slow_down", "Slow down.")),
            Self::NoRefreshToken
            | Self::NoAccessToken
            | Self::OtherAccount
            | Self::NoPlanScope
            | Self::OtherIssuer
            | Self::OtherAudience
            | Self::OtherNonce
            | Self::NoEntitlement
            | Self::PageFailure
            | Self::LostAnswer => None,
        }
    }

    /// The error and its description that the browser comes back with, for those that happen at the sign-in page.
    pub(super) fn of_page(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::NoEntitlement => Some(("access_denied", "missing_codex_entitlement")),
            Self::PageFailure => Some(("server_error", "Something went wrong.")),
            _ => None,
        }
    }

    /// Changes a good answer.
    pub(super) fn spoil(self, answer: &mut Value) {
        if let Some(fields) = answer.as_object_mut() {
            match self {
                Self::NoRefreshToken => drop(fields.remove("refresh_token")),
                Self::NoAccessToken => drop(fields.remove("access_token")),
                Self::NoPlanScope => drop(fields.insert("scope".to_owned(), "openid profile email".into())),
                _ => {}
            }
        }
    }
}
