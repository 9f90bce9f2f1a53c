//! What a sign-in shows to a person, and what it asks: the host's own words, in its own window or terminal.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::error::{Error, Result};

/// The person's side of a sign-in. The methods that are no futures must not block.
///
/// ```
/// use openclaw_core::auth::oauth::SignInPrompt;
///
/// struct Terminal;
///
/// impl SignInPrompt for Terminal {
///     fn show_url(&self, url: &str) {
///         println!("Open this address: {url}");
///     }
/// }
/// ```
#[async_trait]
pub trait SignInPrompt: Send + Sync {
    /// Shows the address of the sign-in page, and opens it if there is a browser.
    fn show_url(&self, url: &str);

    /// Shows the code of a device sign-in and the address where it is typed.
    fn show_code(&self, code: &DeviceCode) {
        self.show_url(&code.url);
    }

    /// Asks for what the sign-in page sent back: the address of the page that came after it, or the code.
    ///
    /// `wrong` says what was wrong with what was pasted before. A browser sign-in asks too, and takes what comes first, the
    /// browser's own answer or this; the future is dropped then. Never ends unless a host writes it.
    ///
    /// # Errors
    /// Those of the host: they end the sign-in.
    async fn paste(&self, wrong: Option<&Error>) -> Result<SecretString> {
        let _ = wrong;
        std::future::pending().await
    }

    /// Tells how far it is.
    fn progress(&self, step: &SignInStep) {
        let _ = step;
    }
}

/// The code of a device sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceCode {
    /// Where it is typed, on any device.
    pub url: String,
    /// What is typed. It is no secret of the login, but whoever can make a person type it gets the login: show it to the
    /// person only.
    pub code: String,
    /// How long it is good.
    pub valid_for: Duration,
}

/// A step of a sign-in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SignInStep {
    /// Another program has the port of the callback; it was asked to let it go.
    PortInUse(u16),
    /// Waits for the person.
    Waiting,
    /// Something came that is no answer to this sign-in; it goes on. The text says what.
    Ignored(String),
    /// The login server could not be asked; it will be asked again.
    AskingAgain(Error),
    /// The person is done; the tokens are fetched.
    Exchanging,
}
