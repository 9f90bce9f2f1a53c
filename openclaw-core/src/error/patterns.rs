//! Narrow, anchored patterns over the parsed error message and over transport texts.
