//! The address that a credential is sent to: a base URL that can be used at all, and how far plain http may go.

use std::net::IpAddr;

use url::{Host, Url};

use crate::error::{Error, Result, redact};

/// A base URL: http or https, a host, no credentials, no fragment. `example` is what the error shows as right.
pub(crate) fn parse_base(base: &str, example: &str) -> Result<Url> {
    let wrong = |why: &str| Error::config(format!("the base URL {:?} {why}; write it like {example}", redact(base)));
    let url = Url::parse(base).map_err(|e| wrong(&format!("is no URL ({e})")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is neither https nor http"));
    }
    if !url.has_host() {
        return Err(wrong("names no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config(format!(
            "the base URL for {} holds a user name or password; a credential belongs into the token setting",
            url.host_str().unwrap_or_default()
        )));
    }
    if url.fragment().is_some() {
        return Err(wrong("has a fragment (#…), which is never sent"));
    }
    Ok(url)
}

/// Whether the address is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
        None => false,
    }
}

/// Refuses plain http beyond this machine, unless the host allows it.
pub(crate) fn allow_scheme(url: &Url, allow_plain_http: bool) -> Result<()> {
    if url.scheme() == "https" || is_loopback(url) || allow_plain_http {
        return Ok(());
    }
    Err(Error::config(format!(
        "{} is plain http: a credential would cross the network readable; use https, or allow_plain_http if you know the way",
        shown(url)
    )))
}

/// The address without query, for messages.
pub(crate) fn shown(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    bare.to_string()
}
