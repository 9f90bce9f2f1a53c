//! What the headers and the usage endpoint say about limits. Facts: the header families of the Codex backend.

use serde_json::Value;

use super::field;

use crate::chat::{Credits, LimitFamily, LimitWindow, Quota, RateLimits, ResponseHead};
use crate::provider::PlanUsage;
use crate::transport::Headers;

/// The head of a 2xx answer.
pub(crate) fn read_head(headers: &Headers) -> (ResponseHead, RateLimits) {
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
    };
    (head, rate_limits(headers))
}

/// Every family of limit headers.
pub(crate) fn rate_limits(headers: &Headers) -> RateLimits {
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
    let mut rest = text.trim();
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let (unit, tail) = match tail {
            t if t.starts_with("ms") => (1.0, t.get(2..)?),
            t if t.starts_with('s') => (1e3, t.get(1..)?),
            t if t.starts_with('m') => (6e4, t.get(1..)?),
            t if t.starts_with('h') => (3.6e6, t.get(1..)?),
            t if t.starts_with('d') => (8.64e7, t.get(1..)?),
            _ => return None,
        };
        total += number * unit;
        rest = tail;
    }
    (total.is_finite() && total < 1e15 && !text.trim().is_empty()).then_some(total as u64)
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

/// The answer of the usage endpoint. Everything but the plan may be missing.
pub(crate) fn plan_usage(body: &Value) -> PlanUsage {
    let main = field(body, "rate_limit");
    let mut families = vec![usage_family("codex", None, main)];
    if let Some(more) = field(body, "additional_rate_limits").as_array() {
        families.extend(more.iter().map(|limit| {
            let id =
                field(limit, "metered_feature").as_str().or(field(limit, "limit_name").as_str()).unwrap_or("unknown");
            usage_family(id, field(limit, "limit_name").as_str(), field(limit, "rate_limit"))
        }));
    }
    families.retain(|family| family.primary.is_some() || family.secondary.is_some());
    let credits = field(body, "credits");
    PlanUsage {
        plan_type: string(field(body, "plan_type")),
        allowed: field(main, "allowed").as_bool(),
        limit_reached: field(main, "limit_reached").as_bool(),
        rate_limits: RateLimits {
            families,
            plan_type: string(field(body, "plan_type")),
            credits: field(credits, "has_credits").as_bool().map(|has_credits| Credits {
                has_credits,
                unlimited: field(credits, "unlimited").as_bool().unwrap_or(false),
                balance: match field(credits, "balance") {
                    Value::Number(number) => Some(number.to_string()),
                    other => string(other),
                },
            }),
            reached_type: string(field(field(body, "rate_limit_reached_type"), "type")),
            promo_message: string(field(field(body, "promo"), "message")).or_else(|| string(field(body, "promo"))),
            ..RateLimits::default()
        },
        email: string(field(body, "email")),
    }
}

fn usage_family(id: &str, name: Option<&str>, limit: &Value) -> LimitFamily {
    let window = |value: &Value| {
        let seconds = field(value, "limit_window_seconds").as_u64();
        Some(LimitWindow {
            used_percent: field(value, "used_percent").as_f64()?,
            window_minutes: seconds.map(|s| s.div_ceil(60)),
            resets_at: field(value, "reset_at").as_u64(),
            resets_in_seconds: field(value, "reset_after_seconds").as_u64(),
        })
    };
    LimitFamily {
        id: id.to_owned(),
        name: name.map(str::to_owned),
        primary: window(field(limit, "primary_window")),
        secondary: window(field(limit, "secondary_window")),
        primary_over_secondary_percent: None,
    }
}

fn string(value: &Value) -> Option<String> {
    value.as_str().filter(|s| !s.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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

    #[test]
    fn the_usage_endpoint_may_leave_out_almost_everything() {
        let full = plan_usage(&json!({
            "plan_type": "plus", "email": "a@example.com",
            "rate_limit": {"allowed": true, "limit_reached": false,
                "primary_window": {"used_percent": 12, "limit_window_seconds": 18001, "reset_at": 1777936568}},
            "additional_rate_limits": [{"limit_name": "Other", "metered_feature": "codex_other",
                "rate_limit": {"secondary_window": {"used_percent": 1}}}],
            "credits": {"has_credits": true, "unlimited": false, "balance": 5},
            "rate_limit_reached_type": {"type": "rate_limit_reached"}
        }));
        assert_eq!(full.rate_limits.families[0].primary.as_ref().unwrap().window_minutes, Some(301));
        assert_eq!(full.rate_limits.families[1].id, "codex_other");
        assert_eq!(full.rate_limits.credits.as_ref().unwrap().balance.as_deref(), Some("5"));
        assert_eq!(full.rate_limits.reached_type.as_deref(), Some("rate_limit_reached"));
        assert_eq!(plan_usage(&json!({"plan_type": "free"})).plan_type.as_deref(), Some("free"));
        assert_eq!(plan_usage(&json!(null)), PlanUsage { rate_limits: RateLimits::default(), ..PlanUsage::default() });
    }
}
