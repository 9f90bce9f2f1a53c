//! The Responses API: what goes out and what comes back, shared by `codex` and `openai`.

pub(crate) mod decode;
