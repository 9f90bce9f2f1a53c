//! Puts a finding into words and fields.

use std::time::SystemTime;

use super::body::{PREFIX, prefix, short};
use super::classify::Finding;
use super::{Advice, Edge, EdgeAction, Error, ErrorKind, Evidence, redact, retry_after};

/// Between our own words and what the other side said.
pub(crate) const SAID: &str = " — it said: ";

/// The error of a finding: its fields from the evidence, its message in our own words.
pub(super) fn error(evidence: &Evidence<'_>, finding: Finding) -> Error {
    let now = evidence.now.unwrap_or_else(SystemTime::now);
    let mut headers = evidence.headers.clone();
    for (name, value) in &finding.error.headers {
        if !headers.contains(name) {
            headers.push(name.as_str(), value.as_str());
        }
    }
    let mut error = Error::new(finding.kind, finding.stage, String::new());
    if !evidence.provider.is_empty() {
        error = error.with_provider(evidence.provider);
    }
    if let Some(status) = evidence.status {
        error = error.with_http_status(status);
    }
    if let Some(url) = evidence.url.filter(|url| !redact::bare_url(url).is_empty()) {
        error = error.with_url(url);
    }
    let id = REQUEST_IDS.iter().find_map(|name| headers.get(name)).or(finding.error.request_id.as_deref());
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        error = error.with_request_id(&short(id, 200));
    }
    let on_page = || {
        let cloudflare = finding.edge.as_ref().is_some_and(|edge| edge.vendor == "cloudflare");
        super::edge::ray(prefix(evidence.body, PREFIX)).filter(|_| cloudflare)
    };
    if let Some(ray) = headers.get("cf-ray").filter(|ray| !ray.is_empty()).or_else(on_page) {
        error = error.with_cf_ray(&short(ray, 100));
    }
    if let Some(code) = finding.error.shown_code() {
        error = error.with_code(&short(&code, 200));
    }
    if let Some(advice) = finding.advice {
        error = error.with_advice(advice);
    }
    // Only kinds that pass by themselves: in other messages words of waiting are no delay.
    let delay = match finding.kind {
        ErrorKind::RateLimited | ErrorKind::Overloaded | ErrorKind::UsageLimit => {
            retry_after::delay(&headers, Some(&finding.error), &finding.error.message, now)
        }
        ErrorKind::ServerError | ErrorKind::Timeout | ErrorKind::Unknown => retry_after::asked(&headers, now),
        _ => None,
    };
    if let Some(delay) = delay {
        error = error.with_retry_after(delay);
    }
    if finding.kind == ErrorKind::UsageLimit {
        let told = retry_after::resets_at(&headers, Some(&finding.error), now);
        let in_words = || retry_after::time_in_message(&finding.error.message, now);
        let after = || now.checked_add(retry_after::from_message(&finding.error.message)?);
        if let Some(at) = told.or_else(in_words).or_else(after) {
            error = error.with_resets_at(at);
        }
    }
    if let Some(edge) = finding.edge.clone() {
        error = error.with_edge(edge);
    }
    let message = message(evidence, &finding, &error);
    error.with_message(message).with_body_preview(evidence.body)
}

const REQUEST_IDS: &[&str] = &[
    "x-request-id",
    "x-oai-request-id",
    "request-id",
    "x-amzn-requestid",
    "x-amzn-request-id",
    "x-ms-request-id",
    "apim-request-id",
];

fn message(evidence: &Evidence<'_>, finding: &Finding, error: &Error) -> String {
    let provider = if evidence.provider.is_empty() { "the provider" } else { evidence.provider };
    let status = evidence.status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    if finding.kind == ErrorKind::EdgeBlocked {
        return blocked(evidence, finding.edge.as_ref(), error);
    }
    let (happened, todo) = words(finding.kind);
    let mut out = match finding.say {
        Some(say) => format!("{provider}: {say}{status}"),
        None => format!("{provider}: {happened}{status}"),
    };
    if finding.kind == ErrorKind::UsageLimit {
        if let Some(plan) = &finding.error.plan {
            out.push_str(&format!(", plan {}", short(plan, 40)));
        }
        if let Some(at) = error.resets_at().and_then(retry_after::utc) {
            out.push_str(&format!(", open again at {at}"));
        }
    } else if let Some(delay) = error.retry_after() {
        let seconds = delay.as_secs_f64();
        let shown =
            if seconds < 1.0 { format!("{} ms", delay.as_millis()) } else { format!("{:.0} s", seconds.ceil()) };
        out.push_str(&format!(", asked to wait {shown}"));
    }
    out.push_str("; ");
    out.push_str(finding.advice.and_then(|advice| instead(finding.kind, advice)).unwrap_or(todo));
    if let Some(edge) = &finding.edge {
        out.push_str(&format!(" [answered by {}{}]", edge.vendor, numbered(edge)));
    }
    let said = short(&super::body::html::visible(&finding.error.message, 2048), 200);
    if !said.is_empty() {
        out.push_str(SAID);
        out.push_str(&said);
    }
    out
}

