//! The order in which an answer's headers and page are judged.

use super::{Edge, EdgeAction, cloudflare, marks, middlebox};
use crate::error::ErrorKind;
use crate::error::body::{Body, PREFIX, html, prefix};
use crate::transport::Headers;

/// Who answered in the provider's place.
#[derive(Debug)]
pub(in crate::error) struct Answerer {
    pub kind: ErrorKind,
    pub edge: Option<Edge>,
    /// A sentence for a person that is more exact than the one of the kind.
    pub say: Option<&'static str>,
}

impl Answerer {
    fn edge(kind: ErrorKind, edge: Edge) -> Self {
        Self { kind, edge: Some(edge), say: None }
    }

    fn plain(kind: ErrorKind, say: &'static str) -> Self {
        Self { kind, edge: None, say: Some(say) }
    }
}

/// The answer as far as this module looks at it.
struct Answer<'a> {
    status: Option<u16>,
    headers: &'a Headers,
    openai: bool,
}

/// Judges an answer that did not come from the provider itself; `None` when it may have. JSON and plain text are the
/// provider's, unless a header or Cloudflare's short form says otherwise. `cf-ray` and `server: cloudflare` decide nothing.
pub(in crate::error) fn recognise(
    status: Option<u16>,
    headers: &Headers,
    body: &Body<'_>,
    url: Option<&str>,
    provider: &str,
) -> Option<Answerer> {
    let answer = Answer { status, headers, openai: is_openai(url, provider) };
    if matches!(status, Some(407 | 511)) {
        return Some(Answerer::plain(ErrorKind::Proxy, if status == Some(407) { PROXY_LOGIN } else { PORTAL }));
    }
    if let Some(edge) = refused_by_header(headers) {
        let throttled = edge.action == EdgeAction::RateLimit;
        return Some(Answerer::edge(if throttled { ErrorKind::RateLimited } else { ErrorKind::EdgeBlocked }, edge));
    }
    if status.is_some_and(|s| (300..400).contains(&s)) {
        return Some(redirect(headers, url));
    }
    match body {
        Body::Page(page) => Some(answer.page(page)),
        Body::Text(text) => answer.text(text),
        Body::Json(error) => {
            // Others speak JSON too: Cloudflare's problem documents, DataDome's and PerimeterX's challenges.
            let number = error.codes.iter().find_map(|code| code.to_string().parse().ok());
            let cloudflare = error.cloudflare.then(|| number.and_then(cloudflare::verdict)).flatten();
            cloudflare.map(|(kind, edge)| Answerer::edge(kind, edge))
        }
        Body::Empty if status != Some(200) && middlebox::by_header(headers).is_some() => {
            Some(Answerer::plain(ErrorKind::Proxy, FILTER))
        }
        Body::Empty | Body::Events(_) => None,
    }
}

/// Challenges that come as JSON, told by the fields that only they have.
pub(in crate::error) fn json_challenge(body: &str) -> Option<Answerer> {
    let head = prefix(body, 4096).to_ascii_lowercase();
    let (vendor, _) =
        [("datadome", "captcha-delivery.com/"), ("perimeterx", "\"jsclientsrc\""), ("perimeterx", "\"blockscript\"")]
            .into_iter()
            .find(|(_, mark)| head.contains(mark) && !head.contains("\"error\""))?;
    Some(Answerer::edge(ErrorKind::EdgeBlocked, Edge::new(vendor, EdgeAction::Challenge)))
}

const PROXY_LOGIN: &str = "the proxy between this machine and the provider wants a login of its own";
const PORTAL: &str = "the local network wants a sign-in before it lets anything through";
const FILTER: &str = "a proxy or web filter on this network answered instead of the provider";
const NO_STREAM: &str =
    "a page came back where the provider's stream was due, so a proxy, portal or wrong base URL answered";
const LOGIN_PAGE: &str = "a sign-in page came back instead of an answer";
const SENT_AWAY: &str = "the call was sent on to another address, as sign-in portals do";
const MOVED: &str = "the address redirects within the same host: the base URL is not the final one";
const PLAIN_REFUSAL: &str = "the web server in front of the API refused the call";

