//! stub
/// The usual transport.
#[derive(Debug, Clone)]
pub struct ReqwestTransport;
/// Builds a [`ReqwestTransport`].
#[derive(Debug)]
pub struct ReqwestTransportBuilder;
