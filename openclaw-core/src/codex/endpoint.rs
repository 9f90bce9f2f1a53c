//! The address of the Codex backend: one right spelling, wrong ones repaired or refused before anything is sent.
//!
//! On chatgpt.com an unknown path is not answered by a 404 but by a page that looks like bot protection, so a wrong
//! path must never leave this machine.

use url::Url;

use crate::error::{Error, Result};
use crate::transport::address::{allow_scheme, is_loopback, parse_base, shown};

/// The right value for chatgpt.com.
pub(crate) const CANONICAL: &str = "https://chatgpt.com/backend-api/codex";

/// The addresses of one backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) responses: String,
    pub(crate) models: String,
    pub(crate) usage: String,
    pub(crate) site: Site,
    /// What was repaired in the address that was given.
    pub(crate) repaired: Option<String>,
}

/// Whose host it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// chatgpt.com.
    Official,
    /// This machine.
    Loopback,
    /// Anything else: a gateway of the host's own.
    Custom,
}

impl Endpoint {
    /// Reads a base URL.
    ///
    /// Of chatgpt.com every known spelling becomes the canonical one. Any other host is taken at its word: `/responses`
    /// is added unless it is there, and `/codex/responses` behind a bare `/backend-api`, which is never a base itself.
    pub(crate) fn parse(base: &str, allow_plain_http: bool) -> Result<Self> {
        let base = base.trim();
        if base.is_empty() {
            return Ok(Self::official(None));
        }
        let url = parse_base(base, CANONICAL)?;
        if is_official(&url) {
            return official(&url, base);
        }
        let host = host(&url);
        if host == "api.openai.com" {
            return Err(Error::config(format!(
                "{} takes API keys, not ChatGPT logins: use the openai provider there, or {CANONICAL} here",
                shown(&url)
            )));
        }
        if host.ends_with(".chatgpt.com") || host.ends_with(".openai.com") {
            return Err(Error::config(format!(
                "{} is not the Codex backend; the right value is {CANONICAL}",
                shown(&url)
            )));
        }
        allow_scheme(&url, allow_plain_http)?;
        Ok(custom(&url, if is_loopback(&url) { Site::Loopback } else { Site::Custom }))
    }

    fn official(repaired: Option<String>) -> Self {
        Self {
            responses: format!("{CANONICAL}/responses"),
            models: format!("{CANONICAL}/models"),
            usage: "https://chatgpt.com/backend-api/wham/usage".to_owned(),
            site: Site::Official,
            repaired,
        }
    }
}

/// What a base URL in a configuration is to the Codex backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Its address, in a spelling that works.
    Right,
    /// Meant to be its address, but no spelling that works: why not.
    Wrong(&'static str),
    /// The API for API keys.
    Platform,
    /// Somebody else's, or not known before a `${VAR}` is.
    Elsewhere,
}

/// Judges a base URL as it stands in a configuration.
pub(crate) fn spelling(base: &str) -> Spelling {
    if base.contains("${") {
        return Spelling::Elsewhere;
    }
    let bare = base.trim();
    let Some(url) = Url::parse(bare).ok().filter(Url::has_host) else {
        // Without its scheme.
        let host = bare.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let named = matches!(host.as_str(), "chatgpt.com" | "www.chatgpt.com" | "chat.openai.com");
        return if named { Spelling::Wrong("it lacks https://") } else { Spelling::Elsewhere };
    };
    if host(&url) == "api.openai.com" {
        return Spelling::Platform;
    }
    if !is_official(&url) {
        return Spelling::Elsewhere;
    }
    match Endpoint::parse(bare, true) {
        Ok(endpoint) if endpoint.repaired.is_none() && bare == base => Spelling::Right,
        Ok(_) => Spelling::Wrong("only this spelling works everywhere"),
        Err(_) => Spelling::Wrong("chatgpt.com answers any other address with a block page"),
    }
}

/// The host; `chatgpt.com.` is the same one as `chatgpt.com`.
fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_end_matches('.')
}

fn is_official(url: &Url) -> bool {
    matches!(host(url), "chatgpt.com" | "chat.openai.com" | "www.chatgpt.com")
}

