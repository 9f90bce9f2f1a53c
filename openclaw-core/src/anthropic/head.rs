//! The head of an answer: its id, and the limits of the key.

use crate::calendar;
use crate::chat::{LimitFamily, LimitWindow, Quota, RateLimits, ResponseHead};
use crate::transport::Headers;

/// The head of a 2xx answer.
pub(super) fn read(headers: &Headers) -> (ResponseHead, RateLimits) {
    let text = |name: &str| headers.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
    let request_id = text("request-id").or_else(|| text("x-request-id"));
    let head = ResponseHead { request_id, cf_ray: text("cf-ray"), ..ResponseHead::default() };
    let limits = RateLimits {
        families: plan(headers).into_iter().collect(),
        requests: quota(headers, "requests"),
        tokens: quota(headers, "tokens").or_else(|| quota(headers, "input-tokens")),
        ..RateLimits::default()
    };
    (head, limits)
}

/// `anthropic-ratelimit-{requests,tokens,input-tokens}-{limit,remaining,reset}`.
fn quota(headers: &Headers, what: &str) -> Option<Quota> {
    let get = |part: &str| headers.get(&format!("anthropic-ratelimit-{what}-{part}")).map(str::trim);
    let quota = Quota {
        limit: get("limit").and_then(|value| value.parse().ok()),
        remaining: get("remaining").and_then(|value| value.parse().ok()),
        resets_in_ms: get("reset").and_then(|reset| left(reset, headers)),
    };
    (quota != Quota::default()).then_some(quota)
}

/// How long until the time that the server names, by the server's own clock: ours may be off.
fn left(reset: &str, headers: &Headers) -> Option<u64> {
    let sent = httpdate::parse_http_date(headers.get("date")?).ok()?;
    let left = calendar::parse_iso(&reset.to_ascii_uppercase())?.duration_since(sent).unwrap_or_default();
    u64::try_from(left.as_millis()).ok()
}

/// The windows of a Claude plan: `anthropic-ratelimit-unified-{5h,7d}-{utilization,reset}`.
fn plan(headers: &Headers) -> Option<LimitFamily> {
    let window = |name: &str, minutes: u64| {
        let get = |part: &str| headers.get(&format!("anthropic-ratelimit-unified-{name}-{part}")).map(str::trim);
        let used = get("utilization")?.parse::<f64>().ok().filter(|used| used.is_finite())?;
        let resets_at = get("reset").and_then(|at| at.parse().ok());
        Some(LimitWindow {
            used_percent: used * 100.0,
            window_minutes: Some(minutes),
            resets_at,
            resets_in_seconds: None,
        })
    };
    let (primary, secondary) = (window("5h", 300), window("7d", 10_080));
    let said = primary.is_some() || secondary.is_some();
    said.then(|| LimitFamily { id: "unified".to_owned(), primary, secondary, ..LimitFamily::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_a_key_and_of_a_plan() {
        let (head, limits) = read(
            &[
                ("request-id", "req_1"),
                ("date", "Thu, 21 Aug 2025 12:40:00 GMT"),
                ("anthropic-ratelimit-requests-limit", "1000"),
                ("anthropic-ratelimit-requests-remaining", "999"),
                ("anthropic-ratelimit-requests-reset", "2025-08-21T12:40:59Z"),
                ("anthropic-ratelimit-input-tokens-remaining", "80000"),
                ("anthropic-ratelimit-unified-5h-utilization", "0.25"),
                ("anthropic-ratelimit-unified-5h-reset", "1777936568"),
            ]
            .into_iter()
            .collect(),
        );
        assert_eq!(head.request_id.as_deref(), Some("req_1"));
        let requests = Quota { limit: Some(1000), remaining: Some(999), resets_in_ms: Some(59_000) };
        assert_eq!(limits.requests, Some(requests));
        assert_eq!(limits.tokens.unwrap().remaining, Some(80_000));
        let window = limits.families[0].primary.clone().unwrap();
        assert_eq!((window.used_percent, window.resets_at), (25.0, Some(1_777_936_568)));
        assert!(read(&Headers::new()).1.is_empty());
    }
}
