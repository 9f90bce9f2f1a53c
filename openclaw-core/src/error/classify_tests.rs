//! Cases of our own, told apart from the shared ones: other houses, other wording, other cuts.

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

const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
const CLOUDFLARE: &[(&str, &str)] =
    &[("content-type", "text/html"), ("server", "cloudflare"), ("cf-ray", "9ab0c1d2e3f40516-FRA")];

fn page(title: &str, body: &str) -> String {
    format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>")
}

/// Checks a table of (provider, status, headers, body) and reports every disagreement at once.
fn check(cases: &[(&str, Option<u16>, &[(&str, &str)], &str)], expected: ErrorKind) {
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

#[test]
fn requests_and_models() {
    check(
        &[
            (
                "openai",
                Some(400),
                &[],
                "{\"error\":{\"message\":\"m\",\"code\":\"context_length_exceeded\",\"type\":\"invalid_request_error\"}}",
            ),
            (
                "google",
                Some(400),
                &[],
                "{\"error\":{\"code\":400,\"message\":\"The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).\",\"status\":\"INVALID_ARGUMENT\"}}",
            ),
            (
                "groq",
                Some(413),
                &[],
                "{\"error\":{\"message\":\"Request too large for model `m` in organization `o` on tokens per minute (TPM): Limit 6000, Requested 9000\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}",
            ),
            (
                "llamacpp",
                Some(500),
                &[],
                "{\"error\":{\"code\":500,\"message\":\"the request exceeds the available context size\",\"type\":\"server_error\"}}",
            ),
            (
                "qwen",
                Some(400),
                &[],
                "{\"code\":\"InvalidParameter\",\"message\":\"Range of input length should be [1, 30720]\"}",
            ),
            (
                "minimax",
                Some(400),
                &[],
                "{\"error\":{\"message\":\"invalid params, context window exceeds limit (2013)\"}}",
            ),
            ("zai", Some(400), &[], "{\"error\":{\"code\":\"1261\",\"message\":\"Prompt exceeds max length\"}}"),
            ("x", Some(400), &[], "{\"error\":{\"message\":\"输入长度超过模型最大长度限制\"}}"),
            ("x", Some(413), &[], ""),
            ("x", None, &[], "WebSocket closed 1009 message too big"),
        ],
        ErrorKind::ContextOverflow,
    );
    check(
        &[
            ("openai-codex", Some(400), &[], "{\"detail\":\"Stream must be set to true\"}"),
            (
                "x",
                Some(422),
                &[],
                "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"model\"],\"msg\":\"Field required\"}]}",
            ),
            (
                "x",
                Some(400),
                &[],
                "{\"error\":{\"message\":\"Invalid type for 'input[2]': \\\"please explain rate limit, invalid api key\\\"\",\"code\":\"invalid_type\"}}",
            ),
            (
                "x",
                Some(400),
                &[],
                "{\"error\":{\"message\":\"Failed to parse input: my credit balance is too low and the model does not exist\"}}",
            ),
            ("x", Some(400), &[], "{\"error\":{\"message\":\"m\",\"code\":\"invalid_image_format\"}}"),
            (
                "x",
                Some(400),
                &[],
                "{\"error\":{\"code\":\"previous_response_not_found\",\"message\":\"Previous response with id 'r' not found.\"}}",
            ),
            ("x", Some(400), &[], ""),
            ("x", Some(404), &[], "{\"detail\":\"Not Found\"}"),
            ("x", Some(414), HTML, &page("414 Request-URI Too Large", "nginx")),
        ],
        ErrorKind::InvalidRequest,
    );
    check(
        &[
            (
                "google",
                Some(404),
                &[],
                "{\"error\":{\"code\":404,\"message\":\"models/gemini-x is not found for API version v1beta, or is not supported for generateContent.\",\"status\":\"NOT_FOUND\"}}",
            ),
            ("ollama", Some(404), &[], "{\"error\":\"model 'x' not found, try pulling it first\"}"),
            (
                "azure",
                Some(404),
                &[],
                "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"The API deployment for this resource does not exist.\"}}",
            ),
            ("openai-codex", Some(404), &[], "{\"detail\":\"Model not found gpt-x\"}"),
            ("x", Some(400), &[], "{\"error\":{\"message\":\"Unknown model: foo\"}}"),
            (
                "groq",
                Some(400),
                &[],
                "{\"error\":{\"message\":\"The model `m` has been decommissioned and is no longer supported.\",\"code\":\"model_decommissioned\"}}",
            ),
            ("bedrock", Some(400), &[], "ValidationException: The provided model identifier is invalid."),
        ],
        ErrorKind::ModelNotFound,
    );
    check(
        &[
            ("openai", Some(400), &[], "{\"error\":{\"code\":\"content_policy_violation\",\"message\":\"m\"}}"),
            (
                "azure",
                Some(400),
                &[],
                "{\"error\":{\"code\":\"content_filter\",\"message\":\"The response was filtered\",\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}}",
            ),
            (
                "deepseek",
                Some(400),
                &[],
                "{\"error\":{\"message\":\"Content Exists Risk\",\"type\":\"invalid_request_error\"}}",
            ),
            (
                "zai",
                Some(400),
                &[],
                "{\"error\":{\"code\":\"1301\",\"message\":\"系统检测到输入或生成内容可能包含不安全或敏感内容\"}}",
            ),
            ("openai-codex", Some(400), &[], "{\"error\":{\"code\":\"bio_policy\"}}"),
            (
                "openai",
                Some(400),
                &[],
                "{\"error\":{\"code\":\"invalid_prompt\",\"message\":\"Invalid prompt: your prompt was flagged as potentially violating our usage policy.\"}}",
            ),
        ],
        ErrorKind::ContentPolicy,
    );
}

#[test]
fn providers_that_break() {
    let nginx_502 = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>";
    let cloudflare_521 = page("x | 521: Web server is down", "<div id=\"cf-error-details\">Error code 521</div>");
    check(
        &[
            ("x", Some(502), HTML, nginx_502),
            ("openai-codex", Some(521), CLOUDFLARE, &cloudflare_521),
            ("x", Some(530), CLOUDFLARE, "error code: 1016"),
            ("x", Some(503), &[], "no healthy upstream"),
            ("x", Some(503), &[], ""),
            ("x", Some(529 - 2), CLOUDFLARE, ""),
            ("x", Some(409), &[], "{\"error\":{\"message\":\"Conflict\"}}"),
            ("openrouter", Some(502), &[], "{\"error\":{\"message\":\"Provider returned error\",\"code\":502}}"),
            (
                "openai-codex",
                None,
                &[],
                "{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}}",
            ),
            ("x", Some(500), HTML, &page("x", "dns 429 401 expired token rate limit")),
            (
                "x",
                Some(503),
                &[("server", "CloudFront"), ("content-type", "text/html")],
                &page("ERROR", "Generated by cloudfront (CloudFront)"),
            ),
        ],
        ErrorKind::ServerError,
    );
    check(
        &[
            (
                "anthropic",
                Some(529),
                &[],
                "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
            ),
            ("openai-codex", Some(503), &[], "{\"error\":{\"code\":\"slow_down\",\"message\":\"m\"}}"),
            (
                "x",
                Some(503),
                &[],
                "{\"error\":{\"message\":\"Selected model is at capacity. Please try a different model.\"}}",
            ),
            (
                "anthropic",
                Some(200),
                &[("content-type", "text/event-stream")],
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
            ),
            ("zai", Some(429), &[], "{\"error\":{\"code\":\"1305\",\"message\":\"该模型当前访问量过大\"}}"),
        ],
        ErrorKind::Overloaded,
    );
    check(
        &[
            ("x", Some(504), HTML, &page("504 Gateway Time-out", "nginx")),
            ("x", Some(522), CLOUDFLARE, &page("522", "<div id='cf-error-details'>Error code 522</div>")),
            ("x", Some(408), HTML, &page("408", "")),
            ("x", None, &[], "net/http: TLS handshake timeout"),
            ("x", None, &[], "connect ETIMEDOUT 1.2.3.4:443"),
            ("x", None, &[], "httpx.ReadTimeout: The read operation timed out"),
            ("x", None, &[], "error sending request for url (https://h/): operation timed out"),
            ("x", None, &[], "Connect Timeout Error (attempted address: h:443, timeout: 10000ms)"),
        ],
        ErrorKind::Timeout,
    );
}

#[test]
fn lines_that_break() {
    check(
        &[
            ("x", None, &[], "TypeError: terminated"),
            ("x", None, &[], "Premature close"),
            (
                "x",
                None,
                &[],
                "httpx.RemoteProtocolError: peer closed connection without sending complete message body (incomplete chunked read)",
            ),
            ("x", None, &[], "curl: (18) transfer closed with outstanding read data remaining"),
            (
                "x",
                Some(200),
                &[("content-type", "text/event-stream")],
                "event: response.created\ndata: {\"type\":\"response.created\"}\n\n",
            ),
            ("x", Some(200), &[("content-type", "text/event-stream")], ""),
            ("x", None, &[], "WebSocket closed 1000"),
        ],
        ErrorKind::StreamTruncated,
    );
    check(
        &[
            ("x", None, &[], "socket hang up"),
            ("x", None, &[], "read ECONNRESET"),
            ("x", None, &[], "TypeError: fetch failed"),
            ("x", None, &[], "Connection error."),
            ("x", None, &[], "curl: (7) Failed to connect to h port 443 after 3 ms: Couldn't connect to server"),
            (
                "x",
                None,
                &[],
                "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
            ),
            ("x", None, &[], "client error (SendRequest): connection closed before message completed"),
            ("x", None, &[], "request to https://h/dns-timeout failed, reason: connect ECONNREFUSED ::1:443"),
            ("x", None, &[], "Post \"https://h/\": EOF"),
        ],
        ErrorKind::Connect,
    );
    check(
        &[
            ("x", None, &[], "getaddrinfo ENOTFOUND api.example.com"),
            ("x", None, &[], "curl: (6) Could not resolve host: h"),
            ("x", None, &[], "socket.gaierror: [Errno 8] nodename nor servname provided, or not known"),
            ("x", None, &[], "java.net.UnknownHostException: h"),
            ("x", None, &[], "queryA ETIMEOUT h"),
        ],
        ErrorKind::Dns,
    );
    check(
        &[
            ("x", None, &[], "self-signed certificate in certificate chain"),
            ("x", None, &[], "certificate has expired"),
            (
                "x",
                None,
                &[],
                "Hostname/IP does not match certificate's altnames: Host: h. is not in the cert's altnames",
            ),
            ("x", None, &[], "remote error: tls: handshake failure"),
            ("x", None, &[], "curl: (60) SSL certificate problem: unable to get local issuer certificate"),
            ("x", None, &[], "code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'"),
            ("x", None, &[], "error sending request: client error (Connect): received fatal alert: ProtocolVersion"),
        ],
        ErrorKind::Tls,
    );
    check(
        &[
            ("x", None, &[], ""),
            ("x", None, &[], "Something went wrong"),
            ("x", None, &[], "my notes on dns errors, connection refused and token life"),
            ("openai-codex", Some(403), CLOUDFLARE, ""),
            ("x", Some(404), &[], ""),
            ("x", Some(404), &[], "404 page not found"),
            ("x", Some(404), HTML, &page("404 Not Found", "<center>nginx</center>")),
        ],
        ErrorKind::Unknown,
    );
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
