//! What must hold of any input.

use std::time::Duration;

use proptest::prelude::*;

use super::tests::judge;
use super::*;

/// A small generator of chance: proptest's own takes minutes for pages of this size.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const TITLES: &[&str] = &[
    "Just a moment...",
    "Nur einen Moment…",
    "Un instant…",
    "Um momento…",
    "请稍候…",
    "Один момент…",
    "잠시만 기다리십시오…",
    "Vent litt …",
];
const SPELLED: &[&str] = &[
    "dns",
    "DNS",
    "429",
    "401",
    "403",
    "expired",
    "rate_limit",
    "rate limit",
    "unauthorized",
    "ENOTFOUND",
    "invalid_api_key",
    "quota",
    "timeout",
    "getaddrinfo",
    "token_expired",
    "usage_limit_reached",
    "error code: 1015",
    "forbidden",
    "overloaded",
    "context length exceeded",
    "zscaler",
];

/// A challenge page in the manner of Cloudflare, about 5 kB of tokens, which spell whatever chance and malice want, cut
/// anywhere behind its title, as a log cuts.
fn challenge(chance: &mut Chance) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    let title = chance.one(TITLES);
    let mut page = format!("<!DOCTYPE html><html lang=\"x\"><head><title>{title}</title>");
    let kept = page.len();
    page.push_str(&format!(
        "</head><body><noscript>{title}</noscript><script>(function(){{window._cf_chl_opt={{cType:'managed'"
    ));
    for i in 0..8 {
        page.push_str(&format!(",c{i}:'"));
        for _ in 0..chance.below(1300) {
            page.push(char::from(ALPHABET[chance.below(ALPHABET.len())]));
        }
        page.push_str(if chance.below(3) == 0 { chance.one(SPELLED) } else { "" });
        page.push('\'');
    }
    page.push_str("};a.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'}())</script></body></html>");
    if chance.below(2) == 0 {
        let end = kept + chance.below(page.len() - kept);
        return crate::error::body::prefix(&page, end).to_owned();
    }
    page
}

#[test]
fn a_challenge_page_is_never_a_lottery() {
    let marks =
        [("content-type", "text/html"), ("server", "cloudflare"), ("cf-mitigated", "challenge"), ("cf-ray", "1-FRA")];
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for i in 0..10_000 {
        let page = challenge(&mut chance);
        let status = [Some(403), Some(429), Some(503), None][chance.below(4)];
        let headers: &[(&str, &str)] = if chance.below(2) == 0 { &marks } else { &[] };
        let error = judge(["openai-codex", "custom"][i % 2], status, headers, &page);
        assert_eq!(error.kind(), ErrorKind::EdgeBlocked, "{page}");
        assert!(!error.message().contains('<'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_gives_an_error_that_may_be_shown(
        status in proptest::option::of(100_u16..1000),
        name in "(content-type|server|retry-after|location|x-error-json|cf-ray)",
        value in any::<String>(),
        lead in proptest::sample::select(vec!["", "{\"error\":{\"message\":\"", "<html>", "data: {", "error code: ", "403 <html><title>", "\"", "[[", "An error occurred ("]),
        body in any::<String>(),
    ) {
        let error = judge("x", status, &[(&name, &value)], &format!("{lead}{body}"));
        prop_assert_eq!(error.http_status(), status);
        prop_assert!(error.body_preview().unwrap_or_default().chars().count() <= 200);
        prop_assert!(!error.message().contains(char::is_control) && !error.message().is_empty());
    }
}

#[test]
fn huge_bodies_take_no_time() {
    let started = std::time::Instant::now();
    for unit in [
        "<",
        "<script",
        "\"",
        "{\"a\":",
        "[",
        "&",
        "://",
        "token=",
        "data: {\"error\":1}\n",
        "a'",
        "error",
        "eyJ",
        "-----BEGIN ",
    ] {
        let body = unit.repeat(1_000_000 / unit.len());
        for (status, lead) in [(Some(403), ""), (Some(400), "{\"error\":{\"message\":\""), (None, "")] {
            let _ = judge("x", status, &[], &format!("{lead}{body}"));
        }
        assert!(crate::error::redact(&body).len() <= body.len() * 8);
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