/// What happened, and what to do.
const fn words(kind: ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::EdgeBlocked => {
            ("a network in front of the provider refused the call", "use another provider or network")
        }
        ErrorKind::Proxy => (
            "a proxy, portal or web filter answered in the provider's place",
            "sign in to the network, allow the provider's host in it, or set the right proxy",
        ),
        ErrorKind::Dns => ("the host name could not be resolved", "check the base URL, the DNS server and the network"),
        ErrorKind::Connect => (
            "the connection could not be made or broke before an answer came",
            "check network, firewall and proxy, then try again",
        ),
        ErrorKind::Timeout => (
            "a time limit passed before the answer came",
            "the call may have been billed: repeat it only if that is acceptable",
        ),
        ErrorKind::Tls => (
            "the secure connection could not be made",
            "check the clock, the trusted certificates (a company proxy may need its own CA) and the host name",
        ),
        ErrorKind::AuthExpired => ("the login expired or was withdrawn", "refresh it, or sign in again"),
        ErrorKind::AuthInvalid => ("the credential was not accepted", "sign in again or put a valid key in place"),
        ErrorKind::Forbidden => {
            ("this account may not do that", "check its permissions, workspace and region, or use another account")
        }
        ErrorKind::RateLimited => ("too many requests or tokens for now", "wait, then send the same call again"),
        ErrorKind::UsageLimit => (
            "the usage window of the plan is used up",
            "wait until it opens again, add credits, or use another account or provider",
        ),
        ErrorKind::Billing => (
            "no credit is left, or the plan does not include this",
            "add credit, change the plan, or use another account",
        ),
        ErrorKind::Overloaded => {
            ("the provider has no capacity for the moment", "try again soon, or use another model")
        }
        ErrorKind::ServerError => (
            "the provider, or a machine in front of it, failed",
            "try again; if it stays, look at the provider's status page",
        ),
        ErrorKind::ContextOverflow => {
            ("the request is larger than the model takes", "shorten or compact the conversation")
        }
        ErrorKind::InvalidRequest => {
            ("the request was rejected as wrong", "change the request; sending it again will not help")
        }
        ErrorKind::ModelNotFound => {
            ("the model is unknown, retired, or not open to this account", "choose another model")
        }
        ErrorKind::ContentPolicy => ("a content rule refused the request or the answer", "change the request"),
        ErrorKind::StreamTruncated => {
            ("the answer stopped before its end", "send the call again if its output was not used yet")
        }
        ErrorKind::Cancelled => ("the call was cancelled", "nothing to do"),
        ErrorKind::Config => ("the configuration does not fit the provider", "correct the base URL"),
        ErrorKind::Store => ("a store could not be read or written", "check the file and its permissions"),
        ErrorKind::Unknown => {
            ("the call failed and nothing names the cause", "see the provider's status page and try again later")
        }
    }
}

/// What to do when the advice is not the usual one of the kind.
const fn instead(kind: ErrorKind, advice: Advice) -> Option<&'static str> {
    Some(match (kind, advice) {
        (ErrorKind::AuthExpired, Advice::SignIn) => {
            "sign in again, a refresh will not help; give each program a login of its own"
        }
        (ErrorKind::Forbidden | ErrorKind::InvalidRequest, Advice::FixConfig) => {
            "check base URL and login in the configuration"
        }
        (ErrorKind::Forbidden, Advice::OtherProvider) => {
            "another account will not help; use another provider, or call from a supported region"
        }
        (ErrorKind::AuthInvalid, Advice::OtherProfile) => "use another account, or ask its owner",
        (ErrorKind::RateLimited, Advice::Retry) => "open a new connection and try again",
        _ => return None,
    })
}

/// The long form: where, that the login is not the cause, the id to quote, and what to try in which order.
fn blocked(evidence: &Evidence<'_>, edge: Option<&Edge>, error: &Error) -> String {
    let asked = if evidence.provider.is_empty() { "the provider" } else { evidence.provider };
    let place = error.url().map_or(asked, |url| url.split_once("://").map_or(url, |(_, rest)| rest));
    let vendor = match edge.map(|edge| edge.vendor.as_str()) {
        None | Some("unknown" | "openai") => "the network in front of the provider",
        Some(vendor) => vendor,
    };
    let did = match edge.map(|edge| edge.action) {
        Some(EdgeAction::Challenge) => "asked for a browser challenge, which a program must not answer",
        Some(EdgeAction::Waf) => "refused the call by a firewall rule",
        _ => "refused the call with a block page",
    };
    let mut facts: Vec<String> = evidence.status.map(|status| format!("HTTP {status}")).into_iter().collect();
    facts.extend(edge.and_then(|edge| edge.code.as_ref()).map(|code| format!("error {code}")));
    facts.extend(error.cf_ray().map(|ray| format!("Ray ID {ray}")));
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    let id = if error.cf_ray().is_some() { "Ray ID" } else { "time and the address" };
    let steps = if is_openai(evidence) { OPENAI_STEPS } else { STEPS }.replace("{id}", id);
    format!(
        "{place}: {vendor} {did}{facts}. The login was not the cause: neither a new sign-in nor another account helps. In this order: {steps}"
    )
}

const OPENAI_STEPS: &str = "1) check the base URL (https://chatgpt.com/backend-api/codex for a ChatGPT plan); 2) look at status.openai.com; 3) try without a VPN, through your own proxy, from a supported region; 4) run the official codex CLI on this machine as a control; 5) use \"Sign in with ChatGPT\" plan access or an API key on api.openai.com; 6) use the Codex app-server as the runtime; 7) ask OpenAI support and give the {id}.";
const STEPS: &str = "1) check the base URL; 2) look at the provider's status page; 3) try without a VPN, through your own proxy, from a supported region; 4) call it with the provider's own client from this machine as a control; 5) use another endpoint or provider; 6) ask the provider's support and give the {id}.";

/// Also behind a gateway the Codex provider is OpenAI's.
fn is_openai(evidence: &Evidence<'_>) -> bool {
    evidence.provider == "openai-codex" || super::edge::is_openai(evidence.url, evidence.provider)
}

fn numbered(edge: &Edge) -> String {
    edge.code.as_ref().map(|code| format!(", error {code}")).unwrap_or_default()
}
