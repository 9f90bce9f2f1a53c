//! Evidence in, error out: the one place where a status, a header or a body is judged.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::body::{Body, Code, ErrorBody, html};
use super::edge::{self, Answerer};
use super::patterns::{message, transport};
use super::{Advice, Edge, Error, ErrorKind, Stage, codes, report, status};
use crate::transport::Headers;

/// What is known of a failed call. Hosts can fill one in for calls that they made themselves.
///
/// ```
/// use openclaw_core::{ErrorKind, Evidence, classify};
///
/// let mut evidence = Evidence::default();
/// evidence.provider = "openai-codex";
/// evidence.status = Some(429);
/// evidence.body = r#"{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_in_seconds":600}}"#;
/// let error = classify(&evidence);
/// assert_eq!(error.kind(), ErrorKind::UsageLimit);
/// assert!(error.resets_at().is_some());
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Evidence<'a> {
    /// The provider that was asked, such as `openai-codex`.
    pub provider: &'a str,
    /// The HTTP status; `None` when no answer came, then `body` is the transport's own text.
    pub status: Option<u16>,
    /// The headers of the answer.
    pub headers: Headers,
    /// The beginning of the body, or the whole. The first 64 KiB are looked at.
    pub body: &'a str,
    /// The address that was asked.
    pub url: Option<&'a str>,
    /// The time of the answer, for delays and resets; `None` is the system clock.
    pub now: Option<SystemTime>,
}

/// Judges a failed call, in this order: the transport's own text when there is no status; who answered (an edge, a
/// proxy, a page); the codes of a JSON error; the status; phrases of the parsed message, where status and code leave
/// room for something more exact. Pages and quoted prompts never decide by their words, and no status is invented.
///
/// The stage is `responded` when an answer came. Without a status it is judged from the text: `not_sent` for names,
/// connections, TLS and proxy tunnels that did not come up, `maybe_sent` for time limits and broken connections,
/// `streaming` when the answer itself was cut.
pub fn classify(evidence: &Evidence<'_>) -> Error {
    let content_type = evidence.headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
    let body = Body::read(evidence.body, &content_type);
    let finding = match evidence.status {
        Some(status) => answered(evidence, body, status),
        None => unanswered(evidence, body),
    };
    report::error(evidence, finding)
}

/// What was found, before it is put into words.
#[derive(Debug)]
pub(super) struct Finding {
    pub kind: ErrorKind,
    pub stage: Stage,
    pub advice: Option<Advice>,
    pub edge: Option<Edge>,
    /// A sentence that is more exact than the one of the kind.
    pub say: Option<&'static str>,
    /// The error that the provider itself wrote.
    pub error: ErrorBody,
}

impl Finding {
    fn new(kind: ErrorKind, stage: Stage, error: ErrorBody) -> Self {
        Self { kind, stage, advice: None, edge: None, say: None, error }
    }

    fn by(answerer: Answerer, error: ErrorBody) -> Self {
        let Answerer { kind, edge, say } = answerer;
        Self { edge, say, ..Self::new(kind, Stage::Responded, error) }
    }
}

