//! Header lists with secrets that stay secret.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A list of HTTP headers. Names compare without case; `Debug` hides values that may be secret.
#[derive(Clone, Default)]
pub struct Headers(Vec<(String, HeaderText)>);

#[derive(Clone)]
enum HeaderText {
    Plain(String),
    Secret(SecretString),
}

impl HeaderText {
    fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(text) => text.expose_secret(),
        }
    }
}

impl Headers {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header behind those that are there.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into().to_ascii_lowercase();
        let value = value.into();
        let value = if is_secret_name(&name) { HeaderText::Secret(value.into()) } else { HeaderText::Plain(value) };
        self.0.push((name, value));
    }

    /// Adds a header whose value is never shown, whatever its name.
    pub fn push_secret(&mut self, name: impl Into<String>, value: SecretString) {
        self.0.push((name.into().to_ascii_lowercase(), HeaderText::Secret(value)));
    }

    /// Puts this header in the place of all of its name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.push(name, value);
    }

    /// Puts these headers in the place of all of their names. What is secret stays so.
    pub fn merge(&mut self, others: &Headers) {
        for (name, _) in &others.0 {
            self.remove(name);
        }
        self.0.extend(others.0.iter().cloned());
    }

    /// Keeps the headers whose name, in small letters, passes.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// Takes out all headers of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// The first value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Whether a header of this name is there.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every header: lower-case name, value (secrets included), whether the value is secret.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str(), matches!(v, HeaderText::Secret(_))))
    }

    /// The headers that may be shown: lower-case name, value.
    pub fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(_, _, secret)| !secret).map(|(name, value, _)| (name, value))
    }

    /// How many headers there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::new();
        for (name, value) in pairs {
            headers.push(name, value);
        }
        headers
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(n, v, secret)| (n, if secret { "[secret]" } else { v }))).finish()
    }
}

/// Headers that carry credentials whoever sets them.
pub(crate) fn is_secret_name(lower: &str) -> bool {
    matches!(lower, "authorization" | "proxy-authorization" | "cookie" | "set-cookie" | "x-api-key" | "api-key")
        || lower.ends_with("-token")
        || lower.ends_with("-secret")
        || lower.ends_with("-api-key")
}
