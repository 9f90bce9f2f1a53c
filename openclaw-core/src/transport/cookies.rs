//! An opt-in jar for the cookies that chatgpt.com's own network sets: load-balancer affinity, nothing of a login.
//!
//! In memory only, https only, these hosts and names only; the rules are those of the official client.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use url::Url;

use super::Headers;

/// The jar. Cookies are kept per host that set them.
#[derive(Default)]
pub(crate) struct CookieJar(Mutex<BTreeMap<(String, String), Cookie>>);

struct Cookie {
    value: String,
    expires_at: Option<SystemTime>,
}

const NAMES: [&str; 9] = [
    "__cf_bm",
    "__cflb",
    "__cfruid",
    "__cfseq",
    "__cfwaitingroom",
    "_cfuvid",
    "cf_clearance",
    "cf_ob_info",
    "cf_use_ob",
];

/// At most this many cookies: a server cannot fill the memory.
const LIMIT: usize = 64;

impl CookieJar {
    /// The `Cookie` header for this address.
    pub(crate) fn header(&self, url: &Url, now: SystemTime) -> Option<String> {
        let host = jar_host(url)?;
        let mut jar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jar.retain(|_, cookie| cookie.expires_at.is_none_or(|at| at > now));
        let pairs: Vec<_> = jar
            .iter()
            .filter(|((owner, _), _)| *owner == host)
            .map(|((_, name), cookie)| format!("{name}={}", cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps what an answer set. A refusal page or an empty 404 empties the jar: a stale cookie may be its cause.
    pub(crate) fn learn(&self, url: &Url, status: u16, headers: &Headers, now: SystemTime) {
        let Some(host) = jar_host(url) else { return };
        let mut jar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let html = headers.get("content-type").is_some_and(|t| t.trim_start().starts_with("text/html"));
        if matches!(status, 403 | 404) && (html || headers.get("content-length") == Some("0")) {
            jar.clear();
            return;
        }
        for (name, line, _) in headers.iter() {
            if name != "set-cookie" {
                continue;
            }
            let Some((name, cookie)) = parse(line, now) else { continue };
            let key = (host.clone(), name);
            if cookie.expires_at.is_some_and(|at| at <= now) {
                jar.remove(&key);
            } else if jar.len() < LIMIT || jar.contains_key(&key) {
                jar.insert(key, cookie);
            }
        }
    }
}

fn jar_host(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|_| url.scheme() == "https")?;
    let ours = ["chatgpt.com", "chatgpt-staging.com"]
        .iter()
        .any(|base| host == *base || host.strip_suffix(base).is_some_and(|sub| sub.ends_with('.')));
    (ours || host == "chat.openai.com").then(|| host.to_owned())
}

fn parse(line: &str, now: SystemTime) -> Option<(String, Cookie)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let sound = |text: &str| text.len() <= 4096 && text.bytes().all(|b| b.is_ascii_graphic());
    if !(NAMES.contains(&name) || name.starts_with("cf_chl_")) || !sound(name) || !sound(value) {
        return None;
    }
    let (mut max_age, mut expires) = (None, None);
    for (key, text) in parts.filter_map(|p| p.split_once('=')) {
        if key.eq_ignore_ascii_case("max-age") {
            let age = |s: i64| now.checked_add(Duration::from_secs(s.clamp(0, 31_536_000) as u64));
            max_age = text.parse().ok().and_then(age);
        } else if key.eq_ignore_ascii_case("expires") {
            expires = httpdate::parse_http_date(&text.replace('-', " ")).ok();
        }
    }
    Some((name.to_owned(), Cookie { value: value.to_owned(), expires_at: max_age.or(expires) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn set(lines: &[&str]) -> Headers {
        lines.iter().map(|line| ("set-cookie", *line)).collect()
    }

    #[test]
    fn only_the_listed_cookies_of_the_listed_hosts_are_kept() {
        let jar = CookieJar::default();
        let url = Url::parse("https://chatgpt.com/backend-api/codex/responses").unwrap();
        jar.learn(&url, 200, &set(&["__cf_bm=a; Path=/; Secure", "session=secret", "cf_chl_x=b"]), at(0));
        assert_eq!(jar.header(&url, at(1)).as_deref(), Some("__cf_bm=a; cf_chl_x=b"));
        for other in
            ["https://example.com/", "http://chatgpt.com/", "https://evilchatgpt.com/", "https://a.chatgpt.com/"]
        {
            assert_eq!(jar.header(&Url::parse(other).unwrap(), at(1)), None, "{other}");
        }
    }

    #[test]
    fn an_age_beyond_the_end_of_time_is_none() {
        let Some(end) = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(i64::MAX as u64)) else { return };
        let jar = CookieJar::default();
        let url = Url::parse("https://chatgpt.com/x").unwrap();
        jar.learn(&url, 200, &set(&["__cf_bm=a; Max-Age=30"]), end);
        assert_eq!(jar.header(&url, end).as_deref(), Some("__cf_bm=a"));
    }

    #[test]
    fn age_is_honoured_and_a_refusal_empties_the_jar() {
        let jar = CookieJar::default();
        let url = Url::parse("https://chatgpt.com/x").unwrap();
        jar.learn(
            &url,
            200,
            &set(&["__cf_bm=a; Max-Age=30", "_cfuvid=u; Expires=Thu, 01-Jan-1970 00:00:10 GMT"]),
            at(0),
        );
        assert_eq!(jar.header(&url, at(5)).as_deref(), Some("__cf_bm=a; _cfuvid=u"));
        assert_eq!(jar.header(&url, at(15)).as_deref(), Some("__cf_bm=a"));
        assert_eq!(jar.header(&url, at(31)), None);
        jar.learn(&url, 200, &set(&["__cf_bm=b"]), at(40));
        jar.learn(&url, 403, &[("content-type", "text/html")].into_iter().collect(), at(41));
        assert_eq!(jar.header(&url, at(42)), None);
    }
}
