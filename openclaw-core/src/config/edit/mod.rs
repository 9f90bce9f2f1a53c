//! Edits that keep what the person wrote.

mod batch;
mod diff;
mod editor;
mod layers;
pub(crate) mod open;
pub(crate) mod path;
pub(crate) mod sources;
pub(crate) mod syntax;
#[cfg(test)]
mod tests;
pub(crate) mod text;

pub(crate) use batch::Edit;
pub(crate) use diff::diff;
pub use editor::ConfigEditor;
pub(crate) use editor::is_credential_key;
pub use open::Written;
pub use path::KeyPath;
