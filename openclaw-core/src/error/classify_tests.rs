//! Messages, advice and fields.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;
use crate::error::EdgeAction;

fn at(now: u64) -> Option<SystemTime> {
    Some(UNIX_EPOCH + Duration::from_secs(now))
}

pub(super) fn judge(provider: &str, status: impl Into<Option<u16>>, headers: &[(&str, &str)], body: &str) -> Error {
    let headers = headers.iter().copied().collect();
    let url = Some("https://chatgpt.com/backend-api/codex/responses?x=1").filter(|_| provider == "openai-codex");
    classify(&Evidence { provider, status: status.into(), headers, body, url, now: at(1_777_900_000) })
}

pub(super) const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
pub(super) const CLOUDFLARE: &[(&str, &str)] =
    &[("content-type", "text/html"), ("server", "cloudflare"), ("cf-ray", "9ab0c1d2e3f40516-FRA")];

pub(super) fn page(title: &str, body: &str) -> String {
    format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>")
}

#[test]
fn an_edge_block_names_everything() {
    let body = page("Just a moment...", "<script>window._cf_chl_opt={cRay:'1'}</script>");
    let error = judge("openai-codex", 403, CLOUDFLARE, &body);
    let message = error.message();
    for part in [
        "chatgpt.com/backend-api/codex/responses",
        "login was not the cause",
        "9ab0c1d2e3f40516-FRA",
        "base URL",
        "status.openai.com",
        "VPN",
        "codex CLI",
        "API key",
        "support",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains('<') && !message.contains("?x="));
    assert_eq!(error.edge().map(|e| (e.vendor.as_str(), e.action)), Some(("cloudflare", EdgeAction::Challenge)));
    assert_eq!((error.advice(), error.http_status()), (Advice::OtherProvider, Some(403)));
    let on_page = judge(
        "x",
        403,
        HTML,
        &page("Attention Required! | Cloudflare", "Cloudflare Ray ID: <strong>0123456789abcdef</strong>"),
    );
    assert_eq!(on_page.cf_ray(), Some("0123456789abcdef"));
    let rule = judge("x", 403, HTML, "error code: 1020");
    assert_eq!(rule.edge().and_then(|e| e.code.as_deref()), Some("1020"));
    assert!(!rule.message().contains("openai"));
}

#[test]
fn advice_and_fields() {
    let error = judge(
        "openai",
        401,
        &[("x-request-id", "req_1")],
        "{\"error\":{\"message\":\"Missing scopes: api.responses.write. Check\",\"type\":\"invalid_request_error\",\"code\":null}}",
    );
    assert_eq!(
        (error.kind(), error.advice(), error.request_id()),
        (ErrorKind::Forbidden, Advice::FixConfig, Some("req_1"))
    );
    assert_eq!(error.code(), Some("invalid_request_error"));

    let error = judge(
        "x",
        403,
        &[],
        "{\"error\":{\"code\":\"unsupported_country_region_territory\",\"message\":\"Country, region, or territory not supported\"}}",
    );
    assert_eq!((error.kind(), error.advice()), (ErrorKind::Forbidden, Advice::OtherProvider));

    for (code, advice) in [
        ("refresh_token_reused", Advice::SignIn),
        ("invalid_grant", Advice::SignIn),
        ("token_expired", Advice::Refresh),
        ("token_invalidated", Advice::Refresh),
    ] {
        let error = judge(
            "x",
            401,
            &[],
            &format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"Please try signing in again.\"}}}}"),
        );
        assert_eq!((error.kind(), error.advice()), (ErrorKind::AuthExpired, advice), "{code}");
    }

    let body = "{\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"m\",\"plan_type\":\"plus\",\"resets_at\":1777936568}}";
    let error = judge("openai-codex", 429, &[], body);
    assert_eq!(error.resets_at(), at(1_777_936_568));
    assert!(
        error.message().contains("plan plus") && error.message().contains("2026-05-04 23:16 UTC"),
        "{}",
        error.message()
    );

    let error = judge(
        "x",
        429,
        &[],
        "{\"error\":{\"message\":\"Rate limit reached. Please try again in 1m30s.\",\"code\":\"rate_limit_exceeded\"}}",
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    let error = judge("x", 400, &[], "{\"error\":{\"message\":\"Bad; try again in 5s\"}}");
    assert_eq!(error.retry_after(), None);

    let encoded = BASE64.encode("{\"error\":{\"code\":\"token_expired\"}}");
    let error = judge("openai-codex", 401, &[("x-error-json", &encoded)], "");
    assert_eq!((error.kind(), error.code()), (ErrorKind::AuthExpired, Some("token_expired")));

    let error = judge("x", None, &[], "503 Service Unavailable");
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::ServerError, None));
    assert_eq!(judge("x", None, &[], "getaddrinfo ENOTFOUND h").stage(), Stage::NotSent);
    assert_eq!(judge("x", None, &[], "read ECONNRESET").stage(), Stage::MaybeSent);
    assert_eq!(judge("x", None, &[], "Premature close").stage(), Stage::Streaming);
    assert_eq!(judge("x", 404, &[], "").advice(), Advice::Retry);
    assert_eq!(judge("x", 301, &[("location", "/v1/responses")], "").kind(), ErrorKind::Config);
}

#[test]
fn previews_show_no_markup_and_no_secret() {
    let body = page("T", "<script>secret()</script><p>key sk-proj-abcdef123456 &amp; more</p>");
    let preview = judge("x", 500, HTML, &body).body_preview().unwrap_or_default().to_owned();
    assert_eq!(preview, "T key [redacted] & more");
}

#[test]
fn a_window_of_a_claude_plan_is_told_from_a_rate_limit() {
    let body = r#"{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account's rate limit. Please try again later."}}"#;
    let reset = ("anthropic-ratelimit-unified-reset", "1777910000");
    let window = judge("anthropic", 429, &[("anthropic-ratelimit-unified-status", "rejected"), reset], body);
    assert_eq!((window.kind(), window.resets_at()), (ErrorKind::UsageLimit, at(1_777_910_000)));
    let throttled = judge("anthropic", 429, &[("anthropic-ratelimit-unified-status", "allowed_warning"), reset], body);
    assert_eq!((throttled.kind(), throttled.resets_at()), (ErrorKind::RateLimited, None));
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-06-01 at 00:00 UTC."}}"#;
    let spent = judge("anthropic", 400, &[], body);
    assert_eq!((spent.kind(), spent.resets_at()), (ErrorKind::UsageLimit, at(1_780_272_000)));
    assert!(spent.message().contains("open again at 2026-06-01 00:00 UTC"), "{spent}");
}
