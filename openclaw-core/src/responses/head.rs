//! The head of an answer: ids, the model that really answers, and the limits of a plan or a key.

use crate::chat::{Credits, LimitFamily, LimitWindow, Quota, RateLimits, ResponseHead};
use crate::error::span;
use crate::transport::Headers;

/// The head of a 2xx answer.
pub(crate) fn read(headers: &Headers) -> (ResponseHead, RateLimits) {
    let text = |name: &str| headers.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
    let head = ResponseHead {
        request_id: text("x-request-id").or_else(|| text("x-oai-request-id")),
        cf_ray: text("cf-ray"),
        model: text("openai-model").or_else(|| text("x-openai-model")),
        turn_state: text("x-codex-turn-state"),
        models_etag: text("x-models-etag"),
        reasoning_included: headers.contains("x-reasoning-included"),
        safety_buffering: headers.get("x-codex-safety-buffering-enabled").and_then(boolean),
        safety_buffering_faster_model: text("x-codex-safety-buffering-faster-model"),
        ..ResponseHead::default()
    };
    (head, rate_limits(headers))
}

/// Every family of limit headers.
fn rate_limits(headers: &Headers) -> RateLimits {
    let text = |name: &str| headers.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
    RateLimits {
        families: families(headers),
        active_limit: text("x-codex-active-limit"),
        plan_type: text("x-codex-plan-type"),
        credits: credits(headers),
        promo_message: text("x-codex-promo-message"),
        reached_type: text("x-codex-rate-limit-reached-type"),
        requests: quota(headers, "requests"),
        tokens: quota(headers, "tokens"),
    }
}

fn families(headers: &Headers) -> Vec<LimitFamily> {
    let mut ids: Vec<&str> = headers
        .iter()
        .filter_map(|(name, _, _)| name.strip_prefix("x-")?.strip_suffix("-primary-used-percent"))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    // The main family first, wherever it stood.
    ids.sort_by_key(|id| *id != "codex");
    ids.into_iter()
        .map(|id| {
            let get = |suffix: &str| headers.get(&format!("x-{id}-{suffix}"));
            LimitFamily {
                id: id.replace('-', "_"),
                name: get("limit-name").filter(|v| !v.is_empty()).map(str::to_owned),
                primary: window(|suffix| get(&format!("primary-{suffix}"))),
                secondary: window(|suffix| get(&format!("secondary-{suffix}"))),
                primary_over_secondary_percent: get("primary-over-secondary-limit-percent").and_then(percent),
            }
        })
        .collect()
}

/// A window counts as there only if it says something.
fn window<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<LimitWindow> {
    let whole = |name: &str| get(name).and_then(|v| v.trim().parse::<u64>().ok());
    let window = LimitWindow {
        used_percent: get("used-percent").and_then(percent)?,
        window_minutes: whole("window-minutes"),
        resets_at: whole("reset-at"),
        resets_in_seconds: whole("reset-after-seconds"),
    };
    let said = window.used_percent != 0.0
        || window.window_minutes.is_some_and(|m| m != 0)
        || window.resets_at.is_some()
        || window.resets_in_seconds.is_some();
    said.then_some(window)
}

fn credits(headers: &Headers) -> Option<Credits> {
    Some(Credits {
        has_credits: headers.get("x-codex-credits-has-credits").and_then(boolean)?,
        unlimited: headers.get("x-codex-credits-unlimited").and_then(boolean)?,
        balance: headers.get("x-codex-credits-balance").filter(|v| !v.is_empty()).map(str::to_owned),
    })
}

/// `x-ratelimit-{limit,remaining,reset}-requests` and `-tokens` of API-key mode.
fn quota(headers: &Headers, what: &str) -> Option<Quota> {
    let get = |part: &str| headers.get(&format!("x-ratelimit-{part}-{what}"));
    let quota = Quota {
        limit: get("limit").and_then(|v| v.parse().ok()),
        remaining: get("remaining").and_then(|v| v.parse().ok()),
        resets_in_ms: get("reset").and_then(short_duration_ms),
    };
    (quota != Quota::default()).then_some(quota)
}

/// `1s`, `6m0s`, `350ms`, `1h2m3.5s`.
fn short_duration_ms(text: &str) -> Option<u64> {
    let (span, rest) = span(text.trim())?;
    u64::try_from(span.as_millis()).ok().filter(|_| rest.is_empty())
}

fn percent(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|p| p.is_finite())
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(pairs: &[(&str, &str)]) -> RateLimits {
        rate_limits(&pairs.iter().copied().collect())
    }

    #[test]
    fn every_family_of_headers_is_read() {
        let limits = limits(&[
            ("X-Premium-Tier-Primary-Used-Percent", "7"),
            ("X-Premium-Tier-Limit-Name", "Premium"),
            ("x-codex-primary-used-percent", "12.5"),
            ("x-codex-primary-window-minutes", "300"),
            ("x-codex-primary-reset-at", "1777936568"),
            ("x-codex-secondary-used-percent", "40"),
            ("x-codex-secondary-reset-after-seconds", "400000"),
            ("x-codex-credits-has-credits", "False"),
            ("x-codex-credits-unlimited", "0"),
            ("x-codex-plan-type", "plus"),
            ("x-codex-active-limit", "premium"),
        ]);
        let ids: Vec<_> = limits.families.iter().map(|f| f.id.as_str()).collect();
        assert_eq!(ids, ["codex", "premium_tier"]);
        let codex = &limits.families[0];
        assert_eq!(codex.primary.as_ref().unwrap().used_percent, 12.5);
        assert_eq!(codex.primary.as_ref().unwrap().resets_at, Some(1_777_936_568));
        assert_eq!(codex.secondary.as_ref().unwrap().resets_in_seconds, Some(400_000));
        assert_eq!(limits.families[1].name.as_deref(), Some("Premium"));
        assert_eq!(limits.credits, Some(Credits { has_credits: false, unlimited: false, balance: None }));
    }

    #[test]
    fn windows_that_say_nothing_and_numbers_that_are_none_are_left_out() {
        let limits = limits(&[
            ("x-codex-primary-used-percent", "NaN"),
            ("x-codex-secondary-used-percent", "0"),
            ("x-codex-secondary-window-minutes", "0"),
            ("x-codex-credits-has-credits", "perhaps"),
        ]);
        assert_eq!((limits.families[0].primary.clone(), limits.families[0].secondary.clone()), (None, None));
        assert_eq!(limits.credits, None);
    }

    #[test]
    fn the_quotas_of_api_keys_are_read() {
        let limits = limits(&[
            ("x-ratelimit-limit-requests", "5000"),
            ("x-ratelimit-remaining-requests", "4999"),
            ("x-ratelimit-reset-requests", "6m0.5s"),
            ("x-ratelimit-reset-tokens", "12ms"),
        ]);
        assert_eq!(
            limits.requests,
            Some(Quota { limit: Some(5000), remaining: Some(4999), resets_in_ms: Some(360_500) })
        );
        assert_eq!(limits.tokens, Some(Quota { limit: None, remaining: None, resets_in_ms: Some(12) }));
        for odd in ["", "s", "5", "1x", "-1s", "99999999999999999999d"] {
            assert_eq!(short_duration_ms(odd), None, "{odd}");
        }
    }
}
