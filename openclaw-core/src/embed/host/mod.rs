//! Parts of a client that the host writes: a token source, a provider.
//!
//! Nothing of ours ever waits inside the host's code. A [`HostProvider`] or [`HostTokens`] posts a [`Job`] and awaits its
//! [`Reply`]; whoever takes the job answers at once or later, from any thread.
//!
//! ```
//! use std::sync::Arc;
//! use openclaw_core::embed::{HostProvider, Job, Piece};
//! use openclaw_core::{CallOptions, Provider, Request};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> openclaw_core::Result<()> {
//! let provider = HostProvider::new("mine", Arc::new(|job| {
//!     if let Job::Stream { request, reply, .. } = job {
//!         std::thread::spawn(move || {
//!             reply.give(Piece::Text(format!("You asked {} things", request.input.len())));
//!             reply.end(Ok(()));
//!         });
//!     }
//! }))?;
//! let answer = provider.complete(&Request::new("any").user("Hello?"), &CallOptions::new()).await?;
//! assert_eq!(answer.text(), "You asked 1 things");
//! # Ok(()) }
//! ```

mod caller;
mod fault;
mod frame;
mod piece;
mod provider;
mod reply;
mod token;

use std::sync::Arc;

use secrecy::SecretString;

use crate::auth::AccessToken;
use crate::chat::Request;
use crate::error::Error;
use crate::provider::{CallOptions, ModelInfo};

pub use caller::called_by;
pub(super) use caller::scope;
pub use fault::fault_from_json;
pub use piece::{
    Completion, Piece, capabilities_from_json, contract_broken, models_from_json, piece_from_json, token_from_json,
};
pub use provider::HostProvider;
pub use reply::{Reply, Sent};
pub use token::HostTokens;

/// Something that the host is asked for. A reply that is dropped unanswered is an error of the call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Job {
    /// An answer of the host's provider, piece by piece.
    Stream {
        /// What is asked.
        request: Box<Request>,
        /// The settings of the call. Time limits are kept by the library; the rest is the host's to follow.
        options: Box<CallOptions>,
        /// Where the pieces go.
        reply: Reply<Piece>,
        /// Who asks, see [`called_by`].
        caller: Option<u64>,
    },
    /// The models of the host's provider: one list.
    Models {
        /// Where the list goes.
        reply: Reply<Vec<ModelInfo>>,
        /// Who asks.
        caller: Option<u64>,
    },
    /// One token.
    Token {
        /// The token that the provider has just refused, if this is why another one is needed.
        rejected: Option<SecretString>,
        /// Where the token goes.
        reply: Reply<AccessToken>,
        /// Who asks.
        caller: Option<u64>,
    },
}

impl Job {
    /// Answers with an error.
    pub fn refuse(self, error: Error) {
        let _ = match self {
            Self::Stream { reply, .. } => reply.end(Err(error)),
            Self::Models { reply, .. } => reply.end(Err(error)),
            Self::Token { reply, .. } => reply.end(Err(error)),
        };
    }
}

/// How jobs reach the host. Called on the thread where the call runs: it must return at once.
pub type Post = Arc<dyn Fn(Job) + Send + Sync>;
