use super::*;
use crate::auth::secret::fingerprint;
use crate::auth::{OAuthCredential, RefreshFailure, TokenCredential, UsageStats};
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
    let mut profiles = Profiles::default();
    profiles.put(profile.clone());
    profiles.set_usage(&profile.id, usage);
    Condition::of(profile, &profiles, "m", &Environment::of([("A", "b")]), renewed_here, now())
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
fn a_rest_that_was_noted_against_a_double_counts_and_one_of_a_model_is_told() {
    let mut profiles = Profiles::default();
    for id in ["me", "double"] {
        let token = crate::testing::ForgedToken::new("acct").user_id("u1").build();
        profiles.put(Profile::new(
            id,
            ProviderId::new(ProviderId::CODEX),
            OAuthCredential::new(token, Some("r".into())),
        ));
    }
    let later = |seconds| now() + Duration::from_secs(seconds);
    let mut usage = UsageStats { cooldown_until: Some(later(60)), ..UsageStats::default() };
    usage.cooldown_reason = Some("rate_limit".to_owned());
    usage.last_failure_at = Some(now());
    usage.model_rests = [("long".to_owned(), later(7200)), ("short".to_owned(), later(30))].into();
    profiles.set_usage(&"me".into(), &usage);
    let of = |id: &str| {
        let profile = profiles.get(&id.into()).unwrap();
        Condition::of(profile, &profiles, "m", &Environment::of([("A", "b")]), true, now())
    };
    let (me, double) = (of("me"), of("double"));
    assert_eq!((me.state, double.state), (Readiness::Resting, Readiness::Resting));
    assert_eq!((me.rests_until, double.rests_until), (Some(later(60)), Some(later(60))));
    assert!(double.why.contains("rate_limit, noted against another login"), "{}", double.why);
    assert!(!me.why.contains("another") && me.why.contains("for the model long it rests until"), "{}", me.why);
    assert!(!me.why.contains("short") && !double.why.contains("long"), "{} {}", me.why, double.why);
    // Its end is that of the model for who asks for that one.
    let profile = profiles.get(&"me".into()).unwrap();
    let long = Condition::of(profile, &profiles, "long", &Environment::of([("A", "b")]), true, now());
    assert_eq!(long.rests_until, Some(later(7200)));
}

#[test]
fn a_token_is_over_at_its_very_end() {
    let mut token = TokenCredential::new("t");
    token.expires = Some(now());
    let profile = Profile::new("x", ProviderId::new(ProviderId::CODEX), token);
    assert_eq!(of(&profile, &UsageStats::default(), true).state, Readiness::Expired);
}
