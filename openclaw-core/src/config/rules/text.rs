//! The forms of single texts. Each says what is wrong with a text, in OpenClaw's words, or nothing.

use super::forms::{is_size, trim};

/// What is wrong with a text.
pub(crate) type Form = fn(&str) -> Option<&'static str>;

/// Every form, by name.
pub(crate) const FORMS: &[(&str, Form)] = &[
    ("absolute_path", absolute_path),
    ("at_most_1024", at_most_1024),
    ("at_most_200", at_most_200),
    ("at_most_50", at_most_50),
    ("byte_size", byte_size),
    ("env_name", env_name),
    ("env_secret_id", env_secret_id),
    ("exec_secret_id", exec_secret_id),
    ("executable_path", executable_path),
    ("file_secret_id", file_secret_id),
    ("hex_color", hex_color),
    ("http_url", http_url),
    ("module_path", module_path),
    ("non_empty", non_empty),
    ("not_blank", not_blank),
    ("profile_name", profile_name),
    ("secret_source", secret_source),
    ("source_alias", source_alias),
];

/// The form of this name.
pub(crate) fn form(name: &str) -> Option<Form> {
    FORMS.iter().find(|(known, _)| *known == name).map(|(_, form)| *form)
}

fn unless(good: bool, message: &'static str) -> Option<&'static str> {
    (!good).then_some(message)
}

pub(crate) fn non_empty(text: &str) -> Option<&'static str> {
    unless(!text.is_empty(), "Too small: expected string to have >=1 characters")
}

pub(crate) fn not_blank(text: &str) -> Option<&'static str> {
    non_empty(trim(text))
}

pub(crate) fn at_most_50(text: &str) -> Option<&'static str> {
    unless(text.encode_utf16().count() <= 50, "Too big: expected string to have <=50 characters")
}

pub(crate) fn at_most_200(text: &str) -> Option<&'static str> {
    unless(text.encode_utf16().count() <= 200, "Too big: expected string to have <=200 characters")
}

pub(crate) fn at_most_1024(text: &str) -> Option<&'static str> {
    unless(text.encode_utf16().count() <= 1024, "Too big: expected string to have <=1024 characters")
}

pub(crate) fn hex_color(text: &str) -> Option<&'static str> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    unless(digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "expected hex color (RRGGBB)")
}

/// `new URL(text)` of JavaScript throws for what is no URL at all, and OpenClaw 2026.4.5 with it.
pub(crate) fn http_url(text: &str) -> Option<&'static str> {
    match url::Url::parse(text) {
        Ok(url) => unless(matches!(url.scheme(), "http" | "https"), "Expected http:// or https:// URL"),
        Err(_) => Some("Invalid URL"),
    }
}

pub(crate) fn env_name(text: &str) -> Option<&'static str> {
    unless(is_env_name(text), "Invalid string: must match pattern /^[A-Z][A-Z0-9_]{0,127}$/")
}

pub(crate) fn env_secret_id(text: &str) -> Option<&'static str> {
    let message = "Env secret reference id must match /^[A-Z][A-Z0-9_]{0,127}$/ (example: \"OPENAI_API_KEY\").";
    unless(is_env_name(text), message)
}

fn is_env_name(text: &str) -> bool {
    named(text, 128, |b| b.is_ascii_uppercase(), |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

pub(crate) fn source_alias(text: &str) -> Option<&'static str> {
    unless(is_alias(text), "Invalid string: must match pattern /^[a-z][a-z0-9_-]{0,63}$/")
}

pub(crate) fn secret_source(text: &str) -> Option<&'static str> {
    let message = "Secret reference provider must match /^[a-z][a-z0-9_-]{0,63}$/ (example: \"default\").";
    unless(is_alias(text), message)
}

fn is_alias(text: &str) -> bool {
    let tail = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    named(text, 64, |b| b.is_ascii_lowercase(), tail)
}

pub(crate) fn file_secret_id(text: &str) -> Option<&'static str> {
    let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    unless(
        text == "value" || (text.starts_with('/') && escapes),
        "File secret reference id must be an absolute JSON pointer (example: \"/providers/openai/apiKey\"), or \
         \"value\" for singleValue mode.",
    )
}

pub(crate) fn exec_secret_id(text: &str) -> Option<&'static str> {
    let tail = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'-');
    let good = named(text, 256, |b| b.is_ascii_alphanumeric(), tail);
    unless(
        good && text.split('/').all(|part| part != "." && part != ".."),
        "Exec secret reference id must match /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$/ and must not include \".\" or \
         \"..\" path segments (example: \"vault/openai/api-key\").",
    )
}

pub(crate) fn profile_name(text: &str) -> Option<&'static str> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    unless(good, "Invalid key in record")
}

pub(crate) fn byte_size(text: &str) -> Option<&'static str> {
    unless(is_size(text), "Expected byte size string like 2mb")
}

pub(crate) fn executable_path(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return non_empty(text);
    }
    if !is_safe_program(text) {
        return Some("secrets.providers.*.command is unsafe.");
    }
    unless(is_absolute(text), "secrets.providers.*.command must be an absolute path.")
}

pub(crate) fn absolute_path(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return non_empty(text);
    }
    unless(is_absolute(text), "trustedDirs entries must be absolute paths.")
}

fn is_absolute(text: &str) -> bool {
    let drive = matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    let share = text.strip_prefix("\\\\").and_then(|rest| rest.split_once('\\'));
    text.starts_with('/') || drive || share.is_some_and(|(host, path)| !host.is_empty() && !path.starts_with('\\'))
}

/// The name or path of a program that a shell would not read as anything else.
pub(crate) fn is_safe_program(text: &str) -> bool {
    let text = trim(text);
    if text.is_empty() || text.contains(['\0', '\n', '\r', ';', '&', '|', '`', '$', '<', '>', '"', '\'']) {
        return false;
    }
    let drive = matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    let path = text.starts_with(['.', '~']) || text.contains(['/', '\\']) || drive;
    let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-');
    path || (!text.starts_with('-') && text.bytes().all(name))
}

pub(crate) fn module_path(text: &str) -> Option<&'static str> {
    let text = trim(text);
    let outside = text.is_empty() || text.starts_with(['/', '\\', '~']) || text.contains(':');
    let good = !outside && text.split(['/', '\\']).all(|part| part != "..");
    unless(good, "module must be a safe relative path (no absolute paths)")
}

fn named(text: &str, most: usize, first: impl Fn(u8) -> bool, rest: impl Fn(u8) -> bool) -> bool {
    let mut bytes = text.bytes();
    text.len() <= most && bytes.next().is_some_and(first) && bytes.all(rest)
}
