//! Whose login it is, and whether two logins are of one person.

use secrecy::SecretString;

use super::Claims;
use super::profile::{Credential, Profile};
use crate::provider::ProviderId;

/// Whose login it is, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The provider that it is for.
    pub provider: ProviderId,
    /// The account or workspace. Members of one Team share it.
    pub account_id: Option<String>,
    /// The person.
    pub user_id: Option<String>,
    /// The person's e-mail address.
    pub email: Option<String>,
}

/// Whether two logins are of one person in one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// They are.
    Same,
    /// They are not.
    Different,
    /// They have nothing in common that could tell.
    Unknown,
}

impl Identity {
    /// Of this provider; nothing else is known.
    pub fn new(provider: ProviderId) -> Self {
        Self { provider, account_id: None, user_id: None, email: None }
    }

    /// By the stored fields, else by the claims of the access token, else by those of the id token.
    pub(super) fn of(profile: &Profile) -> Self {
        let (account_id, tokens) = match &profile.credential {
            Credential::OAuth(oauth) => (oauth.account_id.clone(), [Some(&oauth.access), oauth.id_token.as_ref()]),
            Credential::Token(token) => (None, [token.token.plain(), None]),
            Credential::ApiKey(_) => (None, [None, None]),
        };
        let said = Self::of_tokens(profile.provider.clone(), tokens);
        Self { account_id: account_id.or(said.account_id), email: profile.email.clone().or(said.email), ..said }
    }

    /// By what these tokens say of themselves, the first one first.
    pub(super) fn of_tokens(provider: ProviderId, tokens: [Option<&SecretString>; 2]) -> Self {
        let mut identity = Self::new(provider);
        for claims in tokens.into_iter().flatten().filter_map(|token| Claims::of(token).ok()) {
            identity.account_id = identity.account_id.or(claims.account_id);
            identity.user_id = identity.user_id.or(claims.user_id);
            identity.email = identity.email.or(claims.email);
        }
        identity
    }

    /// Account ids must not differ; then the person decides: the user id if both have one, else the e-mail address
    /// without regard to case.
    pub fn compare(&self, other: &Self) -> Comparison {
        let differ = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
        if self.provider != other.provider || differ(&self.account_id, &other.account_id) {
            return Comparison::Different;
        }
        let same = match (&self.user_id, &other.user_id, &self.email, &other.email) {
            (Some(a), Some(b), _, _) => a == b,
            (_, _, Some(a), Some(b)) => a.trim().to_lowercase() == b.trim().to_lowercase(),
            _ => return Comparison::Unknown,
        };
        if same { Comparison::Same } else { Comparison::Different }
    }

    /// Whether both are known to be of one account or workspace, whoever the persons are.
    pub fn same_account(&self, other: &Self) -> bool {
        self.provider == other.provider && self.account_id.is_some() && self.account_id == other.account_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(account: &str, user: &str, email: &str) -> Identity {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let codex = ProviderId::new(ProviderId::CODEX);
        Identity { provider: codex, account_id: text(account), user_id: text(user), email: text(email) }
    }

    #[test]
    fn the_person_in_the_account_decides() {
        use Comparison::{Different, Same, Unknown};
        for (a, b, expected) in [
            (("a", "u", ""), ("a", "u", ""), Same),
            (("a", "u", "x@y"), ("a", "u", "z@y"), Same),
            (("a", "u", "x@y"), ("a", "v", "x@y"), Different),
            (("a", "u", "x@y"), ("b", "u", "x@y"), Different),
            (("a", "", "Me@Y "), ("", "u", "me@y"), Same),
            (("a", "", "me@y"), ("a", "", "you@y"), Different),
            (("a", "", ""), ("a", "", ""), Unknown),
            (("a", "u", ""), ("a", "", "me@y"), Unknown),
            (("", "", ""), ("", "", ""), Unknown),
        ] {
            let (a, b) = (identity(a.0, a.1, a.2), identity(b.0, b.1, b.2));
            assert_eq!(a.compare(&b), expected, "{a:?} {b:?}");
            assert_eq!(b.compare(&a), expected, "{b:?} {a:?}");
        }
        let other = Identity { provider: ProviderId::new("openai"), ..identity("a", "u", "") };
        assert_eq!(identity("a", "u", "").compare(&other), Different);
        assert!(identity("a", "u", "").same_account(&identity("a", "v", "")));
        assert!(!identity("", "u", "").same_account(&identity("", "u", "")));
    }
}
