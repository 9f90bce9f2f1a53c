//! Reads the login of the Codex command line, `$CODEX_HOME/auth.json`.

use std::path::Path;
use std::time::SystemTime;

use secrecy::SecretString;
use serde_json::Value;

use super::fields::Fields;
use super::file::store;
use super::jwt::Claims;
use super::login::{FoundLogin, LoginKind};
use crate::error::Result;

/// Whether an object has the shape of an `auth.json`.
pub(super) fn is_codex_file(object: &Fields) -> bool {
    ["tokens", "OPENAI_API_KEY", "auth_mode"].iter().any(|key| object.raw(key).is_some())
}

/// The login in an `auth.json`.
///
/// Without an `auth_mode` (old files) the plan goes before the key, because calls with the key are billed.
pub(super) fn login_of(object: &Fields, path: &Path, now: SystemTime) -> Result<FoundLogin> {
    let name = path.display();
    let key = text(object.get("OPENAI_API_KEY").as_ref());
    let tokens = object.get("tokens").filter(|tokens| !tokens.is_null());
    let by_key = match object.get("auth_mode").as_ref().and_then(Value::as_str) {
        Some("apikey") => true,
        Some("chatgpt" | "chatgptAuthTokens") => false,
        Some("headers" | "agentIdentity" | "personalAccessToken" | "bedrockApiKey") => {
            return Err(store(format!(
                "{name} holds a login of a kind that this version does not use (see its auth_mode); \
                 run: codex login, to sign in with ChatGPT or with an API key"
            )));
        }
        // Unknown words too: what the file holds says more than they do.
        _ => tokens.is_none(),
    };
    if by_key {
        let Some(key) = key else {
            return Err(store(format!(
                "{name} holds no login: neither tokens.access_token nor OPENAI_API_KEY is set; run: codex login \
                 (a login in the system's keyring is not read: set cli_auth_credentials_store = \"file\" for Codex)"
            )));
        };
        let mut login = FoundLogin::new(LoginKind::ApiKey, key, name.to_string());
        login.path = Some(path.to_owned());
        return Ok(login);
    }
    let field = |key: &str| text(tokens.as_ref().and_then(|tokens| tokens.get(key)));
    let Some(access) = field("access_token") else {
        return Err(store(format!("{name} has no text in tokens.access_token; sign in again: codex login")));
    };
    let mut login = FoundLogin::new(LoginKind::ChatGpt, access, name.to_string());
    login.path = Some(path.to_owned());
    if let Some(account) = field("account_id") {
        login.token.account_id = Some(account);
    }
    // The access token of some accounts names no e-mail address, the id token does.
    if let Some(Ok(claims)) = field("id_token").map(|token| Claims::of(&SecretString::from(token))) {
        login.email = login.email.or(claims.email);
        login.plan_type = login.plan_type.or(claims.plan_type);
        login.token.account_id = login.token.account_id.or(claims.account_id);
    }
    Ok(login.judged(now))
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned)
}
