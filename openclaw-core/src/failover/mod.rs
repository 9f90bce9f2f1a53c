//! When a call fails: the right next step, in one attempt each.
//!
//! A [`Chain`] is a [`Provider`](crate::Provider) made of [`Candidate`]s: a model each, asked with the profiles of a store
//! or with a login of its own. [`RULES`] is the one table that says what follows a failure. A [`Breakers`] keeps calls away
//! from an endpoint that refuses everybody. `docs/failover.md` tells the same at length.

mod asking;
mod attempts;
mod breaker;
mod candidate;
mod chain;
mod decision;
mod history;
mod record;
mod route;
mod sessions;
mod stream;

pub use breaker::Breakers;
pub use candidate::Candidate;
pub use chain::{Chain, ChainBuilder, ChainLimits};
pub use decision::{Next, RULES, Rule, Skips, Verdict, When, decide};
