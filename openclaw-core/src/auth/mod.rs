//! Credentials: where a token comes from, and what it says of itself.

mod codex_cli;
mod found;
pub(crate) mod jwt;
mod store;
mod token;

pub use codex_cli::read_codex_login;
pub use found::{FoundLogin, LoginKind, LoginQuery, find_login};
pub use jwt::Claims;
pub use store::read_profile_store;
pub use token::{AccessToken, StaticToken, TokenSource};
