//! The Responses API: what goes out and what comes back, shared by `codex` and `openai`.

pub(crate) mod body;
pub(crate) mod decode;
mod replay;
