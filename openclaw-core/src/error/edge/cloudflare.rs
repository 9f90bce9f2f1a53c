//! Cloudflare's own error numbers: `error code: 1020`, alone or on a page.

use super::{Edge, EdgeAction};
use crate::error::ErrorKind;
use crate::error::body::prefix;

/// What one of Cloudflare's numbers means; `None` for numbers that are none of its own.
pub(super) fn verdict(code: u16) -> Option<(ErrorKind, Edge)> {
    use EdgeAction::{BlockPage, OriginError, RateLimit, Waf};
    let (kind, action) = match code {
        // Autonomous system, address, country, browser signature, hot links, access rules, bans, firewall rules.
        1005..=1009 | 1034 | 1106 => (ErrorKind::EdgeBlocked, BlockPage),
        1010..=1012 | 1020 | 1021 => (ErrorKind::EdgeBlocked, Waf),
        1015 | 1027 => (ErrorKind::RateLimited, RateLimit),
        1200 => (ErrorKind::Overloaded, OriginError),
        522 | 524 => (ErrorKind::Timeout, OriginError),
        // The zone, its name records, its tunnel or its worker is broken.
        1000..=1199 | 500 | 502 | 503 | 520..=530 => (ErrorKind::ServerError, OriginError),
        504 => (ErrorKind::Timeout, OriginError),
        _ => return None,
    };
    Some((kind, Edge::new("cloudflare", action).with_code(code.to_string())))
}

/// The number in a body that is nothing but `error code: N`.
pub(super) fn alone(lower: &str) -> Option<u16> {
    let number = lower.trim().strip_prefix("error code")?.trim_start_matches([':', ' ']);
    number.trim_end_matches('.').parse().ok()
}

/// The number of a page of Cloudflare's, in its visible text: `Error 1020`, `Error code 1020`.
pub(super) fn on_page(visible: &str) -> Option<u16> {
    let lower = visible.to_ascii_lowercase();
    lower.match_indices("error").find_map(|(at, word)| {
        let tail = lower.get(at + word.len()..)?.trim_start();
        let tail = tail.strip_prefix("code").unwrap_or(tail).trim_start_matches([':', ' ', '#']);
        let (digits, rest) = tail.split_at_checked(4)?;
        let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        digits.parse().ok().filter(|code| (1000..=1300).contains(code) && ends)
    })
}

/// The id of the call on a page: `Cloudflare Ray ID: <strong>…`, `cRay: '…'`.
pub(in crate::error) fn ray(page: &str) -> Option<&str> {
    ["Ray ID", "cRay", "ray="].iter().find_map(|label| {
        let at = page.find(label)? + label.len();
        let tail = prefix(page.get(at..)?, 60);
        tail.split(|c: char| !c.is_ascii_hexdigit()).find(|run| run.len() == 16)
    })
}

/// Beginnings of the challenge page's title in the languages that it is served in.
#[rustfmt::skip]
pub(super) const CHALLENGE_TITLES: &[&str] = &[
    "just a moment", "nur einen moment", "einen moment", "moment bitte", "un instant", "un momento", "un attimo",
    "um momento", "só um momento", "solo un momento", "один момент", "одну минуту", "un moment", "bir dakika", "请稍候",
    "請稍候", "稍等", "しばらくお待ちください", "잠시만", "een moment", "ett ögonblick", "et øjeblik", "et øyeblikk", "vent litt",
    "vänta", "hetki", "okamžik", "moment…", "moment...", "chwileczkę", "proszę czekać", "لحظة", "רק רגע",
    "tunggu sebentar", "sebentar", "chờ một chút", "chờ một lát", "зачекайте", "хвилинку", "egy pillanat",
    "μια στιγμή", "лише мить", "един момент", "un moment", "o clipă", "samo trenutak", "รอสักครู่", "एक क्षण",
    "ddos-guard", "attention required", "checking your browser", "verify you are human", "security check",
    "human verification",
];