impl Answer<'_> {
    fn page(&self, page: &str) -> Answerer {
        let source = prefix(page, PREFIX).to_lowercase();
        let visible = html::visible(page, 4096).to_lowercase();
        let origin_fails = matches!(self.status, Some(500 | 502 | 504 | 520..=530));
        let mark = marks::PAGES.iter().find(|(mark, ..)| find(&source, mark));
        if let Some((_, vendor, action)) = mark.filter(|_| !origin_fails) {
            let code = (*vendor == "cloudflare").then(|| cloudflare::on_page(&visible)).flatten();
            return match code.and_then(cloudflare::verdict) {
                Some((kind, edge)) if *action != EdgeAction::Challenge => Answerer::edge(kind, edge),
                _ => Answerer::edge(ErrorKind::EdgeBlocked, Edge::new(vendor, *action)),
            };
        }
        if middlebox::by_header(self.headers).is_some() {
            return Answerer::plain(ErrorKind::Proxy, FILTER);
        }
        let title = html::title(&source).unwrap_or_default();
        let challenge_status = matches!(self.status, None | Some(401 | 403 | 429 | 503));
        // A page may be cut inside its title.
        let cut = !source.contains("</title") && title.chars().count() >= 5;
        let titled = |start: &str| title.starts_with(start) || (cut && start.starts_with(title));
        if challenge_status && cloudflare::CHALLENGE_TITLES.iter().any(|start| titled(start)) {
            return Answerer::edge(ErrorKind::EdgeBlocked, Edge::new("cloudflare", EdgeAction::Challenge));
        }
        if let Some(vendor) = self.writer(&source, &visible) {
            return self.written_by(vendor, &visible);
        }
        if middlebox::by_page(&source, &visible) && !matches!(self.status, Some(401 | 404)) {
            let say = if self.status == Some(200) { PORTAL } else { FILTER };
            return Answerer::plain(ErrorKind::Proxy, say);
        }
        self.unsigned(&source, &visible)
    }

    fn writer(&self, source: &str, visible: &str) -> Option<&'static str> {
        let wrote = marks::WRITERS
            .iter()
            .find(|(mark, _)| find(source, mark) || find(visible, mark))
            .map(|(_, vendor)| *vendor);
        wrote.or_else(|| {
            let server = self.headers.get("server")?.to_ascii_lowercase();
            marks::SERVERS.iter().find(|(name, _)| server.starts_with(name)).map(|(_, vendor)| *vendor)
        })
    }

    fn written_by(&self, vendor: &str, visible: &str) -> Answerer {
        let code = (vendor == "cloudflare").then(|| cloudflare::on_page(visible)).flatten();
        if let Some((kind, edge)) = code.and_then(cloudflare::verdict) {
            return Answerer::edge(kind, edge);
        }
        match self.status {
            Some(status @ 500..=599) => Answerer::edge(
                by_status(status),
                Edge::new(vendor, EdgeAction::OriginError).with_code(status.to_string()),
            ),
            Some(429) => Answerer::edge(ErrorKind::RateLimited, Edge::new(vendor, EdgeAction::RateLimit)),
            None | Some(401 | 403 | 405 | 406 | 451 | 456) => {
                Answerer::edge(ErrorKind::EdgeBlocked, Edge::new(vendor, EdgeAction::BlockPage))
            }
            Some(status) => Answerer { kind: by_status(status), edge: None, say: None },
        }
    }

    /// A page that nobody signed.
    fn unsigned(&self, source: &str, visible: &str) -> Answerer {
        let web_server = WEB_SERVERS.iter().any(|mark| find(source, mark));
        // A page of scripts and nothing to read is a guard that wants them run.
        let guard =
            visible.trim().is_empty() && (source.contains("<script") || source.contains("http-equiv=\"refresh\""));
        match self.status {
            Some(200..=299) => Answerer::plain(ErrorKind::Proxy, NO_STREAM),
            Some(401) => Answerer::plain(ErrorKind::AuthInvalid, LOGIN_PAGE),
            _ if guard && matches!(self.status, Some(400..=499 | 503)) => {
                Answerer::edge(ErrorKind::EdgeBlocked, Edge::new("unknown", EdgeAction::Challenge))
            }
            Some(403) if web_server || !self.openai => Answerer::plain(ErrorKind::Forbidden, PLAIN_REFUSAL),
            // The API behind chatgpt.com and api.openai.com speaks JSON only; its edge answers unknown paths with pages.
            Some(403) => Answerer::edge(ErrorKind::EdgeBlocked, Edge::new("unknown", EdgeAction::BlockPage)),
            Some(413) => Answerer::plain(
                ErrorKind::InvalidRequest,
                "the web server in front of the API takes no body of this size",
            ),
            Some(status) => Answerer { kind: by_status(status), edge: None, say: None },
            None => {
                Answerer { kind: ErrorKind::Unknown, edge: None, say: Some("a page came back instead of an answer") }
            }
        }
    }

    fn text(&self, text: &str) -> Option<Answerer> {
        let lower = prefix(text, 1024).to_lowercase();
        if let Some((kind, edge)) = cloudflare::alone(&lower).and_then(cloudflare::verdict) {
            return Some(Answerer::edge(kind, edge));
        }
        let status = self.status?;
        if status >= 400 && middlebox::by_header(self.headers).is_some() {
            return Some(Answerer::plain(ErrorKind::Proxy, FILTER));
        }
        match status {
            200..=299 => Some(Answerer::plain(ErrorKind::Proxy, NO_STREAM)),
            403 | 405 | 406 if lower.starts_with("access denied") && lower.contains("reference #") => {
                Some(Answerer::edge(ErrorKind::EdgeBlocked, Edge::new("akamai", EdgeAction::Waf)))
            }
            403 if lower.starts_with("request unsuccessful. incapsula") => {
                Some(Answerer::edge(ErrorKind::EdgeBlocked, Edge::new("imperva", EdgeAction::Waf)))
            }
            403 | 429 if lower.starts_with("vercel security checkpoint") => {
                Some(Answerer::edge(ErrorKind::EdgeBlocked, Edge::new("vercel", EdgeAction::Challenge)))
            }
            403 if lower.starts_with("blocked by ") => Some(Answerer::plain(ErrorKind::Proxy, FILTER)),
            _ => None,
        }
    }
}

