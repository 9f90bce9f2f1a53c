//! The forms of single texts. Each says what is wrong with a text, in OpenClaw's words, or nothing.

use std::path::Path;

use super::forms::{is_size, trim};

/// The form of a single text.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) name: &'static str,
    /// What it demands, for the documentation.
    pub(crate) demands: &'static str,
    /// What is wrong with a text, or nothing.
    pub(crate) judge: fn(&str) -> Option<&'static str>,
}

const fn of(name: &'static str, demands: &'static str, judge: fn(&str) -> Option<&'static str>) -> Form {
    Form { name, demands, judge }
}

/// Every form.
pub(crate) const FORMS: &[Form] = &[
    of("absolute_path", "`secrets.providers.*.trustedDirs[]`: absolute, of POSIX, a drive or a share", absolute_path),
    of("at_most_1024", "`secrets.providers.*.args[]`: at most 1024 UTF-16 units", at_most_1024),
    of("at_most_200", "`ui.assistant.avatar`: at most 200 UTF-16 units", at_most_200),
    of("at_most_50", "`ui.assistant.name`: at most 50 UTF-16 units", at_most_50),
    of("byte_size", "`*.memoryFlush.forceFlushTranscriptBytes` as a text: a size such as `2mb`", byte_size),
    of("env_name", "names of environment variables in `secrets.providers.*`", env_name),
    of("env_secret_id", "`id` of a secret from the environment: the name of a variable", env_secret_id),
    of("exec_secret_id", "`id` of a secret from a program: no segment `.` or `..`", exec_secret_id),
    of("executable_path", "`secrets.providers.*.command`: absolute, without shell characters", executable_path),
    of("file_secret_id", "`id` of a secret from a file: `value` or an absolute JSON pointer", file_secret_id),
    of("hex_color", "colors: six hexadecimal digits, with or without `#`", hex_color),
    of("http_url", "`cron.webhook`, `mcp.servers.*.url`: a URL of `http` or `https`", http_url),
    of("module_path", "`module` in `hooks`: relative, without `~`, `:` and `..`", module_path),
    of("non_empty", "texts that must say something: not empty", non_empty),
    of("not_blank", "`hooks.mappings[].channel`, `memory.qmd.searchTool`: not blank", not_blank),
    of("profile_name", "names of `browser.profiles`: small letters, digits and `-`", profile_name),
    of(
        "secret_source",
        "`provider` of a secret: a small letter, then small letters, digits, `_` and `-`",
        secret_source,
    ),
    of("source_alias", "`secrets.defaults.*`: as `secret_source`", source_alias),
];

/// The form of this name.
pub(crate) fn form(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
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
    text.starts_with('/')
        || drive
        || share.is_some_and(|(host, path)| !host.is_empty() && !path.is_empty() && !path.starts_with('\\'))
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
    // On Windows `\` begins an absolute path, elsewhere a name: as for the original.
    let outside = text.is_empty() || Path::new(text).has_root() || text.starts_with('~') || text.contains(':');
    let good = !outside && text.split(['/', '\\']).all(|part| part != "..");
    unless(good, "module must be a safe relative path (no absolute paths)")
}

fn named(text: &str, most: usize, first: impl Fn(u8) -> bool, rest: impl Fn(u8) -> bool) -> bool {
    let mut bytes = text.bytes();
    text.len() <= most && bytes.next().is_some_and(first) && bytes.all(rest)
}
