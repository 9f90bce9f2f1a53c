//! What is seen without sending anything.

use openclaw_core::auth::{Ineligible, OAuthCredential, Profile, Profiles, Readiness};
use openclaw_core::diagnose::{Check, StoreKind, VerdictKind};
use openclaw_core::{CodexProvider, ProviderId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::{CONFIG, HOUR, Home, REFRESH, STORE, at, login, ms, oauth};

fn fingerprint(text: &str) -> String {
    let hex: String = Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn refused() -> Value {
    json!({"refreshFailure": {"token": fingerprint(REFRESH), "at": 1, "kind": "auth_expired", "message": "signed out elsewhere"}})
}

#[test]
fn every_profile_has_its_true_state() {
    let mut home = Home::new();
    home.env("SET", "sk-S3CR3T-of-env");
    let token =
        |end: i64| json!({"type": "token", "provider": "openai-codex", "token": "tok-S3CR3T", "expires": ms(end)});
    home.store(
        json!({
            "good": oauth(240 * HOUR, Some(REFRESH)),
            "short-but-renewed": oauth(HOUR, Some(REFRESH)),
            "soon": token(5 * HOUR),
            "later": token(25 * HOUR),
            "ended-renewable": oauth(-HOUR, Some(REFRESH)),
            "ended": oauth(-HOUR, None),
            "ended-token": token(-1),
            "refused": oauth(-HOUR, Some(REFRESH)),
            "refused-before-a-new-sign-in": oauth(HOUR, Some("another")),
            "given-up": oauth(HOUR, Some("another")),
            "rests": oauth(HOUR, Some("another")),
            "rested": oauth(HOUR, Some("another")),
            "no-variable": {"type": "api_key", "provider": "openai", "keyRef": {"source": "env", "provider": "default", "id": "UNSET"}},
            "variable": {"type": "api_key", "provider": "openai", "keyRef": {"source": "env", "provider": "default", "id": "SET"}},
            "wrong-source": {"type": "api_key", "provider": "openai", "keyRef": {"source": "vault", "id": "x"}},
            "broken": {"type": "oauth", "provider": "openai-codex"},
            "nothing": 5,
        }),
        json!({
            "refused": refused(),
            "refused-before-a-new-sign-in": refused(),
            "given-up": {"disabledUntil": ms(600), "disabledReason": "auth_permanent"},
            // One of its own: a rate limit would be that of the plan, which they all have.
            "rests": {"cooldownUntil": ms(600), "cooldownReason": "auth"},
            "rested": {"cooldownUntil": ms(-600), "cooldownReason": "rate_limit"},
        }),
    );
    let found = home.examine();
    let state = |id: &str| login(&found, id).condition.state;
    for (id, expected) in [
        ("good", Readiness::Usable),
        ("short-but-renewed", Readiness::Usable),
        ("soon", Readiness::ExpiresSoon),
        ("later", Readiness::Usable),
        ("ended-renewable", Readiness::ExpiredRenewable),
        ("ended", Readiness::Expired),
        ("ended-token", Readiness::Expired),
        ("refused", Readiness::Refused),
        ("refused-before-a-new-sign-in", Readiness::Usable),
        ("given-up", Readiness::Refused),
        ("rests", Readiness::Resting),
        ("rested", Readiness::Usable),
        ("no-variable", Readiness::SecretMissing),
        ("variable", Readiness::Usable),
        ("wrong-source", Readiness::Unreadable),
        ("broken", Readiness::Unreadable),
        ("nothing", Readiness::Unreadable),
    ] {
        assert_eq!(state(id), expected, "{id}: {}", login(&found, id).condition.why);
    }
    assert_eq!(login(&found, "rests").condition.rests_until, Some(at(600)));
    assert!(login(&found, "rests").condition.why.contains("(auth)"));
    assert!(login(&found, "no-variable").condition.why.contains("UNSET"));
    assert_eq!(login(&found, "soon").condition.expires_at, Some(at(5 * HOUR)));
    assert!(login(&found, "refused").condition.why.contains("signed out elsewhere"));
    assert_eq!(found.check, Check::ExpiresSoon);
    assert_eq!(found.verdict.kind, VerdictKind::NotProbed);
    for text in [format!("{found:?}"), found.to_json().to_string()] {
        assert!(!text.contains("S3CR3T") && !text.contains("forged-for-tests"), "{text}");
    }
}

#[test]
fn a_script_is_told_with_one_number() {
    let check = |profiles: Value, stats: Value| {
        let home = Home::new();
        home.store(profiles, stats);
        let found = home.examine();
        (found.check, found.verdict.kind)
    };
    let one = |entry: Value| check(json!({"openai-codex:me": entry}), json!({}));
    assert_eq!(one(oauth(HOUR, Some(REFRESH))), (Check::Ok, VerdictKind::NotProbed));
    assert_eq!(one(oauth(-HOUR, Some(REFRESH))), (Check::Ok, VerdictKind::NotProbed));
    assert_eq!(one(oauth(HOUR, None)), (Check::ExpiresSoon, VerdictKind::NotProbed));
    assert_eq!(one(oauth(-HOUR, None)), (Check::NothingUsable, VerdictKind::SignIn));
    assert_eq!(one(json!({"type": "oauth"})), (Check::NothingUsable, VerdictKind::LoginUnreadable));
    let (id, entry) = ("openai-codex:me", oauth(HOUR, Some(REFRESH)));
    let rests = json!({id: {"cooldownUntil": ms(60), "cooldownReason": "auth"}});
    assert_eq!(check(json!({id: entry}), rests), (Check::NothingUsable, VerdictKind::Resting));
    let gone = json!({id: {"disabledUntil": ms(60), "disabledReason": "auth_permanent"}});
    assert_eq!(check(json!({id: entry}), gone), (Check::NothingUsable, VerdictKind::SignIn));
    assert_eq!(check(json!({}), json!({})), (Check::NothingUsable, VerdictKind::NoLogin));
}

#[test]
fn what_ends_soon_and_is_not_counted_on_is_no_alarm() {
    let home = Home::new();
    let mut other = oauth(HOUR, None);
    other["provider"] = "someone-else".into();
    home.store(json!({"openai-codex:me": oauth(HOUR, Some(REFRESH)), "other": other}), json!({}));
    home.file(CONFIG, "{ agents: { defaults: { model: 'openai-codex/gpt-5.4' } } }");
    let found = home.examine();
    assert_eq!(login(&found, "other").condition.state, Readiness::ExpiresSoon);
    assert_eq!(found.check, Check::Ok);
}

#[test]
fn the_fallback_of_another_provider_can_be_used_too() {
    let mut home = Home::new();
    home.store(json!({"openai-codex:me": oauth(-HOUR, None)}), json!({}));
    home.file(
        CONFIG,
        "{ agents: { defaults: { model: { primary: 'openai-codex/gpt-5.4', fallbacks: ['gate/x'] } } },
           models: { providers: { gate: { baseUrl: 'https://gw.example/v1?key=S3CR3T', api: 'openai-responses',
             apiKey: '${GATE_KEY}', models: [] } } } }",
    );
    let without = home.examine();
    assert_eq!((without.check, without.verdict.kind), (Check::NothingUsable, VerdictKind::SignIn));
    assert!(without.endpoints[1].problem.as_ref().unwrap().contains("GATE_KEY"), "{:?}", without.endpoints);
    home.env("GATE_KEY", "sk-S3CR3T-of-gate");
    let found = home.examine();
    assert_eq!(found.check, Check::Ok);
    assert_eq!(found.endpoints[1].address.as_deref(), Some("https://gw.example/v1/responses"));
    assert!(found.endpoints[1].configured && !found.endpoints[0].configured);
    assert!(!format!("{found:?}{}", found.to_json()).contains("S3CR3T"));
}

#[test]
fn a_key_of_the_environment_stands_in_where_the_store_has_no_login_of_the_provider() {
    let mut home = Home::new();
    home.store(json!({"openai-codex:me": oauth(-HOUR, None)}), json!({}));
    let models =
        "{ agents: { defaults: { model: { primary: 'openai-codex/gpt-5.4', fallbacks: ['openai/gpt-5.4'] } } } }";
    home.file(CONFIG, models);
    let without = home.examine();
    assert_eq!((without.check, without.verdict.kind), (Check::NothingUsable, VerdictKind::SignIn));
    home.env("OPENAI_API_KEY", "sk-S3CR3T-of-env");
    let with = home.examine();
    assert_eq!((with.check, with.verdict.kind), (Check::Ok, VerdictKind::NotProbed), "{:?}", with.verdict);
    // One that is there, and of no use, is not passed over for the key.
    let broken = json!({"type": "token", "provider": "openai", "token": "t", "expires": ms(-5)});
    home.store(json!({"openai-codex:me": oauth(-HOUR, None), "openai:x": broken}), json!({}));
    assert_eq!(home.examine().check, Check::NothingUsable);
}

#[test]
fn a_login_that_rests_for_the_model_alone_is_of_no_use_to_it() {
    let home = Home::new();
    let id = "openai-codex:me";
    let rests = json!({"cooldownUntil": ms(600), "cooldownReason": "rate_limit", "cooldownModel": "gpt-5.4"});
    home.store(json!({id: oauth(HOUR, Some(REFRESH))}), json!({id: rests}));
    home.file(CONFIG, "{ agents: { defaults: { model: 'openai-codex/gpt-5.4' } } }");
    let found = home.examine();
    assert_eq!((found.check, found.verdict.kind), (Check::NothingUsable, VerdictKind::Resting), "{:?}", found.verdict);
    assert_eq!(found.verdict.until, Some(at(600)));
    assert!(found.verdict.says.contains("for the model gpt-5.4"), "{}", found.verdict.says);
    let condition = &login(&found, id).condition;
    assert_eq!(condition.state, Readiness::Usable);
    // Another model of the same login is asked.
    let models =
        "{ agents: { defaults: { model: { primary: 'openai-codex/gpt-5.4', fallbacks: ['openai-codex/gpt-5.5'] } } } }";
    home.file(CONFIG, models);
    let found = home.examine();
    assert_eq!((found.check, found.verdict.kind), (Check::Ok, VerdictKind::NotProbed), "{:?}", found.verdict);
}

#[test]
fn of_several_that_rest_the_soonest_is_waited_for() {
    let home = Home::new();
    let of_model = json!({"cooldownUntil": ms(3600), "cooldownReason": "rate_limit", "cooldownModel": "gpt-5.4"});
    let of_all = json!({"cooldownUntil": ms(300), "cooldownReason": "auth", "lastFailureAt": ms(-5)});
    let other = json!({"type": "token", "provider": "openai-codex", "token": "another-account", "expires": ms(HOUR)});
    home.store(json!({"a": oauth(HOUR, Some(REFRESH)), "b": other}), json!({"a": of_model, "b": of_all}));
    home.file(CONFIG, "{ agents: { defaults: { model: 'openai-codex/gpt-5.4' } } }");
    let found = home.examine();
    assert_eq!((found.verdict.kind, found.verdict.until), (VerdictKind::Resting, Some(at(300))), "{:?}", found.verdict);
}

#[tokio::test]
async fn a_probe_asks_with_a_login_that_rests_longer_if_the_soonest_has_to_be_renewed() {
    let (home, _server) = crate::common::ready().await;
    let rests = |ends_in: i64| json!({"cooldownUntil": ms(ends_in), "cooldownReason": "auth", "lastFailureAt": ms(-5)});
    let other = json!({"type": "token", "provider": "openai-codex", "token": "another-account", "expires": ms(HOUR)});
    home.store(json!({"a": oauth(-HOUR, Some(REFRESH)), "b": other}), json!({"a": rests(300), "b": rests(3600)}));
    let found = home.diagnose().await;
    let probe = found.probe.as_ref().unwrap();
    assert_eq!((probe.sent, probe.profile.as_deref()), (true, Some("b")), "{found:#?}");
}

#[tokio::test]
async fn a_primary_that_a_call_would_renew_stands_before_a_fallback_that_rests() {
    let home = Home::new();
    let key = json!({"type": "api_key", "provider": "openai", "key": "sk-S3CR3T"});
    let rests = json!({"cooldownUntil": ms(300), "cooldownReason": "auth", "lastFailureAt": ms(-5)});
    home.store(json!({"me": oauth(-HOUR, Some(REFRESH)), "key": key}), json!({"key": rests}));
    let models =
        "{ agents: { defaults: { model: { primary: 'openai-codex/gpt-5.4', fallbacks: ['openai/gpt-5.4'] } } } }";
    home.file(CONFIG, models);
    let found = home.diagnose().await;
    assert_eq!((found.check, found.verdict.kind), (Check::Ok, VerdictKind::TokenExpired), "{:?}", found.verdict);
    assert!(!found.probe.unwrap().sent);
}

#[test]
fn a_login_whose_plan_another_login_used_up_is_not_usable() {
    let home = Home::new();
    let spent = json!({"cooldownUntil": ms(600), "cooldownReason": "rate_limit", "lastFailureAt": ms(-5)});
    let of_me = |refresh: &str| {
        let mut entry = oauth(HOUR, Some(refresh));
        entry["email"] = "me@example.invalid".into();
        entry
    };
    let logins = json!({"openai-codex:me": of_me(REFRESH), "openai-codex:double": of_me("r2")});
    home.store(logins, json!({"openai-codex:me": spent}));
    let found = home.examine();
    let double = &login(&found, "openai-codex:double").condition;
    assert_eq!((double.state, double.rests_until), (Readiness::Resting, Some(at(600))), "{double:?}");
    assert_eq!((found.check, found.verdict.kind), (Check::NothingUsable, VerdictKind::Resting));
}

#[test]
fn an_invalid_configuration_is_the_verdict() {
    let home = Home::new();
    home.store(json!({"openai-codex:default": oauth(HOUR, Some(REFRESH))}), json!({}));
    home.file(CONFIG, "{ auth: { profiles: { 'openai-codex:default': { provider: 'openai-codex', mode: 'oauth', token: 'S3CR3T' } } } }");
    let found = home.examine();
    assert_eq!((found.check, found.verdict.kind), (Check::NothingUsable, VerdictKind::ConfigInvalid));
    assert!(found.verdict.says.contains("auth.profiles.openai-codex:default") && found.verdict.says.contains("token"));
    assert!(found.verdict.steps.iter().any(|step| step.contains("claw doctor --fix")));
    assert_eq!(found.configuration.repairs[0].kind, "credential_in_profile");
    assert!(!format!("{found:?}{}", found.to_json()).contains("S3CR3T"));
    let mut home = Home::new();
    home.options.config = Some("/no/such/openclaw.json".into());
    assert_eq!(home.examine().verdict.kind, VerdictKind::ConfigInvalid);
}

#[test]
fn a_wrong_codex_address_is_pointed_out() {
    let home = Home::new();
    home.store(json!({"openai-codex:me": oauth(HOUR, Some(REFRESH))}), json!({}));
    let with = |entry: &str| {
        let text = format!(
            "{{ agents: {{ defaults: {{ model: 'openai-codex/gpt-5.4' }} }}, models: {{ providers: {{ 'openai-codex': {{ {entry}, models: [] }} }} }} }}"
        );
        home.file(CONFIG, &text);
        home.examine()
    };
    let wrong = with("baseUrl: 'https://chatgpt.com/api/codex', api: 'openai-codex-responses'");
    assert_eq!((wrong.check, wrong.verdict.kind), (Check::NothingUsable, VerdictKind::WrongAddress));
    assert!(wrong.verdict.steps[0].contains("https://chatgpt.com/backend-api"), "{:?}", wrong.verdict);
    assert_eq!(wrong.configuration.repairs[0].kind, "codex_base_url");
    let mended = with("baseUrl: 'https://chatgpt.com/backend-api/v1', api: 'openai-codex-responses'");
    assert_eq!(mended.verdict.kind, VerdictKind::NotProbed);
    assert!(mended.endpoints[0].note.as_ref().unwrap().contains("read as"), "{:?}", mended.endpoints);
    assert_eq!(mended.endpoints[0].address.as_deref(), Some("https://chatgpt.com/backend-api/codex/responses"));
    // The bug report: without `api` OpenClaw speaks another protocol there.
    let silent = with("baseUrl: 'https://chatgpt.com/backend-api'");
    assert_eq!(silent.configuration.repairs[0].kind, "codex_api", "{:?}", silent.configuration);
    let right = with("baseUrl: 'https://chatgpt.com/backend-api', api: 'openai-codex-responses'");
    assert!(right.endpoints[0].note.is_none() && right.configuration.repairs.is_empty(), "{right:?}");
}

#[test]
fn places_are_named_and_the_first_that_has_logins_is_used() {
    let mut home = Home::new();
    home.file(
        ".codex/auth.json",
        &json!({"tokens": {"access_token": "abc.S3CR3T.x", "refresh_token": "S3CR3T"}}).to_string(),
    );
    home.env("OPENAI_API_KEY", "sk-S3CR3T");
    let found = home.examine();
    let used: Vec<_> = found.stores.iter().map(|store| (store.kind, store.found, store.used)).collect();
    assert_eq!(
        used,
        [(StoreKind::OpenClaw, false, false), (StoreKind::CodexCli, true, true), (StoreKind::Environment, true, false)]
    );
    assert!(login(&found, "openai-codex:codex-cli").used && !login(&found, "OPENAI_API_KEY").used);
    assert!(!login(&found, "openai-codex:codex-cli").condition.renewable, "its refresh token is not ours to spend");
    assert!(!format!("{found:?}{}", found.to_json()).contains("S3CR3T"));
    home.store(json!({"openai-codex:me": oauth(HOUR, Some(REFRESH))}), json!({}));
    let found = home.examine();
    assert!(login(&found, "openai-codex:me").used && !login(&found, "openai-codex:codex-cli").used);
}

#[test]
fn the_store_of_a_newer_openclaw_is_recognised() {
    let home = Home::new();
    let newer = home.file(".openclaw/agents/main/agent/openclaw-agent.sqlite", "SQLite format 3\0");
    let found = home.examine();
    assert_eq!((found.check, found.verdict.kind), (Check::NothingUsable, VerdictKind::StoreUnreadable));
    assert_eq!(found.stores[0].newer.as_deref(), Some(newer.to_str().unwrap()));
    home.store(json!({"openai-codex:me": oauth(HOUR, Some(REFRESH))}), json!({}));
    let found = home.examine();
    assert!(found.stores[0].newer.is_some() && found.stores[0].error.is_none());
    assert!(!login(&found, "openai-codex:me").condition.renewable, "the store is not written beside a newer one");
}

#[test]
fn an_order_leaves_profiles_out_and_says_so() {
    let home = Home::new();
    let store = json!({"version": 1, "order": {"openai-codex": ["a"]},
        "profiles": {"a": oauth(-HOUR, None), "b": oauth(HOUR, Some(REFRESH))}});
    home.file(STORE, &store.to_string());
    let found = home.examine();
    assert_eq!(login(&found, "b").left_out, Some(Ineligible::ExcludedByOrder));
    assert!(!login(&found, "b").used);
    assert_eq!((found.check, found.verdict.kind), (Check::NothingUsable, VerdictKind::SignIn));
}

#[test]
fn proxy_and_certificates_are_named_without_their_secrets() {
    let mut home = Home::new();
    home.store(json!({"openai-codex:me": oauth(HOUR, Some(REFRESH))}), json!({}));
    home.env("HTTPS_PROXY", "http://me:S3CR3T@proxy.example:3128");
    home.env("SSL_CERT_FILE", "/no/such/ca.pem");
    let found = home.examine();
    let endpoint = &found.endpoints[0];
    let proxy = endpoint.proxy.as_ref().unwrap();
    assert_eq!(
        (proxy.address.as_str(), proxy.named_by.as_str()),
        ("http://[secret]@proxy.example:3128", "HTTPS_PROXY")
    );
    let certificates = endpoint.certificates.as_ref().unwrap();
    assert_eq!((certificates.named_by.as_deref(), certificates.count), (Some("SSL_CERT_FILE"), None));
    assert!(certificates.problem.as_ref().unwrap().contains("/no/such/ca.pem"));
    assert!(!format!("{found:?}{}", found.to_json()).contains("S3CR3T"));
    let pem = "-----BEGIN CERTIFICATE-----\nMAMBAgM=\n-----END CERTIFICATE-----\n";
    let ca = home.file("ca.pem", pem).display().to_string();
    home.env("CODEX_CA_CERTIFICATE", &ca);
    home.env("NO_PROXY", "chatgpt.com");
    let found = home.examine();
    assert!(found.endpoints[0].proxy.is_none());
    assert_eq!(found.endpoints[0].certificates.as_ref().unwrap().count, Some(1));
    home.file(
        CONFIG,
        &format!(
            "{{ models: {{ providers: {{ 'openai-codex': {{ baseUrl: 'https://chatgpt.com/backend-api', models: [], \
             api: 'openai-codex-responses', request: {{ proxy: {{ mode: 'explicit-proxy', url: 'socks5h://u:S3CR3T@p.example:1' }}, \
             tls: {{ ca: {} }} }} }} }} }} }}",
            serde_json::to_string(pem).unwrap()
        ),
    );
    let found = home.examine();
    let endpoint = &found.endpoints[0];
    assert_eq!(endpoint.proxy.as_ref().unwrap().address, "socks5h://[secret]@p.example:1", "{found:?}");
    let certificates = endpoint.certificates.as_ref().unwrap();
    assert_eq!((certificates.count, certificates.named_by.as_deref()), (Some(1), None), "{certificates:?}");
    assert!(!format!("{found:?}{}", found.to_json()).contains("S3CR3T"));
    home.env("NO_PROXY", "");
    home.file(CONFIG, "{}");
    home.env("HTTPS_PROXY", "ftp://u:S3CR3T@p");
    let found = home.examine();
    assert!(found.endpoints[0].problem.as_ref().unwrap().contains("HTTPS_PROXY"), "{:?}", found.endpoints);
    assert!(!format!("{found:?}{}", found.to_json()).contains("S3CR3T"));
}

#[test]
fn what_cannot_be_looked_at_is_said() {
    let mut home = Home::new();
    home.options.agent = Some("../x".into());
    assert!(openclaw_core::diagnose::examine(&home.options).unwrap_err().message().contains("../x"));
    home.options.agent = Some("nobody".into());
    home.store(json!({"openai-codex:me": oauth(HOUR, Some(REFRESH))}), json!({}));
    let found = home.examine();
    assert_eq!(found.stores.len(), 4, "the agent's store, that of main, and the two others: {:?}", found.stores);
    assert!(login(&found, "openai-codex:me").used);
    home.options.agent = None;
    home.options.profile_file = Some(home.path("missing.json"));
    let found = home.examine();
    assert_eq!(found.verdict.kind, VerdictKind::StoreUnreadable);
    assert!(found.verdict.says.contains("missing.json"), "{}", found.verdict.says);
    home.options.profile_file = Some(home.path(STORE));
    home.options.profile = Some("openai-codex:other".into());
    let found = home.examine();
    assert_eq!(found.verdict.kind, VerdictKind::NoLogin);
    assert!(found.verdict.says.contains("openai-codex:other"), "{}", found.verdict.says);
    home.options.profile = None;
    home.options.model = Some("opnai/x".into());
    let found = home.examine();
    assert_eq!((found.check, found.verdict.kind), (Check::NothingUsable, VerdictKind::CannotAsk));
    assert!(found.verdict.says.contains("did you mean openai"), "{}", found.verdict.says);
    home.file(STORE, "{");
    home.options.model = None;
    assert_eq!(home.examine().verdict.kind, VerdictKind::StoreUnreadable);
    assert!(!format!("{:?}", home.options).contains("HOME"));
}

#[test]
fn nothing_of_the_public_types_hides_a_login() {
    // A profile that is made here is judged as a stored one.
    let profile = Profile::new("x", ProviderId::new(ProviderId::CODEX), OAuthCredential::new("no.jwt", None));
    let condition = openclaw_core::auth::Condition::of(
        &profile,
        &Profiles::default(),
        CodexProvider::DEFAULT_MODEL,
        &Default::default(),
        true,
        at(0),
    );
    assert_eq!((condition.state, condition.expires_at), (Readiness::Usable, None));
}
