//! Bytes out, bytes in: our small HTTP trait with reqwest behind it, SSE framing, timeouts, the retry policy.
//! Knows no provider.

pub(crate) mod address;
mod client;
mod cookies;
mod endpoint;
mod headers;
mod http;
mod proxy;
mod retry;
pub(crate) mod sse;
mod timeouts;
mod tls;

pub use client::{ReqwestTransport, ReqwestTransportBuilder};
pub use endpoint::Endpoint;
pub use headers::Headers;
pub use http::{ByteStream, Chunk, HttpRequest, HttpResponse, Method, Transport};
pub(crate) use proxy::Routes;
pub use proxy::{ProxyInUse, ProxySettings};
pub use retry::RetryPolicy;
pub use timeouts::{CallTimeouts, Timeouts};
pub(crate) use timeouts::{IdleTimer, limit_passed, within};
pub(crate) use tls::{CaFile, certificates_of};
