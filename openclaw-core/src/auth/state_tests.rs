use serde_json::json;

use super::*;
use crate::auth::{OAuthCredential, TokenCredential};
use crate::provider::ProviderId;
use crate::testing::ForgedToken;

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
    among([profile.clone()], profile, usage, renewed_here)
}

/// The state of a profile in a store of these, `usage` being noted against the first of them.
fn among<const N: usize>(all: [Profile; N], profile: &Profile, usage: &UsageStats, renewed_here: bool) -> Condition {
    let mut profiles = Profiles::default();
    let first = all[0].id.clone();
    all.into_iter().for_each(|profile| profiles.put(profile));
    profiles.set_usage(&first, usage);
    Condition::of(profile, &profiles, "m", &Environment::of([("A", "b")]), renewed_here, now())
}

fn rests(reason: &str) -> UsageStats {
    let until = Some(now() + Duration::from_secs(60));
    UsageStats { cooldown_until: until, cooldown_reason: Some(reason.to_owned()), ..UsageStats::default() }
}

fn failure(token: &str) -> UsageStats {
    let refused = json!({"token": token, "at": 1, "kind": "auth_expired", "message": "revoked"});
    UsageStats { refresh_failure: Some(serde_json::from_value(refused).unwrap()), ..UsageStats::default() }
}

#[test]
fn a_refusal_counts_for_its_own_token_only_and_once_the_token_has_ended() {
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

#[test]
fn a_login_that_is_switched_off_rests_only_if_a_person_signed_in_since() {
    let off = |usage: UsageStats| UsageStats {
        disabled_until: Some(now() + Duration::from_secs(60)),
        disabled_reason: Some("auth_permanent".to_owned()),
        ..usage
    };
    let own = fingerprint(&"refresh".into());
    for (usage, state) in [
        (off(UsageStats::default()), Readiness::Refused),
        (off(failure(&own)), Readiness::Refused),
        (off(failure("sha256:other")), Readiness::Resting),
        // A refused refresh is nothing that a rate limit says, while the token is good.
        (UsageStats { refresh_failure: failure(&own).refresh_failure, ..rests("rate_limit") }, Readiness::Resting),
    ] {
        assert_eq!(of(&oauth(3600, true), &usage, true).state, state, "{usage:?}");
    }
}

#[test]
fn what_a_call_would_skip_for_anothers_rest_rests() {
    let login = |id: &str, user: &str| {
        let access = ForgedToken::new("acct").user_id(user).build();
        let mut oauth = OAuthCredential::new(access, Some("refresh".into()));
        oauth.expires = Some(now() + Duration::from_secs(3600));
        Profile::new(id, ProviderId::new(ProviderId::CODEX), oauth)
    };
    let (first, second, colleague) = (login("first", "me"), login("second", "me"), login("colleague", "you"));
    let state = |profile: &Profile, reason: &str| {
        among([first.clone(), second.clone(), colleague.clone()], profile, &rests(reason), true).state
    };
    // The window of a plan is one person's, whatever the login.
    assert_eq!(state(&second, "rate_limit"), Readiness::Resting);
    assert_eq!(state(&colleague, "rate_limit"), Readiness::Usable);
    assert_eq!(state(&second, "auth"), Readiness::Usable);
    // A router's profiles never rest.
    let router = Profile { provider: ProviderId::new("openrouter"), ..first.clone() };
    assert_eq!(of(&router, &rests("rate_limit"), true).state, Readiness::Usable);
}
