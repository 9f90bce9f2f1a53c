//! Edits that keep what the person wrote.

mod path;
pub(crate) mod syntax;
pub(crate) mod text;

pub use path::KeyPath;
pub(crate) mod sources;
#[cfg(test)]
mod tests;
