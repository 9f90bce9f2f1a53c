//! The profile that a sign-in makes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::sign_in::SignIn;
use super::tokens::TokenResponse;
use crate::auth::{Claims, OAuthCredential, Profile};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::provider::ProviderId;

impl SignIn {
    /// The profile of these tokens, with the issuer that it is refreshed at.
    pub(super) fn profile(&self, tokens: TokenResponse) -> Result<Profile> {
        profile_of(ProviderId::new(ProviderId::CODEX), tokens, self.endpoint.issuer(), self.endpoint.client_id())
    }
}

/// A profile, named as OpenClaw names it: by the e-mail address, else by the user, else `default`.
pub(super) fn profile_of(
    provider: ProviderId,
    tokens: TokenResponse,
    issuer: &super::Issuer,
    client_id: &str,
) -> Result<Profile> {
    let Some(access) = tokens.access_token else {
        let text = "the login server gave no access token: start the sign-in again";
        return Err(Error::new(ErrorKind::AuthInvalid, Stage::Responded, text));
    };
    // The access token of some accounts names no e-mail address, the id token does.
    let claims = Claims::of(&access).unwrap_or_default();
    let more = tokens.id_token.as_ref().and_then(|token| Claims::of(token).ok()).unwrap_or_default();
    let email = claims.email.or(more.email);
    let user_id = claims.user_id.or(more.user_id);
    let id = match (&email, &user_id) {
        (Some(email), _) => format!("{provider}:{email}"),
        (None, Some(user)) => format!("{provider}:id-{}", URL_SAFE_NO_PAD.encode(user)),
        (None, None) => format!("{provider}:default"),
    };
    let mut credential = OAuthCredential::new(access, tokens.refresh_token);
    credential.expires = tokens.expires_at;
    credential.account_id = claims.account_id.or(more.account_id);
    credential.client_id = Some(client_id.to_owned());
    credential.issuer = Some(issuer.to_string());
    credential.id_token = tokens.id_token;
    credential.scope = tokens.scope;
    credential.earliest_refresh_at = tokens.earliest_refresh_at;
    let mut profile = Profile::new(id, provider, credential);
    profile.email = email;
    Ok(profile)
}