fn answered(evidence: &Evidence<'_>, body: Body<'_>, status: u16) -> Finding {
    let Evidence { provider, headers, url, .. } = evidence;
    if let Some(answerer) = edge::recognise(Some(status), headers, &body, *url, provider) {
        // A page has no fields; JSON keeps its own.
        let error = if let Body::Json(error) = body { *error } else { ErrorBody::default() };
        return Finding::by(answerer, error);
    }
    let shape = Shape::of(&body);
    let mut error = match body {
        Body::Json(error) => {
            if let Some(answerer) = edge::json_challenge(evidence.body) {
                return Finding::by(answerer, *error);
            }
            *error
        }
        Body::Events(Some(error)) => *error,
        Body::Text(text) => from_text(text),
        Body::Empty | Body::Page(_) | Body::Events(None) => ErrorBody::default(),
    };
    if let Some(page) = html::page_start(&error.message).and_then(|at| error.message.get(at..)) {
        // A gateway passed the page of somebody behind it on as a message.
        let answerer = edge::recognise(None, headers, &Body::Page(page), *url, provider);
        if let Some(answerer) = answerer.filter(|a| matches!(a.kind, ErrorKind::EdgeBlocked | ErrorKind::Proxy)) {
            return Finding::by(answerer, error);
        }
        error.message.clear();
    }
    error.codes.extend(codes_of_headers(headers));
    let streaming = evidence.body.contains("response.output_item.added");
    let stage = if shape == Shape::Events && streaming { Stage::Streaming } else { Stage::Responded };
    if (200..300).contains(&status) && !error.is_error() && matches!(shape, Shape::Empty | Shape::Events) {
        return Finding::new(ErrorKind::StreamTruncated, stage, error);
    }
    let mut finding = decide(Some(status), error, provider, shape);
    finding.stage = stage;
    // Anthropic calls both a rate limit; its headers say which of them is a window of the plan.
    let window = headers.get("anthropic-ratelimit-unified-status").is_some_and(|said| said.trim() == "rejected");
    if window && finding.kind == ErrorKind::RateLimited {
        finding.kind = ErrorKind::UsageLimit;
    }
    finding
}

fn unanswered(evidence: &Evidence<'_>, body: Body<'_>) -> Finding {
    let Evidence { provider, headers, url, body: text, .. } = evidence;
    let hint = transport::status_of(text);
    let error = match body {
        Body::Json(error) | Body::Events(Some(error)) => Some(*error),
        _ => ErrorBody::parse_behind(super::body::prefix(text, super::body::PREFIX), LEAD),
    };
    if let Some(error) = error.filter(ErrorBody::is_error) {
        let status = error.status.or(hint);
        if !html::is_page(&error.message) {
            return decide(status, error, provider, Shape::Json);
        }
    }
    if let Some(page) = html::page_start(text).and_then(|at| text.get(at..)) {
        if let Some(answerer) = edge::recognise(hint, headers, &Body::Page(page), *url, provider) {
            return Finding::by(answerer, ErrorBody::default());
        }
    }
    if text.trim().is_empty() {
        return Finding::new(ErrorKind::Unknown, Stage::MaybeSent, ErrorBody::default());
    }
    let error = from_text(text);
    if let Some(answerer) = edge::recognise(None, headers, &Body::Text(text), *url, provider) {
        return Finding::by(answerer, error);
    }
    if let Some((kind, stage)) = transport::judge(text) {
        return transported(kind, stage, error);
    }
    let mut finding = decide(hint, error, provider, Shape::Text);
    if finding.kind == ErrorKind::Unknown {
        finding.stage = Stage::MaybeSent;
    }
    finding
}

/// How far JSON may stand behind a transport's own words.
const LEAD: usize = 300;

/// A transport's text. Clients also wrap what the provider said into their word for a cut stream.
fn transported(kind: ErrorKind, stage: Stage, error: ErrorBody) -> Finding {
    use ErrorKind::{ContextOverflow, Overloaded, RateLimited, ServerError, StreamTruncated, UsageLimit};
    let reasons = [ContextOverflow, UsageLimit, RateLimited, Overloaded, ServerError];
    let told = message::kind_of(&error.message, |kind| reasons.contains(&kind));
    match told.filter(|_| kind == StreamTruncated) {
        Some(told) => Finding::new(told, Stage::Responded, error),
        None => Finding::new(kind, stage, error),
    }
}

/// What kind of body the judged error stood in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Empty,
    Json,
    Events,
    Text,
}

impl Shape {
    fn of(body: &Body<'_>) -> Self {
        match body {
            Body::Empty => Self::Empty,
            Body::Json(_) => Self::Json,
            Body::Events(_) => Self::Events,
            Body::Text(_) | Body::Page(_) => Self::Text,
        }
    }
}

