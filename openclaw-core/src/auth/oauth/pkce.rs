//! What proves that the program which asks for the tokens is the one that sent the person to the sign-in page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::ambient::Ambient;
use crate::error::Result;

/// A PKCE verifier, whose S256 challenge goes out with the sign-in address (RFC 7636).
#[derive(Debug, Clone)]
pub(super) struct Pkce {
    pub(super) verifier: SecretString,
    pub(super) challenge: String,
}

impl Pkce {
    /// A new one: 64 random bytes.
    ///
    /// # Errors
    /// `config` without entropy.
    pub(super) fn new(ambient: &dyn Ambient) -> Result<Self> {
        Ok(Self::of(random_text::<64>(ambient)?))
    }

    fn of(verifier: SecretString) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()));
        Self { verifier, challenge }
    }
}

/// So many random bytes in base64url: a verifier, a state, a nonce.
///
/// # Errors
/// `config` without entropy.
pub(super) fn random_text<const BYTES: usize>(ambient: &dyn Ambient) -> Result<SecretString> {
    let mut bytes = [0; BYTES];
    ambient.secret(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::SystemAmbient;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let pkce = Pkce::of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(pkce.challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn every_sign_in_has_secrets_of_its_own() {
        let (a, b) = (Pkce::new(&SystemAmbient).unwrap(), Pkce::new(&SystemAmbient).unwrap());
        assert_eq!(a.verifier.expose_secret().len(), 86);
        assert!(!same(a.verifier.expose_secret(), b.verifier.expose_secret()));
        assert!(!format!("{a:?}").contains(a.verifier.expose_secret()));
    }

    #[test]
    fn texts_are_the_same_when_they_are() {
        for (a, b, expected) in [("", "", true), ("ab", "ab", true), ("ab", "aB", false), ("ab", "abc", false)] {
            assert_eq!(same(a, b), expected, "{a:?} {b:?}");
        }
    }
}
