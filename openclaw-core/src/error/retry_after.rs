//! How long the provider asks us to wait, in every place where one says so.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::body::{ErrorBody, prefix};
use crate::calendar;
use crate::transport::Headers;

/// Longer than any window of any plan: a value above this is a mistake and is ignored.
const LONGEST: f64 = 40.0 * 86_400.0;

/// What the server asked for in so many words: the headers that are about this call.
pub(super) fn asked(headers: &Headers, now: SystemTime) -> Option<Duration> {
    let ms = || seconds(headers.get("retry-after-ms")?.trim().parse::<f64>().ok()? / 1000.0);
    let after = || {
        let value = headers.get("retry-after")?.trim();
        match value.parse::<f64>() {
            Ok(number) => seconds(number),
            Err(_) => until(httpdate::parse_http_date(value).ok()?, now),
        }
    };
    ms().or_else(after)
}

/// Reset headers say when a counter is full again: durations (`6m0s`), seconds, or Unix times.
fn reset(headers: &Headers, now: SystemTime) -> Option<Duration> {
    const NAMES: &[&str] =
        &["x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset", "ratelimit-reset"];
    let spent = |name: &str| headers.get(&name.replace("reset", "remaining")).is_none_or(|left| left.trim() == "0");
    NAMES.iter().filter(|name| spent(name)).filter_map(|name| duration_or_time(headers.get(name)?.trim(), now)).max()
}

fn duration_or_time(value: &str, now: SystemTime) -> Option<Duration> {
    /// Numbers above this are Unix seconds, above the next Unix ms.
    const UNIX: f64 = 1e9;
    const UNIX_MS: f64 = 1e12;
    match value.parse::<f64>() {
        Ok(number) if number >= UNIX_MS => until(unix(number / 1000.0)?, now),
        Ok(number) if number >= UNIX => until(unix(number)?, now),
        Ok(number) => seconds(number),
        Err(_) => span(value).map(|(delay, _)| delay),
    }
}

/// The delay of an answer: headers, then the body's own fields, then its words.
pub(super) fn delay(headers: &Headers, body: Option<&ErrorBody>, text: &str, now: SystemTime) -> Option<Duration> {
    let fields = || body.and_then(|body| body.retry_after).and_then(seconds);
    asked(headers, now).or_else(fields).or_else(|| from_message(text)).or_else(|| reset(headers, now))
}

/// When the window opens again: `resets_at`, `resets_in_seconds`, Anthropic's reset header.
pub(super) fn resets_at(headers: &Headers, body: Option<&ErrorBody>, now: SystemTime) -> Option<SystemTime> {
    let near = |at: SystemTime| until(at, now).map(|_| at);
    let at = || near(unix(body?.resets_at?)?);
    let after = || now.checked_add(seconds(body?.resets_in?)?);
    let header = || {
        ["anthropic-ratelimit-unified-reset", "x-codex-primary-reset-at"]
            .into_iter()
            .find_map(|name| near(unix(headers.get(name)?.trim().parse().ok()?)?))
    };
    at().or_else(after).or_else(header)
}

/// `try again in 11.054s`, `in 1m30s`, `in ~4381 min`, `retry after 20 seconds`.
pub(super) fn from_message(text: &str) -> Option<Duration> {
    let lower = prefix(text, 4096).to_ascii_lowercase();
    [
        "try again in",
        "try again after",
        "retry in",
        "retry after",
        "reset in",
        "resets in",
        "available in",
        "wait for",
        "please wait",
    ]
    .iter()
    .find_map(|words| {
        let (_, tail) = lower.split_once(words)?;
        let tail = tail.trim_start_matches([' ', '~', ':', '"']);
        let tail = tail.strip_prefix("about ").unwrap_or(tail);
        span(tail).map(|(delay, _)| delay)
    })
}

/// A day, and a time of it in UTC, that a message names: `regain access on 2026-12-01 at 00:00 UTC`.
pub(super) fn time_in_message(text: &str, now: SystemTime) -> Option<SystemTime> {
    let lower = prefix(text, 4096).to_ascii_lowercase();
    let named =
        ["access on ", "again on ", "again at ", "reset on ", "reset at ", "resets on ", "resets at ", "until "];
    named.iter().filter_map(|words| day_and_time(lower.split_once(words)?.1)).find(|at| until(*at, now).is_some())
}

