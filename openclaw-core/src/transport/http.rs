//! The seam between this crate and an HTTP stack.

use std::fmt::Debug;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;

use super::Headers;
use crate::error::Result;

/// Sends one HTTP request. [`ReqwestTransport`](super::ReqwestTransport) is the usual one; a host can bring its own.
///
/// An implementation follows no redirect, repeats nothing, and drops the connection when the body is dropped.
/// Its errors have a kind of `dns`, `connect`, `tls`, `proxy`, `timeout`, `config` or `stream_truncated`, taken from the
/// type of the failure and never from words, and a stage of `not_sent` or `maybe_sent`.
#[async_trait]
pub trait Transport: Debug + Send + Sync {
    /// Sends the request; returns when status and headers are there.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse>;
}

/// What goes out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute address.
    pub url: String,
    /// The headers, in the order in which they go out.
    pub headers: Headers,
    /// The body. Cloning is free: a repeat sends the same bytes.
    pub body: Chunk,
}

impl HttpRequest {
    /// A request without headers and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Headers::new(), body: Chunk::default() }
    }
}

/// What came back: the head, and the body as it arrives.
#[non_exhaustive]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: ByteStream,
}

impl HttpResponse {
    /// An answer.
    pub fn new(status: u16, headers: Headers, body: ByteStream) -> Self {
        Self { status, headers, body }
    }
}

impl Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// A body as it arrives. Dropping it closes the request.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Chunk>> + Send>>;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// Bytes that are cheap to clone and to slice.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Chunk(pub(crate) Bytes);

impl From<Vec<u8>> for Chunk {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<String> for Chunk {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&'static [u8]> for Chunk {
    fn from(bytes: &'static [u8]) -> Self {
        Self(Bytes::from_static(bytes))
    }
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::ops::Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Debug for Chunk {
    /// The length only: a body may hold what a person wrote.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
