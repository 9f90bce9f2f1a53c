use std::time::UNIX_EPOCH;

use super::*;
use crate::auth::RefreshFailure;

const PROVIDER: &str = "openai-codex";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_777_000_000 + seconds)
}

fn fault(what: CredentialFault) -> Fault<'static> {
    Fault::new(what, PROVIDER)
}

fn after(stats: &UsageStats, fault: &Fault<'_>, now: u64) -> UsageStats {
    after_fault(stats, fault, &CooldownSettings::default(), at(now))
}

fn counted(errors: u32, what: CredentialFault) -> UsageStats {
    let mut stats = UsageStats { error_count: Some(errors), last_failure_at: Some(at(0)), ..UsageStats::default() };
    stats.failure_counts.insert(what.as_str().to_owned(), errors);
    stats
}

#[test]
fn the_steps_are_those_of_the_code_of_2026_4_5() {
    for (errors, seconds) in [(0, 30), (1, 60), (2, 300), (3, 300), (u32::MAX, 300)] {
        let next = after(&counted(errors, CredentialFault::Auth), &fault(CredentialFault::Auth), 10);
        assert_eq!(next.cooldown_until, Some(at(10 + seconds)), "{errors} before");
        assert_eq!(next.error_count, Some(errors.saturating_add(1)));
        assert_eq!((next.cooldown_reason.as_deref(), next.cooldown_model), (Some("auth"), None));
    }
    for (what, counts) in [
        (CredentialFault::Billing, [(0, 5 * 3600), (1, 10 * 3600), (2, 20 * 3600), (3, 24 * 3600), (99, 24 * 3600)]),
        (CredentialFault::AuthPermanent, [(0, 600), (1, 1200), (2, 2400), (3, 3600), (99, 3600)]),
    ] {
        for (before, seconds) in counts {
            let next = after(&counted(before, what), &fault(what), 10);
            assert_eq!(next.disabled_until, Some(at(10 + seconds)), "{what} {before}");
            assert_eq!(next.disabled_reason.as_deref(), Some(what.as_str()));
        }
    }
}

#[test]
fn what_the_provider_says_wins() {
    let named = |seconds| Fault { until: Some(at(seconds)), ..fault(CredentialFault::RateLimit) };
    assert_eq!(after(&UsageStats::default(), &named(17), 10).cooldown_until, Some(at(17)));
    assert_eq!(after(&UsageStats::default(), &named(86_400 * 7), 10).cooldown_until, Some(at(86_400 * 7)));
    // In the past, or never: the step.
    assert_eq!(after(&UsageStats::default(), &named(5), 10).cooldown_until, Some(at(40)));
    assert_eq!(after(&UsageStats::default(), &named(86_400 * 400), 10).cooldown_until, Some(at(40)));
}

#[test]
fn a_running_rest_is_not_made_longer() {
    let limit = Fault { model: Some("a"), ..fault(CredentialFault::RateLimit) };
    let first = after(&UsageStats::default(), &limit, 0);
    assert_eq!(rest(&first, "a", at(1)).map(|rest| rest.until), Some(at(30)));
    assert_eq!(rest(&first, "b", at(1)), None);
    let again = after(&first, &limit, 20);
    assert_eq!((again.cooldown_until, again.error_count), (Some(at(30)), Some(2)));
}