fn day_and_time(text: &str) -> Option<SystemTime> {
    let (day, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(" at ").or(rest.strip_prefix(['t', ' '])).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    let zone = zone.strip_prefix('.').map_or(zone, |zone| zone.trim_start_matches(|c: char| c.is_ascii_digit()));
    let utc = ["utc", "z", "gmt", "+00:00"].iter().any(|name| zone.trim_start().starts_with(name));
    let time = match time.len() {
        // The day alone: it begins.
        0 => "00:00:00".to_owned(),
        // A time that nobody knows where.
        _ if !utc => return None,
        5 => format!("{time}:00"),
        _ => time.to_owned(),
    };
    let parts: Vec<u32> = time.split(':').map_while(|part| part.parse().ok()).collect();
    matches!(parts[..], [0..24, 0..60, 0..=60]).then(|| calendar::parse_iso(&format!("{day}T{time}Z")))?
}

/// One or more numbers with units: `1m30s`, `6m0s`, `20ms`, `4381 min`, `2 days, 3 hours`.
fn span(text: &str) -> Option<(Duration, &str)> {
    let mut total = 0.0;
    let mut rest = text;
    let mut found = false;
    for _ in 0..5 {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let Ok(number) = number.trim_end_matches('.').parse::<f64>() else { break };
        let tail = tail.trim_start_matches(' ');
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let Some(factor) = factor(unit) else { break };
        total += number * factor;
        found = true;
        rest = tail.trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    Some((seconds(total).filter(|_| found)?, rest))
}

fn factor(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" | "msec" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    })
}

/// A sensible number of seconds; negative, endless and absurd ones are ignored.
fn seconds(number: f64) -> Option<Duration> {
    (number.is_finite() && (0.0..=LONGEST).contains(&number)).then(|| Duration::try_from_secs_f64(number).ok())?
}

fn unix(number: f64) -> Option<SystemTime> {
    let since =
        (number.is_finite() && (0.0..4e9).contains(&number)).then(|| Duration::try_from_secs_f64(number).ok())??;
    UNIX_EPOCH.checked_add(since)
}

/// The time from now; one that is past is no delay, one too far away is a mistake.
fn until(at: SystemTime, now: SystemTime) -> Option<Duration> {
    match at.duration_since(now) {
        Ok(delay) => (delay.as_secs_f64() <= LONGEST).then_some(delay),
        Err(_) => None,
    }
}

/// `2026-05-04 23:16 UTC`.
pub(crate) fn utc(at: SystemTime) -> Option<String> {
    at.duration_since(UNIX_EPOCH).ok()?;
    Some(calendar::minute(at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_777_900_000)
    }

    fn header(name: &str, value: &str) -> Option<f64> {
        let headers: Headers = [(name, value)].into_iter().collect();
        delay(&headers, None, "", now()).map(|d| d.as_secs_f64())
    }

    #[test]
    fn headers() {
        assert_eq!(header("retry-after-ms", "1500.5"), Some(1.5005));
        assert_eq!(header("Retry-After", "2.5"), Some(2.5));
        assert_eq!(header("retry-after", "Mon, 04 May 2026 13:07:40 GMT"), Some(60.0));
        assert_eq!(header("retry-after", "Mon, 04 May 2020 13:07:40 GMT"), None);
        assert_eq!(header("x-ratelimit-reset-tokens", "6m0s"), Some(360.0));
        assert_eq!(header("x-ratelimit-reset", "1777900030"), Some(30.0));
        assert_eq!(header("x-ratelimit-reset", "1777900030000"), Some(30.0));
        for bad in ["-1", "NaN", "inf", "1e300", "soon", "", "99999999999"] {
            assert_eq!(header("retry-after", bad), None, "{bad}");
        }
    }

    #[test]
    fn words() {
        let delay = |text: &str| from_message(text).map(|d| d.as_secs_f64());
        assert_eq!(delay("Please try again in 11.054s."), Some(11.054));
        assert_eq!(delay("try again in 1m30s"), Some(90.0));
        assert_eq!(delay("Try again in 6m0s."), Some(360.0));
        assert_eq!(delay("try again in 20ms"), Some(0.02));
        assert_eq!(delay("Try again in ~4381 min."), Some(4381.0 * 60.0));
        assert_eq!(delay("Please retry after 2 minutes and 3 seconds"), Some(123.0));
        assert_eq!(delay("Try again in 2 days, 3 hours"), Some(2.0 * 86_400.0 + 3.0 * 3600.0));
        assert_eq!(delay("try again in a while"), None);
        assert_eq!(delay("try again in 9999999999 days"), None);
    }

    #[test]
    fn days_in_words() {
        let at = |text: &str| time_in_message(text, now()).map(|at| at.duration_since(UNIX_EPOCH).unwrap().as_secs());
        assert_eq!(at("You will regain access on 2026-06-01 at 00:00 UTC."), Some(1_780_272_000));
        for time in ["10:30:15Z", "10:30:15.250Z", "10:30:15+00:00", "10:30:15 GMT"] {
            assert_eq!(at(&format!("Resets at 2026-05-05T{time}")), Some(1_777_977_015), "{time}");
        }
        assert_eq!(at("the limit resets on 2026-05-05"), Some(1_777_939_200));
        for odd in [
            "regain access on 2026-04-01 at 00:00 UTC",
            "regain access on 2036-04-01 at 00:00 UTC",
            "regain access on Monday",
            "resets at 2026-05-05 25:00 UTC",
            "resets at 2026-05-05 10:00 PST",
            "resets at 2026-05-05T10:00:00.000+02:00",
            "resets at 2026-99-05",
            "until \u{1f600}\u{1f600}\u{1f600}",
        ] {
            assert_eq!(at(odd), None, "{odd}");
        }
    }

    #[test]
    fn dates_for_people() {
        assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(1_777_936_568)).as_deref(), Some("2026-05-04 23:16 UTC"));
        assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(951_782_400)).as_deref(), Some("2000-02-29 00:00 UTC"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn never_panics_and_stays_sensible(value in any::<String>(), name in "retry-after(-ms)?|x-ratelimit-reset(-tokens)?") {
            let headers: Headers = [(name.as_str(), value.as_str())].into_iter().collect();
            let delay = delay(&headers, None, "", now()).or_else(|| from_message(&format!("try again in {value}")));
            prop_assert!(delay.is_none_or(|d| d.as_secs_f64() <= LONGEST));
        }

        #[test]
        fn any_number_is_taken_or_ignored(value in any::<f64>()) {
            let headers: Headers = [("retry-after", value.to_string())].into_iter().collect();
            let _ = delay(&headers, None, "", now());
            let body = ErrorBody { resets_at: Some(value), resets_in: Some(value), ..ErrorBody::default() };
            let _ = resets_at(&Headers::new(), Some(&body), now());
        }
    }
}
