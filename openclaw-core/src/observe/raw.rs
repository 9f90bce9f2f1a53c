//! An error as a log may show it: without secrets and people, and with a hash that equal faults share.

use crate::auth::hashed;
use crate::error::{Error, SAID, redact};

/// The message of an error for a log: without secrets, and with a hash in the place of each profile id and e-mail address.
pub fn error_text(error: &Error) -> String {
    shown(error, error.message())
}

/// Any text for a log: without secrets, and with a hash in the place of each e-mail address, or of the word that holds it.
pub fn log_text(text: &str) -> String {
    without_people(&redact(text))
}

/// What groups equal faults: `sha256:` and 12 hexadecimal digits over the kind, the status, the provider's code, the
/// network in front of it, and the words of the message and the body. What differs from call to call is left out before:
/// every word with a digit (ids, times, ports, rays), every word that looks like a token, names of days and months.
pub fn error_hash(error: &Error) -> String {
    // What it said stands in the body as well.
    let own = error.message().split(SAID).next().unwrap_or_default();
    let words = normalised(&shown(error, own), usize::MAX);
    // The preview was cut somewhere: how much of it came depends on how long the ids in it are.
    let body = normalised(&shown(error, error.body_preview().unwrap_or_default()), 12);
    hashed(&format!("{}\n{words}\n{body}", cause(error)))
}

/// The raw error in the fields of an event.
pub(super) struct Raw {
    /// The message. At most 200 characters.
    pub(super) text: String,
    /// What came: the body's beginning, else the causes below the error, else its message. At most 400 characters.
    pub(super) preview: String,
    pub(super) hash: String,
    /// Groups by the cause alone, whatever words came with it.
    pub(super) fingerprint: String,
    /// What the provider said; nothing if no answer came. At most 200 characters.
    pub(super) said: Option<String>,
    /// The provider's code or type of the error.
    pub(super) code: Option<String>,
    /// Of the provider's id of the call.
    pub(super) request_id: Option<String>,
}

impl Raw {
    pub(super) fn of(error: &Error) -> Self {
        let causes = || error.causes().join(": ");
        let raw = match error.body_preview() {
            Some(body) => body.to_owned(),
            None => Some(causes()).filter(|text| !text.is_empty()).unwrap_or_else(|| error.message().to_owned()),
        };
        Self {
            text: cut(error_text(error), 200),
            preview: cut(shown(error, &raw), 400),
            hash: error_hash(error),
            fingerprint: hashed(&cause(error)),
            said: error.body_preview().filter(|_| error.http_status().is_some()).map(|b| cut(shown(error, b), 200)),
            code: error.code().map(|code| shown(error, code)),
            request_id: error.request_id().map(hashed),
        }
    }
}

/// Text that comes with this error, for a log.
pub(super) fn shown(error: &Error, text: &str) -> String {
    let mut names: Vec<&str> = error.names().filter(|name| !name.is_empty()).collect();
    // The longest first, since one may begin another; in one pass, since a hash may hold one.
    names.sort_unstable_by_key(|name| std::cmp::Reverse(name.len()));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let name = names.iter().find(|name| rest.starts_with(**name));
        match name {
            Some(name) => out.push_str(&hashed(name)),
            None => out.push(first),
        }
        rest = rest.get(name.map_or(first.len_utf8(), |name| name.len())..).unwrap_or_default();
    }
    log_text(&out)
}

/// The name of a provider or model; a reference may name a profile too.
pub(super) fn name(text: &str) -> String {
    without_people(text)
}

/// The fields that say what happened, without words.
fn cause(error: &Error) -> String {
    let edge = error.edge().map(|edge| format!("{} {:?} {:?}", edge.vendor, edge.action, edge.code));
    format!("{} {:?} {:?} {edge:?}", error.kind(), error.http_status(), error.code())
}

/// A hash in the place of every word that holds an e-mail address.
fn without_people(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || "\"'`<>()[]{},;|=".contains(c);
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(ends) {
        let word = piece.trim_end_matches(|c| ends(c) || matches!(c, '.' | ':'));
        match is_address(word) {
            true => {
                out.push_str(&hashed(word));
                out.push_str(piece.get(word.len()..).unwrap_or_default());
            }
            false => out.push_str(piece),
        }
    }
    out
}

fn is_address(word: &str) -> bool {
    let split = word.rsplit_once('@').or_else(|| word.rsplit_once("%40"));
    // `[redacted]@host` is an address of the network: its brackets have cut it off already.
    split.is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
}

fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => text.get(..at).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// The first words that every occurrence of a fault has, in small letters; `#` stands for those that differ.
fn normalised(text: &str, most: usize) -> String {
    // What was taken out stands for a number, with the name that it was taken for: the parts of a token can look like both.
    let text = text.replace("[redacted]", "0");
    let part = |c: char| c.is_alphanumeric() || "_-+=~./:@%".contains(c);
    let words = text.split(|c| !part(c)).map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()));
    let mut out: Vec<String> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        let word = if varies(word) { "#".to_owned() } else { word.to_lowercase() };
        // A token that was cut at a sign is as good as one.
        if word != "#" || out.last().is_none_or(|last| last != "#") {
            out.push(word);
        }
    }
    out.truncate(most);
    out.join(" ")
}

/// Whether a word is an id, a number, a time or a token.
fn varies(word: &str) -> bool {
    #[rustfmt::skip]
    const DATES: [&str; 23] = [
        "AM", "PM", "GMT", "UTC",
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let plain = |c: char| c.is_lowercase() || "_-./:".contains(c);
    let mixed = || word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    word.contains(char::is_numeric)
        || DATES.contains(&word)
        || word == "secret"
        || mixed()
        || (word.chars().count() >= 16 && !word.chars().all(plain))
}
