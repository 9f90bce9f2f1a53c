//! What a fault did to the rest of a profile.

use std::time::{SystemTime, UNIX_EPOCH};

use tracing::{Level, enabled, warn};

use super::{Run, TARGET};
use crate::auth::{ProfileId, UsageStats};
use crate::provider::ProviderId;

/// A fault was noted against a profile, or against one model of it. `reason` is the word that stands in the store; times are
/// ms since 1970, as there.
pub(crate) fn failure_state_updated(
    run: Option<Run>,
    profile: &ProfileId,
    provider: &ProviderId,
    model: Option<&str>,
    reason: &str,
    before: &UsageStats,
    after: &UsageStats,
) {
    if !enabled!(target: TARGET, Level::WARN) {
        return;
    }
    // Beside the model that the file's own field names, others rest for themselves.
    let cooldown = |stats: &UsageStats| {
        let own = model.and_then(|model| stats.model_rests.get(model).copied());
        own.or(stats
            .cooldown_until
            .filter(|_| stats.cooldown_model.is_none() || stats.cooldown_model.as_deref() == model))
    };
    let (cooled_before, cooled) = (cooldown(before), cooldown(after));
    let disabled = matches!(reason, "billing" | "auth_permanent");
    let (old, new) = match disabled {
        true => (before.disabled_until, after.disabled_until),
        false => (cooled_before, cooled),
    };
    warn!(
        target: TARGET,
        event = "auth_profile_failure_state_updated",
        tags = r#"["error_handling","auth_profiles"]"#,
        runId = run.map(tracing::field::display),
        profileId = profile.hashed(),
        provider = provider.as_str(),
        reason,
        windowType = if disabled { "disabled" } else { "cooldown" },
        windowReused = old.is_some() && old == new,
        previousErrorCount = before.error_count,
        errorCount = after.error_count,
        previousCooldownUntil = cooled_before.and_then(millis),
        cooldownUntil = cooled.and_then(millis),
        previousDisabledUntil = before.disabled_until.and_then(millis),
        disabledUntil = after.disabled_until.and_then(millis),
        previousDisabledReason = before.disabled_reason.as_deref(),
        disabledReason = after.disabled_reason.as_deref(),
        failureCounts = serde_json::to_string(&after.failure_counts).unwrap_or_default(),
        "a fault was noted against a profile",
    );
}

pub(super) fn millis(at: SystemTime) -> Option<u64> {
    u64::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}
