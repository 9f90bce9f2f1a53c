//! Edits that keep what the person wrote.

mod editor;
pub(crate) mod mask;
pub(crate) mod open;
pub(crate) mod path;
pub(crate) mod sources;
pub(crate) mod syntax;
#[cfg(test)]
mod tests;
pub(crate) mod text;

pub use editor::ConfigEditor;
pub(crate) use editor::{diff, is_credential_key};
pub use open::Written;
pub use path::KeyPath;
