//! For the tests of hosts: an embedded backend, virtual time, forged logins, the pages that block a client, and a
//! suite that proves a provider of one's own right.
//!
//! Part of the library behind the feature `testing`; put it into the dev-dependencies:
//!
//! ```toml
//! [dev-dependencies]
//! openclaw-core = { version = "0.1", features = ["testing"] }
//! ```
//!
//! # The server
//!
//! [`TestServer`] speaks real HTTP on a loopback port, so everything between the host and the socket is tested with it.
//!
//! ```
//! use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, forged_token};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = TestServer::builder().scenario(Scenario::UsageLimit).start().await?;
//! // Give the code under test `server.codex_base_url()` and this token.
//! let (url, token) = (server.codex_base_url(), forged_token("acct-1"));
//! # assert!(url.starts_with("http://127.0.0.1:") && !token.is_empty());
//! assert_eq!(server.requests().len(), 0);
//!
//! // Byte by byte, for what no scenario plays: an event cut by a reset.
//! server.set_script(Script::new().exchange(
//!     Exchange::new(200).header("content-type", "text/event-stream").send("event: response.crea").reset(),
//! ));
//! # Ok(()) }
//! ```
//!
//! It answers these paths, a [`Scenario`] or a [`Script`] deciding what a call of a model gets:
//!
//! | path | answer |
//! | --- | --- |
//! | `POST /backend-api/codex/responses` | the scenario, as the Codex backend streams it |
//! | `GET /backend-api/codex/models` | a model list with an `etag` |
//! | `GET /backend-api/wham/usage` | plan, windows, credits |
//! | `GET /backend-api/models`, `/backend-api/usage` | 200, also while the calls are blocked |
//! | `POST /v1/responses`, `GET /v1/models` | the same by the rules of the platform API: any key `sk-…`, other limits headers, `store` and `temperature` allowed, `stream` optional |
//! | `POST /v1/messages`, `GET /v1/models` with `anthropic-version` | the same by the rules of the Messages API: a key `sk-ant-api…` or a bearer `sk-ant-oat…` |
//! | `/oauth/…`, `/codex/device`, `/api/accounts/…`, `/.well-known/openid-configuration` | a login server: see [`TestServer::issuer_url`] |
//!
//! While it checks requests, which it does unless told otherwise, it refuses what the real backends refuse, in their words:
//! an unknown path (403 with a challenge page, as chatgpt.com does), a wrong method, a bearer that is missing, is no JWT
//! or has expired, `store` or `stream` missing, unsupported parameters, missing instructions, an input that is no list, an
//! item id of the wrong form, a tool call without its result or a result without its call, turns that do not alternate, and a
//! model whose name ends in `-unknown`.
//!
//! Hosts that block, or are not Rust, start it with [`TestServer::start_blocking`]: it has its own thread either way.
//!
//! # The rest
//!
//! [`VirtualAmbient`] lets retries sleep without waiting, [`forged_token`] makes logins, [`pages`] has the block pages and
//! captive portals that a classifier must tell apart, [`ScriptedProvider`] stands in for a provider where HTTP is not the
//! matter, [`conformance`] checks a [`Provider`](crate::Provider) of one's own.

mod answer;
mod backend;
mod check;
mod clock;
pub mod conformance;
mod http;
mod issuer;
mod messages;
pub mod pages;
mod play;
mod provider;
mod random;
mod record;
mod scenario;
mod script;
mod server;
mod token;

pub use clock::VirtualAmbient;
pub use issuer::{IssuedTokens, IssuerCounts, IssuerFault};
pub use pages::Page;
pub use provider::ScriptedProvider;
pub use record::RecordedRequest;
pub use scenario::Scenario;
pub use script::{Answer, Exchange, Framing, Repeat, Script, Step};
pub use server::{TestServer, TestServerBuilder};
pub use token::{ForgedToken, forged_token};
