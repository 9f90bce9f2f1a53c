//! One call, from request to events.
