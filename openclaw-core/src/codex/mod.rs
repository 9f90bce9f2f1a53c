//! The Codex backend of chatgpt.com.
