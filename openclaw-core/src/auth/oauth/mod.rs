//! Signing in with ChatGPT: browser, paste, device code; the token endpoint behind them.

mod http;
mod issuer;
mod refusal;
mod token_endpoint;
mod tokens;

pub use issuer::Issuer;
pub use token_endpoint::{TokenEndpoint, TokenEndpointBuilder, TokenKind};
pub use tokens::TokenResponse;
