//! For the tests of hosts: virtual time, forged logins, the pages that block a client, and a suite that proves a provider
//! of one's own right. Part of the library behind the feature `testing`.

mod clock;
pub mod conformance;
pub mod pages;
mod random;
mod token;

pub use clock::VirtualAmbient;
pub use pages::Page;
pub use token::{ForgedToken, forged_token};
