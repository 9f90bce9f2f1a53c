//! Where a value stands in a configuration.

use std::fmt;

use crate::config::issue::pointer_step;
use crate::error::{Error, Result};

/// The way to a value: keys from the root, and for arrays indexes.
///
/// Read from `auth.profiles.openai-codex:default`, from `models["a.b"].list[0]` where a key holds a dot, or from a JSON
/// pointer (`/models/a.b/list/0`).
///
/// ```
/// use openclaw_core::config::KeyPath;
///
/// let path: KeyPath = r#"agents.defaults.models["openai-codex/gpt-5.4"].alias"#.parse()?;
/// assert_eq!(path.pointer(), "/agents/defaults/models/openai-codex~1gpt-5.4/alias");
/// # Ok::<(), openclaw_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct KeyPath(Vec<String>);

impl KeyPath {
    /// The path of these keys.
    pub fn new<S: Into<String>>(keys: impl IntoIterator<Item = S>) -> Self {
        Self(keys.into_iter().map(Into::into).collect())
    }

    /// Reads a JSON pointer (RFC 6901).
    ///
    /// # Errors
    /// Of kind `config` when it neither is empty nor begins with `/`.
    pub fn from_pointer(pointer: &str) -> Result<Self> {
        if pointer.is_empty() {
            return Ok(Self::default());
        }
        let Some(rest) = pointer.strip_prefix('/') else {
            return Err(Error::config(format!("{pointer:?} is no JSON pointer: it does not begin with /")));
        };
        Ok(Self(rest.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect()))
    }

    /// The same as a JSON pointer.
    pub fn pointer(&self) -> String {
        self.0.iter().map(|step| pointer_step(step)).collect()
    }

    /// The keys from the root on.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether this is the root.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The path one key further down.
    #[must_use]
    pub fn join(&self, key: &str) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.to_owned());
        Self(keys)
    }

    /// The path without its last key, and that key.
    pub fn split_last(&self) -> Option<(Self, &str)> {
        let (last, above) = self.0.split_last()?;
        Some((Self(above.to_vec()), last))
    }

    pub(crate) fn starts_with(&self, above: &Self) -> bool {
        self.0.starts_with(&above.0)
    }

    pub(crate) fn steps(&self) -> &[String] {
        &self.0
    }
}

impl std::str::FromStr for KeyPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.is_empty() || text.starts_with('/') {
            return Self::from_pointer(text);
        }
        let wrong = |why: &str| Error::config(format!("{text:?} is no path: {why}"));
        let mut keys = Vec::new();
        let mut rest = text;
        loop {
            if let Some(inner) = rest.strip_prefix('[') {
                let (key, behind) = bracket(inner).ok_or_else(|| wrong("a bracket is not closed"))?;
                keys.push(key);
                rest = behind;
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let key = rest.get(..end).unwrap_or_default();
                if key.is_empty() {
                    return Err(wrong("a key is empty; write [\"\"] if that is meant"));
                }
                keys.push(key.to_owned());
                rest = rest.get(end..).unwrap_or_default();
            }
            if rest.is_empty() {
                return Ok(Self(keys));
            }
            if let Some(behind) = rest.strip_prefix('.') {
                rest = behind;
                if rest.starts_with('[') || rest.is_empty() {
                    return Err(wrong("a key is empty; write [\"\"] if that is meant"));
                }
            } else if !rest.starts_with('[') {
                return Err(wrong("a dot is missing behind a bracket"));
            }
        }
    }
}

/// The key in brackets, and what stands behind the closing one.
fn bracket(inner: &str) -> Option<(String, &str)> {
    let Some(quote) = inner.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let (key, behind) = inner.split_once(']')?;
        return (!key.is_empty()).then(|| (key.to_owned(), behind));
    };
    let mut key = String::new();
    let mut chars = inner.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((key, inner.get(at + 1..)?.strip_prefix(']')?));
        }
        key.push(if c == '\\' { chars.next()?.1 } else { c });
    }
    None
}

impl TryFrom<&str> for KeyPath {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self> {
        text.parse()
    }
}

impl From<&KeyPath> for KeyPath {
    fn from(path: &KeyPath) -> Self {
        path.clone()
    }
}

/// What cannot fail has no error; generic code asks for one.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// Dots between plain keys, brackets around the others.
impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, key) in self.0.iter().enumerate() {
            let plain = !key.is_empty() && !key.contains(['.', '[', ']', '"', '\\']) && !key.starts_with('/');
            match (plain, i) {
                (true, 0) => f.write_str(key)?,
                (true, _) => write!(f, ".{key}")?,
                (false, _) => write!(f, "[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\""))?,
            }
        }
        Ok(())
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for KeyPath {
    fn from(keys: [S; N]) -> Self {
        Self::new(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_dots_brackets_and_pointers() {
        for (text, keys) in [
            ("a.b", vec!["a", "b"]),
            ("auth.profiles.openai-codex:default.token", vec!["auth", "profiles", "openai-codex:default", "token"]),
            ("a[0].b", vec!["a", "0", "b"]),
            ("a[\"x.y\"]['z\\'']", vec!["a", "x.y", "z'"]),
            ("/a/x~1y/m~0n", vec!["a", "x/y", "m~n"]),
            ("", vec![]),
        ] {
            assert_eq!(text.parse::<KeyPath>().unwrap().keys().collect::<Vec<_>>(), keys, "{text}");
        }
        for text in ["a..b", ".a", "a.", "a[", "a[\"x]", "a[0]b", "a[]", "a.[0]"] {
            assert!(text.parse::<KeyPath>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_path_reads_back(keys in proptest::collection::vec("[a-z.\\[\\]\"'\\\\/~ é]{0,5}", 0..5)) {
            let path = KeyPath::new(keys);
            prop_assert_eq!(&path.to_string().parse::<KeyPath>().unwrap(), &path);
            prop_assert_eq!(&KeyPath::from_pointer(&path.pointer()).unwrap(), &path);
        }
    }
}
