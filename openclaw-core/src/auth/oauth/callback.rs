//! What comes back from the sign-in page: by the browser, or pasted by a person.

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::pkce::same;
use crate::error::{Advice, Error, ErrorKind, Result, Stage};

/// What the sign-in page sent back. `Debug` shows neither code nor state.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    pub(crate) outcome: Outcome,
    state: Option<SecretString>,
    /// The client that was issued to this installation (plan sharing).
    pub(crate) client_id: Option<String>,
    /// What was granted, if it says so (plan sharing).
    pub(crate) scope: Option<String>,
}

/// How the sign-in went.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The code for the token endpoint.
    Code(SecretString),
    /// It was refused.
    Refused(Refused),
}

/// A refusal in the words of the login server.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) error: String,
    pub(crate) description: String,
}

/// Nobody's callback is longer.
const MAX_INPUT: usize = 16 * 1024;
/// This much of a refusal's description is kept.
const MAX_DESCRIPTION: usize = 300;

impl Callback {
    /// Reads the query of a callback, `code=…&state=…` or `error=…&error_description=…&state=…`.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence. It never shows a code.
    pub(crate) fn of_query(query: &str) -> Result<Self, &'static str> {
        if query.len() > MAX_INPUT {
            return Err("it is too long");
        }
        let (mut code, mut state, mut error, mut description) = (None, None, None, None);
        let (mut client_id, mut scope) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "code" => &mut code,
                "state" => &mut state,
                "error" => &mut error,
                "error_description" => &mut description,
                "client_id" => &mut client_id,
                "scope" => &mut scope,
                _ => continue,
            };
            // Two values: whoever added one of them wants us to take the wrong one (RFC 6749, 3.1).
            if slot.replace(value.into_owned()).is_some() {
                return Err("it has one of its fields twice");
            }
        }
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let outcome = match (filled(error), filled(code)) {
            (Some(error), _) => Outcome::Refused(Refused {
                error: plain(&error, 80),
                description: plain(&description.unwrap_or_default(), MAX_DESCRIPTION),
            }),
            (None, Some(code)) => Outcome::Code(sound(&code)?.into()),
            (None, None) => return Err("it has neither a code nor an error"),
        };
        let client_id = filled(client_id).filter(|id| id.len() <= 200 && id.chars().all(|c| c.is_ascii_graphic()));
        Ok(Self { outcome, state: filled(state).map(SecretString::from), client_id, scope: filled(scope) })
    }

    /// Reads what a person pasted: the whole address, its query, `code#state`, or the code alone.
    ///
    /// # Errors
    /// `auth_invalid` with what would be right. The message never shows what was pasted.
    pub(crate) fn of_paste(input: &str) -> Result<Self> {
        let wrong = |why: &str| {
            let text = format!(
                "what was pasted is no answer of the sign-in page: {why}; paste the whole address of the page that came after the sign-in (http://localhost…/auth/callback?code=…), or the code"
            );
            Error::new(ErrorKind::AuthInvalid, Stage::NotSent, text)
        };
        if input.len() > MAX_INPUT {
            return Err(wrong("it is too long"));
        }
        // A terminal breaks long lines; an address has no blanks.
        let text: String = input.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        let text = text.trim_matches(['"', '\'', '`', '<', '>']);
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        let query = match text.split_once('?') {
            Some((_, query)) => Some(query.split('#').next().unwrap_or_default()),
            None if text.contains("code=") || text.contains("error=") => Some(text.trim_start_matches(['#', '&'])),
            None => None,
        };
        if let Some(query) = query {
            let named = |name: &str| form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == name);
            if named("code_challenge") || (named("response_type") && !named("code")) {
                return Err(wrong(
                    "it is the address of the sign-in page itself, so open that in a browser and sign in first",
                ));
            }
            return Self::of_query(query).map_err(wrong);
        }
        if text.contains("://") {
            return Err(wrong("this address has no code"));
        }
        let (code, state) = match text.split_once('#') {
            Some((code, state)) => (code, Some(state).filter(|state| !state.is_empty())),
            None => (text, None),
        };
        let code = sound(code).map_err(wrong)?;
        Ok(Self {
            outcome: Outcome::Code(code.into()),
            state: state.map(SecretString::from),
            client_id: None,
            scope: None,
        })
    }

    /// Whether it carries this state.
    pub(crate) fn is_for(&self, state: &SecretString) -> bool {
        self.state.as_ref().is_some_and(|own| same(own.expose_secret(), state.expose_secret()))
    }

    /// Whether it carries a state at all. A pasted code may have none.
    pub(crate) fn has_state(&self) -> bool {
        self.state.is_some()
    }
}

impl Refused {
    /// The refusal as an error.
    pub(crate) fn error(&self) -> Error {
        let (kind, advice, text) = self.meaning();
        let text = match self.description.is_empty() || kind == ErrorKind::Cancelled {
            true => text.to_owned(),
            false => format!("{text} — it said: {}", crate::error::redact(&self.description)),
        };
        Error::new(kind, Stage::Responded, text).with_advice(advice).with_code(&self.error)
    }

    fn meaning(&self) -> (ErrorKind, Advice, &'static str) {
        let said = |word: &str| self.description.contains(word);
        match self.error.as_str() {
            "access_denied" if said("missing_codex_entitlement") => (
                ErrorKind::Forbidden,
                Advice::OtherProfile,
                "Codex is not enabled for this workspace: ask its admin to enable it, or sign in with another workspace",
            ),
            "access_denied" => (
                ErrorKind::Cancelled,
                Advice::SignIn,
                "the sign-in was declined in the browser: nothing was stored; start it again and choose to continue",
            ),
            "server_error" | "temporarily_unavailable" => {
                (ErrorKind::ServerError, Advice::Retry, "the login server failed: start the sign-in again")
            }
            "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
                (ErrorKind::AuthInvalid, Advice::SignIn, "the login server wants the person: start the sign-in again")
            }
            "invalid_scope" | "invalid_request" | "unauthorized_client" | "unsupported_response_type" => (
                ErrorKind::Config,
                Advice::FixConfig,
                "the login server does not accept this way to sign in: check issuer and client id",
            ),
            _ => (
                ErrorKind::Unknown,
                Advice::SignIn,
                "the login server ended the sign-in without a code: start it again, or use another method",
            ),
        }
    }
}

/// A code that can be sent on.
fn sound(code: &str) -> Result<String, &'static str> {
    let code = code.trim();
    if code.is_empty() {
        return Err("its code is empty");
    }
    if code.len() > 8 * 1024 || !code.chars().all(|c| c.is_ascii_graphic()) {
        return Err("its code has characters that no code has");
    }
    Ok(code.to_owned())
}

/// Text of a stranger, on one line and short.
fn plain(text: &str, limit: usize) -> String {
    text.trim().chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