/// Code, then status, then what the message makes more exact.
fn decide(status: Option<u16>, error: ErrorBody, provider: &str, shape: Shape) -> Finding {
    use codes::Weight;
    // A 2xx says nothing; a status inside the body does.
    let status = status.filter(|s| *s >= 400).or(error.status);
    let meaning = codes::meaning(&error.codes, provider);
    let (by_status, telling) = status.map_or((ErrorKind::Unknown, false), status::kind_of);
    let sure = meaning.filter(|m| m.weight == Weight::Sure || !telling);
    let base = sure.map_or(by_status, |m| m.kind);
    let settled = meaning.is_some_and(|m| m.weight == Weight::Sure && SETTLED.contains(&m.kind));
    let anything = status.is_none() && base == ErrorKind::Unknown;
    // A message about the input may repeat it.
    let quotes = base == ErrorKind::InvalidRequest && about_input(&error);
    let fits = |to: ErrorKind| !quotes || matches!(to, ErrorKind::ContextOverflow | ErrorKind::ContentPolicy);
    let may = |to: ErrorKind| fits(to) && (anything || status::may_become(base, to));
    let told = if settled { None } else { message::kind_of(&error.message, may) };
    let mut kind = told.unwrap_or(base);
    let mut advice = sure.filter(|m| m.kind == kind).and_then(|m| m.advice);
    match (status, kind) {
        // Houses that use 402 to throttle say that one may try again.
        (Some(402), ErrorKind::Billing)
            if told.is_none() && sure.is_none() && message::says(&error.message, "try again") =>
        {
            kind = ErrorKind::RateLimited;
        }
        // OpenAI's code for a wrong prompt is also its code for a flagged one, and says so at the start of the message.
        (_, ErrorKind::InvalidRequest) if message::is_flagged(&error.message) => kind = ErrorKind::ContentPolicy,
        // Google says of every quota that one should look at plan and billing.
        (_, ErrorKind::Billing)
            if sure.is_some_and(|m| m.kind == ErrorKind::RateLimited)
                && message::says(&error.message, "exceeded*quota*plan and billing") =>
        {
            kind = ErrorKind::RateLimited;
        }
        (Some(403), ErrorKind::Forbidden) if shape == Shape::Empty && meaning.is_none() => kind = ErrorKind::Unknown,
        // Routing faults come as an empty 404 and pass; a JSON one is a wrong path.
        (Some(404), ErrorKind::Unknown) if shape == Shape::Empty => advice = Some(Advice::Retry),
        (Some(404), ErrorKind::Unknown) if shape == Shape::Json && error.is_error() => {
            kind = ErrorKind::InvalidRequest;
            advice = Some(Advice::FixConfig);
        }
        _ => {}
    }
    let mut finding = Finding { advice, ..Finding::new(kind, Stage::Responded, error) };
    refine(&mut finding);
    finding
}

/// Kinds that a sure code names so exactly that no message is asked.
const SETTLED: &[ErrorKind] = &[
    ErrorKind::InvalidRequest,
    ErrorKind::ContextOverflow,
    ErrorKind::Billing,
    ErrorKind::UsageLimit,
    ErrorKind::ContentPolicy,
    ErrorKind::AuthExpired,
    ErrorKind::Overloaded,
    ErrorKind::ModelNotFound,
    ErrorKind::Timeout,
];

/// Whether an error is about what the user wrote, so that its message may repeat it: the input can be too long or
/// refused, and nothing else that it says is about the call.
fn about_input(error: &ErrorBody) -> bool {
    const INPUTS: &[&str] = &["messages", "input", "contents", "content", "prompt", "instructions", "tools"];
    let named = |place: &str| {
        let end = place.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(place.len());
        let (root, tail) = place.split_at(end);
        INPUTS.contains(&root) && !tail.starts_with(' ')
    };
    let place = error.message.split_once(':').map(|(head, _)| head.trim_start_matches(['\'', '"', '`']));
    error.param.as_deref().is_some_and(named) || place.is_some_and(named)
}