#[test]
fn each_model_rests_for_itself() {
    let until = |stats: &UsageStats, model: &str| rest(stats, model, at(50)).map(|rest| rest.until);
    let limit = |model, end| Fault { model: Some(model), until: Some(at(end)), ..fault(CredentialFault::RateLimit) };
    let both = after(&after(&UsageStats::default(), &limit("a", 36_000), 0), &limit("b", 90), 20);
    assert_eq!((until(&both, "a"), until(&both, "b"), until(&both, "c")), (Some(at(36_000)), Some(at(90)), None));
    assert_eq!(both.rests_until(), Some(at(36_000)));
    // Neither is made longer.
    let again = after(&after(&both, &limit("b", 500), 30), &limit("a", 99_000), 30);
    assert_eq!((until(&again, "a"), until(&again, "b")), (Some(at(36_000)), Some(at(90))));
    // The short one ends by itself; a new one of its model is noted.
    let later = after(&again, &limit("b", 300), 100);
    assert_eq!((until(&later, "a"), until(&later, "b")), (Some(at(36_000)), Some(at(300))));
    // What concerns every model takes the fields that OpenClaw reads, and the model's own rest goes on behind it.
    let whole = after(&both, &fault(CredentialFault::Auth), 40);
    assert_eq!((until(&whole, "a"), until(&whole, "c")), (Some(at(36_000)), whole.cooldown_until));
    assert_eq!((whole.cooldown_reason.as_deref(), whole.cooldown_model.as_deref()), (Some("auth"), None));
    assert_eq!(rest(&whole, "c", at(341)), None);
    // A model that is refused while all rest, and for longer.
    let own = after(&whole, &limit("c", 5000), 45);
    assert_eq!(rest(&own, "c", at(400)).map(|rest| rest.until), Some(at(5000)));
}

#[test]
fn a_success_says_nothing_of_another_models_rest() {
    let limit = |model, end| Fault { model: Some(model), until: Some(at(end)), ..fault(CredentialFault::RateLimit) };
    let first = after(&UsageStats::default(), &limit("a", 36_000), 0);
    let good = after_success(&first, "b", at(10));
    assert_eq!(rest(&good, "a", at(11)), rest(&first, "a", at(11)));
    assert_eq!((good.last_used, good.error_count, good.last_failure_at), (Some(at(10)), None, Some(at(0))));
    let both = after(&good, &limit("b", 300), 20);
    let good = after_success(&both, "a", at(30));
    assert_eq!((rest(&good, "a", at(31)), rest(&good, "b", at(31)).map(|rest| rest.until)), (None, Some(at(300))));
    assert_eq!(after_success(&good, "b", at(40)), UsageStats { last_used: Some(at(40)), ..UsageStats::default() });
    assert_eq!(
        after_success(&both, "c", at(36_001)),
        UsageStats { last_used: Some(at(36_001)), ..UsageStats::default() }
    );
    let blocked = UsageStats {
        blocked_until: Some(at(900)),
        blocked_model: Some("a".into()),
        blocked_source: Some("wham".into()),
        ..UsageStats::default()
    };
    let good = after_success(&blocked, "b", at(1));
    assert_eq!((rest(&good, "a", at(2)).is_some(), good.blocked_source.as_deref()), (true, Some("wham")));
    assert_eq!(rest(&after_success(&blocked, "a", at(1)), "a", at(2)), None);
}

#[test]
fn a_clock_that_was_wrong_locks_nobody() {
    let decades = 86_400 * 365 * 30;
    for ahead in [decades, 86_400, 3600] {
        let wrong = after(&UsageStats::default(), &fault(CredentialFault::Billing), ahead);
        let wrong = after(&wrong, &fault(CredentialFault::Auth), ahead);
        assert!(rest(&wrong, "m", at(ahead + 1)).is_some());
        assert_eq!((rest(&wrong, "m", at(1)), is_implausible(&wrong, at(1))), (None, true), "{ahead}");
        // What comes next is noted by the clock that is right.
        let next = after(&wrong, &fault(CredentialFault::Billing), 2);
        assert_eq!((next.disabled_until, next.cooldown_until), (Some(at(2 + 5 * 3600)), None));
        assert!(!is_implausible(&next, at(3)));
    }
    // Clocks of two machines may differ a little.
    let other = after(&UsageStats::default(), &fault(CredentialFault::Billing), 60);
    assert_eq!(rest(&other, "m", at(1)).map(|rest| rest.until), Some(at(60 + 5 * 3600)));
}

#[test]
fn counters_end_with_the_rest_and_with_the_window() {
    let first = after(&UsageStats::default(), &fault(CredentialFault::Auth), 0);
    let later = after(&first, &fault(CredentialFault::Auth), 31);
    assert_eq!((later.error_count, later.cooldown_until), (Some(1), Some(at(61))));
    let old = after(&counted(7, CredentialFault::Billing), &fault(CredentialFault::Billing), 86_401);
    assert_eq!((old.error_count, old.disabled_until), (Some(1), Some(at(86_401 + 5 * 3600))));
    let fresh = after(&counted(1, CredentialFault::Billing), &fault(CredentialFault::Billing), 86_400);
    assert_eq!(fresh.error_count, Some(2));
}