fn official(url: &Url, given: &str) -> Result<Endpoint> {
    let refuse = |why: &str| Err(Error::config(format!("{} {why}; the right value is {CANONICAL}", shown(url))));
    if url.port().is_some_and(|port| !(port == 80 && url.scheme() == "http" || port == 443)) {
        return refuse("names a port that chatgpt.com does not serve");
    }
    if url.query().is_some() {
        return refuse("has a query, which the Codex backend does not take");
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/responses").unwrap_or(path);
    // `/v1` belongs to the platform API; configuration migrations have put it at either place.
    let mut steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    steps.retain(|step| *step != "v1");
    if !matches!(steps.as_slice(), [] | ["backend-api"] | ["backend-api", "codex"]) {
        return refuse("is a path that the Codex backend does not have");
    }
    let given = given.trim_end_matches('/');
    // These two are in use everywhere and mean the same.
    let usual = given == CANONICAL || given == "https://chatgpt.com/backend-api";
    let note = format!("the base URL {} was read as {CANONICAL}: write that", shown(url));
    Ok(Endpoint::official((!usual).then_some(note)))
}

fn custom(url: &Url, site: Site) -> Endpoint {
    let mut root = url.clone();
    root.set_query(None);
    let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
    let text = root.as_str().trim_end_matches('/');
    let base = match text.strip_suffix("/responses") {
        Some(base) => base.to_owned(),
        None if text.ends_with("/backend-api") => format!("{text}/codex"),
        None => text.to_owned(),
    };
    let usage = match base.rfind("/backend-api") {
        Some(at) => format!("{}/backend-api/wham/usage", base.get(..at).unwrap_or_default()),
        None => format!("{base}/api/codex/usage"),
    };
    Endpoint {
        responses: format!("{base}/responses{query}"),
        models: format!("{base}/models{query}"),
        usage: format!("{usage}{query}"),
        site,
        repaired: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(base: &str) -> Result<Endpoint> {
        Endpoint::parse(base, false)
    }

    #[test]
    fn every_known_spelling_of_chatgpt_com_becomes_the_canonical_one() {
        for base in [
            "",
            "  ",
            "https://chatgpt.com",
            "https://chatgpt.com/",
            "https://chatgpt.com/backend-api",
            "https://chatgpt.com/backend-api/",
            "https://chatgpt.com/backend-api/v1",
            "https://chatgpt.com/backend-api/codex",
            "https://chatgpt.com/backend-api/codex/",
            "https://chatgpt.com/backend-api/codex/v1",
            "https://chatgpt.com/backend-api/codex/v1/responses",
            "https://chatgpt.com/backend-api/codex/responses",
            "https://chatgpt.com/backend-api/v1/codex/responses",
            "https://chatgpt.com/backend-api/responses",
            "https://ChatGPT.com:443/backend-api",
            "http://chatgpt.com/backend-api",
            "https://chat.openai.com/backend-api/codex",
            "https://www.chatgpt.com/backend-api/codex",
            "https://chatgpt.com./backend-api/v1",
        ] {
            let endpoint = parse(base).unwrap_or_else(|e| panic!("{base}: {e}"));
            assert_eq!(endpoint.responses, "https://chatgpt.com/backend-api/codex/responses", "{base}");
            assert_eq!(endpoint.models, "https://chatgpt.com/backend-api/codex/models", "{base}");
            assert_eq!(endpoint.usage, "https://chatgpt.com/backend-api/wham/usage", "{base}");
            assert_eq!(endpoint.site, Site::Official, "{base}");
        }
        assert_eq!(parse("https://chatgpt.com/backend-api/").unwrap().repaired, None);
        assert!(parse("https://chatgpt.com/backend-api/v1").unwrap().repaired.unwrap().contains(CANONICAL));
    }

    #[test]
    fn a_wrong_address_of_chatgpt_com_is_refused_with_the_right_one() {
        for base in [
            "https://chatgpt.com/backend-api/codex/responses/extra",
            "https://chatgpt.com/v1/props",
            "https://chatgpt.com/api/codex",
            "https://chatgpt.com:8443/backend-api/codex",
            "https://chatgpt.com/backend-api/codex?x=1",
            "https://ab.chatgpt.com/v1",
            "https://auth.openai.com/codex",
            "https://api.openai.com/v1",
        ] {
            let error = parse(base).unwrap_err();
            assert!(error.message().contains(CANONICAL), "{base}: {error}");
            assert_eq!(error.kind(), crate::ErrorKind::Config);
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for base in [
            "chatgpt.com",
            "ftp://chatgpt.com",
            "https://",
            "::",
            "https://me:hunter2@gw.example/x",
            "https://gw.example/#a",
        ] {
            let error = parse(base).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Config, "{base}");
            assert!(!format!("{error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn other_hosts_are_taken_at_their_word() {
        let at = |base: &str| parse(base).unwrap();
        assert_eq!(at("https://gw.example/codex").responses, "https://gw.example/codex/responses");
        assert_eq!(at("https://gw.example/codex/responses").responses, "https://gw.example/codex/responses");
        assert_eq!(at("https://gw.example/backend-api").responses, "https://gw.example/backend-api/codex/responses");
        assert_eq!(at("https://gw.example/a/backend-api/codex").usage, "https://gw.example/a/backend-api/wham/usage");
        assert_eq!(at("https://gw.example/v1?key=a").models, "https://gw.example/v1/models?key=a");
        assert_eq!(at("https://gw.example/v1").usage, "https://gw.example/v1/api/codex/usage");
        assert_eq!(at("https://notchatgpt.com/x").site, Site::Custom);
    }

    #[test]
    fn plain_http_stays_on_this_machine_unless_it_is_allowed() {
        for here in ["http://127.0.0.1:9/x", "http://localhost:9", "http://[::1]:9/", "http://[::ffff:127.0.0.1]/"] {
            assert_eq!(parse(here).unwrap().site, Site::Loopback, "{here}");
        }
        assert!(parse("http://gw.example/x").unwrap_err().message().contains("allow_plain_http"));
        assert!(parse("http://localhost.evil.example/x").is_err());
        assert_eq!(Endpoint::parse("http://gw.example/x", true).unwrap().site, Site::Custom);
    }
}
