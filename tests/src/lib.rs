//! What crosses crates is tested from `tests/tests/`.
