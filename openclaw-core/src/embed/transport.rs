//! How a host's settings say that others are reached.

use crate::transport::{ProxySettings, ReqwestTransport, ReqwestTransportBuilder};

/// Over this proxy (that of the environment unless set, none if empty), with the certificates of this PEM file too.
pub(super) fn transport(proxy: Option<&str>, ca_file: Option<&str>) -> ReqwestTransportBuilder {
    let mut transport = ReqwestTransport::builder();
    match proxy {
        None => {}
        Some("") => transport = transport.proxy(ProxySettings::Direct),
        Some(url) => transport = transport.proxy(ProxySettings::Url { url: url.to_owned(), no_proxy: None }),
    }
    match ca_file {
        None => transport,
        Some(path) => transport.ca_file(path),
    }
}