#[test]
fn a_success_clears_everything_but_the_time() {
    let mut stats = after(&counted(3, CredentialFault::Auth), &fault(CredentialFault::Billing), 5);
    stats.blocked_until = Some(at(900));
    let good = after_success(&stats, "m", at(7));
    assert_eq!(good, UsageStats { last_used: Some(at(7)), ..UsageStats::default() });
    assert_eq!(cleared(&good).last_used, Some(at(7)));
}

#[test]
fn a_refresh_that_was_refused_stays_so_until_somebody_signs_in() {
    let refused = crate::error::Error::new(ErrorKind::AuthExpired, crate::error::Stage::Responded, "reused");
    let failure = RefreshFailure::new("sha256:0123456789ab", &refused, at(1));
    let stats = UsageStats { refresh_failure: Some(failure.clone()), ..UsageStats::default() };
    // Its token is good for some minutes yet, and answers.
    let good = after_success(&stats, "m", at(2));
    assert_eq!((good.last_used, &good.refresh_failure), (Some(at(2)), &Some(failure)));
    assert_eq!((good.signed_in().refresh_failure, cleared(&stats).refresh_failure), (None, None));
}

#[test]
fn a_rest_without_end_ends() {
    let far = at(86_400 * 3650);
    let mut stats = UsageStats { cooldown_until: Some(far), last_failure_at: Some(at(0)), ..UsageStats::default() };
    assert!(is_implausible(&stats, at(1)));
    assert_eq!(rest(&stats, "m", at(1)).map(|rest| rest.until), Some(at(86_400)));
    assert_eq!(rest(&stats, "m", at(86_400)), None);
    // A new fault begins a rest that can be meant.
    assert_eq!(after(&stats, &fault(CredentialFault::Auth), 10).cooldown_until.map(|until| until < far), Some(true));
    stats.last_failure_at = None;
    assert_eq!(rest(&stats, "m", at(1)), None);
    assert!(!is_implausible(&UsageStats { cooldown_until: Some(at(86_400 * 30)), ..UsageStats::default() }, at(0)));
}

#[test]
fn routers_never_rest() {
    let next = after(&UsageStats::default(), &Fault::new(CredentialFault::Auth, "openrouter"), 0);
    assert_eq!((next.cooldown_until, next.error_count), (None, Some(1)));
}

#[test]
fn the_configuration_sets_the_numbers() {
    let text = r#"{"billingBackoffHours": 1.5, "billingBackoffHoursByProvider": {"OpenAI-Codex": 2}, "billingMaxHours": 3,
        "authPermanentBackoffMinutes": 5, "authPermanentMaxMinutes": 7, "failureWindowHours": 2,
        "overloadedProfileRotations": 0, "overloadedBackoffMs": 250, "rateLimitedProfileRotations": 4}"#;
    let set = CooldownSettings::from(&serde_json::from_str::<AuthCooldowns>(text).unwrap());
    assert_eq!((set.billing, set.billing_max), (Duration::from_secs(5400), 3 * HOUR));
    assert_eq!((set.auth_permanent, set.auth_permanent_max), (5 * MINUTE, 7 * MINUTE));
    assert_eq!((set.failure_window, set.overloaded_backoff), (2 * HOUR, Duration::from_millis(250)));
    assert_eq!((set.overloaded_rotations, set.rate_limited_rotations), (0, 4));
    let next = after_fault(&UsageStats::default(), &fault(CredentialFault::Billing), &set, at(0));
    assert_eq!(next.disabled_until, Some(at(2 * 3600)));
    let other = after_fault(&UsageStats::default(), &Fault::new(CredentialFault::Billing, "openai"), &set, at(0));
    assert_eq!(other.disabled_until, Some(at(5400)));
    assert_eq!(CooldownSettings::from(&AuthCooldowns::default()), CooldownSettings::default());
}