/// Plain pages of web servers: nobody refused on purpose of a bot rule.
const WEB_SERVERS: &[&str] = &[
    "<center>nginx",
    "<center>openresty",
    "<center>tengine",
    "<address>apache",
    "iis windows server",
    "microsoft-iis",
    "<center>caddy",
    "lighttpd",
    "litespeed",
    "<title>403 forbidden</title>",
    "you don't have permission to access",
];

fn by_status(status: u16) -> ErrorKind {
    match status {
        413 => ErrorKind::InvalidRequest,
        status => crate::error::status::kind_of(status).0,
    }
}

fn refused_by_header(headers: &Headers) -> Option<Edge> {
    let mark = marks::HEADERS
        .iter()
        .find(|mark| headers.get(mark.name).is_some_and(|value| value.to_ascii_lowercase().starts_with(mark.value)))?;
    Some(Edge::new(mark.vendor, mark.action))
}

fn redirect(headers: &Headers, url: Option<&str>) -> Answerer {
    let host = |url: &str| url::Url::parse(url).ok().and_then(|u| u.host_str().map(str::to_owned));
    let location = headers.get("location").unwrap_or_default();
    let same_host = host(location).is_none_or(|to| url.and_then(host).is_some_and(|from| from == to));
    let lower = location.to_ascii_lowercase();
    let login =
        ["login", "signin", "sign-in", "auth", "sso", "portal", "captive"].iter().any(|word| lower.contains(word));
    if same_host && !login && !location.is_empty() {
        return Answerer::plain(ErrorKind::Config, MOVED);
    }
    Answerer::plain(ErrorKind::Proxy, SENT_AWAY)
}

pub(in crate::error) fn is_openai(url: Option<&str>, provider: &str) -> bool {
    let host = url.and_then(|url| url::Url::parse(url).ok()).and_then(|url| url.host_str().map(str::to_owned));
    match host {
        Some(host) => {
            ["chatgpt.com", "openai.com"].iter().any(|own| host == *own || host.ends_with(&format!(".{own}")))
        }
        None => provider == "openai" || provider == "openai-codex",
    }
}

fn find(text: &str, mark: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some()
}
