//! What crosses crates is tested from `tests/tests/`.

/// The snippets of the README are compiled as documentation examples.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// And those of the page on configuration.
#[cfg(doctest)]
#[doc = include_str!("../../docs/config.md")]
struct ConfigPage;
