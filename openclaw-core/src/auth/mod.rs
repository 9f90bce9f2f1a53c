//! Credentials: where a token comes from, and what it says of itself.

mod codex_cli;
mod credential_store;
mod entry;
mod env;
mod fields;
mod file;
mod found;
mod health;
mod identity;
pub(crate) mod jwt;
mod login;
mod order;
mod profile;
mod profiles;
mod secret;
mod stamp;
mod store;
mod token;
mod usage_stats;

pub use credential_store::{Change, CredentialStore, MemoryStore, RefreshLock};
pub use env::Environment;
pub use found::{LoginQuery, LoginSearch, find_login};
pub use health::{CooldownSettings, CredentialFault, Fault, Rest, after_fault, after_success, cleared, rest};
pub use identity::{Comparison, Identity};
pub use jwt::Claims;
pub use login::{FoundLogin, LoginKind};
pub use order::{Ineligible, ProfileOrder, ProfileSettings, profile_order};
pub use profile::{ApiKeyCredential, Credential, OAuthCredential, Profile, ProfileId, TokenCredential};
pub use profiles::{ProfileNote, Profiles, schema};
pub use secret::{Secret, SecretRef, SecretSource};
pub use token::{AccessToken, StaticToken, TokenSource};
pub use usage_stats::UsageStats;
