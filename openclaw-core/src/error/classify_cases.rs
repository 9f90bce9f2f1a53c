//! Kinds of failures of many houses, in our own wording.

use super::tests::{CLOUDFLARE, HTML, judge, page};
use super::*;

/// Provider, status, headers, body.
type Case<'a> = (&'a str, Option<u16>, &'a [(&'a str, &'a str)], &'a str);

/// Checks a table and reports every disagreement at once.
pub(super) fn check(cases: &[Case<'_>], expected: ErrorKind) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(provider, status, headers, body)| (judge(provider, *status, headers, body), body))
        .filter(|(error, _)| error.kind() != expected)
        .map(|(error, body)| format!("{} for {body}", error.kind()))
        .collect();
    assert!(wrong.is_empty(), "expected {expected}:\n{}", wrong.join("\n"));
}

#[test]
fn edges_in_front_of_providers() {
    let akamai = page(
        "Access Denied",
        "<h1>Access Denied</h1>You don't have permission to access \"http&#58;&#47;&#47;api&#46;x\" on this server.<p>Reference&#32;&#35;18&#46;2d</p>",
    );
    let german = page("Nur einen Moment…", "<p>Aktivieren Sie JavaScript und Cookies</p>");
    let chinese = page("请稍候…", "");
    let chatgpt = "<html><head><style global>@keyframes enlarge-appear{}</style></head><body><div class=\"text\">Unable to load site</div>";
    let imperva = "<html><head><META NAME=\"robots\"></head><iframe src=\"/_Incapsula_Resource?x=1\">Request unsuccessful. Incapsula incident ID: 1-2</iframe></html>";
    let f5 = "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 123</body></html>";
    let waf_1009 =
        page("Access denied", "<div id='cf-error-details'><h1>Error 1009</h1>The owner has banned the country</div>");
    check(
        &[
            ("x", Some(403), HTML, &akamai),
            ("x", Some(403), &[("server", "AkamaiGHost"), ("content-type", "text/html")], &page("Denied", "no")),
            ("x", Some(403), HTML, &german),
            ("x", Some(503), HTML, &chinese),
            ("x", Some(403), HTML, "<!DOCTYPE html><html lang=\"ja\"><head><title>しばらくお待ち"),
            ("openai-codex", Some(403), CLOUDFLARE, chatgpt),
            ("openai-codex", Some(403), CLOUDFLARE, "<html>\n  <head>\n    <meta name=\"viewport\" content=\"wid"),
            ("x", Some(202), &[("x-amzn-waf-action", "challenge")], ""),
            ("x", Some(405), &[("x-amzn-waf-action", "captcha")], "<html></html>"),
            (
                "x",
                Some(403),
                &[("server", "awselb/2.0"), ("content-type", "text/html")],
                "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>",
            ),
            ("x", Some(429), &[("x-vercel-mitigated", "challenge")], &page("Vercel Security Checkpoint", "")),
            ("x", Some(403), &[("x-vercel-mitigated", "deny")], "Forbidden"),
            ("x", Some(403), HTML, imperva),
            ("x", Some(403), HTML, f5),
            ("x", Some(403), HTML, &page("Sucuri WebSite Firewall - Access Denied", "Block reason")),
            (
                "x",
                Some(403),
                &[("content-type", "application/json")],
                "{\"url\":\"https://geo.captcha-delivery.com/captcha/?cid=1\"}",
            ),
            ("x", Some(403), HTML, "<html><head><title>x</title><script>window._pxAppId='PX1'</script></head>"),
            ("x", Some(403), HTML, &waf_1009),
            ("x", Some(403), &[], "error code: 1012"),
            ("x", None, &[], "error code: 1020"),
            ("x", None, &[], "403 <html><head><title>Just a moment...</title>"),
            ("x", None, &[], &format!("unexpected status 403 Forbidden: {german}")),
            (
                "x",
                Some(403),
                HTML,
                "<html><body><center><h1>403 Forbidden</h1></center><hr><center>cloudflare</center></body></html>",
            ),
            (
                "x",
                Some(502),
                &[],
                "{\"error\":{\"message\":\"<!DOCTYPE html><html><head><title>Just a moment...</title><script>window._cf_chl_opt={}\"}}",
            ),
            (
                "openai-codex",
                Some(403),
                &[],
                "{\"detail\":\"Unusual activity has been detected from your device. Try again later.\"}",
            ),
            ("x", Some(403), HTML, "<html><body><script src=\"/a1b2.js\"></script></body></html>"),
            (
                "x",
                Some(429),
                HTML,
                &page(
                    "Sorry...",
                    "<form action='https://www.google.com/sorry/index'>Our systems have detected unusual traffic</form>",
                ),
            ),
            (
                "x",
                Some(403),
                &[],
                "{\"type\":\"https://developers.cloudflare.com/e\",\"title\":\"Error 1010: Access denied\",\"status\":403,\"error_code\":1010,\"cloudflare_error\":true}",
            ),
        ],
        ErrorKind::EdgeBlocked,
    );
}

#[test]
fn machines_on_our_side() {
    let fortinet = page("Web Page Blocked", "<p>FortiGuard Intrusion Prevention</p>");
    let portal = page("Welcome", "<form>Guest network sign in</form>");
    check(
        &[
            ("x", Some(407), &[("proxy-authenticate", "Basic")], ""),
            ("x", Some(511), &[], ""),
            ("x", Some(403), HTML, &fortinet),
            ("openai-codex", Some(403), HTML, &page("Blocked", "This site is blocked by company policy. Category: AI")),
            ("x", Some(503), &[("x-squid-error", "ERR_DNS_FAIL 0"), ("content-type", "text/html")], &page("ERROR", "")),
            ("x", Some(403), &[("server", "BlueCoat-Security-Appliance")], "<html>"),
            ("x", Some(403), HTML, &page("Netskope", "https://x.goskope.com/block")),
            ("x", Some(403), HTML, &page("Cisco Umbrella", "This site is blocked")),
            ("x", Some(200), HTML, &portal),
            ("x", Some(200), &[("content-type", "text/plain")], "OK"),
            ("x", Some(302), &[("location", "http://login.hotel.example/?u=1")], ""),
            ("openai-codex", Some(307), &[("location", "https://sso.corp.example/")], ""),
            (
                "x",
                None,
                &[],
                "ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed: 403 Forbidden'))",
            ),
            ("x", None, &[], "curl: (5) Could not resolve proxy: proxy.corp"),
            ("x", None, &[], "net::ERR_PROXY_CONNECTION_FAILED"),
        ],
        ErrorKind::Proxy,
    );
}

#[test]
fn credentials_and_permissions() {
    check(
        &[
            ("openai-codex", Some(401), &[], "{\"error\":{\"message\":\"x\",\"code\":\"token_revoked\"}}"),
            ("openai-codex", Some(400), &[], "{\"error\":\"invalid_grant\",\"error_description\":\"expired\"}"),
            (
                "anthropic",
                Some(401),
                &[],
                "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"OAuth token has expired. Please obtain a new token\"}}",
            ),
            (
                "bedrock",
                Some(403),
                &[],
                "{\"__type\":\"ExpiredTokenException\",\"message\":\"The security token included in the request is expired\"}",
            ),
            ("x", Some(401), &[], "{\"error\":{\"code\":\"app_session_expired\"}}"),
        ],
        ErrorKind::AuthExpired,
    );
    check(
        &[
            (
                "openai",
                Some(401),
                &[],
                "{\"error\":{\"message\":\"Incorrect API key provided: sk-a***z.\",\"type\":\"invalid_request_error\",\"code\":\"invalid_api_key\"}}",
            ),
            (
                "google",
                Some(400),
                &[],
                "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API key.\",\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}",
            ),
            ("openrouter", Some(401), &[], "{\"error\":{\"message\":\"No auth credentials found\",\"code\":401}}"),
            ("x", Some(401), HTML, &page("Log in", "<form>expired session, rate limit</form>")),
            ("x", Some(401), &[], ""),
            (
                "anthropic",
                Some(400),
                &[],
                "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"This organization has been disabled.\"}}",
            ),
            ("minimax", Some(200), &[], "{\"base_resp\":{\"status_code\":1004,\"status_msg\":\"login fail\"}}"),
        ],
        ErrorKind::AuthInvalid,
    );
    check(
        &[
            (
                "x",
                Some(403),
                HTML,
                "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr><center>nginx/1.24</center></body></html>",
            ),
            ("x", Some(403), &[], "RBAC: access denied"),
            (
                "openai-codex",
                Some(403),
                &[("x-openai-authorization-error", "invalid_workspace_selected")],
                "{\"detail\":{\"code\":\"invalid_workspace_selected\"}}",
            ),
            (
                "google",
                Some(400),
                &[],
                "{\"error\":{\"code\":400,\"message\":\"User location is not supported for the API use.\",\"status\":\"FAILED_PRECONDITION\"}}",
            ),
            (
                "google",
                Some(403),
                &[],
                "{\"error\":{\"code\":403,\"message\":\"Generative Language API has not been used in project 1 before\",\"status\":\"PERMISSION_DENIED\"}}",
            ),
            (
                "bedrock",
                Some(403),
                &[],
                "AccessDeniedException: User is not authorized to perform: bedrock:InvokeModel",
            ),
            ("x", Some(451), &[], ""),
        ],
        ErrorKind::Forbidden,
    );
}

#[test]
fn limits_and_money() {
    check(
        &[
            ("openai-codex", Some(429), CLOUDFLARE, "error code: 1015"),
            ("x", Some(429), HTML, &page("429 Too Many Requests", "<center>nginx</center>")),
            (
                "bedrock",
                Some(400),
                &[],
                "{\"__type\":\"com.amazonaws#ThrottlingException\",\"message\":\"Too many requests\"}",
            ),
            (
                "google",
                Some(429),
                &[],
                "[{\"error\":{\"code\":429,\"message\":\"Resource has been exhausted (e.g. check quota).\",\"status\":\"RESOURCE_EXHAUSTED\"}}]",
            ),
            ("zai", Some(429), &[], "{\"error\":{\"code\":\"1302\",\"message\":\"您当前使用该API的并发数过高\"}}"),
            (
                "qwen",
                Some(429),
                &[],
                "{\"code\":\"Throttling.RateQuota\",\"message\":\"Requests rate limit exceeded\"}",
            ),
            ("x", Some(402), &[], "Limit hit, please try again later"),
            ("x", None, &[], "429 Too Many Requests"),
            (
                "google",
                Some(429),
                &[],
                "{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota, please check your plan and billing details.\",\"status\":\"RESOURCE_EXHAUSTED\"}}",
            ),
            (
                "litellm",
                None,
                &[],
                "Error code: 429 - {'error': {'message': \"it's Rate limit reached\", 'code': None}}",
            ),
            (
                "x",
                None,
                &[],
                "stream disconnected before completion: Rate limit reached for gpt in organization o. Please try again in 2s.",
            ),
            (
                "azure",
                Some(429),
                &[],
                "{\"error\":{\"code\":\"429\",\"message\":\"Requests to the endpoint have exceeded call rate limit of your tier.\"}}",
            ),
            ("boto", None, &[], "An error occurred (ThrottlingException) when calling the InvokeModel operation: slow"),
        ],
        ErrorKind::RateLimited,
    );
    check(
        &[
            (
                "openai-codex",
                Some(429),
                &[],
                "{\"error\":{\"type\":\"usage_limit_reached\",\"plan_type\":\"pro\",\"resets_in_seconds\":60}}",
            ),
            (
                "zai",
                Some(429),
                &[],
                "{\"error\":{\"code\":\"1308\",\"message\":\"Usage limit reached for 5 hour. Your limit will reset at 2026-05-05\"}}",
            ),
            (
                "x",
                Some(429),
                &[],
                "{\"error\":{\"message\":\"You have exceeded your weekly usage quota. It resets in 3 days.\"}}",
            ),
            ("x", None, &[], "You've hit your usage limit. Upgrade to Pro or try again at 5:00 PM."),
            ("x", Some(429), &[], "{\"error\":{\"message\":\"Weekly limit exhausted\"}}"),
            (
                "openrouter",
                Some(429),
                &[],
                "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock\",\"code\":429}}",
            ),
        ],
        ErrorKind::UsageLimit,
    );
    check(
        &[
            (
                "openai",
                Some(429),
                &[],
                "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan and billing details.\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}",
            ),
            (
                "deepseek",
                Some(402),
                &[],
                "{\"error\":{\"message\":\"Insufficient Balance\",\"type\":\"unknown_error\",\"code\":\"invalid_request_error\"}}",
            ),
            (
                "openrouter",
                Some(402),
                &[],
                "{\"error\":{\"message\":\"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens\",\"code\":402}}",
            ),
            (
                "minimax",
                Some(200),
                &[],
                "{\"base_resp\":{\"status_code\":1008,\"status_msg\":\"insufficient balance\"}}",
            ),
            (
                "qwen",
                Some(400),
                &[],
                "{\"code\":\"Arrearage\",\"message\":\"Access denied, please make sure your account is in good standing.\"}",
            ),
            (
                "moonshot",
                Some(429),
                &[],
                "{\"error\":{\"type\":\"exceeded_current_quota_error\",\"message\":\"Your account is suspended, please check your plan and billing details\"}}",
            ),
            ("openai", Some(429), &[], "{\"error\":{\"code\":\"project_spend_limit_exceeded\"}}"),
            (
                "x",
                Some(401),
                &[],
                "{\"type\":\"error\",\"error\":{\"type\":\"CreditsError\",\"message\":\"No payment method\"}}",
            ),
            ("x", Some(402), &[], ""),
        ],
        ErrorKind::Billing,
    );
}
