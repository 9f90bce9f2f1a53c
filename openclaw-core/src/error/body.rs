//! Reads error bodies: JSON shapes, HTML to text, previews.

/// At most 200 characters, tags stripped, secrets removed.
pub(super) fn preview(body: &str) -> String {
    super::redact(body).chars().take(200).collect()
}
