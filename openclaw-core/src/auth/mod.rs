//! Credentials: where a token comes from, and what it says of itself.

mod codex_cli;
mod env;
mod file;
mod found;
pub(crate) mod jwt;
mod login;
pub mod oauth;
mod store;
mod token;

pub use env::Environment;
pub use found::{LoginQuery, LoginSearch, find_login};
pub use jwt::Claims;
pub use login::{FoundLogin, LoginKind};
pub use token::{AccessToken, StaticToken, TokenSource};
