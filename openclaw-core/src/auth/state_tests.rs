use super::*;
use crate::auth::{OAuthCredential, TokenCredential};
use crate::provider::ProviderId;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn oauth(ends_in: i64, refresh: bool) -> Profile {
    let mut oauth = OAuthCredential::new("access", refresh.then(|| "refresh".into()));
    let at = |seconds: u64| Duration::from_secs(seconds);
    let ends = if ends_in < 0 { now() - at(ends_in.unsigned_abs()) } else { now() + at(ends_in.unsigned_abs()) };
    oauth.expires = Some(ends);
    Profile::new("x", ProviderId::new(ProviderId::CODEX), oauth)
}

fn of(profile: &Profile, usage: &UsageStats, renewed_here: bool) -> Condition {
    Condition::of(profile, usage, "m", &Environment::of([("A", "b")]), renewed_here, now())
}

#[test]
fn a_refusal_counts_for_its_own_token_only_and_once_the_token_has_ended() {
    let failure = |token: &str| UsageStats {
        refresh_failure: Some(RefreshFailure {
            token: token.to_owned(),
            at: 1,
            kind: "auth_expired".to_owned(),
            code: None,
            message: "revoked".to_owned(),
        }),
        ..UsageStats::default()
    };
    let own = failure(&fingerprint(&"refresh".into()));
    assert_eq!(of(&oauth(-60, true), &own, true).state, Readiness::Refused);
    // It opens the door until its end, but it is not renewed then.
    let live = of(&oauth(60, true), &own, true);
    assert_eq!((live.state, live.renewable), (Readiness::ExpiresSoon, false));
    assert!(live.why.contains("revoked"), "{}", live.why);
    assert_eq!(of(&oauth(-60, true), &failure("sha256:other"), true).state, Readiness::ExpiredRenewable);
}

#[test]
fn what_may_not_be_stored_is_not_renewed() {
    assert_eq!(of(&oauth(-60, true), &UsageStats::default(), false).state, Readiness::Expired);
    assert_eq!(of(&oauth(60, true), &UsageStats::default(), false).state, Readiness::ExpiresSoon);
}

#[test]
fn a_rest_for_another_model_is_none() {
    let mut usage = UsageStats { cooldown_until: Some(now() + Duration::from_secs(60)), ..UsageStats::default() };
    assert_eq!(of(&oauth(60, true), &usage, true).state, Readiness::Resting);
    usage.cooldown_model = Some("other".to_owned());
    assert_eq!(of(&oauth(60, true), &usage, true).state, Readiness::Usable);
}

#[test]
fn a_token_is_over_at_its_very_end() {
    let mut token = TokenCredential::new("t");
    token.expires = Some(now());
    let profile = Profile::new("x", ProviderId::new(ProviderId::CODEX), token);
    assert_eq!(of(&profile, &UsageStats::default(), true).state, Readiness::Expired);
}
