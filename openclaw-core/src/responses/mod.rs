//! The Responses API: what goes out and what comes back, shared by `codex` and `openai`.

pub(crate) mod body;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod contract;
pub(crate) mod decode;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod offline;
mod replay;
mod wire;
