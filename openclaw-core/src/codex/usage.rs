//! How much of a plan is used, as the usage endpoint says it.

use serde_json::Value;

use crate::chat::{Credits, LimitFamily, LimitWindow, RateLimits};
use crate::provider::PlanUsage;
use crate::responses::field;

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
