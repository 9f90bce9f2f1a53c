//! Kinds of failures of many houses: requests, providers, lines.

use super::cases::check;
use super::tests::{CLOUDFLARE, HTML, page};
use super::*;

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
            (
                "x",
                Some(400),
                &[],
                "{\"error\":{\"message\":\"messages.2.content: you hit your usage limit, invalid api key\",\"type\":\"invalid_request_error\"}}",
            ),
            (
                "x",
                Some(400),
                &[],
                "{\"error\":{\"message\":\"Cannot use insufficient balance here\",\"param\":\"input[0].content\"}}",
            ),
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