/// More exact advice than the kind has.
fn refine(finding: &mut Finding) {
    let said = |pattern: &str| message::says(&finding.error.message, pattern);
    let coded = |name: &str| {
        finding.error.codes.iter().any(|code| matches!(code, Code::Name(n) if n.eq_ignore_ascii_case(name)))
    };
    let (advice, say) = match finding.kind {
        ErrorKind::Forbidden if said("missing scope") && said("api.responses.write") => {
            (Some(Advice::FixConfig), Some(WRONG_HOST))
        }
        ErrorKind::Forbidden if ["country", "region", "location"].iter().any(|word| said(word)) => {
            (Some(Advice::OtherProvider), Some(REGION))
        }
        ErrorKind::AuthExpired
            if ["already been used", "refresh token", "invalid_grant", "token refresh failed", "failed to refresh"]
                .iter()
                .any(|p| said(p)) =>
        {
            (Some(Advice::SignIn), None)
        }
        ErrorKind::AuthInvalid if coded("deactivated_workspace") || coded("account_deactivated") => {
            (Some(Advice::OtherProfile), Some(DEACTIVATED))
        }
        ErrorKind::UsageLimit if coded("subscription_sharing_usage_limit_exceeded") => (None, Some(PLAN_SHARE)),
        ErrorKind::Forbidden if coded("subscription_sharing_user_not_eligible") => (None, Some(NOT_ELIGIBLE)),
        ErrorKind::Forbidden if coded("chatpass_v2_scope_not_authorized") => (None, Some(NOT_ALLOWED)),
        ErrorKind::RateLimited if coded("websocket_connection_limit_reached") => (Some(Advice::Retry), None),
        ErrorKind::EdgeBlocked if finding.edge.is_none() => {
            finding.edge = Some(Edge::new("unknown", edge::EdgeAction::BlockPage));
            return;
        }
        _ => return,
    };
    finding.advice = finding.advice.or(advice);
    finding.say = say;
}

const WRONG_HOST: &str = "a ChatGPT sign-in was sent to the API-key host: use the Codex endpoint of chatgpt.com with it, or an API key with this host";
const REGION: &str = "the provider does not serve this country or region";
const PLAN_SHARE: &str = "what this program may use of the ChatGPT plan is used up (ChatGPT: Settings, Usage)";
const NOT_ELIGIBLE: &str = "this ChatGPT plan cannot be used by other programs: it needs Plus or Pro";
const NOT_ALLOWED: &str = "the login does not allow the use of the ChatGPT plan: sign in again and allow it";
const DEACTIVATED: &str = "the account or workspace is deactivated";

/// Plain text as an error: `ThrottlingException: text`, `An error occurred (ThrottlingException) when …: text`.
fn from_text(text: &str) -> ErrorBody {
    let text = text.trim();
    let lead = text.split(':').next().unwrap_or_default();
    let boto = text.strip_prefix("An error occurred (").and_then(|tail| tail.split(')').next());
    let name = boto.unwrap_or(lead).rsplit('.').next().unwrap_or_default();
    let mut error = ErrorBody { message: text.to_owned(), ..ErrorBody::default() };
    if looks_like_class(name) {
        error.codes.push(Code::Name(name.to_owned()));
    }
    error
}

/// `ThrottlingException`, `rate_limit_error`; not a word of a sentence.
fn looks_like_class(name: &str) -> bool {
    let humps = name
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    name.len() <= 60 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && (humps || name.contains('_'))
}

/// Codes that stand in headers: OpenAI's `x-error-json` and `x-openai-authorization-error`, Amazon's error type.
fn codes_of_headers(headers: &Headers) -> Vec<Code> {
    let encoded = headers.get("x-error-json").filter(|value| value.len() <= 64 * 1024);
    let decoded =
        encoded.and_then(|value| BASE64.decode(value.trim()).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let mut codes = decoded.and_then(|json| ErrorBody::parse(&json)).map(|body| body.codes).unwrap_or_default();
    let named = ["x-openai-authorization-error", "x-amzn-errortype", "x-codex-rate-limit-reached-type"];
    codes.extend(
        named
            .iter()
            .filter_map(|name| headers.get(name))
            .map(|value| Code::Name(value.split(':').next().unwrap_or(value).trim().to_owned())),
    );
    codes
}

#[cfg(test)]
#[path = "classify_cases.rs"]
mod cases;
#[cfg(test)]
#[path = "classify_cases_more.rs"]
mod more_cases;
#[cfg(test)]
#[path = "classify_props.rs"]
mod props;
#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
