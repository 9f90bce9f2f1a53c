//! Server-sent events to typed events.
